/* SPDX-License-Identifier: ISC
 * conform.c - published cases against the library, suite by suite
 *
 * conform [--explained FILE] FOLDER [SUITE…]: a line for each suite, and the
 * cases that differ. Exit status 1: a suite is below its share. With
 * --explained also: a case that differs and is not in FILE, or one that is in
 * FILE and does not differ (any more).
 */
#include "conform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailsonde/dns_zone.h"

static const char *const not_yet[] = { "arc-seal", NULL };

/* ---- reading ---- */

const cJSON *
member(const cJSON *object, const char *name)
{
	const cJSON *out = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(out) ? NULL : out;
}

struct ms_slice
text_of(const cJSON *object, const char *name)
{
	const cJSON *text = member(object, name);

	return cJSON_IsString(text) ? ms_slice_from(text->valuestring)
				    : ms_slice_make(NULL, 0);
}

struct ms_slice
base64_of(struct conform *c, const cJSON *object, const char *name)
{
	struct ms_slice text = text_of(object, name);

	if (!text.p)
		return text;
	text = ms_codec_decode(c->arena, MS_ENCODING_BASE64, text, NULL);
	return ms_arena_copy(c->arena, text);
}

bool
is_listed(const cJSON *list, const char *word)
{
	const cJSON *item;

	cJSON_ArrayForEach(
	    item, list) if (cJSON_IsString(item) &&
			    strcmp(item->valuestring, word) == 0) return true;
	return false;
}

/* ---- comparing ---- */

void
differ(struct conform *c, const char *format, ...)
{
	char text[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (c->diff.n > 0)
		ms_buf_text(&c->diff, "; ");
	ms_buf_text(&c->diff, text);
}

static bool
is_word(const cJSON *want, struct ms_slice got)
{
	if (cJSON_IsNull(want))
		return !got.p;
	return got.p && cJSON_IsString(want) &&
	       ms_slice_equal_nocase(ms_slice_from(want->valuestring), got);
}

void
expect_text(
    struct conform *c, const cJSON *want, const char *name, struct ms_slice got)
{
	const cJSON *wanted = cJSON_GetObjectItemCaseSensitive(want, name);
	const cJSON *item;
	bool good = false;
	char *printed;

	if (!wanted)
		return;
	if (!cJSON_IsArray(wanted))
		good = is_word(wanted, got);
	else
		cJSON_ArrayForEach(item, wanted) good =
		    good || is_word(item, got);
	if (good)
		return;
	printed = cJSON_PrintUnformatted(wanted);
	differ(c, "%s: wanted %s, got %.*s", name, printed,
	    got.p ? (int)got.n : 4, got.p ? (const char *)got.p : "null");
	free(printed);
}

void
expect_word(
    struct conform *c, const cJSON *want, const char *name, const char *got)
{
	expect_text(
	    c, want, name, got ? ms_slice_from(got) : ms_slice_make(NULL, 0));
}

void
expect_bool(struct conform *c, const cJSON *want, const char *name, bool got)
{
	const cJSON *wanted = cJSON_GetObjectItemCaseSensitive(want, name);

	if (wanted && cJSON_IsTrue(wanted) != got)
		differ(c, "%s: wanted %s, got %s", name, got ? "false" : "true",
		    got ? "true" : "false");
}

void
expect_number(
    struct conform *c, const cJSON *want, const char *name, double got)
{
	const cJSON *wanted = member(want, name);

	if (cJSON_IsNumber(wanted) && wanted->valuedouble != got)
		differ(
		    c, "%s: wanted %g, got %g", name, wanted->valuedouble, got);
}

/* ---- the case's own DNS ---- */

static void
add_lines(
    struct ms_buf *zone, const cJSON *dns, const char *name, const char *prefix)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, member(dns, name))
	    ms_buf_printf(zone, "%s%s\n", prefix, item->valuestring);
}

static bool
open_zone(struct conform *c)
{
	const cJSON *dns = member(c->test, "dns");
	struct ms_dns_zone_text text = { "dns", { NULL, 0 } };
	struct ms_dns_zone_options options = { .texts = &text,
		.texts_n = 1,
		.offline = true,
		.inner = ms_dns_none(),
		.limits = &c->env.limits };
	struct ms_diag diag = { "" };
	struct ms_buf zone;

	ms_buf_init(&zone, c->arena);
	add_lines(&zone, dns, "rrs", "");
	add_lines(&zone, dns, "timeout", ";; timeout ");
	add_lines(&zone, dns, "servfail", ";; servfail ");
	text.text = ms_buf_get(&zone);
	if (ms_dns_zone_open(&options, &c->env.dns, &diag) == MS_OK)
		return true;
	differ(c, "its DNS data cannot be read: %s", diag.text);
	c->env.dns = ms_dns_none();
	return false;
}

static void
run_case(const struct suite *suite, struct conform *c)
{
	const cJSON *now = member(c->test, "now");

	c->want = member(c->test, "want");
	c->env.limits = ms_limits_fill(NULL);
	c->env.geo = ms_geo_none();
	c->env.clock.now = now ? (int64_t)now->valuedouble : 1700000000;
	if (open_zone(c))
		suite->run(c);
	c->env.dns->close(c->env.dns);
}

/* ---- what is explained ---- */

struct runner {
	const char *folder;
	char *explained; /* the file's text; NULL: nothing need be */
	bool bad;
};

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t n = 0, got;

	if (!file)
		return NULL;
	do {
		text = realloc(text, n + (1 << 20) + 1);
		if (!text)
			abort();
		got = fread(text + n, 1, 1 << 20, file);
		n += got;
	} while (got > 0);
	fclose(file);
	text[n] = '\0';
	return text;
}

/* A line "SUITE ID: why". */
static bool
is_explained(const struct runner *r, const char *suite, const char *id)
{
	char line[512];
	const char *at = r->explained;
	size_t n;

	snprintf(line, sizeof(line), "%s %s: ", suite, id);
	n = strlen(line);
	for (; at; at = strchr(at, '\n')) {
		if (*at == '\n')
			at++;
		if (strncmp(at, line, n) == 0)
			return true;
	}
	return false;
}

static void
report(struct runner *r, const struct suite *suite, const char *id,
    const struct conform *c)
{
	bool explained = is_explained(r, suite->name, id);

	if (c->diff.n > 0)
		printf("  %s %s: %.*s%s\n", suite->name, id, (int)c->diff.n,
		    (const char *)c->diff.p, explained ? " (explained)" : "");
	if (r->explained && explained != (c->diff.n > 0)) {
		printf("  %s %s: %s\n", suite->name, id,
		    explained ? "explained, and does not differ"
			      : "differs without an explanation");
		r->bad = true;
	}
}

/* ---- suites ---- */

static bool
do_line(struct runner *r, const struct suite *suite, struct ms_psl *psl,
    const char *line)
{
	cJSON *test = cJSON_Parse(line);
	struct ms_arena *arena = ms_arena_new(NULL);
	struct conform c = { .test = test, .arena = arena };
	bool good;

	ms_buf_init(&c.diff, arena);
	c.env.psl = psl;
	if (test)
		run_case(suite, &c);
	else
		differ(&c, "the line is no JSON");
	report(r, suite,
	    cJSON_IsString(member(test, "id")) ? member(test, "id")->valuestring
					       : "?",
	    &c);
	good = c.diff.n == 0;
	ms_arena_free(arena);
	cJSON_Delete(test);
	return good;
}

static void
do_suite(struct runner *r, const struct suite *suite)
{
	struct ms_psl *psl = ms_psl_system();
	size_t good = 0, n = 0;
	char path[4096], *text, *line, *next;
	double share;

	snprintf(path, sizeof(path), "%s/%s.ndjson", r->folder, suite->name);
	text = read_file(path);
	if (!text)
		printf("%s: no such suite here\n", suite->name);
	for (line = text; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (!*line)
			continue;
		good += do_line(r, suite, psl, line);
		n++;
	}
	psl->close(psl);
	if (text) {
		share = n > 0 ? 100.0 * (double)good / (double)n : 0;
		printf("%s %zu/%zu %.2f %%%s\n", suite->name, good, n, share,
		    share < suite->wanted ? " (below its share)" : "");
		r->bad = r->bad || share < suite->wanted;
	}
	free(text);
}

static bool
chosen(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void
say_not_yet(const struct runner *r)
{
	char path[4096];
	FILE *file;

	for (size_t i = 0; not_yet[i]; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s.ndjson", r->folder, not_yet[i]);
		file = fopen(path, "r");
		if (!file)
			continue;
		fclose(file);
		printf("%s: not judged yet\n", not_yet[i]);
	}
}

int
main(int argc, char **argv)
{
	struct runner r = { .folder = NULL };
	int at = 1;

	if (argc > 2 && strcmp(argv[1], "--explained") == 0) {
		r.explained = read_file(argv[2]);
		if (!r.explained) {
			perror(argv[2]);
			return 2;
		}
		at = 3;
	}
	if (at >= argc) {
		fprintf(stderr, "conform [--explained FILE] FOLDER [SUITE…]\n");
		return 2;
	}
	r.folder = argv[at];
	for (const struct suite *s = suites; s->name; s++)
		if (chosen(s->name, argv + at + 1))
			do_suite(&r, s);
	if (at + 1 == argc)
		say_not_yet(&r);
	free(r.explained);
	return r.bad;
}
