/* SPDX-License-Identifier: ISC
 * outlook_priv.h - the pieces that outlook.c puts together
 *
 *   cfb.c, msg.c    the container of a .msg, and what stands in it
 *   tnef.c          winmail.dat
 *   mapi.c          properties
 *   rtf.c           compressed RTF, and the HTML or text in it
 *   outlook.c       a message of all this
 */
#ifndef MAILSONDE_MESSAGE_OUTLOOK_PRIV_H
#define MAILSONDE_MESSAGE_OUTLOOK_PRIV_H

#include <stdint.h>

#include "mailsonde/buf.h"
#include "mailsonde/header.h"
#include "mailsonde/outlook.h"

/* Integers of these formats are little-endian. */
static inline uint32_t
outlook_u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t
outlook_u32(const unsigned char *p)
{
	return outlook_u16(p) | outlook_u16(p + 2) << 16;
}

static inline uint64_t
outlook_u64(const unsigned char *p)
{
	return outlook_u32(p) | (uint64_t)outlook_u32(p + 4) << 32;
}

/* What reading needs from around. Offsets of defects are in the file. */
struct outlook_reader {
	struct ms_arena *arena;
	struct ms_charsets *charsets;
	const struct ms_limits *limits;
	struct ms_defects *defects;
};

void outlook_defect(const struct outlook_reader *reader,
    enum ms_defect_kind kind, size_t offset, const char *detail);

/* ---- cfb.c: the compound file, [MS-CFB] ---- */

#define CFB_ROOT      0
#define CFB_NAME      33
#define CFB_NO_STREAM UINT32_MAX

struct cfb {
	struct outlook_reader *reader;
	struct ms_slice file;
	unsigned shift; /* log2 of the size of a sector */
	size_t sectors; /* that the file has, the last perhaps in part */
	uint32_t *fat;  /* where the sectors of the FAT are */
	size_t fat_n;
	unsigned char *claimed;      /* a bit for each sector that was read */
	unsigned char *mini_claimed; /* and for each of the mini stream */
	struct ms_slice directory, mini, mini_fat;
	size_t entries;
	/* The children of each storage, by name: order[first] and on. */
	uint32_t *order, *first, *count;
};

/* Reads the tables and the directory. False: it is no such file, or so broken
 * that no directory can be found. */
bool cfb_open(
    struct cfb *cfb, struct outlook_reader *reader, struct ms_slice file);

/* A storage's children, by name; `i` is below their count. */
size_t cfb_children(const struct cfb *cfb, uint32_t storage);
uint32_t cfb_child(const struct cfb *cfb, uint32_t storage, size_t i);

/* The child of that name; CFB_NO_STREAM. */
uint32_t cfb_find(const struct cfb *cfb, uint32_t storage, const char *name);

/* Code units outside ASCII become '?'. */
void cfb_name(const struct cfb *cfb, uint32_t entry, char out[CFB_NAME]);
bool cfb_is_storage(const struct cfb *cfb, uint32_t entry);

/* Where the entry stands in the file, for defects. */
size_t cfb_offset(const struct cfb *cfb, uint32_t entry);

/* The content of a stream. Each sector is handed out once in a life: so all of
 * them together are no more than the file. */
struct ms_slice cfb_stream(struct cfb *cfb, uint32_t entry);

/* ---- mapi.c: properties, [MS-OXCDATA] 2.11, [MS-OXPROPS] ---- */

enum mapi_type {
	MAPI_SHORT = 0x0002,
	MAPI_LONG = 0x0003,
	MAPI_BOOLEAN = 0x000b,
	MAPI_OBJECT = 0x000d,
	MAPI_STRING8 = 0x001e,
	MAPI_UNICODE = 0x001f,
	MAPI_TIME = 0x0040,
	MAPI_BINARY = 0x0102,
};

struct mapi_property {
	uint32_t tag; /* id << 16 | type */
	struct ms_slice value;
	uint32_t storage; /* of an object in a compound file */
};

struct mapi_properties {
	struct mapi_property *list;
	size_t n, cap;
	const char *charset; /* of MAPI_STRING8 */
};

struct mapi_message;

struct mapi_attachment {
	struct mapi_properties properties;
	struct mapi_message *message; /* embedded; NULL */
	/* An OLE object: its streams, each with its name. */
	struct mapi_stream {
		const char *name;
		struct ms_slice bytes;
	} * streams;
	size_t streams_n;
};

struct mapi_message {
	struct mapi_properties properties;
	struct mapi_properties *recipients;
	size_t recipients_n;
	struct mapi_attachment *attachments;
	size_t attachments_n;
};

void mapi_add(struct outlook_reader *reader, struct mapi_properties *properties,
    uint32_t tag, struct ms_slice value);

/* Whether a value of that type has a fixed size of at most eight octets. */
bool mapi_is_fixed(uint32_t type);

/* The property with one of the types that are asked for; NULL. */
const struct mapi_property *mapi_find(const struct mapi_properties *properties,
    uint32_t id, enum mapi_type type, enum mapi_type other);

/* Text as UTF-8, without trailing NULs; p == NULL when it is not there. */
struct ms_slice mapi_text(const struct outlook_reader *reader,
    const struct mapi_properties *properties, uint32_t id);

struct ms_slice mapi_binary(
    const struct mapi_properties *properties, uint32_t id);

/* `missing` when it is not there. */
uint32_t mapi_long(
    const struct mapi_properties *properties, uint32_t id, uint32_t missing);

/* Seconds since 1970; false when it is not there, or is none. */
bool mapi_time(
    const struct mapi_properties *properties, uint32_t id, int64_t *out);

/* The label of a Windows code page; NULL: none is known. */
const char *mapi_charset(struct ms_arena *arena, uint32_t code_page);

/* Sets what the octets of strings mean, by the properties of a message. */
void mapi_take_charset(const struct outlook_reader *reader,
    struct mapi_properties *properties, const char *otherwise);

/* ---- msg.c: [MS-OXMSG] ---- */

/* False: it is a compound file, but no message of Outlook. */
bool msg_read(struct cfb *cfb, struct mapi_message *out);

/* ---- tnef.c: [MS-OXTNEF] ---- */

bool tnef_is(struct ms_slice bytes);

/* The message that the stream holds, and those attached to it. */
void tnef_read(struct outlook_reader *reader, struct ms_slice bytes,
    struct mapi_message *out);

/* ---- rtf.c: [MS-OXRTFCP], [MS-OXRTFEX] ---- */

/* What PidTagRtfCompressed holds, at most limits->rtf_size octets. */
struct ms_slice rtf_decompress(
    struct outlook_reader *reader, struct ms_slice compressed);

enum rtf_kind {
	RTF_PLAIN,     /* RTF of its own */
	RTF_FROM_TEXT, /* text in RTF's clothes */
	RTF_FROM_HTML,
};
enum rtf_kind rtf_kind_of(struct ms_slice rtf);

/* The HTML or text that was wrapped, and the text of what was not, as
 * UTF-8. */
struct ms_slice rtf_unwrap(
    struct outlook_reader *reader, struct ms_slice rtf, enum rtf_kind kind);

#endif
