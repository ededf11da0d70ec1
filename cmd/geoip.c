/* SPDX-License-Identifier: ISC
 * geoip.c - mailsonde geoip: where is this address? and building the database
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "env.h"
#include "lines.h"
#include "mailsonde/describe.h"

/* ---- looking up ---- */

static void
put_address(
    struct ms_report *report, const struct ms_job *job, const struct ms_ip *ip)
{
	ms_put_string(report, report->subject, "kind", "address");
	if (ip->set)
		ms_put_ip(report, report->subject, "ip", ip);
	else
		ms_put_text(report, report->subject, "ip", job->value);
}

static void
put_special(struct ms_report *report, const struct ms_special *special)
{
	struct ms_node *node;

	if (!special) {
		ms_put_null(report, report->data, "special");
		return;
	}
	node = ms_put_object(report, report->data, "special");
	ms_put_string(report, node, "class", special->class);
	ms_put_string(report, node, "network", special->network);
	ms_put_string(report, node, "name", special->name);
	ms_put_string(report, node, "reference", special->rfc);
}

static void
say_place(struct ms_report *report, const struct ms_ip *ip,
    const struct ms_geo_place *place, const struct ms_special *special)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	ms_say_title(
	    report, ms_arena_string(report->arena, ms_slice_from(text)));
	if (special)
		ms_say_pairf(report, "Class", MS_STYLE_PLAIN, "%s, %s (%s)",
		    special->name, special->network, special->rfc);
	if (place->country.n > 0)
		ms_say_pairf(report, "Country", MS_STYLE_PLAIN, "%.*s %.*s%s",
		    (int)place->country.n, (const char *)place->country.p,
		    (int)place->country_name.n,
		    (const char *)place->country_name.p,
		    place->country_registered ? " (where it is registered)"
					      : "");
	if (place->city.n > 0 || place->region.n > 0)
		ms_say_pairf(report, "City", MS_STYLE_PLAIN, "%.*s%s%.*s",
		    (int)place->city.n, (const char *)place->city.p,
		    place->city.n > 0 && place->region.n > 0 ? ", " : "",
		    (int)place->region.n, (const char *)place->region.p);
	if (place->asn)
		ms_say_pairf(report, "Network", MS_STYLE_PLAIN,
		    "AS%" PRIu32 " %.*s", place->asn,
		    (int)place->organization.n,
		    (const char *)place->organization.p);
	if (!place->found && !special)
		ms_say_pair(report, "Country", MS_STYLE_PLAIN,
		    MS_SLICE("not in the databases"));
}

static void
name(const struct ms_job *job, struct ms_report *report)
{
	struct ms_ip ip = { 0 };

	if (!job->error)
		(void)ms_ip_parse_literal(job->value, &ip);
	put_address(report, job, &ip);
}

static void
judge(const void *with, const struct ms_env *env, const struct ms_job *job,
    struct ms_report *report)
{
	struct ms_geo_place place = { 0 };
	const struct ms_special *special;
	struct ms_ip ip = { 0 };

	(void)with;
	if (job->error || !ms_ip_parse_literal(job->value, &ip)) {
		put_address(report, job, &ip);
		report->exit_code = EXIT_DATA;
		ms_report_error(report, "address", false, "%.*s: %s",
		    (int)(job->line.n > 200 ? 200 : job->line.n),
		    (const char *)job->line.p,
		    job->error ? job->error : "is no IP address");
		return;
	}
	put_address(report, job, &ip);
	special = ms_ip_special(&ip);
	if (env->geo->lookup(env->geo, &ip, &place) != MS_OK)
		ms_report_error(report, "geoip", true,
		    "a database could not be read at this address");
	if (report->audience & MS_FOR_DATA) {
		ms_describe_place(report, report->data, &place);
		put_special(report, special);
	}
	say_place(report, &ip, &place, special);
	if (env->geo->n == 0)
		ms_report_error(report, "geoip", true,
		    "no GeoIP database was found; see --geoip-db");
	if (report->audience & MS_FOR_TEXT)
		ms_describe_databases(report, env->geo);
}

static int
look_up(const struct options *options)
{
	static const struct lines_plan plan = {
		.command = "geoip", .member = "ip", .name = name, .judge = judge
	};

	return run_jobs(&plan, options, NULL, ENV_GEO);
}

/* ---- building ---- */

static bool
read_file(const char *path, struct ms_buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	do {
		n = fread(ms_buf_room(out, 1 << 20), 1, 1 << 20, file);
		out->n += n;
	} while (n > 0);
	n = (size_t)ferror(file);
	fclose(file);
	if (n)
		complain("%s: %s", path, strerror(errno));
	return !n;
}

static void
say_stats(const struct ms_geo_build_stats *stats, size_t size)
{
	char date[MS_TIME_TEXT];

	ms_time_format(stats->generated, date);
	date[strlen("2026-01-02")] = '\0';
	fprintf(stderr,
	    "mailsonde: %zu IPv4 and %zu IPv6 ranges of %s (%s): %zu "
	    "countries, %zu nodes, %zu bytes\n",
	    stats->ranges4, stats->ranges6,
	    stats->generated ? date : "no known date",
	    stats->license[0] ? stats->license : "licence unknown",
	    stats->records, stats->nodes, size);
}

static int
build(const struct options *options, struct ms_arena *arena)
{
	const char *paths[] = { options->geoip ? options->geoip
					       : "/usr/share/tor/geoip",
		options->geoip6 ? options->geoip6 : "/usr/share/tor/geoip6" };
	struct ms_geo_build_stats stats;
	struct ms_buf in[2], database;
	struct output output;
	struct ms_diag diag;

	for (size_t i = 0; i < 2; i++) {
		ms_buf_init(&in[i], arena);
		if (!read_file(paths[i], &in[i]))
			return EXIT_NOFILE;
	}
	ms_buf_init(&database, arena);
	if (ms_geo_build_country(ms_buf_get(&in[0]), ms_buf_get(&in[1]),
		&database, &stats, &diag) != MS_OK) {
		complain("%s", diag.text);
		return EXIT_DATA;
	}
	if (!output_open(&output, arena, options))
		return EXIT_WRITE;
	output_bytes(&output, ms_buf_get(&database));
	if (!options->quiet)
		say_stats(&stats, database.n);
	return output_close(&output, true);
}

static int
run(const struct options *options)
{
	struct ms_arena *arena;
	int code;

	if (options->files.n == 0) {
		complain("geoip: which address? give an IP, or \"-\" for "
			 "those on standard input");
		return EXIT_USAGE;
	}
	if (strcmp(options->files.list[0], "build") != 0)
		return look_up(options);
	if (!options->output && isatty(STDOUT_FILENO)) {
		complain("geoip build: name the database with -o FILE");
		return EXIT_USAGE;
	}
	arena = ms_arena_new(out_of_memory);
	code = build(options, arena);
	ms_arena_free(arena);
	return code;
}

extern const struct command command_geoip;

const struct command command_geoip = {
	.name = "geoip",
	.arguments = "IP…|-|build",
	.summary = "where an address is; build: make the country database",
	.examples = "  mailsonde geoip 192.0.2.1 2001:db8::1\n"
		    "  cut -d' ' -f1 access.log | mailsonde geoip -f ndjson -\n"
		    "  mailsonde geoip build --geoip geoip --geoip6 geoip6 -o "
		    "country.mmdb\n",
	.groups = OPT_OUTPUT | OPT_GEO | OPT_GEO_BUILD | OPT_JOBS,
	.run = run,
};
