/* SPDX-License-Identifier: ISC
 * accept.c - which media type a client would have, RFC 9110 12.5.1
 *
 *   Accept      = [ ( media-range [ weight ] ) *( OWS "," OWS ( … ) ) ]
 *   media-range = ( "*" "/" "*" / type "/" "*" / type "/" subtype ) parameters
 *   weight      = OWS ";" OWS "q=" qvalue
 *
 * Parameters of a media type are passed over: "text/plain;version=0.0.4" is
 * text/plain. What cannot be read is passed over to the next comma.
 */
#include "mailsonde/http.h"
#include "mailsonde/scan.h"

struct range {
	struct ms_slice type, subtype;
	unsigned weight; /* thousandths */
};

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
static unsigned
read_weight(struct ms_scan *s)
{
	unsigned weight = (unsigned)ms_scan_number(s, 1, 1) * 1000;
	unsigned scale = 100;
	struct ms_slice digits;

	if (s->bad || !ms_scan_try_byte(s, '.'))
		return s->bad ? 0 : weight;
	digits = ms_scan_while(s, MS_C_DIGIT, 3);
	for (size_t i = 0; i < digits.n; i++, scale /= 10)
		weight += (digits.p[i] - (unsigned)'0') * scale;
	return weight > 1000 ? 1000 : weight;
}

static void
read_parameters(struct ms_scan *s, struct range *out)
{
	while (ms_scan_space(s), ms_scan_try_byte(s, ';')) {
		struct ms_slice value;
		bool closed;

		ms_scan_space(s);
		if (ms_scan_try_text(s, "q=")) {
			out->weight = read_weight(s);
			continue;
		}
		ms_scan_while(s, MS_C_TOKEN, SIZE_MAX);
		if (ms_scan_try_byte(s, '=') &&
		    !ms_scan_quoted(s, &value, &closed))
			ms_scan_while(s, MS_C_TOKEN, SIZE_MAX);
	}
}

/* One element of the list; false: it is no media range. */
static bool
read_range(struct ms_scan *s, struct range *out)
{
	ms_scan_space(s);
	out->weight = 1000;
	out->type = ms_scan_while(s, MS_C_TOKEN, SIZE_MAX);
	if (out->type.n == 0 || !ms_scan_try_byte(s, '/'))
		return false;
	out->subtype = ms_scan_while(s, MS_C_TOKEN, SIZE_MAX);
	read_parameters(s, out);
	return out->subtype.n > 0 && !s->bad &&
	       (ms_scan_at_end(s) || ms_scan_peek(s) == ',');
}

/* 0: it is not of the range; the more exactly it is named, the more. */
static unsigned
fit(const struct range *range, const char *type)
{
	struct ms_slice whole = ms_slice_from(type);
	size_t slash = ms_slice_find(whole, 0, '/');
	bool any = ms_slice_is(range->subtype, "*");

	if (ms_slice_is(range->type, "*") && any)
		return 1;
	if (!ms_slice_equal_nocase(range->type, ms_slice_part(whole, 0, slash)))
		return 0;
	if (any)
		return 2;
	return ms_slice_equal_nocase(
		   range->subtype, ms_slice_part(whole, slash + 1, whole.n))
		   ? 3
		   : 0;
}

/* Thousandths: those of the range that names it most exactly; of several that
 * do, which differ in parameters, the highest. */
static unsigned
weight_of(const char *field, const char *type)
{
	struct ms_scan s = ms_scan_init(ms_slice_from(field));
	unsigned best = 0, weight = 0;

	while (!ms_scan_at_end(&s)) {
		struct range range;
		unsigned its = 0;

		if (read_range(&s, &range))
			its = fit(&range, type);
		if (its > best || (its == best && range.weight > weight))
			weight = its > 0 ? range.weight : weight;
		best = its > best ? its : best;
		s.bad = false;
		ms_scan_through(&s, ',');
	}
	return weight;
}

size_t
ms_http_accept(const char *field, const char *const *types, size_t n)
{
	unsigned highest = 0;
	size_t out = n;

	if (!field)
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned weight = weight_of(field, types[i]);

		if (weight > highest) {
			highest = weight;
			out = i;
		}
	}
	return out;
}
