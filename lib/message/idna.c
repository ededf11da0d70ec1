/* SPDX-License-Identifier: ISC
 * idna.c - domain names in their two forms, UTS 46 and RFC 5890 to 5892
 *
 * libidn2 is opened when a name needs it. Without it labels are converted by
 * Punycode alone (RFC 3492), which does for showing them.
 */
#include <idn2.h>

#include "mailsonde/buf.h"
#include "mailsonde/library.h"
#include "mailsonde/link.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define NAME_MAX_LEN  1024
#define LABEL_MAX_LEN 63

/* ---- Punycode, RFC 3492 --------------------------------------------------
 */

static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static uint32_t
threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias)
		return 1;
	return k >= bias + 26 ? 26 : k - bias;
}

/* The code points of UTF-8 that is known to be short; 0 when ill-formed. */
static size_t
runes(struct ms_slice s, uint32_t out[LABEL_MAX_LEN])
{
	size_t n = 0;

	while (s.n > 0) {
		int32_t rune = ms_utf8_next(&s);

		if (n == LABEL_MAX_LEN || rune < 0)
			return 0;
		out[n++] = rune < 0x80 ? ms_lower((unsigned char)rune)
				       : (uint32_t)rune;
	}
	return n;
}

static void
put_number(struct ms_buf *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = threshold(k, bias), digit = q;

		if (q >= t)
			digit = t + (q - t) % (36 - t);
		ms_buf_byte(
		    out, (unsigned char)(digit < 26 ? 'a' + digit
						    : '0' + digit - 26));
		if (q < t)
			return;
		q = (q - t) / (36 - t);
	}
}

static bool
puny_encode(struct ms_slice label, struct ms_buf *out)
{
	uint32_t rune[LABEL_MAX_LEN], at = 0x80, delta = 0, bias = 72;
	size_t n = runes(label, rune), basic = 0, done;

	if (n == 0)
		return false;
	ms_buf_text(out, "xn--");
	for (size_t i = 0; i < n; i++)
		if (rune[i] < 0x80) {
			ms_buf_byte(out, (unsigned char)rune[i]);
			basic++;
		}
	if (basic > 0)
		ms_buf_byte(out, '-');
	for (done = basic; done < n; delta++, at++) {
		uint32_t next = 0x110000;

		for (size_t i = 0; i < n; i++)
			if (rune[i] >= at && rune[i] < next)
				next = rune[i];
		delta += (next - at) * (uint32_t)(done + 1);
		at = next;
		for (size_t i = 0; i < n; i++) {
			delta += rune[i] < at;
			if (rune[i] != at)
				continue;
			put_number(out, delta, bias);
			bias = adapt(delta, (uint32_t)done + 1, done == basic);
			done++;
			delta = 0;
		}
	}
	return true;
}

static int
digit_of(unsigned char c)
{
	c = ms_lower(c);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '0' && c <= '9' ? c - '0' + 26 : -1;
}

/* One generalised variable-length integer; false where it is none. */
static bool
take_number(struct ms_scan *scan, uint32_t bias, uint32_t *i)
{
	uint64_t sum = *i, weight = 1;

	for (uint32_t k = 36;; k += 36) {
		uint32_t t = threshold(k, bias);
		int digit = digit_of((unsigned char)ms_scan_byte(scan));

		if (scan->bad || digit < 0)
			return false;
		sum += (uint64_t)digit * weight;
		if (sum > UINT32_MAX)
			return false;
		if ((uint32_t)digit < t) {
			*i = (uint32_t)sum;
			return true;
		}
		weight *= 36 - t;
		if (weight > UINT32_MAX)
			return false;
	}
}

/* `label` is without its "xn--". */
static bool
puny_decode(struct ms_slice label, struct ms_buf *out)
{
	uint32_t rune[LABEL_MAX_LEN], at = 0x80, i = 0, bias = 72;
	struct ms_scan scan;
	size_t basic = label.n, n = 0;

	if (label.n > LABEL_MAX_LEN)
		return false;
	while (basic > 0 && label.p[basic - 1] != '-')
		basic--;
	for (; n + 1 < basic; n++)
		rune[n] = ms_lower(label.p[n]);
	scan = ms_scan_init(ms_slice_part(label, basic, label.n));
	while (!ms_scan_at_end(&scan)) {
		uint32_t old = i;

		if (n == LABEL_MAX_LEN || !take_number(&scan, bias, &i))
			return false;
		bias = adapt(i - old, (uint32_t)n + 1, old == 0);
		at += i / (uint32_t)(n + 1);
		i %= (uint32_t)(n + 1);
		if (at > 0x10FFFF || (at >= 0xD800 && at < 0xE000))
			return false;
		memmove(rune + i + 1, rune + i, (n - i) * sizeof(*rune));
		rune[i++] = at;
		n++;
	}
	for (size_t k = 0; k < n; k++)
		ms_buf_rune(out, rune[k]);
	return n > 0;
}

/* UTS 46 2.3: these are dots too. Their length, or 0. */
static size_t
dot(struct ms_slice s, size_t at)
{
	if (s.p[at] == '.')
		return 1;
	if (s.n - at >= 3 && (memcmp(s.p + at, "\xE3\x80\x82", 3) == 0 ||
				 memcmp(s.p + at, "\xEF\xBC\x8E", 3) == 0 ||
				 memcmp(s.p + at, "\xEF\xBD\xA1", 3) == 0))
		return 3;
	return 0;
}

static bool
convert_label(struct ms_slice label, bool ascii, struct ms_buf *out)
{
	if (ascii && !ms_slice_is_ascii(label))
		return puny_encode(label, out);
	if (!ascii && ms_slice_starts(label, "xn--"))
		return puny_decode(ms_slice_part(label, 4, label.n), out);
	for (size_t i = 0; i < label.n; i++)
		ms_buf_byte(out, ms_lower(label.p[i]));
	return true;
}

static struct ms_slice
convert(struct ms_arena *arena, struct ms_slice name, bool ascii)
{
	struct ms_buf out;
	size_t from = 0;

	ms_buf_init(&out, arena);
	ms_buf_room(&out, name.n + 1);
	for (size_t i = 0; i <= name.n; i++) {
		size_t n = i < name.n ? dot(name, i) : 1;

		if (n == 0)
			continue;
		if (!convert_label(ms_slice_part(name, from, i), ascii, &out))
			return name;
		if (i < name.n)
			ms_buf_byte(&out, '.');
		from = i + n;
		i = from - 1;
	}
	return ms_buf_get(&out);
}

/* ---- libidn2 -------------------------------------------------------------
 */

/* NULL when the library is missing or refuses the name. */
static struct ms_slice
by_library(struct ms_arena *arena, struct ms_slice name, bool ascii)
{
	struct ms_slice result = { NULL, 0 };
	int (*function)(const char *, char **, int);
	void (*release)(void *);
	const struct ms_library_function functions[] = {
		{ ascii ? "idn2_to_ascii_8z" : "idn2_to_unicode_8z8z",
		    &function },
		{ "idn2_free", &release },
		{ NULL, NULL },
	};
	char *out = NULL;

	/* The next name finds it open. */
	if (!ms_library_open("libidn2.so.0", functions))
		return result;
	if (function(ms_arena_string(arena, name), &out,
		ascii ? IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL : 0) == IDN2_OK)
		result = ms_arena_copy(arena, ms_slice_from(out));
	if (out)
		release(out);
	return result;
}

static struct ms_slice
either_way(struct ms_arena *arena, struct ms_slice name, bool ascii)
{
	struct ms_slice out = { NULL, 0 };

	if (name.n > NAME_MAX_LEN)
		return name;
	if (!memchr(name.p, '\0', name.n))
		out = by_library(arena, name, ascii);
	return out.p ? out : convert(arena, name, ascii);
}

struct ms_slice
ms_domain_to_ascii(struct ms_arena *arena, struct ms_slice domain)
{
	if (ms_slice_is_ascii(domain))
		return ms_arena_lower(arena, domain);
	return either_way(arena, domain, true);
}

struct ms_slice
ms_domain_to_unicode(struct ms_arena *arena, struct ms_slice domain)
{
	if (ms_slice_is_ascii(domain) &&
	    ms_slice_find_nocase(domain, 0, "xn--") == domain.n)
		return ms_arena_lower(arena, domain);
	return either_way(arena, domain, false);
}
