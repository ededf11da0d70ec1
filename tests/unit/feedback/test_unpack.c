/* SPDX-License-Identifier: ISC
 * test_unpack.c - what reports come in: by content, one within another
 */
#include <zlib.h>

#include "mailsonde/feedback.h"

#include "test.h"

struct fixture {
	struct ms_arena *arena;
	struct ms_charsets *charsets;
	struct ms_limits limits;
};

static void
begin(struct fixture *f)
{
	f->arena = ms_arena_new(NULL);
	f->charsets = ms_charsets_new(f->arena);
	f->limits = ms_limits_fill(NULL);
}

static void
done(struct fixture *f)
{
	ms_charsets_close(f->charsets);
	ms_arena_free(f->arena);
}

static const struct ms_feedback_item *
unpack(struct fixture *f, struct ms_slice bytes)
{
	return ms_feedback_unpack(f->arena, f->charsets, &f->limits, bytes);
}

static struct ms_slice
pack(struct fixture *f, struct ms_slice text)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text.p,
		.avail_in = (unsigned)text.n };
	unsigned char *room = ms_arena_bytes(f->arena, text.n + 1000);

	z.next_out = room;
	z.avail_out = (unsigned)text.n + 1000;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return ms_slice_make(room, z.total_out);
}

static void
tells_by_the_first_octets(void **state)
{
	static const struct {
		const char *text;
		enum ms_feedback_kind kind;
		bool other;
	} cases[] = {
		{ "<?xml version='1.0'?><feedback/>", MS_FEEDBACK_XML, false },
		{ "\xef\xbb\xbf \n<feedback/>", MS_FEEDBACK_XML, false },
		{ " {\"policies\":[]}", MS_FEEDBACK_JSON, false },
		{ "\xef\xbb\xbf{}", MS_FEEDBACK_JSON, false },
		{ "", MS_FEEDBACK_NONE, false },
		{ "hello", MS_FEEDBACK_NONE, true },
		{ "From: a@example.org\n\nhello", MS_FEEDBACK_NONE, true },
		{ "\x1f\x8bno", MS_FEEDBACK_NONE, false },
		{ "PK\3\4no", MS_FEEDBACK_NONE, false },
		{ "Content-Type: multipart/report; boundary=b\n\n--b\n\nx\n"
		  "--b--\n",
		    MS_FEEDBACK_MAIL, false },
	};
	struct fixture f;

	(void)state;
	begin(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct ms_feedback_item *item =
		    unpack(&f, ms_slice_from(cases[i].text));

		assert_int_equal(item->kind, cases[i].kind);
		assert_int_equal(item->other, cases[i].other);
		assert_null(item->next);
	}
	done(&f);
}

static void
goes_into_mail(void **state)
{
	struct fixture f;
	const struct ms_feedback_item *item;

	(void)state;
	begin(&f);
	/* Text that a person reads is none, though it begins so. */
	item = unpack(
	    &f, MS_SLICE("Content-Type: multipart/mixed; boundary=b\n\n"
			 "--b\nContent-Type: text/plain\n\n{braces}\n"
			 "--b\nContent-Type: text/html\n\n<html></html>\n"
			 "--b\nContent-Type: application/octet-stream;"
			 " name=a.xml\nContent-Transfer-Encoding: base64\n\n"
			 "PGZlZWRiYWNrLz4=\n"
			 "--b\nContent-Type: application/tlsrpt+json\n\n{}\n"
			 "--b--\n"));
	assert_int_equal(item->kind, MS_FEEDBACK_XML);
	assert_slice(item->text, "<feedback/>");
	assert_slice(item->member, "a.xml");
	assert_string_equal(item->format, "mail");
	assert_int_equal(item->next->kind, MS_FEEDBACK_JSON);
	assert_slice(item->next->member, "part 4");
	assert_null(item->next->next);
	done(&f);
}

static void
goes_into_gzip(void **state)
{
	struct fixture f;
	struct ms_slice bytes;
	const struct ms_feedback_item *item;

	(void)state;
	begin(&f);
	bytes = pack(&f, pack(&f, MS_SLICE("<feedback/>")));
	item = unpack(&f, bytes);
	assert_int_equal(item->kind, MS_FEEDBACK_XML);
	assert_string_equal(item->format, "gzip, gzip");
	f.limits.report_depth = 1;
	item = unpack(&f, bytes);
	assert_int_equal(item->kind, MS_FEEDBACK_NONE);
	assert_false(item->other);
	f.limits.report_depth = 5;
	f.limits.report_size = 30;
	item = unpack(&f, bytes); /* of both together there is more */
	assert_int_equal(item->kind, MS_FEEDBACK_NONE);
	f.limits.report_size = 10;
	item = unpack(&f, MS_SLICE("<feedback/>"));
	assert_int_equal(item->kind, MS_FEEDBACK_NONE);
	done(&f);
}

static void
passes_by_what_a_complaint_is_about(void **state)
{
	struct fixture f;
	const struct ms_feedback_item *item;

	(void)state;
	begin(&f);
	item =
	    unpack(&f, MS_SLICE("Content-Type: multipart/report; boundary=b\n\n"
				"--b\nContent-Type: message/feedback-report\n\n"
				"Feedback-Type: abuse\n\n"
				"--b\nContent-Type: message/rfc822\n\n"
				"Content-Type: application/zip\n\nPK\3\4\n"
				"--b--\n"));
	assert_int_equal(item->kind, MS_FEEDBACK_MAIL);
	assert_null(item->next);
	done(&f);
}

static void
bounds_the_parts(void **state)
{
	struct fixture f;
	const struct ms_feedback_item *item;
	struct ms_buf mail;
	size_t n = 0;

	(void)state;
	begin(&f);
	f.limits.report_members = 5;
	ms_buf_init(&mail, f.arena);
	ms_buf_text(&mail, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (unsigned i = 0; i < 50; i++)
		ms_buf_text(
		    &mail, "--b\nContent-Type: application/json\n\n{}\n");
	for (item = unpack(&f, ms_buf_get(&mail)); item; item = item->next)
		n += item->kind == MS_FEEDBACK_JSON;
	assert_int_equal(n, 5);
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_by_the_first_octets),
		cmocka_unit_test(goes_into_mail),
		cmocka_unit_test(goes_into_gzip),
		cmocka_unit_test(passes_by_what_a_complaint_is_about),
		cmocka_unit_test(bounds_the_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
