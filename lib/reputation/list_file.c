/* SPDX-License-Identifier: ISC
 * list_file.c - lists that others write down
 *
 *	# a comment
 *	zone zen.dq.spamhaus.net	what follows is about this one
 *	like zen.spamhaus.org		all that is not said here
 *	key-env SPAMHAUS_KEY		what stands in front of the zone
 *
 *	zone dnsbl.example.net
 *	lists ip4 ip6			or names, domains (registered ones)
 *	kind block			or allow
 *	weight medium
 *	code 127.0.0.2-9 high spam	an octet may be a range, or "*"
 *	code 127.0.0.255 refused too many questions
 *	bit 8 phishing			of the last octet
 *	test 127.0.0.2 127.0.0.1	listed, not listed; or none
 *	page https://example.net/
 *	note for customers alone
 *	server 192.0.2.53@5353		asked by itself
 *
 *	without bl.example.org		is not asked
 */
#include "mailsonde/dnsbl.h"
#include "mailsonde/scan.h"

struct reader {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct ms_dnsbl_set *set;
	struct ms_dnsbl *list; /* of the last "zone"; NULL: none yet */
};

/* ---- words ---- */

static struct ms_slice
take_word(struct ms_scan *s)
{
	struct ms_slice word = ms_scan_until(s, MS_C_SPACE, SIZE_MAX);

	(void)ms_scan_space(s);
	return word;
}

bool
ms_dnsbl_is_key(struct ms_slice text)
{
	struct ms_dns_name name;

	for (size_t i = 0; i < text.n; i++)
		if (!ms_is(text.p[i], MS_C_HOST) || ms_is(text.p[i], MS_C_HIGH))
			return false;
	return text.n > 0 && text.p[text.n - 1] != '.' &&
	       ms_dns_name_from_text(text, &name);
}

/* Lower case, without the final dot; NULL: it is no name. */
static const char *
zone_name(struct ms_arena *arena, struct ms_slice value)
{
	struct ms_dns_name name;

	if (value.n > 1 && value.p[value.n - 1] == '.')
		value.n--;
	if (!ms_dnsbl_is_key(value) || !ms_dns_name_from_text(value, &name))
		return NULL;
	return ms_arena_string(
	    arena, ms_arena_lower(arena, ms_dns_name_format(arena, &name)));
}

/* ---- lines ---- */

static const char *
take_zone(struct reader *r, struct ms_slice value)
{
	const char *zone = zone_name(r->arena, value);

	if (!zone)
		return "is no name of a zone";
	if (r->set->n >= r->limits->dnsbl_lists && !ms_dnsbl_find(r->set, zone))
		return "is one list too many";
	r->list = ms_dnsbl_add_zone(r->arena, zone, r->set);
	*r->list = (struct ms_dnsbl){
		.zone = zone, .kinds = MS_DNSBL_IP4, .weight = MS_SEVERITY_HIGH
	};
	return NULL;
}

static const char *
take_like(struct reader *r, struct ms_slice value)
{
	const char *name = zone_name(r->arena, value);
	const char *zone = r->list->zone;
	const struct ms_dnsbl *other =
	    name ? ms_dnsbl_find(r->set, name) : NULL;

	if (!other || other == r->list)
		return "is no list that is known";
	*r->list = *other;
	r->list->zone = zone;
	r->list->key = ms_slice_make(NULL, 0);
	r->list->key_env = NULL;
	return NULL;
}

static const char *
take_without(struct reader *r, struct ms_slice value)
{
	const char *name = zone_name(r->arena, value);
	struct ms_dnsbl *list = name ? ms_dnsbl_find(r->set, name) : NULL;
	size_t at;

	if (!list)
		return "is no list that is known";
	at = (size_t)(list - r->set->lists);
	r->set->n--;
	memmove(list, list + 1, (r->set->n - at) * sizeof(*list));
	r->list = NULL; /* it may have moved */
	return NULL;
}

static const char *
take_lists(struct reader *r, struct ms_slice value)
{
	static const struct {
		const char *word;
		unsigned kind;
	} words[] = {
		{ "ip4", MS_DNSBL_IP4 },
		{ "ip6", MS_DNSBL_IP6 },
		{ "names", MS_DNSBL_NAMES },
		{ "domains", MS_DNSBL_NAMES },
	};
	struct ms_scan s = ms_scan_init(value);

	r->list->kinds = 0;
	r->list->registered = false;
	while (!ms_scan_at_end(&s)) {
		struct ms_slice word = take_word(&s);
		unsigned kind = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (ms_slice_is(word, words[i].word))
				kind = words[i].kind;
		if (kind == 0)
			return "is none of ip4, ip6, names, domains";
		r->list->kinds |= kind;
		r->list->registered |= ms_slice_is(word, "domains");
	}
	return NULL;
}

static const char *
take_kind(struct reader *r, struct ms_slice value)
{
	r->list->allow = ms_slice_is(value, "allow");
	return r->list->allow || ms_slice_is(value, "block")
		   ? NULL
		   : "is neither block nor allow";
}

/* A severity; false: it is none. */
static bool
read_severity(struct ms_slice word, enum ms_severity *out)
{
	enum ms_severity severity;

	if (!ms_severity_parse(word, &severity) ||
	    severity == MS_SEVERITY_NEVER)
		return false;
	*out = severity;
	return true;
}

static const char *
take_weight(struct reader *r, struct ms_slice value)
{
	return read_severity(value, &r->list->weight)
		   ? NULL
		   : "is none of info, low, medium, high, critical";
}

/* "high hijacked", "refused too many questions", "hijacked"; and the code is
 * the list's. */
static const char *
add_code(struct reader *r, struct ms_scan *s, struct ms_dnsbl_code *code)
{
	struct ms_dnsbl *list = r->list;
	struct ms_dnsbl_code *all;
	struct ms_scan ahead = *s;
	struct ms_slice word = take_word(&ahead);

	code->severity = list->weight;
	code->refused = ms_slice_is(word, "refused");
	if (code->refused || read_severity(word, &code->severity))
		*s = ahead;
	if (ms_scan_at_end(s))
		return "lacks the words that say what it means";
	if (list->codes_n >= r->limits->dnsbl_codes)
		return "is one code too many";
	code->text = ms_arena_string(r->arena, ms_scan_rest(s));
	all = MS_NEW_ARRAY(r->arena, struct ms_dnsbl_code, list->codes_n + 1);
	if (list->codes_n > 0)
		memcpy(all, list->codes, list->codes_n * sizeof(*all));
	all[list->codes_n++] = *code;
	list->codes = all;
	return NULL;
}

/* "2", "4-7", "*". */
static void
take_octet(struct ms_scan *s, unsigned char *from, unsigned char *to)
{
	*from = 0;
	*to = 255;
	if (ms_scan_try_byte(s, '*'))
		return;
	*from = *to = (unsigned char)ms_scan_number(s, 3, 255);
	if (ms_scan_try_byte(s, '-'))
		*to = (unsigned char)ms_scan_number(s, 3, 255);
	s->bad |= *to < *from;
}

static const char *
take_code(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_dnsbl_code code = { .text = NULL };

	for (size_t i = 0; i < 4; i++) {
		if (i > 0 && !ms_scan_try_byte(&s, '.'))
			s.bad = true;
		take_octet(&s, &code.from[i], &code.to[i]);
	}
	if (s.bad || code.from[0] != 127 || code.to[0] != 127 ||
	    (!ms_scan_space(&s) && !ms_scan_at_end(&s)))
		return "is no address in 127.0.0.0/8 (127.0.0.2, 127.0.0.4-7, "
		       "127.0.*.1)";
	return add_code(r, &s, &code);
}

static const char *
take_bit(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_dnsbl_code code = { .from = { 127 },
		.to = { 127, 255, 255, 255 } };

	code.bits = (unsigned char)ms_scan_number(&s, 3, 255);
	if (s.bad || code.bits == 0 || !ms_scan_space(&s))
		return "is no number from 1 to 255 with words behind it";
	return add_code(r, &s, &code);
}

/* "127.0.0.2" as it is asked for, a name as it is. */
static const char *
test_key(struct reader *r, struct ms_slice word)
{
	struct ms_dns_name name;
	struct ms_slice text;
	struct ms_ip ip;

	if (!ms_ip_parse(word, &ip))
		return zone_name(r->arena, word);
	ms_dns_name_reverse(&ip, &name);
	text = ms_dns_name_format(r->arena, &name);
	text = ms_slice_part(text, 0,
	    ms_slice_find_text(text, 0, ip.v4 ? ".in-addr.arpa" : ".ip6.arpa"));
	return ms_arena_string(r->arena, text);
}

static const char *
take_test(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	struct ms_slice listed = take_word(&s);
	struct ms_slice unlisted = take_word(&s);

	r->list->untested = ms_slice_is(listed, "none") && unlisted.n == 0;
	if (r->list->untested)
		return NULL;
	r->list->listed = test_key(r, listed);
	r->list->unlisted = test_key(r, unlisted);
	return r->list->listed && r->list->unlisted && ms_scan_at_end(&s)
		   ? NULL
		   : "is neither none nor what is listed and what is not";
}

static const char *
take_page(struct reader *r, struct ms_slice value)
{
	r->list->page = ms_arena_string(r->arena, value);
	return NULL;
}

static const char *
take_note(struct reader *r, struct ms_slice value)
{
	r->list->note = ms_arena_string(r->arena, value);
	return NULL;
}

static const char *
take_server(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);
	bool good = ms_ip_parse(ms_scan_through(&s, '@'), &r->list->server);

	r->list->port = 0;
	if (good && value.p[value.n - 1] == '@')
		good = false;
	if (good && !ms_scan_at_end(&s)) {
		r->list->port = (uint16_t)ms_scan_number(&s, 5, 65535);
		good = !s.bad && ms_scan_at_end(&s) && r->list->port > 0;
	}
	return good ? NULL : "is no address of a server (192.0.2.53@5353)";
}

/* The value is a secret: nothing of it is said. */
static const char *
take_key(struct reader *r, struct ms_slice value)
{
	r->list->key_env = NULL;
	r->list->key = ms_arena_copy(r->arena, value);
	return ms_dnsbl_is_key(value) ? NULL
				      : "is none that could stand in a name";
}

static const char *
take_key_env(struct reader *r, struct ms_slice value)
{
	struct ms_scan s = ms_scan_init(value);

	(void)ms_scan_while(&s, MS_C_ALNUM, SIZE_MAX);
	while (ms_scan_try_byte(&s, '_'))
		(void)ms_scan_while(&s, MS_C_ALNUM, SIZE_MAX);
	r->list->key = ms_slice_make(NULL, 0);
	r->list->key_env = ms_arena_string(r->arena, value);
	return ms_scan_at_end(&s) ? NULL : "is no name of a variable";
}

/* ---- the file ---- */

static const struct row {
	const char *name;
	/* Takes the value: NULL, or what is wrong with it. */
	const char *(*take)(struct reader *r, struct ms_slice value);
	bool alone; /* needs no list that it is about */
} rows[] = {
	{ "zone", take_zone, true },
	{ "without", take_without, true },
	{ "like", take_like, false },
	{ "lists", take_lists, false },
	{ "kind", take_kind, false },
	{ "weight", take_weight, false },
	{ "code", take_code, false },
	{ "bit", take_bit, false },
	{ "test", take_test, false },
	{ "page", take_page, false },
	{ "note", take_note, false },
	{ "server", take_server, false },
	{ "key", take_key, false },
	{ "key-env", take_key_env, false },
};

static const struct row *
row_of(struct ms_slice word)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (ms_slice_is(word, rows[i].name))
			return &rows[i];
	return NULL;
}

/* NULL, or what is wrong; *what is then the word that it is wrong with. */
static const char *
take_line(struct reader *r, struct ms_slice line, const char **what)
{
	struct ms_scan s = ms_scan_init(line);
	const struct row *row = row_of(take_word(&s));
	struct ms_slice value = ms_slice_trim(ms_scan_rest(&s));

	*what = row ? row->name : "the first word";
	if (!row)
		return "is none that is known (zone, like, lists, kind, "
		       "weight, code, bit, test, page, note, server, key, "
		       "key-env, without)";
	if (value.n == 0)
		return "has nothing behind it";
	if (ms_slice_find(value, 0, '\0') < value.n)
		return "has a NUL in it";
	if (!row->alone && !r->list)
		return "has no \"zone\" in front of it";
	return row->take(r, value);
}

enum ms_status
ms_dnsbl_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_dnsbl_set *set,
    struct ms_diag *diag)
{
	struct reader r = { .arena = arena, .limits = limits, .set = set };
	const char *wrong, *what;
	struct ms_slice line;

	for (unsigned number = 1; ms_slice_line(&text, false, &line);
	     number++) {
		line = ms_slice_trim(line);
		if (line.n == 0 || *line.p == '#')
			continue;
		wrong = take_line(&r, line, &what);
		if (wrong)
			return ms_diag_set(diag, MS_FORMAT, "line %u: %s %s",
			    number, what, wrong);
	}
	return MS_OK;
}

struct ms_slice
ms_dnsbl_without_keys(struct ms_arena *arena, struct ms_slice text)
{
	struct ms_slice line;
	struct ms_buf out;

	ms_buf_init(&out, arena);
	(void)ms_buf_room(&out, 1);
	while (ms_slice_line(&text, false, &line)) {
		struct ms_scan s = ms_scan_init(ms_slice_trim(line));

		if (ms_slice_is(take_word(&s), "key"))
			ms_buf_text(&out, "key -");
		else
			ms_buf_slice(&out, ms_slice_trim(line));
		ms_buf_byte(&out, '\n');
	}
	return ms_buf_get(&out);
}
