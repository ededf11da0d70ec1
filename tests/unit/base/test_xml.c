/* SPDX-License-Identifier: ISC
 * test_xml.c - XML as a tree, and what is refused
 */
#include "mailsonde/xml.h"

#include "test.h"

struct fixture {
	struct ms_arena *arena;
	struct ms_limits limits;
	const char *fault;
};

static const struct ms_xml *
read_text(struct fixture *f, const char *text)
{
	f->arena = ms_arena_new(NULL);
	if (f->limits.xml_nodes == 0)
		f->limits = ms_limits_fill(NULL);
	f->fault = NULL;
	return ms_xml_read(
	    f->arena, ms_slice_from(text), &f->limits, &f->fault);
}

static void
finds_its_way(void **state)
{
	struct fixture f = { 0 };
	const struct ms_xml *root = read_text(&f,
	    "<a xmlns='u:a' xmlns:b='u:b' x='1' b:x='2'> one <b:c/>"
	    "<![CDATA[<t>]]>&#119;o"
	    "<d>3</d><c> 4 </c></a>");
	const struct ms_xml *c = ms_xml_child(root, "c");
	size_t n = 0;

	(void)state;
	assert_slice(root->text, "one <t>wo");
	assert_slice(c->space, "u:b");
	assert_slice(c->text, "");
	assert_non_null(c->text.p);
	assert_slice(ms_xml_again(c)->text, "4");
	assert_null(ms_xml_again(ms_xml_again(c)));
	assert_slice(ms_xml_text(root, "d"), "3");
	assert_null(ms_xml_text(root, "e").p);
	assert_null(ms_xml_child(NULL, "e"));
	assert_slice(ms_xml_attribute(root, "x"), "1");
	assert_null(ms_xml_attribute(root, "y").p);
	assert_null(ms_xml_attribute(NULL, "y").p);
	for (const struct ms_xml *node = root; node; node = ms_xml_walk(node))
		n++;
	assert_int_equal(n, 4);
	ms_arena_free(f.arena);
}

static const struct {
	const char *text, *fault;
} bad[] = {
	{ "", "it is no XML: no element found, line 1" },
	{ "text", "it is no XML: syntax error, line 1" },
	{ "<a>\n<b></a>", "it is no XML: mismatched tag, line 2" },
	{ "<a/><b/>", "it is no XML: junk after document element, line 1" },
	{ "<a>&b;</a>", "it is no XML: undefined entity, line 1" },
	{ "<a>\xff</a>",
	    "it is no XML: not well-formed (invalid token), line 1" },
	{ "<x:a/>", "it is no XML: unbound prefix, line 1" },
	{ "<!DOCTYPE a><a/>", "it has a document type declaration (DOCTYPE)" },
	{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
	    "it has a document type declaration (DOCTYPE)" },
	{ "<a><a><a><a/></a></a></a>", "it is nested too deeply" },
	{ "<a><b/><b/><b/><b/><b/></a>",
	    "it has more elements and attributes than are read" },
	{ "<a b='' c='' d=''><b e='' f=''/></a>",
	    "it has more elements and attributes than are read" },
};

static void
refuses(void **state)
{
	struct fixture f = { .limits = { .xml_nodes = 5, .xml_depth = 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(read_text(&f, bad[i].text));
		assert_non_null(f.fault);
		assert_string_equal(f.fault, bad[i].fault);
		ms_arena_free(f.arena);
	}
	assert_non_null(read_text(&f, "<a><b c=''><d/></b><e/></a>"));
	assert_null(f.fault);
	ms_arena_free(f.arena);
}

/* ---- an element at a time ---- */

struct taken {
	struct ms_buf names;
	size_t n, most;
};

static bool
take(void *context, const struct ms_xml *child)
{
	struct taken *t = context;

	assert_non_null(child->parent);
	assert_null(child->next);
	ms_buf_slice(&t->names, child->name);
	if (child->first)
		ms_buf_printf(&t->names, "(%.*s)", (int)child->first->text.n,
		    (const char *)child->first->text.p);
	ms_buf_byte(&t->names, ' ');
	return ++t->n < t->most;
}

static const struct ms_xml *
take_text(struct fixture *f, struct taken *t, const char *text)
{
	f->arena = ms_arena_new(NULL);
	if (f->limits.xml_nodes == 0)
		f->limits = ms_limits_fill(NULL);
	memset(t, 0, sizeof(*t));
	t->most = 100;
	ms_buf_init(&t->names, f->arena);
	return ms_xml_each(
	    f->arena, ms_slice_from(text), &f->limits, take, t, &f->fault);
}

static void
gives_a_child_at_a_time(void **state)
{
	struct fixture f = { 0 };
	struct taken t;
	const struct ms_xml *root =
	    take_text(&f, &t, "<r a='1'> <x><y>1</y></x> t <x/><z>2</z></r>");

	(void)state;
	assert_null(f.fault);
	assert_slice(root->name, "r");
	assert_slice(ms_xml_attribute(root, "a"), "1");
	assert_null(root->first);
	assert_slice(ms_buf_get(&t.names), "x(1) x z ");
	ms_arena_free(f.arena);
	root = take_text(&f, &t, "<r><x/><y></r>");
	assert_non_null(root);
	assert_non_null(f.fault);
	assert_slice(ms_buf_get(&t.names), "x ");
	ms_arena_free(f.arena);
	assert_null(take_text(&f, &t, "none"));
	assert_non_null(f.fault);
	ms_arena_free(f.arena);
}

static void
counts_each_child_by_itself(void **state)
{
	struct fixture f = { 0 };
	struct taken t;

	(void)state;
	f.limits = ms_limits_fill(NULL);
	f.limits.xml_nodes = 3;
	take_text(&f, &t, "<r><a><b/></a><a><b/></a><a><b/></a></r>");
	assert_null(f.fault);
	assert_int_equal(t.n, 3);
	ms_arena_free(f.arena);
	take_text(&f, &t, "<r><a><b/></a><a><b/><b/><b/></a></r>");
	assert_non_null(f.fault);
	assert_int_equal(t.n, 1);
	ms_arena_free(f.arena);
}

static bool
take_one(void *context, const struct ms_xml *child)
{
	(void)child;
	++*(size_t *)context;
	return false;
}

static void
stops_when_it_is_enough(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_limits limits = ms_limits_fill(NULL);
	const char *fault = "x";
	size_t n = 0;

	(void)state;
	assert_non_null(ms_xml_each(arena, MS_SLICE("<r><a/><a/><a></r>"),
	    &limits, take_one, &n, &fault));
	assert_int_equal(n, 1);
	assert_null(fault);
	ms_arena_free(arena);
}

/* Encodings that expat does not know are decoded. */
static void
decodes_other_charsets(void **state)
{
	struct fixture f = { 0 };
	const struct ms_xml *root = read_text(
	    &f, "<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>");

	(void)state;
	assert_non_null(root);
	assert_slice(root->text, "\xe2\x82\xac");
	ms_arena_free(f.arena);
	root =
	    read_text(&f, "<?xml version='1.0' encoding='no-such'?><a>x</a>");
	assert_null(root);
	assert_non_null(f.fault);
	ms_arena_free(f.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_its_way),
		cmocka_unit_test(refuses),
		cmocka_unit_test(gives_a_child_at_a_time),
		cmocka_unit_test(counts_each_child_by_itself),
		cmocka_unit_test(stops_when_it_is_enough),
		cmocka_unit_test(decodes_other_charsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
