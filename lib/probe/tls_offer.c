/* SPDX-License-Identifier: ISC
 * tls_offer.c - what a version is offered, the best first
 */
#include "tls_scan_priv.h"

/* Where the client's preference decides, the list is read in this order: what
 * is broken last, then what lacks forward secrecy, then what is no AEAD. */
static unsigned
badness(unsigned flags)
{
	unsigned broken = MS_TLS_PLAIN | MS_TLS_ANONYMOUS | MS_TLS_EXPORT |
			  MS_TLS_RC4 | MS_TLS_OLD;

	return (flags & broken ? 8U : 0) +
	       (flags & MS_TLS_FORWARD_SECRECY ? 0 : 4U) +
	       (flags & MS_TLS_AEAD ? 0 : 2U) +
	       (flags & MS_TLS_FINITE ? 1U : 0);
}

#define BADNESS_MAX 15

static bool
belongs(unsigned flags, uint16_t version)
{
	/* Without the secret nothing could be told of them. */
	if (flags & MS_TLS_SECRET)
		return false;
	if (version == MS_SSL_2)
		return flags & MS_TLS_ONLY_SSL2;
	if (version == MS_TLS_13)
		return flags & MS_TLS_ONLY_13;
	if (flags & (MS_TLS_ONLY_SSL2 | MS_TLS_ONLY_13))
		return false;
	return version == MS_TLS_12 || !(flags & MS_TLS_ONLY_12);
}

size_t
tls_offer_suites(uint16_t version, uint32_t out[MS_TLS_SUITES])
{
	uint32_t codes[MS_TLS_SUITES];
	unsigned char bad[MS_TLS_SUITES];
	size_t n = ms_tls_suite_codes(codes, MS_TLS_SUITES), kept = 0, done = 0;

	for (size_t i = 0; i < n && i < MS_TLS_SUITES; i++) {
		unsigned flags = tls_suite_flags(codes[i]);

		if (!belongs(flags, version))
			continue;
		codes[kept] = codes[i];
		bad[kept++] = (unsigned char)badness(flags);
	}
	for (unsigned b = 0; b <= BADNESS_MAX; b++)
		for (size_t i = 0; i < kept; i++)
			if (bad[i] == b)
				out[done++] = codes[i];
	return done;
}

size_t
tls_only_curves(uint32_t *codes, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned flags = tls_suite_flags(codes[i]);

		if ((flags & MS_TLS_CURVE) && !(flags & MS_TLS_STATIC))
			codes[done++] = codes[i];
	}
	return done;
}

size_t
tls_offer_common(uint16_t version, uint32_t out[MS_TLS_SUITES])
{
	static const uint16_t common[] = { 0xC02B, 0xC02C, 0xC02F, 0xC030,
		0xCCA8, 0xCCA9, 0x009E, 0x009F, 0xC009, 0xC00A, 0xC013, 0xC014,
		0x0033, 0x0039, 0x009C, 0x009D, 0x002F, 0x0035, 0x0016, 0x000A,
		0x0005, 0x0004, 0x1301, 0x1302, 0x1303 };
	size_t done = 0;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (belongs(tls_suite_flags(common[i]), version))
			out[done++] = common[i];
	return done;
}

/* Groups modulo a prime are not offered before TLS 1.3: who knows them there
 * would no longer use primes of his own (RFC 7919 4), and those are what we
 * want to see. */
static bool
group_belongs(const struct ms_tls_group *g, uint16_t version)
{
	if (version == MS_TLS_13)
		return g->code >= 23 && (g->code < 26 || g->code > 28);
	return g->flags == 0;
}

size_t
tls_offer_groups(uint16_t version, uint16_t out[TLS_GROUPS])
{
	static const uint16_t first[] = { 0x11EC, 0x11EB, 0x11ED, 29, 23, 24,
		25, 30 };
	const size_t first_n = sizeof(first) / sizeof(first[0]);
	size_t n, done = 0;
	const struct ms_tls_group *groups = ms_tls_groups(&n);

	for (size_t i = 0; i < first_n + n && done < TLS_GROUPS; i++) {
		struct ms_tls_group g;
		bool twice = false;

		ms_tls_group_by_code(
		    i < first_n ? first[i] : groups[i - first_n].code, &g);
		for (size_t j = 0; j < done; j++)
			twice |= out[j] == g.code;
		if (!twice && group_belongs(&g, version))
			out[done++] = g.code;
	}
	return done;
}
