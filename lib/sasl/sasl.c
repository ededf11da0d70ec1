/* SPDX-License-Identifier: ISC
 * sasl.c - mechanisms in their order, and one exchange, RFC 4422
 */
#include "sasl_priv.h"

#include <stdlib.h>

/* Those that tell the secret only within TLS, see lib/probe/login.c: there
 * they are worth more than CRAM-MD5, for which the server must keep the secret
 * as it is, and which anybody who listens can guess at. */
static const struct ms_sasl_mechanism mechanisms[] = {
	{ .name = "SCRAM-SHA-256-PLUS",
	    .first = true,
	    .binds = true,
	    .proves = true },
	{ .name = "SCRAM-SHA-1-PLUS",
	    .first = true,
	    .binds = true,
	    .proves = true },
	{ .name = "SCRAM-SHA-256", .first = true, .proves = true },
	{ .name = "SCRAM-SHA-1", .first = true, .proves = true },
	{ .name = "OAUTHBEARER", .first = true, .tells = true, .token = true },
	{ .name = "XOAUTH2", .first = true, .tells = true, .token = true },
	{ .name = "PLAIN", .first = true, .tells = true },
	{ .name = "LOGIN", .tells = true },
	{ .name = "CRAM-MD5", .weak = true },
	{ .name = NULL },
};

const struct ms_sasl_mechanism *
ms_sasl_mechanisms(void)
{
	return mechanisms;
}

const struct ms_sasl_mechanism *
ms_sasl_mechanism(struct ms_slice name)
{
	for (size_t i = 0; mechanisms[i].name; i++)
		if (ms_slice_equal_nocase(
			name, ms_slice_from(mechanisms[i].name)))
			return &mechanisms[i];
	return NULL;
}

static const char *const statuses[] = {
	[MS_SASL_MORE] = "more",
	[MS_SASL_DONE] = "done",
	[MS_SASL_NO_LIBRARY] = "no-library",
	[MS_SASL_NO_BINDING] = "no-binding",
	[MS_SASL_UNPREPARED] = "unprepared",
	[MS_SASL_BAD_MESSAGE] = "bad-message",
	[MS_SASL_TOO_COSTLY] = "too-costly",
	[MS_SASL_TOO_CHEAP] = "too-cheap",
	[MS_SASL_REFUSED] = "refused",
	[MS_SASL_UNBOUND] = "unbound",
	[MS_SASL_IMPOSTOR] = "impostor",
	[MS_SASL_FAILED] = "failed",
};

const char *
ms_sasl_status_name(enum ms_sasl_status status)
{
	return statuses[status];
}

bool
ms_sasl_status_parse(struct ms_slice text, enum ms_sasl_status *out)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (ms_slice_equal(text, ms_slice_from(statuses[i]))) {
			*out = (enum ms_sasl_status)i;
			return true;
		}
	return false;
}

/* ---- one exchange ---- */

struct ms_sasl *
ms_sasl_new(struct ms_arena *arena, const struct ms_sasl_request *request)
{
	struct ms_sasl *sasl = MS_NEW(arena, struct ms_sasl);

	sasl->arena = arena;
	sasl->request = request;
	return sasl;
}

static void
forget_out(struct ms_sasl *sasl)
{
	if (sasl->out)
		explicit_bzero(sasl->out, sasl->out_n);
	free(sasl->out);
	sasl->out = NULL;
	sasl->out_n = 0;
}

unsigned char *
sasl_room(struct ms_sasl *sasl, size_t n)
{
	forget_out(sasl);
	sasl->out = calloc(1, n + 1);
	if (!sasl->out)
		abort();
	sasl->out_n = n;
	return sasl->out;
}

enum ms_sasl_status
ms_sasl_step(struct ms_sasl *sasl, struct ms_slice said, struct ms_slice *out)
{
	enum ms_sasl_status status = MS_SASL_MORE;

	forget_out(sasl);
	sasl->why = NULL;
	if (sasl->request->mechanism->token) {
		status = sasl_oauth_step(sasl, said);
	} else if (sasl->done) {
		status = MS_SASL_BAD_MESSAGE;
	} else {
		if (!sasl->gsasl)
			status = sasl_gsasl_start(sasl);
		if (status == MS_SASL_MORE)
			status = sasl_gsasl_step(sasl, said);
	}
	sasl->step++;
	sasl->done |= status == MS_SASL_DONE;
	*out = ms_slice_make(sasl->out, sasl->out_n);
	return status;
}

const char *
ms_sasl_why(const struct ms_sasl *sasl)
{
	return sasl->why;
}

unsigned
ms_sasl_rounds(const struct ms_sasl *sasl)
{
	return sasl->rounds;
}

void
ms_sasl_free(struct ms_sasl *sasl)
{
	forget_out(sasl);
	sasl_gsasl_free(sasl);
}
