/* SPDX-License-Identifier: ISC
 * dnsbl_lists.c - which lists in the DNS are asked: --list, --lists, --only
 */
#include "dnsbl_lists.h"

#include "evidence.h"
#include "output.h"

static bool
has_word(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->list[i], word) == 0)
			return true;
	return false;
}

/* The lists of --list behind those that are known; of them those of --only.
 * False: --only names one that is not there. */
static bool
choose_lists(const struct options *options, struct ms_arena *arena,
    struct ms_dnsbl_set *set)
{
	const struct words *only = &options->dnsbl_only;
	size_t kept = 0;

	for (size_t i = 0; i < options->dnsbl.n; i++)
		ms_dnsbl_add_zone(arena, options->dnsbl.list[i], set);
	for (size_t i = 0; i < only->n; i++) {
		if (ms_dnsbl_find(set, only->list[i]))
			continue;
		complain("%s: --only: there is no list %s; --list %s "
			 "asks it all the same",
		    options->command, only->list[i], only->list[i]);
		return false;
	}
	for (size_t i = 0; only->n > 0 && i < set->n; i++)
		if (has_word(only, set->lists[i].zone))
			set->lists[kept++] = set->lists[i];
	if (only->n > 0)
		set->n = kept;
	return true;
}

/* The text of one file of --lists, or what the record has of it. */
static bool
read_text(const struct options *options, size_t i, struct ms_buf *out)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	if (!options->replay)
		return evidence_read_file("lists", options->dnsbl_files.list[i],
		    limits.zone_size, out);
	ms_buf_slice(out, evidence_file_of(options->evidence, "lists", i));
	return true;
}

static size_t
count_keys(const struct ms_dnsbl_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += set->lists[i].key.p != NULL;
	return n;
}

/* The lists of --lists. 0, or an exit code. */
static int
read_lists(const struct options *options, struct dnsbl_lists *lists)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	size_t n = options->dnsbl_files.n;
	struct ms_diag diag = { "" };

	lists->files = MS_NEW_ARRAY(lists->arena, struct ms_slice, n);
	for (size_t i = 0; i < n; i++) {
		const char *path = options->dnsbl_files.list[i];
		size_t keys = count_keys(&lists->set);
		struct ms_buf text;

		ms_buf_init(&text, lists->arena);
		if (!read_text(options, i, &text))
			return EXIT_NOFILE;
		if (ms_dnsbl_read(lists->arena, ms_buf_get(&text), &limits,
			&lists->set, &diag) != MS_OK) {
			complain("%s: --lists: %s: %s", options->command, path,
			    diag.text);
			return EXIT_DATA;
		}
		if (count_keys(&lists->set) > keys && !options->replay)
			secret_warn(path);
		lists->files[i] =
		    ms_dnsbl_without_keys(lists->arena, ms_buf_get(&text));
	}
	return 0;
}

/* The keys of lists that are paid for; only who asks needs them. 0, or an exit
 * code. */
static int
read_keys(const struct options *options, struct dnsbl_lists *lists)
{
	size_t n = lists->set.n;

	lists->secrets = MS_NEW_ARRAY(lists->arena, struct secret, n);
	lists->keys = MS_NEW_ARRAY(lists->arena, struct ms_dns_key, n);
	for (size_t i = 0; i < n && !options->offline && !options->replay;
	     i++) {
		const struct ms_dnsbl *list = &lists->set.lists[i];
		struct ms_dns_key key = { list->zone, list->key };
		int code = 0;

		if (list->key_env)
			code = secret_read(list->zone, NULL, list->key_env,
			    &lists->secrets[i]);
		if (code)
			return code;
		if (list->key_env)
			key.key = ms_slice_make(
			    lists->secrets[i].p, lists->secrets[i].n);
		if (!key.key.p)
			continue;
		if (!ms_dnsbl_is_key(key.key)) {
			complain("%s: the key for %s is none that "
				 "could stand in a name",
			    options->command, list->zone);
			return EXIT_USAGE;
		}
		lists->keys[lists->keys_n++] = key;
	}
	return 0;
}

/* Where nobody is asked, zone files answer for servers too. */
static void
drop_servers(struct ms_dnsbl_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		set->lists[i].server.set = false;
}

int
dnsbl_lists_open(const struct options *options, struct ms_arena *arena,
    struct dnsbl_lists *out)
{
	int code;

	memset(out, 0, sizeof(*out));
	out->arena = arena;
	ms_dnsbl_add_table(arena, &out->set);
	code = read_lists(options, out);
	if (code == 0 && !choose_lists(options, arena, &out->set))
		code = EXIT_USAGE;
	if (options->offline)
		drop_servers(&out->set);
	if (code == 0)
		code = read_keys(options, out);
	return code;
}

void
dnsbl_lists_record(
    const struct options *options, const struct dnsbl_lists *lists)
{
	for (size_t i = 0; i < options->dnsbl_files.n; i++)
		evidence_file(options->evidence, "lists", i, lists->files[i]);
}

void
dnsbl_lists_close(const struct dnsbl_lists *lists)
{
	for (size_t i = 0; lists->secrets && i < lists->set.n; i++)
		secret_wipe(&lists->secrets[i]);
}
