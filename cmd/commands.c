/* SPDX-License-Identifier: ISC
 * commands.c - the table of subcommands: one row each
 */
#include "commands.h"

extern const struct command command_analyze, command_parse, command_trace,
    command_auth, command_spf, command_dmarc, command_domain, command_probe,
    command_reputation, command_settings, command_reports, command_roundtrip,
    command_serve, command_geoip, command_rules, command_schema,
    command_completion;

const struct command *const commands[] = {
	&command_analyze,
	&command_parse,
	&command_trace,
	&command_auth,
	&command_spf,
	&command_dmarc,
	&command_domain,
	&command_probe,
	&command_reputation,
	&command_settings,
	&command_reports,
	&command_roundtrip,
	&command_serve,
	&command_geoip,
	&command_rules,
	&command_schema,
	&command_completion,
	NULL,
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}
