/* SPDX-License-Identifier: ISC
 * usual.c - the databases that lie in the system's usual places
 */
#include "mailsonde/geo.h"

#include <dirent.h>
#include <stdlib.h>

#include "mailsonde/slice.h"

static const char *const places[] = {
	"/usr/share/GeoIP",
	"/var/lib/GeoIP",
	"/usr/local/share/GeoIP",
};

/* The first database that has a field wins, so the finer ones come first. */
static int
rank(const char *path)
{
	static const char *const finer[] = { "enterprise", "city", "insight",
		"asn", "isp", "country" };
	const char *slash = strrchr(path, '/');
	struct ms_slice name = ms_slice_from(slash ? slash + 1 : path);
	int n = (int)(sizeof(finer) / sizeof(finer[0]));

	for (int i = 0; i < n; i++) {
		if (ms_slice_find_nocase(name, 0, finer[i]) < name.n)
			return i;
	}
	return n;
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	int order = rank(*left) - rank(*right);

	return order ? order : strcmp(*left, *right);
}

static int
is_database(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       ms_slice_ends(ms_slice_from(entry->d_name), ".mmdb");
}

static const char **
add_folder(
    struct ms_arena *arena, const char *folder, const char **paths, size_t *n)
{
	struct dirent **found;
	int count = scandir(folder, &found, is_database, NULL);

	if (count < 0)
		return paths;
	paths = ms_arena_grow(arena, (void *)(uintptr_t)paths,
	    (*n + 1) * sizeof(*paths),
	    (*n + 1 + (size_t)count) * sizeof(*paths));
	for (int i = 0; i < count; i++) {
		paths[(*n)++] =
		    ms_arena_printf(arena, "%s/%s", folder, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return paths;
}

const char **
ms_geo_in(struct ms_arena *arena, const char *const *folders, size_t folders_n,
    size_t *n)
{
	const char **paths = MS_NEW_ARRAY(arena, const char *, 1);

	*n = 0;
	for (size_t i = 0; i < folders_n; i++)
		paths = add_folder(arena, folders[i], paths, n);
	paths[*n] = NULL;
	qsort(paths, *n, sizeof(*paths), compare);
	return paths;
}

const char **
ms_geo_usual(struct ms_arena *arena, size_t *n)
{
	return ms_geo_in(arena, places, sizeof(places) / sizeof(places[0]), n);
}
