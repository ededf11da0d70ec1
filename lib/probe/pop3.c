/* SPDX-License-Identifier: ISC
 * pop3.c - POP3, RFC 1939, with CAPA (2449) and STLS (2595)
 */
#include "probe_priv.h"

#define CAPA_MAX 256

enum answer { ANSWER_OK, ANSWER_ERR, ANSWER_NONE };

static enum answer
status(struct probe *probe, struct ms_slice *line)
{
	if (!probe_line(probe, line))
		return ANSWER_NONE;
	if (ms_slice_starts(*line, "+OK"))
		return ANSWER_OK;
	if (ms_slice_starts(*line, "-ERR"))
		return ANSWER_ERR;
	probe_foreign(probe, *line);
	return ANSWER_NONE;
}

static enum answer
command(struct probe *probe, const char *word, struct ms_slice *line)
{
	return probe_send(probe, "%s", word) ? status(probe, line)
					     : ANSWER_NONE;
}

static bool
greet(struct probe *probe)
{
	struct ms_probe_reply *banner = &probe->result->banner;
	struct ms_slice line;
	enum answer answer;

	probe_phase(probe, MS_PROBE_BANNER);
	answer = status(probe, &line);
	if (answer == ANSWER_NONE)
		return false;
	banner->lines = MS_NEW(probe->arena, struct ms_slice);
	banner->n = 1;
	*banner->lines = ms_slice_trim(ms_slice_part(line, 3, line.n));
	if (answer == ANSWER_OK)
		return true;
	*banner->lines = ms_slice_trim(ms_slice_part(line, 4, line.n));
	return probe_unwilling(probe, banner);
}

/* "SASL PLAIN LOGIN", "STLS", "USER"; to the line of a dot. */
static bool
ask_capabilities(struct probe *probe)
{
	struct ms_slice line;
	enum answer answer = command(probe, "CAPA", &line);

	if (answer != ANSWER_OK)
		return answer == ANSWER_ERR;
	probe_capabilities(probe)->asked = true;
	for (unsigned i = 0; i < CAPA_MAX; i++) {
		struct ms_slice name;

		if (!probe_line(probe, &line))
			return false;
		if (ms_slice_equal(line, MS_SLICE(".")))
			return true;
		name = probe_word(&line);
		if (ms_slice_equal_nocase(name, MS_SLICE("SASL")))
			probe_mechanisms(probe, line);
		probe_capability(probe, name, line);
	}
	probe_fail(probe, MS_WIRE_LIMIT, "its reply has no end");
	return false;
}

/* STLS is tried where CAPA is not understood: RFC 2595 is older than servers
 * that have the one and not the other. */
static bool
start_tls(struct probe *probe)
{
	struct ms_slice line;
	enum answer answer;

	if (probe->result->plain.asked &&
	    !ms_probe_offered(&probe->result->plain, "STLS"))
		return false;
	probe_phase(probe, MS_PROBE_STARTTLS);
	answer = command(probe, "STLS", &line);
	if (answer == ANSWER_OK)
		probe->result->starttls = MS_PROBE_TLS_OFFERED;
	else if (answer == ANSWER_ERR && probe->result->plain.asked)
		probe_rejected(probe, line);
	return answer == ANSWER_OK && probe_handshake(probe);
}

void
probe_pop3(struct probe *probe)
{
	struct ms_slice line;

	if (!greet(probe))
		return;
	probe_phase(probe, MS_PROBE_GREETING);
	if (!ask_capabilities(probe))
		return;
	if (!probe->secured && start_tls(probe) && !ask_capabilities(probe))
		return;
	if (probe->over)
		return;
	if (probe_login(probe) && !ask_capabilities(probe))
		return;
	probe_further(probe);
	if (probe->over)
		return;
	probe_phase(probe, MS_PROBE_QUIT);
	if (command(probe, "QUIT", &line) != ANSWER_NONE)
		probe_phase(probe, MS_PROBE_DONE);
}

void
probe_pop3_clear(struct probe *probe)
{
	struct ms_slice line;

	if (status(probe, &line) != ANSWER_OK)
		return;
	probe->result->starttls_required =
	    command(probe, "USER mailsonde", &line) == ANSWER_ERR;
	probe_leave(probe, "QUIT");
}
