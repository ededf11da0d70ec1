/* SPDX-License-Identifier: ISC
 * tls_suites.c - the cipher suites of a version, by what a server picks
 *
 * A list is offered; what was picked is struck from it, until the server
 * refuses the rest.
 */
#include "tls_scan_priv.h"

#define CHUNK 24 /* suites in a short list */

static bool
strike(uint32_t *codes, size_t *n, uint32_t code)
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

static void
add_suite(struct tls_asker *a, uint32_t code, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	size_t size = sizeof(*v->suites);
	struct ms_tls_scan_suite *s;

	v->suites = ms_arena_grow(a->lane->keep, v->suites, v->suites_n * size,
	    (v->suites_n + 1) * size);
	s = &v->suites[v->suites_n++];
	memset(s, 0, size);
	ms_tls_suite_by_code(code, &s->suite);
	ms_tls_group_by_code(answer->group, &s->group);
	s->prime_bits = answer->prime_bits;
}

/* Until the list is refused. False: the rest cannot be asked for. `answer` is
 * the one to the whole list. */
static bool
list_suites(struct tls_asker *a, uint32_t *codes, size_t n,
    const uint16_t *groups, size_t groups_n, enum tls_asked asked,
    struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;

	while (asked == TLS_PICKED) {
		if (answer->version != v->code ||
		    !strike(codes, &n, answer->suite)) {
			v->suites_why = "it picked what was not offered";
			return false;
		}
		add_suite(a, answer->suite, answer);
		if (n == 0)
			return true;
		asked = tls_ask_list(a, codes, n, groups, groups_n, answer);
	}
	if (asked == TLS_CLOSED)
		a->closed_suites = true;
	if (asked == TLS_LOST || asked == TLS_STOPPED)
		v->suites_why = a->lane->why;
	return !v->suites_why;
}

/* The same in short lists. */
static void
list_in_chunks(struct tls_asker *a, uint32_t *codes, size_t n,
    const uint16_t *groups, size_t groups_n)
{
	bool good = true;

	for (size_t i = 0; i < n && good; i += CHUNK) {
		size_t part = n - i < CHUNK ? n - i : CHUNK;
		struct tls_answer answer;
		enum tls_asked asked =
		    tls_ask_list(a, codes + i, part, groups, groups_n, &answer);

		good = list_suites(
		    a, codes + i, part, groups, groups_n, asked, &answer);
	}
	a->v->suites_done = good;
}

/* Some servers let a client that has it first use ChaCha20, whatever they
 * prefer otherwise. */
static bool
is_chacha(const struct ms_tls_suite *suite)
{
	return strstr(suite->name, "CHACHA") != NULL;
}

/* Once more, the last pick first: who picks the same as at first decides by
 * itself. */
static void
find_order(struct tls_asker *a, const uint16_t *groups, size_t groups_n)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t codes[MS_TLS_SUITES];
	struct tls_answer answer;
	size_t n = v->suites_n, first = n;

	if (n < 2 || n > MS_TLS_SUITES)
		return;
	while (--first > 0 && is_chacha(&v->suites[first].suite))
		;
	if (first == 0)
		return;
	codes[0] = v->suites[first].suite.code;
	for (size_t i = 0, at = n; at-- > 0;)
		if (at != first)
			codes[++i] = v->suites[at].suite.code;
	a->what = "order";
	if (tls_ask_list(a, codes, n, groups, groups_n, &answer) != TLS_PICKED)
		return;
	if (answer.suite == v->suites[0].suite.code)
		v->server_order = MS_TLS_YES;
	else if (answer.suite == codes[0])
		v->server_order = MS_TLS_NO;
}

/* ---- one version ---- */

static enum ms_tls_known
known(bool yes)
{
	return yes ? MS_TLS_YES : MS_TLS_NO;
}

static void
set_facts(struct tls_asker *a, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;

	if (v->code == MS_TLS_13 || v->code == MS_SSL_2)
		return;
	v->secure_renegotiation = known(answer->renegotiation);
	if (a->plain)
		return;
	v->compression = known(answer->compression != 0);
	if (v->code == MS_SSL_3)
		return;
	v->tickets = known(answer->tickets);
	v->extended_secret = known(answer->extended_secret);
}

static void
set_version(
    struct tls_asker *a, enum tls_asked asked, const struct tls_answer *answer)
{
	struct ms_tls_scan_version *v = a->v;
	const char *name;

	v->why = a->lane->why;
	if (asked == TLS_REFUSED) {
		v->offered = MS_TLS_NO;
	} else if (asked == TLS_PICKED && answer->version != v->code) {
		name = ms_tls_version_name(answer->version);
		v->offered = MS_TLS_NO;
		v->why = ms_arena_printf(a->lane->keep, "it answers with %s",
		    name ? name : "another version");
	} else if (asked == TLS_PICKED) {
		v->offered = MS_TLS_YES;
		v->why = NULL;
		set_facts(a, answer);
	}
}

/* Alerts that speak of what was offered, RFC 8446 6.2. Any other may mean that
 * the hello was too much for the server; and in TLS 1.3 that it cannot ask for
 * a share of a key. */
static bool
is_refusal(uint16_t version, const struct tls_answer *answer)
{
	if (version == MS_TLS_13)
		return answer->alert == 70;
	return answer->alert == 40 || answer->alert == 70 ||
	       answer->alert == 71;
}

static void
scan_ssl2(struct tls_asker *a)
{
	uint32_t codes[MS_TLS_SUITES];
	size_t n = tls_offer_suites(MS_SSL_2, codes);
	struct tls_answer answer;
	enum tls_asked asked = tls_ask_list(a, codes, n, NULL, 0, &answer);

	set_version(a, asked, &answer);
	a->closed_version = asked == TLS_CLOSED;
	if (a->v->offered != MS_TLS_YES)
		return;
	for (size_t i = 0; i < answer.ssl2_suites_n; i++)
		if (strike(codes, &n, answer.ssl2_suites[i]))
			add_suite(a, answer.ssl2_suites[i], &answer);
	a->v->suites_done = true;
	if (a->v->suites_n == 0) {
		a->v->offered = MS_TLS_NO;
		a->v->why = "it answers, and accepts no suite";
	}
}

/* Whether the long list was understood, or the version is done with. */
static bool
scan_short(struct tls_asker *a, enum tls_asked first, const uint16_t *groups,
    size_t groups_n)
{
	uint32_t codes[MS_TLS_SUITES];
	size_t n = tls_offer_common(a->v->code, codes);
	struct tls_answer answer;
	enum tls_asked asked;

	a->plain = true;
	asked = tls_ask_list(a, codes, n, groups, groups_n, &answer);
	set_version(a, asked, &answer);
	a->closed_version = asked == TLS_CLOSED && first == TLS_CLOSED;
	return a->v->offered == MS_TLS_YES;
}

void
tls_scan_suites(struct tls_asker *a)
{
	struct ms_tls_scan_version *v = a->v;
	uint32_t codes[MS_TLS_SUITES];
	uint16_t groups[TLS_GROUPS];
	size_t n = tls_offer_suites(v->code, codes);
	size_t groups_n = tls_offer_groups(v->code, groups);
	struct tls_answer answer;
	enum tls_asked asked;

	if (v->code == MS_SSL_2) {
		scan_ssl2(a);
		return;
	}
	asked = tls_ask_list(a, codes, n, groups, groups_n, &answer);
	if (asked == TLS_PICKED || asked == TLS_STOPPED ||
	    (asked == TLS_REFUSED && is_refusal(v->code, &answer))) {
		set_version(a, asked, &answer);
		if (v->offered != MS_TLS_YES)
			return;
		v->suites_done =
		    list_suites(a, codes, n, groups, groups_n, asked, &answer);
		find_order(a, groups, groups_n);
	} else if (scan_short(a, asked, groups, groups_n)) {
		list_in_chunks(a, codes, n, groups, groups_n);
	}
}
