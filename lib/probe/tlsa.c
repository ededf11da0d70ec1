/* SPDX-License-Identifier: ISC
 * tlsa.c - the TLSA records of a mail server, looked up as RFC 7672 2.2 says
 */
#include "mailsonde/tlsa.h"

#define TEXT(s) (int)((s).n > 255 ? 255 : (s).n), ((const char *)(s).p)

const char *
ms_tlsa_status_name(enum ms_tlsa_status status)
{
	static const char *const names[] = {
		[MS_TLSA_NONE] = "none",
		[MS_TLSA_FOUND] = "found",
		[MS_TLSA_INSECURE] = "insecure",
		[MS_TLSA_HOST_INSECURE] = "host-insecure",
		[MS_TLSA_FAILED] = "temperror",
		[MS_TLSA_UNCHECKED] = "unchecked",
	};

	return names[status];
}

struct finder {
	const struct ms_env *env;
	struct ms_arena *arena;
	const struct ms_probe_result *probe;
	struct ms_tlsa *out;
};

static bool
is_secure(enum ms_dns_security security)
{
	return security == MS_DNS_SECURE || security == MS_DNS_SECURE_AD;
}

static void
ask(struct finder *f, struct ms_slice name, enum ms_dns_type type,
    bool validated, struct ms_dns_answer *out)
{
	struct ms_dns_question question = { .type = (uint16_t)type,
		.want = validated ? MS_DNS_VALIDATED : 0 };

	if (ms_dns_name_from_text(name, &question.name))
		f->env->dns->query(f->env->dns, &question, f->arena, out);
	else
		ms_dns_fail(out, MS_DNS_INVALID, "the name cannot exist");
}

static struct ms_slice
owner_of(struct finder *f, struct ms_slice base)
{
	return ms_slice_from(ms_arena_printf(
	    f->arena, "_%u._tcp.%.*s", f->probe->target.port, TEXT(base)));
}

/* A sentence, and no further look: the mail waits (RFC 7672 2.1). */
static void
fail(struct finder *f, struct ms_slice name, enum ms_dns_type type,
    const struct ms_dns_answer *answer)
{
	char text[MS_DNS_TYPE_TEXT];

	ms_dns_type_format((uint16_t)type, text);
	f->out->status = MS_TLSA_FAILED;
	f->out->why = ms_arena_printf(f->arena, "%.*s %s: %s%s%s", TEXT(name),
	    text, ms_dns_status_name(answer->status), answer->why ? ", " : "",
	    answer->why ? answer->why : "");
}

/* ---- whether there seem to be any ---- */

/* Where the host is an alias: the name at its end. */
static struct ms_slice
expanded(struct finder *f)
{
	const struct ms_probe_result *probe = f->probe;
	const struct ms_dns_answer *a =
	    probe->a.aliases_n > 0 ? &probe->a : &probe->aaaa;
	struct ms_dns_answer asked;

	if (!probe->asked) {
		ask(f, probe->target.host, MS_DNS_A, false, &asked);
		a = &asked;
	}
	if (a->aliases_n > 0)
		return a->aliases[a->aliases_n - 1];
	return ms_slice_make(NULL, 0);
}

/* Not validated, which costs little. */
static bool
seems_to_have(struct finder *f, struct ms_slice base)
{
	struct ms_dns_answer answer;

	ask(f, owner_of(f, base), MS_DNS_TLSA, false, &answer);
	return answer.status == MS_DNS_FOUND ||
	       ms_dns_is_failure(answer.status);
}

/* ---- addresses ---- */

enum trust { FAILED, INSECURE, UNCHECKED, SECURE };

static enum trust
trust_in(struct finder *f, struct ms_slice name, enum ms_dns_type type)
{
	struct ms_dns_answer answer;

	ask(f, name, type, true, &answer);
	if (ms_dns_is_failure(answer.status)) {
		fail(f, name, type, &answer);
		return FAILED;
	}
	if (answer.security == MS_DNS_INSECURE)
		return INSECURE;
	return is_secure(answer.security) ? SECURE : UNCHECKED;
}

static enum trust
trust_in_addresses(struct finder *f, struct ms_slice host)
{
	enum trust a = trust_in(f, host, MS_DNS_A), aaaa;

	if (a == FAILED)
		return a;
	aaaa = trust_in(f, host, MS_DNS_AAAA);
	return aaaa < a ? aaaa : a;
}

/* ---- records ---- */

/* True: that settles it. */
static bool
look_at(struct finder *f, struct ms_slice base)
{
	struct ms_tlsa *out = f->out;
	struct ms_slice owner = owner_of(f, base);
	struct ms_dns_answer answer;

	ask(f, owner, MS_DNS_TLSA, true, &answer);
	if (ms_dns_is_failure(answer.status)) {
		fail(f, owner, MS_DNS_TLSA, &answer);
		out->owner = owner;
		return true;
	}
	if (answer.status != MS_DNS_FOUND)
		return false;
	out->base = base;
	out->owner = owner;
	out->answer = answer;
	out->status = is_secure(answer.security)           ? MS_TLSA_FOUND
		      : answer.security == MS_DNS_INSECURE ? MS_TLSA_INSECURE
							   : MS_TLSA_UNCHECKED;
	return out->status != MS_TLSA_INSECURE;
}

static void
look_at_both(struct finder *f, struct ms_slice host, struct ms_slice target)
{
	enum trust trust = trust_in_addresses(f, host);

	if (trust == FAILED)
		return;
	if (trust == INSECURE) {
		/* The alias itself may be signed, and then counts: 2.2.2. */
		if (target.p && trust_in(f, host, MS_DNS_CNAME) == SECURE)
			look_at(f, host);
		else if (f->out->status != MS_TLSA_FAILED)
			f->out->status = MS_TLSA_HOST_INSECURE;
		return;
	}
	if (!target.p || !look_at(f, target))
		look_at(f, host);
}

/* ---- names ---- */

static void
add_name(struct ms_tlsa *out, struct ms_slice name)
{
	for (size_t i = 0; i < out->names_n; i++)
		if (ms_slice_equal_nocase(out->names[i], name))
			return;
	if (name.n > 0)
		out->names[out->names_n++] = name;
}

/* RFC 7672 3.2.2: the domain itself counts where its MX is signed. */
static void
find_names(struct finder *f)
{
	struct ms_tlsa *out = f->out;

	add_name(out, out->base);
	add_name(out, f->probe->target.host);
	if (f->probe->target.mx.p && is_secure(out->mx))
		add_name(out, f->probe->target.mx);
}

static void
ask_mx(struct finder *f)
{
	struct ms_slice domain = f->probe->target.mx;
	struct ms_dns_answer answer;

	if (!domain.p)
		return;
	ask(f, domain, MS_DNS_MX, true, &answer);
	f->out->mx_asked = true;
	f->out->mx = answer.security;
	if (ms_dns_is_failure(answer.status))
		fail(f, domain, MS_DNS_MX, &answer);
}

void
ms_tlsa_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, struct ms_tlsa *out)
{
	struct finder f = { .env = env, .arena = arena, .probe = probe };
	struct ms_slice host = probe->target.host, target;
	bool any;

	memset(out, 0, sizeof(*out));
	f.out = out;
	if (probe->target.literal)
		return;
	target = expanded(&f);
	any = seems_to_have(&f, host);
	if (target.p && !any)
		any = seems_to_have(&f, target);
	if (!any)
		return;
	look_at_both(&f, host, target);
	if (out->status == MS_TLSA_FOUND || out->status == MS_TLSA_UNCHECKED) {
		ask_mx(&f);
		find_names(&f);
	}
}
