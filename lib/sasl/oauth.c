/* SPDX-License-Identifier: ISC
 * oauth.c - OAUTHBEARER, RFC 7628, and XOAUTH2, which Google describes
 *
 * The token is had from somewhere else and only handed over. Where it is
 * refused the server says why in JSON, and waits for a last word that says
 * nothing.
 */
#include "sasl_priv.h"

#include "mailsonde/json.h"

#define WHY_MAX 200

/* RFC 5801 4: "," and "=" in the name of the header. */
static size_t
put_name(unsigned char *out, const char *user)
{
	size_t n = 0;

	for (; *user; user++) {
		if (*user == ',' || *user == '=') {
			memcpy(out + n, *user == ',' ? "=2C" : "=3D", 3);
			n += 3;
		} else {
			out[n++] = (unsigned char)*user;
		}
	}
	return n;
}

/* RFC 7628 3.1: "n,a=USER,^Ahost=H^Aport=P^Aauth=Bearer T^A^A". */
static void
say_bearer(struct ms_sasl *sasl)
{
	const struct ms_sasl_request *r = sasl->request;
	size_t n = 3 * strlen(r->user) + strlen(r->host) + r->secret.n + 64;
	unsigned char *p = sasl_room(sasl, n);
	size_t at = 4;

	memcpy(p, "n,a=", 4);
	at += put_name(p + at, r->user);
	at += (size_t)snprintf((char *)p + at, n - at,
	    ",\001host=%s\001port=%u\001auth=Bearer ", r->host, r->port);
	memcpy(p + at, r->secret.p, r->secret.n);
	memcpy(p + at + r->secret.n, "\001\001", 2);
	sasl->out_n = at + r->secret.n + 2;
}

/* "user=USER^Aauth=Bearer T^A^A" */
static void
say_xoauth2(struct ms_sasl *sasl)
{
	const struct ms_sasl_request *r = sasl->request;
	size_t n = strlen(r->user) + r->secret.n + 64;
	unsigned char *p = sasl_room(sasl, n);
	size_t at =
	    (size_t)snprintf((char *)p, n, "user=%s\001auth=Bearer ", r->user);

	memcpy(p + at, r->secret.p, r->secret.n);
	memcpy(p + at + r->secret.n, "\001\001", 2);
	sasl->out_n = at + r->secret.n + 2;
}

/* {"status":"invalid_token","scope":"…"}: RFC 7628 3.2.2. */
static void
take_error(struct ms_sasl *sasl, struct ms_slice said)
{
	const struct ms_json *json = ms_json_read(sasl->arena, said);
	struct ms_slice status = ms_json_get_text(json, "status");
	struct ms_slice scope = ms_json_get_text(json, "scope");

	sasl->why = "it says no without a reason that can be read";
	if (!status.p || status.n > WHY_MAX || scope.n > WHY_MAX)
		return;
	sasl->why = ms_arena_printf(sasl->arena, "status \"%.*s\"%s%.*s%s",
	    (int)status.n, (const char *)status.p,
	    scope.n > 0 ? ", wants the scope \"" : "", (int)scope.n,
	    (const char *)scope.p, scope.n > 0 ? "\"" : "");
}

enum ms_sasl_status
sasl_oauth_step(struct ms_sasl *sasl, struct ms_slice said)
{
	bool bearer =
	    ms_slice_equal(ms_slice_from(sasl->request->mechanism->name),
		MS_SLICE("OAUTHBEARER"));

	if (sasl->step > 1)
		return MS_SASL_BAD_MESSAGE;
	if (sasl->step == 0) {
		if (bearer)
			say_bearer(sasl);
		else
			say_xoauth2(sasl);
		return MS_SASL_DONE;
	}
	take_error(sasl, said);
	if (bearer)
		*sasl_room(sasl, 1) = '\001';
	else
		(void)sasl_room(sasl, 0);
	return MS_SASL_DONE;
}
