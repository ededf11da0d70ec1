/* SPDX-License-Identifier: ISC
 * unbound.c - DNSSEC validation; libunbound's one door
 *
 * Opened with dlopen when the first answer is to be validated, and done
 * without where it is missing. It asks the same resolvers, in a thread of its
 * own, and checks signatures from the trust anchor down, denials of existence
 * included (RFC 4035 5). The loop hands it questions and collects the
 * answers; deadlines, the table and the queue are those of all questions.
 */
#include "live_priv.h"
#include "mailsonde/library.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unbound.h>
#include <unistd.h>

#include "mailsonde/scan.h"

struct validator {
	struct carrier carrier; /* first; its descriptor is libunbound's */
	bool working;
	char why[160]; /* it does not */
	void *library;
	struct ub_ctx *context;
	struct ub_ctx *(*create)(void);
	void (*remove)(struct ub_ctx *);
	int (*config)(struct ub_ctx *, const char *);
	int (*forward)(struct ub_ctx *, const char *);
	int (*anchor)(struct ub_ctx *, const char *);
	int (*threads)(struct ub_ctx *, int);
	int (*log_to)(struct ub_ctx *, void *);
	int (*fd)(struct ub_ctx *);
	int (*process)(struct ub_ctx *);
	int (*resolve)(struct ub_ctx *, const char *, int, int, void *,
	    ub_callback_type, int *);
	int (*cancel)(struct ub_ctx *, int);
	void (*free_result)(struct ub_result *);
	const char *(*error)(int);
};

/* What libunbound would answer by itself, and what a lab asks about. */
static const char settings[] =
    "server:\n"
    " do-not-query-localhost: no\n"
    " unblock-lan-zones: yes\n"
    " local-zone: \"test.\" nodefault\n"
    " local-zone: \"invalid.\" nodefault\n"
    " local-zone: \"home.arpa.\" nodefault\n"
    " local-zone: \"127.in-addr.arpa.\" nodefault\n"
    " local-zone: \"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
    "0.0.0.ip6.arpa.\" nodefault\n"
    " edns-buffer-size: 1232\n"
    " outgoing-range: 512\n"
    " num-queries-per-thread: 1024\n"
    " msg-cache-size: 1m\n"
    " rrset-cache-size: 2m\n"
    " key-cache-size: 1m\n";

static bool
load(struct validator *v)
{
	const struct ms_library_function functions[] = {
		{ "ub_ctx_create", &v->create },
		{ "ub_ctx_delete", &v->remove },
		{ "ub_ctx_config", &v->config },
		{ "ub_ctx_set_fwd", &v->forward },
		{ "ub_ctx_add_ta_file", &v->anchor },
		{ "ub_ctx_async", &v->threads },
		{ "ub_ctx_debugout", &v->log_to },
		{ "ub_fd", &v->fd },
		{ "ub_process", &v->process },
		{ "ub_resolve_async", &v->resolve },
		{ "ub_cancel", &v->cancel },
		{ "ub_resolve_free", &v->free_result },
		{ "ub_strerror", &v->error },
		{ NULL, NULL },
	};

	v->library = ms_library_open("libunbound.so.8", functions);
	return v->library != NULL;
}

/* Some settings are taken from a file alone. */
static int
read_settings(struct validator *v)
{
	int fd = memfd_create("unbound.conf", MFD_CLOEXEC);
	char path[64];
	int error;

	if (fd < 0 || write(fd, settings, sizeof(settings) - 1) < 0) {
		if (fd >= 0)
			close(fd);
		return UB_READFILE;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = v->config(v->context, path);
	close(fd);
	return error;
}

static bool
fails(struct validator *v, int error, const char *what)
{
	if (error)
		snprintf(v->why, sizeof(v->why),
		    "cannot validate: libunbound, %s: %s", what,
		    v->error(error));
	return error != 0;
}

/* libunbound itself reads it when the first question comes, and says no more
 * than that it could not. */
static bool
has_anchor(struct validator *v, const char *path)
{
	if (access(path, R_OK) == 0)
		return true;
	snprintf(v->why, sizeof(v->why),
	    "cannot validate: there is no trust anchor to read at %s", path);
	return false;
}

/* The order matters: once anything was asked, nothing can be set. */
static bool
configure(struct validator *v, const struct live *live)
{
	v->context = v->create();
	if (!v->context || fails(v, v->log_to(v->context, NULL), "log") ||
	    fails(v, read_settings(v), "settings"))
		return false;
	for (unsigned i = 0; i < live->resolvers_n; i++)
		if (fails(v, v->forward(v->context, live->resolvers[i].text),
			"resolver"))
			return false;
	return has_anchor(v, live->trust_anchor) &&
	       !fails(v, v->anchor(v->context, live->trust_anchor),
		   live->trust_anchor) &&
	       !fails(v, v->threads(v->context, 1), "threads");
}

static struct validator *
open_validator(struct loop *loop)
{
	struct validator *v = live_alloc(sizeof(*v));

	memset(v, 0, sizeof(*v));
	loop->validator = v;
	if (loop->live->no_validator || !load(v)) {
		v->library = NULL;
		return v;
	}
	if (!configure(v, loop->live)) {
		if (!v->why[0])
			snprintf(v->why, sizeof(v->why),
			    "cannot validate: libunbound does not start");
		return v;
	}
	v->carrier.kind = CARRIER_UNBOUND;
	v->carrier.fd = v->fd(v->context);
	v->working = loop_watch(loop, &v->carrier, EPOLLIN);
	return v;
}

static void
fail(struct loop *loop, struct flight *flight, const char *why)
{
	struct outcome outcome = { .status = MS_DNS_BROKEN };

	outcome.why = live_alloc(strlen(why) + 1);
	memcpy(outcome.why, why, strlen(why) + 1);
	flight_settle(loop, flight, outcome);
}

/* Not the name is at fault when the chain breaks at its very beginning: the
 * resolver keeps signatures back, or the anchor is another root's. */
static bool
is_anchorless(const struct ub_result *result)
{
	return result->bogus && result->why_bogus &&
	       strstr(result->why_bogus, " for trust anchor ");
}

static void
fail_anchorless(
    struct loop *loop, struct flight *flight, const struct ub_result *result)
{
	char why[512];

	snprintf(why, sizeof(why), "cannot validate through %s: %s",
	    loop->live->resolvers[0].text, result->why_bogus);
	fail(loop, flight, why);
}

static void
take(void *data, int error, struct ub_result *result)
{
	struct flight *flight = data;
	struct loop *loop = flight->loop;
	struct validator *v = loop->validator;
	struct outcome outcome = { .resolver = loop->live->resolvers };

	flight->validation = 0;
	if (error || result->answer_len < 12) {
		fail(loop, flight, error ? v->error(error) : "no answer");
		v->free_result(result); /* may be NULL */
		return;
	}
	if (is_anchorless(result)) {
		fail_anchorless(loop, flight, result);
		v->free_result(result);
		return;
	}
	outcome.wire_n = (size_t)result->answer_len;
	outcome.wire =
	    flight_copy(flight, result->answer_packet, outcome.wire_n);
	if (result->secure)
		outcome.security = MS_DNS_SECURE;
	else if (result->bogus)
		outcome.security = MS_DNS_SECURITY_BOGUS;
	else if (result->rcode == 0 || result->rcode == 3)
		outcome.security = MS_DNS_INSECURE;
	if (result->bogus && result->why_bogus) {
		size_t n = strlen(result->why_bogus) + 1;

		outcome.why = live_alloc(n);
		memcpy(outcome.why, result->why_bogus, n);
	}
	v->free_result(result);
	flight_settle(loop, flight, outcome);
}

/* A name as libunbound takes it: every octet that is not plain is escaped. */
static void
name_text(const struct ms_dns_name *name, char out[1100])
{
	size_t at = 0;

	for (size_t i = 0; name->wire[i];) {
		size_t end = i + 1 + name->wire[i];

		for (i++; i < end; i++)
			at += (size_t)snprintf(out + at, 1100 - at,
			    ms_is(name->wire[i], MS_C_ALNUM) ? "%c" : "\\%03u",
			    name->wire[i]);
		out[at++] = '.';
	}
	if (at == 0)
		out[at++] = '.';
	out[at] = '\0';
}

bool
validator_start(struct loop *loop, struct flight *flight)
{
	struct validator *v =
	    loop->validator ? loop->validator : open_validator(loop);
	char name[1100];
	int error, id = 0;

	if (!v->library)
		return false;
	if (!v->working) {
		fail(loop, flight, v->why);
		return true;
	}
	name_text(&flight->entry->name, name);
	flight->loop = loop;
	error = v->resolve(
	    v->context, name, flight->entry->type, 1, flight, take, &id);
	if (error)
		fail(loop, flight, v->error(error));
	else
		flight->validation = id + 1;
	return true;
}

void
validator_cancel(struct loop *loop, struct flight *flight)
{
	struct validator *v = loop->validator;

	v->cancel(v->context, flight->validation - 1);
	flight->validation = 0;
}

void
validator_ready(struct loop *loop)
{
	loop->validator->process(loop->validator->context);
}

void
validator_close(struct loop *loop)
{
	struct validator *v = loop->validator;

	if (!v)
		return;
	if (v->context)
		v->remove(v->context);
	/* The library stays: it has memory of its own, and libcrypto behind
	 * it has work to do at the program's end. */
	free(v);
	loop->validator = NULL;
}
