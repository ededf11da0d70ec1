/* SPDX-License-Identifier: ISC
 * dkim_ahead.c - the body hash that a message will want, before it is read
 *
 * Hashing is the largest part of judging mail in bulk, and several hashes side
 * by side take half the time (digest_many.c). So the canonical bodies of a
 * batch are made first and hashed together. Which form a message wants is a
 * guess from the bytes of its first signature: where it was wrong, or there is
 * something unusual, the body is hashed later as if nothing had been guessed.
 */
#include "mailsonde/dkim.h"

#define HEADER_MAX 65536

/* At the first empty line, of lines that end in LF or CRLF. */
static bool
split(struct ms_slice raw, struct ms_slice *header, struct ms_slice *body)
{
	struct ms_slice head = ms_slice_part(raw, 0, HEADER_MAX);
	size_t at = ms_slice_find_line(head, 0, '\n', 0);
	size_t end = at + 2;

	head = ms_slice_part(head, 0, at);
	at = ms_slice_find_line(head, 0, '\r', '\n');
	if (at < head.n)
		end = at + 3;
	*header = ms_slice_part(raw, 0, end);
	*body = ms_slice_part(raw, end, raw.n);
	return end <= HEADER_MAX && body->n > 0;
}

/* The first signature with its folded lines. */
static struct ms_slice
first_signature(struct ms_slice header)
{
	static const char name[] = "\nDKIM-Signature:";
	struct ms_slice rest = header, line, out;

	if (!ms_slice_starts(header, name + 1))
		rest = ms_slice_part(header,
		    ms_slice_find_nocase(header, 0, name) + 1, header.n);
	out = ms_slice_part(rest, 0, 0);
	while (ms_slice_line(&rest, false, &line)) {
		if (out.n > 0 && (line.n == 0 || line.p[0] > ' '))
			break;
		out.n = (size_t)(line.p + line.n - out.p);
	}
	return out;
}

static bool
has(struct ms_slice s, const char *text)
{
	return ms_slice_find_text(s, 0, text) < s.n;
}

size_t
ms_dkim_ahead(struct ms_slice raw, unsigned char *room, size_t room_n,
    struct ms_dkim_ahead *out)
{
	struct ms_slice header, signature, piece;
	struct ms_dkim_body body;

	memset(out, 0, sizeof(*out));
	if (room_n < 64 || !split(raw, &header, &out->body))
		return 0;
	signature = first_signature(header);
	if (!has(signature, "sha256") || has(signature, "l="))
		return 0;
	out->hash.canon =
	    has(signature, "/relaxed") ? MS_DKIM_RELAXED : MS_DKIM_SIMPLE;
	out->hash.kind = MS_DIGEST_SHA256;
	out->hash.length = -1;
	ms_dkim_body_init(&body, out->hash.canon, false, out->body);
	if (!ms_dkim_body_next(&body, room, room_n, &piece) ||
	    body.rest.n > 0 || body.closing)
		return 0;
	out->canonical = piece;
	out->hash.total = piece.n;
	return piece.n;
}
