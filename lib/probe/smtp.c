/* SPDX-License-Identifier: ISC
 * smtp.c - SMTP, message submission and LMTP, RFC 5321, 6409, 2033
 *
 * Banner, EHLO, STARTTLS, EHLO again within TLS, QUIT: nothing that would
 * begin a message, but for one MAIL where a submission server offers STARTTLS,
 * to learn whether it insists on it (RFC 3207 4).
 */
#include "probe_priv.h"

static const char *
own_name(const struct probe *probe)
{
	return probe->options->ehlo ? probe->options->ehlo : PROBE_EHLO_NAME;
}

static bool
command(struct probe *probe, const char *line, struct ms_probe_reply *out)
{
	return probe_send(probe, "%s", line) && probe_reply(probe, out);
}

/* ---- the banner ---- */

static bool
greet(struct probe *probe)
{
	struct ms_probe_reply *banner = &probe->result->banner;
	struct ms_slice rest;

	probe_phase(probe, MS_PROBE_BANNER);
	if (!probe_reply(probe, banner))
		return false;
	if (banner->code == 0)
		return !probe_foreign(probe, *banner->lines);
	if (banner->code != 220) {
		if (!probe_deferred(probe, banner))
			probe_fail(probe, MS_WIRE_OK,
			    "it greets with a code that SMTP does not have "
			    "there");
		return false;
	}
	rest = *banner->lines;
	probe->result->banner_name = probe_word(&rest);
	return true;
}

/* ---- EHLO ---- */

/* "AUTH PLAIN LOGIN", and as old servers write it "AUTH=PLAIN LOGIN". */
static void
take_line(struct probe *probe, struct ms_slice line)
{
	struct ms_slice rest = line, name = probe_word(&rest);

	if (ms_slice_starts(name, "AUTH=")) {
		rest = ms_slice_part(line, 5, line.n);
		name = ms_slice_part(line, 0, 4);
	}
	if (ms_slice_equal_nocase(name, MS_SLICE("AUTH")))
		probe_mechanisms(probe, rest);
	probe_capability(probe, name, rest);
}

static bool
say_helo(struct probe *probe)
{
	struct ms_probe_reply reply;

	if (!probe_send(probe, "HELO %s", own_name(probe)) ||
	    !probe_reply(probe, &reply))
		return false;
	if (reply.code == 250)
		return true;
	if (!probe_deferred(probe, &reply))
		probe_fail(probe, MS_WIRE_OK, "it refuses EHLO and HELO");
	return false;
}

static bool
say_ehlo(struct probe *probe)
{
	bool local = probe->result->target.protocol->service == MS_PROBE_LMTP;
	struct ms_probe_reply reply;
	struct ms_slice rest;

	if (!probe_send(
		probe, "%s %s", local ? "LHLO" : "EHLO", own_name(probe)) ||
	    !probe_reply(probe, &reply))
		return false;
	if (reply.code != 250) {
		if (reply.code >= 500 && !local && !probe->secured)
			return say_helo(probe);
		if (!probe_deferred(probe, &reply))
			probe_fail(
			    probe, MS_WIRE_OK, "it refuses the greeting");
		return false;
	}
	probe->result->esmtp = true;
	rest = *reply.lines;
	probe->result->ehlo_name = probe_word(&rest);
	probe_capabilities(probe)->asked = true;
	for (size_t i = 1; i < reply.n; i++)
		take_line(probe, reply.lines[i]);
	return true;
}

/* ---- STARTTLS ---- */

/* Whether it takes a sender in the clear. */
static void
try_in_the_clear(struct probe *probe)
{
	struct ms_probe_reply reply;

	if (!command(probe, "MAIL FROM:<>", &reply))
		return;
	probe->result->starttls_required =
	    reply.code == 530 && reply.n > 0 &&
	    ms_slice_find_nocase(*reply.lines, 0, "tls") < reply.lines->n;
	if (reply.code == 250)
		(void)command(probe, "RSET", &reply);
}

static bool
insists(const struct probe *probe)
{
	return !probe->reaching && !probe->options->then &&
	       (probe->result->target.protocol->service ==
		       MS_PROBE_SUBMISSION ||
		   probe->options->active);
}

static void
look_for_blots(struct probe *probe)
{
	const struct ms_probe_capabilities *plain = &probe->result->plain;

	for (size_t i = 0; i < plain->n; i++)
		if (probe_is_blotted(plain->list[i].name))
			probe->result->starttls = MS_PROBE_TLS_STRIPPED;
}

/* True where the conversation goes on within TLS. */
static bool
start_tls(struct probe *probe)
{
	struct ms_probe_reply reply;

	if (!ms_probe_offered(&probe->result->plain, "STARTTLS")) {
		look_for_blots(probe);
		return false;
	}
	probe->result->starttls = MS_PROBE_TLS_OFFERED;
	if (insists(probe))
		try_in_the_clear(probe);
	probe_phase(probe, MS_PROBE_STARTTLS);
	if (!command(probe, "STARTTLS", &reply))
		return false;
	if (reply.code != 220) {
		probe->result->starttls = MS_PROBE_TLS_REJECTED;
		probe->result->refusal = reply;
		return false;
	}
	return probe_handshake(probe);
}

static void
converse(struct probe *probe)
{
	struct ms_probe_reply reply;

	if (!greet(probe))
		return;
	probe_phase(probe, MS_PROBE_GREETING);
	if (!say_ehlo(probe))
		return;
	if (!probe->secured && start_tls(probe) && !say_ehlo(probe))
		return;
	if (!probe->over &&
	    probe->result->target.protocol->service != MS_PROBE_LMTP)
		(void)probe_login(probe);
	probe_further(probe);
	if (probe->over)
		return;
	probe_phase(probe, MS_PROBE_QUIT);
	if (command(probe, "QUIT", &reply))
		probe_phase(probe, MS_PROBE_DONE);
}

/* RFC 5321 3.1: after a refusal the server waits for QUIT, but for 421. */
void
probe_smtp(struct probe *probe)
{
	const struct ms_probe_result *r = probe->result;

	converse(probe);
	if (r->deferral != MS_PROBE_NOT_DEFERRED && r->refusal.code > 0 &&
	    r->refusal.code != 421)
		probe_leave(probe, "QUIT");
}
