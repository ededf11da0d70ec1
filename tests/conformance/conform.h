/* SPDX-License-Identifier: ISC
 * conform.h - published cases against the library: what the suites share
 */
#ifndef MAILSONDE_TESTS_CONFORM_H
#define MAILSONDE_TESTS_CONFORM_H

#include <cjson/cJSON.h>

#include "mailsonde/buf.h"
#include "mailsonde/codec.h"
#include "mailsonde/env.h"
#include "mailsonde/message.h"

/* One case under test. */
struct conform {
	const cJSON *test; /* the line */
	const cJSON *want; /* its expectation */
	struct ms_arena *arena;
	struct ms_env env;  /* dns: the case's own data, nothing else */
	struct ms_buf diff; /* what differs; empty: as wanted */
};

struct suite {
	const char *name; /* of its file */
	double wanted;    /* per cent that must be as wanted */
	void (*run)(struct conform *c);
};

/* Every suite, ended by one without a name. */
extern const struct suite suites[];

/* A row each; defined in suite_….c. */
void run_arc(struct conform *c);
void run_authres(struct conform *c);
void run_dkim(struct conform *c);
void run_dkim_canon(struct conform *c);
void run_dmarc(struct conform *c);
void run_dmarc_message(struct conform *c);
void run_dmarc_record(struct conform *c);
void run_dmarc_report(struct conform *c);
void run_tls_report(struct conform *c);
void run_bimi_record(struct conform *c);
void run_mta_sts_lookup(struct conform *c);
void run_mta_sts_mx(struct conform *c);
void run_mta_sts_policy(struct conform *c);
void run_mta_sts_record(struct conform *c);
void run_tls_rpt_record(struct conform *c);
void run_psl(struct conform *c);
void run_spf(struct conform *c);
void run_spf_macro(struct conform *c);
void run_spf_record(struct conform *c);

/* ---- reading a case; all of them give p == NULL or NULL for what is not
 * there, or null ---- */
const cJSON *member(const cJSON *object, const char *name);
struct ms_slice text_of(const cJSON *object, const char *name);
struct ms_slice base64_of(
    struct conform *c, const cJSON *object, const char *name);
bool is_listed(const cJSON *list, const char *word);

/* The case's message_b64; `charsets` outlives it. */
struct ms_message *message_of(struct conform *c, struct ms_charsets *charsets);

/* ---- comparing ---- */

/* A difference, in words. */
void differ(struct conform *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* want[name] is a word, a list of acceptable words, or null; absent: not
 * tested. Without regard to case. `got` NULL is null. */
void expect_word(
    struct conform *c, const cJSON *want, const char *name, const char *got);
void expect_text(struct conform *c, const cJSON *want, const char *name,
    struct ms_slice got);
void expect_bool(
    struct conform *c, const cJSON *want, const char *name, bool got);
void expect_number(
    struct conform *c, const cJSON *want, const char *name, double got);

#endif
