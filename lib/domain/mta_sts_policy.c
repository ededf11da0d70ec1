/* SPDX-License-Identifier: ISC
 * mta_sts_policy.c - the policy file, and whether it covers a host: RFC 8461
 * 3.2 and 4.1
 *
 *	sts-policy-record = sts-policy-field *WSP
 *	    *(sts-policy-term sts-policy-field *WSP) [sts-policy-term]
 *	sts-policy-term = LF / CRLF
 *	sts-policy-field = name ":" *WSP value
 *	sts-policy-mx-value = ["*."] Domain
 *	sts-policy-max-age-value = 1*10(DIGIT)
 */
#include "record_priv.h"

#include "mailsonde/utf8.h"

static const char *const modes[] = {
	[MS_MTA_STS_UNKNOWN] = NULL,
	[MS_MTA_STS_MODE_NONE] = "none",
	[MS_MTA_STS_TESTING] = "testing",
	[MS_MTA_STS_ENFORCE] = "enforce",
};

const char *
ms_mta_sts_mode_name(enum ms_mta_sts_mode mode)
{
	return modes[mode];
}

struct reader {
	struct ms_arena *arena;
	struct ms_mta_sts_policy *out;
	size_t max, room;
	bool has_version;
};

static void
complain(struct reader *r, const char *fault, struct ms_slice where)
{
	if (!fault || r->out->fault)
		return;
	r->out->fault = fault;
	r->out->at = where;
}

/* ---- values ---- */

static void
take_version(struct reader *r, struct ms_slice value)
{
	if (r->has_version)
		return;
	r->has_version = true;
	if (!ms_slice_equal(value, MS_SLICE("STSv1")))
		complain(r, "the version is not STSv1", value);
}

static void
take_mode(struct reader *r, struct ms_slice value)
{
	if (r->out->mode != MS_MTA_STS_UNKNOWN)
		return;
	for (int m = MS_MTA_STS_MODE_NONE; m <= MS_MTA_STS_ENFORCE; m++)
		if (ms_slice_equal(value, ms_slice_from(modes[m])))
			r->out->mode = (enum ms_mta_sts_mode)m;
	if (r->out->mode == MS_MTA_STS_UNKNOWN)
		complain(
		    r, "the mode is none of enforce, testing, none", value);
}

static void
take_max_age(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);

	if (r->out->has_max_age)
		return;
	r->out->has_max_age = true;
	r->out->max_age = ms_scan_number(&s, 10, 9999999999);
	if (s.bad || !ms_scan_at_end(&s)) {
		r->out->max_age = 0;
		complain(r, "max_age is no number of 1 to 10 digits", value);
	}
}

static bool
is_label(struct ms_slice s)
{
	if (s.n == 0 || s.n > 63 || *s.p == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ms_is(s.p[i], MS_C_ALNUM) && s.p[i] != '-')
			return false;
	return true;
}

/* Domain of RFC 5321 4.1.2: labels of letters, digits and inner hyphens. */
static bool
is_domain(struct ms_slice name)
{
	struct ms_scan s = ms_scan_init(name);
	bool good = name.n <= 253;

	do
		good = good && is_label(ms_scan_to(&s, '.'));
	while (good && ms_scan_try_byte(&s, '.'));
	return good;
}

static void
take_mx(struct reader *r, struct ms_slice value)
{
	struct ms_mta_sts_policy *out = r->out;
	size_t room = r->room ? r->room * 2 : 8;
	bool wild = ms_slice_starts(value, "*.");

	if (!is_domain(ms_slice_part(value, wild ? 2 : 0, value.n)))
		complain(r, "an mx is no host name or \"*.\" and one", value);
	if (out->mx_n == r->max) {
		complain(r, "it has more lines than are read", value);
		return;
	}
	if (out->mx_n == r->room) {
		out->mx = ms_arena_grow(r->arena, out->mx,
		    sizeof(*out->mx) * r->room, sizeof(*out->mx) * room);
		r->room = room;
	}
	out->mx[out->mx_n++] = value;
}

static void
take_extension(struct reader *r, struct ms_slice name, struct ms_slice value)
{
	struct record_field field = { .name = name, .value = MS_SLICE("x") };
	bool good = value.n > 0 && ms_utf8_valid(value);

	complain(r, record_extension(&field), name);
	for (size_t i = 0; i < value.n; i++)
		good = good && !ms_is(value.p[i], MS_C_CTL);
	if (!good)
		complain(r,
		    "a field's value is empty or holds a character "
		    "that none may hold",
		    value);
}

/* ---- lines ---- */

static const struct {
	const char *name;
	void (*take)(struct reader *r, struct ms_slice value);
} fields[] = {
	{ "version", take_version },
	{ "mode", take_mode },
	{ "max_age", take_max_age },
	{ "mx", take_mx },
};

static void
take_line(struct reader *r, struct ms_slice line)
{
	size_t colon = ms_slice_find(line, 0, ':');
	struct ms_slice name = ms_slice_part(line, 0, colon);
	struct ms_slice value = ms_slice_part(line, colon + 1, line.n);

	if (colon == line.n || name.n == 0) {
		complain(r, "a line is no \"name: value\"", line);
		return;
	}
	while (value.n > 0 && ms_is(*value.p, MS_C_WSP))
		value = ms_slice_part(value, 1, value.n);
	while (value.n > 0 && ms_is(value.p[value.n - 1], MS_C_WSP))
		value.n--;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!ms_slice_equal(name, ms_slice_from(fields[i].name)))
			continue;
		fields[i].take(r, value);
		return;
	}
	take_extension(r, name, value);
}

static void
check_whole(struct reader *r, struct ms_slice text)
{
	const struct ms_mta_sts_policy *out = r->out;

	if (!r->has_version)
		complain(r, "it has no version", text);
	if (out->mode == MS_MTA_STS_UNKNOWN)
		complain(r, "it has no mode", text);
	if (!out->has_max_age)
		complain(r, "it has no max_age", text);
	if (out->mx_n == 0 && out->mode != MS_MTA_STS_MODE_NONE)
		complain(r, "it has no mx", text);
}

void
ms_mta_sts_policy_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_mta_sts_policy *out)
{
	struct reader r = { .arena = arena, .out = out, .max = limits->tags };
	struct ms_slice rest = text, line;

	memset(out, 0, sizeof(*out));
	while (ms_slice_line(&rest, false, &line))
		take_line(&r, line);
	check_whole(&r, text);
	out->valid = out->fault == NULL;
}

/* ---- hosts ---- */

bool
ms_mta_sts_matches(struct ms_slice pattern, struct ms_slice host)
{
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (!ms_slice_starts(pattern, "*."))
		return pattern.n > 0 && ms_slice_equal_nocase(pattern, host);
	pattern = ms_slice_part(pattern, 1, pattern.n);
	host = ms_slice_part(host, ms_slice_find(host, 1, '.'), host.n);
	return pattern.n > 1 && ms_slice_equal_nocase(pattern, host);
}
