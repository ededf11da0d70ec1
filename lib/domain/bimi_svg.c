/* SPDX-License-Identifier: ISC
 * bimi_svg.c - the mark of BIMI: SVG Tiny Portable/Secure,
 * draft-svg-tiny-ps-abrotman 2
 */
#include "mailsonde/bimi_svg.h"

#include "mailsonde/scan.h"
#include "mailsonde/xml.h"

#define SVG "http://www.w3.org/2000/svg"

#define NEARLY 0.05 /* of its larger side, that a square may be off */

/* What moves, runs, loads or leads elsewhere; and what SVG Tiny 1.2 has not. */
static const char *const forbidden[] = {
	"script",
	"handler",
	"listener",
	"a",
	"image",
	"foreignObject",
	"animate",
	"animateColor",
	"animateMotion",
	"animateTransform",
	"animation",
	"set",
	"mpath",
	"discard",
	"prefetch",
	"audio",
	"video",
	"style",
	"iframe",
};

struct reader {
	struct ms_arena *arena;
	struct ms_bimi_svg *out;
};

static void
add_fault(struct reader *r, const char *fault)
{
	struct ms_bimi_svg *out = r->out;

	for (size_t i = 0; i < out->faults_n; i++)
		if (strcmp(out->faults[i], fault) == 0)
			return;
	if (out->faults_n < MS_BIMI_SVG_FAULTS)
		out->faults[out->faults_n++] = fault;
}

/* The name is a stranger's. */
static void
add_named(struct reader *r, const char *before, struct ms_slice name,
    const char *after)
{
	if (r->out->faults_n < MS_BIMI_SVG_FAULTS)
		add_fault(r, ms_arena_printf(r->arena, "%s%.*s%s", before,
				 (int)(name.n > 60 ? 60 : name.n),
				 (const char *)name.p, after));
}

/* ---- numbers ---- */

/* A number of SVG, without an exponent and without its unit. */
static bool
take_number(struct ms_scan *s, double *out)
{
	bool minus = ms_scan_try_byte(s, '-');
	struct ms_slice whole = ms_scan_while(s, MS_C_DIGIT, 9), rest;
	double scale = 1;

	*out = 0;
	rest.n = 0;
	for (size_t i = 0; i < whole.n; i++)
		*out = *out * 10 + (whole.p[i] - '0');
	if (ms_scan_try_byte(s, '.')) {
		rest = ms_scan_while(s, MS_C_DIGIT, 9);
		for (size_t i = 0; i < rest.n; i++)
			*out += (rest.p[i] - '0') * (scale /= 10);
	}
	if (minus)
		*out = -*out;
	return whole.n + rest.n > 0;
}

static void
skip_comma(struct ms_scan *s)
{
	(void)ms_scan_space(s);
	(void)ms_scan_try_byte(s, ',');
	(void)ms_scan_space(s);
}

/* viewBox="x y width height", else width and height. */
static void
take_shape(struct reader *r, const struct ms_xml *root)
{
	struct ms_slice box = ms_xml_attribute(root, "viewBox");
	struct ms_scan s = ms_scan_init(box);
	double number[4] = { 0 };
	bool good = box.p != NULL;

	for (int i = 0; i < 4; i++) {
		good = good && take_number(&s, &number[i]);
		skip_comma(&s);
	}
	if (!box.p) {
		s = ms_scan_init(ms_xml_attribute(root, "width"));
		good = take_number(&s, &number[2]);
		s = ms_scan_init(ms_xml_attribute(root, "height"));
		good = take_number(&s, &number[3]) && good;
	}
	if (good) {
		r->out->width = number[2];
		r->out->height = number[3];
	}
}

static bool
is_square(const struct ms_bimi_svg *svg)
{
	double more = svg->width > svg->height ? svg->width : svg->height;
	double less = svg->width > svg->height ? svg->height : svg->width;

	return more - less <= NEARLY * more;
}

/* ---- the root ---- */

static void
check_root(struct reader *r, const struct ms_xml *root)
{
	struct ms_slice version = ms_xml_attribute(root, "version");
	struct ms_slice profile = ms_xml_attribute(root, "baseProfile");

	if (!ms_slice_equal(version, MS_SLICE("1.2")))
		add_fault(r, "its version is not \"1.2\"");
	if (!ms_slice_equal(profile, MS_SLICE("tiny-ps")))
		add_fault(r, "its baseProfile is not \"tiny-ps\"");
	if (ms_xml_attribute(root, "x").p || ms_xml_attribute(root, "y").p)
		add_fault(r, "its root has an x or y");
	r->out->title = ms_xml_text(root, "title");
	if (r->out->title.n == 0)
		add_fault(r, "it has no title");
	take_shape(r, root);
	r->out->square = is_square(r->out);
}

/* ---- all elements ---- */

static void
check_attribute(struct reader *r, const struct ms_xml_attribute *a)
{
	size_t url = ms_slice_find_nocase(a->value, 0, "url(");

	if (ms_slice_is(a->name, "href") &&
	    (a->value.n == 0 || a->value.p[0] != '#'))
		add_fault(r, "it refers to something outside of it (href)");
	if (url < a->value.n) {
		struct ms_slice rest =
		    ms_slice_part(a->value, url + 4, a->value.n);

		rest = ms_slice_trim(rest);
		if (rest.n == 0 || !strchr("#'\"", rest.p[0]) ||
		    (rest.p[0] != '#' && (rest.n < 2 || rest.p[1] != '#')))
			add_fault(
			    r, "it refers to something outside of it (url)");
	}
	if (a->space.n == 0 && a->name.n > 2 && ms_slice_starts(a->name, "on"))
		add_named(r, "it has an event attribute (", a->name, ")");
}

static void
check_element(struct reader *r, const struct ms_xml *node)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (ms_slice_equal(node->name, ms_slice_from(forbidden[i])))
			add_named(r, "it has an element <", node->name, ">");
	for (const struct ms_xml_attribute *a = node->attributes; a;
	     a = a->next)
		check_attribute(r, a);
}

void
ms_bimi_svg_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_bimi_svg *out)
{
	struct reader r = { .arena = arena, .out = out };
	const struct ms_xml *root;

	memset(out, 0, sizeof(*out));
	root = ms_xml_read(arena, text, limits, &out->fault);
	if (root && (!ms_slice_equal(root->name, MS_SLICE("svg")) ||
			!ms_slice_equal(root->space, MS_SLICE(SVG))))
		out->fault = "its root is no <svg> of " SVG;
	if (out->fault)
		return;
	check_root(&r, root);
	for (const struct ms_xml *node = root; node; node = ms_xml_walk(node))
		check_element(&r, node);
}
