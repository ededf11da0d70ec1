/* SPDX-License-Identifier: ISC
 * decode.c - what the addresses of a list's answer say
 */
#include "mailsonde/dnsbl.h"

/* 127.255.255.x, a convention of Spamhaus that others follow. */
static const char *
refusal(unsigned last)
{
	switch (last) {
	case 252:
		return "the list says that its name is not spelt so";
	case 254:
		return "the list refuses to answer this resolver: it is a "
		       "public one, or says not whose it is";
	case 255:
		return "the list refuses to answer this resolver: too many "
		       "questions";
	default:
		return "the list refuses to answer this resolver";
	}
}

static void
could_not_tell(
    struct ms_dnsbl_answer *out, enum ms_dnsbl_cause cause, const char *why)
{
	out->status = MS_DNSBL_UNKNOWN;
	out->cause = cause;
	out->why = why;
}

/* RFC 5782 2.1: in 127.0.0.0/8, and 127.0.0.1 is not used. False: it is no
 * word about the subject. */
static bool
is_code(struct ms_dnsbl_answer *out, const struct ms_ip *ip)
{
	const unsigned char *b = ip->b + 12; /* where IPv4 stands */

	if (!ip->v4 || b[0] != 127)
		could_not_tell(out, MS_DNSBL_REWRITTEN,
		    "the answer is none of a block list: it was rewritten on "
		    "the way");
	else if (b[1] == 255 && b[2] == 255)
		could_not_tell(out, MS_DNSBL_REFUSED, refusal(b[3]));
	else if (b[1] == 0 && b[2] == 0 && b[3] == 1)
		could_not_tell(
		    out, MS_DNSBL_REFUSED, "the list refuses to answer");
	return out->status != MS_DNSBL_UNKNOWN;
}

static bool
fits(const struct ms_dnsbl_code *code, const unsigned char b[4])
{
	for (size_t i = 0; i < 4; i++)
		if (b[i] < code->from[i] || b[i] > code->to[i])
			return false;
	return (b[3] & code->bits) == code->bits;
}

static void
add_hit(struct ms_dnsbl_answer *out, const struct ms_ip *ip, const char *text,
    enum ms_severity severity)
{
	struct ms_dnsbl_hit *hit = &out->hits[out->hits_n++];

	hit->code = *ip;
	hit->text = text;
	hit->severity = severity;
	if (severity > out->severity)
		out->severity = severity;
	out->status = MS_DNSBL_LISTED;
}

static void
read_code(struct ms_dnsbl_answer *out, const struct ms_ip *ip)
{
	const struct ms_dnsbl *list = out->list;
	size_t before = out->hits_n;

	if (!is_code(out, ip))
		return;
	for (size_t i = 0; i < list->codes_n; i++) {
		const struct ms_dnsbl_code *code = &list->codes[i];

		if (!fits(code, ip->b + 12))
			continue;
		if (code->refused) {
			could_not_tell(out, MS_DNSBL_REFUSED, code->text);
			return;
		}
		add_hit(out, ip, code->text, code->severity);
	}
	if (out->hits_n == before)
		add_hit(out, ip, NULL, list->weight);
}

void
ms_dnsbl_decode(struct ms_arena *arena, struct ms_dnsbl_answer *out)
{
	size_t most = out->list->codes_n > 0 ? out->list->codes_n : 1;

	out->hits =
	    MS_NEW_ARRAY(arena, struct ms_dnsbl_hit, out->answer.n * most);
	out->hits_n = 0;
	out->severity = MS_SEVERITY_INFO;
	for (size_t i = 0; i < out->answer.n && out->status != MS_DNSBL_UNKNOWN;
	     i++)
		read_code(out, &out->answer.records[i].u.ip);
}
