/* SPDX-License-Identifier: ISC
 * result.c - the words for results of authentication, RFC 8601 section 2.7
 */
#include "mailsonde/auth.h"

static const char *const names[] = {
	[MS_AUTH_NONE] = "none",
	[MS_AUTH_PASS] = "pass",
	[MS_AUTH_FAIL] = "fail",
	[MS_AUTH_SOFTFAIL] = "softfail",
	[MS_AUTH_NEUTRAL] = "neutral",
	[MS_AUTH_POLICY] = "policy",
	[MS_AUTH_TEMPERROR] = "temperror",
	[MS_AUTH_PERMERROR] = "permerror",
};

const char *
ms_auth_result_name(enum ms_auth_result result)
{
	return names[result];
}

bool
ms_auth_result_parse(struct ms_slice text, enum ms_auth_result *out)
{
	for (int r = MS_AUTH_NONE; r <= MS_AUTH_PERMERROR; r++) {
		if (ms_slice_is(text, names[r])) {
			*out = (enum ms_auth_result)r;
			return true;
		}
	}
	return false;
}
