/* SPDX-License-Identifier: ISC
 * extension.c - the extensions of SMTP that a server is judged by
 */
#include "mailsonde/probe.h"

static const struct ms_smtp_extension extensions[] = {
	{ "SIZE", "says before what is too large", "RFC 1870", true },
	{ "8BITMIME", "takes text beyond ASCII as it is", "RFC 6152", true },
	{ "PIPELINING", "takes several commands at once", "RFC 2920", true },
	{ "ENHANCEDSTATUSCODES", "says exactly why it refuses", "RFC 2034",
	    true },
	{ "SMTPUTF8", "takes addresses beyond ASCII", "RFC 6531", false },
	{ "CHUNKING", "takes large mail in pieces", "RFC 3030", false },
	{ "DSN", "reports delivery on request", "RFC 3461", false },
	{ "REQUIRETLS", "takes mail that must stay within TLS", "RFC 8689",
	    false },
	{ NULL, NULL, NULL, false },
};

const struct ms_smtp_extension *
ms_smtp_extensions(void)
{
	return extensions;
}
