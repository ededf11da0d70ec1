/* SPDX-License-Identifier: ISC
 * run.c - one message after another through a command
 */
#include "run.h"

#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "evidence.h"
#include "mapped.h"
#include "pool.h"

#define BATCH_BYTES  (1024 * 1024)
#define BATCH_ITEMS  512
#define WAITING_MOST 64 /* messages that wait for answers at once */
#define HASH_APART   (1024 * 1024)
#define HASH_RUN     ((size_t)1024 * 1024)

struct run {
	struct judge judge;
	struct ms_mailbox *mailbox;
	bool alone;           /* one message, and processors to spare */
	bool waits;           /* for answers that come over the network */
	atomic_bool progress; /* a progress line was shown */
};

/* What was done of a message before its turn came. */
struct ahead {
	unsigned char sha256[32];
	struct judge_ahead judge;
};

static const struct run *
run_of(const struct pool_worker *worker)
{
	return worker->pool->context;
}

/* ---- one message ---- */

/* The hash of the message as a whole, which takes as long as all the rest: a
 * large one is hashed on a thread of its own. */
struct subject_hash {
	struct ms_slice bytes;
	void (*passed)(struct ms_slice bytes); /* NULL */
	char *hex; /* stands in the report already; filled at the end */
	pthread_t thread;
	bool threaded;
};

static void *
hash_subject(void *argument)
{
	struct subject_hash *hash = argument;
	struct ms_digests digests;
	struct ms_digest digest;

	ms_digest_init(&digest, MS_DIGEST_SHA256);
	for (size_t at = 0; at < hash->bytes.n; at += HASH_RUN) {
		struct ms_slice run =
		    ms_slice_part(hash->bytes, at, at + HASH_RUN);

		ms_digest_update(&digest, run);
		if (hash->passed)
			hash->passed(run);
	}
	ms_digest_final(&digest, &digests);
	ms_hex(digests.sha256, 32, hash->hex);
	return NULL;
}

/* `sha256`: where it is known already; or NULL. */
static void
hash_start(struct subject_hash *hash, struct ms_arena *arena,
    const struct ms_mailbox_item *item, const unsigned char *sha256, bool alone)
{
	hash->bytes = item->raw;
	hash->passed = item->mapped ? ms_mailbox_passed : NULL;
	hash->hex = ms_arena_alloc(arena, 65);
	hash->threaded = false;
	if (sha256) {
		ms_hex(sha256, 32, hash->hex);
		return;
	}
	memset(hash->hex, '0', 64);
	hash->hex[64] = '\0';
	hash->threaded =
	    alone && hash->bytes.n >= HASH_APART &&
	    pthread_create(&hash->thread, NULL, hash_subject, hash) == 0;
	if (!hash->threaded)
		hash_subject(hash);
}

static void
hash_end(const struct subject_hash *hash)
{
	if (hash->threaded)
		pthread_join(hash->thread, NULL);
}

static void
put_subject(struct ms_report *report, const struct ms_mailbox_item *item,
    const struct subject_hash *hash)
{
	struct ms_node *subject = report->subject;

	ms_put_string(report, subject, "kind", "message");
	ms_put_string(report, subject, "path", item->path);
	ms_put_int(report, subject, "index", (int64_t)item->index);
	ms_put_int(report, subject, "size", (int64_t)item->raw.n);
	ms_put_string(report, subject, "sha256", hash->hex);
	ms_put_string(
	    report, subject, "format", ms_mailbox_format_name(item->format));
}

/* Replaces the message by the one attached to it. */
static void
take_attached(struct pool_worker *worker, struct ms_mailbox_item *item)
{
	struct ms_message_options options = { .mime = true,
		.outlook = item->outlook };
	struct ms_message carrier;

	ms_message_parse(worker->arena, worker->charsets,
	    &run_of(worker)->judge.env->limits, ms_mailbox_message(item),
	    &options, &carrier);
	item->mapped = false; /* it may be decoded, into memory of ours */
	if (ms_message_attached(worker->arena, &carrier, &item->raw)) {
		item->outlook =
		    ms_message_made_of(worker->arena, &carrier, item->raw);
		return;
	}
	item->status = ms_diag_set(&item->diag, MS_FORMAT,
	    "no message is attached to this one (--attached)");
}

/* What could not be read is a line of JSON too; in text the words on standard
 * error are enough. */
static void
report_failure(struct pool_worker *worker, const struct ms_mailbox_item *item,
    struct ms_report *report)
{
	report->exit_code = item->status == MS_IO ? EXIT_NOFILE : EXIT_DATA;
	pool_complain(worker, "%s: %s",
	    strcmp(item->path, "-") == 0 ? "standard input" : item->path,
	    item->diag.text);
	if (!(report->audience & (MS_FOR_DATA | MS_FOR_PAGE))) {
		pool_note_exit(worker, report->exit_code);
		return;
	}
	ms_put_string(report, report->subject, "kind", "message");
	ms_put_string(report, report->subject, "path", item->path);
	ms_put_int(report, report->subject, "index", (int64_t)item->index);
	ms_report_error(report, item->status == MS_IO ? "io" : "format", false,
	    "%s: %s", item->path, item->diag.text);
	pool_render(worker, report);
}

static void
judge_item(struct pool_worker *worker, struct ms_mailbox_item *item,
    struct ahead *ahead, struct ms_report *report)
{
	const struct run *run = run_of(worker);
	struct judge_room room = { worker->arena, worker->charsets,
		worker->magic };
	struct ms_slice raw = item->raw;
	struct subject_hash hash;

	ms_mailbox_unpack(
	    worker->arena, worker->charsets, &run->judge.env->limits, item);
	if (run->judge.options->attached && item->status == MS_OK)
		take_attached(worker, item);
	if (item->status == MS_OK) {
		/* A record wants to know the message before it is judged. */
		hash_start(&hash, worker->arena, item,
		    ahead ? ahead->sha256 : NULL,
		    run->alone && !run->judge.options->evidence);
		if (evidence_message(
			run->judge.options->evidence, item, hash.hex)) {
			put_subject(report, item, &hash);
			judge_message(&run->judge, &room, item,
			    ahead ? &ahead->judge : NULL, report);
		}
		hash_end(&hash);
	}
	if (!mapped_lost(raw))
		return;
	item->status =
	    ms_diag_set(&item->diag, MS_IO, "was cut short while it was read");
	pool_report(worker, run->judge.plan->command, run->judge.env->clock.now,
	    report);
}

static void
do_item(struct pool_worker *worker, struct ms_mailbox_item *item,
    struct ahead *ahead)
{
	const struct run *run = run_of(worker);
	struct ms_report report;

	if (run->judge.options->index >= 0 && item->status == MS_OK &&
	    (long long)item->index != run->judge.options->index)
		return;
	pool_report(worker, run->judge.plan->command, run->judge.env->clock.now,
	    &report);
	/* A page is sent on, and read by programs that make links of text. */
	report.defang |= (report.audience & MS_FOR_PAGE) != 0;
	if (item->status == MS_OK)
		judge_item(worker, item, ahead, &report);
	if (item->status == MS_OK)
		pool_render(worker, &report);
	else
		report_failure(worker, item, &report);
	ms_arena_clear(worker->arena);
}

/* ---- many messages ---- */

static void
show_progress(struct run *run)
{
	uint64_t done, total;

	if (!output_progress(run->judge.options))
		return;
	ms_mailbox_progress(run->mailbox, &done, &total);
	if (total <= 64 * BATCH_BYTES)
		return;
	fprintf(stderr, "\r%llu of %llu MB", (unsigned long long)(done >> 20),
	    (unsigned long long)(total >> 20));
	atomic_store(&run->progress, true);
}

static void
end_progress(struct run *run)
{
	if (atomic_load(&run->progress))
		fprintf(stderr, "\r%30s\r", "");
}

/* The next batch; of one message where each of them waits. */
static bool
take(struct run *run, struct pool *pool, uint64_t *sequence,
    struct ms_mailbox_item *items, size_t *n)
{
	bool got;

	pool_take(pool);
	got = ms_mailbox_batch(run->mailbox, BATCH_BYTES,
		  run->waits ? 1 : BATCH_ITEMS, sequence, items, n) == MS_OK;
	pool_taken(pool, got);
	return got;
}

struct batch {
	struct ms_mailbox_item item[BATCH_ITEMS];
	struct ahead ahead[BATCH_ITEMS];
	unsigned char bodies[BATCH_BYTES + BATCH_BYTES / 8]; /* canonical */
};

static void
hash_later(const struct run *run, struct batch *batch, size_t i, size_t *used,
    struct ms_digest_jobs *jobs)
{
	struct ms_slice raw = batch->item[i].raw;
	struct ms_dkim_ahead *body = &batch->ahead[i].judge.body;

	ms_digest_later(jobs, raw, batch->ahead[i].sha256);
	body->canonical.n = 0;
	if (!judge_authenticates(&run->judge))
		return;
	*used += ms_dkim_ahead(
	    raw, batch->bodies + *used, sizeof(batch->bodies) - *used, body);
	if (body->canonical.n > 0)
		ms_digest_later(jobs, body->canonical, body->hash.digest);
}

/* Reads all messages of a batch before the first is judged, so that what is to
 * be hashed of them goes side by side. False: each is read in its turn. */
static bool
read_ahead(struct pool_worker *worker, struct batch *batch, size_t n)
{
	const struct run *run = run_of(worker);
	struct judge_room room = { worker->ahead, worker->charsets,
		worker->magic };
	struct ms_digest_jobs jobs = { .arena = worker->ahead };
	size_t used = 0;

	if (n == 1 || run->judge.options->attached ||
	    run->judge.options->index >= 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct ms_mailbox_item *item = &batch->item[i];

		if (item->status != MS_OK)
			continue;
		judge_parse(&run->judge, &room, item, &jobs,
		    &batch->ahead[i].judge.message);
		hash_later(run, batch, i, &used, &jobs);
	}
	ms_digest_now(&jobs);
	return true;
}

static void
work(struct pool *pool, struct pool_worker *worker)
{
	struct run *run = pool->context;
	/* Not zeroed: most of these pages are never touched. */
	struct batch *batch = ms_arena_alloc(worker->lasting, sizeof(*batch));
	uint64_t sequence;
	size_t n;

	while (!pool_stopped(pool) &&
	       take(run, pool, &sequence, batch->item, &n)) {
		bool ahead = read_ahead(worker, batch, n);

		for (size_t i = 0; i < n; i++) {
			struct ms_mailbox_item *item = &batch->item[i];

			if (!pool_stopped(pool))
				do_item(worker, item,
				    ahead ? &batch->ahead[i] : NULL);
			ms_mailbox_item_done(run->mailbox, item);
		}
		ms_arena_clear(worker->ahead);
		pool_submit(worker, sequence);
		show_progress(run);
	}
}

/* One small file needs no second thread. */
static bool
plural(const struct words *files)
{
	struct stat st;

	if (files->n > 1)
		return true;
	if (files->n == 0 || strcmp(files->list[0], "-") == 0)
		return fstat(STDIN_FILENO, &st) == 0 &&
		       (!S_ISREG(st.st_mode) || st.st_size > 4 * BATCH_BYTES);
	return stat(files->list[0], &st) == 0 &&
	       (S_ISDIR(st.st_mode) || st.st_size > 4 * BATCH_BYTES);
}

static int
exit_code(const struct run *run, const struct pool *pool)
{
	int code = pool_exit_code(pool);

	if (code == 0 && pool->reports == 0 && run->judge.options->index >= 0) {
		complain("there is no message %lld (they count from 0)",
		    run->judge.options->index);
		return EXIT_DATA;
	}
	return code;
}

static int
run_opened(struct run *run, struct output *output)
{
	static const char *const standard_input[] = { "-" };
	const struct words *files = &run->judge.options->files;
	struct pool pool = { .options = run->judge.options,
		.output = output,
		.work = work,
		.context = run };
	unsigned threads = plural(files) ? pool_size(run->judge.options) : 1;
	int code, written;

	run->mailbox = ms_mailbox_open(files->n ? files->list : standard_input,
	    files->n ? files->n : 1, &run->judge.env->limits, out_of_memory);
	mapped_watch();
	ms_mailbox_map(run->mailbox);
	run->alone = files->n <= 1 && pool_size(run->judge.options) > 1;
	run->waits = run->judge.plan->auth && !run->judge.options->offline &&
		     !run->judge.options->replay;
	if (run->waits) {
		pool.most = run->judge.options->jobs ? run->judge.options->jobs
						     : WAITING_MOST;
		threads = 1;
	}
	pool_run(&pool, threads);
	end_progress(run);
	ms_mailbox_close(run->mailbox);
	code = exit_code(run, &pool);
	written = output_close(output, true);
	return written ? written : output_code(output, code);
}

int
run_messages(const struct plan *plan, const struct options *options)
{
	struct ms_arena *arena = ms_arena_new(out_of_memory);
	struct ms_env env;
	struct output output;
	struct run run = {
		.judge = { .plan = plan, .options = options, .env = &env }
	};
	int code;

	if (options->files.n == 0 && isatty(STDIN_FILENO)) {
		complain("no FILE given and standard input is a terminal; see "
			 "mailsonde %s --help",
		    plan->command);
		return EXIT_USAGE;
	}
	code = env_open(&env, arena, options,
	    (plan->geo ? ENV_GEO : 0) | (plan->auth ? ENV_DNS : 0));
	if (code == 0 && plan->auth)
		code = judge_open(&run.judge, arena);
	if (code == 0 && !output_open(&output, arena, options))
		code = EXIT_WRITE;
	else if (code == 0)
		code = run_opened(&run, &output);
	judge_close(&run.judge);
	env_close(&env);
	ms_arena_free(arena);
	return code;
}
