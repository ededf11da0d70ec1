/* SPDX-License-Identifier: ISC
 * submit.c - a message handed in: MAIL, RCPT, DATA, RFC 5321 3.3, RFC 6409
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"

const char *
ms_submit_step_name(enum ms_submit_step step)
{
	static const char *const names[] = { "none", "mail", "rcpt", "data",
		"message" };

	return names[step];
}

/* ---- the reply's id ---- */

/* Words that an id stands behind, and what ends it. */
static const struct {
	const char *words, *end;
} behind[] = {
	{ "queued as ", " ,;)" },     /* Postfix, Halon */
	{ "InternalId=", " ,]" },     /* Exchange */
	{ "Message Queued (", " )" }, /* Haraka */
	{ "qp ", " ,;)" },            /* qmail */
	{ " id=", " ,;)" },           /* Exim, Stalwart */
};

/* Words that stand behind an id. */
static const char *const before[] = {
	" Message accepted for delivery", /* Sendmail, OpenSMTPD */
	" - gsmtp",                       /* Google */
};

static struct ms_slice
to_any(struct ms_slice s, const char *ends)
{
	size_t n = 0;

	while (n < s.n && !strchr(ends, s.p[n]))
		n++;
	return ms_slice_part(s, 0, n);
}

static struct ms_slice
last_word(struct ms_slice s)
{
	size_t at = s.n;

	while (at > 0 && s.p[at - 1] != ' ')
		at--;
	return ms_slice_part(s, at, s.n);
}

static struct ms_slice
id_of(struct ms_slice line)
{
	struct ms_slice none = ms_slice_make(NULL, 0);

	for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++) {
		size_t at = ms_slice_find_nocase(line, 0, behind[i].words);
		struct ms_slice id = to_any(
		    ms_slice_part(line, at + strlen(behind[i].words), line.n),
		    behind[i].end);

		if (at < line.n && id.n > 0)
			return id;
	}
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		size_t at = ms_slice_find_nocase(line, 0, before[i]);
		struct ms_slice id = last_word(ms_slice_part(line, 0, at));

		if (at < line.n && id.n > 0)
			return id;
	}
	return none;
}

struct ms_slice
ms_queue_id(const struct ms_probe_reply *reply)
{
	struct ms_slice id = ms_slice_make(NULL, 0);

	for (size_t i = 0; i < reply->n && !id.p; i++)
		id = id_of(reply->lines[i]);
	return id;
}

/* ---- the conversation ---- */

static bool
offers(const struct probe *probe, const char *name)
{
	return ms_probe_offered(ms_probe_last_said(probe->result), name) !=
	       NULL;
}

/* True: the reply to the step is of the class that lets it go on. */
static bool
answered(struct probe *probe, struct ms_submission *s, int class)
{
	return probe_reply(probe, &s->reply) && s->reply.code / 100 == class;
}

static bool
say_sender(struct probe *probe, struct ms_submission *s)
{
	bool eight = !ms_slice_is_ascii(s->message);
	bool wide = !ms_slice_is_ascii(s->from) || !ms_slice_is_ascii(s->to);
	char size[32] = "";

	s->step = MS_SUBMIT_MAIL;
	if (offers(probe, "SIZE"))
		snprintf(size, sizeof(size), " SIZE=%zu", s->message.n);
	return probe_send(probe, "MAIL FROM:<%.*s>%s%s%s", PROBE_TEXT(s->from),
		   size,
		   eight && offers(probe, "8BITMIME") ? " BODY=8BITMIME" : "",
		   wide && offers(probe, "SMTPUTF8") ? " SMTPUTF8" : "") &&
	       answered(probe, s, 2);
}

static bool
say_recipient(struct probe *probe, struct ms_submission *s)
{
	s->step = MS_SUBMIT_RCPT;
	return probe_send(probe, "RCPT TO:<%.*s>", PROBE_TEXT(s->to)) &&
	       answered(probe, s, 2);
}

/* With a dot before each that begins a line, RFC 5321 4.5.2, and the line that
 * ends it. */
static struct ms_slice
stuffed(struct ms_arena *arena, struct ms_slice message)
{
	struct ms_buf out;
	size_t from = 0, at;

	ms_buf_init(&out, arena);
	if (ms_slice_starts(message, "."))
		ms_buf_byte(&out, '.');
	while ((at = ms_slice_find_line(message, from, '.', 0)) < message.n) {
		ms_buf_slice(&out, ms_slice_part(message, from, at + 1));
		ms_buf_byte(&out, '.');
		from = at + 1;
	}
	ms_buf_slice(&out, ms_slice_part(message, from, message.n));
	ms_buf_text(&out, ".\r\n");
	return ms_buf_get(&out);
}

static bool
say_message(struct probe *probe, struct ms_submission *s)
{
	s->step = MS_SUBMIT_DATA;
	if (!probe_send(probe, "DATA") || !answered(probe, s, 3))
		return false;
	s->step = MS_SUBMIT_TEXT;
	memset(&s->reply, 0, sizeof(s->reply));
	if (!probe_write(
		probe, stuffed(probe->arena, s->message), "the message"))
		return false;
	s->sent = true;
	return answered(probe, s, 2);
}

void
submit_message(struct probe *probe, void *context)
{
	struct ms_submission *s = context;
	double began = probe->wire->elapsed;

	s->accepted = say_sender(probe, s) && say_recipient(probe, s) &&
		      say_message(probe, s);
	s->sent &= s->accepted || s->reply.code == 0;
	s->seconds = probe->wire->elapsed - began;
	if (s->accepted)
		s->queue_id = ms_queue_id(&s->reply);
}
