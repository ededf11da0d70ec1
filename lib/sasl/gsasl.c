/* SPDX-License-Identifier: ISC
 * gsasl.c - PLAIN, LOGIN, CRAM-MD5 and SCRAM by GNU SASL; libgsasl's one door
 *
 * Opened with dlopen when somebody logs in. The secret is given to it for as
 * short as it takes, and wiped out of its properties; of SCRAM it never sees
 * more than the salted password, which is computed here.
 */
#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>

#include "sasl_priv.h"

#include "mailsonde/codec.h"
#include "mailsonde/digest.h"
#include "mailsonde/library.h"
#include "mailsonde/scan.h"

struct sasl_gsasl {
	int (*init)(Gsasl **);
	void (*done)(Gsasl *);
	int (*start)(Gsasl *, const char *, Gsasl_session **);
	int (*set)(Gsasl_session *, Gsasl_property, const char *);
	const char *(*peek)(Gsasl_session *, Gsasl_property);
	int (*step)(Gsasl_session *, const char *, size_t, char **, size_t *);
	void (*finish)(Gsasl_session *);
	int (*prepare)(const char *, Gsasl_saslprep_flags, char **, int *);
	void (*free)(void *);
	const char *(*error)(int);
	Gsasl *context;
	Gsasl_session *session;
};

/* ---- the library ---- */

/* It stays in memory: the next one finds it there. */
static bool
load(struct sasl_gsasl *g)
{
	const struct ms_library_function functions[] = {
		{ "gsasl_init", &g->init },
		{ "gsasl_done", &g->done },
		{ "gsasl_client_start", &g->start },
		{ "gsasl_property_set", &g->set },
		{ "gsasl_property_fast", &g->peek },
		{ "gsasl_step", &g->step },
		{ "gsasl_finish", &g->finish },
		{ "gsasl_saslprep", &g->prepare },
		{ "gsasl_free", &g->free },
		{ "gsasl_strerror", &g->error },
		{ NULL, NULL },
	};

	return ms_library_open("libgsasl.so.18", functions) &&
	       g->init(&g->context) == GSASL_OK;
}

static enum ms_sasl_status
status_of(struct ms_sasl *sasl, int code)
{
	switch (code) {
	case GSASL_OK:
		return MS_SASL_DONE;
	case GSASL_NEEDS_MORE:
		return MS_SASL_MORE;
	case GSASL_NO_CB_TLS_UNIQUE:
	case GSASL_NO_CB_TLS_EXPORTER:
		return MS_SASL_NO_BINDING;
	case GSASL_SASLPREP_ERROR:
		return MS_SASL_UNPREPARED;
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
	case GSASL_BASE64_ERROR:
		return MS_SASL_BAD_MESSAGE;
	case GSASL_AUTHENTICATION_ERROR:
		/* its nonce does not begin with ours; or its signature */
		return sasl->step < 2 ? MS_SASL_BAD_MESSAGE : MS_SASL_IMPOSTOR;
	default:
		sasl->why = ms_arena_printf(
		    sasl->arena, "%s", sasl->gsasl->error(code));
		return MS_SASL_FAILED;
	}
}

/* ---- the secret ---- */

/* Wiped out of a property before the library gives its memory back. */
static void
wipe(struct sasl_gsasl *g, Gsasl_property property)
{
	const char *held = g->peek(g->session, property);

	if (held)
		explicit_bzero((void *)(uintptr_t)held, strlen(held));
}

static bool
is_plain(struct ms_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (ms_is(text.p[i], MS_C_CTL | MS_C_HIGH))
			return false;
	return true;
}

/* As a string, from malloc. */
static char *
copy_secret(struct ms_slice secret)
{
	char *out = calloc(1, secret.n + 1);

	if (!out)
		abort();
	if (secret.n > 0)
		memcpy(out, secret.p, secret.n);
	return out;
}

static void
free_secret(char *secret)
{
	explicit_bzero(secret, strlen(secret));
	free(secret);
}

/* By SASLprep, which leaves printable ASCII as it is. NULL: refused. */
static char *
prepare(struct sasl_gsasl *g, struct ms_slice secret)
{
	char *raw = copy_secret(secret), *prepared = NULL, *out = NULL;

	if (is_plain(secret))
		return raw;
	if (g->prepare(raw, 0, &prepared, NULL) == GSASL_OK) {
		out = copy_secret(ms_slice_from(prepared));
		explicit_bzero(prepared, strlen(prepared));
		g->free(prepared);
	}
	free_secret(raw);
	return out;
}

/* ---- SCRAM ---- */

static bool
is_scram(const struct ms_sasl *sasl)
{
	return sasl->request->mechanism->proves;
}

static enum ms_digest_kind
hash_of(const struct ms_sasl *sasl)
{
	return ms_slice_starts(ms_slice_from(sasl->request->mechanism->name),
		   "SCRAM-SHA-256")
		   ? MS_DIGEST_SHA256
		   : MS_DIGEST_SHA1;
}

/* RFC 5802 3: SaltedPassword. */
static enum ms_sasl_status
set_salted(struct ms_sasl *sasl, const struct sasl_scram *scram)
{
	struct sasl_gsasl *g = sasl->gsasl;
	enum ms_digest_kind hash = hash_of(sasl);
	size_t n = hash == MS_DIGEST_SHA1 ? 20 : 32;
	struct ms_slice salt =
	    ms_codec_decode(sasl->arena, MS_ENCODING_BASE64, scram->salt, NULL);
	char *secret = prepare(g, sasl->request->secret);
	unsigned char key[32];
	char hex[65];
	bool done;

	if (!secret)
		return MS_SASL_UNPREPARED;
	done = ms_digest_stretch(
	    hash, ms_slice_from(secret), salt, scram->rounds, key, n);
	free_secret(secret);
	if (done) {
		ms_hex(key, n, hex);
		g->set(g->session, GSASL_SCRAM_SALTED_PASSWORD, hex);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hex, sizeof(hex));
	return done ? MS_SASL_MORE : MS_SASL_FAILED;
}

/* Before the library sees it. */
static enum ms_sasl_status
look_at(struct ms_sasl *sasl, struct ms_slice said)
{
	struct sasl_scram scram;
	enum ms_sasl_status status;

	if (sasl->step == 0)
		return MS_SASL_MORE;
	if (sasl->step > 1)
		return sasl_scram_final(sasl, said);
	status = sasl_scram_first(sasl, said, &scram);
	return status == MS_SASL_MORE ? set_salted(sasl, &scram) : status;
}

/* ---- one exchange ---- */

static void
set_binding(struct ms_sasl *sasl, Gsasl_property property, struct ms_slice data)
{
	size_t n = 4 * ((data.n + 2) / 3);
	char text[256];

	if (!data.p || n >= sizeof(text))
		return;
	n = ms_base64_encode(data, (unsigned char *)text);
	text[n] = '\0';
	sasl->gsasl->set(sasl->gsasl->session, property, text);
}

static void
fill_in(struct ms_sasl *sasl)
{
	const struct ms_sasl_request *r = sasl->request;
	struct sasl_gsasl *g = sasl->gsasl;
	char *secret;

	g->set(g->session, GSASL_AUTHID, r->user);
	if (r->mechanism->binds) {
		set_binding(sasl, GSASL_CB_TLS_EXPORTER, r->exporter);
		set_binding(sasl, GSASL_CB_TLS_UNIQUE, r->unique);
	}
	if (is_scram(sasl))
		return;
	secret = copy_secret(r->secret);
	g->set(g->session, GSASL_PASSWORD, secret);
	free_secret(secret);
}

enum ms_sasl_status
sasl_gsasl_start(struct ms_sasl *sasl)
{
	const struct ms_sasl_request *r = sasl->request;
	struct sasl_gsasl *g = MS_NEW(sasl->arena, struct sasl_gsasl);
	int code;

	sasl->gsasl = g;
	if (!load(g))
		return MS_SASL_NO_LIBRARY;
	if (r->mechanism->binds && !r->exporter.p && !r->unique.p)
		return MS_SASL_NO_BINDING;
	code = g->start(g->context, r->mechanism->name, &g->session);
	if (code != GSASL_OK)
		return status_of(sasl, code);
	fill_in(sasl);
	return MS_SASL_MORE;
}

enum ms_sasl_status
sasl_gsasl_step(struct ms_sasl *sasl, struct ms_slice said)
{
	struct sasl_gsasl *g = sasl->gsasl;
	enum ms_sasl_status status =
	    is_scram(sasl) ? look_at(sasl, said) : MS_SASL_MORE;
	char *out = NULL;
	size_t n = 0;
	int code;

	if (status != MS_SASL_MORE || !g->session)
		return status;
	code = g->step(g->session, (const char *)said.p, said.n, &out, &n);
	if (n > 0)
		memcpy(sasl_room(sasl, n), out, n);
	if (out) {
		explicit_bzero(out, n);
		g->free(out);
	}
	status = status_of(sasl, code);
	if (status == MS_SASL_DONE) {
		wipe(g, GSASL_PASSWORD);
		wipe(g, GSASL_SCRAM_SALTED_PASSWORD);
	}
	return status;
}

void
sasl_gsasl_free(struct ms_sasl *sasl)
{
	struct sasl_gsasl *g = sasl->gsasl;

	if (!g)
		return;
	if (g->session) {
		wipe(g, GSASL_PASSWORD);
		wipe(g, GSASL_SCRAM_SALTED_PASSWORD);
		g->finish(g->session);
	}
	if (g->context)
		g->done(g->context);
	sasl->gsasl = NULL;
}
