/* SPDX-License-Identifier: ISC
 * status.c - words for what can go wrong with the world
 */
#include "mailsonde/status.h"

#include <stdarg.h>
#include <stdio.h>

enum ms_status
ms_diag_set(
    struct ms_diag *diag, enum ms_status status, const char *format, ...)
{
	va_list args;

	if (diag) {
		va_start(args, format);
		vsnprintf(diag->text, sizeof(diag->text), format, args);
		va_end(args);
	}
	return status;
}

const char *
ms_status_name(enum ms_status status)
{
	static const char *const names[] = {
		[MS_OK] = "ok",
		[MS_END] = "end",
		[MS_LIMIT] = "limit",
		[MS_FORMAT] = "format",
		[MS_IO] = "io",
		[MS_TIMEOUT] = "timeout",
		[MS_UNSUPPORTED] = "unsupported",
		[MS_USAGE] = "usage",
	};

	return names[status];
}
