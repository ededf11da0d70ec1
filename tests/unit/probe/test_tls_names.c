/* SPDX-License-Identifier: ISC
 * test_tls_names.c - names and code points, against OpenSSL's own list
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

#include "mailsonde/tls_scan.h"

static void
test_suites(void **state)
{
	static const struct {
		uint32_t code;
		const char *name, *openssl;
		unsigned bits, flags;
	} rows[] = {
		{ 0x1302, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384",
		    256,
		    MS_TLS_FORWARD_SECRECY | MS_TLS_AEAD | MS_TLS_ONLY_12 |
			MS_TLS_ONLY_13 },
		{ 0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
		    "ECDHE-RSA-AES128-GCM-SHA256", 128,
		    MS_TLS_FORWARD_SECRECY | MS_TLS_AEAD | MS_TLS_ONLY_12 |
			MS_TLS_CURVE },
		{ 0x0005, "TLS_RSA_WITH_RC4_128_SHA", "RC4-SHA", 128,
		    MS_TLS_RC4 },
		{ 0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", "ADH-AES128-SHA",
		    128,
		    MS_TLS_CBC | MS_TLS_ANONYMOUS | MS_TLS_FORWARD_SECRECY |
			MS_TLS_FINITE },
		{ 0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA",
		    "EXP-EDH-RSA-DES-CBC-SHA", 40,
		    MS_TLS_CBC | MS_TLS_OLD | MS_TLS_EXPORT |
			MS_TLS_FORWARD_SECRECY | MS_TLS_FINITE },
		{ 0xC001, "TLS_ECDH_ECDSA_WITH_NULL_SHA", "ECDH-ECDSA-NULL-SHA",
		    0,
		    MS_TLS_PLAIN | MS_TLS_CURVE | MS_TLS_STATIC |
			MS_TLS_ECDSA },
		{ 0xC103, "TLS_KUZNYECHIK_MGM_L", "", 256,
		    MS_TLS_FORWARD_SECRECY | MS_TLS_AEAD | MS_TLS_ONLY_12 |
			MS_TLS_ONLY_13 },
		{ 0x0700C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "DES-CBC3-MD5",
		    112, MS_TLS_CBC | MS_TLS_OLD | MS_TLS_ONLY_SSL2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ms_tls_suite s;

		assert_true(ms_tls_suite_by_code(rows[i].code, &s));
		assert_string_equal(s.name, rows[i].name);
		assert_string_equal(s.openssl, rows[i].openssl);
		assert_int_equal(s.bits, rows[i].bits);
		assert_int_equal(s.flags, rows[i].flags);
		assert_int_equal(s.code, rows[i].code);
	}
}

static void
test_unknown(void **state)
{
	static const uint32_t codes[] = { 0, 0x00FF, 0x5600, 0x0A0A, 0xC0FF,
		0xFFFF };
	struct ms_tls_suite s;
	struct ms_tls_group g;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_false(ms_tls_suite_by_code(codes[i], &s));
	assert_string_equal(s.name, "0xFFFF");
	assert_false(ms_tls_group_by_code(0x4A4A, &g));
	assert_int_equal(g.code, 0x4A4A);
	assert_null(g.name);
	assert_null(ms_tls_version_name(0x0305));
	assert_null(ms_tls_alert_name(99));
}

/* No code stands twice, no name either. */
static void
test_all(void **state)
{
	static struct ms_tls_suite all[MS_TLS_SUITES];
	uint32_t codes[MS_TLS_SUITES];
	size_t n = ms_tls_suite_codes(codes, MS_TLS_SUITES), groups_n;
	const struct ms_tls_group *groups = ms_tls_groups(&groups_n);

	(void)state;
	assert_true(n > 330 && n <= MS_TLS_SUITES);
	for (size_t i = 0; i < n; i++) {
		assert_true(ms_tls_suite_by_code(codes[i], &all[i]));
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(codes[i], codes[j]);
			assert_string_not_equal(all[i].name, all[j].name);
		}
	}
	for (size_t i = 1; i < groups_n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(groups[i].code, groups[j].code);
}

/* "0xC0,0x2C - TLS_ECDHE_… - ECDHE-… TLSv1.2 …" */
static void
check_line(const char *line, size_t *n)
{
	struct ms_tls_suite s;
	unsigned high, low;
	char name[80], openssl[80];

	if (sscanf(line, " 0x%x,0x%x - %79s - %79s", &high, &low, name,
		openssl) != 4)
		return;
	assert_true(ms_tls_suite_by_code(high << 8 | low, &s));
	assert_string_equal(s.name, name);
	assert_string_equal(s.openssl, openssl);
	(*n)++;
}

static void
test_openssl(void **state)
{
	FILE *list = popen("openssl ciphers -V -stdname "
			   "ALL:COMPLEMENTOFALL:@SECLEVEL=0 2>/dev/null",
	    "r");
	char line[512];
	size_t n = 0;

	(void)state;
	assert_non_null(list);
	while (fgets(line, sizeof(line), list))
		check_line(line, &n);
	pclose(list);
	if (n == 0)
		skip();
	assert_true(n > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
