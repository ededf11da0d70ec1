/* SPDX-License-Identifier: ISC
 * imap.c - IMAP, RFC 9051 and 3501: greeting, CAPABILITY, STARTTLS, LOGOUT
 */
#include "probe_priv.h"

/* Untagged lines before the tagged one. */
#define UNTAGGED_MAX 100

static void
take_capabilities(struct probe *probe, struct ms_slice words)
{
	probe_capabilities(probe)->asked = true;
	for (;;) {
		struct ms_slice word = probe_word(&words);

		if (word.n == 0)
			return;
		if (ms_slice_starts(word, "AUTH="))
			probe_mechanism(probe, ms_slice_part(word, 5, word.n));
		if (!ms_probe_offered(probe_capabilities(probe),
			ms_arena_string(probe->arena, word)))
			probe_capability(probe, word, ms_slice_make(NULL, 0));
	}
}

/* "[CAPABILITY IMAP4rev1 …]" in a line. */
static void
take_code(struct probe *probe, struct ms_slice line)
{
	size_t at = ms_slice_find_nocase(line, 0, "[CAPABILITY ");
	struct ms_slice words;

	if (at >= line.n)
		return;
	words = ms_slice_part(line, at + 12, line.n);
	take_capabilities(
	    probe, ms_slice_part(words, 0, ms_slice_find(words, 0, ']')));
}

/* ---- the greeting ---- */

static bool
greet(struct probe *probe)
{
	struct ms_probe_reply *banner = &probe->result->banner;
	struct ms_slice line;

	probe_phase(probe, MS_PROBE_BANNER);
	if (!probe_line(probe, &line))
		return false;
	banner->lines = MS_NEW(probe->arena, struct ms_slice);
	*banner->lines = line;
	banner->n = 1;
	if (ms_slice_starts(line, "* BYE")) {
		return probe_unwilling(probe, banner);
	}
	if (!ms_slice_starts(line, "* OK") &&
	    !ms_slice_starts(line, "* PREAUTH"))
		return !probe_foreign(probe, line);
	*banner->lines = ms_slice_trim(ms_slice_part(line, 2, line.n));
	take_code(probe, line);
	return true;
}

/* ---- commands ---- */

enum answer { ANSWER_OK, ANSWER_NO, ANSWER_NONE };

void
probe_imap_note(struct probe *probe, struct ms_slice line)
{
	if (ms_slice_starts(line, "* CAPABILITY "))
		take_capabilities(probe, ms_slice_part(line, 13, line.n));
	else
		take_code(probe, line);
}

static bool
take_untagged(struct probe *probe, struct ms_slice line)
{
	if (ms_slice_starts(line, "* CAPABILITY "))
		probe_imap_note(probe, line);
	return ms_slice_starts(line, "* BYE");
}

/* Sends `tag command` and reads to the tagged line, *last. */
static enum answer
command(struct probe *probe, const char *tag, const char *word,
    struct ms_slice *last)
{
	struct ms_slice line;
	bool bye = false;

	if (!probe_send(probe, "%s %s", tag, word))
		return ANSWER_NONE;
	for (unsigned i = 0; i < UNTAGGED_MAX; i++) {
		struct ms_slice rest;

		if (!probe_line(probe, &line))
			return ANSWER_NONE;
		if (line.n > 0 && *line.p == '*') {
			bye |= take_untagged(probe, line);
			continue;
		}
		rest = line;
		if (!ms_slice_equal(probe_word(&rest), ms_slice_from(tag)))
			continue;
		take_code(probe, line);
		*last = rest;
		return ms_slice_equal_nocase(probe_word(&rest), MS_SLICE("OK"))
			   ? ANSWER_OK
			   : ANSWER_NO;
	}
	probe_fail(probe, MS_WIRE_LIMIT,
	    bye ? "it says good-bye, and goes on" : "its reply has no end");
	return ANSWER_NONE;
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
	answer = command(probe, "s2", "STARTTLS", &line);
	if (answer == ANSWER_NO)
		probe_rejected(probe, ms_slice_trim(line));
	return answer == ANSWER_OK && probe_handshake(probe);
}

/* What it said before TLS counts for nothing then, RFC 9051 6.2.1. */
void
probe_imap(struct probe *probe)
{
	struct ms_slice line;

	if (!greet(probe))
		return;
	probe_phase(probe, MS_PROBE_GREETING);
	if (!probe_capabilities(probe)->asked &&
	    command(probe, "s1", "CAPABILITY", &line) == ANSWER_NONE)
		return;
	if (!probe->secured) {
		probe->result->login_disabled =
		    ms_probe_offered(&probe->result->plain, "LOGINDISABLED") !=
		    NULL;
		if (start_tls(probe) &&
		    command(probe, "s3", "CAPABILITY", &line) == ANSWER_NONE)
			return;
	}
	if (probe->over)
		return;
	if (probe_login(probe) && !probe->result->within.asked &&
	    command(probe, "s6", "CAPABILITY", &line) == ANSWER_NONE)
		return;
	probe_further(probe);
	if (probe->over)
		return;
	probe_phase(probe, MS_PROBE_QUIT);
	if (command(probe, "s4", "LOGOUT", &line) != ANSWER_NONE)
		probe_phase(probe, MS_PROBE_DONE);
}
