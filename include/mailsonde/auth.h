/* SPDX-License-Identifier: ISC
 * auth.h - the words for results of authentication, RFC 8601 section 2.7
 */
#ifndef MAILSONDE_AUTH_H
#define MAILSONDE_AUTH_H

#include <stdbool.h>

#include "mailsonde/slice.h"

enum ms_auth_result {
	MS_AUTH_NONE, /* nothing to judge: no record, no signature */
	MS_AUTH_PASS,
	MS_AUTH_FAIL,
	MS_AUTH_SOFTFAIL, /* SPF only */
	MS_AUTH_NEUTRAL,
	MS_AUTH_POLICY,    /* good arithmetic, refused by a rule */
	MS_AUTH_TEMPERROR, /* could not tell */
	MS_AUTH_PERMERROR, /* published or written wrong */
};

/* "none", "pass", …: the words of the JSON. */
const char *ms_auth_result_name(enum ms_auth_result result);
/* Case ignored; "hardfail" and the like are not words of RFC 8601. False when
 * `text` is none of them. */
bool ms_auth_result_parse(struct ms_slice text, enum ms_auth_result *out);

#endif
