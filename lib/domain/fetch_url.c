/* SPDX-License-Identifier: ISC
 * fetch_url.c - a document by its URL: its host looked up, redirects followed
 */
#include "mailsonde/fetch_url.h"

#include "mailsonde/link.h"
#include "mailsonde/scan.h"

/* Beyond that a host has more addresses than anybody tries. */
#define ADDRESSES_MAX 16

/* One request to be. */
struct hop {
	const struct ms_env *env;
	struct ms_arena *arena;
	struct ms_slice host;
	struct ms_fetch_request request;
	struct ms_ip ips[ADDRESSES_MAX];
	const char *special; /* what an address was passed over for */
};

/* ---- the URL ---- */

/* What a request line cannot hold (RFC 3986 2.1). */
static void
put_path(struct ms_buf *out, struct ms_slice path)
{
	path = ms_slice_part(path, 0, ms_slice_find(path, 0, '#'));
	if (path.n == 0 || path.p[0] != '/')
		ms_buf_byte(out, '/');
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] >= 127)
			ms_buf_printf(out, "%%%02X", path.p[i]);
		else
			ms_buf_byte(out, path.p[i]);
}

/* Takes it apart and writes it anew, so that all who read it mean the same
 * host. */
static bool
take_url(struct hop *hop, struct ms_slice text, bool allow_http)
{
	struct ms_url url;
	struct ms_buf out;
	bool plain;

	if (!ms_url_parse(hop->arena, text, &url) || url.host_ascii.n == 0 ||
	    url.host_ascii.n > 255 || url.userinfo.p || url.port == 0)
		return false;
	plain = ms_slice_is(url.scheme, "http");
	if (!ms_slice_is(url.scheme, "https") && !(plain && allow_http))
		return false;
	for (size_t i = 0; i < url.host_ascii.n; i++)
		if (!ms_is(url.host_ascii.p[i], MS_C_ALNUM) &&
		    !strchr("-_.[]:", url.host_ascii.p[i]))
			return false;
	hop->host = url.host_ascii;
	hop->request.allow_http = plain;
	hop->request.port =
	    (uint16_t)(url.port > 0 ? url.port : (plain ? 80 : 443));
	if (url.ip.set)
		hop->ips[hop->request.ips_n++] = url.ip;
	ms_buf_init(&out, hop->arena);
	ms_buf_text(&out, plain ? "http://" : "https://");
	ms_buf_slice(&out, url.host_ascii);
	if (url.port > 0)
		ms_buf_printf(&out, ":%d", url.port);
	put_path(&out, url.path);
	hop->request.url = ms_arena_string(hop->arena, ms_buf_get(&out));
	return true;
}

/* ---- where its host is ---- */

static void
take_address(struct hop *hop, const struct ms_ip *ip)
{
	const struct ms_special *special = ms_env_special(hop->env, ip);
	char text[MS_IP_TEXT];

	if (special) {
		ms_ip_format(ip, text);
		hop->special = ms_arena_printf(hop->arena,
		    "%.*s has no public address: %s is %s (%s)",
		    (int)hop->host.n, (const char *)hop->host.p, text,
		    special->name, special->rfc);
	} else if (hop->request.ips_n < ADDRESSES_MAX) {
		hop->ips[hop->request.ips_n++] = *ip;
	}
}

static bool
failed(struct hop *hop, const char *type, const struct ms_dns_answer *answer,
    struct ms_fetch *out)
{
	if (!ms_dns_is_failure(answer->status))
		return false;
	ms_fetch_fail(out,
	    answer->status == MS_DNS_OFFLINE ? MS_FETCH_OFFLINE : MS_FETCH_DNS,
	    ms_arena_printf(hop->arena, "the %s look-up of %.*s failed: %s",
		type, (int)hop->host.n, (const char *)hop->host.p,
		answer->why ? answer->why
			    : ms_dns_status_name(answer->status)));
	return true;
}

/* False: *out says why not. */
static bool
look_up(struct hop *hop, struct ms_fetch *out)
{
	struct ms_dns_source *dns = hop->env->dns;
	struct ms_dns_answer a, aaaa;

	if (!hop->env->careful)
		ms_dns_hint(dns, hop->host, MS_DNS_AAAA);
	ms_dns_ask(dns, hop->host, MS_DNS_A, hop->arena, &a);
	ms_dns_ask(dns, hop->host, MS_DNS_AAAA, hop->arena, &aaaa);
	for (size_t i = 0; i < a.n; i++)
		take_address(hop, &a.records[i].u.ip);
	for (size_t i = 0; i < aaaa.n; i++)
		take_address(hop, &aaaa.records[i].u.ip);
	if (hop->request.ips_n > 0)
		return true;
	if (failed(hop, "A", &a, out) || failed(hop, "AAAA", &aaaa, out))
		return false;
	hop->request.barred = hop->special;
	if (!hop->special)
		hop->request.barred = ms_arena_printf(hop->arena, "%.*s %s",
		    (int)hop->host.n, (const char *)hop->host.p,
		    a.status == MS_DNS_NXDOMAIN ? "does not exist"
						: "has no address");
	return true;
}

static bool
find_host(struct hop *hop, struct ms_fetch *out)
{
	struct ms_ip to = { .set = false };
	uint16_t from = hop->request.port;

	ms_env_redirect(hop->env, hop->host, from, &to, &hop->request.port);
	if (to.set) {
		hop->ips[0] = to;
		hop->request.ips_n = 1;
		return true;
	}
	if (hop->request.ips_n == 0)
		return look_up(hop, out);
	to = hop->ips[0]; /* the URL's own */
	hop->request.ips_n = 0;
	take_address(hop, &to);
	hop->request.barred = hop->request.ips_n ? NULL : hop->special;
	return true;
}

/* ---- all ---- */

static void
fetch_one(const struct ms_env *env, const struct ms_fetch_url *request,
    struct ms_slice url, bool allow_http, double seconds,
    struct ms_arena *arena, struct ms_fetch *out)
{
	struct hop hop = { .env = env, .arena = arena };

	if (!take_url(&hop, url, allow_http)) {
		ms_fetch_fail(out, MS_FETCH_BAD_URL,
		    allow_http ? "it is no URL of https or http"
			       : "it is no URL of https");
		return;
	}
	if (!find_host(&hop, out))
		return;
	hop.request.ips = hop.ips;
	hop.request.post_type = request->post_type;
	hop.request.post = request->post;
	hop.request.max = request->max ? request->max : env->limits.fetch_size;
	hop.request.seconds = seconds;
	env->fetch->fetch(env->fetch, &hop.request, arena, out);
}

void
ms_fetch_url(const struct ms_env *env, const struct ms_fetch_url *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	double seconds = (double)env->limits.fetch_seconds, spent = 0;
	struct ms_slice url = request->url;
	bool allow_http = request->allow_http;

	if (env->timeout > 0 && env->timeout < seconds)
		seconds = env->timeout;
	for (unsigned i = 0;; i++) {
		fetch_one(
		    env, request, url, allow_http, seconds - spent, arena, out);
		spent += out->seconds;
		out->seconds = spent;
		if (out->status != MS_FETCH_REDIRECTED ||
		    i >= request->redirects)
			return;
		url = ms_slice_from(out->location);
		allow_http = false;
	}
}
