/* SPDX-License-Identifier: ISC
 * tls_groups.c - the groups of a version, by what a server picks
 */
#include "tls_scan_priv.h"

static void
add_group(struct tls_asker *a, uint16_t code)
{
	struct ms_tls_scan_version *v = a->v;
	size_t size = sizeof(*v->groups);

	v->groups = ms_arena_grow(a->lane->keep, v->groups, v->groups_n * size,
	    (v->groups_n + 1) * size);
	ms_tls_group_by_code(code, &v->groups[v->groups_n++]);
}

static bool
strike_group(uint16_t *codes, size_t *n, uint16_t code)
{
	for (size_t i = 0; i < *n; i++) {
		if (codes[i] != code)
			continue;
		memmove(
		    codes + i, codes + i + 1, (*n - i - 1) * sizeof(*codes));
		(*n)--;
		return true;
	}
	return false;
}

/* Before TLS 1.3 a certificate with a key on a curve is of use only to those
 * who offer that curve (RFC 8422 5.1.1). When striking one ends it all, the
 * others are offered with that one behind them. */
struct group_list {
	uint16_t codes[TLS_GROUPS + 1];
	size_t n;
	uint16_t kept; /* 0: none */
	bool curve_key;
};

static enum tls_asked
ask_groups(struct tls_asker *a, struct group_list *list, const uint32_t *suites,
    size_t suites_n, struct tls_answer *answer)
{
	if (list->kept)
		list->codes[list->n] = list->kept;
	return tls_ask_list(a, suites, suites_n, list->codes,
	    list->n + (list->kept ? 1 : 0), answer);
}

/* False: that was the last. */
static bool
next_group(struct tls_asker *a, struct group_list *list, enum tls_asked asked,
    const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	if (asked == TLS_REFUSED && list->curve_key && !list->kept &&
	    list->n > 0) {
		list->kept = v->groups[v->groups_n - 1].code;
		return true;
	}
	if (asked != TLS_PICKED || answer->version != v->code ||
	    (list->kept && answer->group == list->kept))
		return false;
	if (!strike_group(list->codes, &list->n, answer->group)) {
		v->groups_why = "it picked what was not offered";
		return false;
	}
	list->curve_key =
	    list->curve_key || (tls_suite_flags(answer->suite) & MS_TLS_ECDSA);
	add_group(a, answer->group);
	return list->n > 0;
}

/* The suites that bring a group with them. */
static size_t
group_suites(const struct tls_asker *a, uint32_t out[MS_TLS_SUITES])
{
	uint16_t version = a->v->code;
	size_t n = a->plain ? tls_offer_common(version, out)
			    : tls_offer_suites(version, out);

	return version == MS_TLS_13 ? n : tls_only_curves(out, n);
}

void
tls_scan_groups(struct tls_asker *a)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t suites[MS_TLS_SUITES];
	size_t suites_n = group_suites(a, suites);
	struct group_list list = { .kept = 0 };
	struct tls_answer answer;
	enum tls_asked asked;

	v->groups_asked = true;
	list.n = tls_offer_groups(v->code, list.codes);
	/* Its suites have been asked for, in this lane: the first is known. */
	if (v->code == MS_TLS_13 && v->suites_n > 0 &&
	    strike_group(list.codes, &list.n, v->suites[0].group.code))
		add_group(a, v->suites[0].group.code);
	asked = ask_groups(a, &list, suites, suites_n, &answer);
	if ((asked == TLS_CLOSED || asked == TLS_LOST) && !a->plain) {
		a->plain = true;
		suites_n = group_suites(a, suites);
		asked = ask_groups(a, &list, suites, suites_n, &answer);
	}
	while (next_group(a, &list, asked, &answer))
		asked = ask_groups(a, &list, suites, suites_n, &answer);
	a->closed_groups = asked == TLS_CLOSED;
	if (asked == TLS_LOST || asked == TLS_STOPPED)
		v->groups_why = a->lane->why;
	v->groups_done = !v->groups_why;
}
