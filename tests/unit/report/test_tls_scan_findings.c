/* SPDX-License-Identifier: ISC
 * test_tls_scan_findings.c - what a scan of TLS is judged to be
 */
#include "mailsonde/describe.h"

#include "test.h"

static struct ms_arena *arena;

/* A version in the rows: what is not there is not offered. */
struct offer {
	uint16_t version;
	uint32_t suites[8];
	uint16_t groups[4];
	bool compresses, insecure, no_extended;
	unsigned prime_bits; /* of suites modulo a prime */
	bool unknown;        /* it could not be told */
	bool cut;            /* its suites may be more */
};

struct row {
	const char *what;
	struct offer offers[4];
	bool no_fallback, no_grease, short_hello;
	const char *want, *between_servers;
};

#define TLS13                                                                  \
	{                                                                      \
		.version = MS_TLS_13, .suites = { 0x1302, 0x1301 },            \
		.groups = {                                                    \
			0x11EC,                                                \
			29                                                     \
		}                                                              \
	}
#define TLS12                                                                  \
	{                                                                      \
		.version = MS_TLS_12, .suites = { 0xC030, 0xC02F },            \
		.groups = {                                                    \
			29                                                     \
		}                                                              \
	}

static const struct row rows[] = {
	{ "good", { TLS13, TLS12 }, .want = "", .between_servers = "" },
	{ "no TLS 1.3", { TLS12 },
	    .want = "low:tls-no-tls13 info:tls-no-post-quantum ",
	    .between_servers = "info:tls-no-tls13 info:tls-no-post-quantum " },
	{ "not known whether TLS 1.3",
	    { TLS12, { .version = MS_TLS_13, .unknown = true } }, .want = "",
	    .between_servers = "" },
	{ "old versions",
	    { TLS13, TLS12, { .version = MS_TLS_10, .suites = { 0xC014 } },
		{ .version = MS_SSL_3, .suites = { 0xC014 } } },
	    .want = "high:tls-sslv3 medium:tls-old-version ",
	    .between_servers = "medium:tls-sslv3 low:tls-old-version " },
	{ "SSLv2",
	    { TLS13, TLS12,
		{ .version = MS_SSL_2, .suites = { 0x010080, 0x020080 } } },
	    .want = "high:tls-sslv2 ", .between_servers = "high:tls-sslv2 " },
	{ "nothing newer than TLS 1.1",
	    { { .version = MS_TLS_11, .suites = { 0xC014 } } },
	    .want = "high:tls-no-modern-version medium:tls-old-version "
		    "info:tls-no-post-quantum ",
	    .between_servers = "medium:tls-no-modern-version "
			       "low:tls-old-version "
			       "info:tls-no-post-quantum " },
	{ "not known whether TLS 1.2",
	    { { .version = MS_TLS_11, .suites = { 0xC014 } },
		{ .version = MS_TLS_12, .unknown = true } },
	    .want = "medium:tls-old-version info:tls-no-post-quantum ",
	    .between_servers =
		"low:tls-old-version info:tls-no-post-quantum " },
	{ "weak suites",
	    { TLS13, { .version = MS_TLS_12,
			 .suites = { 0xC030, 0x0002, 0x0003, 0x0034, 0x0005,
			     0x000A, 0x002F } } },
	    .want = "high:tls-null-cipher high:tls-export-cipher "
		    "high:tls-anonymous-cipher medium:tls-rc4 "
		    "medium:tls-old-cipher low:tls-no-forward-secrecy ",
	    .between_servers = "medium:tls-null-cipher "
			       "medium:tls-export-cipher low:tls-rc4 "
			       "low:tls-old-cipher info:tls-anonymous-cipher "
			       "info:tls-no-forward-secrecy " },
	{ "no AEAD", { { .version = MS_TLS_12, .suites = { 0xC014, 0xC028 } } },
	    .want = "medium:tls-no-aead low:tls-no-tls13 "
		    "info:tls-no-post-quantum ",
	    .between_servers = "low:tls-no-aead info:tls-no-tls13 "
			       "info:tls-no-post-quantum " },
	{ "no AEAD so far",
	    { { .version = MS_TLS_12, .suites = { 0xC014 }, .cut = true } },
	    .want = "low:tls-no-tls13 info:tls-no-post-quantum ",
	    .between_servers = "info:tls-no-tls13 info:tls-no-post-quantum " },
	{ "small prime",
	    { TLS13, { .version = MS_TLS_12,
			 .suites = { 0xC030, 0x009E },
			 .prime_bits = 1024 } },
	    .want = "medium:tls-small-group ",
	    .between_servers = "low:tls-small-group " },
	{ "prime of 2,048",
	    { TLS13, { .version = MS_TLS_12,
			 .suites = { 0xC030, 0x009E },
			 .prime_bits = 2048 } },
	    .want = "", .between_servers = "" },
	{ "small curve",
	    { TLS13, { .version = MS_TLS_12,
			 .suites = { 0xC030 },
			 .groups = { 29, 19 } } },
	    .want = "medium:tls-small-group ",
	    .between_servers = "low:tls-small-group " },
	{ "no post-quantum group",
	    { { .version = MS_TLS_13,
		.suites = { 0x1301 },
		.groups = { 29 } } },
	    .want = "info:tls-no-post-quantum ",
	    .between_servers = "info:tls-no-post-quantum " },
	{ "old habits",
	    { TLS13, { .version = MS_TLS_12,
			 .suites = { 0xC030 },
			 .compresses = true,
			 .insecure = true,
			 .no_extended = true } },
	    .no_fallback = true, .no_grease = true, .short_hello = true,
	    .want = "medium:tls-compression "
		    "medium:tls-insecure-renegotiation "
		    "low:tls-no-fallback-scsv low:tls-intolerant "
		    "low:tls-short-hello info:tls-no-extended-master-secret ",
	    .between_servers = "low:tls-compression "
			       "low:tls-insecure-renegotiation "
			       "low:tls-intolerant low:tls-short-hello "
			       "info:tls-no-extended-master-secret "
			       "info:tls-no-fallback-scsv " },
};

static enum ms_tls_known
known(bool yes)
{
	return yes ? MS_TLS_YES : MS_TLS_NO;
}

static void
make_version(const struct offer *o, struct ms_tls_scan_version *v)
{
	v->offered = o->unknown ? MS_TLS_UNKNOWN : MS_TLS_YES;
	v->suites = MS_NEW_ARRAY(arena, struct ms_tls_scan_suite, 8);
	while (v->suites_n < 8 && o->suites[v->suites_n]) {
		struct ms_tls_scan_suite *s = &v->suites[v->suites_n];

		ms_tls_suite_by_code(o->suites[v->suites_n++], &s->suite);
		if (s->suite.flags & MS_TLS_FINITE)
			s->prime_bits = o->prime_bits;
	}
	v->suites_done = !o->cut;
	v->groups = MS_NEW_ARRAY(arena, struct ms_tls_group, 4);
	for (; v->groups_n < 4 && o->groups[v->groups_n]; v->groups_n++)
		ms_tls_group_by_code(
		    o->groups[v->groups_n], &v->groups[v->groups_n]);
	v->groups_asked = v->groups_done = v->groups_n > 0;
	v->compression = known(o->compresses);
	v->secure_renegotiation = known(!o->insecure);
	v->extended_secret = known(!o->no_extended);
}

static void
make_scan(const struct row *row, struct ms_tls_scan *out)
{
	static const uint16_t versions[MS_TLS_VERSIONS] = { MS_TLS_13,
		MS_TLS_12, MS_TLS_11, MS_TLS_10, MS_SSL_3, MS_SSL_2 };

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		out->versions[i].code = versions[i];
		out->versions[i].name = ms_tls_version_name(versions[i]);
		out->versions[i].offered = MS_TLS_NO;
		for (size_t j = 0; j < 4; j++)
			if (row->offers[j].version == versions[i])
				make_version(
				    &row->offers[j], &out->versions[i]);
	}
	out->fallback = known(!row->no_fallback);
	out->grease = known(!row->no_grease);
	out->short_hello = row->short_hello;
}

static const char *
findings(const struct ms_tls_scan *scan, bool opportunistic)
{
	struct ms_report report;
	struct ms_buf buf;

	ms_report_init(&report, arena, MS_FOR_DATA | MS_FOR_TEXT, "probe", 0);
	ms_put_tls_scan(&report, report.data, scan);
	ms_say_tls_scan(&report, scan);
	ms_tls_scan_findings(&report, scan, opportunistic);
	ms_buf_init(&buf, arena);
	for (const struct ms_finding *f = report.findings; f; f = f->next) {
		assert_non_null(f->title);
		assert_non_null(f->fix);
		assert_non_null(f->reference);
		ms_buf_printf(
		    &buf, "%s:%s ", ms_severity_name(f->severity), f->id);
	}
	return ms_arena_string(arena, ms_buf_get(&buf));
}

static void
test_rows(void **state)
{
	(void)state;
	arena = ms_arena_new(NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_tls_scan scan;
		const char *got;

		make_scan(&rows[i], &scan);
		got = findings(&scan, false);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: wanted %s, got %s", rows[i].what,
			    rows[i].want, got);
		got = findings(&scan, true);
		if (strcmp(got, rows[i].between_servers) != 0)
			fail_msg("%s, between servers: wanted %s, got %s",
			    rows[i].what, rows[i].between_servers, got);
	}
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
