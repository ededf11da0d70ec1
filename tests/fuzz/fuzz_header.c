/* SPDX-License-Identifier: ISC
 * fuzz_header.c - header blocks; the first byte chooses flags and limits
 */
#include "fuzz.h"
#include "mailsonde/scan.h"

static size_t
skip_space(struct ms_slice s, size_t at)
{
	while (at < s.n && ms_is(s.p[at], MS_C_SPACE))
		at++;
	return at;
}

/* Unfolding changes white space only. */
static void
check_value(struct ms_slice body, struct ms_slice value)
{
	size_t i = 0, k = 0;

	for (;;) {
		i = skip_space(body, i);
		k = skip_space(value, k);
		if (i == body.n || k == value.n)
			break;
		assert(body.p[i++] == value.p[k++]);
	}
	assert(i == body.n && k == value.n);
	assert(ms_slice_find(value, 0, '\n') == value.n);
	assert(ms_slice_find(value, 0, '\r') == value.n);
}

static void
check_field(struct ms_slice in, const struct ms_field *field)
{
	fuzz_inside(in, field->raw);
	fuzz_inside(field->raw, field->name);
	fuzz_inside(field->raw, field->body);
	assert(field->name.n > 0);
	assert(field->name.p == field->raw.p);
	assert(field->offset == (size_t)(field->raw.p - in.p));
	assert(field->id == ms_field_id_of(field->name));
	check_value(field->body, field->value);
}

/* Fields stand in their order, and nothing but what a defect tells of stands
 * between them. */
static void
check_order(const struct fuzz *fuzz, const struct ms_header *header)
{
	uint32_t count[MS_FIELD_COUNT] = { 0 };
	bool whole = fuzz->defects.n == 0;

	for (size_t i = 0; i < header->n; i++) {
		const struct ms_field *f = &header->fields[i];

		if (count[f->id]++ == 0)
			assert(header->first[f->id] == i + 1);
		if (i == 0)
			continue;
		assert(f->raw.p >= f[-1].raw.p + f[-1].raw.n);
		if (whole)
			assert(f->raw.p == f[-1].raw.p + f[-1].raw.n);
	}
	assert(memcmp(count, header->count, sizeof(count)) == 0);
}

/* The block by itself is read as it was. */
static void
check_again(
    const struct fuzz *fuzz, unsigned flags, const struct ms_header *header)
{
	struct ms_parse parse = fuzz->parse;
	struct ms_header again;

	parse.base = NULL;
	parse.defects = NULL;
	ms_header_parse(&parse, header->raw, flags, &again);
	assert(again.n == header->n);
	for (size_t i = 0; i < again.n; i++)
		assert(
		    ms_slice_equal(again.fields[i].raw, header->fields[i].raw));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice in = ms_slice_make(data, size);
	struct ms_header header;
	struct fuzz fuzz;
	unsigned flags;

	if (size == 0)
		return 0;
	flags = data[0] & 7u;
	in = ms_slice_part(in, 1, size);
	fuzz_init(&fuzz, in.p, data[0] & 8);
	ms_header_parse(&fuzz.parse, in, flags, &header);
	assert(header.n <= fuzz.limits.headers);
	assert(header.body <= in.n);
	fuzz_inside(in, header.raw);
	for (size_t i = 0; i < header.n; i++)
		check_field(in, &header.fields[i]);
	check_order(&fuzz, &header);
	fuzz_defects(&fuzz.defects, in.n);
	if (!(flags & MS_HEADER_PASTED) && !header.truncated)
		check_again(&fuzz, flags, &header);
	fuzz_done(&fuzz);
	return 0;
}
