/* SPDX-License-Identifier: ISC
 * settings_priv.h - asking for what mail programs are told over HTTPS
 */
#ifndef MAILSONDE_SETTINGS_PRIV_H
#define MAILSONDE_SETTINGS_PRIV_H

#include "mailsonde/fetch_url.h"
#include "mailsonde/settings_xml.h"

enum settings_kind {
	SETTINGS_AUTOCONFIG_HOST, /* autoconfig.DOMAIN */
	SETTINGS_AUTOCONFIG_SITE, /* DOMAIN/.well-known/autoconfig */
	SETTINGS_AUTODISCOVER,    /* autodiscover.DOMAIN, [MS-OXDSCLI] */
};

struct settings_document {
	const char *url;
	struct ms_fetch fetch;
	bool page; /* a site that has a page for whatever is asked of it */
	struct ms_mail_settings settings; /* where something was found */
};

/* Fetches and reads it, in the name of an address. */
void settings_ask(const struct ms_env *env, struct ms_arena *arena,
    enum settings_kind kind, struct ms_slice domain, struct ms_slice address,
    struct settings_document *out);

#endif
