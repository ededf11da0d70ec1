/* SPDX-License-Identifier: ISC
 * fuzz_mmdb.c - opens a database and looks up both kinds of addresses
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mailsonde/geo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libmaxminddb 1.7.1 forgets a list when the metadata's languages or
 * description are damaged. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:data_pool_new";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ms_ip ip = { .set = true };
	struct ms_geo_source *source;
	struct ms_geo_place place;
	const char *file;
	char path[64];
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file = path;
	if (ms_geo_open(&file, 1, NULL, &source, NULL) == MS_OK) {
		for (unsigned i = 0; i < 32; i++) {
			ip.v4 = i % 2;
			ip.b[ip.v4 ? 12 : 0] = (unsigned char)(i << 3);
			ip.b[14] = (unsigned char)i;
			(void)source->lookup(source, &ip, &place);
		}
		source->close(source);
	}
	close(fd);
	return 0;
}
