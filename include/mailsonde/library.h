/* SPDX-License-Identifier: ISC
 * library.h - shared libraries that are opened when they are first needed
 *
 * What only some runs need is not linked: the start of every run would pay for
 * it. Each is opened in one place, its door.
 */
#ifndef MAILSONDE_LIBRARY_H
#define MAILSONDE_LIBRARY_H

#include <stdbool.h>

struct ms_library_function {
	const char *name;
	void *where; /* a pointer to a function of that kind */
};

/* Opens a library by its name and version, "libmagic.so.1", and finds these
 * functions, ended by one without a name. NULL: it is not there, or lacks one
 * of them. It stays open. Thread-safe. */
void *ms_library_open(
    const char *name, const struct ms_library_function *functions);

/* One more that it may lack: false, and NULL there. */
bool ms_library_find(void *library, const char *name, void *where);

#endif
