/* SPDX-License-Identifier: ISC
 * chain.c - the certificates that a server sent, and which signed which: RFC
 * 8446 4.4.2, RFC 5246 7.4.2; a door to OpenSSL
 */
#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Signatures that are checked to find the way up. */
#define CHECKS_MAX 64

struct walk {
	X509 **list;
	struct ms_chain *out;
	bool *used;
	unsigned checks;
};

static bool
has_signed(struct walk *walk, size_t issuer, size_t subject)
{
	X509 *by = walk->list[issuer], *of = walk->list[subject];

	if (!by || X509_check_issued(by, of) != X509_V_OK)
		return false;
	if (walk->checks++ >= CHECKS_MAX)
		return false;
	return X509_verify(of, X509_get0_pubkey(by)) == 1;
}

/* The next one first: there it belongs. SIZE_MAX: none of them. */
static size_t
issuer_of(struct walk *walk, size_t at)
{
	size_t n = walk->out->n;

	for (size_t k = 1; k < n; k++) {
		size_t i = (at + k) % n;

		if (!walk->used[i] && has_signed(walk, i, at))
			return i;
	}
	return SIZE_MAX;
}

static void
climb(struct walk *walk)
{
	struct ms_chain *out = walk->out;
	size_t at = 0;

	out->in_order = true;
	while (at != SIZE_MAX && walk->list[at]) {
		walk->used[at] = true;
		out->in_order =
		    out->in_order &&
		    (out->path_n == 0 || out->path[out->path_n - 1] < at);
		out->path[out->path_n++] = at;
		if (out->list[at].self_signed)
			break;
		at = issuer_of(walk, at);
	}
	if (out->path_n > 1)
		out->root_sent =
		    out->list[out->path[out->path_n - 1]].self_signed;
}

static bool
was_sent_before(const struct ms_chain *chain, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (ms_slice_equal(chain->list[i].der, chain->list[at].der))
			return true;
	return false;
}

static void
count_rest(struct walk *walk)
{
	struct ms_chain *out = walk->out;

	for (size_t i = 1; i < out->n; i++) {
		if (was_sent_before(out, i))
			out->duplicates++;
		else if (!walk->used[i])
			out->unneeded++;
	}
}

void
ms_chain_read(const struct ms_slice *sent, size_t n,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_chain *out)
{
	struct walk walk = { .out = out };

	memset(out, 0, sizeof(*out));
	out->truncated = n > limits->certificates;
	out->n = out->truncated ? limits->certificates : n;
	out->list = MS_NEW_ARRAY(arena, struct ms_certificate, out->n + 1);
	out->path = MS_NEW_ARRAY(arena, size_t, out->n + 1);
	walk.list = MS_NEW_ARRAY(arena, X509 *, out->n + 1);
	walk.used = MS_NEW_ARRAY(arena, bool, out->n + 1);
	for (size_t i = 0; i < out->n; i++) {
		const char *fault;

		walk.list[i] = certificate_load(sent[i], &fault);
		certificate_fill(
		    walk.list[i], sent[i], fault, limits, arena, &out->list[i]);
	}
	if (out->n > 0)
		climb(&walk);
	count_rest(&walk);
	for (size_t i = 0; i < out->n; i++)
		X509_free(walk.list[i]);
	ERR_clear_error();
}
