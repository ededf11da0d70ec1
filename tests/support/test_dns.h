/* SPDX-License-Identifier: ISC
 * test_dns.h - a source of answers for tests of judges
 *
 * Answers from zone text, counts, lets one question fail, and has a clock of
 * its own: an answer comes one unit after its question, so that a test can
 * ask how many round trips a judgement took.
 */
#ifndef MAILSONDE_TEST_DNS_H
#define MAILSONDE_TEST_DNS_H

#include "mailsonde/dns.h"

#define TEST_DNS_MAX 512

struct test_dns_question {
	struct ms_dns_question question;
	double ready;   /* when its answer is there */
	unsigned asked; /* times */
};

struct test_dns {
	struct ms_dns_source source; /* first: what the judge gets */
	struct ms_dns_source *zone;
	struct test_dns_question list[TEST_DNS_MAX]; /* different ones */
	size_t n;
	size_t fail_at; /* index of one that fails; SIZE_MAX: none */
	enum ms_dns_status fail_with;
	double now;
};

/* Fails the test when the zone cannot be read. `early`: the source takes
 * hints. */
void test_dns_open(struct test_dns *dns, const char *zone, bool early);
void test_dns_close(struct test_dns *dns);

/* Forgets what was asked; the zone stays. */
void test_dns_reset(struct test_dns *dns);

/* Questions that were asked, not only told. */
size_t test_dns_asked(const struct test_dns *dns);

#endif
