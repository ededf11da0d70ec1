/* SPDX-License-Identifier: ISC
 * dkim.c - a domain's DKIM keys, RFC 6376 3.6.1, at the selectors known
 *
 * DNS cannot list selectors. They are given, or seen in mail, or guessed; a
 * guess that finds nothing says nothing.
 */
#include "mailsonde/dkim.h"
#include "domain_priv.h"
#include "mailsonde/buf.h"
#include "mailsonde/taglist.h"

enum {
	RSA_MUST = 1024,   /* RFC 8301 3.2: shorter counts for nothing */
	RSA_SHOULD = 2048, /* RFC 8301 3.2 */
};

/* What large providers and common software use. */
static const char *const guesses[] = {
	"default",
	"dkim",
	"mail",
	"email",
	"smtp",
	"mx",
	"google",
	"selector1",
	"selector2",
	"s1",
	"s2",
	"k1",
	"k2",
	"k3",
	"key1",
	"key2",
	"dkim1",
	"dkim2",
	"s1024",
	"s2048",
	"sig1",
	"fm1",
	"fm2",
	"fm3",
	"protonmail",
	"protonmail2",
	"protonmail3",
	"zoho",
	"zmail",
	"mandrill",
	"mailjet",
	"pm",
	"mte1",
	"mte2",
	"ctct1",
	"ctct2",
	"turbo-smtp",
	"20230601",
};
#define GUESSES (sizeof(guesses) / sizeof(*guesses))

enum origin {
	GIVEN,
	SEEN, /* in a message */
	GUESSED,
};

struct search {
	struct ms_domain_case *subject;
	size_t found;  /* keys in use */
	size_t modern; /* of these Ed25519 */
	size_t failed;
	struct ms_buf names; /* of the keys found */
};

/* One selector. */
struct spot {
	struct ms_slice selector, name;
	enum origin origin;
	struct ms_dns_answer answer;
	struct ms_dkim_key key;
};

static struct ms_slice
name_of(const struct ms_domain_case *subject, struct ms_slice selector)
{
	return ms_slice_from(
	    ms_arena_printf(subject->arena, "%.*s._domainkey.%.*s",
		DOMAIN_TEXT(selector), DOMAIN_TEXT(subject->name)));
}

static void
finish(struct ms_domain_case *subject, struct ms_domain_outcome *o,
    const struct spot *spot, const char *detail, const char *fix)
{
	o->detail = detail;
	o->fix = fix;
	domain_records(subject, o, &spot->answer);
}

/* ---- one key ---- */

static void
judge_missing(struct ms_domain_case *subject, const struct spot *spot)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "dkim-selector-missing", MS_DOMAIN_FAIL, MS_SEVERITY_MEDIUM,
	    "The selector %.*s has no key", DOMAIN_TEXT(spot->selector));

	finish(subject, o, spot,
	    spot->origin == SEEN
		? "Mail was signed with it; signatures made with it no longer "
		  "verify."
		: "Whatever is signed with it does not verify.",
	    ms_arena_printf(subject->arena,
		"Publish the key at %.*s, or sign with another selector.",
		DOMAIN_TEXT(spot->name)));
	o->reference = "RFC 6376 section 3.6.2";
}

static void
judge_several(struct ms_domain_case *subject, const struct spot *spot, size_t n)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "dkim-several-keys", MS_DOMAIN_WARN, MS_SEVERITY_MEDIUM,
	    "The selector %.*s has %zu keys", DOMAIN_TEXT(spot->selector), n);

	finish(subject, o, spot,
	    "Which of them a receiver takes is left to chance.",
	    "Leave the one that signs; give the other a selector of its own.");
	o->reference = "RFC 6376 section 3.6.2.2";
}

static void
judge_revoked(struct ms_domain_case *subject, const struct spot *spot)
{
	struct ms_domain_outcome *o =
	    domain_outcome(subject, "dkim-key-revoked", MS_DOMAIN_WARN,
		spot->origin == GIVEN ? MS_SEVERITY_MEDIUM : MS_SEVERITY_INFO,
		"The key of the selector %.*s is revoked",
		DOMAIN_TEXT(spot->selector));

	finish(subject, o, spot,
	    "An empty p= says so; whatever is signed with it does not verify.",
	    "Nothing, when it is out of use; else publish the key.");
	o->reference = "RFC 6376 section 3.6.1";
}

static void
judge_unusable(struct ms_domain_case *subject, const struct spot *spot)
{
	struct ms_domain_outcome *o = domain_outcome(subject,
	    "dkim-key-unusable", MS_DOMAIN_FAIL, MS_SEVERITY_HIGH,
	    "The key record of the selector %.*s cannot be used: %s",
	    DOMAIN_TEXT(spot->selector), spot->key.why);

	finish(subject, o, spot, "Whatever is signed with it does not verify.",
	    "Publish v=DKIM1; k=rsa; p= and the key in base64, in one record.");
	o->reference = "RFC 6376 section 3.6.1";
}

static void
judge_size(struct ms_domain_case *subject, const struct spot *spot)
{
	bool useless = spot->key.bits < RSA_MUST;
	struct ms_domain_outcome *o;

	if (spot->key.type != MS_DKIM_KEY_RSA || spot->key.bits >= RSA_SHOULD)
		return;
	o = domain_outcome(subject, "dkim-weak-key",
	    useless ? MS_DOMAIN_FAIL : MS_DOMAIN_WARN,
	    useless ? MS_SEVERITY_HIGH : MS_SEVERITY_LOW,
	    "The key of the selector %.*s has %u bits%s",
	    DOMAIN_TEXT(spot->selector), spot->key.bits,
	    useless ? ", which counts for nothing" : "");
	finish(subject, o, spot,
	    useless ? "It can be forged with means that many have; receivers "
		      "must not accept it."
		    : "It still counts, but not for long.",
	    "Publish a key of 2048 bits at a new selector.");
	o->reference = "RFC 8301 section 3.2";
}

static void
judge_form(struct ms_domain_case *subject, const struct spot *spot)
{
	struct ms_domain_outcome *o;

	if (!spot->key.pkcs1)
		return;
	o = domain_outcome(subject, "dkim-key-pkcs1", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    "The key of the selector %.*s is a bare PKCS#1 key",
	    DOMAIN_TEXT(spot->selector));
	finish(subject, o, spot,
	    "Most keys are SubjectPublicKeyInfo, and some receivers read "
	    "nothing else.",
	    "Publish it as \"openssl rsa -pubout\" writes it.");
	o->reference = "RFC 6376 section 3.6.1";
}

static void
judge_testing(struct ms_domain_case *subject, const struct spot *spot)
{
	struct ms_domain_outcome *o;

	if (!spot->key.testing)
		return;
	o = domain_outcome(subject, "dkim-testing", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "The key of the selector %.*s is for testing",
	    DOMAIN_TEXT(spot->selector));
	finish(subject, o, spot,
	    "With t=y a receiver may treat signed mail as if it were not.",
	    "Take t=y out once signing works.");
	o->reference = "RFC 6376 section 3.6.1";
}

static bool
lists(struct ms_slice list, const char *word, const char *other)
{
	struct ms_slice item;

	while (ms_taglist_item(&list, ':', &item))
		if (ms_slice_is(item, word) ||
		    (other && ms_slice_is(item, other)))
			return true;
	return false;
}

static void
judge_limits(struct ms_domain_case *subject, const struct spot *spot)
{
	const struct ms_dkim_key *key = &spot->key;
	struct ms_domain_outcome *o;

	if (key->hashes.p && !lists(key->hashes, "sha256", NULL)) {
		o = domain_outcome(subject, "dkim-key-hash", MS_DOMAIN_FAIL,
		    MS_SEVERITY_HIGH,
		    "The key of the selector %.*s does not allow SHA-256 (h=)",
		    DOMAIN_TEXT(spot->selector));
		finish(subject, o, spot,
		    "No other hash counts any more, so no signature does.",
		    "Take h= out.");
		o->reference = "RFC 8301 section 3.1";
	}
	if (key->services.p && !lists(key->services, "email", "*")) {
		o = domain_outcome(subject, "dkim-key-service", MS_DOMAIN_FAIL,
		    MS_SEVERITY_HIGH,
		    "The key of the selector %.*s is not for mail (s=)",
		    DOMAIN_TEXT(spot->selector));
		finish(subject, o, spot, "Receivers of mail ignore it.",
		    "Take s= out.");
		o->reference = "RFC 6376 section 3.6.1";
	}
}

/* ---- one selector ---- */

/* A key record, or meant to be one: a wildcard gives others for any name. */
static bool
is_meant(const struct ms_dkim_key *key)
{
	return key->data.p ||
	       (key->version.p && ms_slice_starts(key->version, "DKIM"));
}

/* Of the records the first that can be used, else that is meant to be one.
 * How many are. */
static size_t
read_keys(struct ms_domain_case *subject, struct spot *spot)
{
	size_t n = 0, max = subject->env->limits.key_records;
	struct ms_dkim_key key;

	for (size_t i = 0; i < spot->answer.n && i < max; i++) {
		ms_dkim_key_parse(spot->answer.records[i].u.text,
		    &subject->env->limits, subject->arena, &key);
		if (!is_meant(&key))
			continue;
		if (n == 0 || (spot->key.fault && !key.fault))
			spot->key = key;
		n++;
	}
	return n;
}

static void
count_key(struct search *search, const struct spot *spot)
{
	search->found++;
	search->modern += spot->key.type == MS_DKIM_KEY_ED25519;
	ms_buf_printf(&search->names, "%s%.*s (%s)",
	    search->names.n ? ", " : "", DOMAIN_TEXT(spot->selector),
	    spot->key.type == MS_DKIM_KEY_ED25519
		? "Ed25519"
		: ms_arena_printf(
		      search->subject->arena, "RSA, %u bits", spot->key.bits));
}

static void
judge_key(struct search *search, struct spot *spot, size_t n)
{
	struct ms_domain_case *subject = search->subject;

	if (n > 1)
		judge_several(subject, spot, n);
	/* Of a parked domain that is as it should be. */
	if (spot->key.fault == MS_DKIM_KEY_REVOKED && spot->origin == GUESSED &&
	    subject->profile == MS_DOMAIN_PARKED)
		return;
	if (spot->key.fault == MS_DKIM_KEY_REVOKED) {
		judge_revoked(subject, spot);
		return;
	}
	if (spot->key.fault != MS_DKIM_KEY_GOOD) {
		judge_unusable(subject, spot);
		return;
	}
	count_key(search, spot);
	judge_size(subject, spot);
	judge_form(subject, spot);
	judge_testing(subject, spot);
	judge_limits(subject, spot);
}

static void
look(struct search *search, struct ms_slice selector, enum origin origin)
{
	struct ms_domain_case *subject = search->subject;
	struct spot spot = { .selector = selector,
		.name = name_of(subject, selector),
		.origin = origin };
	size_t n;

	ms_dns_ask(subject->env->dns, spot.name, MS_DNS_TXT, subject->arena,
	    &spot.answer);
	if (ms_dns_is_failure(spot.answer.status)) {
		/* Of guesses one stands for all. */
		if (search->failed++ == 0 || origin != GUESSED)
			domain_unknown(
			    subject, spot.name, MS_DNS_TXT, &spot.answer);
		return;
	}
	n = read_keys(subject, &spot);
	if (n > 0)
		judge_key(search, &spot, n);
	else if (origin != GUESSED)
		judge_missing(subject, &spot);
}

/* ---- all ---- */

struct plan {
	struct ms_slice *selectors;
	enum origin *origins;
	size_t n;
};

static void
plan_add(struct plan *plan, struct ms_slice selector, enum origin origin)
{
	for (size_t i = 0; i < plan->n; i++)
		if (ms_slice_equal_nocase(plan->selectors[i], selector))
			return;
	plan->selectors[plan->n] = selector;
	plan->origins[plan->n++] = origin;
}

/* Guesses only where nothing better is known. */
static void
make_plan(struct ms_domain_case *subject, struct plan *plan)
{
	const struct ms_domain_options *options = subject->options;
	size_t max = options->selectors_n + options->seen_n + GUESSES;

	plan->n = 0;
	plan->selectors = MS_NEW_ARRAY(subject->arena, struct ms_slice, max);
	plan->origins = MS_NEW_ARRAY(subject->arena, enum origin, max);
	for (size_t i = 0; i < options->selectors_n; i++)
		plan_add(plan, ms_slice_from(options->selectors[i]), GIVEN);
	for (size_t i = 0; i < options->seen_n; i++)
		if (ms_slice_equal_nocase(
			options->seen[i].domain, subject->name))
			plan_add(plan, options->seen[i].selector, SEEN);
	if (plan->n > 0)
		return;
	for (; plan->n < GUESSES; plan->n++) {
		plan->selectors[plan->n] = ms_slice_from(guesses[plan->n]);
		plan->origins[plan->n] = GUESSED;
	}
}

static void
hint(struct ms_domain_case *subject, const struct plan *plan)
{
	for (size_t i = 0; !subject->env->careful && i < plan->n; i++)
		ms_dns_hint(subject->env->dns,
		    name_of(subject, plan->selectors[i]), MS_DNS_TXT);
}

/* _domainkey does not exist, so nothing below it does (RFC 8020). */
static void
judge_none(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	struct ms_domain_outcome *o;

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return;
	}
	if (mx->answer.status == MS_DNS_NXDOMAIN) {
		domain_skip(subject, "The domain does not exist");
		return;
	}
	if (mx->null_mx || subject->profile == MS_DOMAIN_PARKED) {
		domain_skip(subject, "The domain has no mail to sign");
		return;
	}
	o = domain_outcome(subject, "dkim-none", MS_DOMAIN_WARN,
	    MS_SEVERITY_MEDIUM, "The domain has no DKIM key at any selector");
	o->detail = ms_arena_printf(subject->arena,
	    "_domainkey.%.*s does not exist, so nothing below it does. Mail "
	    "without a signature of its domain is refused by large receivers.",
	    DOMAIN_TEXT(subject->name));
	o->fix = "Let the mail server sign, and publish its key.";
	o->reference = "RFC 8020 section 2";
}

static void
judge_ed25519_only(const struct search *search)
{
	struct ms_domain_case *subject = search->subject;
	struct ms_domain_outcome *o;

	if (search->failed > 0 || search->found != search->modern)
		return;
	o = domain_outcome(subject, "dkim-ed25519-only", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "All keys that are known are Ed25519");
	o->detail = "Many receivers cannot verify such signatures yet.";
	o->fix = "Sign with an RSA key of 2048 bits as well.";
	o->reference = "RFC 8463 section 3";
}

static void
conclude(struct search *search, const struct plan *plan, size_t before)
{
	struct ms_domain_case *subject = search->subject;
	struct ms_domain_outcome *o;

	if (search->found > 0)
		judge_ed25519_only(search);
	if (subject->outcomes_n > before)
		return;
	if (search->found > 0) {
		domain_pass(subject, "%zu key%s: %.*s", search->found,
		    search->found == 1 ? "" : "s", (int)search->names.n,
		    (const char *)search->names.p);
		return;
	}
	o = domain_skip(subject,
	    "No key found among %zu names of selectors that were tried",
	    plan->n);
	o->detail = "DNS cannot list selectors: there may be others.";
	o->fix = "Name those in use: --selector NAME, or --selectors-from mail "
		 "of the domain.";
}

static void
run(struct ms_domain_case *subject)
{
	struct search search = { .subject = subject };
	size_t before = subject->outcomes_n;
	struct ms_dns_answer root;
	struct plan plan;

	ms_buf_init(&search.names, subject->arena);
	make_plan(subject, &plan);
	domain_ask(subject, "_domainkey", MS_DNS_TXT, &root);
	if (root.status == MS_DNS_PUT_OFF && plan.origins[0] == GUESSED)
		return; /* guesses may turn out to be in vain */
	if (root.status == MS_DNS_NXDOMAIN && plan.origins[0] == GUESSED) {
		judge_none(subject);
		return;
	}
	hint(subject, &plan);
	for (size_t i = 0; i < plan.n; i++)
		look(&search, plan.selectors[i], plan.origins[i]);
	if (ms_dns_is_failure(root.status) && search.found == 0)
		domain_unknown(subject, domain_name(subject, "_domainkey"),
		    MS_DNS_TXT, &root);
	conclude(&search, &plan, before);
}

static const struct ms_domain_hint hints[] = {
	{ "_domainkey", MS_DNS_TXT },
	{ NULL, MS_DNS_A },
};

extern const struct ms_domain_check domain_check_dkim;

const struct ms_domain_check domain_check_dkim = {
	.id = "dkim",
	.title = "the keys that the domain's mail is signed with",
	.reference = "RFC 6376 section 3.6.1",
	.needs = MS_DOMAIN_NEEDS_DNS,
	.hints = hints,
	.run = run,
};
