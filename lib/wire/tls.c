/* SPDX-License-Identifier: ISC
 * tls.c - handshakes by OpenSSL, and what they show; its door for TLS
 *
 * Everything is offered that the library can speak, old versions and weak
 * suites too, and no certificate is refused: what was agreed upon and what the
 * chain is worth are facts for the judges. The chain is verified after it has
 * been taken down, in a store of its own, each error noted. The system's
 * configuration of OpenSSL is not read: it would change what is seen.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "wire_priv.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Certificates of a chain that are kept, and verified: more make no sense, and
 * cost. */
#define CHAIN_MAX  32
#define ERRORS_MAX 64

static const char system_anchors[] = "/etc/ssl/certs";

struct wire_tls_context {
	pthread_mutex_t lock; /* of the making of the rest */
	bool made;
	char *ca_file; /* NULL: the system's */
	int64_t now;
	SSL_CTX *ssl;
	X509_STORE *store;
	BIO_METHOD *socket;
};

struct wire_tls {
	SSL *ssl;
	int fd;
	bool broken; /* nothing more may be said */
};

/* What the callbacks of one handshake fill in. */
struct handshake {
	struct wire_tls_context *context;
	struct ms_arena *arena;
	struct ms_tls_facts *facts;
};

/* ---- sockets: no signal when the other end is gone ---- */

static int
socket_result(BIO *bio, ssize_t n, int retry)
{
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
	return (int)n;
}

static int
socket_read(BIO *bio, char *room, int size)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);
	ssize_t n = recv(fd, room, (size_t)size, 0);

	return socket_result(bio, n, BIO_FLAGS_READ);
}

static int
socket_write(BIO *bio, const char *bytes, int n)
{
	int fd = (int)(intptr_t)BIO_get_data(bio);

	return socket_result(
	    bio, send(fd, bytes, (size_t)n, MSG_NOSIGNAL), BIO_FLAGS_WRITE);
}

static long
socket_control(BIO *bio, int what, long number, void *p)
{
	(void)bio;
	(void)number;
	(void)p;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
socket_method(void)
{
	BIO_METHOD *method = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mailsonde");

	if (method) {
		BIO_meth_set_read(method, socket_read);
		BIO_meth_set_write(method, socket_write);
		BIO_meth_set_ctrl(method, socket_control);
	}
	return method;
}

/* ---- the chain ---- */

static int
note_error(int good, X509_STORE_CTX *x)
{
	struct handshake *h = X509_STORE_CTX_get_app_data(x);
	struct ms_tls_facts *facts = h->facts;
	int error = X509_STORE_CTX_get_error(x);

	if (good)
		return 1;
	if (facts->errors_n == 0) {
		facts->verify_error = error;
		facts->verify_depth = X509_STORE_CTX_get_error_depth(x);
		facts->verify_text = ms_arena_printf(
		    h->arena, "%s", X509_verify_cert_error_string(error));
	}
	if (facts->errors_n < ERRORS_MAX)
		facts->errors[facts->errors_n++] = error;
	return 1;
}

static void
run_verification(struct handshake *h, X509_STORE_CTX *x, STACK_OF(X509) * chain)
{
	X509_VERIFY_PARAM *param;

	if (!X509_STORE_CTX_init(
		x, h->context->store, sk_X509_value(chain, 0), chain))
		return;
	X509_STORE_CTX_set_app_data(x, h);
	X509_STORE_CTX_set_verify_cb(x, note_error);
	param = X509_STORE_CTX_get0_param(x);
	if (h->context->now) /* else OpenSSL looks at its own clock */
		X509_VERIFY_PARAM_set_time(param, (time_t)h->context->now);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_depth(param, CHAIN_MAX);
	h->facts->verified =
	    X509_verify_cert(x) == 1 && h->facts->errors_n == 0;
	if (!h->facts->verified && !h->facts->verify_text)
		h->facts->verify_text = "the chain could not be verified";
}

/* Here, where the library has them parsed: that costs more than the rest. */
static void
verify_chain(struct handshake *h, STACK_OF(X509) * chain)
{
	X509_STORE_CTX *x = X509_STORE_CTX_new();

	h->facts->errors = MS_NEW_ARRAY(h->arena, int, ERRORS_MAX);
	if (x && chain && sk_X509_num(chain) > 0)
		run_verification(h, x, chain);
	X509_STORE_CTX_free(x);
	ERR_clear_error();
}

static void
keep_certificate(struct handshake *h, X509 *certificate)
{
	struct ms_tls_facts *facts = h->facts;
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);

	if (size > 0)
		facts->chain[facts->chain_n++] =
		    ms_arena_copy(h->arena, ms_slice_make(der, (size_t)size));
	OPENSSL_free(der);
}

/* As sent; the library would have stopped at what it does not like. */
static int
take_chain(X509_STORE_CTX *x, void *unused)
{
	SSL *ssl =
	    X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct handshake *h = SSL_get_app_data(ssl);
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(x);
	STACK_OF(X509) *kept = sk_X509_new_null();
	int n = sent ? sk_X509_num(sent) : 0;

	(void)unused;
	h->facts->chain_n = 0;
	h->facts->chain = MS_NEW_ARRAY(h->arena, struct ms_slice, CHAIN_MAX);
	for (int i = 0; kept && i < n && i < CHAIN_MAX; i++) {
		keep_certificate(h, sk_X509_value(sent, i));
		sk_X509_push(kept, sk_X509_value(sent, i));
	}
	h->facts->chain_cut = n > CHAIN_MAX;
	verify_chain(h, kept);
	sk_X509_free(kept);
	return 1;
}

/* ---- what is the same for all ---- */

/* Old versions and short keys are accepted: to be seen, not to be liked. */
static SSL_CTX *
make_ssl(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "DEFAULT:!aNULL:!eNULL:@SECLEVEL=0");
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT |
				     SSL_OP_IGNORE_UNEXPECTED_EOF |
				     SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, take_chain, NULL);
	SSL_CTX_set_max_cert_list(ctx, (long)256 * 1024);
	return ctx;
}

/* A directory's anchors are read one by one, when a chain names them. */
static bool
load_anchors(struct wire_tls_context *context)
{
	context->store = X509_STORE_new();
	return context->store &&
	       (context->ca_file
		       ? X509_STORE_load_file(context->store, context->ca_file)
		       : X509_STORE_load_path(
			     context->store, system_anchors)) == 1;
}

static bool
make(struct wire_tls_context *context)
{
	pthread_mutex_lock(&context->lock);
	if (!context->made) {
		OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
		context->ssl = make_ssl();
		context->socket = socket_method();
		if (!context->store)
			load_anchors(context);
		ERR_clear_error();
		context->made = true;
	}
	pthread_mutex_unlock(&context->lock);
	return context->ssl && context->socket && context->store;
}

struct wire_tls_context *
wire_tls_context_new(const char *ca_file, int64_t now, struct ms_diag *diag)
{
	struct wire_tls_context *context = calloc(1, sizeof(*context));

	if (!context)
		abort();
	pthread_mutex_init(&context->lock, NULL);
	context->now = now;
	if (!ca_file)
		return context;
	context->ca_file = strdup(ca_file);
	if (context->ca_file && load_anchors(context))
		return context;
	(void)ms_diag_set(diag, MS_IO,
	    "%s: holds no certificate in PEM form that can be read", ca_file);
	ERR_clear_error();
	wire_tls_context_free(context);
	return NULL;
}

void
wire_tls_context_free(struct wire_tls_context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ssl);
	X509_STORE_free(context->store);
	BIO_meth_free(context->socket);
	pthread_mutex_destroy(&context->lock);
	free(context->ca_file);
	free(context);
}

/* ---- a handshake ---- */

static const char *
error_words(struct ms_arena *arena)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	return ms_arena_printf(arena, "%s", reason ? reason : "TLS failed");
}

/* What SSL_get_error makes of a call that did not do. MS_WIRE_OK: once more.
 */
static enum ms_wire_status
after(SSL *ssl, int fd, int result, double deadline, const char **why)
{
	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return wire_wait(fd, POLLIN, deadline);
	case SSL_ERROR_WANT_WRITE:
		return wire_wait(fd, POLLOUT, deadline);
	case SSL_ERROR_ZERO_RETURN:
		*why = "the other end closed the connection";
		return MS_WIRE_CLOSED;
	case SSL_ERROR_SYSCALL:
		if (errno == 0 || errno == EAGAIN) {
			*why = "the other end closed the connection";
			return MS_WIRE_CLOSED;
		}
		*why = "the connection broke";
		return wire_status_of(errno);
	default:
		return MS_WIRE_TLS;
	}
}

static enum ms_wire_status
shake_hands(SSL *ssl, int fd, double deadline, const char **why)
{
	for (;;) {
		enum ms_wire_status status;
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_connect(ssl);
		if (result == 1)
			return MS_WIRE_OK;
		status = after(ssl, fd, result, deadline, why);
		if (status != MS_WIRE_OK)
			return status;
	}
}

/* The alert of the other end that stopped it. */
static void
note_alert(const SSL *ssl, int where, int value)
{
	struct handshake *h = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
	    (value >> 8) == SSL3_AL_FATAL)
		h->facts->alert = value & 0xff;
}

static const char *
group_name(struct ms_arena *arena, SSL *ssl)
{
	EVP_PKEY *key = NULL;
	const char *name = NULL;
	int group;

	if (!SSL_get_peer_tmp_key(ssl, &key))
		return NULL;
	group = (int)SSL_get_negotiated_group(ssl);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_DH)
		name = ms_arena_printf(arena, "DH-%d", EVP_PKEY_get_bits(key));
	else if (group != 0 && SSL_group_to_name(ssl, group))
		name =
		    ms_arena_printf(arena, "%s", SSL_group_to_name(ssl, group));
	EVP_PKEY_free(key);
	return name;
}

/* RFC 9266 2; before TLS 1.3 what was said last but one is the other one's:
 * no session is ever resumed (RFC 5929 3.1). */
static void
note_bindings(struct handshake *h, SSL *ssl)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char bytes[64];
	size_t n;

	if (SSL_version(ssl) >= TLS1_3_VERSION) {
		if (SSL_export_keying_material(ssl, bytes, 32, label,
			sizeof(label) - 1, (const unsigned char *)"", 0,
			1) == 1)
			h->facts->exporter =
			    ms_arena_copy(h->arena, ms_slice_make(bytes, 32));
		return;
	}
	n = SSL_get_finished(ssl, bytes, sizeof(bytes));
	if (n > 0 && n <= sizeof(bytes))
		h->facts->unique =
		    ms_arena_copy(h->arena, ms_slice_make(bytes, n));
}

static void
note_agreement(struct handshake *h, SSL *ssl)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
	const unsigned char *p = NULL;
	unsigned n = 0;
	long staple;

	h->facts->established = true;
	h->facts->version = SSL_get_version(ssl);
	if (cipher && SSL_CIPHER_standard_name(cipher))
		h->facts->cipher = SSL_CIPHER_standard_name(cipher);
	h->facts->group = group_name(h->arena, ssl);
	SSL_get0_alpn_selected(ssl, &p, &n);
	if (n > 0)
		h->facts->alpn =
		    ms_arena_printf(h->arena, "%.*s", (int)n, (const char *)p);
	staple = SSL_get_tlsext_status_ocsp_resp(ssl, &p);
	if (staple > 0)
		h->facts->staple =
		    ms_arena_copy(h->arena, ms_slice_make(p, (size_t)staple));
	note_bindings(h, ssl);
}

static bool
ask_for(SSL *ssl, const struct ms_tls_request *request)
{
	/* OpenSSL's macros take what is constant for what is not. */
	char *name = (char *)(uintptr_t)request->name, *list = NULL;
	char rsa[] = "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1:"
		     "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512";
	char ecdsa[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1:"
		       "ed25519:ed448";

	if (name && SSL_set_tlsext_host_name(ssl, name) != 1)
		return false;
	SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
	if (request->alpn) {
		unsigned char wire[256];
		size_t n = strlen(request->alpn);

		if (n == 0 || n > 255)
			return false;
		wire[0] = (unsigned char)n;
		memcpy(wire + 1, request->alpn, n);
		SSL_set_alpn_protos(ssl, wire, (unsigned)n + 1);
	}
	if (request->only_rsa)
		list = rsa;
	else if (request->only_ecdsa)
		list = ecdsa;
	if (list && SSL_set1_sigalgs_list(ssl, list) != 1)
		return false;
	if (request->only_rsa)
		return SSL_set_cipher_list(
			   ssl, "aRSA:!aNULL:!eNULL:@SECLEVEL=0") == 1;
	return !request->only_ecdsa ||
	       SSL_set_cipher_list(ssl, "aECDSA:!aNULL:!eNULL:@SECLEVEL=0") ==
		   1;
}

static SSL *
prepare(struct handshake *h, int fd, const struct ms_tls_request *request)
{
	SSL *ssl = SSL_new(h->context->ssl);
	BIO *bio = ssl ? BIO_new(h->context->socket) : NULL;

	if (!bio || !ask_for(ssl, request)) {
		BIO_free(bio);
		SSL_free(ssl);
		return NULL;
	}
	BIO_set_data(bio, (void *)(intptr_t)fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_app_data(ssl, h);
	SSL_set_info_callback(ssl, note_alert);
	return ssl;
}

static enum ms_wire_status
shake(struct handshake *h, SSL *ssl, int fd, double deadline,
    struct wire_tls **out)
{
	const char *why = NULL;
	enum ms_wire_status status = shake_hands(ssl, fd, deadline, &why);

	if (status == MS_WIRE_OK)
		note_agreement(h, ssl);
	else if (status == MS_WIRE_TLS)
		h->facts->error = error_words(h->arena);
	else
		h->facts->error = status == MS_WIRE_TIMEOUT
				      ? "no answer by the deadline"
				      : why;
	SSL_set_info_callback(ssl, NULL);
	SSL_set_app_data(ssl, NULL);
	if (status == MS_WIRE_OK) {
		*out = MS_NEW(h->arena, struct wire_tls);
		(*out)->ssl = ssl;
		(*out)->fd = fd;
	}
	return status;
}

enum ms_wire_status
wire_tls_start(struct wire_tls_context *context, int fd,
    const struct ms_tls_request *request, double deadline,
    struct ms_arena *arena, struct ms_tls_facts *facts, struct wire_tls **out)
{
	struct handshake h = {
		.context = context, .arena = arena, .facts = facts
	};
	enum ms_wire_status status;
	SSL *ssl;

	memset(facts, 0, sizeof(*facts));
	facts->alert = -1;
	*out = NULL;
	ssl = make(context) ? prepare(&h, fd, request) : NULL;
	if (!ssl) {
		facts->error = "OpenSSL could not be set up";
		ERR_clear_error();
		return MS_WIRE_FAILED;
	}
	status = shake(&h, ssl, fd, deadline, out);
	if (status != MS_WIRE_OK)
		SSL_free(ssl);
	ERR_clear_error();
	return status;
}

/* ---- behind it ---- */

enum ms_wire_status
wire_tls_read(struct wire_tls *tls, unsigned char *room, size_t size,
    double deadline, size_t *got, const char **why)
{
	for (;;) {
		enum ms_wire_status status;
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_read_ex(tls->ssl, room, size, got);
		if (result == 1)
			return MS_WIRE_OK;
		*got = 0;
		status = after(tls->ssl, tls->fd, result, deadline, why);
		if (status == MS_WIRE_OK)
			continue;
		if (status == MS_WIRE_TLS)
			*why = "what came is no TLS";
		tls->broken = status != MS_WIRE_CLOSED;
		ERR_clear_error();
		return status;
	}
}

enum ms_wire_status
wire_tls_write(struct wire_tls *tls, struct ms_slice bytes, double deadline,
    const char **why)
{
	while (bytes.n > 0) {
		enum ms_wire_status status;
		size_t done = 0;
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_write_ex(tls->ssl, bytes.p, bytes.n, &done);
		if (result == 1) {
			bytes = ms_slice_part(bytes, done, bytes.n);
			continue;
		}
		status = after(tls->ssl, tls->fd, result, deadline, why);
		if (status == MS_WIRE_OK)
			continue;
		tls->broken = true;
		ERR_clear_error();
		return status;
	}
	return MS_WIRE_OK;
}

void
wire_tls_close(struct wire_tls *tls)
{
	if (!tls)
		return;
	if (!tls->broken)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	ERR_clear_error();
}
