/* SPDX-License-Identifier: ISC
 * record.c - fields behind a version: the form of RFC 8460 3 and RFC 8461 3.1
 */
#include "record_priv.h"

bool
record_starts(struct ms_slice text, const char *version)
{
	size_t n = strlen(version);
	struct ms_scan s = ms_scan_init(ms_slice_part(text, n, text.n));

	if (!ms_slice_equal(ms_slice_part(text, 0, n), ms_slice_from(version)))
		return false;
	(void)ms_scan_while(&s, MS_C_WSP, SIZE_MAX);
	return ms_scan_try_byte(&s, ';');
}

static struct ms_slice
trim(struct ms_slice s)
{
	while (s.n > 0 && ms_is(s.p[s.n - 1], MS_C_WSP))
		s.n--;
	while (s.n > 0 && ms_is(*s.p, MS_C_WSP))
		s = ms_slice_part(s, 1, s.n);
	return s;
}

/* White space stands around ";" and nowhere else. */
static const char *
form(const struct record_field *f, bool equals)
{
	if (f->all.n == 0)
		return "two semicolons stand side by side";
	if (!equals)
		return "a field has no \"=\"";
	if (f->name.n == 0)
		return "a field has no name";
	if (f->value.n == 0)
		return "a field has no value";
	if (ms_is(f->name.p[f->name.n - 1], MS_C_WSP) ||
	    ms_is(*f->value.p, MS_C_WSP))
		return "white space stands beside an \"=\"";
	return NULL;
}

bool
record_field(struct ms_slice *rest, struct record_field *out)
{
	size_t from = ms_slice_find(*rest, 0, ';'), to, equals;

	if (from == rest->n)
		return false;
	*rest = ms_slice_part(*rest, from + 1, rest->n);
	to = ms_slice_find(*rest, 0, ';');
	out->all = trim(ms_slice_part(*rest, 0, to));
	if (out->all.n == 0 && to == rest->n)
		return false; /* the record ends in a ";", as it may */
	equals = ms_slice_find(out->all, 0, '=');
	out->name = ms_slice_part(out->all, 0, equals);
	out->value = ms_slice_part(out->all, equals + 1, out->all.n);
	out->fault = form(out, equals < out->all.n);
	return true;
}

const char *
record_extension(const struct record_field *field)
{
	struct ms_slice name = field->name, value = field->value;

	if (name.n > RECORD_NAME_MAX)
		return "a field's name has more than 32 characters";
	for (size_t i = 0; i < name.n; i++)
		if (!ms_is(name.p[i], MS_C_ALNUM) &&
		    (i == 0 || !memchr("_-.", name.p[i], 3)))
			return "a field's name holds a character that none may "
			       "hold";
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~' || value.p[i] == '=')
			return "a field's value holds a character that none "
			       "may hold";
	return NULL;
}
