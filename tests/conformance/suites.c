/* SPDX-License-Identifier: ISC
 * suites.c - the suites and their shares: a row each
 */
#include "conform.h"

const struct suite suites[] = {
	{ "dmarc-spec", 100, run_dmarc },
	{ "dmarc", 99, run_dmarc },
	{ "dmarc-record", 99, run_dmarc_record },
	{ "psl", 99, run_psl },
	{ "authres", 99, run_authres },
	{ 0 },
};
