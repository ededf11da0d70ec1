/* SPDX-License-Identifier: ISC
 * test_mime.c - the tree of parts, whole and broken
 */
#include "mailsonde/message.h"

#include "test.h"

#define H        "MIME-Version: 1.0\n"
#define T        "Content-Type: text/plain\n\n"
#define MIXED(b) "Content-Type: multipart/mixed; boundary=" b "\n"

/* The tree as text: a leaf "type(content)", a multipart "type[parts]" with
 * '!' where its end is missing, a message "type{message}"; then defects. */
static const struct row {
	const char *in, *tree, *defects;
} rows[] = {
	{ "A: b\n\nbody\n", "text/plain(body\n)", "" },
	{ "A: b\n\n", "text/plain()", "" },
	{ "A: b\n", "text/plain()", "" },
	{ H MIXED("x") "\n--x\n" T "one\n--x\n" T "two\n--x--\n",
	    "multipart/mixed[text/plain(one)text/plain(two)]", "" },
	/* The last line end belongs to the delimiter; an empty line does not.
	 */
	{ H MIXED("x") "\n--x\n" T "one\n\n--x--\n",
	    "multipart/mixed[text/plain(one\n)]", "" },
	{ H MIXED("x") "\r\n--x\r\n" T "one\r\n\r\n--x--\r\n",
	    "multipart/mixed[text/plain(one\r\n)]", "" },
	/* Blanks behind the boundary are padding, RFC 2046 5.1.1. */
	{ H MIXED("x") "\n--x \t\n" T "one\n--x-- \n",
	    "multipart/mixed[text/plain(one)]", "" },
	{ H MIXED("\"x y \"") "\n--x y\n" T "one\n--x y--\n",
	    "multipart/mixed[text/plain(one)]", "" },
	/* A header only, a body only, nothing. */
	{ H MIXED("x") "\n--x\nContent-Type: text/html\n--x\n\nbody\n--x--\n",
	    "multipart/mixed[text/html()text/plain(body)]", "" },
	{ H MIXED("x") "\n--x\n\n--x--\n", "multipart/mixed[text/plain()]",
	    "" },
	{ H MIXED("x") "\n--x\n--x--\n", "multipart/mixed[]", "" },
	{ H MIXED("x") "\n--x--\n", "multipart/mixed[]", "" },
	{ H MIXED("x") "\n--x\n--x\n" T "one\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "" },
	/* broken in every usual way */
	{ H MIXED("x") "\n--x\n" T "one\n--x\n" T "two\n",
	    "multipart/mixed[text/plain(one)text/plain(two\n)!]", "no-close," },
	{ H MIXED("x") "\n--y\n" T "one\n--y--\n", "multipart/mixed[!]",
	    "boundary-missing," },
	{ H "Content-Type: multipart/mixed\n\n--y\n" T "one\n",
	    "multipart/mixed[!]", "no-boundary," },
	{ H MIXED("x") "\nThis is a MIME message.\n--x\n" T "one\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "" },
	{ H MIXED("x") "\nhidden text\n--x\n" T "one\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "preamble," },
	{ H MIXED("x") "\n--x\n" T "one\n--x--\nhidden text\n",
	    "multipart/mixed[text/plain(one)]", "epilogue," },
	{ H MIXED("x") "\n--x\n" T "one\n--x--\n--x\n" T "two\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "epilogue," },
	{ H MIXED("x") "\n--x\n" T "one\n --x--\n--xx\n--x-\n--x--\n",
	    "multipart/mixed[text/plain(one\n --x--\n--xx\n--x-)]", "" },
	{ MIXED("x") "\n--x\n" T "one\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "no-mime-version," },
	/* one boundary is the beginning of another */
	{ H MIXED("x") "\n--x\n" MIXED("xy") "\n--xy\n" T "one\n--xy--\n--x\n" T
					     "two\n--x--\n",
	    "multipart/mixed[multipart/mixed[text/plain(one)]text/plain(two)]",
	    "" },
	{ H MIXED("x--") "\n--x--\n" T "one\n--x----\n",
	    "multipart/mixed[text/plain(one)]", "" },
	/* inner ends are missing: the outer delimiter ends the inner parts */
	{ H MIXED("x") "\n--x\n" MIXED("y") "\n--y\n" T "one\n--x\n" T
					    "two\n--x--\n",
	    "multipart/mixed[multipart/mixed[text/plain(one)!]text/plain(two)]",
	    "no-close," },
	{ H MIXED("x") "\n--x\n" MIXED("y") "\n--y\n" T "one\n--x--\n--y--\n",
	    "multipart/mixed[multipart/mixed[text/plain(one)!]]",
	    "no-close,epilogue," },
	/* the same boundary twice: the inner one takes it */
	{ H MIXED("x") "\n--x\n" MIXED("x") "\n--x\n" T "one\n--x--\n--x\n" T
					    "two\n--x--\n",
	    "multipart/mixed[multipart/mixed[text/plain(one)]text/plain(two)]",
	    "" },
	/* messages in messages */
	{ H "Content-Type: message/rfc822\n\nSubject: in\n\nbody\n",
	    "message/rfc822{text/plain(body\n)}", "" },
	{ H "Content-Type: message/rfc822\n\n" H MIXED("x") "\n--x\n" T
							    "one\n--x--\n",
	    "message/rfc822{multipart/mixed[text/plain(one)]}", "" },
	{ H "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n"
	    "\nbody\n--x\n" T "one\n--x--\n",
	    "multipart/digest[message/rfc822{text/plain(body)}text/plain(one)]",
	    "" },
	{ H "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n"
	    "\nU3ViamVjdDogYQoKYgo=\n",
	    "message/rfc822(Subject: a\n\nb\n)", "encoding-composite," },
	{ H "Content-Type: message/partial\n\nSubject: a\n",
	    "message/partial(Subject: a\n)", "" },
	/* content fields */
	{ H "Content-Type: text\n\nx", "text/plain(x)", "content-type," },
	{ H "Content-Type: TEXT/Html\n\nx", "text/html(x)", "" },
	{ H "Content-Type:\n\nx", "text/plain(x)", "content-type," },
	{ H "Content-Transfer-Encoding: Quoted-Printable\n\na=3Db=\nc\n",
	    "text/plain(a=bc\n)", "" },
	{ H "Content-Transfer-Encoding: (c) base64 (d)\n\nYWJj\n",
	    "text/plain(abc)", "" },
	{ H "Content-Transfer-Encoding: rot13\n\nabc\n", "text/plain(abc\n)",
	    "encoding-unknown," },
	{ H "Content-Transfer-Encoding: base64\n\nYW*Jj\nYWJ\n",
	    "text/plain(abcab)", "base64-truncated,base64," },
	{ H MIXED("x") "Content-Transfer-Encoding: base64\n\n--x\n" T
		       "one\n--x--\n",
	    "multipart/mixed[text/plain(one)]", "encoding-composite," },
	/* CR alone ends the lines; the content gets LF */
	{ "Content-Type: multipart/mixed; boundary=x\rMIME-Version: 1.0\r\r"
	  "--x\r\rone\rtwo\r--x--\r",
	    "multipart/mixed[text/plain(one\ntwo)]", "" },
};

static void
put_part(struct test_parse *t, const struct ms_part *part, struct ms_buf *out)
{
	static const char open[] = "([{", close[] = ")]}";

	ms_buf_slice(out, part->type);
	ms_buf_byte(out, (unsigned char)open[part->kind]);
	if (part->kind == MS_PART_LEAF)
		ms_buf_slice(out, ms_part_decode(t->arena, part));
	for (const struct ms_part *p = part->child; p; p = p->next)
		put_part(t, p, out);
	if (part->kind == MS_PART_MULTIPART && !part->closed)
		ms_buf_byte(out, '!');
	ms_buf_byte(out, (unsigned char)close[part->kind]);
}

static void
parse(struct test_parse *t, const char *in, struct ms_message *out)
{
	const struct ms_message_options options = { .digests = MS_DIGEST_SHA256,
		.mime = true };

	ms_message_parse(t->arena, t->parse.charsets, &t->limits,
	    ms_slice_from(in), &options, out);
}

static void
put_defects(const struct ms_message *message, struct ms_buf *out)
{
	for (struct ms_defect *d = message->defects.first; d; d = d->next) {
		ms_buf_text(out, ms_defect_info(d->kind)->id);
		ms_buf_byte(out, ',');
	}
}

static void
builds_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_message message;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		parse(&t, rows[i].in, &message);
		ms_buf_init(&got, t.arena);
		put_part(&t, message.mime.root, &got);
		assert_slice(ms_buf_get(&got), rows[i].tree);
		got.n = 0;
		put_defects(&message, &got);
		assert_slice(ms_buf_get(&got), rows[i].defects);
		test_parse_done(&t);
	}
}

static void
says_where_parts_lie(void **state)
{
	const char text[] = H MIXED("x") "\npre mime\n--x\n" T "one\n--x\n"
					 "Content-ID: <i@d>\n"
					 "Content-Disposition: attachment; "
					 "filename=\"a b.txt\"\n\ntwo\n"
					 "--x--\nepi\n";
	const struct ms_part *root, *one, *two;
	struct ms_message message;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	parse(&t, text, &message);
	root = message.mime.root;
	one = root->child;
	two = one->next;
	assert_slice(root->preamble, "pre mime");
	assert_slice(root->epilogue, "epi\n");
	assert_slice(one->raw, T "one");
	assert_slice(one->body, "one");
	assert_int_equal(
	    one->body.p - message.raw.p, strstr(text, "one") - text);
	assert_slice(two->content_id, "i@d");
	assert_slice(two->filename, "a b.txt");
	assert_slice(two->disposition, "attachment");
	assert_true(ms_part_is_attachment(two));
	assert_false(ms_part_is_attachment(one));
	assert_int_equal(two->index, 2);
	assert_int_equal(two->depth, 1);
	assert_ptr_equal(ms_part_next(one), two);
	assert_null(ms_part_next(two));
	assert_int_equal(message.mime.parts, 3);
	test_parse_done(&t);
}

static void
stops_at_limits(void **state)
{
	const char nested[] = H MIXED("x") "\n--x\n" MIXED("y") "\n--y\n" MIXED(
	    "z") "\n--z\n" T "one\n--z--\n--y--\n--x--\n";
	const char wide[] =
	    H MIXED("x") "\n--x\n" T "1\n--x\n" T "2\n--x\n" T "3\n--x--\n";
	struct ms_message message;
	struct test_parse t;
	struct ms_buf got;

	(void)state;
	test_parse_init(&t);
	ms_buf_init(&got, t.arena);
	t.limits.mime_depth = 2;
	parse(&t, nested, &message);
	put_part(&t, message.mime.root, &got);
	assert_slice(ms_buf_get(&got),
	    "multipart/mixed[multipart/mixed[multipart/mixed("
	    "--z\n" T "one\n--z--)]]");
	assert_true(message.mime.truncated);
	assert_string_equal(message.defects.first->detail, "mime_depth");
	t.limits = ms_limits_fill(NULL);
	t.limits.boundaries = 1;
	parse(&t, nested, &message);
	assert_string_equal(message.defects.first->detail, "boundaries");
	t.limits = ms_limits_fill(NULL);
	t.limits.mime_parts = 3;
	parse(&t, wide, &message);
	got.n = 0;
	put_part(&t, message.mime.root, &got);
	assert_slice(
	    ms_buf_get(&got), "multipart/mixed[text/plain(1)text/plain(2)!]");
	assert_int_equal(message.mime.parts, 3);
	assert_true(message.mime.truncated);
	test_parse_done(&t);
}

/* Charset as given, bytes, text as UTF-8, and what is said of it. */
static const struct {
	const char *type, *bytes, *text;
	enum ms_charset_result result;
} texts[] = {
	{ "text/plain", "abc", "abc", MS_CHARSET_OK },
	{ "text/plain; charset=utf-8", "\xc3\xb6", "\xc3\xb6", MS_CHARSET_OK },
	{ "text/plain; charset=utf-8", "\xf6", "\xef\xbf\xbd",
	    MS_CHARSET_REPLACED },
	{ "text/plain; charset=iso-8859-15", "\xa4", "\xe2\x82\xac",
	    MS_CHARSET_OK },
	{ "text/plain; charset=us-ascii", "\xc3\xb6", "\xc3\xb6",
	    MS_CHARSET_OK },
	{ "text/plain; charset=x-none", "\xf6", "\xc3\xb6",
	    MS_CHARSET_UNKNOWN },
	{ "text/plain", "\xf6", "\xc3\xb6", MS_CHARSET_OK },
	{ "text/html", "<meta charset=koi8-r>\xc1",
	    "<meta charset=koi8-r>\xd0\xb0", MS_CHARSET_OK },
	{ "text/html", "<META content='text/html; charset=\"koi8-r\"'>\xc1",
	    "<META content='text/html; charset=\"koi8-r\"'>\xd0\xb0",
	    MS_CHARSET_OK },
	{ "text/html", "<meta charset=utf-16>\xc3\xb6",
	    "<meta charset=utf-16>\xc3\xb6", MS_CHARSET_OK },
	{ "text/plain", "<meta charset=koi8-r>\xc3\xb6",
	    "<meta charset=koi8-r>\xc3\xb6", MS_CHARSET_OK },
	/* A parameter goes before a <meta>. */
	{ "text/html; charset=utf-8", "<meta charset=koi8-r>\xc3\xb6",
	    "<meta charset=koi8-r>\xc3\xb6", MS_CHARSET_OK },
};

static void
reads_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		enum ms_charset_result result;
		struct ms_message message;
		struct test_parse t;
		struct ms_slice text;

		test_parse_init(&t);
		parse(&t,
		    ms_arena_printf(t.arena, H "Content-Type: %s\n\n%s",
			texts[i].type, texts[i].bytes),
		    &message);
		text =
		    ms_part_text(&t.parse, message.mime.root, 10000, &result);
		assert_slice(text, texts[i].text);
		if (result != texts[i].result)
			print_error("%s\n", texts[i].type);
		assert_int_equal(result, texts[i].result);
		test_parse_done(&t);
	}
}

static void
cuts_text_behind_a_line(void **state)
{
	const char text[] = H "Content-Type: text/plain; charset=utf-8\n"
			      "Content-Transfer-Encoding: base64\n\n"
			      "b25lCnR3bwp0aHLDtmUKZm91cgo=\n";
	struct ms_message message;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	parse(&t, text, &message);
	assert_slice(
	    ms_part_text(&t.parse, message.mime.root, 12, NULL), "one\ntwo\n");
	assert_slice(ms_part_text(&t.parse, message.mime.root, 100, NULL),
	    "one\ntwo\nthr\xc3\xb6"
	    "e\nfour\n");
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_trees),
		cmocka_unit_test(says_where_parts_lie),
		cmocka_unit_test(stops_at_limits),
		cmocka_unit_test(reads_text),
		cmocka_unit_test(cuts_text_behind_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
