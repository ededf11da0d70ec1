/* SPDX-License-Identifier: ISC
 * curl.c - documents over HTTPS from servers; libcurl's one door
 *
 * Opened with dlopen when the first document is wanted, and could-not-tell
 * where it is missing. It never looks a name up: every host is pinned to the
 * addresses that came with the request. No proxy, no cookies, no netrc, no
 * redirects, no other protocol; TLS 1.2 and more, the certificate verified.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fetch_priv.h"
#include "mailsonde/buf.h"
#include "mailsonde/library.h"

/* Connections are made to this name, which stands for the addresses. */
#define PIN "pinned.invalid"

#define HEADER_MAX   (64 * 1024) /* octets of a response's header */
#define HANDLES_KEPT 256
#define SEGMENT      1024

struct library {
	void *handle;
	CURLcode (*global_init)(long);
	CURL *(*init)(void);
	void (*reset)(CURL *);
	void (*cleanup)(CURL *);
	CURLcode (*setopt)(CURL *, CURLoption, ...);
	CURLcode (*getinfo)(CURL *, CURLINFO, ...);
	CURLcode (*perform)(CURL *);
	const char *(*error)(CURLcode);
	struct curl_slist *(*append)(struct curl_slist *, const char *);
	void (*free_list)(struct curl_slist *);
	curl_version_info_data *(*about)(CURLversion);
	/* Of libssl and libcrypto behind it; NULL where another TLS is. */
	void *(*store_new)(void);
	int (*store_load)(void *, const char *, const char *);
	int (*store_share)(void *);
	void (*store_free)(void *);
	void (*set_store)(void *, void *);
	void *(*tls_param)(void *);
	void (*set_time)(void *, time_t);
};

struct live {
	struct ms_fetch_source source; /* first: what callers hold */
	struct ms_arena *arena;
	const char *ca_file;
	bool at_given;
	int64_t at;
	pthread_mutex_t lock;
	bool tried, working;
	struct library library;
	void *store; /* trust anchors, read once for all; NULL: libcurl reads
			them each time */
	CURL *idle[HANDLES_KEPT];
	size_t idle_n;
};

static struct live *
live_of(struct ms_fetch_source *self)
{
	return (struct live *)(void *)self;
}

/* ---- the library ---- */

static bool
load(struct library *l)
{
	const struct ms_library_function functions[] = {
		{ "curl_global_init", &l->global_init },
		{ "curl_version_info", &l->about },
		{ "curl_easy_init", &l->init },
		{ "curl_easy_reset", &l->reset },
		{ "curl_easy_cleanup", &l->cleanup },
		{ "curl_easy_setopt", &l->setopt },
		{ "curl_easy_getinfo", &l->getinfo },
		{ "curl_easy_perform", &l->perform },
		{ "curl_easy_strerror", &l->error },
		{ "curl_slist_append", &l->append },
		{ "curl_slist_free_all", &l->free_list },
		{ NULL, NULL },
	};

	l->handle = ms_library_open("libcurl.so.4", functions);
	if (!l->handle)
		return false;
	(void)ms_library_find(l->handle, "X509_STORE_new", &l->store_new);
	(void)ms_library_find(
	    l->handle, "X509_STORE_load_locations", &l->store_load);
	(void)ms_library_find(l->handle, "X509_STORE_up_ref", &l->store_share);
	(void)ms_library_find(l->handle, "X509_STORE_free", &l->store_free);
	(void)ms_library_find(
	    l->handle, "SSL_CTX_set_cert_store", &l->set_store);
	(void)ms_library_find(l->handle, "SSL_CTX_get0_param", &l->tls_param);
	(void)ms_library_find(
	    l->handle, "X509_VERIFY_PARAM_set_time", &l->set_time);
	return l->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* The system's anchors take longer to read than a document takes to come. */
static void
read_anchors(struct live *live)
{
	const struct library *l = &live->library;
	const curl_version_info_data *about = l->about(CURLVERSION_NOW);
	const char *file = live->ca_file;

	if (!l->store_new || !l->store_load || !l->store_share ||
	    !l->store_free || !l->set_store || !l->tls_param || !l->set_time)
		return;
	if (!file && about->age >= CURLVERSION_SEVENTH)
		file = about->cainfo;
	live->store = file ? l->store_new() : NULL;
	if (!live->store || l->store_load(live->store, file, NULL) == 1)
		return;
	l->store_free(live->store);
	live->store = NULL;
}

/* NULL: there is no library. */
static CURL *
take_handle(struct live *live)
{
	CURL *out = NULL;

	pthread_mutex_lock(&live->lock);
	if (!live->tried) {
		live->working = load(&live->library);
		if (live->working)
			read_anchors(live);
	}
	live->tried = true;
	if (live->idle_n > 0)
		out = live->idle[--live->idle_n];
	else if (live->working)
		out = live->library.init();
	pthread_mutex_unlock(&live->lock);
	return out;
}

static void
give_handle(struct live *live, CURL *handle)
{
	live->library.reset(handle);
	pthread_mutex_lock(&live->lock);
	if (live->idle_n < HANDLES_KEPT) {
		live->idle[live->idle_n++] = handle;
		handle = NULL;
	}
	pthread_mutex_unlock(&live->lock);
	if (handle)
		live->library.cleanup(handle);
}

/* ---- one request ---- */

struct transfer {
	struct live *live;
	const struct library *library;
	const struct ms_fetch_request *request;
	CURL *handle;
	struct curl_slist *resolve, *connect, *header;
	struct ms_arena *arena;
	struct ms_buf body;
	size_t header_n;
	bool too_large, header_too_large;
	char error[CURL_ERROR_SIZE];
};

static size_t
take_body(char *bytes, size_t one, size_t n, void *context)
{
	struct transfer *t = context;
	size_t room = t->request->max - t->body.n;

	(void)one; /* always 1 */
	t->too_large = n > room;
	ms_buf_add(&t->body, bytes, n < room ? n : room);
	return t->too_large ? 0 : n;
}

static size_t
take_header(char *bytes, size_t one, size_t n, void *context)
{
	struct transfer *t = context;

	(void)one; /* always 1 */
	(void)bytes;
	t->header_n += n;
	t->header_too_large = t->header_n > HEADER_MAX;
	return t->header_too_large ? 0 : n;
}

/* The anchors that were read already; and certificates are judged as of the
 * time of the judgement. */
static CURLcode
prepare_tls(CURL *handle, void *context, void *data)
{
	const struct live *live = data;
	const struct library *l = &live->library;

	(void)handle;
	if (l->store_share(live->store) != 1)
		return CURLE_OUT_OF_MEMORY;
	l->set_store(context, live->store);
	if (live->at_given)
		l->set_time(l->tls_param(context), (time_t)live->at);
	return CURLE_OK;
}

static void
set_long(struct transfer *t, CURLoption option, long value)
{
	(void)t->library->setopt(t->handle, option, value);
}

static void
set_text(struct transfer *t, CURLoption option, const char *value)
{
	(void)t->library->setopt(t->handle, option, value);
}

/* What the library would otherwise do of its own accord. */
static void
set_manners(struct transfer *t)
{
	set_long(t, CURLOPT_NOSIGNAL, 1);
	set_long(t, CURLOPT_FOLLOWLOCATION, 0);
	set_long(t, CURLOPT_FORBID_REUSE, 1);
	set_long(t, CURLOPT_FRESH_CONNECT, 1);
	set_long(t, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	set_long(t, CURLOPT_HTTP09_ALLOWED, 0);
	set_text(t, CURLOPT_PROXY, "");
	set_text(t, CURLOPT_NOPROXY, "*");
	set_text(t, CURLOPT_USERAGENT, "mailsonde/" MAILSONDE_VERSION);
	set_text(t, CURLOPT_PROTOCOLS_STR,
	    t->request->allow_http ? "https,http" : "https");
}

static void
set_tls(struct transfer *t)
{
	struct live *live = t->live;

	set_long(t, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set_long(t, CURLOPT_CERTINFO, 1);
	set_long(t, CURLOPT_SSL_VERIFYPEER, 1);
	set_long(t, CURLOPT_SSL_VERIFYHOST, 2);
	/* A folder beside the file would be read anew each time. */
	set_text(t, CURLOPT_CAPATH, NULL);
	if (live->store &&
	    t->library->setopt(
		t->handle, CURLOPT_SSL_CTX_FUNCTION, prepare_tls) == CURLE_OK) {
		(void)t->library->setopt(t->handle, CURLOPT_SSL_CTX_DATA, live);
		set_text(t, CURLOPT_CAINFO, NULL);
	} else if (live->ca_file) {
		set_text(t, CURLOPT_CAINFO, live->ca_file);
	}
}

/* PIN:PORT:ADDRESS,…: no resolver is asked. */
static void
set_addresses(struct transfer *t)
{
	const struct ms_fetch_request *request = t->request;

	t->resolve = t->library->append(
	    NULL, ms_arena_printf(t->arena, PIN ":%u:%s", request->port,
		      fetch_addresses(t->arena, request)));
	t->connect = t->library->append(
	    NULL, ms_arena_printf(t->arena, "::" PIN ":%u", request->port));
	(void)t->library->setopt(t->handle, CURLOPT_RESOLVE, t->resolve);
	(void)t->library->setopt(t->handle, CURLOPT_CONNECT_TO, t->connect);
}

static void
set_post(struct transfer *t)
{
	const struct ms_fetch_request *request = t->request;

	if (!request->post_type)
		return;
	t->header = t->library->append(NULL,
	    ms_arena_printf(t->arena, "Content-Type: %s", request->post_type));
	(void)t->library->setopt(t->handle, CURLOPT_HTTPHEADER, t->header);
	set_long(t, CURLOPT_POST, 1);
	set_long(t, CURLOPT_POSTFIELDSIZE, (long)request->post.n);
	set_text(
	    t, CURLOPT_POSTFIELDS, ms_arena_string(t->arena, request->post));
}

static void
set_all(struct transfer *t)
{
	double ms = t->request->seconds * 1000;

	set_text(t, CURLOPT_URL, t->request->url);
	set_manners(t);
	set_tls(t);
	set_addresses(t);
	set_post(t);
	set_long(t, CURLOPT_TIMEOUT_MS, ms < 1 ? 1 : (long)ms);
	set_long(t, CURLOPT_CONNECTTIMEOUT_MS, ms < 1 ? 1 : (long)ms);
	(void)t->library->setopt(t->handle, CURLOPT_WRITEFUNCTION, take_body);
	(void)t->library->setopt(t->handle, CURLOPT_WRITEDATA, t);
	(void)t->library->setopt(
	    t->handle, CURLOPT_HEADERFUNCTION, take_header);
	(void)t->library->setopt(t->handle, CURLOPT_HEADERDATA, t);
	(void)t->library->setopt(t->handle, CURLOPT_ERRORBUFFER, t->error);
}

/* ---- what came of it ---- */

static long
info_long(const struct transfer *t, CURLINFO info)
{
	long out = 0;

	(void)t->library->getinfo(t->handle, info, &out);
	return out;
}

static const char *
info_text(const struct transfer *t, CURLINFO info)
{
	char *out = NULL;

	(void)t->library->getinfo(t->handle, info, &out);
	return out ? ms_arena_string(t->arena, ms_slice_from(out)) : NULL;
}

/* The first of the chain, as "Cert:" and PEM; NULL. */
static const char *
info_certificate(const struct transfer *t)
{
	static const char name[] = "Cert:";
	struct curl_certinfo *info = NULL;

	(void)t->library->getinfo(t->handle, CURLINFO_CERTINFO, &info);
	if (!info || info->num_of_certs < 1)
		return NULL;
	for (struct curl_slist *l = info->certinfo[0]; l; l = l->next)
		if (strncmp(l->data, name, strlen(name)) == 0)
			return ms_arena_string(
			    t->arena, ms_slice_from(l->data + strlen(name)));
	return NULL;
}

static void
say(struct ms_fetch *out, enum ms_fetch_status status, const char *why)
{
	out->status = status;
	out->why = why;
}

static void
judge_response(const struct transfer *t, struct ms_fetch *out)
{
	out->location = info_text(t, CURLINFO_REDIRECT_URL);
	if (out->code == 200)
		say(out, MS_FETCH_FOUND, NULL);
	else if (out->location)
		say(out, MS_FETCH_REDIRECTED,
		    ms_arena_printf(t->arena, "the server redirects to %.200s",
			out->location));
	else
		say(out,
		    out->code == 429 || out->code >= 500 ? MS_FETCH_NO_ANSWER
							 : MS_FETCH_HTTP,
		    ms_arena_printf(
			t->arena, "the server answers %d", out->code));
}

static void
judge_certificate(const struct transfer *t, struct ms_fetch *out)
{
	static const char lead[] = "SSL certificate problem: ";
	bool problem = strncmp(t->error, lead, strlen(lead)) == 0;

	/* Of the name libcurl itself thinks, when OpenSSL is content. */
	if (!problem && strstr(t->error, "target host name")) {
		out->verify_error = MS_FETCH_WRONG_NAME;
		say(out, MS_FETCH_CERTIFICATE,
		    "the certificate does not bear the name of the host");
		return;
	}
	out->verify_error = (int)info_long(t, CURLINFO_SSL_VERIFYRESULT);
	say(out, MS_FETCH_CERTIFICATE,
	    ms_arena_printf(t->arena,
		"the certificate is not to be trusted: %s",
		problem ? t->error + strlen(lead) : t->error));
}

/* OpenSSL's words behind the last colon; a handshake that breaks off is
 * another matter than one that is refused. */
static void
judge_handshake(const struct transfer *t, struct ms_fetch *out)
{
	const char *text = strstr(t->error, "error:");
	const char *colon = text ? strrchr(text, ':') : NULL;

	if (!colon)
		say(out, MS_FETCH_BROKEN,
		    "the connection breaks off during the TLS handshake");
	else
		say(out, MS_FETCH_TLS,
		    ms_arena_printf(
			t->arena, "the TLS handshake fails: %s", colon + 1));
}

static void
judge_connection(const struct transfer *t, struct ms_fetch *out)
{
	long error = info_long(t, CURLINFO_OS_ERRNO);

	if (error == ECONNREFUSED)
		say(out, MS_FETCH_REFUSED, "the server refuses the connection");
	else
		say(out, MS_FETCH_UNREACHABLE, "the server cannot be reached");
}

static void
judge(const struct transfer *t, CURLcode code, struct ms_fetch *out)
{
	if (t->too_large)
		say(out, MS_FETCH_TOO_LARGE,
		    ms_arena_printf(t->arena, "it is larger than %zu octets",
			t->request->max));
	else if (code == CURLE_OK)
		judge_response(t, out);
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		judge_certificate(t, out);
	else if (code == CURLE_SSL_CONNECT_ERROR)
		judge_handshake(t, out);
	else if (code == CURLE_COULDNT_CONNECT)
		judge_connection(t, out);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		say(out, MS_FETCH_TIMEOUT,
		    ms_arena_printf(t->arena, "no answer within %g seconds",
			t->request->seconds));
	else if (code == CURLE_URL_MALFORMAT ||
		 code == CURLE_UNSUPPORTED_PROTOCOL)
		say(out, MS_FETCH_BAD_URL, "the URL cannot be asked for");
	else if (code == CURLE_SSL_CACERT_BADFILE)
		say(out, MS_FETCH_UNAVAILABLE,
		    "the trust anchors cannot be read");
	else if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
		 code == CURLE_GOT_NOTHING)
		say(out, MS_FETCH_BROKEN, "the answer breaks off");
	else
		say(out, MS_FETCH_BROKEN,
		    t->header_too_large ? "the header of the answer has no end"
					: t->library->error(code));
}

static double
read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
fill(struct transfer *t, CURLcode code, struct ms_fetch *out)
{
	const char *ip = info_text(t, CURLINFO_PRIMARY_IP);

	out->code = (int)info_long(t, CURLINFO_RESPONSE_CODE);
	out->type = info_text(t, CURLINFO_CONTENT_TYPE);
	if (ip && *ip)
		out->server = ms_arena_printf(
		    t->arena, "%s:%u", ip, (unsigned)t->request->port);
	out->body = ms_buf_get(&t->body);
	out->certificate = info_certificate(t);
	judge(t, code, out);
}

/* A connection that breaks off while it is written to must not end the
 * program: libcurl leaves that to whoever wants no handlers of its own
 * (CURLOPT_NOSIGNAL). */
static CURLcode
perform(const struct transfer *t)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t pipe, before;
	CURLcode code;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	code = t->library->perform(t->handle);
	if (!sigismember(&before, SIGPIPE))
		(void)sigtimedwait(&pipe, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static void
run(struct transfer *t, struct ms_fetch *out)
{
	double started = read_clock(CLOCK_MONOTONIC);
	CURLcode code;

	ms_buf_init(&t->body, t->arena);
	(void)ms_buf_room(&t->body, SEGMENT);
	set_all(t);
	code = perform(t);
	fill(t, code, out);
	out->seconds = read_clock(CLOCK_MONOTONIC) - started;
	out->time = (int64_t)read_clock(CLOCK_REALTIME);
	t->library->free_list(t->resolve);
	t->library->free_list(t->connect);
	t->library->free_list(t->header);
}

static void
live_fetch(struct ms_fetch_source *self, const struct ms_fetch_request *request,
    struct ms_arena *arena, struct ms_fetch *out)
{
	struct live *live = live_of(self);
	struct transfer t = {
		.live = live,
		.library = &live->library,
		.request = request,
		.arena = arena,
	};

	memset(out, 0, sizeof(*out));
	if (request->barred || request->ips_n == 0) {
		say(out, MS_FETCH_NO_ADDRESS,
		    request->barred ? request->barred : "it has no address");
		return;
	}
	if (request->seconds <= 0) {
		say(out, MS_FETCH_TIMEOUT, "no time was left (--timeout)");
		return;
	}
	t.handle = take_handle(live);
	if (!t.handle) {
		say(out, MS_FETCH_UNAVAILABLE,
		    "libcurl.so.4, which fetches documents, is not installed");
		return;
	}
	run(&t, out);
	give_handle(live, t.handle);
}

static void
live_close(struct ms_fetch_source *self)
{
	struct live *live = live_of(self);

	/* The library stays, as libunbound does: libcrypto behind it has work
	 * to do at the program's end. */
	for (size_t i = 0; i < live->idle_n; i++)
		live->library.cleanup(live->idle[i]);
	if (live->store)
		live->library.store_free(live->store);
	pthread_mutex_destroy(&live->lock);
	ms_arena_free(live->arena);
}

struct ms_fetch_source *
ms_fetch_live(const struct ms_fetch_live_options *options)
{
	struct ms_arena *arena = ms_arena_new(options->oom);
	struct live *live = MS_NEW(arena, struct live);

	live->source.fetch = live_fetch;
	live->source.close = live_close;
	live->arena = arena;
	live->ca_file = options->ca_file;
	live->at_given = options->at_given;
	live->at = options->at;
	pthread_mutex_init(&live->lock, NULL);
	return &live->source;
}
