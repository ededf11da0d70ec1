/* SPDX-License-Identifier: ISC
 * peer_opendkim.c - libopendkim verifies a mailbox, keys from a zone file
 *
 * peer_opendkim MAILBOX ZONE; the files of bench_dkim.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <opendkim/dkim.h>

#define DOMAINS 40

static char records[DOMAINS][2048];

static void
read_zone(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4096];

	if (!file) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		const char *c = strchr(line, '"');
		char *out = records[atoi(strstr(line, ".d") + 2)];

		while (c && *c && *c != '\n') {
			/* `" "` parts two strings of one record. */
			if (*c == '"')
				c += strncmp(c, "\" \"", 3) == 0 ? 3 : 1;
			else
				*out++ = *c++;
		}
	}
	fclose(file);
}

static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t n)
{
	(void)dkim;
	snprintf((char *)buf, n, "%s",
	    records[atoi((char *)dkim_sig_getdomain(sig) + 1)]);
	return DKIM_CBSTAT_CONTINUE;
}

/* The fields one by one, without their last line end. */
static unsigned char *
give_header(DKIM *dkim, unsigned char *p, unsigned char *end)
{
	while (p < end && *p != '\r') {
		unsigned char *next = p;

		do {
			next = memchr(next, '\n', (size_t)(end - next));
			next = next ? next + 1 : end;
		} while (next < end && (*next == ' ' || *next == '\t'));
		dkim_header(dkim, p, (size_t)(next - p) - 2);
		p = next;
	}
	return p < end ? p + 2 : end;
}

static bool
verify(DKIM_LIB *lib, unsigned char *p, unsigned char *end)
{
	static unsigned char id[] = "bench";
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(lib, id, NULL, &status);
	unsigned char *body;
	bool good;

	if (!dkim)
		return false;
	body = give_header(dkim, p, end);
	dkim_eoh(dkim);
	dkim_body(dkim, body, (size_t)(end - body));
	good = dkim_eom(dkim, NULL) == DKIM_STAT_OK;
	dkim_free(dkim);
	return good;
}

int
main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	const unsigned char *p, *end;
	unsigned char *copy;
	struct stat st;
	size_t messages = 0, passed = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || !lib) {
		perror("peer_opendkim MAILBOX ZONE");
		return 1;
	}
	read_zone(argv[2]);
	dkim_set_key_lookup(lib, look_up);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	copy = malloc(1 << 20);
	if (p == MAP_FAILED || !copy)
		return 1;
	end = p + st.st_size;
	while (p && p < end) {
		const unsigned char *next;
		unsigned char *to = copy;

		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		p++;
		next = memmem(p, (size_t)(end - p), "\nFrom s@", 8);
		if (!next)
			next = end - 1;
		for (; p < next; p++) {
			if (*p == '\n')
				*to++ = '\r';
			*to++ = *p;
		}
		p = next + 1;
		messages++;
		passed += verify(lib, copy, to);
	}
	printf("%zu messages, %zu passed\n", messages, passed);
	dkim_close(lib);
	return 0;
}
