/* SPDX-License-Identifier: ISC
 * fuzz_mime.c - whole messages; the first byte chooses limits and the form
 *
 * The tree is a tree, its parts lie where they say that they lie, and what
 * was said of each leaf is what its decoded bytes give.
 */
#include "fuzz.h"
#include "mailsonde/message.h"

static bool
covers(struct ms_slice outer, struct ms_slice inner)
{
	return !inner.p ||
	       (inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n);
}

static void
check_leaf(struct fuzz *fuzz, const struct ms_part *part)
{
	struct ms_slice bytes = ms_part_decode(fuzz->arena, part);
	enum ms_charset_result result;
	struct ms_digests digests;
	size_t max = fuzz->limits.text_size;
	struct ms_slice text;

	assert(!part->child || part->outlook);
	assert(bytes.n == part->size);
	ms_digest_bytes(MS_DIGEST_SHA256, bytes, &digests);
	assert(memcmp(digests.sha256, part->digests.sha256, 32) == 0);
	assert(part->damage.count == 0 || part->damage.first < part->body.n);
	text = ms_part_text(&fuzz->parse, part, max, &result);
	fuzz_utf8(text);
	/* One byte gives three at the most. */
	assert(text.n <= 3 * max + 3);
	for (const struct ms_embedded *e = part->embedded; e; e = e->next) {
		fuzz_utf8(e->name);
		fuzz_inside(e->raw, e->data);
	}
}

/* Between two parts, before the first and behind the last there is nothing
 * but a delimiter and its line ends. */
static void
check_gap(const struct ms_part *part, const unsigned char *from,
    const unsigned char *to)
{
	struct ms_slice gap = ms_slice_make(from, (size_t)(to - from));
	struct ms_slice line = ms_slice_trim(gap);

	assert(from <= to);
	assert(line.n >= 2 + part->boundary.n);
	assert(line.p[0] == '-' && line.p[1] == '-');
	assert(memcmp(line.p + 2, part->boundary.p, part->boundary.n) == 0);
}

static void
check_multipart(const struct ms_part *part)
{
	const struct ms_part *last = NULL;
	const unsigned char *at = part->preamble.p + part->preamble.n;

	assert(covers(part->body, part->preamble));
	assert(covers(part->body, part->epilogue));
	assert(!part->closed || part->epilogue.p);
	for (const struct ms_part *c = part->child; c; c = c->next) {
		check_gap(part, at, c->raw.p);
		at = c->raw.p + c->raw.n;
		last = c;
	}
	if (part->closed)
		check_gap(part, at, part->epilogue.p);
	else if (last)
		assert(at <= part->body.p + part->body.n);
}

static void
check_part(struct fuzz *fuzz, const struct ms_part *part)
{
	const struct ms_part *parent = part->parent;

	fuzz_utf8(part->type);
	fuzz_utf8(part->charset);
	fuzz_utf8(part->filename);
	fuzz_utf8(part->disposition);
	fuzz_utf8(part->content_id);
	assert(part->depth == (parent ? parent->depth + 1 : 0));
	assert(part->depth <= fuzz->limits.mime_depth);
	assert(covers(part->raw, part->body));
	if (parent && parent->outlook) {
		assert(parent->kind == MS_PART_LEAF && !part->next);
	} else if (parent) {
		assert(covers(parent->body, part->raw));
		assert(parent->kind != MS_PART_LEAF);
		assert(parent->kind == MS_PART_MULTIPART || !part->next);
	}
	if (part->kind == MS_PART_LEAF)
		check_leaf(fuzz, part);
	else if (part->kind == MS_PART_MULTIPART)
		check_multipart(part);
	else
		assert(part->child);
}

static void
check_people(const struct ms_addresses *list, const struct fuzz *fuzz)
{
	assert(list->n <= fuzz->limits.addresses);
	for (size_t i = 0; i < list->n; i++) {
		fuzz_utf8(list->list[i].name);
		fuzz_utf8(list->list[i].address);
	}
}

static void
check_message(struct fuzz *fuzz, const struct ms_message *m)
{
	size_t n = 0;

	fuzz_utf8(m->subject);
	fuzz_utf8(m->message_id);
	check_people(&m->from, fuzz);
	check_people(&m->to, fuzz);
	check_people(&m->reply_to, fuzz);
	check_people(&m->return_path, fuzz);
	for (const struct ms_part *p = m->mime.root; p; p = ms_part_next(p)) {
		assert(p->index == n);
		n++;
		fuzz_inside(m->raw, ms_part_outer(p)->raw);
		check_part(fuzz, p);
	}
	assert(n == m->mime.parts);
	assert(n <= fuzz->limits.mime_parts);
	n = 0;
	for (const struct ms_link *l = m->links.first; l; l = l->next, n++) {
		fuzz_utf8(l->url);
		fuzz_utf8(l->text);
		assert(l->part < m->mime.parts && l->count > 0);
	}
	assert(n == m->links.n && n <= fuzz->limits.links);
	for (const struct ms_report_part *r = m->reports; r; r = r->next) {
		n = 0;
		for (size_t i = 0; i < r->n; i++)
			n += r->blocks[i].n;
		assert(n <= fuzz->limits.report_fields);
	}
	fuzz_defects(&m->defects, m->raw.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_message_options options = { .digests = MS_DIGEST_SHA256,
		.links = true,
		.reports = true,
		.mime = true };
	struct ms_slice raw, attached;
	struct ms_message message;
	struct fuzz fuzz;

	if (size == 0)
		return 0;
	raw = ms_slice_make(data + 1, size - 1);
	fuzz_init(&fuzz, raw.p, data[0] & 1);
	options.pasted = data[0] & 2;
	ms_message_parse(fuzz.arena, fuzz.parse.charsets, &fuzz.limits, raw,
	    &options, &message);
	fuzz.parse.defects = &message.defects;
	check_message(&fuzz, &message);
	(void)ms_message_attached(fuzz.arena, &message, &attached);
	fuzz_done(&fuzz);
	return 0;
}
