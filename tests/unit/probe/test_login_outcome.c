/* SPDX-License-Identifier: ISC
 * test_login_outcome.c - what refusals mean: RFC 4954, 5530, 3206, 5804, and
 * the words of providers
 */
#include "mailsonde/login.h"

#include "test.h"

struct refusal {
	int code;
	const char *text, *status, *outcome;
};

static const struct refusal refusals[] = {
	/* SMTP, RFC 4954 6 */
	{ 535, "5.7.8 Authentication credentials invalid", "5.7.8", "refused" },
	{ 535, "Incorrect authentication data", NULL, "refused" },
	{ 454, "4.7.0 Temporary authentication failure", "4.7.0", "temporary" },
	{ 432, "4.7.12 A password transition is needed", "4.7.12", "expired" },
	{ 534, "5.7.9 Authentication mechanism is too weak", "5.7.9",
	    "mechanism-not-taken" },
	{ 538,
	    "5.7.11 Encryption required for requested authentication "
	    "mechanism",
	    "5.7.11", "tls-wanted" },
	{ 530, "5.7.0 Must issue a STARTTLS command first", "5.7.0",
	    "tls-wanted" },
	{ 504, "5.5.4 Unrecognized authentication type", "5.5.4",
	    "mechanism-not-taken" },
	{ 503, "5.5.1 Error: authentication not enabled", "5.5.1",
	    "mechanism-not-taken" },
	{ 502, "5.5.2 Error: command not recognized", "5.5.2",
	    "mechanism-not-taken" },
	{ 501, "5.5.2 Cannot Decode response", "5.5.2", "protocol" },
	{ 421, "4.7.0 Too many errors", "4.7.0", "temporary" },
	/* Gmail, Microsoft, Yahoo */
	{ 534,
	    "5.7.9 Application-specific password required. Learn more at "
	    "5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor",
	    "5.7.9", "application-password" },
	{ 534,
	    "5.7.14 <https://accounts.google.com/signin/continue?x> Please "
	    "log in via your web browser and then try again.",
	    "5.7.14", "disabled" },
	{ 535,
	    "5.7.8 Username and Password not accepted. Learn more at "
	    "https://support.google.com/mail/?p=BadCredentials",
	    "5.7.8", "refused" },
	{ 535,
	    "5.7.139 Authentication unsuccessful, basic authentication is "
	    "disabled.",
	    "5.7.139", "method-disabled" },
	{ 535,
	    "5.7.139 Authentication unsuccessful, SmtpClientAuthentication "
	    "is disabled for the Tenant.",
	    "5.7.139", "method-disabled" },
	{ 535, "5.7.0 (#AUTH005) Too many bad auth attempts.", "5.7.0",
	    "temporary" },
	/* IMAP, RFC 5530 3 */
	{ 0, "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
	    "AUTHENTICATIONFAILED", "refused" },
	{ 0, "[AUTHORIZATIONFAILED] No such authorization-ID",
	    "AUTHORIZATIONFAILED", "not-authorized" },
	{ 0, "[EXPIRED] That password isn't valid any more", "EXPIRED",
	    "expired" },
	{ 0, "[PRIVACYREQUIRED] Connection offers no privacy",
	    "PRIVACYREQUIRED", "tls-wanted" },
	{ 0, "[CONTACTADMIN]", "CONTACTADMIN", "server-fault" },
	{ 0, "[UNAVAILABLE] User's backend down for maintenance", "UNAVAILABLE",
	    "temporary" },
	{ 0,
	    "[ALERT] Application-specific password required: "
	    "https://support.google.com/accounts/answer/185833 (Failure)",
	    "ALERT", "application-password" },
	{ 0, "[ALERT] IMAP access is disabled for your domain.", "ALERT",
	    "disabled" },
	{ 0, "[ALERT] Unsupported authentication mechanism.", "ALERT",
	    "mechanism-not-taken" },
	{ 0, "LOGIN failed.", NULL, "refused" },
	{ 0, "LOGIN is disabled on this server", NULL, "method-disabled" },
	{ 0, "Login only available under a layer", NULL, "tls-wanted" },
	{ 0, "User is authenticated but not connected.", NULL,
	    "not-authorized" },
	{ 0,
	    "[PRIVACYREQUIRED] Plaintext authentication disallowed on "
	    "non-secure (SSL/TLS) connections.",
	    "PRIVACYREQUIRED", "tls-wanted" },
	/* POP3, RFC 2449 8, 3206 4 */
	{ 0, "[AUTH] PASS failed", "AUTH", "refused" },
	{ 0, "[SYS/TEMP] try again", "SYS/TEMP", "temporary" },
	{ 0, "[SYS/PERM] no such spool", "SYS/PERM", "server-fault" },
	{ 0, "[IN-USE] Do you have another POP session running?", "IN-USE",
	    "temporary" },
	{ 0, "[LOGIN-DELAY] minimum time between mail checks", "LOGIN-DELAY",
	    "temporary" },
	/* ManageSieve, RFC 5804 1.3 */
	{ 0, "(ENCRYPT-NEEDED) \"not so\"", "ENCRYPT-NEEDED", "tls-wanted" },
	{ 0, "(AUTH-TOO-WEAK) \"no\"", "AUTH-TOO-WEAK", "mechanism-not-taken" },
	{ 0, "(TRYLATER) \"busy\"", "TRYLATER", "temporary" },
	{ 0, "", NULL, "refused" },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct ms_slice text = ms_slice_from(r->text);
		struct ms_slice status = ms_login_status(text);
		const char *got = ms_login_outcome_name(
		    ms_login_judge(r->code, status, text));

		assert_slice(status, r->status);
		if (strcmp(got, r->outcome) != 0)
			fail_msg("%d %s: %s", r->code, r->text, got);
	}
}

static void
test_no_status(void **state)
{
	static const char *const texts[] = { "", "[", "[]", "(", "5", "5.",
		"5.7", "5.7.", "a.b.c", "55.7.8", "[ x]" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (ms_login_status(ms_slice_from(texts[i])).p)
			fail_msg("%s", texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
