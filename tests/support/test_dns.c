/* SPDX-License-Identifier: ISC
 * test_dns.c - a source of answers for tests of judges
 */
#include "test_dns.h"

#include "mailsonde/dns_zone.h"
#include "test.h"

static struct test_dns_question *
find(struct test_dns *dns, const struct ms_dns_question *question)
{
	struct test_dns_question *q = dns->list;

	for (; q < dns->list + dns->n; q++)
		if (q->question.type == question->type &&
		    q->question.server.set == question->server.set &&
		    (!question->server.set ||
			ms_ip_equal(&q->question.server, &question->server)) &&
		    ms_dns_name_equal(&q->question.name, &question->name))
			return q;
	assert_true(dns->n < TEST_DNS_MAX);
	dns->n++;
	q->question = *question;
	q->ready = dns->now + 1;
	q->asked = 0;
	return q;
}

static void
dns_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct test_dns *dns = (struct test_dns *)(void *)self;
	struct test_dns_question *q = find(dns, question);

	q->asked++;
	if (dns->now < q->ready)
		dns->now = q->ready;
	if ((size_t)(q - dns->list) != dns->fail_at) {
		dns->zone->query(dns->zone, question, arena, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->status = dns->fail_with;
	out->why = "the test says so";
	out->rcode = out->ede = -1;
}

static bool
dns_prefetch(struct ms_dns_source *self, const struct ms_dns_question *question)
{
	struct test_dns *dns = (struct test_dns *)(void *)self;

	return find(dns, question)->ready <= dns->now;
}

void
test_dns_open(struct test_dns *dns, const char *zone, bool early)
{
	struct ms_dns_zone_text text = { "zone", ms_slice_from(zone) };
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_dns_zone_options options = { .texts = &text,
		.texts_n = 1,
		.offline = true,
		.inner = ms_dns_none(),
		.limits = &limits };
	struct ms_diag diag = { "" };

	memset(dns, 0, sizeof(*dns));
	if (ms_dns_zone_open(&options, &dns->zone, &diag) != MS_OK)
		fail_msg("%s", diag.text);
	dns->source.query = dns_query;
	dns->source.prefetch = early ? dns_prefetch : NULL;
	test_dns_reset(dns);
}

void
test_dns_close(struct test_dns *dns)
{
	dns->zone->close(dns->zone);
}

void
test_dns_reset(struct test_dns *dns)
{
	dns->n = 0;
	dns->now = 0;
	dns->fail_at = SIZE_MAX;
	dns->fail_with = MS_DNS_TIMEOUT;
}

size_t
test_dns_asked(const struct test_dns *dns)
{
	size_t n = 0;

	for (size_t i = 0; i < dns->n; i++)
		n += dns->list[i].asked > 0;
	return n;
}
