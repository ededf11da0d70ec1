/* SPDX-License-Identifier: ISC
 * sender_fields.c - single fields that are there twice or not at all
 */
#include "finding_priv.h"

/* RFC 5322 3.6: fields with a maximum of one. */
static const struct single {
	enum ms_field_id id;
	const char *name;
	bool required;
	enum ms_severity repeated;
	int weight;
} singles[] = {
	{ MS_FIELD_FROM, "From", true, MS_SEVERITY_HIGH, 40 },
	{ MS_FIELD_DATE, "Date", true, MS_SEVERITY_LOW, 5 },
	{ MS_FIELD_SENDER, "Sender", false, MS_SEVERITY_MEDIUM, 10 },
	{ MS_FIELD_REPLY_TO, "Reply-To", false, MS_SEVERITY_MEDIUM, 10 },
	{ MS_FIELD_TO, "To", false, MS_SEVERITY_LOW, 5 },
	{ MS_FIELD_CC, "Cc", false, MS_SEVERITY_LOW, 5 },
	{ MS_FIELD_SUBJECT, "Subject", false, MS_SEVERITY_MEDIUM, 15 },
	{ MS_FIELD_MESSAGE_ID, "Message-ID", false, MS_SEVERITY_LOW, 5 },
};

static void
repeated(const struct ms_check *check, const struct ms_header *header,
    const struct single *single, struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);
	struct ms_node *array = ms_put_array(report, f.evidence, "values");
	const struct ms_field *field = ms_header_find(header, single->id);

	f.severity = single->repeated;
	f.weight = single->weight;
	f.title = ms_arena_printf(report->arena, "There are %u %s fields",
	    (unsigned)header->count[single->id], single->name);
	f.detail = "The standard allows one. Programs differ in which one they "
		   "show and which one they check, and that difference can be "
		   "used to show a sender or subject that nobody checked.";
	f.fix = "Compare the values; treat the message as forged unless its "
		"system is known to write such mail.";
	ms_put_string(report, f.evidence, "field", single->name);
	for (unsigned i = 0; field && i < 10; i++) {
		ms_put_text(report, array, NULL, field->value);
		field = ms_header_next(header, field);
	}
	ms_report_finding(report, &f);
}

static void
missing(const struct ms_check *check, const struct single *single,
    struct ms_report *report)
{
	struct ms_finding f = finding_start(check, report);

	f.id = "sender-missing-field";
	f.severity = MS_SEVERITY_LOW;
	f.weight = 5;
	f.title = ms_arena_printf(
	    report->arena, "The message has no %s field", single->name);
	f.detail = "Every message must carry it. Scripts of spammers forget "
		   "it; so do some machines and hand-made tests.";
	ms_put_string(report, f.evidence, "field", single->name);
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_header *header = &subject->message->header;

	for (size_t i = 0; i < sizeof(singles) / sizeof(*singles); i++) {
		if (header->count[singles[i].id] > 1)
			repeated(check, header, &singles[i], report);
		if (header->count[singles[i].id] == 0 && singles[i].required)
			missing(check, &singles[i], report);
	}
}

extern const struct ms_check check_sender_fields;

const struct ms_check check_sender_fields = {
	.id = "sender-repeated-field",
	.title = "fields that must stand once, and stand twice or not at all",
	.reference = "RFC 5322 section 3.6",
	.severity = MS_SEVERITY_HIGH,
	.weight = 40,
	.needs = MS_NEEDS_MESSAGE,
	.run = run,
};
