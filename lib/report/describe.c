/* SPDX-License-Identifier: ISC
 * describe.c - what the describing files share
 */
#include "describe_priv.h"

#include "mailsonde/utf8.h"

struct ms_slice
describe_defang(struct ms_report *report, struct ms_slice text)
{
	return report->defang && text.p ? ms_defang(report->arena, text) : text;
}

struct ms_slice
describe_cut(struct ms_report *report, struct ms_slice text, size_t max)
{
	struct ms_buf buf;

	if (text.n <= max)
		return text;
	ms_buf_init(&buf, report->arena);
	ms_buf_slice(&buf, ms_utf8_head(text, max));
	ms_buf_text(&buf, "…");
	return ms_buf_get(&buf);
}

struct describe_answer
describe_answer_of(const struct ms_report *report, const char *good)
{
	const struct ms_finding *worst = report->findings;

	if (worst && worst->severity >= MS_SEVERITY_HIGH)
		return (struct describe_answer){ MS_STYLE_BAD, "BROKEN",
			worst->title };
	if (worst && worst->severity >= MS_SEVERITY_LOW)
		return (struct describe_answer){ MS_STYLE_WARN, "TO MEND",
			worst->title };
	if (report->errors)
		return (struct describe_answer){ MS_STYLE_WARN,
			"COULD NOT TELL", report->errors->text };
	return (struct describe_answer){ MS_STYLE_GOOD, "GOOD", good };
}
