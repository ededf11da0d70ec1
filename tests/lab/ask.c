/* SPDX-License-Identifier: ISC
 * ask.c - one question by the live source, its answer on one line
 *
 *   ask [OPTION...] NAME TYPE
 *     -r ADDRESS[@PORT]  a resolver; repeatable
 *     -c FILE            resolv.conf
 *     -a FILE            trust anchor
 *     -t SECONDS         deadline, in tenths
 *     -s                 validated
 *     -n                 without libunbound
 *     -w                 with the reason behind it
 *     -m NUMBER          about n0.NAME, n1.NAME, … all at once
 *
 * Prints "STATUS SECURITY NUMBER FIRST-RECORD"; with -m how many answers
 * were like the first, and the first. Status 1: the answer took
 * more than 100 MB to read, or twice the deadline.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mailsonde/dns_live.h"
#include "mailsonde/scan.h"

struct run {
	struct ms_dns_live_options options;
	const char *resolvers[8];
	bool validated, why;
	unsigned many;
};

static unsigned
number(const char *text)
{
	struct ms_scan scan = ms_scan_init(ms_slice_from(text));

	return (unsigned)ms_scan_number(&scan, 5, 99999);
}

static bool
read_options(int argc, char **argv, struct run *run)
{
	int option;

	run->options.resolvers = run->resolvers;
	while ((option = getopt(argc, argv, "r:c:a:t:m:snw")) != -1) {
		if (option == 'r' && run->options.n < 8)
			run->resolvers[run->options.n++] = optarg;
		else if (option == 'c')
			run->options.resolv_conf = optarg;
		else if (option == 'a')
			run->options.trust_anchor = optarg;
		else if (option == 's')
			run->validated = true;
		else if (option == 'n')
			run->options.no_validator = true;
		else if (option == 'w')
			run->why = true;
		else if (option == 't')
			run->options.timeout = number(optarg) / 10.0;
		else if (option == 'm')
			run->many = number(optarg);
		else
			return false;
	}
	return argc - optind == 2;
}

static void
print_record(const struct ms_dns_record *record)
{
	char ip[MS_IP_TEXT];

	switch (record->type) {
	case MS_DNS_A:
	case MS_DNS_AAAA:
		ms_ip_format(&record->u.ip, ip);
		printf(" %s", ip);
		break;
	case MS_DNS_TXT:
		printf(" %zu octets", record->u.text.n);
		break;
	case MS_DNS_MX:
		printf(" %u %.*s", record->u.mx.preference,
		    (int)record->u.mx.exchange.n,
		    (const char *)record->u.mx.exchange.p);
		break;
	default:
		printf(" %zu octets of rdata", record->rdata.n);
		break;
	}
}

/* How many of the answers are like the one to n0.NAME, which is *out. */
static unsigned
ask_many(const struct run *run, struct ms_dns_source *source,
    struct ms_dns_question *question, const char *name, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	struct ms_dns_answer answer;
	unsigned alike = 0;

	for (unsigned i = 0; i < 2 * run->many; i++) {
		const char *one =
		    ms_arena_printf(arena, "n%u.%s", i % run->many, name);

		ms_dns_name_from_master(ms_slice_from(one), &question->name);
		if (i < run->many) {
			source->prefetch(source, question);
			continue;
		}
		source->query(source, question, arena, &answer);
		if (i == run->many)
			*out = answer;
		alike += answer.status == out->status &&
			 answer.security == out->security;
	}
	return alike;
}

static int
ask(const struct run *run, const char *name, uint16_t type)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dns_question question = { .type = type,
		.want = run->validated ? MS_DNS_VALIDATED : 0 };
	struct ms_dns_source *source;
	struct ms_dns_answer answer;
	struct ms_diag diag;
	struct rusage usage;

	if (!ms_dns_name_from_master(ms_slice_from(name), &question.name) ||
	    ms_dns_live_open(&run->options, &source, &diag) != MS_OK) {
		fprintf(stderr, "ask: %s\n", name);
		return 64;
	}
	if (run->many)
		printf("%u ",
		    ask_many(run, source, &question, name, arena, &answer));
	else
		source->query(source, &question, arena, &answer);
	printf("%s %s %zu", ms_dns_status_name(answer.status),
	    ms_dns_security_name(answer.security), answer.n);
	if (answer.n > 0)
		print_record(&answer.records[0]);
	if (answer.truncated)
		printf(" truncated");
	if (run->why && answer.why)
		printf(" (%s)", answer.why);
	printf("\n");
	source->close(source);
	ms_arena_free(arena);
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss > 100 * 1024 ||
	       answer.seconds > 2 * run->options.timeout;
}

int
main(int argc, char **argv)
{
	struct run run = { .options = { .timeout = 5 } };
	uint16_t type;

	if (!read_options(argc, argv, &run))
		return 64;
	type = ms_dns_type_parse(ms_slice_from(argv[optind + 1]));
	return type ? ask(&run, argv[optind], type) : 64;
}
