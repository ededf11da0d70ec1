/* SPDX-License-Identifier: ISC
 * ask.c - a question by text, to whichever source there is
 */
#include "mailsonde/dns.h"

#include <stdio.h>

static bool
question_of(
    struct ms_slice name, enum ms_dns_type type, struct ms_dns_question *out)
{
	*out = (struct ms_dns_question){ .type = (uint16_t)type };
	return ms_dns_name_from_text(name, &out->name);
}

static void
invalid(struct ms_dns_answer *out)
{
	ms_dns_fail(out, MS_DNS_INVALID,
	    "no such name can exist: a label is empty or over 63 octets, or "
	    "the name over 255");
}

void
ms_dns_ask(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct ms_dns_question question;

	if (question_of(name, type, &question))
		source->query(source, &question, arena, out);
	else
		invalid(out);
}

void
ms_dns_ask_server(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, const struct ms_ip *server, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	struct ms_dns_question question;

	if (!question_of(name, type, &question)) {
		invalid(out);
		return;
	}
	question.server = *server;
	source->query(source, &question, arena, out);
}

void
ms_dns_hint(
    struct ms_dns_source *source, struct ms_slice name, enum ms_dns_type type)
{
	struct ms_dns_question question;

	if (source->prefetch && question_of(name, type, &question))
		source->prefetch(source, &question);
}

void
ms_dns_hint_server(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, const struct ms_ip *server)
{
	struct ms_dns_question question;

	if (!source->prefetch || !question_of(name, type, &question))
		return;
	question.server = *server;
	source->prefetch(source, &question);
}

void
ms_dns_server_format(
    const struct ms_dns_question *question, char out[MS_DNS_SERVER_TEXT])
{
	size_t n;

	ms_ip_format(&question->server, out);
	n = strlen(out);
	snprintf(out + n, MS_DNS_SERVER_TEXT - n, "@%u",
	    question->port ? question->port : 53u);
}

bool
ms_dns_is_planned(const struct ms_dns_answer *answer)
{
	return answer->server && strncmp(answer->server, "zone ", 5) == 0;
}

void
ms_dns_ask_reverse(struct ms_dns_source *source, const struct ms_ip *ip,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct ms_dns_question question = { .type = MS_DNS_PTR };

	ms_dns_name_reverse(ip, &question.name);
	source->query(source, &question, arena, out);
}

void
ms_dns_fail(
    struct ms_dns_answer *out, enum ms_dns_status status, const char *why)
{
	memset(out, 0, sizeof(*out));
	out->status = status;
	out->why = why;
	out->rcode = out->ede = -1;
}
