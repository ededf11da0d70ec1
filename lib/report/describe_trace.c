/* SPDX-License-Identifier: ISC
 * describe_trace.c - the way a message came, as report nodes
 */
#include <inttypes.h>
#include <stdio.h>

#include "describe_priv.h"

/* ---- data ---- */

void
ms_describe_place(struct ms_report *report, struct ms_node *parent,
    const struct ms_geo_place *place)
{
	struct ms_node *node;

	if (!place->found) {
		ms_put_null(report, parent, "geo");
		return;
	}
	node = ms_put_object(report, parent, "geo");
	ms_put_text(report, node, "country", place->country);
	ms_put_text(report, node, "country_name", place->country_name);
	if (place->country_registered)
		ms_put_bool(report, node, "country_registered", true);
	ms_put_text(report, node, "region", place->region);
	ms_put_text(report, node, "city", place->city);
	if (place->has_location) {
		ms_put_double(report, node, "latitude", place->latitude);
		ms_put_double(report, node, "longitude", place->longitude);
	}
	if (place->accuracy_km)
		ms_put_int(report, node, "accuracy_km", place->accuracy_km);
	if (place->asn)
		ms_put_int(report, node, "asn", place->asn);
	else
		ms_put_null(report, node, "asn");
	ms_put_text(report, node, "organization", place->organization);
}

static void
put_from(
    struct ms_report *report, struct ms_node *node, const struct ms_received *r)
{
	struct ms_node *from = ms_put_object(report, node, "from");

	ms_put_text(report, from, "name", r->from);
	ms_put_text(report, from, "helo", r->helo);
	ms_put_text(report, from, "rdns", r->rdns);
	ms_put_ip(report, from, "ip", &r->ip);
	if (r->ident.p)
		ms_put_text(report, from, "ident", r->ident);
}

static void
put_tls(
    struct ms_report *report, struct ms_node *node, const struct ms_received *r)
{
	struct ms_node *tls;

	if (!r->tls) {
		ms_put_null(report, node, "tls");
		return;
	}
	tls = ms_put_object(report, node, "tls");
	ms_put_text(report, tls, "version", r->tls_version);
	ms_put_text(report, tls, "cipher", r->tls_cipher);
}

static void
put_special(struct ms_report *report, struct ms_node *node,
    const struct ms_special *special)
{
	struct ms_node *object;

	if (!special)
		return;
	object = ms_put_object(report, node, "special");
	ms_put_string(report, object, "class", special->class);
	ms_put_string(report, object, "network", special->network);
	ms_put_string(report, object, "name", special->name);
	ms_put_string(report, object, "reference", special->rfc);
}

static void
put_id_time(
    struct ms_report *report, struct ms_node *node, const struct ms_id_time *id)
{
	struct ms_node *object;

	if (!id->set)
		return;
	object = ms_put_object(report, node, "id_time");
	ms_put_time(report, object, "time", id->time);
	ms_put_int(report, object, "precision_seconds", id->precision);
	ms_put_string(report, object, "form", id->kind);
}

static void
put_received(
    struct ms_report *report, struct ms_node *node, const struct ms_received *r)
{
	put_from(report, node, r);
	ms_put_text(report, node, "by", r->by);
	if (r->by_ip.set)
		ms_put_ip(report, node, "by_ip", &r->by_ip);
	ms_put_text(report, node, "via", r->via);
	ms_put_text(report, node, "with", r->with);
	put_tls(report, node, r);
	ms_put_text(report, node, "id", r->id);
	ms_put_text(report, node, "for", r->for_);
	if (r->envelope_from.p)
		ms_put_text(report, node, "envelope_from", r->envelope_from);
	ms_put_bool(report, node, "authenticated", r->authenticated);
	if (r->auth_user.p)
		ms_put_text(report, node, "auth_user", r->auth_user);
	if (r->date.set)
		ms_put_time(report, node, "time", r->date.time);
	else
		ms_put_null(report, node, "time");
	if (r->date.set && r->date.zone_known)
		ms_put_int(report, node, "time_offset_minutes", r->date.zone);
}

static void
put_hop(
    struct ms_report *report, struct ms_node *node, const struct ms_hop *hop)
{
	struct ms_node *notes;

	put_received(report, node, &hop->received);
	if (hop->delay_known)
		ms_put_int(report, node, "delay_seconds", hop->delay);
	else
		ms_put_null(report, node, "delay_seconds");
	ms_put_bool(report, node, "trusted", hop->trust != MS_TRUST_CLAIMED);
	ms_put_string(report, node, "trust", ms_trust_name(hop->trust));
	ms_put_string(report, node, "dialect", hop->received.dialect);
	ms_put_bool(report, node, "relay", hop->received.relay);
	ms_put_bool(report, node, "parsed", hop->received.parsed);
	if (hop->synthetic)
		ms_put_string(report, node, "made_of", hop->synthetic_field);
	ms_describe_place(report, node, &hop->geo);
	put_special(report, node, hop->special);
	put_id_time(report, node, &hop->id_time);
	if (hop->offset_known)
		ms_put_int(
		    report, node, "clock_offset_seconds", hop->clock_offset);
	notes = ms_put_array(report, node, "notes");
	for (size_t i = 0; i < 8 && hop->notes[i]; i++)
		ms_put_string(report, notes, NULL, hop->notes[i]);
	ms_put_evidence(report, node, "raw", hop->received.value);
}

static void
put_origin(struct ms_report *report, struct ms_node *parent,
    const struct ms_trace *trace)
{
	struct ms_node *node = ms_put_object(report, parent, "origin");

	ms_put_ip(report, node, "ip", &trace->origin);
	if (trace->origin_hop >= 0)
		ms_put_int(report, node, "hop", trace->origin_hop);
	else
		ms_put_null(report, node, "hop");
	ms_put_string(report, node, "why", trace->origin_why);
	node = ms_put_object(report, parent, "claimed_client");
	ms_put_ip(report, node, "ip", &trace->claimed_client);
	if (trace->claimed_hop >= 0)
		ms_put_int(report, node, "hop", trace->claimed_hop);
	else
		ms_put_null(report, node, "hop");
}

static void
put_index(
    struct ms_report *report, struct ms_node *node, const char *key, int index)
{
	if (index >= 0)
		ms_put_int(report, node, key, index);
	else
		ms_put_null(report, node, key);
}

static void
put_trace(struct ms_report *report, const struct ms_trace *trace)
{
	struct ms_node *node = ms_put_object(report, report->data, "trace");
	struct ms_node *hops = ms_put_array(report, node, "hops");

	for (size_t i = 0; i < trace->n; i++)
		put_hop(
		    report, ms_put_object(report, hops, NULL), &trace->hops[i]);
	put_origin(report, node, trace);
	put_index(report, node, "boundary_hop", trace->boundary);
	ms_put_string(report, node, "trust_boundary",
	    trace->trust_given ? "given" : "inferred");
	if (trace->total_known)
		ms_put_int(report, node, "total_seconds", trace->total);
	else
		ms_put_null(report, node, "total_seconds");
	put_index(report, node, "slowest_hop", trace->slowest);
	ms_put_int(report, node, "received_fields", (int64_t)trace->received);
	ms_put_int(report, node, "unparsed", (int64_t)trace->unparsed);
}

/* ---- text ---- */

static void
duration(int64_t seconds, char *out, size_t n)
{
	int64_t s = seconds < 0 ? -seconds : seconds;
	const char *sign = seconds < 0 ? "-" : "";

	if (s < 120)
		snprintf(out, n, "%s%" PRId64 " s", sign, s);
	else if (s < 7200)
		snprintf(out, n, "%s%" PRId64 " min", sign, s / 60);
	else if (s < 172800)
		snprintf(out, n, "%s%" PRId64 " h", sign, s / 3600);
	else
		snprintf(out, n, "%s%" PRId64 " days", sign, s / 86400);
}

static struct ms_slice
place_text(struct ms_report *report, const struct ms_hop *hop)
{
	const struct ms_geo_place *geo = &hop->geo;
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	if (hop->special && !geo->found) {
		ms_buf_text(&buf, hop->special->class);
		return ms_buf_get(&buf);
	}
	if (geo->city.n > 0) {
		ms_buf_slice(&buf, geo->city);
		ms_buf_text(&buf, ", ");
	}
	if (geo->country.n > 0)
		ms_buf_slice(&buf, geo->country);
	if (geo->asn)
		ms_buf_printf(
		    &buf, "%sAS%" PRIu32, buf.n > 0 ? " " : "", geo->asn);
	return ms_buf_get(&buf);
}

/* "mail.example.org [192.0.2.1] helo=other": the reverse name and the address
 * are what the server saw; HELO is what the client said, shown where it says
 * something else. */
static struct ms_slice
from_text(struct ms_report *report, const struct ms_received *r)
{
	char ip[MS_IP_TEXT] = "";
	struct ms_slice name = r->rdns;
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	if (name.n == 0 && r->helo.n == 0)
		name = r->from;
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	ms_buf_slice(&buf, describe_defang(report, name));
	if (r->ip.set)
		ms_ip_format(&r->ip, ip);
	if (*ip && !ms_slice_is(name, ip))
		ms_buf_printf(&buf, "%s[%s]", name.n > 0 ? " " : "", ip);
	if (r->helo.n > 0 && !ms_slice_equal_nocase(r->helo, name)) {
		ms_buf_printf(&buf, "%shelo=", buf.n > 0 ? " " : "");
		ms_buf_slice(&buf, describe_defang(report, r->helo));
	}
	return ms_buf_get(&buf);
}

static enum ms_style
trust_style(enum ms_trust trust)
{
	static const enum ms_style styles[] = {
		[MS_TRUST_OURS] = MS_STYLE_GOOD,
		[MS_TRUST_BOUNDARY] = MS_STYLE_STRONG,
		[MS_TRUST_CLAIMED] = MS_STYLE_DIM,
	};

	return styles[trust];
}

static struct ms_slice
secured_text(const struct ms_received *r)
{
	if (r->authenticated)
		return r->tls ? MS_SLICE("auth, TLS") : MS_SLICE("auth");
	return r->tls ? MS_SLICE("TLS") : MS_SLICE("");
}

/* "by mx.example.org (TLSv1.3)" */
static struct ms_slice
by_text(struct ms_report *report, const struct ms_received *r)
{
	struct ms_slice by = describe_defang(report, r->by);
	struct ms_slice secured = secured_text(r);
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	if (by.n > 0) {
		ms_buf_text(&buf, "by ");
		ms_buf_slice(&buf, by);
	}
	if (secured.n > 0)
		ms_buf_printf(&buf, "%s(%.*s)", buf.n > 0 ? " " : "",
		    (int)secured.n, (const char *)secured.p);
	return ms_buf_get(&buf);
}

/* "08:30:39, -23 s": of the day in UTC, and since the hop before. */
static struct ms_slice
time_text(struct ms_report *report, size_t index, const struct ms_hop *hop)
{
	char time[MS_TIME_TEXT], delay[32] = "?";

	if (!hop->received.date.set)
		return ms_slice_from(index == 0 ? "" : "?");
	ms_time_format(hop->received.date.time, time);
	if (hop->delay_known)
		duration(hop->delay, delay, sizeof(delay));
	return ms_slice_from(ms_arena_printf(report->arena, "%.8s%s%s",
	    time + 11, index > 0 ? ", " : "", index > 0 ? delay : ""));
}

static void
say_hop_row(struct ms_report *report, struct ms_node *table, const char *index,
    const struct ms_hop *hop, struct ms_slice host, struct ms_slice place)
{
	struct ms_node *row = ms_say_row(report, table);
	bool back = hop->delay_known && hop->delay < 0;

	ms_say_cellf(report, row, MS_STYLE_DIM, true, "%s", index);
	ms_say_cellf(report, row, trust_style(hop->trust), false, "%s",
	    *index ? ms_trust_name(hop->trust) : "");
	ms_say_cell(report, row, MS_STYLE_PLAIN, false, host);
	ms_say_cell(report, row,
	    !*index && back ? MS_STYLE_WARN : MS_STYLE_PLAIN, false, place);
}

/* Two rows: who handed over and where that is; who took it and when. */
static void
say_hop(struct ms_report *report, struct ms_node *table, size_t index,
    const struct ms_hop *hop)
{
	const struct ms_received *r = &hop->received;
	struct ms_slice from =
	    r->parsed ? from_text(report, r) : MS_SLICE("(not understood)");
	struct ms_slice by = by_text(report, r);
	struct ms_slice time = time_text(report, index, hop);
	const char *number = ms_arena_printf(report->arena, "%zu", index);

	if (from.n > 0) {
		say_hop_row(
		    report, table, number, hop, from, place_text(report, hop));
		number = "";
	}
	if (from.n == 0 || by.n > 0 || time.n > 0)
		say_hop_row(report, table, number, hop, by, time);
}

/* A page has room for a column each: one row a hop. */
static void
say_hop_wide(struct ms_report *report, struct ms_node *table, size_t index,
    const struct ms_hop *hop)
{
	const struct ms_received *r = &hop->received;
	bool back = hop->delay_known && hop->delay < 0;
	struct ms_node *row = ms_say_row(report, table);
	char time[MS_TIME_TEXT] = "", delay[32] = "";

	if (r->date.set) {
		ms_time_format(r->date.time, time);
		time[10] = ' ';
		time[19] = '\0';
	}
	if (hop->delay_known)
		duration(hop->delay, delay, sizeof(delay));
	ms_say_cellf(report, row, MS_STYLE_DIM, true, "%zu", index);
	ms_say_cellf(report, row, trust_style(hop->trust), false, "%s",
	    ms_trust_name(hop->trust));
	ms_say_cell(report, row, MS_STYLE_PLAIN, false,
	    r->parsed ? from_text(report, r) : MS_SLICE("(not understood)"));
	ms_say_cell(
	    report, row, MS_STYLE_PLAIN, false, describe_defang(report, r->by));
	ms_say_cell(report, row, MS_STYLE_PLAIN, false, secured_text(r));
	ms_say_cellf(report, row, MS_STYLE_PLAIN, false, "%s", time);
	ms_say_cellf(report, row, back ? MS_STYLE_WARN : MS_STYLE_PLAIN, true,
	    "%s", delay);
	ms_say_cell(
	    report, row, MS_STYLE_PLAIN, false, place_text(report, hop));
}

static void
say_hops(struct ms_report *report, const struct ms_trace *trace)
{
	bool wide = (report->audience & MS_FOR_PAGE) != 0;
	struct ms_node *table = ms_say_table(report, 2);

	if (wide)
		ms_say_heads(report, table, true, ">hop", "trust", "from", "by",
		    "with", "time, UTC", ">delay", "place", NULL);
	else
		ms_say_heads(report, table, true, ">hop", "trust", "from, by",
		    "place; UTC, delay", NULL);
	for (size_t i = 0; i < trace->n; i++)
		if (wide)
			say_hop_wide(report, table, i, &trace->hops[i]);
		else
			say_hop(report, table, i, &trace->hops[i]);
}

static void
say_notes(struct ms_report *report, const struct ms_trace *trace)
{
	for (size_t i = 0; i < trace->n; i++)
		for (size_t k = 0; k < 8 && trace->hops[i].notes[k]; k++)
			ms_say(report, 2, MS_STYLE_DIM, "hop %zu: %s", i,
			    trace->hops[i].notes[k]);
}

static void
say_times(struct ms_report *report, const struct ms_trace *trace)
{
	char text[32], first[MS_TIME_TEXT] = "", last[MS_TIME_TEXT] = "";

	for (size_t i = 0; i < trace->n; i++) {
		const struct ms_date *date = &trace->hops[i].received.date;

		if (!date->set)
			continue;
		if (!*first)
			ms_time_format(date->time, first);
		ms_time_format(date->time, last);
	}
	if (trace->total_known) {
		duration(trace->total, text, sizeof(text));
		ms_say_pairf(report, "In all", MS_STYLE_PLAIN, "%s, %s to %s%s",
		    text, first, last,
		    trace->total < 0 ? "; one of the clocks is off" : "");
	}
	if (trace->slowest >= 0) {
		duration(trace->hops[trace->slowest].delay, text, sizeof(text));
		ms_say_pairf(report, "Slowest", MS_STYLE_PLAIN, "hop %d, %s",
		    trace->slowest, text);
	}
}

void
ms_describe_trace(struct ms_report *report, const struct ms_trace *trace)
{
	char ip[MS_IP_TEXT] = "none";

	if (report->audience & MS_FOR_DATA)
		put_trace(report, trace);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	ms_say_heading(report, "THE WAY IT CAME (oldest hop first)");
	if (trace->n > 0)
		say_hops(report, trace);
	say_notes(report, trace);
	if (trace->n > 0)
		ms_say_blank(report);
	if (trace->origin.set)
		ms_ip_format(&trace->origin, ip);
	ms_say_pairf(report, "Origin", MS_STYLE_STRONG, "%s%s %s", ip,
	    trace->origin.set ? "," : ":",
	    trace->origin_why ? trace->origin_why : "");
	if (trace->claimed_client.set) {
		ms_ip_format(&trace->claimed_client, ip);
		ms_say_pairf(report, "Claimed", MS_STYLE_PLAIN,
		    "%s, the oldest client address that the message claims, "
		    "hop %d",
		    ip, trace->claimed_hop);
	}
	say_times(report, trace);
}
