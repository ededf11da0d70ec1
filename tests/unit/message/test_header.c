/* SPDX-License-Identifier: ISC
 * test_header.c - header blocks, as they should be and as they are
 */
#include "mailsonde/header.h"

#include "test.h"

/* Fields as "Name=value|", defects as "id,", and what is left as the body. */
static const struct row {
	unsigned flags;
	const char *in, *fields, *defects, *body;
} rows[] = {
	{ 0, "A: b\r\nC:d\r\n\r\nbody", "A=b|C=d|", "", "body" },
	{ 0, "A: b\nC: d\n\nbody", "A=b|C=d|", "", "body" },
	{ 0, "A: b", "A=b|", "", "" },
	{ 0, "A: b\r\n", "A=b|", "", "" },
	{ 0, "A:\r\n\r\n", "A=|", "", "" },
	{ 0, "\r\nbody", "", "", "body" },
	{ 0, "", "", "", "" },
	/* folding, RFC 5322 2.2.3: the white space stays */
	{ 0, "A: b\r\n c\r\n\td\r\n\r\n", "A=b c\td|", "", "" },
	{ 0, "A:\r\n b\r\n\r\n", "A=b|", "", "" },
	{ 0, "A: b\r\n \r\n c\r\n\r\nx", "A=b  c|", "blank-continuation,",
	    "x" },
	{ 0, " a\r\nB: c\r\n\r\n", "B=c|", "no-colon,", "" },
	/* RFC 5322 4.5.8: white space in front of the colon */
	{ 0, "A : b\r\n\r\n", "A=b|", "field-name,", "" },
	{ 0, "A\t:b\r\n\r\n", "A=b|", "field-name,", "" },
	{ 0, "A b: c\r\n\r\n", "", "no-separator,", "A b: c\r\n\r\n" },
	{ 0, ": b\r\n\r\n", "", "no-separator,", ": b\r\n\r\n" },
	/* a damaged line between fields, and a body without its empty line */
	{ 0, "A: b\njunk\nX-C: d\n\n", "A=b|X-C=d|", "no-colon,", "" },
	{ 0, "A: b\nhello\nworld\n", "A=b|", "no-separator,",
	    "hello\nworld\n" },
	{ 0, "A: b\nhello\nnote: this\n", "A=b|", "no-separator,",
	    "hello\nnote: this\n" },
	/* a mailbox's line on top */
	{ 0, "From a Mon Jan  5 10:00:00 2026\nA: b\n\n", "A=b|", "from-line,",
	    "" },
	{ 0, ">From a Mon Jan  5 10:00:00 2026\nA: b\n\n", "A=b|", "from-line,",
	    "" },
	{ 0, "A: b\nFrom a Mon Jan  5 10:00:00 2026\n\n", "A=b|",
	    "no-separator,", "From a Mon Jan  5 10:00:00 2026\n\n" },
	/* line ends */
	{ 0, "A: b\r\nC: d\n\r\n", "A=b|C=d|", "bare-lf,", "" },
	{ 0, "A: b\rc\r\n\r\n", "A=b c|", "bare-cr,", "" },
	{ 0, "A: b\n\r\nx", "A=b|", "", "x" },
	{ MS_HEADER_BARE_CR, "A: b\r c\rD: e\r\rbody\r", "A=b c|D=e|", "",
	    "body\r" },
	{ MS_HEADER_BARE_CR, "A: b\r\nC: d\r\n\r\nx", "A=b|C=d|", "", "x" },
	/* bytes */
	{ 0, "A: \xc3\xb6\r\n\r\n", "A=\xc3\xb6|", "", "" },
	{ 0, "A: \xf6\r\nB: \xf6\r\n\r\n", "A=\xf6|B=\xf6|", "8bit-header,",
	    "" },
	{ 0, "A: \x01\r\n\r\n", "A=\x01|", "control-in-header,", "" },
	{ 0, "A: a\tb\r\n\r\n", "A=a\tb|", "", "" },
	/* once only, RFC 5322 3.6 */
	{ 0, "From: a\nTo: b\nFROM: c\n\n", "From=a|To=b|FROM=c|",
	    "repeated-field,", "" },
	{ 0, "Received: a\nReceived: b\nX-A: c\nX-A: d\n\n",
	    "Received=a|Received=b|X-A=c|X-A=d|", "", "" },
	/* pasted */
	{ MS_HEADER_PASTED, "\n\n  A-B: c\n  Subject: d\n  e\n",
	    "A-B=c|Subject=d  e|", "leading-blank,folding-repaired,", "" },
	{ MS_HEADER_PASTED, "Received: by x; Mon,\n5 Jan 2026\nSubject: y\n",
	    "Received=by x; Mon, 5 Jan 2026|Subject=y|", "folding-repaired,",
	    "" },
	{ MS_HEADER_PASTED, "Received: by\n2002:a05::1 with SMTP\nFrom: y\n",
	    "Received=by 2002:a05::1 with SMTP|From=y|", "folding-repaired,",
	    "" },
	{ MS_HEADER_PASTED,
	    "DKIM-Signature: v=1;\nh=from:to;\nX-A: https://a.example/\n"
	    "https://b.example/\nFrom: y\n",
	    "DKIM-Signature=v=1; h=from:to;|X-A=https://a.example/ "
	    "https://b.example/|From=y|",
	    "folding-repaired,", "" },
	{ MS_HEADER_PASTED, "Subject: a\n\nFrom: b\n\n", "Subject=a|From=b|",
	    "no-colon,", "" },
	{ MS_HEADER_PASTED, "Subject: a\n\nhello, you\n", "Subject=a|", "",
	    "hello, you\n" },
	{ MS_HEADER_PASTED, "Subject: a\n\n\n \n\nFrom: b\n \n",
	    "Subject=a|From=b|", "no-colon,", "" },
	{ MS_HEADER_PASTED, "From x\nSubject: a\n", "Subject=a|", "from-line,",
	    "" },
};

static void
list(struct test_parse *t, const struct ms_header *header, struct ms_buf *out)
{
	ms_buf_init(out, t->arena);
	for (size_t i = 0; i < header->n; i++) {
		ms_buf_slice(out, header->fields[i].name);
		ms_buf_byte(out, '=');
		ms_buf_slice(out, header->fields[i].value);
		ms_buf_byte(out, '|');
	}
}

static void
list_defects(struct test_parse *t, struct ms_buf *out)
{
	ms_buf_init(out, t->arena);
	for (struct ms_defect *d = t->defects.first; d; d = d->next) {
		ms_buf_text(out, ms_defect_info(d->kind)->id);
		ms_buf_byte(out, ',');
	}
}

static void
reads_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct ms_slice in = ms_slice_from(row->in);
		struct ms_header header;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		t.parse.base = in.p;
		ms_header_parse(&t.parse, in, row->flags, &header);
		list(&t, &header, &got);
		assert_slice(ms_buf_get(&got), row->fields);
		list_defects(&t, &got);
		assert_slice(ms_buf_get(&got), row->defects);
		assert_slice(ms_slice_part(in, header.body, in.n), row->body);
		test_parse_done(&t);
	}
}

static void
keeps_raw_and_offsets(void **state)
{
	const char text[] = "in front\nFrom x\r\nA: b\r\n c\r\nD : e\r\n\r\n";
	struct ms_slice in = ms_slice_part(MS_SLICE(text), 9, sizeof(text) - 1);
	struct ms_header header;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	t.parse.base = (const unsigned char *)text;
	ms_header_parse(&t.parse, in, 0, &header);
	assert_int_equal(header.n, 2);
	assert_slice(header.fields[0].raw, "A: b\r\n c\r\n");
	assert_slice(header.fields[0].body, " b\r\n c");
	assert_int_equal(header.fields[0].offset, 17);
	assert_slice(header.fields[1].raw, "D : e\r\n");
	assert_slice(header.raw, "A: b\r\n c\r\nD : e\r\n");
	assert_true(header.complete);
	assert_int_equal(t.defects.first->offset, 9);
	assert_int_equal(t.defects.last->offset, 28);
	test_parse_done(&t);
}

static void
finds_fields(void **state)
{
	const char text[] = "X-A: 1\nTo: 2\nx-a: 3\nX-B: 4\nTO: 5\nX-A: 6\n\n";
	const struct ms_field *f;
	struct ms_header header;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	ms_header_parse(&t.parse, MS_SLICE(text), 0, &header);
	f = ms_header_find(&header, MS_FIELD_TO);
	assert_slice(f->value, "2");
	f = ms_header_next(&header, f);
	assert_slice(f->value, "5");
	assert_null(ms_header_next(&header, f));
	assert_int_equal(header.count[MS_FIELD_TO], 2);
	assert_null(ms_header_find(&header, MS_FIELD_FROM));
	/* Those without an id of their own are told apart by their names. */
	f = ms_header_find_name(&header, "X-A");
	assert_slice(f->value, "1");
	f = ms_header_next(&header, f);
	assert_slice(f->value, "3");
	f = ms_header_next(&header, f);
	assert_slice(f->value, "6");
	assert_null(ms_header_next(&header, f));
	assert_null(ms_header_find_name(&header, "X-C"));
	test_parse_done(&t);
}

static void
stops_at_limits(void **state)
{
	const char text[] = "A: 1\nB: 2\n C\nD: 3\nE: 4\n\nbody";
	struct ms_header header;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	t.limits.headers = 2;
	ms_header_parse(&t.parse, MS_SLICE(text), 0, &header);
	assert_int_equal(header.n, 2);
	assert_true(header.truncated);
	assert_slice(header.fields[1].value, "2 C");
	/* The body is found all the same. */
	assert_slice(
	    ms_slice_part(MS_SLICE(text), header.body, sizeof(text) - 1),
	    "body");
	assert_int_equal(t.defects.n, 1);
	assert_string_equal(t.defects.first->detail, "headers");
	test_parse_done(&t);

	test_parse_init(&t);
	t.limits.header_size = 9;
	ms_header_parse(&t.parse, MS_SLICE(text), 0, &header);
	assert_int_equal(header.n, 2);
	assert_true(header.truncated);
	assert_string_equal(t.defects.first->detail, "header_size");
	test_parse_done(&t);
}

static void
long_lines_and_nul(void **state)
{
	char text[1200] = "";
	struct ms_slice in = ms_slice_make(text, sizeof(text));
	struct ms_header header;
	struct test_parse t;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "A: b\nB: ", 8);
	text[700] = '\0';
	memcpy(text + 5 + 998, "\nC: ", 4); /* B: of 998 bytes is allowed */
	test_parse_init(&t);
	ms_header_parse(&t.parse, in, 0, &header);
	assert_int_equal(header.n, 3);
	assert_int_equal(t.defects.n, 1);
	assert_int_equal(t.defects.first->kind, MS_DEFECT_NUL);
	assert_int_equal(t.defects.first->offset, 700);
	test_parse_done(&t);
	text[5 + 998] = 'a';
	test_parse_init(&t);
	ms_header_parse(&t.parse, in, 0, &header);
	assert_int_equal(t.defects.first->kind, MS_DEFECT_LONG_LINE);
	assert_int_equal(t.defects.first->offset, 5);
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_blocks),
		cmocka_unit_test(keeps_raw_and_offsets),
		cmocka_unit_test(finds_fields),
		cmocka_unit_test(stops_at_limits),
		cmocka_unit_test(long_lines_and_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
