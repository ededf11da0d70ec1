/* SPDX-License-Identifier: ISC
 * path.c - values of a report by their place
 */
#include "path.h"

#include "mailsonde/buf.h"

#define TEXT(s) (int)(s).n, ((s).p ? (const char *)(s).p : "")

static const struct ms_node *
child(const struct ms_node *object, struct ms_slice key)
{
	if (!object || object->kind != MS_NODE_OBJECT)
		return NULL;
	for (const struct ms_node *n = object->first; n; n = n->next)
		if (n->key && ms_slice_equal(ms_slice_from(n->key), key))
			return n;
	return NULL;
}

const struct ms_node *
path_find(const struct ms_node *object, const char *path)
{
	struct ms_slice rest = ms_slice_from(path);

	while (object && rest.n > 0) {
		size_t dot = ms_slice_find(rest, 0, '.');

		object = child(object, ms_slice_part(rest, 0, dot));
		rest = ms_slice_part(rest, dot + 1, rest.n);
	}
	return object;
}

bool
path_number(const struct ms_node *object, const char *path, double *out)
{
	const struct ms_node *node = path_find(object, path);

	if (!node)
		return false;
	switch (node->kind) {
	case MS_NODE_INT:
	case MS_NODE_TIME:
		*out = (double)node->u.number;
		return true;
	case MS_NODE_DOUBLE:
		*out = node->u.real;
		return true;
	case MS_NODE_BOOL:
		*out = node->u.truth ? 1 : 0;
		return true;
	default:
		return false;
	}
}

struct ms_slice
path_text(const struct ms_node *object, const char *path)
{
	const struct ms_node *node = path_find(object, path);

	if (!node || node->kind != MS_NODE_TEXT)
		return ms_slice_make(NULL, 0);
	return node->u.text;
}

static struct ms_slice
server_of(const struct ms_report *report, struct ms_slice host)
{
	struct ms_slice protocol = path_text(report->subject, "protocol");
	double port;

	if (!path_number(report->subject, "port", &port))
		port = 0;
	return ms_slice_from(ms_arena_printf(report->arena, "%.*s://%.*s:%.0f",
	    TEXT(protocol), TEXT(host), port));
}

struct ms_slice
path_subject(const struct ms_report *report)
{
	static const char *const names[] = { "name", "path", "mx", "ip",
		"address", "kind" };
	struct ms_slice host = path_text(report->subject, "host");
	struct ms_slice from = path_text(report->subject, "from");
	struct ms_slice to = path_text(report->subject, "to");

	if (host.p)
		return server_of(report, host);
	if (from.p && to.p)
		return ms_slice_from(ms_arena_printf(
		    report->arena, "%.*s to %.*s", TEXT(from), TEXT(to)));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct ms_slice text = path_text(report->subject, names[i]);

		if (text.p)
			return text;
	}
	return MS_SLICE("?");
}
