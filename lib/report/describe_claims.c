/* SPDX-License-Identifier: ISC
 * describe_claims.c - claimed authentication, as report nodes
 *
 * What the headers say somebody found. Nothing here is recomputed.
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

static void
put_method(struct ms_report *report, struct ms_node *array,
    const struct ms_authres_method *method)
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

static void
put_claim(struct ms_report *report, struct ms_node *array,
    const struct ms_header *header, const struct ms_authres *claim,
    enum ms_trust trust)
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
	ms_put_null(report, node, "agrees");
	methods = ms_put_array(report, node, "results");
	for (size_t i = 0; i < claim->n; i++)
		put_method(report, methods, &claim->methods[i]);
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
say_method(struct ms_report *report, struct ms_node *table,
    const struct ms_authres_method *method)
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
	ms_say_cell(report, row, MS_STYLE_PLAIN, false,
	    ms_slice_trim(ms_buf_get(&buf)));
}

/* Who wrote them, whether that can be believed, and one method a row. */
static void
say_claim(struct ms_report *report, const struct ms_authres *claim,
    enum ms_trust trust)
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
	for (size_t i = 0; i < claim->n; i++)
		say_method(report, table, &claim->methods[i]);
}

void
ms_describe_claims(struct ms_report *report, const struct ms_header *header,
    const struct ms_authres *claims, size_t n, const struct ms_trace *trace)
{
	struct ms_node *auth, *array = NULL;

	if (report->audience & MS_FOR_DATA) {
		auth = ms_put_section(report, "auth");
		array = ms_put_array(report, auth, "claimed");
	}
	ms_say_heading(report, "CLAIMED AUTHENTICATION (not recomputed)");
	if (n == 0)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "The message carries no authentication results.");
	for (size_t i = 0; i < n; i++) {
		enum ms_trust trust = trust_of(header, &claims[i], trace);

		if (array)
			put_claim(report, array, header, &claims[i], trust);
		if (report->audience & MS_FOR_TEXT)
			say_claim(report, &claims[i], trust);
	}
}
