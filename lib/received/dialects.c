/* SPDX-License-Identifier: ISC
 * dialects.c - the table of MTAs: how each is known, which reader reads it
 *
 * The rows are tried from the top; the last one takes what is left. They
 * look at items that were split once (lex.c), by plain comparison: a
 * pattern library would cost more to start than a message costs to read, and
 * backtracks where an attacker wants it to.
 */
#include "received/received_priv.h"

/* A comment in these sections begins with the text. */
static bool
comment_begins(const struct items *items, unsigned sections, const char *text)
{
	/* Most dialects are told by one, and most mail has few. */
	if (!(items->comments & sections))
		return false;
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind == ITEM_COMMENT &&
		    (items->at[i].section & sections) &&
		    ms_slice_starts(ms_slice_trim(items->at[i].text), text))
			return true;
	return false;
}

/* A comment in these sections holds the text, in its first 256 bytes. */
static bool
comment_has(const struct items *items, unsigned sections, const char *text)
{
	for (size_t i = 0; i < items->n; i++) {
		struct ms_slice head = ms_slice_part(items->at[i].text, 0, 256);

		if (items->at[i].kind == ITEM_COMMENT &&
		    (items->at[i].section & sections) &&
		    ms_slice_find_nocase(head, 0, text) < head.n)
			return true;
	}
	return false;
}

static bool
word_in(const struct items *items, unsigned sections, const char *word)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind == ITEM_WORD &&
		    (items->at[i].section & sections) &&
		    ms_slice_is(items->at[i].text, word))
			return true;
	return false;
}

enum { SERVER = IN_BY | IN_WITH | IN_VIA | IN_ID | IN_FOR };

/* Rows that are known by one beginning of the server's comment. */
#define KNOWN_BY(name, text)                                                   \
	static bool name(                                                      \
	    const struct items *items, const struct ms_received *out)          \
	{                                                                      \
		(void)out;                                                     \
		return comment_begins(items, SERVER, text);                    \
	}

/* clang-format off */
KNOWN_BY(is_postfix, "Postfix")
KNOWN_BY(is_opensmtpd, "OpenSMTPD")
KNOWN_BY(is_haraka, "Haraka")
KNOWN_BY(is_stalwart, "Stalwart")
KNOWN_BY(is_communigate, "CommuniGate")
KNOWN_BY(is_kerio, "Kerio")
KNOWN_BY(is_hmailserver, "hMailServer")
KNOWN_BY(is_cyrus, "Cyrus")
KNOWN_BY(is_mdaemon, "MDaemon")
KNOWN_BY(is_ecelerity, "ecelerity")
KNOWN_BY(is_james, "JAMES")
KNOWN_BY(is_mercury, "Mercury")
KNOWN_BY(is_coremail, "Coremail")
KNOWN_BY(is_qpsmtpd, "qpsmtpd")
KNOWN_BY(is_amavis, "amavis")
KNOWN_BY(is_momentum, "momentum")
/* clang-format on */

/* Its LMTP server has left its name out since 2.3. */
static bool
is_dovecot(const struct items *items, const struct ms_received *out)
{
	return comment_begins(items, SERVER, "Dovecot") ||
	       (ms_slice_starts(out->with, "LMTP") &&
		   comment_begins(items, IN_ID, "envelope-from"));
}

static bool
is_exim(const struct items *items, const struct ms_received *out)
{
	struct ms_slice id = out->id;

	if (comment_begins(items, SERVER, "Exim") ||
	    comment_has(items, SERVER, "exim)"))
		return true;
	/* RDNS ([IP] helo=…), or the id alone: tttttt-pppppp-ff, since 4.97
	 * tttttt-ppppppppppp-ffff. */
	if (comment_has(items, IN_FROM, "helo=") &&
	    !comment_begins(items, SERVER, "ecelerity"))
		return true;
	return (id.n == 16 || id.n == 23) && id.p[6] == '-' &&
	       id.p[id.n == 16 ? 13 : 18] == '-';
}

static bool
is_gmail(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_ends(out->by, ".google.com") ||
	       ms_slice_ends(out->by, ".gmail.com") ||
	       (ms_slice_starts(out->by, "2002:a") && out->from.n == 0) ||
	       (ms_slice_starts(out->by, "10.") && out->from.n == 0 &&
		   ms_slice_is(out->with, "SMTP"));
}

static bool
is_smtpsvc(const struct items *items, const struct ms_received *out)
{
	return ms_slice_is(out->with, "Microsoft") &&
	       (word_in(items, IN_WITH, "SMTPSVC") ||
		   !word_in(items, IN_WITH, "Server"));
}

static bool
is_exchange(const struct items *items, const struct ms_received *out)
{
	return (ms_slice_is(out->with, "Microsoft") &&
		   word_in(items, IN_WITH, "SMTP")) ||
	       ms_slice_is(out->with, "mapi") ||
	       ms_slice_ends(out->by, ".outlook.com") ||
	       ms_slice_ends(out->by, ".office365.com") ||
	       comment_begins(items, IN_BY, "Microsoft Exchange");
}

static bool
is_yahoo(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_is(out->with, "NNFMP") ||
	       (ms_slice_find_nocase(out->by, 0, ".yahoo.") < out->by.n &&
		   !ms_slice_starts(out->by, "omp"));
}

static bool
is_ses(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_ends(out->by, ".amazonaws.com") ||
	       ms_slice_ends(out->by, ".amazonses.com");
}

static bool
is_fetchmail(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return comment_begins(items, IN_ANY, "fetchmail") ||
	       comment_begins(items, IN_ANY, "getmail") ||
	       comment_begins(items, IN_ANY, "mpop");
}

static bool
is_courier(const struct items *items, const struct ms_received *out)
{
	return comment_begins(items, SERVER, "courier") ||
	       ms_slice_starts(out->id, "courier") ||
	       comment_begins(items, IN_FROM, "AUTH: ") ||
	       comment_begins(items, IN_FROM, "TLS: ") ||
	       comment_has(items, IN_FROM, "softdnserr");
}

static bool
is_domino(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return comment_begins(items, SERVER, "Lotus Domino") ||
	       comment_begins(items, SERVER, "IBM Domino") ||
	       comment_begins(items, SERVER, "HCL Domino") ||
	       comment_begins(items, SERVER, "Lotus SMTP");
}

static bool
is_oracle(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return comment_begins(items, SERVER, "Oracle") ||
	       comment_begins(items, SERVER, "iPlanet") ||
	       comment_begins(items, SERVER, "Sun Java") ||
	       comment_begins(items, SERVER, "Sun ONE") ||
	       comment_begins(items, SERVER, "PMDF") ||
	       comment_begins(items, SERVER, "Netscape");
}

static bool
is_mailenable(const struct items *items, const struct ms_received *out)
{
	return ms_slice_is(out->with, "MailEnable") ||
	       comment_begins(items, SERVER, "MailEnable");
}

static bool
is_imail(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return comment_begins(items, SERVER, "SMTPD32") ||
	       comment_begins(items, SERVER, "SMTPD-") ||
	       comment_begins(items, SERVER, "IMail");
}

static bool
is_groupwise(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return word_in(items, IN_WITH, "Novell_GroupWise") ||
	       comment_begins(items, SERVER, "GroupWise");
}

static bool
is_xmail(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_starts(out->with, "[XMail ");
}

static bool
is_zimbra(const struct items *items, const struct ms_received *out)
{
	(void)out;
	return comment_begins(items, IN_FROM, "LHLO ");
}

static bool
is_scanner(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_starts(out->with, "qmail-scanner") ||
	       ms_slice_starts(out->with, "SpamAssassin") ||
	       ms_slice_starts(out->with, "MIMEDefang") ||
	       comment_begins(items, IN_HEAD, "MIMEDefang");
}

static bool
is_facebook(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_is(out->with, "Thrift");
}

/* (qmail N invoked …), or RDNS (HELO name) (IP) by HOST with …, no id. */
static bool
is_qmail(const struct items *items, const struct ms_received *out)
{
	if (comment_begins(items, IN_HEAD, "qmail ") ||
	    comment_begins(items, IN_HEAD, "ofmipd ") ||
	    comment_begins(items, IN_HEAD, "nullmailer ") ||
	    comment_begins(items, IN_HEAD, "queue-mail "))
		return true;
	return out->from.n > 0 && out->id.n == 0 &&
	       (comment_begins(items, IN_FROM, "HELO ") ||
		   comment_begins(items, IN_FROM, "EHLO "));
}

/* (8.18.1/8.18.1) and kin, with vendors' tails. */
static bool
is_sendmail(const struct items *items, const struct ms_received *out)
{
	(void)out;
	for (size_t i = 0; i < items->n; i++) {
		struct ms_slice text = ms_slice_trim(items->at[i].text);

		if (items->at[i].kind == ITEM_COMMENT &&
		    items->at[i].section == IN_BY && text.n >= 3 &&
		    ms_is(text.p[0], MS_C_DIGIT) &&
		    ms_slice_find(ms_slice_part(text, 0, 64), 0, '/') <
			(text.n < 64 ? text.n : 64))
			return true;
	}
	return comment_begins(items, IN_BY, "Sendmail");
}

static bool
is_web(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_is(out->with, "HTTP") ||
	       ms_slice_is(out->via, "HTTP") || ms_slice_is(out->with, "HTTPU");
}

static bool
is_local(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return ms_slice_is(out->with, "local") ||
	       ms_slice_starts(out->with, "local-") ||
	       ms_slice_is(out->from, "spooler");
}

static bool
is_anything(const struct items *items, const struct ms_received *out)
{
	(void)items;
	return out->from.n > 0 || out->by.n > 0 || out->via.n > 0 ||
	       out->with.n > 0;
}

enum {
	WORD_ANY = PEER_WORD_IP | PEER_BARE_IP,
};

static const struct dialect dialects[] = {
	/* clang-format off */
	{ "fetchmail", is_fetchmail, received_peer, PEER_WORD_HELO | PEER_LOCAL },
	{ "scanner", is_scanner, received_peer_none, 0 },
	{ "postfix", is_postfix, received_peer, PEER_WORD_HELO | PEER_BARE_IP },
	{ "opensmtpd", is_opensmtpd, received_peer, PEER_WORD_HELO },
	{ "haraka", is_haraka, received_peer, PEER_WORD_HELO },
	{ "stalwart", is_stalwart, received_peer, PEER_WORD_HELO },
	{ "ecelerity", is_ecelerity, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "momentum", is_momentum, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "communigate", is_communigate, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "kerio", is_kerio, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "hmailserver", is_hmailserver, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "cyrus", is_cyrus, received_peer, PEER_WORD_HELO },
	{ "dovecot", is_dovecot, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "mdaemon", is_mdaemon, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "james", is_james, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "coremail", is_coremail, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "qpsmtpd", is_qpsmtpd, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "mercury", is_mercury, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "domino", is_domino, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "oracle", is_oracle, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "mailenable", is_mailenable, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "imail", is_imail, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "groupwise", is_groupwise, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "xmail", is_xmail, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "facebook", is_facebook, received_peer,
	    PEER_WORD_HELO | PEER_BARE_IP | PEER_KEY_IP },
	{ "amavis", is_amavis, received_peer, PEER_WORD_HELO },
	{ "gmail", is_gmail, received_peer, PEER_WORD_HELO | PEER_WORD_IP },
	{ "smtpsvc", is_smtpsvc, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "exchange", is_exchange, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "courier", is_courier, received_peer, PEER_WORD_HELO | PEER_BARE_IP },
	{ "zimbra", is_zimbra, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "ses", is_ses, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "yahoo", is_yahoo, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "exim", is_exim, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "sendmail", is_sendmail, received_peer, PEER_WORD_HELO | WORD_ANY },
	{ "qmail", is_qmail, received_peer, PEER_WORD_RDNS | WORD_ANY },
	{ "local", is_local, received_peer, PEER_WORD_HELO | PEER_LOCAL },
	{ "web", is_web, received_peer, WORD_ANY },
	{ "general", is_anything, received_peer, WORD_ANY },
	/* clang-format on */
};

enum { N_DIALECTS = sizeof(dialects) / sizeof(dialects[0]) };

const struct dialect *
received_dialect(const struct items *items, const struct ms_received *out)
{
	for (size_t i = 0; i < N_DIALECTS; i++)
		if (dialects[i].recognise(items, out))
			return &dialects[i];
	return NULL;
}

/* The names in the order of the table; a second list, so that nothing has to
 * be filled at run time. test_parse.c holds it against the table. */
static const char *const names[] = {
	"fetchmail",
	"scanner",
	"postfix",
	"opensmtpd",
	"haraka",
	"stalwart",
	"ecelerity",
	"momentum",
	"communigate",
	"kerio",
	"hmailserver",
	"cyrus",
	"dovecot",
	"mdaemon",
	"james",
	"coremail",
	"qpsmtpd",
	"mercury",
	"domino",
	"oracle",
	"mailenable",
	"imail",
	"groupwise",
	"xmail",
	"facebook",
	"amavis",
	"gmail",
	"smtpsvc",
	"exchange",
	"courier",
	"zimbra",
	"ses",
	"yahoo",
	"exim",
	"sendmail",
	"qmail",
	"local",
	"web",
	"general",
};

const char *const *
ms_received_dialects(size_t *n)
{
	*n = sizeof(names) / sizeof(names[0]);
	return names;
}

const char *
received_dialect_name(size_t i)
{
	return i < N_DIALECTS ? dialects[i].name : NULL;
}
