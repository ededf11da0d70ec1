/* SPDX-License-Identifier: ISC
 * secret.h - a password or token: from a file, the environment, a prompt
 */
#ifndef MAILSONDE_CMD_SECRET_H
#define MAILSONDE_CMD_SECRET_H

#include "mailsonde/login.h"
#include "options.h"

struct secret {
	unsigned char *p; /* pages of their own, not swapped where the system
			     lets us, in no dump; NULL: none */
	size_t n;
};

/* The first line of `file`, or what the variable `env` holds (which is wiped
 * there), or what is typed at the terminal when both are NULL; `whose` is put
 * into the prompt and into what is said of it. 0, or the exit code, and what
 * is wrong has been said. */
int secret_read(
    const char *whose, const char *file, const char *env, struct secret *out);

/* Says so where others can read the file. */
void secret_warn(const char *path);

/* Wipes it and gives it back; may be called twice, and where there is none. */
void secret_wipe(struct secret *secret);

/* What --login and its kin say, the secret in `secret`; in a replay there is
 * none. *out holds until that is wiped. 0, or the exit code. */
int login_open(
    const struct options *options, struct ms_login *out, struct secret *secret);

#endif
