/* SPDX-License-Identifier: ISC
 * noise.c - random numbers of the live source: ids, ports, letter case
 *
 * Straight from the kernel, a page at a time, each octet used once.
 */
#include "live_priv.h"

#include <errno.h>
#include <sys/random.h>

static void
refill(struct noise *noise)
{
	size_t n = 0;

	while (n < sizeof(noise->pool)) {
		ssize_t got =
		    getrandom(noise->pool + n, sizeof(noise->pool) - n, 0);

		/* Without randomness no question may be asked. */
		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0)
			n += (size_t)got;
	}
	noise->left = n;
}

void
noise_bytes(struct noise *noise, void *out, size_t n)
{
	if (noise->left < n)
		refill(noise);
	noise->left -= n;
	memcpy(out, noise->pool + noise->left, n);
}

uint16_t
noise_16(struct noise *noise)
{
	uint16_t out;

	noise_bytes(noise, &out, sizeof(out));
	return out;
}
