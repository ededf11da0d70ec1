/* SPDX-License-Identifier: ISC
 * trace_zone.c - UTC offsets that cannot be, or that do not fit the place
 */
#include <stdlib.h>

#include "trace_hop_priv.h"

static void
impossible(const struct ms_check *check, const struct ms_trace *trace,
    size_t index, struct ms_report *report)
{
	int zone = trace->hops[index].received.date.zone;
	struct ms_finding f = trace_hop_finding(check, report, trace, index);

	f.title = ms_arena_printf(report->arena,
	    "Hop %zu is dated with the UTC offset %+03d%02d, which no place "
	    "has",
	    index, zone / 60, abs(zone % 60));
	f.detail = "Offsets reach from -1200 to +1400. A clock set wrong, or "
		   "an invented line.";
	f.fix = "Do not use that hop's date.";
	ms_report_finding(report, &f);
}

/* The zone of the writing host (`by`) is told by its date, its place only by
 * its own address, which the next hop saw. */
static void
elsewhere(const struct ms_check *check, const struct ms_trace *trace,
    size_t index, struct ms_report *report)
{
	const struct ms_date *date = &trace->hops[index].received.date;
	const struct ms_geo_place *geo = &trace->hops[index + 1].geo;
	struct ms_finding f;
	int from, to;

	if (geo->country.n == 0 || !date->zone_known || date->zone == 0 ||
	    !ms_country_offsets(geo->country, &from, &to))
		return;
	if (date->zone >= from && date->zone <= to)
		return;
	f = trace_hop_finding(check, report, trace, index);
	f.id = "trace-zone-country";
	f.severity = MS_SEVERITY_INFO;
	f.weight = 0;
	f.title = ms_arena_printf(report->arena,
	    "Hop %zu is dated %+03d%02d, but its host lies in %.*s", index,
	    date->zone / 60, abs(date->zone % 60), FINDING_TEXT(geo->country));
	f.detail = "Servers are set to any zone they like, and places of "
		   "addresses are guesses: a hint, never a proof.";
	ms_put_text(report, f.evidence, "country", geo->country);
	ms_put_int(report, f.evidence, "offset_minutes", date->zone);
	ms_put_string(report, f.evidence, "confidence", "low");
	ms_report_finding(report, &f);
}

static void
run(const struct ms_check *check, const struct ms_case *subject,
    struct ms_report *report)
{
	const struct ms_trace *trace = subject->trace;
	unsigned found = 0;

	for (size_t i = 0; i < trace->n && found < 5; i++) {
		const struct ms_date *date = &trace->hops[i].received.date;
		size_t before = report->findings_n;

		if (!date->set)
			continue;
		if (date->oddities & MS_DATE_ZONE_IMPOSSIBLE)
			impossible(check, trace, i, report);
		else if (i + 1 < trace->n &&
			 trace->hops[i].trust == MS_TRUST_CLAIMED)
			elsewhere(check, trace, i, report);
		found += report->findings_n > before;
	}
}

extern const struct ms_check check_trace_zone;

const struct ms_check check_trace_zone = {
	.id = "trace-zone-impossible",
	.title = "UTC offsets that no place has, or not that place",
	.reference = "RFC 5322 section 3.3",
	.severity = MS_SEVERITY_MEDIUM,
	.weight = 15,
	.needs = MS_NEEDS_TRACE,
	.run = run,
};
