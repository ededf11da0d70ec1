/* SPDX-License-Identifier: ISC
 * test_wire.c - lines over a connection; conversations recorded and replayed
 */
#include "mailsonde/json.h"
#include "mailsonde/ledger.h"
#include "mailsonde/wire.h"

#include "test.h"

/* A replay of one conversation on 192.0.2.1:25 with these events. */
static struct ms_wire_source *
replay_of(struct ms_arena *arena, const char *events)
{
	struct ms_wire_source *source = ms_wire_replay(NULL);
	const char *text = ms_arena_printf(arena,
	    "{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":25,"
	    "\"nth\":0,\"at\":0.5,\"events\":[%s]}",
	    events);
	struct ms_diag diag;

	assert_int_equal(ms_wire_replay_add(source,
			     ms_json_read(arena, ms_slice_from(text)), &diag),
	    MS_OK);
	return source;
}

static struct ms_wire *
open_wire(struct ms_wire_source *source, struct ms_arena *arena,
    enum ms_wire_status wanted)
{
	struct ms_wire_request request = { .purpose = "t", .port = 25 };
	struct ms_wire *wire;

	assert_true(ms_ip_parse(MS_SLICE("192.0.2.1"), &request.ip));
	assert_int_equal(source->open(source, &request, arena, &wire), wanted);
	return wire;
}

static void
reads_lines(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_wire_source *source = replay_of(arena,
	    "{\"who\":\"S\",\"at\":1,\"text\":\"one\\r\\ntwo\\nlong line, "
	    "\"},{\"who\":\"S\",\"at\":2,\"text\":\"that is cut\\r\\n\\r\\nre"
	    "st\"},{\"who\":\"-\",\"at\":3,\"status\":\"closed\"}");
	struct ms_wire_reader reader;
	struct ms_slice line;

	(void)state;
	ms_wire_reader_init(
	    &reader, open_wire(source, arena, MS_WIRE_OK), arena, 8);
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_OK);
	assert_slice(line, "one");
	assert_false(reader.bare_lf);
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_OK);
	assert_slice(line, "two");
	assert_true(reader.bare_lf);
	assert_false(reader.cut);
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_OK);
	assert_slice(line, "long lin");
	assert_true(reader.cut);
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_OK);
	assert_slice(line, "");
	assert_slice(ms_wire_reader_pending(&reader), "rest");
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_CLOSED);
	source->close(source);
	ms_arena_free(arena);
}

static void
reads_octets(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_wire_source *source = replay_of(arena,
	    "{\"who\":\"S\",\"at\":1,\"text\":\"ab\"},{\"who\":\"S\",\"at\":"
	    "2,\"text\":\"cde\"}");
	struct ms_wire_reader reader;
	struct ms_slice bytes;

	(void)state;
	ms_wire_reader_init(
	    &reader, open_wire(source, arena, MS_WIRE_OK), arena, 8);
	assert_int_equal(ms_wire_read_octets(&reader, 4, &bytes), MS_WIRE_OK);
	assert_slice(bytes, "abcd");
	assert_slice(ms_wire_reader_pending(&reader), "e");
	assert_int_equal(
	    ms_wire_read_octets(&reader, 2, &bytes), MS_WIRE_NOT_RECORDED);
	source->close(source);
	ms_arena_free(arena);
}

/* What is written must be what was written then; a secret by what stands for
 * it. */
static void
holds_writes_against_the_record(void **state)
{
	static const char events[] =
	    "{\"who\":\"C\",\"at\":1,\"text\":\"EHLO x\\r\\n\"},"
	    "{\"who\":\"C\",\"at\":2,\"text\":\"<secret>\"}";
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_wire_source *source = replay_of(arena, events);
	struct ms_wire *wire = open_wire(source, arena, MS_WIRE_OK);

	(void)state;
	assert_int_equal(
	    wire->write(wire, MS_SLICE("EHLO x\r\n"), NULL), MS_WIRE_OK);
	assert_true(wire->elapsed >= 1 && wire->elapsed <= 1);
	assert_int_equal(
	    wire->write(wire, MS_SLICE("hunter2\r\n"), "<secret>"), MS_WIRE_OK);
	/* a second conversation is not there */
	open_wire(source, arena, MS_WIRE_NOT_RECORDED);
	source->close(source);

	source = replay_of(arena, events);
	wire = open_wire(source, arena, MS_WIRE_OK);
	assert_int_equal(wire->write(wire, MS_SLICE("EHLO y\r\n"), NULL),
	    MS_WIRE_NOT_RECORDED);
	source->close(source);
	ms_arena_free(arena);
}

static bool
keep(void *context, struct ms_slice bytes)
{
	ms_buf_slice(context, bytes);
	return true;
}

/* A conversation with TLS, recorded from a replay: the line says the same. */
static void
records_what_it_replays(void **state)
{
	static const char events[] =
	    "{\"who\":\"S\",\"at\":0.600000,\"text\":\"220 go\\r\\n\"},"
	    "{\"who\":\"T\",\"at\":0.700000,\"tls\":{\"established\":true,"
	    "\"version\":\"TLSv1.2\",\"cipher\":\"TLS_X\",\"alert\":40,"
	    "\"verified\":false,\"verify_error\":18,\"verify_depth\":0,"
	    "\"verify_text\":\"self-signed\",\"chain\":[{\"number\":0,"
	    "\"der_base64\":\"MAD/\"}],\"errors\":[18,20]}},"
	    "{\"who\":\"-\",\"at\":0.800000,\"status\":\"timeout\","
	    "\"why\":\"late\"}";
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf file;
	struct ms_ledger *ledger;
	struct ms_wire_source *source;
	struct ms_tls_request request = { .name = "x" };
	struct ms_tls_facts facts;
	unsigned char room[64];
	struct ms_wire *wire;
	size_t got;

	(void)state;
	ms_buf_init(&file, arena);
	ledger = ms_ledger_new(keep, &file, NULL);
	source = ms_wire_record(replay_of(arena, events), ledger, NULL);
	wire = open_wire(source, arena, MS_WIRE_OK);
	assert_int_equal(
	    wire->read(wire, room, sizeof(room), &got), MS_WIRE_OK);
	assert_int_equal(wire->starttls(wire, &request, &facts), MS_WIRE_OK);
	assert_string_equal(facts.version, "TLSv1.2");
	assert_int_equal(facts.chain_n, 1);
	assert_int_equal(facts.chain[0].n, 3);
	assert_int_equal(facts.errors_n, 2);
	assert_int_equal(facts.alert, 40);
	assert_int_equal(
	    wire->read(wire, room, sizeof(room), &got), MS_WIRE_TIMEOUT);
	assert_string_equal(wire->why, "late");
	wire->close(wire);
	source->close(source);
	assert_true(ms_ledger_close(ledger, true));
	file.n = ms_slice_find(ms_buf_get(&file), 0, '\n');
	assert_true(ms_slice_find_text(ms_buf_get(&file), 0, events) < file.n);
	ms_arena_free(arena);
}

/* ---- what records may hold ---- */

static struct ms_slice
veil(void *with, struct ms_slice line)
{
	(void)with;
	return ms_slice_starts(line, "334") ? MS_SLICE("334 (challenge)")
					    : line;
}

/* Reads what a server says around a challenge; the lines as they are shown. */
static void
read_around(struct ms_wire *wire, struct ms_arena *arena, struct ms_buf *shown)
{
	struct ms_wire_reader reader;
	struct ms_slice line;

	ms_wire_reader_init(&reader, wire, arena, 24);
	assert_int_equal(ms_wire_read_line(&reader, &line), MS_WIRE_OK);
	assert_slice(line, "220 open");
	ms_wire_reader_hide(&reader, veil, NULL);
	assert_slice(wire->recall(wire, MS_SLICE("a word")), "a word");
	while (ms_wire_read_line(&reader, &line) == MS_WIRE_OK) {
		ms_buf_slice(shown, reader.shown);
		ms_buf_text(shown, reader.bare_lf ? "$\n" : "\n");
		reader.bare_lf = false;
	}
	ms_buf_text(shown, reader.cut ? "cut" : "whole");
}

/* What was read before is told once; a challenge never, its line's end and that
 * it is too long always. */
static void
hides_challenges(void **state)
{
	static const char events[] =
	    "{\"who\":\"S\",\"at\":1,\"text\":\"220 open\\r\\n250 be\"},"
	    "{\"who\":\"W\",\"at\":1,\"text\":\"a word\"},"
	    "{\"who\":\"S\",\"at\":2,\"text\":\"gun\\r\\n334 "
	    "c2VjcmV0\"},"
	    "{\"who\":\"S\",\"at\":3,\"text\":\"c2VjcmV0\\n334 "
	    "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\\r\\n235 ok\\r\\n334 "
	    "c2Vjc\"},"
	    "{\"who\":\"-\",\"at\":4,\"status\":\"closed\"}";
	static const char wanted[] = "250 begun\n334 (challenge)$\n"
				     "334 (challenge)\n235 ok\ncut";
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf file, shown;
	struct ms_ledger *ledger;
	struct ms_wire_source *source;
	struct ms_wire *wire;
	struct ms_diag diag;

	(void)state;
	ms_buf_init(&file, arena);
	ms_buf_init(&shown, arena);
	ledger = ms_ledger_new(keep, &file, NULL);
	source = ms_wire_record(replay_of(arena, events), ledger, NULL);
	wire = open_wire(source, arena, MS_WIRE_OK);
	read_around(wire, arena, &shown);
	assert_slice(ms_buf_get(&shown), wanted);
	wire->close(wire);
	source->close(source);
	assert_true(ms_ledger_close(ledger, true));
	assert_int_equal(
	    ms_slice_find_text(ms_buf_get(&file), 0, "c2Vjc"), file.n);

	file.n = ms_slice_find(ms_buf_get(&file), 0, '\n');
	source = ms_wire_replay(NULL);
	assert_int_equal(ms_wire_replay_add(source,
			     ms_json_read(arena, ms_buf_get(&file)), &diag),
	    MS_OK);
	ms_buf_init(&shown, arena);
	read_around(open_wire(source, arena, MS_WIRE_OK), arena, &shown);
	assert_slice(ms_buf_get(&shown), wanted);
	source->close(source);
	ms_arena_free(arena);
}

static const char *const broken[] = {
	"{}",
	"{\"purpose\":\"t\",\"address\":\"x\",\"port\":25,\"at\":0,\"events\":["
	"]}",
	"{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":70000,\"at\":0,"
	"\"events\":[]}",
	"{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":25,\"at\":0}",
	"{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":25,\"at\":0,"
	"\"events\":[{\"who\":\"X\",\"at\":0}]}",
	"{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":25,\"at\":0,"
	"\"events\":[{\"who\":\"T\",\"at\":0}]}",
	"{\"purpose\":\"t\",\"address\":\"192.0.2.1\",\"port\":25,\"at\":0,"
	"\"events\":[{\"who\":\"S\",\"at\":0,\"status\":\"nonsense\"}]}",
};

static void
refuses_broken_lines(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_wire_source *source = ms_wire_replay(NULL);
	struct ms_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		if (ms_wire_replay_add(source,
			ms_json_read(arena, ms_slice_from(broken[i])),
			&diag) != MS_FORMAT)
			fail_msg("%s", broken[i]);
	source->close(source);
	ms_arena_free(arena);
}

static void
speaks_to_nobody_offline(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_wire *wire =
	    open_wire(ms_wire_none(), arena, MS_WIRE_OFFLINE);

	(void)state;
	assert_non_null(wire->why);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(reads_octets),
		cmocka_unit_test(holds_writes_against_the_record),
		cmocka_unit_test(records_what_it_replays),
		cmocka_unit_test(hides_challenges),
		cmocka_unit_test(refuses_broken_lines),
		cmocka_unit_test(speaks_to_nobody_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
