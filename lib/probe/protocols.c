/* SPDX-License-Identifier: ISC
 * protocols.c - the protocols of mail, one row each
 */
#include "probe_priv.h"

static const struct ms_protocol smtp = {
	.name = "smtp",
	.port = 25,
	.service = MS_PROBE_SMTP,
	.title = "mail between servers",
	.reference = "RFC 5321",
	.talk = probe_smtp,
};

static const struct ms_protocol submission = {
	.name = "submission",
	.port = 587,
	.service = MS_PROBE_SUBMISSION,
	.title = "message submission",
	.reference = "RFC 6409",
	.talk = probe_smtp,
};

static const struct ms_protocol submissions = {
	.name = "submissions",
	.port = 465,
	.service = MS_PROBE_SUBMISSION,
	.implicit_tls = true,
	.title = "message submission over TLS",
	.reference = "RFC 8314 section 3.3",
	.talk = probe_smtp,
};

static const struct ms_protocol lmtp = {
	.name = "lmtp",
	.port = 24,
	.service = MS_PROBE_LMTP,
	.title = "local delivery",
	.reference = "RFC 2033",
	.talk = probe_smtp,
};

static const struct ms_protocol imap = {
	.name = "imap",
	.port = 143,
	.service = MS_PROBE_IMAP,
	.title = "access to mailboxes",
	.reference = "RFC 9051",
	.talk = probe_imap,
};

static const struct ms_protocol imaps = {
	.name = "imaps",
	.port = 993,
	.service = MS_PROBE_IMAP,
	.implicit_tls = true,
	.title = "access to mailboxes over TLS",
	.reference = "RFC 8314 section 3.2",
	.talk = probe_imap,
};

static const struct ms_protocol pop3 = {
	.name = "pop3",
	.port = 110,
	.service = MS_PROBE_POP3,
	.title = "fetching of mail",
	.reference = "RFC 1939",
	.talk = probe_pop3,
};

static const struct ms_protocol pop3s = {
	.name = "pop3s",
	.port = 995,
	.service = MS_PROBE_POP3,
	.implicit_tls = true,
	.title = "fetching of mail over TLS",
	.reference = "RFC 8314 section 3.1",
	.talk = probe_pop3,
};

static const struct ms_protocol sieve = {
	.name = "sieve",
	.port = 4190,
	.service = MS_PROBE_SIEVE,
	.title = "filters of mail",
	.reference = "RFC 5804",
	.talk = probe_sieve,
};

static const struct ms_protocol activesync = {
	.name = "activesync",
	.port = 443,
	.service = MS_PROBE_HTTPS,
	.implicit_tls = true,
	.title = "Exchange ActiveSync",
	.reference = "MS-ASHTTP section 2.2.3",
	.talk = probe_https,
};

static const struct ms_protocol autodiscover = {
	.name = "autodiscover",
	.port = 443,
	.service = MS_PROBE_HTTPS,
	.implicit_tls = true,
	.title = "Autodiscover of client settings",
	.reference = "MS-OXDSCLI section 2.2.3",
	.talk = probe_https,
};

static const struct ms_protocol *const protocols[] = {
	&smtp,
	&submission,
	&submissions,
	&imap,
	&imaps,
	&pop3,
	&pop3s,
	&sieve,
	&lmtp,
	&activesync,
	&autodiscover,
	NULL,
};

const struct ms_protocol *const *
ms_protocols(void)
{
	return protocols;
}

const struct ms_protocol *
ms_protocol_by_name(struct ms_slice scheme)
{
	for (size_t i = 0; protocols[i]; i++)
		if (ms_slice_equal_nocase(
			scheme, ms_slice_from(protocols[i]->name)))
			return protocols[i];
	return NULL;
}

const struct ms_protocol *
ms_protocol_by_port(uint16_t port)
{
	for (size_t i = 0; protocols[i]; i++)
		if (protocols[i]->port == port)
			return protocols[i];
	return NULL;
}
