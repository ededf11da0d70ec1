/* SPDX-License-Identifier: ISC
 * bimi_served.c - the mark and the mark certificate that a BIMI record names
 *
 * The certificate's own words are read: its chain is not verified, for the
 * roots of mark certificates are not among the system's.
 */
#include "domain_priv.h"

#include "mailsonde/bimi_svg.h"
#include "mailsonde/certificate.h"

#define REDIRECTS 3

/* ---- fetching ---- */

/* True: there is a document. */
static bool
get(struct ms_domain_case *subject, const char *id, const char *what,
    struct ms_slice url, struct ms_fetch *out)
{
	struct ms_fetch_url request = { .url = url, .redirects = REDIRECTS };
	struct ms_domain_outcome *o;

	ms_fetch_url(subject->env, &request, subject->arena, out);
	if (out->status == MS_FETCH_FOUND)
		return true;
	if (ms_fetch_is_failure(out->status)) {
		domain_unfetched(
		    subject, ms_arena_string(subject->arena, url), out);
		return false;
	}
	o = domain_outcome(subject, id, MS_DOMAIN_WARN, MS_SEVERITY_LOW,
	    "%s cannot be fetched: %s", what, out->why);
	o->detail = ms_arena_printf(subject->arena,
	    "%.*s: no mailbox provider shows a mark.", DOMAIN_TEXT(url));
	o->fix = "Serve it there over HTTPS, without a redirect, to everybody.";
	return false;
}

/* ---- the mark ---- */

static void
judge_faults(struct ms_domain_case *subject, const struct ms_bimi_svg *svg)
{
	struct ms_domain_outcome *o;
	struct ms_buf text;

	ms_buf_init(&text, subject->arena);
	for (size_t i = 0; i < svg->faults_n; i++)
		ms_buf_printf(&text, "%s%s", i > 0 ? "; " : "", svg->faults[i]);
	o = domain_outcome(subject, "bimi-svg-profile", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "The mark is no SVG Tiny PS: %.*s", (int)text.n,
	    (const char *)text.p);
	o->detail = "Mailbox providers show no other.";
	o->fix = "Begin it with <svg version=\"1.2\" baseProfile=\"tiny-ps\" "
		 "xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"…\"><title>…"
		 "</title>, and take out what loads, moves or runs.";
	o->reference = "draft-svg-tiny-ps-abrotman";
}

static void
judge_shape(struct ms_domain_case *subject, const struct ms_bimi_svg *svg)
{
	struct ms_domain_outcome *o;

	if (svg->square)
		return;
	o = domain_outcome(subject, "bimi-svg-shape", MS_DOMAIN_WARN,
	    MS_SEVERITY_INFO, "The mark is not square: %g by %g", svg->width,
	    svg->height);
	o->detail = "It is shown in a square or a circle, cut or small.";
	o->fix = "Draw it within a square viewBox.";
	o->reference = "draft-svg-tiny-ps-abrotman";
}

static void
judge_size(struct ms_domain_case *subject, const struct ms_fetch *fetch)
{
	struct ms_domain_outcome *o;

	if (fetch->body.n <= MS_BIMI_SVG_SIZE)
		return;
	o = domain_outcome(subject, "bimi-svg-size", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW, "The mark has %zu octets; 32,768 are advised",
	    fetch->body.n);
	o->detail = "Some mailbox providers show none that is larger.";
	o->fix = "Draw it simpler, with fewer points and digits.";
	o->reference = "draft-svg-tiny-ps-abrotman";
}

static void
judge_type(struct ms_domain_case *subject, const struct ms_fetch *fetch)
{
	struct ms_domain_outcome *o;

	if (fetch->type &&
	    ms_slice_starts(ms_slice_from(fetch->type), "image/svg+xml"))
		return;
	o = domain_outcome(subject, "bimi-svg-type", MS_DOMAIN_WARN,
	    MS_SEVERITY_LOW,
	    "The mark is served as %.100s, not as image/svg+xml",
	    fetch->type ? fetch->type : "no type at all");
	o->detail = "Some mailbox providers take it for no picture.";
	o->fix = "Serve it with \"Content-Type: image/svg+xml\".";
}

static void
judge_mark(struct ms_domain_case *subject, const struct ms_fetch *fetch)
{
	size_t before = subject->outcomes_n;
	struct ms_bimi_svg svg;

	ms_bimi_svg_parse(
	    fetch->body, &subject->env->limits, subject->arena, &svg);
	judge_type(subject, fetch);
	judge_size(subject, fetch);
	if (svg.fault) {
		svg.faults[0] = svg.fault;
		svg.faults_n = 1;
		svg.square = true;
	}
	if (svg.faults_n > 0)
		judge_faults(subject, &svg);
	judge_shape(subject, &svg);
	if (subject->outcomes_n == before)
		domain_pass(subject, "The mark is SVG Tiny PS: %.*s",
		    DOMAIN_TEXT(svg.title));
}

/* ---- the mark certificate ---- */

static struct ms_domain_outcome *
wrong(struct ms_domain_case *subject, const char *id, const char *what)
{
	struct ms_domain_outcome *o = domain_outcome(subject, id,
	    MS_DOMAIN_WARN, MS_SEVERITY_LOW, "The mark certificate %s", what);

	o->detail = "Mailbox providers that want one show no mark.";
	o->fix = "Put a valid mark certificate of this domain, with its "
		 "intermediate ones, at the address in a=.";
	return o;
}

/* The domain, one above it, or the name of a BIMI record of either. */
static bool
is_named(const struct ms_domain_case *subject, const struct ms_certificate *c)
{
	for (size_t i = 0; i < c->names_n; i++) {
		struct ms_slice name = c->names[i];
		size_t at = ms_slice_find_nocase(name, 0, "._bimi.");
		size_t more;

		if (at < name.n)
			name =
			    ms_slice_part(name, at + strlen("._bimi."), name.n);
		if (ms_slice_equal_nocase(name, subject->name))
			return true;
		more = subject->name.n - name.n;
		if (name.n > 0 && name.n < subject->name.n &&
		    ms_slice_find(name, 0, '.') < name.n &&
		    subject->name.p[more - 1] == '.' &&
		    ms_slice_equal_nocase(name,
			ms_slice_part(subject->name, more, subject->name.n)))
			return true;
	}
	return false;
}

static void
judge_dates(struct ms_domain_case *subject, const struct ms_certificate *c)
{
	int64_t now = subject->env->clock.now;
	char text[MS_TIME_TEXT];

	if (!c->dated)
		return;
	ms_time_format(c->not_after, text);
	if (now > c->not_after)
		wrong(subject, "bimi-certificate-expired",
		    ms_arena_printf(subject->arena, "ran out at %s", text));
	else if (now < c->not_before)
		wrong(subject, "bimi-certificate-expired", "is not valid yet");
	else if (ms_certificate_days(c, now) < DOMAIN_SOON)
		wrong(subject, "bimi-certificate-expires",
		    ms_arena_printf(subject->arena, "runs out at %s", text))
		    ->fix = "Renew it.";
}

static void
judge_certificate(struct ms_domain_case *subject, struct ms_slice pem)
{
	struct ms_slice der = domain_pem(subject->arena, pem);
	size_t before = subject->outcomes_n;
	char text[MS_TIME_TEXT];
	struct ms_certificate c;

	ms_certificate_read(der, &subject->env->limits, subject->arena, &c);
	if (der.n == 0 || c.fault) {
		wrong(subject, "bimi-certificate-unreadable",
		    der.n == 0 ? "is none: there is no PEM certificate"
			       : "cannot be read");
		return;
	}
	judge_dates(subject, &c);
	if (!c.for_marks)
		wrong(subject, "bimi-certificate-usage",
		    "is not for marks (extended key usage "
		    "1.3.6.1.5.5.7.3.31)");
	if (!is_named(subject, &c))
		wrong(subject, "bimi-certificate-name",
		    "does not name the domain");
	if (subject->outcomes_n > before)
		return;
	ms_time_format(c.not_after, text);
	domain_pass(subject,
	    "The mark certificate names the domain and holds until %s; its "
	    "chain is not verified",
	    text);
}

void
domain_bimi_served(
    struct ms_domain_case *subject, const struct ms_bimi_record *record)
{
	struct ms_fetch fetch;

	if (record->location.n > 0 && get(subject, "bimi-svg-missing",
					  "The mark", record->location, &fetch))
		judge_mark(subject, &fetch);
	if (record->evidence.n > 0 &&
	    get(subject, "bimi-certificate-missing", "The mark certificate",
		record->evidence, &fetch))
		judge_certificate(subject, fetch.body);
}
