/* SPDX-License-Identifier: ISC
 * selectors.c - DKIM selectors that mail is signed with
 */
#include "selectors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "each_message.h"
#include "evidence.h"
#include "mailsonde/feedback.h"
#include "mailsonde/gzip.h"
#include "mailsonde/map.h"
#include "mailsonde/message.h"
#include "mailsonde/taglist.h"
#include "mailsonde/zip.h"
#include "output.h"
#include "pool.h"

struct reading {
	const struct ms_env *env;
	struct ms_arena *arena;  /* of the result */
	struct ms_arena *worker; /* of one message */
	struct ms_charsets *charsets;
	struct ms_map known;
	struct ms_domain_seen *list;
	size_t n, room;
};

static void
add(struct reading *r, struct ms_slice domain, struct ms_slice selector)
{
	const char *key = ms_arena_printf(r->worker, "%.*s %.*s", (int)domain.n,
	    (const char *)domain.p, (int)selector.n, (const char *)selector.p);
	struct ms_map_entry *entry = ms_map_take(&r->known, ms_slice_from(key));

	if (entry->value)
		return;
	entry->value = r;
	if (r->n == r->room) {
		r->list =
		    ms_arena_grow(r->arena, r->list, sizeof(*r->list) * r->room,
			sizeof(*r->list) * (2 * r->room + 16));
		r->room = 2 * r->room + 16;
	}
	r->list[r->n].domain = ms_arena_copy(r->arena, domain);
	r->list[r->n++].selector = ms_arena_copy(r->arena, selector);
}

static struct ms_slice
value(struct reading *r, const struct ms_taglist *list, const char *tag)
{
	return ms_taglist_unfold(ms_taglist_value(list, tag), r->worker);
}

/* Both as names of the DNS. */
static void
add_named(struct reading *r, struct ms_slice domain, struct ms_slice selector)
{
	struct ms_dns_name name;

	if (domain.n > 0 && selector.n > 0 &&
	    ms_dns_name_from_text(domain, &name) &&
	    ms_dns_name_from_text(selector, &name))
		add(r, domain, selector);
}

static void
read_message(void *context, struct ms_slice raw)
{
	struct reading *r = context;
	static const struct ms_message_options options = { .mime = false };
	const struct ms_field *field;
	struct ms_message message;
	struct ms_taglist list;

	ms_message_parse(
	    r->worker, r->charsets, &r->env->limits, raw, &options, &message);
	for (field = ms_header_find(&message.header, MS_FIELD_DKIM_SIGNATURE);
	     field; field = ms_header_next(&message.header, field)) {
		struct ms_slice domain, selector;

		ms_taglist_parse(
		    field->value, 0, &r->env->limits, r->worker, &list);
		domain = value(r, &list, "d");
		selector = value(r, &list, "s");
		add_named(r, domain, selector);
	}
}

/* ---- aggregate reports of DMARC ---- */

/* Each result of DKIM has the domain and, mostly, the selector. */
static enum ms_status
read_report(struct reading *r, const struct ms_feedback_item *item,
    struct ms_diag *diag)
{
	struct ms_aggregate report;

	*diag = item->diag;
	if (item->kind != MS_FEEDBACK_XML)
		return MS_FORMAT;
	if (ms_aggregate_read(r->worker, item->text, &r->env->limits,
		r->env->psl, &report, diag) != MS_OK)
		return MS_FORMAT;
	for (size_t i = 0; i < report.rows_n; i++)
		for (size_t k = 0; k < report.rows[i].auth_n; k++)
			if (report.rows[i].auth[k].dkim)
				add_named(r, report.rows[i].auth[k].domain,
				    report.rows[i].auth[k].selector);
	return report.fault ? ms_diag_set(diag, MS_FORMAT, "%s", report.fault)
			    : MS_OK;
}

static int
read_document(struct reading *r, const char *path, struct ms_slice bytes)
{
	const struct ms_feedback_item *item =
	    ms_feedback_unpack(r->worker, r->charsets, &r->env->limits, bytes);
	struct ms_diag diag;
	int code = 0;

	for (; item; item = item->next) {
		if (read_report(r, item, &diag) == MS_OK)
			continue;
		complain("domain: --selectors-from %s: %s", path,
		    diag.text[0] ? diag.text : "it is no report of DMARC");
		code = EXIT_DATA;
	}
	return code;
}

static bool
is_report(struct ms_slice begin)
{
	struct ms_slice text = begin;

	if (text.n > 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = ms_slice_part(text, 3, text.n);
	text = ms_slice_trim(text);
	return ms_is_gzip(begin) || ms_is_zip(begin) ||
	       (text.n > 0 && text.p[0] == '<');
}

/* The first octets of a plain file; empty for anything else. */
static struct ms_slice
beginning(struct reading *r, const char *path)
{
	unsigned char *p = ms_arena_bytes(r->worker, 64);
	struct stat about;
	ssize_t n = 0;
	int fd;

	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
		return ms_slice_make(p, 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, p, 64);
		close(fd);
	}
	return ms_slice_make(p, n > 0 ? (size_t)n : 0);
}

/* A report, plain or packed: read, and *code is what came of it. False: it is
 * something else. */
static bool
take_report(struct reading *r, const char *path, int *code)
{
	struct ms_slice begin = beginning(r, path);
	size_t max = r->env->limits.report_size;
	struct ms_buf file;

	if (!is_report(begin))
		return false;
	ms_buf_init(&file, r->worker);
	*code = EXIT_NOFILE;
	if (evidence_read_file("selectors-from", path, max, &file))
		*code = read_document(r, path, ms_buf_get(&file));
	return true;
}

/* Takes the reports out of the list. */
static int
read_reports(struct reading *r, struct words *files)
{
	size_t kept = 0;
	int code = 0, its;

	for (size_t i = 0; i < files->n; i++) {
		its = 0;
		if (!take_report(r, files->list[i], &its))
			files->list[kept++] = files->list[i];
		if (code == 0)
			code = its;
		ms_arena_clear(r->worker);
	}
	files->n = kept;
	return code;
}

int
selectors_read(const struct words *files, const struct ms_env *env,
    struct ms_arena *arena, struct ms_domain_options *out)
{
	struct reading r = { .env = env, .arena = arena };
	struct words messages;
	int code;

	if (files->n == 0)
		return 0;
	r.worker = ms_arena_new(out_of_memory);
	r.charsets = ms_charsets_new(arena);
	ms_map_init(&r.known, arena);
	messages.list =
	    ms_arena_alloc(arena, files->n * sizeof(*messages.list));
	memcpy(messages.list, files->list, files->n * sizeof(*messages.list));
	messages.n = files->n;
	code = read_reports(&r, &messages);
	if (messages.n > 0) {
		const struct each_message each = { .files = &messages,
			.limits = &env->limits,
			.worker = r.worker,
			.charsets = r.charsets,
			.option = "domain: --selectors-from",
			.take = read_message,
			.context = &r };
		int its = each_message(&each);

		code = code ? code : its;
	}
	ms_charsets_close(r.charsets);
	ms_arena_free(r.worker);
	out->seen = r.list;
	out->seen_n = r.n;
	return code;
}
