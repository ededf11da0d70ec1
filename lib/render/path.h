/* SPDX-License-Identifier: ISC
 * path.h - values of a report by their place, for formats that pick a few
 */
#ifndef MAILSONDE_RENDER_PATH_H
#define MAILSONDE_RENDER_PATH_H

#include "mailsonde/report.h"

/* The value at "server.tls.days_left" under an object; NULL. */
const struct ms_node *path_find(const struct ms_node *object, const char *path);

/* As a number: of true and false 1 and 0, of a time its seconds. False: it is
 * none, or not there. */
bool path_number(const struct ms_node *object, const char *path, double *out);

/* Its text; p == NULL. */
struct ms_slice path_text(const struct ms_node *object, const char *path);

/* A subject in a word: "smtp://mx.example.org:25", "example.org", a path. */
struct ms_slice path_subject(const struct ms_report *report);

#endif
