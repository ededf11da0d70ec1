/* SPDX-License-Identifier: ISC
 * active.c - what the owner of a server may dislike to be asked
 *
 * Commands smuggled in behind STARTTLS (CVE-2011-0411), lines that end in LF
 * alone (CVE-2023-51764 and kin), VRFY and EXPN, and whether it would relay.
 * DATA is never sent: no message comes of it.
 */
#include "probe_priv.h"

#define REPLIES_MAX 8

/* Nobody's, for ever: RFC 2606. */
#define STRANGER "relay-test@example.org"

/* What a conversation of its own must not change. */
struct saved {
	enum ms_wire_status status;
	enum ms_probe_phase phase;
	const char *why;
	enum ms_probe_deferral deferral;
	bool injected, tls_tried;
	struct ms_tls_facts tls;
	struct ms_probe_timing timing;
};

static struct saved
save(const struct probe *probe)
{
	const struct ms_probe_result *r = probe->result;

	return (struct saved){ r->status, r->phase, r->why, r->deferral,
		r->injected, r->tls_tried, r->tls, r->timing };
}

static void
restore(struct probe *probe, const struct saved *saved)
{
	struct ms_probe_result *r = probe->result;

	r->status = saved->status;
	r->phase = saved->phase;
	r->why = saved->why;
	r->deferral = saved->deferral;
	r->injected = saved->injected;
	r->tls_tried = saved->tls_tried;
	r->tls = saved->tls;
	r->timing = saved->timing;
}

/* ---- a conversation by hand ---- */

static bool
send_raw(struct probe *probe, const char *text)
{
	enum ms_wire_status status =
	    probe->wire->write(probe->wire, ms_slice_from(text), NULL);

	probe_remark(probe, "sent: %s", text);
	if (status != MS_WIRE_OK)
		probe_fail(probe, status, probe->wire->why);
	return status == MS_WIRE_OK;
}

/* Opens, and reads the greeting, TLS first where that is the port's way. */
static bool
begin(struct probe *probe, const char *what)
{
	const struct ms_protocol *protocol = probe->result->target.protocol;
	struct ms_probe_reply banner;
	struct ms_slice line;

	if (probe_open(probe, what, &probe->result->ip, 0) != MS_WIRE_OK)
		return false;
	if (protocol->implicit_tls && !probe_handshake(probe))
		return false;
	switch (protocol->service) {
	case MS_PROBE_IMAP:
	case MS_PROBE_POP3:
		return probe_line(probe, &line);
	case MS_PROBE_SIEVE:
		for (int i = 0; i < REPLIES_MAX * 8; i++)
			if (!probe_line(probe, &line) ||
			    ms_slice_starts(line, "OK"))
				break;
		return !probe->over;
	default:
		return probe_reply(probe, &banner) && banner.code == 220;
	}
}

static bool
command(struct probe *probe, struct ms_probe_reply *out, const char *line)
{
	return probe_send(probe, "%s", line) && probe_reply(probe, out);
}

static bool
begin_smtp(struct probe *probe, const char *what)
{
	struct ms_probe_reply reply;
	const char *name =
	    probe->options->ehlo ? probe->options->ehlo : PROBE_EHLO_NAME;
	bool local = probe->result->target.protocol->service == MS_PROBE_LMTP;

	return begin(probe, what) &&
	       probe_send(probe, "%s %s", local ? "LHLO" : "EHLO", name) &&
	       probe_reply(probe, &reply) && reply.code == 250;
}

/* ---- STARTTLS, and a command behind it ---- */

struct injection {
	enum ms_probe_service service;
	const char *sent;   /* the second line is the injected one */
	const char *go;     /* the go-ahead begins so */
	const char *then;   /* sent within TLS */
	const char *obeyed; /* a line that only the injected one can give */
};

static const struct injection injections[] = {
	{ MS_PROBE_SMTP, "STARTTLS\r\nNOOP\r\n", "220", "QUIT", "250" },
	{ MS_PROBE_SUBMISSION, "STARTTLS\r\nNOOP\r\n", "220", "QUIT", "250" },
	{ MS_PROBE_LMTP, "STARTTLS\r\nNOOP\r\n", "220", "QUIT", "250" },
	{ MS_PROBE_IMAP, "i1 STARTTLS\r\ni2 NOOP\r\n", "i1 OK", "i3 LOGOUT",
	    "i2 " },
	{ MS_PROBE_POP3, "STLS\r\nCAPA\r\n", "+OK", "QUIT", "." },
	{ MS_PROBE_SIEVE, "STARTTLS\r\nNOOP \"injected\"\r\n", "OK", "LOGOUT",
	    "OK (TAG" },
};

static const struct injection *
injection_of(enum ms_probe_service service)
{
	for (size_t i = 0; i < sizeof(injections) / sizeof(*injections); i++)
		if (injections[i].service == service)
			return &injections[i];
	return NULL;
}

/* Lines within TLS, to the end or to the one. */
static enum ms_probe_answer
was_obeyed(struct probe *probe, const struct injection *injection)
{
	struct ms_slice line;

	if (!probe_send(probe, "%s", injection->then))
		return MS_PROBE_UNKNOWN;
	for (int i = 0; i < REPLIES_MAX * 8; i++) {
		if (!probe_line(probe, &line))
			return i > 0 ? MS_PROBE_NO : MS_PROBE_UNKNOWN;
		if (ms_slice_starts(line, injection->obeyed))
			return MS_PROBE_YES;
	}
	return MS_PROBE_UNKNOWN;
}

static enum ms_probe_answer
try_injection(struct probe *probe)
{
	enum ms_probe_service service = probe->result->target.protocol->service;
	const struct injection *injection = injection_of(service);
	bool smtp = service == MS_PROBE_SMTP ||
		    service == MS_PROBE_SUBMISSION || service == MS_PROBE_LMTP;
	struct ms_slice line;

	if (!(smtp ? begin_smtp(probe, "injection")
		   : begin(probe, "injection")) ||
	    !send_raw(probe, injection->sent) || !probe_line(probe, &line))
		return MS_PROBE_UNKNOWN;
	if (!ms_slice_starts(line, injection->go))
		return MS_PROBE_NO; /* it minds the pipelining */
	if (ms_wire_reader_pending(&probe->reader).n > 0)
		return MS_PROBE_NO; /* answered in the clear, where it came */
	return probe_handshake(probe) ? was_obeyed(probe, injection)
				      : MS_PROBE_UNKNOWN;
}

/* ---- bare line ends ---- */

static bool
pipelines(const struct ms_probe_result *r)
{
	return ms_probe_offered(ms_probe_last_said(r), "PIPELINING") != NULL;
}

/* One command: silence says that its end was not seen. */
static enum ms_probe_answer
try_alone(struct probe *probe)
{
	struct ms_probe_reply reply;

	if (!send_raw(probe, "NOOP\n"))
		return MS_PROBE_UNKNOWN;
	probe->wire->until = probe->wire->elapsed + 1;
	if (probe_reply(probe, &reply))
		return reply.code == 250 ? MS_PROBE_YES : MS_PROBE_NO;
	return probe->result->status == MS_WIRE_TIMEOUT ? MS_PROBE_NO
							: MS_PROBE_UNKNOWN;
}

/* Two commands, the first ended by LF alone: two answers where that counts.
 * A server that does not take several at once would refuse them. */
static enum ms_probe_answer
try_bare_lf(struct probe *probe)
{
	struct ms_probe_reply first, second;

	if (!begin_smtp(probe, "bare LF"))
		return MS_PROBE_UNKNOWN;
	if (!pipelines(probe->result))
		return try_alone(probe);
	if (!send_raw(probe, "NOOP\nRSET\r\n") || !probe_reply(probe, &first))
		return MS_PROBE_UNKNOWN;
	if (first.code != 250)
		return MS_PROBE_NO;
	probe->wire->until = probe->wire->elapsed + 1;
	return probe_reply(probe, &second) && second.code == 250 ? MS_PROBE_YES
								 : MS_PROBE_NO;
}

/* ---- who is there ---- */

static enum ms_probe_answer
tells(struct probe *probe, const char *line)
{
	struct ms_probe_reply reply;

	if (probe->over || !command(probe, &reply, line))
		return MS_PROBE_UNKNOWN;
	if (reply.code == 250 || reply.code == 251)
		return MS_PROBE_YES;
	return reply.code >= 400 && reply.code < 500 ? MS_PROBE_UNKNOWN
						     : MS_PROBE_NO;
}

static void
try_disclosure(struct probe *probe)
{
	struct ms_probe_active *active = &probe->result->active;

	active->vrfy = active->expn = MS_PROBE_UNKNOWN;
	if (!begin_smtp(probe, "disclosure"))
		return;
	active->vrfy = tells(probe, "VRFY postmaster");
	active->expn = tells(probe, "EXPN postmaster");
	(void)probe_send(probe, "QUIT");
}

/* ---- relaying ---- */

static void
try_pair(struct probe *probe, struct ms_probe_relay *relay)
{
	struct ms_probe_reply reply;

	relay->taken = MS_PROBE_UNKNOWN;
	if (!command(probe, &reply, "RSET") ||
	    !probe_send(probe, "MAIL FROM:<%s>", relay->from) ||
	    !probe_reply(probe, &reply))
		return;
	if (reply.code == 250 &&
	    (!probe_send(probe, "RCPT TO:<%s>", relay->to) ||
		!probe_reply(probe, &reply)))
		return;
	relay->code = reply.code;
	if (reply.code == 250 || reply.code == 251)
		relay->taken = MS_PROBE_YES;
	else if (reply.code >= 500)
		relay->taken = MS_PROBE_NO;
}

/* Forms by which servers were talked into relaying; of the later ones a
 * server may take the recipient for one of its own. */
static void
make_pairs(struct probe *probe)
{
	struct ms_probe_active *active = &probe->result->active;
	const struct ms_probe_target *target = &probe->result->target;
	const char *own = ms_arena_printf(probe->arena, "postmaster@%s%.*s%s",
	    target->literal ? "[" : "", PROBE_TEXT(target->host),
	    target->literal ? "]" : "");
	const char *host = own + strlen("postmaster@");
	const struct ms_probe_relay pairs[] = {
		{ "", STRANGER, true, MS_PROBE_UNTRIED, 0 },
		{ "sender@example.net", STRANGER, true, MS_PROBE_UNTRIED, 0 },
		{ own, STRANGER, true, MS_PROBE_UNTRIED, 0 },
		{ "sender@example.net",
		    ms_arena_printf(
			probe->arena, "relay-test%%example.org@%s", host),
		    false, MS_PROBE_UNTRIED, 0 },
		{ "sender@example.net",
		    ms_arena_printf(probe->arena, "\"" STRANGER "\"@%s", host),
		    false, MS_PROBE_UNTRIED, 0 },
		{ "sender@example.net",
		    ms_arena_printf(probe->arena, "@%s:" STRANGER, host), true,
		    MS_PROBE_UNTRIED, 0 },
		{ "sender@example.net", "example.org!relay-test", false,
		    MS_PROBE_UNTRIED, 0 },
	};

	active->relays_n = sizeof(pairs) / sizeof(*pairs);
	active->relays =
	    MS_NEW_ARRAY(probe->arena, struct ms_probe_relay, active->relays_n);
	memcpy(active->relays, pairs, sizeof(pairs));
}

static void
try_relaying(struct probe *probe)
{
	struct ms_probe_active *active = &probe->result->active;

	make_pairs(probe);
	for (size_t i = 0; i < active->relays_n; i++)
		active->relays[i].taken = MS_PROBE_UNKNOWN;
	if (!begin_smtp(probe, "relay"))
		return;
	for (size_t i = 0; i < active->relays_n && !probe->over; i++)
		try_pair(probe, &active->relays[i]);
	(void)probe_send(probe, "QUIT");
}

/* ---- all of it ---- */

void
probe_active(struct probe *probe)
{
	struct ms_probe_result *r = probe->result;
	enum ms_probe_service service = r->target.protocol->service;
	struct saved saved = save(probe);

	if (r->starttls == MS_PROBE_TLS_OFFERED && injection_of(service)) {
		r->active.injection = try_injection(probe);
		probe_close(probe);
	}
	if (service == MS_PROBE_SMTP || service == MS_PROBE_SUBMISSION) {
		r->active.bare_lf = try_bare_lf(probe);
		probe_close(probe);
		try_disclosure(probe);
		probe_close(probe);
	}
	if (service == MS_PROBE_SMTP) {
		try_relaying(probe);
		probe_close(probe);
	}
	restore(probe, &saved);
}
