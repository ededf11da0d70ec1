/* SPDX-License-Identifier: ISC
 * login_outcome.c - what a refused log-in means, RFC 4954 6, 5530, 3206, 5804
 * 1.3, and the words of large providers
 *
 * Codes are worth more than words, but for words that say what no code can:
 * 535 5.7.8 is sent for everything.
 */
#include "mailsonde/login.h"

#include "mailsonde/scan.h"

const char *
ms_login_outcome_name(enum ms_login_outcome outcome)
{
	static const char *const names[] = {
		[MS_LOGIN_UNTRIED] = "untried",
		[MS_LOGIN_OK] = "ok",
		[MS_LOGIN_REFUSED] = "refused",
		[MS_LOGIN_APP_PASSWORD] = "application-password",
		[MS_LOGIN_DISABLED] = "disabled",
		[MS_LOGIN_EXPIRED] = "expired",
		[MS_LOGIN_METHOD_DISABLED] = "method-disabled",
		[MS_LOGIN_NOT_AUTHORIZED] = "not-authorized",
		[MS_LOGIN_NOT_TAKEN] = "mechanism-not-taken",
		[MS_LOGIN_TLS_WANTED] = "tls-wanted",
		[MS_LOGIN_TEMPORARY] = "temporary",
		[MS_LOGIN_SERVER_FAULT] = "server-fault",
		[MS_LOGIN_UNSAFE] = "unsafe",
		[MS_LOGIN_NO_MECHANISM] = "no-mechanism",
		[MS_LOGIN_IMPOSTOR] = "impostor",
		[MS_LOGIN_UNBOUND] = "unbound",
		[MS_LOGIN_PROTOCOL] = "protocol",
		[MS_LOGIN_BROKEN] = "broken",
		[MS_LOGIN_UNABLE] = "unable",
	};

	return names[outcome];
}

/* "5.7.8 text", RFC 2034 4; "[CODE …] text", RFC 9051 7.1, 2449 8; "(CODE …)
 * text", RFC 5804 1.3. */
struct ms_slice
ms_login_status(struct ms_slice text)
{
	struct ms_scan scan = ms_scan_init(text);
	struct ms_slice code;

	if (ms_scan_try_byte(&scan, '[') || ms_scan_try_byte(&scan, '(')) {
		code = ms_scan_while(&scan, MS_C_TOKEN, 64);
		if (ms_scan_try_byte(&scan, '/')) /* "SYS/TEMP" */
			code.n += 1 + ms_scan_while(&scan, MS_C_TOKEN, 64).n;
		return code.n > 0 ? code : ms_slice_make(NULL, 0);
	}
	code = ms_scan_while(&scan, MS_C_DIGIT, 1);
	for (int i = 0; i < 2; i++) {
		if (code.n == 0 || !ms_scan_try_byte(&scan, '.') ||
		    ms_scan_while(&scan, MS_C_DIGIT, 3).n == 0)
			return ms_slice_make(NULL, 0);
	}
	return ms_slice_part(text, 0, ms_scan_offset(&scan));
}

struct rule {
	const char *text;
	enum ms_login_outcome outcome;
};

/* In the text of a refusal; the first that is there counts. */
static const struct rule phrases[] = {
	/* Gmail: "5.7.9 Application-specific password required" */
	{ "application-specific password", MS_LOGIN_APP_PASSWORD },
	{ "app-specific password", MS_LOGIN_APP_PASSWORD },
	{ "application specific password", MS_LOGIN_APP_PASSWORD },
	{ "application password", MS_LOGIN_APP_PASSWORD },
	{ "app password", MS_LOGIN_APP_PASSWORD },
	{ "invalidsecondfactor", MS_LOGIN_APP_PASSWORD },
	/* Microsoft: "5.7.139 Authentication unsuccessful, basic
	 * authentication is disabled" */
	{ "basic authentication is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "basic auth is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "basicauthblocked", MS_LOGIN_METHOD_DISABLED },
	{ "smtpclientauthentication is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "password authentication is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "authentication is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "login is disabled", MS_LOGIN_METHOD_DISABLED },
	{ "login command is disabled", MS_LOGIN_METHOD_DISABLED },
	/* Exchange, of a mailbox that may not be reached so */
	{ "authenticated but not connected", MS_LOGIN_NOT_AUTHORIZED },
	{ "only available under a layer", MS_LOGIN_TLS_WANTED }, /* Cyrus */
	{ "plaintext authentication disallowed", MS_LOGIN_TLS_WANTED },
	{ "plaintext authentication disabled", MS_LOGIN_TLS_WANTED },
	{ "encryption required", MS_LOGIN_TLS_WANTED },
	{ "must issue a starttls", MS_LOGIN_TLS_WANTED },
	{ "tls required", MS_LOGIN_TLS_WANTED },
	{ "too many", MS_LOGIN_TEMPORARY },
	{ "rate limit", MS_LOGIN_TEMPORARY },
	{ "try again later", MS_LOGIN_TEMPORARY },
	{ "temporar", MS_LOGIN_TEMPORARY },
	{ "internal error", MS_LOGIN_TEMPORARY },
	/* Gmail: "Please log in with your web browser" */
	{ "web browser", MS_LOGIN_DISABLED },
	{ "weblogin", MS_LOGIN_DISABLED },
	{ "account is locked", MS_LOGIN_DISABLED },
	{ "account locked", MS_LOGIN_DISABLED },
	{ "account is disabled", MS_LOGIN_DISABLED },
	{ "account disabled", MS_LOGIN_DISABLED },
	{ "user disabled", MS_LOGIN_DISABLED },
	{ "user account has expired", MS_LOGIN_DISABLED },
	{ "suspended", MS_LOGIN_DISABLED },
	{ "deactivated", MS_LOGIN_DISABLED },
	{ "has been blocked", MS_LOGIN_DISABLED },
	{ "user is disabled", MS_LOGIN_DISABLED },
	{ "password expired", MS_LOGIN_EXPIRED },
	{ "password has expired", MS_LOGIN_EXPIRED },
	{ "token expired", MS_LOGIN_EXPIRED },
	{ "disabled", MS_LOGIN_DISABLED },
	{ "unsupported authentication mechanism", MS_LOGIN_NOT_TAKEN },
	{ "unsupported sasl mechanism", MS_LOGIN_NOT_TAKEN },
	{ "mechanism not supported", MS_LOGIN_NOT_TAKEN },
	{ "mechanism is not supported", MS_LOGIN_NOT_TAKEN },
	{ "invalid authentication mechanism", MS_LOGIN_NOT_TAKEN },
	{ "unrecognized authentication type", MS_LOGIN_NOT_TAKEN },
	{ "mechanism too weak", MS_LOGIN_NOT_TAKEN },
	{ "no mechanism available", MS_LOGIN_NOT_TAKEN },
	{ "mechanism not available", MS_LOGIN_NOT_TAKEN },
	{ "no worthy mechs", MS_LOGIN_NOT_TAKEN },
};

/* Enhanced status codes (RFC 5248) and response codes. */
static const struct rule statuses[] = {
	{ "5.7.139", MS_LOGIN_METHOD_DISABLED },
	{ "5.7.11", MS_LOGIN_TLS_WANTED },
	{ "4.7.12", MS_LOGIN_EXPIRED }, /* a password transition is needed */
	{ "5.7.4", MS_LOGIN_NOT_TAKEN },
	{ "5.5.4", MS_LOGIN_NOT_TAKEN },
	/* RFC 5530 3 */
	{ "AUTHENTICATIONFAILED", MS_LOGIN_REFUSED },
	{ "AUTHORIZATIONFAILED", MS_LOGIN_NOT_AUTHORIZED },
	{ "EXPIRED", MS_LOGIN_EXPIRED },
	{ "PRIVACYREQUIRED", MS_LOGIN_TLS_WANTED },
	{ "CONTACTADMIN", MS_LOGIN_SERVER_FAULT },
	{ "UNAVAILABLE", MS_LOGIN_TEMPORARY },
	{ "INUSE", MS_LOGIN_TEMPORARY },
	{ "LIMIT", MS_LOGIN_TEMPORARY },
	{ "SERVERBUG", MS_LOGIN_SERVER_FAULT },
	{ "CANNOT", MS_LOGIN_NOT_TAKEN },
	/* RFC 2449 8, RFC 3206 4 */
	{ "AUTH", MS_LOGIN_REFUSED },
	{ "IN-USE", MS_LOGIN_TEMPORARY },
	{ "LOGIN-DELAY", MS_LOGIN_TEMPORARY },
	{ "SYS/TEMP", MS_LOGIN_TEMPORARY },
	{ "SYS/PERM", MS_LOGIN_SERVER_FAULT },
	/* RFC 5804 1.3 */
	{ "ENCRYPT-NEEDED", MS_LOGIN_TLS_WANTED },
	{ "AUTH-TOO-WEAK", MS_LOGIN_NOT_TAKEN },
	{ "TRANSITION-NEEDED", MS_LOGIN_EXPIRED },
	{ "TRYLATER", MS_LOGIN_TEMPORARY },
};

static const struct {
	int code;
	enum ms_login_outcome outcome;
} codes[] = {
	/* RFC 4954 6; 500, 502: AUTH is not known; 503: not now, in order */
	{ 432, MS_LOGIN_EXPIRED },
	{ 500, MS_LOGIN_NOT_TAKEN },
	{ 501, MS_LOGIN_PROTOCOL },
	{ 502, MS_LOGIN_NOT_TAKEN },
	{ 503, MS_LOGIN_NOT_TAKEN },
	{ 504, MS_LOGIN_NOT_TAKEN },
	{ 534, MS_LOGIN_NOT_TAKEN },
	{ 538, MS_LOGIN_TLS_WANTED },
	{ 530, MS_LOGIN_TLS_WANTED },
};

enum ms_login_outcome
ms_login_judge(int code, struct ms_slice status, struct ms_slice text)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (ms_slice_find_nocase(text, 0, phrases[i].text) < text.n)
			return phrases[i].outcome;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (ms_slice_equal_nocase(
			status, ms_slice_from(statuses[i].text)))
			return statuses[i].outcome;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (code == codes[i].code)
			return codes[i].outcome;
	return code >= 400 && code < 500 ? MS_LOGIN_TEMPORARY
					 : MS_LOGIN_REFUSED;
}
