/* SPDX-License-Identifier: ISC
 * ask.c - what several checks of a domain ask, each once
 */
#include "domain_priv.h"

struct ms_slice
domain_name(const struct ms_domain_case *subject, const char *prefix)
{
	size_t n = strlen(prefix);
	unsigned char *out;

	if (n == 0)
		return subject->name;
	out = ms_arena_bytes(subject->arena, n + 1 + subject->name.n + 1);
	memcpy(out, prefix, n);
	out[n] = '.';
	memcpy(out + n + 1, subject->name.p, subject->name.n);
	out[n + 1 + subject->name.n] = '\0';
	return ms_slice_make(out, n + 1 + subject->name.n);
}

void
domain_ask(struct ms_domain_case *subject, const char *prefix,
    enum ms_dns_type type, struct ms_dns_answer *out)
{
	ms_dns_ask(subject->env->dns, domain_name(subject, prefix), type,
	    subject->arena, out);
}

size_t
domain_count_texts(const struct ms_dns_answer *answer,
    bool (*is_record)(struct ms_slice text), struct ms_slice *text)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->n; i++) {
		if (!is_record(answer->records[i].u.text))
			continue;
		if (text)
			*text = answer->records[i].u.text;
		n++;
	}
	return n;
}

void
domain_hint_addresses(
    const struct ms_domain_case *subject, struct ms_slice name)
{
	if (subject->env->careful)
		return;
	ms_dns_hint(subject->env->dns, name, MS_DNS_A);
	ms_dns_hint(subject->env->dns, name, MS_DNS_AAAA);
}

/* ---- mail exchangers ---- */

static void
fill_addresses(struct ms_domain_case *subject, struct ms_domain_host *host)
{
	const struct ms_dns_answer *answers[2] = { &host->a, &host->aaaa };

	host->addresses = MS_NEW_ARRAY(
	    subject->arena, struct ms_domain_address, host->a.n + host->aaaa.n);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < answers[k]->n; i++)
			host->addresses[host->n++].ip =
			    answers[k]->records[i].u.ip;
}

static void
resolve(struct ms_domain_case *subject, struct ms_domain_mx *mx)
{
	struct ms_dns_source *dns = subject->env->dns;

	for (size_t i = 0; i < mx->n; i++)
		domain_hint_addresses(subject, mx->hosts[i].name);
	for (size_t i = 0; i < mx->n; i++) {
		struct ms_domain_host *host = &mx->hosts[i];

		ms_dns_ask(dns, host->name, MS_DNS_A, subject->arena, &host->a);
		ms_dns_ask(
		    dns, host->name, MS_DNS_AAAA, subject->arena, &host->aaaa);
		fill_addresses(subject, host);
	}
}

/* By preference; equal ones stay as they were answered. */
static void
insert(struct ms_domain_mx *mx, struct ms_slice name, unsigned preference)
{
	size_t at = mx->n++;

	for (; at > 0 && mx->hosts[at - 1].preference > preference; at--)
		mx->hosts[at] = mx->hosts[at - 1];
	memset(&mx->hosts[at], 0, sizeof(mx->hosts[at]));
	mx->hosts[at].name = name;
	mx->hosts[at].preference = preference;
}

static void
take_records(struct ms_domain_case *subject, struct ms_domain_mx *mx)
{
	size_t max = subject->env->limits.domain_mx;

	for (size_t i = 0; i < mx->answer.n; i++) {
		const struct ms_dns_record *r = &mx->answer.records[i];

		if (ms_slice_is(r->u.mx.exchange, ".")) {
			mx->null_mx = mx->answer.n == 1;
			continue;
		}
		if (mx->n < max)
			insert(mx, r->u.mx.exchange, r->u.mx.preference);
		else
			mx->truncated = true;
	}
}

const struct ms_domain_mx *
domain_mx(struct ms_domain_case *subject)
{
	struct ms_domain_mx *mx = subject->mx;

	if (mx)
		return mx;
	mx = MS_NEW(subject->arena, struct ms_domain_mx);
	subject->mx = mx;
	domain_ask(subject, "", MS_DNS_MX, &mx->answer);
	mx->hosts = MS_NEW_ARRAY(
	    subject->arena, struct ms_domain_host, mx->answer.n + 1);
	take_records(subject, mx);
	if (mx->answer.status == MS_DNS_NODATA)
		insert(mx, subject->name, 0);
	resolve(subject, mx);
	if (mx->answer.status != MS_DNS_NODATA)
		return mx;
	mx->implicit = mx->hosts[0].n > 0;
	if (mx->hosts[0].n == 0 && !ms_dns_is_failure(mx->hosts[0].a.status) &&
	    !ms_dns_is_failure(mx->hosts[0].aaaa.status))
		mx->n = 0;
	return mx;
}

bool
domain_takes_mail(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);

	if (subject->profile == MS_DOMAIN_SENDER ||
	    subject->profile == MS_DOMAIN_PARKED)
		return false;
	return ms_dns_is_failure(mx->answer.status) || mx->n > 0;
}

bool
domain_mail_untold(struct ms_domain_case *subject)
{
	const struct ms_domain_mx *mx = domain_mx(subject);
	const struct ms_domain_host *host = mx->hosts;

	if (ms_dns_is_failure(mx->answer.status)) {
		domain_unknown(subject, subject->name, MS_DNS_MX, &mx->answer);
		return true;
	}
	if (mx->answer.status != MS_DNS_NODATA || mx->implicit || mx->n == 0)
		return false;
	if (ms_dns_is_failure(host->a.status))
		domain_unknown(subject, host->name, MS_DNS_A, &host->a);
	else
		domain_unknown(subject, host->name, MS_DNS_AAAA, &host->aaaa);
	return true;
}

const struct ms_dns_answer *
domain_ptr(struct ms_domain_case *subject, struct ms_domain_address *address)
{
	if (!address->ptr_asked)
		ms_dns_ask_reverse(subject->env->dns, &address->ip,
		    subject->arena, &address->ptr);
	address->ptr_asked = true;
	return &address->ptr;
}
