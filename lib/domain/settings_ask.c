/* SPDX-License-Identifier: ISC
 * settings_ask.c - autoconfig and Autodiscover, asked for and read
 */
#include "domain_priv.h"

#include "mailsonde/scan.h"
#include "settings_priv.h"

#define REDIRECTS 3

/* RFC 3986 2.3: what stands for itself in a query. */
static const char *
encoded(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t i = 0; i < text.n; i++)
		if (ms_is(text.p[i], MS_C_ALNUM) || text.p[i] == '-' ||
		    text.p[i] == '.' || text.p[i] == '_')
			ms_buf_byte(&out, text.p[i]);
		else
			ms_buf_printf(&out, "%%%02X", text.p[i]);
	return ms_arena_string(arena, ms_buf_get(&out));
}

static const char *
url_of(struct ms_arena *arena, enum settings_kind kind, struct ms_slice domain,
    struct ms_slice address)
{
	switch (kind) {
	case SETTINGS_AUTOCONFIG_HOST:
		return ms_arena_printf(arena,
		    "https://autoconfig.%.*s/mail/config-v1.1.xml"
		    "?emailaddress=%s",
		    DOMAIN_TEXT(domain), encoded(arena, address));
	case SETTINGS_AUTOCONFIG_SITE:
		return ms_arena_printf(arena,
		    "https://%.*s/.well-known/autoconfig/mail/config-v1.1.xml"
		    "?emailaddress=%s",
		    DOMAIN_TEXT(domain), encoded(arena, address));
	default:
		return ms_arena_printf(arena,
		    "https://autodiscover.%.*s/autodiscover/autodiscover.xml",
		    DOMAIN_TEXT(domain));
	}
}

/* Text of XML: nothing in it ends an element. */
static const char *
escaped(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '&')
			ms_buf_text(&out, "&amp;");
		else if (text.p[i] == '<')
			ms_buf_text(&out, "&lt;");
		else if (text.p[i] == '>')
			ms_buf_text(&out, "&gt;");
		else if (text.p[i] >= ' ')
			ms_buf_byte(&out, text.p[i]);
	return ms_arena_string(arena, ms_buf_get(&out));
}

/* [MS-OXDSCLI] 2.2.3. */
static const char *
autodiscover_request(struct ms_arena *arena, struct ms_slice address)
{
	return ms_arena_printf(arena,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/"
	    "autodiscover/outlook/requestschema/"
	    "2006\"><Request><EMailAddress>%s</EMailAddress>"
	    "<AcceptableResponseSchema>"
	    "http://schemas.microsoft.com/exchange/autodiscover/outlook/"
	    "responseschema/2006a</AcceptableResponseSchema></Request>"
	    "</Autodiscover>\n",
	    escaped(arena, address));
}

static bool
is_page(const struct ms_fetch *fetch)
{
	return fetch->type &&
	       ms_slice_starts(ms_slice_from(fetch->type), "text/html");
}

void
settings_ask(const struct ms_env *env, struct ms_arena *arena,
    enum settings_kind kind, struct ms_slice domain, struct ms_slice address,
    struct settings_document *out)
{
	struct ms_fetch_url request = { .redirects = REDIRECTS };

	memset(out, 0, sizeof(*out));
	out->url = url_of(arena, kind, domain, address);
	request.url = ms_slice_from(out->url);
	if (kind == SETTINGS_AUTODISCOVER) {
		request.post_type = "text/xml; charset=utf-8";
		request.post =
		    ms_slice_from(autodiscover_request(arena, address));
	}
	ms_fetch_url(env, &request, arena, &out->fetch);
	out->page = is_page(&out->fetch);
	if (out->fetch.status != MS_FETCH_FOUND || out->page)
		return;
	if (kind == SETTINGS_AUTODISCOVER)
		ms_autodiscover_parse(
		    out->fetch.body, &env->limits, arena, &out->settings);
	else
		ms_autoconfig_parse(
		    out->fetch.body, &env->limits, arena, &out->settings);
}
