/* SPDX-License-Identifier: ISC
 * lists.c - the table of block and allow lists
 *
 * Lists that are run, answer whoever asks sparingly, and say what their codes
 * mean. The weight is by how many receivers refuse mail for them: high and
 * medium is what senders have to care about.
 */
#include "mailsonde/dnsbl.h"

#define LEN(a) (sizeof(a) / sizeof(*(a)))

/* 127.0.third.from to 127.0.third.to; any third octet; one bit of the last. */
#define CODE(third, first, last)                                               \
	.from = { 127, 0, third, first }, .to = { 127, 0, third, last }
#define ANY_THIRD(last) .from = { 127, 0, 0, last }, .to = { 127, 0, 255, last }
#define BIT(bit)        CODE(0, 0, 255), .bits = (bit)

/* clang-format off */

static const struct ms_dnsbl_code zen[] = {
	{ CODE(0, 2, 2), 0, false, MS_SEVERITY_HIGH, "a source of spam (SBL)" },
	{ CODE(0, 3, 3), 0, false, MS_SEVERITY_HIGH, "a source of spam (CSS)" },
	{ CODE(0, 4, 7), 0, false, MS_SEVERITY_HIGH, "hijacked or infected (XBL)" },
	{ CODE(0, 9, 9), 0, false, MS_SEVERITY_HIGH, "a hijacked network (DROP)" },
	{ CODE(0, 10, 11), 0, false, MS_SEVERITY_LOW, "a range that should not send mail itself (PBL)" },
};

static const struct ms_dnsbl_code mailspike_block[] = {
	{ CODE(0, 2, 2), 0, false, MS_SEVERITY_LOW, "took part in a wave of spam" },
	{ CODE(0, 10, 10), 0, false, MS_SEVERITY_LOW, "the worst reputation" },
	{ CODE(0, 11, 11), 0, false, MS_SEVERITY_LOW, "a very bad reputation" },
	{ CODE(0, 12, 12), 0, false, MS_SEVERITY_LOW, "a bad reputation" },
};

static const struct ms_dnsbl_code spamrats[] = {
	{ CODE(0, 36, 36), 0, false, MS_SEVERITY_LOW, "a dynamic range (RATS-Dyna)" },
	{ CODE(0, 37, 37), 0, false, MS_SEVERITY_LOW, "no reverse name (RATS-NoPtr)" },
	{ CODE(0, 38, 38), 0, false, MS_SEVERITY_LOW, "a source of spam (RATS-Spam)" },
	{ CODE(0, 43, 43), 0, false, MS_SEVERITY_LOW, "tries passwords (RATS-Auth)" },
};

static const struct ms_dnsbl_code dronebl[] = {
	{ CODE(0, 3, 3), 0, false, MS_SEVERITY_LOW, "a drone of IRC" },
	{ CODE(0, 5, 5), 0, false, MS_SEVERITY_LOW, "a bottler" },
	{ CODE(0, 6, 6), 0, false, MS_SEVERITY_LOW, "a spambot or drone" },
	{ CODE(0, 7, 7), 0, false, MS_SEVERITY_LOW, "a drone that floods others" },
	{ CODE(0, 8, 11), 0, false, MS_SEVERITY_LOW, "an open proxy" },
	{ CODE(0, 12, 12), 0, false, MS_SEVERITY_INFO, "an open resolver of the DNS" },
	{ CODE(0, 13, 13), 0, false, MS_SEVERITY_LOW, "tries passwords" },
	{ CODE(0, 14, 14), 0, false, MS_SEVERITY_LOW, "an open Wingate proxy" },
	{ CODE(0, 15, 15), 0, false, MS_SEVERITY_LOW, "a router that was broken into" },
	{ CODE(0, 16, 17), 0, false, MS_SEVERITY_LOW, "a worm or botnet" },
	{ CODE(0, 19, 19), 0, false, MS_SEVERITY_INFO, "a VPN that is abused" },
};

static const struct ms_dnsbl_code dnswl[] = {
	{ CODE(0, 255, 255), 0, true, MS_SEVERITY_INFO, "too many questions from this resolver" },
	{ ANY_THIRD(0), 0, false, MS_SEVERITY_INFO, "known, and no more than that" },
	{ ANY_THIRD(1), 0, false, MS_SEVERITY_INFO, "trusted a little" },
	{ ANY_THIRD(2), 0, false, MS_SEVERITY_INFO, "trusted" },
	{ ANY_THIRD(3), 0, false, MS_SEVERITY_INFO, "trusted highly" },
};

static const struct ms_dnsbl_code mailspike_allow[] = {
	{ CODE(0, 17, 17), 0, false, MS_SEVERITY_INFO, "possibly a good sender" },
	{ CODE(0, 18, 18), 0, false, MS_SEVERITY_INFO, "a good reputation" },
	{ CODE(0, 19, 19), 0, false, MS_SEVERITY_INFO, "a very good reputation" },
	{ CODE(0, 20, 20), 0, false, MS_SEVERITY_INFO, "an excellent reputation" },
};

static const struct ms_dnsbl_code dbl[] = {
	{ CODE(1, 2, 2), 0, false, MS_SEVERITY_HIGH, "spam" },
	{ CODE(1, 4, 4), 0, false, MS_SEVERITY_HIGH, "phishing" },
	{ CODE(1, 5, 5), 0, false, MS_SEVERITY_HIGH, "malware" },
	{ CODE(1, 6, 6), 0, false, MS_SEVERITY_HIGH, "the control of a botnet" },
	{ CODE(1, 102, 106), 0, false, MS_SEVERITY_HIGH, "a good domain that is abused" },
	{ CODE(1, 255, 255), 0, true, MS_SEVERITY_INFO, "addresses are not to be asked for here" },
};

static const struct ms_dnsbl_code surbl[] = {
	{ BIT(4), false, MS_SEVERITY_MEDIUM, "throw-away addresses (DM)" },
	{ BIT(8), false, MS_SEVERITY_HIGH, "phishing (PH)" },
	{ BIT(16), false, MS_SEVERITY_HIGH, "malware (MW)" },
	{ BIT(32), false, MS_SEVERITY_LOW, "counts clicks (CT)" },
	{ BIT(64), false, MS_SEVERITY_HIGH, "spam (ABUSE)" },
	{ BIT(128), false, MS_SEVERITY_HIGH, "a site that was broken into (CR)" },
};

static const struct ms_dnsbl_code uribl[] = {
	{ BIT(2), false, MS_SEVERITY_HIGH, "spam (black)" },
	{ BIT(4), false, MS_SEVERITY_LOW, "mail in bulk that some did not ask for (grey)" },
	{ BIT(8), false, MS_SEVERITY_LOW, "new, or under watch (red)" },
};

/* clang-format on */

static const struct ms_dnsbl table[] = {
	{
	    .zone = "zen.spamhaus.org",
	    .kinds = MS_DNSBL_IP4 | MS_DNSBL_IP6,
	    .weight = MS_SEVERITY_HIGH,
	    .codes = zen,
	    .codes_n = LEN(zen),
	    .page = "https://check.spamhaus.org/",
	    .note = "free for few questions from a resolver of one's own; "
		    "public resolvers are refused",
	},
	{
	    .zone = "bl.spamcop.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_HIGH,
	    .page = "https://www.spamcop.net/bl.shtml",
	    .note = "who is reported no more goes off by itself in a day",
	},
	{
	    .zone = "b.barracudacentral.org",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_HIGH,
	    .page = "https://www.barracudacentral.org/rbl/removal-request",
	    .note = "the resolver's address has to be registered, free of "
		    "charge",
	},
	{
	    .zone = "psbl.surriel.com",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_MEDIUM,
	    .page = "https://psbl.org/",
	},
	{
	    .zone = "bl.mailspike.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .codes = mailspike_block,
	    .codes_n = LEN(mailspike_block),
	    .page = "https://mailspike.org/",
	    .note = "up to 100,000 questions a day",
	},
	{
	    .zone = "bl.spameatingmonkey.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .page = "https://spameatingmonkey.com/lookup",
	    .note = "public resolvers are refused",
	},
	{
	    .zone = "all.spamrats.com",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .codes = spamrats,
	    .codes_n = LEN(spamrats),
	    .page = "https://www.spamrats.com/lookup.php",
	},
	{
	    .zone = "dnsbl.dronebl.org",
	    .kinds = MS_DNSBL_IP4 | MS_DNSBL_IP6,
	    .weight = MS_SEVERITY_LOW,
	    .codes = dronebl,
	    .codes_n = LEN(dronebl),
	    .page = "https://dronebl.org/lookup",
	},
	{
	    .zone = "bl.blocklist.de",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .page = "https://www.blocklist.de/en/search.html",
	    .note = "who attacks no more goes off by itself in two days",
	},
	{
	    .zone = "truncate.gbudb.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .page = "https://www.gbudb.com/truncate/",
	},
	{
	    .zone = "dnsbl-1.uceprotect.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_LOW,
	    .page = "https://www.uceprotect.net/en/rblcheck.php",
	    .note = "goes off by itself in seven days; nobody has to pay",
	},
	{
	    .zone = "dnsbl-2.uceprotect.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_INFO,
	    .page = "https://www.uceprotect.net/en/rblcheck.php",
	    .note = "lists a network for its neighbours",
	},
	{
	    .zone = "dnsbl-3.uceprotect.net",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_INFO,
	    .page = "https://www.uceprotect.net/en/rblcheck.php",
	    .note = "lists all of a provider",
	},
	{
	    .zone = "ips.backscatterer.org",
	    .kinds = MS_DNSBL_IP4,
	    .weight = MS_SEVERITY_INFO,
	    .page = "https://www.backscatterer.org/",
	    .note = "lists servers that bounce or call back to strangers",
	},
	{
	    .zone = "list.dnswl.org",
	    .kinds = MS_DNSBL_IP4 | MS_DNSBL_IP6,
	    .allow = true,
	    .codes = dnswl,
	    .codes_n = LEN(dnswl),
	    .page = "https://www.dnswl.org/",
	    .note = "up to 100,000 questions a day; public resolvers are "
		    "refused",
	},
	{
	    .zone = "wl.mailspike.net",
	    .kinds = MS_DNSBL_IP4,
	    .allow = true,
	    .codes = mailspike_allow,
	    .codes_n = LEN(mailspike_allow),
	    .page = "https://mailspike.org/",
	    .note = "up to 100,000 questions a day",
	},
	{
	    .zone = "dbl.spamhaus.org",
	    .kinds = MS_DNSBL_NAMES,
	    .weight = MS_SEVERITY_HIGH,
	    .listed = "dbltest.com",
	    .unlisted = "example.com",
	    .codes = dbl,
	    .codes_n = LEN(dbl),
	    .page = "https://check.spamhaus.org/",
	    .note = "free for few questions from a resolver of one's own; "
		    "public resolvers are refused",
	},
	{
	    .zone = "multi.surbl.org",
	    .kinds = MS_DNSBL_NAMES,
	    .registered = true,
	    .weight = MS_SEVERITY_HIGH,
	    .listed = "test.surbl.org",
	    .unlisted = "example.com",
	    .codes = surbl,
	    .codes_n = LEN(surbl),
	    .page = "https://www.surbl.org/surbl-analysis",
	    .note = "free for few questions; public resolvers are refused",
	},
	{
	    .zone = "multi.uribl.com",
	    .kinds = MS_DNSBL_NAMES,
	    .registered = true,
	    .weight = MS_SEVERITY_HIGH,
	    .listed = "test.uribl.com",
	    .unlisted = "example.com",
	    .codes = uribl,
	    .codes_n = LEN(uribl),
	    .page = "https://lookup.uribl.com/",
	    .note = "free for few questions from a resolver of one's own; "
		    "public resolvers are refused",
	},
};

const struct ms_dnsbl *
ms_dnsbl_table(size_t *n)
{
	*n = LEN(table);
	return table;
}
