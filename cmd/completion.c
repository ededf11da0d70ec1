/* SPDX-License-Identifier: ISC
 * completion.c - mailsonde completion: what bash offers behind TAB
 */
#include "commands.h"
#include "output.h"

static void
print_options(unsigned groups)
{
	const struct option *rows = options_rows();

	for (const struct option *o = rows; o->name; o++)
		if (o->group & groups)
			printf(" --%s", o->name);
}

static int
run(const struct options *options)
{
	(void)options;
	printf("# bash completion for mailsonde; made by `mailsonde "
	       "completion`\n"
	       "_mailsonde()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
	       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	       "\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	printf("--help --version'\n"
	       "\telse\n"
	       "\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t%s) words='", commands[i]->name);
		print_options(commands[i]->groups);
		printf("' ;;\n");
	}
	printf("\t\tesac\n"
	       "\tfi\n"
	       "\tcase $cur in\n"
	       "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	       "\"$cur\") ;;\n"
	       "\t*) [ \"$COMP_CWORD\" -eq 1 ] && mapfile -t COMPREPLY < <("
	       "compgen -W \"$words\" -- \"$cur\") ;;\n"
	       "\tesac\n"
	       "}\n"
	       "complete -o default -F _mailsonde mailsonde\n");
	return fflush(stdout) == 0 ? 0 : EXIT_WRITE;
}

extern const struct command command_completion;

const struct command command_completion = {
	.name = "completion",
	.arguments = "",
	.summary = "the completion script for bash",
	.groups = OPT_OUTPUT,
	.run = run,
};
