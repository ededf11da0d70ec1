/* SPDX-License-Identifier: ISC
 * outcome.c - what the checks of a domain leave behind
 */
#include <stdarg.h>

#include "domain_priv.h"
#include "mailsonde/codec.h"

#define TXT_STRING 255 /* RFC 1035 3.3: of one character-string */

/* Points off the score, by severity and status: the sum is shown. */
static unsigned
cost_of(enum ms_domain_status status, enum ms_severity severity)
{
	static const unsigned costs[] = {
		[MS_SEVERITY_INFO] = 0,
		[MS_SEVERITY_LOW] = 2,
		[MS_SEVERITY_MEDIUM] = 6,
		[MS_SEVERITY_HIGH] = 15,
		[MS_SEVERITY_CRITICAL] = 30,
	};

	if (status != MS_DOMAIN_WARN && status != MS_DOMAIN_FAIL)
		return 0;
	return costs[severity];
}

static struct ms_domain_outcome *
add(struct ms_domain_case *subject, const char *id,
    enum ms_domain_status status, enum ms_severity severity, const char *title)
{
	struct ms_domain_outcome *out =
	    MS_NEW(subject->arena, struct ms_domain_outcome);

	out->check = subject->running;
	out->id = id ? id : out->check->id;
	out->status = status;
	out->severity = severity;
	out->title = title;
	out->reference = out->check->reference;
	out->cost = cost_of(status, severity);
	if (subject->outcomes_last)
		subject->outcomes_last->next = out;
	else
		subject->outcomes = out;
	subject->outcomes_last = out;
	subject->outcomes_n++;
	return out;
}

struct ms_domain_outcome *
domain_outcome(struct ms_domain_case *subject, const char *id,
    enum ms_domain_status status, enum ms_severity severity, const char *format,
    ...)
{
	va_list args;
	char *title;

	va_start(args, format);
	title = ms_arena_vprintf(subject->arena, format, args);
	va_end(args);
	return add(subject, id, status, severity, title);
}

struct ms_domain_outcome *
domain_pass(struct ms_domain_case *subject, const char *format, ...)
{
	va_list args;
	char *title;

	va_start(args, format);
	title = ms_arena_vprintf(subject->arena, format, args);
	va_end(args);
	return add(subject, NULL, MS_DOMAIN_PASS, MS_SEVERITY_INFO, title);
}

struct ms_domain_outcome *
domain_skip(struct ms_domain_case *subject, const char *format, ...)
{
	va_list args;
	char *title;

	va_start(args, format);
	title = ms_arena_vprintf(subject->arena, format, args);
	va_end(args);
	return add(subject, NULL, MS_DOMAIN_SKIP, MS_SEVERITY_INFO, title);
}

struct ms_domain_outcome *
domain_unknown(struct ms_domain_case *subject, struct ms_slice name,
    enum ms_dns_type type, const struct ms_dns_answer *answer)
{
	char text[MS_DNS_TYPE_TEXT];
	struct ms_domain_outcome *out;

	if (answer->status == MS_DNS_PUT_OFF) /* will be thrown away */
		return add(subject, NULL, MS_DOMAIN_ERROR, MS_SEVERITY_INFO,
		    answer->why);
	ms_dns_type_format((uint16_t)type, text);
	out = add(subject, NULL, MS_DOMAIN_ERROR, MS_SEVERITY_INFO,
	    ms_arena_printf(subject->arena, "The %s look-up of %.*s failed: %s",
		text, DOMAIN_TEXT(name),
		answer->why ? answer->why
			    : ms_dns_status_name(answer->status)));
	out->fix = "Ask again; if it stays so, look after the name servers.";
	return out;
}

struct ms_domain_outcome *
domain_unfetched(struct ms_domain_case *subject, const char *url,
    const struct ms_fetch *fetch)
{
	bool offline = fetch->status == MS_FETCH_OFFLINE;
	struct ms_domain_outcome *out = add(subject, NULL,
	    offline ? MS_DOMAIN_SKIP : MS_DOMAIN_ERROR, MS_SEVERITY_INFO,
	    ms_arena_printf(subject->arena, "%.500s was not fetched%s%s", url,
		offline ? "" : ": ", offline ? " (--offline)" : fetch->why));

	if (!offline)
		out->fix = "Try again; if it stays so, look after the server.";
	return out;
}

struct ms_slice
domain_pem(struct ms_arena *arena, struct ms_slice pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t from = ms_slice_find_text(pem, 0, begin);
	size_t to = ms_slice_find_text(pem, from, "-----END CERTIFICATE-----");

	if (to >= pem.n)
		return ms_slice_make(NULL, 0);
	return ms_codec_decode(arena, MS_ENCODING_BASE64,
	    ms_slice_part(pem, from + strlen(begin), to), NULL);
}

/* ---- evidence ---- */

static void
add_line(struct ms_domain_case *subject, struct ms_domain_outcome *outcome,
    const char *line)
{
	outcome->records = ms_arena_grow(subject->arena, outcome->records,
	    sizeof(*outcome->records) * outcome->records_n,
	    sizeof(*outcome->records) * (outcome->records_n + 1));
	outcome->records[outcome->records_n++] = line;
}

void
domain_record_line(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_line(
	    subject, outcome, ms_arena_vprintf(subject->arena, format, args));
	va_end(args);
}

void
domain_records(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const struct ms_dns_answer *answer)
{
	char type[MS_DNS_TYPE_TEXT];

	for (size_t i = 0; i < answer->n; i++) {
		const struct ms_dns_record *r = &answer->records[i];
		struct ms_slice rdata = ms_dns_rdata_text(subject->arena, r);

		ms_dns_type_format(r->type, type);
		domain_record_line(subject, outcome, "%.*s. %u %s %.*s",
		    DOMAIN_TEXT(r->name), r->ttl, type, (int)rdata.n,
		    (const char *)rdata.p);
	}
}

/* ---- mending ---- */

static void
add_change(struct ms_domain_case *subject, struct ms_domain_outcome *outcome,
    bool remove, struct ms_slice owner, const char *type, const char *rdata)
{
	struct ms_domain_change *change =
	    MS_NEW(subject->arena, struct ms_domain_change);
	struct ms_domain_change **end = &outcome->changes;

	change->remove = remove;
	change->owner =
	    ms_arena_printf(subject->arena, "%.*s.", DOMAIN_TEXT(owner));
	change->type = type;
	change->rdata = rdata;
	while (*end)
		end = &(*end)->next;
	*end = change;
}

void
domain_add(struct ms_domain_case *subject, struct ms_domain_outcome *outcome,
    struct ms_slice owner, const char *type, const char *rdata)
{
	add_change(subject, outcome, false, owner, type, rdata);
}

void
domain_remove(struct ms_domain_case *subject, struct ms_domain_outcome *outcome,
    struct ms_slice owner, const char *type, const char *rdata)
{
	add_change(subject, outcome, true, owner, type, rdata);
}

void
domain_replace_txt(struct ms_domain_case *subject,
    struct ms_domain_outcome *outcome, const struct ms_dns_answer *answer,
    const char *prefix, bool (*is_record)(struct ms_slice text),
    struct ms_slice keep, const char *rdata)
{
	struct ms_slice owner = domain_name(subject, prefix);

	if (answer->aliases_n > 0)
		return;
	for (size_t i = 0; i < answer->n; i++) {
		struct ms_slice text = answer->records[i].u.text;

		if (text.p != keep.p && (!is_record || is_record(text)))
			domain_remove(subject, outcome, owner, "TXT",
			    domain_txt(subject->arena, text));
	}
	if (rdata)
		domain_add(subject, outcome, owner, "TXT", rdata);
}

const char *
domain_txt(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t i = 0; i < text.n || i == 0; i++) {
		if (i % TXT_STRING == 0)
			ms_buf_text(&out, i ? "\" \"" : "\"");
		if (i == text.n)
			break;
		if (text.p[i] == '"' || text.p[i] == '\\')
			ms_buf_printf(&out, "\\%c", text.p[i]);
		else if (text.p[i] < 32 || text.p[i] > 126)
			ms_buf_printf(&out, "\\%03u", text.p[i]);
		else
			ms_buf_byte(&out, text.p[i]);
	}
	ms_buf_byte(&out, '"');
	return ms_arena_string(arena, ms_buf_get(&out));
}
