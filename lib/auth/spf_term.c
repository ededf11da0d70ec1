/* SPDX-License-Identifier: ISC
 * spf_term.c - SPF mechanisms against a client, RFC 7208 section 5
 *
 * Each costs its look-up before it is here; void ones are counted here, one a
 * term (4.6.4 limits "terms for which DNS queries return" nothing).
 */
#include "spf_priv.h"

/* ---- what is common ---- */

static enum spf_outcome
note_void(struct spf_run *run, struct ms_spf_step *step)
{
	if (step->void_lookups > 0)
		return SPF_NO;
	step->void_lookups = 1;
	return ++run->out->void_lookups > run->env->limits.spf_void
		   ? SPF_VOID_LIMIT
		   : SPF_NO;
}

/* CNAMEs in a circle are a fault of the data, and will be one tomorrow. */
static bool
is_passing(enum ms_dns_status status)
{
	return ms_dns_is_failure(status) && status != MS_DNS_LOOP;
}

/* The failure that made the last SPF_TEMPERROR. */
static bool
is_passing_failure(const struct ms_spf_step *step)
{
	const struct ms_spf_failure *last = step->failures;

	while (last->next)
		last = last->next;
	return is_passing(last->status);
}

/* SPF_YES: there are records. */
static enum spf_outcome
ask(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *name, enum ms_dns_type type,
    struct ms_dns_answer *out)
{
	spf_ask(run, round, name, type, out);
	if (ms_dns_is_failure(out->status)) {
		spf_failed(run, &step->failures,
		    ms_dns_name_format(run->arena, name), type, out->status,
		    out->why);
		return SPF_TEMPERROR;
	}
	return out->status == MS_DNS_FOUND ? SPF_YES : note_void(run, step);
}

/* Does the host have an address in the client's network? */
static enum spf_outcome
match_host(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *name, unsigned prefix)
{
	struct ms_net net = { .prefix = prefix };
	struct ms_dns_answer answer;
	enum spf_outcome outcome =
	    ask(run, round, step, name, spf_address_type(run), &answer);
	char text[MS_IP_TEXT];

	if (outcome != SPF_YES)
		return outcome;
	for (size_t i = 0; i < answer.n; i++) {
		struct ms_slice host = ms_dns_name_format(run->arena, name);

		net.ip = answer.records[i].u.ip;
		if (!ms_net_contains(&net, &run->values.ip))
			continue;
		ms_ip_format(&net.ip, text);
		step->found = ms_slice_from(ms_arena_printf(run->arena,
		    "%.*s has %s", (int)host.n, (const char *)host.p, text));
		return SPF_YES;
	}
	return SPF_NO;
}

static unsigned
prefix_of(const struct spf_run *run, const struct ms_spf_term *term)
{
	return run->values.ip.v4 ? term->prefix4 : term->prefix6;
}

static unsigned
host_prefix(const struct spf_run *run)
{
	return run->values.ip.v4 ? 32 : 128;
}

/* ---- names that the client's address maps to, 5.5 ---- */

/* `name` is `target`, or lies below it. */
static bool
lies_in(const struct ms_dns_name *name, const struct ms_dns_name *target)
{
	struct ms_dns_name tail;
	size_t at = 0;

	while (name->n - at > target->n)
		at += 1 + (size_t)name->wire[at];
	tail.n = (uint8_t)(name->n - at);
	memcpy(tail.wire, name->wire + at, tail.n);
	return ms_dns_name_equal(&tail, target);
}

struct pointers {
	struct ms_dns_name *names; /* the first ten */
	size_t n;
};

/* SPF_YES: there are names. */
static enum spf_outcome
ask_pointers(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    struct pointers *out)
{
	size_t max = run->env->limits.spf_names;
	struct ms_dns_answer answer;
	struct ms_dns_name name;
	enum spf_outcome outcome;

	ms_dns_name_reverse(&run->values.ip, &name);
	outcome = ask(run, round, step, &name, MS_DNS_PTR, &answer);
	if (outcome != SPF_YES)
		return outcome;
	if (answer.n > max)
		step->note = ms_arena_printf(run->arena,
		    "the address has %zu names; the first %zu count (RFC "
		    "7208 4.6.4)",
		    answer.n, max);
	out->n = 0;
	out->names = MS_NEW_ARRAY(run->arena, struct ms_dns_name, max);
	for (size_t i = 0; i < answer.n && i < max; i++)
		out->n += ms_dns_name_from_master(
		    answer.records[i].u.target, &out->names[out->n]);
	return SPF_YES;
}

/* Does the name map back to the client? */
static enum spf_outcome
validate(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *name)
{
	return match_host(run, round, step, name, host_prefix(run));
}

/* 5.5: names end in the target, and map back. A failed look-up is no match
 * there; the caller learns that it is in doubt. */
static enum spf_outcome
match_ptr(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *target)
{
	struct pointers pointers;
	enum spf_outcome outcome = ask_pointers(run, round, step, &pointers);
	bool doubt = false;

	if (outcome == SPF_TEMPERROR)
		return is_passing_failure(step) ? SPF_DOUBT : SPF_NO;
	if (outcome != SPF_YES)
		return outcome;
	for (size_t i = 0; i < pointers.n; i++)
		if (lies_in(&pointers.names[i], target))
			spf_hint(
			    run, &pointers.names[i], spf_address_type(run));
	for (size_t i = 0; i < pointers.n; i++) {
		if (!lies_in(&pointers.names[i], target))
			continue;
		outcome = validate(run, round + 1, step, &pointers.names[i]);
		if (outcome == SPF_YES || outcome == SPF_VOID_LIMIT)
			return outcome;
		doubt = doubt ||
			(outcome == SPF_TEMPERROR && is_passing_failure(step));
	}
	return doubt ? SPF_DOUBT : SPF_NO;
}

/* How near a name is to the domain: it, below it, else (7.3). */
static unsigned
distance(const struct ms_dns_name *name, const struct ms_dns_name *domain)
{
	if (ms_dns_name_equal(name, domain))
		return 0;
	return lies_in(name, domain) ? 1 : 2;
}

enum spf_outcome
spf_validated(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    struct ms_slice *out)
{
	struct ms_dns_name domain;
	struct pointers pointers;
	enum spf_outcome outcome = ask_pointers(run, round, step, &pointers);
	bool doubt = outcome == SPF_TEMPERROR && is_passing_failure(step);

	*out = MS_SLICE("unknown");
	if (outcome == SPF_TEMPERROR)
		return doubt ? SPF_DOUBT : SPF_NO;
	if (outcome != SPF_YES)
		return outcome;
	if (!ms_dns_name_from_text(run->values.domain, &domain))
		return SPF_NO;
	for (size_t i = 0; i < pointers.n; i++)
		spf_hint(run, &pointers.names[i], spf_address_type(run));
	for (unsigned near = 0; near < 3; near++) {
		for (size_t i = 0; i < pointers.n; i++) {
			if (distance(&pointers.names[i], &domain) != near)
				continue;
			outcome =
			    validate(run, round + 1, step, &pointers.names[i]);
			doubt = doubt || (outcome == SPF_TEMPERROR &&
					     is_passing_failure(step));
			if (outcome == SPF_VOID_LIMIT)
				return outcome;
			if (outcome != SPF_YES)
				continue;
			*out =
			    ms_dns_name_format(run->arena, &pointers.names[i]);
			return SPF_YES;
		}
	}
	return doubt ? SPF_DOUBT : SPF_NO;
}

/* ---- names of terms ---- */

/* The first %{p} of a check costs a look-up (4.6.4). */
static enum spf_outcome
fill_validated(struct spf_run *run, unsigned round, struct ms_spf_step *step)
{
	enum spf_outcome outcome;

	if (!run->counted_p) {
		run->counted_p = true;
		step->lookups++;
		if (++run->out->lookups > run->env->limits.spf_lookups)
			return SPF_LOOKUP_LIMIT;
	}
	outcome = spf_validated(run, round, step, &run->values.validated);
	step->found = ms_slice_make(NULL, 0);
	return outcome == SPF_DOUBT ? SPF_TEMPERROR : outcome;
}

enum spf_outcome
spf_target(struct spf_run *run, unsigned round, struct ms_spf_step *step)
{
	struct ms_slice spec = step->term->target;

	step->target = run->values.domain;
	if (!spec.p)
		return SPF_YES;
	/* RFC 8616 section 4: such terms match nothing. */
	if (!ms_slice_is_ascii(run->values.local) &&
	    (spf_macro_uses(spec, 's') || spf_macro_uses(spec, 'l'))) {
		step->target = ms_slice_make(NULL, 0);
		step->note = "the local part is not ASCII, so the term "
			     "matches nothing (RFC 8616 4)";
		return SPF_NO;
	}
	if (spf_macro_uses(spec, 'p')) {
		enum spf_outcome outcome = fill_validated(run, round, step);

		if (outcome != SPF_YES && outcome != SPF_NO)
			return outcome;
	}
	step->target = spf_macro_expand(
	    run->arena, &run->values, spec, MS_SPF_DOMAIN_SPEC);
	return step->target.p ? SPF_YES : SPF_NO;
}

/* ---- mechanisms ---- */

/* MX hosts in the order of their preference (5.4), without the null MX
 * (RFC 7505). The answer may be others' as well and stays as it is. */
static size_t
mx_hosts(struct ms_arena *arena, const struct ms_dns_answer *answer,
    struct ms_dns_name *out)
{
	const struct ms_dns_record **order =
	    MS_NEW_ARRAY(arena, const struct ms_dns_record *, answer->n);
	size_t n = 0;

	for (size_t i = 0; i < answer->n; i++) {
		const struct ms_dns_record *record = &answer->records[i];
		size_t at = i;

		for (; at > 0 &&
		       order[at - 1]->u.mx.preference > record->u.mx.preference;
		     at--)
			order[at] = order[at - 1];
		order[at] = record;
	}
	for (size_t i = 0; i < answer->n; i++)
		n +=
		    ms_dns_name_from_master(order[i]->u.mx.exchange, &out[n]) &&
		    out[n].n > 1;
	return n;
}

static enum spf_outcome
match_mx(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *name)
{
	struct ms_dns_answer answer;
	enum spf_outcome outcome =
	    ask(run, round, step, name, MS_DNS_MX, &answer);
	struct ms_dns_name *hosts;
	size_t n;

	if (outcome != SPF_YES)
		return outcome;
	if (answer.n > run->env->limits.spf_names) {
		step->note = ms_arena_printf(run->arena,
		    "%zu MX names; the limit is %zu", answer.n,
		    run->env->limits.spf_names);
		return SPF_MX_LIMIT;
	}
	hosts = MS_NEW_ARRAY(run->arena, struct ms_dns_name, answer.n);
	n = mx_hosts(run->arena, &answer, hosts);
	for (size_t i = 0; i < n; i++)
		spf_hint(run, &hosts[i], spf_address_type(run));
	outcome = SPF_NO;
	for (size_t i = 0; i < n && outcome == SPF_NO; i++)
		outcome = match_host(run, round + 1, step, &hosts[i],
		    prefix_of(run, step->term));
	return outcome;
}

/* A only, whatever the client's address (5.7). */
static enum spf_outcome
match_exists(struct spf_run *run, unsigned round, struct ms_spf_step *step,
    const struct ms_dns_name *name)
{
	struct ms_dns_answer answer;
	enum spf_outcome outcome =
	    ask(run, round, step, name, MS_DNS_A, &answer);

	if (outcome == SPF_YES)
		step->found =
		    ms_slice_from(ms_arena_printf(run->arena, "%.*s exists",
			(int)step->target.n, (const char *)step->target.p));
	return outcome;
}

static enum spf_outcome
match_name(struct spf_run *run, unsigned round, struct ms_spf_step *step)
{
	enum spf_outcome outcome = spf_target(run, round, step);
	struct ms_dns_name name;

	if (outcome != SPF_YES)
		return outcome;
	if (!ms_dns_name_from_text(step->target, &name)) {
		step->note = "no such name can exist";
		return SPF_NO;
	}
	switch (step->term->kind) {
	case MS_SPF_A:
		return match_host(
		    run, round, step, &name, prefix_of(run, step->term));
	case MS_SPF_MX:
		return match_mx(run, round, step, &name);
	case MS_SPF_PTR:
		return match_ptr(run, round, step, &name);
	default:
		return match_exists(run, round, step, &name);
	}
}

enum spf_outcome
spf_match(struct spf_run *run, unsigned round, struct ms_spf_step *step)
{
	switch (step->term->kind) {
	case MS_SPF_ALL:
		return SPF_YES;
	case MS_SPF_IP4:
	case MS_SPF_IP6:
		return ms_net_contains(&step->term->net, &run->values.ip)
			   ? SPF_YES
			   : SPF_NO;
	default:
		return match_name(run, round, step);
	}
}
