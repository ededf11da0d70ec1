/* SPDX-License-Identifier: ISC
 * folder.c - files below a folder, in a stable order
 *
 * A Maildir (it has cur and new): its new files, then its cur files, then the
 * folders of Maildir++ in it. Any other folder: its files and folders together,
 * in the byte order of their names. Hidden names, links to folders and what is
 * no regular file are passed over.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "mailbox_priv.h"

struct level {
	struct level *parent;
	const char *path;
	struct dirent **names;
	int n, next;
	size_t depth;
	bool maildir;   /* this is cur or new of one */
	bool container; /* it has them */
};

struct folder {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct level *top;
};

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
has(struct folder *folder, const char *path, const char *name)
{
	return is_folder(ms_arena_printf(folder->arena, "%s/%s", path, name));
}

static bool
is_maildir(struct folder *folder, const char *path)
{
	return has(folder, path, "cur") && has(folder, path, "new");
}

static bool
push(
    struct folder *folder, const char *path, bool maildir, struct ms_diag *diag)
{
	struct level *level = MS_NEW(folder->arena, struct level);

	level->n = scandir(path, &level->names, NULL, by_name);
	if (level->n < 0) {
		ms_diag_set(diag, MS_IO, "%s", strerror(errno));
		return false;
	}
	level->path = path;
	level->maildir = maildir;
	level->parent = folder->top;
	level->depth = folder->top ? folder->top->depth + 1 : 1;
	folder->top = level;
	return true;
}

static void
pop(struct folder *folder)
{
	struct level *level = folder->top;

	for (int i = 0; i < level->n; i++)
		free(level->names[i]);
	free(level->names);
	folder->top = level->parent;
}

/* A Maildir's own folders come in the order of delivery: new, then cur; pushed
 * the other way round, as the last one pushed is read first. */
static bool
enter(struct folder *folder, const char *path, struct ms_diag *diag)
{
	struct ms_arena *arena = folder->arena;

	if (!push(folder, path, false, diag))
		return false;
	if (!is_maildir(folder, path))
		return true;
	folder->top->container = true;
	(void)push(folder, ms_arena_printf(arena, "%s/cur", path), true, diag);
	(void)push(folder, ms_arena_printf(arena, "%s/new", path), true, diag);
	return true;
}

struct folder *
folder_open(struct ms_arena *arena, const char *path,
    const struct ms_limits *limits, struct ms_diag *diag)
{
	struct folder *folder = MS_NEW(arena, struct folder);
	struct ms_slice name = ms_slice_from(path);

	folder->arena = arena;
	folder->limits = limits;
	while (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	return enter(folder, ms_arena_string(arena, name), diag) ? folder
								 : NULL;
}

/* In a Maildir only its own subfolders (".Sent") are hidden and wanted. */
static bool
wanted(struct folder *folder, const struct level *level, const char *name,
    const char *path)
{
	bool dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;

	if (dots)
		return false;
	if (level->container)
		return name[0] == '.' && is_folder(path) &&
		       is_maildir(folder, path);
	return name[0] != '.';
}

const char *
folder_next(struct folder *folder, bool *maildir, struct ms_diag *diag)
{
	while (folder->top) {
		struct level *level = folder->top;
		const char *name, *path;
		struct stat st;

		if (level->next >= level->n) {
			pop(folder);
			continue;
		}
		name = level->names[level->next++]->d_name;
		path =
		    ms_arena_printf(folder->arena, "%s/%s", level->path, name);
		if (!wanted(folder, level, name, path))
			continue;
		if (is_folder(path)) {
			if (level->depth >= folder->limits->directory_depth)
				ms_diag_set(diag, MS_LIMIT,
				    "folders nest too deeply; not entered");
			else if (enter(folder, path, diag))
				continue;
			*maildir = false;
			return path;
		}
		if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		*maildir = level->maildir;
		return path;
	}
	return NULL;
}

void
folder_close(struct folder *folder)
{
	while (folder->top)
		pop(folder);
}
