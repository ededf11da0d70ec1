/* SPDX-License-Identifier: ISC
 * test_fetch.c - requests made once, recorded and replayed
 */
#include "mailsonde/fetch.h"

#include "mailsonde/ledger.h"
#include "test.h"

/* ---- a source that answers by the URL ---- */

static unsigned made;

static const struct {
	const char *url;
	struct ms_fetch answer;
} answers[] = {
	{ "https://a.example/found",
	    { .status = MS_FETCH_FOUND,
		.code = 200,
		.type = "text/plain",
		.body = { (const unsigned char *)"a\0\xff\"\n", 5 },
		.certificate = "-----BEGIN CERTIFICATE-----\n",
		.server = "192.0.2.1:443",
		.time = 1700000000,
		.seconds = 0.1 + 0.2 } },
	{ "https://a.example/empty",
	    { .status = MS_FETCH_FOUND,
		.code = 200,
		.body = { (const unsigned char *)"", 0 } } },
	{ "https://a.example/moved", { .status = MS_FETCH_REDIRECTED,
					 .why = "the server redirects",
					 .code = 301,
					 .location = "https://b.example/" } },
	{ "https://a.example/expired", { .status = MS_FETCH_CERTIFICATE,
					   .why = "it has expired",
					   .verify_error = MS_FETCH_EXPIRED } },
	{ "https://a.example/silent",
	    { .status = MS_FETCH_TIMEOUT, .why = "no answer" } },
};
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static void
fake_fetch(struct ms_fetch_source *self, const struct ms_fetch_request *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	(void)self;
	(void)arena;
	made++;
	for (size_t i = 0; i < ANSWERS; i++)
		if (strcmp(answers[i].url, request->url) == 0)
			*out = answers[i].answer;
}

static void
fake_close(struct ms_fetch_source *self)
{
	(void)self;
}

static struct ms_fetch_source fake = { .fetch = fake_fetch,
	.close = fake_close };

static struct ms_fetch_request
request_of(const char *url, const struct ms_ip ips[2])
{
	return (struct ms_fetch_request){ .url = url,
		.ips = ips,
		.ips_n = 2,
		.port = 443,
		.max = 1000,
		.seconds = 5 };
}

static void
same(const char *a, const char *b)
{
	assert_int_equal(a != NULL, b != NULL);
	if (a && b)
		assert_string_equal(a, b);
}

static void
assert_answer(const struct ms_fetch *got, const struct ms_fetch *want)
{
	assert_int_equal(got->status, want->status);
	assert_int_equal(got->code, want->code);
	assert_int_equal(got->verify_error, want->verify_error);
	assert_int_equal(got->time, want->time);
	assert_true(got->seconds == want->seconds);
	same(got->why, want->why);
	same(got->type, want->type);
	same(got->location, want->location);
	same(got->server, want->server);
	same(got->certificate, want->certificate);
	assert_int_equal(got->body.p != NULL, want->body.p != NULL);
	assert_true(ms_slice_equal(got->body, want->body));
}

static void
fill_ips(struct ms_ip ips[2])
{
	assert_true(ms_ip_parse(MS_SLICE("192.0.2.1"), &ips[0]));
	assert_true(ms_ip_parse(MS_SLICE("2001:db8::1"), &ips[1]));
}

/* ---- recording and replaying ---- */

static bool
keep(void *context, struct ms_slice bytes)
{
	ms_buf_slice(context, bytes);
	return true;
}

/* All answers, each asked for twice, into a ledger. */
static void
record_all(struct ms_arena *arena, struct ms_buf *file)
{
	struct ms_ledger *ledger = ms_ledger_new(keep, file, NULL);
	struct ms_fetch_source *source = ms_fetch_record(&fake, ledger, NULL);
	struct ms_ip ips[2];

	fill_ips(ips);
	for (size_t i = 0; i < 2 * ANSWERS; i++) {
		struct ms_fetch_request request =
		    request_of(answers[i % ANSWERS].url, ips);
		struct ms_fetch out;

		source->fetch(source, &request, arena, &out);
		assert_answer(&out, &answers[i % ANSWERS].answer);
	}
	source->close(source);
	assert_int_equal(ms_ledger_lines(ledger), ANSWERS);
	assert_true(ms_ledger_close(ledger, true));
}

static struct ms_fetch_source *
replay_all(struct ms_arena *arena, struct ms_slice file)
{
	struct ms_fetch_source *source = ms_fetch_replay(NULL);
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_diag diag = { "" };

	ms_ledger_start(&reader, file);
	while (ms_ledger_next(&reader, arena, &line, &diag) == MS_OK) {
		assert_int_equal(
		    ms_fetch_replay_add(source, line, &diag), MS_OK);
		assert_int_equal(
		    ms_fetch_replay_add(source, line, &diag), MS_FORMAT);
	}
	assert_string_equal(diag.text, "the request was there before");
	return source;
}

static void
replays_what_was_recorded(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_fetch_source *source;
	struct ms_ip ips[2];
	struct ms_buf file;
	struct ms_fetch_request request;
	struct ms_fetch out;

	(void)state;
	ms_buf_init(&file, arena);
	record_all(arena, &file);
	source = replay_all(arena, ms_buf_get(&file));
	fill_ips(ips);
	for (size_t i = 0; i < ANSWERS; i++) {
		request = request_of(answers[i].url, ips);
		source->fetch(source, &request, arena, &out);
		assert_answer(&out, &answers[i].answer);
	}
	/* Another request is not the one that was recorded. */
	for (int i = 0; i < 5; i++) {
		request = request_of(answers[0].url, ips);
		request.ips_n = i == 0 ? 1 : 2;
		request.port = i == 1 ? 8443 : 443;
		request.max = i == 2 ? 1 : 1000;
		request.post_type = i == 3 ? "text/xml" : NULL;
		request.url = i == 4 ? "https://a.example/x" : request.url;
		source->fetch(source, &request, arena, &out);
		assert_int_equal(out.status, MS_FETCH_NOT_RECORDED);
		assert_true(ms_fetch_is_failure(out.status));
	}
	source->close(source);
	ms_arena_free(arena);
}

static const char *const bad_lines[] = {
	"{}",
	"{\"url\":\"u\",\"port\":1,\"max\":1,\"status\":\"found\"}",
	"{\"url\":\"u\",\"addresses\":\"x\",\"port\":1,\"max\":1,"
	"\"status\":\"found\"}",
	"{\"url\":\"u\",\"addresses\":\"\",\"port\":70000,\"max\":1,"
	"\"status\":\"found\"}",
	"{\"url\":\"u\",\"addresses\":\"\",\"port\":1,\"max\":1,"
	"\"status\":\"lost\"}",
	"{\"url\":\"u\",\"addresses\":\"\",\"port\":1,\"max\":1,"
	"\"status\":\"http\"}",
};

static void
refuses_what_is_no_line(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_fetch_source *source = ms_fetch_replay(NULL);
	struct ms_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		const struct ms_json *line =
		    ms_json_read(arena, ms_slice_from(bad_lines[i]));

		assert_non_null(line);
		if (ms_fetch_replay_add(source, line, &diag) != MS_FORMAT)
			fail_msg("%s", bad_lines[i]);
	}
	source->close(source);
	ms_arena_free(arena);
}

/* ---- once ---- */

static void
makes_a_request_once(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_fetch_source *all = ms_fetch_once(&fake, 0, NULL);
	struct ms_fetch_source *few = ms_fetch_once(&fake, 1, NULL);
	struct ms_ip ips[2];

	(void)state;
	fill_ips(ips);
	made = 0;
	for (size_t i = 0; i < 3 * ANSWERS; i++) {
		struct ms_fetch_request request =
		    request_of(answers[i % ANSWERS].url, ips);
		struct ms_fetch out;

		request.seconds = (double)i; /* makes no difference */
		all->fetch(all, &request, arena, &out);
		assert_answer(&out, &answers[i % ANSWERS].answer);
	}
	assert_int_equal(made, ANSWERS);
	made = 0;
	for (size_t i = 0; i < 2 * ANSWERS; i++) {
		struct ms_fetch_request request =
		    request_of(answers[i % ANSWERS].url, ips);
		struct ms_fetch out;

		few->fetch(few, &request, arena, &out);
		assert_answer(&out, &answers[i % ANSWERS].answer);
	}
	assert_int_equal(made, 2 * ANSWERS - 1);
	all->close(all);
	few->close(few);
	ms_arena_free(arena);
}

static void
names_every_status(void **state)
{
	(void)state;
	for (int i = MS_FETCH_FOUND; i <= MS_FETCH_NOT_RECORDED; i++) {
		enum ms_fetch_status out;
		const char *name =
		    ms_fetch_status_name((enum ms_fetch_status)i);

		assert_true(ms_fetch_status_parse(ms_slice_from(name), &out));
		assert_int_equal(out, i);
	}
	assert_false(ms_fetch_is_failure(MS_FETCH_CERTIFICATE));
	assert_true(ms_fetch_is_failure(MS_FETCH_REFUSED));
	assert_true(ms_fetch_is_failure(MS_FETCH_OFFLINE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays_what_was_recorded),
		cmocka_unit_test(refuses_what_is_no_line),
		cmocka_unit_test(makes_a_request_once),
		cmocka_unit_test(names_every_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
