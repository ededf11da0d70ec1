/* SPDX-License-Identifier: ISC
 * extract.c - --extract DIR: the parts of a message as files
 */
#include "extract.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailsonde/json.h"
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
extension(struct ms_slice type)
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
		if (ms_slice_is(type, known[i].type))
			return known[i].extension;
	return ".bin";
}

/* What becomes one file: a leaf, or what stands uuencoded in one. */
struct piece {
	const struct ms_part *part;
	struct ms_slice name, type, body;
	enum ms_encoding encoding;
	size_t size;
	const unsigned char *sha256;
};

/* At most 100 bytes of the given name: letters, digits, some marks, and what
 * is not ASCII but harmless; the numbers in front keep it from beginning with
 * a dot or a dash. */
static char *
safe_name(struct ms_arena *arena, const struct piece *piece, size_t message)
{
	struct ms_buf name;
	size_t start;

	ms_buf_init(&name, arena);
	ms_buf_printf(&name, "%06zu-%03u-", message, piece->part->index);
	start = name.n;
	add_safe(&name, last_path_part(piece->name));
	while (name.p[name.n - 1] == '.' || name.p[name.n - 1] == ' ')
		name.n--;
	if (name.n == start)
		ms_buf_printf(&name, "part%s", extension(piece->type));
	return ms_arena_string(arena, ms_buf_get(&name));
}

/* ---- files ---- */

static void
failed(struct ms_report *report, const char *what, int error)
{
	ms_report_error(report, "extract", false, "%s: cannot save: %s", what,
	    error == ELOOP ? "a link stands there" : strerror(error));
	report->exit_code = EXIT_WRITE;
}

static int
open_directory(const char *path, struct ms_report *report)
{
	int fd = -1;

	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		failed(report, path, errno);
	return fd;
}

struct new_file {
	int fd;
	bool named; /* it stands in the folder */
	const char *wanted;
	char *name;
};

/* "name", then "name.1", "name.2" …: what is there stays. */
static bool
next_name(struct ms_arena *arena, struct new_file *file, unsigned i)
{
	if (i > 0)
		file->name = ms_arena_printf(arena, "%s.%u", file->wanted, i);
	return i < TRIES_MAX && (i == 0 || errno == EEXIST);
}

/* Without a name at first, so that what is interrupted leaves nothing behind;
 * where the file system has no such thing, under the next free name. No link
 * is followed. */
static bool
open_new(struct ms_arena *arena, int directory, struct new_file *file)
{
	file->fd =
	    openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	for (unsigned i = 0; file->fd < 0 && next_name(arena, file, i); i++) {
		file->fd = openat(directory, file->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		file->named = file->fd >= 0;
	}
	return file->fd >= 0;
}

static bool
give_name(struct ms_arena *arena, int directory, struct new_file *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	for (unsigned i = 0; !file->named && next_name(arena, file, i); i++)
		file->named = linkat(AT_FDCWD, path, directory, file->name,
				  AT_SYMLINK_FOLLOW) == 0;
	return file->named;
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
write_piece(int fd, const struct piece *piece)
{
	unsigned char room[16384];
	struct ms_codec codec;
	struct ms_slice out;

	ms_codec_init(&codec, piece->encoding, piece->body);
	codec.bare_cr = piece->part->bare_cr;
	while (ms_codec_next(&codec, room, sizeof(room), &out))
		if (!write_all(fd, out))
			return false;
	return true;
}

/* One file: of a piece, or of bytes as they are. Its name; NULL after an error
 * in the report. */
static const char *
store(struct ms_report *report, int directory, char *name,
    const struct piece *piece, struct ms_slice bytes)
{
	struct new_file file = { -1, false, name, name };
	bool good;
	int error;

	good =
	    open_new(report->arena, directory, &file) &&
	    (piece ? write_piece(file.fd, piece) : write_all(file.fd, bytes)) &&
	    give_name(report->arena, directory, &file);
	error = errno;
	if (file.fd >= 0 && close(file.fd) != 0 && good) {
		error = errno;
		good = false;
	}
	if (good)
		return file.name;
	/* A file cut short would be taken for the whole. */
	if (file.named)
		unlinkat(directory, file.name, 0);
	failed(report, file.name, error);
	return NULL;
}

struct extraction {
	int directory;
	int manifest;
	struct ms_report *report;
	struct ms_node *array; /* message.extracted; NULL for text */
	const struct ms_mailbox_item *item;
};

static void
manifest_text(struct ms_buf *line, const char *key, struct ms_slice text)
{
	ms_buf_printf(line, ",\"%s\":", key);
	if (text.p)
		ms_json_string(line, text);
	else
		ms_buf_text(line, "null");
}

static void
manifest_line(
    const struct extraction *e, const struct piece *piece, const char *name)
{
	struct ms_buf line;
	char hex[65];

	ms_hex(piece->sha256, 32, hex);
	ms_buf_init(&line, e->report->arena);
	ms_buf_text(&line, "{\"path\":");
	ms_json_string(&line, ms_slice_from(e->item->path));
	ms_buf_printf(&line, ",\"index\":%zu,\"part\":%u", e->item->index,
	    piece->part->index);
	manifest_text(&line, "file", ms_slice_from(name));
	manifest_text(&line, "filename", piece->name);
	manifest_text(&line, "content_type", piece->type);
	ms_buf_printf(
	    &line, ",\"size\":%zu,\"sha256\":\"%s\"}\n", piece->size, hex);
	if (!write_all(e->manifest, ms_buf_get(&line)))
		failed(e->report, "manifest.ndjson", errno);
}

static void
note(const struct extraction *e, const struct piece *piece, const char *name)
{
	struct ms_report *report = e->report;
	struct ms_node *node = ms_put_object(report, e->array, NULL);

	ms_put_int(report, node, "part", piece->part->index);
	ms_put_string(report, node, "file", name);
	ms_say(report, 2, MS_STYLE_PLAIN, "part %u saved as %s",
	    piece->part->index, name);
	manifest_line(e, piece, name);
}

static void
save(const struct extraction *e, const struct piece *piece)
{
	const char *name = store(e->report, e->directory,
	    safe_name(e->report->arena, piece, e->item->index), piece,
	    ms_slice_make(NULL, 0));

	if (name)
		note(e, piece, name);
}

static void
save_part(const struct extraction *e, const struct ms_part *part)
{
	struct piece piece = { part, part->filename, part->type, part->body,
		part->encoding, part->size, part->digests.sha256 };

	save(e, &piece);
	for (const struct ms_embedded *m = part->embedded; m; m = m->next) {
		piece = (struct piece){ part, m->name,
			MS_SLICE("application/octet-stream"), m->data,
			m->encoding, m->size, m->digests.sha256 };
		save(e, &piece);
	}
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
	if (e.directory < 0)
		return;
	e.manifest = openat(e.directory, "manifest.ndjson",
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (e.manifest < 0) {
		failed(report, "manifest.ndjson", errno);
		close(e.directory);
		return;
	}
	e.array = node ? ms_put_array(report, node, "extracted") : NULL;
	ms_say_heading(report, "SAVED");
	for (const struct ms_part *part = message->mime.root; part;
	     part = ms_part_next(part))
		if (part->kind == MS_PART_LEAF)
			save_part(&e, part);
	close(e.manifest);
	close(e.directory);
}

/* ---- canonical bytes ---- */

static void
save_canonical(int directory, const struct ms_mailbox_item *item,
    const struct ms_message *message, const struct ms_dkim_signature *s,
    size_t number, struct ms_report *report)
{
	static const char *const what[] = { "header", "body" };
	struct ms_slice bytes[2];

	if (!ms_dkim_canonical(
		message, s, report->arena, &bytes[0], &bytes[1])) {
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "signature %zu cannot be read that far", number);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *name = store(report, directory,
		    ms_arena_printf(report->arena, "%06zu-dkim-%03zu-%s",
			item->index, number, what[i]),
		    NULL, bytes[i]);

		if (name)
			ms_say(report, 2, MS_STYLE_PLAIN,
			    "%s of signature %zu saved as %s (%zu bytes)",
			    what[i], number, name, bytes[i].n);
	}
}

void
extract_canonical(const char *directory, const struct ms_mailbox_item *item,
    const struct ms_message *message, const struct ms_dkim_result *dkim,
    struct ms_report *report)
{
	int fd = open_directory(directory, report);

	if (fd < 0)
		return;
	ms_say_heading(report, "SAVED");
	for (size_t i = 0; i < dkim->n; i++)
		save_canonical(
		    fd, item, message, &dkim->signatures[i], i + 1, report);
	close(fd);
}
