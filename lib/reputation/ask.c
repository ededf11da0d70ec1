/* SPDX-License-Identifier: ISC
 * ask.c - a list is asked about a subject, RFC 5782 2
 */
#include "mailsonde/dnsbl.h"

static const char *const status_names[] = {
	[MS_DNSBL_NOT_LISTED] = "not-listed",
	[MS_DNSBL_LISTED] = "listed",
	[MS_DNSBL_UNKNOWN] = "unknown",
	[MS_DNSBL_SKIPPED] = "skip",
};

const char *
ms_dnsbl_status_name(enum ms_dnsbl_status status)
{
	return status_names[status];
}

static const char *const cause_names[] = {
	[MS_DNSBL_CAUSE_NONE] = NULL,
	[MS_DNSBL_REFUSED] = "refused",
	[MS_DNSBL_REWRITTEN] = "rewritten",
	[MS_DNSBL_UNSOUND] = "unsound",
	[MS_DNSBL_FAILED] = "failed",
};

const char *
ms_dnsbl_cause_name(enum ms_dnsbl_cause cause)
{
	return cause_names[cause];
}

/* ---- subjects ---- */

void
ms_dnsbl_subject_name(const struct ms_env *env, struct ms_arena *arena,
    struct ms_slice name, struct ms_dnsbl_subject *out)
{
	struct ms_psl_answer answer;

	memset(out, 0, sizeof(*out));
	out->name = name;
	env->psl->ask(env->psl, name, arena, &answer);
	out->registered = answer.registrable;
}

bool
ms_dnsbl_holds(
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject)
{
	unsigned kind = MS_DNSBL_NAMES;

	if (subject->ip.set)
		kind = subject->ip.v4 ? MS_DNSBL_IP4 : MS_DNSBL_IP6;
	return (list->kinds & kind) != 0;
}

/* 192.0.2.1 as 1.2.0.192, and the nibbles of IPv6: what stands in front of
 * in-addr.arpa and ip6.arpa. */
static struct ms_slice
reversed(struct ms_arena *arena, const struct ms_ip *ip)
{
	struct ms_dns_name name;
	struct ms_slice text;

	ms_dns_name_reverse(ip, &name);
	text = ms_dns_name_format(arena, &name);
	return ms_slice_part(text, 0,
	    ms_slice_find_text(
		text, 0, ip->v4 ? ".in-addr.arpa" : ".ip6.arpa"));
}

static struct ms_slice
key_of(struct ms_arena *arena, const struct ms_dnsbl *list,
    const struct ms_dnsbl_subject *subject)
{
	if (subject->ip.set)
		return reversed(arena, &subject->ip);
	if (list->registered && subject->registered.p)
		return subject->registered;
	return subject->name;
}

/* ---- test points ---- */

/* RFC 5782 2.1, 2.4 and 5: 127.0.0.2 is listed and 127.0.0.1 is not; of IPv6
 * those two mapped, of names TEST and INVALID. */
static struct ms_slice
test_point(struct ms_arena *arena, const struct ms_dnsbl *list, bool names,
    bool listed)
{
	const char *own = listed ? list->listed : list->unlisted;
	struct ms_ip ip = { .set = true, .v4 = true };

	if (own)
		return ms_slice_from(own);
	if (names)
		return listed ? MS_SLICE("test") : MS_SLICE("invalid");
	ip.v4 = (list->kinds & MS_DNSBL_IP4) != 0;
	ip.b[10] = ip.b[11] = 0xff;
	ip.b[12] = 127;
	ip.b[15] = listed ? 2 : 1;
	return reversed(arena, &ip);
}

/* ---- questions ---- */

static struct ms_slice
name_of(
    struct ms_arena *arena, const struct ms_dnsbl *list, struct ms_slice key)
{
	return ms_slice_from(ms_arena_printf(
	    arena, "%.*s.%s", (int)key.n, (const char *)key.p, list->zone));
}

/* False: there can be no such name. */
static bool
question_of(const struct ms_dnsbl *list, struct ms_slice name,
    enum ms_dns_type type, struct ms_dns_question *out)
{
	memset(out, 0, sizeof(*out));
	out->type = (uint16_t)type;
	out->server = list->server;
	out->port = list->port;
	return ms_dns_name_from_text(name, &out->name);
}

static void
query(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, struct ms_slice name, enum ms_dns_type type,
    struct ms_dns_answer *out)
{
	struct ms_dns_question question;

	if (question_of(list, name, type, &question))
		env->dns->query(env->dns, &question, arena, out);
	else
		ms_dns_fail(out, MS_DNS_INVALID,
		    "the name is too long to be asked for there");
}

static void
hint(const struct ms_env *env, const struct ms_dnsbl *list,
    struct ms_slice name, enum ms_dns_type type)
{
	struct ms_dns_question question;

	if (env->dns->prefetch && question_of(list, name, type, &question))
		(void)env->dns->prefetch(env->dns, &question);
}

/* What a server that is asked by itself says of others is no answer. */
static const char *
why_failed(const struct ms_dns_answer *answer)
{
	if (answer->status == MS_DNS_REFERRAL)
		return "the server does not have the list";
	return answer->why ? answer->why : ms_dns_status_name(answer->status);
}

static void
ask_key(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, struct ms_slice key,
    struct ms_dnsbl_answer *out)
{
	memset(out, 0, sizeof(*out));
	out->list = list;
	out->name = name_of(arena, list, key);
	query(env, arena, list, out->name, MS_DNS_A, &out->answer);
	if (out->answer.status == MS_DNS_FOUND) {
		ms_dnsbl_decode(arena, out);
	} else if (!ms_dns_is_absent(out->answer.status)) {
		out->status = MS_DNSBL_UNKNOWN;
		out->cause = MS_DNSBL_FAILED;
		out->why = why_failed(&out->answer);
	}
}

static void
set_unsound(struct ms_dnsbl_answer *out, const char *why)
{
	out->status = MS_DNSBL_UNKNOWN;
	out->cause = MS_DNSBL_UNSOUND;
	out->why = why;
}

static void
set_skipped(struct ms_dnsbl_answer *out)
{
	out->status = MS_DNSBL_SKIPPED;
	out->why = "it has no test point for names, and so is no list of them";
	out->name = ms_slice_make(NULL, 0);
}

bool
ms_dnsbl_is_sound(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, bool names, struct ms_dnsbl_answer *out)
{
	struct ms_dnsbl_answer none;

	memset(out, 0, sizeof(*out));
	out->list = list;
	if (list->untested)
		return true;
	ask_key(env, arena, list, test_point(arena, list, names, true), out);
	ask_key(env, arena, list, test_point(arena, list, names, false), &none);
	if (out->status == MS_DNSBL_UNKNOWN)
		return false;
	if (none.status == MS_DNSBL_UNKNOWN)
		*out = none;
	else if (out->status == MS_DNSBL_NOT_LISTED && names && list->guessed)
		set_skipped(out);
	else if (out->status == MS_DNSBL_NOT_LISTED)
		set_unsound(out,
		    "it does not list what every list must (RFC 5782 section "
		    "5)");
	else if (none.status == MS_DNSBL_LISTED)
		set_unsound(
		    out, "it lists what no list may (RFC 5782 section 5)");
	return out->status == MS_DNSBL_LISTED;
}

void
ms_dnsbl_ask(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject,
    struct ms_dnsbl_answer *out)
{
	ask_key(env, arena, list, key_of(arena, list, subject), out);
}

/* On the list, or refused: lists that refuse say there what to do. */
static bool
has_reason(const struct ms_dnsbl_answer *answer)
{
	return answer->name.p && (answer->status == MS_DNSBL_LISTED ||
				     answer->cause == MS_DNSBL_REFUSED);
}

void
ms_dnsbl_ask_reason(const struct ms_env *env, struct ms_arena *arena,
    struct ms_dnsbl_answer *out)
{
	if (has_reason(out))
		query(
		    env, arena, out->list, out->name, MS_DNS_TXT, &out->reason);
}

/* ---- hints ---- */

void
ms_dnsbl_hint_sound(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, bool names)
{
	if (list->untested)
		return;
	hint(env, list,
	    name_of(arena, list, test_point(arena, list, names, true)),
	    MS_DNS_A);
	hint(env, list,
	    name_of(arena, list, test_point(arena, list, names, false)),
	    MS_DNS_A);
}

void
ms_dnsbl_hint(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_dnsbl *list, const struct ms_dnsbl_subject *subject)
{
	hint(env, list, name_of(arena, list, key_of(arena, list, subject)),
	    MS_DNS_A);
}

void
ms_dnsbl_hint_reason(
    const struct ms_env *env, const struct ms_dnsbl_answer *answer)
{
	if (has_reason(answer))
		hint(env, answer->list, answer->name, MS_DNS_TXT);
}
