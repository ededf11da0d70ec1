/* SPDX-License-Identifier: ISC
 * test_embedded.c - uuencode and yEnc within text
 */
#include "mailsonde/message.h"

#include "test.h"

#define UU "begin 644 a.txt\n#86)C\n`\nend\n" /* abc */
/* abc, whose CRC-32 is 352441c2 */
#define YENC                                                                   \
	"=ybegin line=128 size=3 name=b.bin\n\x8b\x8c\x8d\n"                   \
	"=yend size=3 crc32=352441c2\n"

/* Each as "name:size:complete|"; then defects. */
static const struct {
	const char *type, *body, *want, *defects;
} rows[] = {
	{ "text/plain", "x\n" UU "y\n", "a.txt:3:1|", "" },
	{ "text/plain", UU UU, "a.txt:3:1|a.txt:3:1|", "" },
	{ "text/plain", "begin 644 a b.txt\r\n#86)C\r\n`\r\nend\r\n",
	    "a b.txt:3:1|", "" },
	{ "text/plain", "begin 755 a\nend\n", "a:0:1|", "" },
	{ "text/plain", "begin 644 a.txt\n#86)C\nand then the text goes on\n",
	    "a.txt:3:0|", "uuencode," },
	{ "text/plain", "begin 644 a.txt\n#86)C", "a.txt:3:0|", "uuencode," },
	/* A sentence is none. */
	{ "text/plain", "begin 644 and so on\nwith this text\n", "", "" },
	{ "text/plain", "begin now\n#86)C\nend\n", "", "" },
	{ "text/plain", "> begin 644 a\n#86)C\nend\n", "", "" },
	{ "image/png", UU, "", "" },
	{ "text/plain", YENC, "b.bin:3:1|", "" },
	{ "text/plain", UU YENC, "a.txt:3:1|b.bin:3:1|", "" },
	{ "text/plain",
	    "=ybegin line=128 size=3 name=b\n\x8b\x8c\x8d\n"
	    "=yend size=3 crc32=00000000\n",
	    "b:3:0|", "yenc," },
	{ "text/plain",
	    "=ybegin line=128 size=4 name=b\n\x8b\x8c\x8d\n=yend size=4\n",
	    "b:3:0|", "yenc," },
	{ "text/plain", "=ybegin line=128 size=3 name=b\n\x8b\x8c\x8d\n",
	    "b:3:0|", "yenc," },
	{ "text/plain",
	    "=ybegin part=1 line=128 size=9 name=b\n=ypart begin=1 end=3\n"
	    "\x8b\x8c\x8d\n=yend size=3 pcrc32=352441C2\n",
	    "b:3:1|", "" },
	{ "text/plain", "=ybegin\nx\n=yend\n", "", "" },
};

static void
parse(struct test_parse *t, const char *text, struct ms_message *out)
{
	const struct ms_message_options options = { .digests = MS_DIGEST_SHA256,
		.mime = true };

	ms_message_parse(t->arena, t->parse.charsets, &t->limits,
	    ms_slice_from(text), &options, out);
}

static void
finds_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_message message;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		ms_buf_init(&got, t.arena);
		parse(&t,
		    ms_arena_printf(t.arena,
			"MIME-Version: 1.0\nContent-Type: %s\n\n%s",
			rows[i].type, rows[i].body),
		    &message);
		for (struct ms_embedded *e = message.mime.root->embedded; e;
		     e = e->next) {
			ms_buf_slice(&got, e->name);
			ms_buf_printf(&got, ":%zu:%d|", e->size, e->complete);
		}
		assert_slice(ms_buf_get(&got), rows[i].want);
		got.n = 0;
		for (struct ms_defect *d = message.defects.first; d;
		     d = d->next)
			ms_buf_printf(&got, "%s,", ms_defect_info(d->kind)->id);
		assert_slice(ms_buf_get(&got), rows[i].defects);
		test_parse_done(&t);
	}
}

static void
hashes_what_is_decoded(void **state)
{
	struct ms_digests want;
	struct ms_message message;
	struct test_parse t;

	(void)state;
	ms_digest_bytes(MS_DIGEST_SHA256, MS_SLICE("abc"), &want);
	test_parse_init(&t);
	parse(&t, "A: b\n\n" UU YENC, &message);
	for (struct ms_embedded *e = message.mime.root->embedded; e;
	     e = e->next)
		assert_memory_equal(e->digests.sha256, want.sha256, 32);
	/* Where the text itself is encoded, in what comes out of it. */
	parse(&t,
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "begin 644 a.txt\n#8=\n6)C\n`\nend\n",
	    &message);
	assert_non_null(message.mime.root->embedded);
	assert_memory_equal(
	    message.mime.root->embedded->digests.sha256, want.sha256, 32);
	test_parse_done(&t);
}

static void
stops_at_the_limit(void **state)
{
	struct ms_message message;
	struct test_parse t;

	(void)state;
	test_parse_init(&t);
	t.limits.embedded = 1;
	parse(&t, "A: b\n\n" UU UU, &message);
	assert_null(message.mime.root->embedded->next);
	assert_string_equal(message.defects.first->detail, "embedded");
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_files),
		cmocka_unit_test(hashes_what_is_decoded),
		cmocka_unit_test(stops_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
