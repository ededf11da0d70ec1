/* SPDX-License-Identifier: ISC
 * pack.c - a pack of rules read from JSON
 */
#include "rule_priv.h"

#include "mailsonde/json.h"
#include "mailsonde/scan.h"

#define SCHEMA "mailsonde-rules/1"
#define ID_MAX 64

struct reader {
	struct ms_arena *arena;
	const struct ms_limits *limits;
	struct ms_rules *out;
	struct ms_diag *diag;
	const char *id;    /* of the rule at hand, or its number */
	size_t conditions; /* so far */
	enum ms_status status;
};

static bool
wrong(struct reader *r, const char *what, struct ms_slice word)
{
	r->status = ms_diag_set(r->diag, MS_FORMAT, "rule %s: %s%s%.*s", r->id,
	    what, word.n > 0 ? ": " : "", (int)(word.n > 60 ? 60 : word.n),
	    word.p ? (const char *)word.p : "");
	return false;
}

static bool
wrong_plain(struct reader *r, const char *what)
{
	return wrong(r, what, ms_slice_make(NULL, 0));
}

/* Every member is one of these: a word that is misspelt would go unseen. */
static bool
known_members(
    struct reader *r, const struct ms_json *object, const char *const *names)
{
	for (const struct ms_json *m = object->first; m; m = m->next) {
		const char *const *name = names;

		while (*name && !ms_slice_equal(m->key, ms_slice_from(*name)))
			name++;
		if (!*name)
			return wrong(r, "no such member", m->key);
	}
	return true;
}

/* A text, or NULL where there is none; false: it is something else. */
static bool
take_text(struct reader *r, const struct ms_json *object, const char *name,
    const char **out)
{
	const struct ms_json *m = ms_json_get(object, name);

	*out = NULL;
	if (!m)
		return true;
	if (m->kind != MS_JSON_TEXT || m->text.n == 0)
		return wrong(r, "must be a text", ms_slice_from(name));
	*out = ms_arena_string(r->arena, m->text);
	return true;
}

/* ---- conditions ---- */

static bool
take_pattern(
    struct reader *r, const struct ms_json *value, struct rule_condition *out)
{
	struct ms_rules *rules = r->out;
	struct ms_pattern *pattern;
	struct ms_diag diag;
	enum ms_status status;

	if (value->kind != MS_JSON_TEXT)
		return wrong_plain(r, "\"matches\" must be a text");
	pattern = ms_pattern_new(value->text, &status, &diag);
	if (!pattern) {
		(void)wrong(r, "\"matches\"", ms_slice_from(diag.text));
		r->status = status;
		return false;
	}
	if (rules->patterns_n == rules->patterns_cap) {
		size_t cap = rules->patterns_cap ? rules->patterns_cap * 2 : 16;

		rules->patterns = ms_arena_grow(r->arena, rules->patterns,
		    rules->patterns_cap * sizeof(struct ms_pattern *),
		    cap * sizeof(struct ms_pattern *));
		rules->patterns_cap = cap;
	}
	rules->patterns[rules->patterns_n++] = pattern;
	out->pattern = pattern;
	return true;
}

/* A text or a list of texts. */
static bool
take_words(
    struct reader *r, const struct ms_json *value, struct rule_condition *out)
{
	const struct ms_json *first =
	    value->kind == MS_JSON_ARRAY ? value->first : value;
	size_t n = 0;

	for (const struct ms_json *w = first; w;
	     w = value->kind == MS_JSON_ARRAY ? w->next : NULL, n++)
		if (w->kind != MS_JSON_TEXT || w->text.n == 0)
			return wrong(
			    r, "must be a text or a list of texts", value->key);
	if (n == 0)
		return wrong(r, "must not be an empty list", value->key);
	out->words = MS_NEW_ARRAY(r->arena, struct ms_slice, n);
	out->nets = MS_NEW_ARRAY(r->arena, struct ms_net, n);
	for (const struct ms_json *w = first; out->words_n < n; w = w->next) {
		out->words[out->words_n++] = w->text;
		if (ms_net_parse(w->text, &out->nets[out->nets_n]))
			out->nets_n++;
	}
	return true;
}

static bool
take_test(
    struct reader *r, const struct ms_json *value, struct rule_condition *out)
{
	if (ms_slice_equal(value->key, MS_SLICE("matches"))) {
		out->test = RULE_MATCHES;
		return take_pattern(r, value, out);
	}
	if (ms_slice_equal(value->key, MS_SLICE("is")) ||
	    ms_slice_equal(value->key, MS_SLICE("within"))) {
		out->test = value->key.n == 2 ? RULE_IS : RULE_WITHIN;
		if (out->field->text)
			return wrong_plain(
			    r, "a body is only searched: \"matches\"");
		return take_words(r, value, out);
	}
	out->test = RULE_PRESENT;
	if (value->kind != MS_JSON_BOOL)
		return wrong_plain(r, "\"present\" must be true or false");
	out->wanted = value->truth;
	return true;
}

static bool
take_condition(
    struct reader *r, const struct ms_json *in, struct rule_condition *out)
{
	static const char *const names[] = { "field", "matches", "is", "within",
		"present", NULL };
	const struct ms_json *test = NULL;

	if (++r->conditions > r->limits->rule_conditions) {
		r->status = ms_diag_set(r->diag, MS_LIMIT,
		    "more than %zu conditions", r->limits->rule_conditions);
		return false;
	}
	if (in->kind != MS_JSON_OBJECT)
		return wrong_plain(r, "a condition must be an object");
	if (!known_members(r, in, names) ||
	    !take_text(r, in, "field", &out->name))
		return false;
	for (const struct ms_json *m = in->first; m; m = m->next) {
		if (ms_slice_equal(m->key, MS_SLICE("field")))
			continue;
		if (test)
			return wrong_plain(r, "a condition has one test");
		test = m;
	}
	if (!out->name || !test)
		return wrong_plain(r, "a condition has a \"field\" and a test: "
				      "matches, is, within, present");
	out->field = rule_field_find(ms_slice_from(out->name), &out->argument);
	if (!out->field)
		return wrong(r, "no such field", ms_slice_from(out->name));
	return take_test(r, test, out);
}

static bool
take_group(struct reader *r, const struct ms_json *in, const char *name,
    struct ms_rule_group **out)
{
	const struct ms_json *list = ms_json_get(in, name);
	struct ms_rule_group *group;
	size_t n = 0;

	if (!list)
		return true;
	if (list->kind != MS_JSON_ARRAY || !list->first)
		return wrong(
		    r, "must be a list of conditions", ms_slice_from(name));
	for (const struct ms_json *c = list->first; c; c = c->next)
		n++;
	*out = group = MS_NEW(r->arena, struct ms_rule_group);
	group->list = MS_NEW_ARRAY(r->arena, struct rule_condition, n);
	for (const struct ms_json *c = list->first; c; c = c->next)
		if (!take_condition(r, c, &group->list[group->n++]))
			return false;
	return true;
}

/* ---- examples ---- */

/* A text, or a list of its lines. */
static bool
take_message(struct reader *r, const struct ms_json *in, struct ms_slice *out)
{
	struct ms_buf buf;

	if (in && in->kind == MS_JSON_TEXT && in->text.n > 0) {
		*out = in->text;
		return true;
	}
	if (!in || in->kind != MS_JSON_ARRAY || !in->first)
		return wrong_plain(r, "an example's \"message\" must be a text "
				      "or a list of lines");
	ms_buf_init(&buf, r->arena);
	for (const struct ms_json *line = in->first; line; line = line->next) {
		if (line->kind != MS_JSON_TEXT)
			return wrong_plain(
			    r, "a line of an example must be a text");
		ms_buf_slice(&buf, line->text);
		ms_buf_byte(&buf, '\n');
	}
	*out = ms_buf_get(&buf);
	return true;
}

static bool
take_examples(struct reader *r, const struct ms_json *in, struct ms_rule *out)
{
	static const char *const names[] = { "message", "match", NULL };
	const struct ms_json *list = ms_json_get(in, "examples");
	size_t n = 0;

	if (!list)
		return true;
	if (list->kind != MS_JSON_ARRAY)
		return wrong_plain(r, "\"examples\" must be a list");
	for (const struct ms_json *e = list->first; e; e = e->next)
		n++;
	out->examples = MS_NEW_ARRAY(r->arena, struct ms_rule_example, n);
	for (const struct ms_json *e = list->first; e; e = e->next) {
		const struct ms_json *match = ms_json_get(e, "match");
		struct ms_rule_example *example =
		    &out->examples[out->examples_n++];

		if (e->kind != MS_JSON_OBJECT || !match ||
		    match->kind != MS_JSON_BOOL)
			return wrong_plain(r, "an example has a \"message\", "
					      "and a \"match\" that is true "
					      "or false");
		if (!known_members(r, e, names) ||
		    !take_message(
			r, ms_json_get(e, "message"), &example->message))
			return false;
		example->match = match->truth;
	}
	return true;
}

/* ---- rules ---- */

/* Lower-case letters, digits and '-': it becomes part of a finding's id. */
static bool
take_id(struct reader *r, const struct ms_json *in, size_t number,
    struct ms_rule *out)
{
	struct ms_slice id = ms_json_get_text(in, "id");
	bool good = id.n > 0 && id.n <= ID_MAX && id.p[0] != '-';

	r->id = ms_arena_printf(r->arena, "%zu", number);
	for (size_t i = 0; i < id.n; i++)
		good &= (id.p[i] >= 'a' && id.p[i] <= 'z') ||
			ms_is(id.p[i], MS_C_DIGIT) || id.p[i] == '-';
	if (!good)
		return wrong(r, "its \"id\" must be of a-z, 0-9 and -", id);
	r->id = out->id = ms_arena_string(r->arena, id);
	for (size_t i = 0; i < r->out->n; i++)
		if (strcmp(r->out->list[i].id, out->id) == 0)
			return wrong_plain(r, "its \"id\" is another's too");
	return true;
}

/* What a severity adds to the verdict where the rule says nothing: about what
 * checks of that severity do. */
static int
usual_weight(enum ms_severity severity)
{
	static const int weights[] = {
		[MS_SEVERITY_INFO] = 0,
		[MS_SEVERITY_LOW] = 5,
		[MS_SEVERITY_MEDIUM] = 15,
		[MS_SEVERITY_HIGH] = 40,
		[MS_SEVERITY_CRITICAL] = 60,
	};

	return weights[severity];
}

static bool
take_severity(struct reader *r, const struct ms_json *in, struct ms_rule *out)
{
	struct ms_slice word = ms_json_get_text(in, "severity");
	const struct ms_json *weight = ms_json_get(in, "weight");

	if (!ms_severity_parse(word, &out->severity) ||
	    out->severity == MS_SEVERITY_NEVER)
		return wrong(r,
		    "\"severity\" must be info, low, medium, high "
		    "or critical",
		    word);
	out->weight = usual_weight(out->severity);
	if (!weight)
		return true;
	if (!ms_json_is_int(weight) || weight->number < -100 ||
	    weight->number > 100)
		return wrong_plain(
		    r, "\"weight\" must be an integer from -100 to 100");
	out->weight = (int)weight->number;
	return true;
}

static bool
take_rule(struct reader *r, const struct ms_json *in, size_t number,
    struct ms_rule *out)
{
	static const char *const names[] = { "id", "severity", "weight",
		"title", "detail", "fix", "reference", "all", "any", "none",
		"examples", NULL };

	if (!take_id(r, in, number, out))
		return false;
	if (!known_members(r, in, names) || !take_severity(r, in, out) ||
	    !take_text(r, in, "title", &out->title) ||
	    !take_text(r, in, "detail", &out->detail) ||
	    !take_text(r, in, "fix", &out->fix) ||
	    !take_text(r, in, "reference", &out->reference) ||
	    !take_group(r, in, "all", &out->all) ||
	    !take_group(r, in, "any", &out->any) ||
	    !take_group(r, in, "none", &out->none) ||
	    !take_examples(r, in, out))
		return false;
	if (!out->title)
		return wrong_plain(r, "it has no \"title\"");
	if (!out->all && !out->any)
		return wrong_plain(r, "it needs conditions: \"all\" or "
				      "\"any\"");
	return true;
}

static enum ms_status
take_rules(struct reader *r, const struct ms_json *list)
{
	size_t n = 0;

	for (const struct ms_json *rule = list->first; rule; rule = rule->next)
		n++;
	if (n > r->limits->rules)
		return ms_diag_set(
		    r->diag, MS_LIMIT, "more than %zu rules", r->limits->rules);
	r->out->list = MS_NEW_ARRAY(r->arena, struct ms_rule, n);
	for (const struct ms_json *rule = list->first; rule;
	     rule = rule->next) {
		/* It counts once it is whole. */
		if (!take_rule(r, rule, r->out->n, &r->out->list[r->out->n]))
			return r->status;
		r->out->n++;
	}
	return MS_OK;
}

enum ms_status
ms_rules_read(struct ms_arena *arena, struct ms_slice text,
    const struct ms_limits *limits, struct ms_rules *out, struct ms_diag *diag)
{
	static const char *const names[] = { "schema", "name", "rules", NULL };
	struct reader r = { .arena = arena,
		.limits = limits,
		.out = out,
		.diag = diag,
		.id = "pack",
		.status = MS_FORMAT };
	const struct ms_json *in = ms_json_read(arena, text);
	const struct ms_json *list = ms_json_get(in, "rules");

	memset(out, 0, sizeof(*out));
	if (!in)
		return ms_diag_set(diag, MS_FORMAT, "is no JSON");
	if (!ms_slice_equal(ms_json_get_text(in, "schema"), MS_SLICE(SCHEMA)))
		return ms_diag_set(diag, MS_FORMAT,
		    "is no pack of rules: \"schema\" is not \"" SCHEMA "\"");
	if (!list || list->kind != MS_JSON_ARRAY)
		return ms_diag_set(
		    diag, MS_FORMAT, "\"rules\" must be a list of rules");
	if (!known_members(&r, in, names) ||
	    !take_text(&r, in, "name", &out->name))
		return r.status;
	return take_rules(&r, list);
}

void
ms_rules_close(struct ms_rules *rules)
{
	for (size_t i = 0; i < rules->patterns_n; i++)
		ms_pattern_free(rules->patterns[i]);
	rules->patterns_n = 0;
}
