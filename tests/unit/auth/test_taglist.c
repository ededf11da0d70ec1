/* SPDX-License-Identifier: ISC
 * test_taglist.c - tag lists, RFC 6376 section 3.2
 */
#include "mailsonde/taglist.h"

#include "test.h"

struct list_case {
	const char *in;
	unsigned flags;
	const char *tags;   /* "name=value|name=value", duplicates marked "+" */
	const char *errors; /* "fault@offset+length …" */
};

static const struct list_case cases[] = {
	{ "a=b", 0, "a=b", "" },
	{ "v=1; a=rsa-sha256;", 0, "v=1|a=rsa-sha256", "" },
	{ " v = 1 ; a\t=\tx y ; ", 0, "v=1|a=x y", "" },
	{ "b=ab\r\n cd\r\n\t;x=", 0, "b=ab\r\n cd|x=", "" },
	{ "p==;q=a=b", 0, "p==|q=a=b", "" },
	{ "a_1=x", 0, "a_1=x", "" },
	/* faults */
	{ "", 0, "", "empty@0+0" },
	{ " ", 0, "", "empty@0+1" },
	{ ";", 0, "", "empty@0+0" },
	{ "a=b;;", 0, "a=b", "empty@4+0" },
	{ "a=b; ;c=d", 0, "a=b|c=d", "empty@4+1" },
	{ "a; b=c", 0, "b=c", "no-equals@0+1" },
	{ "b=c; d e ;f=g", 0, "b=c|f=g", "no-equals@5+3" },
	{ "=x", 0, "=x", "bad-name@0+0" },
	{ "1=x", 0, "1=x", "bad-name@0+1" },
	{ "_a=x", 0, "_a=x", "bad-name@0+2" },
	{ "a b=x", 0, "a b=x", "bad-name@0+3" },
	{ "a-b=x", 0, "a-b=x", "bad-name@0+3" },
	{ "a=\x01", 0, "a=\x01", "bad-value@2+1" },
	{ "a=x\xc3\xa9", 0, "a=x\xc3\xa9", "bad-value@3+1" },
	{ "a=1;a=2;a=3", 0, "a=1|+a=2|+a=3", "duplicate@4+1 duplicate@8+1" },
	{ "a=1;A=2", 0, "a=1|A=2", "" },
	/* the variants */
	{ "a=1;A=2", MS_TAGLIST_NOCASE, "a=1|+A=2", "duplicate@4+1" },
	{ "1.a-b_c=x", MS_TAGLIST_EXTENSION_NAMES, "1.a-b_c=x", "" },
	{ "-a=x", MS_TAGLIST_EXTENSION_NAMES, "-a=x", "bad-name@0+2" },
	{ "a=x\r\n y", MS_TAGLIST_WSP, "a=x\r\n y", "bad-value@3+1" },
	{ "a=x\r\n", MS_TAGLIST_WSP, "a=x\r\n", "bad-value@3+1" },
};

static struct ms_slice
render_tags(struct ms_arena *arena, const struct ms_taglist *list)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			ms_buf_byte(&buf, '|');
		if (list->tags[i].duplicate)
			ms_buf_byte(&buf, '+');
		ms_buf_slice(&buf, list->tags[i].name);
		ms_buf_byte(&buf, '=');
		ms_buf_slice(&buf, list->tags[i].value);
	}
	return ms_buf_get(&buf);
}

static struct ms_slice
render_errors(struct ms_arena *arena, const struct ms_taglist *list)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < list->errors_n; i++) {
		const struct ms_tag_error *error = &list->errors[i];

		ms_buf_printf(&buf, "%s%s@%zu+%zu", i > 0 ? " " : "",
		    ms_tag_fault_name(error->fault),
		    (size_t)(error->at.p - list->text.p), error->at.n);
	}
	return ms_buf_get(&buf);
}

static void
lists(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct list_case *c = &cases[i];
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_taglist list;

		ms_taglist_parse(
		    ms_slice_from(c->in), c->flags, &limits, arena, &list);
		assert_slice(render_tags(arena, &list), c->tags);
		assert_slice(render_errors(arena, &list), c->errors);
		assert_int_equal(list.faults == 0, list.errors_n == 0);
		ms_arena_free(arena);
	}
}

static void
finding(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_taglist list;

	(void)state;
	ms_taglist_parse(
	    MS_SLICE("b= x\r\n y ;A=1;a=2;e=;"), 0, &limits, arena, &list);
	assert_true(list.trailing);
	assert_slice(ms_taglist_find(&list, "b")->raw, " x\r\n y ");
	assert_slice(
	    ms_taglist_unfold(ms_taglist_value(&list, "b"), arena), "xy");
	assert_slice(ms_taglist_value(&list, "a"), "2");
	assert_slice(ms_taglist_value(&list, "e"), "");
	assert_non_null(ms_taglist_value(&list, "e").p);
	assert_null(ms_taglist_value(&list, "q").p);
	ms_taglist_parse(
	    MS_SLICE("P=1;p=2"), MS_TAGLIST_NOCASE, &limits, arena, &list);
	assert_false(list.trailing);
	assert_slice(ms_taglist_value(&list, "p"), "1");
	assert_true(ms_taglist_has_fault(&list, MS_TAG_DUPLICATE));
	assert_false(ms_taglist_has_fault(&list, MS_TAG_EMPTY));
	ms_arena_free(arena);
}

static void
items(void **state)
{
	static const char *const want[] = { "a", "b c", "", "d", "" };
	struct ms_slice rest = MS_SLICE("a: b c\r\n::d:"), item;
	size_t n = 0;

	(void)state;
	while (ms_taglist_item(&rest, ':', &item))
		assert_slice(item, want[n++]);
	assert_int_equal(n, 5);
	rest = MS_SLICE("");
	assert_true(ms_taglist_item(&rest, ':', &item));
	assert_int_equal(item.n, 0);
	assert_false(ms_taglist_item(&rest, ':', &item));
	rest = ms_slice_make(NULL, 0);
	assert_false(ms_taglist_item(&rest, ':', &item));
}

static void
limit(void **state)
{
	struct ms_limits few = { .tags = 3 };
	struct ms_limits limits = ms_limits_fill(&few);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_taglist list;

	(void)state;
	ms_taglist_parse(MS_SLICE("a=;b=;c=;"), 0, &limits, arena, &list);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.faults, 0);
	ms_taglist_parse(MS_SLICE("a=;b=;c=;d=;e="), 0, &limits, arena, &list);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.faults, 1 << MS_TAG_TOO_MANY);
	ms_taglist_parse(MS_SLICE(";;;;;;;;"), 0, &limits, arena, &list);
	assert_int_equal(list.errors_n, 3);
	assert_true(ms_taglist_has_fault(&list, MS_TAG_TOO_MANY));
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(finding),
		cmocka_unit_test(items),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
