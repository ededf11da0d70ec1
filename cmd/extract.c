/* SPDX-License-Identifier: ISC
 * extract.c - --extract DIR: the parts of a message as files
 */
#include "extract.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailsonde/render.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"
#include "options.h"

#define NAME_MAX_BYTES 100
#define TRIES_MAX      10000

/* ---- names ---- */

static bool
harmless(int32_t rune)
{
	if (rune < 0 || ms_rune_kind((uint32_t)rune) != MS_RUNE_PLAIN)
		return false;
	if (rune >= 0x80)
		return true;
	return ms_is((unsigned char)rune, MS_C_ALNUM) || rune == '.' ||
	       rune == '-' || rune == '_' || rune == ' ' || rune == '+' ||
	       rune == '@' || rune == ',';
}

static struct ms_slice
last_path_part(struct ms_slice name)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/' || name.p[i - 1] == '\\')
			return ms_slice_part(name, i, name.n);
	return name;
}

/* Cut in the middle, so that the extension stays. */
static void
add_safe(struct ms_buf *out, struct ms_slice name)
{
	size_t start = out->n;

	while (name.n > 0) {
		struct ms_slice before = name;
		int32_t rune = ms_utf8_next(&name);
		size_t left = name.n;

		if (out->n - start > NAME_MAX_BYTES - 24 && left > 16)
			continue;
		if (!harmless(rune))
			ms_buf_byte(out, '_');
		else
			ms_buf_add(out, before.p, before.n - name.n);
	}
}

static const char *
extension(const struct ms_part *part)
{
	static const struct {
		const char *type, *extension;
	} known[] = {
		{ "text/plain", ".txt" },
		{ "text/html", ".html" },
		{ "text/calendar", ".ics" },
		{ "application/pdf", ".pdf" },
		{ "image/png", ".png" },
		{ "image/jpeg", ".jpg" },
		{ "image/gif", ".gif" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (ms_slice_is(part->type, known[i].type))
			return known[i].extension;
	return ".bin";
}

char *
extract_safe_name(
    struct ms_arena *arena, const struct ms_part *part, size_t message)
{
	struct ms_slice given = last_path_part(part->filename);
	struct ms_buf name;

	ms_buf_init(&name, arena);
	ms_buf_printf(&name, "%06zu-%03u-", message, part->index);
	if (given.n > 0)
		add_safe(&name, given);
	else
		ms_buf_printf(&name, "part%s", extension(part));
	while (name.n > 0 &&
	       (name.p[name.n - 1] == '.' || name.p[name.n - 1] == ' '))
		name.n--;
	return ms_arena_string(arena, ms_buf_get(&name));
}

/* ---- files ---- */

static int
open_directory(const char *path, struct ms_report *report)
{
	int fd;

	if (mkdir(path, 0777) != 0 && errno != EEXIST) {
		ms_report_error(
		    report, "extract", false, "%s: %s", path, strerror(errno));
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		ms_report_error(
		    report, "extract", false, "%s: %s", path, strerror(errno));
	return fd;
}

/* A new file: the name, or "name.1", "name.2" … O_EXCL keeps what is there
 * and follows no link. */
static int
open_new(struct ms_arena *arena, int directory, char **name)
{
	const char *wanted = *name;
	int fd = -1;

	for (unsigned i = 0; fd < 0 && i < TRIES_MAX; i++) {
		if (i > 0)
			*name = ms_arena_printf(arena, "%s.%u", wanted, i);
		fd = openat(directory, *name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

static bool
write_all(int fd, struct ms_slice s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s = ms_slice_part(s, (size_t)n, s.n);
	}
	return true;
}

static bool
write_part(int fd, const struct ms_part *part)
{
	unsigned char room[16384];
	struct ms_codec codec;
	struct ms_slice piece;

	ms_codec_init(&codec, part->encoding, part->body);
	while (ms_codec_next(&codec, room, sizeof(room), &piece))
		if (!write_all(fd, piece))
			return false;
	return true;
}

struct extraction {
	int directory;
	int manifest;
	struct ms_report *report;
	struct ms_node *array; /* message.extracted; NULL for text */
	const struct ms_mailbox_item *item;
};

static void
note(const struct extraction *e, const struct ms_part *part, const char *name)
{
	struct ms_report *report = e->report;
	struct ms_node *node = ms_put_object(report, e->array, NULL);
	struct ms_buf line;
	char hex[65];

	ms_put_int(report, node, "part", part->index);
	ms_put_string(report, node, "file", name);
	ms_say(report, 2, MS_STYLE_PLAIN, "part %u saved as %s", part->index,
	    name);
	ms_hex(part->digests.sha256, 32, hex);
	ms_buf_init(&line, report->arena);
	ms_buf_text(&line, "{\"path\":");
	ms_json_string(&line, ms_slice_from(e->item->path));
	ms_buf_printf(&line,
	    ",\"index\":%zu,\"part\":%u,\"file\":", e->item->index,
	    part->index);
	ms_json_string(&line, ms_slice_from(name));
	ms_buf_text(&line, ",\"filename\":");
	if (part->filename.p)
		ms_json_string(&line, part->filename);
	else
		ms_buf_text(&line, "null");
	ms_buf_text(&line, ",\"content_type\":");
	ms_json_string(&line, part->type);
	ms_buf_printf(
	    &line, ",\"size\":%zu,\"sha256\":\"%s\"}\n", part->size, hex);
	if (e->manifest >= 0 && !write_all(e->manifest, ms_buf_get(&line)))
		ms_report_error(report, "extract", false, "manifest.ndjson: %s",
		    strerror(errno));
}

static void
save(const struct extraction *e, const struct ms_part *part)
{
	struct ms_arena *arena = e->report->arena;
	char *name = extract_safe_name(arena, part, e->item->index);
	int fd = open_new(arena, e->directory, &name);
	bool good = fd >= 0 && write_part(fd, part);
	int error = errno;

	if (fd >= 0 && close(fd) != 0 && good) {
		error = errno;
		good = false;
	}
	if (good) {
		note(e, part, name);
		return;
	}
	/* A file cut short would be taken for the part. */
	if (fd >= 0)
		unlinkat(e->directory, name, 0);
	ms_report_error(e->report, "extract", false, "part %u, %s: %s",
	    part->index, name, strerror(error));
	e->report->exit_code = EXIT_WRITE;
}

static struct ms_node *
message_node(struct ms_report *report)
{
	for (struct ms_node *n = report->data->first; n; n = n->next)
		if (n->key && strcmp(n->key, "message") == 0)
			return n;
	return NULL;
}

void
extract_parts(const char *directory, const struct ms_mailbox_item *item,
    const struct ms_message *message, struct ms_report *report)
{
	struct extraction e = { .report = report, .item = item };
	struct ms_node *node = message_node(report);

	e.directory = open_directory(directory, report);
	if (e.directory < 0) {
		report->exit_code = EXIT_WRITE;
		return;
	}
	e.manifest = openat(e.directory, "manifest.ndjson",
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
	e.array = node ? ms_put_array(report, node, "extracted") : NULL;
	ms_say_heading(report, "SAVED");
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF)
			save(&e, part);
	if (e.manifest >= 0)
		close(e.manifest);
	close(e.directory);
}
