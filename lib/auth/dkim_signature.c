/* SPDX-License-Identifier: ISC
 * dkim_signature.c - the tags of a signature, RFC 6376 sections 3.5 and 6.1.1
 *
 * Also those of ARC-Message-Signature and ARC-Seal, RFC 8617 4.1.2 and 4.1.3.
 */
#include "dkim_priv.h"

#include "mailsonde/organisation.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define CLOCK_SKEW  300 /* seconds that a signer's clock may be ahead */
#define NAME_OCTETS 1000

/* One signature under work. */
struct reader {
	enum dkim_kind kind;
	struct ms_arena *arena;
	const struct ms_taglist *tags;
	struct ms_dkim_signature *out;
};

static const char *const reasons[] = {
	[MS_DKIM_GOOD] = "good",
	[MS_DKIM_BAD_SIGNATURE] = "signature",
	[MS_DKIM_BAD_BODY] = "body-hash",
	[MS_DKIM_BAD_SYNTAX] = "syntax",
	[MS_DKIM_MISSING_TAG] = "missing-tag",
	[MS_DKIM_UNKNOWN_VERSION] = "version",
	[MS_DKIM_UNKNOWN_ALGORITHM] = "algorithm",
	[MS_DKIM_UNKNOWN_CANON] = "canonicalization",
	[MS_DKIM_UNKNOWN_QUERY] = "query",
	[MS_DKIM_FROM_UNSIGNED] = "from-unsigned",
	[MS_DKIM_IDENTITY] = "identity",
	[MS_DKIM_EXPIRED] = "expired",
	[MS_DKIM_NO_KEY] = "no-key",
	[MS_DKIM_REVOKED] = "key-revoked",
	[MS_DKIM_BAD_KEY] = "key-syntax",
	[MS_DKIM_KEY_MISMATCH] = "key-mismatch",
	[MS_DKIM_LENGTH] = "length",
	[MS_DKIM_NO_ANSWER] = "no-answer",
	[MS_DKIM_LIMIT] = "limit",
	[MS_DKIM_NOT_KEPT] = "not-kept",
};

const char *
ms_dkim_reason_name(enum ms_dkim_reason reason)
{
	return reasons[reason];
}

void
dkim_fail(struct ms_dkim_signature *signature, enum ms_auth_result result,
    enum ms_dkim_reason code, const char *reason)
{
	if (signature->code != MS_DKIM_GOOD)
		return;
	signature->result = result;
	signature->code = code;
	signature->reason = reason;
}

/* A fault beside which the arithmetic can still be done. */
static void
odd(struct reader *r, enum ms_dkim_reason code, const char *reason)
{
	dkim_fail(r->out, MS_AUTH_PERMERROR, code, reason);
}

static void
wrong(struct reader *r, enum ms_dkim_reason code, const char *reason)
{
	r->out->readable = false;
	odd(r, code, reason);
}

static void
odd_value(struct reader *r, const char *tag)
{
	odd(r, MS_DKIM_BAD_SYNTAX,
	    ms_arena_printf(r->arena,
		"the value of %s= breaks the grammar of signatures", tag));
}

static void
wrong_value(struct reader *r, const char *tag)
{
	r->out->readable = false;
	odd_value(r, tag);
}

enum ms_digest_kind
dkim_digest_of(enum ms_dkim_algorithm algorithm)
{
	return algorithm == MS_DKIM_RSA_SHA1 ? MS_DIGEST_SHA1
					     : MS_DIGEST_SHA256;
}

size_t
dkim_digest_size(enum ms_digest_kind kind)
{
	return kind == MS_DIGEST_SHA1 ? 20 : 32;
}

/* ---- values ---- */

/* Digits up to the end; -1. RFC 6376 3.5: 1*76DIGIT for l=, 1*12DIGIT for
 * times; what does not fit 63 bits is as good as the largest. */
static int64_t
number(struct ms_slice text, size_t max_digits)
{
	uint64_t n = 0;

	if (text.n == 0 || text.n > max_digits)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (!ms_is(text.p[i], MS_C_DIGIT))
			return -1;
		n = n > INT64_MAX / 10 - 1 ? INT64_MAX / 10
					   : n * 10 + (text.p[i] - '0');
	}
	return (int64_t)n;
}

/* sub-domain *("." sub-domain) of RFC 5321 4.1.2 with at least `labels` of
 * them; '_' is suffered, as DNS does, and UTF-8 (RFC 8616). */
static bool
is_name(struct ms_slice name, size_t labels)
{
	struct ms_slice label;
	size_t n = 0;

	if (name.n > NAME_OCTETS || !ms_utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!ms_is(name.p[i], MS_C_HOST))
			return false;
	while (ms_taglist_item(&name, '.', &label)) {
		if (label.n == 0 || label.p[0] == '-' ||
		    label.p[label.n - 1] == '-')
			return false;
		n++;
	}
	return n >= labels;
}

/* ---- the tags, each with its rules ---- */

static void
read_version(struct reader *r, struct ms_slice value)
{
	if (!ms_slice_equal(value, MS_SLICE("1")))
		odd(r, MS_DKIM_UNKNOWN_VERSION,
		    "the signature is of another version than v=1");
}

static void
read_algorithm(struct reader *r, struct ms_slice value)
{
	struct ms_dkim_signature *out = r->out;

	out->algorithm_text = value;
	if (ms_slice_is(value, "rsa-sha256"))
		out->algorithm = MS_DKIM_RSA_SHA256;
	else if (ms_slice_is(value, "rsa-sha1"))
		out->algorithm = MS_DKIM_RSA_SHA1;
	else if (ms_slice_is(value, "ed25519-sha256"))
		out->algorithm = MS_DKIM_ED25519_SHA256;
	else
		wrong(r, MS_DKIM_UNKNOWN_ALGORITHM,
		    "the algorithm (a=) is none that DKIM knows");
	/* RFC 8301 3.1. ARC never had it: RFC 8617 4.1. */
	if (out->algorithm == MS_DKIM_RSA_SHA1)
		out->policy = "rsa-sha1";
}

/* An empty one is no hash and no signature: it matches nothing. */
static void
read_signature(struct reader *r, struct ms_slice value)
{
	r->out->signature = dkim_base64(r->arena, value);
	if (value.n > 0 && !r->out->signature.p)
		wrong_value(r, "b");
}

static void
read_body_hash(struct reader *r, struct ms_slice value)
{
	r->out->body_hash = value;
	r->out->body_hash_stated = dkim_base64(r->arena, value);
	if (value.n > 0 && !r->out->body_hash_stated.p)
		wrong_value(r, "bh");
}

static bool
canon_of(struct ms_slice word, enum ms_dkim_canon *out)
{
	*out = ms_slice_is(word, "relaxed") ? MS_DKIM_RELAXED : MS_DKIM_SIMPLE;
	return *out == MS_DKIM_RELAXED || ms_slice_is(word, "simple");
}

static void
read_canon(struct reader *r, struct ms_slice value)
{
	size_t slash = ms_slice_find(value, 0, '/');
	struct ms_slice body = MS_SLICE("simple");

	if (slash < value.n)
		body = ms_slice_part(value, slash + 1, value.n);
	if (!canon_of(ms_slice_part(value, 0, slash), &r->out->header_canon) ||
	    !canon_of(body, &r->out->body_canon))
		wrong(r, MS_DKIM_UNKNOWN_CANON,
		    "the canonicalization (c=) is none that DKIM knows");
}

static void
read_domain(struct reader *r, struct ms_slice value)
{
	r->out->domain = value;
	if (!is_name(value, 2))
		wrong_value(r, "d");
}

static void
read_selector(struct reader *r, struct ms_slice value)
{
	r->out->selector = value;
	if (!is_name(value, 1))
		wrong_value(r, "s");
}

static void
read_header_list(struct reader *r, struct ms_slice value)
{
	struct ms_slice item;
	bool from = false;

	r->out->header_list = value;
	/* An empty name between two colons takes in nothing: suffered. */
	while (ms_taglist_item(&value, ':', &item)) {
		for (size_t i = 0; i < item.n; i++) {
			if (ms_is(item.p[i], MS_C_FTEXT))
				continue;
			wrong_value(r, "h");
			return;
		}
		from = from || ms_slice_is(item, "From");
		/* RFC 8617 4.1.2. */
		if (r->kind == DKIM_AMS && ms_slice_is(item, "ARC-Seal"))
			wrong(r, MS_DKIM_BAD_SYNTAX,
			    "h= takes in ARC-Seal, which it must not");
	}
	if (!from)
		odd(r, MS_DKIM_FROM_UNSIGNED,
		    "the signature does not cover From, as it must");
}

static void
read_length(struct reader *r, struct ms_slice value)
{
	r->out->length = number(value, 76);
	if (r->out->length >= 0)
		return;
	if (value.n > 1 && *value.p == '-' &&
	    number(ms_slice_part(value, 1, value.n), 75) >= 0)
		dkim_fail(r->out, MS_AUTH_FAIL, MS_DKIM_LENGTH,
		    "l= is less than nothing: no body can match");
	else
		wrong_value(r, "l");
}

static void
read_query(struct reader *r, struct ms_slice value)
{
	if (!dkim_list_has(value, "dns/txt"))
		wrong(r, MS_DKIM_UNKNOWN_QUERY,
		    "the key is to be had by a method (q=) that DKIM does not "
		    "know");
}

static void
read_time(struct reader *r, struct ms_slice value)
{
	r->out->time = number(value, 12);
	if (r->out->time < 0)
		odd_value(r, "t");
}

static void
read_expiry(struct reader *r, struct ms_slice value)
{
	r->out->expires = number(value, 12);
	if (r->out->expires < 0)
		odd_value(r, "x");
}

static void
read_identity(struct reader *r, struct ms_slice value)
{
	size_t at = value.n;

	while (at > 0 && value.p[at - 1] != '@')
		at--;
	r->out->identity = value;
	if (at == 0 || !is_name(ms_slice_part(value, at, value.n), 2))
		odd_value(r, "i");
}

/* RFC 8617 4.1.3: found, it ends in "fail". */
static void
read_forbidden(struct reader *r, struct ms_slice value)
{
	(void)value;
	wrong(r, MS_DKIM_BAD_SYNTAX, "the seal has h=, which no seal may have");
}

static const struct {
	const char *name;
	unsigned required, optional; /* enum dkim_kind */
	void (*read)(struct reader *r, struct ms_slice value);
} rows[] = {
	{ "v", DKIM_SIGNATURE, 0, read_version },
	{ "a", DKIM_SIGNATURE | DKIM_AMS | DKIM_SEAL, 0, read_algorithm },
	{ "b", DKIM_SIGNATURE | DKIM_AMS | DKIM_SEAL, 0, read_signature },
	{ "bh", DKIM_SIGNATURE | DKIM_AMS, 0, read_body_hash },
	{ "c", 0, DKIM_SIGNATURE | DKIM_AMS, read_canon },
	{ "d", DKIM_SIGNATURE | DKIM_AMS | DKIM_SEAL, 0, read_domain },
	{ "h", DKIM_SIGNATURE | DKIM_AMS, 0, read_header_list },
	{ "h", 0, DKIM_SEAL, read_forbidden },
	{ "i", 0, DKIM_SIGNATURE, read_identity },
	{ "l", 0, DKIM_SIGNATURE | DKIM_AMS, read_length },
	{ "q", 0, DKIM_SIGNATURE | DKIM_AMS, read_query },
	{ "s", DKIM_SIGNATURE | DKIM_AMS | DKIM_SEAL, 0, read_selector },
	{ "t", 0, DKIM_SIGNATURE | DKIM_AMS | DKIM_SEAL, read_time },
	{ "x", 0, DKIM_SIGNATURE | DKIM_AMS, read_expiry },
};

/* ---- all of them ---- */

/* Without v= it may be by a draft older than the RFC. */
static void
missing(struct reader *r, const char *name)
{
	if (strcmp(name, "v") != 0)
		r->out->readable = false;
	odd(r, MS_DKIM_MISSING_TAG,
	    ms_arena_printf(r->arena, "the signature has no %s=", name));
}

static void
read_rows(struct reader *r)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ms_tag *tag;

		if (!((rows[i].required | rows[i].optional) & r->kind))
			continue;
		tag = ms_taglist_find(r->tags, rows[i].name);
		if (tag)
			rows[i].read(r, tag->value);
		else if (rows[i].required & r->kind)
			missing(r, rows[i].name);
	}
}

/* What hangs together, RFC 6376 3.5 and 6.1.1. */
static void
check_together(struct reader *r, int64_t at)
{
	struct ms_dkim_signature *out = r->out;
	size_t sign = out->identity.n;

	if (out->time >= 0 && out->expires >= 0 && out->expires <= out->time)
		odd(r, MS_DKIM_BAD_SYNTAX,
		    "the signature expires (x=) before it was made (t=)");
	while (sign > 0 && out->identity.p[sign - 1] != '@')
		sign--;
	if (out->identity.p && out->domain.p &&
	    !ms_name_is_within(
		ms_slice_part(out->identity, sign, out->identity.n),
		out->domain))
		odd(r, MS_DKIM_IDENTITY,
		    "the identity (i=) is not within the domain (d=)");
	out->expired = out->expires >= 0 && at > out->expires;
	out->future = out->time >= 0 && out->time > at + CLOCK_SKEW;
}

void
dkim_signature_read(enum dkim_kind kind, const struct ms_field *field,
    const struct ms_limits *limits, struct ms_arena *arena, int64_t at,
    struct ms_dkim_signature *out)
{
	struct ms_taglist *tags = MS_NEW(arena, struct ms_taglist);
	struct reader r = { kind, arena, tags, out };

	memset(out, 0, sizeof(*out));
	out->field = field;
	out->tags = tags;
	out->time = out->expires = out->length = -1;
	out->readable = true;
	if (field->body.n > limits->field_size) {
		out->readable = false;
		dkim_fail(out, MS_AUTH_NEUTRAL, MS_DKIM_LIMIT,
		    "the signature is longer than is read");
		return;
	}
	ms_taglist_parse(field->body, 0, limits, arena, tags);
	if (!dkim_taglist_good(tags))
		wrong(
		    &r, MS_DKIM_BAD_SYNTAX, "the signature is no list of tags");
	read_rows(&r);
	check_together(&r, at);
}
