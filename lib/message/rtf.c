/* SPDX-License-Identifier: ISC
 * rtf.c - compressed RTF, [MS-OXRTFCP]; the HTML or text within it,
 * [MS-OXRTFEX]
 *
 * Outlook keeps many a body as RTF only, with the HTML it was made of wrapped
 * in it. Of other RTF the text is taken, and the instructions of its fields:
 * links stand there. Pictures and tables of styles are passed over.
 */
#include "mailsonde/scan.h"
#include "outlook_priv.h"

/* ---- compressed RTF ---- */

#define HEADER       16
#define LZFU         0x75465a4cu
#define MELA         0x414c454du
#define DICTIONARY   4096u
#define KIND_IN      1000 /* octets in which the kind is told */
#define FONTS        1024
#define PENDING_MOST ((size_t)64 * 1024)

/* What the dictionary begins with, [MS-OXRTFCP] 2.1.2. */
static const char prebuf[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct lzfu {
	struct ms_scan in;
	struct ms_buf out;
	unsigned char dictionary[DICTIONARY];
	unsigned at; /* where the dictionary is written next */
	size_t most;
	bool ended;
};

static void
put(struct lzfu *z, unsigned char byte)
{
	z->dictionary[z->at] = byte;
	z->at = (z->at + 1) % DICTIONARY;
	ms_buf_byte(&z->out, byte);
}

/* A reference: twelve bits of place, four of length. One to the place that is
 * written next is the end. */
static void
copy(struct lzfu *z)
{
	unsigned word = (unsigned)ms_scan_byte(&z->in) << 8;
	unsigned from, n;

	word |= (unsigned)ms_scan_byte(&z->in);
	from = word >> 4;
	n = (word & 15) + 2;
	z->ended = from == z->at;
	for (unsigned i = 0; i < n && !z->ended; i++)
		put(z, z->dictionary[(from + i) % DICTIONARY]);
}

static void
inflate_run(struct lzfu *z)
{
	unsigned control = (unsigned)ms_scan_byte(&z->in);

	for (unsigned bit = 0; bit < 8 && !z->ended; bit++) {
		if (ms_scan_at_end(&z->in) || z->out.n >= z->most)
			return;
		if (!(control >> bit & 1))
			put(z, (unsigned char)ms_scan_byte(&z->in));
		else if (ms_scan_left(&z->in) < 2)
			ms_scan_skip(&z->in, 1);
		else
			copy(z);
	}
}

/* 2.1.3.2: the polynomial of zlib without its two complements. */
static uint32_t
crc_of(struct ms_slice s)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return crc;
}

static struct ms_slice
inflate(struct outlook_reader *reader, struct ms_slice in, size_t most)
{
	struct lzfu *z = MS_NEW(reader->arena, struct lzfu);

	z->in = ms_scan_init(in);
	z->at = sizeof(prebuf) - 1;
	z->most = most;
	memcpy(z->dictionary, prebuf, z->at);
	ms_buf_init(&z->out, reader->arena);
	while (!z->ended && !ms_scan_at_end(&z->in) && z->out.n < most)
		inflate_run(z);
	if (z->out.n >= most && most == reader->limits->rtf_size)
		outlook_defect(reader, MS_DEFECT_LIMIT, 0, "rtf_size");
	else if (!z->ended && z->out.n < most)
		outlook_defect(reader, MS_DEFECT_OUTLOOK, 0,
		    "a compressed RTF body breaks off");
	return ms_buf_get(&z->out);
}

struct ms_slice
rtf_decompress(struct outlook_reader *reader, struct ms_slice compressed)
{
	size_t most = reader->limits->rtf_size, size, raw;
	struct ms_slice in = ms_slice_part(compressed, HEADER, compressed.n);
	uint32_t kind;

	if (compressed.n < HEADER) {
		outlook_defect(reader, MS_DEFECT_OUTLOOK, 0,
		    "a compressed RTF body is shorter than its header");
		return ms_slice_make(NULL, 0);
	}
	size = outlook_u32(compressed.p);
	raw = outlook_u32(compressed.p + 4);
	kind = outlook_u32(compressed.p + 8);
	/* The size counts what stands behind itself. */
	if (size >= HEADER - 4 && size - (HEADER - 4) < in.n)
		in.n = size - (HEADER - 4);
	if (kind == MELA) {
		in = ms_slice_part(in, 0, raw);
		if (in.n > most)
			outlook_defect(reader, MS_DEFECT_LIMIT, 0, "rtf_size");
		return ms_slice_part(in, 0, most);
	}
	if (kind != LZFU) {
		outlook_defect(reader, MS_DEFECT_OUTLOOK, 0,
		    "an RTF body is compressed in a way that is not known");
		return ms_slice_make(NULL, 0);
	}
	if (crc_of(in) != outlook_u32(compressed.p + 12))
		outlook_defect(reader, MS_DEFECT_OUTLOOK, 12,
		    "the checksum of a compressed RTF body is not right");
	in = inflate(reader, in, raw < most ? raw : most);
	if (in.n < raw && in.n < most)
		outlook_defect(reader, MS_DEFECT_OUTLOOK, 4,
		    "a compressed RTF body is shorter than its size says");
	return in;
}

/* ---- what is wrapped in it ---- */

enum rtf_kind
rtf_kind_of(struct ms_slice rtf)
{
	struct ms_slice head = ms_slice_part(rtf, 0, KIND_IN);

	if (ms_slice_find_text(head, 0, "\\fromhtml1") < head.n)
		return RTF_FROM_HTML;
	if (ms_slice_find_text(head, 0, "\\fromtext") < head.n)
		return RTF_FROM_TEXT;
	return RTF_PLAIN;
}

/* What a group inherits and gives back at its end. */
struct group {
	bool skipped; /* a destination that is not wanted */
	bool htmlrtf; /* RTF that stands for HTML which is there already */
	bool fonts;   /* the table of fonts */
	unsigned char unicode_skip; /* \uc */
	unsigned char charset;      /* \fcharset of the font */
};

struct unwrapper {
	struct outlook_reader *reader;
	enum rtf_kind kind;
	struct ms_scan in;
	struct ms_buf out;
	struct ms_buf pending; /* octets in `charset` */
	unsigned char pending_charset;
	struct group *groups; /* the innermost is the last */
	size_t n, most;
	size_t beyond;              /* groups within it that are not kept */
	unsigned code_page;         /* \ansicpg */
	unsigned font;              /* in the table of fonts */
	unsigned skip;              /* characters in place of one in Unicode */
	bool star;                  /* \* */
	uint32_t high;              /* the first half of a pair in Unicode */
	unsigned char fonts[FONTS]; /* \fcharset of each */
};

static struct group *
group(struct unwrapper *u)
{
	return &u->groups[u->n - 1];
}

/* ---- text that comes out ---- */

/* The code page of a \fcharset; 0: that of the document. */
static unsigned
page_of(unsigned char charset)
{
	static const struct {
		unsigned char charset;
		uint16_t page;
	} pages[] = {
		{ 77, 10000 },
		{ 128, 932 },
		{ 129, 949 },
		{ 130, 1361 },
		{ 134, 936 },
		{ 136, 950 },
		{ 161, 1253 },
		{ 162, 1254 },
		{ 163, 1258 },
		{ 177, 1255 },
		{ 178, 1256 },
		{ 186, 1257 },
		{ 204, 1251 },
		{ 222, 874 },
		{ 238, 1250 },
		{ 254, 437 },
	};

	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (pages[i].charset == charset)
			return pages[i].page;
	return 0;
}

static void
flush(struct unwrapper *u)
{
	struct ms_arena *arena = u->reader->arena;
	struct ms_slice text = ms_buf_get(&u->pending);
	unsigned page = page_of(u->pending_charset);
	const char *label;

	if (text.n == 0)
		return;
	if (!ms_slice_is_ascii(text)) {
		label = mapi_charset(arena, page ? page : u->code_page);
		(void)ms_charset_decode(u->reader->charsets, arena,
		    ms_slice_from(label ? label : "windows-1252"), text, &text);
	}
	ms_buf_slice(&u->out, text);
	u->pending.n = 0;
}

static bool
is_shown(struct unwrapper *u)
{
	const struct group *g = group(u);

	if (g->skipped || g->fonts)
		return false;
	return u->kind != RTF_FROM_HTML || !g->htmlrtf;
}

static void
put_octet(struct unwrapper *u, unsigned char octet)
{
	if (u->skip > 0) {
		u->skip--;
		return;
	}
	if (!is_shown(u))
		return;
	if (u->pending_charset != group(u)->charset ||
	    u->pending.n >= PENDING_MOST)
		flush(u);
	u->pending_charset = group(u)->charset;
	ms_buf_byte(&u->pending, octet);
}

static void
put_text(struct unwrapper *u, const char *text)
{
	if (!is_shown(u))
		return;
	flush(u);
	ms_buf_text(&u->out, text);
}

static void
put_unicode(struct unwrapper *u, long number)
{
	uint32_t rune = (uint32_t)(number < 0 ? number + 0x10000 : number);

	u->skip = group(u)->unicode_skip;
	if (!is_shown(u))
		return;
	flush(u);
	if (rune >= 0xd800 && rune < 0xdc00) {
		u->high = rune;
		return;
	}
	if (u->high && rune >= 0xdc00 && rune < 0xe000)
		rune = 0x10000 + ((u->high - 0xd800) << 10) + (rune - 0xdc00);
	u->high = 0;
	ms_buf_rune(&u->out, rune);
}

/* ---- groups ---- */

static void
open_group(struct unwrapper *u)
{
	u->star = false;
	u->skip = 0;
	if (u->n == u->most) {
		if (u->beyond++ == 0)
			outlook_defect(
			    u->reader, MS_DEFECT_LIMIT, 0, "rtf_depth");
		return;
	}
	u->groups[u->n] = u->groups[u->n - 1];
	u->n++;
}

static void
close_group(struct unwrapper *u)
{
	u->star = false;
	u->skip = 0;
	if (u->beyond > 0)
		u->beyond--;
	else if (u->n > 1)
		u->n--;
}

/* ---- control words ---- */

/* Words that stand for characters, and those as HTML. */
static const struct {
	const char *word, *text, *html;
} characters[] = {
	{ "par", "\r\n", "\r\n" },
	{ "line", "\r\n", "\r\n" },
	{ "sect", "\r\n", "\r\n" },
	{ "page", "\r\n", "\r\n" },
	{ "row", "\r\n", "" },
	{ "tab", "\t", "\t" },
	{ "cell", "\t", "" },
	{ "lquote", "\xe2\x80\x98", "&lsquo;" },
	{ "rquote", "\xe2\x80\x99", "&rsquo;" },
	{ "ldblquote", "\xe2\x80\x9c", "&ldquo;" },
	{ "rdblquote", "\xe2\x80\x9d", "&rdquo;" },
	{ "bullet", "\xe2\x80\xa2", "&bull;" },
	{ "endash", "\xe2\x80\x93", "&ndash;" },
	{ "emdash", "\xe2\x80\x94", "&mdash;" },
	{ "emspace", "\xe2\x80\x83", "&emsp;" },
	{ "enspace", "\xe2\x80\x82", "&ensp;" },
};

/* Destinations whose text is none of the body's, though no \* says so. */
static const char *const hidden[] = {
	"colortbl",
	"stylesheet",
	"info",
	"pict",
	"object",
	"header",
	"footer",
	"headerl",
	"headerr",
	"headerf",
	"footerl",
	"footerr",
	"footerf",
	"filetbl",
	"listtable",
	"listoverridetable",
	"revtbl",
	"xmlnstbl",
};

static bool
is_hidden(struct ms_slice word)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (ms_slice_is(word, hidden[i]))
			return true;
	return false;
}

static bool
put_character(struct unwrapper *u, struct ms_slice word)
{
	bool html = u->kind == RTF_FROM_HTML;

	for (size_t i = 0; i < sizeof(characters) / sizeof(*characters); i++) {
		if (!ms_slice_is(word, characters[i].word))
			continue;
		put_text(u, html ? characters[i].html : characters[i].text);
		return true;
	}
	return false;
}

static void
start_destination(struct unwrapper *u, struct ms_slice word)
{
	struct group *g = group(u);

	if (ms_slice_is(word, "htmltag") && u->kind == RTF_FROM_HTML) {
		g->htmlrtf = false;
	} else if (!ms_slice_is(word, "fldinst")) {
		g->skipped = true;
	} else if (u->kind != RTF_PLAIN) {
		g->skipped = true;
	}
}

static void
choose_font(struct unwrapper *u, long number)
{
	if (number < 0 || number >= FONTS)
		return;
	u->font = (unsigned)number;
	if (!group(u)->fonts)
		group(u)->charset = u->fonts[number];
}

/* Words that say how to read what follows. */
static void
set_state(
    struct unwrapper *u, struct ms_slice word, bool has_number, long number)
{
	struct group *g = group(u);

	if (ms_slice_is(word, "htmlrtf"))
		g->htmlrtf = !has_number || number != 0;
	else if (ms_slice_is(word, "uc"))
		g->unicode_skip =
		    number >= 0 && number < 256 ? (unsigned char)number : 1;
	else if (ms_slice_is(word, "ansicpg") && number > 0)
		u->code_page = (unsigned)number;
	else if (ms_slice_is(word, "fonttbl"))
		g->fonts = true;
	else if (ms_slice_is(word, "f") && has_number)
		choose_font(u, number);
	else if (ms_slice_is(word, "fcharset") && g->fonts)
		u->fonts[u->font] = (unsigned char)number;
	else if (ms_slice_is(word, "plain") && !g->fonts)
		g->charset = 0;
	else if (is_hidden(word))
		g->skipped = true;
}

static void
control_word(struct unwrapper *u)
{
	struct ms_slice word = ms_scan_while(&u->in, MS_C_ALPHA, 32);
	bool minus =
	    ms_scan_peek(&u->in) == '-' &&
	    ms_is((unsigned char)ms_scan_peek_at(&u->in, 1), MS_C_DIGIT) &&
	    ms_scan_try_byte(&u->in, '-');
	struct ms_slice digits = ms_scan_while(&u->in, MS_C_DIGIT, 10);
	struct ms_scan s = ms_scan_init(digits);
	long number = digits.n ? (long)ms_scan_number(&s, 10, 4294967295u) : 0;

	(void)ms_scan_try_byte(&u->in, ' ');
	if (minus)
		number = -number;
	if (ms_slice_is(word, "bin")) {
		ms_scan_skip(&u->in, number > 0 ? (size_t)number : 0);
	} else if (u->star) {
		u->star = false;
		start_destination(u, word);
	} else if (ms_slice_is(word, "u") && digits.n > 0) {
		put_unicode(u, number);
	} else if (!put_character(u, word)) {
		set_state(u, word, digits.n > 0, number);
	}
}

/* \'hh: one octet in the charset of the font. */
static void
hex_octet(struct unwrapper *u)
{
	int high = ms_hex_value(ms_scan_peek(&u->in));
	int low = ms_hex_value(ms_scan_peek_at(&u->in, 1));

	if (high < 0 || low < 0)
		return;
	ms_scan_skip(&u->in, 2);
	put_octet(u, (unsigned char)(high << 4 | low));
}

static void
control(struct unwrapper *u)
{
	int c = ms_scan_peek(&u->in);

	if (c >= 0 && ms_is((unsigned char)c, MS_C_ALPHA)) {
		control_word(u);
		return;
	}
	ms_scan_skip(&u->in, 1);
	if (c == '\'')
		hex_octet(u);
	else if (c == '*')
		u->star = true;
	else if (c == '~')
		put_text(u, u->kind == RTF_FROM_HTML ? "&nbsp;" : " ");
	else if (c == '_')
		put_text(u, u->kind == RTF_FROM_HTML ? "&shy;" : "-");
	else if (c == '\r' || c == '\n')
		put_text(u, "\r\n");
	else if (c == '\\' || c == '{' || c == '}')
		put_octet(u, (unsigned char)c);
}

static void
step(struct unwrapper *u)
{
	int c = ms_scan_byte(&u->in);

	if (c == '{')
		open_group(u);
	else if (c == '}')
		close_group(u);
	else if (c == '\\')
		control(u);
	else if (c > 0 && c != '\r' && c != '\n')
		put_octet(u, (unsigned char)c);
}

struct ms_slice
rtf_unwrap(
    struct outlook_reader *reader, struct ms_slice rtf, enum rtf_kind kind)
{
	struct unwrapper *u = MS_NEW(reader->arena, struct unwrapper);

	u->reader = reader;
	u->kind = kind;
	u->in = ms_scan_init(rtf);
	u->most = reader->limits->rtf_depth + 1;
	u->groups = MS_NEW_ARRAY(reader->arena, struct group, u->most);
	u->n = 1;
	u->groups[0].unicode_skip = 1;
	u->code_page = 1252;
	ms_buf_init(&u->out, reader->arena);
	ms_buf_init(&u->pending, reader->arena);
	while (!ms_scan_at_end(&u->in))
		step(u);
	flush(u);
	return ms_buf_get(&u->out);
}
