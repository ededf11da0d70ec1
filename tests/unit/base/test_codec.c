/* SPDX-License-Identifier: ISC
 * test_codec.c - transfer encodings, whole, in pieces, and through damage
 */
#include "mailsonde/codec.h"

#include "test.h"

struct codec_case {
	enum ms_encoding encoding;
	const char *in, *out;
	size_t damage, first;
	bool truncated;
};

static const struct codec_case cases[] = {
	{ MS_ENCODING_7BIT, "a=3D", "a=3D", 0, 0, false },
	{ MS_ENCODING_UNKNOWN, "x\r\n", "x\r\n", 0, 0, false },
	/* base64, RFC 4648 10 */
	{ MS_ENCODING_BASE64, "", "", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zg==", "f", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm8=", "fo", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm9v", "foo", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm9vYg==", "foob", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm9vYmE=", "fooba", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm9v\r\nYmFy\r\n", "foobar", 0, 0, false },
	{ MS_ENCODING_BASE64, "Zm9\nvY mF\ty", "foobar", 0, 0, false },
	/* damage */
	{ MS_ENCODING_BASE64, "Zm9v!!Ym.Fy", "foobar", 2, 4, false },
	{ MS_ENCODING_BASE64, "Zm9vYg", "foob", 0, 0, true },
	{ MS_ENCODING_BASE64, "Zm9vY", "foo", 0, 0, true },
	{ MS_ENCODING_BASE64, "Zg==\r\nZm9v", "ffoo", 1, 6, false },
	{ MS_ENCODING_BASE64, "Zg==\r\n-- \r\nlist\r\n", "f", 1, 6, false },
	{ MS_ENCODING_BASE64, "Z=m9v", "foo", 1, 1, false },
	{ MS_ENCODING_BASE64, "Zm9v=", "foo", 1, 4, false },
	/* quoted-printable */
	{ MS_ENCODING_QP, "caf=C3=a9 =3d", "caf\xc3\xa9 =", 0, 0, false },
	{ MS_ENCODING_QP, "a=\r\nb=\nc=\rd=", "abcd", 0, 0, false },
	{ MS_ENCODING_QP, "a=XYb=4", "a=XYb=4", 2, 1, false },
	{ MS_ENCODING_QP, "a==41", "a=A", 1, 1, false },
	{ MS_ENCODING_QP, "a \r\nb", "a \r\nb", 0, 0, false },
	/* uuencode, with its wrapping and without */
	{ MS_ENCODING_UUENCODE, "begin 644 a\n#0V%T\n`\nend\nx\n", "Cat", 0, 0,
	    false },
	{ MS_ENCODING_UUENCODE, "#0V%T\n", "Cat", 0, 0, false },
	{ MS_ENCODING_UUENCODE, "Hi\nbegin 644 a\n#0V%T\nend\n", "Cat", 0, 0,
	    false },
	{ MS_ENCODING_UUENCODE, "no such thing\n", "no such thing\n", 1, 0,
	    false },
	/* yEnc */
	{ MS_ENCODING_YENC,
	    "=ybegin line=128 size=4 name=a\r\n\x8c\x8b=}\r\n\x9e\r\n"
	    "=yend size=4\r\n",
	    "ba\x13t", 0, 0, false },
	{ MS_ENCODING_YENC, "\x8c=", "b", 1, 1, false },
};

static void
check(struct ms_arena *arena, const struct codec_case *c)
{
	struct ms_codec_damage damage;
	struct ms_slice out =
	    ms_codec_decode(arena, c->encoding, ms_slice_from(c->in), &damage);

	assert_slice(out, c->out);
	if (damage.count != c->damage || damage.first != c->first ||
	    damage.truncated != c->truncated)
		fail_msg("%s: damage %zu at %zu, truncated %d", c->in,
		    damage.count, damage.first, damage.truncated);
}

static void
whole(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(arena, &cases[i]);
	ms_arena_free(arena);
}

static void
after_padding(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	struct ms_codec_damage damage;

	(void)state;
	(void)ms_codec_decode(
	    arena, MS_ENCODING_BASE64, MS_SLICE("Zg==Zm9v"), &damage);
	assert_true(damage.after_padding);
	(void)ms_codec_decode(
	    arena, MS_ENCODING_BASE64, MS_SLICE("Zg==\r\n"), &damage);
	assert_false(damage.after_padding);
	ms_arena_free(arena);
}

/* Lines of every length, so that each way of decoding has its turn. */
static struct ms_slice
encode_lines(struct ms_arena *arena, struct ms_slice in, size_t width)
{
	unsigned char *plain = ms_arena_bytes(arena, in.n * 2 + 8);
	size_t n = ms_base64_encode(in, plain), at = 0;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (; at < n; at += width) {
		ms_buf_add(&buf, plain + at, n - at < width ? n - at : width);
		ms_buf_text(&buf, width % 2 ? "\n" : "\r\n");
	}
	return ms_buf_get(&buf);
}

static struct ms_slice
pieces(struct ms_arena *arena, enum ms_encoding encoding, struct ms_slice in,
    size_t room_n, struct ms_codec_damage *damage)
{
	unsigned char *room = ms_arena_bytes(arena, room_n);
	struct ms_codec codec;
	struct ms_slice piece;
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	ms_codec_init(&codec, encoding, in);
	while (ms_codec_next(&codec, room, room_n, &piece))
		ms_buf_slice(&buf, piece);
	*damage = codec.damage;
	return ms_buf_get(&buf);
}

static void
round_trip(void **state)
{
	static const size_t widths[] = { 4, 19, 32, 60, 64, 76, 77, 300 };
	unsigned char bytes[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
	for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
		struct ms_arena *arena = ms_arena_new(NULL);
		struct ms_codec_damage damage;

		for (size_t n = 0; n < sizeof(bytes); n += 97) {
			struct ms_slice in = ms_slice_make(bytes, n), out;

			out = pieces(arena, MS_ENCODING_BASE64,
			    encode_lines(arena, in, widths[w]), 1024 + n % 64,
			    &damage);
			assert_int_equal(damage.count, 0);
			assert_false(damage.truncated);
			assert_true(ms_slice_equal(out, in));
		}
		ms_arena_free(arena);
	}
}

/* Every byte that is none of the alphabet, in every place of a block. */
static void
every_byte(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);
	unsigned char line[80];

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		struct ms_codec_damage damage;
		bool letter = (c >= '0' && c <= '9') || c == '+' || c == '/' ||
			      (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';

		for (size_t at = 0; at < 64; at += 5) {
			memset(line, 'A', sizeof(line));
			line[at] = (unsigned char)c;
			(void)pieces(arena, MS_ENCODING_BASE64,
			    ms_slice_make(line, sizeof(line)), 1024, &damage);
			if (c == '=') {
				assert_true(damage.count > 0);
				continue;
			}
			assert_int_equal(damage.count, letter || space ? 0 : 1);
			assert_int_equal(damage.truncated, !letter);
		}
	}
	ms_arena_free(arena);
}

static void
bare_cr(void **state)
{
	unsigned char room[1024];
	struct ms_codec codec;
	struct ms_slice piece;

	(void)state;
	ms_codec_init(&codec, MS_ENCODING_8BIT, MS_SLICE("a\rb\r"));
	codec.bare_cr = true;
	assert_true(ms_codec_next(&codec, room, sizeof(room), &piece));
	assert_slice(piece, "a\nb\n");
	ms_codec_init(&codec, MS_ENCODING_QP, MS_SLICE("a=0D\rb=\rc"));
	codec.bare_cr = true;
	assert_true(ms_codec_next(&codec, room, sizeof(room), &piece));
	assert_slice(piece, "a\r\nbc");
}

static void
names(void **state)
{
	(void)state;
	assert_int_equal(ms_encoding_from(MS_SLICE("")), MS_ENCODING_7BIT);
	assert_int_equal(
	    ms_encoding_from(MS_SLICE(" Base64 ")), MS_ENCODING_BASE64);
	assert_int_equal(
	    ms_encoding_from(MS_SLICE("x-uue")), MS_ENCODING_UUENCODE);
	assert_int_equal(
	    ms_encoding_from(MS_SLICE("9bit")), MS_ENCODING_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(after_padding),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(bare_cr),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
