/* SPDX-License-Identifier: ISC
 * event.c - a conversation as a line of a record, and back
 */
#include "wire_priv.h"

#include <string.h>

#include "mailsonde/json.h"
#include "mailsonde/ledger.h"

struct ms_slice
wire_talk_key(struct ms_arena *arena, const char *purpose,
    const struct ms_ip *ip, uint16_t port)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	return ms_slice_from(
	    ms_arena_printf(arena, "wire %s %u %s", text, port, purpose));
}

/* ---- writing ---- */

static void
put_string(struct ms_buf *out, const char *name, const char *text)
{
	if (text)
		ms_ledger_put(out, name, ms_slice_from(text));
}

static void
put_status(
    struct ms_buf *out, enum ms_wire_status status, double at, const char *why)
{
	ms_buf_printf(out, ",\"at\":%.6f", at);
	if (status == MS_WIRE_OK)
		return;
	put_string(out, "status", ms_wire_status_name(status));
	put_string(out, "why", why);
}

static void
put_chain(struct ms_buf *out, const struct ms_tls_facts *tls)
{
	ms_buf_text(out, ",\"chain\":[");
	for (size_t i = 0; i < tls->chain_n; i++) {
		ms_buf_printf(out, "%s{\"number\":%zu", i > 0 ? "," : "", i);
		ms_ledger_put(out, "der", tls->chain[i]);
		ms_buf_byte(out, '}');
	}
	ms_buf_text(out, "],\"errors\":[");
	for (size_t i = 0; i < tls->errors_n; i++)
		ms_buf_printf(out, "%s%d", i > 0 ? "," : "", tls->errors[i]);
	ms_buf_byte(out, ']');
}

static void
put_tls(struct ms_buf *out, const struct ms_tls_facts *tls)
{
	ms_buf_printf(out, ",\"tls\":{\"established\":%s",
	    tls->established ? "true" : "false");
	put_string(out, "version", tls->version);
	put_string(out, "cipher", tls->cipher);
	put_string(out, "group", tls->group);
	put_string(out, "alpn", tls->alpn);
	if (tls->alert >= 0)
		ms_ledger_put_int(out, "alert", tls->alert);
	put_string(out, "error", tls->error);
	ms_buf_printf(
	    out, ",\"verified\":%s", tls->verified ? "true" : "false");
	if (tls->verify_text) {
		ms_ledger_put_int(out, "verify_error", tls->verify_error);
		ms_ledger_put_int(out, "verify_depth", tls->verify_depth);
		put_string(out, "verify_text", tls->verify_text);
	}
	if (tls->chain_cut)
		ms_buf_text(out, ",\"chain_cut\":true");
	put_chain(out, tls);
	if (tls->staple.p)
		ms_ledger_put(out, "staple", tls->staple);
	ms_buf_byte(out, '}');
}

void
wire_talk_put(struct ms_buf *out, const struct wire_talk *talk)
{
	char ip[MS_IP_TEXT];

	ms_ip_format(&talk->ip, ip);
	ms_buf_text(out, "\"type\":\"wire\"");
	put_string(out, "purpose", talk->purpose);
	put_string(out, "address", ip);
	ms_ledger_put_int(out, "port", talk->port);
	ms_ledger_put_int(out, "nth", talk->nth);
	put_status(out, talk->status, talk->at, talk->why);
	ms_buf_text(out, ",\"events\":[");
	for (const struct wire_event *e = talk->first; e; e = e->next) {
		ms_buf_printf(out, "%s{\"who\":\"%c\"",
		    e == talk->first ? "" : ",", e->who);
		put_status(out, e->status, e->at, e->why);
		ms_ledger_put(out, "text", e->text);
		if (e->tls)
			put_tls(out, e->tls);
		ms_buf_byte(out, '}');
	}
	ms_buf_byte(out, ']');
}

/* ---- reading ---- */

static const char *
get_string(
    struct ms_arena *arena, const struct ms_json *object, const char *name)
{
	struct ms_slice text = ms_ledger_get(arena, object, name);

	return text.p ? ms_arena_string(arena, text) : NULL;
}

static bool
get_status(struct ms_arena *arena, const struct ms_json *object,
    enum ms_wire_status *status, double *at, const char **why)
{
	const struct ms_json *number = ms_json_get(object, "at");
	struct ms_slice name = ms_json_get_text(object, "status");

	if (!number || number->kind != MS_JSON_NUMBER || number->number < 0)
		return false;
	*at = number->number;
	*why = get_string(arena, object, "why");
	*status = MS_WIRE_OK;
	return !name.p || ms_wire_status_parse(name, status);
}

static size_t
children(const struct ms_json *array)
{
	size_t n = 0;

	if (array && array->kind == MS_JSON_ARRAY)
		for (const struct ms_json *j = array->first; j; j = j->next)
			n++;
	return n;
}

static bool
is_true(const struct ms_json *object, const char *name)
{
	const struct ms_json *member = ms_json_get(object, name);

	return member && member->kind == MS_JSON_BOOL && member->truth;
}

static bool
get_chain(struct ms_arena *arena, const struct ms_json *object,
    struct ms_tls_facts *out)
{
	const struct ms_json *chain = ms_json_get(object, "chain");
	const struct ms_json *errors = ms_json_get(object, "errors");

	out->chain = MS_NEW_ARRAY(arena, struct ms_slice, children(chain) + 1);
	out->errors = MS_NEW_ARRAY(arena, int, children(errors) + 1);
	if (children(chain) > 0)
		for (const struct ms_json *j = chain->first; j; j = j->next) {
			struct ms_slice der = ms_ledger_get(arena, j, "der");

			if (!der.p)
				return false;
			out->chain[out->chain_n++] = der;
		}
	if (children(errors) > 0)
		for (const struct ms_json *j = errors->first; j; j = j->next)
			out->errors[out->errors_n++] =
			    ms_json_is_int(j) ? (int)j->number : 0;
	return true;
}

static struct ms_tls_facts *
get_tls(struct ms_arena *arena, const struct ms_json *object)
{
	struct ms_tls_facts *out = MS_NEW(arena, struct ms_tls_facts);

	out->established = is_true(object, "established");
	out->version = get_string(arena, object, "version");
	out->cipher = get_string(arena, object, "cipher");
	out->group = get_string(arena, object, "group");
	out->alpn = get_string(arena, object, "alpn");
	out->alert = (int)ms_json_get_int(object, "alert", -1);
	out->error = get_string(arena, object, "error");
	out->verified = is_true(object, "verified");
	out->verify_error = (int)ms_json_get_int(object, "verify_error", 0);
	out->verify_depth = (int)ms_json_get_int(object, "verify_depth", 0);
	out->verify_text = get_string(arena, object, "verify_text");
	out->chain_cut = is_true(object, "chain_cut");
	out->staple = ms_ledger_get(arena, object, "staple");
	return get_chain(arena, object, out) ? out : NULL;
}

static bool
get_event(struct ms_arena *arena, const struct ms_json *object,
    struct wire_event *out)
{
	struct ms_slice who = ms_json_get_text(object, "who");
	const struct ms_json *tls = ms_json_get(object, "tls");

	if (who.n != 1 ||
	    !get_status(arena, object, &out->status, &out->at, &out->why))
		return false;
	out->who = (char)*who.p;
	out->text = ms_ledger_get(arena, object, "text");
	if (out->who == 'T')
		out->tls = tls ? get_tls(arena, tls) : NULL;
	return out->who == 'T' ? out->tls != NULL
			       : strchr("SC-W", out->who) != NULL;
}

bool
wire_talk_get(
    struct ms_arena *arena, const struct ms_json *line, struct wire_talk *out)
{
	const struct ms_json *events = ms_json_get(line, "events");
	int64_t port = ms_json_get_int(line, "port", -1);

	memset(out, 0, sizeof(*out));
	out->purpose = get_string(arena, line, "purpose");
	out->nth = (unsigned)ms_json_get_int(line, "nth", 0);
	out->port = (uint16_t)port;
	if (!out->purpose || port < 0 || port > 65535 ||
	    !ms_ip_parse(ms_json_get_text(line, "address"), &out->ip) ||
	    !get_status(arena, line, &out->status, &out->at, &out->why) ||
	    !events || events->kind != MS_JSON_ARRAY)
		return false;
	for (const struct ms_json *j = events->first; j; j = j->next) {
		struct wire_event *event = MS_NEW(arena, struct wire_event);

		if (!get_event(arena, j, event))
			return false;
		if (out->last)
			out->last->next = event;
		else
			out->first = event;
		out->last = event;
	}
	return true;
}
