/* SPDX-License-Identifier: ISC
 * fetch_url.h - a document by its URL: its host looked up, redirects followed
 */
#ifndef MAILSONDE_FETCH_URL_H
#define MAILSONDE_FETCH_URL_H

#include "mailsonde/env.h"

struct ms_fetch_url {
	struct ms_slice url;   /* as found: any octets */
	const char *post_type; /* POST, with this media type; NULL: GET */
	struct ms_slice post;
	size_t max;         /* octets of the body; 0: limits->fetch_size */
	unsigned redirects; /* followed, to https alone */
	bool allow_http;    /* of the URL itself */
};

/* Gets it, with what `env` has: its DNS says where the host is unless
 * --connect-to does, and special-purpose addresses are not connected to unless
 * --allow-net has them, for a name that strangers publish may lead anywhere.
 * Within limits->fetch_seconds and env->timeout, redirects included. */
void ms_fetch_url(const struct ms_env *env, const struct ms_fetch_url *request,
    struct ms_arena *arena, struct ms_fetch *out);

#endif
