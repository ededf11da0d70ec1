/* SPDX-License-Identifier: ISC
 * describe_listed.c - what lists say of those who may send for a domain
 */
#include "describe_priv.h"

#define ROWS_MAX 40 /* listings that are shown as text */

static bool
counts(const struct ms_dnsbl_answer *a, enum ms_dnsbl_status status)
{
	return a->status == status && !a->list->allow;
}

/* Addresses that are on a block list, or of which not all could be told. */
static size_t
count(const struct ms_reputation_senders *s, enum ms_dnsbl_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct ms_dnsbl_case *c = &s->cases[i];
		bool any = false;

		for (size_t k = 0; k < c->answers_n; k++)
			any = any || counts(&c->answers[k], status);
		n += any;
	}
	return n;
}

static const char *
net_text(struct ms_report *report, const struct ms_net *net)
{
	char text[MS_IP_TEXT];

	ms_ip_format(&net->ip, text);
	return net->prefix == (net->ip.v4 ? 32 : 128)
		   ? ms_arena_string(report->arena, ms_slice_from(text))
		   : ms_arena_printf(report->arena, "%s/%u", text, net->prefix);
}

/* ---- findings and errors ---- */

/* One list that could not tell of some: the first reason stands for all. */
static void
put_unknown(struct ms_report *report, const struct ms_reputation_senders *s,
    const struct ms_dnsbl *list)
{
	const struct ms_dnsbl_answer *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct ms_dnsbl_case *c = &s->cases[i];

		for (size_t k = 0; k < c->answers_n; k++) {
			if (c->answers[k].list != list ||
			    !counts(&c->answers[k], MS_DNSBL_UNKNOWN))
				continue;
			first = first ? first : &c->answers[k];
			n++;
		}
	}
	if (n > 0)
		ms_report_error(report, "dnsbl", true,
		    "%s, of %zu address%s that may send: %s", list->zone, n,
		    n == 1 ? "" : "es", first->why);
}

void
describe_senders_findings(
    struct ms_report *report, const struct ms_reputation_senders *s)
{
	for (size_t i = 0; i < s->n; i++)
		describe_listings(
		    report, &s->cases[i], "It may send for the domain (SPF).");
	if (s->who->failure)
		ms_report_error(
		    report, "dns", true, "Who may send: %s", s->who->failure);
	for (size_t i = 0; i < s->lists_n; i++)
		put_unknown(report, s, &s->lists[i]);
}

/* ---- data ---- */

static void
put_listing(struct ms_report *report, struct ms_node *array,
    const struct ms_dnsbl_case *c, const struct ms_dnsbl_answer *a)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_ip(report, node, "ip", &c->subject.ip);
	ms_put_string(report, node, "zone", a->list->zone);
	ms_put_string(report, node, "severity", ms_severity_name(a->severity));
	ms_put_text(report, node, "meaning", describe_meaning(report, a, true));
}

void
describe_put_senders(struct ms_report *report, struct ms_node *parent,
    const struct ms_reputation_senders *s)
{
	struct ms_node *node = ms_put_object(report, parent, "senders");
	struct ms_node *array;

	ms_put_int(report, node, "records", (int64_t)s->who->records);
	array = ms_put_array(report, node, "networks");
	for (size_t i = 0; i < s->who->nets_n; i++)
		ms_put_string(
		    report, array, NULL, net_text(report, &s->who->nets[i]));
	ms_put_int(report, node, "addresses", (int64_t)s->n);
	array = ms_put_array(report, node, "left_out");
	for (size_t i = s->who->nets_whole; i < s->who->nets_n; i++)
		ms_put_string(
		    report, array, NULL, net_text(report, &s->who->nets[i]));
	ms_put_bool(report, node, "everybody", s->who->everybody);
	ms_put_bool(report, node, "complete",
	    s->who->nets_whole == s->who->nets_n && !s->who->open &&
		!s->who->failure);
	ms_put_string(report, node, "failure", s->who->failure);
	ms_put_int(report, node, "listed", (int64_t)count(s, MS_DNSBL_LISTED));
	ms_put_int(
	    report, node, "unknown", (int64_t)count(s, MS_DNSBL_UNKNOWN));
	array = ms_put_array(report, node, "listings");
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->cases[i].answers_n; k++)
			if (counts(&s->cases[i].answers[k], MS_DNSBL_LISTED))
				put_listing(report, array, &s->cases[i],
				    &s->cases[i].answers[k]);
}

/* ---- text ---- */

static void
say_listings(struct ms_report *report, const struct ms_reputation_senders *s)
{
	struct ms_node *table = ms_say_table(report, 2);
	size_t rows = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct ms_dnsbl_case *c = &s->cases[i];

		for (size_t k = 0; k < c->answers_n && rows < ROWS_MAX; k++) {
			const struct ms_dnsbl_answer *a = &c->answers[k];
			struct ms_node *row;
			char text[MS_IP_TEXT];

			if (!counts(a, MS_DNSBL_LISTED))
				continue;
			rows++;
			ms_ip_format(&c->subject.ip, text);
			row = ms_say_row(report, table);
			ms_say_cellf(
			    report, row, MS_STYLE_BAD, false, "%s", text);
			ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
			    a->list->zone);
			ms_say_cell(report, row, MS_STYLE_PLAIN, false,
			    describe_meaning(report, a, true));
		}
	}
}

static void
say_left_out(struct ms_report *report, const struct ms_domain_senders *who)
{
	struct ms_buf out;

	if (who->nets_whole == who->nets_n)
		return;
	ms_buf_init(&out, report->arena);
	for (size_t i = who->nets_whole;
	     i < who->nets_n && i < who->nets_whole + ROWS_MAX; i++)
		ms_buf_printf(&out, "%s%s", out.n > 0 ? ", " : "",
		    net_text(report, &who->nets[i]));
	ms_say(report, 2, MS_STYLE_DIM,
	    "Left out, for they are too large: %.*s%s", (int)out.n,
	    (const char *)out.p,
	    who->nets_n - who->nets_whole > ROWS_MAX ? " …" : "");
}

void
describe_say_senders(
    struct ms_report *report, const struct ms_reputation_senders *s)
{
	size_t unknown = count(s, MS_DNSBL_UNKNOWN);

	ms_say_heading(report, "WHO MAY SEND (SPF)");
	if (s->who->records != 1) {
		ms_say(report, 2, MS_STYLE_DIM, "%s",
		    s->who->failure        ? "Could not tell"
		    : s->who->records == 0 ? "The domain has no SPF record"
					   : "The domain has several SPF "
					     "records: none of them counts");
		return;
	}
	ms_say(report, 2, MS_STYLE_PLAIN,
	    "%zu address%s of %zu network%s: %zu on a list%s", s->n,
	    s->n == 1 ? "" : "es", s->who->nets_whole,
	    s->who->nets_whole == 1 ? "" : "s", count(s, MS_DNSBL_LISTED),
	    unknown > 0 ? ms_arena_printf(report->arena,
			      "; of %zu not every list could tell", unknown)
			: "");
	say_listings(report, s);
	say_left_out(report, s->who);
	if (s->who->everybody)
		ms_say(report, 2, MS_STYLE_BAD, "And everybody else (+all)");
	if (s->who->open)
		ms_say(report, 2, MS_STYLE_DIM,
		    "A macro, an error or a limit hides others");
}
