/* SPDX-License-Identifier: ISC
 * digest_many.c - SHA-256 of several byte strings at once, FIPS 180-4
 *
 * SHA-256 is one long chain: the processor waits for it. The SHA instructions
 * take two strings side by side in three quarters of the time of one after
 * another; AVX-512 takes sixteen, a lane each, in half of it. Without either
 * they go one after another.
 */
#include "base/digest_priv.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16
#define BLOCK 64

/* Fewer lanes at work are slower with AVX-512 than two and two with the SHA
 * instructions, or one after another where those are not there. */
#define FEW_SHA 10
#define FEW     6

struct lanes {
	uint32_t state[8][LANES];
	const unsigned char *p[LANES];
	size_t left[LANES]; /* blocks */
	struct ms_digest_job *job[LANES];
	bool padded[LANES]; /* `p` is in `tail` */
	size_t active;
	size_t width; /* lanes to be used */
	size_t few;   /* so many go with AVX-512 */
	bool sha;     /* the SHA instructions are there */
	unsigned char tail[LANES][2 * BLOCK];
};

static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

static const uint32_t constants[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf,
	0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
	0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

/* ---- a block of each lane ---- */

#define AVX512             __attribute__((target("avx512f,avx512bw")))
#define ADD(a, b)          _mm512_add_epi32(a, b)
#define ROR(x, n)          _mm512_ror_epi32(x, n)
#define XOR3               0x96 /* truth tables of three inputs */
#define CHOOSE             0xca
#define MAJORITY           0xe8
#define OF(table, a, b, c) _mm512_ternarylogic_epi32(a, b, c, table)
#define SUM(x, i, j, k)    OF(XOR3, ROR(x, i), ROR(x, j), ROR(x, k))
#define SIGMA(x, i, j, k)                                                      \
	OF(XOR3, ROR(x, i), ROR(x, j), _mm512_srli_epi32(x, k))

/* Word i of the block of each lane in w[i], which is big endian. */
AVX512 static inline __attribute__((always_inline)) void
load_words(const unsigned char *const *p, size_t at, __m512i *w)
{
	const __m512i swap = _mm512_broadcast_i32x4(
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
	__m512i r[LANES], t[LANES];

#pragma GCC unroll 16
	for (int i = 0; i < LANES; i++)
		r[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(p[i] + at), swap);
#pragma GCC unroll 16
	for (int i = 0; i < LANES; i += 2) {
		t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
	}
#pragma GCC unroll 16
	for (int i = 0; i < LANES; i += 4) {
		r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
	}
#pragma GCC unroll 16
	for (int i = 0; i < 4; i++) {
		t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
		t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
		t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
		t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
	}
#pragma GCC unroll 16
	for (int i = 0; i < 8; i++) {
		w[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
		w[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
	}
}

/* FIPS 180-4 6.2.2 */
AVX512 static inline void
compress(__m512i h[8], __m512i w[16])
{
	__m512i s[8];

	memcpy(s, h, sizeof(s));
#pragma GCC unroll 64
	for (int i = 0; i < 64; i++) {
		/* s[k] is the variable "abcdefgh"[k], in turning places. */
#define S(k) s[((k)-i) & 7]
		__m512i k = _mm512_set1_epi32((int)constants[i]);
		__m512i x = w[(i + 1) & 15], y = w[(i + 14) & 15];
		__m512i t = ADD(S(7), ADD(w[i & 15], k));

		t = ADD(t, OF(CHOOSE, S(4), S(5), S(6)));
		t = ADD(t, SUM(S(4), 6, 11, 25));
		S(3) = ADD(S(3), t);
		t = ADD(t, OF(MAJORITY, S(0), S(1), S(2)));
		S(7) = ADD(t, SUM(S(0), 2, 13, 22));
#undef S
		w[i & 15] = ADD(ADD(w[i & 15], w[(i + 9) & 15]),
		    ADD(SIGMA(x, 7, 18, 3), SIGMA(y, 17, 19, 10)));
	}
	for (int i = 0; i < 8; i++)
		h[i] = ADD(h[i], s[i]);
}

AVX512 static void
blocks(struct lanes *lanes, size_t n)
{
	__m512i h[8], w[16];

	for (int i = 0; i < 8; i++)
		h[i] = _mm512_loadu_si512(lanes->state[i]);
	for (size_t at = 0; at < n * BLOCK; at += BLOCK) {
		load_words(lanes->p, at, w);
		compress(h, w);
	}
	for (int i = 0; i < 8; i++)
		_mm512_storeu_si512(lanes->state[i], h[i]);
}

/* ---- blocks of two lanes ---- */

#define SHA __attribute__((target("sha,sse4.1")))

/* The state as the instructions want it: A B E F, and C D G H. */
SHA static inline void
load_state(const struct lanes *lanes, size_t lane, __m128i s[2])
{
	int h[8];

	for (int i = 0; i < 8; i++)
		h[i] = (int)lanes->state[i][lane];
	s[0] = _mm_set_epi32(h[0], h[1], h[4], h[5]);
	s[1] = _mm_set_epi32(h[2], h[3], h[6], h[7]);
}

SHA static inline void
store_state(struct lanes *lanes, size_t lane, const __m128i s[2])
{
	static const unsigned char places[8] = { 3, 2, 7, 6, 1, 0, 5, 4 };
	uint32_t h[8];

	memcpy(h, s, sizeof(h));
	for (int i = 0; i < 8; i++)
		lanes->state[i][lane] = h[places[i]];
}

/* Four words of the schedule, out of the sixteen before them. */
SHA static inline __m128i
schedule(const __m128i w[4], int i)
{
	__m128i a = w[i & 3], b = w[(i + 1) & 3];
	__m128i c = w[(i + 2) & 3], d = w[(i + 3) & 3];

	a = _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4));
	return _mm_sha256msg2_epu32(a, d);
}

SHA static inline void
compress_two(__m128i s[2][2], __m128i w[2][4])
{
	__m128i before[2][2];

	memcpy(before, s, sizeof(before));
#pragma GCC unroll 32
	for (int i = 0; i < 32; i++) {
		int x = i & 1, four = i / 2;
		const void *k = constants + 4 * four;
		__m128i t = _mm_add_epi32(w[x][four & 3], _mm_loadu_si128(k));

		s[x][1] = _mm_sha256rnds2_epu32(s[x][1], s[x][0], t);
		t = _mm_shuffle_epi32(t, 0x0e);
		s[x][0] = _mm_sha256rnds2_epu32(s[x][0], s[x][1], t);
		if (four < 12)
			w[x][four & 3] = schedule(w[x], four);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++)
		s[i / 2][i & 1] =
		    _mm_add_epi32(s[i / 2][i & 1], before[i / 2][i & 1]);
}

SHA static void
blocks_of_two(struct lanes *lanes, size_t a, size_t b, size_t n)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const unsigned char *p[2] = { lanes->p[a], lanes->p[b] };
	__m128i s[2][2], w[2][4];

	load_state(lanes, a, s[0]);
	load_state(lanes, b, s[1]);
	for (; n > 0; n--, p[0] += BLOCK, p[1] += BLOCK) {
#pragma GCC unroll 8
		for (int i = 0; i < 8; i++) {
			const void *four = p[i / 4] + 16 * (i & 3);

			w[i / 4][i & 3] =
			    _mm_shuffle_epi8(_mm_loadu_si128(four), swap);
		}
		compress_two(s, w);
	}
	store_state(lanes, a, s[0]);
	store_state(lanes, b, s[1]);
}

/* ---- which string is in which lane ---- */

static void
start(struct lanes *lanes, size_t lane, struct ms_digest_job *job)
{
	for (size_t i = 0; i < 8; i++)
		lanes->state[i][lane] = initial[i];
	lanes->job[lane] = job;
	lanes->p[lane] = job->bytes.p;
	lanes->left[lane] = job->bytes.n / BLOCK;
	lanes->padded[lane] = false;
	lanes->active++;
}

static void
put_number(unsigned char *out, uint64_t number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)(number >> 8 * (n - 1 - i));
}

/* What is left of the string, and the padding of FIPS 180-4 5.1.1. */
static void
pad(struct lanes *lanes, size_t lane)
{
	struct ms_slice bytes = lanes->job[lane]->bytes;
	size_t rest = bytes.n % BLOCK;
	size_t n = rest < BLOCK - 8 ? 1 : 2;
	unsigned char *tail = lanes->tail[lane];

	memset(tail, 0, 2 * BLOCK);
	if (rest > 0)
		memcpy(tail, bytes.p + bytes.n - rest, rest);
	tail[rest] = 0x80;
	put_number(tail + n * BLOCK - 8, (uint64_t)bytes.n * 8, 8);
	lanes->p[lane] = tail;
	lanes->left[lane] = n;
	lanes->padded[lane] = true;
}

static void
finish(struct lanes *lanes, size_t lane)
{
	for (size_t i = 0; i < 8; i++)
		put_number(
		    lanes->job[lane]->sha256 + 4 * i, lanes->state[i][lane], 4);
	lanes->job[lane] = NULL;
	lanes->active--;
}

/* One that is at work: the idle run along with it, for nothing. */
static size_t
some_lane(const struct lanes *lanes)
{
	size_t lane = 0;

	while (!lanes->job[lane])
		lane++;
	return lane;
}

static void
took(struct lanes *lanes, size_t lane, size_t n)
{
	lanes->p[lane] += n * BLOCK;
	lanes->left[lane] -= n;
}

/* As many blocks as all lanes have. */
static void
step_all(struct lanes *lanes)
{
	size_t some = some_lane(lanes), n = lanes->left[some];

	for (size_t i = 0; i < LANES; i++) {
		if (!lanes->job[i])
			lanes->p[i] = lanes->p[some];
		else if (lanes->left[i] < n)
			n = lanes->left[i];
	}
	blocks(lanes, n);
	for (size_t i = 0; i < LANES; i++)
		if (lanes->job[i])
			took(lanes, i, n);
}

/* The two lanes that have the most left, as many blocks as both have; a single
 * one beside itself. */
static void
step_two(struct lanes *lanes)
{
	size_t a = some_lane(lanes), b = LANES;

	for (size_t i = a + 1; i < LANES; i++) {
		if (!lanes->job[i])
			continue;
		if (lanes->left[i] > lanes->left[a]) {
			b = a;
			a = i;
		} else if (b == LANES || lanes->left[i] > lanes->left[b]) {
			b = i;
		}
	}
	if (b == LANES) {
		blocks_of_two(lanes, a, a, lanes->left[a]);
		took(lanes, a, lanes->left[a]);
	} else {
		blocks_of_two(lanes, a, b, lanes->left[b]);
		took(lanes, a, lanes->left[b]);
		took(lanes, b, lanes->left[b]);
	}
}

/* Those that are left, one after another. */
static void
finish_singly(struct lanes *lanes)
{
	uint32_t state[8];

	for (size_t i = 0; i < LANES; i++) {
		struct ms_digest_job *job = lanes->job[i];
		size_t done;

		if (!job || lanes->padded[i])
			continue;
		done = (size_t)(lanes->p[i] - job->bytes.p);
		for (size_t k = 0; k < 8; k++)
			state[k] = lanes->state[k][i];
		digest_resume(state, done,
		    ms_slice_part(job->bytes, done, job->bytes.n), job->sha256);
		lanes->job[i] = NULL;
		lanes->active--;
	}
}

/* Gives the lane something to do, if there is anything. */
static void
fill(struct lanes *lanes, size_t lane, struct ms_digest_job **next,
    const struct ms_digest_job *end)
{
	while (!lanes->job[lane] || lanes->left[lane] == 0) {
		if (!lanes->job[lane] && *next == end)
			return;
		if (!lanes->job[lane])
			start(lanes, lane, (*next)++);
		else if (lanes->padded[lane])
			finish(lanes, lane);
		else
			pad(lanes, lane);
	}
}

static void
run_lanes(struct ms_digest_job *jobs, size_t n)
{
	struct ms_digest_job *next = jobs;
	struct lanes lanes;

	memset(&lanes, 0, offsetof(struct lanes, tail));
	lanes.sha = cpu_has_sha();
	lanes.few = lanes.sha ? FEW_SHA : FEW;
	lanes.width = n < lanes.few || !cpu_has_avx512() ? 2 : LANES;
	for (;;) {
		for (size_t i = 0; i < lanes.width; i++)
			fill(&lanes, i, &next, jobs + n);
		if (lanes.active < (lanes.sha ? 2 : lanes.few))
			finish_singly(&lanes);
		if (lanes.active == 0)
			return;
		if (lanes.active < lanes.few && lanes.sha)
			step_two(&lanes);
		else
			step_all(&lanes);
	}
}

static int
longest_first(const void *a, const void *b)
{
	const struct ms_digest_job *x = a, *y = b;

	return (x->bytes.n < y->bytes.n) - (x->bytes.n > y->bytes.n);
}
#endif

void
ms_digest_many(struct ms_digest_job *jobs, size_t n)
{
#if defined(__x86_64__)
	if (n > 1 && (cpu_has_sha() || cpu_has_avx512())) {
		qsort(jobs, n, sizeof(*jobs), longest_first);
		run_lanes(jobs, n);
		return;
	}
#endif
	for (size_t i = 0; i < n; i++) {
		struct ms_digests out;

		ms_digest_bytes(MS_DIGEST_SHA256, jobs[i].bytes, &out);
		memcpy(jobs[i].sha256, out.sha256, 32);
	}
}

void
ms_digest_later(
    struct ms_digest_jobs *jobs, struct ms_slice bytes, unsigned char *sha256)
{
	if (jobs->n == jobs->cap) {
		size_t cap = jobs->cap ? jobs->cap * 2 : 64;

		jobs->list = ms_arena_grow(jobs->arena, jobs->list,
		    jobs->cap * sizeof(*jobs->list), cap * sizeof(*jobs->list));
		jobs->cap = cap;
	}
	jobs->list[jobs->n].bytes = bytes;
	jobs->list[jobs->n++].sha256 = sha256;
}

void
ms_digest_now(struct ms_digest_jobs *jobs)
{
	ms_digest_many(jobs->list, jobs->n);
	jobs->list = NULL;
	jobs->n = jobs->cap = 0;
}
