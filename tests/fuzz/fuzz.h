/* SPDX-License-Identifier: ISC
 * fuzz.h - what every fuzz target asserts of what it gets back
 */
#ifndef MAILSONDE_FUZZ_H
#define MAILSONDE_FUZZ_H

#include <assert.h>
#include <stdint.h>

#include "mailsonde/header.h"
#include "mailsonde/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A parsing context over its own arena. `small`: limits so low that short
 * inputs reach them. */
struct fuzz {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct ms_defects defects;
	struct ms_parse parse;
};

static inline void
fuzz_init(struct fuzz *fuzz, const uint8_t *base, bool small)
{
	const struct ms_limits low = { .header_size = 2048,
		.headers = 16,
		.field_size = 512,
		.addresses = 4,
		.encoded_words = 4,
		.params = 4,
		.mime_depth = 4,
		.mime_parts = 8,
		.boundaries = 3,
		.received = 4,
		.claims = 3,
		.results = 3,
		.comment_depth = 3,
		.links = 8,
		.html_size = 512,
		.html_depth = 8,
		.html_attributes = 4,
		.text_size = 512,
		.rtf_size = 512,
		.rtf_depth = 4,
		.defects = 8,
		.embedded = 2,
		.report_fields = 8 };

	memset(fuzz, 0, sizeof(*fuzz));
	fuzz->arena = ms_arena_new(NULL);
	fuzz->limits = ms_limits_fill(small ? &low : NULL);
	fuzz->defects.limit = fuzz->limits.defects;
	fuzz->parse.arena = fuzz->arena;
	fuzz->parse.charsets = ms_charsets_new(fuzz->arena);
	fuzz->parse.limits = &fuzz->limits;
	fuzz->parse.defects = &fuzz->defects;
	fuzz->parse.base = base;
}

static inline void
fuzz_done(struct fuzz *fuzz)
{
	ms_charsets_close(fuzz->parse.charsets);
	ms_arena_free(fuzz->arena);
}

/* The slice is a piece of `all`, or nothing. */
static inline void
fuzz_inside(struct ms_slice all, struct ms_slice s)
{
	assert(s.p || s.n == 0);
	if (s.p)
		assert(s.p >= all.p && s.n <= all.n &&
		       (size_t)(s.p - all.p) <= all.n - s.n);
}

static inline void
fuzz_utf8(struct ms_slice s)
{
	assert(s.p || s.n == 0);
	assert(ms_utf8_valid(s));
}

/* Defects point into the input, and keep their limit. */
static inline void
fuzz_defects(const struct ms_defects *defects, size_t size)
{
	size_t n = 0;

	for (const struct ms_defect *d = defects->first; d; d = d->next, n++) {
		assert(d->kind < MS_DEFECT_COUNT);
		assert(d->offset <= size);
		assert(d->count > 0);
		assert(ms_defect_info(d->kind)->id);
	}
	assert(n == defects->n);
	assert(defects->limit == 0 || n <= defects->limit);
}

#endif
