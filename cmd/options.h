/* SPDX-License-Identifier: ISC
 * options.h - the command line as a table of rows
 */
#ifndef MAILSONDE_CMD_OPTIONS_H
#define MAILSONDE_CMD_OPTIONS_H

#include <stdio.h>

#include "mailsonde/allow.h"
#include "mailsonde/dns_wrap.h"
#include "mailsonde/domain.h"
#include "mailsonde/ip.h"
#include "mailsonde/redirect.h"
#include "mailsonde/render.h"

#define EXIT_USAGE  64
#define EXIT_DATA   65
#define EXIT_NOFILE 66
#define EXIT_FAULT  70
#define EXIT_WRITE  74

/* Words given one after another with a repeatable option. */
struct words {
	const char **list;
	size_t n;
};

struct nets {
	struct ms_net *list;
	size_t n;
};

struct redirects {
	struct ms_redirect *list;
	size_t n;
};

struct allowed {
	struct ms_allow *list;
	size_t n;
};

struct option;

/* An option as it was given: a flag's value is NULL. */
struct given {
	const struct option *row;
	const char *value;
};

struct given_list {
	struct given *list;
	size_t n;
};

struct evidence;

struct options {
	const char *command;    /* its name */
	struct ms_arena *arena; /* of the lists */
	struct given_list given;
	const char *record, *replay;
	struct evidence *evidence; /* of either; NULL */
	const struct ms_format *format;
	const char *output;
	enum ms_severity fail_on;
	struct ms_thresholds warning, critical; /* nagios */
	bool quiet, verbose, offline, help;
	const char *color; /* "auto", "always", "never" */
	unsigned jobs;     /* 0: what the work needs */
	bool unordered, summary;
	const char *resume; /* results of an interrupted run; NULL */
	struct words geoip_db;
	struct nets trust, allow;
	struct words zones, resolvers;
	double dns_timeout, timeout; /* seconds; 0: the default */
	bool careful;
	struct ms_ip ip;              /* --ip */
	const char *mail_from, *helo; /* NULL: not given */
	struct words keys;            /* archived keys */
	const char *canonical;        /* directory for canonical bytes */
	struct words from, dkim;      /* --from, --dkim RESULT:DOMAIN */
	const char *spf;              /* RESULT:DOMAIN; NULL: not given */
	bool at_given, at_received;
	int64_t at;
	long long index; /* -1: all */
	bool attached, defang, no_links;
	const char *extract;
	bool active, reputation, connect; /* domain; active: probe too */
	struct words mx;               /* domains whose exchangers are probed */
	const char *ehlo;              /* the name that is said; NULL */
	unsigned retries;              /* of a server that is busy */
	const char *login, *mechanism; /* NULL */
	const char *password_file, *password_env, *token_file, *token_env;
	bool insecure_login;
	bool tls_scan;
	enum ms_domain_profile profile;
	struct words only, selectors, selectors_from;
	struct words dnsbl, dnsbl_only; /* zones of lists */
	struct words dnsbl_files, names_from;
	struct words rules;
	bool senders;
	const struct ms_dns_key *dns_keys; /* of zones that are paid for */
	size_t dns_keys_n;
	const char *expect, *baseline; /* files; NULL */
	bool fix;
	const char *submit, *pickup, *bounces; /* servers; NULL */
	const char *message;                   /* a template; NULL */
	double wait;                           /* seconds; 0: the default */
	bool keep, clean;
	struct {
		const char *login; /* NULL: the address; "-": nobody */
		const char *password_file, *password_env;
		const char *token_file, *token_env;
	} from_side, to_side;       /* of roundtrip */
	struct redirects redirects; /* --connect-to */
	const char *ca_file;        /* NULL: the system's */
	struct ms_ip listen;        /* not set: loopback */
	uint16_t listen_port;
	struct allowed targets; /* --allow-target */
	unsigned digests;
	const char *geoip, *geoip6; /* geoip build */
	struct words files;
};

/* Groups of rows; a command takes those in its mask. */
enum option_group {
	OPT_OUTPUT = 1 << 0,  /* format, output, color, quiet … */
	OPT_JUDGE = 1 << 1,   /* fail-on, at, trust, allow-net */
	OPT_SENDER = 1 << 9,  /* ip, mail-from, helo; fail-on, at */
	OPT_MESSAGE = 1 << 2, /* index, attached, jobs */
	OPT_CONTENT = 1 << 3, /* extract, hashes, defang */
	OPT_GEO = 1 << 4,     /* geoip-db */
	OPT_GEO_BUILD = 1 << 5,
	OPT_JOBS = 1 << 6,         /* of commands that read lines */
	OPT_PLAIN = 1 << 8,        /* output, help: what judges nothing */
	OPT_DNS = 1 << 7,          /* zone, resolver, timeouts … */
	OPT_IDENTIFIERS = 1 << 11, /* from, spf, dkim; fail-on, at */
	OPT_KEYS = 1 << 10,        /* keys, canonical */
	OPT_DOMAIN = 1 << 12,      /* only, profile, active, connect … */
	OPT_CONNECT = 1 << 13,     /* connect-to, ca-file */
	OPT_PROBE = 1 << 14,       /* mx, ehlo, retry */
	OPT_SERVE = 1 << 15,       /* listen, allow-target … */
	OPT_LOGIN = 1 << 16,       /* login, mechanism, secrets */
	OPT_PACKS = 1 << 22,       /* fail-on, at */
	OPT_RULES = 1 << 21,       /* rules */
	OPT_PARSE = 1 << 18,       /* no-links */
	OPT_TRIP = 1 << 17,        /* submit, pickup, wait … */
	OPT_REPUTATION = 1 << 19,  /* list, lists, only */
	OPT_REPORTS = 1 << 20,     /* fail-on, at, jobs, summary, zone … */
};

/* What an option is to a record. */
enum option_weight {
	OPTION_JUDGES, /* a judgement rests on it: recorded, and a replay takes
			  no other */
	OPTION_OFFERS, /* recorded; a replay may have another */
	OPTION_SHOWS,  /* not recorded: how it is done and shown */
};

struct option {
	const char *name;  /* long name without "--" */
	char letter;       /* 0: none */
	const char *value; /* what the help calls its value; NULL: none */
	unsigned group;    /* one of enum option_group */
	const char *help;
	/* NULL, or what is wrong with the value. No function: any text but the
	 * empty one is stored `at` a string of struct options. */
	const char *(*set)(struct options *options, const char *value);
	size_t at;
	enum option_weight weight;
};

/* Every row, ended by one without a name. */
const struct option *options_rows(void);

/* Seconds as options have them: down to the millisecond, at most a day. False:
 * it is no such number, or 0. */
bool options_seconds(const char *value, double *out);

/* Where `serve` listens, unless --listen names a port. */
#define LISTEN_PORT 9925

/* Reads argv[0..argc) (behind the command's name). False: `error` holds one
 * line for people. Lists live in `arena`. */
bool options_parse(struct ms_arena *arena, unsigned groups, int argc,
    char **argv, struct options *out, char *error, size_t error_size);

/* The row of an option of these groups; NULL. */
const struct option *options_find(unsigned groups, const char *name);

/* Takes over the options of a record, beside those given here. `arguments` are
 * taken over too, unless they are NULL. NULL, or how the two contradict each
 * other. */
const char *options_adopt(struct options *options,
    const struct given_list *recorded, const struct words *arguments);

/* What the row of an option of `command` says of it, perhaps in `arena`. */
const char *options_text(
    struct ms_arena *arena, const struct option *o, const char *command);

/* The option part of --help. */
void options_help(FILE *out, unsigned groups, const char *command);

/* The word of a list that is nearest to `word`, for "did you mean"; NULL when
 * nothing is near. */
const char *nearest_word(const char *word, const char *const *list, size_t n);

#endif
