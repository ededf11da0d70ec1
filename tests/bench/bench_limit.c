/* SPDX-License-Identifier: ISC
 * bench_limit.c - what the job of `parse` cannot do without, and nothing else
 *
 * bench_limit [-a] FILE: reads a mailbox or a message, finds messages and
 * boundaries, decodes the base64 attachments and takes their SHA-256. No
 * header is parsed, no text decoded, no tree built, one line printed. It is
 * the floor that the program's time is held against. With -a it is the
 * SHA-256 of all of the file and nothing else.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

static signed char value_of[256];
static size_t messages, boundaries, attachments, decoded;
static unsigned digest_sum;

/* 32 characters to 24 bytes at a time (W. Mula and D. Lemire, "Faster Base64
 * Encoding and Decoding Using AVX2 Instructions", 2018). */
__attribute__((target("avx2"))) static size_t
decode_avx2(const unsigned char *in, size_t n, unsigned char *out)
{
	const __m256i low_table = _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11,
	    0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,
	    0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13,
	    0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
	const __m256i high_table = _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02,
	    0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
	    0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
	    0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
	const __m256i shifts =
	    _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i pack =
	    _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1,
		-1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	const __m256i order = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, -1, -1);
	const __m256i slash = _mm256_set1_epi8(0x2f);
	size_t at = 0;

	for (; n - at >= 32; at += 32, out += 24) {
		__m256i v = _mm256_loadu_si256((const void *)(in + at));
		__m256i high = _mm256_and_si256(_mm256_srli_epi32(v, 4), slash);
		__m256i low = _mm256_and_si256(v, slash);
		__m256i is_slash = _mm256_cmpeq_epi8(v, slash);
		__m256i bad =
		    _mm256_and_si256(_mm256_shuffle_epi8(low_table, low),
			_mm256_shuffle_epi8(high_table, high));

		if (!_mm256_testz_si256(bad, bad))
			break;
		v = _mm256_add_epi8(v, _mm256_shuffle_epi8(shifts,
					   _mm256_add_epi8(is_slash, high)));
		v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
		v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
		v = _mm256_shuffle_epi8(v, pack);
		v = _mm256_permutevar8x32_epi32(v, order);
		_mm256_storeu_si256((void *)out, v);
	}
	return at;
}

/* One line, without its end; `out` has room for 32 bytes too many. */
static size_t
decode_line(const unsigned char *in, size_t n, unsigned char *out, int avx2)
{
	size_t at = avx2 ? decode_avx2(in, n, out) : 0;
	size_t done = at / 4 * 3;

	for (; at + 4 <= n; at += 4) {
		int a = value_of[in[at]], b = value_of[in[at + 1]];
		int c = value_of[in[at + 2]], d = value_of[in[at + 3]];

		if (a < 0 || b < 0)
			break;
		out[done++] = (unsigned char)(a << 2 | b >> 4);
		if (c < 0)
			break;
		out[done++] = (unsigned char)(b << 4 | c >> 2);
		if (d < 0)
			break;
		out[done++] = (unsigned char)(c << 6 | d);
	}
	return done;
}

/* The attachment's body at `p`, up to the line of its boundary. */
static const unsigned char *
attachment(const unsigned char *p, const unsigned char *end, int avx2)
{
	static unsigned char block[65536 + 1024];
	unsigned char digest[32];
	size_t n = 0;
	SHA256_CTX context;

	SHA256_Init(&context);
	while (p < end && *p != '-') {
		const unsigned char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t line = (size_t)((nl ? nl : end) - p);

		if (line > 1024)
			break;
		n += decode_line(p, line, block + n, avx2);
		if (n >= 65536 - 1024) {
			SHA256_Update(&context, block, n & ~(size_t)63);
			decoded += n & ~(size_t)63;
			memmove(block, block + (n & ~(size_t)63), n & 63);
			n &= 63;
		}
		p += line + (nl != NULL);
	}
	SHA256_Update(&context, block, n);
	SHA256_Final(digest, &context);
	decoded += n;
	digest_sum += digest[0];
	attachments++;
	return p;
}

static int
starts(const unsigned char *p, size_t n, const char *text)
{
	size_t len = strlen(text);

	return n >= len && memcmp(p, text, len) == 0;
}

static void
scan(const unsigned char *p, const unsigned char *end, int avx2)
{
	int wanted = 0;

	while (p < end) {
		const unsigned char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl + 1 : end) - p);

		if (*p == '-' && starts(p, n, "--")) {
			boundaries++;
			wanted = 0;
		} else if (*p == 'F' && starts(p, n, "From ")) {
			messages++;
		} else if (*p == 'C' &&
			   starts(p, n, "Content-Disposition: attachment")) {
			wanted = 1;
		} else if (*p == '\n' && wanted) {
			p = attachment(p + 1, end, avx2);
			wanted = 0;
			continue;
		}
		p += n;
	}
}

int
main(int argc, char **argv)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
				       "lmnopqrstuvwxyz0123456789+/";
	int all = argc > 2 && strcmp(argv[1], "-a") == 0;
	int fd = argc > 1 ? open(argv[1 + all], O_RDONLY) : -1;
	unsigned char digest[32];
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) != 0) {
		perror("bench_limit [-a] FILE");
		return 1;
	}
	memset(value_of, -1, sizeof(value_of));
	for (int i = 0; i < 64; i++)
		value_of[(unsigned char)alphabet[i]] = (signed char)i;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED) {
		perror(argv[1 + all]);
		return 1;
	}
	if (all) {
		printf("%u\n", SHA256(map, (size_t)st.st_size, digest)[0]);
		return 0;
	}
	scan(map, (const unsigned char *)map + st.st_size,
	    __builtin_cpu_supports("avx2"));
	printf("%zu messages, %zu boundaries, %zu attachments, %zu bytes "
	       "decoded, %u\n",
	    messages, boundaries, attachments, decoded, digest_sum);
	return 0;
}
