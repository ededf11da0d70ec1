/* SPDX-License-Identifier: ISC
 * test_digest.c - published vectors: FIPS 180-4, RFC 3174, RFC 1321
 */
#include "mailsonde/digest.h"

#include "test.h"

struct digest_case {
	const char *in, *sha256, *sha1, *md5;
};

static const struct digest_case cases[] = {
	{ "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	    "d41d8cd98f00b204e9800998ecf8427e" },
	{ "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	    "a9993e364706816aba3e25717850c26c9cd0d89d",
	    "900150983cd24fb0d6963f7d28e17f72" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	    "8215ef0796a20bcaaae116d3876c664a" },
};

static void
check(const struct ms_digests *out, const struct digest_case *c)
{
	char hex[65];

	ms_hex(out->sha256, 32, hex);
	assert_string_equal(hex, c->sha256);
	ms_hex(out->sha1, 20, hex);
	assert_string_equal(hex, c->sha1);
	ms_hex(out->md5, 16, hex);
	assert_string_equal(hex, c->md5);
}

static void
vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ms_slice in = ms_slice_from(cases[i].in);
		struct ms_digest digest;
		struct ms_digests out;

		ms_digest_bytes(MS_DIGEST_ALL, in, &out);
		assert_int_equal(out.kinds, MS_DIGEST_ALL);
		check(&out, &cases[i]);
		ms_digest_init(&digest, MS_DIGEST_ALL);
		for (size_t at = 0; at < in.n; at++)
			ms_digest_update(
			    &digest, ms_slice_part(in, at, at + 1));
		ms_digest_final(&digest, &out);
		check(&out, &cases[i]);
	}
}

/* What is not asked for stays zero. */
static void
some(void **state)
{
	static const unsigned char zero[20];
	struct ms_digests out;

	(void)state;
	memset(&out, 0xff, sizeof(out));
	ms_digest_bytes(MS_DIGEST_MD5, MS_SLICE("abc"), &out);
	assert_int_equal(out.kinds, MS_DIGEST_MD5);
	assert_memory_equal(out.sha1, zero, 20);
	assert_int_equal(out.md5[0], 0x90);
}

/* As many at once as there are lanes and more, few, one and none; of lengths
 * on both sides of a block and of what a block leaves for the padding. */
static void
many(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 3, 9, 10, 11, 16, 17, 100 };
	static unsigned char bytes[8192], got[100][32];
	struct ms_digest_job jobs[100];
	struct ms_digests want;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 2654435761u >> 13);
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		size_t n = counts[c];

		for (size_t i = 0; i < n; i++) {
			size_t length = i * (c < 5 ? 900 : 1) + 50 * (i % 3);

			jobs[i].bytes = ms_slice_make(bytes + i, length);
			jobs[i].sha256 = got[i];
		}
		ms_digest_many(jobs, n);
		for (size_t i = 0; i < n; i++) {
			size_t length = i * (c < 5 ? 900 : 1) + 50 * (i % 3);

			ms_digest_bytes(MS_DIGEST_SHA256,
			    ms_slice_make(bytes + i, length), &want);
			assert_memory_equal(got[i], want.sha256, 32);
		}
	}
}

/* Some long ones among many that are short, and nothing at all. */
static void
many_uneven(void **state)
{
	static unsigned char bytes[200000], got[40][32];
	struct ms_digest_job jobs[40];
	struct ms_digests want;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		jobs[i].bytes =
		    ms_slice_make(i == 3 ? NULL : bytes, i == 3   ? 0
							 : i % 13 ? i
								  : 150000 + i);
		jobs[i].sha256 = got[i];
	}
	ms_digest_many(jobs, 40);
	for (size_t i = 0; i < 40; i++) {
		ms_digest_bytes(MS_DIGEST_SHA256,
		    ms_slice_make(bytes, i == 3   ? 0
					 : i % 13 ? i
						  : 150000 + i),
		    &want);
		assert_memory_equal(got[i], want.sha256, 32);
	}
}

struct stretch_case {
	enum ms_digest_kind kind;
	const char *password, *salt;
	unsigned rounds;
	size_t n;
	const char *hex;
};

/* RFC 6070 2; RFC 7914 11, as far as one hash goes. */
static const struct stretch_case stretches[] = {
	{ MS_DIGEST_SHA1, "password", "salt", 1, 20,
	    "0c60c80f961f0e71f3a9b524af6012062fe037a6" },
	{ MS_DIGEST_SHA1, "password", "salt", 4096, 20,
	    "4b007901b765489abead49d926f721d065a429c1" },
	{ MS_DIGEST_SHA256, "passwd", "salt", 1, 32,
	    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacb"
	    "c" },
	{ MS_DIGEST_SHA256, "Password", "NaCl", 80000, 32,
	    "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab5"
	    "6" },
};

static void
test_stretch(void **state)
{
	unsigned char key[32];
	char hex[65];

	(void)state;
	for (size_t i = 0; i < sizeof(stretches) / sizeof(*stretches); i++) {
		const struct stretch_case *c = &stretches[i];

		assert_true(
		    ms_digest_stretch(c->kind, ms_slice_from(c->password),
			ms_slice_from(c->salt), c->rounds, key, c->n));
		ms_hex(key, c->n, hex);
		assert_string_equal(hex, c->hex);
	}
	assert_false(ms_digest_stretch(
	    MS_DIGEST_SHA1, MS_SLICE("x"), MS_SLICE("y"), 0, key, 20));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(some),
		cmocka_unit_test(many),
		cmocka_unit_test(many_uneven),
		cmocka_unit_test(test_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
