/* SPDX-License-Identifier: ISC
 * selectors.c - DKIM selectors that mail is signed with
 */
#include "selectors.h"

#include "mailsonde/mailbox.h"
#include "mailsonde/map.h"
#include "mailsonde/message.h"
#include "mailsonde/taglist.h"
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

static void
read_message(struct reading *r, struct ms_slice raw)
{
	static const struct ms_message_options options = { .mime = false };
	const struct ms_field *field;
	struct ms_message message;
	struct ms_taglist list;
	struct ms_dns_name name;

	ms_message_parse(
	    r->worker, r->charsets, &r->env->limits, raw, &options, &message);
	for (field = ms_header_find(&message.header, MS_FIELD_DKIM_SIGNATURE);
	     field; field = ms_header_next(&message.header, field)) {
		struct ms_slice domain, selector;

		ms_taglist_parse(
		    field->value, 0, &r->env->limits, r->worker, &list);
		domain = value(r, &list, "d");
		selector = value(r, &list, "s");
		if (domain.n > 0 && selector.n > 0 &&
		    ms_dns_name_from_text(domain, &name) &&
		    ms_dns_name_from_text(selector, &name))
			add(r, domain, selector);
	}
}

static int
read_all(struct reading *r, struct ms_mailbox *mailbox)
{
	struct ms_mailbox_item item;
	uint64_t sequence;
	int code = 0;

	while (ms_mailbox_next(mailbox, &sequence, &item) == MS_OK) {
		if (item.status == MS_OK) {
			read_message(r, item.raw);
		} else if (code == 0) {
			complain("domain: --selectors-from %s: %s", item.path,
			    item.diag.text);
			code = item.status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
		}
		ms_mailbox_item_done(mailbox, &item);
		ms_arena_clear(r->worker);
	}
	return code;
}

int
selectors_read(const struct words *files, const struct ms_env *env,
    struct ms_arena *arena, struct ms_domain_options *out)
{
	struct reading r = { .env = env, .arena = arena };
	struct ms_mailbox *mailbox;
	int code;

	if (files->n == 0)
		return 0;
	r.worker = ms_arena_new(out_of_memory);
	r.charsets = ms_charsets_new(arena);
	ms_map_init(&r.known, arena);
	mailbox =
	    ms_mailbox_open(files->list, files->n, &env->limits, out_of_memory);
	code = read_all(&r, mailbox);
	ms_mailbox_close(mailbox);
	ms_charsets_close(r.charsets);
	ms_arena_free(r.worker);
	out->seen = r.list;
	out->seen_n = r.n;
	return code;
}
