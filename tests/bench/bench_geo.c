/* SPDX-License-Identifier: ISC
 * bench_geo.c - a million addresses through libmaxminddb, or through ours
 *
 * bench_geo lib|ours DATABASE FILE: looks up the country of each line, an
 * IPv4 address, and prints how many were found. Both modes read alike.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <maxminddb.h>

#include "mailsonde/geo.h"

static uint32_t *addresses;
static size_t n_addresses;

/* Digits and dots only: the generator wrote it. */
static void
read_addresses(const char *path)
{
	FILE *file = fopen(path, "r");
	uint32_t address = 0, part = 0;
	size_t cap = 0;
	int c;

	if (!file) {
		perror(path);
		exit(1);
	}
	while ((c = getc_unlocked(file)) != EOF) {
		if (c >= '0' && c <= '9') {
			part = part * 10 + (uint32_t)(c - '0');
			continue;
		}
		address = address << 8 | part;
		part = 0;
		if (c != '\n')
			continue;
		if (n_addresses == cap) {
			cap = cap ? cap * 2 : 1 << 16;
			addresses =
			    realloc(addresses, cap * sizeof(*addresses));
			if (!addresses)
				abort();
		}
		addresses[n_addresses++] = htonl(address);
		address = 0;
	}
	fclose(file);
}

static size_t
with_lib(const char *path)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr any;
	size_t found = 0;
	MMDB_s mmdb;

	if (MMDB_open(path, MMDB_MODE_MMAP, &mmdb) != MMDB_SUCCESS)
		exit(1);
	for (size_t i = 0; i < n_addresses; i++) {
		MMDB_lookup_result_s result;
		MMDB_entry_data_s value;
		int error;

		in.sin_addr.s_addr = addresses[i];
		memcpy(&any, &in, sizeof(any));
		result = MMDB_lookup_sockaddr(&mmdb, &any, &error);
		if (result.found_entry &&
		    MMDB_get_value(&result.entry, &value, "country", "iso_code",
			(char *)NULL) == MMDB_SUCCESS)
			found += value.has_data;
	}
	MMDB_close(&mmdb);
	return found;
}

static size_t
with_ours(const char *path)
{
	struct ms_ip ip = { .set = true, .v4 = true };
	struct ms_geo_source *source;
	struct ms_geo_place place;
	size_t found = 0;

	if (ms_geo_open(&path, 1, NULL, &source, NULL) != MS_OK)
		exit(1);
	for (size_t i = 0; i < n_addresses; i++) {
		memcpy(ip.b + 12, &addresses[i], 4);
		if (source->lookup(source, &ip, &place) == MS_OK)
			found += place.country.p != NULL;
	}
	source->close(source);
	return found;
}

int
main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	read_addresses(argv[3]);
	printf("%zu of %zu\n",
	    strcmp(argv[1], "ours") == 0 ? with_ours(argv[2])
					 : with_lib(argv[2]),
	    n_addresses);
	free(addresses);
	return 0;
}
