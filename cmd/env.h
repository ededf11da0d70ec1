/* SPDX-License-Identifier: ISC
 * env.h - the outside world, built from the options
 */
#ifndef MAILSONDE_CMD_ENV_H
#define MAILSONDE_CMD_ENV_H

#include "mailsonde/env.h"
#include "options.h"

/* What a command needs: it takes time to open. */
enum {
	ENV_GEO = 1 << 0,
	ENV_DNS = 1 << 1,
	ENV_FETCH = 1 << 2,
	ENV_WIRE = 1 << 3,
	ENV_SEED = 1 << 4,
};

/* Opens what the options ask for, of what is wanted. 0, or an exit code after
 * one line on standard error. */
int env_open(struct ms_env *out, struct ms_arena *arena,
    const struct options *options, unsigned wants);

/* The same for a process that stays: no answer is held beyond the time for
 * which it holds, certificates are judged as of each handshake. Each subject
 * gets its own by env_lend; nobody else uses this one. */
int env_open_lasting(struct ms_env *out, struct ms_arena *arena,
    const struct options *options, unsigned wants);

/* The outside world of one subject, which begins now and has `seconds`: what
 * is asked then is over at that moment and no later, each question is asked
 * once, and no special-purpose address is connected to unless --allow-net or
 * --connect-to names it. Thread-safe; in `arena`. */
void env_lend(const struct ms_env *lasting, struct ms_arena *arena,
    double seconds, struct ms_env *out);
void env_return(struct ms_env *lent);

/* Opens the archived keys of --keys into *out; NULL without any. 0, or an exit
 * code after one line on standard error. */
int env_open_keys(const struct ms_env *env, const struct options *options,
    struct ms_dns_source **out);

/* Whether no answer can come from anywhere: --offline without zone files. */
bool env_asks_nobody(const struct options *options);

void env_close(struct ms_env *env);

/* The path `name` from the directory that the program lies in; NULL: that is
 * not known. */
const char *env_beside(struct ms_arena *arena, const char *name);

/* Seconds of a clock that only goes forward. */
double env_ticks(void);

/* The country database that comes with the program: beside it, in
 * ../share/mailsonde. */
const char *env_embedded_database(struct ms_arena *arena);

#endif
