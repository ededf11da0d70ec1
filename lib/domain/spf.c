/* SPDX-License-Identifier: ISC
 * spf.c - a domain's SPF record, RFC 7208: there, alone, valid, within limits
 */
#include "spf_walk.h"

#define SECTION_RECORD "RFC 7208 section 4.5"

/* ---- the record ---- */

static void
record_line(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    struct ms_slice owner, struct ms_slice text)
{
	domain_record_line(subject, o, "%.*s. TXT %s", DOMAIN_TEXT(owner),
	    domain_txt(subject->arena, text));
}

/* Of type SPF: nobody asks for it any more. */
static void
judge_type99(struct ms_domain_case *subject)
{
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;

	domain_ask(subject, "", MS_DNS_SPF, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_SPF, &answer);
		return;
	}
	if (answer.status != MS_DNS_FOUND)
		return;
	o = domain_outcome(subject, "spf-type99", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "A record of the old type SPF (99) is left over");
	o->detail = "Nobody asks for it any more; it is forgotten when the TXT "
		    "record changes.";
	o->fix = "Take it out.";
	o->reference = "RFC 7208 section 3.1";
	domain_remove(subject, o, subject->name, "SPF", NULL);
	domain_records(subject, o, &answer);
}

/* Meant to be one: something stands before the version or behind it. */
static bool
is_near(struct ms_slice text)
{
	size_t at = ms_slice_find_nocase(text, 0, "v=spf1");

	return at < text.n && at < 8 && !ms_spf_is_record(text);
}

static void
judge_near(struct ms_domain_case *subject, struct ms_slice text)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "spf-not-a-record", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "A TXT record was meant for SPF and does not count");

	o->detail = "It must begin with \"v=spf1\" and a blank, with nothing "
		    "before it, no quotation mark either.";
	o->fix = "Publish it anew, beginning with v=spf1.";
	o->reference = SECTION_RECORD;
	record_line(subject, o, subject->name, text);
}

/* Where records end up that belong at the domain itself. */
static void
judge_misplaced(struct ms_domain_case *subject)
{
	static const char *const places[] = { "www", "_spf", "spf" };
	struct ms_dns_answer answer;
	struct ms_domain_outcome *o;

	for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
		struct ms_slice name = domain_name(subject, places[k]);

		domain_ask(subject, places[k], MS_DNS_TXT, &answer);
		if (ms_dns_is_failure(answer.status))
			domain_unknown(subject, name, MS_DNS_TXT, &answer);
		for (size_t i = 0; i < answer.n; i++) {
			struct ms_slice text = answer.records[i].u.text;

			if (!ms_spf_is_record(text))
				continue;
			o = domain_outcome(subject, "spf-misplaced",
			    MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
			    "An SPF record stands at %.*s, and none at the "
			    "domain itself",
			    DOMAIN_TEXT(name));
			o->detail = "Receivers look at the domain of the "
				    "address, nowhere else.";
			o->fix = ms_arena_printf(subject->arena, "%.*s. TXT %s",
			    DOMAIN_TEXT(subject->name),
			    domain_txt(subject->arena, text));
			o->reference = "RFC 7208 section 3";
			record_line(subject, o, name, text);
		}
	}
}

/* What the domain could publish: by what takes its mail. */
static const char *
proposal(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);

	if (ms_dns_is_failure(mx->answer.status))
		return NULL;
	if (subject->profile == MS_DOMAIN_PARKED ||
	    (subject->profile == MS_DOMAIN_UNKNOWN &&
		(mx->null_mx || mx->n == 0)))
		return "v=spf1 -all";
	return "v=spf1 mx ~all";
}

static void
judge_absent(struct ms_domain_case *subject)
{
	const char *text = proposal(subject);
	struct ms_domain_outcome *o;

	o = domain_outcome(subject, "spf-none", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM, "The domain has no SPF record");
	o->detail = "Nobody is told who may send in its name; large receivers "
		    "refuse such mail.";
	o->fix = "Publish one: v=spf1, what sends for the domain, and ~all.";
	o->reference = "RFC 7208 section 3";
	if (text) {
		domain_add(subject, o, subject->name, "TXT",
		    domain_txt(subject->arena, ms_slice_from(text)));
		o->fix = ms_arena_printf(subject->arena, "%.*s. TXT \"%s\"%s",
		    DOMAIN_TEXT(subject->name), text,
		    ms_slice_ends(ms_slice_from(text), "-all")
			? ""
			: ", with an include for every service that sends "
			  "for the domain");
	}
	judge_misplaced(subject);
}

static void
judge_multiple(struct ms_domain_case *subject,
    const struct ms_dns_answer *answer, size_t n)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "spf-multiple-records", MS_DOMAIN_FAIL,
		MS_SEVERITY_HIGH, "The domain has %zu SPF records", n);

	o->detail = "With more than one none of them counts: receivers give "
		    "permerror.";
	o->fix = "Put their terms into one record, and take the others out.";
	o->reference = SECTION_RECORD;
	for (size_t i = 0; i < answer->n; i++)
		if (ms_spf_is_record(answer->records[i].u.text))
			record_line(subject, o, subject->name,
			    answer->records[i].u.text);
}

static void
judge_syntax(struct ms_domain_case *subject, const struct ms_spf_record *record)
{
	size_t max = subject->env->limits.spf_errors;

	if (record->errors_n > max)
		domain_skip(subject,
		    "The record has %zu errors: %zu of them are shown (limit "
		    "spf_errors)",
		    record->errors_n, max);
	for (size_t i = 0; i < record->errors_n && i < max; i++) {
		const struct ms_spf_error *error = &record->errors[i];
		struct ms_domain_outcome *o = domain_outcome(subject,
		    "spf-permerror-syntax", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
		    "The record breaks the grammar at \"%.*s\": %s",
		    DOMAIN_TEXT(error->term), error->text);

		o->detail = ms_arena_printf(subject->arena,
		    "At octet %zu. One error makes the whole record count for "
		    "nothing: receivers give permerror.",
		    error->offset + 1);
		o->fix = "Put the term right, or take it out.";
		o->reference = "RFC 7208 section 4.6";
		record_line(subject, o, subject->name, record->text);
	}
}

/* ---- all ---- */

static void
judge_no_all(struct ms_domain_case *subject, const struct spf_walk *walk,
    const struct ms_spf_record *record)
{
	struct ms_domain_outcome *o;

	if (walk->all && walk->all->qualifier != MS_AUTH_NEUTRAL)
		return;
	if (!walk->all && record->redirect &&
	    (walk->unknown || walk->open || walk->broken))
		return;
	o = domain_outcome(subject, "spf-no-all", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    walk->all
		? "The record ends in ?all: it forbids nobody"
		: "The record does not end in \"all\": it forbids nobody");
	o->detail = "Whom no term matches gets \"neutral\", as if there were "
		    "no record.";
	o->fix = "End it in ~all, or -all once every sender is listed.";
	o->reference = "RFC 7208 section 4.7";
	record_line(subject, o, subject->name, record->text);
}

/* Mechanisms and redirect behind "all" are never looked at. */
static void
judge_behind_all(
    struct ms_domain_case *subject, const struct ms_spf_record *record)
{
	const struct ms_spf_term *dead = NULL;
	struct ms_domain_outcome *o;

	if (!record->all)
		return;
	for (const struct ms_spf_term *t = record->terms + record->n - 1;
	     t > record->all; t--)
		if (t->kind < MS_SPF_REDIRECT)
			dead = t;
	if (!dead)
		dead = record->redirect;
	if (!dead)
		return;
	o = domain_outcome(subject, "spf-after-all", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    dead->kind == MS_SPF_REDIRECT
		? "\"%.*s\" does nothing: the record has \"all\""
		: "\"%.*s\" stands behind \"all\" and is never looked at",
	    DOMAIN_TEXT(dead->text));
	o->detail = "\"all\" matches everybody, so the evaluation ends there.";
	o->fix = "Put it before \"all\", or take it out.";
	o->reference = "RFC 7208 section 5.1";
	record_line(subject, o, subject->name, record->text);
}

/* ---- limits ---- */

static void
show_tree(const struct spf_walk *walk, struct ms_domain_outcome *o)
{
	o->reference = "RFC 7208 section 4.6.4";
	o->records = walk->lines;
	o->records_n = walk->lines_n;
}

static void
judge_lookups(struct ms_domain_case *subject, const struct spf_walk *walk)
{
	size_t max = subject->env->limits.spf_lookups;
	struct ms_domain_outcome *o;

	if (walk->lookups <= max)
		return;
	o = domain_outcome(subject, "spf-too-many-lookups", MS_DOMAIN_FAIL,
	    MS_SEVERITY_HIGH,
	    "The record asks for %s%u look-ups; %zu are allowed",
	    walk->unknown || walk->open ? "at least " : "", walk->lookups, max);
	o->detail = "A receiver that comes to the one too many gives "
		    "permerror: mail of the senders listed last fails.";
	o->fix = "Take out includes that nobody uses, or list their networks "
		 "with ip4 and ip6.";
	show_tree(walk, o);
}

static void
judge_voids(struct ms_domain_case *subject, const struct spf_walk *walk)
{
	size_t max = subject->env->limits.spf_void;
	struct ms_domain_outcome *o;

	if (walk->voids <= max)
		return;
	o = domain_outcome(subject, "spf-void-lookups", MS_DOMAIN_FAIL,
	    MS_SEVERITY_HIGH,
	    "%s%u look-ups of the record find nothing; %zu are allowed",
	    walk->unknown || walk->open ? "At least " : "", walk->voids, max);
	o->detail = "Receivers that count them give permerror.";
	o->fix = "Take out the terms whose names have no records.";
	show_tree(walk, o);
}

/* Within the limits, whatever else there is to say. */
static void
pass_limits(struct ms_domain_case *subject, const struct spf_walk *walk,
    uint64_t addresses)
{
	const struct ms_limits *limits = &subject->env->limits;
	struct ms_domain_outcome *o;

	if (walk->unknown || walk->broken ||
	    walk->lookups > limits->spf_lookups ||
	    walk->voids > limits->spf_void)
		return;
	if (walk->open) {
		o = domain_skip(subject,
		    "How many look-ups it takes hangs on "
		    "the sender (macros): %u at least",
		    walk->lookups);
		show_tree(walk, o);
		return;
	}
	o = domain_pass(subject,
	    "It takes %u of %zu look-ups, %u of %zu void ones, and lists %zu "
	    "network%s (IPv4 addresses: %llu)",
	    walk->lookups, limits->spf_lookups, walk->voids, limits->spf_void,
	    walk->nets_n, walk->nets_n == 1 ? "" : "s",
	    (unsigned long long)addresses);
	show_tree(walk, o);
}

static void
judge_record(struct ms_domain_case *subject, struct ms_slice text)
{
	struct spf_walk walk = { .subject = subject };
	size_t before = subject->outcomes_n;
	struct ms_spf_record record;
	struct ms_domain_outcome *o;
	uint64_t addresses;

	ms_spf_record_parse(subject->arena, text, &record);
	judge_syntax(subject, &record);
	if (record.errors_n > 0)
		return;
	domain_spf_walk(&walk, &record);
	judge_no_all(subject, &walk, &record);
	judge_behind_all(subject, &record);
	judge_lookups(subject, &walk);
	judge_voids(subject, &walk);
	addresses = domain_spf_networks(&walk);
	if (subject->outcomes_n == before) {
		o = domain_pass(subject, "The record is in order");
		record_line(subject, o, subject->name, text);
	}
	pass_limits(subject, &walk, addresses);
}

static void
run(struct ms_domain_case *subject)
{
	struct ms_slice text = { NULL, 0 };
	struct ms_dns_answer answer;
	size_t n;

	domain_ask(subject, "", MS_DNS_TXT, &answer);
	if (ms_dns_is_failure(answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_TXT, &answer);
		return;
	}
	if (answer.status == MS_DNS_NXDOMAIN) {
		domain_skip(subject, "The domain does not exist");
		return;
	}
	judge_type99(subject);
	for (size_t i = 0; i < answer.n; i++)
		if (is_near(answer.records[i].u.text))
			judge_near(subject, answer.records[i].u.text);
	n = domain_count_texts(&answer, ms_spf_is_record, &text);
	if (n == 0)
		judge_absent(subject);
	else if (n > 1)
		judge_multiple(subject, &answer, n);
	else
		judge_record(subject, text);
}

static const struct ms_domain_hint hints[] = {
	{ "", MS_DNS_TXT },
	{ "", MS_DNS_SPF },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_spf;

const struct ms_domain_check domain_check_spf = {
	.id = "spf",
	.title = "who may send: the SPF record and all it includes",
	.reference = "RFC 7208",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
