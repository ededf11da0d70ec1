/* SPDX-License-Identifier: ISC
 * describe_tls.c - a server's certificate and the chain behind it, as report
 * nodes
 */
#include "describe_priv.h"

#include <stdio.h>

#include "mailsonde/digest.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

#define NAMES_SHOWN 4 /* of one certificate, to people */

/* ---- data ---- */

static void
put_digest(struct ms_report *report, struct ms_node *node, const char *key,
    const unsigned char digest[32])
{
	char text[65];

	ms_hex(digest, 32, text);
	ms_put_string(report, node, key,
	    ms_arena_string(report->arena, ms_slice_from(text)));
}

static void
put_names(struct ms_report *report, struct ms_node *node,
    const struct ms_certificate *c)
{
	struct ms_node *array = ms_put_array(report, node, "names");

	for (size_t i = 0; i < c->names_n; i++)
		ms_put_text(report, array, NULL, c->names[i]);
	for (size_t i = 0; i < c->ips_n; i++)
		ms_put_ip(report, array, NULL, &c->ips[i]);
}

static void
put_dates(struct ms_report *report, struct ms_node *node,
    const struct ms_certificate *c)
{
	if (c->dated) {
		ms_put_time(report, node, "not_before", c->not_before);
		ms_put_time(report, node, "not_after", c->not_after);
	} else {
		ms_put_null(report, node, "not_before");
		ms_put_null(report, node, "not_after");
	}
}

static void
put_key(struct ms_report *report, struct ms_node *node,
    const struct ms_certificate *c)
{
	struct ms_node *key = ms_put_object(report, node, "key");

	ms_put_string(report, key, "type", c->key_type);
	if (c->key_bits)
		ms_put_int(report, key, "bits", c->key_bits);
	else
		ms_put_null(report, key, "bits");
	ms_put_string(report, key, "curve", c->curve);
}

static void
put_certificate(struct ms_report *report, struct ms_node *array,
    const struct ms_certificate *c)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_string(report, node, "fault", c->fault);
	put_digest(report, node, "sha256", c->sha256);
	if (c->fault)
		return;
	put_digest(report, node, "spki_sha256", c->spki_sha256);
	ms_put_text(report, node, "subject", c->subject);
	ms_put_text(report, node, "issuer", c->issuer);
	ms_put_text(report, node, "serial", c->serial);
	put_dates(report, node, c);
	put_key(report, node, c);
	ms_put_string(report, node, "signature", c->signature);
	ms_put_bool(report, node, "self_signed", c->self_signed);
	ms_put_bool(report, node, "ca", c->ca);
}

static void
put_chain(
    struct ms_report *report, struct ms_node *tls, const struct ms_chain *chain)
{
	struct ms_node *array = ms_put_array(report, tls, "chain");

	for (size_t i = 0; i < chain->n; i++)
		put_certificate(report, array, &chain->list[i]);
	if (chain->truncated)
		ms_put_bool(report, tls, "chain_truncated", true);
}

static void
put_staple(
    struct ms_report *report, struct ms_node *tls, const struct ms_staple *s)
{
	struct ms_node *node;

	if (s->status == MS_STAPLE_NONE) {
		ms_put_null(report, tls, "staple");
		return;
	}
	node = ms_put_object(report, tls, "staple");
	ms_put_string(report, node, "status", ms_staple_status_name(s->status));
	ms_put_string(report, node, "fault", s->fault);
	if (s->status == MS_STAPLE_UNREADABLE || s->status == MS_STAPLE_OTHER)
		return;
	ms_put_time(report, node, "this_update", s->this_update);
	if (s->has_next)
		ms_put_time(report, node, "next_update", s->next_update);
	if (s->status == MS_STAPLE_REVOKED) {
		ms_put_time(report, node, "revoked", s->revoked_at);
		ms_put_string(report, node, "reason", s->reason);
	}
	ms_put_bool(report, node, "current", s->current);
	if (s->checked)
		ms_put_bool(report, node, "authentic", s->authentic);
	else
		ms_put_null(report, node, "authentic");
}

static void
put_own(
    struct ms_report *report, struct ms_node *tls, const struct ms_identity *id)
{
	const struct ms_certificate *own = &id->chain.list[0];

	put_names(report, tls, own);
	ms_put_text(report, tls, "subject", own->subject);
	ms_put_text(report, tls, "issuer", own->issuer);
	put_dates(report, tls, own);
	if (own->dated)
		ms_put_int(report, tls, "days_left", id->days);
	else
		ms_put_null(report, tls, "days_left");
	put_key(report, tls, own);
	ms_put_string(report, tls, "signature", own->signature);
	ms_put_bool(report, tls, "must_staple", own->must_staple);
	ms_put_int(report, tls, "scts", (int64_t)own->scts);
}

static void
put_other(struct ms_report *report, struct ms_node *tls,
    const struct ms_identity *other, const struct ms_delivery *delivery)
{
	struct ms_node *node;

	if (!other)
		return;
	node = ms_put_object(report, tls, "other");
	ms_put_bool(report, node, "verified", other->valid);
	ms_put_bool(report, node, "trusted", other->trusted);
	ms_put_string(report, node, "verify_error", other->why);
	if (other->shown)
		put_own(report, node, other);
	ms_put_string(report, node, "dane",
	    delivery->other.status != MS_DANE_NONE
		? ms_dane_status_name(delivery->other.status)
		: NULL);
	put_staple(report, node, &other->staple);
	put_chain(report, node, &other->chain);
}

void
describe_put_tls(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r, const struct ms_identity *id,
    const struct ms_delivery *delivery)
{
	const struct ms_tls_facts *facts = &r->tls;
	struct ms_node *tls;

	if (!r->tls_tried) {
		ms_put_null(report, server, "tls");
		return;
	}
	tls = ms_put_object(report, server, "tls");
	ms_put_string(report, tls, "version", facts->version);
	ms_put_string(report, tls, "cipher", facts->cipher);
	ms_put_string(report, tls, "group", facts->group);
	if (r->scan)
		ms_put_tls_scan(report, tls, r->scan);
	if (!facts->established) {
		ms_put_bool(report, tls, "verified", false);
		ms_put_string(report, tls, "error", facts->error);
		if (facts->alert >= 0)
			ms_put_int(report, tls, "alert", facts->alert);
		return;
	}
	ms_put_bool(report, tls, "verified", id->valid);
	ms_put_bool(report, tls, "trusted", id->trusted);
	ms_put_string(report, tls, "verify_error", id->why);
	if (id->shown)
		put_own(report, tls, id);
	ms_put_string(report, tls, "dane",
	    delivery->dane.status != MS_DANE_NONE
		? ms_dane_status_name(delivery->dane.status)
		: NULL);
	put_staple(report, tls, &id->staple);
	put_chain(report, tls, &id->chain);
	put_other(report, tls, id->other, delivery);
}

/* ---- text ---- */

static void
say_names(struct ms_report *report, const struct ms_identity *id)
{
	const struct ms_certificate *own = &id->chain.list[0];
	bool good =
	    id->match == MS_NAME_MATCHES || id->match == MS_NAME_BY_WILDCARD;
	struct ms_buf text;
	char ip[MS_IP_TEXT];

	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < own->names_n && i < NAMES_SHOWN; i++)
		ms_buf_printf(
		    &text, "%s%.*s", i > 0 ? ", " : "", TEXT(own->names[i]));
	for (size_t i = 0; i < own->ips_n && i < NAMES_SHOWN; i++) {
		ms_ip_format(&own->ips[i], ip);
		ms_buf_printf(&text, "%s%s", text.n > 0 ? ", " : "", ip);
	}
	if (own->names_n > NAMES_SHOWN)
		ms_buf_printf(
		    &text, " and %zu more", own->names_n - NAMES_SHOWN);
	if (text.n == 0)
		ms_buf_slice(&text, own->subject);
	ms_say_pairf(report, "Certificate",
	    good ? MS_STYLE_GOOD : MS_STYLE_WARN, "%.*s%s",
	    TEXT(ms_buf_get(&text)),
	    good                         ? ""
	    : id->match == MS_NAME_BY_CN ? " (in the subject alone)"
					 : " (not the host's name)");
}

static void
say_dates(struct ms_report *report, const struct ms_identity *id)
{
	const struct ms_certificate *own = &id->chain.list[0];
	char from[MS_TIME_TEXT], to[MS_TIME_TEXT];

	if (!own->dated)
		return;
	ms_time_format(own->not_before, from);
	ms_time_format(own->not_after, to);
	ms_say_pairf(report, "Valid",
	    id->expired || id->early ? MS_STYLE_BAD : MS_STYLE_PLAIN,
	    id->expired ? "%.10s to %.10s, over for %lld days"
	    : id->early ? "%.10s to %.10s, not yet"
			: "%.10s to %.10s, %lld days left",
	    from, to, (long long)(id->expired ? -id->days : id->days));
}

static void
say_chain(struct ms_report *report, const struct ms_identity *id)
{
	const struct ms_chain *chain = &id->chain;

	ms_say_pairf(report, "Chain",
	    id->trusted ? MS_STYLE_GOOD : MS_STYLE_WARN,
	    "%zu certificate%s, %s%s%s", chain->n, chain->n == 1 ? "" : "s",
	    id->trusted ? "trusted" : "not trusted",
	    chain->in_order ? "" : ", out of order",
	    chain->root_sent ? ", with the root" : "");
}

static void
say_staple(struct ms_report *report, const struct ms_staple *s)
{
	char to[MS_TIME_TEXT] = "";

	if (s->status == MS_STAPLE_NONE)
		return;
	if (s->has_next)
		ms_time_format(s->next_update, to);
	ms_say_pairf(report, "Staple",
	    s->status == MS_STAPLE_GOOD && s->current ? MS_STYLE_GOOD
						      : MS_STYLE_WARN,
	    "%s%s%.10s%s%s%s", ms_staple_status_name(s->status),
	    s->has_next ? ", until " : "", to,
	    s->checked && !s->authentic ? ", not by its issuer" : "",
	    s->fault ? ": " : "", s->fault ? s->fault : "");
}

/* Beside the first, in a line. */
static void
say_other(struct ms_report *report, const struct ms_identity *other)
{
	const struct ms_certificate *own = &other->chain.list[0];
	char to[MS_TIME_TEXT] = "?";

	if (own->dated)
		ms_time_format(own->not_after, to);
	ms_say_pairf(report, "Also",
	    other->valid ? MS_STYLE_GOOD : MS_STYLE_WARN,
	    "%s %u, until %.10s, by %.*s%s%s", own->key_type, own->key_bits, to,
	    TEXT(own->issuer), other->valid ? "" : ": ",
	    other->valid ? "" : other->why);
}

void
describe_say_certificate(struct ms_report *report, const struct ms_identity *id)
{
	const struct ms_certificate *own = &id->chain.list[0];
	char bits[24] = "";

	if (!id->shown) {
		ms_say_pairf(report, "Certificate", MS_STYLE_WARN, "%s",
		    id->chain.n == 0 ? "none" : own->fault);
		return;
	}
	say_names(report, id);
	ms_say_pair(report, "Issued by", MS_STYLE_PLAIN, own->issuer);
	say_dates(report, id);
	if (!own->curve && own->key_bits)
		snprintf(bits, sizeof(bits), "%u bits", own->key_bits);
	ms_say_pairf(report, "Key", MS_STYLE_PLAIN, "%s %s, signed with %s",
	    own->key_type, own->curve ? own->curve : bits, own->signature);
	say_chain(report, id);
	say_staple(report, &id->staple);
	if (id->other && id->other->shown)
		say_other(report, id->other);
}
