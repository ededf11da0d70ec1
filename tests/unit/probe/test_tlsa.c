/* SPDX-License-Identifier: ISC
 * test_tlsa.c - which TLSA records a sender asks for, and which it believes
 */
#include "mailsonde/tlsa.h"
#include "test.h"

/* ---- a source that says what is signed ---- */

struct row {
	const char *name;
	enum ms_dns_type type;
	enum ms_dns_status status;
	enum ms_dns_security security;
	const char *alias; /* that it goes by; NULL */
};

struct source {
	struct ms_dns_source source; /* first */
	const struct row *rows;
	unsigned asked, validated;
};

static const struct row *
find(const struct source *s, const struct ms_dns_question *question)
{
	for (const struct row *r = s->rows; r->name; r++) {
		struct ms_dns_name name;

		assert_true(
		    ms_dns_name_from_text(ms_slice_from(r->name), &name));
		if (r->type == question->type &&
		    ms_dns_name_equal(&name, &question->name))
			return r;
	}
	return NULL;
}

static void
query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct source *s = (struct source *)(void *)self;
	const struct row *r = find(s, question);
	bool validated = question->want & MS_DNS_VALIDATED;

	s->asked++;
	s->validated += validated;
	memset(out, 0, sizeof(*out));
	out->status = r ? r->status : MS_DNS_NXDOMAIN;
	/* What is not there is as secure as the row of the zone. */
	if (validated)
		out->security = r ? r->security : s->rows[0].security;
	if (r && r->alias) {
		out->aliases = MS_NEW(arena, struct ms_slice);
		*out->aliases = ms_slice_from(r->alias);
		out->aliases_n = 1;
	}
	if (out->status == MS_DNS_FOUND) {
		out->records = MS_NEW(arena, struct ms_dns_record);
		out->records->type = question->type;
		out->n = 1;
	}
}

/* ---- cases ---- */

#define HOST     "mx.example.org"
#define TARGET   "real.example.net"
#define OWNER    "_25._tcp." HOST
#define FAR      "_25._tcp." TARGET
#define FOUND    MS_DNS_FOUND
#define NODATA   MS_DNS_NODATA
#define SECURE   MS_DNS_SECURE
#define INSECURE MS_DNS_INSECURE

static const struct {
	const char *what;
	struct row rows[8];
	enum ms_tlsa_status want;
	const char *base;     /* NULL: none */
	size_t names;         /* for a certificate */
	unsigned validations; /* asked for */
} table[] = {
	{ "none", { { HOST, MS_DNS_A, FOUND, SECURE, NULL } }, MS_TLSA_NONE,
	    NULL, 0, 0 },
	{ "all signed",
	    { { HOST, MS_DNS_A, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, FOUND, SECURE, NULL } },
	    MS_TLSA_FOUND, HOST, 2, 4 },
	{ "the resolver says so",
	    { { HOST, MS_DNS_A, FOUND, MS_DNS_SECURE_AD, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, MS_DNS_SECURE_AD, NULL },
		{ "example.org", MS_DNS_MX, FOUND, MS_DNS_SECURE_AD, NULL } },
	    MS_TLSA_FOUND, HOST, 2, 4 },
	{ "MX not signed",
	    { { HOST, MS_DNS_A, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, FOUND, INSECURE, NULL } },
	    MS_TLSA_FOUND, HOST, 1, 4 },
	{ "MX fails",
	    { { HOST, MS_DNS_A, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, MS_DNS_BOGUS, MS_DNS_SECURITY_BOGUS,
		    NULL } },
	    MS_TLSA_FAILED, HOST, 1, 4 },
	{ "records not signed",
	    { { HOST, MS_DNS_A, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, INSECURE, NULL } },
	    MS_TLSA_INSECURE, HOST, 0, 3 },
	{ "addresses not signed",
	    { { HOST, MS_DNS_A, FOUND, INSECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, INSECURE, NULL } },
	    MS_TLSA_HOST_INSECURE, NULL, 0, 2 },
	{ "nobody validates",
	    { { HOST, MS_DNS_A, FOUND, MS_DNS_UNCHECKED, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, MS_DNS_UNCHECKED, NULL },
		{ "example.org", MS_DNS_MX, FOUND, MS_DNS_UNCHECKED, NULL } },
	    MS_TLSA_UNCHECKED, HOST, 1, 4 },
	{ "the question fails",
	    { { HOST, MS_DNS_A, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, MS_DNS_SERVFAIL, SECURE, NULL } },
	    MS_TLSA_FAILED, NULL, 0, 3 },
	{ "it fails where nothing is signed",
	    { { HOST, MS_DNS_A, FOUND, INSECURE, NULL },
		{ OWNER, MS_DNS_TLSA, MS_DNS_SERVFAIL, INSECURE, NULL } },
	    MS_TLSA_HOST_INSECURE, NULL, 0, 2 },
	{ "the addresses are bogus",
	    { { HOST, MS_DNS_A, MS_DNS_BOGUS, MS_DNS_SECURITY_BOGUS, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL } },
	    MS_TLSA_FAILED, NULL, 0, 1 },
	/* Aliases, RFC 7672 2.2.2. */
	{ "an alias, signed to its end",
	    { { HOST, MS_DNS_A, FOUND, SECURE, TARGET },
		{ HOST, MS_DNS_AAAA, NODATA, SECURE, TARGET },
		{ FAR, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, FOUND, SECURE, NULL } },
	    MS_TLSA_FOUND, TARGET, 3, 4 },
	{ "an alias, records at its beginning",
	    { { HOST, MS_DNS_A, FOUND, SECURE, TARGET },
		{ HOST, MS_DNS_AAAA, NODATA, SECURE, TARGET },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, FOUND, SECURE, NULL } },
	    MS_TLSA_FOUND, HOST, 2, 5 },
	{ "an alias to what is not signed",
	    { { HOST, MS_DNS_A, FOUND, INSECURE, TARGET },
		{ HOST, MS_DNS_AAAA, NODATA, INSECURE, TARGET },
		{ HOST, MS_DNS_CNAME, FOUND, SECURE, NULL },
		{ FAR, MS_DNS_TLSA, FOUND, INSECURE, NULL },
		{ OWNER, MS_DNS_TLSA, FOUND, SECURE, NULL },
		{ "example.org", MS_DNS_MX, FOUND, SECURE, NULL } },
	    MS_TLSA_FOUND, HOST, 2, 5 },
	{ "an alias, nothing signed",
	    { { HOST, MS_DNS_A, FOUND, INSECURE, TARGET },
		{ HOST, MS_DNS_CNAME, FOUND, INSECURE, NULL },
		{ FAR, MS_DNS_TLSA, FOUND, INSECURE, NULL } },
	    MS_TLSA_HOST_INSECURE, NULL, 0, 3 },
};

static void
run(size_t i, struct ms_arena *arena, struct source *source,
    struct ms_tlsa *out)
{
	struct ms_env env = { .dns = &source->source };
	struct ms_probe_result probe = { .target = { .host = MS_SLICE(HOST),
					     .port = 25,
					     .mx = MS_SLICE("example.org") } };

	source->source.query = query;
	source->rows = table[i].rows;
	ms_tlsa_find(&env, arena, &probe, out);
}

static void
test_table(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct source source = { .asked = 0 };
		struct ms_tlsa t;

		run(i, arena, &source, &t);
		if (t.status != table[i].want || t.names_n != table[i].names ||
		    source.validated != table[i].validations)
			fail_msg("%s: %s, %zu names, %u validated",
			    table[i].what, ms_tlsa_status_name(t.status),
			    t.names_n, source.validated);
		if (table[i].base)
			assert_slice(t.base, table[i].base);
		else
			assert_null(t.base.p);
		assert_true((t.status == MS_TLSA_FAILED) == (t.why != NULL));
	}
	ms_arena_free(arena);
}

static void
test_literal(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct source source = { .rows = table[1].rows };
	struct ms_env env = { .dns = &source.source };
	struct ms_probe_result probe = { .target = { .literal = true } };
	struct ms_tlsa t;

	(void)state;
	source.source.query = query;
	ms_tlsa_find(&env, arena, &probe, &t);
	assert_int_equal(t.status, MS_TLSA_NONE);
	assert_int_equal(source.asked, 0);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
