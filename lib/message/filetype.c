/* SPDX-License-Identifier: ISC
 * filetype.c - types by their first bytes, and what may be called what
 *
 * Only signatures that stand at a fixed place, and the first words of text
 * formats. The rest is libmagic's.
 */
#include "mailsonde/mime.h"

#include "mailsonde/scan.h"

#define HEAD_TEXT 1024 /* text formats are looked for in so many bytes */

struct signature {
	unsigned offset;
	unsigned n;
	const char *bytes;
	const char *type;
};

/* Rows at offset 0 in the order of their first byte, for the eye only; the
 * first that fits is the answer, so the longer come first. */
static const struct signature signatures[] = {
	/* documents */
	{ 0, 5, "%PDF-", "application/pdf" },
	{ 0, 4, "%!PS", "application/postscript" },
	{ 0, 5, "{\\rtf", "application/rtf" },
	{ 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	    "application/x-ole-storage" },
	{ 0, 16,
	    "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3",
	    "application/onenote" },
	{ 0, 4, "ITSF", "application/vnd.ms-htmlhelp" },
	{ 0, 4, "\x78\x9f\x3e\x22", "application/ms-tnef" },
	{ 0, 4, "!BDN", "application/vnd.ms-outlook-pst" },
	{ 0, 16, "SQLite format 3\0", "application/vnd.sqlite3" },
	{ 4, 15, "Standard Jet DB", "application/x-msaccess" },
	/* programs */
	{ 0, 4,
	    "\x7f"
	    "ELF",
	    "application/x-executable" },
	{ 0, 4, "\xca\xfe\xba\xbe", "application/java-vm" },
	{ 0, 4, "\xfe\xed\xfa\xce", "application/x-mach-binary" },
	{ 0, 4, "\xfe\xed\xfa\xcf", "application/x-mach-binary" },
	{ 0, 4, "\xce\xfa\xed\xfe", "application/x-mach-binary" },
	{ 0, 4, "\xcf\xfa\xed\xfe", "application/x-mach-binary" },
	{ 0, 8, "\x4c\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut" },
	{ 0, 8, "dex\n035\0", "application/x-android-dex" },
	{ 0, 4, "\0asm", "application/wasm" },
	{ 0, 3, "#!/", "text/x-shellscript" },
	/* archives and images of disks */
	{ 0, 4, "PK\x03\x04", "application/zip" },
	{ 0, 4, "PK\x05\x06", "application/zip" },
	{ 0, 4, "PK\x07\x08", "application/zip" },
	{ 0, 8, "Rar!\x1a\x07\x01\0", "application/vnd.rar" },
	{ 0, 7, "Rar!\x1a\x07\0", "application/vnd.rar" },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed" },
	{ 0, 3, "\x1f\x8b\x08", "application/gzip" },
	{ 0, 2, "\x1f\x9d", "application/x-compress" },
	{ 0, 6,
	    "\xfd"
	    "7zXZ\0",
	    "application/x-xz" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "application/zstd" },
	{ 0, 4, "\x04\x22\x4d\x18", "application/x-lz4" },
	{ 0, 4, "LZIP", "application/lzip" },
	{ 0, 4, "MSCF", "application/vnd.ms-cab-compressed" },
	{ 0, 7, "**ACE**", "application/x-ace-compressed" },
	{ 7, 7, "**ACE**", "application/x-ace-compressed" },
	{ 0, 2, "\x60\xea", "application/x-arj" },
	{ 257, 5, "ustar", "application/x-tar" },
	{ 32769, 5, "CD001", "application/x-iso9660-image" },
	{ 0, 8, "conectix", "application/x-vhd" },
	{ 0, 8, "vhdxfile", "application/x-vhdx" },
	{ 0, 4, "KDMV", "application/x-vmdk" },
	{ 0, 8, "!<arch>\n", "application/x-archive" },
	{ 0, 4, "\xed\xab\xee\xdb", "application/x-rpm" },
	/* images */
	{ 0, 8, "\x89PNG\r\n\x1a\n", "image/png" },
	{ 0, 3, "\xff\xd8\xff", "image/jpeg" },
	{ 0, 6, "GIF87a", "image/gif" },
	{ 0, 6, "GIF89a", "image/gif" },
	{ 0, 4, "II*\0", "image/tiff" },
	{ 0, 4, "MM\0*", "image/tiff" },
	{ 0, 4, "\0\0\x01\0", "image/vnd.microsoft.icon" },
	{ 0, 4, "8BPS", "image/vnd.adobe.photoshop" },
	{ 0, 4, "\xd7\xcd\xc6\x9a", "image/wmf" },
	{ 40, 4, " EMF", "image/emf" },
	{ 4, 8, "ftypheic", "image/heic" },
	{ 4, 8, "ftypavif", "image/avif" },
	/* sound, film, fonts */
	{ 0, 3, "ID3", "audio/mpeg" },
	{ 0, 2, "\xff\xfb", "audio/mpeg" },
	{ 0, 2, "\xff\xf3", "audio/mpeg" },
	{ 0, 4, "OggS", "application/ogg" },
	{ 0, 4, "fLaC", "audio/flac" },
	{ 0, 4, "MThd", "audio/midi" },
	{ 0, 5, "#!AMR", "audio/amr" },
	{ 4, 8, "ftypM4A ", "audio/mp4" },
	{ 4, 6, "ftypqt", "video/quicktime" },
	{ 4, 4, "ftyp", "video/mp4" },
	{ 0, 4, "\x1a\x45\xdf\xa3", "video/x-matroska" },
	{ 0, 4, "FLV\x01", "video/x-flv" },
	{ 0, 5, "\0\x01\0\0\0", "font/ttf" },
	{ 0, 4, "OTTO", "font/otf" },
	{ 0, 4, "wOFF", "font/woff" },
	{ 0, 4, "wOF2", "font/woff2" },
	/* keys */
	{ 0, 27, "-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted" },
	{ 0, 29, "-----BEGIN PGP SIGNATURE-----", "application/pgp-signature" },
	{ 0, 36, "-----BEGIN PGP PUBLIC KEY BLOCK-----",
	    "application/pgp-keys" },
	{ 0, 27, "-----BEGIN CERTIFICATE-----", "application/x-x509-cert" },
};

static bool
fits(const struct signature *row, struct ms_slice head)
{
	return head.n >= row->offset + row->n &&
	       head.p[row->offset] == (unsigned char)row->bytes[0] &&
	       memcmp(head.p + row->offset, row->bytes, row->n) == 0;
}

static bool
has(struct ms_slice head, size_t at, const char *bytes, size_t n)
{
	return head.n >= at + n && memcmp(head.p + at, bytes, n) == 0;
}

/* Letters alone say little: some more of the structure has to be there. */
static const char *
detect_structured(struct ms_slice head)
{
	if (has(head, 0, "RIFF", 4)) {
		if (has(head, 8, "WEBP", 4))
			return "image/webp";
		if (has(head, 8, "WAVE", 4))
			return "audio/x-wav";
		return has(head, 8, "AVI ", 4) ? "video/x-msvideo" : NULL;
	}
	if (has(head, 0, "BM", 2) && has(head, 6, "\0\0\0\0", 4))
		return "image/bmp";
	if (has(head, 0, "BZh", 3) && has(head, 4, "1AY&SY", 6))
		return "application/x-bzip2";
	if (has(head, 2, "-lh", 3) && has(head, 6, "-", 1))
		return "application/x-lzh-compressed";
	/* A DOS header is binary; a sentence may begin with the letters. */
	if (has(head, 0, "MZ", 2) &&
	    ms_slice_find(ms_slice_part(head, 0, 64), 0, 0) < 64 &&
	    ms_slice_find(ms_slice_part(head, 0, 64), 0, 0) < head.n)
		return "application/x-dosexec";
	return NULL;
}

/* ---- archives that are something else ---- */

static uint32_t
little(struct ms_slice s, size_t at, size_t n)
{
	uint32_t out = 0;

	while (n-- > 0)
		out = out << 8 | (at + n < s.n ? s.p[at + n] : 0u);
	return out;
}

/* By the first names in it (APPNOTE.TXT 4.3.7): OOXML, OpenDocument, EPUB,
 * Java and Android packages. */
static const char *
zip_kind(struct ms_slice head)
{
	static const struct {
		const char *name, *type;
	} names[] = {
		{ "word/", "application/vnd.openxmlformats-officedocument."
			   "wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument."
			 "spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument."
			  "presentationml.presentation" },
		{ "META-INF/MANIFEST.MF", "application/java-archive" },
		{ "AndroidManifest.xml",
		    "application/vnd.android.package-archive" },
		{ "AppxManifest.xml", "application/vnd.ms-appx" },
	};
	size_t at = 0;

	for (int i = 0; i < 16 && has(head, at, "PK\x03\x04", 4); i++) {
		size_t name_n = little(head, at + 26, 2);
		size_t extra_n = little(head, at + 28, 2);
		size_t data_n = little(head, at + 18, 4);
		struct ms_slice name =
		    ms_slice_part(head, at + 30, at + 30 + name_n);

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (ms_slice_starts(name, names[k].name))
				return names[k].type;
		at += 30 + name_n + extra_n;
		if (ms_slice_is(name, "mimetype") && data_n < 100 &&
		    has(head, at, "application/vnd.oasis.opendocument.", 35))
			return "application/vnd.oasis.opendocument";
		if (ms_slice_is(name, "mimetype") &&
		    has(head, at, "application/epub+zip", 20))
			return "application/epub+zip";
		at += data_n;
	}
	return "application/zip";
}

/* ---- text ---- */

static const char *
detect_text(struct ms_slice head)
{
	static const struct {
		const char *start, *type;
	} starts[] = {
		{ "<!doctype html", "text/html" },
		{ "<html", "text/html" },
		{ "<head", "text/html" },
		{ "<body", "text/html" },
		{ "<script", "text/html" },
		{ "<svg", "image/svg+xml" },
		{ "<!doctype svg", "image/svg+xml" },
		{ "begin:vcard", "text/vcard" },
		{ "begin:vcalendar", "text/calendar" },
		{ "[internetshortcut]", "application/x-mswinurl" },
	};
	struct ms_slice text = ms_slice_part(head, 0, HEAD_TEXT);

	if (has(text, 0, "\xef\xbb\xbf", 3))
		text = ms_slice_part(text, 3, text.n);
	text = ms_slice_trim(text);
	if (text.n == 0 || (text.p[0] != '<' && text.p[0] != '[' &&
			       ms_lower(text.p[0]) != 'b'))
		return NULL;
	if (ms_slice_starts(text, "<?xml")) {
		if (ms_slice_find_nocase(text, 0, "<svg") < text.n)
			return "image/svg+xml";
		if (ms_slice_find_nocase(text, 0, "<html") < text.n)
			return "text/html";
		return "text/xml";
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (ms_slice_starts(text, starts[i].start))
			return starts[i].type;
	return NULL;
}

const char *
ms_filetype_detect(struct ms_slice head)
{
	const char *found;

	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]);
	     i++) {
		if (!fits(&signatures[i], head))
			continue;
		found = signatures[i].type;
		return strcmp(found, "application/zip") == 0 ? zip_kind(head)
							     : found;
	}
	found = detect_structured(head);
	return found ? found : detect_text(head);
}

/* ---- what may be called what ---- */

enum family {
	FAMILY_NONE,
	FAMILY_ZIP,
	FAMILY_OLE,
	FAMILY_PDF,
	FAMILY_PS,
	FAMILY_RTF,
	FAMILY_PROGRAM,
	FAMILY_SHORTCUT,
	FAMILY_RAR,
	FAMILY_7Z,
	FAMILY_GZIP,
	FAMILY_PACKED,
	FAMILY_DISK,
	FAMILY_IMAGE,
	FAMILY_MEDIA,
	FAMILY_FONT,
	FAMILY_HTML,
	FAMILY_TEXT,
	FAMILY_KEY,
	FAMILY_TNEF,
	FAMILY_ONENOTE,
	FAMILY_DATABASE,
};

struct family_row {
	const char *text;
	enum family family;
};

/* By what the type contains; the first that fits. */
static const struct family_row by_type[] = {
	{ "svg", FAMILY_HTML },
	{ "openxml", FAMILY_ZIP },
	{ "opendocument", FAMILY_ZIP },
	{ "epub", FAMILY_ZIP },
	{ "java-archive", FAMILY_ZIP },
	{ "android.package", FAMILY_ZIP },
	{ "appx", FAMILY_ZIP },
	{ "macroenabled", FAMILY_ZIP },
	{ "x-gzip", FAMILY_GZIP },
	{ "application/gzip", FAMILY_GZIP },
	{ "bzip", FAMILY_PACKED },
	{ "x-7z", FAMILY_7Z },
	{ "7zip", FAMILY_7Z },
	{ "lzip", FAMILY_PACKED },
	{ "gzip", FAMILY_GZIP },
	{ "zip", FAMILY_ZIP },
	{ "pkcs", FAMILY_KEY },
	{ "pgp", FAMILY_KEY },
	{ "x509", FAMILY_KEY },
	{ "pdf", FAMILY_PDF },
	{ "postscript", FAMILY_PS },
	{ "rtf", FAMILY_RTF },
	{ "richtext", FAMILY_RTF },
	{ "tnef", FAMILY_TNEF },
	{ "onenote", FAMILY_ONENOTE },
	{ "outlook-pst", FAMILY_DATABASE },
	{ "sqlite", FAMILY_DATABASE },
	{ "msaccess", FAMILY_DATABASE },
	{ "cab-compressed", FAMILY_PACKED },
	{ "htmlhelp", FAMILY_PROGRAM },
	{ "msdownload", FAMILY_PROGRAM },
	{ "dosexec", FAMILY_PROGRAM },
	{ "executable", FAMILY_PROGRAM },
	{ "mach-binary", FAMILY_PROGRAM },
	{ "java-vm", FAMILY_PROGRAM },
	{ "android-dex", FAMILY_PROGRAM },
	{ "wasm", FAMILY_PROGRAM },
	{ "ms-shortcut", FAMILY_SHORTCUT },
	{ "mswinurl", FAMILY_TEXT },
	{ "x-msi", FAMILY_OLE },
	{ "ole-storage", FAMILY_OLE },
	{ "msword", FAMILY_OLE },
	{ "ms-excel", FAMILY_OLE },
	{ "ms-powerpoint", FAMILY_OLE },
	{ "ms-outlook", FAMILY_OLE },
	{ "ms-works", FAMILY_OLE },
	{ "visio", FAMILY_OLE },
	{ "rar", FAMILY_RAR },
	{ "x-xz", FAMILY_PACKED },
	{ "zstd", FAMILY_PACKED },
	{ "x-lz", FAMILY_PACKED },
	{ "x-ace", FAMILY_PACKED },
	{ "x-arj", FAMILY_PACKED },
	{ "x-tar", FAMILY_PACKED },
	{ "x-compress", FAMILY_PACKED },
	{ "iso9660", FAMILY_DISK },
	{ "x-vhd", FAMILY_DISK },
	{ "vmdk", FAMILY_DISK },
	{ "html", FAMILY_HTML },
	{ "image/", FAMILY_IMAGE },
	{ "audio/", FAMILY_MEDIA },
	{ "video/", FAMILY_MEDIA },
	{ "application/ogg", FAMILY_MEDIA },
	{ "font", FAMILY_FONT },
	{ "xml", FAMILY_TEXT },
	{ "text/", FAMILY_TEXT },
	{ "json", FAMILY_TEXT },
	{ "message/", FAMILY_TEXT },
};

static const struct family_row by_extension[] = {
	{ "zip", FAMILY_ZIP },
	{ "docx", FAMILY_ZIP },
	{ "docm", FAMILY_ZIP },
	{ "dotx", FAMILY_ZIP },
	{ "dotm", FAMILY_ZIP },
	{ "xlsx", FAMILY_ZIP },
	{ "xlsm", FAMILY_ZIP },
	{ "xlsb", FAMILY_ZIP },
	{ "xltx", FAMILY_ZIP },
	{ "xlam", FAMILY_ZIP },
	{ "pptx", FAMILY_ZIP },
	{ "pptm", FAMILY_ZIP },
	{ "ppsx", FAMILY_ZIP },
	{ "odt", FAMILY_ZIP },
	{ "ods", FAMILY_ZIP },
	{ "odp", FAMILY_ZIP },
	{ "jar", FAMILY_ZIP },
	{ "apk", FAMILY_ZIP },
	{ "xpi", FAMILY_ZIP },
	{ "epub", FAMILY_ZIP },
	{ "kmz", FAMILY_ZIP },
	{ "appx", FAMILY_ZIP },
	{ "vsdx", FAMILY_ZIP },
	{ "pages", FAMILY_ZIP },
	{ "numbers", FAMILY_ZIP },
	{ "doc", FAMILY_OLE },
	{ "dot", FAMILY_OLE },
	{ "xls", FAMILY_OLE },
	{ "xlt", FAMILY_OLE },
	{ "ppt", FAMILY_OLE },
	{ "pps", FAMILY_OLE },
	{ "msi", FAMILY_OLE },
	{ "msg", FAMILY_OLE },
	{ "vsd", FAMILY_OLE },
	{ "pdf", FAMILY_PDF },
	{ "ps", FAMILY_PS },
	{ "eps", FAMILY_PS },
	{ "rtf", FAMILY_RTF },
	{ "exe", FAMILY_PROGRAM },
	{ "dll", FAMILY_PROGRAM },
	{ "scr", FAMILY_PROGRAM },
	{ "com", FAMILY_PROGRAM },
	{ "pif", FAMILY_PROGRAM },
	{ "cpl", FAMILY_PROGRAM },
	{ "sys", FAMILY_PROGRAM },
	{ "chm", FAMILY_PROGRAM },
	{ "class", FAMILY_PROGRAM },
	{ "lnk", FAMILY_SHORTCUT },
	{ "rar", FAMILY_RAR },
	{ "7z", FAMILY_7Z },
	{ "gz", FAMILY_GZIP },
	{ "tgz", FAMILY_GZIP },
	{ "bz2", FAMILY_PACKED },
	{ "xz", FAMILY_PACKED },
	{ "zst", FAMILY_PACKED },
	{ "cab", FAMILY_PACKED },
	{ "tar", FAMILY_PACKED },
	{ "ace", FAMILY_PACKED },
	{ "arj", FAMILY_PACKED },
	{ "lzh", FAMILY_PACKED },
	{ "iso", FAMILY_DISK },
	{ "img", FAMILY_DISK },
	{ "vhd", FAMILY_DISK },
	{ "vhdx", FAMILY_DISK },
	{ "png", FAMILY_IMAGE },
	{ "jpg", FAMILY_IMAGE },
	{ "jpeg", FAMILY_IMAGE },
	{ "jpe", FAMILY_IMAGE },
	{ "jfif", FAMILY_IMAGE },
	{ "gif", FAMILY_IMAGE },
	{ "bmp", FAMILY_IMAGE },
	{ "webp", FAMILY_IMAGE },
	{ "tif", FAMILY_IMAGE },
	{ "tiff", FAMILY_IMAGE },
	{ "ico", FAMILY_IMAGE },
	{ "heic", FAMILY_IMAGE },
	{ "emf", FAMILY_IMAGE },
	{ "wmf", FAMILY_IMAGE },
	{ "psd", FAMILY_IMAGE },
	{ "svg", FAMILY_HTML },
	{ "htm", FAMILY_HTML },
	{ "html", FAMILY_HTML },
	{ "xhtml", FAMILY_HTML },
	{ "shtml", FAMILY_HTML },
	{ "txt", FAMILY_TEXT },
	{ "csv", FAMILY_TEXT },
	{ "xml", FAMILY_TEXT },
	{ "json", FAMILY_TEXT },
	{ "ics", FAMILY_TEXT },
	{ "vcf", FAMILY_TEXT },
	{ "eml", FAMILY_TEXT },
	{ "url", FAMILY_TEXT },
	{ "log", FAMILY_TEXT },
	{ "sh", FAMILY_TEXT },
	{ "mp3", FAMILY_MEDIA },
	{ "mp4", FAMILY_MEDIA },
	{ "m4a", FAMILY_MEDIA },
	{ "mov", FAMILY_MEDIA },
	{ "ogg", FAMILY_MEDIA },
	{ "flac", FAMILY_MEDIA },
	{ "wav", FAMILY_MEDIA },
	{ "avi", FAMILY_MEDIA },
	{ "mkv", FAMILY_MEDIA },
	{ "amr", FAMILY_MEDIA },
	{ "ttf", FAMILY_FONT },
	{ "otf", FAMILY_FONT },
	{ "woff", FAMILY_FONT },
	{ "woff2", FAMILY_FONT },
	{ "asc", FAMILY_KEY },
	{ "pgp", FAMILY_KEY },
	{ "gpg", FAMILY_KEY },
	{ "sig", FAMILY_KEY },
	{ "pem", FAMILY_KEY },
	{ "crt", FAMILY_KEY },
	{ "one", FAMILY_ONENOTE },
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static enum family
family_of_type(struct ms_slice type)
{
	for (size_t i = 0; i < ROWS(by_type); i++)
		if (ms_slice_find_nocase(type, 0, by_type[i].text) < type.n)
			return by_type[i].family;
	return FAMILY_NONE;
}

static enum family
family_of_name(struct ms_slice name)
{
	size_t dot = name.n;
	struct ms_slice extension;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	if (dot == 0)
		return FAMILY_NONE;
	extension = ms_slice_trim(ms_slice_part(name, dot, name.n));
	for (size_t i = 0; i < ROWS(by_extension); i++)
		if (ms_slice_is(extension, by_extension[i].text))
			return by_extension[i].family;
	return FAMILY_NONE;
}

/* Programs save under the names of their older formats, and text is a
 * superset of much. */
static bool
related(enum family found, enum family claimed)
{
	if (found == claimed || claimed == FAMILY_NONE)
		return true;
	switch (found) {
	case FAMILY_NONE:
	case FAMILY_KEY: /* ASCII armour is text */
		return true;
	case FAMILY_TEXT:
		return claimed == FAMILY_HTML || claimed == FAMILY_KEY;
	case FAMILY_HTML:
		return claimed == FAMILY_TEXT;
	case FAMILY_RTF:
		return claimed == FAMILY_OLE || claimed == FAMILY_TEXT;
	case FAMILY_PS:
		return claimed == FAMILY_TEXT;
	case FAMILY_GZIP:
		return claimed == FAMILY_PACKED;
	case FAMILY_OLE: /* encrypted OOXML is wrapped in OLE: MS-OFFCRYPTO */
		return claimed == FAMILY_ZIP;
	case FAMILY_ZIP:
		return claimed == FAMILY_OLE;
	default:
		return false;
	}
}

static bool
says_nothing(struct ms_slice type)
{
	return type.n == 0 || ms_slice_is(type, "application/octet-stream") ||
	       ms_slice_is(type, "application/x-download") ||
	       ms_slice_is(type, "application/force-download") ||
	       ms_slice_is(type, "application/download") ||
	       ms_slice_is(type, "application/binary") ||
	       ms_slice_is(type, "binary/octet-stream");
}

bool
ms_filetype_agrees(
    const char *detected, struct ms_slice declared, struct ms_slice filename)
{
	enum family found;

	if (!detected)
		return true;
	found = family_of_type(ms_slice_from(detected));
	if (found == FAMILY_NONE)
		return true;
	if (!related(found, family_of_name(filename)))
		return false;
	return says_nothing(declared) ||
	       related(found, family_of_type(declared));
}
