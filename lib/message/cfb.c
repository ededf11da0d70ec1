/* SPDX-License-Identifier: ISC
 * cfb.c - the compound file that an Outlook message stands in, [MS-CFB]
 *
 * Everything is a chain of sectors. Each sector is given out once: a chain that
 * runs into itself or into another ends there, so that work and memory are
 * bounded by the size of the file. libgsf would read it too, but it reports
 * damage on standard error, ends the program when memory runs out, descends
 * into the directory by recursion and gives up a file where a part of it can
 * still be read.
 */
#include <stdlib.h>

#include "outlook_priv.h"

#define HEADER       512
#define DIFAT_HEAD   109 /* places of FAT sectors in the header, 2.2 */
#define ENTRY        128
#define MINI_SHIFT   6
#define MINI_UNDER   4096 /* streams below are in the mini stream, 2.2 */
#define FAT_AT       44   /* in the header, 2.2: how many sectors it has */
#define DIRECTORY_AT 48
#define MINI_FAT_AT  60
#define FREE         0xffffffffu
#define LAST         0xfffffffeu

enum { STORAGE = 1, STREAM = 2, ROOT = 5 };

static void
damaged(const struct cfb *cfb, size_t offset, const char *detail)
{
	outlook_defect(cfb->reader, MS_DEFECT_CFB, offset, detail);
}

/* ---- sectors ---- */

static struct ms_slice
sector(const struct cfb *cfb, uint32_t number)
{
	size_t at = ((size_t)number + 1) << cfb->shift;

	return ms_slice_part(cfb->file, at, at + ((size_t)1 << cfb->shift));
}

static bool
claim(unsigned char *bits, uint32_t number)
{
	unsigned char bit = (unsigned char)(1u << (number & 7));

	if (bits[number >> 3] & bit)
		return false;
	bits[number >> 3] |= bit;
	return true;
}

/* The sector that follows, 2.3. */
static uint32_t
next_sector(const struct cfb *cfb, uint32_t number)
{
	unsigned shift = cfb->shift - 2;
	size_t table = number >> shift;
	size_t at = (number & (((size_t)1 << shift) - 1)) * 4;
	struct ms_slice s;

	if (table >= cfb->fat_n)
		return FREE;
	s = sector(cfb, cfb->fat[table]);
	return at + 4 <= s.n ? outlook_u32(s.p + at) : FREE;
}

static uint32_t
next_mini(const struct cfb *cfb, uint32_t number)
{
	size_t at = (size_t)number * 4;

	return at + 4 <= cfb->mini_fat.n ? outlook_u32(cfb->mini_fat.p + at)
					 : FREE;
}

/* A chain, one sector at a time. */
struct chain {
	struct cfb *cfb;
	bool mini;
	uint32_t next;
	const char *why; /* it broke off; NULL */
};

static bool
take_sector(struct chain *chain, struct ms_slice *out)
{
	struct cfb *cfb = chain->cfb;
	uint32_t number = chain->next;
	size_t sectors =
	    chain->mini ? (cfb->mini.n + 63) >> MINI_SHIFT : cfb->sectors;

	if (number == LAST)
		return false;
	if (number >= sectors) {
		chain->why = number == FREE
				 ? "a chain of sectors breaks off"
				 : "a chain of sectors leads out of the file";
		return false;
	}
	if (!claim(chain->mini ? cfb->mini_claimed : cfb->claimed, number)) {
		chain->why = "a chain of sectors runs into one already read";
		return false;
	}
	if (chain->mini) {
		*out = ms_slice_part(cfb->mini, (size_t)number << MINI_SHIFT,
		    ((size_t)number + 1) << MINI_SHIFT);
		chain->next = next_mini(cfb, number);
	} else {
		*out = sector(cfb, number);
		chain->next = next_sector(cfb, number);
	}
	return true;
}

/* At most `size` octets of a chain; a slice of the file itself where its
 * sectors stand one behind another. */
static struct ms_slice
read_chain(struct chain *chain, uint64_t size)
{
	struct ms_slice run = { NULL, 0 }, piece;
	struct ms_buf buf;
	uint64_t n = 0;

	ms_buf_init(&buf, chain->cfb->reader->arena);
	while (n < size && take_sector(chain, &piece)) {
		n += piece.n;
		if (run.p && run.p + run.n == piece.p) {
			run.n += piece.n;
			continue;
		}
		if (run.p)
			ms_buf_slice(&buf, run);
		run = piece;
	}
	if (buf.n > 0) {
		ms_buf_slice(&buf, run);
		run = ms_buf_get(&buf);
	}
	return ms_slice_part(run, 0, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
}

static struct ms_slice
read_table(struct cfb *cfb, size_t at, const char *broken)
{
	struct chain chain = { .cfb = cfb,
		.next = outlook_u32(cfb->file.p + at) };
	struct ms_slice out = read_chain(&chain, UINT64_MAX);

	if (chain.why)
		damaged(cfb, at, broken);
	return out;
}

/* ---- the FAT ---- */

static void
add_fat(struct cfb *cfb, uint32_t number)
{
	if (number < cfb->sectors && cfb->fat_n < cfb->sectors &&
	    claim(cfb->claimed, number))
		cfb->fat[cfb->fat_n++] = number;
	else
		damaged(cfb, FAT_AT, "the table of sectors is damaged");
}

/* The places of the FAT's sectors, 2.5. Only the last ones may be free. */
static void
read_fat(struct cfb *cfb)
{
	const unsigned char *head = cfb->file.p;
	size_t wanted = outlook_u32(head + FAT_AT);
	struct chain chain = { .cfb = cfb, .next = outlook_u32(head + 68) };
	size_t per = ((size_t)1 << cfb->shift) / 4 - 1;
	struct ms_slice s;

	cfb->fat = MS_NEW_ARRAY(cfb->reader->arena, uint32_t, cfb->sectors);
	for (size_t i = 0; i < DIFAT_HEAD && wanted > 0; i++, wanted--)
		add_fat(cfb, outlook_u32(head + 76 + 4 * i));
	/* A chain of its own: the number of the next stands in the last
	 * place. */
	while (wanted > 0 && chain.next != LAST && chain.next != FREE) {
		if (!take_sector(&chain, &s) || s.n < 4 * (per + 1))
			break;
		for (size_t i = 0; i < per && wanted > 0; i++, wanted--)
			add_fat(cfb, outlook_u32(s.p + 4 * i));
		chain.next = outlook_u32(s.p + 4 * per);
	}
	if (wanted > 0)
		damaged(cfb, FAT_AT, "the table of sectors is not whole");
}

/* ---- the directory ---- */

static const unsigned char *
entry_at(const struct cfb *cfb, uint32_t entry)
{
	return cfb->directory.p + (size_t)entry * ENTRY;
}

static unsigned
type_of(const struct cfb *cfb, uint32_t entry)
{
	return entry_at(cfb, entry)[66];
}

bool
cfb_is_storage(const struct cfb *cfb, uint32_t entry)
{
	return type_of(cfb, entry) != STREAM;
}

size_t
cfb_offset(const struct cfb *cfb, uint32_t entry)
{
	const unsigned char *p = entry_at(cfb, entry);

	return p >= cfb->file.p && p < cfb->file.p + cfb->file.n
		   ? (size_t)(p - cfb->file.p)
		   : 0;
}

void
cfb_name(const struct cfb *cfb, uint32_t entry, char out[CFB_NAME])
{
	const unsigned char *p = entry_at(cfb, entry);
	size_t n = outlook_u16(p + 64) / 2;

	if (n > CFB_NAME - 1)
		n = CFB_NAME - 1;
	memset(out, 0, CFB_NAME);
	for (size_t i = 0; i < n && outlook_u16(p + 2 * i) > 0; i++) {
		uint32_t c = outlook_u16(p + 2 * i);

		out[i] = c < 0x7f && c >= 0x20 ? (char)c : '?';
	}
}

struct named {
	char name[CFB_NAME];
	uint32_t entry;
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = (x->entry > y->entry) - (x->entry < y->entry);
	return order;
}

static void
sort_children(struct cfb *cfb, uint32_t storage)
{
	struct ms_arena *arena = cfb->reader->arena;
	struct ms_arena_mark mark = ms_arena_mark(arena);
	uint32_t *list = cfb->order + cfb->first[storage];
	size_t n = cfb->count[storage];
	struct named *named = MS_NEW_ARRAY(arena, struct named, n);

	for (size_t i = 0; i < n; i++) {
		named[i].entry = list[i];
		cfb_name(cfb, list[i], named[i].name);
	}
	if (n > 1)
		qsort(named, n, sizeof(*named), by_name);
	for (size_t i = 0; i < n; i++)
		list[i] = named[i].entry;
	ms_arena_reset(arena, mark);
}

/* A child or a sibling: each is taken once, 2.6.4. */
static void
add_entry(
    struct cfb *cfb, unsigned char *seen, size_t *n, const unsigned char *link)
{
	uint32_t entry = outlook_u32(link);

	if (entry == CFB_NO_STREAM)
		return;
	if (entry >= cfb->entries ||
	    (type_of(cfb, entry) != STORAGE && type_of(cfb, entry) != STREAM)) {
		damaged(cfb, DIRECTORY_AT,
		    "the directory names an entry that is none");
		return;
	}
	if (!claim(seen, entry)) {
		damaged(
		    cfb, DIRECTORY_AT, "the directory leads to an entry twice");
		return;
	}
	cfb->order[(*n)++] = entry;
}

/* The children of one storage, by way of their siblings. */
static void
read_storage(struct cfb *cfb, unsigned char *seen, uint32_t storage, size_t *n)
{
	size_t at = *n;

	cfb->first[storage] = (uint32_t)at;
	add_entry(cfb, seen, n, entry_at(cfb, storage) + 76);
	for (; at < *n; at++) {
		const unsigned char *p = entry_at(cfb, cfb->order[at]);

		add_entry(cfb, seen, n, p + 68);
		add_entry(cfb, seen, n, p + 72);
	}
	cfb->count[storage] = (uint32_t)(at - cfb->first[storage]);
	sort_children(cfb, storage);
}

static void
count_lost(const struct cfb *cfb, unsigned char *seen)
{
	size_t lost = 0;

	for (uint32_t i = 1; i < cfb->entries; i++)
		if ((type_of(cfb, i) == STORAGE || type_of(cfb, i) == STREAM) &&
		    claim(seen, i))
			lost++;
	if (lost > 0)
		damaged(cfb, DIRECTORY_AT,
		    ms_arena_printf(cfb->reader->arena,
			"%zu entries of the directory cannot be reached, and "
			"are not read",
			lost));
}

/* The root and each storage behind it, in the order in which they turn up. */
static void
read_directory(struct cfb *cfb)
{
	struct ms_arena *arena = cfb->reader->arena;
	unsigned char *seen = ms_arena_zalloc(arena, cfb->entries / 8 + 1);
	size_t n = 0;

	cfb->order = MS_NEW_ARRAY(arena, uint32_t, cfb->entries + 1);
	cfb->first = MS_NEW_ARRAY(arena, uint32_t, cfb->entries);
	cfb->count = MS_NEW_ARRAY(arena, uint32_t, cfb->entries);
	(void)claim(seen, CFB_ROOT);
	read_storage(cfb, seen, CFB_ROOT, &n);
	for (size_t i = 0; i < n; i++)
		if (type_of(cfb, cfb->order[i]) == STORAGE)
			read_storage(cfb, seen, cfb->order[i], &n);
	count_lost(cfb, seen);
}

size_t
cfb_children(const struct cfb *cfb, uint32_t storage)
{
	return cfb->count[storage];
}

uint32_t
cfb_child(const struct cfb *cfb, uint32_t storage, size_t i)
{
	return cfb->order[cfb->first[storage] + i];
}

uint32_t
cfb_find(const struct cfb *cfb, uint32_t storage, const char *name)
{
	size_t low = 0, high = cfb_children(cfb, storage);
	char have[CFB_NAME];

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t entry = cfb_child(cfb, storage, middle);
		int order;

		cfb_name(cfb, entry, have);
		order = strcmp(have, name);
		if (order == 0)
			return entry;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return CFB_NO_STREAM;
}

/* ---- streams ---- */

/* The upper half of a size says nothing in version 3, 2.6.1. */
static uint64_t
size_of(const struct cfb *cfb, uint32_t entry)
{
	const unsigned char *p = entry_at(cfb, entry);

	return cfb->shift == 9 ? outlook_u32(p + 120) : outlook_u64(p + 120);
}

struct ms_slice
cfb_stream(struct cfb *cfb, uint32_t entry)
{
	uint64_t size = size_of(cfb, entry);
	struct chain chain = { .cfb = cfb,
		.next = outlook_u32(entry_at(cfb, entry) + 116),
		.mini = entry != CFB_ROOT && size < MINI_UNDER };
	struct ms_slice out;

	if (size == 0)
		return ms_slice_make("", 0);
	out = read_chain(&chain, size);
	if (out.n < size)
		damaged(cfb, cfb_offset(cfb, entry),
		    chain.why ? chain.why
			      : "a stream is shorter than its size says");
	return out;
}

/* ---- opening ---- */

bool
cfb_open(struct cfb *cfb, struct outlook_reader *reader, struct ms_slice file)
{
	size_t size;

	memset(cfb, 0, sizeof(*cfb));
	cfb->reader = reader;
	cfb->file = file;
	if (file.n < HEADER || (file.p[30] != 9 && file.p[30] != 12))
		return false;
	cfb->shift = file.p[30];
	size = (size_t)1 << cfb->shift;
	/* So many that a number can name each; the rest cannot be reached. */
	if (file.n > size)
		cfb->sectors = (file.n - 1) >> cfb->shift;
	if (cfb->sectors > LAST)
		cfb->sectors = LAST;
	if (file.n & (size - 1))
		damaged(cfb, file.n, "the file ends within a sector");
	cfb->claimed = ms_arena_zalloc(reader->arena, cfb->sectors / 8 + 1);
	read_fat(cfb);
	cfb->directory = read_table(
	    cfb, DIRECTORY_AT, "the chain of the directory is broken");
	cfb->entries = cfb->directory.n / ENTRY;
	if (cfb->entries == 0 || type_of(cfb, CFB_ROOT) != ROOT)
		return false;
	cfb->mini_fat = outlook_u32(file.p + 64) > 0
			    ? read_table(cfb, MINI_FAT_AT,
				  "the table of the mini stream is broken")
			    : ms_slice_make("", 0);
	cfb->mini = cfb_stream(cfb, CFB_ROOT);
	cfb->mini_claimed = ms_arena_zalloc(
	    reader->arena, (cfb->mini.n >> (MINI_SHIFT + 3)) + 1);
	read_directory(cfb);
	return true;
}
