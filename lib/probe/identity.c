/* SPDX-License-Identifier: ISC
 * identity.c - who a server proves to be: chain, name, dates and staple, RFC
 * 5280, RFC 9525
 */
#include "mailsonde/identity.h"

#include "mailsonde/digest.h"

/* X509_V_ERR_… of OpenSSL, as the wire layer hands them on. */
enum {
	NO_ISSUER = 2,
	NO_ISSUER_LOCALLY = 20,
	NO_LEAF_SIGNATURE = 21,
};

static bool
has_error(const struct ms_tls_facts *tls, int error)
{
	if (tls->verify_error == error)
		return true;
	for (size_t i = 0; i < tls->errors_n; i++)
		if (tls->errors[i] == error)
			return true;
	return false;
}

static bool
is_revoked(const struct ms_staple *s)
{
	return s->status == MS_STAPLE_REVOKED && s->authentic;
}

/* The gravest of what is wrong, as a clause. */
static const char *
why_not(const struct ms_identity *id, const struct ms_tls_facts *tls)
{
	const struct ms_certificate *own = &id->chain.list[0];

	if (id->expired)
		return "its certificate has expired";
	if (id->early)
		return "its certificate is not valid yet";
	if (is_revoked(&id->staple))
		return "its certificate is revoked";
	if (!own->for_servers)
		return "its certificate is not meant for servers";
	if (!id->trusted && own->self_signed)
		return "its certificate is signed by itself";
	if (!id->trusted && id->gap)
		return "an intermediate certificate is not sent";
	if (!id->trusted && id->broken_off)
		return "its certificate leads to no trust anchor";
	if (!id->trusted)
		return tls->verify_text ? tls->verify_text
					: "its certificate is not trusted";
	if (id->match == MS_NAME_BY_CN)
		return "its certificate has the name in the subject alone";
	if (id->match == MS_NAME_DIFFERS)
		return "its certificate is for another name";
	return NULL;
}

static void
judge(const struct ms_env *env, struct ms_slice host,
    const struct ms_tls_facts *tls, struct ms_identity *out)
{
	const struct ms_certificate *own = &out->chain.list[0];
	int64_t now = env->clock.now;

	out->match = ms_certificate_matches(own, host);
	out->expired = own->dated && now > own->not_after;
	out->early = own->dated && now < own->not_before;
	out->days = own->dated ? ms_certificate_days(own, now) : 0;
	out->trusted = tls->verified;
	out->broken_off = has_error(tls, NO_ISSUER) ||
			  has_error(tls, NO_ISSUER_LOCALLY) ||
			  has_error(tls, NO_LEAF_SIGNATURE);
	out->gap = out->broken_off && out->chain.path_n == 1 &&
		   !own->self_issued && own->issuer_urls_n > 0;
	out->why = why_not(out, tls);
	out->valid = out->why == NULL;
}

static void
find(const struct ms_env *env, struct ms_arena *arena, struct ms_slice host,
    const struct ms_tls_facts *tls, struct ms_identity *out)
{
	memset(out, 0, sizeof(*out));
	out->why = "it shows no certificate";
	if (!tls->established)
		return;
	ms_chain_read(
	    tls->chain, tls->chain_n, &env->limits, arena, &out->chain);
	out->chain.truncated |= tls->chain_cut;
	ms_staple_read(tls->staple, &out->chain, env->clock.now, &out->staple);
	if (out->chain.n == 0)
		return;
	out->why = "its certificate cannot be read";
	out->shown = out->chain.list[0].fault == NULL;
	if (out->shown)
		judge(env, host, tls, out);
}

void
ms_identity_find(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_probe_result *probe, struct ms_identity *out)
{
	struct ms_identity *other;

	find(env, arena, probe->target.host, &probe->tls, out);
	if (!probe->other)
		return;
	other = MS_NEW(arena, struct ms_identity);
	find(env, arena, probe->target.host, probe->other, other);
	out->other = other;
}

const char *
ms_identity_tlsa(const struct ms_identity *identity, struct ms_slice owner,
    struct ms_arena *arena)
{
	char digest[65];

	if (!identity->shown)
		return ms_arena_printf(arena,
		    "%.*s. TLSA 3 1 1 and the SHA-256 of the server's public "
		    "key",
		    (int)owner.n, (const char *)owner.p);
	ms_hex(identity->chain.list[0].spki_sha256, 32, digest);
	return ms_arena_printf(arena, "%.*s. TLSA 3 1 1 %s", (int)owner.n,
	    (const char *)owner.p, digest);
}
