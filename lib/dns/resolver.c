/* SPDX-License-Identifier: ISC
 * resolver.c - whom the live source asks: --resolver, /etc/resolv.conf
 */
#include "live_priv.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "mailsonde/scan.h"

#define RESOLV_CONF     "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536

static bool
is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0;
}

/* The address without its port into `out`, a string; *port 0: not one. */
static void
split(struct ms_slice text, char *out, size_t size, unsigned *port)
{
	struct ms_scan scan = ms_scan_init(text);
	struct ms_slice address = ms_scan_to(&scan, '@');

	*port = 53;
	if (ms_scan_try_byte(&scan, '@'))
		*port = (unsigned)ms_scan_number(&scan, 5, 65535);
	if (!ms_scan_at_end(&scan) || scan.bad || address.n >= size)
		*port = 0;
	snprintf(out, size, "%.*s", (int)address.n, (const char *)address.p);
}

/* ADDRESS or ADDRESS@PORT; an IPv6 address may bear its zone. */
static bool
parse(struct ms_slice text, struct resolver *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *info;
	char address[MS_IP_TEXT + 16], service[16];
	unsigned port;

	split(text, address, sizeof(address), &port);
	snprintf(service, sizeof(service), "%u", port);
	if (port == 0 || getaddrinfo(address, service, &hints, &info) != 0)
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(&out->address, info->ai_addr, info->ai_addrlen);
	out->address_n = info->ai_addrlen;
	out->trusted = is_loopback(&out->address);
	snprintf(out->text, sizeof(out->text), "%s@%u", address, port);
	freeaddrinfo(info);
	return true;
}

/* "nameserver ADDRESS" lines; what else there is is not for us. */
static unsigned
parse_conf(struct ms_slice text, struct resolver out[RESOLVERS_MAX])
{
	struct ms_scan scan = ms_scan_init(text);
	unsigned n = 0;

	while (!ms_scan_at_end(&scan) && n < RESOLVERS_MAX) {
		struct ms_scan line =
		    ms_scan_init(ms_scan_through(&scan, '\n'));

		ms_scan_space(&line);
		if (!ms_scan_try_word(&line, "nameserver"))
			continue;
		ms_scan_space(&line);
		if (parse(ms_scan_until(&line, MS_C_SPACE, 255), &out[n]))
			n++;
	}
	return n;
}

static enum ms_status
read_conf(const char *path, struct resolver out[RESOLVERS_MAX], unsigned *n,
    struct ms_diag *diag)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t size;

	if (!file && errno != ENOENT)
		return ms_diag_set(
		    diag, MS_IO, "%s: %s", path, strerror(errno));
	if (file) {
		text = live_alloc(RESOLV_CONF_MAX);
		size = fread(text, 1, RESOLV_CONF_MAX, file);
		*n = parse_conf(ms_slice_make(text, size), out);
		free(text);
		fclose(file);
	}
	/* None: the name server on this machine, resolv.conf(5). */
	if (*n == 0 && parse(MS_SLICE("127.0.0.1"), &out[0]))
		*n = 1;
	return MS_OK;
}

enum ms_status
resolver_list(const struct ms_dns_live_options *options,
    struct resolver out[RESOLVERS_MAX], unsigned *n, struct ms_diag *diag)
{
	*n = 0;
	if (options->n == 0)
		return read_conf(
		    options->resolv_conf ? options->resolv_conf : RESOLV_CONF,
		    out, n, diag);
	if (options->n > RESOLVERS_MAX)
		return ms_diag_set(diag, MS_USAGE,
		    "at the most %d resolvers can be given", RESOLVERS_MAX);
	for (; *n < options->n; ++*n) {
		const char *text = options->resolvers[*n];

		if (!parse(ms_slice_from(text), &out[*n]))
			return ms_diag_set(diag, MS_USAGE,
			    "'%s' is no address of a resolver", text);
		out[*n].trusted = true;
	}
	return MS_OK;
}
