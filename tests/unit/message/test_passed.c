/* SPDX-License-Identifier: ISC
 * test_passed.c - memory given back behind the parsing changes nothing
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "mailsonde/mailbox.h"
#include "mailsonde/message.h"
#include "test.h"

#define FILE_SIZE ((size_t)5 * 1024 * 1024)
#define RUN       ((size_t)1024 * 1024)

static const unsigned char *base;
static size_t runs, given_back;

static void
give_back(struct ms_slice bytes)
{
	assert_true(bytes.p >= base && bytes.p + bytes.n <= base + FILE_SIZE);
	runs++;
	given_back += bytes.n;
	ms_mailbox_passed(bytes);
}

/* Lines of 64, some of which are delimiters: one stands across the first
 * run's end, one leaf is longer than a run. */
static void
fill(unsigned char *p)
{
	static const char head[] = "From: a@example.org\n"
				   "Content-Type: multipart/mixed; "
				   "boundary=cut\n\n";
	static const char binary[] = "\n--cut\nContent-Transfer-Encoding: "
				     "8bit\n\n";
	static const char encoded[] = "\n--cut\nContent-Transfer-Encoding: "
				      "base64\n\n";
	static const char close[] = "\n--cut--\n";

	for (size_t i = 0; i < FILE_SIZE; i++)
		p[i] = i % 64 == 63 ? '\n'
				    : (unsigned char)('A' + (i / 64 + i) % 26);
	memcpy(p, head, sizeof(head) - 1);
	memcpy(p + 200, binary, sizeof(binary) - 1);
	memcpy(p + sizeof(head) - 1 + RUN - 3, encoded, sizeof(encoded) - 1);
	memcpy(p + 3 * RUN, binary, sizeof(binary) - 1);
	memcpy(p + FILE_SIZE - sizeof(close), close, sizeof(close) - 1);
}

static void
parse(struct test_parse *test, struct ms_slice raw,
    void (*passed)(struct ms_slice), struct ms_message *out)
{
	struct ms_message_options options = {
		.digests = MS_DIGEST_SHA256, .mime = true, .passed = passed
	};

	test_parse_init(test);
	ms_message_parse(test->arena, test->parse.charsets, &test->limits, raw,
	    &options, out);
}

static void
same_parts(const struct ms_message *a, const struct ms_message *b)
{
	const struct ms_part *x = a->mime.root, *y = b->mime.root;

	assert_int_equal(a->mime.parts, 4);
	assert_int_equal(b->mime.parts, 4);
	for (; x && y; x = ms_part_next(x), y = ms_part_next(y)) {
		assert_int_equal(x->body.p - a->raw.p, y->body.p - b->raw.p);
		assert_int_equal(x->body.n, y->body.n);
		assert_int_equal(x->size, y->size);
		assert_memory_equal(x->digests.sha256, y->digests.sha256, 32);
	}
	assert_ptr_equal(x, y);
}

static void
test_given_back(void **state)
{
	unsigned char *bytes = malloc(FILE_SIZE);
	FILE *file = tmpfile();
	struct test_parse kept, mapped;
	struct ms_message a, b;
	unsigned char *map;

	(void)state;
	assert_non_null(bytes);
	assert_non_null(file);
	fill(bytes);
	assert_int_equal(fwrite(bytes, 1, FILE_SIZE, file), FILE_SIZE);
	assert_int_equal(fflush(file), 0);
	map = mmap(NULL, FILE_SIZE, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	base = map;

	parse(&kept, ms_slice_make(bytes, FILE_SIZE), NULL, &a);
	parse(&mapped, ms_slice_make(map, FILE_SIZE), give_back, &b);
	same_parts(&a, &b);
	/* Looked for, then decoded. */
	assert_true(runs >= 4 && given_back >= 4 * RUN);

	test_parse_done(&kept);
	test_parse_done(&mapped);
	munmap(map, FILE_SIZE);
	fclose(file);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
