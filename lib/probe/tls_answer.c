/* SPDX-License-Identifier: ISC
 * tls_answer.c - what a server says to a ClientHello, RFC 8446 4.1.3, 5246 7.4
 *
 * Records, alerts, ServerHello, HelloRetryRequest, ServerKeyExchange as far as
 * its group; the ServerHello of SSLv2. Certificates are passed over.
 */
#include "tls_priv.h"

#include "mailsonde/scan.h"

enum {
	ALERT = 21,
	HANDSHAKE = 22,
	SERVER_HELLO = 2,
	SERVER_KEY_EXCHANGE = 12,
	SERVER_HELLO_DONE = 14,
	SSL2_ERROR = 0,
	SSL2_SERVER_HELLO = 4,
	RECORD_HEAD = 5,
	RECORD_MAX = 16384 + 2048,
	MESSAGE_MAX = 1 << 18,
	NAMED_CURVE = 3,
};

/* ---- octets, by the scanner: what is missing sets `bad` ---- */

static unsigned
take8(struct ms_scan *s)
{
	int byte = ms_scan_byte(s);

	return byte < 0 ? 0 : (unsigned)byte;
}

static unsigned
take16(struct ms_scan *s)
{
	unsigned high = take8(s);

	return high << 8 | take8(s);
}

static uint32_t
take24(struct ms_scan *s)
{
	uint32_t high = take8(s);

	return high << 16 | take16(s);
}

static struct ms_slice
take(struct ms_scan *s, size_t n)
{
	struct ms_slice out = ms_slice_make(s->p, n);

	if (s->bad || ms_scan_left(s) < n) {
		s->bad = true;
		return ms_slice_make(NULL, 0);
	}
	ms_scan_skip(s, n);
	return out;
}

/* ---- messages ---- */

static void
read_extension(unsigned type, struct ms_slice body, struct tls_answer *out)
{
	struct ms_scan s = ms_scan_init(body);

	switch (type) {
	case 23:
		out->extended_secret = true;
		break;
	case 35:
		out->tickets = true;
		break;
	case 43:
		out->version = (uint16_t)take16(&s);
		break;
	case 51:
		out->group = (uint16_t)take16(&s);
		break;
	case 0xFF01:
		out->renegotiation = true;
		break;
	}
}

/* SHA-256 of "HelloRetryRequest", RFC 8446 4.1.3 */
static const unsigned char retry_random[32] = { 0xCF, 0x21, 0xAD, 0x74, 0xE5,
	0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
	0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8,
	0xA8, 0x33, 0x9C };

static bool
read_hello(struct ms_slice body, struct tls_answer *out)
{
	struct ms_scan s = ms_scan_init(body), extensions;
	struct ms_slice random;

	out->version = (uint16_t)take16(&s);
	random = take(&s, 32);
	take(&s, take8(&s));
	out->suite = take16(&s);
	out->compression = (unsigned char)take8(&s);
	if (s.bad)
		return false;
	out->retry = ms_slice_equal(
	    random, ms_slice_make(retry_random, sizeof(retry_random)));
	if (ms_scan_at_end(&s))
		return true;
	extensions = ms_scan_init(take(&s, take16(&s)));
	while (!ms_scan_at_end(&extensions)) {
		unsigned type = take16(&extensions);

		read_extension(
		    type, take(&extensions, take16(&extensions)), out);
	}
	return !s.bad && !extensions.bad;
}

static unsigned
prime_bits(struct ms_slice prime)
{
	unsigned bits;

	while (prime.n > 0 && *prime.p == 0)
		prime = ms_slice_part(prime, 1, prime.n);
	bits = (unsigned)prime.n * 8;
	for (unsigned top = 0x80; prime.n > 0 && !(*prime.p & top); top >>= 1)
		bits--;
	return bits;
}

/* RFC 5246 7.4.3, 8422 5.4. What cannot be read is left unknown. */
static void
read_exchange(struct ms_slice body, struct tls_answer *out)
{
	struct ms_scan s = ms_scan_init(body);
	unsigned flags = tls_suite_flags(out->suite);

	if (flags & MS_TLS_CURVE) {
		if (take8(&s) == NAMED_CURVE)
			out->group = (uint16_t)take16(&s);
	} else if (flags & MS_TLS_FINITE) {
		out->prime_bits = prime_bits(take(&s, take16(&s)));
	}
}

/* Whether the keys are exchanged in a message of their own. */
static bool
has_exchange(const struct tls_answer *answer)
{
	unsigned flags = tls_suite_flags(answer->suite);

	return answer->version < MS_TLS_13 &&
	       (flags & (MS_TLS_CURVE | MS_TLS_FINITE)) &&
	       (flags & (MS_TLS_STATIC | MS_TLS_SECRET)) == 0;
}

/* One message; true: that was all. */
static bool
read_message(
    unsigned type, struct ms_slice body, bool exchange, struct tls_answer *out)
{
	if (out->kind != TLS_ANSWER_HELLO) {
		out->kind = type == SERVER_HELLO && read_hello(body, out)
				? TLS_ANSWER_HELLO
				: TLS_ANSWER_FOREIGN;
		return out->kind == TLS_ANSWER_FOREIGN || !exchange ||
		       !has_exchange(out);
	}
	if (type == SERVER_KEY_EXCHANGE && has_exchange(out))
		read_exchange(body, out);
	return type == SERVER_KEY_EXCHANGE || type == SERVER_HELLO_DONE;
}

/* All whole messages from `*at` on; true: that was all. */
static bool
read_messages(const struct ms_buf *handshake, size_t *at, bool exchange,
    struct tls_answer *out)
{
	for (;;) {
		struct ms_scan s = ms_scan_init(
		    ms_slice_part(ms_buf_get(handshake), *at, handshake->n));
		unsigned type = take8(&s);
		size_t n = take24(&s);
		struct ms_slice body;

		if (s.bad)
			return false;
		if (n > MESSAGE_MAX) {
			if (out->kind != TLS_ANSWER_HELLO)
				out->kind = TLS_ANSWER_FOREIGN;
			return true;
		}
		body = take(&s, n);
		if (s.bad)
			return false;
		*at += 4 + n;
		if (read_message(type, body, exchange, out))
			return true;
	}
}

/* True: it ends the conversation. A warning does not (RFC 5246 7.2): some
 * warn that they do not know the name, and go on. */
static bool
read_alert(struct ms_slice body, struct tls_answer *out)
{
	if (out->kind == TLS_ANSWER_HELLO)
		return true;
	if (body.n != 2) {
		out->kind = TLS_ANSWER_FOREIGN;
		return true;
	}
	if (body.p[0] == 1 && body.p[1] != 0)
		return false;
	out->kind = TLS_ANSWER_ALERT;
	out->alert = body.p[1];
	return true;
}

/* ---- records ---- */

static bool
read_records(struct ms_arena *arena, struct ms_slice bytes, bool exchange,
    struct tls_answer *out)
{
	struct ms_scan s = ms_scan_init(bytes);
	struct ms_buf handshake;
	size_t at = 0;

	ms_buf_init(&handshake, arena);
	for (;;) {
		size_t begin = ms_scan_offset(&s), n;
		unsigned type, major;
		struct ms_slice body;

		out->need = begin + RECORD_HEAD;
		type = take8(&s);
		major = take8(&s);
		take8(&s);
		n = take16(&s);
		if (s.bad)
			return false;
		if (type < 20 || type > 24 || major != 3 || n > RECORD_MAX) {
			if (out->kind != TLS_ANSWER_HELLO)
				out->kind = TLS_ANSWER_FOREIGN;
			return true;
		}
		out->need += n;
		body = take(&s, n);
		if (s.bad)
			return false;
		if (type == ALERT && read_alert(body, out))
			return true;
		/* ChangeCipherSpec: what follows is encrypted. */
		if (type != ALERT && type != HANDSHAKE) {
			if (out->kind != TLS_ANSWER_HELLO)
				out->kind = TLS_ANSWER_FOREIGN;
			return true;
		}
		if (type != HANDSHAKE)
			continue;
		ms_buf_slice(&handshake, body);
		if (read_messages(&handshake, &at, exchange, out))
			return true;
	}
}

/* draft-hickman-netscape-ssl-00: SERVER-HELLO names every suite that both
 * have. */
static bool
read_ssl2(struct ms_slice bytes, struct tls_answer *out)
{
	struct ms_scan s = ms_scan_init(bytes);
	size_t n = take16(&s) & 0x7FFF, certificate, suites, id;
	unsigned type;

	out->need = s.bad ? 2 : 2 + n;
	if (bytes.n < out->need)
		return false;
	out->kind = TLS_ANSWER_FOREIGN;
	s = ms_scan_init(ms_slice_part(bytes, 2, 2 + n));
	type = take8(&s);
	if (type == SSL2_ERROR) {
		out->kind = TLS_ANSWER_ALERT;
		out->alert = 40; /* no suite, for one */
	}
	if (type != SSL2_SERVER_HELLO)
		return true;
	take16(&s); /* whether a session goes on, kind of certificate */
	out->version = (uint16_t)take16(&s);
	certificate = take16(&s);
	suites = take16(&s);
	id = take16(&s);
	take(&s, certificate);
	for (size_t i = 0; i + 3 <= suites && !s.bad; i += 3) {
		uint32_t code = take24(&s);

		if (!s.bad && out->ssl2_suites_n < TLS_SSL2_SUITES)
			out->ssl2_suites[out->ssl2_suites_n++] = code;
	}
	take(&s, id);
	if (!s.bad)
		out->kind = TLS_ANSWER_HELLO;
	return true;
}

bool
tls_answer_read(struct ms_arena *arena, struct ms_slice bytes, bool ssl2,
    bool exchange, struct tls_answer *out)
{
	struct ms_arena_mark mark = ms_arena_mark(arena);
	bool done;

	memset(out, 0, sizeof(*out));
	if (ssl2 && bytes.n > 0 && (*bytes.p & 0x80))
		return read_ssl2(bytes, out);
	done = read_records(arena, bytes, exchange, out);
	ms_arena_reset(arena, mark);
	return done;
}
