/* SPDX-License-Identifier: ISC
 * fuzz_settings_xml.c - XML, autoconfig and Autodiscover
 */
#include "fuzz.h"

#include "mailsonde/settings_xml.h"
#include "mailsonde/utf8.h"
#include "mailsonde/xml.h"

static void
check_tree(const struct ms_xml *root, const struct ms_limits *limits)
{
	size_t nodes = 0;

	for (const struct ms_xml *node = root; node; node = ms_xml_walk(node)) {
		size_t depth = 0;

		nodes++;
		assert(node->name.n > 0 && node->text.p);
		assert(ms_utf8_valid(node->name) && ms_utf8_valid(node->text));
		for (const struct ms_xml *up = node; up; up = up->parent)
			depth++;
		assert(depth <= limits->xml_depth);
		for (const struct ms_xml_attribute *a = node->attributes; a;
		     a = a->next, nodes++)
			assert(a->value.p && ms_utf8_valid(a->value));
	}
	assert(nodes <= limits->xml_nodes);
}

static void
check_settings(const struct ms_mail_settings *s, const struct ms_limits *limits)
{
	assert(s->valid == (s->fault == NULL));
	assert(s->servers_n <= limits->mail_servers);
	for (size_t i = 0; s->valid && i < s->servers_n; i++)
		assert(s->servers[i].service == MS_MAIL_OTHER ||
		       (s->servers[i].host.n > 0 && s->servers[i].port > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice text = ms_slice_make(data, size);
	struct ms_mail_settings settings;
	const char *fault = NULL;
	const struct ms_xml *root;

	limits.xml_depth = 8; /* within a fuzzer's reach */
	limits.xml_nodes = 64;
	limits.mail_servers = 4;
	root = ms_xml_read(arena, text, &limits, &fault);
	assert((root == NULL) == (fault != NULL));
	if (root)
		check_tree(root, &limits);
	ms_autoconfig_parse(text, &limits, arena, &settings);
	check_settings(&settings, &limits);
	assert(!settings.valid || (root && settings.servers_n > 0));
	ms_autodiscover_parse(text, &limits, arena, &settings);
	check_settings(&settings, &limits);
	assert(!settings.valid || root);
	ms_arena_free(arena);
	return 0;
}
