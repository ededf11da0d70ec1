/* SPDX-License-Identifier: ISC
 * test_wire.h - a plain blocking connection to a port of this machine
 */
#ifndef MAILSONDE_TEST_WIRE_H
#define MAILSONDE_TEST_WIRE_H

#include "mailsonde/wire.h"

/* Connects to 127.0.0.1; each operation ends after ten seconds. */
enum ms_wire_status test_wire_open(
    uint16_t port, struct ms_arena *arena, struct ms_wire **out);

#endif
