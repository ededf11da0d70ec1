/* SPDX-License-Identifier: ISC
 * torgeo.c - tor's two country files to a database
 *
 * Debian's tor-geoipdb holds the location database of the IPFire Project as
 * text: `geoip` has "first,last,CC" with IPv4 addresses as decimal numbers,
 * `geoip6` the same with IPv6 addresses; both ends belong to the range, and
 * "??" and ZZ are an unknown country. Lines of "#" are comments; those at the
 * head say when the data was made and what its licence is.
 */
#include <stdio.h>

#include "mailsonde/clock.h"
#include "mailsonde/scan.h"

#include "geo/writer_priv.h"

#define CODES (26 * 26)

struct build {
	struct ms_geo_writer *writer;
	unsigned records[CODES]; /* 1 more than the record; 0: none yet */
	struct ms_geo_build_stats *stats;
	char vendor[64];
	bool dated;
};

/* ---- the comments at the head ---- */

static bool
month_of(struct ms_scan *s, int *out)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++) {
		if (ms_scan_try_text(s, names[i])) {
			*out = i + 1;
			return true;
		}
	}
	return false;
}

/* "Thu, 25 Jun 2026 04:33:59 GMT", always in that form. */
static bool
parse_generated(struct ms_slice text, int64_t *out)
{
	struct ms_scan s = ms_scan_init(text);
	struct ms_civil c = { 0 };

	(void)ms_scan_until(&s, MS_C_DIGIT, 16);
	c.day = (int)ms_scan_number(&s, 2, 31);
	(void)ms_scan_space(&s);
	if (!month_of(&s, &c.month))
		return false;
	(void)ms_scan_space(&s);
	c.year = (int)ms_scan_number(&s, 4, 9999);
	(void)ms_scan_space(&s);
	c.hour = (int)ms_scan_number(&s, 2, 23);
	s.bad |= !ms_scan_try_byte(&s, ':');
	c.minute = (int)ms_scan_number(&s, 2, 59);
	s.bad |= !ms_scan_try_byte(&s, ':');
	c.second = (int)ms_scan_number(&s, 2, 60);
	if (s.bad)
		return false;
	*out = ms_time_from_civil(&c);
	return true;
}

/* Printable ASCII only: it goes into the description. */
static void
keep(char *out, size_t size, struct ms_slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n + 1 < size; i++) {
		if (text.p[i] >= ' ' && text.p[i] < 0x7f)
			out[n++] = (char)text.p[i];
	}
	out[n] = '\0';
}

static void
comment(struct build *build, struct ms_scan *s)
{
	struct ms_geo_build_stats *stats = build->stats;
	int64_t generated;

	(void)ms_scan_space(s);
	if (ms_scan_try_text(s, "Generated:")) {
		(void)ms_scan_space(s);
		/* Of two dates the older: no part is older than is said. */
		if (parse_generated(ms_scan_rest(s), &generated) &&
		    (!build->dated || generated < stats->generated)) {
			stats->generated = generated;
			build->dated = true;
		}
	} else if (ms_scan_try_text(s, "License:")) {
		keep(stats->license, sizeof(stats->license),
		    ms_slice_trim(ms_scan_rest(s)));
	} else if (ms_scan_try_text(s, "Vendor:")) {
		keep(build->vendor, sizeof(build->vendor),
		    ms_slice_trim(ms_scan_rest(s)));
	}
}

/* ---- a range ---- */

static unsigned
record_of(struct build *build, struct ms_slice code)
{
	struct ms_geo_place place = { .country = code };
	unsigned *known =
	    &build->records[(code.p[0] - 'A') * 26 + (code.p[1] - 'A')];
	const char *name;

	if (*known == 0) {
		name = ms_country_name(code);
		if (name)
			place.country_name = ms_slice_from(name);
		*known = ms_geo_writer_record(build->writer, &place) + 1;
	}
	return *known - 1;
}

static bool
take_ip4(struct ms_scan *s, struct ms_ip *out)
{
	uint64_t number = ms_scan_number(s, 10, UINT32_MAX);

	memset(out, 0, sizeof(*out));
	out->set = out->v4 = true;
	out->b[10] = out->b[11] = 0xff;
	for (unsigned i = 0; i < 4; i++)
		out->b[12 + i] = (unsigned char)(number >> (24 - 8 * i));
	return !s->bad && ms_scan_try_byte(s, ',');
}

static bool
take_ip6(struct ms_scan *s, struct ms_ip *out)
{
	struct ms_slice text = ms_scan_to(s, ',');

	return ms_scan_try_byte(s, ',') && ms_ip_parse(text, out) && !out->v4;
}

/* False when the line is damaged. */
static bool
range(struct build *build, struct ms_slice line, bool v4)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_ip first, last;
	struct ms_slice code;

	if (v4 ? !take_ip4(&s, &first) || !take_ip4(&s, &last)
	       : !take_ip6(&s, &first) || !take_ip6(&s, &last))
		return false;
	if (memcmp(first.b, last.b, sizeof(first.b)) > 0)
		return false;
	if (v4)
		build->stats->ranges4++;
	else
		build->stats->ranges6++;
	code = ms_slice_trim(ms_scan_rest(&s));
	if (ms_slice_is(code, "??") || ms_slice_is(code, "ZZ"))
		return true;
	if (code.n != 2 || !ms_is(code.p[0], MS_C_UPPER) ||
	    !ms_is(code.p[1], MS_C_UPPER))
		return false;
	ms_geo_writer_range(
	    build->writer, &first, &last, record_of(build, code));
	return true;
}

static enum ms_status
read_file(
    struct build *build, struct ms_slice file, bool v4, struct ms_diag *diag)
{
	struct ms_slice line;

	for (size_t n = 1; ms_slice_line(&file, false, &line); n++) {
		struct ms_scan s = ms_scan_init(line);

		if (ms_scan_try_byte(&s, '#'))
			comment(build, &s);
		else if (ms_slice_trim(line).n > 0 && !range(build, line, v4))
			return ms_diag_set(diag, MS_FORMAT,
			    "%s line %zu is not FIRST,LAST,COUNTRY",
			    v4 ? "geoip" : "geoip6", n);
	}
	return MS_OK;
}

static void
finish(struct build *build, struct ms_buf *out)
{
	struct ms_geo_build_stats *stats = build->stats;
	char description[256], date[MS_TIME_TEXT] = "unknown date";
	struct ms_geo_meta meta = { .type = "mailsonde-Country" };

	if (build->dated) {
		ms_time_format(stats->generated, date);
		date[strlen("2026-01-02")] = '\0';
	}
	snprintf(description, sizeof(description),
	    "Countries of IP addresses by %s, %s, licence %s; made by "
	    "mailsonde from tor-geoipdb",
	    build->vendor[0] ? build->vendor : "an unknown vendor", date,
	    stats->license[0] ? stats->license : "unknown");
	meta.description = description;
	meta.build = stats->generated;
	ms_geo_writer_finish(build->writer, &meta, out);
	stats->records = geo_writer_records(build->writer);
	stats->nodes = geo_writer_nodes(build->writer);
}

enum ms_status
ms_geo_build_country(struct ms_slice geoip, struct ms_slice geoip6,
    struct ms_buf *out, struct ms_geo_build_stats *stats, struct ms_diag *diag)
{
	struct build build = { .stats = stats };
	enum ms_status status;

	memset(stats, 0, sizeof(*stats));
	build.writer = ms_geo_writer_new(NULL);
	status = read_file(&build, geoip, true, diag);
	if (status == MS_OK)
		status = read_file(&build, geoip6, false, diag);
	if (status == MS_OK && stats->ranges4 + stats->ranges6 == 0)
		status = ms_diag_set(
		    diag, MS_FORMAT, "no ranges: not tor-geoipdb's files");
	if (status == MS_OK)
		finish(&build, out);
	ms_geo_writer_free(build.writer);
	return status;
}
