/* SPDX-License-Identifier: ISC
 * status.c - how a connection can end, in words
 */
#include "wire_priv.h"

#include <errno.h>

static const char *const names[] = {
	[MS_WIRE_OK] = "ok",
	[MS_WIRE_CLOSED] = "closed",
	[MS_WIRE_RESET] = "reset",
	[MS_WIRE_REFUSED] = "refused",
	[MS_WIRE_UNREACHABLE] = "unreachable",
	[MS_WIRE_TIMEOUT] = "timeout",
	[MS_WIRE_TLS] = "tls",
	[MS_WIRE_LIMIT] = "limit",
	[MS_WIRE_FAILED] = "failed",
	[MS_WIRE_OFFLINE] = "offline",
	[MS_WIRE_NOT_RECORDED] = "not_recorded",
};

const char *
ms_wire_status_name(enum ms_wire_status status)
{
	return names[status];
}

bool
ms_wire_status_parse(struct ms_slice text, enum ms_wire_status *out)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ms_slice_equal(text, ms_slice_from(names[i]))) {
			*out = (enum ms_wire_status)i;
			return true;
		}
	return false;
}

enum ms_wire_status
wire_status_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return MS_WIRE_REFUSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EADDRNOTAVAIL: /* no address of that family here */
	case EAFNOSUPPORT:
		return MS_WIRE_UNREACHABLE;
	case ETIMEDOUT:
		return MS_WIRE_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
	case ECONNABORTED:
		return MS_WIRE_RESET;
	default:
		return MS_WIRE_FAILED;
	}
}
