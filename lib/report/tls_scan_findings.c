/* SPDX-License-Identifier: ISC
 * tls_scan_findings.c - what is wrong with all that a server's TLS accepts
 *
 * After BCP 195 (RFC 9325, RFC 8996). Between mail servers weak TLS is better
 * than none, which is what such a sender would take otherwise (RFC 7435): there
 * a finding weighs less, but for what harms others who use the same key.
 */
#include "mailsonde/describe.h"

/* Suites that the detail names. */
#define SHOWN 4

struct words {
	const char *id, *title, *detail, *fix, *reference;
	enum ms_severity severity, between_servers;
};

static void
say(struct ms_report *report, const struct words *w, bool opportunistic,
    const char *particulars, struct ms_node *evidence)
{
	bool milder = opportunistic && w->between_servers < w->severity;
	const struct ms_finding finding = {
		.id = w->id,
		.severity = opportunistic ? w->between_servers : w->severity,
		.title = w->title,
		.detail = ms_arena_printf(report->arena, "%s%s%s%s", w->detail,
		    particulars ? " " : "", particulars ? particulars : "",
		    milder ? " Less grave between mail servers (RFC 7435)."
			   : ""),
		.evidence = evidence,
		.fix = w->fix,
		.reference = w->reference,
	};

	ms_report_finding(report, &finding);
}

static struct ms_node *
named(struct ms_report *report, const char *key, const char *value)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);

	ms_put_string(report, node, key, value);
	return node;
}

/* ---- versions ---- */

static const struct ms_tls_scan_version *
version_of(const struct ms_tls_scan *scan, uint16_t code)
{
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++)
		if (scan->versions[i].code == code)
			return &scan->versions[i];
	return NULL;
}

static enum ms_tls_known
offered(const struct ms_tls_scan *scan, uint16_t code)
{
	const struct ms_tls_scan_version *v = version_of(scan, code);

	return v ? v->offered : MS_TLS_UNKNOWN;
}

#define FIX_VERSIONS                                                           \
	"Postfix: smtpd_tls_protocols = >=TLSv1.2 (and "                       \
	"smtpd_tls_mandatory_protocols); Dovecot: ssl_min_protocol = "         \
	"TLSv1.2; "                                                            \
	"Exim with OpenSSL: openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 "  \
	"+no_tlsv1_1"

static void
find_old_versions(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words ssl2 = {
		.id = "tls-sslv2",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_HIGH,
		.title = "SSLv2 is offered",
		.detail = "Whoever can speak SSLv2 to this server can break "
			  "the TLS of every other that has the same RSA key "
			  "(DROWN).",
		.fix = FIX_VERSIONS,
		.reference = "RFC 6176",
	};
	static const struct words ssl3 = {
		.id = "tls-sslv3",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_MEDIUM,
		.title = "SSLv3 is offered",
		.detail = "What it encrypts can be read by trial (POODLE), "
			  "and newer clients can be made to fall back to it.",
		.fix = FIX_VERSIONS,
		.reference = "RFC 7568",
	};

	if (offered(scan, MS_SSL_2) == MS_TLS_YES)
		say(report, &ssl2, opportunistic, NULL, NULL);
	if (offered(scan, MS_SSL_3) == MS_TLS_YES)
		say(report, &ssl3, opportunistic, NULL, NULL);
}

static void
find_deprecated(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words words = {
		.id = "tls-old-version",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "TLS 1.0 or 1.1 is offered",
		.detail = "Both rest on MD5 and SHA-1 and were given up in "
			  "2021.",
		.fix = FIX_VERSIONS,
		.reference = "RFC 8996; RFC 9325 section 3.1.1",
	};
	bool tls10 = offered(scan, MS_TLS_10) == MS_TLS_YES;
	bool tls11 = offered(scan, MS_TLS_11) == MS_TLS_YES;
	struct ms_node *evidence, *array;

	if (!tls10 && !tls11)
		return;
	evidence = ms_put_object(report, NULL, NULL);
	array = ms_put_array(report, evidence, "versions");
	if (tls11)
		ms_put_string(report, array, NULL, "TLSv1.1");
	if (tls10)
		ms_put_string(report, array, NULL, "TLSv1.0");
	say(report, &words, opportunistic, NULL, evidence);
}

static void
find_missing_versions(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words no_tls12 = {
		.id = "tls-no-modern-version",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_MEDIUM,
		.title = "Neither TLS 1.2 nor TLS 1.3 is offered",
		.detail = "Clients of today refuse what is older.",
		.fix = "Renew the server's TLS library, or allow what it has.",
		.reference = "RFC 9325 section 3.1.1",
	};
	static const struct words no_tls13 = {
		.id = "tls-no-tls13",
		.severity = MS_SEVERITY_LOW,
		.between_servers = MS_SEVERITY_INFO,
		.title = "TLS 1.3 is not offered",
		.detail = "It leaves out everything that was broken in the "
			  "versions before it, and is a round trip faster.",
		.fix = "OpenSSL has it since 1.1.1, GnuTLS since 3.6.5.",
		.reference = "RFC 9325 section 3.1.1",
	};
	enum ms_tls_known tls12 = offered(scan, MS_TLS_12);
	enum ms_tls_known tls13 = offered(scan, MS_TLS_13);

	if (tls12 == MS_TLS_NO && tls13 == MS_TLS_NO)
		say(report, &no_tls12, opportunistic, NULL, NULL);
	if (tls12 == MS_TLS_YES && tls13 == MS_TLS_NO)
		say(report, &no_tls13, opportunistic, NULL, NULL);
}

/* ---- suites ---- */

/* Of every version but SSLv2, which is bad enough in itself. */
struct suites {
	const struct ms_tls_scan_suite *list[MS_TLS_SUITES];
	size_t n;
};

static void
add_once(struct suites *found, const struct ms_tls_scan_suite *s)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->list[i]->suite.code == s->suite.code)
			return;
	if (found->n < MS_TLS_SUITES)
		found->list[found->n++] = s;
}

/* Those that have one of `any`, or lack all of `lacks`, and nothing of
 * `but`. */
static void
gather(const struct ms_tls_scan *scan, unsigned any, unsigned lacks,
    unsigned but, struct suites *out)
{
	out->n = 0;
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		for (size_t j = 0; v->code != MS_SSL_2 && j < v->suites_n;
		     j++) {
			unsigned flags = v->suites[j].suite.flags;

			if (((flags & any) || (lacks && !(flags & lacks))) &&
			    !(flags & but))
				add_once(out, &v->suites[j]);
		}
	}
}

static struct ms_node *
suites_evidence(struct ms_report *report, const struct suites *found)
{
	struct ms_node *node = ms_put_object(report, NULL, NULL);
	struct ms_node *array = ms_put_array(report, node, "ciphers");

	for (size_t i = 0; i < found->n; i++)
		ms_put_string(report, array, NULL, found->list[i]->suite.name);
	return node;
}

static const char *
suites_text(struct ms_report *report, const struct suites *found)
{
	struct ms_buf buf;

	ms_buf_init(&buf, report->arena);
	for (size_t i = 0; i < found->n && i < SHOWN; i++)
		ms_buf_printf(&buf, "%s%s", i > 0 ? ", " : "",
		    found->list[i]->suite.name);
	if (found->n > SHOWN)
		ms_buf_printf(&buf, " and %zu more", found->n - SHOWN);
	ms_buf_byte(&buf, '.');
	return ms_arena_string(report->arena, ms_buf_get(&buf));
}

#define BROKEN (MS_TLS_PLAIN | MS_TLS_EXPORT | MS_TLS_RC4 | MS_TLS_OLD)

struct suite_rule {
	unsigned any, lacks, but;
	struct words words;
};

static const struct suite_rule suite_rules[] = {
	{ MS_TLS_PLAIN, 0, 0,
	    { .id = "tls-null-cipher",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_MEDIUM,
		.title = "Cipher suites are accepted that encrypt nothing",
		.detail = "All that is sent can be read on the way.",
		.fix = "Postfix: smtpd_tls_exclude_ciphers = eNULL; OpenSSL's "
		       "lists: add !eNULL",
		.reference = "RFC 9325 section 4.1" } },
	{ MS_TLS_EXPORT, 0, MS_TLS_PLAIN,
	    { .id = "tls-export-cipher",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_MEDIUM,
		.title = "Export cipher suites are accepted",
		.detail = "They were made to be broken, and a server that has "
			  "them can be used against clients that do not "
			  "(FREAK, Logjam).",
		.fix = "Postfix: smtpd_tls_exclude_ciphers = EXPORT; OpenSSL's "
		       "lists: add !EXPORT",
		.reference = "RFC 9325 section 4.1" } },
	{ MS_TLS_ANONYMOUS, 0, MS_TLS_PLAIN | MS_TLS_EXPORT,
	    { .id = "tls-anonymous-cipher",
		.severity = MS_SEVERITY_HIGH,
		.between_servers = MS_SEVERITY_INFO,
		.title = "Cipher suites without a certificate are accepted",
		.detail = "Anybody on the way can pose as the server.",
		.fix = "Postfix: smtpd_tls_exclude_ciphers = aNULL; OpenSSL's "
		       "lists: add !aNULL",
		.reference = "RFC 9325 section 4.1" } },
	{ MS_TLS_RC4, 0, MS_TLS_EXPORT,
	    { .id = "tls-rc4",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "RC4 is accepted",
		.detail = "Its output is not random enough: what is sent often "
			  "can be read.",
		.fix = "Postfix: smtpd_tls_exclude_ciphers = RC4; OpenSSL's "
		       "lists: add !RC4",
		.reference = "RFC 7465" } },
	{ MS_TLS_OLD, 0, MS_TLS_PLAIN | MS_TLS_EXPORT | MS_TLS_RC4,
	    { .id = "tls-old-cipher",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "Ciphers of the last century are accepted",
		.detail = "DES, 3DES, RC2 and IDEA work in blocks of 64 bits "
			  "(SWEET32), the first also with too short a key.",
		.fix = "Postfix: smtpd_tls_exclude_ciphers = DES, 3DES, IDEA, "
		       "RC2; OpenSSL's lists: add !DES:!3DES:!IDEA:!RC2",
		.reference = "RFC 9325 section 4.1" } },
	{ 0, MS_TLS_FORWARD_SECRECY, BROKEN,
	    { .id = "tls-no-forward-secrecy",
		.severity = MS_SEVERITY_LOW,
		.between_servers = MS_SEVERITY_INFO,
		.title = "Cipher suites without forward secrecy are accepted",
		.detail = "Who records the traffic today and gets the server's "
			  "key one day reads it all.",
		.fix = "OpenSSL's lists: add !kRSA; Postfix: "
		       "smtpd_tls_exclude_ciphers = kRSA",
		.reference = "RFC 9325 section 4.1" } },
};

static void
find_suites(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	for (size_t i = 0; i < sizeof(suite_rules) / sizeof(suite_rules[0]);
	     i++) {
		const struct suite_rule *r = &suite_rules[i];
		struct suites found;

		gather(scan, r->any, r->lacks, r->but, &found);
		if (found.n > 0)
			say(report, &r->words, opportunistic,
			    suites_text(report, &found),
			    suites_evidence(report, &found));
	}
}

/* TLS 1.2 whose list is known and holds no AEAD, with no TLS 1.3 beside it. */
static void
find_no_aead(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words words = {
		.id = "tls-no-aead",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "No cipher suite with authenticated encryption",
		.detail = "All that is accepted encrypts apart from the check "
			  "of what was sent, which is how TLS was broken time "
			  "and again (BEAST, Lucky 13).",
		.fix = "Allow the suites with GCM or ChaCha20.",
		.reference = "RFC 9325 section 4.2",
	};
	const struct ms_tls_scan_version *v = version_of(scan, MS_TLS_12);
	struct suites found;

	gather(scan, MS_TLS_AEAD, 0, 0, &found);
	if (v && v->offered == MS_TLS_YES && v->suites_done && found.n == 0)
		say(report, &words, opportunistic, NULL, NULL);
}

/* ---- keys ---- */

/* The smallest prime under 2,048 bits; NULL. */
static const struct ms_tls_scan_suite *
smallest_prime(const struct ms_tls_scan *scan)
{
	const struct ms_tls_scan_suite *out = NULL;

	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		for (size_t j = 0; j < v->suites_n; j++) {
			const struct ms_tls_scan_suite *s = &v->suites[j];

			if (s->prime_bits > 0 && s->prime_bits < 2048 &&
			    (!out || s->prime_bits < out->prime_bits))
				out = s;
		}
	}
	return out;
}

/* A curve that is too small; NULL. */
static const char *
small_curve(const struct ms_tls_scan *scan)
{
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		for (size_t j = 0; v->groups_asked && j < v->groups_n; j++)
			if (v->groups[j].name && v->groups[j].bits < 112)
				return v->groups[j].name;
	}
	return NULL;
}

static void
find_small_groups(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words words = {
		.id = "tls-small-group",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "Keys are exchanged in groups that are too small",
		.detail = "A prime needs 2,048 bits and a curve 224; what has "
			  "fewer can be computed by those who can afford it "
			  "(Logjam).",
		.fix = "Postfix: smtpd_tls_dh1024_param_file = auto; Dovecot: "
		       "ssl_dh with 2,048 bits at the least",
		.reference = "RFC 9325 section 4.5",
	};
	const struct ms_tls_scan_suite *prime = smallest_prime(scan);
	const char *curve = small_curve(scan), *particulars = NULL;
	struct ms_node *evidence;

	if (!prime && !curve)
		return;
	evidence = ms_put_object(report, NULL, NULL);
	if (prime) {
		particulars = ms_arena_printf(report->arena,
		    "The smallest prime has %u bits (%s).", prime->prime_bits,
		    prime->suite.name);
		ms_put_int(report, evidence, "prime_bits", prime->prime_bits);
	}
	ms_put_string(report, evidence, "group", curve);
	say(report, &words, opportunistic, particulars, evidence);
}

static void
find_no_quantum(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words words = {
		.id = "tls-no-post-quantum",
		.severity = MS_SEVERITY_INFO,
		.between_servers = MS_SEVERITY_INFO,
		.title = "No exchange of keys that a quantum computer could "
			 "not undo",
		.detail = "What is recorded today could be read when there is "
			  "one.",
		.fix = "OpenSSL 3.5 offers X25519MLKEM768 without being asked "
		       "to.",
		.reference = "draft-ietf-tls-ecdhe-mlkem",
	};

	if (ms_tls_scan_quantum(scan) == MS_TLS_NO)
		say(report, &words, opportunistic, NULL, NULL);
}

/* ---- what a version does beside it ---- */

struct fact_rule {
	size_t member; /* of the version */
	enum ms_tls_known bad;
	struct words words;
};

static const struct fact_rule fact_rules[] = {
	{ offsetof(struct ms_tls_scan_version, compression), MS_TLS_YES,
	    { .id = "tls-compression",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "TLS compresses",
		.detail = "The length of what is sent betrays what is in it "
			  "(CRIME).",
		.fix =
		    "OpenSSL: SSL_OP_NO_COMPRESSION; Postfix: tls_ssl_options "
		    "= NO_COMPRESSION; Dovecot: ssl_options = "
		    "no_compression",
		.reference = "RFC 9325 section 3.3" } },
	{ offsetof(struct ms_tls_scan_version, secure_renegotiation), MS_TLS_NO,
	    { .id = "tls-insecure-renegotiation",
		.severity = MS_SEVERITY_MEDIUM,
		.between_servers = MS_SEVERITY_LOW,
		.title = "Renegotiation is not bound to what went before",
		.detail = "Somebody on the way can put his own words in front "
			  "of the client's.",
		.fix = "Renew the server's TLS library.",
		.reference = "RFC 5746; RFC 9325 section 3.5" } },
	{ offsetof(struct ms_tls_scan_version, extended_secret), MS_TLS_NO,
	    { .id = "tls-no-extended-master-secret",
		.severity = MS_SEVERITY_INFO,
		.between_servers = MS_SEVERITY_INFO,
		.title = "The master secret is not bound to its handshake",
		.detail =
		    "Two connections can be given the same secret (triple "
		    "handshake).",
		.fix = "Renew the server's TLS library.",
		.reference = "RFC 7627" } },
};

static void
find_facts(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	for (size_t i = 0; i < sizeof(fact_rules) / sizeof(fact_rules[0]);
	     i++) {
		const struct fact_rule *r = &fact_rules[i];

		for (size_t j = 0; j < MS_TLS_VERSIONS; j++) {
			const struct ms_tls_scan_version *v =
			    &scan->versions[j];
			enum ms_tls_known known;

			memcpy(
			    &known, (const char *)v + r->member, sizeof(known));
			if (v->offered != MS_TLS_YES || known != r->bad)
				continue;
			say(report, &r->words, opportunistic, NULL,
			    named(report, "version", v->name));
			break;
		}
	}
}

static void
find_intolerance(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	static const struct words fallback = {
		.id = "tls-no-fallback-scsv",
		.severity = MS_SEVERITY_LOW,
		.between_servers = MS_SEVERITY_INFO,
		.title = "A fall-back to an older version is not noticed",
		.detail = "Somebody on the way can make a client try an older "
			  "version, and the server does not object.",
		.fix = "Renew the server's TLS library.",
		.reference = "RFC 7507",
	};
	static const struct words grease = {
		.id = "tls-intolerant",
		.severity = MS_SEVERITY_LOW,
		.between_servers = MS_SEVERITY_LOW,
		.title = "What the server does not know makes it fail",
		.detail = "Values that are new to it are to be passed over; "
			  "one day a client will send one.",
		.fix =
		    "Renew the server's TLS library, or what stands in front "
		    "of it.",
		.reference = "RFC 8701; RFC 8446 section 4.1.2",
	};
	static const struct words long_hello = {
		.id = "tls-short-hello",
		.severity = MS_SEVERITY_LOW,
		.between_servers = MS_SEVERITY_LOW,
		.title = "A long ClientHello is too much for the server",
		.detail =
		    "Clients that exchange keys with a post-quantum group "
		    "send long ones.",
		.fix =
		    "Renew the server's TLS library, or what stands in front "
		    "of it.",
		.reference = "RFC 7685 section 1",
	};

	if (scan->fallback == MS_TLS_NO)
		say(report, &fallback, opportunistic, NULL, NULL);
	if (scan->grease == MS_TLS_NO)
		say(report, &grease, opportunistic, NULL, NULL);
	if (scan->short_hello)
		say(report, &long_hello, opportunistic, NULL, NULL);
}

/* ---- what could not be told ---- */

/* What was not told, once for each reason. */
static void
report_errors(struct ms_report *report, const struct ms_tls_scan *scan)
{
	if (scan->stopped) {
		ms_report_error(report, "tls-scan", true,
		    "the scan could not be finished: %s", scan->stopped);
		return;
	}
	for (size_t i = 0; i < MS_TLS_VERSIONS; i++) {
		const struct ms_tls_scan_version *v = &scan->versions[i];

		if (v->offered == MS_TLS_UNKNOWN)
			ms_report_error(report, "tls-scan", true,
			    "whether %s is offered could not be told: %s",
			    v->name, v->why ? v->why : "it was not asked");
		else if (v->offered == MS_TLS_YES && v->suites_why)
			ms_report_error(report, "tls-scan", true,
			    "the cipher suites of %s may be more: %s", v->name,
			    v->suites_why);
		else if (v->groups_asked && v->groups_why)
			ms_report_error(report, "tls-scan", true,
			    "the groups of %s may be more: %s", v->name,
			    v->groups_why);
	}
}

void
ms_tls_scan_findings(struct ms_report *report, const struct ms_tls_scan *scan,
    bool opportunistic)
{
	report_errors(report, scan);
	find_old_versions(report, scan, opportunistic);
	find_deprecated(report, scan, opportunistic);
	find_missing_versions(report, scan, opportunistic);
	find_suites(report, scan, opportunistic);
	find_no_aead(report, scan, opportunistic);
	find_small_groups(report, scan, opportunistic);
	find_no_quantum(report, scan, opportunistic);
	find_facts(report, scan, opportunistic);
	find_intolerance(report, scan, opportunistic);
}
