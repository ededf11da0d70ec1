/* SPDX-License-Identifier: ISC
 * evidence.h - --record and --replay: what a run rests on, in a file
 *
 * One line a thing: the run itself with its options, time and databases, each
 * subject, each answer. mailsonde-record(5) is the contract.
 */
#ifndef MAILSONDE_CMD_EVIDENCE_H
#define MAILSONDE_CMD_EVIDENCE_H

#include "commands.h"
#include "mailsonde/env.h"
#include "mailsonde/mailbox.h"

/* Opens what the options ask for, and leaves it in options->evidence. A
 * replay's options become part of *options. 0, or an exit code after one line
 * on standard error. */
int evidence_open(const struct command *command, struct options *options);

/* Ends it; NULL is allowed. `code` is that of the run: a record is kept
 * unless the run failed to begin. Returns the exit code of the whole. */
int evidence_close(struct evidence *evidence, int code);

/* All below take NULL for a run without a record. */

/* A replay gives the sources and the time of its record: true, and they belong
 * to *env. */
bool evidence_replay(struct evidence *evidence, struct ms_env *env);

/* A recording writes its first line, once the sources are open, and has every
 * answer of theirs from here on. */
void evidence_record(struct evidence *evidence, struct ms_env *env);

/* The same for the archive of keys. */
bool evidence_replay_keys(
    struct evidence *evidence, struct ms_dns_source **keys);
void evidence_record_keys(
    struct evidence *evidence, struct ms_dns_source **keys);

/* A message: goes into the record; or is found there, and has the path and
 * number of then. False: it is not in the record, and the item says so. */
bool evidence_message(struct evidence *evidence, struct ms_mailbox_item *item,
    const char *sha256);

/* The whole file into `out`. MS_IO: it cannot be read; MS_LIMIT: it is larger
 * than `limit`; *diag says so. */
enum ms_status evidence_take_file(
    const char *path, size_t limit, struct ms_buf *out, struct ms_diag *diag);

/* The whole file into `out`. False: it cannot be read, or is larger than
 * `limit`; that has been said in the name of `option`. */
bool evidence_read_file(
    const char *option, const char *path, size_t limit, struct ms_buf *out);

/* A file that a judgement rests on, the `number`th of an option: into the
 * record; out of a replay's (p == NULL: it is not there). */
void evidence_file(struct evidence *evidence, const char *option,
    uint64_t number, struct ms_slice text);
struct ms_slice evidence_file_of(
    const struct evidence *evidence, const char *option, uint64_t number);

/* The run was told to stop, and did so after that many seconds of its own
 * count. Of a replay: when; 0: it was not. */
void evidence_stop(struct evidence *evidence, double seconds);
double evidence_stopped(const struct evidence *evidence);

/* Whether evidence_line has a use. */
bool evidence_records(const struct evidence *evidence);

/* Line `number` of standard input, counting from 0. */
void evidence_line(
    struct evidence *evidence, uint64_t number, struct ms_slice line);

/* The lines of a replay in their order, as standard input would give them;
 * p == NULL: it is no replay. */
struct ms_slice evidence_lines(struct evidence *evidence);

#endif
