/* SPDX-License-Identifier: ISC
 * received_priv.h - what the files of lib/received share
 */
#ifndef MAILSONDE_RECEIVED_PRIV_H
#define MAILSONDE_RECEIVED_PRIV_H

#include "mailsonde/received.h"

/* Which clause an item stands in: behind which keyword it comes. */
enum section {
	IN_HEAD = 1 << 0, /* before the first keyword */
	IN_FROM = 1 << 1,
	IN_BY = 1 << 2,
	IN_VIA = 1 << 3,
	IN_WITH = 1 << 4,
	IN_ID = 1 << 5,
	IN_FOR = 1 << 6,
	IN_DATE = 1 << 7,
	IN_ANY = 0xff,
};

enum item_kind {
	ITEM_WORD,
	ITEM_COMMENT, /* text without the outer parentheses */
	ITEM_END,     /* a ';' */
};

struct item {
	enum item_kind kind;
	unsigned section;
	bool keyword;
	struct ms_slice text;
};

/* No real field has half of these outside of its comments; the rest of the
 * value is left unread but for the date. */
enum { ITEMS_MAX = 96 };

struct items {
	struct item at[ITEMS_MAX];
	size_t n;
	size_t end; /* offset of the last ';' outside of comments; n: none */
	unsigned comments; /* the sections in which there are any, or-ed */
	bool cut;
};

/* What the words of the from part say about the client, per dialect. */
enum peer_flags {
	/* The word behind "from" without an own HELO: */
	PEER_WORD_HELO = 1 << 0,
	PEER_WORD_RDNS = 1 << 1, /* looked up (and, alone, equals HELO) */
	/* An address as the word is the client's, seen by the server. */
	PEER_WORD_IP = 1 << 2,
	PEER_BARE_IP = 1 << 3, /* (192.0.2.1) without brackets */
	PEER_KEY_IP = 1 << 4,  /* (key 2001:db8::1), without brackets */
	PEER_LOCAL = 1 << 5,   /* never a relay: fetched, scanned, spooled */
};

struct dialect {
	const char *name;
	bool (*recognise)(
	    const struct items *items, const struct ms_received *out);
	void (*read)(
	    const struct items *items, unsigned flags, struct ms_received *out);
	unsigned flags;
};

/* lex.c */
void received_lex(struct ms_slice value, struct items *out);

/* clauses.c: keywords and their values; marks every item's section. */
void received_clauses(struct items *items, struct ms_received *out);

/* dialects.c */
const struct dialect *received_dialect(
    const struct items *items, const struct ms_received *out);

/* The name in row `i` of the table; NULL behind its end. */
const char *received_dialect_name(size_t i);

/* peer.c: the readers of the from part. */
void received_peer(
    const struct items *items, unsigned flags, struct ms_received *out);
void received_peer_none(
    const struct items *items, unsigned flags, struct ms_received *out);

/* secure.c: TLS, authentication and envelope, in the comments. */
void received_secure(const struct items *items, struct ms_received *out);

/* The next piece of a comment: split at white space, commas and inner
 * comments, "[…]" kept whole. False at the end. */
bool received_piece(struct ms_scan *scan, struct ms_slice *out);

#endif
