/* SPDX-License-Identifier: ISC
 * login_carry.c - how SASL is carried: SMTP (RFC 4954), IMAP (RFC 9051 6.2.2,
 * 4959), POP3 (RFC 5034), ManageSieve (RFC 5804 2.1)
 */
#include "login_priv.h"

#include <stdlib.h>

#include "mailsonde/codec.h"

#define UNTAGGED_MAX 100

/* Octets of base64 behind AUTH and the mechanism's name, so that the line
 * keeps to 512 octets in SMTP (RFC 4954 4), 255 in POP3 (RFC 5034 4). */
#define SMTP_LINE 512
#define POP3_LINE 255

static const struct ms_slice nothing = { NULL, 0 };

/* ---- a line with a secret in it ---- */

struct line {
	unsigned char *p;
	size_t n, cap;
};

static struct line
line_new(size_t octets)
{
	struct line out = { .cap = 2 * octets + 256 };

	out.p = malloc(out.cap);
	if (!out.p)
		abort();
	return out;
}

static void
add(struct line *line, struct ms_slice bytes)
{
	if (bytes.n > line->cap - line->n)
		abort();
	if (bytes.n > 0)
		memcpy(line->p + line->n, bytes.p, bytes.n);
	line->n += bytes.n;
}

static void
add_text(struct line *line, const char *text)
{
	add(line, ms_slice_from(text));
}

/* RFC 4954 4, 5034 4, 4959 3: what is empty is written "=" in a command. */
static void
add_base64(struct line *line, struct ms_slice octets, bool command)
{
	if (octets.n == 0 && command)
		add_text(line, "=");
	else
		line->n += ms_base64_encode(octets, line->p + line->n);
}

/* RFC 9051 9: quoted; RFC 5804 4 too. */
static void
add_quoted(struct line *line, struct ms_slice text)
{
	add_text(line, "\"");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			add_text(line, "\\");
		add(line, ms_slice_part(text, i, i + 1));
	}
	add_text(line, "\"");
}

/* Sends it, and wipes it. */
static bool
send_line(struct probe *probe, struct line *line, const char *shown)
{
	bool sent;

	add_text(line, "\r\n");
	sent = probe_send_secret(probe, ms_slice_make(line->p, line->n), shown);
	explicit_bzero(line->p, line->cap);
	free(line->p);
	return sent;
}

static bool
respond(struct probe *probe, struct ms_slice octets)
{
	struct line line = line_new(octets.n);

	add_base64(&line, octets, false);
	return send_line(probe, &line, "(response)");
}

static bool
cancel(struct probe *probe)
{
	return probe_send(probe, "*");
}

static bool
begin(struct probe *probe, const char *command, const char *mechanism,
    const struct ms_slice *first)
{
	struct line line = line_new(first ? first->n : 0);

	add_text(&line, command);
	add_text(&line, mechanism);
	if (first) {
		add_text(&line, " ");
		add_base64(&line, *first, true);
	}
	return send_line(probe, &line,
	    ms_arena_printf(probe->arena, "%s%s%s", command, mechanism,
		first ? " (response)" : ""));
}

/* ---- what comes back ---- */

static void
take_challenge(
    struct probe *probe, struct ms_slice base64, struct login_answer *out)
{
	struct ms_codec_damage damage = { 0 };

	out->said = LOGIN_CHALLENGE;
	out->challenge = ms_codec_decode(
	    probe->arena, MS_ENCODING_BASE64, ms_slice_trim(base64), &damage);
}

static void
start_answer(struct login_answer *out)
{
	memset(out, 0, sizeof(*out));
	out->said = LOGIN_GONE;
}

/* ---- SMTP ---- */

static size_t
smtp_first_max(const struct probe *probe, const char *mechanism)
{
	(void)probe;
	return SMTP_LINE - strlen("AUTH  \r\n") - strlen(mechanism);
}

static bool
smtp_begin(
    struct probe *probe, const char *mechanism, const struct ms_slice *first)
{
	return begin(probe, "AUTH ", mechanism, first);
}

static void
smtp_answer(struct probe *probe, struct login_answer *out)
{
	struct ms_probe_reply reply;
	struct ms_buf text;

	start_answer(out);
	if (!probe_reply(probe, &reply))
		return;
	out->code = reply.code;
	if (reply.code == 334) {
		take_challenge(probe, *reply.lines, out);
		return;
	}
	ms_buf_init(&text, probe->arena);
	for (size_t i = 0; i < reply.n; i++) {
		if (i > 0)
			ms_buf_byte(&text, ' ');
		ms_buf_slice(&text, reply.lines[i]);
	}
	out->text = ms_buf_get(&text);
	out->said = reply.code == 235   ? LOGIN_ACCEPTED
		    : reply.code >= 400 ? LOGIN_REJECTED
					: LOGIN_GARBAGE;
}

static struct ms_slice
smtp_veil(struct probe *probe, struct ms_slice line)
{
	(void)probe;
	return ms_slice_starts(line, "334") ? MS_SLICE("334 (challenge)")
					    : nothing;
}

static const struct login_carrier smtp = {
	.service = "smtp",
	.first_max = smtp_first_max,
	.begin = smtp_begin,
	.respond = respond,
	.cancel = cancel,
	.answer = smtp_answer,
	.veil = smtp_veil,
};

/* ---- IMAP ---- */

static size_t
imap_first_max(const struct probe *probe, const char *mechanism)
{
	(void)mechanism;
	return ms_probe_offered(ms_probe_last_said(probe->result), "SASL-IR")
		   ? SIZE_MAX
		   : 0;
}

static bool
imap_begin(
    struct probe *probe, const char *mechanism, const struct ms_slice *first)
{
	return begin(probe, "s5 AUTHENTICATE ", mechanism, first);
}

static void
imap_answer(struct probe *probe, struct login_answer *out)
{
	struct ms_slice line, rest;

	start_answer(out);
	for (unsigned i = 0; i < UNTAGGED_MAX; i++) {
		if (!probe_line(probe, &line))
			return;
		if (ms_slice_starts(line, "+")) {
			take_challenge(
			    probe, ms_slice_part(line, 1, line.n), out);
			return;
		}
		probe_imap_note(probe, line);
		rest = line;
		if (!ms_slice_equal(probe_word(&rest), MS_SLICE("s5")))
			continue;
		out->said = LOGIN_REJECTED;
		if (ms_slice_equal_nocase(probe_word(&rest), MS_SLICE("OK")))
			out->said = LOGIN_ACCEPTED;
		out->text = rest;
		return;
	}
	probe_fail(probe, MS_WIRE_LIMIT, "its reply has no end");
}

static bool
imap_has_plain(const struct probe *probe)
{
	return !ms_probe_offered(
	    ms_probe_last_said(probe->result), "LOGINDISABLED");
}

static bool
is_quotable(struct ms_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (ms_is(text.p[i], MS_C_CTL | MS_C_HIGH))
			return false;
	return true;
}

/* Word by word, RFC 9051 4.3; each waits for a "+". */
static void
login_by_literals(struct probe *probe, struct login_answer *out)
{
	const struct ms_login *want = probe->options->login;
	struct ms_slice user = ms_slice_from(want->user);
	struct line line = line_new(want->secret.n);

	add(&line, want->secret);
	if (probe_send(probe, "s5 LOGIN {%zu}", user.n))
		imap_answer(probe, out);
	if (out->said == LOGIN_CHALLENGE) {
		struct line name = line_new(user.n);
		char head[32];

		snprintf(head, sizeof(head), " {%zu}", want->secret.n);
		add(&name, user);
		add_text(&name, head);
		if (send_line(probe, &name, "(name) {}"))
			imap_answer(probe, out);
	}
	if (out->said != LOGIN_CHALLENGE) {
		explicit_bzero(line.p, line.cap);
		free(line.p);
	} else if (send_line(probe, &line, "(secret)")) {
		imap_answer(probe, out);
	}
}

/* RFC 9051 6.2.3. */
static void
imap_plain(struct probe *probe, struct login_answer *out)
{
	const struct ms_login *want = probe->options->login;
	struct ms_slice user = ms_slice_from(want->user), how;
	struct line line;

	start_answer(out);
	how = is_quotable(user) && is_quotable(want->secret)
		  ? MS_SLICE("quoted")
		  : MS_SLICE("literal");
	if (ms_slice_is(probe_recall(probe, how), "literal")) {
		login_by_literals(probe, out);
		return;
	}
	line = line_new(user.n + want->secret.n);
	add_text(&line, "s5 LOGIN ");
	add_quoted(&line, user);
	add_text(&line, " ");
	add_quoted(&line, want->secret);
	if (send_line(probe, &line, "s5 LOGIN (name) (secret)"))
		imap_answer(probe, out);
}

static struct ms_slice
imap_veil(struct probe *probe, struct ms_slice line)
{
	(void)probe;
	return ms_slice_starts(line, "+") ? MS_SLICE("+ (challenge)") : nothing;
}

static const struct login_carrier imap = {
	.service = "imap",
	.first_max = imap_first_max,
	.begin = imap_begin,
	.respond = respond,
	.cancel = cancel,
	.answer = imap_answer,
	.plain_name = "LOGIN",
	.has_plain = imap_has_plain,
	.plain = imap_plain,
	.veil = imap_veil,
};

/* ---- POP3 ---- */

static size_t
pop3_first_max(const struct probe *probe, const char *mechanism)
{
	(void)probe;
	return POP3_LINE - strlen("AUTH  \r\n") - strlen(mechanism);
}

static void
pop3_answer(struct probe *probe, struct login_answer *out)
{
	struct ms_slice line;

	start_answer(out);
	if (!probe_line(probe, &line))
		return;
	out->text = line;
	if (ms_slice_starts(line, "+OK")) {
		out->said = LOGIN_ACCEPTED;
		out->text = ms_slice_part(line, 3, line.n);
	} else if (ms_slice_starts(line, "-ERR")) {
		out->said = LOGIN_REJECTED;
		out->text = ms_slice_part(line, 4, line.n);
	} else if (ms_slice_starts(line, "+")) {
		take_challenge(probe, ms_slice_part(line, 1, line.n), out);
	} else {
		out->said = LOGIN_GARBAGE;
	}
}

static bool
pop3_has_plain(const struct probe *probe)
{
	const struct ms_probe_capabilities *said =
	    ms_probe_last_said(probe->result);

	return !said->asked || ms_probe_offered(said, "USER");
}

/* RFC 1939 7. */
static void
pop3_plain(struct probe *probe, struct login_answer *out)
{
	const struct ms_login *want = probe->options->login;
	struct line line = line_new(want->secret.n);
	struct line user = line_new(strlen(want->user));

	start_answer(out);
	add_text(&user, "USER ");
	add_text(&user, want->user);
	add_text(&line, "PASS ");
	add(&line, want->secret);
	if (send_line(probe, &user, "USER (name)"))
		pop3_answer(probe, out);
	if (out->said != LOGIN_ACCEPTED) {
		explicit_bzero(line.p, line.cap);
		free(line.p);
		return;
	}
	start_answer(out);
	if (send_line(probe, &line, "PASS (secret)"))
		pop3_answer(probe, out);
}

static struct ms_slice
pop3_veil(struct probe *probe, struct ms_slice line)
{
	(void)probe;
	return ms_slice_starts(line, "+") && !ms_slice_starts(line, "+OK")
		   ? MS_SLICE("+ (challenge)")
		   : nothing;
}

static const struct login_carrier pop3 = {
	.service = "pop",
	.first_max = pop3_first_max,
	.begin = smtp_begin,
	.respond = respond,
	.cancel = cancel,
	.answer = pop3_answer,
	.plain_name = "USER",
	.has_plain = pop3_has_plain,
	.plain = pop3_plain,
	.veil = pop3_veil,
};

/* ---- ManageSieve ---- */

static size_t
sieve_first_max(const struct probe *probe, const char *mechanism)
{
	(void)probe;
	(void)mechanism;
	return SIZE_MAX;
}

/* RFC 5804 4: a quoted string has 1,024 octets at the most. */
static void
add_string(struct line *line, struct ms_slice octets)
{
	size_t n = 4 * ((octets.n + 2) / 3);
	char head[32];

	if (n <= 1024) {
		add_text(line, "\"");
		add_base64(line, octets, false);
		add_text(line, "\"");
		return;
	}
	snprintf(head, sizeof(head), "{%zu+}\r\n", n);
	add_text(line, head);
	add_base64(line, octets, false);
}

static bool
sieve_begin(
    struct probe *probe, const char *mechanism, const struct ms_slice *first)
{
	struct line line = line_new(first ? first->n : 0);

	add_text(&line, "AUTHENTICATE \"");
	add_text(&line, mechanism);
	add_text(&line, "\"");
	if (first) {
		add_text(&line, " ");
		add_string(&line, *first);
	}
	return send_line(probe, &line,
	    ms_arena_printf(probe->arena, "AUTHENTICATE \"%s\"%s", mechanism,
		first ? " (response)" : ""));
}

static bool
sieve_respond(struct probe *probe, struct ms_slice octets)
{
	struct line line = line_new(octets.n);

	add_string(&line, octets);
	return send_line(probe, &line, "(response)");
}

static bool
sieve_cancel(struct probe *probe)
{
	return probe_send(probe, "\"*\"");
}

static bool
ends_in_literal(struct ms_slice line)
{
	return line.n > 2 && line.p[line.n - 1] == '}' &&
	       ms_slice_find(line, 0, '{') < line.n;
}

/* 'OK (SASL "…") "text"' */
static void
sieve_final(struct probe *probe, struct ms_slice line, struct login_answer *out)
{
	size_t at = ms_slice_find_nocase(line, 0, "(SASL \"");
	struct ms_slice rest = ms_slice_part(line, at + 7, line.n);

	if (at < line.n) {
		take_challenge(probe,
		    ms_slice_part(rest, 0, ms_slice_find(rest, 0, '"')), out);
		out->text = nothing;
	}
	out->said = LOGIN_ACCEPTED;
}

static struct ms_slice
unquoted(struct ms_slice text)
{
	struct ms_scan scan = ms_scan_init(ms_slice_trim(text));
	struct ms_slice out;
	bool closed;

	return ms_scan_peek(&scan) == '"' &&
		       ms_scan_quoted(&scan, &out, &closed)
		   ? out
		   : text;
}

static void
sieve_answer(struct probe *probe, struct login_answer *out)
{
	struct ms_slice line, more, rest, word;

	start_answer(out);
	if (!probe_line(probe, &line))
		return;
	more = line;
	probe->literal = ms_slice_starts(line, "{");
	if (ends_in_literal(line)) {
		probe->literal |=
		    ms_slice_find_nocase(line, 0, "(SASL ") < line.n;
		if (!probe_line(probe, &more))
			return;
	}
	if (probe->literal) {
		probe->literal = false;
		take_challenge(probe, more, out);
		return;
	}
	if (ms_slice_starts(line, "\"")) {
		rest = ms_slice_part(line, 1, line.n);
		take_challenge(probe,
		    ms_slice_part(rest, 0, ms_slice_find(rest, 0, '"')), out);
		return;
	}
	rest = line;
	word = probe_word(&rest);
	out->text = more.p == line.p ? unquoted(rest) : more;
	if (ms_slice_is(word, "OK"))
		sieve_final(probe, line, out);
	else
		out->said = ms_slice_is(word, "NO") || ms_slice_is(word, "BYE")
				? LOGIN_REJECTED
				: LOGIN_GARBAGE;
}

static struct ms_slice
sieve_veil(struct probe *probe, struct ms_slice line)
{
	size_t at = ms_slice_find_nocase(line, 0, "(SASL ");

	if (probe->literal)
		return MS_SLICE("(challenge)");
	if (ms_slice_starts(line, "\""))
		return MS_SLICE("\"(challenge)\"");
	return at < line.n ? MS_SLICE("OK (SASL \"(challenge)\")") : nothing;
}

static const struct login_carrier sieve = {
	.service = "sieve",
	.first_max = sieve_first_max,
	.begin = sieve_begin,
	.respond = sieve_respond,
	.cancel = sieve_cancel,
	.answer = sieve_answer,
	.veil = sieve_veil,
};

const struct login_carrier *
login_carrier(const struct probe *probe)
{
	switch (probe->result->target.protocol->service) {
	case MS_PROBE_SMTP:
	case MS_PROBE_SUBMISSION:
		return &smtp;
	case MS_PROBE_IMAP:
		return &imap;
	case MS_PROBE_POP3:
		return &pop3;
	case MS_PROBE_SIEVE:
		return &sieve;
	default:
		return NULL;
	}
}
