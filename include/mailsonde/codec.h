/* SPDX-License-Identifier: ISC
 * codec.h - content transfer encodings, decoded in pieces through damage
 *
 * RFC 2045 6.7 and 6.8. Decoding never stops at damage: what is no part of
 * the encoding is passed over (base64) or kept as it stands
 * (quoted-printable), counted, and its first offset kept.
 */
#ifndef MAILSONDE_CODEC_H
#define MAILSONDE_CODEC_H

#include <stdbool.h>

#include "mailsonde/arena.h"

enum ms_encoding {
	MS_ENCODING_7BIT,
	MS_ENCODING_8BIT,
	MS_ENCODING_BINARY,
	MS_ENCODING_QP,
	MS_ENCODING_BASE64,
	MS_ENCODING_UUENCODE, /* x-uuencode and its other names */
	MS_ENCODING_YENC,     /* x-yencode */
	MS_ENCODING_UNKNOWN,  /* treated as binary, RFC 2045 6.2 */
};

/* The token of Content-Transfer-Encoding; an empty one is 7bit. */
enum ms_encoding ms_encoding_from(struct ms_slice token);

struct ms_codec_damage {
	size_t count;       /* places */
	size_t first;       /* offset of the first, in the encoded bytes */
	bool truncated;     /* base64: the last quantum is not whole */
	bool after_padding; /* base64: data behind a '=' */
};

/* One decoding under way; plain memory. */
struct ms_codec {
	enum ms_encoding encoding;
	struct ms_slice in; /* what is left */
	size_t taken;       /* of the input so far */
	unsigned state, bits;
	bool bare_cr; /* set after init: CR alone ends lines, and becomes LF
			 where the content is text as it stands */
	struct ms_codec_damage damage;
};

void ms_codec_init(
    struct ms_codec *codec, enum ms_encoding encoding, struct ms_slice in);

/* The next piece of decoded bytes: for 7bit, 8bit and binary the input
 * itself, whole; else written to `room` (`room_n` >= 1,024). False at the
 * end. The slice holds until the next call. */
bool ms_codec_next(struct ms_codec *codec, unsigned char *room, size_t room_n,
    struct ms_slice *out);

/* All of it at once, into the arena; the input itself where the encoding is
 * the identity. `damage` may be NULL. */
struct ms_slice ms_codec_decode(struct ms_arena *arena,
    enum ms_encoding encoding, struct ms_slice in,
    struct ms_codec_damage *damage);

/* Standard base64 with padding, one line; room for 4 * ((n + 2) / 3). */
size_t ms_base64_encode(struct ms_slice in, unsigned char *out);

#endif
