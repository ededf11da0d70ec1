/* SPDX-License-Identifier: ISC
 * peer.c - the from part: HELO, reverse name, address and ident told apart
 *
 *   Postfix, Sendmail, Gmail   from HELO (ident@RDNS [IP])
 *   qmail, Yahoo, JAMES        from RDNS (HELO name) (ident@IP)
 *   Exim                       from RDNS ([IP]:port helo=HELO ident=user)
 *   Exchange                   from HELO (IP)
 *   CommuniGate                from RDNS ([IP] verified), [IP] (HELO name)
 *
 * An address counts only in brackets as the first or second piece of a
 * comment, or alone in it; text with more words before it speaks of
 * something else.
 */
#include "received/received_priv.h"

/* One comment while it is read. */
struct peer {
	struct ms_received *out;
	unsigned flags;
	unsigned index;        /* pieces seen */
	struct ms_slice first; /* the first piece, when it is a name */
	bool helo_said;        /* HELO or helo= was there, maybe empty */
};

static struct ms_slice
known(struct ms_slice name)
{
	static const char *const none[] = { "unknown", "softdnserr",
		"nodnsquery", "<unknown>", "<unknown.domain>", "local", "may",
		"helo", "ehlo", "lhlo" };
	struct ms_slice nothing = { NULL, 0 };

	if (name.n == 0)
		return nothing;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (ms_slice_is(name, none[i]))
			return nothing;
	return name;
}

static bool
is_helo_word(struct ms_slice piece)
{
	return ms_slice_is(piece, "HELO") || ms_slice_is(piece, "EHLO") ||
	       ms_slice_is(piece, "LHLO");
}

static void
keep_helo(struct peer *peer, struct ms_slice name)
{
	peer->helo_said = true;
	if (name.n > 0 && peer->out->helo.p == NULL)
		peer->out->helo = name;
}

static void
keep_ident(struct peer *peer, struct ms_slice ident)
{
	if (ms_slice_starts(ident, "IDENT:"))
		ident = ms_slice_part(ident, 6, ident.n);
	if (ident.n > 0 && peer->out->ident.p == NULL)
		peer->out->ident = ident;
}

/* name=value, as Exim writes them. */
static bool
read_pair(struct peer *peer, struct ms_slice piece)
{
	if (ms_slice_starts(piece, "helo=")) {
		keep_helo(peer, ms_slice_part(piece, 5, piece.n));
		return true;
	}
	if (ms_slice_starts(piece, "ident=")) {
		keep_ident(peer, ms_slice_part(piece, 6, piece.n));
		return true;
	}
	return ms_slice_starts(piece, "port=") ||
	       ms_slice_starts(piece, "auth=");
}

/* ident@name or ident@address: the part behind the last '@'. */
static struct ms_slice
split_ident(struct peer *peer, struct ms_slice piece)
{
	const unsigned char *at = memrchr(piece.p, '@', piece.n);
	size_t n = at ? (size_t)(at - piece.p) : 0;

	if (at == NULL)
		return piece;
	keep_ident(peer, ms_slice_part(piece, 0, n));
	return ms_slice_part(piece, n + 1, piece.n);
}

static void
keep_rdns(struct peer *peer)
{
	struct ms_slice name = known(split_ident(peer, peer->first));

	if (name.n > 0 && name.p[0] == '<' && name.p[name.n - 1] == '>')
		name = ms_slice_part(name, 1, name.n - 1);
	if (name.n > 0 && peer->out->rdns.p == NULL)
		peer->out->rdns = name;
}

/* "[192.0.2.1]", with a port behind it, as first or second piece. */
static void
read_bracketed(struct peer *peer, struct ms_slice piece)
{
	struct ms_ip ip;

	if (peer->index > 1)
		return;
	/* OpenSMTPD: (host [local]) */
	if (!ms_ip_parse_literal(piece, &ip)) {
		if (ms_slice_is(piece, "[local]") && peer->first.n > 0)
			keep_rdns(peer);
		return;
	}
	if (!peer->out->ip.set)
		peer->out->ip = ip;
	if (peer->first.n > 0)
		keep_rdns(peer);
}

static void
read_bare(struct peer *peer, struct ms_slice piece, bool last)
{
	struct ms_slice text = piece;
	struct ms_ip ip;
	const unsigned char *at = memrchr(piece.p, '@', piece.n);

	if (peer->out->ip.set ||
	    (peer->index == 1 && (!(peer->flags & PEER_KEY_IP) || !last)))
		return;
	if (at != NULL)
		text =
		    ms_slice_part(piece, (size_t)(at - piece.p) + 1, piece.n);
	if (!ms_ip_parse_literal(text, &ip))
		return;
	(void)split_ident(peer, piece);
	peer->out->ip = ip;
	peer->first.n = 0;
}

/* One piece; `rest` is behind it. */
static void
read_piece(struct peer *peer, struct ms_slice piece, struct ms_scan *rest)
{
	struct ms_slice name;

	if (is_helo_word(piece)) {
		(void)received_piece(rest, &name);
		keep_helo(peer, name);
		return;
	}
	if (read_pair(peer, piece))
		return;
	if (piece.p[0] == '[')
		read_bracketed(peer, piece);
	else if (peer->index <= 1 && (peer->flags & PEER_BARE_IP) &&
		 ms_scan_peek(rest) != '[' && ms_scan_peek_at(rest, 1) != '[')
		read_bare(peer, piece, ms_scan_at_end(rest));
	if (peer->index == 0 && piece.p[0] != '[' && !peer->out->ip.set)
		peer->first = piece;
	peer->index++;
}

/* A comment about TLS or authentication names no peer (secure.c). */
static bool
about_else(struct ms_slice text)
{
	static const char *const begins[] = { "using ", "version=", "cipher",
		"authenticated", "tls", "client ", "no client", "envelope-",
		"auth:", "X=", "qmail ", "misconfigured" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (ms_slice_starts(text, begins[i]))
			return true;
	return false;
}

/* Pieces of one comment that can matter: ident, name, address, HELO … */
enum { PIECES_MAX = 16 };

static void
read_comment(struct peer *peer, struct ms_slice text)
{
	struct ms_scan scan = ms_scan_init(ms_slice_part(text, 0, 4096));
	struct ms_slice piece;

	if (about_else(ms_slice_trim(text)))
		return;
	peer->index = 0;
	peer->first = ms_slice_make(NULL, 0);
	for (size_t i = 0; i < PIECES_MAX; i++) {
		if (!received_piece(&scan, &piece))
			break;
		if (piece.n > 0)
			read_piece(peer, piece, &scan);
	}
	/* Sendmail without an address: (user@localhost) */
	if (peer->index == 1 && peer->first.n > 0 && !peer->out->ip.set)
		(void)split_ident(peer, peer->first);
}

/* "[192.0.2.1]" outside of comments: MDaemon, fetchmail, GMX. */
static void
read_word(struct peer *peer, struct ms_slice word)
{
	struct ms_ip ip;

	if (word.p[0] == '[' && !peer->out->ip.set &&
	    ms_ip_parse_literal(word, &ip))
		peer->out->ip = ip;
}

static bool
bare_address(const struct ms_slice word)
{
	struct ms_ip ip;

	return word.n > 0 && word.p[0] == '[' && ms_ip_parse_literal(word, &ip);
}

/* What the word behind "from" is, once the comments are known. */
static void
judge_word(struct peer *peer, bool seen_bare)
{
	struct ms_received *out = peer->out;
	bool literal = bare_address(out->from);

	if (out->from.n == 0)
		return;
	if (peer->helo_said || (peer->flags & PEER_WORD_RDNS) || seen_bare) {
		if (!literal && out->rdns.p == NULL && out->ip.set)
			out->rdns = known(out->from);
	}
	if (!peer->helo_said && out->helo.p == NULL &&
	    (!literal || out->rdns.p != NULL || out->ip.set))
		out->helo = out->from;
	if (!out->ip.set && (peer->flags & PEER_WORD_IP)) {
		(void)ms_ip_parse_literal(out->from, &out->ip);
		/* Then the word was the address, and no HELO. */
		if (out->ip.set && !peer->helo_said)
			out->helo = ms_slice_make(NULL, 0);
	}
}

/* by HOST (IP), by HOST ([IP]), by HOST [IP]: Exchange, MDaemon. */
static void
read_by(const struct items *items, struct ms_received *out)
{
	if (out->by.n > 0)
		(void)ms_ip_parse_literal(out->by, &out->by_ip);
	for (size_t i = 0; i < items->n && !out->by_ip.set; i++) {
		const struct item *item = &items->at[i];

		if (item->section == IN_BY && !item->keyword)
			(void)ms_ip_parse_literal(item->text, &out->by_ip);
	}
}

void
received_peer(
    const struct items *items, unsigned flags, struct ms_received *out)
{
	struct peer peer = { .out = out, .flags = flags };
	bool bare = false;

	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->at[i];
		bool before = out->ip.set;

		if (item->section != IN_FROM || item->keyword ||
		    item->kind == ITEM_END)
			continue;
		if (item->kind == ITEM_COMMENT)
			read_comment(&peer, item->text);
		else
			read_word(&peer, item->text);
		/* cppcheck-suppress incorrectLogicOperator # peer.out is out */
		if (!before && out->ip.set && (flags & PEER_WORD_RDNS) == 0 &&
		    item->kind == ITEM_COMMENT && flags & PEER_BARE_IP &&
		    ms_slice_find(item->text, 0, '[') == item->text.n)
			bare = !(flags & PEER_WORD_HELO);
	}
	judge_word(&peer, bare);
	read_by(items, out);
	out->relay = out->ip.set && !(flags & PEER_LOCAL);
}

void
received_peer_none(
    const struct items *items, unsigned flags, struct ms_received *out)
{
	(void)flags;
	read_by(items, out);
	out->relay = false;
}
