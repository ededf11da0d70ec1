/* SPDX-License-Identifier: ISC
 * checks.c - the table of checks: one row each
 */
#include "mailsonde/check.h"

extern const struct ms_check check_sender_display_name, check_sender_reply_to,
    check_sender_return_path, check_sender_fields, check_sender_message_id,
    check_sender_hidden, check_sender_idn, check_auth_claimed,
    check_auth_claim_differs, check_dkim_broken, check_dkim_cover,
    check_spf_sender, check_dmarc_author, check_dkim_length, check_dkim_weak,
    check_arc_broken, check_trace_shape, check_trace_continuity,
    check_trace_helo, check_trace_loop, check_trace_zone, check_trace_time,
    check_trace_form, check_trace_origin, check_link_target, check_link_host,
    check_link_remote, check_attachment_name, check_attachment_type,
    check_attachment_encrypted;

static const struct ms_check *const checks[] = {
	&check_sender_display_name,
	&check_sender_reply_to,
	&check_sender_return_path,
	&check_sender_fields,
	&check_sender_message_id,
	&check_sender_hidden,
	&check_sender_idn,
	&check_auth_claimed,
	&check_auth_claim_differs,
	&check_dmarc_author,
	&check_spf_sender,
	&check_dkim_broken,
	&check_dkim_cover,
	&check_dkim_length,
	&check_dkim_weak,
	&check_arc_broken,
	&check_trace_shape,
	&check_trace_continuity,
	&check_trace_helo,
	&check_trace_loop,
	&check_trace_zone,
	&check_trace_time,
	&check_trace_form,
	&check_trace_origin,
	&check_link_target,
	&check_link_host,
	&check_link_remote,
	&check_attachment_name,
	&check_attachment_type,
	&check_attachment_encrypted,
	NULL,
};

const struct ms_check *const *
ms_checks(void)
{
	return checks;
}

void
ms_checks_run(const struct ms_case *subject, unsigned have, unsigned only,
    struct ms_report *report)
{
	for (const struct ms_check *const *c = checks; *c; c++)
		if (((*c)->needs & ~have) == 0 && (~(*c)->needs & only) == 0)
			(*c)->run(*c, subject, report);
}
