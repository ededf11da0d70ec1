/* SPDX-License-Identifier: ISC
 * describe_claims.c - claimed authentication, as report nodes
 *
 * What the headers say somebody found, and whether it agrees with what was
 * found here.
 */
#include "describe_priv.h"

#include <stdio.h>

static enum ms_trust
trust_of(const struct ms_header *header, const struct ms_authres *claim,
    const struct ms_trace *trace)
{
	if (!trace || !claim->field)
		return MS_TRUST_CLAIMED;
	return ms_trace_field_trust(
	    trace, (unsigned)(claim->field - header->fields));
}

/* ---- data ---- */

/* Whether a result agrees; null where nothing can be set against it. */
static void
put_agreement(struct ms_report *report, struct ms_node *node,
    const struct ms_claim_check *check)
{
	if (!check || check->relation == MS_CLAIM_NOT_COMPARED)
		ms_put_null(report, node, "agrees");
	else
		ms_put_bool(
		    report, node, "agrees", check->relation == MS_CLAIM_AGREES);
	if (!check)
		return;
	if (check->ours_known)
		ms_put_string(report, node, "recomputed",
		    ms_auth_result_name(check->ours));
	if (check->why)
		ms_put_string(report, node, "why", check->why);
}

static void
put_method(struct ms_report *report, struct ms_node *array,
    const struct ms_authres_method *method, const struct ms_claim_check *check)
{
	struct ms_node *node = ms_put_object(report, array, NULL);
	struct ms_node *properties, *property;

	ms_put_text(report, node, "method", method->method);
	ms_put_text(report, node, "result", method->result);
	if (method->version.p)
		ms_put_text(report, node, "version", method->version);
	if (method->reason.p)
		ms_put_text(report, node, "reason", method->reason);
	if (method->comment.p)
		ms_put_text(report, node, "comment", method->comment);
	put_agreement(report, node, check);
	properties = ms_put_array(report, node, "properties");
	for (size_t i = 0; i < method->n; i++) {
		property = ms_put_object(report, properties, NULL);
		ms_put_text(
		    report, property, "type", method->properties[i].ptype);
		ms_put_text(report, property, "property",
		    method->properties[i].property);
		ms_put_text(
		    report, property, "value", method->properties[i].value);
	}
}

/* Of the whole field: false when one result differs, true when at least one
 * agrees and none differs. */
static void
put_claim_agreement(struct ms_report *report, struct ms_node *node,
    const struct ms_authres *claim, const struct ms_claim_check *checks)
{
	bool agrees = false, differs = false;

	for (size_t i = 0; checks && i < claim->n; i++) {
		agrees |= checks[i].relation == MS_CLAIM_AGREES;
		differs |= checks[i].relation == MS_CLAIM_DIFFERS;
	}
	if (agrees || differs)
		ms_put_bool(report, node, "agrees", !differs);
	else
		ms_put_null(report, node, "agrees");
}

static void
put_claim(struct ms_report *report, struct ms_node *array,
    const struct ms_header *header, const struct ms_authres *claim,
    enum ms_trust trust, const struct ms_claim_check *checks)
{
	struct ms_node *node = ms_put_object(report, array, NULL);
	struct ms_node *methods;

	ms_put_text(report, node, "field", claim->field->name);
	ms_put_int(report, node, "field_index",
	    (int64_t)(claim->field - header->fields));
	ms_put_text(report, node, "authserv_id", claim->authserv_id);
	if (claim->instance >= 0)
		ms_put_int(report, node, "instance", claim->instance);
	ms_put_string(report, node, "trust", ms_trust_name(trust));
	ms_put_bool(report, node, "trusted", trust != MS_TRUST_CLAIMED);
	ms_put_bool(report, node, "valid", claim->valid);
	put_claim_agreement(report, node, claim, checks);
	methods = ms_put_array(report, node, "results");
	for (size_t i = 0; i < claim->n; i++)
		put_method(report, methods, &claim->methods[i],
		    checks ? &checks[i] : NULL);
	ms_put_evidence(report, node, "raw", claim->field->body);
}

/* ---- text ---- */

static void
say_property(struct ms_report *report, struct ms_buf *buf,
    const struct ms_authres_property *p)
{
	ms_buf_byte(buf, ' ');
	if (p->ptype.n > 0) {
		ms_buf_slice(buf, p->ptype);
		ms_buf_byte(buf, '.');
	}
	ms_buf_slice(buf, p->property);
	ms_buf_byte(buf, '=');
	ms_buf_slice(buf, describe_defang(report, p->value));
}

static void
say_agreement(struct ms_report *report, struct ms_node *row,
    const struct ms_claim_check *check)
{
	static const struct {
		enum ms_style style;
		const char *text;
	} words[] = {
		[MS_CLAIM_NOT_COMPARED] = { MS_STYLE_DIM, "not compared" },
		[MS_CLAIM_AGREES] = { MS_STYLE_GOOD, "agrees" },
		[MS_CLAIM_DIFFERS] = { MS_STYLE_BAD, "DIFFERS" },
	};

	ms_say_cellf(report, row, words[check->relation].style, false, "%s",
	    words[check->relation].text);
}

static void
say_method(struct ms_report *report, struct ms_node *table,
    const struct ms_authres_method *method, const struct ms_claim_check *check)
{
	struct ms_node *row = ms_say_row(report, table);
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < method->n && i < 6; i++)
		if (method->properties[i].property.n > 0)
			say_property(report, &buf, &method->properties[i]);
	ms_say_cellf(report, row, MS_STYLE_STRONG, false, "%.*s=%.*s",
	    (int)method->method.n, (const char *)method->method.p,
	    (int)method->result.n, (const char *)method->result.p);
	if (check)
		say_agreement(report, row, check);
	ms_say_cell(report, row, MS_STYLE_PLAIN, false,
	    ms_slice_trim(ms_buf_get(&buf)));
}

/* Who wrote them, whether that can be believed, and one method a row. */
static void
say_claim(struct ms_report *report, const struct ms_authres *claim,
    enum ms_trust trust, const struct ms_claim_check *checks)
{
	struct ms_slice name = claim->field->name;
	struct ms_slice by = describe_defang(report, claim->authserv_id);
	struct ms_node *table;
	char instance[16] = "";

	if (claim->instance >= 0)
		snprintf(instance, sizeof(instance), " i=%d", claim->instance);
	ms_say(report, 2,
	    trust == MS_TRUST_CLAIMED ? MS_STYLE_DIM : MS_STYLE_GOOD,
	    "%.*s%s%s%.*s: %s", (int)name.n, (const char *)name.p, instance,
	    by.n > 0 ? " by " : "", (int)by.n, (const char *)by.p,
	    trust == MS_TRUST_CLAIMED ? "claimed, anybody can write it"
				      : ms_trust_name(trust));
	if (claim->n == 0)
		ms_say(report, 4, MS_STYLE_PLAIN, "%s",
		    claim->valid ? "none" : "(not understood)");
	table = ms_say_table(report, 4);
	if (checks)
		ms_say_heads(report, table, false, "claimed", "recomputed",
		    "of whom", NULL);
	else
		ms_say_heads(report, table, false, "claimed", "of whom", NULL);
	for (size_t i = 0; i < claim->n; i++)
		say_method(report, table, &claim->methods[i],
		    checks ? &checks[i] : NULL);
	for (size_t i = 0; checks && i < claim->n; i++)
		if (checks[i].relation == MS_CLAIM_DIFFERS)
			ms_say(report, 6, MS_STYLE_PLAIN, "%.*s: %s",
			    (int)claim->methods[i].method.n,
			    (const char *)claim->methods[i].method.p,
			    checks[i].why);
}

void
ms_describe_claims(struct ms_report *report, const struct ms_header *header,
    const struct ms_authres *claims, size_t n, const struct ms_trace *trace,
    const struct ms_authentication *auth)
{
	struct ms_node *array = NULL;

	if (report->audience & MS_FOR_DATA)
		array = ms_put_array(
		    report, ms_put_section(report, "auth"), "claimed");
	ms_say_heading(
	    report, auth ? "CLAIMED AUTHENTICATION, against what was recomputed"
			 : "CLAIMED AUTHENTICATION (not recomputed)");
	if (n == 0)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "The message carries no authentication results.");
	for (size_t i = 0; i < n; i++) {
		enum ms_trust trust = trust_of(header, &claims[i], trace);
		const struct ms_claim_check *checks =
		    auth ? auth->checks[i] : NULL;

		if (array)
			put_claim(
			    report, array, header, &claims[i], trust, checks);
		if (report->audience & MS_FOR_TEXT)
			say_claim(report, &claims[i], trust, checks);
	}
}
