/* SPDX-License-Identifier: ISC
 * bench_time.c - runs commands in turn and compares them
 *
 * bench_time [-r ROUNDS] [-w WORK UNIT] {NAME COMMAND}... [-- BAR...]
 *
 * A command is split at white space; "<FILE" in it is its standard input,
 * "|FILE" the same through a pipe. What it prints goes to /dev/null. Every
 * round runs each command once, in turn, so that a noisy moment hits them all;
 * ratios are taken within a round and their median is shown. WORK is what one
 * run gets done, in UNITs. A BAR is "NAME cpu|wall FACTOR OTHER" (at most that
 * many times), "NAME rss MIB" (at most) or "NAME rate N" (UNITs a second, at
 * least).
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
	int piped;
	double cpu[MAX_ROUNDS], wall[MAX_ROUNDS]; /* seconds */
	double rss;                               /* MiB, the largest */
	int failed;
};

static struct command commands[MAX_COMMANDS];
static size_t n_commands, rounds = 5;
static double work;
static const char *unit = "";

/* ---- running ---- */

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

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
	while ((word = strsep(&rest, " \t\n")) && n < MAX_WORDS) {
		if (*word == '<' || *word == '|') {
			command->input = word + 1;
			command->piped = *word == '|';
		} else if (*word) {
			command->argv[n++] = word;
		}
	}
	command->argv[n] = NULL;
}

static pid_t
spawn(char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static int
open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* Standard input: a file, or a pipe that cat(1) fills from it. */
static int
open_input(const struct command *command, pid_t *feeder)
{
	static char cat[] = "cat";
	char *const argv[] = { cat, NULL };
	int file =
	    open_file(command->input ? command->input : "/dev/null", O_RDONLY);
	int ends[2];

	*feeder = 0;
	if (!command->piped)
		return file;
	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe");
	*feeder = spawn(argv, file, ends[1]);
	close(file);
	close(ends[1]);
	return ends[0];
}

static void
run(struct command *command, size_t round)
{
	int out = open_file("/dev/null", O_WRONLY), in, status = 0;
	struct rusage usage;
	double start, mib;
	pid_t pid, feeder;

	in = open_input(command, &feeder);
	start = now();
	pid = spawn(command->argv, in, out);
	close(in);
	close(out);
	if (wait4(pid, &status, 0, &usage) < 0)
		die(command->argv[0]);
	command->wall[round] = now() - start;
	command->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	mib = (double)usage.ru_maxrss / 1024;
	if (mib > command->rss)
		command->rss = mib;
	if (status != 0)
		command->failed = status;
	if (feeder)
		waitpid(feeder, NULL, 0);
}

/* ---- comparing ---- */

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

static double
rate(const struct command *command)
{
	return work / median(command->wall);
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

/* ---- showing ---- */

static void
table(void)
{
	char per_second[32] = "";

	if (work > 0)
		snprintf(per_second, sizeof(per_second), "%s/s", unit);
	printf("    %-14s %10s %10s %9s %9s   cpu, wall of %s\n", "", "cpu ms",
	    "wall ms", per_second, "RSS MiB", commands[0].name);
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *c = &commands[i];

		printf("    %-14s %10.2f %10.2f ", c->name,
		    median(c->cpu) * 1e3, median(c->wall) * 1e3);
		if (work > 0)
			printf("%9.2f ", rate(c));
		else
			printf("%9s ", "");
		printf("%9.1f   %6.2f %6.2f", c->rss,
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
verdict(const char *what, double value, double wanted, int at_least, int valid)
{
	const char *word = "MISSED";

	if (!valid)
		word = "not valid";
	else if (at_least ? value >= wanted : value <= wanted)
		word = "met";
	printf("    %-34s %9.2f   %s %6g   %s\n", what, value,
	    at_least ? "at least" : "at most ", wanted, word);
}

static void
bar(const char *text)
{
	char name[64], what[16], other[64] = "", title[160];
	const struct command *a, *b;
	double wanted, value;
	int n = sscanf(text, "%63s %15s %lf %63s", name, what, &wanted, other);
	int at_least = n == 3 && strcmp(what, "rate") == 0;

	a = find(name);
	b = find(other);
	if (n < 3 || !a || (n == 4 && !b)) {
		printf("    %s: not measured\n", text);
		return;
	}
	if (n == 4) {
		value = what[0] == 'c' ? ratio(a->cpu, b->cpu)
				       : ratio(a->wall, b->wall);
		snprintf(
		    title, sizeof(title), "%s of %s: %s", name, other, what);
	} else if (at_least) {
		value = rate(a);
		snprintf(title, sizeof(title), "%s: %s/s", name, unit);
	} else {
		value = a->rss;
		snprintf(title, sizeof(title), "%s: RSS MiB", name);
	}
	verdict(
	    title, value, wanted, at_least, !a->failed && !(b && b->failed));
}

/* ---- the command line ---- */

static int
options(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] != '-') {
		if (strcmp(argv[i], "-r") == 0 && i + 1 < argc) {
			rounds = strtoul(argv[i + 1], NULL, 10);
			i += 2;
		} else if (strcmp(argv[i], "-w") == 0 && i + 2 < argc) {
			work = strtod(argv[i + 1], NULL);
			unit = argv[i + 2];
			i += 3;
		} else {
			exit(2);
		}
	}
	if (rounds < 1 || rounds > MAX_ROUNDS)
		rounds = 5;
	return i;
}

int
main(int argc, char **argv)
{
	int i = options(argc, argv);

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
