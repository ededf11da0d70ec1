/* SPDX-License-Identifier: ISC
 * names.c - the words of what is found at a server
 */
#include "probe_priv.h"

const char *
ms_probe_phase_name(enum ms_probe_phase phase)
{
	static const char *const names[] = {
		[MS_PROBE_DNS] = "dns",
		[MS_PROBE_CONNECT] = "connect",
		[MS_PROBE_BANNER] = "banner",
		[MS_PROBE_GREETING] = "greeting",
		[MS_PROBE_STARTTLS] = "starttls",
		[MS_PROBE_HANDSHAKE] = "handshake",
		[MS_PROBE_SECURED] = "secured",
		[MS_PROBE_LOGIN] = "login",
		[MS_PROBE_QUIT] = "quit",
		[MS_PROBE_DONE] = "done",
	};

	return names[phase];
}

const char *
ms_probe_starttls_name(enum ms_probe_starttls starttls)
{
	static const char *const names[] = {
		[MS_PROBE_TLS_NONE] = "none",
		[MS_PROBE_TLS_OFFERED] = "offered",
		[MS_PROBE_TLS_STRIPPED] = "stripped",
		[MS_PROBE_TLS_REJECTED] = "rejected",
		[MS_PROBE_TLS_IMPLICIT] = "implicit",
	};

	return names[starttls];
}

const char *
ms_probe_deferral_name(enum ms_probe_deferral deferral)
{
	static const char *const names[] = {
		[MS_PROBE_NOT_DEFERRED] = NULL,
		[MS_PROBE_UNAVAILABLE] = "unavailable",
		[MS_PROBE_GREYLISTED] = "greylisted",
		[MS_PROBE_RATE_LIMITED] = "rate_limited",
		[MS_PROBE_TARPIT] = "tarpit",
		[MS_PROBE_BLOCKED] = "blocked",
	};

	return names[deferral];
}

const char *
ms_probe_answer_name(enum ms_probe_answer answer)
{
	static const char *const names[] = {
		[MS_PROBE_UNTRIED] = NULL,
		[MS_PROBE_NO] = "no",
		[MS_PROBE_YES] = "yes",
		[MS_PROBE_UNKNOWN] = "unknown",
	};

	return names[answer];
}
