/* SPDX-License-Identifier: ISC
 * login.h - logging in to a server that is probed, and what came of it
 *
 * One attempt, by the best mechanism that both sides have: a secret that was
 * refused is not sent a second time, or accounts would be locked. It is never
 * sent in the clear, nor to a server whose certificate does not prove who it
 * is, unless that is asked for. Neither it nor what it could be guessed by
 * stands in transcripts or records.
 */
#ifndef MAILSONDE_LOGIN_H
#define MAILSONDE_LOGIN_H

#include "mailsonde/sasl.h"
#include "mailsonde/slice.h"

struct ms_login {
	const char *user; /* UTF-8 */
	/* UTF-8; p == NULL where it is not known: in a replay, which does
	 * without. Whoever owns it wipes it after the last probe. */
	struct ms_slice secret;
	bool token;            /* it is one of OAuth 2.0 */
	const char *mechanism; /* of SASL, or "USER"; NULL: the best */
	bool anyhow;           /* also where TLS is lacking or not verified */
};

enum ms_login_outcome {
	MS_LOGIN_UNTRIED, /* it did not come to it */
	MS_LOGIN_OK,
	MS_LOGIN_REFUSED,      /* wrong name or secret */
	MS_LOGIN_APP_PASSWORD, /* a password made for the program is wanted */
	MS_LOGIN_DISABLED,     /* the account is locked or disabled */
	MS_LOGIN_EXPIRED,      /* the secret is no longer good */
	MS_LOGIN_METHOD_DISABLED, /* passwords are not taken here any more */
	MS_LOGIN_NOT_AUTHORIZED,  /* the secret is right, the access is not
				     allowed */
	MS_LOGIN_NOT_TAKEN,  /* the mechanism is not taken, though announced */
	MS_LOGIN_TLS_WANTED, /* it insists on encryption */
	MS_LOGIN_TEMPORARY,  /* not now: nothing can be told */
	MS_LOGIN_SERVER_FAULT, /* its administrator is to be asked */
	MS_LOGIN_UNSAFE,       /* not sent: nobody knows who would read it */
	MS_LOGIN_NO_MECHANISM, /* none that both sides have */
	MS_LOGIN_IMPOSTOR,     /* the server does not know the secret */
	MS_LOGIN_UNBOUND,      /* it sees another connection than we do */
	MS_LOGIN_PROTOCOL,     /* it does not keep to the protocol */
	MS_LOGIN_BROKEN,       /* the connection ended */
	MS_LOGIN_UNABLE,       /* the fault is on this side */
};
/* "untried", "ok", "refused", …. */
const char *ms_login_outcome_name(enum ms_login_outcome outcome);

#define MS_LOGIN_TRIES 8

struct ms_login_result {
	bool asked; /* somebody wants to log in */
	enum ms_login_outcome outcome;
	const char *user;
	const char *mechanism; /* of the last try; NULL: none */
	const char *tried[MS_LOGIN_TRIES];
	size_t tried_n;
	const char *binding;    /* "tls-exporter", "tls-unique"; NULL */
	bool safe;              /* within TLS that is verified */
	bool sent;              /* the secret itself was handed over */
	int code;               /* of SMTP; 0 */
	struct ms_slice status; /* "5.7.8", "AUTHENTICATIONFAILED"; NULL */
	struct ms_slice text;   /* what the server said last; NULL */
	const char *why; /* in words of ours, or of the mechanism; NULL */
	unsigned rounds; /* of SCRAM; 0 */
	double seconds;  /* that it took; < 0: untried */
};

/* What a refusal means, by its code, response code and words. */
enum ms_login_outcome ms_login_judge(
    int code, struct ms_slice status, struct ms_slice text);

/* The response code of IMAP, POP3 or ManageSieve, "[ALERT]" "(TRYLATER)", or
 * the enhanced status code of SMTP, at the beginning of `text`; p == NULL. */
struct ms_slice ms_login_status(struct ms_slice text);

#endif
