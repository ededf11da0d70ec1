/* SPDX-License-Identifier: ISC
 * secure.c - TLS, authenticated submission and envelope, in the comments
 *
 *   (using TLSv1.3 with cipher C (256/256 bits))       Postfix, Stalwart
 *   (version=TLS1_2, cipher=C)                         Exchange, Gmail, Haraka
 *   (TLS1.3:C:256) (Cipher TLSv1:C:168) (TLS1.3) tls C Exim
 *   (TLSv1.3:C:256:NO)                                 OpenSMTPD
 *   (TLS: TLSv1/SSLv3,168bits,C)                       Courier
 *   (C encrypted)                                      qmail
 *
 * What `with` says alone: RFC 3848, RFC 6531 4.3, and older words.
 */
#include "received/received_priv.h"

static const struct {
	const char *word;
	bool tls, authenticated;
} types[] = {
	{ "SMTPS", true, false },
	{ "ESMTPS", true, false },
	{ "SSMTP", true, false },
	{ "ESMTPA", false, true },
	{ "ASMTP", false, true },
	{ "SMTPA", false, true },
	{ "ESMTPSA", true, true },
	{ "SMTPSA", true, true },
	{ "LMTPS", true, false },
	{ "LMTPA", false, true },
	{ "LMTPSA", true, true },
	{ "UTF8SMTPS", true, false },
	{ "UTF8SMTPA", false, true },
	{ "UTF8SMTPSA", true, true },
	{ "UTF8LMTPS", true, false },
	{ "UTF8LMTPA", false, true },
	{ "UTF8LMTPSA", true, true },
	{ "UTF8ESMTPS", true, false },
	{ "UTF8ESMTPA", false, true },
	{ "UTF8ESMTPSA", true, true },
	{ "HTTPS", true, false },
	{ "QMTPS", true, false },
	/* Web mail: whoever wrote had logged in. */
	{ "HTTP", false, true },
	{ "HTTPU", false, true },
	{ "HTTPREST", false, true },
};

static void
judge_type(struct ms_slice word, struct ms_received *out)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!ms_slice_is(word, types[i].word))
			continue;
		out->tls = out->tls || types[i].tls;
		out->authenticated =
		    out->authenticated || types[i].authenticated;
		return;
	}
}

static bool
is_version(struct ms_slice s)
{
	return (ms_slice_starts(s, "TLS") && s.n <= 16 && s.n > 3 &&
		   (s.p[3] == 'v' || s.p[3] == 'V' ||
		       ms_is(s.p[3], MS_C_DIGIT))) ||
	       (ms_slice_starts(s, "SSL") && s.n <= 16) ||
	       ms_slice_starts(s, "DTLS");
}

static void
keep(struct ms_slice *to, struct ms_slice value)
{
	while (value.n > 0 &&
	       (value.p[value.n - 1] == ',' || value.p[value.n - 1] == ';'))
		value.n--;
	if (to->p == NULL && value.n > 0)
		*to = value;
}

/* VERSION:CIPHER:BITS[:VERIFIED] */
static bool
read_colons(struct ms_slice piece, struct ms_received *out)
{
	struct ms_scan s = ms_scan_init(piece);
	struct ms_slice version = ms_scan_through(&s, ':');

	if (ms_slice_is(version, "X=") || !is_version(version))
		return false;
	out->tls = true;
	keep(&out->tls_version, version);
	keep(&out->tls_cipher, ms_scan_to(&s, ':'));
	return true;
}

static struct ms_slice
after(struct ms_slice piece, const char *prefix)
{
	return ms_slice_part(piece, strlen(prefix), piece.n);
}

static struct ms_slice
without_angles(struct ms_slice s)
{
	s = ms_slice_trim(s);
	if (s.n > 0 && s.p[0] == '<')
		s = ms_slice_part(s, 1, s.n);
	if (s.n > 0 && s.p[s.n - 1] == '>')
		s.n--;
	return s;
}

/* Words of a comment that say who is logged in; the next piece is the user.
 * Each stands where only the server can have put it. */
static bool
read_user(struct ms_slice piece, struct ms_scan *scan, struct ms_received *out)
{
	struct ms_slice user;

	if (ms_slice_is(piece, "account")) {
		out->authenticated = true;
		if (received_piece(scan, &user))
			keep(&out->auth_user, user);
		return true;
	}
	if (ms_slice_starts(piece, "auth=") && piece.n > 5) {
		out->authenticated = true;
		keep(&out->auth_user, after(piece, "auth="));
		return true;
	}
	return false;
}

static void
read_pieces(struct ms_slice text, struct ms_received *out)
{
	struct ms_scan scan = ms_scan_init(text);
	struct ms_slice piece, last = { NULL, 0 };

	for (size_t i = 0; i < 24 && received_piece(&scan, &piece); i++) {
		if (ms_slice_starts(piece, "version="))
			keep(&out->tls_version, after(piece, "version="));
		else if (ms_slice_starts(piece, "cipher="))
			keep(&out->tls_cipher, after(piece, "cipher="));
		else if (ms_slice_is(piece, "cipher") &&
			 received_piece(&scan, &last)) {
			if (!read_colons(last, out) && out->tls)
				keep(&out->tls_cipher, last);
		} else if (ms_slice_is(piece, "encrypted") && last.n > 0) {
			out->tls = true;
			if (ms_slice_find(last, 0, '-') < last.n ||
			    ms_slice_find(last, 0, '_') < last.n)
				keep(&out->tls_cipher, last);
		} else if (!read_user(piece, &scan, out) && i < 4) {
			(void)read_colons(ms_slice_starts(piece, "X=")
					      ? after(piece, "X=")
					      : piece,
			    out);
		}
		last = piece;
	}
	if (out->tls_version.n > 0)
		out->tls = true;
}

/* "TLS: TLSv1/SSLv3,168bits,CIPHER" */
static bool
read_courier(struct ms_slice text, struct ms_received *out)
{
	struct ms_scan s = ms_scan_init(text);
	struct ms_slice piece;

	/* Behind the user, where there is one. */
	if (ms_slice_starts(text, "AUTH:"))
		ms_scan_skip(&s, ms_slice_find_text(text, 0, "TLS:"));
	if (!ms_scan_try_text(&s, "TLS:"))
		return false;
	out->tls = true;
	if (received_piece(&s, &piece))
		keep(&out->tls_version, piece);
	if (received_piece(&s, &piece) && ms_slice_ends(piece, "bits") &&
	    received_piece(&s, &piece))
		keep(&out->tls_cipher, piece);
	return true;
}

/* What stands before the user's name, where there is one. */
static bool
read_authenticated(struct ms_slice text, struct ms_received *out)
{
	static const char *const before[] = { "Authenticated sender:",
		"Authenticated user:", "authenticated user ",
		"authenticated as ", "authenticated bits=", "authenticated (",
		"AUTH: LOGIN ", "AUTH: PLAIN ", "AUTH: CRAM-MD5 ",
		"AUTH: CRAM-SHA1 ", "AUTH: CRAM-SHA256 ",
		"AUTH: ", "smtp-auth username ",
		"authenticated-user:", "NaSMail authenticated user ",
		"SquirrelMail authenticated user " };

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct ms_scan s = ms_scan_init(text);
		struct ms_slice user;

		if (!ms_scan_try_text(&s, before[i]))
			continue;
		out->authenticated = true;
		if (before[i][strlen(before[i]) - 1] != '(' &&
		    before[i][strlen(before[i]) - 1] != '=' &&
		    received_piece(&s, &user))
			keep(&out->auth_user, user);
		return true;
	}
	if (!ms_slice_is(text, "authenticated"))
		return false;
	out->authenticated = true;
	return true;
}

static bool
read_envelope(struct ms_slice text, struct ms_received *out)
{
	static const char *const before[] = { "envelope-from",
		"envelope-sender", "return-path" };

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct ms_scan s = ms_scan_init(text);
		struct ms_slice sender;

		if (!ms_scan_try_word(&s, before[i]))
			continue;
		(void)ms_scan_try_byte(&s, ':');
		if (received_piece(&s, &sender))
			keep(&out->envelope_from, without_angles(sender));
		return true;
	}
	return false;
}

/* "using TLSv1.3 with cipher C (…)" */
static bool
read_using(struct ms_slice text, struct ms_received *out)
{
	struct ms_scan s = ms_scan_init(text);
	struct ms_slice piece;

	if (!ms_scan_try_text(&s, "using "))
		return false;
	if (!received_piece(&s, &piece) || !is_version(piece))
		return true;
	out->tls = true;
	keep(&out->tls_version, piece);
	while (received_piece(&s, &piece))
		if (ms_slice_is(piece, "cipher") &&
		    received_piece(&s, &piece)) {
			keep(&out->tls_cipher, piece);
			break;
		}
	return true;
}

/* Exim 4.9x: with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 */
static void
read_exim_tls(const struct items *items, size_t i, struct ms_received *out)
{
	struct ms_slice text = items->at[i].text;

	if (items->at[i].section != IN_WITH || !is_version(text) ||
	    ms_slice_find(text, 0, ':') < text.n)
		return;
	out->tls = true;
	keep(&out->tls_version, text);
	if (i + 2 < items->n && items->at[i + 1].kind == ITEM_WORD &&
	    ms_slice_is(items->at[i + 1].text, "tls") &&
	    items->at[i + 2].kind == ITEM_WORD && !items->at[i + 2].keyword)
		keep(&out->tls_cipher, items->at[i + 2].text);
}

/* A web mail's "as user NAME" (IMP), and sendmail's "(from user@host)". */
static void
read_user_word(const struct items *items, size_t i, struct ms_received *out)
{
	if (items->at[i].section != IN_FROM || i + 2 >= items->n ||
	    !ms_slice_is(items->at[i].text, "as") ||
	    !ms_slice_is(items->at[i + 1].text, "user") ||
	    items->at[i + 2].keyword)
		return;
	out->authenticated = true;
	keep(&out->auth_user, items->at[i + 2].text);
}

/* Haraka: id ID envelope-from <a@b> */
static void
read_envelope_word(const struct items *items, size_t i, struct ms_received *out)
{
	if (items->at[i].section != IN_ID || i + 1 >= items->n ||
	    items->at[i + 1].kind != ITEM_WORD ||
	    !ms_slice_is(items->at[i].text, "envelope-from"))
		return;
	keep(&out->envelope_from, without_angles(items->at[i + 1].text));
}

static void
read_comment(const struct items *items, size_t i, struct ms_received *out)
{
	struct ms_slice text =
	    ms_slice_part(ms_slice_trim(items->at[i].text), 0, 4096);

	if (text.n == 0)
		return;
	if (items->at[i].section == IN_HEAD && ms_slice_starts(text, "from ")) {
		keep(&out->envelope_from, without_angles(after(text, "from ")));
		return;
	}
	if (read_courier(text, out) && !ms_slice_starts(text, "AUTH:"))
		return;
	if (read_using(text, out) || read_authenticated(text, out) ||
	    read_envelope(text, out))
		return;
	read_exim_tls(items, i, out);
	read_pieces(text, out);
}

void
received_secure(const struct items *items, struct ms_received *out)
{
	judge_type(out->with, out);
	judge_type(out->via, out);
	for (size_t i = 0; i < items->n; i++) {
		if (items->at[i].kind == ITEM_COMMENT)
			read_comment(items, i, out);
		else if (items->at[i].kind == ITEM_WORD &&
			 !items->at[i].keyword) {
			read_user_word(items, i, out);
			read_envelope_word(items, i, out);
		}
	}
}
