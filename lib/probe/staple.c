/* SPDX-License-Identifier: ISC
 * staple.c - the OCSP response that came with a certificate, RFC 6960; a door
 * to OpenSSL
 */
#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#define STAPLE_MAX  (256 * 1024) /* octets that are read */
#define ANSWERS_MAX 64           /* of one response that are looked at */
#define CLOCK_SKEW  300          /* seconds that a responder may be ahead */

const char *
ms_staple_status_name(enum ms_staple_status status)
{
	static const char *const names[] = {
		[MS_STAPLE_NONE] = "none",
		[MS_STAPLE_UNREADABLE] = "unreadable",
		[MS_STAPLE_OTHER] = "other",
		[MS_STAPLE_GOOD] = "good",
		[MS_STAPLE_REVOKED] = "revoked",
		[MS_STAPLE_UNKNOWN] = "unknown",
	};

	return names[status];
}

static OCSP_BASICRESP *
load(struct ms_slice der, const char **fault)
{
	const unsigned char *p = der.p;
	OCSP_RESPONSE *response = NULL;
	OCSP_BASICRESP *basic = NULL;

	if (der.n <= STAPLE_MAX)
		response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	if (!response)
		*fault = "it is no OCSP response";
	else if (OCSP_response_status(response) !=
		 OCSP_RESPONSE_STATUS_SUCCESSFUL)
		*fault =
		    OCSP_response_status_str(OCSP_response_status(response));
	else
		basic = OCSP_response_get1_basic(response);
	if (response && !basic && !*fault)
		*fault = "its kind is not known";
	OCSP_RESPONSE_free(response);
	return basic;
}

/* ---- which answer is ours ---- */

/* By the serial number, and by the issuer where the chain has it. */
static OCSP_SINGLERESP *
find(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer)
{
	int n = OCSP_resp_count(basic);

	for (int i = 0; i < n && i < ANSWERS_MAX; i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);
		OCSP_CERTID *id, *ours;
		ASN1_OBJECT *hash = NULL;
		ASN1_INTEGER *serial = NULL;
		const EVP_MD *md;
		bool same;

		/* The accessors are not const; nothing is changed. */
		id = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(one));
		if (!id)
			continue;
		OCSP_id_get0_info(NULL, &hash, NULL, &serial, id);
		same =
		    ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf)) == 0;
		md = same && issuer ? EVP_get_digestbyobj(hash) : NULL;
		if (md) {
			ours = OCSP_cert_to_id(md, leaf, issuer);
			same = ours && OCSP_id_issuer_cmp(id, ours) == 0;
			OCSP_CERTID_free(ours);
		}
		OCSP_CERTID_free(id);
		if (same)
			return one;
	}
	return NULL;
}

static void
take(OCSP_SINGLERESP *one, int64_t now, struct ms_staple *out)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *to = NULL;
	int reason = -1;

	switch (OCSP_single_get0_status(one, &reason, &revoked, &from, &to)) {
	case V_OCSP_CERTSTATUS_GOOD:
		out->status = MS_STAPLE_GOOD;
		break;
	case V_OCSP_CERTSTATUS_REVOKED:
		out->status = MS_STAPLE_REVOKED;
		certificate_time(revoked, &out->revoked_at);
		if (reason >= 0)
			out->reason = OCSP_crl_reason_str(reason);
		break;
	default:
		out->status = MS_STAPLE_UNKNOWN;
	}
	out->has_next = certificate_time(to, &out->next_update);
	out->current = certificate_time(from, &out->this_update) &&
		       out->this_update <= now + CLOCK_SKEW &&
		       (!out->has_next || out->next_update >= now);
}

/* ---- who answered ---- */

/* RFC 6960 4.2.2.2: the issuer, or whom it gave id-kp-OCSPSigning. */
static bool
is_authentic(OCSP_BASICRESP *basic, X509 *issuer, int64_t now)
{
	STACK_OF(X509) *known = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	bool good = false;

	if (known && store && sk_X509_push(known, issuer) > 0 &&
	    X509_STORE_add_cert(store, issuer) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);

		X509_VERIFY_PARAM_set_time(param, (time_t)now);
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
		good = OCSP_basic_verify(
			   basic, known, store, OCSP_TRUSTOTHER) == 1;
	}
	X509_STORE_free(store);
	sk_X509_free(known);
	return good;
}

/* ---- all of it ---- */

static void
judge(OCSP_BASICRESP *basic, const struct ms_chain *chain, int64_t now,
    struct ms_staple *out)
{
	const char *fault;
	X509 *leaf = certificate_load(chain->list[0].der, &fault);
	X509 *issuer = NULL;
	OCSP_SINGLERESP *one = NULL;

	if (chain->path_n > 1)
		issuer =
		    certificate_load(chain->list[chain->path[1]].der, &fault);
	else if (chain->list[0].self_signed)
		issuer = certificate_load(chain->list[0].der, &fault);
	if (leaf)
		one = find(basic, leaf, issuer);
	out->status = MS_STAPLE_OTHER;
	if (one)
		take(one, now, out);
	out->checked = one && issuer;
	out->authentic = out->checked && is_authentic(basic, issuer, now);
	X509_free(issuer);
	X509_free(leaf);
}

void
ms_staple_read(struct ms_slice der, const struct ms_chain *chain, int64_t now,
    struct ms_staple *out)
{
	OCSP_BASICRESP *basic;

	memset(out, 0, sizeof(*out));
	if (!der.p || chain->n == 0)
		return;
	basic = load(der, &out->fault);
	out->status = MS_STAPLE_UNREADABLE;
	if (basic)
		judge(basic, chain, now, out);
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
}
