/* SPDX-License-Identifier: ISC
 * test_tls_scan.c - a scan of servers that are made up, and of OpenSSL's
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "test_wire.h"
#include "tls_server.h"

#include "mailsonde/tls_scan.h"

static struct ms_arena *arena;
static struct ms_env env;

/* ---- a server that is made up ---- */

struct fake {
	uint16_t versions[6]; /* that it speaks; 0 ends */
	uint32_t suites[32];  /* that it accepts, the dearest first; 0 ends */
	uint16_t groups[8];   /* likewise; 0 ends */
	bool own_order;       /* of suites and groups */
	int alert;            /* of its refusals; -1: it closes */
	size_t longest;       /* hello; longer ones are closed; 0: any */
	bool no_grease;       /* it closes on what it does not know */
	bool ignores_fallback;
	bool old;             /* no extension is answered, DEFLATE is taken */
	uint16_t silent;      /* version whose hellos get no answer */
	unsigned most;        /* connections; 0: any */
	unsigned needs_group; /* of the certificate's key, before TLS 1.3 */
	bool needs_share;     /* in TLS 1.3; it cannot ask for one */
	bool closes_after;    /* what comes after `most` is closed, not 421 */
	pthread_mutex_t lock;
	unsigned opened;
	char purposes[64 * 1024];
};

struct fake_wire {
	struct ms_wire wire;
	struct fake *fake;
	struct ms_buf out;
	size_t at;
	bool mute, over, full;
};

/* What it reads of a hello. */
struct seen {
	unsigned version;
	const unsigned char *suites, *groups;
	size_t suites_n, groups_n;
	bool grease, fallback, deflate, share;
};

static unsigned
u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
see_extensions(
    const unsigned char *p, const unsigned char *end, struct seen *out)
{
	while (p + 4 <= end) {
		unsigned type = u16(p), n = u16(p + 2);

		if (type == 10) {
			out->groups = p + 6;
			out->groups_n = u16(p + 4) / 2;
		} else if (type == 43) {
			out->version = u16(p + 4 + n - 2);
		} else if (type == 51) {
			out->share = u16(p + 4) > 0;
			assert_int_equal(u16(p + 4) + 2U, n);
		} else if ((type & 0x0F0F) == 0x0A0A) {
			out->grease = true;
		}
		p += 4 + n;
	}
	assert_ptr_equal(p, end);
}

static void
see(struct ms_slice bytes, struct seen *out)
{
	const unsigned char *p = bytes.p, *end = p + bytes.n;

	memset(out, 0, sizeof(*out));
	if (p[0] & 0x80) {
		assert_int_equal((u16(p) & 0x7FFF) + 2U, bytes.n);
		out->version = u16(p + 3);
		out->suites_n = u16(p + 5) / 3;
		assert_int_equal(11 + u16(p + 5) + 16, bytes.n);
		return;
	}
	assert_int_equal(p[0], 22);
	assert_int_equal(u16(p + 3) + 5U, bytes.n);
	assert_int_equal(p[5], 1);
	assert_int_equal(u16(p + 7) + 9U, bytes.n);
	out->version = u16(p + 9);
	p += 11 + 32;
	p += 1 + p[0];
	out->suites_n = u16(p) / 2;
	out->suites = p + 2;
	p += 2 + u16(p);
	for (size_t i = 0; i < out->suites_n; i++)
		out->fallback |= u16(out->suites + 2 * i) == 0x5600;
	out->deflate = p[0] == 2;
	p += 1 + p[0];
	if (p < end) {
		assert_true(out->version > MS_SSL_3);
		assert_int_equal(u16(p) + 2U, (size_t)(end - p));
		see_extensions(p + 2, end, out);
	}
}

static bool
offers(const unsigned char *list, size_t n, unsigned code)
{
	for (size_t i = 0; i < n; i++)
		if (u16(list + 2 * i) == code)
			return true;
	return false;
}

static bool
usable(const struct fake *fake, const struct seen *seen, uint32_t code)
{
	struct ms_tls_suite s;

	ms_tls_suite_by_code(code, &s);
	if ((seen->version == MS_TLS_13) != ((s.flags & MS_TLS_ONLY_13) != 0))
		return false;
	if (seen->version < MS_TLS_12 && (s.flags & MS_TLS_ONLY_12))
		return false;
	return !(s.flags & MS_TLS_ECDSA) || !fake->needs_group ||
	       offers(seen->groups, seen->groups_n, fake->needs_group);
}

static uint32_t
pick_suite(const struct fake *fake, const struct seen *seen)
{
	for (size_t i = 0; fake->own_order && fake->suites[i]; i++)
		if (usable(fake, seen, fake->suites[i]) &&
		    offers(seen->suites, seen->suites_n, fake->suites[i]))
			return fake->suites[i];
	for (size_t i = 0; !fake->own_order && i < seen->suites_n; i++)
		for (size_t j = 0; fake->suites[j]; j++)
			if (fake->suites[j] == u16(seen->suites + 2 * i) &&
			    usable(fake, seen, fake->suites[j]))
				return fake->suites[j];
	return 0;
}

static unsigned
pick_group(const struct fake *fake, const struct seen *seen)
{
	for (size_t i = 0; fake->own_order && fake->groups[i]; i++)
		if (offers(seen->groups, seen->groups_n, fake->groups[i]))
			return fake->groups[i];
	for (size_t i = 0; !fake->own_order && i < seen->groups_n; i++)
		for (size_t j = 0; fake->groups[j]; j++)
			if (fake->groups[j] == u16(seen->groups + 2 * i))
				return fake->groups[j];
	return 0;
}

static void
put16(struct ms_buf *out, unsigned value)
{
	ms_buf_byte(out, (unsigned char)(value >> 8));
	ms_buf_byte(out, (unsigned char)value);
}

static void
put_record(struct ms_buf *out, unsigned char type, struct ms_slice body)
{
	ms_buf_byte(out, type);
	put16(out, 0x0303);
	put16(out, (unsigned)body.n);
	ms_buf_slice(out, body);
}

static void
put_message(struct ms_buf *out, unsigned char type, struct ms_slice body)
{
	ms_buf_byte(out, type);
	ms_buf_byte(out, 0);
	put16(out, (unsigned)body.n);
	ms_buf_slice(out, body);
}

static void
refuse(struct fake_wire *w, int alert)
{
	unsigned char body[2] = { 2, (unsigned char)alert };

	if (alert < 0)
		w->over = true;
	else
		put_record(&w->out, 21, ms_slice_make(body, 2));
}

static void
put_hello(const struct fake *fake, const struct seen *seen, unsigned version,
    uint32_t suite, unsigned group, struct ms_buf *out)
{
	static const unsigned char retry[32] = { 0xCF, 0x21, 0xAD, 0x74, 0xE5,
		0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8,
		0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07,
		0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C };

	put16(out, version < MS_TLS_13 ? version : MS_TLS_12);
	ms_buf_add(out, retry, 32);
	ms_buf_byte(out, 0);
	put16(out, suite);
	ms_buf_byte(out, fake->old && seen->deflate);
	if (version == MS_TLS_13)
		ms_buf_add(out, "\0\x0C\0\x2B\0\2\3\4\0\x33\0\2", 12);
	if (version == MS_TLS_13)
		put16(out, group);
	else if (version > MS_SSL_3 && !fake->old)
		ms_buf_add(out, "\0\x0D\xFF\1\0\1\0\0\x17\0\0\0\x23\0\0", 15);
}

/* Many messages in one record, one message over several records: as they
 * come. */
static void
put_flight(
    struct fake_wire *w, struct ms_slice hello, uint32_t suite, unsigned group)
{
	struct ms_buf all, exchange;
	struct ms_tls_suite s;

	ms_buf_init(&all, arena);
	ms_buf_init(&exchange, arena);
	ms_tls_suite_by_code(suite, &s);
	put_message(&all, 2, hello);
	put_message(&all, 11, MS_SLICE("\0\0\4\0\0\1x"));
	if (s.flags & MS_TLS_CURVE) {
		ms_buf_byte(&exchange, 3);
		put16(&exchange, group);
		put_message(&all, 12, ms_buf_get(&exchange));
	} else if (s.flags & MS_TLS_FINITE) {
		ms_buf_add(&exchange, "\0\x81\0\x7F", 4);
		ms_buf_repeat(&exchange, 0xFF, 127);
		put_message(&all, 12, ms_buf_get(&exchange));
	}
	put_message(&all, 14, MS_SLICE(""));
	for (size_t i = 0; i < all.n; i += 61)
		put_record(
		    &w->out, 22, ms_slice_part(ms_buf_get(&all), i, i + 61));
}

static void
answer_ssl2(struct fake_wire *w)
{
	ms_buf_add(
	    &w->out, "\x80\x15\4\0\1\0\2\0\2\0\6\0\2CC\1\0\x80\7\0\xC0II", 23);
}

static void
answer(struct fake_wire *w, struct ms_slice bytes)
{
	struct fake *fake = w->fake;
	struct ms_buf hello;
	struct seen seen;
	unsigned version = 0, group;
	uint32_t suite;

	see(bytes, &seen);
	for (size_t i = 0; fake->versions[i]; i++)
		if (fake->versions[i] == seen.version)
			version = seen.version;
	w->mute = fake->silent == seen.version;
	if ((fake->longest && bytes.n > fake->longest) ||
	    (fake->no_grease && seen.grease)) {
		w->over = true;
		return;
	}
	if (seen.fallback && !fake->ignores_fallback &&
	    seen.version != fake->versions[0]) {
		refuse(w, 86);
		return;
	}
	if (version == MS_SSL_2) {
		answer_ssl2(w);
		return;
	}
	suite = version ? pick_suite(fake, &seen) : 0;
	group = pick_group(fake, &seen);
	if (!suite || (seen.groups_n && !group) ||
	    (version == MS_TLS_13 && fake->needs_share && !seen.share)) {
		refuse(w, fake->alert);
		return;
	}
	ms_buf_init(&hello, arena);
	put_hello(fake, &seen, version, suite, group, &hello);
	put_flight(w, ms_buf_get(&hello), suite, group);
}

static enum ms_wire_status
fake_write(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	struct fake_wire *w = (struct fake_wire *)self;

	(void)shown;
	if (w->full) {
		w->over = true;
		return MS_WIRE_OK;
	}
	pthread_mutex_lock(&w->fake->lock);
	answer(w, bytes);
	pthread_mutex_unlock(&w->fake->lock);
	return MS_WIRE_OK;
}

/* A few octets at a time. */
static enum ms_wire_status
fake_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	struct fake_wire *w = (struct fake_wire *)self;

	self->elapsed += w->mute ? 5 : 0.001;
	*got = 0;
	if (w->mute)
		return MS_WIRE_TIMEOUT;
	if (w->at == w->out.n)
		return w->over ? MS_WIRE_CLOSED : MS_WIRE_TIMEOUT;
	*got = w->out.n - w->at < 7 ? w->out.n - w->at : 7;
	assert_true(size >= *got);
	memcpy(room, w->out.p + w->at, *got);
	w->at += *got;
	return MS_WIRE_OK;
}

static void
fake_close(struct ms_wire *self)
{
	(void)self;
}

static enum ms_wire_status
fake_reach(void *context, const char *purpose, struct ms_arena *lane,
    struct ms_wire **out)
{
	struct fake *fake = context;
	struct fake_wire *w = MS_NEW(lane, struct fake_wire);
	bool full;
	char line[80];

	*out = &w->wire;
	w->wire.read = fake_read;
	w->wire.write = fake_write;
	w->wire.close = fake_close;
	w->fake = fake;
	pthread_mutex_lock(&fake->lock);
	ms_buf_init(&w->out, arena);
	full = fake->most && fake->opened >= fake->most;
	fake->opened++;
	snprintf(line, sizeof(line), "%s\n", purpose);
	/* One purpose, one connection. */
	assert_null(strstr(fake->purposes, line));
	strcat(fake->purposes, line);
	pthread_mutex_unlock(&fake->lock);
	if (full && !fake->closes_after) {
		w->wire.why = "421 too many connections";
		return MS_WIRE_CLOSED;
	}
	w->full = full;
	return MS_WIRE_OK;
}

static struct ms_tls_scan *
scan_fake(struct fake *fake, unsigned at_once, double seconds)
{
	struct ms_tls_scan *out = MS_NEW(arena, struct ms_tls_scan);
	const struct ms_tls_scan_request request = { .reach = fake_reach,
		.context = fake,
		.name = "mx.example",
		.seconds = seconds,
		.at_once = at_once };

	pthread_mutex_init(&fake->lock, NULL);
	fake->purposes[0] = '\n';
	fake->purposes[1] = '\0';
	ms_tls_scan(&env, arena, &request, out);
	assert_int_equal(out->connections, fake->opened);
	return out;
}

/* "TLSv1.2 0xC02F 0xC030": what was found of a version, as text. */
static const char *
suites_of(const struct ms_tls_scan_version *v)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < v->suites_n; i++)
		ms_buf_printf(
		    &buf, "%s%04X", i ? " " : "", v->suites[i].suite.code);
	return ms_arena_string(arena, ms_buf_get(&buf));
}

static const char *
groups_of(const struct ms_tls_scan_version *v)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < v->groups_n; i++)
		ms_buf_printf(&buf, "%s%s", i ? " " : "", v->groups[i].name);
	return ms_arena_string(arena, ms_buf_get(&buf));
}

/* "1.3 1.2 -1.1 ?1.0": every version's word. */
static const char *
versions_of(const struct ms_tls_scan *scan)
{
	struct ms_buf buf;

	ms_buf_init(&buf, arena);
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
		ms_buf_printf(&buf, "%s%s%s", i ? " " : "",
		    scan->versions[i].offered == MS_TLS_YES  ? ""
		    : scan->versions[i].offered == MS_TLS_NO ? "-"
							     : "?",
		    scan->versions[i].name);
	return ms_arena_string(arena, ms_buf_get(&buf));
}

#define NOTHING_OLD "-TLSv1.1 -TLSv1.0 -SSLv3 -SSLv2"

static const struct fake good = { .versions = { MS_TLS_13, MS_TLS_12 },
	.suites = { 0x1302, 0x1301, 0xC030, 0xC02F, 0x009E, 0xC014, 0x002F },
	.groups = { 0x11EC, 29, 24, 23 },
	.own_order = true,
	.alert = 40 };

static void
test_good(void **state)
{
	(void)state;
	for (unsigned at_once = 1; at_once <= 4; at_once++) {
		struct fake fake = good;
		struct ms_tls_scan *out = scan_fake(&fake, at_once, 0);
		const struct ms_tls_scan_version *v = out->versions;

		assert_string_equal(
		    versions_of(out), "TLSv1.3 TLSv1.2 " NOTHING_OLD);
		assert_string_equal(suites_of(&v[0]), "1302 1301");
		assert_string_equal(
		    suites_of(&v[1]), "C030 C02F 009E C014 002F");
		assert_string_equal(groups_of(&v[0]),
		    "X25519MLKEM768 x25519 secp384r1 secp256r1");
		assert_string_equal(
		    groups_of(&v[1]), "x25519 secp384r1 secp256r1");
		assert_string_equal(v[1].suites[0].group.name, "x25519");
		assert_int_equal(v[1].suites[2].prime_bits, 1023);
		assert_int_equal(v[1].suites[4].group.code, 0);
		assert_int_equal(v[0].server_order, MS_TLS_YES);
		assert_int_equal(v[1].server_order, MS_TLS_YES);
		assert_int_equal(v[0].tickets, MS_TLS_UNKNOWN);
		assert_int_equal(v[1].tickets, MS_TLS_YES);
		assert_int_equal(v[1].extended_secret, MS_TLS_YES);
		assert_int_equal(v[1].secure_renegotiation, MS_TLS_YES);
		assert_int_equal(v[1].compression, MS_TLS_NO);
		assert_int_equal(out->fallback, MS_TLS_YES);
		assert_int_equal(out->grease, MS_TLS_YES);
		assert_true(ms_tls_scan_complete(out));
		assert_false(out->short_hello);
		assert_null(out->stopped);
		assert_string_equal(v[2].why, "alert handshake_failure");
		/* Suites 2, refusal, order; groups 3 (one was known),
		 * refusal; 5, 1, 1; 3, 1; the old versions; fallback,
		 * GREASE. */
		assert_int_equal(out->connections, 25);
	}
}

static void
test_client_order(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.own_order = false;
	out = scan_fake(&fake, 0, 0);
	assert_int_equal(out->versions[0].server_order, MS_TLS_NO);
	assert_int_equal(out->versions[1].server_order, MS_TLS_NO);
	/* In our order: forward secrecy and AEAD first. */
	assert_string_equal(
	    suites_of(&out->versions[1]), "C02F C030 009E C014 002F");
}

static void
test_old(void **state)
{
	struct fake fake = { .versions = { MS_TLS_10, MS_SSL_3, MS_SSL_2 },
		.suites = { 0x0005, 0xC013, 0x000A, 0x0016, 0x0003, 0x0018,
		    0x0001 },
		.groups = { 23, 19 },
		.alert = 70,
		.old = true,
		.ignores_fallback = true };
	struct ms_tls_scan *out = scan_fake(&fake, 0, 0);
	const struct ms_tls_scan_version *v = out->versions;

	(void)state;
	assert_string_equal(
	    versions_of(out), "-TLSv1.3 -TLSv1.2 -TLSv1.1 TLSv1.0 SSLv3 SSLv2");
	assert_string_equal(
	    suites_of(&v[3]), "C013 0016 0018 0001 0003 0005 000A");
	assert_string_equal(groups_of(&v[3]), "secp256r1 secp192r1");
	assert_string_equal(suites_of(&v[5]), "10080 700C0");
	assert_int_equal(v[3].secure_renegotiation, MS_TLS_NO);
	assert_int_equal(v[3].compression, MS_TLS_YES);
	assert_int_equal(v[3].tickets, MS_TLS_NO);
	assert_int_equal(v[4].tickets, MS_TLS_UNKNOWN);
	assert_int_equal(out->fallback, MS_TLS_NO);
	assert_true(ms_tls_scan_complete(out));
}

/* It closes where others send an alert: that is a refusal as long as it still
 * answers what it answered before. */
static void
test_closes(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.alert = -1;
	fake.no_grease = true;
	out = scan_fake(&fake, 0, 0);
	assert_string_equal(versions_of(out), "TLSv1.3 TLSv1.2 " NOTHING_OLD);
	assert_string_equal(out->versions[2].why, "it closes the connection");
	assert_true(out->versions[1].suites_done);
	assert_string_equal(
	    suites_of(&out->versions[1]), "C030 C02F 009E C014 002F");
	assert_int_equal(out->grease, MS_TLS_NO);
	assert_true(ms_tls_scan_complete(out));
}

/* After the eighth connection it closes on everything: nothing is known by
 * that. */
static void
test_closes_on_all(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.most = 8;
	fake.closes_after = true;
	out = scan_fake(&fake, 1, 0);
	assert_string_equal(versions_of(out),
	    "TLSv1.3 ?TLSv1.2 ?TLSv1.1 ?TLSv1.0 ?SSLv3 ?SSLv2");
	assert_false(ms_tls_scan_complete(out));
	assert_int_equal(out->grease, MS_TLS_UNKNOWN);
}

static void
test_421(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.most = 12;
	out = scan_fake(&fake, 1, 0);
	assert_string_equal(versions_of(out),
	    "TLSv1.3 TLSv1.2 ?TLSv1.1 ?TLSv1.0 ?SSLv3 ?SSLv2");
	assert_string_equal(out->stopped, "421 too many connections");
	assert_string_equal(out->versions[3].why, "421 too many connections");
	assert_false(out->versions[1].suites_done);
	assert_string_equal(
	    out->versions[1].suites_why, "421 too many connections");
	/* One more after a pause, then no more. */
	assert_int_equal(out->connections, 14);
	assert_false(ms_tls_scan_complete(out));
}

static void
test_silent(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.silent = MS_TLS_10;
	out = scan_fake(&fake, 0, 0);
	assert_string_equal(versions_of(out),
	    "TLSv1.3 TLSv1.2 -TLSv1.1 ?TLSv1.0 -SSLv3 -SSLv2");
	assert_string_equal(out->versions[3].why, "no answer in time");
	assert_null(out->stopped);
	assert_false(ms_tls_scan_complete(out));
}

static void
test_time_over(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.silent = MS_TLS_12;
	out = scan_fake(&fake, 1, 12);
	assert_string_equal(out->stopped, "the time is over");
	assert_string_equal(versions_of(out),
	    "TLSv1.3 ?TLSv1.2 ?TLSv1.1 ?TLSv1.0 ?SSLv3 ?SSLv2");
}

static void
test_limit(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	env.limits.tls_connections = 10;
	out = scan_fake(&fake, 1, 0);
	env.limits = ms_limits_fill(NULL);
	assert_true(out->limit);
	assert_int_equal(out->connections, 10);
	assert_false(ms_tls_scan_complete(out));
}

static void
test_long_hello(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.longest = 400;
	out = scan_fake(&fake, 0, 0);
	assert_true(out->short_hello);
	assert_string_equal(versions_of(out), "TLSv1.3 TLSv1.2 " NOTHING_OLD);
	assert_string_equal(
	    suites_of(&out->versions[1]), "C030 C02F 009E C014 002F");
	assert_string_equal(
	    groups_of(&out->versions[1]), "x25519 secp384r1 secp256r1");
	assert_int_equal(out->versions[1].server_order, MS_TLS_UNKNOWN);
	assert_true(ms_tls_scan_complete(out));
}

/* It cannot ask for another share of a key; with one it answers. */
static void
test_needs_share(void **state)
{
	struct fake fake = good;
	struct ms_tls_scan *out;

	(void)state;
	fake.needs_share = true;
	out = scan_fake(&fake, 0, 0);
	assert_string_equal(versions_of(out), "TLSv1.3 TLSv1.2 " NOTHING_OLD);
	assert_string_equal(suites_of(&out->versions[0]), "1302 1301");
	assert_false(out->short_hello);
}

/* Without the curve of the certificate's key nothing works; the others are
 * found all the same. */
static void
test_curve_key(void **state)
{
	struct fake fake = { .versions = { MS_TLS_12 },
		.suites = { 0xC02B, 0xC02C },
		.groups = { 23, 29, 24 },
		.needs_group = 23,
		.alert = 40 };
	struct ms_tls_scan *out = scan_fake(&fake, 0, 0);

	(void)state;
	assert_string_equal(
	    groups_of(&out->versions[1]), "x25519 secp256r1 secp384r1");
	assert_int_equal(out->fallback, MS_TLS_UNKNOWN);
	assert_true(ms_tls_scan_complete(out));
}

/* It picks what nobody offered, for ever. */
static enum ms_wire_status
liar_read(struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	static const unsigned char hello[] = { 22, 3, 3, 0, 42, 2, 0, 0, 38, 3,
		3 };

	(void)self;
	assert_true(size >= 47);
	memset(room, 0, 47);
	memcpy(room, hello, sizeof(hello));
	room[44] = 0x13;
	*got = 47;
	return MS_WIRE_OK;
}

static enum ms_wire_status
garbage_read(
    struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	(void)self;
	*got = size < 28 ? size : 28;
	memcpy(room, "220 mx.example ESMTP at last", *got);
	return MS_WIRE_OK;
}

static enum ms_wire_status
endless_read(
    struct ms_wire *self, unsigned char *room, size_t size, size_t *got)
{
	(void)self;
	*got = size;
	for (size_t i = 0; i < size; i++)
		room[i] = (unsigned char)"\x16\3\3\0\1\x01"[i % 6];
	return MS_WIRE_OK;
}

static enum ms_wire_status
take_all(struct ms_wire *self, struct ms_slice bytes, const char *shown)
{
	(void)self;
	(void)bytes;
	(void)shown;
	return MS_WIRE_OK;
}

static enum ms_wire_status
hostile_reach(void *context, const char *purpose, struct ms_arena *lane,
    struct ms_wire **out)
{
	struct ms_wire *wire = MS_NEW(lane, struct ms_wire);
	const int *kind = context;

	(void)purpose;
	wire->read = *kind == 0   ? liar_read
		     : *kind == 1 ? garbage_read
				  : endless_read;
	wire->write = take_all;
	wire->close = fake_close;
	*out = wire;
	return MS_WIRE_OK;
}

static void
test_hostile(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct ms_tls_scan out;
		const struct ms_tls_scan_request request = {
			.reach = hostile_reach, .context = &kind
		};

		ms_tls_scan(&env, arena, &request, &out);
		for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
			assert_false(out.versions[i].offered == MS_TLS_YES &&
				     out.versions[i].suites_done);
		assert_true(out.connections < 60);
	}
}

/* ---- OpenSSL's own server ---- */

static char folder[] = "/tmp/tls_scan.XXXXXX";
static bool have_keys;

static enum ms_wire_status
loopback_reach(void *context, const char *purpose, struct ms_arena *lane,
    struct ms_wire **out)
{
	const struct tls_server *server = context;

	(void)purpose;
	return test_wire_open(server->port, lane, out);
}

#define WORDS_MAX 16

static struct ms_tls_scan *
scan_openssl(const char *const *words)
{
	struct ms_tls_scan *out = MS_NEW(arena, struct ms_tls_scan);
	struct tls_server server;
	const struct ms_tls_scan_request request = { .reach = loopback_reach,
		.context = &server,
		.name = "mx.example" };

	if (!have_keys || chdir(folder) != 0)
		skip();
	if (!tls_server_start(&server, words))
		fail_msg("openssl s_server cannot be started");
	ms_tls_scan(&env, arena, &request, out);
	tls_server_stop(&server);
	return out;
}

static void
test_openssl_default(void **state)
{
	static const char *const words[] = { "-cert", "rsa.pem", "-serverpref",
		NULL };
	struct ms_tls_scan *out = scan_openssl(words);
	const struct ms_tls_scan_version *v = out->versions;

	(void)state;
	assert_string_equal(versions_of(out), "TLSv1.3 TLSv1.2 " NOTHING_OLD);
	assert_string_equal(suites_of(&v[0]), "1302 1303 1301");
	assert_int_equal(v[0].server_order, MS_TLS_YES);
	assert_int_equal(v[1].server_order, MS_TLS_YES);
	assert_int_equal(v[1].suites[0].suite.code, 0xC030);
	assert_string_equal(
	    groups_of(&v[1]), "x25519 secp256r1 x448 secp521r1 secp384r1");
	assert_int_equal(v[1].secure_renegotiation, MS_TLS_YES);
	assert_int_equal(out->fallback, MS_TLS_YES);
	assert_int_equal(out->grease, MS_TLS_YES);
	assert_true(ms_tls_scan_complete(out));
}

static void
test_openssl_weak(void **state)
{
	static const char *const words[] = { "-cert", "ecdsa.pem", "-dcert",
		"rsa.pem", "-cipher", "ALL:eNULL:aNULL:@SECLEVEL=0", NULL };
	struct ms_tls_scan *out = scan_openssl(words);
	const struct ms_tls_scan_version *v = out->versions;
	bool anonymous = false, plain = false, ecdsa = false, rsa = false;

	(void)state;
	assert_string_equal(
	    versions_of(out), "TLSv1.3 TLSv1.2 TLSv1.1 TLSv1.0 -SSLv3 -SSLv2");
	for (size_t i = 0; i < v[1].suites_n; i++) {
		unsigned flags = v[1].suites[i].suite.flags;

		anonymous |= (flags & MS_TLS_ANONYMOUS) != 0;
		plain |= (flags & MS_TLS_PLAIN) != 0;
		ecdsa |= (flags & MS_TLS_ECDSA) != 0;
		rsa |= strstr(v[1].suites[i].suite.name, "ECDHE_RSA") != NULL;
	}
	assert_true(anonymous && plain && ecdsa && rsa);
	assert_true(v[1].suites_n > 60);
	assert_true(v[3].suites_n > 15);
	assert_true(ms_tls_scan_complete(out));
}

static void
test_openssl_tls10(void **state)
{
	static const char *const words[] = { "-cert", "rsa.pem", "-tls1",
		"-cipher", "AES128-SHA:@SECLEVEL=0", "-legacy_renegotiation",
		"-no_ticket", NULL };
	struct ms_tls_scan *out = scan_openssl(words);

	(void)state;
	assert_string_equal(versions_of(out),
	    "-TLSv1.3 -TLSv1.2 -TLSv1.1 TLSv1.0 -SSLv3 -SSLv2");
	assert_string_equal(suites_of(&out->versions[3]), "002F");
	assert_int_equal(out->versions[3].tickets, MS_TLS_NO);
	assert_true(ms_tls_scan_complete(out));
}

static void
test_openssl_ecdsa(void **state)
{
	static const char *const words[] = { "-cert", "ecdsa.pem", "-tls1_2",
		"-cipher", "ECDHE", "-groups", "P-384:P-256:X25519", NULL };
	struct ms_tls_scan *out = scan_openssl(words);
	const struct ms_tls_scan_version *v = &out->versions[1];

	(void)state;
	assert_string_equal(versions_of(out), "-TLSv1.3 TLSv1.2 " NOTHING_OLD);
	assert_string_equal(groups_of(v), "x25519 secp256r1 secp384r1");
	assert_true(ms_tls_scan_complete(out));
}

/* ---- */

static int
set_up(void **state)
{
	(void)state;
	arena = ms_arena_new(NULL);
	memset(&env, 0, sizeof(env));
	env.limits = ms_limits_fill(NULL);
	have_keys = mkdtemp(folder) && tls_server_keys(folder);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "rsa.pem", "rsa.key", "rsa.crt",
		"ecdsa.pem", "ecdsa.key", "ecdsa.crt" };

	(void)state;
	if (chdir(folder) == 0)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			unlink(names[i]);
	rmdir(folder);
	ms_arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_client_order),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_closes),
		cmocka_unit_test(test_closes_on_all),
		cmocka_unit_test(test_421),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_time_over),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_long_hello),
		cmocka_unit_test(test_needs_share),
		cmocka_unit_test(test_curve_key),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_openssl_default),
		cmocka_unit_test(test_openssl_weak),
		cmocka_unit_test(test_openssl_tls10),
		cmocka_unit_test(test_openssl_ecdsa),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
