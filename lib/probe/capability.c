/* SPDX-License-Identifier: ISC
 * capability.c - what a server says that it can do
 */
#include "probe_priv.h"

#define CAPABILITIES_MAX 256 /* ours; real servers have under 60 */
#define MECHANISMS_MAX   64

struct ms_probe_capabilities *
probe_capabilities(struct probe *probe)
{
	if (probe->within)
		return &probe->result->within;
	return probe->secured ? &probe->result->secured : &probe->result->plain;
}

struct ms_slice
probe_word(struct ms_slice *rest)
{
	struct ms_slice s = ms_slice_trim(*rest);
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
		n++;
	*rest = ms_slice_part(s, n, s.n);
	return ms_slice_part(s, 0, n);
}

void
probe_capability(
    struct probe *probe, struct ms_slice name, struct ms_slice value)
{
	struct ms_probe_capabilities *out = probe_capabilities(probe);

	out->asked = true;
	if (name.n == 0)
		return;
	if (!out->list)
		out->list = MS_NEW_ARRAY(
		    probe->arena, struct ms_probe_capability, CAPABILITIES_MAX);
	if (out->n == CAPABILITIES_MAX) {
		out->truncated = true;
		return;
	}
	out->list[out->n].name = name;
	out->list[out->n++].value = ms_slice_trim(value);
}

static bool
is_listed(const struct ms_probe_capabilities *list, struct ms_slice word)
{
	for (size_t i = 0; i < list->mechanisms_n; i++)
		if (ms_slice_equal(list->mechanisms[i], word))
			return true;
	return false;
}

void
probe_mechanism(struct probe *probe, struct ms_slice word)
{
	struct ms_probe_capabilities *out = probe_capabilities(probe);
	unsigned char *p = ms_arena_bytes(probe->arena, word.n);

	for (size_t i = 0; i < word.n; i++)
		p[i] = (unsigned char)(ms_is(word.p[i], MS_C_ALPHA)
					   ? word.p[i] & 0xDF
					   : word.p[i]);
	word = ms_slice_make(p, word.n);
	if (word.n == 0 || is_listed(out, word))
		return;
	if (!out->mechanisms)
		out->mechanisms =
		    MS_NEW_ARRAY(probe->arena, struct ms_slice, MECHANISMS_MAX);
	if (out->mechanisms_n < MECHANISMS_MAX)
		out->mechanisms[out->mechanisms_n++] = word;
	else
		out->truncated = true;
}

void
probe_mechanisms(struct probe *probe, struct ms_slice words)
{
	for (;;) {
		struct ms_slice word = probe_word(&words);

		if (word.n == 0)
			return;
		probe_mechanism(probe, word);
	}
}

const struct ms_probe_capability *
ms_probe_offered(const struct ms_probe_capabilities *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (ms_slice_equal_nocase(
			list->list[i].name, ms_slice_from(name)))
			return &list->list[i];
	return NULL;
}

/* Cisco's fixup writes XXXXXXXA, others X only, all as long as the word. */
bool
probe_is_blotted(struct ms_slice name)
{
	size_t n = 0;

	while (n < name.n && (name.p[n] == 'X' || name.p[n] == '*'))
		n++;
	return name.n >= 4 && n + 1 >= name.n;
}
