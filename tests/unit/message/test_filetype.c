/* SPDX-License-Identifier: ISC
 * test_filetype.c - types by content, and what may be called what
 */
#include "mailsonde/mime.h"

#include "test.h"

#define DOCX                                                                   \
	"application/vnd.openxmlformats-officedocument.wordprocessingml."      \
	"document"
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
	const char *p;
	size_t n;
	const char *type; /* NULL: not known */
} files[] = {
	{ BYTES("%PDF-1.7\n"), "application/pdf" },
	{ BYTES("%PDF"), NULL },
	{ BYTES("\x89PNG\r\n\x1a\n...."), "image/png" },
	{ BYTES("\xff\xd8\xff\xe0"), "image/jpeg" },
	{ BYTES("PK\x03\x04"), "application/zip" },
	{ BYTES("PK\x03"), NULL },
	{ BYTES("Rar!\x1a\x07\x01\0"), "application/vnd.rar" },
	{ BYTES("Rar!\x1a\x07\0"), "application/vnd.rar" },
	{ BYTES("7z\xbc\xaf\x27\x1c"), "application/x-7z-compressed" },
	{ BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
	    "application/x-ole-storage" },
	{ BYTES("\x7f"
		"ELF\2"),
	    "application/x-executable" },
	{ BYTES("MZ\x90\0\3"), "application/x-dosexec" },
	{ BYTES("MZ is what this sentence begins with"), NULL },
	{ BYTES("MZ"), NULL },
	{ BYTES("RIFF....WEBPVP8 "), "image/webp" },
	{ BYTES("RIFF....WAVEfmt "), "audio/x-wav" },
	{ BYTES("RIFF....what"), NULL },
	{ BYTES("RIFF"), NULL },
	{ BYTES("BM....\0\0\0\0...."), "image/bmp" },
	{ BYTES("BMW is a car"), NULL },
	{ BYTES("BZh91AY&SY"), "application/x-bzip2" },
	{ BYTES("....ftypisom"), "video/mp4" },
	{ BYTES("....ftypheic"), "image/heic" },
	{ BYTES("....ftypM4A "), "audio/mp4" },
	{ BYTES("\0\0\x01\0\1\0"), "image/vnd.microsoft.icon" },
	{ BYTES("#!/bin/sh\n"), "text/x-shellscript" },
	{ BYTES("<!DOCTYPE HTML>"), "text/html" },
	{ BYTES("\xef\xbb\xbf \r\n<Html>"), "text/html" },
	{ BYTES("<script>"), "text/html" },
	{ BYTES("<?xml version=\"1.0\"?><svg xmlns=\"\">"), "image/svg+xml" },
	{ BYTES("<?xml version=\"1.0\"?><html>"), "text/html" },
	{ BYTES("<?xml version=\"1.0\"?><a/>"), "text/xml" },
	{ BYTES("<a@b.example>"), NULL },
	{ BYTES("BEGIN:VCALENDAR\r\n"), "text/calendar" },
	{ BYTES("[InternetShortcut]\r\n"), "application/x-mswinurl" },
	{ BYTES("plain text"), NULL },
	{ BYTES(" "), NULL },
	{ BYTES(""), NULL },
};

static void
detects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *got =
		    ms_filetype_detect(ms_slice_make(files[i].p, files[i].n));

		if (!got != !files[i].type)
			print_error("%s: %s\n", files[i].p, got);
		assert_int_equal(!got, !files[i].type);
		if (got)
			assert_string_equal(got, files[i].type);
	}
}

static void
detects_far_signatures(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	unsigned char *p = ms_arena_zalloc(arena, 32774);

	(void)state;
	memcpy(p + 257, "ustar", 5);
	assert_string_equal(
	    ms_filetype_detect(ms_slice_make(p, 262)), "application/x-tar");
	assert_null(ms_filetype_detect(ms_slice_make(p, 261)));
	p[257] = 0;
	memcpy(p + 32769, "CD001", 5);
	assert_string_equal(ms_filetype_detect(ms_slice_make(p, 32774)),
	    "application/x-iso9660-image");
	assert_null(ms_filetype_detect(ms_slice_make(p, 32773)));
	ms_arena_free(arena);
}

/* A local file header (APPNOTE.TXT 4.3.7) with its name and data. */
static void
put_file(struct ms_buf *buf, const char *name, const char *data)
{
	unsigned char head[30] = { 'P', 'K', 3, 4 };

	head[18] = (unsigned char)strlen(data);
	head[26] = (unsigned char)strlen(name);
	head[28] = 2;
	ms_buf_add(buf, head, sizeof(head));
	ms_buf_text(buf, name);
	ms_buf_text(buf, "xx");
	ms_buf_text(buf, data);
}

static const struct {
	const char *name, *data, *next, *type;
} archives[] = {
	{ "a.txt", "abc", "b.txt", "application/zip" },
	{ "[Content_Types].xml", "<x/>", "word/document.xml", DOCX },
	{ "mimetype", "application/vnd.oasis.opendocument.text", "c.xml",
	    "application/vnd.oasis.opendocument" },
	{ "mimetype", "application/epub+zip", "META-INF/container.xml",
	    "application/epub+zip" },
	{ "META-INF/", "", "META-INF/MANIFEST.MF", "application/java-archive" },
	{ "keyword/a", "", "b", "application/zip" },
};

static void
looks_into_archives(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
		struct ms_buf buf;

		ms_buf_init(&buf, arena);
		put_file(&buf, archives[i].name, archives[i].data);
		put_file(&buf, archives[i].next, "");
		assert_string_equal(
		    ms_filetype_detect(ms_buf_get(&buf)), archives[i].type);
		/* Cut anywhere, it is still an archive. */
		for (size_t n = 4; n < buf.n; n++)
			assert_non_null(
			    ms_filetype_detect(ms_slice_make(buf.p, n)));
	}
	ms_arena_free(arena);
}

static const struct {
	const char *detected, *declared, *name;
	bool agrees;
} pairs[] = {
	{ "application/pdf", "application/pdf", "a.pdf", true },
	{ "application/pdf", "application/octet-stream", "a.pdf", true },
	{ "application/pdf", "application/octet-stream", "a.doc", false },
	{ "application/pdf", "image/png", "a.pdf", false },
	{ "application/pdf", "application/pdf", "", true },
	{ "application/x-dosexec", "application/pdf", "a.pdf", false },
	{ "application/x-dosexec", "application/octet-stream", "a.exe", true },
	{ "application/x-dosexec", "application/octet-stream", "a.pdf.exe",
	    true },
	{ "application/x-dosexec", "application/octet-stream", "a.jpg", false },
	{ "application/zip", DOCX, "a.docx", true },
	{ DOCX, "application/zip", "a.zip", true },
	{ DOCX, "application/msword", "a.doc", true },
	{ "application/x-ole-storage", DOCX, "a.docx", true },
	{ "application/rtf", "application/msword", "a.doc", true },
	{ "application/x-ole-storage", "application/pdf", "a.pdf", false },
	{ "image/jpeg", "image/png", "a.png", true },
	{ "text/html", "text/plain", "a.txt", true },
	{ "text/html", "application/pdf", "a.pdf", false },
	{ "text/html", "image/png", "a.png", false },
	{ "application/gzip", "application/x-tar", "a.tar.gz", true },
	{ "application/pgp-signature", "text/plain", "a.txt", true },
	{ "application/x-unheard-of", "image/png", "a.png", true },
	{ NULL, "image/png", "a.png", true },
	{ "text/x-shellscript", "text/plain", "a.sh", true },
	{ "text/x-shellscript", "image/png", "a.png", false },
};

static void
judges_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		bool got = ms_filetype_agrees(pairs[i].detected,
		    ms_slice_from(pairs[i].declared),
		    ms_slice_from(pairs[i].name));

		if (got != pairs[i].agrees)
			print_error("%s as %s %s\n", pairs[i].detected,
			    pairs[i].declared, pairs[i].name);
		assert_int_equal(got, pairs[i].agrees);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detects),
		cmocka_unit_test(detects_far_signatures),
		cmocka_unit_test(looks_into_archives),
		cmocka_unit_test(judges_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
