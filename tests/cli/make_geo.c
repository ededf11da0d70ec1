/* SPDX-License-Identifier: ISC
 * make_geo.c - the small city and network database that command tests use
 *
 * make_geo FILE. Documentation addresses only (RFC 5737, RFC 3849); written
 * with the same writer as the country database.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mailsonde/geo.h"

static const struct row {
	const char *first, *last;
	const char *country, *name, *city;
	unsigned asn;
	const char *organization;
	double latitude, longitude;
} rows[] = {
	{ "192.0.2.0", "192.0.2.127", "DE", "Germany", "Berlin", 64496,
	    "Example Networks", 52.52, 13.4 },
	{ "192.0.2.128", "192.0.2.255", "US", "United States", "New York",
	    64497, "Example Hosting", 40.71, -74.0 },
	{ "198.51.100.0", "198.51.100.255", "BR", "Brazil", "Recife", 64498,
	    "Exemplo Telecom", -8.05, -34.9 },
	{ "203.0.113.0", "203.0.113.255", "JP", "Japan", NULL, 64499,
	    "Example KK", 0, 0 },
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "NL",
	    "Netherlands", "Utrecht", 64500, "Voorbeeld BV", 52.09, 5.12 },
};

static struct ms_slice
text(const char *s)
{
	return s ? ms_slice_from(s) : ms_slice_make(NULL, 0);
}

static void
add(struct ms_geo_writer *writer, const struct row *row)
{
	struct ms_geo_place place = { .found = true };
	struct ms_ip first, last;

	place.country = text(row->country);
	place.country_name = text(row->name);
	place.city = text(row->city);
	place.asn = row->asn;
	place.organization = text(row->organization);
	place.has_location = row->city != NULL;
	place.latitude = row->latitude;
	place.longitude = row->longitude;
	if (!ms_ip_parse(text(row->first), &first) ||
	    !ms_ip_parse(text(row->last), &last))
		abort();
	ms_geo_writer_range(
	    writer, &first, &last, ms_geo_writer_record(writer, &place));
}

int
main(int argc, char **argv)
{
	const struct ms_geo_meta meta = { "Test-City-ASN",
		"Places of documentation addresses, for tests", 1767225600,
		false };
	struct ms_geo_writer *writer = ms_geo_writer_new(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf out;
	FILE *file;

	if (argc != 2)
		return 64;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add(writer, &rows[i]);
	ms_buf_init(&out, arena);
	ms_geo_writer_finish(writer, &meta, &out);
	file = fopen(argv[1], "wb");
	if (!file || fwrite(out.p, 1, out.n, file) != out.n ||
	    fclose(file) != 0) {
		perror(argv[1]);
		return 74;
	}
	ms_geo_writer_free(writer);
	ms_arena_free(arena);
	return 0;
}
