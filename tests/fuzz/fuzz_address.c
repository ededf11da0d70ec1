/* SPDX-License-Identifier: ISC
 * fuzz_address.c - address lists and paths; the first byte chooses the limits
 */
#include "fuzz.h"
#include "mailsonde/address.h"

static void
check(struct ms_slice value, const struct ms_address *a)
{
	fuzz_inside(value, a->raw);
	fuzz_utf8(a->name);
	fuzz_utf8(a->address);
	fuzz_utf8(a->local);
	fuzz_utf8(a->domain);
	fuzz_utf8(a->group);
	assert(a->local.n <= a->address.n && a->domain.n <= a->address.n);
	if (a->domain.n > 0) {
		size_t at = a->address.n - a->domain.n;

		assert(a->domain.p[a->domain.n - 1] != '.');
		assert(a->address.n == a->local.n + 1 + a->domain.n);
		assert(a->address.p[at - 1] == '@');
		assert(
		    memcmp(a->address.p + at, a->domain.p, a->domain.n) == 0);
	}
	if (a->valid && a->address.n > 0)
		assert(a->local.n > 0 && a->domain.n > 0);
	/* Whatever is in it, it is one line. */
	for (size_t i = 0; a->valid && i < a->address.n; i++)
		assert(a->address.p[i] != '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_addresses list = { 0 }, path = { 0 };
	struct ms_field field = { 0 };
	struct fuzz fuzz;
	size_t n;

	if (size == 0)
		return 0;
	field.value = ms_slice_make(data + 1, size - 1);
	fuzz_init(&fuzz, field.value.p, data[0] & 1);
	ms_addresses_parse(&fuzz.parse, &field, &list);
	n = list.n;
	assert(n <= fuzz.limits.addresses);
	ms_addresses_parse(&fuzz.parse, &field, &list);
	assert(list.n <= fuzz.limits.addresses);
	assert(list.n == 2 * n || list.truncated);
	for (size_t i = 0; i < list.n; i++)
		check(field.value, &list.list[i]);
	ms_path_parse(&fuzz.parse, &field, &path);
	assert(path.n <= 1);
	for (size_t i = 0; i < path.n; i++)
		check(field.value, &path.list[i]);
	fuzz_defects(&fuzz.defects, size);
	fuzz_done(&fuzz);
	return 0;
}
