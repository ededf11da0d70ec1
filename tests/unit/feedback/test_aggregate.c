/* SPDX-License-Identifier: ISC
 * test_aggregate.c - aggregate reports: schemas, words, alignment, damage
 */
#include "mailsonde/feedback.h"

#include "test.h"

/* The organizational domain is the last two labels; of "unknown" nothing is
 * known. */
static void
ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *arena,
    struct ms_psl_answer *out)
{
	size_t dots = 0, at = domain.n;

	(void)self;
	(void)arena;
	memset(out, 0, sizeof(*out));
	while (at > 0 && dots < 2)
		dots += domain.p[--at] == '.';
	out->known = !ms_slice_ends(domain, "unknown");
	out->name = domain;
	out->registrable =
	    dots < 2 ? domain : ms_slice_part(domain, at + 1, domain.n);
}

static struct ms_psl psl = { .ask = ask };

struct fixture {
	struct ms_arena *arena;
	struct ms_limits limits;
	struct ms_aggregate a;
	struct ms_diag diag;
};

static enum ms_status
read_text(struct fixture *f, const char *text)
{
	f->arena = ms_arena_new(NULL);
	f->limits = ms_limits_fill(&f->limits);
	return ms_aggregate_read(
	    f->arena, ms_slice_from(text), &f->limits, &psl, &f->a, &f->diag);
}

static void
done(struct fixture *f)
{
	ms_arena_free(f->arena);
	memset(&f->limits, 0, sizeof(f->limits));
}

#define META                                                                   \
	"<report_metadata><org_name> Org </org_name><report_id>1</report_id>"  \
	"<date_range><begin>1</begin><end>2</end></date_range>"                \
	"</report_metadata>"
#define RECORD(ip, count, words, auth)                                         \
	"<record><row><source_ip>" ip "</source_ip><count>" count "</count>"   \
	"<policy_evaluated>" words "</policy_evaluated></row><identifiers>"    \
	"<header_from>Example.org</header_from></identifiers>"                 \
	"<auth_results>" auth "</auth_results></record>"

static void
tells_the_schema(void **state)
{
	static const struct {
		const char *text;
		enum ms_aggregate_schema schema;
	} cases[] = {
		{ "<feedback>" META "</feedback>", MS_AGGREGATE_DRAFT },
		{ "<feedback><version>0.1</version>" META "</feedback>",
		    MS_AGGREGATE_DRAFT },
		{ "<feedback><version>1.0</version>" META "</feedback>",
		    MS_AGGREGATE_RFC7489 },
		{ "<n:feedback xmlns:n='http://dmarc.org/dmarc-xml/0.1'>"
		  "<version>1.0</version>" META "</n:feedback>",
		    MS_AGGREGATE_RFC7489 },
		{ "<feedback xmlns='urn:ietf:params:xml:ns:dmarc-2.0'>"
		  "<version>1.0</version>" META "</feedback>",
		    MS_AGGREGATE_RFC9990 },
		{ "<feedback><version>2.0</version>" META "</feedback>",
		    MS_AGGREGATE_RFC9990 },
		{ "<feedback><version>1.0</version>" META
		  "<policy_published><testing>n</testing></policy_published>"
		  "</feedback>",
		    MS_AGGREGATE_RFC9990 },
		{ "<feedback><version>1.0</version>" META
		  "<policy_published><np>none</np><pct>100</pct>"
		  "</policy_published></feedback>",
		    MS_AGGREGATE_RFC7489 },
	};
	struct fixture f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_text(&f, cases[i].text), MS_OK);
		assert_int_equal(f.a.schema, cases[i].schema);
		done(&f);
	}
}

static void
normalises_words(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(
	    read_text(&f,
		"<feedback>" META "<policy_published><domain>EXAMPLE.org"
		"</domain><p> Reject </p><sp></sp></policy_published>" RECORD(
		    " 192.0.2.1\n", " 3 ",
		    "<disposition>None</disposition><dkim>PASS</dkim>"
		    "<spf>Fail</spf><reason><type></type></reason>"
		    "<reason><type>Forwarded</type></reason>",
		    "<dkim><domain>Example.ORG</domain><result>Pass</result>"
		    "</dkim><dkim/><spf><result>none</result></spf>") "</"
								      "feedback"
								      ">"),
	    MS_OK);
	assert_slice(f.a.org_name, "Org");
	assert_slice(f.a.domain, "example.org");
	assert_slice(f.a.p, "reject");
	assert_null(f.a.sp.p);
	assert_int_equal(f.a.rows_n, 1);
	assert_true(f.a.rows[0].source.set);
	assert_int_equal(f.a.rows[0].count, 3);
	assert_int_equal(f.a.messages, 3);
	assert_slice(f.a.rows[0].dkim, "pass");
	assert_slice(f.a.rows[0].header_from, "example.org");
	assert_int_equal(f.a.rows[0].reasons_n, 1);
	assert_slice(f.a.rows[0].reasons[0].type, "forwarded");
	assert_int_equal(f.a.rows[0].auth_n, 2);
	assert_true(f.a.rows[0].pass);
	assert_int_equal(f.a.oddities.n, 0);
	done(&f);
}

static void
recomputes_alignment(void **state)
{
	static const struct {
		const char *adkim, *auth;
		enum ms_aligned dkim, spf;
	} cases[] = {
		{ "r",
		    "<dkim><domain>example.org</domain><result>pass</result>"
		    "</dkim>",
		    MS_ALIGNED_YES, MS_ALIGNED_NO },
		{ "r",
		    "<dkim><domain>a.b.example.org.</domain><result>pass"
		    "</result></dkim>",
		    MS_ALIGNED_YES, MS_ALIGNED_NO },
		{ "s",
		    "<dkim><domain>a.example.org</domain><result>pass"
		    "</result></dkim>",
		    MS_ALIGNED_NO, MS_ALIGNED_NO },
		{ "r",
		    "<dkim><domain>example.org</domain><result>fail</result>"
		    "</dkim>",
		    MS_ALIGNED_NO, MS_ALIGNED_NO },
		{ "r",
		    "<dkim><domain>mail.unknown</domain><result>pass</result>"
		    "</dkim>",
		    MS_ALIGNED_UNKNOWN, MS_ALIGNED_NO },
		{ "r",
		    "<dkim><domain>mail.unknown</domain><result>pass</result>"
		    "</dkim><dkim><domain>example.org</domain><result>pass"
		    "</result></dkim>",
		    MS_ALIGNED_YES, MS_ALIGNED_NO },
		{ "s",
		    "<spf><domain>bounce.example.org</domain><result>pass"
		    "</result></spf>",
		    MS_ALIGNED_NO, MS_ALIGNED_YES },
		{ "r",
		    "<spf><domain>example.org</domain><scope>helo</scope>"
		    "<result>pass</result></spf>",
		    MS_ALIGNED_NO, MS_ALIGNED_UNKNOWN },
		{ "r",
		    "<spf><domain>example.net</domain><result>pass</result>"
		    "</spf>",
		    MS_ALIGNED_NO, MS_ALIGNED_NO },
	};
	struct fixture f = { 0 };
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(
		    read_text(
			&f, ms_arena_printf(arena,
				"<feedback>" META "<policy_published><adkim>%s"
				"</adkim></policy_published>" RECORD(
				    "192.0.2.1", "1", "", "%s") "</feedback>",
				cases[i].adkim, cases[i].auth)),
		    MS_OK);
		assert_int_equal(f.a.rows[0].dkim_aligned, cases[i].dkim);
		assert_int_equal(f.a.rows[0].spf_aligned, cases[i].spf);
		/* Nothing was evaluated there: the results decide. */
		assert_int_equal(
		    f.a.rows[0].pass, cases[i].dkim == MS_ALIGNED_YES ||
					  cases[i].spf == MS_ALIGNED_YES);
		done(&f);
	}
	ms_arena_free(arena);
}

static void
reads_what_is_there(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	/* In another order, several rows in one record, odd times. */
	assert_int_equal(
	    read_text(&f,
		"<feedback><record><row><source_ip>::ffff:192.0.2.1"
		"</source_ip><count>1</count></row><row><source_ip>2001:db8::1"
		"</source_ip><count>x</count></row><identities><header_from>"
		"a.example</header_from></identities></record>"
		"<report_metadata><date_range><begin>1337270400.0</begin><end>"
		"2012-05-18T00:00:00Z</end></date_range><error>a</error><error>"
		"b</error></report_metadata></feedback>"),
	    MS_OK);
	assert_int_equal(f.a.rows_n, 2);
	assert_true(f.a.rows[0].source.v4);
	assert_slice(f.a.rows[1].header_from, "a.example");
	assert_int_equal(f.a.begin, 1337270400);
	assert_int_equal(f.a.end, 1337299200);
	assert_int_equal(f.a.errors_n, 2);
	assert_true(f.a.oddities.n > 0);
	done(&f);
}

static void
rescues_what_stands_before_a_fault(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(read_text(&f, "<feedback>" META RECORD("192.0.2.1",
					   "1", "", "") RECORD("192.0.2.2", "1",
					   "<b>", "") "</feedback>"),
	    MS_OK);
	assert_non_null(f.a.fault);
	assert_int_equal(f.a.rows_n, 1);
	done(&f);
	f.limits.report_rows = 1;
	assert_int_equal(
	    read_text(&f, "<feedback>" META RECORD("192.0.2.1", "1", "", "")
			      RECORD("192.0.2.2", "1", "", "") "</feedback>"),
	    MS_OK);
	assert_null(f.a.fault);
	assert_true(f.a.truncated);
	assert_int_equal(f.a.rows_n, 1);
	done(&f);
}

static void
reads_past_stray_octets(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	assert_int_equal(
	    read_text(&f, "<?xml version='1.0' encoding='UTF-8'?><feedback>"
			  "<report_metadata><org_name>Bl\xe5</org_name>"
			  "</report_metadata>" RECORD(
			      "192.0.2.1", "1", "", "") "</feedback>"),
	    MS_OK);
	assert_slice(f.a.org_name, "Bl\xef\xbf\xbd");
	assert_int_equal(f.a.rows_n, 1);
	assert_non_null(f.a.fault);
	done(&f);
	/* Both: stray octets and no end. */
	assert_int_equal(
	    read_text(&f,
		"<feedback><report_metadata><org_name>\xe5</org_name>"
		"</report_metadata>" RECORD("192.0.2.1", "1", "", "")),
	    MS_OK);
	assert_int_equal(f.a.rows_n, 1);
	assert_non_null(f.a.fault);
	done(&f);
}

static void
refuses_what_is_none(void **state)
{
	static const char *const texts[] = { "", "x", "<rss/>", "<feedback/>",
		"<feedback", "<!DOCTYPE feedback><feedback>" META "</feedback>",
		"<feedback><other>1</other></feedback>" };
	struct fixture f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		f.diag.text[0] = '\0';
		assert_int_equal(read_text(&f, texts[i]), MS_FORMAT);
		assert_true(f.diag.text[0] != '\0');
		done(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_schema),
		cmocka_unit_test(normalises_words),
		cmocka_unit_test(recomputes_alignment),
		cmocka_unit_test(reads_what_is_there),
		cmocka_unit_test(rescues_what_stands_before_a_fault),
		cmocka_unit_test(reads_past_stray_octets),
		cmocka_unit_test(refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
