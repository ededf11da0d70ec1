/* SPDX-License-Identifier: ISC
 * geo.h - where an address is, by MaxMind-format databases
 */
#ifndef MAILSONDE_GEO_H
#define MAILSONDE_GEO_H

#include <stdint.h>

#include "mailsonde/buf.h"
#include "mailsonde/ip.h"
#include "mailsonde/status.h"

struct ms_geo_place {
	bool found;              /* at least one field below is set */
	struct ms_slice country; /* ISO 3166 code; p == NULL when unknown */
	struct ms_slice country_name; /* English */
	bool country_registered;      /* only the registered country is known */
	struct ms_slice city, region;
	bool has_location;
	double latitude, longitude;
	uint32_t accuracy_km; /* 0 unknown */
	uint32_t asn;         /* 0 unknown */
	struct ms_slice organization;
};

struct ms_geo_database {
	const char *path;
	const char *type;        /* database_type of its metadata */
	const char *description; /* English; holds the licence for ours */
	int64_t build;           /* build_epoch */
	unsigned ip_version;
	bool embedded; /* the one that comes with mailsonde */
};

struct ms_geo_source {
	/* Fills *out from every database, the first that has a field wins.
	 * Slices live as long as the source. IPv4-mapped is looked up as IPv4.
	 * A country's code and name come from one database, a network's number
	 * and holder too. MS_OK also when nothing is known; MS_FORMAT when a
	 * database proved corrupt on the way (*out then holds what the others
	 * know). Thread-safe. */
	enum ms_status (*lookup)(struct ms_geo_source *self,
	    const struct ms_ip *ip, struct ms_geo_place *out);
	void (*close)(struct ms_geo_source *self);
	const struct ms_geo_database *databases;
	size_t n;
};

/* Opens the files, in their order. An unusable one: MS_IO (cannot be opened)
 * or MS_FORMAT (not such a database), the diag names it, nothing stays open.
 * `embedded` (may be NULL) is opened last, if it exists. */
enum ms_status ms_geo_open(const char *const *paths, size_t n,
    const char *embedded, struct ms_geo_source **out,
    struct ms_diag *diag) MS_MUST_CHECK;

/* A source that knows nothing. */
struct ms_geo_source *ms_geo_none(void);

/* Files *.mmdb in the system's usual places (/usr/share/GeoIP,
 * /var/lib/GeoIP, /usr/local/share/GeoIP), city and ASN before country;
 * paths in the arena, NULL-terminated. */
const char **ms_geo_usual(struct ms_arena *arena, size_t *n);
/* The same in these folders. */
const char **ms_geo_in(struct ms_arena *arena, const char *const *folders,
    size_t folders_n, size_t *n);

/* English name of an ISO 3166-1 code, or of a reserved one in use (EU, UK,
 * XK, ...), case ignored; NULL when not known. */
const char *ms_country_name(struct ms_slice code);
/* Smallest and largest UTC offset in use there since 2000, summer time
 * included, in minutes; false when not known. */
bool ms_country_offsets(struct ms_slice code, int *from, int *to);

/* ---- recording and replaying ---- */

struct ms_buf;
struct ms_json;
struct ms_ledger;

/* Around a source, which it closes: a line in the ledger for each address that
 * is looked up. */
struct ms_geo_source *ms_geo_record(
    struct ms_geo_source *inner, struct ms_ledger *ledger, void (*oom)(void));

/* The databases of a source as a JSON array, for the record's first line. */
void ms_geo_record_databases(
    struct ms_buf *out, const struct ms_geo_source *geo);

/* A source that has the databases of that array (NULL: none), and will have
 * the places of lines that are added before anybody asks. An address that was
 * not recorded is not known. */
struct ms_geo_source *ms_geo_replay(
    const struct ms_json *databases, void (*oom)(void));
/* MS_FORMAT: the line is none that ms_geo_record writes. */
enum ms_status ms_geo_replay_add(
    struct ms_geo_source *replay, const struct ms_json *line) MS_MUST_CHECK;

/* ---- writing a database ---- */

struct ms_geo_writer;
struct ms_geo_meta {
	const char *type, *description;
	int64_t build;
	bool ip4_only;
};
struct ms_geo_writer *ms_geo_writer_new(void (*oom)(void));
void ms_geo_writer_free(struct ms_geo_writer *writer);

/* A record to put networks on; `place` may have any fields. Nested (GeoIP2)
 * shape. Returns its number; equal records may be shared. */
unsigned ms_geo_writer_record(
    struct ms_geo_writer *writer, const struct ms_geo_place *place);
/* All addresses first..last (same family) carry that record; later calls win
 * over earlier ones. */
void ms_geo_writer_range(struct ms_geo_writer *writer,
    const struct ms_ip *first, const struct ms_ip *last, unsigned record);
/* The whole file into `out`. */
void ms_geo_writer_finish(struct ms_geo_writer *writer,
    const struct ms_geo_meta *meta, struct ms_buf *out);

/* tor-geoipdb's two text files to a database (facts in lib/geo/torgeo.c).
 * MS_FORMAT with the line number in the diag when a line is damaged. */
struct ms_geo_build_stats {
	size_t ranges4, ranges6, records, nodes;
	int64_t generated; /* date in the header of the data */
	char license[64];  /* as stated there */
};
enum ms_status ms_geo_build_country(struct ms_slice geoip,
    struct ms_slice geoip6, struct ms_buf *out,
    struct ms_geo_build_stats *stats, struct ms_diag *diag) MS_MUST_CHECK;

#endif
