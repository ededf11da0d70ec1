/* SPDX-License-Identifier: ISC
 * bench_time.c - runs commands in turn and compares them
 *
 * bench_time [-r ROUNDS] {NAME COMMAND}... [-- BAR...]
 *
 * A command is split at spaces; "<FILE" in it is its standard input. What it
 * prints goes to /dev/null. Every round runs each command once, in turn, so
 * that a noisy moment hits them all; ratios are taken within a round and
 * their median is shown. A BAR is "NAME cpu|wall FACTOR OTHER" or
 * "NAME rss MIB".
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define MAX_COMMANDS 12
#define MAX_ROUNDS   201
#define MAX_WORDS    32

struct command {
	const char *name, *line;
	char copy[1024];
	char *argv[MAX_WORDS + 1];
	const char *input;
	double cpu[MAX_ROUNDS], wall[MAX_ROUNDS]; /* seconds */
	double rss;                               /* MiB, the largest */
	int failed;
};

static struct command commands[MAX_COMMANDS];
static size_t n_commands, rounds = 5;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
split(struct command *command)
{
	size_t n = 0;
	char *word, *rest = command->copy;

	snprintf(command->copy, sizeof(command->copy), "%s", command->line);
	while ((word = strsep(&rest, " ")) && n < MAX_WORDS) {
		if (*word == '<')
			command->input = word + 1;
		else if (*word)
			command->argv[n++] = word;
	}
	command->argv[n] = NULL;
}

static void
run(struct command *command, size_t round)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start, mib;
	int status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0,
	    command->input ? command->input : "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = now();
	if (posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv,
		environ) != 0 ||
	    wait4(pid, &status, 0, &usage) < 0) {
		perror(command->argv[0]);
		exit(1);
	}
	command->wall[round] = now() - start;
	command->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	mib = (double)usage.ru_maxrss / 1024;
	if (mib > command->rss)
		command->rss = mib;
	if (status != 0)
		command->failed = status;
	posix_spawn_file_actions_destroy(&actions);
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double
median(const double *values)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, rounds * sizeof(*values));
	qsort(sorted, rounds, sizeof(*sorted), compare);
	return sorted[rounds / 2];
}

static double
ratio(const double *a, const double *b)
{
	double ratios[MAX_ROUNDS];

	for (size_t i = 0; i < rounds; i++)
		ratios[i] = a[i] / b[i];
	return median(ratios);
}

static struct command *
find(const char *name)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static void
table(void)
{
	printf("    %-16s %10s %10s %9s   cpu, wall against %s\n", "", "cpu ms",
	    "wall ms", "RSS MiB", commands[0].name);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *c = &commands[i];

		printf("    %-16s %10.2f %10.2f %9.1f   %6.2f %6.2f", c->name,
		    median(c->cpu) * 1e3, median(c->wall) * 1e3, c->rss,
		    ratio(c->cpu, commands[0].cpu),
		    ratio(c->wall, commands[0].wall));
		if (c->failed)
			printf("   FAILED, status %d",
			    WIFEXITED(c->failed) ? WEXITSTATUS(c->failed)
						 : -c->failed);
		putchar('\n');
	}
}

static void
bar(const char *text)
{
	char name[64], what[16], other[64] = "";
	const struct command *a, *b;
	double factor, value;
	int n = sscanf(text, "%63s %15s %lf %63s", name, what, &factor, other);

	a = find(name);
	b = find(other);
	if (n < 3 || !a || (n == 4 && !b)) {
		printf("    bar %s: not measured\n", text);
		return;
	}
	if (n == 3)
		value = a->rss;
	else if (what[0] == 'c')
		value = ratio(a->cpu, b->cpu);
	else
		value = ratio(a->wall, b->wall);
	printf("    bar %s %s <= %g %s%s: %.2f, %s\n", name, what, factor,
	    n == 4 ? "x " : "MiB", other, value,
	    a->failed || (b && b->failed) ? "not valid"
	    : value <= factor             ? "met"
					  : "MISSED");
}

int
main(int argc, char **argv)
{
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		rounds = strtoul(argv[2], NULL, 10);
		i = 3;
	}
	if (rounds < 1 || rounds > MAX_ROUNDS)
		rounds = 5;
	for (; i + 1 < argc && strcmp(argv[i], "--") != 0 &&
	       n_commands < MAX_COMMANDS;
	     i += 2) {
		commands[n_commands].name = argv[i];
		commands[n_commands].line = argv[i + 1];
		split(&commands[n_commands++]);
	}
	if (n_commands == 0)
		return 2;
	/* One round that does not count warms the caches. */
	for (size_t round = 0; round <= rounds; round++) {
		for (size_t c = 0; c < n_commands; c++)
			run(&commands[c], round ? round - 1 : 0);
	}
	table();
	for (i++; i < argc; i++)
		bar(argv[i]);
	return 0;
}
