/* SPDX-License-Identifier: ISC
 * target.c - a server as people name it: scheme, host, port
 */
#include "probe_priv.h"

#include "mailsonde/link.h"

/* What is left of a target that is read from the front. */
struct reading {
	struct ms_arena *arena;
	struct ms_probe_target *out;
	struct ms_slice rest;
	const char *wrong;
};

static bool
fail(struct reading *r, const char *wrong)
{
	r->wrong = wrong;
	return false;
}

static const char *
known_schemes(struct ms_arena *arena)
{
	const struct ms_protocol *const *p = ms_protocols();
	struct ms_buf text;

	ms_buf_init(&text, arena);
	for (size_t i = 0; p[i]; i++)
		ms_buf_printf(&text, "%s%s", i > 0 ? ", " : "", p[i]->name);
	return ms_arena_string(arena, ms_buf_get(&text));
}

static bool
read_scheme(struct reading *r)
{
	size_t at = ms_slice_find_text(r->rest, 0, "://");
	struct ms_slice scheme = ms_slice_part(r->rest, 0, at);

	if (at >= r->rest.n)
		return true;
	r->out->protocol = ms_protocol_by_name(scheme);
	if (!r->out->protocol &&
	    ms_slice_equal_nocase(scheme, MS_SLICE("smtps")))
		r->out->protocol = ms_protocol_by_name(MS_SLICE("submissions"));
	r->rest = ms_slice_part(r->rest, at + 3, r->rest.n);
	if (r->out->protocol)
		return true;
	return fail(
	    r, ms_arena_printf(r->arena, "has an unknown scheme; there are %s",
		   known_schemes(r->arena)));
}

/* What a URL may have behind it is nothing to us. */
static void
drop_path(struct reading *r)
{
	size_t n = 0;

	while (n < r->rest.n && r->rest.p[n] != '/' && r->rest.p[n] != '?' &&
	       r->rest.p[n] != '#')
		n++;
	r->rest = ms_slice_part(r->rest, 0, n);
}

static bool
read_port(struct reading *r, struct ms_slice text)
{
	struct ms_scan scan = ms_scan_init(text);
	uint64_t port = ms_scan_number(&scan, 5, 65535);

	if (scan.bad || !ms_scan_at_end(&scan) || port == 0)
		return fail(r, "has no port between 1 and 65535 behind its "
			       "colon");
	r->out->port = (uint16_t)port;
	return true;
}

/* "[2001:db8::1]" or "[2001:db8::1]:25". */
static bool
read_bracketed(struct reading *r)
{
	size_t end = ms_slice_find(r->rest, 0, ']');
	struct ms_slice inner = ms_slice_part(r->rest, 1, end);
	struct ms_slice behind = ms_slice_part(r->rest, end + 1, r->rest.n);

	if (end >= r->rest.n || !ms_ip_parse_literal(inner, &r->out->ip))
		return fail(r, "has no address between its brackets");
	if (behind.n > 0 && *behind.p != ':')
		return fail(r, "has something behind its bracket that is no "
			       "port");
	return behind.n == 0 ||
	       read_port(r, ms_slice_part(behind, 1, behind.n));
}

static bool
read_name(struct reading *r, struct ms_slice given)
{
	struct ms_dns_name name;

	if (!ms_slice_is_ascii(given)) {
		r->out->unicode = given;
		given = ms_domain_to_ascii(r->arena, given);
	}
	if (given.n > 1 && given.p[given.n - 1] == '.')
		given.n--;
	if (given.n == 0)
		return fail(r, "names no host");
	for (size_t i = 0; i < given.n; i++)
		if (!ms_is(given.p[i], MS_C_ALNUM) && given.p[i] != '-' &&
		    given.p[i] != '_' && given.p[i] != '.')
			return fail(r, "holds a character that no host's name "
				       "has");
	r->out->host = ms_arena_lower(r->arena, given);
	if (!ms_dns_name_from_text(r->out->host, &name))
		return fail(r, "is no host's name: a label is empty or over "
			       "63 octets, or the whole over 255");
	return true;
}

static bool
read_host(struct reading *r)
{
	size_t colon = ms_slice_find(r->rest, 0, ':');

	if (r->rest.n > 0 && *r->rest.p == '[')
		return read_bracketed(r);
	if (ms_ip_parse(r->rest, &r->out->ip))
		return true; /* IPv6 without brackets, or IPv4 */
	if (colon < r->rest.n &&
	    !read_port(r, ms_slice_part(r->rest, colon + 1, r->rest.n)))
		return false;
	r->rest = ms_slice_part(r->rest, 0, colon);
	if (ms_slice_find(r->rest, 0, '@') < r->rest.n)
		return fail(r, "is an address of mail; mailsonde settings "
			       "takes those, this command takes a server");
	return ms_ip_parse(r->rest, &r->out->ip) || read_name(r, r->rest);
}

/* The port's own protocol, or the protocol's own port. */
static bool
complete(struct reading *r)
{
	char text[MS_IP_TEXT];

	if (r->out->ip.set) {
		ms_ip_format(&r->out->ip, text);
		r->out->literal = true;
		r->out->host =
		    ms_slice_from(ms_arena_printf(r->arena, "%s", text));
	}
	if (!r->out->protocol && r->out->port == 0)
		return fail(r, "names neither a protocol nor a port: "
			       "smtp://HOST, imaps://HOST, HOST:25");
	if (!r->out->protocol)
		r->out->protocol = ms_protocol_by_port(r->out->port);
	if (!r->out->protocol)
		return fail(r, "has a port that is no protocol's own; say "
			       "which it is: smtp://HOST:PORT");
	if (r->out->port == 0)
		r->out->port = r->out->protocol->port;
	return true;
}

bool
ms_probe_target_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_probe_target *out, const char **wrong)
{
	struct reading r = {
		.arena = arena, .out = out, .rest = ms_slice_trim(text)
	};

	memset(out, 0, sizeof(*out));
	*wrong = NULL;
	if (r.rest.n == 0)
		r.wrong = "is empty";
	else if (read_scheme(&r)) {
		drop_path(&r);
		if (read_host(&r) && complete(&r))
			return true;
	}
	*wrong = r.wrong;
	return false;
}
