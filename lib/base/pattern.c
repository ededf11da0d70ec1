/* SPDX-License-Identifier: ISC
 * pattern.c - regular expressions; the one door of PCRE2
 *
 * Opened with dlopen when there is a pattern. PCRE2's bounds are one search's:
 * how often it starts anew is bounded by the length of the text.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "mailsonde/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#include "mailsonde/library.h"

#define MATCHES   100000 /* steps of one search from one place */
#define HEAP_KIB  4096   /* of one search */
#define SIZE_MOST 65536  /* bytes of a pattern */

struct ms_pattern {
	pcre2_code *code;
	pcre2_match_context *context;
	void (*free_code)(pcre2_code *);
	void (*free_context)(pcre2_match_context *);
	pcre2_match_data *(*new_data)(
	    const pcre2_code *, pcre2_general_context *);
	void (*free_data)(pcre2_match_data *);
	int (*match)(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE,
	    uint32_t, pcre2_match_data *, pcre2_match_context *);
	PCRE2_SIZE *(*places)(pcre2_match_data *);
};

/* What is needed once, for making one. */
struct maker {
	pcre2_code *(*compile)(PCRE2_SPTR, PCRE2_SIZE, uint32_t, int *,
	    PCRE2_SIZE *, pcre2_compile_context *);
	int (*jit)(pcre2_code *, uint32_t);
	int (*message)(int, PCRE2_UCHAR *, PCRE2_SIZE);
	pcre2_match_context *(*context)(pcre2_general_context *);
	int (*set_matches)(pcre2_match_context *, uint32_t);
	int (*set_heap)(pcre2_match_context *, uint32_t);
};

static bool
load(struct ms_pattern *p, struct maker *maker)
{
	const struct ms_library_function functions[] = {
		{ "pcre2_compile_8", &maker->compile },
		{ "pcre2_jit_compile_8", &maker->jit },
		{ "pcre2_get_error_message_8", &maker->message },
		{ "pcre2_match_context_create_8", &maker->context },
		{ "pcre2_set_match_limit_8", &maker->set_matches },
		{ "pcre2_set_heap_limit_8", &maker->set_heap },
		{ "pcre2_code_free_8", &p->free_code },
		{ "pcre2_match_context_free_8", &p->free_context },
		{ "pcre2_match_data_create_from_pattern_8", &p->new_data },
		{ "pcre2_match_data_free_8", &p->free_data },
		{ "pcre2_match_8", &p->match },
		{ "pcre2_get_ovector_pointer_8", &p->places },
		{ NULL, NULL },
	};

	return ms_library_open("libpcre2-8.so.0", functions) != NULL;
}

static bool
compile(struct ms_pattern *p, const struct maker *maker, struct ms_slice text,
    struct ms_diag *diag)
{
	const uint32_t options = PCRE2_CASELESS | PCRE2_UTF |
				 PCRE2_MATCH_INVALID_UTF |
				 PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR why[160];
	PCRE2_SIZE at;
	int code;

	p->code = maker->compile(text.p, text.n, options, &code, &at, NULL);
	if (!p->code) {
		if (maker->message(code, why, sizeof(why)) < 0)
			why[0] = '\0';
		(void)ms_diag_set(diag, MS_FORMAT, "at octet %zu: %s",
		    (size_t)at, (const char *)why);
		return false;
	}
	/* Where it cannot, the search is slower. */
	(void)maker->jit(p->code, PCRE2_JIT_COMPLETE);
	p->context = maker->context(NULL);
	if (!p->context)
		return false;
	(void)maker->set_matches(p->context, MATCHES);
	(void)maker->set_heap(p->context, HEAP_KIB);
	return true;
}

struct ms_pattern *
ms_pattern_new(
    struct ms_slice text, enum ms_status *status, struct ms_diag *diag)
{
	struct ms_pattern *p = calloc(1, sizeof(*p));
	struct maker maker;

	*status = MS_FORMAT;
	if (!p || text.n > SIZE_MOST) {
		(void)ms_diag_set(diag, MS_FORMAT, "too long");
	} else if (!load(p, &maker)) {
		*status =
		    ms_diag_set(diag, MS_UNSUPPORTED, "libpcre2 is not there");
	} else if (compile(p, &maker, text, diag)) {
		*status = MS_OK;
		return p;
	}
	ms_pattern_free(p);
	return NULL;
}

void
ms_pattern_free(struct ms_pattern *p)
{
	if (p && p->context)
		p->free_context(p->context);
	if (p && p->code)
		p->free_code(p->code);
	free(p);
}

enum ms_match
ms_pattern_find(
    const struct ms_pattern *p, struct ms_slice text, struct ms_slice *hit)
{
	static const unsigned char nothing[1];
	const unsigned char *at = text.n > 0 ? text.p : nothing;
	pcre2_match_data *data = p->new_data(p->code, NULL);
	enum ms_match out = MS_MATCH_UNKNOWN;
	int got;

	if (!data)
		return out;
	if (text.n > MS_PATTERN_TEXT)
		text.n = MS_PATTERN_TEXT;
	got = p->match(p->code, at, text.n, 0, 0, data, p->context);
	/* The compiled form has a small stack, which says nothing. */
	if (got == PCRE2_ERROR_JIT_STACKLIMIT)
		got = p->match(
		    p->code, at, text.n, 0, PCRE2_NO_JIT, data, p->context);
	if (got == PCRE2_ERROR_NOMATCH) {
		out = MS_MATCH_NO;
	} else if (got >= 0) {
		const PCRE2_SIZE *place = p->places(data);

		*hit = ms_slice_part(
		    ms_slice_make(at, text.n), place[0], place[1]);
		out = MS_MATCH_YES;
	}
	p->free_data(data);
	return out;
}
