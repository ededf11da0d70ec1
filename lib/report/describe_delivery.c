/* SPDX-License-Identifier: ISC
 * describe_delivery.c - as that sender sees it, as report nodes
 */
#include "describe_priv.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

/* NULL, or why the record at `i` does not vouch for the server. */
static const char *
why_not(const struct ms_delivery *d, size_t i)
{
	const struct ms_dane_record *r = &d->dane.records[i];

	if (!r->good && i < d->other.n && d->other.records[i].good)
		return "it is of the other certificate";
	return r->fault ? r->fault : r->why;
}

/* ---- data ---- */

static void
put_tlsa(struct ms_report *report, struct ms_node *array,
    const struct ms_dane_record *r, const char *why)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_text(
	    report, node, "record", ms_dns_rdata_text(report->arena, r->tlsa));
	ms_put_bool(report, node, "good", r->good);
	if (r->at != SIZE_MAX)
		ms_put_int(report, node, "certificate", (int64_t)r->at);
	else
		ms_put_null(report, node, "certificate");
	ms_put_string(report, node, "why", why);
}

static void
put_dane(struct ms_report *report, struct ms_node *server,
    const struct ms_delivery *d)
{
	struct ms_node *node = ms_put_object(report, server, "dane"), *array;

	ms_put_string(
	    report, node, "status", ms_tlsa_status_name(d->tlsa.status));
	if (d->tlsa.status == MS_TLSA_NONE)
		return;
	ms_put_text(report, node, "name", d->tlsa.owner);
	ms_put_string(report, node, "why", d->tlsa.why);
	ms_put_string(report, node, "mx_security",
	    d->tlsa.mx_asked ? ms_dns_security_name(d->tlsa.mx) : NULL);
	ms_put_string(report, node, "match",
	    d->dane.n > 0 ? ms_dane_status_name(d->dane.status) : NULL);
	array = ms_put_array(report, node, "records");
	for (size_t i = 0; i < d->dane.n; i++)
		put_tlsa(report, array, &d->dane.records[i], why_not(d, i));
	ms_put_bool(report, node, "rolling", d->dane.rolling);
	ms_put_bool(report, node, "brittle", d->dane.brittle);
}

static void
put_sts(struct ms_report *report, struct ms_node *server,
    const struct ms_delivery *d)
{
	static const char *const names[] = {
		[MS_STS_NO_DOMAIN] = "none",
		[MS_STS_NONE] = "none",
		[MS_STS_FOUND] = "found",
		[MS_STS_UNKNOWN] = "temperror",
	};
	struct ms_node *node = ms_put_object(report, server, "mta_sts");

	ms_put_string(report, node, "status", names[d->sts.status]);
	ms_put_string(report, node, "why", d->sts.why);
	if (d->sts.status != MS_STS_FOUND)
		return;
	ms_put_string(
	    report, node, "mode", ms_mta_sts_mode_name(d->sts.policy->mode));
	ms_put_texts(
	    report, node, "mx", d->sts.policy->mx, d->sts.policy->mx_n);
	ms_put_bool(report, node, "covered", d->covered);
}

void
describe_put_delivery(struct ms_report *report, struct ms_node *server,
    const struct ms_delivery *d)
{
	struct ms_node *array = ms_put_array(report, server, "senders");

	for (int k = 0; k < MS_SENDER_COUNT; k++) {
		const struct ms_delivery_sender *s = &d->senders[k];
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_string(report, node, "sender",
		    ms_sender_kind_name((enum ms_sender_kind)k));
		ms_put_string(report, node, "verdict",
		    ms_delivery_verdict_name(s->verdict));
		ms_put_string(report, node, "why", s->why);
		ms_put_string(report, node, "reference", s->reference);
	}
	if (!d->looked)
		return;
	put_dane(report, server, d);
	put_sts(report, server, d);
}

/* ---- text ---- */

static const char *
verdict_text(enum ms_delivery_verdict verdict)
{
	static const char *const texts[] = {
		[MS_DELIVERY_DELIVERS] = "deliver",
		[MS_DELIVERY_IN_THE_CLEAR] = "in the clear",
		[MS_DELIVERY_DEFERS] = "defer",
		[MS_DELIVERY_REFUSES] = "refuse",
		[MS_DELIVERY_UNKNOWN] = "could not tell",
		[MS_DELIVERY_NOT_ASKED] = "-",
	};

	return texts[verdict];
}

static enum ms_style
verdict_style(enum ms_delivery_verdict verdict)
{
	static const enum ms_style styles[] = {
		[MS_DELIVERY_DELIVERS] = MS_STYLE_GOOD,
		[MS_DELIVERY_IN_THE_CLEAR] = MS_STYLE_WARN,
		[MS_DELIVERY_DEFERS] = MS_STYLE_BAD,
		[MS_DELIVERY_REFUSES] = MS_STYLE_WARN,
		[MS_DELIVERY_UNKNOWN] = MS_STYLE_WARN,
		[MS_DELIVERY_NOT_ASKED] = MS_STYLE_DIM,
	};

	return styles[verdict];
}

static void
say_records(struct ms_report *report, const struct ms_delivery *d)
{
	ms_say_blank(report);
	for (size_t i = 0; i < d->dane.n; i++) {
		const struct ms_dane_record *r = &d->dane.records[i];
		const char *why = why_not(d, i);

		ms_say(report, 2, r->good ? MS_STYLE_PLAIN : MS_STYLE_DIM,
		    "TLSA %u %u %u: %s", r->tlsa->u.tlsa.usage,
		    r->tlsa->u.tlsa.selector, r->tlsa->u.tlsa.matching,
		    r->good ? "matches"
		    : why   ? why
			    : "fits nothing that was sent");
	}
}

void
describe_say_delivery(struct ms_report *report, const struct ms_delivery *d)
{
	struct ms_node *table, *row;

	ms_say_heading(report, "AS SENDERS SEE IT");
	table = ms_say_table(report, 2);
	ms_say_heads(
	    report, table, false, "sender", "what it does", "why", NULL);
	for (int k = 0; k < MS_SENDER_COUNT; k++) {
		const struct ms_delivery_sender *s = &d->senders[k];

		row = ms_say_row(report, table);
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s",
		    ms_sender_kind_name((enum ms_sender_kind)k));
		ms_say_cellf(report, row, verdict_style(s->verdict), false,
		    "%s", verdict_text(s->verdict));
		ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", s->why);
	}
	if (d->dane.n > 1 || d->dane.status == MS_DANE_MISMATCH ||
	    d->dane.status == MS_DANE_UNUSABLE)
		say_records(report, d);
}
