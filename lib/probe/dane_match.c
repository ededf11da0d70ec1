/* SPDX-License-Identifier: ISC
 * dane_match.c - which TLSA records fit a chain, RFC 7671 5, RFC 7672 3; a
 * door to OpenSSL
 *
 * A bare key of an authority that is not sent (usage 2, selector 1, matching
 * type 0; RFC 7671 5.2.3) fits nothing here.
 */
#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "mailsonde/dane.h"

#define DANE_TA 2 /* usages, RFC 7218 */
#define DANE_EE 3

/* Certificates out of records of which a chain is tried. */
#define UNSENT_MAX 8

static const char too_many[] = "more authorities than are tried";

const char *
ms_dane_status_name(enum ms_dane_status status)
{
	static const char *const names[] = {
		[MS_DANE_NONE] = "none",
		[MS_DANE_MATCH] = "match",
		[MS_DANE_MISMATCH] = "mismatch",
		[MS_DANE_UNUSABLE] = "unusable",
	};

	return names[status];
}

/* What matching type 0 holds begins as a DER SEQUENCE. */
static bool
is_length_right(const struct ms_dns_record *r)
{
	struct ms_slice data = r->u.tlsa.data;

	switch (r->u.tlsa.matching) {
	case 1:
		return data.n == 32;
	case 2:
		return data.n == 64;
	default:
		return data.n > 32 && *data.p == 0x30;
	}
}

const char *
ms_dane_fault(const struct ms_dns_record *r)
{
	if (r->u.tlsa.usage < 2)
		return "usage 0 and 1 do not work between mail servers";
	if (r->u.tlsa.usage > 3)
		return "this usage is not known";
	if (r->u.tlsa.selector > 1)
		return "this selector is not known";
	if (r->u.tlsa.matching > 2)
		return "this matching type is not known";
	if (!is_length_right(r))
		return "the data have not the length of their matching type";
	return NULL;
}

/* ---- data against certificates ---- */

static bool
fits(const struct ms_dns_record *r, const struct ms_certificate *c)
{
	bool key = r->u.tlsa.selector == 1;
	struct ms_slice have = key ? c->spki : c->der;
	unsigned char digest[64];

	if (c->fault)
		return false;
	if (r->u.tlsa.matching == 1)
		have = ms_slice_make(key ? c->spki_sha256 : c->sha256, 32);
	else if (r->u.tlsa.matching == 2)
		have = ms_slice_make(SHA512(have.p, have.n, digest), 64);
	return ms_slice_equal(have, r->u.tlsa.data);
}

/* ---- usage 2: up to an authority ---- */

struct matcher {
	const struct ms_dane_request *request;
	bool named;         /* the certificate has one of the names */
	const char **tried; /* by certificate: what came of it */
	size_t unsent;      /* tried */
};

static const char good[] = "";

static STACK_OF(X509) * load_rest(const struct ms_chain *chain)
{
	STACK_OF(X509) *out = sk_X509_new_null();

	for (size_t i = 1; out && i < chain->n; i++) {
		const char *fault;
		X509 *x = certificate_load(chain->list[i].der, &fault);

		if (x && sk_X509_push(out, x) == 0)
			X509_free(x);
	}
	return out;
}

/* X509_V_OK, or what is wrong with the chain up to the anchor. */
static int
verify(X509_STORE *store, X509 *leaf, STACK_OF(X509) * rest, int64_t now)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int error = X509_V_ERR_UNSPECIFIED;

	if (context && X509_STORE_CTX_init(context, store, leaf, rest) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);

		X509_VERIFY_PARAM_set_time(param, (time_t)now);
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
		X509_STORE_CTX_set_default(context, "ssl_server");
		error = X509_verify_cert(context) == 1
			    ? X509_V_OK
			    : X509_STORE_CTX_get_error(context);
	}
	X509_STORE_CTX_free(context);
	return error;
}

/* `good`, or why the server's certificate does not lead to this one. */
static const char *
try_anchor(const struct matcher *m, struct ms_slice der)
{
	const struct ms_chain *chain = m->request->chain;
	const char *fault, *why = "it cannot be read";
	X509 *anchor = certificate_load(der, &fault);
	X509 *leaf = certificate_load(chain->list[0].der, &fault);
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *rest = load_rest(chain);

	if (anchor && leaf && store && rest &&
	    X509_STORE_add_cert(store, anchor) == 1) {
		int error = verify(store, leaf, rest, m->request->now);

		why = error == X509_V_OK ? good
					 : X509_verify_cert_error_string(error);
	}
	sk_X509_pop_free(rest, X509_free);
	X509_STORE_free(store);
	X509_free(leaf);
	X509_free(anchor);
	return why;
}

static void
judge_authority(struct matcher *m, struct ms_dane_record *r)
{
	const struct ms_chain *chain = m->request->chain;
	const char *why;

	if (r->at == 0) {
		r->why = "usage 2 is for who signs, and this is the server's "
			 "own certificate";
		return;
	}
	if (r->at != SIZE_MAX) {
		why = m->tried[r->at];
		if (!why)
			why = try_anchor(m, chain->list[r->at].der);
		m->tried[r->at] = why;
	} else if (m->unsent++ < UNSENT_MAX) {
		why = try_anchor(m, r->tlsa->u.tlsa.data);
	} else {
		why = too_many;
	}
	if (why != good)
		r->why = r->at != SIZE_MAX || why == too_many ? why : NULL;
	else if (!m->named)
		r->why = "the certificate is for another name";
	r->good = why == good && m->named;
}

/* ---- one record ---- */

/* Usage 3 is for the server's own alone, 2 for those above it. */
static size_t
place_of(const struct ms_dns_record *r, const struct ms_chain *chain)
{
	bool authority = r->u.tlsa.usage == DANE_TA;

	for (size_t k = 0; k < chain->n; k++) {
		size_t i = authority ? (k + 1) % chain->n : k;

		if (fits(r, &chain->list[i]))
			return i;
		if (!authority)
			break;
	}
	return SIZE_MAX;
}

static bool
holds_certificate(const struct ms_dns_record *r)
{
	return r->u.tlsa.selector == 0 && r->u.tlsa.matching == 0;
}

static void
judge_record(struct matcher *m, struct ms_dane_record *r)
{
	r->at = SIZE_MAX;
	r->fault = ms_dane_fault(r->tlsa);
	if (r->fault || m->request->chain->n == 0)
		return;
	r->at = place_of(r->tlsa, m->request->chain);
	if (r->tlsa->u.tlsa.usage == DANE_EE)
		r->good = r->at == 0;
	else if (r->at != SIZE_MAX || holds_certificate(r->tlsa))
		judge_authority(m, r);
}

/* ---- all of them ---- */

static bool
has_name(const struct ms_dane_request *request)
{
	for (size_t i = 0; i < request->names_n && request->chain->n > 0; i++)
		if (ms_certificate_matches(&request->chain->list[0],
			request->names[i]) != MS_NAME_DIFFERS)
			return true;
	return false;
}

static void
sum_up(struct ms_dane *out)
{
	size_t usable = 0, strays = 0;

	out->by = SIZE_MAX;
	out->brittle = true;
	for (size_t i = 0; i < out->n; i++) {
		const struct ms_dane_record *r = &out->records[i];

		usable += r->fault == NULL;
		strays += !r->fault && !r->good && r->at == SIZE_MAX;
		if (!r->good)
			continue;
		if (out->by == SIZE_MAX)
			out->by = i;
		if (r->tlsa->u.tlsa.usage == DANE_TA ||
		    r->tlsa->u.tlsa.selector == 1)
			out->brittle = false;
	}
	out->status = out->n == 0           ? MS_DANE_NONE
		      : usable == 0         ? MS_DANE_UNUSABLE
		      : out->by == SIZE_MAX ? MS_DANE_MISMATCH
					    : MS_DANE_MATCH;
	out->brittle = out->brittle && out->by != SIZE_MAX;
	out->rolling = out->by != SIZE_MAX && strays > 0;
}

void
ms_dane_match(const struct ms_dane_request *request, struct ms_arena *arena,
    struct ms_dane *out)
{
	struct matcher m = { .request = request, .named = has_name(request) };

	memset(out, 0, sizeof(*out));
	out->n = request->records_n;
	out->records = MS_NEW_ARRAY(arena, struct ms_dane_record, out->n + 1);
	m.tried = MS_NEW_ARRAY(arena, const char *, request->chain->n + 1);
	for (size_t i = 0; i < out->n; i++) {
		out->records[i].tlsa = &request->records[i];
		judge_record(&m, &out->records[i]);
	}
	sum_up(out);
	ERR_clear_error();
}
