/* SPDX-License-Identifier: ISC
 * test_dmarc_record.c - policy records of RFC 9989 and of RFC 7489
 */
#include "mailsonde/dmarc.h"

#include "test.h"

struct record_case {
	const char *in;
	const char *values;     /* "p sp np adkim aspf t psd pct", - absent;
				   NULL: not usable */
	const char *deviations; /* "fault@offset …" */
	bool rfc7489;
};

static const struct record_case cases[] = {
	{ "v=DMARC1; p=reject", "reject - - r r n u 100", "", true },
	{ "v=DMARC1;p=Quarantine;SP=none;np=REJECT;adkim=S;aspf=s;t=y;psd=n",
	    "quarantine none reject s s y n 100", "", true },
	{ "v = DMARC1 ; p\t= none ;", "none - - r r n u 100", "", true },
	{ " v=DMARC1; p=none", "none - - r r n u 100", "", true },
	{ "v=DMARC1; p=reject; psd=y", "reject - - r r n y 100", "", true },
	/* what was removed */
	{ "v=DMARC1; p=reject; pct=5; rf=afrf; ri=3600", "reject - - r r n u 5",
	    "removed-tag@20 removed-tag@27 removed-tag@36", true },
	{ "v=DMARC1; p=reject; pct=101", "reject - - r r n u 100",
	    "removed-tag@20", false },
	{ "v=DMARC1; p=none; rf=iodef", "none - - r r n u 100",
	    "removed-tag@18", false },
	{ "v=DMARC1; p=none; ri=4294967296", "none - - r r n u 100",
	    "removed-tag@18", false },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example!10m",
	    "none - - r r n u 100", "removed-size@40", true },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example!99999999999999999999",
	    "none - - r r n u 100", "removed-size@40", false },
	/* what is discarded */
	{ "v=DMARC1; p=none; adkim=x; aspf=; t=1; psd=", "none - - r r n u 100",
	    "value@24 value@32 value@36 value@43", false },
	{ "v=DMARC1; p=none; fo=0:d:x", "none - - r r n u 100", "value@21",
	    false },
	{ "v=DMARC1; p=none; fo=1:d:s", "none - - r r n u 100", "", true },
	{ "v=DMARC1; p=none; x=y; junk; ;", "none - - r r n u 100",
	    "syntax@23 syntax@28 unknown-tag@18", false },
	{ "v=DMARC1; p=none; p=reject", "none - - r r n u 100", "duplicate@18",
	    false },
	{ "v=DMARC1; sp=none; p=reject", "reject none - r r n u 100",
	    "order@19", false },
	/* no policy: only reports keep it alive */
	{ "v=DMARC1", NULL, "no-policy@0", false },
	{ "v=DMARC1; p=maybe", NULL, "value@12 no-policy@0", false },
	{ "v=DMARC1; p=reject; sp=maybe", NULL, "value@23 no-policy@0", false },
	{ "v=DMARC1; p=reject; np=maybe", NULL, "value@23 no-policy@0", true },
	{ "v=DMARC1; rua=mailto:a@b.example", "none - - r r n u 100",
	    "no-policy@0", false },
	{ "v=DMARC1; p=reject; sp=x; adkim=s; rua=mailto:a@b.example",
	    "none - - s r n u 100", "value@23 no-policy@0", false },
	{ "v=DMARC1; rua=nowhere", NULL, "value@14 no-policy@0", false },
	{ "v=DMARC1; rua=mailto:", NULL, "value@14 no-policy@0", false },
	{ "v=DMARC1; rua=mailto:a@b.example!", NULL, "value@14 no-policy@0",
	    false },
	{ "v=DMARC1; rua=mailto:a@b.example%2", NULL, "value@14 no-policy@0",
	    false },
	{ "v=DMARC1; p=none; rua=1http://x/, https://b.example/r?a=%2C",
	    "none - - r r n u 100", "value@22", false },
};

static const char *
or_dash(enum ms_dmarc_policy policy)
{
	const char *name = ms_dmarc_policy_name(policy);

	return name ? name : "-";
}

static struct ms_slice
values(struct ms_arena *arena, const struct ms_dmarc_record *r)
{
	return ms_slice_from(ms_arena_printf(arena, "%s %s %s %c %c %c %c %u",
	    or_dash(r->p), or_dash(r->sp), or_dash(r->np),
	    r->adkim_strict ? 's' : 'r', r->aspf_strict ? 's' : 'r',
	    r->testing ? 'y' : 'n', r->psd, r->pct));
}

static struct ms_slice
deviations(struct ms_arena *arena, const struct ms_dmarc_record *r)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < r->deviations_n; i++)
		ms_buf_printf(&buf, "%s%s@%zu", i > 0 ? " " : "",
		    ms_dmarc_fault_name(r->deviations[i].fault),
		    (size_t)(r->deviations[i].at.p - r->text.p));
	return ms_buf_get(&buf);
}

static void
records(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct record_case *c = &cases[i];
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_dmarc_record out;

		ms_dmarc_record_parse(
		    ms_slice_from(c->in), &limits, arena, &out);
		assert_true(out.is_record);
		assert_slice(deviations(arena, &out), c->deviations);
		assert_int_equal(out.usable, c->values != NULL);
		if (c->values)
			assert_slice(values(arena, &out), c->values);
		if (out.rfc7489_valid != c->rfc7489)
			fail_msg("%s: valid by RFC 7489?", c->in);
		ms_arena_free(arena);
	}
}

static void
versions(void **state)
{
	static const char *const good[] = { "v=DMARC1", "V=DMARC1;",
		"v\t= DMARC1 ;p=none", "\tv=DMARC1" };
	static const char *const near[] = { "v=dmarc1; p=none", "v=DMARC12",
		"v=DMARC1 p=none", "p=none; v=DMARC1", "DMARC1", "v=DMARC2",
		"\"v=DMARC1; p=none\"" };
	static const char *const far[] = { "", "v", "v=", "v=spf1 -all",
		"p=none", "vv=x" };
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dmarc_record out;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(ms_dmarc_is_record(ms_slice_from(good[i])));
		assert_false(ms_dmarc_is_near(ms_slice_from(good[i])));
	}
	for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++) {
		assert_false(ms_dmarc_is_record(ms_slice_from(near[i])));
		assert_true(ms_dmarc_is_near(ms_slice_from(near[i])));
		ms_dmarc_record_parse(
		    ms_slice_from(near[i]), &limits, arena, &out);
		assert_false(out.is_record || out.usable || out.rfc7489_usable);
	}
	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
		assert_false(ms_dmarc_is_record(ms_slice_from(far[i])));
		assert_false(ms_dmarc_is_near(ms_slice_from(far[i])));
	}
	ms_arena_free(arena);
}

static void
addresses(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dmarc_record out;

	(void)state;
	ms_dmarc_record_parse(
	    MS_SLICE("v=DMARC1; p=none; rua=mailto:a@b.example!5k ,\t"
		     "mailto:c@d.example; ruf=https://e.example/f; fo=1"),
	    &limits, arena, &out);
	assert_int_equal(out.rua_n, 2);
	assert_slice(out.rua[0], "mailto:a@b.example");
	assert_slice(out.rua[1], "mailto:c@d.example");
	assert_int_equal(out.ruf_n, 1);
	assert_slice(out.ruf[0], "https://e.example/f");
	assert_slice(out.fo, "1");
	ms_arena_free(arena);
}

/* np= is nothing to RFC 7489: a bad one makes no difference there. */
static void
two_standards(void **state)
{
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_dmarc_record out;

	(void)state;
	ms_dmarc_record_parse(
	    MS_SLICE("v=DMARC1; p=reject; sp=quarantine; np=x"), &limits, arena,
	    &out);
	assert_false(out.usable);
	assert_true(out.rfc7489_usable);
	assert_int_equal(out.rfc7489_p, MS_DMARC_REJECT);
	assert_int_equal(out.rfc7489_sp, MS_DMARC_QUARANTINE);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(versions),
		cmocka_unit_test(addresses),
		cmocka_unit_test(two_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
