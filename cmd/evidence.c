/* SPDX-License-Identifier: ISC
 * evidence.c - --record and --replay: what a run rests on, in a file
 */
#include "evidence.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mailsonde/dns_wrap.h"
#include "mailsonde/map.h"
#include "pool.h"

#define SCHEMA "mailsonde-record/1"

/* A message of the record; several may have the same bytes. */
struct message {
	const char *path;
	size_t index;
	struct message *next;
};

struct line {
	uint64_t number;
	struct ms_slice text;
};

/* A file of an option. */
struct file {
	const char *option;
	uint64_t number;
	struct ms_slice text;
	struct file *next;
};

struct evidence {
	const struct command *command;
	const struct options *options;
	struct ms_arena *arena;

	/* recording */
	struct ms_ledger *ledger; /* NULL: a replay */
	struct sink sink;

	/* replaying */
	struct ms_dns_source *dns, *keys;
	struct ms_fetch_source *fetch;
	struct ms_wire_source *wire;
	struct ms_geo_source *geo;
	struct ms_psl *psl;
	int64_t time;
	unsigned char seed[16];
	double stopped;
	struct ms_map messages; /* SHA-256 to struct message */
	struct line *lines;
	size_t lines_n, lines_room;
	struct file *files;
};

/* ---- recording ---- */

bool
evidence_records(const struct evidence *evidence)
{
	return evidence && evidence->ledger;
}

static bool
sink_take(void *context, struct ms_slice bytes)
{
	return sink_write(context, bytes);
}

static int
open_record(struct evidence *evidence)
{
	const struct options *options = evidence->options;

	if (options->output && strcmp(options->output, options->record) == 0) {
		complain("--record and --output name the same file: %s",
		    options->record);
		return EXIT_USAGE;
	}
	if (!sink_open(&evidence->sink, evidence->arena, options->record))
		return EXIT_WRITE;
	evidence->ledger =
	    ms_ledger_new(sink_take, &evidence->sink, out_of_memory);
	return 0;
}

static void
put_options(struct ms_buf *out, const struct given_list *given)
{
	bool first = true;

	ms_buf_text(out, ",\"options\":[");
	for (size_t i = 0; i < given->n; i++) {
		const struct given *g = &given->list[i];

		if (g->row->weight == OPTION_SHOWS)
			continue;
		ms_buf_printf(
		    out, "%s{\"name\":\"%s\"", first ? "" : ",", g->row->name);
		if (g->value)
			ms_ledger_put(out, "value", ms_slice_from(g->value));
		ms_buf_byte(out, '}');
		first = false;
	}
	ms_buf_byte(out, ']');
}

/* Words that are no files of messages: the messages are known by their
 * hashes. */
static void
put_arguments(struct ms_buf *out, const struct words *words)
{
	ms_buf_text(out, ",\"arguments\":[");
	for (size_t i = 0; i < words->n; i++) {
		ms_buf_printf(out, "%s{\"number\":%zu", i > 0 ? "," : "", i);
		ms_ledger_put(out, "value", ms_slice_from(words->list[i]));
		ms_buf_byte(out, '}');
	}
	ms_buf_byte(out, ']');
}

static void
put_time(struct ms_buf *out, const char *name, int64_t time)
{
	char text[MS_TIME_TEXT];

	ms_time_format(time, text);
	ms_ledger_put(out, name, ms_slice_from(text));
}

static void
put_list(struct ms_buf *out, struct ms_psl *psl)
{
	struct ms_psl_about about = psl->about(psl);
	char date[MS_TIME_TEXT];

	if (!about.source)
		return;
	ms_time_format(about.date, date);
	ms_buf_printf(out, ",\"public_suffix_list\":{\"date\":\"%s\"", date);
	ms_ledger_put(out, "source", ms_slice_from(about.source));
	ms_buf_byte(out, '}');
}

static bool
has_seed(const unsigned char seed[16])
{
	static const unsigned char none[16];

	return memcmp(seed, none, sizeof(none)) != 0;
}

void
evidence_record(struct evidence *evidence, struct ms_env *env)
{
	struct ms_buf line;

	if (!evidence || !evidence->ledger)
		return;
	ms_buf_init(&line, evidence->arena);
	ms_buf_text(&line, "\"type\":\"run\",\"schema\":\"" SCHEMA "\"");
	ms_ledger_put(&line, "version", MS_SLICE(MAILSONDE_VERSION));
	ms_ledger_put(&line, "command", ms_slice_from(evidence->command->name));
	put_time(&line, "time", env->clock.now);
	put_time(&line, "recorded", (int64_t)time(NULL));
	put_options(&line, &evidence->options->given);
	if (!(evidence->command->groups & OPT_MESSAGE))
		put_arguments(&line, &evidence->options->files);
	if (has_seed(env->seed))
		ms_ledger_put(
		    &line, "seed", ms_slice_make(env->seed, sizeof(env->seed)));
	ms_buf_text(&line, ",\"geoip\":");
	ms_geo_record_databases(&line, env->geo);
	put_list(&line, env->psl);
	ms_ledger_add(
	    evidence->ledger, ms_slice_make(NULL, 0), ms_buf_get(&line));
	env->dns = ms_dns_record(env->dns, evidence->ledger, 0, out_of_memory);
	env->fetch =
	    ms_fetch_record(env->fetch, evidence->ledger, out_of_memory);
	if (env->wire)
		env->wire =
		    ms_wire_record(env->wire, evidence->ledger, out_of_memory);
	env->geo = ms_geo_record(env->geo, evidence->ledger, out_of_memory);
	env->psl = ms_psl_record(env->psl, evidence->ledger, out_of_memory);
}

void
evidence_record_keys(struct evidence *evidence, struct ms_dns_source **keys)
{
	if (evidence_records(evidence))
		*keys = ms_dns_record(
		    *keys, evidence->ledger, MS_DNS_ARCHIVED, out_of_memory);
}

static void
record_message(struct evidence *evidence, const struct ms_mailbox_item *item,
    const char *sha256)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_buf line;

	ms_buf_init(&line, arena);
	ms_buf_text(&line, "\"type\":\"message\"");
	ms_ledger_put(&line, "path", ms_slice_from(item->path));
	ms_ledger_put_int(&line, "index", (int64_t)item->index);
	ms_ledger_put_int(&line, "size", (int64_t)item->raw.n);
	ms_ledger_put(&line, "sha256", ms_slice_from(sha256));
	ms_ledger_add(
	    evidence->ledger, ms_slice_make(NULL, 0), ms_buf_get(&line));
	ms_arena_free(arena);
}

void
evidence_line(struct evidence *evidence, uint64_t number, struct ms_slice line)
{
	struct ms_arena *arena;
	struct ms_buf out;

	if (!evidence || !evidence->ledger)
		return;
	arena = ms_arena_new(out_of_memory);
	ms_buf_init(&out, arena);
	ms_buf_text(&out, "\"type\":\"line\"");
	ms_ledger_put_int(&out, "number", (int64_t)number);
	ms_ledger_put(&out, "text", line);
	ms_ledger_add(
	    evidence->ledger, ms_slice_make(NULL, 0), ms_buf_get(&out));
	ms_arena_free(arena);
}

void
evidence_file(struct evidence *evidence, const char *option, uint64_t number,
    struct ms_slice text)
{
	struct ms_buf out;

	if (!evidence || !evidence->ledger)
		return;
	ms_buf_init(&out, evidence->arena);
	ms_buf_text(&out, "\"type\":\"file\"");
	ms_ledger_put(&out, "option", ms_slice_from(option));
	ms_ledger_put_int(&out, "number", (int64_t)number);
	ms_ledger_put(&out, "text", text);
	ms_ledger_add(
	    evidence->ledger, ms_slice_make(NULL, 0), ms_buf_get(&out));
}

struct ms_slice
evidence_file_of(
    const struct evidence *evidence, const char *option, uint64_t number)
{
	const struct file *file = evidence ? evidence->files : NULL;

	while (file &&
	       (file->number != number || strcmp(file->option, option) != 0))
		file = file->next;
	return file ? file->text : ms_slice_make(NULL, 0);
}

void
evidence_stop(struct evidence *evidence, double seconds)
{
	struct ms_buf out;

	if (!evidence || !evidence->ledger)
		return;
	ms_buf_init(&out, evidence->arena);
	ms_buf_printf(&out, "\"type\":\"stop\",\"after\":%.6f", seconds);
	ms_ledger_add(
	    evidence->ledger, ms_slice_make(NULL, 0), ms_buf_get(&out));
}

double
evidence_stopped(const struct evidence *evidence)
{
	return evidence ? evidence->stopped : 0;
}

/* ---- reading a record ---- */

static const char *
take_string(
    struct ms_arena *arena, const struct ms_json *object, const char *name)
{
	struct ms_slice text = ms_ledger_get(arena, object, name);

	return text.p ? ms_arena_string(arena, text) : NULL;
}

static const char *
take_options(struct evidence *evidence, const struct ms_json *run,
    struct given_list *out)
{
	const struct ms_json *list = ms_json_get(run, "options");
	struct ms_arena *arena = evidence->arena;
	size_t n = 0;

	for (const struct ms_json *o = list ? list->first : NULL; o;
	     o = o->next)
		n++;
	out->n = 0;
	out->list = MS_NEW_ARRAY(arena, struct given, n);
	for (const struct ms_json *o = n ? list->first : NULL; o; o = o->next) {
		const char *name = take_string(arena, o, "name");
		const struct option *row =
		    name ? options_find(evidence->command->groups, name) : NULL;
		const char *value = take_string(arena, o, "value");

		if (!row || row->weight == OPTION_SHOWS ||
		    (row->value == NULL) != (value == NULL))
			return "it has an option that is not known here";
		out->list[out->n++] = (struct given){ row, value };
	}
	return NULL;
}

static void
take_arguments(
    struct evidence *evidence, const struct ms_json *run, struct words *out)
{
	const struct ms_json *list = ms_json_get(run, "arguments");
	size_t n = 0;

	for (const struct ms_json *a = list ? list->first : NULL; a;
	     a = a->next)
		n++;
	out->n = 0;
	out->list = MS_NEW_ARRAY(evidence->arena, const char *, n);
	for (const struct ms_json *a = n ? list->first : NULL; a; a = a->next) {
		const char *word = take_string(evidence->arena, a, "value");

		if (word)
			out->list[out->n++] = word;
	}
}

static void
take_list(struct evidence *evidence, const struct ms_json *run)
{
	const struct ms_json *list = ms_json_get(run, "public_suffix_list");
	struct ms_psl_about about = {
		.source = take_string(evidence->arena, list, "source"),
	};

	if (!ms_time_parse(ms_json_get_text(list, "date"), &about.date))
		about.date = 0;
	evidence->psl = ms_psl_replay(&about, out_of_memory);
}

static void
take_seed(struct evidence *evidence, const struct ms_json *run)
{
	struct ms_slice seed = ms_ledger_get(evidence->arena, run, "seed");

	if (seed.n == sizeof(evidence->seed))
		memcpy(evidence->seed, seed.p, seed.n);
}

static bool
was_offline(const struct given_list *given)
{
	for (size_t i = 0; i < given->n; i++)
		if (strcmp(given->list[i].row->name, "offline") == 0)
			return true;
	return false;
}

/* The options of the run, beside those of this command line. */
static int
adopt(struct evidence *evidence, const struct ms_json *run,
    struct options *options)
{
	bool messages = (evidence->command->groups & OPT_MESSAGE) != 0;
	struct given_list given;
	struct words arguments;
	const char *wrong = take_options(evidence, run, &given);

	if (wrong) {
		complain("--replay: %s: line 1: %s", options->replay, wrong);
		return EXIT_DATA;
	}
	take_arguments(evidence, run, &arguments);
	wrong = options_adopt(options, &given, messages ? NULL : &arguments);
	if (!wrong) {
		/* To say it here is to say nothing new; what was judged
		 * without anybody to ask is another matter. */
		options->offline = was_offline(&given);
		return 0;
	}
	complain("--replay: %s", wrong);
	return EXIT_USAGE;
}

static int
take_run(struct evidence *evidence, const struct ms_json *run,
    struct options *options)
{
	struct ms_slice version = ms_json_get_text(run, "version");
	struct ms_slice command = ms_json_get_text(run, "command");

	if (!ms_slice_equal(
		ms_json_get_text(run, "schema"), MS_SLICE(SCHEMA)) ||
	    !ms_time_parse(ms_json_get_text(run, "time"), &evidence->time)) {
		complain("--replay: %s: line 1: it is no record of " SCHEMA,
		    options->replay);
		return EXIT_DATA;
	}
	if (!ms_slice_equal(command, ms_slice_from(evidence->command->name))) {
		complain("--replay: %s is a record of mailsonde %.*s, not of "
			 "mailsonde %s",
		    options->replay, (int)command.n, (const char *)command.p,
		    evidence->command->name);
		return EXIT_USAGE;
	}
	if (!options->quiet && !ms_slice_is(version, MAILSONDE_VERSION))
		complain("--replay: the record was made by version %.*s, this "
			 "is " MAILSONDE_VERSION
			 ": the results may be worded otherwise",
		    (int)version.n, (const char *)version.p);
	evidence->dns = ms_dns_replay(NULL, 0, out_of_memory);
	evidence->keys = ms_dns_replay(NULL, MS_DNS_ARCHIVED, out_of_memory);
	evidence->fetch = ms_fetch_replay(out_of_memory);
	evidence->wire = ms_wire_replay(out_of_memory);
	evidence->geo = ms_geo_replay(ms_json_get(run, "geoip"), out_of_memory);
	take_list(evidence, run);
	take_seed(evidence, run);
	return adopt(evidence, run, options);
}

static enum ms_status
take_message(struct evidence *evidence, const struct ms_json *line)
{
	struct message *message = MS_NEW(evidence->arena, struct message);
	struct ms_slice sha256 = ms_json_get_text(line, "sha256");
	int64_t index = ms_json_get_int(line, "index", -1);
	struct ms_map_entry *entry;

	message->path = take_string(evidence->arena, line, "path");
	if (sha256.n != 64 || !message->path || index < 0)
		return MS_FORMAT;
	message->index = (size_t)index;
	entry = ms_map_take(&evidence->messages, sha256);
	message->next = entry->value;
	entry->value = message;
	return MS_OK;
}

static enum ms_status
take_file(struct evidence *evidence, const struct ms_json *in)
{
	struct file *file = MS_NEW(evidence->arena, struct file);
	int64_t number = ms_json_get_int(in, "number", -1);

	file->option = take_string(evidence->arena, in, "option");
	file->number = (uint64_t)number;
	file->text = ms_ledger_get(evidence->arena, in, "text");
	file->next = evidence->files;
	if (number < 0 || !file->option || !file->text.p)
		return MS_FORMAT;
	evidence->files = file;
	return MS_OK;
}

static enum ms_status
take_line(struct evidence *evidence, const struct ms_json *in)
{
	int64_t number = ms_json_get_int(in, "number", -1);
	struct ms_slice text = ms_ledger_get(evidence->arena, in, "text");
	size_t room = evidence->lines_room;

	if (number < 0 || !text.p || ms_slice_find(text, 0, '\n') < text.n)
		return MS_FORMAT;
	if (evidence->lines_n == room) {
		evidence->lines_room = room ? 2 * room : 64;
		evidence->lines = ms_arena_grow(evidence->arena,
		    evidence->lines, room * sizeof(struct line),
		    evidence->lines_room * sizeof(struct line));
	}
	evidence->lines[evidence->lines_n++] =
	    (struct line){ (uint64_t)number, text };
	return MS_OK;
}

static enum ms_status
take_stop(struct evidence *evidence, const struct ms_json *line)
{
	const struct ms_json *after = ms_json_get(line, "after");

	if (!after || after->kind != MS_JSON_NUMBER)
		return MS_FORMAT;
	evidence->stopped = after->number;
	return MS_OK;
}

static enum ms_status
take_one(
    struct evidence *evidence, const struct ms_json *line, struct ms_diag *diag)
{
	struct ms_slice type = ms_json_get_text(line, "type");
	enum ms_status status = MS_FORMAT;

	ms_diag_set(diag, status, "it is of no kind that is known here");
	if (ms_slice_is(type, "dns"))
		status = ms_dns_replay_add(
		    ms_json_get_int(line, "want", 0) & MS_DNS_ARCHIVED
			? evidence->keys
			: evidence->dns,
		    line, diag);
	else if (ms_slice_is(type, "fetch"))
		status = ms_fetch_replay_add(evidence->fetch, line, diag);
	else if (ms_slice_is(type, "wire"))
		status = ms_wire_replay_add(evidence->wire, line, diag);
	else if (ms_slice_is(type, "geo"))
		status = ms_geo_replay_add(evidence->geo, line);
	else if (ms_slice_is(type, "psl"))
		status = ms_psl_replay_add(evidence->psl, line);
	else if (ms_slice_is(type, "message"))
		status = take_message(evidence, line);
	else if (ms_slice_is(type, "line"))
		status = take_line(evidence, line);
	else if (ms_slice_is(type, "file"))
		status = take_file(evidence, line);
	else if (ms_slice_is(type, "stop"))
		status = take_stop(evidence, line);
	return status;
}

static int
refuse(const struct options *options, const struct ms_diag *diag)
{
	complain("--replay: %s: %s", options->replay, diag->text);
	return EXIT_DATA;
}

/* All lines but the first. */
static int
read_lines(struct evidence *evidence, struct ms_ledger_reader *reader,
    const struct options *options)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	const struct ms_json *line;
	struct ms_diag diag = { "" };
	enum ms_status status;

	while (
	    (status = ms_ledger_next(reader, arena, &line, &diag)) == MS_OK) {
		struct ms_diag why = { "" };

		status = take_one(evidence, line, &why);
		ms_arena_clear(arena);
		if (status == MS_OK)
			continue;
		ms_diag_set(
		    &diag, status, "line %u: %s", reader->line, why.text);
		break;
	}
	ms_arena_free(arena);
	return status == MS_END ? 0 : refuse(options, &diag);
}

enum ms_status
evidence_take_file(
    const char *path, size_t limit, struct ms_buf *out, struct ms_diag *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum ms_status status = MS_OK;
	ssize_t n = 1;

	while (fd >= 0 && n != 0 && out->n <= limit) {
		n = read(fd, ms_buf_room(out, 1 << 18), 1 << 18);
		if (n < 0 && errno != EINTR)
			break;
		out->n += n > 0 ? (size_t)n : 0;
	}
	if (out->n > limit)
		status = ms_diag_set(diag, MS_LIMIT, "over %zu bytes", limit);
	else if (fd < 0 || n < 0)
		status = ms_diag_set(diag, MS_IO, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

bool
evidence_read_file(
    const char *option, const char *path, size_t limit, struct ms_buf *out)
{
	struct ms_diag diag;

	if (evidence_take_file(path, limit, out, &diag) == MS_OK)
		return true;
	complain("--%s: %s: %s", option, path, diag.text);
	return false;
}

static int
open_replay(struct evidence *evidence, struct options *options)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_ledger_reader reader;
	const struct ms_json *run;
	struct ms_diag diag = { "" };
	struct ms_buf file;
	int code;

	ms_buf_init(&file, evidence->arena);
	if (!evidence_read_file(
		"replay", options->replay, limits.record_size, &file))
		return EXIT_NOFILE;
	ms_map_init(&evidence->messages, evidence->arena);
	ms_ledger_start(&reader, ms_buf_get(&file));
	if (ms_ledger_next(&reader, evidence->arena, &run, &diag) != MS_OK)
		return refuse(options, &diag);
	code = take_run(evidence, run, options);
	return code ? code : read_lines(evidence, &reader, options);
}

/* ---- replaying ---- */

bool
evidence_replay(struct evidence *evidence, struct ms_env *env)
{
	if (!evidence || evidence->ledger)
		return false;
	env->clock.now = evidence->time;
	memcpy(env->seed, evidence->seed, sizeof(env->seed));
	env->dns = evidence->dns;
	env->fetch = evidence->fetch;
	env->geo = evidence->geo;
	env->psl = evidence->psl;
	evidence->dns = NULL;
	evidence->fetch = NULL;
	env->wire = evidence->wire;
	evidence->wire = NULL;
	evidence->geo = NULL;
	evidence->psl = NULL;
	return true;
}

bool
evidence_replay_keys(struct evidence *evidence, struct ms_dns_source **keys)
{
	if (!evidence || evidence->ledger)
		return false;
	*keys = evidence->keys;
	evidence->keys = NULL;
	return true;
}

bool
evidence_message(
    struct evidence *evidence, struct ms_mailbox_item *item, const char *sha256)
{
	const struct ms_map_entry *entry;
	const struct message *message, *first;

	if (!evidence)
		return true;
	if (evidence->ledger) {
		record_message(evidence, item, sha256);
		return true;
	}
	entry = ms_map_find(&evidence->messages, ms_slice_from(sha256));
	if (!entry) {
		item->status = ms_diag_set(&item->diag, MS_FORMAT,
		    "the record is not of this message (SHA-256 %s)", sha256);
		return false;
	}
	first = message = entry->value;
	assert(first); /* an entry without a message is never made */
	while (message && (message->index != item->index ||
			      strcmp(message->path, item->path) != 0))
		message = message->next;
	if (!message)
		message = first;
	item->path = message->path;
	item->index = message->index;
	return true;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct line *)a)->number;
	uint64_t y = ((const struct line *)b)->number;

	return (x > y) - (x < y);
}

struct ms_slice
evidence_lines(struct evidence *evidence)
{
	struct ms_buf out;

	if (!evidence || evidence->ledger)
		return ms_slice_make(NULL, 0);
	if (evidence->lines_n > 0)
		qsort(evidence->lines, evidence->lines_n, sizeof(struct line),
		    by_number);
	ms_buf_init(&out, evidence->arena);
	ms_buf_room(&out, 1);
	for (size_t i = 0; i < evidence->lines_n; i++) {
		ms_buf_slice(&out, evidence->lines[i].text);
		ms_buf_byte(&out, '\n');
	}
	return ms_buf_get(&out);
}

/* ---- opening and closing ---- */

int
evidence_open(const struct command *command, struct options *options)
{
	struct ms_arena *arena;
	struct evidence *evidence;

	if (!options->record && !options->replay)
		return 0;
	if (options->record && options->replay) {
		complain("%s: --record and --replay exclude each other",
		    command->name);
		return EXIT_USAGE;
	}
	arena = ms_arena_new(out_of_memory);
	evidence = MS_NEW(arena, struct evidence);
	evidence->command = command;
	evidence->options = options;
	evidence->arena = arena;
	options->evidence = evidence;
	return options->record ? open_record(evidence)
			       : open_replay(evidence, options);
}

/* Kept also when results could not be written, for what was learnt was learnt;
 * not when the run failed before anything was. */
static bool
worth_keeping(const struct evidence *evidence, int code)
{
	uint64_t lines = ms_ledger_lines(evidence->ledger);

	if (code == EXIT_USAGE || code == EXIT_FAULT)
		return false;
	return lines > (code == 0 ? 0 : 1);
}

int
evidence_close(struct evidence *evidence, int code)
{
	int written = 0;

	if (!evidence)
		return code;
	if (evidence->ledger) {
		bool keep = worth_keeping(evidence, code);

		(void)ms_ledger_close(evidence->ledger, keep);
		written = sink_close(&evidence->sink, keep);
	}
	if (evidence->dns)
		evidence->dns->close(evidence->dns);
	if (evidence->wire)
		evidence->wire->close(evidence->wire);
	if (evidence->keys)
		evidence->keys->close(evidence->keys);
	if (evidence->fetch)
		evidence->fetch->close(evidence->fetch);
	if (evidence->geo)
		evidence->geo->close(evidence->geo);
	if (evidence->psl)
		evidence->psl->close(evidence->psl);
	ms_arena_free(evidence->arena);
	return written ? written : code;
}
