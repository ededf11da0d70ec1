/* SPDX-License-Identifier: ISC
 * attachment_name.c - file names that lie about what the file is
 */
#include "finding_priv.h"

/* What runs, or is opened by something that runs it. */
static bool
executable(struct ms_slice extension)
{
	static const char *const list[] = { "exe", "scr", "pif", "com", "bat",
		"cmd", "cpl", "msi", "msp", "hta", "js", "jse", "vbs", "vbe",
		"wsf", "wsh", "ps1", "psm1", "jar", "lnk", "reg", "dll", "sys",
		"iso", "img", "vhd", "vhdx", "chm", "application", "gadget",
		"inf", "scf", "url", "appx", "msix", "xll", "one", "sh",
		"command", "app", "dmg", "apk", "desktop" };

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (ms_slice_is(extension, list[i]))
			return true;
	return false;
}

static bool
document(struct ms_slice extension)
{
	static const char *const list[] = { "pdf", "doc", "docx", "xls", "xlsx",
		"ppt", "pptx", "txt", "rtf", "jpg", "jpeg", "png", "gif", "bmp",
		"tif", "tiff", "csv", "odt", "ods", "mp3", "mp4", "avi", "mov",
		"wav", "htm", "html", "zip", "eml", "msg" };

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (ms_slice_is(extension, list[i]))
			return true;
	return false;
}

/* The extension that ends at `end` (the dot at `end`'s left is taken off). */
static struct ms_slice
extension_before(struct ms_slice name, size_t end)
{
	size_t dot = end;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	if (dot == 0)
		return ms_slice_make(NULL, 0);
	return ms_slice_trim(ms_slice_part(name, dot, end));
}

static void
put(const struct ms_part *part, struct ms_finding *f, struct ms_report *report)
{
	ms_put_text(report, f->evidence, "filename", part->filename);
	ms_put_int(report, f->evidence, "part", part->index);
	ms_report_finding(report, f);
}

static void
double_extension(const struct ms_check *check, const struct ms_part *part,
    struct ms_slice shown, struct ms_slice last, struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.title = ms_arena_printf(report->arena,
	    "The file %.*s seems to be .%.*s and is .%.*s",
	    FINDING_TEXT(part->filename), FINDING_TEXT(shown),
	    FINDING_TEXT(last));
	f.detail = "Desktops that hide known extensions show only the first "
		   "one; opening the file runs it.";
	f.fix = "Do not open it; hand it to whoever examines malware.";
	put(part, &f, report);
}

static void
runs(const struct ms_check *check, const struct ms_part *part,
    struct ms_slice last, struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "attachment-executable";
	f.title = ms_arena_printf(report->arena,
	    "The attached file %.*s is of a kind that runs (.%.*s)",
	    FINDING_TEXT(part->filename), FINDING_TEXT(last));
	f.detail = "Opening it starts a program or mounts a disk with one.";
	f.fix = "Do not open it; hand it to whoever examines malware.";
	put(part, &f, report);
}

static void
hidden(const struct ms_check *check, const struct ms_part *part,
    const char *what, struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "attachment-hidden-characters";
	f.title = ms_arena_printf(report->arena, "The file name %.*s holds %s",
	    FINDING_TEXT(part->filename), what);
	f.detail = "With the reading direction turned, \"cod.exe\" is shown "
		   "as \"exe.doc\".";
	f.fix = "Do not open it; read the name as it is shown here.";
	f.reference = "Unicode UAX 9; UTS 39";
	put(part, &f, report);
}

static void
judge(const struct ms_check *check, const struct ms_part *part,
    struct ms_report *report)
{
	struct ms_slice name = part->filename;
	struct ms_slice last = extension_before(name, name.n), shown, stem;
	const char *what = NULL;

	if (finding_hidden(name, &what) > 0)
		hidden(check, part, what, report);
	if (!last.p || !executable(last))
		return;
	stem = ms_slice_part(name, 0, (size_t)(last.p - name.p));
	stem = ms_slice_trim(ms_slice_part(stem, 0, stem.n - 1));
	shown = extension_before(stem, stem.n);
	if (shown.p && document(shown))
		double_extension(check, part, shown, last, report);
	else
		runs(check, part, last, report);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	for (const struct ms_part *part = subject->message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF && part->filename.p)
			judge(check, part, report);
}

extern const struct ms_check check_attachment_name;

const struct ms_check check_attachment_name = {
	.id = "attachment-double-extension",
	.title = "attached files that run, and names that hide it",
	.reference = "RFC 2183 section 5",
	.severity = MS_SEVERITY_HIGH,
	.weight = 50,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
