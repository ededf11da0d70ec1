/* SPDX-License-Identifier: ISC
 * test_dkim_key.c - key records, RFC 6376 3.6.1, RFC 8463
 */
#include "mailsonde/dkim.h"

#include "test.h"

/* RFC 8463 A.2. */
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RSA_1024                                                               \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08" \
	"a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR" \
	"+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l" \
	"/K4w3QIDAQAB"
/* The same without the SubjectPublicKeyInfo around it. */
#define PKCS1_1024                                                             \
	"MIGJAoGBAOQeU5CgFPNZGIazlXo2k/eJ1jpaTTxrmqF1HrDLlt04pvaMtCJj8nXoliLR" \
	"C/H9vJjMI1vdb3XLcW60AIN/PBD8EL97/y4GwJH7LPUvGP48vqUe+owqszesbiGy1PlC" \
	"O8c70/OjFnJVgvMF87YR4Lcincb7aSvI5MgpP6X8rjDdAgMBAAE="

static const struct {
	const char *text;
	enum ms_dkim_key_fault fault;
	enum ms_dkim_key_type type;
	unsigned bits;
	bool pkcs1, testing, strict;
} cases[] = {
	{ "v=DKIM1; k=rsa; p=" RSA_1024, MS_DKIM_KEY_GOOD, MS_DKIM_KEY_RSA,
	    1024, false, false, false },
	{ "p=" RSA_1024, MS_DKIM_KEY_GOOD, MS_DKIM_KEY_RSA, 1024, false, false,
	    false },
	{ "p=" PKCS1_1024 ";", MS_DKIM_KEY_GOOD, MS_DKIM_KEY_RSA, 1024, true,
	    false, false },
	{ "v=DKIM1; k=ed25519; p=" ED25519, MS_DKIM_KEY_GOOD,
	    MS_DKIM_KEY_ED25519, 256, false, false, false },
	{ "v=DKIM1;t=y:s;n=a note; p=" RSA_1024, MS_DKIM_KEY_GOOD,
	    MS_DKIM_KEY_RSA, 1024, false, true, true },
	{ "v=DKIM1; t = s ; p=" RSA_1024, MS_DKIM_KEY_GOOD, MS_DKIM_KEY_RSA,
	    1024, false, false, true },
	/* what is not known is passed over, g= of RFC 4871 too */
	{ "v=DKIM1; g=*; x_y=1; t=z; p=" RSA_1024, MS_DKIM_KEY_GOOD,
	    MS_DKIM_KEY_RSA, 1024, false, false, false },
	/* UTF-8 in a note */
	{ "n=\xc3\xa9; p=" RSA_1024, MS_DKIM_KEY_GOOD, MS_DKIM_KEY_RSA, 1024,
	    false, false, false },
	/* faults */
	{ "", MS_DKIM_KEY_SYNTAX, MS_DKIM_KEY_RSA, 0, false, false, false },
	{ "v=spf1 -all", MS_DKIM_KEY_VERSION, MS_DKIM_KEY_RSA, 0, false, false,
	    false },
	{ "v=DKIM2; p=" RSA_1024, MS_DKIM_KEY_VERSION, MS_DKIM_KEY_RSA, 0,
	    false, false, false },
	{ "v=dkim1; p=" RSA_1024, MS_DKIM_KEY_VERSION, MS_DKIM_KEY_RSA, 0,
	    false, false, false },
	{ "k=rsa; v=DKIM1; p=" RSA_1024, MS_DKIM_KEY_VERSION, MS_DKIM_KEY_RSA,
	    0, false, false, false },
	{ "v=DKIM1; p=" RSA_1024 "; p=" RSA_1024, MS_DKIM_KEY_SYNTAX,
	    MS_DKIM_KEY_RSA, 0, false, false, false },
	{ "v=DKIM1; k=rsa", MS_DKIM_KEY_NO_P, MS_DKIM_KEY_RSA, 0, false, false,
	    false },
	{ "v=DKIM1; p=", MS_DKIM_KEY_REVOKED, MS_DKIM_KEY_RSA, 0, false, false,
	    false },
	{ "v=DKIM1; k=dsa; p=" RSA_1024, MS_DKIM_KEY_TYPE, MS_DKIM_KEY_NONE, 0,
	    false, false, false },
	{ "v=DKIM1; p=MIGf*MA0", MS_DKIM_KEY_BASE64, MS_DKIM_KEY_RSA, 0, false,
	    false, false },
	{ "v=DKIM1; p=MIGfM", MS_DKIM_KEY_BASE64, MS_DKIM_KEY_RSA, 0, false,
	    false, false },
	{ "v=DKIM1; p=MIGf", MS_DKIM_KEY_DATA, MS_DKIM_KEY_RSA, 0, false, false,
	    false },
	{ "v=DKIM1; p=" ED25519, MS_DKIM_KEY_DATA, MS_DKIM_KEY_RSA, 0, false,
	    false, false },
	{ "k=ed25519; p=" RSA_1024, MS_DKIM_KEY_DATA, MS_DKIM_KEY_ED25519, 0,
	    false, false, false },
	{ "p=\x01", MS_DKIM_KEY_SYNTAX, MS_DKIM_KEY_RSA, 0, false, false,
	    false },
};

static void
test_records(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ms_dkim_key key;

		ms_dkim_key_parse(
		    ms_slice_from(cases[i].text), &limits, arena, &key);
		if (key.fault != cases[i].fault)
			print_error("%s: %s\n", cases[i].text,
			    key.why ? key.why : "good");
		assert_int_equal(key.fault, cases[i].fault);
		assert_true(
		    (key.why == NULL) == (key.fault == MS_DKIM_KEY_GOOD));
		assert_int_equal(key.type, cases[i].type);
		assert_int_equal(key.bits, cases[i].bits);
		if (key.pkcs1 != cases[i].pkcs1)
			print_error("%s\n", cases[i].text);
		assert_int_equal(key.pkcs1, cases[i].pkcs1);
		assert_int_equal(key.testing, cases[i].testing);
		assert_int_equal(key.strict, cases[i].strict);
	}
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
