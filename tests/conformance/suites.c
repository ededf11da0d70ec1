/* SPDX-License-Identifier: ISC
 * suites.c - the suites and their shares: a row each
 */
#include "conform.h"

const struct suite suites[] = {
	{ "spf-rfc7208", 100, run_spf },
	{ "spf-impl", 99, run_spf },
	{ "spf-macro", 100, run_spf_macro },
	{ "spf-record", 100, run_spf_record },
	{ "dkim", 99, run_dkim },
	{ "dkim-canon", 100, run_dkim_canon },
	{ "arc", 99, run_arc },
	{ "authres", 99, run_authres },
	{ "dmarc-spec", 100, run_dmarc },
	{ "dmarc", 99, run_dmarc },
	{ "dmarc-record", 99, run_dmarc_record },
	{ "dmarc-message", 99, run_dmarc_message },
	{ "mta-sts-record", 99, run_mta_sts_record },
	{ "mta-sts-policy", 99, run_mta_sts_policy },
	{ "mta-sts-mx", 99, run_mta_sts_mx },
	{ "mta-sts-lookup", 99, run_mta_sts_lookup },
	{ "tlsrpt-record", 99, run_tls_rpt_record },
	{ "bimi-record", 99, run_bimi_record },
	{ "dmarc-report", 100, run_dmarc_report },
	{ "tlsrpt-report", 100, run_tls_report },
	{ "psl", 99, run_psl },
	{ 0 },
};
