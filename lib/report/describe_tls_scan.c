/* SPDX-License-Identifier: ISC
 * describe_tls_scan.c - all that a server's TLS agrees to, as report nodes
 */
#include "describe_priv.h"

/* ---- data ---- */

static void
put_known(struct ms_report *report, struct ms_node *node, const char *key,
    enum ms_tls_known known)
{
	if (known == MS_TLS_UNKNOWN)
		ms_put_null(report, node, key);
	else
		ms_put_bool(report, node, key, known == MS_TLS_YES);
}

static void
put_code(struct ms_report *report, struct ms_node *node, uint32_t code)
{
	ms_put_string(report, node, "code",
	    ms_arena_printf(report->arena, code > 0xFFFF ? "0x%06X" : "0x%04X",
		(unsigned)code));
}

static void
put_version(struct ms_report *report, struct ms_node *array,
    const struct ms_tls_scan_version *v)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_string(report, node, "version", v->name);
	put_known(report, node, "offered", v->offered);
	ms_put_string(report, node, "reason", v->why);
	if (v->offered != MS_TLS_YES)
		return;
	ms_put_bool(report, node, "ciphers_complete", v->suites_done);
	ms_put_string(report, node, "ciphers_reason", v->suites_why);
	if (v->groups_asked) {
		ms_put_bool(report, node, "groups_complete", v->groups_done);
		ms_put_string(report, node, "groups_reason", v->groups_why);
	}
	put_known(report, node, "server_order", v->server_order);
	if (v->code == MS_TLS_13)
		return;
	put_known(
	    report, node, "secure_renegotiation", v->secure_renegotiation);
	put_known(report, node, "compression", v->compression);
	put_known(report, node, "session_tickets", v->tickets);
	put_known(report, node, "extended_master_secret", v->extended_secret);
}

static void
put_suite(struct ms_report *report, struct ms_node *array, const char *version,
    const struct ms_tls_scan_suite *s)
{
	struct ms_node *node = ms_put_object(report, array, NULL);
	unsigned flags = s->suite.flags;

	ms_put_string(report, node, "version", version);
	ms_put_string(report, node, "name", s->suite.name);
	ms_put_string(report, node, "openssl_name",
	    *s->suite.openssl ? s->suite.openssl : NULL);
	put_code(report, node, s->suite.code);
	ms_put_int(report, node, "bits", s->suite.bits);
	ms_put_bool(report, node, "forward_secrecy",
	    (flags & MS_TLS_FORWARD_SECRECY) != 0);
	ms_put_bool(report, node, "aead", (flags & MS_TLS_AEAD) != 0);
	ms_put_string(report, node, "group", s->group.name);
	if (s->prime_bits > 0)
		ms_put_int(report, node, "prime_bits", s->prime_bits);
}

static void
put_group(struct ms_report *report, struct ms_node *array, const char *version,
    const struct ms_tls_group *g)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_string(report, node, "version", version);
	ms_put_string(report, node, "name", g->name);
	put_code(report, node, g->code);
	ms_put_int(report, node, "bits", g->bits);
	ms_put_bool(report, node, "post_quantum",
	    (g->flags & MS_TLS_GROUP_QUANTUM) != 0);
}

static void
put_lists(struct ms_report *report, struct ms_node *node,
    const struct ms_tls_scan *scan)
{
	struct ms_node *versions = ms_put_array(report, node, "versions");
	struct ms_node *suites = ms_put_array(report, node, "ciphers");
	struct ms_node *groups = ms_put_array(report, node, "groups");

	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		put_version(report, versions, v);
		for (size_t j = 0; j < v->suites_n; j++)
			put_suite(report, suites, v->name, &v->suites[j]);
		for (size_t j = 0; v->groups_asked && j < v->groups_n; j++)
			put_group(report, groups, v->name, &v->groups[j]);
	}
}

void
ms_put_tls_scan(struct ms_report *report, struct ms_node *parent,
    const struct ms_tls_scan *scan)
{
	struct ms_node *node = ms_put_object(report, parent, "scan");

	ms_put_bool(report, node, "complete", ms_tls_scan_complete(scan));
	ms_put_int(report, node, "connections", scan->connections);
	ms_put_string(report, node, "stopped", scan->stopped);
	put_lists(report, node, scan);
	put_known(report, node, "post_quantum", ms_tls_scan_quantum(scan));
	put_known(report, node, "fallback_scsv", scan->fallback);
	put_known(report, node, "grease", scan->grease);
	ms_put_bool(report, node, "short_hello", scan->short_hello);
}

/* ---- text ---- */

static const char *
order_words(const struct ms_tls_scan_version *v)
{
	switch (v->server_order) {
	case MS_TLS_YES:
		return ", in its own order";
	case MS_TLS_NO:
		return ", the client's order decides";
	default:
		return "";
	}
}

static void
say_versions(struct ms_report *report, const struct ms_tls_scan *scan)
{
	struct ms_node *table = ms_say_table(report, 2);

	ms_say_heads(report, table, false, "version", "taken", NULL);
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];
		struct ms_node *row = ms_say_row(report, table);
		const char *why = v->why ? v->why : "";

		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", v->name);
		if (v->offered == MS_TLS_YES)
			ms_say_cellf(report, row,
			    v->code >= MS_TLS_12 ? MS_STYLE_GOOD
						 : MS_STYLE_WARN,
			    false, "%zu cipher suite%s%s%s", v->suites_n,
			    v->suites_n == 1 ? "" : "s",
			    v->suites_done ? "" : " at least", order_words(v));
		else
			ms_say_cellf(report, row, MS_STYLE_DIM, false, "%s: %s",
			    v->offered == MS_TLS_NO ? "no" : "not known", why);
	}
}

/* What is worst about a suite, in few letters; NULL: nothing. */
static const char *
remark(const struct ms_tls_scan_suite *s, enum ms_style *style)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{ MS_TLS_PLAIN, "not encrypted" },
		{ MS_TLS_EXPORT, "breakable" },
		{ MS_TLS_ANONYMOUS, "anonymous" },
		{ MS_TLS_RC4, "RC4" },
		{ MS_TLS_OLD, "old cipher" },
	};

	*style = MS_STYLE_BAD;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (s->suite.flags & words[i].flag)
			return words[i].word;
	*style = MS_STYLE_WARN;
	if (s->prime_bits > 0 && s->prime_bits < 2048)
		return "small prime";
	if (!(s->suite.flags & MS_TLS_FORWARD_SECRECY))
		return "no fwd secrecy";
	*style = MS_STYLE_PLAIN;
	return s->suite.flags & MS_TLS_AEAD ? NULL : "no AEAD";
}

static void
say_suite(struct ms_report *report, struct ms_node *table,
    const struct ms_tls_scan_suite *s)
{
	struct ms_node *row = ms_say_row(report, table);
	enum ms_style style;
	const char *word = remark(s, &style);

	ms_say_cellf(report, row, style, false, "%s", s->suite.name);
	ms_say_cellf(report, row, style, true, "%u", s->suite.bits);
	if (s->prime_bits > 0)
		ms_say_cellf(report, row, style, false, "DH %u", s->prime_bits);
	else
		ms_say_cellf(report, row, style, false, "%s",
		    s->group.name ? s->group.name : "");
	ms_say_cellf(report, row, style, false, "%s", word ? word : "");
}

static bool
same_suites(
    const struct ms_tls_scan_version *a, const struct ms_tls_scan_version *b)
{
	bool same = a->suites_n == b->suites_n;

	for (size_t i = 0; same && i < a->suites_n; i++)
		same = a->suites[i].suite.code == b->suites[i].suite.code &&
		       a->suites[i].group.code == b->suites[i].group.code &&
		       a->suites[i].prime_bits == b->suites[i].prime_bits;
	return same;
}

/* `before`: the version that was shown before it; NULL. */
static void
say_suites(struct ms_report *report, const struct ms_tls_scan_version *v,
    const struct ms_tls_scan_version *before)
{
	struct ms_node *table;

	if (before && same_suites(v, before)) {
		ms_say(report, 2, MS_STYLE_STRONG, "%s: the same as %s",
		    v->name, before->name);
		return;
	}
	ms_say(report, 2, MS_STYLE_STRONG, "%s%s", v->name,
	    v->server_order == MS_TLS_YES ? ", the dearest to it first" : "");
	table = ms_say_table(report, 4);
	ms_say_heads(report, table, false, "cipher suite", ">bits",
	    "key exchange", "remark", NULL);
	for (size_t i = 0; i < v->suites_n; i++)
		say_suite(report, table, &v->suites[i]);
	if (v->suites_why)
		ms_say(report, 4, MS_STYLE_WARN, "and perhaps more: %s",
		    v->suites_why);
}

static void
say_groups(struct ms_report *report, const struct ms_tls_scan_version *v)
{
	struct ms_buf buf;

	if (!v->groups_asked || v->groups_n == 0)
		return;
	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < v->groups_n; i++) {
		const struct ms_tls_group *g = &v->groups[i];

		ms_buf_text(&buf, i > 0 ? ", " : "");
		if (g->name)
			ms_buf_text(&buf, g->name);
		else
			ms_buf_printf(&buf, "0x%04X", g->code);
		if (g->flags & MS_TLS_GROUP_QUANTUM)
			ms_buf_text(&buf, " (post-quantum)");
	}
	if (v->groups_why)
		ms_buf_printf(&buf, "; perhaps more: %s", v->groups_why);
	ms_say(report, 2, MS_STYLE_PLAIN, "Groups, %s: %.*s", v->name,
	    (int)buf.n, (const char *)buf.p);
}

/* Of the newest version before TLS 1.3 that is offered. */
static void
say_facts(struct ms_report *report, const struct ms_tls_scan *scan)
{
	const struct ms_tls_scan_version *v = NULL;

	for (size_t i = MS_TLS_VERSIONS - 1; i-- > 1;)
		if (scan->versions[i].offered == MS_TLS_YES)
			v = &scan->versions[i];
	if (v)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "%s: secure renegotiation %s, compression %s, session "
		    "tickets %s, extended master secret %s",
		    v->name, ms_tls_known_name(v->secure_renegotiation),
		    ms_tls_known_name(v->compression),
		    ms_tls_known_name(v->tickets),
		    ms_tls_known_name(v->extended_secret));
	ms_say(report, 2, MS_STYLE_PLAIN,
	    "Fallback to an older version is noticed: %s; what is unknown is "
	    "passed over: %s",
	    ms_tls_known_name(scan->fallback), ms_tls_known_name(scan->grease));
}

void
ms_say_tls_scan(struct ms_report *report, const struct ms_tls_scan *scan)
{
	const struct ms_tls_scan_version *before = NULL;

	ms_say_heading(report, "TLS, all that it accepts");
	say_versions(report, scan);
	ms_say_blank(report);
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		if (v->suites_n == 0)
			continue;
		say_suites(report, v, before);
		before = v;
	}
	ms_say_blank(report);
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
		say_groups(report, &scan->versions[i]);
	say_facts(report, scan);
	ms_say(report, 2, MS_STYLE_DIM, "Connections: %u%s%s",
	    scan->connections, scan->stopped ? "; stopped: " : "",
	    scan->stopped ? scan->stopped : "");
}
