/* SPDX-License-Identifier: ISC
 * sender.c - who handed the message to our side: what SPF is asked about
 *
 * Each of the three has several places that may tell it, tried in the order
 * of their worth; where it came from is part of the result.
 */
#include "mailsonde/sender.h"

struct finder {
	const struct ms_parse *parse;
	const struct ms_message *message;
	const struct ms_trace *trace;
	const struct ms_claims *claims;
	struct ms_sender *out;
};

static const struct ms_hop *
boundary(const struct finder *f)
{
	return f->trace->boundary < 0 ? NULL
				      : &f->trace->hops[f->trace->boundary];
}

/* A property of an spf result that our own side wrote: of Received-SPF by its
 * plain name, of Authentication-Results as smtp.NAME. */
static struct ms_slice
our_word(const struct finder *f, const char *plain, const char *smtp)
{
	const struct ms_field *fields = f->message->header.fields;

	for (size_t i = 0; i < f->claims->n; i++) {
		const struct ms_authres *c = &f->claims->list[i];

		if (ms_trace_field_trust(f->trace,
			(unsigned)(c->field - fields)) == MS_TRUST_CLAIMED)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			const struct ms_authres_method *m = &c->methods[k];

			for (size_t p = 0; p < m->n; p++) {
				const struct ms_authres_property *q =
				    &m->properties[p];
				bool same =
				    q->ptype.p
					? ms_slice_is(q->ptype, "smtp") &&
					      ms_slice_is(q->property, smtp)
					: ms_slice_is(q->property, plain);

				if (ms_slice_is(m->method, "spf") && same &&
				    q->value.n > 0)
					return q->value;
			}
		}
	}
	return ms_slice_make(NULL, 0);
}

struct ms_slice
ms_sender_address(struct ms_slice s)
{
	s = ms_slice_trim(s);
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		return ms_slice_part(s, 1, s.n - 1);
	return s;
}

static void
find_ip(const struct finder *f)
{
	struct ms_sender *out = f->out;
	struct ms_slice word;

	if (f->trace->origin.set) {
		out->ip = f->trace->origin;
		out->ip_why = ms_arena_printf(f->parse->arena, "hop %d, %s",
		    f->trace->origin_hop, f->trace->origin_why);
		return;
	}
	word = our_word(f, "client-ip", "remote-ip");
	if (word.p && ms_ip_parse_literal(word, &out->ip)) {
		out->ip_why = "the client-ip that our side wrote down";
		return;
	}
	out->ip_why = ms_arena_printf(
	    f->parse->arena, "no address is known: %s", f->trace->origin_why);
}

/* The final delivery puts it on top (RFC 5321 4.4). */
static bool
return_path_is_ours(const struct finder *f)
{
	const struct ms_header *header = &f->message->header;
	const struct ms_field *field =
	    ms_header_find(header, MS_FIELD_RETURN_PATH);

	return field &&
	       ms_trace_field_trust(f->trace,
		   (unsigned)(field - header->fields)) != MS_TRUST_CLAIMED;
}

static void
find_mail_from(const struct finder *f)
{
	struct ms_sender *out = f->out;
	const struct ms_addresses *path = &f->message->return_path;
	const struct ms_hop *hop = boundary(f);
	struct ms_slice word;

	out->mail_from_known = true;
	if (path->n > 0 && return_path_is_ours(f)) {
		out->mail_from = path->list[0].address;
		out->mail_from_why = "Return-Path";
		return;
	}
	if (hop && hop->received.envelope_from.p) {
		out->mail_from = ms_sender_address(hop->received.envelope_from);
		out->mail_from_why = "the Received field of the boundary";
		return;
	}
	word = our_word(f, "envelope-from", "mailfrom");
	if (word.p) {
		out->mail_from = ms_sender_address(word);
		out->mail_from_why = "the SPF result that our side wrote down";
		return;
	}
	if (path->n > 0) {
		out->mail_from = path->list[0].address;
		out->mail_from_why = "Return-Path, written below the boundary";
		return;
	}
	out->mail_from_known = false;
	out->mail_from_why = "no Return-Path and no other trace of MAIL FROM";
}

static void
find_helo(const struct finder *f)
{
	struct ms_sender *out = f->out;
	const struct ms_hop *hop = boundary(f);

	if (hop && hop->received.helo.n > 0) {
		out->helo = hop->received.helo;
		out->helo_why = "the Received field of the boundary";
		return;
	}
	out->helo = our_word(f, "helo", "helo");
	out->helo_why = out->helo.p ? "the SPF result that our side wrote down"
				    : "no HELO is written at the boundary";
}

void
ms_sender_find(const struct ms_parse *parse, const struct ms_message *message,
    const struct ms_trace *trace, const struct ms_claims *claims,
    const struct ms_sender_given *given, struct ms_sender *out)
{
	static const struct ms_sender_given nothing;
	struct finder f = { parse, message, trace, claims, out };

	memset(out, 0, sizeof(*out));
	if (!given)
		given = &nothing;
	out->ip = given->ip;
	out->mail_from_known = given->mail_from_given;
	out->mail_from = given->mail_from;
	out->helo = given->helo;
	out->ip_why = out->mail_from_why = out->helo_why = "given";
	if (!given->ip.set)
		find_ip(&f);
	if (!given->mail_from_given)
		find_mail_from(&f);
	if (!given->helo.p)
		find_helo(&f);
}
