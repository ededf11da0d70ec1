/* SPDX-License-Identifier: ISC
 * allow.c - which servers and domains may be asked about
 */
#include "mailsonde/allow.h"

#include "mailsonde/scan.h"

static bool
read_protocol(struct ms_slice *rest, struct ms_allow *out, const char **wrong)
{
	size_t n = ms_slice_find_text(*rest, 0, "://");

	if (n == rest->n)
		return true;
	out->protocol = ms_protocol_by_name(ms_slice_part(*rest, 0, n));
	*rest = ms_slice_part(*rest, n + 3, rest->n);
	if (!out->protocol)
		*wrong = "has a scheme that is no protocol of mail";
	return out->protocol != NULL;
}

static bool
read_port(struct ms_slice text, struct ms_allow *out, const char **wrong)
{
	struct ms_scan scan = ms_scan_init(text);

	out->port = (uint16_t)ms_scan_number(&scan, 5, 65535);
	if (!scan.bad && ms_scan_at_end(&scan) && out->port > 0)
		return true;
	*wrong = "has no port between 1 and 65535 behind its colon";
	return false;
}

static bool
read_bracketed(struct ms_slice rest, struct ms_allow *out, const char **wrong)
{
	size_t end = ms_slice_find(rest, 0, ']');
	struct ms_slice behind = ms_slice_part(rest, end + 1, rest.n);

	if (end == rest.n ||
	    !ms_net_parse(ms_slice_part(rest, 1, end), &out->net) ||
	    (behind.n > 0 && *behind.p != ':')) {
		*wrong = "has no address between brackets";
		return false;
	}
	return behind.n == 0 ||
	       read_port(ms_slice_part(behind, 1, behind.n), out, wrong);
}

/* As of a target. */
static bool
read_name(struct ms_arena *arena, struct ms_slice given, struct ms_allow *out,
    const char **wrong)
{
	struct ms_probe_target target;

	out->any = ms_slice_is(given, "*");
	if (out->any)
		return true;
	out->below = ms_slice_starts(given, "*.");
	if (out->below)
		given = ms_slice_part(given, 2, given.n);
	if (ms_slice_find(given, 0, '/') < given.n) {
		*wrong = "is neither a name nor a network";
		return false;
	}
	if (!ms_probe_target_read(arena,
		ms_slice_from(ms_arena_printf(
		    arena, "smtp://%.*s", (int)given.n, (const char *)given.p)),
		&target, wrong))
		return false;
	out->name = target.host;
	return true;
}

bool
ms_allow_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_allow *out, const char **wrong)
{
	struct ms_slice rest = ms_slice_trim(text);
	size_t colon;

	memset(out, 0, sizeof(*out));
	*wrong = NULL;
	if (!read_protocol(&rest, out, wrong))
		return false;
	if (rest.n > 0 && *rest.p == '[')
		return read_bracketed(rest, out, wrong);
	if (ms_net_parse(rest, &out->net))
		return true;
	out->net.ip.set = false;
	colon = ms_slice_find(rest, 0, ':');
	if (colon < rest.n &&
	    !read_port(ms_slice_part(rest, colon + 1, rest.n), out, wrong))
		return false;
	rest = ms_slice_part(rest, 0, colon);
	if (ms_net_parse(rest, &out->net))
		return true;
	out->net.ip.set = false;
	return read_name(arena, rest, out, wrong);
}

/* ---- what is of it ---- */

static bool
is_of_name(const struct ms_allow *allow, struct ms_slice name)
{
	size_t n = allow->name.n;

	if (allow->any)
		return true;
	if (n == 0)
		return false;
	if (!allow->below)
		return ms_slice_equal_nocase(name, allow->name);
	return name.n > n + 1 && name.p[name.n - n - 1] == '.' &&
	       ms_slice_equal_nocase(
		   ms_slice_part(name, name.n - n, name.n), allow->name);
}

static bool
is_of(const struct ms_allow *allow, const struct ms_probe_target *target)
{
	if (allow->protocol && allow->protocol != target->protocol)
		return false;
	if (allow->port ? allow->port != target->port
			: !ms_protocol_by_port(target->port))
		return false;
	if (allow->net.ip.set)
		return target->literal &&
		       ms_net_contains(&allow->net, &target->ip);
	return target->literal ? allow->any : is_of_name(allow, target->host);
}

bool
ms_allow_target(
    const struct ms_allow *list, size_t n, const struct ms_probe_target *target)
{
	for (size_t i = 0; i < n; i++)
		if (is_of(&list[i], target))
			return true;
	return false;
}

bool
ms_allow_domain(const struct ms_allow *list, size_t n, struct ms_slice name)
{
	for (size_t i = 0; i < n; i++)
		if (!list[i].protocol && !list[i].port &&
		    is_of_name(&list[i], name))
			return true;
	return false;
}
