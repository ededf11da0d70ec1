/* SPDX-License-Identifier: ISC
 * test_dkim_canon.c - canonical forms, RFC 6376 section 3.4
 */
#include "mailsonde/dkim.h"

#include "test.h"

struct canon_case {
	enum ms_dkim_canon canon;
	bool bare_cr;
	const char *in, *want;
};

static const struct canon_case headers[] = {
	/* RFC 6376 3.4.5 */
	{ MS_DKIM_RELAXED, false, "A: X\r\n", "a:X\r\n" },
	{ MS_DKIM_RELAXED, false, "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n" },
	{ MS_DKIM_SIMPLE, false, "A: X\r\n", "A: X\r\n" },
	{ MS_DKIM_SIMPLE, false, "B : Y\t\r\n\tZ  \r\n",
	    "B : Y\t\r\n\tZ  \r\n" },
	/* line ends as they are stored, or missing */
	{ MS_DKIM_SIMPLE, false, "A: X\n\ty\n", "A: X\r\n\ty\r\n" },
	{ MS_DKIM_SIMPLE, true, "A: X\r\ty\r", "A: X\r\n\ty\r\n" },
	{ MS_DKIM_SIMPLE, false, "A: X", "A: X\r\n" },
	{ MS_DKIM_SIMPLE, false, "A: X\ry\r\n", "A: X\ry\r\n" },
	{ MS_DKIM_RELAXED, false, "A: X\n\ty\n", "a:X y\r\n" },
	{ MS_DKIM_RELAXED, true, "A: X\r\ty\r", "a:X y\r\n" },
	{ MS_DKIM_RELAXED, false, "A: X", "a:X\r\n" },
	/* a CR inside is no line end, and stays */
	{ MS_DKIM_RELAXED, false, "A: X \r y\r\n", "a:X \r y\r\n" },
	/* blanks */
	{ MS_DKIM_RELAXED, false, "Subject:\r\n a\r\n", "subject:a\r\n" },
	{ MS_DKIM_RELAXED, false, "Subject:\r\n", "subject:\r\n" },
	{ MS_DKIM_RELAXED, false, "Subject: \r\n \r\n", "subject:\r\n" },
	{ MS_DKIM_RELAXED, false, "SUBJect: AbC: d\r\n", "subject:AbC: d\r\n" },
	{ MS_DKIM_RELAXED, false, "X: \xc3\xa9\x01 z\r\n",
	    "x:\xc3\xa9\x01 z\r\n" },
};

static const struct canon_case bodies[] = {
	/* RFC 6376 3.4.5 */
	{ MS_DKIM_RELAXED, false, " C \r\nD \t E\r\n\r\n\r\n",
	    " C\r\nD E\r\n" },
	{ MS_DKIM_SIMPLE, false, " C \r\nD \t E\r\n\r\n\r\n",
	    " C \r\nD \t E\r\n" },
	/* 3.4.3: an empty body is CRLF; 3.4.4: it is nothing */
	{ MS_DKIM_SIMPLE, false, "", "\r\n" },
	{ MS_DKIM_RELAXED, false, "", "" },
	{ MS_DKIM_SIMPLE, false, "\r\n\r\n", "\r\n" },
	{ MS_DKIM_RELAXED, false, "\r\n\r\n", "" },
	{ MS_DKIM_SIMPLE, false, " \r\n\r\n", " \r\n" },
	{ MS_DKIM_RELAXED, false, " \r\n\t \r\n", "" },
	/* the last line without its end */
	{ MS_DKIM_SIMPLE, false, "a", "a\r\n" },
	{ MS_DKIM_RELAXED, false, "a \t", "a\r\n" },
	{ MS_DKIM_SIMPLE, false, "a \t", "a \t\r\n" },
	/* line ends as they are stored */
	{ MS_DKIM_SIMPLE, false, "a\nb\n\n", "a\r\nb\r\n" },
	{ MS_DKIM_RELAXED, false, "a \nb\n \n", "a\r\nb\r\n" },
	{ MS_DKIM_SIMPLE, true, "a\rb\r\r", "a\r\nb\r\n" },
	{ MS_DKIM_RELAXED, true, "a \rb \r \r", "a\r\nb\r\n" },
	{ MS_DKIM_SIMPLE, false, "a\n\r\nb\r\n", "a\r\n\r\nb\r\n" },
	/* a CR that ends no line */
	{ MS_DKIM_SIMPLE, false, "a\rb\r\r\n", "a\rb\r\r\n" },
	{ MS_DKIM_RELAXED, false, "a \r b\r\n", "a \r b\r\n" },
	{ MS_DKIM_RELAXED, false, "a \r", "a \r\r\n" },
	/* white space */
	{ MS_DKIM_RELAXED, false, "\ta  b\t\tc \t\r\n", " a b c\r\n" },
	{ MS_DKIM_RELAXED, false, "a\r\n \r\nb\r\n", "a\r\n\r\nb\r\n" },
	{ MS_DKIM_RELAXED, false, "  \r\nb\r\n", "\r\nb\r\n" },
	{ MS_DKIM_RELAXED, false, "a\x0b\xa0 b\r\n", "a\x0b\xa0 b\r\n" },
	/* longer than the stretches that are looked at at once */
	{ MS_DKIM_RELAXED, false,
	    "0123456789abcde \r\n0123456789abcd  e\t\r\n0123456789abcdef\n",
	    "0123456789abcde\r\n0123456789abcd e\r\n0123456789abcdef\r\n" },
	{ MS_DKIM_RELAXED, false,
	    "0123456789abcdef \x01  \x02 0123456789abcdef \x1b\x1f "
	    "0123456789abcdef0123456789abcdef \r 0123456789abcdef01 \x0b\n",
	    "0123456789abcdef \x01 \x02 0123456789abcdef \x1b\x1f "
	    "0123456789abcdef0123456789abcdef \r 0123456789abcdef01 \x0b\r\n" },
	{ MS_DKIM_SIMPLE, false,
	    "0123456789abcde\n0123456789abcdef\n0123456789abcdef0\nx\r\n",
	    "0123456789abcde\r\n0123456789abcdef\r\n0123456789abcdef0\r\n"
	    "x\r\n" },
};

static void
test_headers(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct ms_buf buf;

		ms_buf_init(&buf, arena);
		ms_dkim_header_canon(headers[i].canon, headers[i].bare_cr,
		    ms_slice_from(headers[i].in), &buf);
		assert_slice(ms_buf_get(&buf), headers[i].want);
	}
	ms_arena_free(arena);
}

static struct ms_slice
canonical(struct ms_arena *arena, const struct canon_case *c,
    struct ms_slice in, size_t room_n)
{
	unsigned char *room = ms_arena_bytes(arena, room_n);
	struct ms_dkim_body body;
	struct ms_slice piece;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_dkim_body_init(&body, c->canon, c->bare_cr, in);
	while (ms_dkim_body_next(&body, room, room_n, &piece))
		ms_buf_slice(&buf, piece);
	return ms_buf_get(&buf);
}

static void
test_bodies(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_slice(canonical(arena, &bodies[i],
				 ms_slice_from(bodies[i].in), 64),
		    bodies[i].want);
	ms_arena_free(arena);
}

/* Long stretches go out as slices of the message itself. */
static void
test_long(void **state)
{
	static const struct canon_case c = { .canon = MS_DKIM_RELAXED };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_buf in, want;

	(void)state;
	ms_buf_init(&in, arena);
	ms_buf_init(&want, arena);
	for (size_t i = 0; i < 300; i++) {
		ms_buf_repeat(&in, 'x', i * 3);
		ms_buf_repeat(&want, 'x', i * 3);
		ms_buf_text(&in, i % 3 ? "\r\n" : "  y \r\n");
		ms_buf_text(&want, i % 3 ? "\r\n" : " y\r\n");
	}
	for (size_t room = 64; room < 5000; room += 333) {
		struct ms_slice out =
		    canonical(arena, &c, ms_buf_get(&in), room);

		assert_int_equal(out.n, want.n);
		assert_memory_equal(out.p, want.p, want.n);
	}
	ms_arena_free(arena);
}

/* The raw octets that a number of canonical ones stands for. */
static void
test_offset(void **state)
{
	static const struct {
		enum ms_dkim_canon canon;
		const char *in;
		unsigned length;
		size_t want;
	} cases[] = {
		{ MS_DKIM_SIMPLE, "abc\r\ndef\r\n", 0, 0 },
		{ MS_DKIM_SIMPLE, "abc\r\ndef\r\n", 5, 5 },
		{ MS_DKIM_SIMPLE, "abc\ndef\n", 5, 4 },
		{ MS_DKIM_SIMPLE, "abc\r\ndef\r\n", 100, 10 },
		{ MS_DKIM_RELAXED, "a  b\r\nc\r\n", 2, 3 },
		{ MS_DKIM_RELAXED, "a  b  \r\nc\r\n", 5, 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    ms_dkim_body_offset(cases[i].canon, false,
			ms_slice_from(cases[i].in), cases[i].length),
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
