/* SPDX-License-Identifier: ISC
 * psl.c - the public suffix list; libpsl's one door
 *
 * Both the library and the list are opened when first asked, and done without
 * where they are missing. libpsl wants its names in lower case and without a
 * final dot, and takes anything else for a name too: what is given to it is
 * looked at first.
 */
#include "mailsonde/psl.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <libpsl.h>

#include "mailsonde/ip.h"
#include "mailsonde/library.h"
#include "mailsonde/scan.h"

#define NAME_MAX_LEN 253 /* RFC 1035 3.1, as text */

#define MEMOS     512
#define MEMO_NAME 60
#define NOWHERE   255

struct functions {
	const char *(*dist_filename)(void);
	psl_ctx_t *(*load_file)(const char *);
	const psl_ctx_t *(*builtin)(void);
	time_t (*builtin_time)(void);
	const char *(*builtin_filename)(void);
	const char *(*unregistrable)(const psl_ctx_t *, const char *);
	const char *(*registrable)(const psl_ctx_t *, const char *);
	int (*is_suffix)(const psl_ctx_t *, const char *, int);
	void (*free)(psl_ctx_t *);
};

/* An answer, and where in the name its parts begin. Mail in bulk asks for few
 * names often, and libpsl takes as long for each as parsing a header does. */
struct memo {
	unsigned char name[MEMO_NAME];
	unsigned char n; /* 0: none */
	unsigned char suffix, registrable, icann_registrable;
	enum ms_psl_section section;
};

struct list {
	struct ms_psl base; /* first: the two have one address */
	pthread_mutex_t lock;
	bool tried; /* written under the lock; all below is fixed then */
	void *library;
	struct functions call;
	psl_ctx_t *loaded;
	const psl_ctx_t *list; /* NULL: nothing to ask */
	struct ms_psl_about about;
	struct memo *memos; /* by hash, the last one stays; under the lock;
			       made with the rest: most commands never ask */
};

/* ---- what was asked before ---- */

static struct memo *
memo_of(struct list *list, struct ms_slice name)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ name.p[i]) * 16777619;
	return &list->memos[(hash ^ hash >> 16) % MEMOS];
}

static struct ms_slice
part_from(struct ms_slice name, unsigned char from)
{
	return from == NOWHERE ? ms_slice_make(NULL, 0)
			       : ms_slice_part(name, from, name.n);
}

/* out->name is set, the rest is filled in if it is known. */
static bool
recall(struct list *list, struct ms_psl_answer *out)
{
	const struct memo *memo = memo_of(list, out->name);
	bool known;

	pthread_mutex_lock(&list->lock);
	known = memo->n == out->name.n && memo->n > 0 &&
		memcmp(memo->name, out->name.p, memo->n) == 0;
	if (known) {
		out->known = true;
		out->suffix = part_from(out->name, memo->suffix);
		out->registrable = part_from(out->name, memo->registrable);
		out->icann_registrable =
		    part_from(out->name, memo->icann_registrable);
		out->section = memo->section;
	}
	pthread_mutex_unlock(&list->lock);
	return known;
}

static unsigned char
place_of(const struct ms_psl_answer *answer, struct ms_slice part)
{
	return part.p ? (unsigned char)(part.p - answer->name.p) : NOWHERE;
}

static void
remember(struct list *list, const struct ms_psl_answer *answer)
{
	struct memo *memo = memo_of(list, answer->name);

	if (answer->name.n > MEMO_NAME)
		return;
	pthread_mutex_lock(&list->lock);
	memcpy(memo->name, answer->name.p, answer->name.n);
	memo->n = (unsigned char)answer->name.n;
	memo->suffix = place_of(answer, answer->suffix);
	memo->registrable = place_of(answer, answer->registrable);
	memo->icann_registrable = place_of(answer, answer->icann_registrable);
	memo->section = answer->section;
	pthread_mutex_unlock(&list->lock);
}

/* ---- opening ---- */

/* The packaged list, which is refreshed; else the one that the library was
 * built with. */
static void
load(struct list *list)
{
	const struct ms_library_function functions[] = {
		{ "psl_dist_filename", &list->call.dist_filename },
		{ "psl_load_file", &list->call.load_file },
		{ "psl_builtin", &list->call.builtin },
		{ "psl_builtin_file_time", &list->call.builtin_time },
		{ "psl_builtin_filename", &list->call.builtin_filename },
		{ "psl_unregistrable_domain", &list->call.unregistrable },
		{ "psl_registrable_domain", &list->call.registrable },
		{ "psl_is_public_suffix2", &list->call.is_suffix },
		{ "psl_free", &list->call.free },
		{ NULL, NULL },
	};
	struct stat st;

	list->library = ms_library_open("libpsl.so.5", functions);
	if (!list->library)
		return;
	list->memos = calloc(MEMOS, sizeof(*list->memos));
	if (!list->memos)
		abort();
	list->about.source = list->call.dist_filename();
	if (list->about.source && stat(list->about.source, &st) == 0) {
		list->about.date = (int64_t)st.st_mtime;
		list->loaded = list->call.load_file(list->about.source);
	}
	list->list = list->loaded;
	if (list->list)
		return;
	list->list = list->call.builtin();
	list->about.source = list->list ? list->call.builtin_filename() : NULL;
	list->about.date = list->list ? (int64_t)list->call.builtin_time() : 0;
}

static void
open_once(struct list *list)
{
	pthread_mutex_lock(&list->lock);
	if (!list->tried)
		load(list);
	list->tried = true;
	pthread_mutex_unlock(&list->lock);
}

/* ---- asking ---- */

struct ms_slice
ms_psl_normalise(struct ms_slice domain, struct ms_arena *arena)
{
	struct ms_slice none = { NULL, 0 };
	struct ms_ip ip;
	unsigned char *p;

	if (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain.n--;
	if (domain.n == 0 || domain.n > NAME_MAX_LEN ||
	    ms_ip_parse_literal(domain, &ip))
		return none;
	p = (unsigned char *)ms_arena_string(arena, domain);
	for (size_t i = 0; i < domain.n; i++) {
		bool label_starts = i == 0 || p[i - 1] == '.';

		if ((p[i] == '.' && (label_starts || i + 1 == domain.n)) ||
		    p[i] <= ' ' || p[i] == 0x7f || p[i] == '[')
			return none;
		p[i] = ms_lower(p[i]);
	}
	return ms_slice_make(p, domain.n);
}

/* Without its first label; n == 0 behind the last. */
static struct ms_slice
parent(struct ms_slice name)
{
	return ms_slice_part(name, ms_slice_find(name, 0, '.') + 1, name.n);
}

static bool
listed(const struct list *list, struct ms_slice name, int sections)
{
	return list->call.is_suffix(
	    list->list, (const char *)name.p, sections | PSL_TYPE_NO_STAR_RULE);
}

/* One label more than the longest suffix of the ICANN section; a top-level
 * domain is always one. */
static struct ms_slice
icann_registrable(const struct list *list, struct ms_slice name)
{
	struct ms_slice below = { NULL, 0 };

	while (!listed(list, name, PSL_TYPE_ICANN) && parent(name).n > 0) {
		below = name;
		name = parent(name);
	}
	return below;
}

static struct ms_slice
part_at(struct ms_slice name, const char *from)
{
	size_t offset = from ? (size_t)(from - (const char *)name.p) : 0;

	return from ? ms_slice_part(name, offset, name.n)
		    : ms_slice_make(NULL, 0);
}

static void
ask_library(const struct list *list, struct ms_psl_answer *out)
{
	const char *name = (const char *)out->name.p;

	out->suffix =
	    part_at(out->name, list->call.unregistrable(list->list, name));
	out->known = out->suffix.p != NULL;
	if (!out->known)
		return;
	out->registrable =
	    part_at(out->name, list->call.registrable(list->list, name));
	out->icann_registrable = icann_registrable(list, out->name);
	if (listed(list, out->suffix, PSL_TYPE_ICANN))
		out->section = MS_PSL_ICANN;
	else if (listed(list, out->suffix, PSL_TYPE_PRIVATE))
		out->section = MS_PSL_PRIVATE;
}

static void
list_ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *arena,
    struct ms_psl_answer *out)
{
	struct list *list = (struct list *)(void *)self;

	memset(out, 0, sizeof(*out));
	open_once(list);
	out->name = ms_psl_normalise(domain, arena);
	if (!list->list || !out->name.p || recall(list, out))
		return;
	ask_library(list, out);
	if (out->known)
		remember(list, out);
}

static struct ms_psl_about
list_about(struct ms_psl *self)
{
	struct list *list = (struct list *)(void *)self;

	open_once(list);
	return list->about;
}

static void
list_close(struct ms_psl *self)
{
	struct list *list = (struct list *)(void *)self;

	if (list->loaded)
		list->call.free(list->loaded);
	/* The library stays: the loader counts, and closing it would pull it
	 * from under another list. */
	pthread_mutex_destroy(&list->lock);
	free(list->memos);
	free(list);
}

struct ms_psl *
ms_psl_system(void)
{
	struct list *list = calloc(1, sizeof(*list));

	if (!list)
		abort();
	pthread_mutex_init(&list->lock, NULL);
	list->base.ask = list_ask;
	list->base.about = list_about;
	list->base.close = list_close;
	return &list->base;
}

struct ms_slice
ms_psl_organization(const struct ms_psl_answer *answer)
{
	if (!answer->known)
		return ms_slice_make(NULL, 0);
	return answer->registrable.p ? answer->registrable : answer->name;
}

/* ---- none ---- */

static void
none_ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *arena,
    struct ms_psl_answer *out)
{
	(void)self;
	memset(out, 0, sizeof(*out));
	out->name = ms_psl_normalise(domain, arena);
}

static struct ms_psl_about
none_about(struct ms_psl *self)
{
	struct ms_psl_about about = { NULL, 0 };

	(void)self;
	return about;
}

static void
none_close(struct ms_psl *self)
{
	(void)self;
}

/* One for everybody: it holds nothing, and nobody writes to it. */
static const struct ms_psl none = {
	.ask = none_ask,
	.about = none_about,
	.close = none_close,
};

struct ms_psl *
ms_psl_none(void)
{
	return (struct ms_psl *)(uintptr_t)&none;
}
