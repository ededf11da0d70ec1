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
	{ "psl", 99, run_psl },
	{ 0 },
};
