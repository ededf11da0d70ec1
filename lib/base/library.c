/* SPDX-License-Identifier: ISC
 * library.c - shared libraries that are opened when they are first needed
 */
#include "mailsonde/library.h"

#include <dlfcn.h>
#include <string.h>

void *
ms_library_open(const char *name, const struct ms_library_function *functions)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	for (; library && functions->name; functions++) {
		if (ms_library_find(library, functions->name, functions->where))
			continue;
		dlclose(library);
		return NULL;
	}
	return library;
}

/* ISO C knows no conversion of an object's pointer to a function's; POSIX
 * does. */
bool
ms_library_find(void *library, const char *name, void *where)
{
	void *found = dlsym(library, name);

	memcpy(where, &found, sizeof(found));
	return found != NULL;
}
