/* SPDX-License-Identifier: ISC
 * tls_hello.c - ClientHellos, from SSLv2 to TLS 1.3, RFC 8446 4.1.2
 *
 * Nothing is ever keyed by them: what should be random only has to differ.
 */
#include "tls_priv.h"

enum {
	HANDSHAKE = 22,
	CLIENT_HELLO = 1,
	FALLBACK_SCSV = 0x5600,      /* RFC 7507 */
	RENEGOTIATION_SCSV = 0x00FF, /* RFC 5746 3.3 */
	GREASE = 0x0A0A,             /* RFC 8701; and 0x1A1A, … */
};

enum {
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_POINT_FORMATS = 11,
	EXT_SIGNATURES = 13,
	EXT_PADDING = 21,
	EXT_EXTENDED_SECRET = 23,
	EXT_TICKET = 35,
	EXT_VERSIONS = 43,
	EXT_PSK_MODES = 45,
	EXT_KEY_SHARE = 51,
	EXT_RENEGOTIATION = 0xFF01,
};

/* RFC 8446 4.2.3; of all kinds, so that no certificate stands in the way. */
static const uint16_t signatures[] = { 0x0403, 0x0503, 0x0603, 0x0807, 0x0808,
	0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601,
	0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906, 0x0708, 0x0303, 0x0301,
	0x0203, 0x0201, 0x0402, 0x0302, 0x0202 };

static uint16_t
grease(unsigned i)
{
	return (uint16_t)(GREASE + 0x1010 * i);
}

/* ---- writing ---- */

static void
put16(struct ms_buf *out, unsigned value)
{
	ms_buf_byte(out, (unsigned char)(value >> 8));
	ms_buf_byte(out, (unsigned char)value);
}

static void
put24(struct ms_buf *out, uint32_t value)
{
	ms_buf_byte(out, (unsigned char)(value >> 16));
	put16(out, value & 0xFFFF);
}

/* A length of `octets` is left open, and filled in by `shut`. */
static size_t
open_length(struct ms_buf *out, unsigned octets)
{
	ms_buf_repeat(out, 0, octets);
	return out->n;
}

static void
shut_length(struct ms_buf *out, size_t begin, unsigned octets)
{
	size_t n = out->n - begin;

	for (unsigned i = 1; i <= octets; i++, n >>= 8)
		out->p[begin - i] = (unsigned char)n;
}

static size_t
open_extension(struct ms_buf *out, unsigned type)
{
	put16(out, type);
	return open_length(out, 2);
}

static void
empty_extension(struct ms_buf *out, unsigned type)
{
	put16(out, type);
	put16(out, 0);
}

/* Not random, and not twice the same for different hellos. */
static void
put_random(const struct tls_hello *hello, struct ms_buf *out, unsigned n)
{
	uint32_t x = 2463534242U ^ (uint32_t)(hello->version << 16) ^
		     (uint32_t)(hello->suites_n << 8) ^
		     (uint32_t)hello->groups_n;

	for (unsigned i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		ms_buf_byte(out, (unsigned char)(x >> 8));
	}
}

/* ---- extensions ---- */

/* RFC 6066 3 */
static void
put_name(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t extension, list, name;

	if (!hello->name)
		return;
	extension = open_extension(out, EXT_SERVER_NAME);
	list = open_length(out, 2);
	ms_buf_byte(out, 0); /* host_name */
	name = open_length(out, 2);
	ms_buf_text(out, hello->name);
	shut_length(out, name, 2);
	shut_length(out, list, 2);
	shut_length(out, extension, 2);
}

static void
put_groups(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t extension, list;

	if (hello->groups_n == 0)
		return;
	extension = open_extension(out, EXT_GROUPS);
	list = open_length(out, 2);
	if (hello->grease)
		put16(out, grease(2));
	for (size_t i = 0; i < hello->groups_n; i++)
		put16(out, hello->groups[i]);
	shut_length(out, list, 2);
	shut_length(out, extension, 2);
	if (hello->version == MS_TLS_13)
		return;
	extension = open_extension(out, EXT_POINT_FORMATS);
	ms_buf_add(out, "\3\0\1\2", 4);
	shut_length(out, extension, 2);
}

static void
put_signatures(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t extension, list;

	if (hello->version < MS_TLS_12)
		return;
	extension = open_extension(out, EXT_SIGNATURES);
	list = open_length(out, 2);
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		put16(out, signatures[i]);
	shut_length(out, list, 2);
	shut_length(out, extension, 2);
}

static bool
offers_group(const struct tls_hello *hello, uint16_t group)
{
	for (size_t i = 0; i < hello->groups_n; i++)
		if (hello->groups[i] == group)
			return true;
	return false;
}

static void
put_share(const struct tls_hello *hello, struct ms_buf *out, uint16_t group,
    struct ms_slice share)
{
	if (!offers_group(hello, group))
		return;
	put16(out, group);
	put16(out, (unsigned)share.n);
	ms_buf_slice(out, share);
}

/* Public keys that anybody could have: the base points of x25519 (RFC 7748
 * 4.1) and P-256 (SEC 2 2.4.2). */
static void
put_shares(const struct tls_hello *hello, struct ms_buf *out)
{
	static const unsigned char x25519[32] = { 9 };
	static const unsigned char p256[65] = { 4, 0x6B, 0x17, 0xD1, 0xF2, 0xE1,
		0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40,
		0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4,
		0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42,
		0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C,
		0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E,
		0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5 };
	size_t list = open_length(out, 2);

	if (hello->plain) {
		put_share(
		    hello, out, 29, ms_slice_make(x25519, sizeof(x25519)));
		put_share(hello, out, 23, ms_slice_make(p256, sizeof(p256)));
	}
	shut_length(out, list, 2);
}

/* The list of shares is empty, RFC 8446 4.2.8: the server has to ask for one,
 * and names the group. Not every server can; in a plain hello there are some.
 */
static void
put_tls13(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t extension = open_extension(out, EXT_VERSIONS);
	size_t list = open_length(out, 1);

	if (hello->grease)
		put16(out, grease(3));
	put16(out, MS_TLS_13);
	shut_length(out, list, 1);
	shut_length(out, extension, 2);
	extension = open_extension(out, EXT_PSK_MODES);
	ms_buf_add(out, "\1\1", 2); /* psk_dhe_ke */
	shut_length(out, extension, 2);
	extension = open_extension(out, EXT_KEY_SHARE);
	put_shares(hello, out);
	shut_length(out, extension, 2);
}

static void
put_older(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t extension = open_extension(out, EXT_RENEGOTIATION);

	ms_buf_byte(out, 0);
	shut_length(out, extension, 2);
	if (hello->plain)
		return;
	empty_extension(out, EXT_EXTENDED_SECRET);
	empty_extension(out, EXT_TICKET);
}

static void
put_extensions(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t list = open_length(out, 2), last;

	if (hello->grease)
		empty_extension(out, grease(4));
	put_name(hello, out);
	put_groups(hello, out);
	put_signatures(hello, out);
	if (hello->version == MS_TLS_13)
		put_tls13(hello, out);
	else
		put_older(hello, out);
	if (hello->grease) {
		last = open_extension(out, grease(5));
		ms_buf_byte(out, 0);
		shut_length(out, last, 2);
	}
	shut_length(out, list, 2);
}

/* RFC 7685 4: there are those that hang at 256 to 511 octets. */
static void
pad(struct ms_buf *out, size_t begin, size_t list)
{
	size_t n = out->n - begin, extension;

	if (n < 256 || n >= 512)
		return;
	extension = open_extension(out, EXT_PADDING);
	ms_buf_repeat(out, 0, n + 4 < 512 ? 512 - n - 4 : 1);
	shut_length(out, extension, 2);
	shut_length(out, list + 2, 2);
}

/* ---- the whole ---- */

static void
put_suites(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t list = open_length(out, 2);

	if (hello->grease)
		put16(out, grease(1));
	for (size_t i = 0; i < hello->suites_n; i++)
		put16(out, hello->suites[i] & 0xFFFF);
	if (hello->version == MS_SSL_3)
		put16(out, RENEGOTIATION_SCSV);
	if (hello->fallback)
		put16(out, FALLBACK_SCSV);
	shut_length(out, list, 2);
}

static void
put_compression(const struct tls_hello *hello, struct ms_buf *out)
{
	if (hello->version == MS_TLS_13 || hello->plain)
		ms_buf_add(out, "\1\0", 2);
	else
		ms_buf_add(out, "\2\1\0", 3); /* DEFLATE, none */
}

/* RFC 6101 and draft-hickman-netscape-ssl-00: a record of two octets' head. */
static void
put_ssl2(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t record = open_length(out, 2);

	ms_buf_byte(out, CLIENT_HELLO);
	put16(out, MS_SSL_2);
	put16(out, (unsigned)hello->suites_n * 3);
	put16(out, 0);
	put16(out, 16);
	for (size_t i = 0; i < hello->suites_n; i++)
		put24(out, hello->suites[i]);
	put_random(hello, out, 16);
	shut_length(out, record, 2);
	out->p[record - 2] |= 0x80;
}

void
tls_hello_write(const struct tls_hello *hello, struct ms_buf *out)
{
	size_t record, message, extensions;
	unsigned version =
	    hello->version < MS_TLS_12 ? hello->version : MS_TLS_12;

	if (hello->version == MS_SSL_2) {
		put_ssl2(hello, out);
		return;
	}
	ms_buf_byte(out, HANDSHAKE);
	/* RFC 8446 5.1 */
	put16(out, version > MS_TLS_10 ? MS_TLS_10 : version);
	record = open_length(out, 2);
	ms_buf_byte(out, CLIENT_HELLO);
	message = open_length(out, 3);
	put16(out, version);
	put_random(hello, out, 32);
	ms_buf_byte(out, hello->version == MS_TLS_13 ? 32 : 0);
	if (hello->version == MS_TLS_13)
		put_random(hello, out, 32); /* RFC 8446 D.4 */
	put_suites(hello, out);
	put_compression(hello, out);
	extensions = out->n;
	if (hello->version > MS_SSL_3) {
		put_extensions(hello, out);
		if (!hello->plain)
			pad(out, message - 4, extensions);
	}
	shut_length(out, message, 3);
	shut_length(out, record, 2);
}
