/* SPDX-License-Identifier: ISC
 * test_authres.c - Authentication-Results by the grammar of RFC 8601, and
 * what is read of those that break it
 */
#include "mailsonde/authres.h"

#include "test.h"

struct authres_case {
	const char *in;
	const char *want; /* "id: method=result type.property=value …; …" */
	bool valid;
};

static const struct authres_case cases[] = {
	{ "mx.example; none", "mx.example:", true },
	{ "\"mx example\" 1; none", "mx example:", true },
	{ "mx.example; spf=pass smtp.mailfrom=a@b.example",
	    "mx.example: spf=pass smtp.mailfrom=a@b.example;", true },
	{ "mx.example; spf=pass smtp.mailfrom=@b.example",
	    "mx.example: spf=pass smtp.mailfrom=@b.example;", true },
	{ "mx.example; spf=pass smtp.mailfrom=\"a b\"@b.example",
	    "mx.example: spf=pass smtp.mailfrom=\"a b\"@b.example;", true },
	{ "mx.example; dkim=pass (good) header.b=\"a/b\" header.d=b.example",
	    "mx.example: dkim=pass header.b=a/b header.d=b.example;", true },
	{ "mx_1.example; iprev=pass policy.iprev=192.0.2.1",
	    "mx_1.example: iprev=pass policy.iprev=192.0.2.1;", true },
	/* only quoted: none of these is a token or an address */
	{ "mx.example; dkim=pass header.b=a/b",
	    "mx.example: dkim=pass header.b=a/b;", false },
	{ "mx.example; iprev=pass policy.iprev=2001:db8::1",
	    "mx.example: iprev=pass policy.iprev=2001:db8::1;", false },
	{ "mx.example; x=pass policy.uri=https://b.example/",
	    "mx.example: x=pass policy.uri=https://b.example/;", false },
	{ "mx/example; none", "mx/example:", false },
	/* keywords */
	{ "mx.example; dkim=pass header.=b", "mx.example: dkim=pass header.=b;",
	    false },
	{ "mx.example; dkim=perm_fail", "mx.example: dkim=perm_fail;", false },
	/* comments that never close */
	{ "mx.example; spf=pass (oops", "mx.example: spf=pass;", false },
	{ "mx.example; dkim=pass ((a) header.d=b.example",
	    "mx.example: dkim=pass;", false },
	/* "none" stands alone */
	{ "mx.example; none; spf=pass", "mx.example: spf=pass;", false },
	{ "mx.example; spf=pass; none", "mx.example: spf=pass;", false },
	{ "mx.example; spf=pass;", "mx.example: spf=pass;", false },
	{ "mx.example", "mx.example:", false },
	{ "spf=pass smtp.mailfrom=b.example",
	    "-: spf=pass smtp.mailfrom=b.example;", false },
};

static struct ms_slice
render(struct ms_arena *arena, const struct ms_authres *a)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	if (a->authserv_id.p)
		ms_buf_slice(&buf, a->authserv_id);
	else
		ms_buf_byte(&buf, '-');
	ms_buf_byte(&buf, ':');
	for (size_t i = 0; i < a->n; i++) {
		const struct ms_authres_method *m = &a->methods[i];

		ms_buf_printf(&buf, " %.*s=%.*s", (int)m->method.n,
		    (const char *)m->method.p, (int)m->result.n,
		    (const char *)m->result.p);
		for (size_t k = 0; k < m->n; k++)
			ms_buf_printf(&buf, " %.*s.%.*s=%.*s",
			    (int)m->properties[k].ptype.n,
			    (const char *)m->properties[k].ptype.p,
			    (int)m->properties[k].property.n,
			    (const char *)m->properties[k].property.p,
			    (int)m->properties[k].value.n,
			    (const char *)m->properties[k].value.p);
		ms_buf_byte(&buf, ';');
	}
	return ms_buf_get(&buf);
}

struct instance_case {
	const char *in;
	int instance;
	bool valid;
};

static const struct instance_case instances[] = {
	{ "i=1; mx.example; none", 1, true },
	{ "i = 50 ; mx.example; spf=pass", 50, true },
	{ "i=51; mx.example; none", 51, false },
	{ "i=0; mx.example; none", 0, false },
	{ "i=1 mx.example; none", 1, false },
	{ "i=; mx.example; none", -1, false },
	{ "mx.example; none", -1, false },
};

static void
arc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		const struct instance_case *c = &instances[i];
		struct ms_authres out;
		struct test_parse test;
		struct ms_field field;

		test_parse_init(&test);
		field =
		    test_field(test.arena, "ARC-Authentication-Results", c->in);
		ms_authres_parse(&test.parse, &field, &out);
		assert_int_equal(out.instance, c->instance);
		if (out.valid != c->valid)
			fail_msg("%s: valid?", c->in);
		test_parse_done(&test);
	}
}

static void
fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct authres_case *c = &cases[i];
		struct ms_authres out;
		struct test_parse test;
		struct ms_field field;

		test_parse_init(&test);
		field = test_field(test.arena, "Authentication-Results", c->in);
		ms_authres_parse(&test.parse, &field, &out);
		assert_slice(render(test.arena, &out), c->want);
		if (out.valid != c->valid)
			fail_msg("%s: valid?", c->in);
		test_parse_done(&test);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(arc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
