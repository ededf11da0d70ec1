/* SPDX-License-Identifier: ISC
 * writer_priv.h - records of any shape, for databases unlike our own
 */
#ifndef GEO_WRITER_PRIV_H
#define GEO_WRITER_PRIV_H

#include "mailsonde/geo.h"

/* The types of the format, by their numbers in it. */
enum geo_type {
	GEO_STRING = 2,
	GEO_DOUBLE = 3,
	GEO_UINT16 = 5,
	GEO_UINT32 = 6,
	GEO_MAP = 7,
	GEO_INT32 = 8,
	GEO_UINT64 = 9,
	GEO_ARRAY = 11,
	GEO_BOOLEAN = 14,
	GEO_FLOAT = 15,
};

struct geo_value {
	const char *key; /* inside a map */
	enum geo_type type;
	struct ms_slice text;
	double real;
	uint64_t integer;
	const struct geo_value *items; /* of a map or an array */
	size_t n;
};

/* As ms_geo_writer_record, for a value of any shape; the caller's nesting is
 * the depth of the recursion. */
unsigned geo_writer_value(
    struct ms_geo_writer *writer, const struct geo_value *value);

/* After ms_geo_writer_finish. */
size_t geo_writer_nodes(const struct ms_geo_writer *writer);
size_t geo_writer_records(const struct ms_geo_writer *writer);

#endif
