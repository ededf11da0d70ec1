/* SPDX-License-Identifier: ISC
 * roundtrip.c - a marked message, handed in and waited for
 *
 * First the mailbox is visited: where it cannot be read, nothing is sent that
 * nobody would fetch. All times are those of the conversations.
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/digest.h"
#include "mailsonde/header.h"

#define SUBMIT_SECONDS 90 /* filters take their time: RFC 5321 4.5.3.2.6 */
#define VISIT_SECONDS  30
#define CLEAN_SECONDS  60
#define BOUNCE_AFTER   10 /* seconds; then after twice as many */
#define GRACE          20 /* for a last look, and for taking it away */
#define FAILURES_MAX   3  /* sessions one after another that led nowhere */

struct trip {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_roundtrip_request *request;
	struct ms_roundtrip *out;
	struct pickup pickup, bounce;
	double used; /* seconds so far */
};

/* ---- a session ---- */

/* The shorter of the time that it may take and what is left of all. */
static double
at_most(const struct trip *t, double seconds)
{
	double left = t->env->timeout - t->used;

	if (t->env->timeout <= 0 || left > seconds)
		return seconds;
	return left > 0.001 ? left : 0.001;
}

static void
session(struct trip *t, const struct ms_mail_account *account, double seconds,
    void (*then)(struct probe *probe, void *context), void *context,
    struct ms_probe_result *out)
{
	struct ms_probe_options options = {
		.ehlo = t->request->ehlo,
		.transcript = t->request->transcript,
		.login = account->login,
		.then = then,
		.context = context,
	};
	struct ms_env env = *t->env;

	env.timeout = at_most(t, seconds);
	ms_probe_run(&env, t->arena, &account->target, &options, out);
	t->used += out->timing.total;
}

/* A visit to the mailbox of one side. */
static void
visit(struct trip *t, struct pickup *p, const struct ms_mail_account *account,
    double seconds)
{
	bool pop3 = account->target.protocol->service == MS_PROBE_POP3;
	struct ms_pickup *out = p->out;

	out->sessions++;
	p->base = t->used;
	session(t, account, seconds, pop3 ? pickup_pop3 : pickup_imap, p,
	    &out->probe);
	/* what was marked goes when the session ends in good order */
	if (pop3 && out->deleted > 0 && out->probe.phase != MS_PROBE_DONE) {
		out->deleted = 0;
		out->left = "the session broke off before its end";
	}
}

static bool
is_stopped(struct trip *t)
{
	return pickup_gives_up(&t->pickup, t->used);
}

static void
tell(const struct trip *t, const char *what, double seconds)
{
	if (t->request->progress)
		t->request->progress(t->request->context, what, seconds);
}

/* ---- waiting ---- */

static void
rest(struct trip *t, double seconds)
{
	struct probe probe = { .env = t->env };

	pickup_pause(&t->pickup, &probe, seconds);
	t->used += seconds;
}

/* The value of a field of the report, wherever it stands. */
static struct ms_slice
field_of(struct ms_slice message, const char *name)
{
	struct ms_slice line;

	while (ms_slice_line(&message, false, &line))
		if (ms_slice_starts(line, name))
			return ms_slice_trim(
			    ms_slice_part(line, strlen(name), line.n));
	return ms_slice_make(NULL, 0);
}

static void
look_for_bounce(struct trip *t)
{
	struct ms_bounce *out = &t->out->bounce;
	struct ms_slice report;

	t->bounce.waiting = true;
	t->bounce.began = t->used;
	visit(t, &t->bounce, t->request->bounces, VISIT_SECONDS);
	report = out->pickup.message;
	if (!out->pickup.found)
		return;
	out->action = field_of(report, "Action:");
	out->status = field_of(report, "Status:");
	out->diagnostic = field_of(report, "Diagnostic-Code:");
	out->reporter = field_of(report, "Reporting-MTA:");
}

/* Seconds of one visit: those that are left, or up to the next look at where
 * it would come back. */
static double
budget_of(const struct trip *t, double left, double until_bounce)
{
	if (left < 0)
		return 0;
	return t->request->bounces && until_bounce < left ? until_bounce : left;
}

static void
wait_for_it(struct trip *t)
{
	struct ms_pickup *out = &t->out->pickup;
	double began = t->used, wait = at_most(t, t->request->wait);
	double bounce = BOUNCE_AFTER;
	unsigned failures = 0;

	t->pickup.waiting = true;
	for (unsigned n = 0;; n++) {
		double waited = t->used - began, pause = pickup_interval(n);

		t->pickup.began = waited;
		t->pickup.budget = budget_of(t, wait - waited, bounce - waited);
		out->ready = false;
		visit(t, &t->pickup, &t->request->pickup,
		    t->pickup.budget + GRACE);
		failures = out->ready ? 0 : failures + 1;
		waited = t->used - began;
		if (!out->found)
			out->seconds = waited;
		if (is_stopped(t) || t->pickup.done)
			return;
		if (t->request->bounces &&
		    (waited >= bounce || waited >= wait)) {
			look_for_bounce(t);
			bounce = 2 * waited;
		}
		if (t->bounce.done || waited >= wait ||
		    failures == FAILURES_MAX)
			return;
		rest(t, pause < wait - waited ? pause : wait - waited);
	}
}

/* ---- all of it ---- */

static bool
send_it(struct trip *t)
{
	struct ms_submission *s = &t->out->submission;
	const char *wrong;

	t->out->sent_at = t->env->clock.now + (int64_t)t->used;
	s->from = t->request->from;
	s->to = t->request->to;
	if (!ms_roundtrip_letter(t->env, t->arena, t->request, t->out->sent_at,
		&s->message, &t->out->message_id, &wrong))
		return false;
	t->pickup.id = t->out->message_id;
	if (ms_slice_starts(t->pickup.id, "<") &&
	    ms_slice_ends(t->pickup.id, ">"))
		t->pickup.id =
		    ms_slice_part(t->pickup.id, 1, t->pickup.id.n - 1);
	tell(t, "handing it in", t->used);
	session(t, &t->request->submit, SUBMIT_SECONDS, submit_message, s,
	    &s->probe);
	return s->sent;
}

static void
travel(struct trip *t)
{
	bool clean = t->request->clean;

	tell(t, "visiting the mailbox", 0);
	visit(t, &t->pickup, &t->request->pickup,
	    clean ? CLEAN_SECONDS : VISIT_SECONDS);
	t->out->unready = !t->out->pickup.ready;
	if (!t->out->unready && !is_stopped(t) && send_it(t))
		wait_for_it(t);
}

void
ms_roundtrip_run(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_roundtrip_request *request, struct ms_roundtrip *out)
{
	struct trip t = { .env = env,
		.arena = arena,
		.request = request,
		.out = out,
		.pickup = { .request = request,
		    .out = &out->pickup,
		    .trip = out,
		    .mark = out->mark,
		    .now = env->clock.now } };

	t.bounce = t.pickup;
	t.bounce.bounce = true;
	t.bounce.out = &out->bounce.pickup;

	memset(out, 0, sizeof(*out));
	ms_hex(request->mark, MS_MARK_BYTES, out->mark);
	ms_map_init(&t.pickup.seen, arena);
	ms_map_init(&t.bounce.seen, arena);
	travel(&t);
	out->seconds = t.used;
	if (out->pickup.found)
		ms_roundtrip_compare(env, arena, out->submission.message,
		    out->pickup.message, &out->changes);
}

/* ---- what it lost and gained ---- */

static struct ms_slice
body_of(const struct ms_header *header, struct ms_slice message)
{
	return ms_slice_part(message, header->body, message.n);
}

/* Of the body with CRLF behind each line, and none that is empty at its end
 * (as RFC 6376 3.4.3 has it). */
static void
hash_body(struct ms_arena *arena, struct ms_slice body, char out[65])
{
	struct ms_digests digests;
	struct ms_slice line;
	struct ms_buf text;
	size_t end = 0;

	ms_buf_init(&text, arena);
	while (ms_slice_line(&body, false, &line)) {
		ms_buf_slice(&text, line);
		ms_buf_text(&text, "\r\n");
		if (line.n > 0)
			end = text.n;
	}
	ms_digest_bytes(MS_DIGEST_SHA256,
	    ms_slice_part(ms_buf_get(&text), 0, end), &digests);
	ms_hex(digests.sha256, 32, out);
}

static const struct ms_field *
nth_of_name(const struct ms_header *header, struct ms_slice name, size_t nth)
{
	for (size_t i = 0; i < header->n; i++)
		if (ms_slice_equal_nocase(header->fields[i].name, name) &&
		    nth-- == 0)
			return &header->fields[i];
	return NULL;
}

/* How many of its name stand above it. */
static size_t
number_of(const struct ms_header *header, size_t at)
{
	size_t n = 0;

	for (size_t i = 0; i < at; i++)
		n += ms_slice_equal_nocase(
		    header->fields[i].name, header->fields[at].name);
	return n;
}

static size_t
count_of(const struct ms_header *header, struct ms_slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < header->n; i++)
		n += ms_slice_equal_nocase(header->fields[i].name, name);
	return n;
}

/* Of a name that occurs more often than it was sent, those at the bottom are
 * the ones that were sent. */
static void
compare_field(const struct ms_header *sent, size_t at,
    const struct ms_header *received, struct ms_roundtrip_changes *out)
{
	const struct ms_field *field = &sent->fields[at], *its;
	size_t had = count_of(sent, field->name);
	size_t has = count_of(received, field->name);
	size_t skip = has > had ? has - had : 0;
	struct ms_roundtrip_change change = { .name = field->name,
		.sent = field->value };

	its = nth_of_name(received, field->name, skip + number_of(sent, at));
	if (its && ms_slice_equal(its->value, field->value))
		return;
	if (its)
		change.received = its->value;
	out->list[out->n++] = change;
}

static bool
is_listed(const struct ms_roundtrip_changes *out, struct ms_slice name)
{
	for (size_t i = 0; i < out->added_n; i++)
		if (ms_slice_equal_nocase(out->added[i], name))
			return true;
	return false;
}

#define FIELDS_MOST 500 /* compared: each is looked for among all */

static void
read_header(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice message, struct ms_header *out)
{
	struct ms_defects *defects = MS_NEW(arena, struct ms_defects);
	struct ms_parse parse = { arena, NULL, &env->limits, defects, message.p,
		NULL };

	ms_header_parse(&parse, message, 0, out);
	if (out->n > FIELDS_MOST)
		out->n = FIELDS_MOST;
}

void
ms_roundtrip_compare(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice sent, struct ms_slice received,
    struct ms_roundtrip_changes *out)
{
	struct ms_header before, after;

	memset(out, 0, sizeof(*out));
	read_header(env, arena, sent, &before);
	read_header(env, arena, received, &after);
	out->list = MS_NEW_ARRAY(arena, struct ms_roundtrip_change, before.n);
	out->added = MS_NEW_ARRAY(arena, struct ms_slice, after.n);
	for (size_t i = 0; i < before.n; i++)
		compare_field(&before, i, &after, out);
	for (size_t i = 0; i < after.n; i++)
		if (count_of(&before, after.fields[i].name) <
			count_of(&after, after.fields[i].name) &&
		    !is_listed(out, after.fields[i].name))
			out->added[out->added_n++] = after.fields[i].name;
	hash_body(arena, body_of(&before, sent), out->sent_sha256);
	hash_body(arena, body_of(&after, received), out->received_sha256);
	out->body = strcmp(out->sent_sha256, out->received_sha256) != 0;
}
