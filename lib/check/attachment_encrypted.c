/* SPDX-License-Identifier: ISC
 * attachment_encrypted.c - archives that nobody can look into
 *
 * Recognised from their headers, never opened: ZIP (APPNOTE 4.4.4, general
 * purpose bit 0), RAR 4 and 5 (encrypted headers or files), 7z (the AES coder
 * in the header).
 */
#include "finding_priv.h"

/* At most so much of the content is searched. */
#define SEARCH_MAX (8u * 1024 * 1024)

static bool
zip_encrypted(struct ms_slice s)
{
	/* Local file headers one after another; a central directory entry
	 * carries the same flag two bytes further on. */
	for (size_t at = ms_slice_find_text(s, 0, "PK\003\004"); at < s.n;
	     at = ms_slice_find_text(s, at + 4, "PK\003\004"))
		if (s.n - at > 8 && s.p[at + 6] & 1 && s.p[at + 4] < 64)
			return true;
	return false;
}

static bool
rar_encrypted(struct ms_slice s)
{
	static const unsigned char rar4[] = { 'R', 'a', 'r', '!', 0x1a, 7, 0 };
	static const unsigned char rar5[] = { 'R', 'a', 'r', '!', 0x1a, 7, 1,
		0 };

	if (s.n > 32 && memcmp(s.p, rar4, sizeof(rar4)) == 0) {
		/* MAIN_HEAD flags: 0x0080 headers; then FILE_HEAD: 0x04. */
		size_t file = 7u + (s.p[12] | (size_t)s.p[13] << 8);

		if (s.p[10] & 0x80)
			return true;
		return file + 5 < s.n && s.p[file + 2] == 0x74 &&
		       (s.p[file + 3] & 4);
	}
	/* RAR 5: a first block of type 4 is the encryption header; its size
	 * field is one byte for so short a block. */
	return s.n > 16 && memcmp(s.p, rar5, sizeof(rar5)) == 0 && s.p[13] == 4;
}

static bool
sevenzip_encrypted(struct ms_slice s)
{
	static const char start[] = "7z\xbc\xaf\x27\x1c";

	return s.n > 32 && memcmp(s.p, start, 6) == 0 &&
	       ms_slice_find_text(s, 32, "\x06\xf1\x07\x01") < s.n;
}

static const char *
encrypted(struct ms_slice content)
{
	if (content.n < 4)
		return NULL;
	if (memcmp(content.p, "PK\003\004", 4) == 0)
		return zip_encrypted(content) ? "ZIP" : NULL;
	if (rar_encrypted(content))
		return "RAR";
	return sevenzip_encrypted(content) ? "7z" : NULL;
}

static bool
archive(const struct ms_part *part)
{
	return part->detected && (strstr(part->detected, "zip") ||
				     strstr(part->detected, "rar") ||
				     strstr(part->detected, "7z") ||
				     strstr(part->detected, "openxml"));
}

static void
judge(const struct ms_check *check, const struct ms_case *subject,
    const struct ms_part *part, struct ms_report *report)
{
	struct ms_arena_mark mark = ms_arena_mark(subject->parse->arena);
	struct ms_slice content = ms_slice_part(
	    ms_part_decode(subject->parse->arena, part), 0, SEARCH_MAX);
	const char *kind = encrypted(content);
	struct ms_finding f;

	ms_arena_reset(subject->parse->arena, mark);
	if (!kind)
		return;
	f = finding_start(check, report);
	f.title = ms_arena_printf(report->arena,
	    "The attached %s archive %.*s is encrypted", kind,
	    FINDING_TEXT(part->filename));
	f.detail = "No filter has seen what is in it. With the password in "
		   "the same message, that is the purpose.";
	f.fix = "Ask the sender over another channel before opening it.";
	ms_put_text(report, f.evidence, "filename", part->filename);
	ms_put_string(report, f.evidence, "kind", kind);
	ms_put_int(report, f.evidence, "part", part->index);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	for (const struct ms_part *part = subject->message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF && archive(part))
			judge(check, subject, part, report);
}

extern const struct ms_check check_attachment_encrypted;

const struct ms_check check_attachment_encrypted = {
	.id = "attachment-encrypted-archive",
	.title = "an attached archive that is encrypted",
	.reference = "APPNOTE.TXT section 4.4.4",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 20,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_CONTENT,
	.run = run,
};
