/* SPDX-License-Identifier: ISC
 * reply.c - replies of SMTP and LMTP, RFC 5321 4.2, and what a refusal means
 */
#include "probe_priv.h"

/* "250-text", "250 text", "250"; the number, or 0. */
static int
code_of(struct ms_slice line, bool *more)
{
	*more = line.n > 3 && line.p[3] == '-';
	if (line.n < 3 || (line.n > 3 && line.p[3] != ' ' && !*more))
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (!ms_is(line.p[i], MS_C_DIGIT))
			return 0;
	if (line.p[0] < '1' || line.p[0] > '5')
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 +
	       (line.p[2] - '0');
}

static void
add_line(struct probe *probe, struct ms_probe_reply *out, struct ms_slice line)
{
	if (!out->lines)
		out->lines = MS_NEW_ARRAY(probe->arena, struct ms_slice,
		    probe->env->limits.reply_lines);
	if (out->n < probe->env->limits.reply_lines)
		out->lines[out->n++] = line;
	else
		out->truncated = true;
}

bool
probe_reply(struct probe *probe, struct ms_probe_reply *out)
{
	bool more = true;

	memset(out, 0, sizeof(*out));
	while (more) {
		struct ms_slice line;
		int code;

		if (!probe_line(probe, &line))
			return false;
		code = code_of(line, &more);
		if (code == 0 || (out->n > 0 && code != out->code)) {
			out->malformed = true;
			if (out->n == 0)
				add_line(probe, out, line);
			return true;
		}
		out->code = code;
		add_line(probe, out, ms_slice_part(line, 4, line.n));
		if (out->truncated) {
			probe_fail(
			    probe, MS_WIRE_LIMIT, "its reply has no end");
			return false;
		}
	}
	return true;
}

/* ---- not now ---- */

struct phrase {
	const char *text;
	enum ms_probe_deferral kind;
};

static const struct phrase phrases[] = {
	{ "greylist", MS_PROBE_GREYLISTED },
	{ "graylist", MS_PROBE_GREYLISTED },
	{ "grey list", MS_PROBE_GREYLISTED },
	{ "gray list", MS_PROBE_GREYLISTED },
	{ "postgrey", MS_PROBE_GREYLISTED },
	{ "try again in", MS_PROBE_GREYLISTED },
	{ "rate limit", MS_PROBE_RATE_LIMITED },
	{ "rate-limit", MS_PROBE_RATE_LIMITED },
	{ "ratelimit", MS_PROBE_RATE_LIMITED },
	{ " rate ", MS_PROBE_RATE_LIMITED },
	{ "at a rate", MS_PROBE_RATE_LIMITED },
	{ "too many", MS_PROBE_RATE_LIMITED },
	{ "throttl", MS_PROBE_RATE_LIMITED },
	{ "too fast", MS_PROBE_RATE_LIMITED },
	{ "concurren", MS_PROBE_RATE_LIMITED },
	{ "slow down", MS_PROBE_RATE_LIMITED },
};

static enum ms_probe_deferral
deferral_by_words(const struct ms_probe_reply *reply)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		for (size_t k = 0; k < reply->n; k++)
			if (ms_slice_find_nocase(reply->lines[k], 0,
				phrases[i].text) < reply->lines[k].n)
				return phrases[i].kind;
	return MS_PROBE_NOT_DEFERRED;
}

bool
probe_deferred(struct probe *probe, const struct ms_probe_reply *reply)
{
	enum ms_probe_deferral kind = MS_PROBE_NOT_DEFERRED;

	if (reply->code >= 400 && reply->code < 500) {
		kind = deferral_by_words(reply);
		if (kind == MS_PROBE_NOT_DEFERRED)
			kind = MS_PROBE_UNAVAILABLE;
	} else if (reply->code == 554 || reply->code == 521 ||
		   reply->code == 550) {
		kind = MS_PROBE_BLOCKED;
	}
	if (kind == MS_PROBE_NOT_DEFERRED)
		return false;
	probe->result->deferral = kind;
	probe->result->refusal = *reply;
	probe_fail(probe, MS_WIRE_OK,
	    kind == MS_PROBE_BLOCKED ? "it does not talk to this address"
				     : "it does not want to talk now");
	return true;
}

void
probe_rejected(struct probe *probe, struct ms_slice line)
{
	struct ms_probe_reply *refusal = &probe->result->refusal;

	probe->result->starttls = MS_PROBE_TLS_REJECTED;
	refusal->lines = MS_NEW(probe->arena, struct ms_slice);
	*refusal->lines = line;
	refusal->n = 1;
}

bool
probe_unwilling(struct probe *probe, const struct ms_probe_reply *greeting)
{
	probe->result->deferral = MS_PROBE_UNAVAILABLE;
	probe->result->refusal = *greeting;
	probe_fail(probe, MS_WIRE_OK, "it does not want to talk now");
	return false;
}

/* ---- something else ---- */

static const struct {
	const char *begin, *name;
} banners[] = {
	{ "* OK", "IMAP" },
	{ "* PREAUTH", "IMAP" },
	{ "* BYE", "IMAP" },
	{ "+OK", "POP3" },
	{ "-ERR", "POP3" },
	{ "SSH-", "SSH" },
	{ "HTTP/", "HTTP" },
	{ "<html", "HTTP" },
	{ "<!doctype", "HTTP" },
	{ "220", "SMTP or FTP" },
	{ "554", "SMTP" },
	{ "421", "SMTP" },
	{ "\"IMPLEMENTATION\"", "ManageSieve" },
};

bool
probe_foreign(struct probe *probe, struct ms_slice banner)
{
	const char *name = "something else";

	for (size_t i = 0; i < sizeof(banners) / sizeof(*banners); i++)
		if (ms_slice_starts(banner, banners[i].begin)) {
			name = banners[i].name;
			break;
		}
	if (banner.n > 1 && banner.p[0] == 0x15 && banner.p[1] == 0x03)
		name = "TLS";
	probe->result->wrong_protocol = true;
	probe->result->tls_where_plain |= strcmp(name, "TLS") == 0;
	probe_fail(probe, MS_WIRE_OK,
	    ms_arena_printf(probe->arena, "%s answers there, not %s", name,
		probe->result->target.protocol->name));
	return true;
}
