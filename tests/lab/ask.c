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
 *
 * Prints "STATUS SECURITY NUMBER FIRST-RECORD". Status 1: the answer took
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
};

static bool
read_options(int argc, char **argv, struct run *run)
{
	struct ms_scan scan;
	int option;

	run->options.resolvers = run->resolvers;
	while ((option = getopt(argc, argv, "r:c:a:t:snw")) != -1) {
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
		else if (option != 't')
			return false;
		if (option != 't')
			continue;
		scan = ms_scan_init(ms_slice_from(optarg));
		run->options.timeout =
		    (double)ms_scan_number(&scan, 3, 999) / 10;
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
