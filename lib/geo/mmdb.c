/* SPDX-License-Identifier: ISC
 * mmdb.c - MaxMind-format databases: the one door to libmaxminddb
 *
 * Every maker has its own shape; a field is looked for at a list of paths and
 * the first that is there wins. Many addresses share a record, so what a
 * record says is kept once it has been read: in a table by its offset, whose
 * slots are filled once and never change. That needs no lock.
 */
#include "mailsonde/geo.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <maxminddb.h>

#include "mailsonde/scan.h"

/* Records kept of one database; a power of two. */
#define KEPT 16384u

struct kept {
	uint32_t offset;
	struct ms_geo_place place;
};

struct database {
	MMDB_s mmdb;
	_Atomic(struct kept *) *kept; /* by the record's offset */
	bool has_ip6;
};

struct source {
	struct ms_geo_source base; /* first: the two have one address */
	struct database *databases;
	struct ms_geo_database *about;
	struct ms_arena *arena;
};

/* ---- one value ---- */

#define PATH_MAX_PARTS 5

struct path {
	const char *part[PATH_MAX_PARTS]; /* NULL behind the last */
};

/* MMDB_aget_value only reads the entry; it takes no const one. */
static bool
get(MMDB_entry_s *record, const struct path *path, MMDB_entry_data_s *out)
{
	return MMDB_aget_value(record, out, path->part) == MMDB_SUCCESS &&
	       out->has_data;
}

static struct ms_slice
text_of(const MMDB_entry_data_s *value)
{
	if (value->type != MMDB_DATA_TYPE_UTF8_STRING || value->data_size == 0)
		return ms_slice_make(NULL, 0);
	return ms_slice_make(value->utf8_string, value->data_size);
}

/* The text at the first of the paths that has one; p == NULL for none. */
static struct ms_slice
first_text(MMDB_entry_s *record, const struct path *paths, size_t n)
{
	MMDB_entry_data_s value;
	struct ms_slice out = { NULL, 0 };

	for (size_t i = 0; i < n && !out.p; i++) {
		if (get(record, &paths[i], &value))
			out = text_of(&value);
	}
	return out;
}
#define FIRST_TEXT(record, paths)                                              \
	first_text((record), (paths), sizeof(paths) / sizeof((paths)[0]))

/* "-12.345", as some makers write their coordinates. strtod would read the
 * locale's decimal point and needs a NUL. */
static bool
parse_decimal(struct ms_slice text, double *out)
{
	struct ms_scan s = ms_scan_init(ms_slice_trim(text));
	bool minus = ms_scan_try_byte(&s, '-');
	double scale = 1;

	*out = (double)ms_scan_number(&s, 9, 999999999);
	if (ms_scan_try_byte(&s, '.')) {
		struct ms_slice digits = ms_scan_while(&s, MS_C_DIGIT, 30);

		for (size_t i = 0; i < digits.n; i++) {
			scale /= 10;
			*out += scale * (digits.p[i] - '0');
		}
	}
	if (minus)
		*out = -*out;
	return !s.bad && s.p == s.end;
}

static bool
number_of(const MMDB_entry_data_s *value, double *out)
{
	switch (value->type) {
	case MMDB_DATA_TYPE_DOUBLE:
		*out = value->double_value;
		return isfinite(*out);
	case MMDB_DATA_TYPE_FLOAT:
		*out = (double)value->float_value;
		return isfinite(*out);
	case MMDB_DATA_TYPE_UINT16:
		*out = value->uint16;
		return true;
	case MMDB_DATA_TYPE_UINT32:
		*out = value->uint32;
		return true;
	case MMDB_DATA_TYPE_INT32:
		*out = value->int32;
		return true;
	case MMDB_DATA_TYPE_UTF8_STRING:
		return value->data_size > 0 &&
		       parse_decimal(text_of(value), out);
	default:
		return false;
	}
}

/* ---- the fields ---- */

static void
read_country(MMDB_entry_s *record, struct ms_geo_place *out)
{
	static const struct path codes[] = {
		{ { "country", "iso_code" } },
		{ { "country_code" } },
	};
	static const struct path names[] = {
		{ { "country", "names", "en" } },
		{ { "country_name" } },
	};
	static const struct path plain[] = { { { "country" } } };
	static const struct path registered[] = {
		{ { "registered_country", "iso_code" } },
	};
	static const struct path registered_names[] = {
		{ { "registered_country", "names", "en" } },
	};
	struct ms_slice country;

	out->country = FIRST_TEXT(record, codes);
	out->country_name = FIRST_TEXT(record, names);
	if (!out->country.p || !out->country_name.p) {
		country = FIRST_TEXT(record, plain);
		if (country.n == 2 && !out->country.p)
			out->country = country;
		if (country.n > 2 && !out->country_name.p)
			out->country_name = country;
	}
	if (!out->country.p && !out->country_name.p) {
		out->country = FIRST_TEXT(record, registered);
		out->country_name = FIRST_TEXT(record, registered_names);
		out->country_registered = out->country.p || out->country_name.p;
	}
	if (out->country.p && !out->country_name.p) {
		const char *name = ms_country_name(out->country);

		if (name)
			out->country_name = ms_slice_from(name);
	}
}

static void
read_city(MMDB_entry_s *record, struct ms_geo_place *out)
{
	static const struct path cities[] = {
		{ { "city", "names", "en" } },
		{ { "city" } },
	};
	static const struct path regions[] = {
		{ { "subdivisions", "0", "names", "en" } },
		{ { "region" } },
		{ { "state1" } },
		{ { "subdivision" } },
	};

	out->city = FIRST_TEXT(record, cities);
	out->region = FIRST_TEXT(record, regions);
}

static void
read_location(MMDB_entry_s *record, struct ms_geo_place *out)
{
	static const struct path places[][2] = {
		{ { { "location", "latitude" } },
		    { { "location", "longitude" } } },
		{ { { "latitude" } }, { { "longitude" } } },
		{ { { "lat" } }, { { "lng" } } },
		{ { { "lat" } }, { { "lon" } } },
	};
	static const struct path radius = { { "location", "accuracy_radius" } };
	MMDB_entry_data_s value;
	double km;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (get(record, &places[i][0], &value) &&
		    number_of(&value, &out->latitude) &&
		    get(record, &places[i][1], &value) &&
		    number_of(&value, &out->longitude)) {
			out->has_location = true;
			break;
		}
	}
	if (!out->has_location || fabs(out->latitude) > 90 ||
	    fabs(out->longitude) > 180) {
		out->has_location = false;
		out->latitude = out->longitude = 0;
		return;
	}
	if (get(record, &radius, &value) && number_of(&value, &km) && km > 0 &&
	    km < 40000)
		out->accuracy_km = (uint32_t)km;
}

/* 174, "174" or "AS174". */
static uint32_t
asn_of(const MMDB_entry_data_s *value)
{
	struct ms_scan s;
	uint64_t number;
	double real;

	if (value->type != MMDB_DATA_TYPE_UTF8_STRING)
		return number_of(value, &real) && real > 0 &&
			       real <= (double)UINT32_MAX
			   ? (uint32_t)real
			   : 0;
	if (value->data_size == 0)
		return 0;
	s = ms_scan_init(text_of(value));
	(void)ms_scan_try_text(&s, "AS");
	number = ms_scan_number(&s, 10, UINT32_MAX);
	return s.bad || s.p != s.end ? 0 : (uint32_t)number;
}

static void
read_network(MMDB_entry_s *record, struct ms_geo_place *out)
{
	static const struct path numbers[] = {
		{ { "autonomous_system_number" } },
		{ { "traits", "autonomous_system_number" } },
		{ { "asn" } },
	};
	static const struct path names[] = {
		{ { "autonomous_system_organization" } },
		{ { "traits", "autonomous_system_organization" } },
		{ { "as_name" } },
		{ { "organization" } },
		{ { "traits", "organization" } },
		{ { "org" } },
		{ { "isp" } },
		{ { "traits", "isp" } },
	};
	static const struct path name[] = { { { "name" } } };
	MMDB_entry_data_s value;

	for (size_t i = 0; i < 3 && !out->asn; i++) {
		if (get(record, &numbers[i], &value))
			out->asn = asn_of(&value);
	}
	out->organization = FIRST_TEXT(record, names);
	/* IPLocate and older IPinfo: `name` beside `asn`. */
	if (out->asn && !out->organization.p)
		out->organization = FIRST_TEXT(record, name);
}

static void
read_record(MMDB_entry_s *record, struct ms_geo_place *out)
{
	memset(out, 0, sizeof(*out));
	read_country(record, out);
	read_city(record, out);
	read_location(record, out);
	read_network(record, out);
	out->found = out->country.p || out->country_name.p || out->city.p ||
		     out->region.p || out->has_location || out->asn ||
		     out->organization.p;
}

/* What the record says: kept from before, or read into *own (and kept, where
 * its slot is free). */
static const struct ms_geo_place *
recall(struct database *db, MMDB_entry_s *record, struct ms_geo_place *own)
{
	/* Fibonacci hashing: records lie close together. */
	uint32_t slot = (uint32_t)(record->offset * 2654435769u) / (1u << 18);
	struct kept *kept =
	    atomic_load_explicit(&db->kept[slot], memory_order_acquire);
	struct kept *none = NULL;

	if (kept && kept->offset == record->offset)
		return &kept->place;
	read_record(record, own);
	if (kept)
		return own;
	kept = malloc(sizeof(*kept));
	if (!kept)
		return own;
	kept->offset = record->offset;
	kept->place = *own;
	if (!atomic_compare_exchange_strong_explicit(&db->kept[slot], &none,
		kept, memory_order_acq_rel, memory_order_acquire))
		free(kept);
	return own;
}
_Static_assert(KEPT == 1u << 14, "the hash keeps 14 of 32 bits");

/* ---- lookup ---- */

/* What goes together comes from one database: a code and its name, a number
 * and its holder. */
static void
add(struct ms_geo_place *out, const struct ms_geo_place *more)
{
	if (!out->country.p && !out->country_name.p) {
		out->country = more->country;
		out->country_name = more->country_name;
		out->country_registered = more->country_registered;
	}
	if (!out->city.p)
		out->city = more->city;
	if (!out->region.p)
		out->region = more->region;
	if (!out->has_location && more->has_location) {
		out->has_location = true;
		out->latitude = more->latitude;
		out->longitude = more->longitude;
		out->accuracy_km = more->accuracy_km;
	}
	if (!out->asn && !out->organization.p) {
		out->asn = more->asn;
		out->organization = more->organization;
	}
	out->found |= more->found;
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* MMDB_lookup_sockaddr looks at the family and the address alone. An
 * IPv4-mapped address is IPv4 (facts: it is not found otherwise). */
static bool
address_of(const struct ms_ip *ip, union address *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = ip->v4 || memcmp(ip->b, mapped, sizeof(mapped)) == 0;

	if (v4) {
		out->v4.sin_family = AF_INET;
		memcpy(&out->v4.sin_addr, ip->b + 12, 4);
	} else {
		out->v6.sin6_family = AF_INET6;
		memcpy(&out->v6.sin6_addr, ip->b, 16);
	}
	return v4;
}

static enum ms_status
mmdb_lookup(struct ms_geo_source *self, const struct ms_ip *ip,
    struct ms_geo_place *out)
{
	struct source *source = (struct source *)self;
	enum ms_status status = MS_OK;
	const struct ms_geo_place *place;
	struct ms_geo_place own;
	union address address;
	MMDB_lookup_result_s result;
	bool v4;
	int error;

	memset(out, 0, sizeof(*out));
	if (!ip->set)
		return MS_OK;
	v4 = address_of(ip, &address);
	for (size_t i = 0; i < self->n; i++) {
		struct database *db = &source->databases[i];

		if (!v4 && !db->has_ip6)
			continue;
		result = MMDB_lookup_sockaddr(&db->mmdb, &address.any, &error);
		if (error != MMDB_SUCCESS) {
			status = MS_FORMAT;
			continue;
		}
		if (!result.found_entry)
			continue;
		place = recall(db, &result.entry, &own);
		if (out->found)
			add(out, place);
		else
			*out = *place;
	}
	return status;
}

/* ---- open and close ---- */

static void
close_database(struct database *db)
{
	for (size_t i = 0; i < KEPT; i++)
		free(atomic_load_explicit(&db->kept[i], memory_order_relaxed));
	free(db->kept);
	MMDB_close(&db->mmdb);
}

static void
mmdb_close(struct ms_geo_source *self)
{
	struct source *source = (struct source *)self;

	for (size_t i = 0; i < self->n; i++)
		close_database(&source->databases[i]);
	ms_arena_free(source->arena);
}

static const char *
english(const MMDB_metadata_s *meta)
{
	for (size_t i = 0; i < meta->description.count; i++) {
		const MMDB_description_s *d = meta->description.descriptions[i];

		if (strcmp(d->language, "en") == 0)
			return d->description;
	}
	return meta->description.count
		   ? meta->description.descriptions[0]->description
		   : "";
}

static enum ms_status
open_one(struct source *source, const char *path, bool embedded,
    struct ms_diag *diag)
{
	struct database *db = &source->databases[source->base.n];
	struct ms_geo_database *about = &source->about[source->base.n];
	const MMDB_metadata_s *meta = &db->mmdb.metadata;
	int error = MMDB_open(path, MMDB_MODE_MMAP, &db->mmdb);

	/* EINVAL: an empty file cannot be mapped. */
	if (error == MMDB_FILE_OPEN_ERROR ||
	    (error == MMDB_IO_ERROR && errno != EINVAL))
		return ms_diag_set(
		    diag, MS_IO, "%s: %s", path, strerror(errno));
	if (error != MMDB_SUCCESS)
		return ms_diag_set(diag, MS_FORMAT,
		    "%s: not a usable MaxMind database: %s", path,
		    MMDB_strerror(error));
	db->kept = calloc(KEPT, sizeof(*db->kept));
	if (!db->kept) {
		MMDB_close(&db->mmdb);
		return ms_diag_set(
		    diag, MS_IO, "%s: %s", path, strerror(errno));
	}
	db->has_ip6 = meta->ip_version == 6;
	about->path = ms_arena_string(source->arena, ms_slice_from(path));
	about->type = meta->database_type ? meta->database_type : "";
	about->description = english(meta);
	about->build = (int64_t)(meta->build_epoch & INT64_MAX);
	about->ip_version = meta->ip_version;
	about->embedded = embedded;
	source->base.n++;
	return MS_OK;
}

enum ms_status
ms_geo_open(const char *const *paths, size_t n, const char *embedded,
    struct ms_geo_source **out, struct ms_diag *diag)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct source *source = MS_NEW(arena, struct source);
	enum ms_status status = MS_OK;

	source->arena = arena;
	source->databases = MS_NEW_ARRAY(arena, struct database, n + 1);
	source->about = MS_NEW_ARRAY(arena, struct ms_geo_database, n + 1);
	source->base.lookup = mmdb_lookup;
	source->base.close = mmdb_close;
	source->base.databases = source->about;
	for (size_t i = 0; i < n && status == MS_OK; i++)
		status = open_one(source, paths[i], false, diag);
	if (status == MS_OK && embedded && access(embedded, F_OK) == 0)
		status = open_one(source, embedded, true, diag);
	if (status != MS_OK) {
		mmdb_close(&source->base);
		return status;
	}
	*out = &source->base;
	return MS_OK;
}
