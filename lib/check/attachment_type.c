/* SPDX-License-Identifier: ISC
 * attachment_type.c - the content of a file against its declared type
 */
#include "finding_priv.h"

static bool
program(const char *type)
{
	static const char *const list[] = {
		"application/x-dosexec",
		"application/x-msdownload",
		"application/vnd.microsoft.portable-executable",
		"application/x-executable",
		"application/x-elf",
		"application/x-mach-binary",
		"application/x-mach-o",
		"application/x-ms-shortcut",
		"application/java-vm",
		"application/x-java-applet",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (strcmp(type, list[i]) == 0)
			return true;
	return false;
}

static void
judge(const struct ms_check *check, const struct ms_part *part,
    struct ms_report *report)
{
	const char *found = part->detected ? part->detected : part->magic;
	struct ms_finding f;

	if (!found || ms_filetype_agrees(found, part->type, part->filename))
		return;
	f = finding_start(check, report);
	if (program(found)) {
		f.severity = MS_SEVERITY_CRITICAL;
		f.weight = 80;
	}
	f.title = ms_arena_printf(report->arena,
	    "The file %.*s is labelled %.*s and its content is %s",
	    FINDING_TEXT(part->filename.n > 0 ? part->filename
					      : MS_SLICE("without a name")),
	    FINDING_TEXT(part->type), found);
	f.detail = program(found)
		       ? "A program under another name gets past filters and "
			 "is run by whoever opens it."
		       : "The name or the declared type does not fit the "
			 "content. Careless programs do that; so does a file "
			 "that wants to get past a filter.";
	f.fix = "Judge the file by its content, not by its label.";
	ms_put_text(report, f.evidence, "filename", part->filename);
	ms_put_text(report, f.evidence, "declared", part->type);
	ms_put_string(report, f.evidence, "detected", found);
	ms_put_int(report, f.evidence, "part", part->index);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	for (const struct ms_part *part = subject->message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF && ms_part_is_attachment(part))
			judge(check, part, report);
}

extern const struct ms_check check_attachment_type;

const struct ms_check check_attachment_type = {
	.id = "attachment-type-mismatch",
	.title = "an attached file's content is not of its declared type",
	.reference = "RFC 2046 section 4.5.1",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 15,
	.needs = MS_NEEDS_MESSAGE | MS_NEEDS_CONTENT,
	.run = run,
};
