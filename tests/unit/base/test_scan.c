/* SPDX-License-Identifier: ISC
 * test_scan.c - the scanner: bounds, failures that stick, RFC 5322's tokens
 */
#include "mailsonde/scan.h"

#include "test.h"

static void
classes_are_the_rfcs(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		unsigned char b = (unsigned char)c;
		bool digit = c >= '0' && c <= '9';
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool special = c && strchr("()<>[]:;@\\,.\"", c);
		bool high = c >= 128;

		assert_int_equal(ms_is(b, MS_C_ALPHA), alpha);
		assert_int_equal(ms_is(b, MS_C_DIGIT), digit);
		assert_int_equal(ms_is(b, MS_C_HEX),
		    c && strchr("0123456789abcdefABCDEF", c));
		assert_int_equal(ms_is(b, MS_C_WSP), c == ' ' || c == '\t');
		assert_int_equal(ms_is(b, MS_C_CRLF), c == '\r' || c == '\n');
		assert_int_equal(ms_is(b, MS_C_SPECIAL), special);
		assert_int_equal(ms_is(b, MS_C_CTL), c < 32 || c == 127);
		assert_int_equal(ms_is(b, MS_C_HIGH), high);
		assert_int_equal(ms_is(b, MS_C_UPPER), c >= 'A' && c <= 'Z');
		/* RFC 5322 3.2.3, RFC 6532 3.2 */
		assert_int_equal(ms_is(b, MS_C_ATEXT),
		    alpha || digit || high ||
			(c && strchr("!#$%&'*+-/=?^_`{|}~", c)));
		/* RFC 5322 3.6.8 */
		assert_int_equal(
		    ms_is(b, MS_C_FTEXT), c > 32 && c < 127 && c != ':');
		/* RFC 2045 5.1: no SPACE, CTLs or tspecials */
		assert_int_equal(ms_is(b, MS_C_TOKEN),
		    c > 32 && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c));
		assert_int_equal(ms_is(b, MS_C_BASE64),
		    alpha || digit || c == '+' || c == '/');
		assert_int_equal(ms_is(b, MS_C_HOST),
		    alpha || digit || high || c == '-' || c == '.' || c == '_');
	}
}

static void
failure_sticks(void **state)
{
	struct ms_scan s = ms_scan_init(MS_SLICE("ab"));

	(void)state;
	assert_int_equal(ms_scan_byte(&s), 'a');
	(void)ms_scan_number(&s, 3, 100);
	assert_true(s.bad);
	assert_true(ms_scan_at_end(&s));
	assert_int_equal(ms_scan_byte(&s), -1);
	assert_int_equal(ms_scan_peek(&s), -1);
	assert_int_equal(ms_scan_peek_at(&s, 0), -1);
	assert_int_equal(ms_scan_rest(&s).n, 0);
	assert_int_equal(ms_scan_while(&s, MS_C_ALPHA, 9).n, 0);
	assert_int_equal(ms_scan_to(&s, 'b').n, 0);
	assert_false(ms_scan_try_byte(&s, 'b'));
	assert_false(ms_scan_try_text(&s, "b"));
	ms_scan_skip(&s, 1);
	assert_int_equal(ms_scan_offset(&s), 1);
}

static void
nothing_is_no_trouble(void **state)
{
	struct ms_scan s = ms_scan_init(ms_slice_make(NULL, 0));
	struct ms_slice out;
	bool closed;

	(void)state;
	assert_true(ms_scan_at_end(&s));
	assert_int_equal(ms_scan_while(&s, MS_C_ALPHA, 9).n, 0);
	assert_int_equal(ms_scan_until(&s, MS_C_ALPHA, 9).n, 0);
	assert_int_equal(ms_scan_through(&s, 'a').n, 0);
	ms_scan_skip(&s, 10);
	assert_false(ms_scan_cfws(&s));
	assert_false(ms_scan_comment(&s, &out));
	assert_false(ms_scan_quoted(&s, &out, &closed));
	assert_false(ms_scan_literal(&s, &out));
	assert_false(s.bad);
	assert_int_equal(ms_scan_byte(&s), -1);
	assert_true(s.bad);
}

static const struct {
	const char *in;
	unsigned digits;
	uint64_t max, out;
	bool ok;
	const char *rest;
} numbers[] = {
	{ "0", 1, 0, 0, true, "" },
	{ "1", 1, 0, 0, false, "" },
	{ "007x", 3, 7, 7, true, "x" },
	{ "12345", 3, 999, 123, true, "45" },
	{ "256", 3, 255, 0, false, "" },
	{ "255", 3, 255, 255, true, "" },
	{ "18446744073709551615", 20, UINT64_MAX, UINT64_MAX, true, "" },
	{ "18446744073709551616", 20, UINT64_MAX, 0, false, "" },
	{ "99999999999999999999", 20, UINT64_MAX, 0, false, "" },
	{ "9", 1, 5, 0, false, "" },
	{ "19", 2, 5, 0, false, "" },
	{ "x", 3, 9, 0, false, "" },
	{ "-1", 3, 9, 0, false, "" },
	{ "", 3, 9, 0, false, "" },
};

static void
takes_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct ms_scan s = ms_scan_init(ms_slice_from(numbers[i].in));
		uint64_t got =
		    ms_scan_number(&s, numbers[i].digits, numbers[i].max);

		if (s.bad == numbers[i].ok)
			print_error("%s\n", numbers[i].in);
		assert_int_equal(!s.bad, numbers[i].ok);
		if (!numbers[i].ok)
			continue;
		assert_int_equal(got, numbers[i].out);
		assert_slice(ms_scan_rest(&s), numbers[i].rest);
	}
}

/* Kind, what is taken, what is left. */
static const struct {
	char kind; /* '(' '"' '[' or 'c' for CFWS */
	const char *in, *out, *rest;
	bool closed;
} tokens[] = {
	{ '(', "(a)b", "a", "b", true },
	{ '(', "(a(b)c)d", "a(b)c", "d", true },
	{ '(', "(a\\)b)c", "a\\)b", "c", true },
	{ '(', "(a\\(b)c", "a\\(b", "c", true },
	{ '(', "()", "", "", true },
	{ '(', "(a(b)", "a(b)", "", true },
	{ '(', "(a\\", "a\\", "", true },
	{ '(', "(", "", "", true },
	{ '"', "\"a\"b", "a", "b", true },
	{ '"', "\"a\\\"b\"c", "a\\\"b", "c", true },
	{ '"', "\"a\\\\\"b", "a\\\\", "b", true },
	{ '"', "\"a", "a", "", false },
	{ '"', "\"a\\", "a\\", "", false },
	{ '"', "\"", "", "", false },
	{ '"', "\"\"", "", "", true },
	{ '[', "[192.0.2.1]x", "192.0.2.1", "x", true },
	{ '[', "[a", "a", "", true },
	{ '[', "[]", "", "", true },
	{ 'c', " (a) \r\n\t((b)) c", NULL, "c", true },
	{ 'c', "(a)(b)", NULL, "", true },
	{ 'c', "((a) b", NULL, "", true },
};

static void
takes_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++) {
		struct ms_scan s = ms_scan_init(ms_slice_from(tokens[i].in));
		struct ms_slice out = { NULL, 0 };
		bool closed = true, ok;

		if (tokens[i].kind == '(')
			ok = ms_scan_comment(&s, &out);
		else if (tokens[i].kind == '"')
			ok = ms_scan_quoted(&s, &out, &closed);
		else if (tokens[i].kind == '[')
			ok = ms_scan_literal(&s, &out);
		else
			ok = ms_scan_cfws(&s);
		assert_true(ok);
		assert_false(s.bad);
		if (tokens[i].out)
			assert_slice(out, tokens[i].out);
		assert_int_equal(closed, tokens[i].closed);
		assert_slice(ms_scan_rest(&s), tokens[i].rest);
	}
}

static void
tries_and_runs(void **state)
{
	struct ms_scan s = ms_scan_init(MS_SLICE("From: aab by7 by-x by"));

	(void)state;
	assert_false(ms_scan_try_text(&s, "form"));
	assert_true(ms_scan_try_text(&s, "fROM:"));
	assert_true(ms_scan_space(&s));
	assert_false(ms_scan_space(&s));
	assert_slice(ms_scan_while(&s, MS_C_ALPHA, 2), "aa");
	assert_slice(ms_scan_until(&s, MS_C_WSP, 99), "b");
	ms_scan_skip(&s, 1);
	assert_false(ms_scan_try_word(&s, "by"));
	assert_slice(ms_scan_through(&s, ' '), "by7");
	assert_false(ms_scan_try_word(&s, "by"));
	assert_slice(ms_scan_to(&s, ' '), "by-x");
	assert_int_equal(ms_scan_peek(&s), ' ');
	assert_int_equal(ms_scan_peek_at(&s, 2), 'y');
	assert_int_equal(ms_scan_peek_at(&s, 3), -1);
	ms_scan_skip(&s, 1);
	assert_true(ms_scan_try_word(&s, "BY"));
	assert_true(ms_scan_at_end(&s));
	ms_scan_skip(&s, 1);
	assert_false(ms_scan_try_text(&s, "x"));
	assert_false(s.bad);
	assert_slice(ms_scan_through(&s, 'x'), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_the_rfcs),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(nothing_is_no_trouble),
		cmocka_unit_test(takes_numbers),
		cmocka_unit_test(takes_tokens),
		cmocka_unit_test(tries_and_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
