/* SPDX-License-Identifier: ISC
 * fuzz_spf_record.c - SPF records of any bytes, read and judged
 *
 * Each line of the input is a record. They lie at whatever name is asked for,
 * the first at the first; addresses, MX and PTR are made up, and some questions
 * fail. Whatever it is, a check stays within its limits.
 */
#include <assert.h>

#include "mailsonde/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct made_up {
	struct ms_dns_source source; /* first */
	struct ms_slice lines;
	size_t asked;
};

static unsigned
hash(const struct ms_dns_question *question)
{
	unsigned sum = question->type;

	for (unsigned i = 0; i < question->name.n; i++)
		sum = sum * 31 + ms_lower(question->name.wire[i]);
	return sum ^ sum >> 16;
}

/* One of the lines. */
static struct ms_slice
line_of(struct ms_slice rest, unsigned which)
{
	struct ms_slice line = { NULL, 0 }, last = { NULL, 0 };

	while (which-- > 0 && ms_slice_line(&rest, false, &line))
		last = line;
	return last;
}

static void
make_up(const struct made_up *self, uint16_t type, unsigned h,
    struct ms_dns_record *out)
{
	static const char *const names[] = { "a.example", "b.example",
		"mail.example.org", ".", "x\\.y.example", "example.org" };
	struct ms_slice name = ms_slice_from(names[h % 6]);

	out->type = type;
	switch (type) {
	case MS_DNS_A:
		(void)ms_ip_parse(
		    h % 3 ? MS_SLICE("192.0.2.1") : MS_SLICE("192.0.2.200"),
		    &out->u.ip);
		break;
	case MS_DNS_AAAA:
		(void)ms_ip_parse(MS_SLICE("2001:db8::1"), &out->u.ip);
		break;
	case MS_DNS_MX:
		out->u.mx.preference = (uint16_t)h;
		out->u.mx.exchange = name;
		break;
	case MS_DNS_PTR:
		out->u.target = name;
		break;
	default:
		out->u.text = line_of(self->lines, 1 + h % 7);
		break;
	}
}

static void
made_up_query(struct ms_dns_source *self,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	struct made_up *made_up = (struct made_up *)(void *)self;
	unsigned h = hash(question);

	if (made_up->asked++ == 0)
		h = 0; /* the first record, for the first question */
	memset(out, 0, sizeof(*out));
	out->status = h % 16 == 3   ? MS_DNS_NXDOMAIN
		      : h % 16 == 5 ? MS_DNS_NODATA
		      : h % 32 == 7 ? MS_DNS_TIMEOUT
		      : h % 32 == 9 ? MS_DNS_LOOP
				    : MS_DNS_FOUND;
	if (out->status != MS_DNS_FOUND)
		return;
	out->n =
	    question->type == MS_DNS_TXT ? 1 + (h % 64 == 1) : 1 + h / 64 % 12;
	out->records = MS_NEW_ARRAY(arena, struct ms_dns_record, out->n);
	for (size_t i = 0; i < out->n; i++)
		make_up(
		    made_up, question->type, h + (unsigned)i, &out->records[i]);
}

static bool
made_up_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	(void)self;
	(void)question;
	return true;
}

static void
check(struct ms_slice lines, const char *ip, bool careful)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct made_up made_up = { .source = { .query = made_up_query,
				       .prefetch = made_up_prefetch },
		.lines = lines };
	struct ms_env env = { .dns = &made_up.source,
		.limits = ms_limits_fill(NULL),
		.careful = careful };
	struct ms_spf_request request = { .mail_from =
					      MS_SLICE("joe@example.org"),
		.helo = MS_SLICE("mail.example.org") };
	struct ms_spf_result result;

	(void)ms_ip_parse(ms_slice_from(ip), &request.ip);
	ms_spf_check(&env, arena, &request, &result);
	assert(result.reason && *result.reason);
	assert(result.lookups <= 11 && result.void_lookups <= 3);
	assert(
	    (result.lookups == 11) == (result.problem == MS_SPF_LOOKUP_LIMIT) ||
	    result.result == MS_AUTH_TEMPERROR);
	assert(!result.failure == (result.result != MS_AUTH_TEMPERROR));
	/* The record, eleven for %{p}, eleven a term, as many for exp=; early,
	 * the MX and records of ten terms once more. */
	if (careful)
		assert(made_up.asked <= 1 + 11 + 10 * 11 + 12);
	ms_arena_free(arena);
}

static void
parse(struct ms_slice text)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_spf_record record;
	const unsigned char *at = text.p;

	ms_spf_record_parse(arena, text, &record);
	assert(record.errors_n <= record.n || !ms_spf_is_record(text));
	for (size_t i = 0; i < record.n; i++) {
		const struct ms_slice *term = &record.terms[i].text;

		assert(term->p > at && term->p + term->n <= text.p + text.n);
		at = term->p + term->n;
	}
	for (size_t i = 0; i < record.errors_n; i++)
		assert(record.errors[i].offset <= text.n);
	ms_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_slice text = ms_slice_make(data, size), rest = text, line;

	while (ms_slice_line(&rest, false, &line))
		parse(line);
	check(text, "192.0.2.1", true);
	check(text, "192.0.2.77", false);
	check(text, "2001:db8::2", false);
	return 0;
}
