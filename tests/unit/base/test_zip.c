/* SPDX-License-Identifier: ISC
 * test_zip.c - zip archives: whole, odd, damaged, lying
 */
#include <zlib.h>

#include "mailsonde/gzip.h"
#include "mailsonde/zip.h"

#include "test.h"

static void
put16(struct ms_buf *out, unsigned n)
{
	ms_buf_byte(out, (unsigned char)(n & 255));
	ms_buf_byte(out, (unsigned char)(n >> 8 & 255));
}

static void
put32(struct ms_buf *out, size_t n)
{
	put16(out, (unsigned)(n & 65535));
	put16(out, (unsigned)(n >> 16 & 65535));
}

/* An archive of one file; what it says may be a lie. */
struct archive {
	const char *name;
	struct ms_slice data; /* as packed */
	unsigned method, flags;
	size_t size, crc;
	const char *before, *comment;
	unsigned members; /* as the end says; 0: one */
};

/* Signature to size: what the local header and the directory share. */
static void
put_common(struct ms_buf *out, const struct archive *a)
{
	put16(out, 20);
	put16(out, a->flags);
	put16(out, a->method);
	put32(out, 0); /* time */
	put32(out, a->crc);
	put32(out, a->data.n);
	put32(out, a->size);
	put16(out, (unsigned)strlen(a->name));
	put16(out, 0);
}

static struct ms_slice
build(struct ms_arena *arena, const struct archive *a)
{
	struct ms_buf out;
	size_t local, directory, end;

	ms_buf_init(&out, arena);
	ms_buf_text(&out, a->before ? a->before : "");
	local = out.n;
	ms_buf_add(&out, "PK\3\4", 4);
	put_common(&out, a);
	ms_buf_text(&out, a->name);
	ms_buf_slice(&out, a->data);
	directory = out.n;
	ms_buf_add(&out, "PK\1\2", 4);
	put16(&out, 20);
	put_common(&out, a);
	put32(&out, 0); /* comment, disk */
	put16(&out, 0);
	put32(&out, 0);
	put32(&out, 0); /* of the local header: the first */
	ms_buf_text(&out, a->name);
	end = out.n;
	ms_buf_add(&out, "PK\5\6", 4);
	put32(&out, 0);
	put16(&out, a->members ? a->members : 1);
	put16(&out, a->members ? a->members : 1);
	put32(&out, end - directory);
	put32(&out, directory - local);
	put16(&out, (unsigned)strlen(a->comment ? a->comment : ""));
	ms_buf_text(&out, a->comment ? a->comment : "");
	return ms_buf_get(&out);
}

static struct archive
stored(const char *name, struct ms_slice text)
{
	struct archive a = { .name = name,
		.data = text,
		.size = text.n,
		.crc = ms_crc32(text) };

	return a;
}

static struct archive
deflated(struct ms_arena *arena, const char *name, struct ms_slice text)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)text.p,
		.avail_in = (unsigned)text.n };
	struct archive a = stored(name, text);
	unsigned char *room = ms_arena_bytes(arena, text.n + 1000);

	z.next_out = room;
	z.avail_out = (unsigned)text.n + 1000;
	assert_int_equal(
	    deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	a.data = ms_slice_make(room, z.total_out);
	a.method = 8;
	return a;
}

static enum ms_status
unpack(struct ms_arena *arena, const struct archive *a, size_t max,
    struct ms_buf *out)
{
	struct ms_slice bytes = build(arena, a);
	struct ms_diag diag = { "" };
	struct ms_zip zip;

	ms_buf_init(out, arena);
	assert_true(a->before || ms_is_zip(bytes));
	assert_int_equal(ms_zip_read(arena, bytes, 10, &zip, &diag), MS_OK);
	assert_int_equal(zip.n, 1);
	assert_slice(zip.members[0].name, a->name);
	return ms_zip_unpack(&zip.members[0], max, out, &diag);
}

static void
unpacks(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct archive a = stored("a.xml", MS_SLICE("<feedback/>"));
	struct ms_buf out;

	(void)state;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_OK);
	assert_slice(ms_buf_get(&out), "<feedback/>");
	a = deflated(arena, "b.xml", MS_SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaa"));
	a.before = "MZ something that runs";
	a.comment = "PK and a comment";
	assert_int_equal(unpack(arena, &a, 100, &out), MS_OK);
	assert_slice(ms_buf_get(&out), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
	a = stored("folder/", MS_SLICE(""));
	assert_int_equal(unpack(arena, &a, 100, &out), MS_OK);
	ms_arena_free(arena);
}

static void
refuses_lies(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_slice text = MS_SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaa");
	struct archive good = deflated(arena, "b.xml", text), a;
	struct ms_buf out;

	(void)state;
	a = good;
	a.size--;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_FORMAT);
	a.size += 2;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_FORMAT);
	a = good;
	a.crc ^= 1;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_FORMAT);
	assert_int_equal(unpack(arena, &good, 25, &out), MS_LIMIT);
	a = stored("a", text);
	a.size = 1;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_FORMAT);
	a = good;
	a.flags = 1;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_UNSUPPORTED);
	a = good;
	a.method = 12;
	assert_int_equal(unpack(arena, &a, 100, &out), MS_UNSUPPORTED);
	ms_arena_free(arena);
}

/* The directory that a bomb has: megabytes of one octet. */
static void
stops_a_bomb(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct archive a;
	struct ms_buf zeros, out;

	(void)state;
	ms_buf_init(&zeros, arena);
	ms_buf_repeat(&zeros, 0, 8 << 20);
	a = deflated(arena, "bomb", ms_buf_get(&zeros));
	assert_int_equal(unpack(arena, &a, 1 << 20, &out), MS_LIMIT);
	assert_int_equal(out.n, 0);
	a.size = 1 << 20; /* and it lies */
	assert_int_equal(unpack(arena, &a, 1 << 20, &out), MS_FORMAT);
	assert_true(out.n < 2 << 20);
	ms_arena_free(arena);
}

static void
survives_every_cut(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct archive a = stored("a.xml", MS_SLICE("<feedback/>"));
	struct ms_slice bytes = build(arena, &a);
	struct ms_zip zip;

	(void)state;
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_not_equal(
		    ms_zip_read(
			arena, ms_slice_part(bytes, 0, n), 10, &zip, NULL),
		    MS_OK);
	for (size_t n = 1; n < bytes.n; n++) {
		unsigned char *broken = ms_arena_bytes(arena, bytes.n);
		struct ms_buf out;

		memcpy(broken, bytes.p, bytes.n);
		broken[n] ^= 0xff;
		ms_buf_init(&out, arena);
		if (ms_zip_read(arena, ms_slice_make(broken, bytes.n), 10, &zip,
			NULL) == MS_OK &&
		    zip.n > 0)
			(void)!ms_zip_unpack(&zip.members[0], 100, &out, NULL);
	}
	ms_arena_free(arena);
}

static void
counts_members(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct archive a = stored("a", MS_SLICE("x"));
	struct ms_zip zip;

	(void)state;
	assert_int_equal(
	    ms_zip_read(arena, build(arena, &a), 0, &zip, NULL), MS_OK);
	assert_true(zip.truncated && zip.n == 0);
	a.members = 2;
	assert_int_equal(
	    ms_zip_read(arena, build(arena, &a), 10, &zip, NULL), MS_FORMAT);
	a.members = 0xffff; /* zip64 */
	assert_int_equal(ms_zip_read(arena, build(arena, &a), 10, &zip, NULL),
	    MS_UNSUPPORTED);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks),
		cmocka_unit_test(refuses_lies),
		cmocka_unit_test(stops_a_bomb),
		cmocka_unit_test(survives_every_cut),
		cmocka_unit_test(counts_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
