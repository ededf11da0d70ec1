/* SPDX-License-Identifier: ISC
 * resume.c - --resume: what an interrupted run has done already
 *
 * A subject is known by its "subject" and "id" as they stand in its result:
 * whoever asks writes them as a result would and reads them back.
 */
#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailsonde/digest.h"
#include "mailsonde/json.h"
#include "summary.h"

#define BLOCK_BYTES    (256 * 1024)
#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define KEY_BYTES      16
#define ROOM_FIRST     1024

struct slot {
	unsigned char key[KEY_BYTES];
	uint32_t n; /* results that are not used up; 0 also where it is free */
	bool used;
};

struct resume {
	const char *found; /* of the plan */
	struct slot *slots;
	size_t room, n; /* a power of two; those in use */
};

/* Of one reading. */
struct reader {
	struct resume *resume;
	struct pool *pool;
	const struct options *options;
	const struct lines_plan *plan;
	struct output *output;
	struct ms_arena *arena; /* of a line */
	struct ms_buf buf;      /* read, and not taken yet */
	int fd;
	uint64_t line;
	off_t whole; /* bytes of whole lines */
};

/* ---- the set ---- */

static struct slot *
find(struct slot *slots, size_t room, const unsigned char key[KEY_BYTES])
{
	size_t at;

	memcpy(&at, key, sizeof(at));
	for (at &= room - 1; slots[at].used; at = (at + 1) & (room - 1))
		if (memcmp(slots[at].key, key, KEY_BYTES) == 0)
			break;
	return &slots[at];
}

static struct slot *
new_slots(size_t room)
{
	struct slot *slots = calloc(room, sizeof(*slots));

	if (!slots)
		out_of_memory();
	return slots;
}

static void
grow(struct resume *resume)
{
	size_t room = resume->room * 2;
	struct slot *slots = new_slots(room);

	for (size_t i = 0; i < resume->room; i++)
		if (resume->slots[i].used)
			*find(slots, room, resume->slots[i].key) =
			    resume->slots[i];
	free(resume->slots);
	resume->slots = slots;
	resume->room = room;
}

static void
add(struct resume *resume, const unsigned char key[KEY_BYTES])
{
	struct slot *slot = find(resume->slots, resume->room, key);

	slot->n++;
	if (slot->used)
		return;
	memcpy(slot->key, key, KEY_BYTES);
	slot->used = true;
	if (++resume->n > resume->room / 4 * 3)
		grow(resume);
}

/* ---- what makes two subjects the same ---- */

static void
put_bytes(struct ms_buf *out, const void *p, size_t n)
{
	ms_buf_add(out, &n, sizeof(n));
	ms_buf_add(out, p, n);
}

/* As deep as JSON is read. */
static void
put_value(struct ms_buf *out, const struct ms_json *value)
{
	ms_buf_byte(out, (unsigned char)value->kind);
	put_bytes(out, value->key.p, value->key.n);
	put_bytes(out, value->text.p, value->text.n);
	ms_buf_add(out, &value->number, sizeof(value->number));
	ms_buf_byte(out, value->truth);
	for (const struct ms_json *v = value->first; v; v = v->next)
		put_value(out, v);
	ms_buf_byte(out, UINT8_MAX);
}

/* The member that judging finds, where there is one. */
static const struct ms_json *
found_in(const struct resume *resume, const struct ms_json *line)
{
	const struct ms_json *found =
	    resume->found
		? ms_json_get(ms_json_get(line, "subject"), resume->found)
		: NULL;

	return found && found->kind != MS_JSON_NULL ? found : NULL;
}

/* `with` what judging found, or without. */
static void
key_of(const struct resume *resume, struct ms_arena *arena,
    const struct ms_json *line, bool with, unsigned char key[KEY_BYTES])
{
	const struct ms_json *id = ms_json_get(line, "id");
	const struct ms_json *value = ms_json_get(line, "subject");
	struct ms_digests digests;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (value = value ? value->first : NULL; value; value = value->next)
		if (!resume->found ||
		    !ms_slice_equal(value->key, ms_slice_from(resume->found)) ||
		    (with && value->kind != MS_JSON_NULL))
			put_value(&buf, value);
	if (id)
		put_value(&buf, id);
	ms_digest_bytes(MS_DIGEST_SHA256, ms_buf_get(&buf), &digests);
	memcpy(key, digests.sha256, KEY_BYTES);
}

static struct slot *
slot_of(struct resume *resume, struct ms_arena *arena,
    const struct ms_json *line, bool with)
{
	unsigned char key[KEY_BYTES];

	key_of(resume, arena, line, with, key);
	return find(resume->slots, resume->room, key);
}

bool
resume_has(struct resume *resume, struct ms_report *report, struct ms_node *id,
    bool take)
{
	struct ms_render_options options = { .version = MAILSONDE_VERSION };
	const struct ms_json *line;
	struct slot *exact, *any;
	struct ms_buf buf;

	if (id)
		report->data->first = report->data->last = id;
	ms_buf_init(&buf, report->arena);
	ms_format_find("ndjson")->render(report, &options, &buf);
	line = ms_json_read(report->arena, ms_buf_get(&buf));
	exact = slot_of(resume, report->arena, line, true);
	any = slot_of(resume, report->arena, line, false);
	if (exact->n == 0 || any->n == 0)
		return false;
	if (take) {
		exact->n--;
		any->n -= any != exact;
	}
	return true;
}

/* ---- reading ---- */

/* The exit code that a result stands for: see ms_report_exit. Errors of these
 * two kinds are about a line that is no subject. */
static int
code_of(const struct ms_json *line, enum ms_severity fail_on)
{
	const struct ms_json *list = ms_json_get(line, "findings");
	enum ms_severity severity;
	int code = 0;

	for (list = list ? list->first : NULL; list; list = list->next)
		if (ms_severity_parse(
			ms_json_get_text(list, "severity"), &severity) &&
		    severity >= fail_on)
			return 1;
	list = ms_json_get(line, "errors");
	for (list = list ? list->first : NULL; list; list = list->next) {
		struct ms_slice what = ms_json_get_text(list, "what");
		const struct ms_json *temporary =
		    ms_json_get(list, "temporary");

		if (ms_slice_is(what, "job") || ms_slice_is(what, "address"))
			return EXIT_DATA;
		if (temporary && temporary->truth)
			code = 2;
	}
	return code;
}

static int
refuse(const struct reader *r, const char *what)
{
	complain("--resume: %s: line %llu %s", r->options->resume,
	    (unsigned long long)r->line, what);
	return EXIT_DATA;
}

static int
take_line(struct reader *r, struct ms_slice text)
{
	const struct ms_json *line = ms_json_read(r->arena, text);
	unsigned char key[KEY_BYTES];
	int code;

	r->line++;
	r->whole += (off_t)text.n;
	if (ms_slice_trim(text).n == 0 || ms_json_get(line, "summary"))
		return 0;
	if (!ms_json_get(line, "subject") ||
	    !ms_slice_equal(ms_json_get_text(line, "command"),
		ms_slice_from(r->plan->command)))
		return refuse(
		    r, ms_arena_printf(r->arena, "is no result of \"%s\"",
			   r->plan->command));
	key_of(r->resume, r->arena, line, true, key);
	add(r->resume, key);
	if (found_in(r->resume, line)) {
		key_of(r->resume, r->arena, line, false, key);
		add(r->resume, key);
	}
	code = code_of(line, r->options->fail_on);
	pool_saw(r->pool, code);
	summary_add_line(r->pool->summary, line, code);
	if (r->options->output)
		output_bytes(r->output, text);
	return 0;
}

/* All whole lines in the buffer; what is left of one stays in it. */
static int
take_lines(struct reader *r)
{
	struct ms_slice rest = ms_buf_get(&r->buf);
	int code = 0;

	while (code == 0 && ms_slice_find(rest, 0, '\n') < rest.n) {
		size_t n = ms_slice_find(rest, 0, '\n') + 1;

		code = take_line(r, ms_slice_part(rest, 0, n));
		rest = ms_slice_part(rest, n, rest.n);
		ms_arena_clear(r->arena);
	}
	if (rest.n > 0)
		memmove(r->buf.p, rest.p, rest.n);
	r->buf.n = rest.n;
	return code;
}

static int
read_all(struct reader *r)
{
	int code = 0;
	ssize_t n;

	while (code == 0) {
		n = read(r->fd, ms_buf_room(&r->buf, BLOCK_BYTES), BLOCK_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			complain("--resume: %s: %s", r->options->resume,
			    strerror(errno));
			return EXIT_NOFILE;
		}
		if (n == 0)
			break;
		r->buf.n += (size_t)n;
		code = take_lines(r);
		if (code == 0 && r->buf.n > LINE_MAX_BYTES)
			code = refuse(r, "is too long");
	}
	return code;
}

/* What is written to the file itself goes behind its last whole line. */
static int
go_on_in_place(const struct reader *r)
{
	struct stat file, out;

	if (r->options->output || fstat(r->fd, &file) != 0 ||
	    fstat(STDOUT_FILENO, &out) != 0 || !S_ISREG(out.st_mode) ||
	    file.st_dev != out.st_dev || file.st_ino != out.st_ino)
		return 0;
	if (!(fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND)) {
		complain("--resume: standard output overwrites %s; append to "
			 "it (>>), or name it with -o",
		    r->options->resume);
		return EXIT_USAGE;
	}
	if (r->buf.n > 0 && ftruncate(STDOUT_FILENO, r->whole) != 0) {
		complain("%s: cannot write: %s", r->options->resume,
		    strerror(errno));
		return EXIT_WRITE;
	}
	return 0;
}

static struct resume *
resume_new(struct ms_arena *arena)
{
	struct resume *resume = MS_NEW(arena, struct resume);

	resume->room = ROOM_FIRST;
	resume->slots = new_slots(resume->room);
	return resume;
}

int
resume_open(struct resume **out, struct pool *pool,
    const struct lines_plan *plan, struct output *output)
{
	struct ms_arena *lasting;
	struct reader r = { .pool = pool,
		.options = pool->options,
		.plan = plan,
		.output = output };
	int code;

	r.fd = open(r.options->resume, O_RDONLY | O_CLOEXEC);
	if (r.fd < 0) {
		complain(
		    "--resume: %s: %s", r.options->resume, strerror(errno));
		return EXIT_NOFILE;
	}
	*out = r.resume = resume_new(pool->output->arena);
	r.resume->found = plan->found;
	r.arena = ms_arena_new(out_of_memory);
	lasting = ms_arena_new(out_of_memory);
	ms_buf_init(&r.buf, lasting);
	code = read_all(&r);
	if (code == 0)
		code = go_on_in_place(&r);
	ms_arena_free(lasting);
	ms_arena_free(r.arena);
	close(r.fd);
	return code;
}

void
resume_close(struct resume *resume)
{
	if (!resume)
		return;
	free(resume->slots);
}
