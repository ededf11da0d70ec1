/* SPDX-License-Identifier: ISC
 * test_param.c - parameters after the RFCs and after the programs
 */
#include "mailsonde/header.h"
#include "mailsonde/utf8.h"

#include "test.h"

struct param_case {
	const char *in, *value;
	const char *params; /* "name=value|name=value" */
};

static const struct param_case cases[] = {
	{ "text/plain", "text/plain", "" },
	{ "Text/HTML; Charset=\"UTF-8\"", "text/html", "charset=UTF-8" },
	{ "text/plain; charset=us-ascii (Plain text)", "text/plain",
	    "charset=us-ascii" },
	{ "(a) text (b) / (c) plain (d); charset =x", "text/plain",
	    "charset=x" },
	{ "text", "text", "" },
	{ "text/", "text/", "" },
	{ "/", "/", "" },
	{ "", "", "" },
	{ ";charset=x", "", "charset=x" },
	{ "charset=x", "charset=x", "charset=x" },
	{ "\"attachment\"; filename=a", "attachment", "filename=a" },
	{ "text/plain;;; ; charset=x;", "text/plain", "charset=x" },
	{ "a/b; name=", "a/b", "name=" },
	{ "a/b; =value; x=y", "a/b", "x=y" },
	{ "a/b; junk; x=y", "a/b", "x=y" },
	{ "a/b; x=1; X=2", "a/b", "x=1" },
	{ "a/b; name=\"a\\\"b\"", "a/b", "name=a\"b" },
	{ "a/b; name='a b'", "a/b", "name='a b'" },
	/* spaces, missing quotes, missing semicolons */
	{ "a/b; name=foo bar (1).pdf", "a/b", "name=foo bar (1).pdf" },
	{ "a/b; name=\"foo.pdf; charset=x", "a/b", "name=foo.pdf|charset=x" },
	{ "a/b; name=\"foo\" charset=x", "a/b", "name=foo|charset=x" },
	{ "a/b; name=foo charset=x", "a/b", "name=foo|charset=x" },
	{ "text/plain charset=x", "text/plain", "charset=x" },
	{ "a/b; boundary=\"=_a?=b\"", "a/b", "boundary==_a?=b" },
	/* RFC 2231 */
	{ "a/b; url*0=\"ftp://\"; url*1=\"x.y\"", "a/b", "url=ftp://x.y" },
	{ "a/b; t*1=b; t*0=a", "a/b", "t=ab" },
	{ "a/b; t*0=a; t*2=c", "a/b", "t=ac" },
	{ "a/b; t*=us-ascii'en-us'This%20is%20fun", "a/b", "t=This is fun" },
	{ "a/b; t*0*=us-ascii'en'This%20is%20; t*1*=%2A%2A%2A; t*2=\"it%21\"",
	    "a/b", "t=This is ***it%21" },
	{ "a/b; t*0*=utf-8''caf%C3; t*1*=%A9", "a/b", "t=caf\xc3\xa9" },
	{ "a/b; t*=iso-8859-2''%B1", "a/b", "t=\xc4\x85" },
	{ "a/b; t*=caf%C3%A9%", "a/b", "t=caf\xc3\xa9%" },
	{ "a/b; t*=\"utf-8''a%20b\"", "a/b", "t=a b" },
	{ "a/b; f=old; f*=utf-8''new", "a/b", "f=new" },
	/* RFC 2047 words where none may be */
	{ "a/b; name=\"=?utf-8?Q?caf=C3=A9?=.pdf\"", "a/b",
	    "name=caf\xc3\xa9.pdf" },
	{ "a/b; name==?utf-8?Q?a;_b=3D?=; x=y", "a/b", "name=a; b=|x=y" },
	{ "a/b; name==?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "a/b", "name=ab" },
	{ "a/b; n*0=\"=?utf-8?Q?caf=C3\"; n*1=\"=A9?=\"", "a/b",
	    "n=caf\xc3\xa9" },
	/* raw bytes */
	{ "a/b; name=\"caf\xe9\"", "a/b", "name=caf\xc3\xa9" },
	{ "a\xff/b", "a\xef\xbf\xbd/b", "" },
};

static struct ms_slice
render(struct ms_arena *arena, const struct ms_params *params)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < params->n; i++) {
		if (i > 0)
			ms_buf_byte(&buf, '|');
		ms_buf_slice(&buf, params->params[i].name);
		ms_buf_byte(&buf, '=');
		ms_buf_slice(&buf, params->params[i].value);
	}
	return ms_buf_get(&buf);
}

static void
params(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct param_case *c = &cases[i];
		struct ms_field field = { 0 };
		struct test_parse test;
		struct ms_params out;

		test_parse_init(&test);
		field.value = ms_slice_from(c->in);
		ms_params_parse(&test.parse, &field, &out);
		assert_slice(out.value, c->value);
		assert_slice(render(test.arena, &out), c->params);
		test_parse_done(&test);
	}
}

static void
get(void **state)
{
	struct ms_field field = { 0 };
	struct test_parse test;
	struct ms_params out;

	(void)state;
	test_parse_init(&test);
	field.value = MS_SLICE("a/b; Name=\"x y\" ; empty=\"\"");
	ms_params_parse(&test.parse, &field, &out);
	assert_slice(ms_params_get(&out, "NAME"), "x y");
	assert_slice(out.params[0].raw, "\"x y\"");
	assert_non_null(ms_params_get(&out, "empty").p);
	assert_null(ms_params_get(&out, "none").p);
	ms_params_parse(&test.parse, NULL, &out);
	assert_int_equal(out.n, 0);
	test_parse_done(&test);
}

/* Linear, and no more parameters than the limit. */
static void
large(void **state)
{
	static const char *const units[] = { ";", "a=b;", "a=\"", "(", "=?",
		";a*1=x", "a ", "a (", "\\\"", "a= b=", "x=(a) " };
	size_t n = 4000000;

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t unit = strlen(units[i]);
		struct ms_field field = { 0 };
		struct test_parse test;
		struct ms_params out;
		unsigned char *p;

		test_parse_init(&test);
		p = ms_arena_bytes(test.arena, n);
		for (size_t at = 0; at < n; at++)
			p[at] = (unsigned char)units[i][at % unit];
		field.value = ms_slice_make(p, n);
		ms_params_parse(&test.parse, &field, &out);
		assert_true(out.n <= test.limits.params);
		assert_true(ms_utf8_valid(out.value));
		test_parse_done(&test);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(params),
		cmocka_unit_test(get),
		cmocka_unit_test(large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
