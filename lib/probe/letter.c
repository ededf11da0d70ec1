/* SPDX-License-Identifier: ISC
 * letter.c - the marked message: our own, or a template made whole
 */
#include "roundtrip_priv.h"

#include "mailsonde/buf.h"
#include "mailsonde/clock.h"
#include "mailsonde/digest.h"
#include "mailsonde/header.h"

static const char body[] =
    "This message tests the way that mail takes. mailsonde sent it, and\r\n"
    "deletes it as soon as it has arrived. Should it still be here after a\r\n"
    "day, delete it.\r\n";

struct letter {
	struct ms_arena *arena;
	const struct ms_roundtrip_request *request;
	const struct ms_header *template; /* NULL */
	struct ms_buf out;
};

/* RFC 5322 3.3, in UTC. */
static const char *
date_text(struct ms_arena *arena, int64_t time)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct ms_civil c = ms_time_to_civil(time);

	return ms_arena_printf(arena, "%s, %d %s %04d %02d:%02d:%02d +0000",
	    days[ms_weekday(time)], c.day, months[c.month - 1], c.year, c.hour,
	    c.minute, c.second);
}

/* A field that the template lacks. */
static void __attribute__((format(printf, 3, 4)))
field(struct letter *l, const char *name, const char *format, ...)
{
	va_list args;

	if (l->template && ms_header_find_name(l->template, name))
		return;
	va_start(args, format);
	ms_buf_printf(&l->out, "%s: ", name);
	ms_buf_text(&l->out, ms_arena_vprintf(l->arena, format, args));
	ms_buf_text(&l->out, "\r\n");
	va_end(args);
}

/* The lines of a text, each with CRLF. */
static void
lines(struct letter *l, struct ms_slice text)
{
	struct ms_slice line;

	while (ms_slice_line(&text, false, &line)) {
		ms_buf_slice(&l->out, line);
		ms_buf_text(&l->out, "\r\n");
	}
}

static struct ms_slice
domain_of(struct ms_slice address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return ms_slice_part(address, at, address.n);
}

static void
put_fields(struct letter *l, const char *mark, int64_t at)
{
	const struct ms_roundtrip_request *r = l->request;

	field(l, "Date", "%s", date_text(l->arena, at));
	field(l, "From", "<%.*s>", PROBE_TEXT(r->from));
	field(l, "To", "<%.*s>", PROBE_TEXT(r->to));
	field(l, "Subject", "mailsonde roundtrip %.8s", mark);
	field(
	    l, "Message-ID", "<%s@%.*s>", mark, PROBE_TEXT(domain_of(r->from)));
	field(l, MS_MARK_FIELD, "%s", mark);
	if (l->template)
		return;
	/* RFC 3834 5: nobody is to answer it by himself */
	field(l, "Auto-Submitted", "auto-generated");
	field(l, "MIME-Version", "1.0");
	field(l, "Content-Type", "text/plain; charset=us-ascii");
	field(l, "Content-Transfer-Encoding", "7bit");
}

static const char *
read_template(
    struct letter *l, const struct ms_limits *limits, struct ms_header *header)
{
	struct ms_defects defects = { 0 };
	struct ms_slice text = l->request->template;
	struct ms_parse parse = { l->arena, NULL, limits, &defects, text.p,
		NULL };

	ms_header_parse(&parse, text, 0, header);
	if (header->n == 0)
		return "is no message: it begins with no header field";
	if (!header->complete)
		return "has no empty line behind its header";
	if (ms_header_find_name(header, MS_MARK_FIELD))
		return "has an " MS_MARK_FIELD " already";
	l->template = header;
	return NULL;
}

bool
ms_roundtrip_letter(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_roundtrip_request *request, int64_t at,
    struct ms_slice *out, struct ms_slice *message_id, const char **wrong)
{
	struct letter l = { .arena = arena, .request = request };
	char mark[2 * MS_MARK_BYTES + 1];
	const struct ms_field *id = NULL;
	struct ms_header header;

	*wrong = NULL;
	ms_hex(request->mark, MS_MARK_BYTES, mark);
	ms_buf_init(&l.out, arena);
	if (request->template.p)
		*wrong = read_template(&l, &env->limits, &header);
	if (*wrong)
		return false;
	put_fields(&l, mark, at);
	if (l.template) {
		lines(&l, request->template);
		id = ms_header_find(l.template, MS_FIELD_MESSAGE_ID);
	} else {
		ms_buf_text(&l.out, "\r\n");
		ms_buf_text(&l.out, body);
	}
	*out = ms_buf_get(&l.out);
	*message_id = id ? ms_slice_trim(id->value)
			 : ms_slice_from(ms_arena_printf(arena, "<%s@%.*s>",
			       mark, PROBE_TEXT(domain_of(request->from))));
	return true;
}
