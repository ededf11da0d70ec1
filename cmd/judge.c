/* SPDX-License-Identifier: ISC
 * judge.c - one message, from its bytes to a report
 */
#include "judge.h"

#include "env.h"
#include "extract.h"
#include "mailsonde/describe.h"
#include "mailsonde/magic.h"

#define MAGIC_BYTES (64 * 1024)

static void
say_subject(struct ms_report *report, const struct ms_mailbox_item *item)
{
	const char *format = ms_mailbox_format_name(item->format);

	if (item->single)
		ms_say_pairf(report, "File", MS_STYLE_DIM, "%s (%s, %zu bytes)",
		    item->path, format, item->raw.n);
	else
		ms_say_pairf(report, "File", MS_STYLE_DIM,
		    "%s, message %zu (%s, %zu bytes)", item->path, item->index,
		    format, item->raw.n);
}

static void
read_claims(struct ms_case *subject, struct ms_claims *claims)
{
	ms_claims_read(subject->parse, &subject->message->header, claims);
	subject->claims = claims->list;
	subject->claims_n = claims->n;
}

/* What the small table of signatures does not know, libmagic may: for the
 * attachments that are judged. */
static void
ask_magic(struct judge_room *room, struct ms_message *message)
{
	for (struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part)) {
		unsigned char bytes[MAGIC_BYTES];
		struct ms_codec codec;
		struct ms_slice head;

		if (part->kind != MS_PART_LEAF || part->detected ||
		    !ms_part_is_attachment(part))
			continue;
		ms_codec_init(&codec, part->encoding, part->body);
		codec.bare_cr = part->bare_cr;
		if (ms_codec_next(&codec, bytes, sizeof(bytes), &head))
			part->magic =
			    ms_magic_type(room->magic, room->arena, head);
	}
}

/* The time to judge at: --at received is the boundary hop's date. */
static int64_t
judgement_time(const struct ms_env *env, const struct ms_trace *trace)
{
	const struct ms_hop *hop;

	if (!env->at_received || !trace || trace->boundary < 0)
		return env->clock.now;
	hop = &trace->hops[trace->boundary];
	return hop->received.date.set ? hop->received.date.time
				      : env->clock.now;
}

/* SPF, DKIM, ARC and DMARC. Where nobody may be asked, the little that would
 * come out is no judgement, unless just that was asked for. */
bool
judge_authenticates(const struct judge *judge)
{
	return judge->plan->auth &&
	       (judge->plan->auth_only || !env_asks_nobody(judge->options));
}

static void
authenticate(const struct judge *judge, struct ms_case *subject,
    const struct ms_claims *claims, const struct ms_dkim_ahead *ahead,
    struct ms_report *report, struct ms_authentication *out)
{
	struct ms_authenticate_options options = judge->auth;

	if (!judge_authenticates(judge))
		return;
	if (ahead && ahead->canonical.n > 0)
		options.ahead = ahead;
	ms_authenticate(judge->env, subject->parse, subject->message,
	    subject->trace, claims, &options, report->time, out);
	subject->auth = out;
}

/* Every question that failed has been told already, where it was asked. */
static void
report_unknown(const struct ms_case *subject, struct ms_report *report)
{
	const char *unknown =
	    subject->auth ? ms_authentication_unknown(subject->auth) : NULL;

	if (unknown && !report->errors)
		ms_report_error(report, "dns", true, "%s", unknown);
}

static void
run_checks(const struct plan *plan, const struct ms_case *subject,
    struct ms_report *report)
{
	unsigned have = plan->checks;

	if (!subject->auth)
		have &= ~(unsigned)MS_NEEDS_AUTH;
	if (have)
		ms_checks_run(subject, have, plan->only, report);
}

static void
run_rules(const struct packs *packs, const struct ms_case *subject,
    struct ms_report *report)
{
	for (size_t i = 0; i < packs->n; i++)
		ms_rules_run(&packs->list[i], subject, report);
}

void
judge_parse(const struct judge *judge, struct judge_room *room,
    const struct ms_mailbox_item *item, struct ms_digest_jobs *later,
    struct ms_message *out)
{
	struct ms_message_options options = judge->plan->parse;

	options.pasted |= item->format == MS_FORMAT_HEADERS;
	if (item->mapped && !item->outlook)
		options.passed = ms_mailbox_passed;
	options.later = later;
	options.outlook = item->outlook;
	ms_message_parse(room->arena, room->charsets, &judge->env->limits,
	    ms_mailbox_message(item), &options, out);
}

void
judge_message(const struct judge *judge, struct judge_room *room,
    const struct ms_mailbox_item *item, struct judge_ahead *ahead,
    struct ms_report *report)
{
	const struct plan *plan = judge->plan;
	struct ms_message *message =
	    ahead ? &ahead->message : MS_NEW(room->arena, struct ms_message);
	struct ms_trace trace;
	struct ms_claims claims;
	struct ms_authentication auth;
	struct ms_slice raw = ms_mailbox_message(item);
	struct ms_parse parse = { room->arena, room->charsets,
		&judge->env->limits, &message->defects, raw.p, item->outlook };
	struct ms_case subject = {
		.env = judge->env, .parse = &parse, .message = message
	};

	if (!ahead)
		judge_parse(judge, room, item, NULL, message);
	if (plan->trace) {
		ms_trace_build(judge->env, &parse, message, &trace);
		subject.trace = &trace;
	}
	report->time = judgement_time(judge->env, subject.trace);
	if (plan->claims)
		read_claims(&subject, &claims);
	if (plan->checks & MS_NEEDS_CONTENT)
		ask_magic(room, message);
	authenticate(judge, &subject, &claims, ahead ? &ahead->body : NULL,
	    report, &auth);
	run_checks(plan, &subject, report);
	run_rules(&judge->packs, &subject, report);
	ms_describe_limits(report, message, subject.trace, item->truncated);
	if (plan->answer) {
		plan->answer(&subject, report);
		ms_say_blank(report);
	}
	say_subject(report, item);
	plan->describe(&subject, judge->options, report);
	report_unknown(&subject, report);
	if (judge->options->extract)
		extract_parts(judge->options->extract, item, message, report);
	if (judge->options->canonical && subject.auth && item->outlook)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "nothing is saved of what was signed: an Outlook file does "
		    "not keep it");
	else if (judge->options->canonical && subject.auth)
		extract_canonical(judge->options->canonical, item, message,
		    &subject.auth->dkim, report);
}

/* <> and an empty word are the null sender. */
static struct ms_sender_given
sender_given(const struct options *options)
{
	struct ms_sender_given out = { .ip = options->ip };

	if (options->helo)
		out.helo = ms_slice_trim(ms_slice_from(options->helo));
	out.mail_from_given = options->mail_from != NULL;
	if (options->mail_from)
		out.mail_from =
		    ms_sender_address(ms_slice_from(options->mail_from));
	return out;
}

int
judge_open(struct judge *judge, struct ms_arena *arena)
{
	const struct options *options = judge->options;
	struct ms_authenticate_options *auth = &judge->auth;
	int code;

	auth->given = sender_given(options);
	auth->explain = true;
	auth->keys = ms_dkim_keys_new();
	code = packs_open(&judge->packs, arena, &options->rules, options);
	return code ? code : env_open_keys(judge->env, options, &auth->archive);
}

void
judge_close(struct judge *judge)
{
	packs_close(&judge->packs);
	if (judge->auth.keys)
		ms_dkim_keys_free(judge->auth.keys);
	if (judge->auth.archive)
		judge->auth.archive->close(judge->auth.archive);
}
