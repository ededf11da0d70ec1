/* SPDX-License-Identifier: ISC
 * describe_arc.c - the chain of ARC sets, as report nodes
 */
#include "describe_dkim_priv.h"

/* ---- data ---- */

static void
put_part(struct ms_report *report, struct ms_node *parent, const char *key,
    const struct ms_message *message, const struct ms_field *field,
    const struct ms_dkim_signature *s)
{
	struct ms_node *node;

	if (!field) {
		ms_put_null(report, parent, key);
		return;
	}
	node = ms_put_object(report, parent, key);
	describe_signature(report, node, message, s);
	if (s->body_hashed)
		ms_put_bool(report, node, "body_hash_ok", s->body_hash_ok);
}

static void
put_instance(struct ms_report *report, struct ms_node *array,
    const struct ms_message *message, const struct ms_arc_instance *set)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	ms_put_int(report, node, "instance", set->instance);
	ms_put_string(report, node, "cv", ms_arc_cv_name(set->cv));
	ms_put_text(report, node, "domain", set->as.domain);
	ms_put_text(report, node, "selector", set->as.selector);
	put_part(report, node, "seal", message, set->seal, &set->as);
	put_part(report, node, "message_signature", message, set->message,
	    &set->ams);
	if (set->results)
		ms_put_evidence(report, node, "results", set->results->value);
	else
		ms_put_null(report, node, "results");
}

static void
put_arc(struct ms_report *report, const struct ms_message *message,
    const struct ms_arc_result *arc)
{
	struct ms_node *node =
	    ms_put_object(report, ms_put_section(report, "auth"), "arc");
	struct ms_node *array;

	ms_put_string(report, node, "result", ms_auth_result_name(arc->result));
	ms_put_string(report, node, "reason", arc->reason);
	if (arc->result != MS_AUTH_NONE) {
		if (arc->failed_instance > 0)
			ms_put_int(report, node, "failed_instance",
			    arc->failed_instance);
		ms_put_int(report, node, "oldest_pass", arc->oldest_pass);
	}
	array = ms_put_array(report, node, "instances");
	for (size_t i = 0; i < arc->n; i++)
		put_instance(report, array, message, &arc->instances[i]);
}

/* ---- text ---- */

static void
say_part(struct ms_report *report, const char *what,
    const struct ms_field *field, const struct ms_dkim_signature *s)
{
	if (!field) {
		ms_say(report, 4, MS_STYLE_BAD, "%s missing", what);
		return;
	}
	if (s->result == MS_AUTH_NONE) {
		ms_say(report, 4, MS_STYLE_PLAIN, "%s not judged", what);
		return;
	}
	ms_say(report, 4, describe_result_style(s->result), "%s %s%s%s", what,
	    ms_auth_result_name(s->result), s->reason ? ": " : "",
	    s->reason ? s->reason : "");
}

static void
say_instance(struct ms_report *report, const struct ms_arc_instance *set)
{
	const char *cv = ms_arc_cv_name(set->cv);

	ms_say(report, 2, MS_STYLE_STRONG, "set %u by %.*s (%s), cv=%s",
	    set->instance,
	    (int)(set->as.domain.n > 255 ? 255 : set->as.domain.n),
	    set->as.domain.p ? (const char *)set->as.domain.p : "?",
	    describe_signature_particulars(report, &set->as), cv ? cv : "?");
	say_part(report, "seal:", set->seal, &set->as);
	say_part(report, "message:", set->message, &set->ams);
}

static void
say_unchanged(struct ms_report *report, const struct ms_arc_result *arc)
{
	if (arc->oldest_pass == 0)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "The message was changed after the last set was made.");
	else if (arc->oldest_pass == 1)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "The message is as it was when the first set was made.");
	else
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "The message is as it was when set %u was made; it was "
		    "changed before.",
		    arc->oldest_pass);
}

static bool
judged(const struct ms_arc_result *arc)
{
	for (size_t i = 0; i < arc->n; i++)
		if (arc->instances[i].ams.result == MS_AUTH_NONE ||
		    arc->instances[i].ams.code == MS_DKIM_NOT_KEPT ||
		    arc->instances[i].ams.result == MS_AUTH_TEMPERROR)
			return false;
	return arc->n > 0;
}

static void
say_arc(struct ms_report *report, const struct ms_arc_result *arc)
{
	ms_say_heading(report, "ARC");
	if (arc->result == MS_AUTH_NONE) {
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "none: the message carries no chain.");
		return;
	}
	ms_say(report, 2, describe_result_style(arc->result), "%s: %s",
	    ms_auth_result_name(arc->result), arc->reason);
	for (size_t i = arc->n; i > 0; i--)
		say_instance(report, &arc->instances[i - 1]);
	if (judged(arc))
		say_unchanged(report, arc);
	ms_say(report, 2, MS_STYLE_DIM,
	    "A chain tells who handled the message, not that they told the "
	    "truth. ARC (RFC 8617) is experimental and about to be made "
	    "Historic.");
}

void
ms_describe_arc(struct ms_report *report, const struct ms_message *message,
    const struct ms_arc_result *arc)
{
	if (report->audience & MS_FOR_DATA)
		put_arc(report, message, arc);
	if (arc->result == MS_AUTH_TEMPERROR)
		for (size_t i = 0; i < arc->n; i++) {
			describe_no_answer(report, &arc->instances[i].as);
			describe_no_answer(report, &arc->instances[i].ams);
		}
	if (report->audience & MS_FOR_TEXT)
		say_arc(report, arc);
}
