/* SPDX-License-Identifier: ISC
 * claims.c - which fields claim authentication results, and in which form
 *
 * The three standard fields, their copies under other names, and what filters
 * and large providers write: the words of SpamAssassin and rspamd, Hotmail's
 * single words. One row a field. Judges nothing.
 */
#include "mailsonde/authres.h"

#include "mailsonde/scan.h"

struct claim_row {
	const char *field;
	void (*read)(const struct ms_parse *parse, const struct claim_row *row,
	    const struct ms_field *field, struct ms_authres *out);
	const char *method; /* of a field that holds one result */
};

/* What the words of SpamAssassin's and rspamd's rules say. */
static const struct symbol {
	const char *name, *method, *result;
} symbols[] = {
	{ "SPF_PASS", "spf", "pass" },
	{ "SPF_FAIL", "spf", "fail" },
	{ "SPF_SOFTFAIL", "spf", "softfail" },
	{ "SPF_NEUTRAL", "spf", "neutral" },
	{ "SPF_NONE", "spf", "none" },
	{ "T_SPF_TEMPERROR", "spf", "temperror" },
	{ "T_SPF_PERMERROR", "spf", "permerror" },
	{ "DKIM_VALID", "dkim", "pass" },
	{ "DKIM_INVALID", "dkim", "fail" },
	{ "DMARC_PASS", "dmarc", "pass" },
	{ "DMARC_NONE", "dmarc", "fail" }, /* failed under p=none */
	{ "DMARC_QUAR", "dmarc", "fail" },
	{ "DMARC_REJECT", "dmarc", "fail" },
	{ "DMARC_MISSING", "dmarc", "none" },
	{ "ARC_VALID", "arc", "pass" },
	{ "ARC_INVALID", "arc", "fail" },
	{ "R_SPF_ALLOW", "spf", "pass" },
	{ "R_SPF_FAIL", "spf", "fail" },
	{ "R_SPF_SOFTFAIL", "spf", "softfail" },
	{ "R_SPF_NEUTRAL", "spf", "neutral" },
	{ "R_SPF_NA", "spf", "none" },
	{ "R_SPF_DNSFAIL", "spf", "temperror" },
	{ "R_SPF_PERMFAIL", "spf", "permerror" },
	{ "R_DKIM_ALLOW", "dkim", "pass" },
	{ "R_DKIM_REJECT", "dkim", "fail" },
	{ "R_DKIM_TEMPFAIL", "dkim", "temperror" },
	{ "R_DKIM_PERMFAIL", "dkim", "permerror" },
	{ "R_DKIM_NA", "dkim", "none" },
	{ "DMARC_POLICY_ALLOW", "dmarc", "pass" },
	{ "DMARC_POLICY_SOFTFAIL", "dmarc", "fail" },
	{ "DMARC_POLICY_QUARANTINE", "dmarc", "fail" },
	{ "DMARC_POLICY_REJECT", "dmarc", "fail" },
	{ "DMARC_BAD_POLICY", "dmarc", "permerror" },
	{ "DMARC_DNSFAIL", "dmarc", "temperror" },
	{ "DMARC_NA", "dmarc", "none" },
	{ "ARC_ALLOW", "arc", "pass" },
	{ "ARC_REJECT", "arc", "fail" },
	{ "ARC_NA", "arc", "none" },
};

#define SYMBOLS (sizeof(symbols) / sizeof(*symbols))

static struct ms_authres_method *
add(const struct ms_parse *parse, struct ms_authres *out, const char *method,
    struct ms_slice result)
{
	struct ms_authres_method *m;

	out->methods = ms_arena_grow(parse->arena, out->methods,
	    sizeof(*m) * out->n, sizeof(*m) * (out->n + 1));
	m = &out->methods[out->n++];
	memset(m, 0, sizeof(*m));
	m->method = ms_slice_from(method);
	m->result = result;
	return m;
}

static void
read_standard(const struct ms_parse *parse, const struct claim_row *row,
    const struct ms_field *field, struct ms_authres *out)
{
	(void)row;
	ms_authres_parse(parse, field, out);
}

/* The names of rules that fired, among others: each once. */
static void
read_symbols(const struct ms_parse *parse, const struct claim_row *row,
    const struct ms_field *field, struct ms_authres *out)
{
	struct ms_scan s = ms_scan_init(ms_field_value(parse, field));
	bool seen[SYMBOLS] = { false };

	(void)row;
	while (!ms_scan_at_end(&s)) {
		struct ms_slice word =
		    ms_scan_while(&s, MS_C_ALNUM | MS_C_TOKEN, 64);

		if (word.n == 0)
			ms_scan_skip(&s, 1);
		for (size_t i = 0; word.n > 4 && i < SYMBOLS; i++) {
			if (seen[i] || !ms_slice_is(word, symbols[i].name))
				continue;
			seen[i] = true;
			add(parse, out, symbols[i].method,
			    ms_slice_from(symbols[i].result));
		}
	}
}

/* One word, or a word behind a host name and a colon. */
static void
read_word(const struct ms_parse *parse, const struct claim_row *row,
    const struct ms_field *field, struct ms_authres *out)
{
	static const char *const words[] = { "none", "pass", "fail", "softfail",
		"neutral", "temperror", "permerror" };
	struct ms_scan s = ms_scan_init(field->value);
	struct ms_slice word;

	ms_scan_space(&s);
	word = ms_scan_while(&s, MS_C_ALPHA, 32);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (ms_slice_is(word, words[i]))
			add(parse, out, row->method, ms_slice_from(words[i]));
}

/* AOL: "domain : example.com SPF : pass" */
static void
read_aol(const struct ms_parse *parse, const struct claim_row *row,
    const struct ms_field *field, struct ms_authres *out)
{
	size_t at = ms_slice_find_nocase(field->value, 0, "SPF :");
	struct ms_field tail = *field;

	if (at == field->value.n)
		return;
	tail.value = ms_slice_part(field->value, at + 5, field->value.n);
	read_word(parse, row, &tail, out);
}

static const struct claim_row rows[] = {
	{ "Authentication-Results", read_standard, NULL },
	{ "ARC-Authentication-Results", read_standard, NULL },
	{ "Received-SPF", read_standard, NULL },
	{ "Authentication-Results-Original", read_standard, NULL },
	{ "X-Authentication-Results", read_standard, NULL },
	{ "X-Original-Authentication-Results", read_standard, NULL },
	{ "X-MS-Exchange-Authentication-Results", read_standard, NULL },
	{ "X-ME-Authentication-Results", read_standard, NULL },
	{ "X-Spam-Status", read_symbols, NULL },
	{ "X-Spamd-Result", read_symbols, NULL },
	{ "X-SID-Result", read_word, "sender-id" },
	{ "X-SPF-Result", read_word, "spf" },
	{ "X-DKIM-Result", read_word, "dkim" },
	{ "X-AUTH-Result", read_word, "auth" },
	{ "X-AOL-SPF", read_aol, "spf" },
};

static const struct claim_row *
row_of(const struct ms_field *field)
{
	unsigned char first = field->name.n ? ms_lower(field->name.p[0]) : 0;

	if (first != 'a' && first != 'r' && first != 'x')
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (ms_slice_is(field->name, rows[i].field))
			return &rows[i];
	return NULL;
}

void
ms_claims_read(const struct ms_parse *parse, const struct ms_header *header,
    struct ms_claims *out)
{
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < header->n; i++)
		n += row_of(&header->fields[i]) != NULL;
	if (n > parse->limits->claims) {
		n = parse->limits->claims;
		if (parse->defects)
			ms_defect_add(parse->defects, parse->arena,
			    MS_DEFECT_LIMIT, header->fields[0].offset,
			    "claims");
	}
	out->list = MS_NEW_ARRAY(parse->arena, struct ms_authres, n);
	for (size_t i = 0; i < header->n && out->n < n; i++) {
		const struct ms_field *field = &header->fields[i];
		const struct claim_row *row = row_of(field);
		struct ms_authres *claim = &out->list[out->n];

		if (!row)
			continue;
		claim->field = field;
		claim->instance = -1;
		row->read(parse, row, field, claim);
		out->n += claim->n > 0 || row->read == read_standard;
	}
}
