/* SPDX-License-Identifier: ISC
 * test_roundtrip.c - ids in replies, responses of IMAP, the letter and what
 * became of it
 */
#include "probe/roundtrip_priv.h"

#include "test.h"

static void
finds_the_id_by_which_logs_know_it(void **state)
{
	static const struct {
		const char *reply, *id; /* NULL: none */
	} rows[] = {
		{ "2.0.0 Ok: queued as 4XYZabc123", "4XYZabc123" },
		{ "OK id=1rAbCd-00012x-3K", "1rAbCd-00012x-3K" },
		{ "2.0.0 3B5c1aT8 Message accepted for delivery", "3B5c1aT8" },
		{ "2.6.0 <a@b.example> [InternalId=123456789, Hostname=x] "
		  "Queued mail for delivery",
		    "123456789" },
		{ "2.0.0 OK  1700000000 x12-3si123.45 - gsmtp",
		    "x12-3si123.45" },
		{ "ok 1700000000 qp 4711", "4711" },
		{ "Message Queued (A-B-C.1)", "A-B-C.1" },
		{ "2.0.0 Ok: queued as ", NULL },
		{ "fine", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_slice lines[] = { MS_SLICE("more"),
			ms_slice_from(rows[i].reply) };
		struct ms_probe_reply reply = {
			.code = 250, .lines = lines, .n = 2
		};
		struct ms_slice id = ms_queue_id(&reply);

		if (rows[i].id)
			assert_slice(id, rows[i].id);
		else
			assert_null(id.p);
	}
}

static void
reads_what_a_literal_announces(void **state)
{
	static const struct {
		const char *line;
		bool announces;
		uint64_t octets;
	} rows[] = {
		{ "* 1 FETCH (BODY[] {12}", true, 12 },
		{ "{0}", true, 0 },
		{ "x {7+}", true, 7 },
		{ "x {99999999999999999999999}", true, UINT64_MAX },
		{ "x {4294967296}", true, 4294967296 },
		{ "x {}", false, 0 },
		{ "x {1a}", false, 0 },
		{ "x 12}", false, 0 },
		{ "}", false, 0 },
		{ "{1} ", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t octets = 0;

		assert_int_equal(
		    imap_announces(ms_slice_from(rows[i].line), &octets),
		    rows[i].announces);
		assert_true(octets == rows[i].octets);
	}
}

static void
reads_searches(void **state)
{
	uint32_t uids[3];
	bool more;
	size_t n;

	(void)state;
	assert_true(imap_read_search(
	    MS_SLICE("* SEARCH 2 30 4294967295"), uids, 3, &n, &more));
	assert_int_equal(n, 3);
	assert_int_equal(uids[1], 30);
	assert_int_equal(uids[2], UINT32_MAX);
	assert_false(more);
	assert_true(imap_read_search(MS_SLICE("* SEARCH"), uids, 3, &n, &more));
	assert_int_equal(n, 0);
	assert_true(
	    imap_read_search(MS_SLICE("* SEARCH 1 2 3 4"), uids, 3, &n, &more));
	assert_true(n == 3 && more);
	/* what cannot be read is not passed over in silence */
	assert_true(
	    imap_read_search(MS_SLICE("* SEARCH 1 x 3"), uids, 3, &n, &more));
	assert_true(n == 1 && more);
	assert_true(imap_read_search(
	    MS_SLICE("* SEARCH 1 (MODSEQ 7)"), uids, 3, &n, &more));
	assert_true(n == 1 && !more);
	assert_false(
	    imap_read_search(MS_SLICE("* SEARCHING 1"), uids, 3, &n, &more));
}

static void
reads_fetches(void **state)
{
	static const struct {
		const char *response;
		uint32_t uid;
		const char *body; /* NULL: none */
	} rows[] = {
		{ "* 1 FETCH (UID 5 BODY[] {3}\r\nabc)", 5, "abc" },
		{ "* 1 FETCH (BODY[] {3}\r\na\r\n UID 5)", 5, "a\r\n" },
		{ "* 1 FETCH (FLAGS (\\Seen (\"a)\" {1}\r\n()) UID 7 "
		  "BODY[HEADER.FIELDS (A B)]<0> \"x\")",
		    7, "x" },
		{ "* 1 FETCH (UID 5 BODY[] \"a\\\"b\")", 5, "a\\\"b" },
		{ "* 1 FETCH (UID 5 BODY[] NIL)", 5, NULL },
		{ "* 1 FETCH (UID 5 FLAGS ())", 5, NULL },
	};
	static const char *const bad[] = { "* 1 FETCH (UID 5 BODY[] {4}\r\nabc",
		"* 1 FETCH (UID x BODY[] {3}\r\nabc)", "* FETCH (UID 5)",
		"* 1 FETCH (X ((((", "* 1 FETCH (UID 5 BODY[] \"abc" };
	struct imap_fetch fetch;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(
		    imap_read_fetch(ms_slice_from(rows[i].response), &fetch));
		assert_int_equal(fetch.uid, rows[i].uid);
		if (rows[i].body)
			assert_slice(fetch.body, rows[i].body);
		else
			assert_null(fetch.body.p);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(imap_read_fetch(ms_slice_from(bad[i]), &fetch));
}

static void
reads_folders(void **state)
{
	static const struct {
		const char *response, *name;
		bool junk, unselectable;
	} rows[] = {
		{ "* LIST (\\HasNoChildren \\Junk) \"/\" Rubbish", "Rubbish",
		    true, false },
		{ "* LIST () \".\" INBOX.Spam", "INBOX.Spam", true, false },
		{ "* LIST () \"/\" \"Junk E-mail\"", "Junk E-mail", true,
		    false },
		{ "* LIST (\\Noselect) NIL \"a\\\"b\\\\c\"", "a\"b\\c", false,
		    true },
		{ "* LIST () \"/\" {4}\r\nSpam", "Spam", true, false },
		{ "* LIST () \"/\" Spammers", "Spammers", false, false },
		{ "* LIST () \"\\\\\" x\\spam", "x\\spam", true, false },
	};
	static const char *const bad[] = { "* LIST () \"/\" ", "* LIST (",
		"* LIST () \"/\" {9}\r\nSpam", "* LIST ((a) \"/\" b" };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct imap_folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(imap_read_list(
		    arena, ms_slice_from(rows[i].response), &folder));
		assert_slice(folder.name, rows[i].name);
		assert_int_equal(folder.junk, rows[i].junk);
		assert_int_equal(folder.unselectable, rows[i].unselectable);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(
		    imap_read_list(arena, ms_slice_from(bad[i]), &folder));
	assert_string_equal(
	    imap_quote(arena, MS_SLICE("a\"b\\c")), "\"a\\\"b\\\\c\"");
	assert_null(imap_quote(arena, MS_SLICE("a\r\nb")));
	ms_arena_free(arena);
}

static void
knows_its_own_by_the_mark(void **state)
{
	(void)state;
	assert_true(pickup_has_mark(
	    MS_SLICE("A: b\r\nx-mailsonde-token: 0123\r\n\r\n"), "0123"));
	assert_true(pickup_has_mark(
	    MS_SLICE("Message-ID:\r\n <0123@x>\r\n\r\n"), "0123"));
	assert_false(
	    pickup_has_mark(MS_SLICE("In-Reply-To: <0123@x>\r\n\r\n"), "0123"));
	assert_false(pickup_has_mark(
	    MS_SLICE("A: b\r\n\r\nX-Mailsonde-Token: 0123\r\n"), "0123"));
	assert_false(pickup_has_mark(
	    MS_SLICE("X-Mailsonde-Token: 0124\r\n\r\n"), "0123"));
	/* any mark, but no id */
	assert_true(
	    pickup_has_mark(MS_SLICE("X-Mailsonde-Token: 0124\r\n\r\n"), ""));
	assert_false(
	    pickup_has_mark(MS_SLICE("Message-ID: <0123@x>\r\n\r\n"), ""));
}

/* ---- the letter ---- */

static const unsigned char mark[MS_MARK_BYTES] = { 0xab };

static struct ms_slice
letter(struct ms_arena *arena, const char *template, const char **wrong)
{
	struct ms_env env = { .limits = ms_limits_fill(NULL) };
	struct ms_roundtrip_request request = {
		.from = MS_SLICE("a@x.example"),
		.to = MS_SLICE("b@y.example"),
		.mark = mark,
	};
	struct ms_slice out, id;

	if (template)
		request.template = ms_slice_from(template);
	if (!ms_roundtrip_letter(
		&env, arena, &request, 1767225600, &out, &id, wrong))
		return ms_slice_make(NULL, 0);
	return out;
}

static bool
has(struct ms_slice text, const char *part)
{
	return ms_slice_find_text(text, 0, part) < text.n;
}

static void
writes_a_letter(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	const char *wrong;
	struct ms_slice text = letter(arena, NULL, &wrong);

	(void)state;
	assert_true(has(text, "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"));
	assert_true(has(text, "From: <a@x.example>\r\n"));
	assert_true(has(text, "To: <b@y.example>\r\n"));
	assert_true(has(text, "Auto-Submitted: auto-generated\r\n"));
	assert_true(has(
	    text, "X-Mailsonde-Token: ab000000000000000000000000000000\r\n"));
	assert_true(has(text, "\r\n\r\n"));

	text = letter(
	    arena, "subject: s\nFrom: <c@z.example>\n\n.x\nlast", &wrong);
	assert_true(has(text, "subject: s\r\nFrom: <c@z.example>\r\n\r\n"
			      ".x\r\nlast\r\n"));
	assert_false(has(text, "Subject:"));
	assert_false(has(text, "a@x.example>\r\nTo"));
	assert_true(has(text, "To: <b@y.example>\r\n"));
	assert_true(has(text, "X-Mailsonde-Token: ab"));

	assert_null(letter(arena, "no header", &wrong).p);
	assert_non_null(wrong);
	assert_null(letter(arena, "A: b\n", &wrong).p);
	assert_null(letter(arena, "X-Mailsonde-Token: 1\n\n", &wrong).p);
	ms_arena_free(arena);
}

static void
compare(struct ms_arena *arena, const char *sent, const char *received,
    struct ms_roundtrip_changes *out)
{
	struct ms_env env = { .limits = ms_limits_fill(NULL) };

	ms_roundtrip_compare(
	    &env, arena, ms_slice_from(sent), ms_slice_from(received), out);
}

static void
tells_what_was_changed(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_roundtrip_changes c;

	(void)state;
	compare(arena, "A: 1\r\nB: 2\r\n\r\nx\r\n",
	    "Received: r\nReceived: s\nA: 1\nB:\n 2\n\nx\n\n\n", &c);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.added_n, 1);
	assert_slice(c.added[0], "Received");
	assert_false(c.body);

	compare(arena, "A: 1\r\nB: 2\r\n\r\nx\r\n",
	    "A: new on top\r\nA: 1\r\nB: [x] 2\r\n\r\nx\r\nfooter\r\n", &c);
	assert_int_equal(c.n, 1);
	assert_slice(c.list[0].name, "B");
	assert_slice(c.list[0].sent, "2");
	assert_slice(c.list[0].received, "[x] 2");
	assert_int_equal(c.added_n, 1);
	assert_true(c.body);

	compare(arena, "A: 1\r\nA: 2\r\n\r\n", "A: 1\r\n\r\n", &c);
	assert_int_equal(c.n, 1);
	assert_null(c.list[0].received.p);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_id_by_which_logs_know_it),
		cmocka_unit_test(reads_what_a_literal_announces),
		cmocka_unit_test(reads_searches),
		cmocka_unit_test(reads_fetches),
		cmocka_unit_test(reads_folders),
		cmocka_unit_test(knows_its_own_by_the_mark),
		cmocka_unit_test(writes_a_letter),
		cmocka_unit_test(tells_what_was_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
