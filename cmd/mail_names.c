/* SPDX-License-Identifier: ISC
 * mail_names.c - the names and addresses in messages that lists are about
 */
#include "mail_names.h"

#include "each_message.h"

#include "mailsonde/json.h"
#include "mailsonde/map.h"
#include "mailsonde/message.h"
#include "mailsonde/taglist.h"
#include "output.h"
#include "pool.h"

struct reading {
	struct ms_limits limits;
	struct ms_arena *arena;  /* of the whole */
	struct ms_arena *worker; /* of one message */
	struct ms_charsets *charsets;
	struct ms_map known;
	size_t n;
	bool more; /* than the limit */
	struct ms_buf *out;
};

static void
put(struct reading *r, const char *member, struct ms_slice value,
    const char *note)
{
	struct ms_map_entry *entry;

	if (ms_map_find(&r->known, value))
		return;
	if (r->n >= r->limits.mail_names) {
		r->more = true;
		return;
	}
	entry = ms_map_take(&r->known, value);
	entry->value = r;
	r->n++;
	ms_buf_printf(r->out, "{\"%s\":", member);
	ms_json_string(r->out, value);
	ms_buf_text(r->out, ",\"note\":");
	ms_json_string(r->out, ms_slice_from(note));
	ms_buf_text(r->out, "}\n");
}

static void
put_ip(struct reading *r, const struct ms_ip *ip, const char *note)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	put(r, "ip", ms_slice_from(text), note);
}

/* A name as it stands, maybe an address; what is neither is passed over. */
static void
put_name(struct reading *r, struct ms_slice text, const char *note)
{
	struct ms_slice name, unicode;
	const char *wrong;
	struct ms_ip ip;

	if (text.n > 0 && ms_ip_parse_literal(text, &ip))
		put_ip(r, &ip, note);
	else if (text.n > 0 &&
		 ms_domain_read(r->worker, text, &name, &unicode, &wrong))
		put(r, "name", name, note);
}

static void
put_people(
    struct reading *r, const struct ms_addresses *people, const char *note)
{
	for (size_t i = 0; i < people->n; i++)
		put_name(r, people->list[i].domain, note);
}

static void
put_signers(struct reading *r, const struct ms_header *header)
{
	const struct ms_field *field;
	struct ms_taglist list;

	for (field = ms_header_find(header, MS_FIELD_DKIM_SIGNATURE); field;
	     field = ms_header_next(header, field)) {
		ms_taglist_parse(field->value, 0, &r->limits, r->worker, &list);
		put_name(r,
		    ms_taglist_unfold(ms_taglist_value(&list, "d"), r->worker),
		    "signs the mail (DKIM)");
	}
}

static void
put_links(struct reading *r, const struct ms_links *links)
{
	for (const struct ms_link *l = links->first; l; l = l->next) {
		if (l->parts.ip.set)
			put_ip(r, &l->parts.ip, "in a link");
		else
			put_name(r, l->parts.host_ascii, "in a link");
	}
}

static void
read_message(void *context, struct ms_slice raw)
{
	struct reading *r = context;
	static const struct ms_message_options options = { .mime = true,
		.links = true };
	struct ms_message message;

	ms_message_parse(
	    r->worker, r->charsets, &r->limits, raw, &options, &message);
	put_people(r, &message.from, "the author (From)");
	put_people(r, &message.sender, "the sender (Sender)");
	put_people(r, &message.reply_to, "gets the answers (Reply-To)");
	put_people(r, &message.return_path, "the envelope (Return-Path)");
	put_signers(r, &message.header);
	put_links(r, &message.links);
}

int
mail_names_read(const struct words *files, struct ms_buf *out)
{
	struct reading r = { .limits = ms_limits_fill(NULL), .out = out };
	struct each_message each = { .files = files,
		.limits = &r.limits,
		.option = "reputation: --names-from:",
		.take = read_message,
		.context = &r };
	int code;

	r.arena = ms_arena_new(out_of_memory);
	r.worker = ms_arena_new(out_of_memory);
	r.charsets = ms_charsets_new(r.arena);
	ms_map_init(&r.known, r.arena);
	each.worker = r.worker;
	each.charsets = r.charsets;
	code = each_message(&each);
	if (r.more)
		complain("reputation: --names-from: names beyond %zu are left "
			 "out",
		    r.limits.mail_names);
	ms_charsets_close(r.charsets);
	ms_arena_free(r.worker);
	ms_arena_free(r.arena);
	return code;
}
