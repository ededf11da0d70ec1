/* SPDX-License-Identifier: ISC
 * dkim.h - DKIM signatures judged: RFC 6376, 8301, 8463, 8616
 *
 * Every signature of a message, with what is true of it and why. Nothing of
 * the message is believed; a key that could not be asked for is "could not
 * tell", a key that is gone or revoked is no forgery.
 */
#ifndef MAILSONDE_DKIM_H
#define MAILSONDE_DKIM_H

#include "mailsonde/auth.h"
#include "mailsonde/buf.h"
#include "mailsonde/digest.h"
#include "mailsonde/env.h"
#include "mailsonde/message.h"

struct ms_taglist;

/* ---- canonical forms, RFC 6376 section 3.4 ---- */

enum ms_dkim_canon {
	MS_DKIM_SIMPLE,
	MS_DKIM_RELAXED,
};
/* "simple", "relaxed". */
const char *ms_dkim_canon_name(enum ms_dkim_canon canon);

/* One body on its way to its canonical form; plain memory. LF alone counts
 * as a line end, as stored messages have it; CR alone does where `bare_cr`. */
struct ms_dkim_body {
	enum ms_dkim_canon canon;
	bool bare_cr;
	struct ms_slice rest; /* what is left, without the trailing lines */
	unsigned char last;   /* the byte before `rest` */
	bool bare_lf;         /* LF alone has ended a line so far */
	bool closing;         /* the final CRLF is still to come */
};
void ms_dkim_body_init(struct ms_dkim_body *body, enum ms_dkim_canon canon,
    bool bare_cr, struct ms_slice raw);

/* The next piece, written to `room` (`room_n` >= 64). False at the end. */
bool ms_dkim_body_next(struct ms_dkim_body *body, unsigned char *room,
    size_t room_n, struct ms_slice *out);

/* How many raw octets the first `length` canonical ones stand for. */
size_t ms_dkim_body_offset(enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice raw, uint64_t length);

/* One field with its line end, appended. */
void ms_dkim_header_canon(enum ms_dkim_canon canon, bool bare_cr,
    struct ms_slice raw, struct ms_buf *out);

/* ---- keys ---- */

enum ms_dkim_key_type {
	MS_DKIM_KEY_NONE, /* not known, or there is no key */
	MS_DKIM_KEY_RSA,
	MS_DKIM_KEY_ED25519,
};

enum ms_dkim_key_fault {
	MS_DKIM_KEY_GOOD,
	MS_DKIM_KEY_SYNTAX,  /* no tag list; tags that break their grammar */
	MS_DKIM_KEY_VERSION, /* v= is not DKIM1, or does not stand first */
	MS_DKIM_KEY_NO_P,    /* without p= */
	MS_DKIM_KEY_REVOKED, /* p= is empty */
	MS_DKIM_KEY_TYPE,    /* k= names a type nobody here knows */
	MS_DKIM_KEY_BASE64,  /* p= is no base64 */
	MS_DKIM_KEY_DATA,    /* p= decodes to no key of the type */
};

/* A key record, RFC 6376 section 3.6.1. Slices point into `text`. */
struct ms_dkim_key {
	struct ms_slice text;
	enum ms_dkim_key_fault fault;
	const char *why; /* a sentence for a fault; NULL */
	enum ms_dkim_key_type type;
	unsigned bits;             /* RSA: of the modulus; Ed25519: 256 */
	bool pkcs1;                /* RSA: bare RSAPublicKey, no SPKI */
	struct ms_slice version;   /* v=; NULL when it has none */
	struct ms_slice type_text; /* k=; NULL */
	struct ms_slice hashes;    /* h=; NULL: all */
	struct ms_slice services;  /* s=; NULL: all */
	struct ms_slice flags;     /* t=; NULL */
	struct ms_slice notes;     /* n=; NULL */
	struct ms_slice data;      /* p=; NULL */
	bool testing;              /* t=y */
	bool strict;               /* t=s: i= must be d= itself */
};

/* Reads a record; always fills *out. Uses OpenSSL for the size of the key. */
void ms_dkim_key_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_dkim_key *out);

/* Keys ready for use, shared by all threads of a run and bounded; records that
 * do not fit any more are read anew each time. */
struct ms_dkim_keys;
struct ms_dkim_keys *ms_dkim_keys_new(void);
void ms_dkim_keys_free(struct ms_dkim_keys *keys);

/* ---- signatures ---- */

enum ms_dkim_algorithm {
	MS_DKIM_ALGORITHM_UNKNOWN,
	MS_DKIM_RSA_SHA1, /* RFC 8301: must not be used */
	MS_DKIM_RSA_SHA256,
	MS_DKIM_ED25519_SHA256,
};

/* Why a signature is no pass. */
enum ms_dkim_reason {
	MS_DKIM_GOOD,
	MS_DKIM_BAD_SIGNATURE, /* fail: a signed field was changed */
	MS_DKIM_BAD_BODY,      /* fail: the body was changed */
	MS_DKIM_BAD_SYNTAX,    /* permerror: no tag list, or a broken tag */
	MS_DKIM_MISSING_TAG,
	MS_DKIM_UNKNOWN_VERSION,
	MS_DKIM_UNKNOWN_ALGORITHM,
	MS_DKIM_UNKNOWN_CANON,
	MS_DKIM_UNKNOWN_QUERY,
	MS_DKIM_FROM_UNSIGNED,
	MS_DKIM_IDENTITY,     /* i= is not within d= */
	MS_DKIM_EXPIRED,      /* x= lies before the judgement */
	MS_DKIM_NO_KEY,       /* the selector does not exist (any more) */
	MS_DKIM_REVOKED,      /* p= is empty */
	MS_DKIM_BAD_KEY,      /* the key record is broken */
	MS_DKIM_KEY_MISMATCH, /* k=, h=, s= or t=s forbids this use */
	MS_DKIM_LENGTH,       /* l= says more than there is */
	MS_DKIM_NO_ANSWER,    /* temperror: DNS did not tell */
	MS_DKIM_LIMIT,        /* not judged: one signature too many */
	MS_DKIM_NOT_KEPT,     /* could not tell: what was signed is gone, as in
				 a message made of an Outlook file */
	MS_DKIM_REASON_COUNT,
};
/* "body-hash", "signature", "no-key", …: stable words. */
const char *ms_dkim_reason_name(enum ms_dkim_reason reason);

/* A field name in h=, and what it took in. */
struct ms_dkim_covered {
	struct ms_slice name;         /* as in h= */
	const struct ms_field *field; /* NULL: there was none (any more), and
					 none may be added */
};

/* A field that the signature leaves open. */
struct ms_dkim_open {
	enum ms_field_id id;
	const char *name;
	size_t present;               /* how many there are */
	size_t covered;               /* of these are signed */
	bool sealed;                  /* one more than there are is signed */
	const struct ms_field *added; /* an unsigned one beside signed ones:
					 what many programs show; NULL */
};

/* A change in transit that explains why it does not hold. */
enum ms_dkim_change {
	MS_DKIM_CHANGE_NONE, /* none that was tried explains it */
	/* the body */
	MS_DKIM_CHANGE_FOOTER,    /* lines were added at the end of a text */
	MS_DKIM_CHANGE_BANNER,    /* something was put in at its start */
	MS_DKIM_CHANGE_PART,      /* a MIME part was added or wrapped around */
	MS_DKIM_CHANGE_LINE_END,  /* line ends were rewritten */
	MS_DKIM_CHANGE_SPACE,     /* trailing white space or lines */
	MS_DKIM_CHANGE_ENCODING,  /* another Content-Transfer-Encoding */
	MS_DKIM_CHANGE_FROM_LINE, /* ">From " for "From ", or dots doubled */
	/* the header */
	MS_DKIM_CHANGE_SUBJECT_TAG, /* "[list] " in the subject */
	MS_DKIM_CHANGE_FROM,        /* the list's address in From */
	MS_DKIM_CHANGE_FIELD_ADDED, /* a field that was not there */
	MS_DKIM_CHANGE_FIELD,       /* a field rewritten in a known way */
	MS_DKIM_CHANGE_FOLDING,     /* folded anew, or white space */
};
/* "footer", "banner", …: stable words. */
const char *ms_dkim_change_name(enum ms_dkim_change change);

struct ms_dkim_repair {
	enum ms_dkim_change change, also; /* `also`: a second one beside it */
	bool searched;                    /* it was looked for */
	bool gave_up;          /* at a limit, before all had been tried */
	const char *text;      /* one sentence; NULL when none was found */
	size_t offset, length; /* in the message: what was put in, or what was
				  changed; length 0 when it is all over */
};

struct ms_dkim_signature {
	const struct ms_field *field;
	enum ms_auth_result result; /* the arithmetic of RFC 6376 */
	enum ms_dkim_reason code;
	const char *reason; /* one plain sentence; NULL for a pass */
	bool readable; /* all that the arithmetic needs could be read, so it
			  was done whatever else is wrong */
	const char *policy; /* "rsa-sha1", "short-key" (RFC 8301): it counts
			       for nothing in DMARC; NULL */

	/* as written; p == NULL where the tag is missing */
	const struct ms_taglist *tags;
	struct ms_slice domain;         /* d= */
	struct ms_slice selector;       /* s= */
	struct ms_slice identity;       /* i=; NULL: "@" and the domain */
	struct ms_slice algorithm_text; /* a= */
	enum ms_dkim_algorithm algorithm;
	enum ms_dkim_canon header_canon, body_canon;
	struct ms_slice header_list; /* h= */
	struct ms_slice signature;   /* b=, decoded; NULL */
	int64_t time, expires;       /* t=, x=; -1 */
	int64_t length;              /* l=; -1 */
	bool expired;                /* x= lies before the judgement */
	bool future;                 /* t= lies behind it */

	/* the body */
	bool body_hashed; /* it was; else body_hash_ok says nothing */
	bool body_hash_ok;
	struct ms_slice body_hash;          /* bh=, as written */
	struct ms_slice body_hash_stated;   /* decoded; NULL */
	struct ms_slice body_hash_computed; /* base64; NULL */
	uint64_t body_length;               /* of the canonical body */
	uint64_t body_unsigned; /* canonical octets that l= leaves out */
	size_t unsigned_offset; /* where they begin in the message */
	const struct ms_part *unsigned_part; /* the part that is going on
						there; NULL: the epilogue */
	size_t structure_offset; /* with l=: the first boundary line of the
				    body; 0: it is no multipart */

	/* the header */
	bool signature_checked; /* with a key; else signature_ok says nothing */
	bool signature_ok;
	bool
	    made_by_key; /* RSA: it was made with this key, whether or not it
			    holds; false where it was not, or nobody can tell */
	struct ms_dkim_covered *covered; /* in the order of h= */
	size_t covered_n;
	struct ms_dkim_open *open; /* important fields not sealed */
	size_t open_n;

	/* the key */
	struct ms_slice key_name; /* selector._domainkey.domain; NULL */
	struct ms_dns_answer key_answer;
	struct ms_dkim_key key; /* the one that was used; text NULL: none */
	size_t keys_n;     /* records found there; more than one is wrong */
	bool key_archived; /* it comes from the archive (--keys) */
	unsigned key_bits; /* 0: no key */

	struct ms_dkim_repair body_repair, header_repair;
};

struct ms_dkim_result {
	struct ms_dkim_signature *signatures; /* in the order of the fields */
	size_t n;
	bool truncated; /* more than limits->signatures: those behind it have
			   MS_DKIM_LIMIT */
};

/* Body hashes of one message, so that none is computed twice: zero it for
 * each message and give it to DKIM and ARC. */
#define MS_DKIM_HASHES 64
struct ms_dkim_hashes {
	struct ms_dkim_hash {
		enum ms_dkim_canon canon;
		unsigned kind;  /* enum ms_digest_kind */
		int64_t length; /* l=; -1: all */
		uint64_t total; /* of the canonical body */
		size_t end;     /* offset in the body behind `length` octets */
		unsigned char digest[32];
	} list[MS_DKIM_HASHES];
	size_t n;
};

/* The body hash that a message will most likely want, before it is parsed: for
 * callers who hash many together. */
struct ms_dkim_ahead {
	struct ms_slice body;      /* as it stands in the message */
	struct ms_slice canonical; /* of which hash.digest is to be filled in */
	struct ms_dkim_hash hash;
};

/* Writes the canonical body of `raw` into `room` and returns its size. 0: there
 * is no signature, or one with something unusual, or not enough room. */
size_t ms_dkim_ahead(struct ms_slice raw, unsigned char *room, size_t room_n,
    struct ms_dkim_ahead *out);

struct ms_dkim_request {
	int64_t at;                    /* the time to judge at */
	struct ms_dns_source *archive; /* archived keys (--keys), asked where
					  DNS has no key that holds; NULL */
	struct ms_dkim_keys *keys;     /* cache; NULL: none */
	struct ms_dkim_hashes *hashes; /* of this message; NULL */
	bool explain;                  /* look for changes in transit */
};

/* Judges every DKIM-Signature. Keys are asked of env->dns. The MIME tree need
 * not have been parsed. *out and all it
 * points to lies in `arena` and in the message. */
void ms_dkim_verify(const struct ms_env *env, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_dkim_request *request,
    struct ms_dkim_result *out);

/* Starts asking for every key that DKIM and ARC will need: a hint. */
void ms_dkim_hint(struct ms_dns_source *source, struct ms_arena *arena,
    const struct ms_message *message, const struct ms_limits *limits);

/* The canonical bytes that went into the hashes: of the header (the signature
 * itself last, its b= empty, without a line end), and of the body, cut at l=.
 * False when the signature cannot be read that far. */
bool ms_dkim_canonical(const struct ms_message *message,
    const struct ms_dkim_signature *signature, struct ms_arena *arena,
    struct ms_slice *header, struct ms_slice *body);

#endif
