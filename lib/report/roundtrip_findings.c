/* SPDX-License-Identifier: ISC
 * roundtrip_findings.c - what went wrong with a message on its round trip, but
 * for what is wrong with the message that arrived
 */
#include "describe_priv.h"

#define TEXT(s)                                                                \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

static void
find(struct ms_report *report, const struct ms_finding *f)
{
	struct ms_finding copy = *f;

	if (!copy.evidence)
		copy.evidence = ms_put_object(report, NULL, NULL);
	ms_report_finding(report, &copy);
}

/* ---- a server that could not be used ---- */

struct server {
	const char *what; /* "the submission server" */
	const struct ms_probe_result *probe;
};

static void
cannot_tell(struct ms_report *report, const struct server *server)
{
	const struct ms_probe_result *r = server->probe;

	if (r->refusal.n > 0)
		ms_report_error(report, "server", true,
		    "%s (%.*s): %s: %d %.*s", server->what,
		    TEXT(r->target.host), r->why ? r->why : "it would not",
		    r->refusal.code, TEXT(*r->refusal.lines));
	else
		ms_report_error(report, "server", true, "%s (%.*s): %s",
		    server->what, TEXT(r->target.host),
		    r->why ? r->why : "the conversation ended");
}

/* A log-in that failed is said as probe says it. */
static void
judge_server(struct ms_report *report, const struct server *server)
{
	const struct ms_login_result *login = &server->probe->login;
	const struct ms_error *last = report->errors_last;
	size_t before = report->findings_n;

	if (login->asked && login->outcome != MS_LOGIN_OK)
		describe_login_findings(report, server->probe);
	if (report->errors_last == last && report->findings_n == before)
		cannot_tell(report, server);
}

/* ---- handing it in ---- */

static const char *
refused_what(const struct ms_submission *s, struct ms_arena *arena)
{
	switch (s->step) {
	case MS_SUBMIT_MAIL:
		return ms_arena_printf(arena, "the sender %.*s", TEXT(s->from));
	case MS_SUBMIT_RCPT:
		return ms_arena_printf(
		    arena, "the recipient %.*s", TEXT(s->to));
	case MS_SUBMIT_DATA:
		return "to take the message";
	default:
		return "the message";
	}
}

static void
find_refused(struct ms_report *report, const struct ms_submission *s)
{
	struct ms_finding f = {
		.id = "roundtrip-refused",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "The submission server refuses %s",
		    refused_what(s, report->arena)),
		.detail = ms_arena_printf(report->arena,
		    "It says %d %.*s, which is for good: mail of this kind "
		    "does not leave this server.",
		    s->reply.code, TEXT(*s->reply.lines)),
		.fix = "Look the refusal up in the log of the server; the code "
		       "of three numbers in its words says what kind it is.",
		.reference = "RFC 5321 section 4.2.1; RFC 3463",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	ms_put_string(report, f.evidence, "step", ms_submit_step_name(s->step));
	ms_put_int(report, f.evidence, "code", s->reply.code);
	ms_put_evidence(report, f.evidence, "reply", *s->reply.lines);
	find(report, &f);
}

static void
judge_submission(struct ms_report *report, const struct ms_submission *s)
{
	const struct server server = { "the submission server", &s->probe };

	if (s->accepted)
		return;
	if (s->step == MS_SUBMIT_NONE)
		judge_server(report, &server);
	else if (s->reply.code >= 500)
		find_refused(report, s);
	else if (s->reply.code >= 400)
		ms_report_error(report, "submission", true,
		    "the submission server will not have %s now: %d %.*s",
		    refused_what(s, report->arena), s->reply.code,
		    TEXT(*s->reply.lines));
	else
		ms_report_error(report, "submission", true,
		    "the submission server broke off at %s%s: %s",
		    ms_submit_step_name(s->step),
		    s->sent ? ", when it had all of it" : "",
		    s->probe.why ? s->probe.why : "no answer of SMTP");
}

/* ---- waiting for it ---- */

static void
judge_unready(struct ms_report *report, const struct ms_pickup *p)
{
	const struct server server = { "the server of the mailbox", &p->probe };

	if (p->wrong)
		ms_report_error(report, "mailbox", true,
		    "the mailbox at %.*s cannot be read: %s: %.*s; nothing was "
		    "sent",
		    TEXT(p->probe.target.host), p->wrong,
		    TEXT(p->said.p ? p->said : MS_SLICE("refused")));
	else
		judge_server(report, &server);
}

static void
judge_missing(struct ms_report *report, const struct ms_roundtrip *trip)
{
	const struct ms_submission *s = &trip->submission;
	const struct server server = { "the server of the mailbox",
		&trip->pickup.probe };
	const struct server bounces = { "the mailbox for bounces",
		&trip->bounce.pickup.probe };

	if (trip->stopped)
		ms_report_error(report, "interrupted", true,
		    "interrupted after %.0f s: the message has not arrived; "
		    "when it does, it stays there (--clean of a later run "
		    "removes it)",
		    trip->pickup.seconds);
	else
		ms_report_error(report, "arrival", true,
		    "it has not arrived within %.0f s; %.*s%s%.*s, Message-ID "
		    "%.*s, is what to look for in its logs",
		    trip->pickup.seconds, TEXT(s->probe.target.host),
		    s->queue_id.p ? " took it as " : " took it",
		    TEXT(s->queue_id), TEXT(trip->message_id));
	if (!trip->pickup.ready && !trip->stopped)
		cannot_tell(report, &server);
	if (trip->bounce.pickup.sessions > 0 && !trip->bounce.pickup.ready)
		judge_server(report, &bounces);
}

static void
find_bounced(struct ms_report *report, const struct ms_bounce *b)
{
	struct ms_slice said = b->diagnostic.n > 0 ? b->diagnostic : b->status;
	struct ms_finding f = {
		.id = "roundtrip-bounced",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena, "It came back%s%.*s",
		    said.n > 0 ? ": " : "", TEXT(said)),
		.detail = ms_arena_printf(report->arena,
		    "The submission server took it, and %s%.*s could not "
		    "deliver it.",
		    b->reporter.n > 0 ? "" : "a server behind it",
		    TEXT(b->reporter)),
		.fix = "The code of three numbers says what kind of refusal "
		       "it is; the log of the server that reports it has the "
		       "rest.",
		.reference = "RFC 3464 section 2.3; RFC 3463",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	ms_put_text(report, f.evidence, "status", b->status);
	ms_put_evidence(report, f.evidence, "diagnostic", b->diagnostic);
	find(report, &f);
}

static void
find_junk(struct ms_report *report, const struct ms_pickup *p)
{
	struct ms_finding f = {
		.id = "roundtrip-junk",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(report->arena,
		    "It was taken for spam: it is in the mailbox %.*s",
		    TEXT(p->folder)),
		.detail = "The recipient's server put it where people hardly "
			  "look.",
		.fix = "See what its headers say of the reasons (X-Spam-Status "
		       "and kin), and whether SPF, DKIM and DMARC hold.",
		.reference = "RFC 6154 section 2",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	ms_put_text(report, f.evidence, "folder", p->folder);
	find(report, &f);
}

static void
find_copies(struct ms_report *report, const struct ms_pickup *p)
{
	struct ms_finding f = {
		.id = "roundtrip-duplicate",
		.severity = MS_SEVERITY_MEDIUM,
		.title = ms_arena_printf(
		    report->arena, "It arrived %u times", p->copies),
		.detail = "It was sent once. Somewhere it is doubled: by an "
			  "alias that leads to the mailbox twice, a filter "
			  "that keeps a copy, or a server that hands it on "
			  "again after a time-out.",
		.fix = "Compare the Received fields of the copies (--keep "
		       "leaves them): they part where it happens.",
		.reference = "RFC 5321 section 4.5.3.2.6",
	};

	find(report, &f);
}

static void
find_left(struct ms_report *report, const struct ms_pickup *p)
{
	struct ms_finding f = {
		.id = "roundtrip-left-behind",
		.severity = MS_SEVERITY_LOW,
		.title = "The message could not be taken away again",
		.detail = ms_arena_printf(report->arena, "%s%s%.*s.", p->left,
		    p->said.p ? ": " : "", TEXT(p->said)),
		.fix = "Delete it by hand; or let a later run do it (--clean), "
		       "once it is older than a day.",
		.reference = "RFC 9051 section 6.4.3; RFC 1939 section 5",
	};

	find(report, &f);
}

/* ---- what became of it ---- */

struct ms_slice
describe_spam_verdict(const struct ms_header *header)
{
	static const struct {
		const char *name, *word;
	} says[] = {
		{ "X-Spam-Flag", "YES" },
		{ "X-Spam-Status", "Yes" },
		{ "X-Spam", "Yes" },
		{ "X-Spamd-Result", "default: True" },
		{ "X-Bogosity", "Spam" },
		{ "X-SES-Spam-Verdict", "FAIL" },
	};

	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		const struct ms_field *field =
		    ms_header_find_name(header, says[i].name);

		if (field && ms_slice_starts(field->value, says[i].word))
			return field->name;
	}
	return ms_slice_make(NULL, 0);
}

static void
find_marked(struct ms_report *report, struct ms_slice name)
{
	struct ms_finding f = {
		.id = "roundtrip-marked-spam",
		.severity = MS_SEVERITY_HIGH,
		.title = "A filter on its way marked it as spam",
		.detail = ms_arena_printf(report->arena,
		    "Its verdict stands in %.*s; many mailboxes sort by it.",
		    TEXT(name)),
		.fix = "Look at the reasons in that field and those beside it.",
		.evidence = ms_put_object(report, NULL, NULL),
		.reference = "Mail::SpamAssassin::Conf, add_header",
	};

	ms_put_text(report, f.evidence, "field", name);
	find(report, &f);
}

/* That a filter tags a subject, or a list rewrites the author. */
static void
find_changed(
    struct ms_report *report, const struct ms_roundtrip_changes *changes)
{
	struct ms_buf names;
	struct ms_finding f = {
		.id = "roundtrip-header-changed",
		.severity = MS_SEVERITY_LOW,
		.detail = "Whoever relays mail adds fields on top and leaves "
			  "the others as they are: what changes them breaks "
			  "the signatures that cover them.",
		.fix = "Look for the filter, list or gateway that does it.",
		.reference = "RFC 5321 section 6.4",
		.evidence = ms_put_object(report, NULL, NULL),
	};
	struct ms_node *list = ms_put_array(report, f.evidence, "fields");

	if (changes->n == 0)
		return;
	ms_buf_init(&names, report->arena);
	for (size_t i = 0; i < changes->n; i++) {
		struct ms_slice name = changes->list[i].name;

		ms_buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", TEXT(name));
		ms_put_text(report, list, NULL, name);
	}
	f.title = ms_arena_printf(report->arena,
	    "Header fields were changed on the way: %.*s",
	    TEXT(ms_buf_get(&names)));
	find(report, &f);
}

static void
find_body(struct ms_report *report, const struct ms_roundtrip_changes *changes)
{
	struct ms_finding f = {
		.id = "roundtrip-body-changed",
		.severity = MS_SEVERITY_LOW,
		.title = "The body was changed on the way",
		.detail = "It is not the one that was sent, lines' ends and "
			  "empty lines at its end aside: signatures made "
			  "before the change do not hold any more.",
		.fix = "Look for what adds a footer or disclaimer, rewrites "
		       "links or encodes it anew, and let it do so before "
		       "the message is signed.",
		.reference = "RFC 6376 section 3.7",
		.evidence = ms_put_object(report, NULL, NULL),
	};

	if (!changes->body)
		return;
	ms_put_string(report, f.evidence, "sent_sha256", changes->sent_sha256);
	ms_put_string(
	    report, f.evidence, "received_sha256", changes->received_sha256);
	find(report, &f);
}

/* ---- all ---- */

void
ms_roundtrip_findings(struct ms_report *report, const struct ms_roundtrip *trip,
    const struct ms_header *header)
{
	const struct ms_pickup *p = &trip->pickup;

	if (trip->unready) {
		judge_unready(report, p);
		return;
	}
	judge_submission(report, &trip->submission);
	if (!trip->submission.sent) {
		if (trip->stopped)
			ms_report_error(report, "interrupted", true,
			    "interrupted: nothing was sent");
		return;
	}
	if (trip->bounce.pickup.found) {
		find_bounced(report, &trip->bounce);
		return;
	}
	if (!p->found) {
		judge_missing(report, trip);
		return;
	}
	if (p->junk)
		find_junk(report, p);
	if (p->copies > 1)
		find_copies(report, p);
	if (p->left)
		find_left(report, p);
	if (describe_spam_verdict(header).p)
		find_marked(report, describe_spam_verdict(header));
	find_changed(report, &trip->changes);
	find_body(report, &trip->changes);
}
