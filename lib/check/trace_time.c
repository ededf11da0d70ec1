/* SPDX-License-Identifier: ISC
 * trace_time.c - dates against one another, against ids, against Date
 */
#include <inttypes.h>

#include "trace_hop_priv.h"

#define HOUR 3600
#define DAY  86400

static void
id_time(const struct ms_check *check, const struct ms_trace *trace,
    size_t index, struct ms_report *report)
{
	const struct ms_hop *hop = &trace->hops[index];
	int64_t apart = hop->received.date.time - hop->id_time.time;
	char text[MS_TIME_TEXT];
	struct ms_finding f;

	if (apart < 0)
		apart = -apart;
	/* A queue id is made on arrival; mail may wait for days behind it,
	 * and the id's own zone may be unknown. */
	if (apart <= hop->id_time.precision + DAY)
		return;
	f = trace_hop_finding(check, report, trace, index);
	f.id = "trace-id-time";
	f.severity = MS_SEVERITY_MEDIUM;
	f.weight = 20;
	ms_time_format(hop->id_time.time, text);
	f.title = ms_arena_printf(report->arena,
	    "The id of hop %zu was made on %.10s, %" PRId64
	    " days from its date",
	    index, text, apart / DAY);
	f.detail = "The server makes the id from its clock in the moment that "
		   "it writes the line. A line put together by hand takes the "
		   "id from elsewhere.";
	f.fix = "Take the hop and all below it for invented.";
	ms_put_text(report, f.evidence, "id", hop->received.id);
	ms_put_string(report, f.evidence, "form", hop->id_time.kind);
	ms_put_time(report, f.evidence, "id_time", hop->id_time.time);
	ms_put_time(report, f.evidence, "hop_time", hop->received.date.time);
	ms_report_finding(report, &f);
}

static void
unexplained(const struct ms_check *check, const struct ms_trace *trace,
    size_t index, struct ms_report *report)
{
	struct ms_finding f = trace_hop_finding(check, report, trace, index);

	f.title = ms_arena_printf(report->arena,
	    "The date of hop %zu fits no clock that is merely off", index);
	f.detail = "Its host stamped other hops too, and no one offset of its "
		   "clock explains all of them.";
	f.fix = "Do not use that hop's date; look at the hop as a whole.";
	ms_report_finding(report, &f);
}

/* Date against the first dated hop: graded, past and future apart. */
static void
date_field(const struct ms_check *check, const struct ms_case *subject,
    int64_t first, struct ms_report *report)
{
	const struct ms_date *date = &subject->message->date;
	int64_t apart = first - date->time;
	int64_t size = apart < 0 ? -apart : apart;
	struct ms_finding f;

	if (size < 6 * HOUR)
		return;
	f = finding_start(check, report);
	f.id = "trace-date";
	f.severity = size < 24 * HOUR ? MS_SEVERITY_INFO : MS_SEVERITY_LOW;
	f.weight = size < 24 * HOUR ? 0 : 5;
	if (size > 4 * DAY || (apart < 0 && size > DAY)) {
		f.severity = MS_SEVERITY_MEDIUM;
		f.weight = 12;
	}
	f.title = ms_arena_printf(report->arena,
	    "Date lies %" PRId64 " %s %s the first hop",
	    size < 2 * DAY ? size / HOUR : size / DAY,
	    size < 2 * DAY ? "hours" : "days", apart < 0 ? "after" : "before");
	f.detail =
	    apart < 0
		? "The message was handed in before it was written, it says. A "
		  "date in the future keeps a message on top of the list."
		: "A draft that waited, a queue that stood still, a wrong "
		  "clock "
		  "or an invented date.";
	f.fix = "Go by the boundary hop's date.";
	f.reference = "RFC 5322 section 3.6.1";
	ms_put_time(report, f.evidence, "date", date->time);
	ms_put_time(report, f.evidence, "first_hop", first);
	ms_report_finding(report, &f);
}

/* The hop whose date is nearest to Date: the fewest false alarms. */
static bool
nearest(const struct ms_trace *trace, int64_t time, int64_t *out)
{
	bool any = false;
	int64_t best = 0;

	for (size_t i = 0; i < trace->n; i++) {
		const struct ms_date *date = &trace->hops[i].received.date;
		int64_t apart = date->time - time;

		if (!date->set)
			continue;
		apart = apart < 0 ? -apart : apart;
		if (any && apart >= best)
			continue;
		best = apart;
		*out = date->time;
		any = true;
	}
	return any;
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	const struct ms_header *header = &subject->message->header;
	unsigned found = 0;
	int64_t hop;

	for (size_t i = 0; i < trace->n && found < 5; i++) {
		const struct ms_hop *h = &trace->hops[i];
		size_t before = report->findings_n;

		if (h->unexplained)
			unexplained(check, trace, i, report);
		if (h->id_time.set && h->received.date.set)
			id_time(check, trace, i, report);
		found += report->findings_n > before;
	}
	/* A message sent again keeps its old Date (RFC 5322 3.6.6). */
	if (subject->message->date.set &&
	    header->count[MS_FIELD_RESENT_DATE] == 0 &&
	    nearest(trace, subject->message->date.time, &hop))
		date_field(check, subject, hop, report);
}

extern const struct ms_check check_trace_time;

const struct ms_check check_trace_time = {
	.id = "trace-clock",
	.title = "dates of hops against one another, against the time in ids, "
		 "and against Date",
	.reference = "RFC 5321 section 4.4",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 15,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
