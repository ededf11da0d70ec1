/* SPDX-License-Identifier: ISC
 * completion.c - mailsonde completion: what bash offers behind TAB
 */
#include "commands.h"
#include "mailsonde/buf.h"
#include "output.h"

static void
add_options(struct ms_buf *out, unsigned groups)
{
	for (const struct option *o = options_rows(); o->name; o++)
		if (o->group & groups)
			ms_buf_printf(out, " --%s", o->name);
}

static void
add_script(struct ms_buf *out)
{
	ms_buf_text(out, "# bash completion for mailsonde; made by `mailsonde "
			 "completion`\n"
			 "_mailsonde()\n{\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
			 "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
			 "\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		ms_buf_printf(out, "%s ", commands[i]->name);
	ms_buf_text(out, "--help --version'\n"
			 "\telse\n"
			 "\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		ms_buf_printf(out, "\t\t%s) words='", commands[i]->name);
		add_options(out, commands[i]->groups);
		ms_buf_text(out, "' ;;\n");
	}
	ms_buf_text(out,
	    "\t\tesac\n"
	    "\tfi\n"
	    "\tcase $cur in\n"
	    "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	    "\"$cur\") ;;\n"
	    "\t*) [ \"$COMP_CWORD\" -eq 1 ] && mapfile -t COMPREPLY < <("
	    "compgen -W \"$words\" -- \"$cur\") ;;\n"
	    "\tesac\n"
	    "}\n"
	    "complete -o default -F _mailsonde mailsonde\n");
}

static int
run(const struct options *options)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct output output;
	struct ms_buf script;
	int code = EXIT_WRITE;

	ms_buf_init(&script, arena);
	add_script(&script);
	if (output_open(&output, arena, options)) {
		output_bytes(&output, ms_buf_get(&script));
		code = output_close(&output, true);
	}
	ms_arena_free(arena);
	return code;
}

extern const struct command command_completion;

const struct command command_completion = {
	.name = "completion",
	.arguments = "",
	.summary = "the completion script for bash",
	.groups = OPT_PLAIN,
	.run = run,
};
