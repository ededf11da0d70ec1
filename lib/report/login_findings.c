/* SPDX-License-Identifier: ISC
 * login_findings.c - what came of a log-in, and what to do about it
 *
 * That a secret is wrong is said only where the server says so; what is busy,
 * broken or on this side tells nothing.
 */
#include "describe_priv.h"
#include "mailsonde/probe.h"

#define TEXT(s)                                                                \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

/* RFC 5802 5.1, RFC 7677 4. */
#define ROUNDS_FEW 4096

struct row {
	enum ms_login_outcome outcome;
	const char *id;
	enum ms_severity severity;
	const char *title, *detail, *fix, *reference;
};

static const struct row rows[] = {
	{ .outcome = MS_LOGIN_REFUSED,
	    .id = "login-refused",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server refuses the log-in: wrong name or secret",
	    .detail = "One attempt was made, and not repeated.",
	    .fix =
		"Check the name: some servers want the whole address, some the "
		"part before the \"@\". Then the secret, and whether the "
		"provider "
		"wants one made for mail programs.",
	    .reference = "RFC 4954 section 6; RFC 5530 section 3" },
	{ .outcome = MS_LOGIN_APP_PASSWORD,
	    .id = "login-application-password",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server wants a password made for mail programs",
	    .detail = "The account has a second factor, which mail programs "
		      "cannot ask "
		      "for: its own password is not taken here.",
	    .fix = "Make an application password in the provider's account "
		   "settings, "
		   "or log in with a token (--token-file).",
	    .reference = "RFC 4954 section 6" },
	{ .outcome = MS_LOGIN_DISABLED,
	    .id = "login-disabled",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The account is locked or disabled",
	    .detail = "Whether the secret is right cannot be told.",
	    .fix = "Ask who runs the server, or follow what its answer says.",
	    .reference = "RFC 5530 section 3" },
	{ .outcome = MS_LOGIN_EXPIRED,
	    .id = "login-expired",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The secret has expired",
	    .detail = "The server wants a new one.",
	    .fix = "Change the password, or get a new token.",
	    .reference = "RFC 4954 section 6; RFC 5530 section 3" },
	{ .outcome = MS_LOGIN_METHOD_DISABLED,
	    .id = "login-method-disabled",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server takes no passwords any more",
	    .detail =
		"Logging in with a password is switched off there, for this "
		"account or for all.",
	    .fix =
		"Log in with a token of OAuth 2.0 (--token-file), or have the "
		"administrator allow passwords for this account.",
	    .reference = "RFC 7628" },
	{ .outcome = MS_LOGIN_NOT_AUTHORIZED,
	    .id = "login-not-authorized",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The secret is right, and the access is not allowed",
	    .detail = "The server knows who it is, and does not let him in.",
	    .fix = "Allow the protocol for this account.",
	    .reference = "RFC 5530 section 3" },
	{ .outcome = MS_LOGIN_NOT_TAKEN,
	    .id = "login-mechanism-not-taken",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "No mechanism of log-in is taken",
	    .detail = "What is announced is refused when it is used.",
	    .fix =
		"Announce only what can be used; look into the server's log.",
	    .reference = "RFC 4954 section 4; RFC 4422 section 3.3" },
	{ .outcome = MS_LOGIN_TLS_WANTED,
	    .id = "login-tls-wanted",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server takes log-ins within TLS alone",
	    .detail =
		"It offers a log-in that it does not take on this connection.",
	    .fix = "Connect with TLS, and announce no log-in before it.",
	    .reference = "RFC 8314 section 3; RFC 5530 section 3" },
	{ .outcome = MS_LOGIN_NO_MECHANISM,
	    .id = "login-no-mechanism",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "There is no way to log in",
	    .detail = "The server offers no mechanism that is known here and "
		      "fits the "
		      "kind of secret.",
	    .fix = "Offer SCRAM-SHA-256, or PLAIN within TLS; for a token "
		   "OAUTHBEARER.",
	    .reference = "RFC 4422 section 3.2" },
	{ .outcome = MS_LOGIN_IMPOSTOR,
	    .id = "login-impostor",
	    .severity = MS_SEVERITY_CRITICAL,
	    .title = "The server cannot prove that it knows the secret",
	    .detail = "In SCRAM both sides prove it. This server let us in or "
		      "went on "
		      "without the right proof: somebody stands in its place, "
		      "or it is "
		      "badly broken.",
	    .fix = "Do not log in there. Find out who answers at this address.",
	    .reference = "RFC 5802 sections 3 and 5" },
	{ .outcome = MS_LOGIN_UNBOUND,
	    .id = "login-unbound",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server sees another TLS connection than we do",
	    .detail =
		"The log-in is tied to the connection, and the two ends do not "
		"agree on it: somebody stands between, a proxy that ends TLS "
		"or a "
		"stranger.",
	    .fix = "Where a proxy of one's own ends TLS, do not offer the "
		   "mechanisms "
		   "with -PLUS behind it.",
	    .reference = "RFC 5802 section 6; RFC 9266" },
	{ .outcome = MS_LOGIN_PROTOCOL,
	    .id = "login-protocol",
	    .severity = MS_SEVERITY_HIGH,
	    .title = "The server does not keep to the protocol of the log-in",
	    .detail = "The log-in was broken off.",
	    .fix = "Look into the server's log; update it.",
	    .reference = "RFC 4422 section 3" },
};

static struct ms_node *
evidence(struct ms_report *report, const struct ms_login_result *login)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);

	ms_put_string(report, node, "mechanism", login->mechanism);
	if (login->code > 0)
		ms_put_int(report, node, "code", login->code);
	if (login->status.p)
		ms_put_text(report, node, "status", login->status);
	if (login->text.n > 0)
		ms_put_evidence(report, node, "text", login->text);
	if (login->why)
		ms_put_string(report, node, "why", login->why);
	return node;
}

/* Where a mechanism was tied to the connection, a plain no may be about that.
 */
static const char *
detail_of(struct ms_report *report, const struct ms_login_result *login,
    const struct row *row)
{
	if (login->outcome == MS_LOGIN_REFUSED && login->binding)
		return ms_arena_printf(report->arena,
		    "%s The log-in was tied to the TLS connection: where the "
		    "same secret is taken with --mechanism SCRAM-SHA-256, "
		    "somebody stands between.",
		    row->detail);
	if (login->why && (login->outcome == MS_LOGIN_REFUSED ||
			      login->outcome == MS_LOGIN_PROTOCOL))
		return ms_arena_printf(
		    report->arena, "%s (%s)", row->detail, login->why);
	return row->detail;
}

static void
judge_outcome(struct ms_report *report, const struct ms_login_result *login)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct ms_finding f = {
			.id = row->id,
			.severity = row->severity,
			.title = row->title,
			.fix = row->fix,
			.reference = row->reference,
		};

		if (row->outcome != login->outcome)
			continue;
		f.detail = detail_of(report, login, row);
		f.evidence = evidence(report, login);
		ms_report_finding(report, &f);
	}
}

/* The first was announced and not taken, a later one was. */
static void
judge_announced(struct ms_report *report, const struct ms_login_result *login)
{
	struct ms_finding f = {
		.id = "login-mechanism-not-taken",
		.severity = MS_SEVERITY_LOW,
		.title = ms_arena_printf(report->arena,
		    "%s is announced, and not taken", login->tried[0]),
		.detail = "Programs that try the strongest first fail, or "
			  "lose time.",
		.fix = "Announce only what can be used; look into the "
		       "server's log.",
		.reference = "RFC 4422 section 3.3",
	};

	if (login->tried_n < 2 || login->outcome == MS_LOGIN_NOT_TAKEN)
		return;
	f.evidence = evidence(report, login);
	ms_report_finding(report, &f);
}

static void
judge_rounds(struct ms_report *report, const struct ms_login_result *login)
{
	struct ms_finding f = {
		.id = "login-few-rounds",
		.severity = MS_SEVERITY_LOW,
		.title = ms_arena_printf(report->arena,
		    "The secret is hashed in %u rounds only", login->rounds),
		.detail = "Whoever gets hold of the server's file, or takes "
			  "its place for one log-in, guesses at it that much "
			  "faster.",
		.fix = "At least 4,096 rounds.",
		.reference = "RFC 7677 section 4",
	};

	if (login->rounds == 0 || login->rounds >= ROUNDS_FEW)
		return;
	f.evidence = evidence(report, login);
	ms_report_finding(report, &f);
}

/* ---- only weak ones ---- */

/* By which the secret is not told, and not guessed at from what is heard. */
static bool
is_strong(struct ms_slice name)
{
	static const char *const strong[] = { "SCRAM-", "OAUTHBEARER",
		"XOAUTH2", "EXTERNAL", "GSSAPI", "GS2-", "OPAQUE" };

	for (size_t i = 0; i < sizeof(strong) / sizeof(*strong); i++)
		if (ms_slice_starts(name, strong[i]))
			return true;
	return false;
}

static void
judge_weak(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_probe_capabilities *said = ms_probe_last_said(r);
	struct ms_finding f = {
		.id = "login-weak-mechanisms",
		.severity = MS_SEVERITY_INFO,
		.title = "The secret itself is told in every log-in offered",
		.detail = "Whoever takes the server's place, or reads its "
			  "memory, has it.",
		.fix = "Offer SCRAM-SHA-256 as well.",
		.reference = "RFC 7677",
	};

	if (said->mechanisms_n == 0)
		return;
	for (size_t i = 0; i < said->mechanisms_n; i++)
		if (is_strong(said->mechanisms[i]))
			return;
	f.evidence = evidence(report, &r->login);
	ms_report_finding(report, &f);
}

/* ---- what could not be told ---- */

static void
put_error(struct ms_report *report, const struct ms_probe_result *r)
{
	const struct ms_login_result *login = &r->login;

	switch (login->outcome) {
	case MS_LOGIN_TEMPORARY:
	case MS_LOGIN_SERVER_FAULT:
		ms_report_error(report, "login", true, "%s: %.*s",
		    login->outcome == MS_LOGIN_TEMPORARY
			? "the server does not log anybody in now"
			: "the server cannot log anybody in",
		    TEXT(login->text));
		return;
	case MS_LOGIN_UNSAFE:
		ms_report_error(report, "login", true,
		    "%s (--insecure-login sends it all the same)", login->why);
		return;
	case MS_LOGIN_UNABLE:
		ms_report_error(report, "login", true, "it cannot be done: %s",
		    login->why ? login->why : "libgsasl does not say why");
		return;
	case MS_LOGIN_UNTRIED:
		if (r->phase == MS_PROBE_DONE)
			ms_report_error(report, "login", true,
			    "nobody logs in by %s", r->target.protocol->name);
		return;
	default:
		return;
	}
}

void
describe_login_findings(
    struct ms_report *report, const struct ms_probe_result *r)
{
	if (!r->login.asked)
		return;
	put_error(report, r);
	judge_outcome(report, &r->login);
	judge_announced(report, &r->login);
	judge_rounds(report, &r->login);
	judge_weak(report, r);
}
