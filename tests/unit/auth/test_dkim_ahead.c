/* SPDX-License-Identifier: ISC
 * test_dkim_ahead.c - which body is made canonical before a message is read
 */
#include "mailsonde/dkim.h"

#include <stdlib.h>

#include "test.h"

struct ahead_case {
	const char *raw, *want; /* NULL: nothing is made ahead */
	enum ms_dkim_canon canon;
};

#define SIGNED "DKIM-Signature: v=1; a=rsa-sha256; "

static const struct ahead_case cases[] = {
	{ SIGNED "c=relaxed/relaxed; d=a.example\n\na  b \nc\n\n",
	    "a b\r\nc\r\n", MS_DKIM_RELAXED },
	{ SIGNED "c=relaxed/relaxed\r\n\r\na  b \r\n", "a b\r\n",
	    MS_DKIM_RELAXED },
	{ "From: a\n" SIGNED "c=relaxed/simple\n\na  b \n", "a  b \r\n",
	    MS_DKIM_SIMPLE },
	{ "from: a\ndkim-signature: a=ed25519-sha256\n\nx", "x\r\n",
	    MS_DKIM_SIMPLE },
	{ SIGNED "\n\tc=relaxed/\n relaxed\n\na  b\n", "a  b\r\n",
	    MS_DKIM_SIMPLE },
	{ SIGNED "\n\tc=simple/relaxed\nTo: b\n\na  b\n", "a b\r\n",
	    MS_DKIM_RELAXED },
	/* the second signature is not asked */
	{ SIGNED "c=simple\n" SIGNED "c=relaxed/relaxed\n\na  b\n", "a  b\r\n",
	    MS_DKIM_SIMPLE },
	/* an empty line with CR, in between others */
	{ SIGNED "c=simple\n\r\na\n\nb\n", "a\r\n\r\nb\r\n", MS_DKIM_SIMPLE },
	/* part of it only, another digest, no signature, no body */
	{ SIGNED "l=10; c=simple\n\na\n", NULL, MS_DKIM_SIMPLE },
	{ "DKIM-Signature: a=rsa-sha1\n\na\n", NULL, MS_DKIM_SIMPLE },
	{ "From: a\n\nDKIM-Signature: a=rsa-sha256\n", NULL, MS_DKIM_SIMPLE },
	{ SIGNED "c=simple\n\n", NULL, MS_DKIM_SIMPLE },
	{ SIGNED "c=simple\n", NULL, MS_DKIM_SIMPLE },
	{ "", NULL, MS_DKIM_SIMPLE },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ahead_case *c = &cases[i];
		struct ms_slice raw = ms_slice_from(c->raw);
		struct ms_dkim_ahead out;
		unsigned char room[128];
		size_t n = ms_dkim_ahead(raw, room, sizeof(room), &out);

		if (!c->want) {
			assert_int_equal(n, 0);
			assert_int_equal(out.canonical.n, 0);
			continue;
		}
		assert_slice(out.canonical, c->want);
		assert_int_equal(n, out.canonical.n);
		assert_int_equal(out.hash.total, n);
		assert_int_equal(out.hash.canon, c->canon);
		assert_ptr_equal(out.body.p + out.body.n, raw.p + raw.n);
	}
}

/* A body that does not fit is left for later, whole. */
static void
test_room(void **state)
{
	char raw[256] = SIGNED "c=simple\n\n";
	size_t head = strlen(raw);

	(void)state;
	memset(raw + head, 'x', 100);
	for (size_t room_n = 0; room_n < 120; room_n++) {
		unsigned char *room = malloc(room_n + 1);
		struct ms_dkim_ahead out;
		size_t n = ms_dkim_ahead(
		    ms_slice_make(raw, head + 100), room, room_n, &out);

		assert_int_equal(n, room_n < 102 ? 0 : 102);
		assert_int_equal(out.canonical.n, n);
		free(room);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
