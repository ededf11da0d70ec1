/* SPDX-License-Identifier: ISC
 * describe_login.c - a log-in as report nodes
 */
#include "describe_priv.h"
#include "mailsonde/probe.h"

static void
put_tried(struct ms_report *report, struct ms_node *node,
    const struct ms_login_result *login)
{
	struct ms_node *array = ms_put_array(report, node, "tried");

	for (size_t i = 0; i < login->tried_n; i++)
		ms_put_string(report, array, NULL, login->tried[i]);
}

/* Whether one gets in; null where that could not be told. */
static void
put_ok(struct ms_report *report, struct ms_node *node,
    const struct ms_login_result *login)
{
	switch (login->outcome) {
	case MS_LOGIN_UNTRIED:
	case MS_LOGIN_TEMPORARY:
	case MS_LOGIN_SERVER_FAULT:
	case MS_LOGIN_UNSAFE:
	case MS_LOGIN_BROKEN:
	case MS_LOGIN_UNABLE:
		ms_put_null(report, node, "ok");
		return;
	default:
		ms_put_bool(report, node, "ok", login->outcome == MS_LOGIN_OK);
	}
}

static void
put_within(struct ms_report *report, struct ms_node *node,
    const struct ms_probe_capabilities *within)
{
	struct ms_node *array;

	if (!within->asked)
		return;
	array = ms_put_array(report, node, "capabilities");
	for (size_t i = 0; i < within->n; i++) {
		struct ms_node *entry = ms_put_object(report, array, NULL);

		ms_put_text(report, entry, "name", within->list[i].name);
		if (within->list[i].value.n > 0)
			ms_put_text(
			    report, entry, "value", within->list[i].value);
	}
}

void
describe_put_login(struct ms_report *report, struct ms_node *server,
    const struct ms_probe_result *r)
{
	const struct ms_login_result *login = &r->login;
	struct ms_node *node;

	if (!login->asked)
		return;
	node = ms_put_object(report, server, "login");
	ms_put_string(
	    report, node, "result", ms_login_outcome_name(login->outcome));
	put_ok(report, node, login);
	ms_put_string(report, node, "user", login->user);
	ms_put_string(report, node, "mechanism", login->mechanism);
	put_tried(report, node, login);
	ms_put_string(report, node, "channel_binding", login->binding);
	ms_put_bool(report, node, "safe", login->safe);
	ms_put_bool(report, node, "secret_sent", login->sent);
	if (login->code > 0)
		ms_put_int(report, node, "code", login->code);
	else
		ms_put_null(report, node, "code");
	ms_put_text(report, node, "status", login->status);
	if (login->text.n > 0)
		ms_put_evidence(report, node, "text", login->text);
	else
		ms_put_null(report, node, "text");
	ms_put_string(report, node, "why", login->why);
	if (login->rounds > 0)
		ms_put_int(report, node, "rounds", login->rounds);
	describe_seconds(report, node, "seconds", login->seconds);
	if (login->outcome == MS_LOGIN_OK)
		put_within(report, node, &r->within);
}

/* What the session has that was not there before. */
static void
say_within(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_probe_capabilities *before = ms_probe_last_said(r);
	struct ms_buf text;

	ms_buf_init(&text, report->arena);
	for (size_t i = 0; i < r->within.n; i++) {
		struct ms_slice name = r->within.list[i].name;

		if (ms_probe_offered(
			before, ms_arena_string(report->arena, name)))
			continue;
		if (text.n > 0)
			ms_buf_byte(&text, ' ');
		ms_buf_slice(&text, name);
	}
	if (text.n > 0)
		ms_say_pair(
		    report, "Within", MS_STYLE_PLAIN, ms_buf_get(&text));
}

void
describe_say_login(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_login_result *login = &r->login;
	bool good = login->outcome == MS_LOGIN_OK;

	if (!login->asked)
		return;
	ms_say_pairf(report, "Logged in", good ? MS_STYLE_GOOD : MS_STYLE_BAD,
	    "%s%s%s%s%s%s%s", good ? "yes" : "no: ",
	    good ? "" : ms_login_outcome_name(login->outcome),
	    login->mechanism ? ", by " : "",
	    login->mechanism ? login->mechanism : "",
	    login->binding ? " (" : "", login->binding ? login->binding : "",
	    login->binding ? ")" : "");
	if (!good && login->text.n > 0)
		ms_say_pair(report, "It says", MS_STYLE_PLAIN, login->text);
	if (!good && login->why)
		ms_say_pairf(report, "Why", MS_STYLE_PLAIN, "%s", login->why);
	if (good)
		say_within(report, r);
}
