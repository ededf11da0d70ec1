/* SPDX-License-Identifier: ISC
 * certificate.c - what a certificate says, RFC 5280; a door to OpenSSL
 *
 * Everything is copied out. That it can be read is no word on whether anybody
 * should trust it.
 */
#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "mailsonde/buf.h"
#include "mailsonde/clock.h"
#include "mailsonde/digest.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define SIZE_MAX_DER (1024 * 1024) /* octets of one certificate */
#define TEXT_MAX     1024          /* octets of a subject that are shown */
#define SERIAL_MAX   64            /* octets; RFC 5280 4.1.2.2 allows 20 */
#define URL_MAX      1024

/* TLS extensions that a certificate may demand, RFC 7633. */
#define STATUS_REQUEST 5

X509 *
certificate_load(struct ms_slice der, const char **fault)
{
	const unsigned char *p = der.p;
	X509 *x = NULL;

	*fault = NULL;
	if (der.n > SIZE_MAX_DER)
		*fault = "it is larger than 1 MiB";
	else if (der.n > 0)
		x = d2i_X509(NULL, &p, (long)der.n);
	if (!x && !*fault)
		*fault = "it is no certificate in DER";
	if (x && p != der.p + der.n) {
		*fault = "something stands behind it";
		X509_free(x);
		x = NULL;
	}
	ERR_clear_error();
	return x;
}

void
certificate_free(X509 *x)
{
	X509_free(x);
}

/* ---- texts ---- */

static struct ms_slice
copy_string(struct ms_arena *arena, const ASN1_STRING *s, size_t max)
{
	size_t n = (size_t)ASN1_STRING_length(s);

	return ms_arena_copy(
	    arena, ms_slice_make(ASN1_STRING_get0_data(s), n < max ? n : max));
}

static struct ms_slice
name_text(struct ms_arena *arena, const X509_NAME *name)
{
	struct ms_slice out = { NULL, 0 };
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n;

	if (!bio)
		return out;
	X509_NAME_print_ex(bio, name, 0,
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		out = ms_arena_copy(
		    arena, ms_utf8_head(ms_slice_make(p, (size_t)n), TEXT_MAX));
	BIO_free(bio);
	return out;
}

static struct ms_slice
common_name(struct ms_arena *arena, const X509_NAME *name)
{
	struct ms_slice out = { NULL, 0 };
	int at = -1, next = -1;
	unsigned char *utf8 = NULL;
	int n;

	while (
	    (next = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		at = next;
	if (at < 0)
		return out;
	n = ASN1_STRING_to_UTF8(
	    &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0)
		out = ms_arena_copy(arena,
		    ms_utf8_head(ms_slice_make(utf8, (size_t)n), TEXT_MAX));
	OPENSSL_free(utf8);
	return out;
}

static struct ms_slice
serial_text(struct ms_arena *arena, const ASN1_INTEGER *serial)
{
	size_t n = (size_t)ASN1_STRING_length(serial);
	char *out;

	n = n < SERIAL_MAX ? n : SERIAL_MAX;
	out = ms_arena_alloc(arena, 2 * n + 1);
	ms_hex(ASN1_STRING_get0_data(serial), n, out);
	return ms_slice_make(out, 2 * n);
}

/* ---- dates ---- */

bool
certificate_time(const ASN1_TIME *time, int64_t *out)
{
	struct ms_civil civil;
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	civil.year = tm.tm_year + 1900;
	civil.month = tm.tm_mon + 1;
	civil.day = tm.tm_mday;
	civil.hour = tm.tm_hour;
	civil.minute = tm.tm_min;
	civil.second = tm.tm_sec;
	*out = ms_time_from_civil(&civil);
	return true;
}

int64_t
ms_certificate_days(const struct ms_certificate *c, int64_t now)
{
	int64_t left = c->not_after - now;

	return left >= 0 ? left / 86400 : -((-left + 86399) / 86400);
}

/* ---- names ---- */

static void
take_ip(const ASN1_OCTET_STRING *s, struct ms_certificate *out)
{
	struct ms_ip *ip = &out->ips[out->ips_n];
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s);

	if (n != 4 && n != 16)
		return;
	memset(ip, 0, sizeof(*ip));
	ip->set = true;
	ip->v4 = n == 4;
	if (ip->v4)
		ip->b[10] = ip->b[11] = 0xff;
	memcpy(ip->b + (n == 4 ? 12 : 0), p, (size_t)n);
	out->ips_n++;
}

static void
read_names(
    X509 *x, size_t max, struct ms_arena *arena, struct ms_certificate *out)
{
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	size_t n = all ? (size_t)sk_GENERAL_NAME_num(all) : 0;

	out->truncated = n > max;
	n = n < max ? n : max;
	out->names = MS_NEW_ARRAY(arena, struct ms_slice, n + 1);
	out->ips = MS_NEW_ARRAY(arena, struct ms_ip, n + 1);
	for (size_t i = 0; i < n; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, (int)i);

		if (g->type == GEN_DNS)
			out->names[out->names_n++] =
			    copy_string(arena, g->d.dNSName, TEXT_MAX);
		else if (g->type == GEN_IPADD)
			take_ip(g->d.iPAddress, out);
	}
	GENERAL_NAMES_free(all);
}

/* RFC 9525 6.3: "*" stands for the whole leftmost label, and what stands
 * behind it has a dot of its own. */
static enum ms_name_match
match_name(struct ms_slice name, struct ms_slice host)
{
	struct ms_slice rest = ms_slice_part(name, 1, name.n);
	struct ms_slice above =
	    ms_slice_part(host, ms_slice_find(host, 0, '.'), host.n);

	if (ms_slice_equal_nocase(name, host))
		return MS_NAME_MATCHES;
	if (ms_slice_starts(name, "*.") &&
	    ms_slice_find(rest, 1, '.') < rest.n &&
	    ms_slice_equal_nocase(rest, above))
		return MS_NAME_BY_WILDCARD;
	return MS_NAME_DIFFERS;
}

static enum ms_name_match
match_ip(const struct ms_certificate *c, const struct ms_ip *ip)
{
	for (size_t i = 0; i < c->ips_n; i++)
		if (ms_ip_equal(&c->ips[i], ip))
			return MS_NAME_MATCHES;
	return MS_NAME_DIFFERS;
}

enum ms_name_match
ms_certificate_matches(const struct ms_certificate *c, struct ms_slice host)
{
	enum ms_name_match match = MS_NAME_DIFFERS;
	struct ms_ip ip;

	if (host.n == 0 || *host.p == '.')
		return match;
	if (ms_ip_parse(host, &ip))
		return match_ip(c, &ip);
	for (size_t i = 0; i < c->names_n && match == MS_NAME_DIFFERS; i++)
		match = match_name(c->names[i], host);
	if (c->names_n == 0 && !c->truncated &&
	    match_name(c->common_name, host) != MS_NAME_DIFFERS)
		match = MS_NAME_BY_CN;
	return match;
}

/* ---- key and signature ---- */

static const char *
object_text(struct ms_arena *arena, const ASN1_OBJECT *object)
{
	int nid = OBJ_obj2nid(object);
	char text[128];

	if (nid != NID_undef)
		return OBJ_nid2ln(nid);
	if (OBJ_obj2txt(text, sizeof(text), object, 1) <= 0)
		return "unknown";
	return ms_arena_string(arena, ms_slice_from(text));
}

static const char *
key_type(int id)
{
	switch (id) {
	case EVP_PKEY_RSA:
		return "RSA";
	case EVP_PKEY_RSA_PSS:
		return "RSA-PSS";
	case EVP_PKEY_EC:
		return "ECDSA";
	case EVP_PKEY_ED25519:
		return "Ed25519";
	case EVP_PKEY_ED448:
		return "Ed448";
	case EVP_PKEY_DSA:
		return "DSA";
	default:
		return NULL;
	}
}

/* As people call them, NIST's names among them. */
static const char *
curve_text(struct ms_arena *arena, const EVP_PKEY *key)
{
	char name[64];
	size_t n = 0;
	const char *nist;

	if (EVP_PKEY_get_group_name(key, name, sizeof(name), &n) != 1)
		return NULL;
	nist = EC_curve_nid2nist(OBJ_sn2nid(name));
	return nist ? nist : ms_arena_string(arena, ms_slice_make(name, n));
}

static void
read_key(X509 *x, struct ms_arena *arena, struct ms_certificate *out)
{
	X509_PUBKEY *spki = X509_get_X509_PUBKEY(x);
	EVP_PKEY *key = X509_PUBKEY_get0(spki);
	ASN1_OBJECT *algorithm = NULL;
	unsigned char *der = NULL;
	struct ms_digests digests;
	int n = i2d_X509_PUBKEY(spki, &der);

	if (n > 0) {
		out->spki = ms_arena_copy(arena, ms_slice_make(der, (size_t)n));
		ms_digest_bytes(MS_DIGEST_SHA256, out->spki, &digests);
		memcpy(out->spki_sha256, digests.sha256, 32);
	}
	OPENSSL_free(der);
	if (key) {
		int bits = EVP_PKEY_get_bits(key);

		out->key_type = key_type(EVP_PKEY_get_base_id(key));
		out->key_bits = bits > 0 ? (unsigned)bits : 0;
		if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
			out->curve = curve_text(arena, key);
	}
	if (!out->key_type &&
	    X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, spki) == 1)
		out->key_type = object_text(arena, algorithm);
}

static void
read_signature(X509 *x, struct ms_arena *arena, struct ms_certificate *out)
{
	const ASN1_OBJECT *object = NULL;
	const X509_ALGOR *algorithm = NULL;
	int hash = NID_undef;

	X509_get0_signature(NULL, &algorithm, x);
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	out->signature = object_text(arena, object);
	X509_get_signature_info(x, &hash, NULL, NULL, NULL);
	if (hash == NID_undef)
		OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash, NULL);
	if (hash == NID_undef)
		return;
	out->hash = OBJ_nid2sn(hash);
	out->weak_hash = hash == NID_sha1 || hash == NID_md5 ||
			 hash == NID_md5_sha1 || hash == NID_md4 ||
			 hash == NID_md2;
}

/* ---- extensions ---- */

static void
read_access(X509 *x, struct ms_arena *arena, struct ms_certificate *out)
{
	AUTHORITY_INFO_ACCESS *all =
	    X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	int n = all ? sk_ACCESS_DESCRIPTION_num(all) : 0;

	for (int i = 0; i < n; i++) {
		const ACCESS_DESCRIPTION *a =
		    sk_ACCESS_DESCRIPTION_value(all, i);
		int method = OBJ_obj2nid(a->method);
		struct ms_slice url;

		if (a->location->type != GEN_URI)
			continue;
		url = copy_string(
		    arena, a->location->d.uniformResourceIdentifier, URL_MAX);
		if (method == NID_ad_ca_issuers &&
		    out->issuer_urls_n < MS_CERTIFICATE_URLS)
			out->issuer_urls[out->issuer_urls_n++] = url;
		if (method == NID_ad_OCSP &&
		    out->ocsp_urls_n < MS_CERTIFICATE_URLS)
			out->ocsp_urls[out->ocsp_urls_n++] = url;
	}
	AUTHORITY_INFO_ACCESS_free(all);
}

static bool
reads_must_staple(X509 *x)
{
	TLS_FEATURE *all = X509_get_ext_d2i(x, NID_tlsfeature, NULL, NULL);
	int n = all ? sk_ASN1_INTEGER_num(all) : 0;
	bool found = false;

	for (int i = 0; i < n; i++)
		if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(all, i)) ==
		    STATUS_REQUEST)
			found = true;
	TLS_FEATURE_free(all);
	return found;
}

static size_t
two_octets(struct ms_scan *s)
{
	int high = ms_scan_byte(s), low = ms_scan_byte(s);

	return s->bad ? 0 : (size_t)high << 8 | (size_t)low;
}

/* RFC 6962 3.3: a list of lengths and what they count. */
static size_t
count_scts(struct ms_slice list)
{
	struct ms_scan s = ms_scan_init(list);
	size_t n = 0;

	two_octets(&s);
	while (!ms_scan_at_end(&s)) {
		size_t size = two_octets(&s);

		if (s.bad || size == 0 || size > ms_scan_left(&s))
			break;
		ms_scan_skip(&s, size);
		n++;
	}
	return n;
}

static size_t
read_scts(X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_ct_precert_scts, -1);
	ASN1_OCTET_STRING *outer, *inner;
	const unsigned char *p;
	size_t n = 0;

	if (at < 0)
		return 0;
	outer = X509_EXTENSION_get_data(X509_get_ext(x, at));
	p = ASN1_STRING_get0_data(outer);
	inner = d2i_ASN1_OCTET_STRING(NULL, &p, ASN1_STRING_length(outer));
	if (inner)
		n = count_scts(ms_slice_make(ASN1_STRING_get0_data(inner),
		    (size_t)ASN1_STRING_length(inner)));
	ASN1_OCTET_STRING_free(inner);
	return n;
}

/* 1.3.6.1.5.5.7.3.31, which OpenSSL has no name for. */
static bool
is_for_marks(X509 *x)
{
	EXTENDED_KEY_USAGE *all =
	    X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	char text[64];
	bool found = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(all); i++) {
		OBJ_obj2txt(
		    text, sizeof(text), sk_ASN1_OBJECT_value(all, i), 1);
		found = found || strcmp(text, "1.3.6.1.5.5.7.3.31") == 0;
	}
	EXTENDED_KEY_USAGE_free(all);
	return found;
}

static void
read_usage(X509 *x, struct ms_certificate *out)
{
	uint32_t flags = X509_get_extension_flags(x);
	uint32_t usage = X509_get_extended_key_usage(x);

	out->ca = (flags & EXFLAG_CA) != 0;
	out->has_usage = (flags & EXFLAG_XKUSAGE) != 0;
	out->for_servers =
	    !out->has_usage || (usage & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
	out->for_marks = is_for_marks(x);
	out->self_issued = X509_NAME_cmp(X509_get_subject_name(x),
			       X509_get_issuer_name(x)) == 0;
	out->self_signed = out->self_issued && X509_self_signed(x, 0) == 1;
}

/* ---- all of it ---- */

void
certificate_fill(X509 *x, struct ms_slice der, const char *fault,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_certificate *out)
{
	struct ms_digests digests;

	memset(out, 0, sizeof(*out));
	out->der = der;
	out->fault = fault;
	ms_digest_bytes(MS_DIGEST_SHA256, der, &digests);
	memcpy(out->sha256, digests.sha256, sizeof(out->sha256));
	if (!x)
		return;
	out->subject = name_text(arena, X509_get_subject_name(x));
	out->issuer = name_text(arena, X509_get_issuer_name(x));
	out->common_name = common_name(arena, X509_get_subject_name(x));
	out->serial = serial_text(arena, X509_get0_serialNumber(x));
	out->dated =
	    certificate_time(X509_get0_notBefore(x), &out->not_before) &&
	    certificate_time(X509_get0_notAfter(x), &out->not_after);
	read_names(x, limits->certificate_names, arena, out);
	read_key(x, arena, out);
	read_signature(x, arena, out);
	read_usage(x, out);
	read_access(x, arena, out);
	out->must_staple = reads_must_staple(x);
	out->scts = read_scts(x);
	ERR_clear_error();
}

void
ms_certificate_read(struct ms_slice der, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_certificate *out)
{
	const char *fault;
	X509 *x = certificate_load(der, &fault);

	certificate_fill(x, der, fault, limits, arena, out);
	X509_free(x);
}
