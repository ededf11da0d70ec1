/* SPDX-License-Identifier: ISC
 * trace.c - the way a message came, oldest hop first
 */
#include "mailsonde/trace.h"

#include <inttypes.h>
#include <limits.h>

#include "trace_priv.h"

static void
parse_hop(const struct ms_parse *parse, const struct ms_header *header,
    const struct ms_field *field, struct ms_hop *hop)
{
	struct ms_slice value = ms_field_value(parse, field);

	memset(hop, 0, sizeof(*hop));
	ms_received_parse(parse, value, &hop->received);
	hop->received.field = field;
	hop->received.value = value;
	hop->field_index = (unsigned)(field - header->fields);
}

/* Received fields from the bottom up: the oldest first. */
static void
read_hops(const struct ms_parse *parse, const struct ms_header *header,
    struct ms_trace *out)
{
	size_t max = parse->limits->received;
	size_t skip;

	out->received = header->count[MS_FIELD_RECEIVED];
	out->truncated = out->received > max;
	/* The newest are the ones that can be believed: those are kept. */
	skip = out->truncated ? out->received - max : 0;
	out->hops =
	    MS_NEW_ARRAY(parse->arena, struct ms_hop, out->received - skip + 1);
	if (client_ip_find(header, &out->hops[0]))
		out->n = 1;
	for (size_t i = header->n; i > 0; i--) {
		const struct ms_field *field = &header->fields[i - 1];

		if (field->id != MS_FIELD_RECEIVED)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		parse_hop(parse, header, field, &out->hops[out->n]);
		out->unparsed += !out->hops[out->n].received.parsed;
		out->n++;
	}
}

static void
look_up(const struct ms_env *env, struct ms_hop *hop)
{
	if (!hop->received.ip.set)
		return;
	hop->special = ms_ip_special(&hop->received.ip);
	if (env->geo->lookup(env->geo, &hop->received.ip, &hop->geo) != MS_OK)
		memset(&hop->geo, 0, sizeof(hop->geo));
}

static void
add_note(struct ms_hop *hop, const char *note)
{
	size_t i = 0;

	while (i < 7 && hop->notes[i])
		i++;
	if (i < 7)
		hop->notes[i] = note;
}

static void
note_delay(struct ms_arena *arena, struct ms_hop *hop)
{
	if (hop->unexplained)
		add_note(hop, "its date fits no clock that is merely off; see "
			      "trace-clock");
	else if (hop->offset_known && hop->clock_offset > 0)
		add_note(hop,
		    ms_arena_printf(arena,
			"its clock seems to be ahead by at least %" PRId64 " s",
			hop->clock_offset));
}

static void
note(struct ms_arena *arena, struct ms_hop *hop)
{
	const struct ms_received *r = &hop->received;

	if (hop->synthetic)
		add_note(
		    hop, ms_arena_printf(arena,
			     "made of the field %s, which anybody can write",
			     hop->synthetic_field));
	else if (!r->parsed)
		add_note(hop, "the line fits no known form; kept as it is");
	else if (!r->relay)
		add_note(hop, "not a hand-over between hosts");
	if (!hop->synthetic && r->parsed && !r->date.set)
		add_note(hop, "no date could be read");
	else if (r->date.oddities & MS_DATE_NO_ZONE)
		add_note(hop, "its date names no zone; taken as UTC");
	note_delay(arena, hop);
}

void
ms_trace_build(const struct ms_env *env, const struct ms_parse *parse,
    const struct ms_message *message, struct ms_trace *out)
{
	memset(out, 0, sizeof(*out));
	read_hops(parse, &message->header, out);
	trust_mark(env, out);
	clock_model(out);
	for (size_t i = 0; i < out->n; i++) {
		struct ms_hop *hop = &out->hops[i];

		look_up(env, hop);
		ms_id_time_parse(hop->received.id, &hop->received,
		    hop->received.date.set ? hop->received.date.time : 0,
		    &hop->id_time);
		note(parse->arena, hop);
	}
}

enum ms_trust
ms_trace_field_trust(const struct ms_trace *trace, unsigned field_index)
{
	unsigned boundary;

	/* Nobody outside touched it, or nothing is known: with no boundary
	 * only a message whose hops are all ours can be believed. */
	if (trace->boundary < 0)
		return trace->origin_hop >= 0 ? MS_TRUST_OURS
					      : MS_TRUST_CLAIMED;
	boundary = trace->hops[trace->boundary].field_index;
	if (field_index < boundary)
		return MS_TRUST_OURS;
	return field_index == boundary ? MS_TRUST_BOUNDARY : MS_TRUST_CLAIMED;
}
