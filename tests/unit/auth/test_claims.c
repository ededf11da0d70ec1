/* SPDX-License-Identifier: ISC
 * test_claims.c - which fields claim authentication results
 */
#include "test.h"

#include "mailsonde/authres.h"

static const struct {
	const char *header;
	const char *want; /* "field-number method=result …", claims by '|' */
} cases[] = {
	{ "From: a@example.org\n\n", "" },
	{ "Authentication-Results: mx.example.org; spf=pass "
	  "smtp.mailfrom=a@example.net; dkim=fail header.d=example.net\n\n",
	    "spf=pass dkim=fail" },
	{ "Authentication-Results-Original: spf=none (sender IP is "
	  "192.0.2.1) smtp.mailfrom=example.net\n\n",
	    "spf=none" },
	{ "X-Spam-Status: No, score=-2.1 required=5.0 tests=BAYES_00,\n"
	  "\tDKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,SPF_HELO_NONE,SPF_PASS "
	  "autolearn=ham\n\n",
	    "dkim=pass spf=pass" },
	{ "X-Spam-Status: No, score=0.0 tests=none\n\n", "" },
	{ "X-Spamd-Result: default: False [2.5 / 15.00];\n"
	  "\tR_SPF_SOFTFAIL(0.00)[~all];\n"
	  "\tDMARC_POLICY_REJECT(2.00)[example.net : SPF not aligned, "
	  "reject]\n\n",
	    "spf=softfail dmarc=fail" },
	{ "X-SID-Result: PASS\nX-AUTH-Result: NONE\n\n",
	    "sender-id=pass|auth=none" },
	{ "X-SID-Result: certainly\n\n", "" },
	{ "X-AOL-SPF: domain : example.net SPF : fail\n\n", "spf=fail" },
	{ "Received-SPF: Pass (mx: domain of example.net designates "
	  "192.0.2.7) client-ip=192.0.2.7; receiver=mx;\n"
	  "X-SPF-Result: softfail\n\n",
	    "spf=pass|spf=softfail" },
};

static void
test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct test_parse t;
		struct ms_header header;
		struct ms_claims claims;
		struct ms_buf got;

		test_parse_init(&t);
		ms_header_parse(
		    &t.parse, ms_slice_from(cases[i].header), 0, &header);
		ms_claims_read(&t.parse, &header, &claims);
		ms_buf_init(&got, t.arena);
		for (size_t c = 0; c < claims.n; c++) {
			for (size_t m = 0; m < claims.list[c].n; m++) {
				ms_buf_text(&got, m ? " " : c ? "|" : "");
				ms_buf_slice(
				    &got, claims.list[c].methods[m].method);
				ms_buf_byte(&got, '=');
				ms_buf_slice(
				    &got, claims.list[c].methods[m].result);
			}
		}
		assert_slice(ms_buf_get(&got), cases[i].want);
		test_parse_done(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fields) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
