/* SPDX-License-Identifier: ISC
 * geotest.h - databases of the tests' own making
 */
#ifndef GEOTEST_H
#define GEOTEST_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mailsonde/geo.h"

#include "test.h"

/* A file in memory; `path` names it until the descriptor is closed. */
struct geo_file {
	int fd;
	char path[64];
};

static inline struct geo_file
geo_file(struct ms_slice bytes)
{
	struct geo_file file = { .fd = memfd_create("geo", 0) };

	assert_true(file.fd >= 0);
	assert_int_equal(write(file.fd, bytes.p, bytes.n), bytes.n);
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

/* "192.0.2.1"; or 16 bits at a time for IPv6: no text parser needed. */
static inline struct ms_ip
geo_ip4(unsigned a, unsigned b, unsigned c, unsigned d)
{
	struct ms_ip ip = { .set = true, .v4 = true };

	ip.b[10] = ip.b[11] = 0xff;
	ip.b[12] = (unsigned char)a;
	ip.b[13] = (unsigned char)b;
	ip.b[14] = (unsigned char)c;
	ip.b[15] = (unsigned char)d;
	return ip;
}

/* 2001:db8:… with `third` and the last 16 bits. */
static inline struct ms_ip
geo_ip6(unsigned third, unsigned last)
{
	struct ms_ip ip = { .set = true };

	ip.b[0] = 0x20;
	ip.b[1] = 0x01;
	ip.b[2] = 0x0d;
	ip.b[3] = 0xb8;
	ip.b[4] = (unsigned char)(third >> 8);
	ip.b[5] = (unsigned char)third;
	ip.b[14] = (unsigned char)(last >> 8);
	ip.b[15] = (unsigned char)last;
	return ip;
}

static inline void
geo_net4(struct ms_geo_writer *writer, unsigned third, unsigned record)
{
	struct ms_ip first = geo_ip4(192, 0, third, 0);
	struct ms_ip last = geo_ip4(192, 0, third, 255);

	ms_geo_writer_range(writer, &first, &last, record);
}

static const struct ms_geo_meta geo_test_meta = {
	.type = "Test-City",
	.description = "made by a test",
	.build = 1767225600,
};

static inline struct ms_geo_place
geo_lookup(struct ms_geo_source *source, struct ms_ip ip)
{
	struct ms_geo_place place;

	assert_int_equal(source->lookup(source, &ip, &place), MS_OK);
	return place;
}

#endif
