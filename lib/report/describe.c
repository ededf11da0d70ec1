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
