/* SPDX-License-Identifier: ISC
 * tls_names.c - versions, cipher suites, groups and alerts of TLS, by IANA's
 * registries
 *
 * The registry of suites is regular: runs of an exchange of keys with each of
 * a few ciphers. A row is a run, and the names are put together. OpenSSL's
 * follow rules of their own.
 */
#include "tls_priv.h"

const char *
ms_tls_known_name(enum ms_tls_known known)
{
	static const char *const names[] = { "unknown", "no", "yes" };

	return names[known];
}

const char *
ms_tls_version_name(uint16_t code)
{
	static const char *const names[] = { "SSLv3", "TLSv1.0", "TLSv1.1",
		"TLSv1.2", "TLSv1.3" };

	if (code == MS_SSL_2)
		return "SSLv2";
	return code >= MS_SSL_3 && code <= MS_TLS_13 ? names[code - MS_SSL_3]
						     : NULL;
}

/* ---- suites: how keys are exchanged ---- */

enum {
	END,
	RSA,
	RSA_EXPORT,
	RSA_EXPORT1024,
	DH_DSS,
	DH_DSS_EXPORT,
	DH_RSA,
	DH_RSA_EXPORT,
	DHE_DSS,
	DHE_DSS_EXPORT,
	DHE_DSS_EXPORT1024,
	DHE_RSA,
	DHE_RSA_EXPORT,
	DH_ANON,
	DH_ANON_EXPORT,
	ECDH_ECDSA,
	ECDHE_ECDSA,
	ECDH_RSA,
	ECDHE_RSA,
	ECDH_ANON,
	KRB5,
	KRB5_EXPORT,
	PSK,
	DHE_PSK,
	PSK_DHE,
	RSA_PSK,
	ECDHE_PSK,
	SRP,
	SRP_RSA,
	SRP_DSS,
	ECCPWD,
	GOST_01,
	GOST_12,
	TLS13,
};

#define FS    MS_TLS_FORWARD_SECRECY
#define ANON  MS_TLS_ANONYMOUS
#define EXP   MS_TLS_EXPORT
#define EC    MS_TLS_CURVE
#define FF    MS_TLS_FINITE
#define FIXED MS_TLS_STATIC
#define GIVEN MS_TLS_SECRET

struct exchange {
	const char *name, *openssl; /* NULL: OpenSSL has none of them */
	unsigned flags;
};

static const struct exchange exchanges[] = {
	[RSA] = { "RSA_WITH_", "", 0 },
	[RSA_EXPORT] = { "RSA_EXPORT_WITH_", "EXP-", EXP },
	[RSA_EXPORT1024] = { "RSA_EXPORT1024_WITH_", "EXP1024-", EXP },
	[DH_DSS] = { "DH_DSS_WITH_", "DH-DSS-", FF | FIXED },
	[DH_DSS_EXPORT] = { "DH_DSS_EXPORT_WITH_", "EXP-DH-DSS-",
	    FF | FIXED | EXP },
	[DH_RSA] = { "DH_RSA_WITH_", "DH-RSA-", FF | FIXED },
	[DH_RSA_EXPORT] = { "DH_RSA_EXPORT_WITH_", "EXP-DH-RSA-",
	    FF | FIXED | EXP },
	[DHE_DSS] = { "DHE_DSS_WITH_", "DHE-DSS-", FF | FS },
	[DHE_DSS_EXPORT] = { "DHE_DSS_EXPORT_WITH_", "EXP-EDH-DSS-",
	    FF | FS | EXP },
	[DHE_DSS_EXPORT1024] = { "DHE_DSS_EXPORT1024_WITH_", "EXP1024-DHE-DSS-",
	    FF | FS | EXP },
	[DHE_RSA] = { "DHE_RSA_WITH_", "DHE-RSA-", FF | FS },
	[DHE_RSA_EXPORT] = { "DHE_RSA_EXPORT_WITH_", "EXP-EDH-RSA-",
	    FF | FS | EXP },
	[DH_ANON] = { "DH_anon_WITH_", "ADH-", FF | FS | ANON },
	[DH_ANON_EXPORT] = { "DH_anon_EXPORT_WITH_", "EXP-ADH-",
	    FF | FS | ANON | EXP },
	[ECDH_ECDSA] = { "ECDH_ECDSA_WITH_", "ECDH-ECDSA-",
	    EC | FIXED | MS_TLS_ECDSA },
	[ECDHE_ECDSA] = { "ECDHE_ECDSA_WITH_", "ECDHE-ECDSA-",
	    EC | FS | MS_TLS_ECDSA },
	[ECDH_RSA] = { "ECDH_RSA_WITH_", "ECDH-RSA-", EC | FIXED },
	[ECDHE_RSA] = { "ECDHE_RSA_WITH_", "ECDHE-RSA-", EC | FS },
	[ECDH_ANON] = { "ECDH_anon_WITH_", "AECDH-", EC | FS | ANON },
	[KRB5] = { "KRB5_WITH_", "KRB5-", GIVEN },
	[KRB5_EXPORT] = { "KRB5_EXPORT_WITH_", "EXP-KRB5-", GIVEN | EXP },
	[PSK] = { "PSK_WITH_", "PSK-", GIVEN },
	[DHE_PSK] = { "DHE_PSK_WITH_", "DHE-PSK-", FF | FS | GIVEN },
	[PSK_DHE] = { "PSK_DHE_WITH_", "DHE-PSK-", FF | FS | GIVEN },
	[RSA_PSK] = { "RSA_PSK_WITH_", "RSA-PSK-", GIVEN },
	[ECDHE_PSK] = { "ECDHE_PSK_WITH_", "ECDHE-PSK-", EC | FS | GIVEN },
	[SRP] = { "SRP_SHA_WITH_", "SRP-", FS | GIVEN },
	[SRP_RSA] = { "SRP_SHA_RSA_WITH_", "SRP-RSA-", FS | GIVEN },
	[SRP_DSS] = { "SRP_SHA_DSS_WITH_", "SRP-DSS-", FS | GIVEN },
	[ECCPWD] = { "ECCPWD_WITH_", NULL, EC | FS | GIVEN },
	[GOST_01] = { "GOSTR341001_WITH_", NULL, 0 },
	[GOST_12] = { "GOSTR341112_256_WITH_", NULL, 0 },
	[TLS13] = { "", "TLS_", FS | MS_TLS_ONLY_13 },
};

/* ---- suites: cipher and MAC ---- */

enum {
	NULL_MD5 = 1,
	NULL_SHA,
	NULL_SHA256,
	NULL_SHA384,
	RC4_40_MD5,
	RC4_40_SHA,
	RC4_56_MD5,
	RC4_56_SHA,
	RC4_MD5,
	RC4_SHA,
	RC2_40_MD5,
	RC2_40_SHA,
	RC2_56_MD5,
	IDEA_SHA,
	IDEA_MD5,
	DES40_SHA,
	DES_40_SHA,
	DES_40_MD5,
	DES_SHA,
	DES_MD5,
	TDES_SHA,
	TDES_MD5,
	SEED_SHA,
	AES128_SHA,
	AES256_SHA,
	AES128_SHA256,
	AES256_SHA256,
	AES256_SHA384,
	AES128_GCM,
	AES256_GCM,
	AES128_CCM,
	AES256_CCM,
	AES128_CCM8,
	AES256_CCM8,
	AES128_CCM_SHA256,
	AES256_CCM_SHA384,
	AES128_CCM8_SHA256,
	CAMELLIA128_SHA,
	CAMELLIA256_SHA,
	CAMELLIA128_SHA256,
	CAMELLIA256_SHA256,
	CAMELLIA256_SHA384,
	CAMELLIA128_GCM,
	CAMELLIA256_GCM,
	ARIA128_SHA256,
	ARIA256_SHA384,
	ARIA128_GCM,
	ARIA256_GCM,
	CHACHA,
	CHACHA_OLD,
	SM4_GCM,
	SM4_CCM,
	AEGIS256,
	AEGIS128L,
	ONLY_SHA256,
	ONLY_SHA384,
	KUZNYECHIK_CTR,
	MAGMA_CTR,
	CNT_IMIT,
	KUZNYECHIK_MGM_L,
	MAGMA_MGM_L,
	KUZNYECHIK_MGM_S,
	MAGMA_MGM_S,
};

#define AEAD  (MS_TLS_AEAD | MS_TLS_ONLY_12)
#define CBC   MS_TLS_CBC
#define CBC12 (MS_TLS_CBC | MS_TLS_ONLY_12)
#define OLD   (MS_TLS_CBC | MS_TLS_OLD)
#define RC4   MS_TLS_RC4
#define MD5   MS_TLS_OLD
#define PLAIN MS_TLS_PLAIN
#define ONLY  MS_TLS_ONLY_12

struct cipher {
	const char *name, *openssl; /* NULL: OpenSSL has none of them */
	unsigned short bits;
	unsigned flags;
};

static const struct cipher ciphers[] = {
	[NULL_MD5] = { "NULL_MD5", "NULL-MD5", 0, PLAIN | MD5 },
	[NULL_SHA] = { "NULL_SHA", "NULL-SHA", 0, PLAIN },
	[NULL_SHA256] = { "NULL_SHA256", "NULL-SHA256", 0, PLAIN | ONLY },
	[NULL_SHA384] = { "NULL_SHA384", "NULL-SHA384", 0, PLAIN | ONLY },
	[RC4_40_MD5] = { "RC4_40_MD5", "RC4-MD5", 40, RC4 | MD5 },
	[RC4_40_SHA] = { "RC4_40_SHA", "RC4-SHA", 40, RC4 },
	[RC4_56_MD5] = { "RC4_56_MD5", "RC4-MD5", 56, RC4 | MD5 },
	[RC4_56_SHA] = { "RC4_56_SHA", "RC4-SHA", 56, RC4 },
	[RC4_MD5] = { "RC4_128_MD5", "RC4-MD5", 128, RC4 | MD5 },
	[RC4_SHA] = { "RC4_128_SHA", "RC4-SHA", 128, RC4 },
	[RC2_40_MD5] = { "RC2_CBC_40_MD5", "RC2-CBC-MD5", 40, OLD },
	[RC2_40_SHA] = { "RC2_CBC_40_SHA", "RC2-CBC-SHA", 40, OLD },
	[RC2_56_MD5] = { "RC2_CBC_56_MD5", "RC2-CBC-MD5", 56, OLD },
	[IDEA_SHA] = { "IDEA_CBC_SHA", "IDEA-CBC-SHA", 128, OLD },
	[IDEA_MD5] = { "IDEA_CBC_MD5", "IDEA-CBC-MD5", 128, OLD },
	[DES40_SHA] = { "DES40_CBC_SHA", "DES-CBC-SHA", 40, OLD },
	[DES_40_SHA] = { "DES_CBC_40_SHA", "DES-CBC-SHA", 40, OLD },
	[DES_40_MD5] = { "DES_CBC_40_MD5", "DES-CBC-MD5", 40, OLD },
	[DES_SHA] = { "DES_CBC_SHA", "DES-CBC-SHA", 56, OLD },
	[DES_MD5] = { "DES_CBC_MD5", "DES-CBC-MD5", 56, OLD },
	[TDES_SHA] = { "3DES_EDE_CBC_SHA", "DES-CBC3-SHA", 112, OLD },
	[TDES_MD5] = { "3DES_EDE_CBC_MD5", "DES-CBC3-MD5", 112, OLD },
	[SEED_SHA] = { "SEED_CBC_SHA", "SEED-SHA", 128, CBC },
	[AES128_SHA] = { "AES_128_CBC_SHA", "AES128-SHA", 128, CBC },
	[AES256_SHA] = { "AES_256_CBC_SHA", "AES256-SHA", 256, CBC },
	[AES128_SHA256] = { "AES_128_CBC_SHA256", "AES128-SHA256", 128, CBC12 },
	[AES256_SHA256] = { "AES_256_CBC_SHA256", "AES256-SHA256", 256, CBC12 },
	[AES256_SHA384] = { "AES_256_CBC_SHA384", "AES256-SHA384", 256, CBC12 },
	[AES128_GCM] = { "AES_128_GCM_SHA256", "AES128-GCM-SHA256", 128, AEAD },
	[AES256_GCM] = { "AES_256_GCM_SHA384", "AES256-GCM-SHA384", 256, AEAD },
	[AES128_CCM] = { "AES_128_CCM", "AES128-CCM", 128, AEAD },
	[AES256_CCM] = { "AES_256_CCM", "AES256-CCM", 256, AEAD },
	[AES128_CCM8] = { "AES_128_CCM_8", "AES128-CCM8", 128, AEAD },
	[AES256_CCM8] = { "AES_256_CCM_8", "AES256-CCM8", 256, AEAD },
	[AES128_CCM_SHA256] = { "AES_128_CCM_SHA256", NULL, 128, AEAD },
	[AES256_CCM_SHA384] = { "AES_256_CCM_SHA384", NULL, 256, AEAD },
	[AES128_CCM8_SHA256] = { "AES_128_CCM_8_SHA256", NULL, 128, AEAD },
	[CAMELLIA128_SHA] = { "CAMELLIA_128_CBC_SHA", "CAMELLIA128-SHA", 128,
	    CBC },
	[CAMELLIA256_SHA] = { "CAMELLIA_256_CBC_SHA", "CAMELLIA256-SHA", 256,
	    CBC },
	[CAMELLIA128_SHA256] = { "CAMELLIA_128_CBC_SHA256",
	    "CAMELLIA128-SHA256", 128, CBC12 },
	[CAMELLIA256_SHA256] = { "CAMELLIA_256_CBC_SHA256",
	    "CAMELLIA256-SHA256", 256, CBC12 },
	[CAMELLIA256_SHA384] = { "CAMELLIA_256_CBC_SHA384",
	    "CAMELLIA256-SHA384", 256, CBC12 },
	[CAMELLIA128_GCM] = { "CAMELLIA_128_GCM_SHA256", NULL, 128, AEAD },
	[CAMELLIA256_GCM] = { "CAMELLIA_256_GCM_SHA384", NULL, 256, AEAD },
	[ARIA128_SHA256] = { "ARIA_128_CBC_SHA256", NULL, 128, CBC12 },
	[ARIA256_SHA384] = { "ARIA_256_CBC_SHA384", NULL, 256, CBC12 },
	[ARIA128_GCM] = { "ARIA_128_GCM_SHA256", "ARIA128-GCM-SHA256", 128,
	    AEAD },
	[ARIA256_GCM] = { "ARIA_256_GCM_SHA384", "ARIA256-GCM-SHA384", 256,
	    AEAD },
	[CHACHA] = { "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", 256,
	    AEAD },
	[CHACHA_OLD] = { "CHACHA20_POLY1305_SHA256_OLD",
	    "CHACHA20-POLY1305-OLD", 256, AEAD },
	[SM4_GCM] = { "SM4_GCM_SM3", NULL, 128, AEAD },
	[SM4_CCM] = { "SM4_CCM_SM3", NULL, 128, AEAD },
	[AEGIS256] = { "AEGIS_256_SHA512", NULL, 256, AEAD },
	[AEGIS128L] = { "AEGIS_128L_SHA256", NULL, 128, AEAD },
	[ONLY_SHA256] = { "SHA256_SHA256", NULL, 0, PLAIN },
	[ONLY_SHA384] = { "SHA384_SHA384", NULL, 0, PLAIN },
	[KUZNYECHIK_CTR] = { "KUZNYECHIK_CTR_OMAC", NULL, 256, ONLY },
	[MAGMA_CTR] = { "MAGMA_CTR_OMAC", NULL, 256, ONLY | MS_TLS_OLD },
	[CNT_IMIT] = { "28147_CNT_IMIT", NULL, 256, MS_TLS_OLD },
	[KUZNYECHIK_MGM_L] = { "KUZNYECHIK_MGM_L", NULL, 256, AEAD },
	[MAGMA_MGM_L] = { "MAGMA_MGM_L", NULL, 256, AEAD | MS_TLS_OLD },
	[KUZNYECHIK_MGM_S] = { "KUZNYECHIK_MGM_S", NULL, 256, AEAD },
	[MAGMA_MGM_S] = { "MAGMA_MGM_S", NULL, 256, AEAD | MS_TLS_OLD },
};

/* ---- suites: the registry, a run a row ---- */

struct run {
	uint16_t code;              /* of the first; the rest follow it */
	unsigned char exchange[11]; /* each of these … */
	unsigned char cipher[9];    /* … with each of those */
};

static const struct run runs[] = {
	{ 0x0001, { RSA }, { NULL_MD5, NULL_SHA } },
	{ 0x0003, { RSA_EXPORT }, { RC4_40_MD5 } },
	{ 0x0004, { RSA }, { RC4_MD5, RC4_SHA } },
	{ 0x0006, { RSA_EXPORT }, { RC2_40_MD5 } },
	{ 0x0007, { RSA }, { IDEA_SHA } },
	{ 0x0008, { RSA_EXPORT }, { DES40_SHA } },
	{ 0x0009, { RSA }, { DES_SHA, TDES_SHA } },
	{ 0x000B, { DH_DSS_EXPORT }, { DES40_SHA } },
	{ 0x000C, { DH_DSS }, { DES_SHA, TDES_SHA } },
	{ 0x000E, { DH_RSA_EXPORT }, { DES40_SHA } },
	{ 0x000F, { DH_RSA }, { DES_SHA, TDES_SHA } },
	{ 0x0011, { DHE_DSS_EXPORT }, { DES40_SHA } },
	{ 0x0012, { DHE_DSS }, { DES_SHA, TDES_SHA } },
	{ 0x0014, { DHE_RSA_EXPORT }, { DES40_SHA } },
	{ 0x0015, { DHE_RSA }, { DES_SHA, TDES_SHA } },
	{ 0x0017, { DH_ANON_EXPORT }, { RC4_40_MD5 } },
	{ 0x0018, { DH_ANON }, { RC4_MD5 } },
	{ 0x0019, { DH_ANON_EXPORT }, { DES40_SHA } },
	{ 0x001A, { DH_ANON }, { DES_SHA, TDES_SHA } },
	{ 0x001E, { KRB5 },
	    { DES_SHA, TDES_SHA, RC4_SHA, IDEA_SHA, DES_MD5, TDES_MD5, RC4_MD5,
		IDEA_MD5 } },
	{ 0x0026, { KRB5_EXPORT },
	    { DES_40_SHA, RC2_40_SHA, RC4_40_SHA, DES_40_MD5, RC2_40_MD5,
		RC4_40_MD5 } },
	{ 0x002C, { PSK, DHE_PSK, RSA_PSK }, { NULL_SHA } },
	{ 0x002F, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { AES128_SHA } },
	{ 0x0035, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { AES256_SHA } },
	{ 0x003B, { RSA }, { NULL_SHA256, AES128_SHA256, AES256_SHA256 } },
	{ 0x003E, { DH_DSS, DH_RSA, DHE_DSS }, { AES128_SHA256 } },
	{ 0x0041, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { CAMELLIA128_SHA } },
	{ 0x0060, { RSA_EXPORT1024 }, { RC4_56_MD5, RC2_56_MD5, DES_SHA } },
	{ 0x0063, { DHE_DSS_EXPORT1024 }, { DES_SHA } },
	{ 0x0064, { RSA_EXPORT1024, DHE_DSS_EXPORT1024 }, { RC4_56_SHA } },
	{ 0x0066, { DHE_DSS }, { RC4_SHA } },
	{ 0x0067, { DHE_RSA }, { AES128_SHA256 } },
	{ 0x0068, { DH_DSS, DH_RSA, DHE_DSS, DHE_RSA }, { AES256_SHA256 } },
	{ 0x006C, { DH_ANON }, { AES128_SHA256, AES256_SHA256 } },
	{ 0x0081, { GOST_01 }, { CNT_IMIT } },
	{ 0x0084, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { CAMELLIA256_SHA } },
	{ 0x008A, { PSK, DHE_PSK, RSA_PSK },
	    { RC4_SHA, TDES_SHA, AES128_SHA, AES256_SHA } },
	{ 0x0096, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { SEED_SHA } },
	{ 0x009C,
	    { RSA, DHE_RSA, DH_RSA, DHE_DSS, DH_DSS, DH_ANON, PSK, DHE_PSK,
		RSA_PSK },
	    { AES128_GCM, AES256_GCM } },
	{ 0x00AE, { PSK, DHE_PSK, RSA_PSK },
	    { AES128_SHA256, AES256_SHA384, NULL_SHA256, NULL_SHA384 } },
	{ 0x00BA, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { CAMELLIA128_SHA256 } },
	{ 0x00C0, { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON },
	    { CAMELLIA256_SHA256 } },
	{ 0x00C6, { TLS13 }, { SM4_GCM, SM4_CCM } },
	{ 0x1301, { TLS13 },
	    { AES128_GCM, AES256_GCM, CHACHA, AES128_CCM_SHA256,
		AES128_CCM8_SHA256, AEGIS256, AEGIS128L } },
	{ 0xC001, { ECDH_ECDSA, ECDHE_ECDSA, ECDH_RSA, ECDHE_RSA, ECDH_ANON },
	    { NULL_SHA, RC4_SHA, TDES_SHA, AES128_SHA, AES256_SHA } },
	{ 0xC01A, { SRP, SRP_RSA, SRP_DSS }, { TDES_SHA } },
	{ 0xC01D, { SRP, SRP_RSA, SRP_DSS }, { AES128_SHA } },
	{ 0xC020, { SRP, SRP_RSA, SRP_DSS }, { AES256_SHA } },
	{ 0xC023, { ECDHE_ECDSA, ECDH_ECDSA, ECDHE_RSA, ECDH_RSA },
	    { AES128_SHA256, AES256_SHA384 } },
	{ 0xC02B, { ECDHE_ECDSA, ECDH_ECDSA, ECDHE_RSA, ECDH_RSA },
	    { AES128_GCM, AES256_GCM } },
	{ 0xC033, { ECDHE_PSK },
	    { RC4_SHA, TDES_SHA, AES128_SHA, AES256_SHA, AES128_SHA256,
		AES256_SHA384, NULL_SHA, NULL_SHA256, NULL_SHA384 } },
	{ 0xC03C,
	    { RSA, DH_DSS, DH_RSA, DHE_DSS, DHE_RSA, DH_ANON, ECDHE_ECDSA,
		ECDH_ECDSA, ECDHE_RSA, ECDH_RSA },
	    { ARIA128_SHA256, ARIA256_SHA384 } },
	{ 0xC050,
	    { RSA, DHE_RSA, DH_RSA, DHE_DSS, DH_DSS, DH_ANON, ECDHE_ECDSA,
		ECDH_ECDSA, ECDHE_RSA, ECDH_RSA },
	    { ARIA128_GCM, ARIA256_GCM } },
	{ 0xC064, { PSK, DHE_PSK, RSA_PSK },
	    { ARIA128_SHA256, ARIA256_SHA384 } },
	{ 0xC06A, { PSK, DHE_PSK, RSA_PSK }, { ARIA128_GCM, ARIA256_GCM } },
	{ 0xC070, { ECDHE_PSK }, { ARIA128_SHA256, ARIA256_SHA384 } },
	{ 0xC072, { ECDHE_ECDSA, ECDH_ECDSA, ECDHE_RSA, ECDH_RSA },
	    { CAMELLIA128_SHA256, CAMELLIA256_SHA384 } },
	{ 0xC07A, { RSA, DHE_RSA, DH_RSA, DHE_DSS, DH_DSS, DH_ANON },
	    { CAMELLIA128_GCM, CAMELLIA256_GCM } },
	{ 0xC086,
	    { ECDHE_ECDSA, ECDH_ECDSA, ECDHE_RSA, ECDH_RSA, PSK, DHE_PSK,
		RSA_PSK },
	    { CAMELLIA128_GCM, CAMELLIA256_GCM } },
	{ 0xC094, { PSK, DHE_PSK, RSA_PSK, ECDHE_PSK },
	    { CAMELLIA128_SHA256, CAMELLIA256_SHA384 } },
	{ 0xC09C, { RSA, DHE_RSA }, { AES128_CCM, AES256_CCM } },
	{ 0xC0A0, { RSA, DHE_RSA }, { AES128_CCM8, AES256_CCM8 } },
	{ 0xC0A4, { PSK, DHE_PSK }, { AES128_CCM, AES256_CCM } },
	{ 0xC0A8, { PSK, PSK_DHE }, { AES128_CCM8, AES256_CCM8 } },
	{ 0xC0AC, { ECDHE_ECDSA },
	    { AES128_CCM, AES256_CCM, AES128_CCM8, AES256_CCM8 } },
	{ 0xC0B0, { ECCPWD },
	    { AES128_GCM, AES256_GCM, AES128_CCM_SHA256, AES256_CCM_SHA384 } },
	{ 0xC0B4, { TLS13 }, { ONLY_SHA256, ONLY_SHA384 } },
	{ 0xC100, { GOST_12 }, { KUZNYECHIK_CTR, MAGMA_CTR, CNT_IMIT } },
	{ 0xC103, { TLS13 },
	    { KUZNYECHIK_MGM_L, MAGMA_MGM_L, KUZNYECHIK_MGM_S, MAGMA_MGM_S } },
	{ 0xCC13, { ECDHE_RSA, ECDHE_ECDSA, DHE_RSA }, { CHACHA_OLD } },
	{ 0xCCA8,
	    { ECDHE_RSA, ECDHE_ECDSA, DHE_RSA, PSK, ECDHE_PSK, DHE_PSK,
		RSA_PSK },
	    { CHACHA } },
	{ 0xD001, { ECDHE_PSK },
	    { AES128_GCM, AES256_GCM, AES128_CCM8_SHA256 } },
	{ 0xD005, { ECDHE_PSK }, { AES128_CCM_SHA256 } },
};

#define RUNS_N (sizeof(runs) / sizeof(runs[0]))

static size_t
count(const unsigned char *list, size_t max)
{
	size_t n = 0;

	while (n < max && list[n] != END)
		n++;
	return n;
}

/* ---- suites of SSLv2 ---- */

struct old_suite {
	uint32_t code;
	const char *name, *openssl;
	unsigned bits, flags;
};

static const struct old_suite old_suites[] = {
	{ 0x010080, "SSL_CK_RC4_128_WITH_MD5", "RC4-MD5", 128, RC4 },
	{ 0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "EXP-RC4-MD5", 40,
	    RC4 | EXP },
	{ 0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5", "RC2-CBC-MD5", 128, OLD },
	{ 0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "EXP-RC2-CBC-MD5",
	    40, OLD | EXP },
	{ 0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5", "IDEA-CBC-MD5", 128, OLD },
	{ 0x060040, "SSL_CK_DES_64_CBC_WITH_MD5", "DES-CBC-MD5", 56, OLD },
	{ 0x0700C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "DES-CBC3-MD5", 112,
	    OLD },
	{ 0x080080, "SSL_CK_RC4_64_WITH_MD5", "RC4-64-MD5", 64, RC4 },
};

#define OLD_N (sizeof(old_suites) / sizeof(old_suites[0]))

static const struct old_suite *
find_old(uint32_t code)
{
	for (size_t i = 0; i < OLD_N; i++)
		if (old_suites[i].code == code)
			return &old_suites[i];
	return NULL;
}

#define OLD_FLAGS (MS_TLS_ONLY_SSL2 | MS_TLS_OLD)

/* ---- names put together ---- */

static bool
is_psk(unsigned exchange)
{
	return exchange >= PSK && exchange <= ECDHE_PSK;
}

static bool
is_srp(unsigned exchange)
{
	return exchange >= SRP && exchange <= SRP_DSS;
}

/* OpenSSL's word for a cipher, which is not the same beside each exchange of
 * keys. */
static const char *
openssl_cipher(unsigned exchange, unsigned cipher)
{
	bool psk = is_psk(exchange), srp = is_srp(exchange);

	switch (cipher) {
	case TDES_SHA:
		return psk || srp ? "3DES-EDE-CBC-SHA" : "DES-CBC3-SHA";
	case AES128_SHA:
		return psk   ? "AES128-CBC-SHA"
		       : srp ? "AES-128-CBC-SHA"
			     : "AES128-SHA";
	case AES256_SHA:
		return psk   ? "AES256-CBC-SHA"
		       : srp ? "AES-256-CBC-SHA"
			     : "AES256-SHA";
	case AES128_SHA256:
		return psk ? "AES128-CBC-SHA256" : "AES128-SHA256";
	case AES256_SHA384:
		return psk ? "AES256-CBC-SHA384" : "AES256-SHA384";
	default:
		return ciphers[cipher].openssl;
	}
}

static void
openssl_name(unsigned exchange, unsigned cipher, struct ms_tls_suite *out)
{
	const char *first = exchanges[exchange].openssl;
	const char *last = openssl_cipher(exchange, cipher);

	if (exchange == TLS13) {
		/* Those that it has, it calls what everybody calls them. */
		if (out->code >= 0x1301 && out->code <= 0x1305)
			snprintf(out->openssl, sizeof(out->openssl), "%s",
			    out->name);
		return;
	}
	if (exchange == ECDHE_RSA &&
	    (cipher == ARIA128_GCM || cipher == ARIA256_GCM))
		first = "ECDHE-";
	if (first && last)
		snprintf(
		    out->openssl, sizeof(out->openssl), "%s%s", first, last);
}

static void
suite_fill(unsigned exchange, unsigned cipher, struct ms_tls_suite *out)
{
	snprintf(out->name, sizeof(out->name), "TLS_%s%s",
	    exchanges[exchange].name, ciphers[cipher].name);
	out->bits = ciphers[cipher].bits;
	out->flags = exchanges[exchange].flags | ciphers[cipher].flags;
	openssl_name(exchange, cipher, out);
}

static bool
find(uint32_t code, unsigned *exchange, unsigned *cipher)
{
	for (size_t i = 0; i < RUNS_N; i++) {
		const struct run *r = &runs[i];
		size_t each = count(r->cipher, sizeof(r->cipher));
		size_t n = count(r->exchange, sizeof(r->exchange)) * each;

		if (code < r->code || code - r->code >= n)
			continue;
		*exchange = r->exchange[(code - r->code) / each];
		*cipher = r->cipher[(code - r->code) % each];
		return true;
	}
	return false;
}

unsigned
tls_suite_flags(uint32_t code)
{
	const struct old_suite *old = find_old(code);
	unsigned exchange, cipher;

	if (old)
		return old->flags | OLD_FLAGS;
	return find(code, &exchange, &cipher)
		   ? exchanges[exchange].flags | ciphers[cipher].flags
		   : 0;
}

bool
ms_tls_suite_by_code(uint32_t code, struct ms_tls_suite *out)
{
	const struct old_suite *old = find_old(code);
	unsigned exchange, cipher;

	memset(out, 0, sizeof(*out));
	out->code = code;
	if (old) {
		snprintf(out->name, sizeof(out->name), "%s", old->name);
		snprintf(
		    out->openssl, sizeof(out->openssl), "%s", old->openssl);
		out->bits = old->bits;
		out->flags = old->flags | OLD_FLAGS;
		return true;
	}
	if (find(code, &exchange, &cipher)) {
		suite_fill(exchange, cipher, out);
		return true;
	}
	snprintf(out->name, sizeof(out->name), "0x%04X", (unsigned)code);
	return false;
}

size_t
ms_tls_suite_codes(uint32_t *out, size_t max)
{
	size_t done = 0;

	for (size_t i = 0; i < RUNS_N; i++) {
		size_t n = count(runs[i].exchange, sizeof(runs[i].exchange)) *
			   count(runs[i].cipher, sizeof(runs[i].cipher));

		for (size_t j = 0; j < n; j++, done++)
			if (done < max)
				out[done] = runs[i].code + (uint32_t)j;
	}
	for (size_t i = 0; i < OLD_N; i++, done++)
		if (done < max)
			out[done] = old_suites[i].code;
	return done;
}

/* ---- groups ---- */

static const struct ms_tls_group groups[] = {
	{ 1, "sect163k1", 80, 0 },
	{ 2, "sect163r1", 80, 0 },
	{ 3, "sect163r2", 80, 0 },
	{ 4, "sect193r1", 96, 0 },
	{ 5, "sect193r2", 96, 0 },
	{ 6, "sect233k1", 112, 0 },
	{ 7, "sect233r1", 112, 0 },
	{ 8, "sect239k1", 119, 0 },
	{ 9, "sect283k1", 128, 0 },
	{ 10, "sect283r1", 128, 0 },
	{ 11, "sect409k1", 192, 0 },
	{ 12, "sect409r1", 192, 0 },
	{ 13, "sect571k1", 256, 0 },
	{ 14, "sect571r1", 256, 0 },
	{ 15, "secp160k1", 80, 0 },
	{ 16, "secp160r1", 80, 0 },
	{ 17, "secp160r2", 80, 0 },
	{ 18, "secp192k1", 96, 0 },
	{ 19, "secp192r1", 96, 0 },
	{ 20, "secp224k1", 112, 0 },
	{ 21, "secp224r1", 112, 0 },
	{ 22, "secp256k1", 128, 0 },
	{ 23, "secp256r1", 128, 0 },
	{ 24, "secp384r1", 192, 0 },
	{ 25, "secp521r1", 256, 0 },
	{ 26, "brainpoolP256r1", 128, 0 },
	{ 27, "brainpoolP384r1", 192, 0 },
	{ 28, "brainpoolP512r1", 256, 0 },
	{ 29, "x25519", 128, 0 },
	{ 30, "x448", 224, 0 },
	{ 31, "brainpoolP256r1tls13", 128, MS_TLS_GROUP_ONLY_13 },
	{ 32, "brainpoolP384r1tls13", 192, MS_TLS_GROUP_ONLY_13 },
	{ 33, "brainpoolP512r1tls13", 256, MS_TLS_GROUP_ONLY_13 },
	{ 34, "GC256A", 128, 0 },
	{ 35, "GC256B", 128, 0 },
	{ 36, "GC256C", 128, 0 },
	{ 37, "GC256D", 128, 0 },
	{ 38, "GC512A", 256, 0 },
	{ 39, "GC512B", 256, 0 },
	{ 40, "GC512C", 256, 0 },
	{ 41, "curveSM2", 128, MS_TLS_GROUP_ONLY_13 },
	{ 256, "ffdhe2048", 112, MS_TLS_GROUP_FINITE },
	{ 257, "ffdhe3072", 128, MS_TLS_GROUP_FINITE },
	{ 258, "ffdhe4096", 150, MS_TLS_GROUP_FINITE },
	{ 259, "ffdhe6144", 175, MS_TLS_GROUP_FINITE },
	{ 260, "ffdhe8192", 192, MS_TLS_GROUP_FINITE },
	{ 0x0200, "MLKEM512", 128, MS_TLS_GROUP_QUANTUM },
	{ 0x0201, "MLKEM768", 192, MS_TLS_GROUP_QUANTUM },
	{ 0x0202, "MLKEM1024", 256, MS_TLS_GROUP_QUANTUM },
	{ 0x11EB, "SecP256r1MLKEM768", 192, MS_TLS_GROUP_QUANTUM },
	{ 0x11EC, "X25519MLKEM768", 192, MS_TLS_GROUP_QUANTUM },
	{ 0x11ED, "SecP384r1MLKEM1024", 256, MS_TLS_GROUP_QUANTUM },
	{ 0x11EE, "curveSM2MLKEM768", 192, MS_TLS_GROUP_QUANTUM },
	{ 0x6399, "X25519Kyber768Draft00", 192, MS_TLS_GROUP_QUANTUM },
	{ 0x639A, "SecP256r1Kyber768Draft00", 192, MS_TLS_GROUP_QUANTUM },
};

const struct ms_tls_group *
ms_tls_groups(size_t *n)
{
	*n = sizeof(groups) / sizeof(groups[0]);
	return groups;
}

bool
ms_tls_group_by_code(uint16_t code, struct ms_tls_group *out)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (groups[i].code == code) {
			*out = groups[i];
			return true;
		}
	}
	memset(out, 0, sizeof(*out));
	out->code = code;
	return false;
}

/* ---- alerts ---- */

const char *
ms_tls_alert_name(int alert)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0, "close_notify" },
		{ 10, "unexpected_message" },
		{ 20, "bad_record_mac" },
		{ 21, "decryption_failed" },
		{ 22, "record_overflow" },
		{ 30, "decompression_failure" },
		{ 40, "handshake_failure" },
		{ 41, "no_certificate" },
		{ 42, "bad_certificate" },
		{ 43, "unsupported_certificate" },
		{ 44, "certificate_revoked" },
		{ 45, "certificate_expired" },
		{ 46, "certificate_unknown" },
		{ 47, "illegal_parameter" },
		{ 48, "unknown_ca" },
		{ 49, "access_denied" },
		{ 50, "decode_error" },
		{ 51, "decrypt_error" },
		{ 60, "export_restriction" },
		{ 70, "protocol_version" },
		{ 71, "insufficient_security" },
		{ 80, "internal_error" },
		{ 86, "inappropriate_fallback" },
		{ 90, "user_canceled" },
		{ 100, "no_renegotiation" },
		{ 109, "missing_extension" },
		{ 110, "unsupported_extension" },
		{ 111, "certificate_unobtainable" },
		{ 112, "unrecognized_name" },
		{ 113, "bad_certificate_status_response" },
		{ 115, "unknown_psk_identity" },
		{ 116, "certificate_required" },
		{ 120, "no_application_protocol" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == alert)
			return names[i].name;
	return NULL;
}
