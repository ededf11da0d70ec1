/* SPDX-License-Identifier: ISC
 * help.c - mailsonde help: the overview, and manual pages
 */
#include "help.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"
#include "mailsonde/arena.h"
#include "output.h"

extern char **environ;

/* Pages that are no command's. */
static const struct {
	const char *name, *page;
} pages[] = {
	{ "mailsonde", "mailsonde.1" },
	{ "checks", "mailsonde-checks.7" },
	{ "json", "mailsonde-json.5" },
	{ "record", "mailsonde-record.5" },
};

#define PAGES (sizeof(pages) / sizeof(*pages))

static void
print_overview(void)
{
	printf("mailsonde %s - e-mail forensics and deliverability\n\n"
	       "usage: mailsonde COMMAND [OPTION…] [ARGUMENT…]\n\n",
	    MAILSONDE_VERSION);
	for (size_t i = 0; commands[i]; i++)
		printf("  %-11s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n"
	       "mailsonde COMMAND --help lists its options; mailsonde help "
	       "TOPIC shows the\nmanual page of a command, or one of: ");
	for (size_t i = 0; i < PAGES; i++)
		printf("%s%s", i > 0 ? ", " : "", pages[i].name);
	printf("\n\n"
	       "Exit: 0 nothing found, 1 found something, 2 could not "
	       "tell, 64 usage,\n"
	       "65 no message, 66 cannot open, 70 fault, 74 cannot "
	       "write.\n");
}

void
help_command(const struct command *command)
{
	printf("usage: mailsonde %s [OPTION…]%s%s\n\n%s\n\n", command->name,
	    *command->arguments ? " " : "", command->arguments,
	    command->summary);
	options_help(stdout, command->groups, command->name);
	if (command->examples)
		printf("\nexamples:\n%s", command->examples);
}

const char *
help_topic(size_t i)
{
	if (i < PAGES)
		return pages[i].name;
	return commands[i - PAGES] ? commands[i - PAGES]->name : NULL;
}

/* ---- the manual ---- */

/* Where it was installed to, beside the program, or where it was built. */
static const char *
find_page(struct ms_arena *arena, const char *page)
{
	static const char *const places[] = { "../share/man", "../../man" };

	for (size_t i = 0; i < 2; i++) {
		const char *place = env_beside(arena, places[i]);
		const char *path;

		if (!place)
			return NULL;
		path = i > 0 ? ms_arena_printf(arena, "%s/%s", place, page)
			     : ms_arena_printf(arena, "%s/man%c/%s", place,
				   page[strlen(page) - 1], page);
		if (access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

/* The pager is the one to hear Ctrl-C. */
static int
wait_for(pid_t pid)
{
	void (*old)(int) = signal(SIGINT, SIG_IGN);
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = -1;
			break;
		}
	(void)signal(SIGINT, old);
	return status;
}

/* False: it could not be shown. */
static bool
show_page(struct ms_arena *arena, const char *path)
{
	char program[] = "man", local[] = "-l";
	char *argv[] = { program, local, ms_arena_printf(arena, "%s", path),
		NULL };
	pid_t pid;

	if (posix_spawnp(&pid, program, NULL, NULL, argv, environ) != 0)
		return false;
	return wait_for(pid) == 0;
}

static const char *
page_of(
    struct ms_arena *arena, const char *topic, const struct command *command)
{
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(topic, pages[i].name) == 0)
			return pages[i].page;
	if (!command)
		return NULL;
	return ms_arena_printf(arena, "mailsonde-%s.1", command->name);
}

/* "mailsonde-domain" is as good as "domain". */
static const char *
bare(const char *topic)
{
	static const char prefix[] = "mailsonde-";
	size_t n = sizeof(prefix) - 1;

	return strncmp(topic, prefix, n) == 0 ? topic + n : topic;
}

static int
show_topic(
    struct ms_arena *arena, const char *page, const struct command *command)
{
	const char *path = find_page(arena, page);

	if (path && show_page(arena, path))
		return 0;
	if (command)
		help_command(command);
	complain(path ? "help: man(1) could not show %s%s"
		      : "help: %s is not where the program was installed%s",
	    path ? path : page, command ? "; that was --help" : "");
	return command ? 0 : EXIT_NOFILE;
}

static int
unknown_topic(const char *topic)
{
	const char *names[64];
	size_t n = 0;
	const char *near;

	for (; n < 64 && help_topic(n); n++)
		names[n] = help_topic(n);
	near = nearest_word(topic, names, n);
	complain("help: no such topic: %s%s%s%s", topic,
	    near ? "; did you mean " : "", near ? near : "",
	    near ? "?" : "; see mailsonde help");
	return EXIT_USAGE;
}

int
help(const char *topic)
{
	const struct command *command;
	struct ms_arena *arena;
	const char *page;
	int code;

	if (!topic || strcmp(topic, "--help") == 0 ||
	    strcmp(topic, "-h") == 0 || strcmp(topic, "help") == 0) {
		print_overview();
		return 0;
	}
	topic = bare(topic);
	command = command_find(topic);
	arena = ms_arena_new(NULL);
	page = page_of(arena, topic, command);
	code = page ? show_topic(arena, page, command) : unknown_topic(topic);
	ms_arena_free(arena);
	return code;
}
