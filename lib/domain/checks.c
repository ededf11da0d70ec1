/* SPDX-License-Identifier: ISC
 * checks.c - the table of a domain's checks: one row each
 */
#include "mailsonde/domain.h"

extern const struct ms_domain_check domain_check_ns;
extern const struct ms_domain_check domain_check_dnssec;
extern const struct ms_domain_check domain_check_mx;
extern const struct ms_domain_check domain_check_ptr;
extern const struct ms_domain_check domain_check_spf;
extern const struct ms_domain_check domain_check_dkim;
extern const struct ms_domain_check domain_check_dmarc;
extern const struct ms_domain_check domain_check_mta_sts;
extern const struct ms_domain_check domain_check_tls_rpt;
extern const struct ms_domain_check domain_check_dane;
extern const struct ms_domain_check domain_check_bimi;
extern const struct ms_domain_check domain_check_caa;
extern const struct ms_domain_check domain_check_settings;
extern const struct ms_domain_check domain_check_dnsbl;

static const struct ms_domain_check *const checks[] = {
	&domain_check_ns,
	&domain_check_dnssec,
	&domain_check_mx,
	&domain_check_ptr,
	&domain_check_spf,
	&domain_check_dkim,
	&domain_check_dmarc,
	&domain_check_mta_sts,
	&domain_check_tls_rpt,
	&domain_check_dane,
	&domain_check_bimi,
	&domain_check_caa,
	&domain_check_settings,
	&domain_check_dnsbl,
	NULL,
};

const struct ms_domain_check *const *
ms_domain_checks(void)
{
	return checks;
}
