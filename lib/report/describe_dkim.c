/* SPDX-License-Identifier: ISC
 * describe_dkim.c - DKIM signatures, as report nodes
 *
 * In text the answer stands first, then what is to be known beside it.
 */
#include "describe_dkim_priv.h"

#define NAMES_SHOWN 40

/* ---- data ---- */

static void
put_optional(struct ms_report *report, struct ms_node *node, const char *key,
    struct ms_slice text)
{
	if (text.p)
		ms_put_text(report, node, key, text);
}

static void
put_field_index(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message, const struct ms_field *field)
{
	if (field)
		ms_put_int(report, node, "field_index",
		    (int64_t)(field - message->header.fields));
	else
		ms_put_null(report, node, "field_index");
}

static const char *
key_type(const struct ms_dkim_key *key)
{
	static const char *const names[] = {
		[MS_DKIM_KEY_NONE] = NULL,
		[MS_DKIM_KEY_RSA] = "rsa",
		[MS_DKIM_KEY_ED25519] = "ed25519",
	};

	return names[key->type];
}

static void
put_key(struct ms_report *report, struct ms_node *parent,
    const struct ms_dkim_signature *s)
{
	struct ms_node *node;

	if (!s->key_name.p)
		return;
	node = ms_put_object(report, parent, "key");
	ms_put_text(report, node, "name", s->key_name);
	ms_put_string(
	    report, node, "answer", ms_dns_status_name(s->key_answer.status));
	ms_put_int(report, node, "records", (int64_t)s->keys_n);
	if (!s->key.text.p)
		return;
	ms_put_bool(report, node, "archived", s->key_archived);
	ms_put_string(report, node, "type", key_type(&s->key));
	ms_put_bool(report, node, "testing", s->key.testing);
	ms_put_bool(report, node, "strict", s->key.strict);
	if (s->key.why)
		ms_put_string(report, node, "fault", s->key.why);
	ms_put_evidence(report, node, "record", s->key.text);
}

static void
put_times(struct ms_report *report, struct ms_node *node,
    const struct ms_dkim_signature *s)
{
	if (s->time >= 0) {
		ms_put_time(report, node, "signed_at", s->time);
		ms_put_bool(report, node, "in_future", s->future);
	}
	if (s->expires >= 0) {
		ms_put_time(report, node, "expires", s->expires);
		ms_put_bool(report, node, "expired", s->expired);
	}
}

void
describe_signature(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message, const struct ms_dkim_signature *s)
{
	ms_put_string(report, node, "result", ms_auth_result_name(s->result));
	ms_put_text(report, node, "domain", s->domain);
	ms_put_text(report, node, "selector", s->selector);
	ms_put_text(report, node, "algorithm", s->algorithm_text);
	if (s->key_bits > 0)
		ms_put_int(report, node, "key_bits", s->key_bits);
	else
		ms_put_null(report, node, "key_bits");
	ms_put_string(report, node, "reason", s->reason);
	ms_put_string(report, node, "code", ms_dkim_reason_name(s->code));
	ms_put_string(report, node, "policy", s->policy);
	if (s->signature_checked)
		ms_put_bool(report, node, "signature_ok", s->signature_ok);
	else
		ms_put_null(report, node, "signature_ok");
	if (s->signature_checked && !s->signature_ok &&
	    s->key.type == MS_DKIM_KEY_RSA)
		ms_put_bool(report, node, "made_by_key", s->made_by_key);
	put_times(report, node, s);
	put_field_index(report, node, message, s->field);
	put_key(report, node, s);
}

static void
put_unsigned(struct ms_report *report, struct ms_node *parent,
    const struct ms_message *message, const struct ms_dkim_signature *s)
{
	struct ms_node *node = ms_put_object(report, parent, "length");
	const struct ms_part *part = s->unsigned_part;

	ms_put_int(report, node, "signed", s->length);
	ms_put_int(report, node, "unsigned", (int64_t)s->body_unsigned);
	if (s->body_unsigned > 0) {
		ms_put_int(report, node, "unsigned_offset",
		    (int64_t)s->unsigned_offset);
		if (part)
			ms_put_int(report, node, "unsigned_part", part->index);
	}
	if (s->structure_offset > 0)
		ms_put_int(report, node, "structure_offset",
		    (int64_t)s->structure_offset);
	(void)message;
}

static const char *const canons[2][2] = {
	[MS_DKIM_SIMPLE] = { "simple/simple", "simple/relaxed" },
	[MS_DKIM_RELAXED] = { "relaxed/simple", "relaxed/relaxed" },
};

static void
put_body(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message, const struct ms_dkim_signature *s)
{
	if (s->body_hashed)
		ms_put_bool(report, node, "body_hash_ok", s->body_hash_ok);
	else
		ms_put_null(report, node, "body_hash_ok");
	put_optional(report, node, "body_hash", s->body_hash);
	put_optional(report, node, "body_hash_computed", s->body_hash_computed);
	if (s->readable)
		ms_put_string(report, node, "canonicalization",
		    canons[s->header_canon][s->body_canon]);
	put_optional(report, node, "identity", s->identity);
	if (s->length >= 0)
		put_unsigned(report, node, message, s);
}

static void
put_header(struct ms_report *report, struct ms_node *node,
    const struct ms_message *message, const struct ms_dkim_signature *s)
{
	struct ms_node *array = ms_put_array(report, node, "signed_fields");
	struct ms_node *item;

	for (size_t i = 0; i < s->covered_n; i++) {
		item = ms_put_object(report, array, NULL);
		ms_put_text(report, item, "name", s->covered[i].name);
		put_field_index(report, item, message, s->covered[i].field);
	}
	array = ms_put_array(report, node, "unsigned_fields");
	for (size_t i = 0; i < s->open_n; i++)
		if (s->open[i].present > 0 && s->open[i].covered == 0)
			ms_put_string(report, array, NULL, s->open[i].name);
	array = ms_put_array(report, node, "addable_fields");
	for (size_t i = 0; i < s->open_n; i++)
		ms_put_string(report, array, NULL, s->open[i].name);
	array = ms_put_array(report, node, "added_fields");
	for (size_t i = 0; i < s->open_n; i++) {
		if (!s->open[i].added)
			continue;
		item = ms_put_object(report, array, NULL);
		ms_put_string(report, item, "name", s->open[i].name);
		put_field_index(report, item, message, s->open[i].added);
	}
}

static void
put_repair(struct ms_report *report, struct ms_node *parent, const char *key,
    const struct ms_dkim_repair *repair)
{
	struct ms_node *node;

	if (repair->change == MS_DKIM_CHANGE_NONE && !repair->searched)
		return;
	node = ms_put_object(report, parent, key);
	ms_put_bool(
	    report, node, "found", repair->change != MS_DKIM_CHANGE_NONE);
	if (repair->change == MS_DKIM_CHANGE_NONE) {
		ms_put_bool(report, node, "all_tried", !repair->gave_up);
		return;
	}
	ms_put_string(
	    report, node, "change", ms_dkim_change_name(repair->change));
	if (repair->also != MS_DKIM_CHANGE_NONE)
		ms_put_string(
		    report, node, "also", ms_dkim_change_name(repair->also));
	ms_put_string(report, node, "text", repair->text);
	if (repair->length > 0) {
		ms_put_int(report, node, "offset", (int64_t)repair->offset);
		ms_put_int(report, node, "length", (int64_t)repair->length);
	}
}

static void
put_signature(struct ms_report *report, struct ms_node *array,
    const struct ms_message *message, const struct ms_dkim_signature *s)
{
	struct ms_node *node = ms_put_object(report, array, NULL);

	describe_signature(report, node, message, s);
	put_body(report, node, message, s);
	put_header(report, node, message, s);
	put_repair(report, node, "body_change", &s->body_repair);
	put_repair(report, node, "header_change", &s->header_repair);
}

/* ---- text ---- */

enum ms_style
describe_result_style(enum ms_auth_result result)
{
	if (result == MS_AUTH_PASS)
		return MS_STYLE_GOOD;
	return result == MS_AUTH_FAIL ? MS_STYLE_BAD : MS_STYLE_WARN;
}

const char *
describe_shout(struct ms_report *report, enum ms_auth_result result)
{
	char *word = ms_arena_string(
	    report->arena, ms_slice_from(ms_auth_result_name(result)));

	for (char *c = word; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return word;
}

void
describe_result(struct ms_report *report, bool section,
    enum ms_auth_result result, const char *reason)
{
	enum ms_style style = describe_result_style(result);
	const char *word = describe_shout(report, result);

	if (section)
		ms_say(report, 2, style, "%s: %s", word, reason);
	else
		ms_say_answer(report, style, "%s: %s", word, reason);
	if (!section)
		ms_say_blank(report);
}

const char *
describe_signature_particulars(
    struct ms_report *report, const struct ms_dkim_signature *s)
{
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	ms_buf_printf(&buf, "selector %.*s, %.*s",
	    (int)(s->selector.n > 100 ? 100 : s->selector.n),
	    s->selector.p ? (const char *)s->selector.p : "",
	    (int)(s->algorithm_text.n > 40 ? 40 : s->algorithm_text.n),
	    s->algorithm_text.p ? (const char *)s->algorithm_text.p : "?");
	if (s->key_bits > 0 && s->key.type == MS_DKIM_KEY_RSA)
		ms_buf_printf(&buf, ", %u bits", s->key_bits);
	if (s->key_archived)
		ms_buf_text(&buf, ", archived key");
	if (s->key.testing)
		ms_buf_text(&buf, ", key marked as a test (t=y)");
	ms_buf_byte(&buf, '\0');
	return (const char *)buf.p;
}

static void
add_name(struct ms_buf *buf, size_t *n, struct ms_slice name)
{
	if ((*n)++ >= NAMES_SHOWN)
		return;
	if (buf->n > 0)
		ms_buf_text(buf, ", ");
	if (*n == NAMES_SHOWN)
		ms_buf_text(buf, "…");
	else
		ms_buf_slice(buf, ms_slice_part(name, 0, 60));
}

static void
say_list(struct ms_report *report, enum ms_style style, const char *what,
    const struct ms_buf *names)
{
	if (names->n > 0)
		ms_say(report, 4, style, "%s %.*s", what, (int)names->n,
		    (const char *)names->p);
}

static void
say_header(struct ms_report *report, const struct ms_dkim_signature *s)
{
	struct ms_buf covered, left, addable, added;
	size_t n = 0, left_n = 0, addable_n = 0, added_n = 0;

	ms_buf_init(&covered, report->arena);
	ms_buf_init(&left, report->arena);
	ms_buf_init(&addable, report->arena);
	ms_buf_init(&added, report->arena);
	for (size_t i = 0; i < s->covered_n; i++)
		if (s->covered[i].field)
			add_name(&covered, &n, s->covered[i].field->name);
	for (size_t i = 0; i < s->open_n; i++) {
		const struct ms_dkim_open *open = &s->open[i];
		struct ms_slice name = ms_slice_from(open->name);

		if (open->added)
			add_name(&added, &added_n, name);
		else if (open->present > 0 && open->covered == 0)
			add_name(&left, &left_n, name);
		else
			add_name(&addable, &addable_n, name);
	}
	say_list(report, MS_STYLE_PLAIN, "signed:", &covered);
	say_list(report, MS_STYLE_WARN, "there, and not signed:", &left);
	say_list(report, MS_STYLE_BAD, "added beside a signed one:", &added);
	say_list(report, MS_STYLE_DIM, "could be added unseen:", &addable);
}

static void
say_body(struct ms_report *report, const struct ms_dkim_signature *s)
{
	if (s->body_hashed && !s->body_hash_ok) {
		ms_say(report, 4, MS_STYLE_PLAIN, "body hash stated   %.*s",
		    (int)(s->body_hash.n > 100 ? 100 : s->body_hash.n),
		    s->body_hash.p ? (const char *)s->body_hash.p : "");
		ms_say(report, 4, MS_STYLE_PLAIN, "          computed %.*s",
		    (int)s->body_hash_computed.n,
		    (const char *)s->body_hash_computed.p);
	}
	if (s->length >= 0 && s->body_unsigned > 0)
		ms_say(report, 4, MS_STYLE_WARN,
		    "only the first %lld of %llu octets of the body are signed "
		    "(l=): the last %llu can be anybody's",
		    (long long)s->length, (unsigned long long)s->body_length,
		    (unsigned long long)s->body_unsigned);
	else if (s->length >= 0)
		ms_say(report, 4, MS_STYLE_WARN,
		    "l= allows that anybody adds to the body; nothing was");
}

static void
say_repairs(struct ms_report *report, const struct ms_dkim_signature *s)
{
	/* A hash that is not signed itself proves nothing. */
	if (s->body_repair.text)
		ms_say(report, 4, MS_STYLE_STRONG, "%s: %s",
		    s->signature_ok || s->header_repair.text
			? "explained"
			: "perhaps, for the hash itself is not confirmed",
		    s->body_repair.text);
	else if (s->body_repair.searched)
		ms_say(report, 4, MS_STYLE_PLAIN,
		    "none of the usual changes in transit explains the body");
	if (s->header_repair.text)
		ms_say(report, 4, MS_STYLE_STRONG, "explained: %s",
		    s->header_repair.text);
	else if (s->header_repair.searched)
		ms_say(report, 4, MS_STYLE_PLAIN,
		    "none of the usual changes in transit explains the header");
}

static void
say_signature(struct ms_report *report, const struct ms_dkim_signature *s)
{
	char when[MS_TIME_TEXT];

	ms_say(report, 2, describe_result_style(s->result), "%s  %.*s (%s)",
	    ms_auth_result_name(s->result),
	    (int)(s->domain.n > 255 ? 255 : s->domain.n),
	    s->domain.p ? (const char *)s->domain.p : "?",
	    describe_signature_particulars(report, s));
	if (s->reason)
		ms_say(report, 4, MS_STYLE_PLAIN, "%s", s->reason);
	if (s->policy)
		ms_say(report, 4, MS_STYLE_WARN,
		    "%s counts for nothing (RFC 8301)",
		    s->key_bits > 0 && s->policy[0] == 's'
			? "a key of less than 1024 bits"
			: "rsa-sha1");
	if (s->expired && s->code != MS_DKIM_EXPIRED) {
		ms_time_format(s->expires, when);
		ms_say(report, 4, MS_STYLE_PLAIN, "expired at %s (x=)", when);
	}
	if (s->future) {
		ms_time_format(s->time, when);
		ms_say(report, 4, MS_STYLE_WARN,
		    "signed at %s (t=), which is still to come", when);
	}
	if (s->keys_n > 1)
		ms_say(report, 4, MS_STYLE_WARN,
		    "%zu key records where one should be", s->keys_n);
	say_body(report, s);
	say_repairs(report, s);
	say_header(report, s);
}

void
describe_no_answer(struct ms_report *report, const struct ms_dkim_signature *s)
{
	if (s->result == MS_AUTH_TEMPERROR &&
	    s->key_answer.status != MS_DNS_OFFLINE)
		ms_report_error(report, "dns", true, "%.*s TXT: %s",
		    (int)s->key_name.n, (const char *)s->key_name.p,
		    ms_dns_status_name(s->key_answer.status));
}

void
ms_describe_dkim(struct ms_report *report, const struct ms_message *message,
    const struct ms_dkim_result *dkim)
{
	struct ms_node *array;

	if (report->audience & MS_FOR_DATA) {
		array = ms_put_array(
		    report, ms_put_section(report, "auth"), "dkim");
		for (size_t i = 0; i < dkim->n; i++)
			put_signature(
			    report, array, message, &dkim->signatures[i]);
	}
	for (size_t i = 0; i < dkim->n; i++)
		describe_no_answer(report, &dkim->signatures[i]);
	if (!(report->audience & MS_FOR_TEXT))
		return;
	ms_say_heading(report, "DKIM");
	if (dkim->n == 0)
		ms_say(report, 2, MS_STYLE_PLAIN,
		    "none: the message carries no signature.");
	for (size_t i = 0; i < dkim->n; i++)
		say_signature(report, &dkim->signatures[i]);
}
