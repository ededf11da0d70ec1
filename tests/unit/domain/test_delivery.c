/* SPDX-License-Identifier: ISC
 * test_delivery.c - what each sender does, by what a server shows
 */
#include <stdlib.h>

#include "mailsonde/delivery.h"
#include "test.h"
#include "test_cert.h"

struct set {
	struct ms_arena *arena;
	struct test_cert *cert, *other;
	struct ms_identity identity;
	struct ms_probe_result probe;
	struct ms_protocol protocol;
	struct ms_tlsa tlsa;
	struct ms_sts sts;
	struct ms_mta_sts_policy policy;
	struct ms_slice patterns[2];
	struct ms_probe_capability offer;
	struct ms_dns_record record;
};

static int
set_up(void **state)
{
	struct set *set = calloc(1, sizeof(*set));
	struct test_cert_spec spec = { .cn = "mx",
		.san = "DNS:mx.example.org" };
	struct ms_limits limits = ms_limits_fill(NULL);
	struct ms_slice sent;

	assert_non_null(set);
	set->arena = ms_arena_new(NULL);
	set->cert = test_cert_new(&spec, NULL);
	set->other = test_cert_new(&spec, NULL);
	sent = test_cert_der(set->cert);
	ms_chain_read(&sent, 1, &limits, set->arena, &set->identity.chain);
	*state = set;
	return 0;
}

static int
tear_down(void **state)
{
	struct set *set = *state;

	test_cert_free(set->cert);
	test_cert_free(set->other);
	ms_arena_free(set->arena);
	free(set);
	return 0;
}

/* ---- what the server shows, a letter each ---- */

/* T TLS, N none, X stripped, R refused, F the handshake fails, O it comes to
 * no end, M none and mail is taken with TLS alone, C no connection, D the
 * server defers, S silence after the go-ahead. */
static void
show_tls(struct ms_probe_result *p, char letter)
{
	p->phase = MS_PROBE_DONE;
	p->starttls = MS_PROBE_TLS_OFFERED;
	p->tls_tried = strchr("TFO", letter) != NULL;
	p->tls.established = letter == 'T';
	p->secured.asked = letter == 'T';
	p->tls.version = "TLSv1.3";
	p->starttls_required = letter == 'M' || letter == 'F';
	if (letter == 'N' || letter == 'M')
		p->starttls = MS_PROBE_TLS_NONE;
	if (letter == 'X')
		p->starttls = MS_PROBE_TLS_STRIPPED;
	if (letter == 'R')
		p->starttls = MS_PROBE_TLS_REJECTED;
	if (letter == 'F')
		p->status = MS_WIRE_TLS;
	if (letter == 'O' || letter == 'S')
		p->status = MS_WIRE_TIMEOUT;
	if (letter == 'S')
		p->phase = MS_PROBE_STARTTLS;
	if (letter == 'C') {
		p->status = MS_WIRE_REFUSED;
		p->phase = MS_PROBE_CONNECT;
		p->why = "Connection refused";
	}
	if (letter == 'D') {
		p->deferral = MS_PROBE_UNAVAILABLE;
		p->phase = MS_PROBE_BANNER;
	}
}

/* V valid, n another name. */
static void
show_identity(struct ms_identity *id, char letter)
{
	id->shown = true;
	id->valid = letter == 'V';
	id->why = letter == 'V' ? NULL : "its certificate is for another name";
}

/* e, t, n: enforce, testing, none, which cover the host; E, T: and do not; -
 * no policy; ? could not tell; . no domain. */
static void
show_policy(struct set *set, char letter)
{
	bool covers = strchr("etn", letter) != NULL;

	set->patterns[0] = MS_SLICE("*.example.net");
	set->patterns[1] = MS_SLICE("*.example.org");
	set->policy.mx = set->patterns;
	set->policy.mx_n = covers ? 2 : 1;
	set->policy.valid = true;
	set->policy.mode = strchr("eE", letter)   ? MS_MTA_STS_ENFORCE
			   : strchr("tT", letter) ? MS_MTA_STS_TESTING
						  : MS_MTA_STS_MODE_NONE;
	set->sts.policy = &set->policy;
	set->sts.status = letter == '-'   ? MS_STS_NONE
			  : letter == '?' ? MS_STS_UNKNOWN
			  : letter == '.' ? MS_STS_NO_DOMAIN
					  : MS_STS_FOUND;
}

/* m matches, x does not, u cannot be used, and all of it signed; M and X the
 * same behind an MX that is not; q, Q matches and does not, and nobody
 * validates; i not signed, h the host is not, f fails, - none. */
static void
show_tlsa(struct set *set, char letter)
{
	bool fits = strchr("mMqu", letter) != NULL;

	set->record =
	    test_cert_tlsa(set->arena, fits ? set->cert : set->other, 3, 1, 1);
	if (letter == 'u')
		set->record.u.tlsa.usage = 1;
	set->tlsa.answer.records = &set->record;
	set->tlsa.answer.n = 1;
	set->tlsa.mx_asked = true;
	set->tlsa.mx = strchr("MX", letter) ? MS_DNS_INSECURE : MS_DNS_SECURE;
	set->tlsa.why = letter == 'f' ? "timeout" : NULL;
	set->tlsa.status = letter == 'i'          ? MS_TLSA_INSECURE
			   : letter == 'h'        ? MS_TLSA_HOST_INSECURE
			   : letter == 'f'        ? MS_TLSA_FAILED
			   : strchr("qQ", letter) ? MS_TLSA_UNCHECKED
			   : letter == '-'        ? MS_TLSA_NONE
						  : MS_TLSA_FOUND;
	if (letter == '-' || letter == 'f')
		set->tlsa.mx_asked = false;
}

/* "TVe-r": TLS, identity, policy, TLSA, and whether REQUIRETLS is offered. */
static void
show(struct set *set, const char *letters)
{
	memset(&set->probe, 0, sizeof(set->probe));
	memset(&set->tlsa, 0, sizeof(set->tlsa));
	set->protocol.service = MS_PROBE_SMTP;
	set->probe.target.protocol = &set->protocol;
	set->probe.target.host = MS_SLICE("mx.example.org");
	show_tls(&set->probe, letters[0]);
	show_identity(&set->identity, letters[1]);
	show_policy(set, letters[2]);
	show_tlsa(set, letters[3]);
	set->offer.name = MS_SLICE("requireTLS");
	set->probe.secured.list = &set->offer;
	set->probe.secured.n = letters[4] == 'r';
}

static void
judge(struct set *set, struct ms_delivery *out)
{
	struct ms_delivery_request request = { .probe = &set->probe,
		.identity = &set->identity,
		.tlsa = &set->tlsa,
		.sts = &set->sts,
		.now = TEST_CERT_NOW };

	ms_delivery_judge(&request, set->arena, out);
}

/* Of each sender: D delivers, C in the clear, W waits, R refuses, U could not
 * tell, - asks for nothing. */
static const struct {
	const char *shows, *want;
} table[] = {
	/* Nothing is asked for but TLS. */
	{ "TV---", "DD--R" },
	{ "TV.--", "DD--R" },
	{ "Tn---", "DW--R" },
	{ "N----", "CW--R" },
	{ "M----", "WW--R" },
	{ "X----", "CW--R" },
	{ "R----", "CW--R" },
	{ "F----", "WW--R" },
	{ "O----", "UU--U" },
	{ "S----", "UU--U" },
	{ "C----", "UU--U" },
	{ "D----", "UU--U" },
	/* MTA-STS. */
	{ "TVe--", "DDD-R" },
	{ "TVE--", "DDW-R" },
	{ "Tne--", "DWW-R" },
	{ "N-e--", "CWW-R" },
	{ "R-e--", "CWW-R" },
	{ "F-e--", "WWW-R" },
	{ "C-e--", "UUU-U" },
	{ "C-E--", "UUW-U" },
	{ "TVt--", "DDD-R" },
	{ "TVT--", "DDD-R" },
	{ "Tnt--", "DWD-R" },
	{ "N-t--", "CWC-R" },
	{ "N-T--", "CWC-R" },
	{ "C-t--", "UUU-U" },
	{ "TVn--", "DD--R" },
	{ "N-n--", "CW--R" },
	{ "TV?--", "DDU-R" },
	/* DANE. */
	{ "TV-m-", "DD-DR" },
	{ "Tn-m-", "DW-DR" },
	{ "Tn-x-", "DW-WR" },
	{ "TV-x-", "DD-WR" },
	{ "Tn-u-", "DW-DR" },
	{ "N--m-", "CW-WR" },
	{ "N--u-", "CW-WR" },
	{ "X--m-", "CW-WR" },
	{ "R--m-", "CW-WR" },
	{ "O--m-", "UU-UU" },
	{ "C--m-", "UU-UU" },
	{ "TV-i-", "DD--R" },
	{ "TV-h-", "DD--R" },
	{ "TV-f-", "DD-WR" },
	{ "TV-M-", "DD--R" },
	{ "TV-X-", "DD--R" },
	{ "TV-q-", "DD-UR" },
	{ "TV-Q-", "DD-UR" },
	/* Both: each has its own way. */
	{ "TVex-", "DDDWR" },
	{ "Tnem-", "DWWDR" },
	/* REQUIRETLS. */
	{ "TV--r", "DD--R" },
	{ "TVe-r", "DDD-D" },
	{ "TVt-r", "DDD-D" },
	{ "TVE-r", "DDW-R" },
	{ "TVT-r", "DDD-R" },
	{ "TVn-r", "DD--R" },
	{ "TV?-r", "DDU-U" },
	{ "Tne-r", "DWW-R" },
	{ "TV-mr", "DD-DD" },
	{ "Tn-mr", "DW-DD" },
	{ "Tn-xr", "DW-WR" },
	{ "TV-xr", "DD-WD" },
	{ "Tn-ur", "DW-DR" },
	{ "TV-ur", "DD-DD" },
	{ "TV-Mr", "DD--R" },
	{ "TV-qr", "DD-UD" },
	{ "Tn-qr", "DW-UU" },
};

static void
test_table(void **state)
{
	static const char words[] = "DCWRU-";
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ms_delivery d;
		char got[MS_SENDER_COUNT + 1] = "";

		show(set, table[i].shows);
		judge(set, &d);
		assert_true(d.judged);
		for (int k = 0; k < MS_SENDER_COUNT; k++) {
			got[k] = words[d.senders[k].verdict];
			assert_non_null(d.senders[k].why);
			assert_non_null(d.senders[k].reference);
		}
		if (strcmp(got, table[i].want) != 0)
			fail_msg("%s gives %s, not %s", table[i].shows, got,
			    table[i].want);
	}
}

static void
test_words(void **state)
{
	static const struct {
		const char *shows;
		enum ms_sender_kind kind;
		const char *why;
	} words[] = {
		{ "TV---", MS_SENDER_OPPORTUNISTIC,
		    "TLSv1.3; it does not ask whose certificate that is." },
		{ "Tn---", MS_SENDER_PKIX,
		    "Its certificate is for another name." },
		{ "C----", MS_SENDER_PKIX,
		    "No conversation came about (Connection refused)." },
		{ "Tn-m-", MS_SENDER_DANE,
		    "TLSA 3 1 1 matches its certificate." },
		{ "TV-f-", MS_SENDER_DANE, "A look-up fails: timeout." },
		{ "Tn-Q-", MS_SENDER_DANE,
		    "Whether the TLSA records are signed, nobody here can "
		    "tell; if they are, it would hold the mail back: no TLSA "
		    "record matches its certificate." },
		{ "Tnt--", MS_SENDER_MTA_STS,
		    "The policy is in testing; when enforced, mail waits: "
		    "its certificate is for another name." },
	};
	struct set *set = *state;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct ms_delivery d;

		show(set, words[i].shows);
		judge(set, &d);
		assert_string_equal(d.senders[words[i].kind].why, words[i].why);
	}
}

static void
test_clients(void **state)
{
	struct set *set = *state;
	struct ms_delivery d;

	show(set, "TV---");
	set->protocol.service = MS_PROBE_IMAP;
	judge(set, &d);
	assert_false(d.judged);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_clients, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
