/* SPDX-License-Identifier: ISC
 * expect.c - what a domain is expected to publish, and where it does not
 *
 *	# a comment
 *	domain example.org	what follows is this domain's alone
 *	mx mail.example.org	approved, as are further ones
 *	ns ns1.example.org
 *	spf v=spf1 mx -all	the whole record
 *	dmarc reject		its p=
 *	selector s2026		a DKIM selector with a key
 *
 * Where a key does not occur, anything will do.
 */
#include "domain_priv.h"

#include "mailsonde/dmarc.h"
#include "mailsonde/scan.h"

enum key {
	KEY_MX,
	KEY_NS,
	KEY_SPF,
	KEY_DMARC,
	KEY_SELECTOR,
	KEY_DOMAIN,
};

static const char *const keys[] = {
	[KEY_MX] = "mx",
	[KEY_NS] = "ns",
	[KEY_SPF] = "spf",
	[KEY_DMARC] = "dmarc",
	[KEY_SELECTOR] = "selector",
	[KEY_DOMAIN] = "domain",
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

struct ms_domain_wish {
	enum key key;
	struct ms_slice value;
	struct ms_slice domain; /* p == NULL: of all */
	struct ms_domain_wish *next;
};

struct ms_domain_expect {
	struct ms_domain_wish *first;
};

/* ---- reading ---- */

static struct ms_slice
without_dot(struct ms_slice s)
{
	if (s.n > 1 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

static bool
take_line(struct ms_slice line, struct ms_domain_wish *out)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_slice word = ms_scan_until(&s, MS_C_SPACE, SIZE_MAX);

	out->value = ms_slice_trim(ms_scan_rest(&s));
	for (size_t i = 0; i < KEYS; i++) {
		out->key = (enum key)i;
		if (ms_slice_is(word, keys[i]) && out->value.n > 0)
			return true;
	}
	return false;
}

enum ms_status
ms_domain_expect_read(struct ms_arena *arena, struct ms_slice text,
    struct ms_domain_expect **out, struct ms_diag *diag)
{
	struct ms_domain_expect *expect =
	    MS_NEW(arena, struct ms_domain_expect);
	struct ms_domain_wish **end = &expect->first, *wish;
	struct ms_slice line, domain = { NULL, 0 };

	*out = expect;
	for (unsigned number = 1; ms_slice_line(&text, false, &line);
	     number++) {
		line = ms_slice_trim(line);
		if (line.n == 0 || *line.p == '#')
			continue;
		wish = MS_NEW(arena, struct ms_domain_wish);
		if (!take_line(line, wish)) {
			ms_diag_set(diag, MS_FORMAT,
			    "line %u: is no \"mx\", \"ns\", \"spf\", "
			    "\"dmarc\", \"selector\" or \"domain\" with a "
			    "value",
			    number);
			return MS_FORMAT;
		}
		if (wish->key == KEY_DOMAIN) {
			domain = without_dot(wish->value);
			continue;
		}
		wish->domain = domain;
		*end = wish;
		end = &wish->next;
	}
	return MS_OK;
}

/* ---- judging ---- */

/* The next wish of a key that holds for the subject. */
static const struct ms_domain_wish *
next_wish(const struct ms_domain_case *subject,
    const struct ms_domain_wish *wish, enum key key)
{
	for (; wish; wish = wish->next)
		if (wish->key == key &&
		    (!wish->domain.p ||
			ms_slice_equal_nocase(wish->domain, subject->name)))
			return wish;
	return NULL;
}

static const struct ms_domain_wish *
first_wish(const struct ms_domain_case *subject, enum key key)
{
	return next_wish(subject, subject->options->expect->first, key);
}

static bool
is_wished(
    const struct ms_domain_case *subject, enum key key, struct ms_slice name)
{
	for (const struct ms_domain_wish *w = first_wish(subject, key); w;
	     w = next_wish(subject, w->next, key))
		if (ms_slice_equal_nocase(
			without_dot(w->value), without_dot(name)))
			return true;
	return false;
}

static struct ms_slice
target_of(const struct ms_dns_record *r)
{
	return r->type == MS_DNS_MX ? r->u.mx.exchange : r->u.target;
}

static struct ms_domain_outcome *
deviation(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct ms_dns_answer *answer, const char *fix)
{
	o->detail = "The file given with --expect says otherwise.";
	o->fix = fix;
	o->reference = NULL;
	domain_records(subject, o, answer);
	return o;
}

static const char check_who[] =
    "Find out who changed it; put it back, or approve it in the file.";

/* A set of names: none but the approved, and all of them. */
struct set {
	const char *id, *what;
	enum key key;
	enum ms_dns_type type;
};

static void
judge_set(struct ms_domain_case *subject, const struct set *set)
{
	enum key key = set->key;
	struct ms_dns_answer answer;

	domain_ask(subject, "", set->type, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, set->type, &answer);
		return;
	}
	for (size_t i = 0; i < answer.n; i++) {
		struct ms_slice name = target_of(&answer.records[i]);

		if (!is_wished(subject, key, name))
			deviation(subject,
			    domain_outcome(subject, set->id, MS_DOMAIN_FAIL,
				MS_SEVERITY_HIGH, "%s %.*s is not approved",
				set->what, DOMAIN_TEXT(name)),
			    &answer, check_who);
	}
	for (const struct ms_domain_wish *w = first_wish(subject, key); w;
	     w = next_wish(subject, w->next, key)) {
		bool there = false;

		for (size_t i = 0; i < answer.n; i++)
			there = there ||
				ms_slice_equal_nocase(without_dot(w->value),
				    without_dot(target_of(&answer.records[i])));
		if (!there)
			deviation(subject,
			    domain_outcome(subject, set->id, MS_DOMAIN_FAIL,
				MS_SEVERITY_MEDIUM, "%s %.*s is missing",
				set->what, DOMAIN_TEXT(w->value)),
			    &answer, check_who);
	}
}

static void
judge_mx(struct ms_domain_case *subject)
{
	static const struct set set = { .id = "mx-unexpected",
		.what = "The mail exchanger",
		.key = KEY_MX,
		.type = MS_DNS_MX };

	judge_set(subject, &set);
}

static void
judge_ns(struct ms_domain_case *subject)
{
	static const struct set set = { .id = "ns-unexpected",
		.what = "The name server",
		.key = KEY_NS,
		.type = MS_DNS_NS };

	judge_set(subject, &set);
}

static void
judge_spf(struct ms_domain_case *subject)
{
	const struct ms_domain_wish *wish = first_wish(subject, KEY_SPF);
	struct ms_dns_answer answer;
	size_t same = 0, spf = 0;

	domain_ask(subject, "", MS_DNS_TXT, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_TXT, &answer);
		return;
	}
	for (size_t i = 0; i < answer.n; i++) {
		struct ms_slice text = answer.records[i].u.text;

		spf += ms_slice_starts(text, "v=spf1");
		same += ms_slice_equal(text, wish->value);
	}
	if (same != 1 || spf != 1)
		deviation(subject,
		    domain_outcome(subject, "spf-unexpected", MS_DOMAIN_FAIL,
			MS_SEVERITY_HIGH,
			"The SPF record is not the approved one"),
		    &answer, check_who);
}

static void
judge_dmarc(struct ms_domain_case *subject)
{
	const struct ms_domain_wish *wish = first_wish(subject, KEY_DMARC);
	struct ms_dmarc_record record = { .p = MS_DMARC_ABSENT };
	struct ms_dns_answer answer;
	const char *got;

	domain_ask(subject, "_dmarc", MS_DNS_TXT, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, domain_name(subject, "_dmarc"),
		    MS_DNS_TXT, &answer);
		return;
	}
	for (size_t i = 0; i < answer.n; i++)
		if (ms_dmarc_is_record(answer.records[i].u.text))
			ms_dmarc_record_parse(answer.records[i].u.text,
			    &subject->env->limits, subject->arena, &record);
	got = ms_dmarc_policy_name(record.p);
	if (!got || !ms_slice_is(wish->value, got))
		deviation(subject,
		    domain_outcome(subject, "dmarc-unexpected", MS_DOMAIN_FAIL,
			MS_SEVERITY_HIGH,
			"The DMARC policy is %s, and should be %.*s",
			got ? got : "missing", DOMAIN_TEXT(wish->value)),
		    &answer, check_who);
}

static void
judge_selectors(struct ms_domain_case *subject)
{
	for (const struct ms_domain_wish *w = first_wish(subject, KEY_SELECTOR);
	     w; w = next_wish(subject, w->next, KEY_SELECTOR)) {
		char *prefix = ms_arena_printf(
		    subject->arena, "%.*s._domainkey", DOMAIN_TEXT(w->value));
		struct ms_dns_answer answer;

		domain_ask(subject, prefix, MS_DNS_TXT, &answer);
		if (ms_dns_is_failure(answer.status))
			domain_unknown(subject, domain_name(subject, prefix),
			    MS_DNS_TXT, &answer);
		else if (answer.n == 0)
			deviation(subject,
			    domain_outcome(subject, "dkim-unexpected",
				MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
				"The DKIM selector %.*s has no key",
				DOMAIN_TEXT(w->value)),
			    &answer,
			    "Publish its key, or take it from the file.");
	}
}

/* The subjects, as rows that outcomes can stand under. */
static const struct {
	enum key key;
	struct ms_domain_check check;
} stages[] = {
	{ KEY_NS, { .id = "ns",
		      .title = "name servers as expected",
		      .run = judge_ns } },
	{ KEY_MX, { .id = "mx",
		      .title = "mail exchangers as expected",
		      .run = judge_mx } },
	{ KEY_SPF,
	    { .id = "spf", .title = "SPF as expected", .run = judge_spf } },
	{ KEY_SELECTOR, { .id = "dkim",
			    .title = "DKIM selectors as expected",
			    .run = judge_selectors } },
	{ KEY_DMARC, { .id = "dmarc",
			 .title = "DMARC as expected",
			 .run = judge_dmarc } },
};

void
domain_expected(struct ms_domain_case *subject)
{
	if (!subject->options->expect)
		return;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		size_t before = subject->outcomes_n;

		if (!first_wish(subject, stages[i].key))
			continue;
		subject->running = &stages[i].check;
		stages[i].check.run(subject);
		if (subject->outcomes_n == before)
			domain_pass(subject, "As expected");
	}
}
