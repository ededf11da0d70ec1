/* SPDX-License-Identifier: ISC
 * fuzz_authres.c - claimed results; the first byte chooses the field
 */
#include "fuzz.h"
#include "mailsonde/authres.h"

static void
check(struct ms_slice value, const struct ms_authres *out)
{
	assert(out->instance >= -1 && out->instance <= 9999);
	for (size_t i = 0; i < out->n; i++) {
		const struct ms_authres_method *m = &out->methods[i];

		assert(m->method.n <= value.n + 32);
		assert(m->result.n <= value.n);
		fuzz_inside(value, m->version);
		fuzz_inside(value, m->comment);
		for (size_t k = 0; k < m->n; k++) {
			assert(m->properties[k].ptype.n <= value.n);
			assert(m->properties[k].property.n <= value.n);
			assert(m->properties[k].value.n <= value.n);
		}
		if (out->valid)
			assert(m->method.n > 0 && m->result.n > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"Authentication-Results",
		"ARC-Authentication-Results",
		"Received-SPF",
		"X-Spam-Status",
		"X-Spamd-Result",
		"X-SID-Result",
		"Authentication-Results-Original",
		"X-Forefront-Antispam-Report",
	};
	struct ms_field field = { 0 };
	struct ms_header header = { .fields = &field, .n = 1 };
	struct ms_claims claims;
	struct ms_authres out;
	struct fuzz fuzz;

	if (size == 0)
		return 0;
	field.name = ms_slice_from(names[data[0] & 7]);
	field.id = ms_field_id_of(field.name);
	field.value = ms_slice_make(data + 1, size - 1);
	field.body = field.raw = field.value;
	header.first[field.id] = 1;
	header.count[field.id] = 1;
	fuzz_init(&fuzz, field.value.p, data[0] & 8);
	ms_authres_parse(&fuzz.parse, &field, &out);
	check(field.value, &out);
	ms_claims_read(&fuzz.parse, &header, &claims);
	assert(claims.n <= 1);
	if (claims.n > 0)
		check(field.value, &claims.list[0]);
	fuzz_done(&fuzz);
	return 0;
}
