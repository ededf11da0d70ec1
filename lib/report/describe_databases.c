/* SPDX-License-Identifier: ISC
 * describe_databases.c - which GeoIP databases were asked, and their dates
 */
#include "mailsonde/describe.h"

static void
put_databases(struct ms_report *report, const struct ms_geo_source *geo)
{
	struct ms_node *array =
	    ms_put_array(report, report->data, "geoip_databases");

	for (size_t i = 0; i < geo->n; i++) {
		const struct ms_geo_database *db = &geo->databases[i];
		struct ms_node *node = ms_put_object(report, array, NULL);

		ms_put_string(report, node, "type", db->type);
		ms_put_time(report, node, "build", db->build);
		ms_put_string(report, node, "description", db->description);
		ms_put_bool(report, node, "embedded", db->embedded);
	}
}

void
ms_describe_databases(struct ms_report *report, const struct ms_geo_source *geo)
{
	char build[MS_TIME_TEXT];

	if (report->audience & MS_FOR_DATA)
		put_databases(report, geo);
	if (geo->n == 0)
		ms_say_pair(report, "Places", MS_STYLE_WARN,
		    MS_SLICE("unknown: no GeoIP database was found"));
	for (size_t i = 0; i < geo->n; i++) {
		const struct ms_geo_database *db = &geo->databases[i];

		ms_time_format(db->build, build);
		if (db->embedded)
			ms_say_pairf(report, "Places", MS_STYLE_DIM, "%s",
			    db->description);
		else
			ms_say_pairf(report, "Places", MS_STYLE_DIM,
			    "by %s of %.10s", db->type, build);
	}
}
