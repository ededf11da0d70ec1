/* SPDX-License-Identifier: ISC
 * formats.c - the table of output formats
 */
#include "mailsonde/render.h"

extern const struct ms_format format_text, format_json, format_ndjson,
    format_nagios, format_prometheus, format_csv, format_html;

static const struct ms_format *const formats[] = {
	&format_text,
	&format_json,
	&format_ndjson,
	&format_html,
	&format_nagios,
	&format_prometheus,
	&format_csv,
	NULL,
};

const struct ms_format *const *
ms_formats(void)
{
	return formats;
}

const struct ms_format *
ms_format_find(const char *name)
{
	for (const struct ms_format *const *f = formats; *f; f++)
		if (strcmp((*f)->name, name) == 0)
			return *f;
	return NULL;
}

bool
ms_format_fits(const struct ms_format *format, const char *command)
{
	const char *at = format->commands;
	size_t n = strlen(command);

	for (; at && *at; at += strspn(at, " ")) {
		if (strncmp(at, command, n) == 0 && (!at[n] || at[n] == ' '))
			return true;
		at += strcspn(at, " ");
	}
	return !format->commands;
}
