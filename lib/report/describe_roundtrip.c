/* SPDX-License-Identifier: ISC
 * describe_roundtrip.c - a message's round trip as report nodes
 */
#include "describe_priv.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

#define VALUE_MAX 500

/* What filters say of a message, wherever they say it. */
static const char *const spam_fields[] = {
	"X-Spam-Status",
	"X-Spam-Flag",
	"X-Spam-Score",
	"X-Spam-Level",
	"X-Spam-Report",
	"X-Spam",
	"X-Spamd-Result",
	"X-Spamd-Bar",
	"X-Rspamd-Action",
	"X-Rspamd-Score",
	"X-Forefront-Antispam-Report",
	"X-MS-Exchange-Organization-SCL",
	"X-Microsoft-Antispam",
	"X-SES-Spam-Verdict",
	"X-Proofpoint-Spam-Details",
	"X-Barracuda-Spam-Status",
	"X-Barracuda-Spam-Score",
	"X-Bogosity",
	"X-Virus-Scanned",
	"X-Greylist",
};

#define SPAM_FIELDS (sizeof(spam_fields) / sizeof(*spam_fields))

/* ---- data ---- */

static void
put_seconds(struct ms_report *report, struct ms_node *parent, const char *key,
    double seconds)
{
	ms_put_double(
	    report, parent, key, (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6);
}

static void
put_server(struct ms_report *report, struct ms_node *parent,
    const struct ms_probe_result *r)
{
	struct ms_node *server = ms_put_object(report, parent, "server");

	ms_put_string(report, server, "protocol", r->target.protocol->name);
	ms_put_text(report, server, "host", r->target.host);
	ms_put_ip(report, server, "address", &r->ip);
	ms_put_int(report, server, "port", r->target.port);
	ms_put_string(
	    report, server, "tls", r->tls.established ? r->tls.version : NULL);
	ms_put_string(report, server, "phase", ms_probe_phase_name(r->phase));
	ms_put_string(report, server, "why", r->why);
	describe_put_login(report, server, r);
}

static void
put_submission(struct ms_report *report, struct ms_node *parent,
    const struct ms_submission *s)
{
	struct ms_node *out = ms_put_object(report, parent, "submission");

	put_server(report, out, &s->probe);
	ms_put_bool(report, out, "accepted", s->accepted);
	ms_put_string(report, out, "step", ms_submit_step_name(s->step));
	if (s->reply.code > 0)
		ms_put_int(report, out, "code", s->reply.code);
	else
		ms_put_null(report, out, "code");
	ms_put_texts(report, out, "reply", s->reply.lines, s->reply.n);
	ms_put_text(report, out, "queue_id", s->queue_id);
	put_seconds(report, out, "seconds", s->seconds);
}

static void
put_pickup(
    struct ms_report *report, struct ms_node *parent, const struct ms_pickup *p)
{
	struct ms_node *out = ms_put_object(report, parent, "pickup");

	put_server(report, out, &p->probe);
	ms_put_bool(report, out, "found", p->found);
	ms_put_text(report, out, "folder", p->folder);
	ms_put_bool(report, out, "junk", p->junk);
	ms_put_int(report, out, "copies", p->copies);
	ms_put_int(report, out, "looks", p->looks);
	ms_put_int(report, out, "sessions", p->sessions);
	ms_put_bool(report, out, "pushed", p->pushed);
	ms_put_int(report, out, "deleted", p->deleted);
	ms_put_int(report, out, "cleaned", p->cleaned);
	ms_put_string(report, out, "left_behind", p->left);
	put_seconds(report, out, "seconds", p->seconds);
}

static void
put_bounce(
    struct ms_report *report, struct ms_node *parent, const struct ms_bounce *b)
{
	struct ms_node *out = ms_put_object(report, parent, "bounce");

	put_server(report, out, &b->pickup.probe);
	ms_put_bool(report, out, "found", b->pickup.found);
	ms_put_text(report, out, "action", b->action);
	ms_put_text(report, out, "status", b->status);
	ms_put_text(report, out, "diagnostic", b->diagnostic);
	ms_put_text(report, out, "reporter", b->reporter);
	ms_put_int(report, out, "deleted", b->pickup.deleted);
	ms_put_string(report, out, "left_behind", b->pickup.left);
}

static void
put_changes(struct ms_report *report, struct ms_node *parent,
    const struct ms_roundtrip_changes *c)
{
	struct ms_node *out = ms_put_object(report, parent, "changes");
	struct ms_node *list = ms_put_array(report, out, "fields");

	for (size_t i = 0; i < c->n; i++) {
		struct ms_node *field = ms_put_object(report, list, NULL);

		ms_put_text(report, field, "name", c->list[i].name);
		ms_put_evidence(report, field, "sent", c->list[i].sent);
		ms_put_evidence(report, field, "received", c->list[i].received);
	}
	ms_put_texts(report, out, "added", c->added, c->added_n);
	ms_put_bool(report, out, "body", c->body);
	ms_put_string(report, out, "sent_sha256", c->sent_sha256);
	ms_put_string(report, out, "received_sha256", c->received_sha256);
}

static void
put_spam(struct ms_report *report, struct ms_node *parent,
    const struct ms_header *header)
{
	struct ms_node *list = ms_put_array(report, parent, "spam_headers");

	for (size_t i = 0; i < SPAM_FIELDS; i++) {
		const struct ms_field *field =
		    ms_header_find_name(header, spam_fields[i]);
		struct ms_node *node;

		if (!field)
			continue;
		node = ms_put_object(report, list, NULL);
		ms_put_text(report, node, "name", field->name);
		ms_put_evidence(report, node, "value", field->value);
	}
}

static void
put_trip(struct ms_report *report, const struct ms_roundtrip *trip,
    const struct ms_header *header)
{
	struct ms_node *out = ms_put_section(report, "roundtrip");

	ms_put_string(report, out, "token", trip->mark);
	ms_put_text(report, out, "message_id", trip->message_id);
	if (trip->submission.step != MS_SUBMIT_NONE)
		ms_put_time(report, out, "sent", trip->sent_at);
	else
		ms_put_null(report, out, "sent");
	ms_put_bool(report, out, "arrived", trip->pickup.found);
	if (trip->pickup.found)
		put_seconds(report, out, "seconds",
		    trip->submission.seconds + trip->pickup.seconds);
	else
		ms_put_null(report, out, "seconds");
	if (!trip->unready)
		put_submission(report, out, &trip->submission);
	put_pickup(report, out, &trip->pickup);
	if (trip->bounce.pickup.sessions > 0)
		put_bounce(report, out, &trip->bounce);
	if (!trip->pickup.found)
		return;
	put_changes(report, out, &trip->changes);
	put_spam(report, out, header);
}

/* ---- text ---- */

/* Two servers there are: of which it is said. */
static void
say_failure(struct ms_report *report, const struct describe_answer *answer,
    const struct ms_probe_result *r)
{
	ms_say_answer(report, answer->style, "%s: %s://%.*s: %s", answer->word,
	    r->target.protocol->name, TEXT(r->target.host), answer->text);
}

static void
say_answer(struct ms_report *report, const struct ms_roundtrip *trip)
{
	const struct ms_pickup *p = &trip->pickup;
	struct describe_answer answer = describe_answer_of(report, "");

	if (p->found)
		ms_say_answer(report, p->junk ? MS_STYLE_BAD : MS_STYLE_GOOD,
		    "%s after %.2f s%s%.*s",
		    p->junk ? "TAKEN FOR SPAM" : "ARRIVED",
		    trip->submission.seconds + p->seconds,
		    p->folder.p ? " in " : "", TEXT(p->folder));
	else if (trip->unready)
		say_failure(report, &answer, &p->probe);
	else if (trip->submission.step == MS_SUBMIT_NONE)
		say_failure(report, &answer, &trip->submission.probe);
	else
		ms_say_answer(report, answer.style, "%s: %s",
		    trip->submission.accepted ? "NOT ARRIVED" : answer.word,
		    answer.text);
}

static void
say_server(struct ms_report *report, const char *label,
    const struct ms_probe_result *r)
{
	bool reached = r->phase > MS_PROBE_CONNECT;

	ms_say_pairf(report, label, MS_STYLE_PLAIN, "%s://%.*s:%u%s%s%s%s%s%s",
	    r->target.protocol->name, TEXT(r->target.host), r->target.port,
	    r->tls.established ? ", "
	    : reached          ? ", no TLS"
			       : "",
	    r->tls.established ? r->tls.version : "", r->login.user ? ", " : "",
	    r->login.user ? r->login.user : "",
	    r->login.mechanism ? " by " : "",
	    r->login.mechanism ? r->login.mechanism : "");
}

static void
say_submission(struct ms_report *report, const struct ms_submission *s)
{
	say_server(report, "By", &s->probe);
	if (s->step == MS_SUBMIT_NONE)
		describe_say_login(report, &s->probe);
	if (s->reply.n > 0)
		ms_say_pairf(report, s->accepted ? "Accepted" : "Refused",
		    s->accepted ? MS_STYLE_GOOD : MS_STYLE_BAD,
		    "%s, after %.2f s: %d %.*s", ms_submit_step_name(s->step),
		    s->seconds, s->reply.code, TEXT(*s->reply.lines));
	if (s->queue_id.p)
		ms_say_pair(report, "Queue id", MS_STYLE_STRONG, s->queue_id);
}

static void
say_pickup(struct ms_report *report, const struct ms_pickup *p)
{
	say_server(report, "Mailbox", &p->probe);
	if (!p->ready)
		describe_say_login(report, &p->probe);
	if (!p->found)
		return;
	ms_say_pairf(report, "Seen", p->junk ? MS_STYLE_BAD : MS_STYLE_GOOD,
	    "%.2f s later%s%.*s, at look %u%s", p->seconds,
	    p->folder.p ? " in " : "", TEXT(p->folder), p->looks,
	    p->pushed ? ", of which the server told (IDLE)" : "");
	ms_say_pairf(report, "Cleaned", p->left ? MS_STYLE_WARN : MS_STYLE_DIM,
	    "%s%s", p->deleted > 0 ? "deleted" : "left there",
	    p->left ? ": see below" : "");
}

static void
say_changes(struct ms_report *report, const struct ms_roundtrip_changes *c)
{
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < c->added_n; i++)
		ms_buf_printf(
		    &text, "%s%.*s", i > 0 ? ", " : "", TEXT(c->added[i]));
	if (text.n > 0)
		ms_say_pair(report, "Added", MS_STYLE_DIM,
		    describe_cut(report, ms_buf_get(&text), VALUE_MAX));
	for (size_t i = 0; i < c->n; i++)
		ms_say_pairf(report, "Changed", MS_STYLE_WARN,
		    "%.*s: \"%.*s\" %s%.*s%s", TEXT(c->list[i].name),
		    TEXT(describe_cut(report, c->list[i].sent, 100)),
		    c->list[i].received.p ? "became \"" : "is gone",
		    TEXT(describe_cut(report, c->list[i].received, 100)),
		    c->list[i].received.p ? "\"" : "");
	ms_say_pairf(report, "Body", c->body ? MS_STYLE_WARN : MS_STYLE_GOOD,
	    "%s", c->body ? "changed on the way" : "as it was sent");
}

static void
say_spam(struct ms_report *report, const struct ms_header *header)
{
	for (size_t i = 0; i < SPAM_FIELDS; i++) {
		const struct ms_field *field =
		    ms_header_find_name(header, spam_fields[i]);

		if (field)
			ms_say_pairf(report, "Filter", MS_STYLE_PLAIN,
			    "%.*s: %.*s", TEXT(field->name),
			    TEXT(
				describe_cut(report, field->value, VALUE_MAX)));
	}
}

static void
say_trip(struct ms_report *report, const struct ms_roundtrip *trip,
    const struct ms_header *header)
{
	const struct ms_submission *s = &trip->submission;

	say_answer(report, trip);
	ms_say_blank(report);
	if (!trip->unready) {
		ms_say_pairf(report, "Sent", MS_STYLE_PLAIN,
		    "from <%.*s> to <%.*s>", TEXT(s->from), TEXT(s->to));
		say_submission(report, s);
	}
	say_pickup(report, &trip->pickup);
	if (trip->bounce.pickup.sessions > 0)
		say_server(report, "Bounces", &trip->bounce.pickup.probe);
	if (trip->message_id.p)
		ms_say_pair(report, "Known as", MS_STYLE_DIM, trip->message_id);
	if (trip->pickup.cleaned > 0)
		ms_say_pairf(report, "Removed", MS_STYLE_DIM,
		    "%u message%s of earlier runs", trip->pickup.cleaned,
		    trip->pickup.cleaned == 1 ? "" : "s");
	if (!trip->pickup.found)
		return;
	say_changes(report, &trip->changes);
	say_spam(report, header);
	ms_say_blank(report);
}

static void
say_transcript(struct ms_report *report, const char *title,
    const struct ms_probe_result *r)
{
	if (!r->transcript)
		return;
	ms_say_heading(report, title);
	describe_say_transcript(report, r);
}

void
ms_describe_roundtrip(struct ms_report *report, const struct ms_roundtrip *trip,
    const struct ms_header *header)
{
	ms_roundtrip_findings(report, trip, header);
	if (report->audience & MS_FOR_DATA)
		put_trip(report, trip, header);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	say_trip(report, trip, header);
	say_transcript(report, "SUBMISSION", &trip->submission.probe);
	say_transcript(report, "MAILBOX", &trip->pickup.probe);
}
