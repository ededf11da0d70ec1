/* SPDX-License-Identifier: ISC
 * test_outlook.c - Outlook files, whole and damaged
 *
 * The files are those of tests/support/make_msg.py.
 */
#include "mailsonde/mailbox.h"
#include "mailsonde/message.h"

#include "message/outlook_priv.h"
#include "test.h"

#define CORPUS "tests/fuzz/corpus/outlook/"

struct place {
	struct test_parse test;
	struct ms_outlook outlook;
	const char *why;
};

static bool
read_bytes(struct place *place, struct ms_slice file)
{
	return ms_outlook_read(place->test.arena, place->test.parse.charsets,
	    &place->test.limits, file, &place->outlook, &place->why);
}

static struct ms_slice
bytes_of(struct place *place, const char *name)
{
	return test_file(place->test.arena,
	    ms_arena_printf(place->test.arena, CORPUS "%s", name));
}

static void
parse(struct place *place, struct ms_message *out)
{
	struct ms_message_options options = { .mime = true,
		.digests = MS_DIGEST_SHA256,
		.outlook = &place->outlook };

	ms_message_parse(place->test.arena, place->test.parse.charsets,
	    &place->test.limits, place->outlook.raw, &options, out);
}

static void
open_file(struct place *place, const char *name, struct ms_message *out)
{
	test_parse_init(&place->test);
	assert_true(read_bytes(place, bytes_of(place, name)));
	parse(place, out);
}

static void
keeps_the_internet_header(void **state)
{
	struct ms_message message;
	struct place place;
	unsigned made = 0;

	(void)state;
	open_file(&place, "received", &message);
	assert_true(place.outlook.messages[0].header);
	assert_false(place.outlook.messages[0].unsent);
	assert_slice(place.outlook.messages[0].class, "IPM.Note");
	assert_int_equal(message.header.count[MS_FIELD_RECEIVED], 2);
	assert_slice(message.subject, "Your order");
	assert_int_equal(message.header.count[MS_FIELD_SUBJECT], 1);
	/* The new structure stands in front of the old. */
	assert_int_equal(message.header.count[MS_FIELD_CONTENT_TYPE], 2);
	assert_int_equal(message.defects.n, 0);
	for (size_t i = 0; i < message.header.n; i++)
		made += ms_outlook_made(
		    &place.outlook, message.header.fields[i].offset);
	assert_int_equal(made, 2);
	assert_int_equal(message.mime.parts, 6);
	test_parse_done(&place.test);
}

static void
makes_fields_of_properties(void **state)
{
	struct ms_message message;
	struct place place;

	(void)state;
	open_file(&place, "exchange", &message);
	assert_false(place.outlook.messages[0].header);
	assert_slice(message.from.list[0].address, "anna@corp.example");
	assert_slice(
	    message.from.list[0].name, "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0");
	assert_slice(message.to.list[0].address, "boris@corp.example");
	assert_slice(message.bcc.list[0].address, "hidden@corp.example");
	assert_int_equal(message.sender.list[0].domain.n, 0);
	assert_int_equal(message.date.time, 1768208400);
	assert_slice(message.message_id, "2@corp.example");
	assert_slice(ms_part_decode(place.test.arena, message.mime.root),
	    "<p>\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"
	    "<a href=\"https://corp.example/x\">\xe2\x80\x94 x{1}&lsquo;</a>"
	    "</p>");
	test_parse_done(&place.test);
}

/* What comes from a property begins no field and no line of its own. */
static void
lets_no_property_break_out(void **state)
{
	struct ms_message message;
	struct place place;

	(void)state;
	open_file(&place, "draft", &message);
	assert_true(place.outlook.messages[0].unsent);
	assert_slice(message.subject, "RE: half written");
	assert_int_equal(message.from.n, 0);
	test_parse_done(&place.test);
}

static const struct ms_part *
nth(const struct ms_message *message, unsigned n)
{
	const struct ms_part *part = message->mime.root;

	while (part && n-- > 0)
		part = ms_part_next(part);
	return part;
}

static void
takes_out_what_is_attached(void **state)
{
	const struct ms_outlook *own;
	struct ms_message message;
	struct ms_slice raw;
	struct place place;

	(void)state;
	open_file(&place, "embedded", &message);
	assert_int_equal(place.outlook.n, 2);
	assert_true(ms_message_attached(place.test.arena, &message, &raw));
	own = ms_outlook_attached(place.test.arena, &place.outlook, raw);
	assert_non_null(own);
	assert_int_equal(own->n, 1);
	assert_int_equal(own->messages[0].at, 0);
	assert_true(own->messages[0].header);
	assert_true(ms_outlook_made(own, 0));
	assert_false(ms_outlook_made(own, own->messages[0].made));
	/* A file of a message is as it was. */
	assert_slice(nth(&message, 6)->filename, "file.eml");
	assert_null(ms_outlook_attached(
	    place.test.arena, &place.outlook, nth(&message, 6)->body));
	test_parse_done(&place.test);
}

static void
nests_no_deeper_than_the_limit(void **state)
{
	struct place place;

	(void)state;
	test_parse_init(&place.test);
	place.test.limits.mime_depth = 0;
	assert_true(read_bytes(&place, bytes_of(&place, "embedded")));
	assert_int_equal(place.outlook.n, 1);
	assert_string_equal(place.outlook.defects.first->detail, "mime_depth");
	test_parse_done(&place.test);
}

static void
makes_no_more_than_the_limit(void **state)
{
	struct place place;

	(void)state;
	test_parse_init(&place.test);
	place.test.limits.message_size = 3000;
	assert_true(read_bytes(&place, bytes_of(&place, "received")));
	assert_in_range(place.outlook.raw.n, 1000, 4000);
	assert_string_equal(
	    place.outlook.defects.first->detail, "message_size");
	test_parse_done(&place.test);
}

/* ---- damage ---- */

/* A change to the file, and what is said of it. */
static void
says_what_is_damaged(void **state)
{
	static const struct {
		size_t at; /* in the file */
		const char *bytes;
		size_t n;
		const char *detail; /* NULL: it is not read */
	} rows[] = {
		/* the header: size of a sector, places of the FAT and of the
		 * directory, how many sectors the FAT has */
		{ 30, "\x08", 1, NULL },
		{ 76, "\xf0\xff\xff\x00", 4, NULL },
		{ 48, "\xf0\xff\xff\x00", 4, NULL },
		{ 44, "\xff\xff\xff\xff", 4,
		    "the table of sectors is damaged" },
		{ 60, "\xf0\xff\xff\x00", 4,
		    "the table of the mini stream is broken" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_buf file;
		struct place place;
		bool good;

		test_parse_init(&place.test);
		ms_buf_init(&file, place.test.arena);
		ms_buf_slice(&file, bytes_of(&place, "received"));
		memcpy(file.p + rows[i].at, rows[i].bytes, rows[i].n);
		good = read_bytes(&place, ms_buf_get(&file));
		assert_int_equal(good, rows[i].detail != NULL);
		if (good)
			assert_string_equal(place.outlook.defects.first->detail,
			    rows[i].detail);
		else
			assert_non_null(place.why);
		test_parse_done(&place.test);
	}
}

/* Cut anywhere it is read, or refused; nothing hangs. */
static void
survives_any_cut(void **state)
{
	struct ms_message message;
	struct ms_slice file;
	struct place place;

	(void)state;
	test_parse_init(&place.test);
	file = bytes_of(&place, "embedded");
	for (size_t n = 0; n < file.n; n += 97) {
		if (!read_bytes(&place, ms_slice_part(file, 0, n)))
			continue;
		assert_true(place.outlook.defects.n > 0);
		parse(&place, &message);
	}
	assert_true(read_bytes(&place, file));
	assert_int_equal(place.outlook.defects.n, 0);
	test_parse_done(&place.test);
}

/* An entry is its own sibling, and a storage its own child. */
static void
survives_circles_in_the_directory(void **state)
{
	struct ms_slice file;
	struct place place;
	struct ms_buf copy;
	size_t start;

	(void)state;
	test_parse_init(&place.test);
	file = bytes_of(&place, "embedded");
	start = 512 + 512 * (size_t)outlook_u32(file.p + 48);
	for (size_t at = start; at + 128 <= file.n; at += 128)
		for (size_t link = 68; link < 80; link += 4) {
			ms_buf_init(&copy, place.test.arena);
			ms_buf_slice(&copy, file);
			copy.p[at + link] = (unsigned char)((at - start) / 128);
			memset(copy.p + at + link + 1, 0, 3);
			(void)read_bytes(&place, ms_buf_get(&copy));
		}
	test_parse_done(&place.test);
}

/* ---- winmail.dat ---- */

static void
opens_winmail(void **state)
{
	const struct ms_message_options options = { .mime = true };
	const struct ms_outlook *own;
	struct ms_message message;
	struct ms_slice raw;
	struct place place;
	size_t n = 0;

	(void)state;
	test_parse_init(&place.test);
	raw = test_file(place.test.arena, "tests/cli/parse/winmail/mail.eml");
	ms_message_parse(place.test.arena, place.test.parse.charsets,
	    &place.test.limits, raw, &options, &message);
	assert_int_equal(message.mime.parts, 9);
	for (const struct ms_part *part = message.mime.root; part;
	     part = ms_part_next(part))
		assert_int_equal(part->index, n++);
	assert_int_equal(n, 9);
	assert_int_equal(nth(&message, 2)->kind, MS_PART_LEAF);
	assert_non_null(nth(&message, 2)->outlook);
	assert_slice(nth(&message, 5)->filename, "Pl\xc3\xa4ne.txt");
	assert_int_equal(nth(&message, 5)->depth, 3);
	assert_ptr_equal(ms_part_outer(nth(&message, 5)), nth(&message, 2));
	assert_ptr_equal(ms_part_outer(nth(&message, 1)), nth(&message, 1));
	assert_true(ms_message_attached(place.test.arena, &message, &raw));
	own = ms_message_made_of(place.test.arena, &message, raw);
	assert_non_null(own);
	assert_false(own->messages[0].header);
	test_parse_done(&place.test);
}

/* Cut anywhere, or with any octet changed. */
static void
survives_any_damage_to_winmail(void **state)
{
	struct ms_message message;
	struct place place;
	struct ms_buf copy;
	struct ms_slice file;

	(void)state;
	test_parse_init(&place.test);
	file = bytes_of(&place, "winmail");
	for (size_t n = 7; n < file.n; n++) {
		assert_true(read_bytes(&place, ms_slice_part(file, 0, n)));
		parse(&place, &message);
		ms_buf_init(&copy, place.test.arena);
		ms_buf_slice(&copy, file);
		copy.p[n] ^= 0xff;
		assert_true(read_bytes(&place, ms_buf_get(&copy)));
		parse(&place, &message);
	}
	test_parse_done(&place.test);
}

/* ---- mailboxes ---- */

static void
unpacks_items(void **state)
{
	static const char *const paths[] = { CORPUS "received" };
	struct ms_mailbox_item item;
	struct ms_mailbox *mailbox;
	struct place place;
	uint64_t sequence;

	(void)state;
	test_parse_init(&place.test);
	mailbox = ms_mailbox_open(paths, 1, NULL, NULL);
	assert_int_equal(ms_mailbox_next(mailbox, &sequence, &item), MS_OK);
	assert_int_equal(item.format, MS_FORMAT_MSG);
	assert_null(item.outlook);
	ms_mailbox_unpack(place.test.arena, place.test.parse.charsets,
	    &place.test.limits, &item);
	assert_int_equal(item.status, MS_OK);
	assert_non_null(item.outlook);
	ms_mailbox_item_done(mailbox, &item);
	assert_int_equal(ms_mailbox_next(mailbox, &sequence, &item), MS_END);
	ms_mailbox_close(mailbox);
	item = (struct ms_mailbox_item){ .format = MS_FORMAT_MSG,
		.raw = MS_SLICE("\xd0\xcf\x11\xe0 no more") };
	ms_mailbox_unpack(place.test.arena, place.test.parse.charsets,
	    &place.test.limits, &item);
	assert_int_equal(item.status, MS_FORMAT);
	assert_null(item.outlook);
	test_parse_done(&place.test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_internet_header),
		cmocka_unit_test(makes_fields_of_properties),
		cmocka_unit_test(lets_no_property_break_out),
		cmocka_unit_test(takes_out_what_is_attached),
		cmocka_unit_test(nests_no_deeper_than_the_limit),
		cmocka_unit_test(makes_no_more_than_the_limit),
		cmocka_unit_test(says_what_is_damaged),
		cmocka_unit_test(survives_any_cut),
		cmocka_unit_test(survives_circles_in_the_directory),
		cmocka_unit_test(opens_winmail),
		cmocka_unit_test(survives_any_damage_to_winmail),
		cmocka_unit_test(unpacks_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
