/* SPDX-License-Identifier: ISC
 * main.c - argv in, exit status out
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "evidence.h"
#include "help.h"
#include "output.h"

static int
unknown_command(const char *word)
{
	const char *names[32];
	size_t n = 0;
	const char *near;

	for (size_t i = 0; commands[i] && n < 32; i++)
		names[n++] = commands[i]->name;
	near = nearest_word(word, names, n);
	if (access(word, F_OK) == 0)
		complain("no such command: %s; did you mean mailsonde analyze "
			 "%s?",
		    word, word);
	else
		complain("no such command: %s%s%s%s", word,
		    near ? "; did you mean " : "", near ? near : "",
		    near ? "?" : "; see mailsonde --help");
	return EXIT_USAGE;
}

/* What went to standard output through stdio must have arrived. */
static int
flushed(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	complain("standard output: cannot write: %s", strerror(errno));
	return EXIT_WRITE;
}

/* Monitoring knows four codes, and reads standard output. */
static int
code_of_plugin(const struct options *options, int code)
{
	if (code < EXIT_USAGE || strcmp(options->format->name, "nagios") != 0)
		return code;
	printf("MAIL UNKNOWN - nothing could be looked at (status %d, see "
	       "standard error)\n",
	    code);
	(void)flushed(0);
	return 3;
}

static int
run_command(const struct command *command, int argc, char **argv)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct options options;
	char error[512];
	int code;

	if (!options_parse(arena, command->groups, argc, argv, &options, error,
		sizeof(error))) {
		complain("%s: %s", command->name, error);
		code = EXIT_USAGE;
	} else if (options.help) {
		help_command(command);
		code = flushed(0);
	} else if (options.files.n > 0 && !*command->arguments) {
		complain("%s: takes no argument: %s", command->name,
		    options.files.list[0]);
		code = EXIT_USAGE;
	} else if (!ms_format_fits(options.format, command->name)) {
		complain("%s: --format %s is for mailsonde %s", command->name,
		    options.format->name, options.format->commands);
		code = EXIT_USAGE;
	} else {
		options.command = command->name;
		code = evidence_open(command, &options);
		if (code == 0)
			code = command->run(&options);
		code = evidence_close(options.evidence, code);
		code = code_of_plugin(&options, code);
	}
	ms_arena_free(arena);
	return code;
}

static bool
is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0 ||
	       strcmp(word, c) == 0;
}

int
main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		complain("which command? mailsonde analyze FILE, or see "
			 "mailsonde --help");
		return EXIT_USAGE;
	}
	if (is_one_of(argv[1], "--version", "-V", "version")) {
		printf("mailsonde %s\n", MAILSONDE_VERSION);
		return flushed(0);
	}
	if (is_one_of(argv[1], "--help", "-h", "help"))
		return flushed(help(argc > 2 ? argv[2] : NULL));
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return run_command(command, argc - 2, argv + 2);
}
