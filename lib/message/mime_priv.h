/* SPDX-License-Identifier: ISC
 * mime_priv.h - the pieces that mime.c puts together
 */
#ifndef MAILSONDE_MESSAGE_MIME_PRIV_H
#define MAILSONDE_MESSAGE_MIME_PRIV_H

#include "mailsonde/mime.h"

/* Bytes after which those who gave options->passed hear of them. */
#define MIME_RUN ((size_t)1024 * 1024)

/* ---- boundary.c ---- */

/* A line that is the delimiter of an open multipart. */
struct delimiter {
	size_t at, next; /* the line, and the one behind it */
	size_t level;    /* which multipart: 0 is the outermost */
	bool close;
};

/* The boundaries of the multiparts open at one time, and how far the text is
 * known to hold none of them: each byte is looked at once. */
struct boundaries {
	struct ms_slice in;
	bool bare_cr;
	struct ms_slice *open;
	size_t n, cap;
	size_t clean; /* no delimiter begins before, that is not passed */
	bool hit;     /* one begins just there: `next` */
	struct delimiter next;
};

/* `body`: where the multipart's body begins; delimiters of the others may
 * have been looked for behind it already. */
void boundary_push(struct boundaries *b, struct ms_arena *arena,
    struct ms_slice boundary, size_t body);
/* Only the outermost `n` stay open. */
void boundary_cut(struct boundaries *b, size_t n);
/* The first delimiter that begins at or behind `from`, before `limit`. */
bool boundary_next(
    struct boundaries *b, size_t from, size_t limit, struct delimiter *out);

/* The first place at or behind `from` where a line begins with these two
 * bytes; s.n when there is none. */
size_t boundary_find_line(
    struct ms_slice s, size_t from, const char *two, bool bare_cr);

/* ---- part.c ---- */

/* What the header says about the content. `digest`: it stands in a
 * multipart/digest (RFC 2046 5.1.5). */
void part_read_header(
    const struct ms_parse *parse, struct ms_part *part, bool digest);

/* Decodes, measures and hashes the body of a leaf. */
void part_read_body(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_part *part);

/* The bytes are all there are of the content as it is: 7bit and kin. */
bool part_is_identity(const struct ms_part *part);

/* ---- embedded.c ---- */

/* Lists what is uuencoded or yEncoded within a text part. */
void embedded_find(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_part *part);

/* ---- report_part.c ---- */

struct ms_report_part;
/* NULL when the part is no report. */
struct ms_report_part *report_part_read(
    const struct ms_parse *parse, const struct ms_part *part, bool bare_cr);

/* ---- winmail.c ---- */

/* Opens every winmail.dat of the tree. */
void winmail_open(const struct ms_parse *parse,
    const struct ms_mime_options *options, struct ms_mime *mime);

#endif
