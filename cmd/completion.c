/* SPDX-License-Identifier: ISC
 * completion.c - mailsonde completion: what a shell offers behind TAB
 */
#include "commands.h"
#include "help.h"
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
add_topics(struct ms_buf *out)
{
	for (size_t i = 0; help_topic(i); i++)
		ms_buf_printf(out, "%s%s", i > 0 ? " " : "", help_topic(i));
}

static void
add_bash(struct ms_buf *out)
{
	ms_buf_text(out, "# bash completion for mailsonde; made by `mailsonde "
			 "completion`\n"
			 "_mailsonde()\n{\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
			 "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
			 "\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		ms_buf_printf(out, "%s ", commands[i]->name);
	ms_buf_text(out, "help --help --version'\n"
			 "\telse\n"
			 "\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		ms_buf_printf(out, "\t\t%s) words='", commands[i]->name);
		add_options(out, commands[i]->groups);
		ms_buf_text(out, "' ;;\n");
	}
	ms_buf_text(out, "\t\thelp) words='");
	add_topics(out);
	ms_buf_text(out,
	    "' ;;\n"
	    "\t\tesac\n"
	    "\tfi\n"
	    "\tcase $cur in\n"
	    "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	    "\"$cur\") ;;\n"
	    "\t*) [[ $COMP_CWORD -eq 1 || ${COMP_WORDS[1]} = help ]] &&\n"
	    "\t\tmapfile -t COMPREPLY < <("
	    "compgen -W \"$words\" -- \"$cur\") ;;\n"
	    "\tesac\n"
	    "}\n"
	    "complete -o default -F _mailsonde mailsonde\n");
}

/* ---- zsh ---- */

/* In single quotes; in zsh's specifications brackets and colons part things. */
static void
add_quoted(struct ms_buf *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'') {
			ms_buf_text(out, "'\\''");
			continue;
		}
		if (strchr(escaped, *text))
			ms_buf_byte(out, '\\');
		ms_buf_byte(out, (unsigned char)*text);
	}
}

static bool
is_file(const struct option *o)
{
	return o->value &&
	       (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "DIR") == 0);
}

static void
add_zsh_option(
    struct ms_buf *out, const struct command *command, const struct option *o)
{
	ms_buf_printf(
	    out, " \\\n\t\t\t'*--%s%s[", o->name, o->value ? "=" : "");
	add_quoted(out, options_text(out->arena, o, command->name), "[]:\\");
	ms_buf_byte(out, ']');
	if (o->value) {
		ms_buf_byte(out, ':');
		add_quoted(out, o->value, "[]:\\");
		ms_buf_text(out, is_file(o) ? ":_files" : ": ");
	}
	ms_buf_byte(out, '\'');
}

static void
add_zsh(struct ms_buf *out)
{
	ms_buf_text(out, "#compdef mailsonde\n"
			 "# zsh completion for mailsonde; made by `mailsonde "
			 "completion zsh`\n"
			 "_mailsonde()\n{\n"
			 "\tlocal -a commands\n"
			 "\tcommands=(\n");
	for (size_t i = 0; commands[i]; i++) {
		ms_buf_printf(out, "\t\t'%s:", commands[i]->name);
		add_quoted(out, commands[i]->summary, ":\\");
		ms_buf_text(out, "'\n");
	}
	ms_buf_text(out, "\t\t'help:the manual page of a topic'\n"
			 "\t)\n"
			 "\tif (( CURRENT == 2 )); then\n"
			 "\t\t_describe command commands\n"
			 "\t\treturn\n"
			 "\tfi\n"
			 "\tshift words\n"
			 "\t(( CURRENT-- ))\n"
			 "\tcase $words[1] in\n");
	for (size_t i = 0; commands[i]; i++) {
		ms_buf_printf(out, "\t%s)\n\t\t_arguments", commands[i]->name);
		for (const struct option *o = options_rows(); o->name; o++)
			if (o->group & commands[i]->groups)
				add_zsh_option(out, commands[i], o);
		ms_buf_text(out, " \\\n\t\t\t'*:argument:_files'\n\t\t;;\n");
	}
	ms_buf_text(out, "\thelp)\n\t\t_arguments '1:topic:(");
	add_topics(out);
	ms_buf_text(out, ")'\n\t\t;;\n\tesac\n}\n_mailsonde \"$@\"\n");
}

/* ---- fish ---- */

static void
add_fish_option(
    struct ms_buf *out, const struct command *command, const struct option *o)
{
	const char *p = options_text(out->arena, o, command->name);

	ms_buf_printf(out,
	    "complete -c mailsonde -n '__fish_seen_subcommand_from %s' -l %s",
	    command->name, o->name);
	if (o->letter)
		ms_buf_printf(out, " -s %c", o->letter);
	if (o->value)
		ms_buf_text(out, is_file(o) ? " -rF" : " -x");
	ms_buf_text(out, " -d '");
	for (; *p; p++) {
		if (*p == '\'' || *p == '\\')
			ms_buf_byte(out, '\\');
		ms_buf_byte(out, (unsigned char)*p);
	}
	ms_buf_text(out, "'\n");
}

static void
add_fish(struct ms_buf *out)
{
	ms_buf_text(out, "# fish completion for mailsonde; made by `mailsonde "
			 "completion fish`\n");
	for (size_t i = 0; commands[i]; i++) {
		ms_buf_printf(out,
		    "complete -c mailsonde -f -n __fish_use_subcommand -a %s "
		    "-d '",
		    commands[i]->name);
		for (const char *p = commands[i]->summary; *p; p++) {
			if (*p == '\'' || *p == '\\')
				ms_buf_byte(out, '\\');
			ms_buf_byte(out, (unsigned char)*p);
		}
		ms_buf_text(out, "'\n");
	}
	ms_buf_text(out,
	    "complete -c mailsonde -f -n __fish_use_subcommand -a help "
	    "-d 'the manual page of a topic'\n"
	    "complete -c mailsonde -f -n '__fish_seen_subcommand_from help' "
	    "-a '");
	add_topics(out);
	ms_buf_text(out, "'\n");
	for (size_t i = 0; commands[i]; i++)
		for (const struct option *o = options_rows(); o->name; o++)
			if (o->group & commands[i]->groups)
				add_fish_option(out, commands[i], o);
}

/* ---- */

static const struct {
	const char *name;
	void (*add)(struct ms_buf *out);
} shells[] = {
	{ "bash", add_bash },
	{ "zsh", add_zsh },
	{ "fish", add_fish },
};

#define SHELLS (sizeof(shells) / sizeof(*shells))

/* Of the one argument; bash without any. SHELLS: it is none of them. */
static size_t
shell_of(const struct options *options)
{
	size_t i = 0;

	if (options->files.n == 0)
		return 0;
	while (i < SHELLS &&
	       (options->files.n > 1 ||
		   strcmp(options->files.list[0], shells[i].name) != 0))
		i++;
	return i;
}

static int
run(const struct options *options)
{
	size_t shell = shell_of(options);
	struct ms_arena *arena;
	struct output output;
	struct ms_buf script;
	int code = EXIT_WRITE;

	if (shell == SHELLS) {
		complain("completion: for which shell? bash, zsh or fish, not "
			 "\"%s\"",
		    options->files.list[0]);
		return EXIT_USAGE;
	}
	arena = ms_arena_new(NULL);
	ms_buf_init(&script, arena);
	shells[shell].add(&script);
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
	.arguments = "[bash|zsh|fish]",
	.summary = "the completion script for a shell",
	.groups = OPT_PLAIN,
	.run = run,
};
