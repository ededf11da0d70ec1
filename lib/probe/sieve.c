/* SPDX-License-Identifier: ISC
 * sieve.c - ManageSieve, RFC 5804: capabilities, STARTTLS, LOGOUT
 */
#include "probe_priv.h"

#define LINES_MAX 256

enum answer { ANSWER_OK, ANSWER_NO, ANSWER_BYE, ANSWER_NONE };

/* A quoted string; of a literal, {5+}, the octets behind the line. */
static bool
take_string(struct probe *probe, struct ms_scan *scan, struct ms_slice *out)
{
	bool closed;

	ms_scan_space(scan);
	if (ms_scan_try_byte(scan, '{')) {
		uint64_t n = ms_scan_number(scan, 6, probe->reader.line_max);

		return !scan->bad && ms_wire_read_octets(&probe->reader,
					 (size_t)n, out) == MS_WIRE_OK;
	}
	return ms_scan_quoted(scan, out, &closed) && closed;
}

static void
take_capability(struct probe *probe, struct ms_slice line)
{
	struct ms_scan scan = ms_scan_init(line);
	struct ms_slice name, value = ms_slice_make(NULL, 0);

	if (!take_string(probe, &scan, &name))
		return;
	(void)take_string(probe, &scan, &value);
	if (ms_slice_equal_nocase(name, MS_SLICE("SASL")))
		probe_mechanisms(probe, value);
	probe_capability(probe, name, value);
}

/* Lines of capabilities to the one that ends a response. */
static enum answer
response(struct probe *probe, struct ms_slice *first)
{
	for (unsigned i = 0; i < LINES_MAX; i++) {
		struct ms_slice line, rest, word;

		if (!probe_line(probe, &line))
			return ANSWER_NONE;
		if (i == 0 && first)
			*first = line;
		rest = line;
		word = probe_word(&rest);
		if (ms_slice_equal_nocase(word, MS_SLICE("OK")))
			return ANSWER_OK;
		if (ms_slice_equal_nocase(word, MS_SLICE("NO")))
			return ANSWER_NO;
		if (ms_slice_equal_nocase(word, MS_SLICE("BYE")))
			return ANSWER_BYE;
		if (i == 0 && first && (line.n == 0 || *line.p != '"')) {
			probe_foreign(probe, line);
			return ANSWER_NONE;
		}
		take_capability(probe, line);
	}
	probe_fail(probe, MS_WIRE_LIMIT, "its reply has no end");
	return ANSWER_NONE;
}

static bool
greet(struct probe *probe)
{
	struct ms_probe_reply *banner = &probe->result->banner;
	const struct ms_probe_capability *name;
	struct ms_slice line;
	enum answer answer;

	probe_phase(probe, MS_PROBE_BANNER);
	answer = response(probe, &line);
	if (answer == ANSWER_NONE)
		return false;
	probe_capabilities(probe)->asked = answer == ANSWER_OK;
	name = ms_probe_offered(probe_capabilities(probe), "IMPLEMENTATION");
	banner->lines = MS_NEW(probe->arena, struct ms_slice);
	*banner->lines = name ? name->value : line;
	banner->n = 1;
	if (answer == ANSWER_OK)
		return true;
	return probe_unwilling(probe, banner);
}

static bool
start_tls(struct probe *probe)
{
	struct ms_slice line;
	enum answer answer;

	if (!ms_probe_offered(&probe->result->plain, "STARTTLS"))
		return false;
	probe->result->starttls = MS_PROBE_TLS_OFFERED;
	probe_phase(probe, MS_PROBE_STARTTLS);
	if (!probe_send(probe, "STARTTLS"))
		return false;
	answer = response(probe, &line);
	if (answer == ANSWER_NO || answer == ANSWER_BYE)
		probe_rejected(probe, line);
	return answer == ANSWER_OK && probe_handshake(probe);
}

void
probe_sieve(struct probe *probe)
{
	if (!greet(probe))
		return;
	probe_phase(probe, MS_PROBE_GREETING);
	/* within TLS the server says them again by itself, RFC 5804 2.2 */
	if (!probe->secured && start_tls(probe)) {
		if (response(probe, NULL) == ANSWER_NONE)
			return;
		probe->result->secured.asked = true;
	}
	if (probe->over)
		return;
	if (probe_login(probe) && (!probe_send(probe, "CAPABILITY") ||
				      response(probe, NULL) == ANSWER_NONE))
		return;
	if (probe->over)
		return;
	probe_phase(probe, MS_PROBE_QUIT);
	if (probe_send(probe, "LOGOUT") && response(probe, NULL) != ANSWER_NONE)
		probe_phase(probe, MS_PROBE_DONE);
}
