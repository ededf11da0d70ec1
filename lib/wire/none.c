/* SPDX-License-Identifier: ISC
 * none.c - the source of connections that may speak to nobody
 */
#include "mailsonde/wire.h"

static enum ms_wire_status
none_open(struct ms_wire_source *self, const struct ms_wire_request *request,
    struct ms_arena *arena, struct ms_wire **out)
{
	(void)self;
	(void)request;
	*out = MS_NEW(arena, struct ms_wire);
	(*out)->why = "nobody may be spoken to (--offline)";
	return MS_WIRE_OFFLINE;
}

static void
none_close(struct ms_wire_source *self)
{
	(void)self;
}

/* One for everybody: it holds nothing, and nobody writes to it. */
static const struct ms_wire_source none = {
	.open = none_open,
	.close = none_close,
};

struct ms_wire_source *
ms_wire_none(void)
{
	return (struct ms_wire_source *)(uintptr_t)&none;
}
