/* SPDX-License-Identifier: ISC
 * test_sasl.c - published vectors: RFC 4616, 2195, 5802, 7677, 7628; what
 * servers say that they must not
 *
 * libgsasl writes the random octets of its nonce in base64 by a function of its
 * own, which the one below stands in for: the nonce is that of the RFC.
 */
#include "mailsonde/codec.h"
#include "mailsonde/sasl.h"

#include <stdlib.h>

#include "test.h"

#define NONCE     "fyko+d2lbbFgONRv9qkxdawL" /* RFC 5802 5 */
#define NONCE_256 "rOprNGfwEbeRWgbNEkqO"     /* RFC 7677 3 */
#define NONCE_N   18

static const char *nonce = NONCE;

int gsasl_base64_to(const char *in, size_t n, char **out, size_t *out_n);

__attribute__((visibility("default"))) int
gsasl_base64_to(const char *in, size_t n, char **out, size_t *out_n)
{
	*out = calloc(1, 4 * ((n + 2) / 3) + sizeof(NONCE));
	assert_non_null(*out);
	if (n == NONCE_N)
		memcpy(*out, nonce, strlen(nonce));
	else
		ms_base64_encode(ms_slice_make(in, n), (unsigned char *)*out);
	if (out_n)
		*out_n = strlen(*out);
	return 0;
}

struct exchange {
	struct ms_arena *arena;
	struct ms_sasl_request request;
	struct ms_sasl *sasl;
	struct ms_slice out;
};

static void
start(struct exchange *x, const char *mechanism, const char *user,
    const char *secret)
{
	memset(x, 0, sizeof(*x));
	x->arena = ms_arena_new(NULL);
	x->request.mechanism = ms_sasl_mechanism(ms_slice_from(mechanism));
	assert_non_null(x->request.mechanism);
	x->request.user = user;
	x->request.secret = ms_slice_from(secret);
	x->request.service = "imap";
	x->request.host = "server.example.com";
	x->request.port = 143;
	x->request.rounds = 100000;
	x->request.rounds_least = 10;
	x->sasl = ms_sasl_new(x->arena, &x->request);
}

static void
stop(struct exchange *x)
{
	ms_sasl_free(x->sasl);
	ms_arena_free(x->arena);
}

/* `said` NULL: the client begins. */
static void
steps(struct exchange *x, const char *said, enum ms_sasl_status wanted,
    const char *out)
{
	struct ms_slice in = { NULL, 0 };
	enum ms_sasl_status status;

	if (said)
		in = ms_slice_from(said);
	status = ms_sasl_step(x->sasl, in, &x->out);
	assert_string_equal(
	    ms_sasl_status_name(status), ms_sasl_status_name(wanted));
	if (out)
		assert_slice(x->out, out);
}

/* RFC 4616 4. */
static void
test_plain(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "plain", "tim", "tanstaaftanstaaf");
	steps(&x, NULL, MS_SASL_DONE, NULL);
	assert_true(ms_slice_equal(x.out, MS_SLICE("\0tim\0tanstaaftanstaaf")));
	steps(&x, "more?", MS_SASL_BAD_MESSAGE, NULL);
	stop(&x);
}

static void
test_login(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "LOGIN", "tim", "tanstaaf\xC3\xB6");
	steps(&x, "Username:", MS_SASL_MORE, "tim");
	steps(&x, "Password:", MS_SASL_DONE, "tanstaaf\xC3\xB6");
	steps(&x, "Once more:", MS_SASL_BAD_MESSAGE, NULL);
	stop(&x);
}

/* RFC 2195 2. */
static void
test_cram(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "CRAM-MD5", "tim", "tanstaaftanstaaf");
	steps(&x, "<1896.697170952@postoffice.reston.mci.net>", MS_SASL_DONE,
	    "tim b913a602c7eda7a495b4e6e7334d3890");
	stop(&x);
}

#define SERVER_FIRST_5802                                                      \
	"r=" NONCE "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"

/* RFC 5802 5. */
static void
test_scram_sha_1(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "SCRAM-SHA-1", "user", "pencil");
	steps(&x, NULL, MS_SASL_MORE, "n,,n=user,r=" NONCE);
	steps(&x, SERVER_FIRST_5802, MS_SASL_MORE,
	    "c=biws,r=" NONCE "3rfcNHYJY1ZVvWVs7j,"
	    "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
	assert_int_equal(ms_sasl_rounds(x.sasl), 4096);
	steps(&x, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", MS_SASL_DONE, "");
	stop(&x);
}

/* RFC 7677 3. */
static void
test_scram_sha_256(void **state)
{
	struct exchange x;

	(void)state;
	nonce = NONCE_256;
	start(&x, "scram-sha-256", "user", "pencil");
	steps(&x, NULL, MS_SASL_MORE, "n,,n=user,r=" NONCE_256);
	steps(&x,
	    "r=" NONCE_256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	    MS_SASL_MORE,
	    "c=biws,r=" NONCE_256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	steps(&x,
	    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", MS_SASL_DONE, "");
	nonce = NONCE;
	stop(&x);
}

/* Tied to a connection whose exporter gave these octets: Python's hashlib. */
static void
test_scram_plus(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "SCRAM-SHA-256-PLUS", "user", "pencil");
	steps(&x, NULL, MS_SASL_NO_BINDING, NULL);
	stop(&x);

	start(&x, "SCRAM-SHA-256-PLUS", "user", "pencil");
	x.request.exporter = MS_SLICE("abcdefghijklmnopqrstuvwxyz012345");
	steps(&x, NULL, MS_SASL_MORE, "p=tls-exporter,,n=user,r=" NONCE);
	steps(&x, "r=" NONCE "3rfc,s=QSXCR+Q6sek8bf92,i=4096", MS_SASL_MORE,
	    "c=cD10bHMtZXhwb3J0ZXIsLGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6MDEyMzQ1"
	    ",r=" NONCE "3rfc,"
	    "p=s+sriJxcxmTA11S8xhYr0OxZ3MhtkjAFyccNtTYwkWg=");
	steps(&x,
	    "v=a9zrBUkyZxiU9XKv9yWVfSJ33r6FLWzARxVk/80/oXc=", MS_SASL_DONE, "");
	stop(&x);

	start(&x, "SCRAM-SHA-1-PLUS", "user", "pencil");
	x.request.unique = MS_SLICE("abcdefghijkl");
	steps(&x, NULL, MS_SASL_MORE, "p=tls-unique,,n=user,r=" NONCE);
	steps(&x, "e=channel-bindings-dont-match", MS_SASL_UNBOUND, NULL);
	assert_string_equal(ms_sasl_why(x.sasl), "channel-bindings-dont-match");
	stop(&x);
}

/* A connection that could be tied is not spoken of by what does not bind. */
static void
test_scram_does_not_bind(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "SCRAM-SHA-1", "us,e=r", "pencil");
	x.request.exporter = MS_SLICE("abcdefghijklmnopqrstuvwxyz012345");
	steps(&x, NULL, MS_SASL_MORE, "n,,n=us=2Ce=3Dr,r=" NONCE);
	stop(&x);
}

struct wrong {
	const char *first;
	enum ms_sasl_status status;
};

static const struct wrong wrongs[] = {
	{ "", MS_SASL_BAD_MESSAGE },
	{ "r=", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=,i=4096", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=0", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=-1", MS_SASL_BAD_MESSAGE },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=9", MS_SASL_TOO_CHEAP },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=100001", MS_SASL_TOO_COSTLY },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=2147483648", MS_SASL_TOO_COSTLY },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=18446744073709551615",
	    MS_SASL_TOO_COSTLY },
	{ "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=99999999999999999999999",
	    MS_SASL_BAD_MESSAGE },
	{ "m=x,r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096", MS_SASL_BAD_MESSAGE },
	{ "r=fykoXXXXbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096",
	    MS_SASL_BAD_MESSAGE },
	{ "s=QSXCR+Q6sek8bf92,r=" NONCE "x,i=4096", MS_SASL_BAD_MESSAGE },
	{ "e=unknown-user", MS_SASL_REFUSED },
	{ "engine", MS_SASL_BAD_MESSAGE },
	{ "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", MS_SASL_BAD_MESSAGE },
};

static void
test_scram_wrong_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		struct exchange x;

		start(&x, "SCRAM-SHA-1", "user", "pencil");
		steps(&x, NULL, MS_SASL_MORE, NULL);
		steps(&x, wrongs[i].first, wrongs[i].status, "");
		stop(&x);
	}
}

static const struct wrong finals[] = {
	{ "v=AmF9pqV8S7suAoZWja4dJRkFsKQ=", MS_SASL_IMPOSTOR },
	{ "v=", MS_SASL_BAD_MESSAGE },
	{ "", MS_SASL_BAD_MESSAGE },
	{ "e=invalid-proof", MS_SASL_REFUSED },
	{ "e=channel-bindings-dont-match,x=y", MS_SASL_UNBOUND },
};

static void
test_scram_wrong_final(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(finals) / sizeof(*finals); i++) {
		struct exchange x;

		start(&x, "SCRAM-SHA-1", "user", "pencil");
		steps(&x, NULL, MS_SASL_MORE, NULL);
		steps(&x, SERVER_FIRST_5802, MS_SASL_MORE, NULL);
		steps(&x, finals[i].first, finals[i].status, NULL);
		stop(&x);
	}
}

/* RFC 4013 3: the soft hyphen is mapped to nothing, U+2168 to "IX"; U+0007 is
 * prohibited. */
static void
test_prepares(void **state)
{
	static const char *const same[] = { "IX", "I\xC2\xADX",
		"\xE2\x85\xA8" };
	char proof[128] = "";

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct exchange x;

		start(&x, "SCRAM-SHA-1", "user", same[i]);
		steps(&x, NULL, MS_SASL_MORE, NULL);
		steps(&x, SERVER_FIRST_5802, MS_SASL_MORE, NULL);
		if (i > 0)
			assert_slice(x.out, proof);
		assert_true(x.out.n < sizeof(proof));
		memcpy(proof, x.out.p, x.out.n);
		stop(&x);
	}
}

static void
test_cannot_prepare(void **state)
{
	/* a control character, half of one, and of both directions */
	static const char *const bad[] = { "bell\x07", "\xC3", "\xD8\xA7\x31" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct exchange x;

		start(&x, "SCRAM-SHA-256", "user", bad[i]);
		steps(&x, NULL, MS_SASL_MORE, NULL);
		steps(&x, SERVER_FIRST_5802, MS_SASL_UNPREPARED, "");
		stop(&x);

		start(&x, "SCRAM-SHA-256", bad[i], "secret");
		steps(&x, NULL, MS_SASL_UNPREPARED, "");
		stop(&x);
	}
}

#define TOKEN "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="

/* RFC 7628 4.1 and 4.3. */
static void
test_bearer(void **state)
{
	struct exchange x;

	(void)state;
	start(&x, "OAUTHBEARER", "user@example.com", TOKEN);
	steps(&x, NULL, MS_SASL_DONE,
	    "n,a=user@example.com,\001host=server.example.com\001port=143\001"
	    "auth=Bearer " TOKEN "\001\001");
	steps(&x,
	    "{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
	    "\"openid-configuration\":\"https://example.com/.well-known\"}",
	    MS_SASL_DONE, "\001");
	assert_string_equal(ms_sasl_why(x.sasl),
	    "status \"invalid_token\", wants the scope \"example_scope\"");
	steps(&x, "{}", MS_SASL_BAD_MESSAGE, "");
	stop(&x);

	start(&x, "OAUTHBEARER", "a=b,c", "t");
	steps(&x, NULL, MS_SASL_DONE,
	    "n,a=a=3Db=2Cc,\001host=server.example.com\001port=143\001"
	    "auth=Bearer t\001\001");
	stop(&x);
}

/* https://developers.google.com/workspace/gmail/imap/xoauth2-protocol */
static void
test_xoauth2(void **state)
{
	static const char wanted[] =
	    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmd"
	    "DRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
	unsigned char text[256];
	struct exchange x;

	(void)state;
	start(&x, "XOAUTH2", "someuser@example.com",
	    "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
	steps(&x, NULL, MS_SASL_DONE, NULL);
	assert_slice(
	    ms_slice_make(text, ms_base64_encode(x.out, text)), wanted);
	steps(&x, "not JSON", MS_SASL_DONE, "");
	assert_non_null(ms_sasl_why(x.sasl));
	stop(&x);
}

static void
test_names(void **state)
{
	const struct ms_sasl_mechanism *m = ms_sasl_mechanisms();

	(void)state;
	assert_string_equal(m->name, "SCRAM-SHA-256-PLUS");
	for (; m->name; m++)
		assert_ptr_equal(ms_sasl_mechanism(ms_slice_from(m->name)), m);
	assert_null(ms_sasl_mechanism(MS_SLICE("DIGEST-MD5")));
	for (int i = MS_SASL_MORE; i <= MS_SASL_FAILED; i++) {
		enum ms_sasl_status status;

		assert_true(ms_sasl_status_parse(
		    ms_slice_from(ms_sasl_status_name((enum ms_sasl_status)i)),
		    &status));
		assert_int_equal(status, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_cram),
		cmocka_unit_test(test_scram_sha_1),
		cmocka_unit_test(test_scram_sha_256),
		cmocka_unit_test(test_scram_plus),
		cmocka_unit_test(test_scram_does_not_bind),
		cmocka_unit_test(test_scram_wrong_first),
		cmocka_unit_test(test_scram_wrong_final),
		cmocka_unit_test(test_prepares),
		cmocka_unit_test(test_cannot_prepare),
		cmocka_unit_test(test_bearer),
		cmocka_unit_test(test_xoauth2),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
