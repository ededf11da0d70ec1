/* SPDX-License-Identifier: ISC
 * probe_findings.c - what is wrong with a mail server, but for its certificate
 *
 * A port where people log in is judged more strictly than the one between
 * servers: there TLS that nobody checks is better than none (RFC 7435), and a
 * password is at stake here.
 */
#include "mailsonde/describe.h"
#include "mailsonde/scan.h"

#define TEXT(s)                                                                \
	(int)((s).n > 200 ? 200 : (s).n), ((s).p ? (const char *)(s).p : "")

#define SIZE_SMALL 10000000 /* octets; ours */

struct judge {
	struct ms_report *report;
	const struct ms_probe_result *r;
	bool clients; /* people log in there */
};

static bool
is_smtp(const struct ms_probe_result *r)
{
	enum ms_probe_service service = r->target.protocol->service;

	return service == MS_PROBE_SMTP || service == MS_PROBE_SUBMISSION ||
	       service == MS_PROBE_LMTP;
}

static void
find(const struct judge *judge, const struct ms_finding *f,
    struct ms_slice evidence)
{
	struct ms_finding copy = *f;

	copy.evidence = ms_put_object(judge->report, NULL, NULL);
	if (evidence.p)
		ms_put_evidence(judge->report, copy.evidence, "line", evidence);
	ms_report_finding(judge->report, &copy);
}

static struct ms_slice
first_line(const struct ms_probe_reply *reply)
{
	return reply->n > 0 ? *reply->lines : ms_slice_make(NULL, 0);
}

/* ---- TLS that is not there ---- */

static void
judge_no_starttls(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "tls-not-offered",
		.severity =
		    judge->clients ? MS_SEVERITY_HIGH : MS_SEVERITY_MEDIUM,
		.title = "The server offers no TLS",
		.detail = judge->clients
			      ? "Passwords and mail go through the network as "
				"they are."
			      : "Mail for it can be read and changed by "
				"everybody on the way; senders that insist "
				"on TLS do not deliver.",
		.fix = "Give it a certificate and switch STARTTLS on.",
		.reference = judge->clients ? "RFC 8314 section 3"
					    : "RFC 3207 section 4",
	};

	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_stripped(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "tls-starttls-stripped",
		.severity = MS_SEVERITY_HIGH,
		.title = "Something on the way writes over the offer of TLS",
		.detail = "Where STARTTLS belongs stands a word of X: a "
			  "firewall or a stranger keeps the mail readable.",
		.fix = "Switch the inspection of SMTP off in the firewall "
		       "between here and the server (\"fixup\", \"inspect "
		       "esmtp\").",
		.reference = "RFC 3207 section 6",
	};

	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_rejected(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "tls-starttls-rejected",
		.severity = MS_SEVERITY_HIGH,
		.title = "STARTTLS is offered, and refused when it is taken",
		.detail = "Senders that believe the offer fail, or fall back "
			  "to no TLS.",
		.fix = "Look into the server's log: as a rule its certificate "
		       "or key cannot be read.",
		.reference = "RFC 3207 section 4",
	};

	find(judge, &f, first_line(&judge->r->refusal));
}

static void
judge_injected(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "tls-starttls-injection",
		.severity = MS_SEVERITY_HIGH,
		.title = "More than the go-ahead came before TLS",
		.detail = "Octets in the clear stood behind the answer to "
			  "STARTTLS; a client that reads them as if they had "
			  "come within TLS believes whoever wrote them "
			  "(CVE-2011-0411 and kin).",
		.fix = "Update the server; look at who stands between.",
		.reference = "RFC 3207 section 4.2",
	};

	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_handshake(const struct judge *judge)
{
	const struct ms_tls_facts *tls = &judge->r->tls;
	struct ms_finding f = {
		.id = "tls-handshake-failed",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(judge->report->arena,
		    "TLS cannot be agreed upon: %s",
		    tls->error ? tls->error : "the handshake failed"),
		.detail = "Everything that this program's library speaks was "
			  "offered, TLS 1.0 to 1.3.",
		.fix = "Look into the server's log; --tls-scan shows what it "
		       "does accept.",
		.reference = "RFC 8446 section 4.1",
	};

	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_tls(const struct judge *judge)
{
	const struct ms_probe_result *r = judge->r;

	switch (r->starttls) {
	case MS_PROBE_TLS_NONE:
		if (r->phase > MS_PROBE_GREETING)
			judge_no_starttls(judge);
		break;
	case MS_PROBE_TLS_STRIPPED:
		judge_stripped(judge);
		break;
	case MS_PROBE_TLS_REJECTED:
		judge_rejected(judge);
		break;
	default:
		break;
	}
	if (r->injected)
		judge_injected(judge);
	if (r->tls_tried && !r->tls.established &&
	    r->status != MS_WIRE_TIMEOUT && r->status != MS_WIRE_NOT_RECORDED &&
	    !r->plain_where_tls)
		judge_handshake(judge);
}

/* ---- passwords in the clear ---- */

static bool
has_mechanism(const struct ms_probe_capabilities *list, const char *name)
{
	for (size_t i = 0; i < list->mechanisms_n; i++)
		if (ms_slice_equal(list->mechanisms[i], ms_slice_from(name)))
			return true;
	return false;
}

/* A way to send the password itself before TLS. */
static bool
takes_passwords(const struct ms_probe_result *r)
{
	bool sasl = has_mechanism(&r->plain, "PLAIN") ||
		    has_mechanism(&r->plain, "LOGIN");

	if (!r->plain.asked || r->starttls == MS_PROBE_TLS_IMPLICIT)
		return false;
	switch (r->target.protocol->service) {
	case MS_PROBE_IMAP:
		return sasl || !r->login_disabled;
	case MS_PROBE_POP3:
		return sasl || (ms_probe_offered(&r->plain, "USER") &&
				   !r->starttls_required);
	default:
		return sasl;
	}
}

static const char *
clear_id(const struct ms_probe_result *r)
{
	const char *id = "smtp-auth-in-clear";

	if (r->target.protocol->service == MS_PROBE_IMAP)
		id = "imap-auth-in-clear";
	else if (r->target.protocol->service == MS_PROBE_POP3)
		id = "pop3-auth-in-clear";
	else if (r->target.protocol->service == MS_PROBE_SIEVE)
		id = "sieve-auth-in-clear";
	return id;
}

static void
judge_passwords(const struct judge *judge)
{
	struct ms_finding f = {
		.id = clear_id(judge->r),
		.severity = MS_SEVERITY_HIGH,
		.title = "Passwords are taken before TLS",
		.detail = "A client that is set up wrongly, or led astray, "
			  "sends the password where everybody on the way can "
			  "read it.",
		.fix = "Offer log-in within TLS alone (Postfix "
		       "smtpd_tls_auth_only=yes, Dovecot "
		       "disable_plaintext_auth=yes).",
		.reference = judge->r->target.protocol->service == MS_PROBE_IMAP
				 ? "RFC 9051 section 6.2.1"
				 : "RFC 8314 section 3",
	};

	if (takes_passwords(judge->r))
		find(judge, &f, ms_slice_make(NULL, 0));
}

/* ---- the wrong thing at the port ---- */

static void
judge_wrong(const struct judge *judge)
{
	const struct ms_probe_result *r = judge->r;
	struct ms_finding f = {
		.id = "server-wrong-protocol",
		.severity = MS_SEVERITY_HIGH,
		.title = r->why,
		.detail = "Whoever is sent to this port cannot do anything "
			  "there.",
		.fix = "Name the right port, or let the right server listen "
		       "there.",
		.reference = r->target.protocol->reference,
	};

	if (r->tls_where_plain)
		f.id = "tls-where-plain";
	if (r->plain_where_tls)
		f.id = "tls-plain-where-tls";
	if (r->wrong_protocol || r->tls_where_plain || r->plain_where_tls)
		find(judge, &f, first_line(&r->banner));
}

static void
judge_no_address(const struct judge *judge)
{
	const struct ms_probe_result *r = judge->r;
	struct ms_finding f = {
		.id = "server-no-address",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(judge->report->arena, "%.*s: %s",
		    TEXT(r->target.host), r->why),
		.detail = "Nobody can connect to it.",
		.fix = "Publish an A or AAAA record for it, or name another "
		       "host.",
		.reference = "RFC 5321 section 5.1",
	};

	if (r->asked && !r->unresolved && r->a.n + r->aaaa.n == 0)
		find(judge, &f, ms_slice_make(NULL, 0));
}

/* ---- SMTP ---- */

static bool
is_named(const struct ms_dns_answer *ptr, struct ms_slice name)
{
	for (size_t i = 0; i < ptr->n; i++)
		if (ms_slice_equal_nocase(ptr->records[i].u.target, name))
			return true;
	return false;
}

static void
judge_names(const struct judge *judge)
{
	const struct ms_probe_result *r = judge->r;
	struct ms_finding f = {
		.id = "smtp-names-differ",
		.severity = MS_SEVERITY_INFO,
		.detail = "Receivers compare the name a server gives itself "
			  "with the one of its address; where it also sends "
			  "under that name, mail is held back.",
		.fix = "Let banner, EHLO and the PTR record of the address "
		       "bear one name.",
		.reference = "RFC 5321 sections 4.1.1.1 and 4.2",
	};

	if (!r->banner_name.p || !r->ehlo_name.p)
		return;
	if (!ms_slice_equal_nocase(r->banner_name, r->ehlo_name))
		f.title = ms_arena_printf(judge->report->arena,
		    "The banner says %.*s, the answer to EHLO %.*s",
		    TEXT(r->banner_name), TEXT(r->ehlo_name));
	else if (r->ptr_asked && r->ptr.status == MS_DNS_FOUND &&
		 !is_named(&r->ptr, r->banner_name))
		f.title = ms_arena_printf(judge->report->arena,
		    "The banner says %.*s, the address is called %.*s",
		    TEXT(r->banner_name), TEXT(r->ptr.records[0].u.target));
	if (f.title)
		find(judge, &f, first_line(&r->banner));
}

static void
judge_extensions(const struct judge *judge)
{
	const struct ms_smtp_extension *e = ms_smtp_extensions();
	const struct ms_probe_capabilities *said = ms_probe_last_said(judge->r);
	struct ms_buf missing;
	struct ms_finding f = {
		.id = "smtp-extensions-missing",
		.severity = MS_SEVERITY_INFO,
		.detail = "Mail gets through, more slowly or less well.",
		.fix = "Switch them on where something switches them off.",
		.reference = "RFC 5321 section 2.2",
	};

	ms_buf_init(&missing, judge->report->arena);
	for (; e->name; e++)
		if (e->usual && !ms_probe_offered(said, e->name))
			ms_buf_printf(&missing, "%s%s",
			    missing.n > 0 ? ", " : "", e->name);
	if (!said->asked || !judge->r->esmtp || missing.n == 0)
		return;
	f.title = ms_arena_printf(judge->report->arena,
	    "Usual extensions are not offered: %.*s", (int)missing.n,
	    (const char *)missing.p);
	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_esmtp(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "smtp-no-ehlo",
		.severity = MS_SEVERITY_MEDIUM,
		.title = "EHLO is not understood: no extension can be used",
		.detail = "No TLS, no size limit known before, no text but "
			  "ASCII; every server has to know EHLO.",
		.fix = "Update the server, or switch off what hides EHLO.",
		.reference = "RFC 5321 section 2.2.1",
	};

	if (!judge->r->esmtp && judge->r->banner.code == 220 &&
	    judge->r->phase > MS_PROBE_GREETING)
		find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_size(const struct judge *judge)
{
	const struct ms_probe_capabilities *said = ms_probe_last_said(judge->r);
	struct ms_finding f = {
		.id = "smtp-size-small",
		.severity = MS_SEVERITY_LOW,
		.detail = "People send attachments of 10 MB and more.",
		.fix = "Raise the limit (Postfix message_size_limit).",
		.reference = "RFC 1870 section 6.1",
	};

	for (size_t i = 0; i < said->n; i++) {
		struct ms_scan scan = ms_scan_init(said->list[i].value);
		uint64_t size;

		if (!ms_slice_equal_nocase(
			said->list[i].name, MS_SLICE("SIZE")))
			continue;
		size = ms_scan_number(&scan, 18, UINT64_MAX);
		if (scan.bad || size == 0 || size >= SIZE_SMALL)
			continue;
		f.title = ms_arena_printf(judge->report->arena,
		    "It takes messages of %llu octets at most",
		    (unsigned long long)size);
		find(judge, &f, ms_slice_make(NULL, 0));
	}
}

static void
judge_lines(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "server-line-ends",
		.severity = MS_SEVERITY_LOW,
		.title = judge->r->line_cut
			     ? "Its lines are longer than any client reads"
			     : "Its lines end in LF alone",
		.detail = "Clients that keep to the standard may fail.",
		.fix = "Update the server.",
		.reference = "RFC 5321 sections 2.3.8 and 4.5.3.1.5",
	};

	if (judge->r->bare_lf || judge->r->line_cut)
		find(judge, &f, ms_slice_make(NULL, 0));
}

/* ---- what was asked with --active ---- */

static void
judge_injection(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "tls-command-injection",
		.severity = MS_SEVERITY_HIGH,
		.title = "A command that came before TLS is obeyed within it",
		.detail = "Whoever stands between can put commands in front "
			  "of a client's own, and so steal its password or "
			  "its mail (CVE-2011-0411).",
		.fix = "Update the server: it must forget what it has read "
		       "when TLS begins.",
		.reference = "RFC 3207 section 4.2",
	};

	if (judge->r->active.injection == MS_PROBE_YES)
		find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_bare_lf(const struct judge *judge)
{
	struct ms_finding f = {
		.id = "smtp-bare-lf",
		.severity = MS_SEVERITY_INFO,
		.title = "Commands that end in LF alone are taken",
		.detail = "If that holds for the end of a message too, forged "
			  "mail can be smuggled through a server that passes "
			  "such lines on (SMTP smuggling, CVE-2023-51764). "
			  "Servers that were mended may take such commands "
			  "still; no message was sent to find out.",
		.fix = "Update Sendmail and Exim; Postfix "
		       "smtpd_forbid_bare_newline=reject, or normalize, "
		       "which takes such commands still.",
		.reference = "RFC 5321 section 2.3.8",
	};

	if (judge->r->active.bare_lf == MS_PROBE_YES)
		find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_disclosure(const struct judge *judge)
{
	const struct ms_probe_active *a = &judge->r->active;
	struct ms_finding f = {
		.id = "smtp-vrfy",
		.severity = MS_SEVERITY_LOW,
		.title = a->expn == MS_PROBE_YES
			     ? "EXPN tells strangers who is on a list"
			     : "VRFY tells strangers who has a mailbox",
		.detail = "Senders of spam look for addresses so.",
		.fix = "Switch them off (Postfix disable_vrfy_command=yes).",
		.reference = "RFC 5321 section 7.3",
	};

	if (a->vrfy == MS_PROBE_YES || a->expn == MS_PROBE_YES)
		find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_relay(const struct judge *judge, const struct ms_probe_relay *relay)
{
	struct ms_finding f = {
		.id = "smtp-open-relay",
		.severity =
		    relay->foreign ? MS_SEVERITY_CRITICAL : MS_SEVERITY_LOW,
		.title = ms_arena_printf(judge->report->arena,
		    relay->foreign
			? "It would pass mail from <%s> on to <%s>"
			: "It takes mail from <%s> to <%s>: as its own, or "
			  "to pass on",
		    relay->from, relay->to),
		.detail = relay->foreign
			      ? "Strangers can send through it, and it will "
				"be on block lists within days; unless this "
				"machine is one of those it trusts."
			      : "Such forms once talked servers into passing "
				"mail on.",
		.fix = "Take mail from strangers for one's own domains alone "
		       "(Postfix reject_unauth_destination).",
		.reference = "RFC 5321 section 7.1; RFC 2505 section 2.1",
	};

	find(judge, &f, ms_slice_make(NULL, 0));
}

static void
judge_active(const struct judge *judge)
{
	const struct ms_probe_active *a = &judge->r->active;

	judge_injection(judge);
	judge_bare_lf(judge);
	judge_disclosure(judge);
	for (size_t i = 0; i < a->relays_n; i++)
		if (a->relays[i].taken == MS_PROBE_YES) {
			judge_relay(judge, &a->relays[i]);
			break;
		}
}

/* A version in the banner: "Exim 4.96", "Sendmail 8.15.2". */
static void
judge_version(const struct judge *judge)
{
	struct ms_slice banner = first_line(&judge->r->banner);
	struct ms_scan scan = ms_scan_init(banner);
	struct ms_finding f = {
		.id = "server-version",
		.severity = MS_SEVERITY_INFO,
		.title = "The greeting tells the version of the program",
		.detail = "Whoever looks for a version with a known fault "
			  "finds it here.",
		.fix = "Leave the version out of the greeting.",
		.reference = "RFC 5321 section 7.9",
	};

	while (!ms_scan_at_end(&scan)) {
		(void)ms_scan_until(&scan, MS_C_WSP, banner.n);
		ms_scan_space(&scan);
		(void)ms_scan_number(&scan, 2, 99);
		if (!scan.bad && ms_scan_peek(&scan) == '.' &&
		    ms_is(
			(unsigned char)ms_scan_peek_at(&scan, 1), MS_C_DIGIT)) {
			find(judge, &f, banner);
			return;
		}
		scan.bad = false;
	}
}

/* ---- HTTPS ---- */

static void
judge_http(const struct judge *judge)
{
	const struct ms_probe_http *http = &judge->r->http;
	struct ms_finding f = {
		.id = "http-not-there",
		.severity = MS_SEVERITY_HIGH,
		.title = ms_arena_printf(judge->report->arena,
		    "%s does not answer there: status %d",
		    judge->r->target.protocol->title, http->code),
		.detail = "A log-in is asked for (401), or the protocol's own "
			  "fields are there, where it is.",
		.fix = "Publish the service at this host, or name the host "
		       "that has it.",
		.reference = judge->r->target.protocol->reference,
	};
	bool there =
	    http->code == 401 || http->versions.p ||
	    (http->code == 200 &&
		!ms_slice_equal(ms_slice_from(judge->r->target.protocol->name),
		    MS_SLICE("activesync")));

	if (http->code != 0 && !there &&
	    judge->r->deferral == MS_PROBE_NOT_DEFERRED)
		find(judge, &f, http->location);
}

/* ---- what could not be told ---- */

/* Some close behind a log-in that failed: that is the answer to QUIT. */
static bool
was_shown_out(const struct ms_probe_result *r)
{
	return r->phase == MS_PROBE_QUIT && r->status == MS_WIRE_CLOSED &&
	       r->login.tried_n > 0 && r->login.outcome != MS_LOGIN_OK;
}

static bool
is_told(const struct ms_probe_result *r)
{
	return r->phase == MS_PROBE_DONE || was_shown_out(r) ||
	       r->wrong_protocol || r->tls_where_plain || r->plain_where_tls ||
	       (r->asked && !r->unresolved && r->a.n + r->aaaa.n == 0);
}

static void
put_error(struct ms_report *report, const struct ms_probe_result *r)
{
	struct ms_slice line = first_line(&r->refusal);

	if (r->deferral != MS_PROBE_NOT_DEFERRED && line.p)
		ms_report_error(report, "server", true, "%s (%s): %d %.*s",
		    r->why, ms_probe_deferral_name(r->deferral),
		    r->refusal.code, TEXT(line));
	else if (r->status == MS_WIRE_TLS ||
		 (r->phase == MS_PROBE_HANDSHAKE &&
		     r->status != MS_WIRE_TIMEOUT &&
		     r->status != MS_WIRE_NOT_RECORDED))
		return; /* a finding */
	else if (!is_told(r))
		ms_report_error(report, "server", true, "%s: %s",
		    ms_probe_phase_name(r->phase),
		    r->why ? r->why : ms_wire_status_name(r->status));
}

void
ms_probe_findings(struct ms_report *report, const struct ms_probe_result *r)
{
	struct judge judge = { .report = report,
		.r = r,
		.clients = r->target.protocol->service != MS_PROBE_SMTP &&
			   r->target.protocol->service != MS_PROBE_LMTP };

	put_error(report, r);
	judge_no_address(&judge);
	judge_wrong(&judge);
	judge_tls(&judge);
	judge_passwords(&judge);
	judge_lines(&judge);
	judge_active(&judge);
	if (r->banner.code == 220)
		judge_version(&judge);
	if (r->scan)
		ms_tls_scan_findings(report, r->scan, !judge.clients);
	if (r->target.protocol->service == MS_PROBE_HTTPS)
		judge_http(&judge);
	if (!is_smtp(r))
		return;
	judge_names(&judge);
	judge_esmtp(&judge);
	judge_extensions(&judge);
	judge_size(&judge);
}
