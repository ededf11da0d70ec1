/* SPDX-License-Identifier: ISC
 * observe.c - a line for people about every answer
 */
#include "mailsonde/dns_wrap.h"
#include "rr_priv.h"

#define RECORDS_SHOWN 8

struct observe {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_dns_source *inner;
	void (*say)(void *context, struct ms_slice line);
	void *context;
};

static struct observe *
observe_of(struct ms_dns_source *self)
{
	return (struct observe *)(void *)self;
}

static void
put_where(struct ms_buf *out, const struct ms_dns_question *question,
    const struct ms_dns_answer *answer)
{
	if (answer->security != MS_DNS_UNCHECKED)
		ms_buf_printf(
		    out, ", %s", ms_dns_security_name(answer->security));
	if (answer->ede >= 0)
		ms_buf_printf(out, ", extended error %d %.*s", answer->ede,
		    (int)answer->ede_text.n, (const char *)answer->ede_text.p);
	if (answer->server && !question->server.set)
		ms_buf_printf(out, ", %s", answer->server);
	if (answer->seconds > 0)
		ms_buf_printf(out, ", %.0f ms", answer->seconds * 1000);
	if (ms_dns_is_failure(answer->status) && answer->why)
		ms_buf_printf(out, ": %s", answer->why);
}

static void
put_records(struct ms_buf *out, const struct ms_dns_answer *answer)
{
	for (size_t i = 0; i < answer->aliases_n; i++)
		ms_buf_printf(out, "; alias of %.*s", (int)answer->aliases[i].n,
		    (const char *)answer->aliases[i].p);
	for (size_t i = 0; i < answer->n && i < RECORDS_SHOWN; i++) {
		ms_buf_text(out, "; ");
		ms_buf_slice(
		    out, ms_dns_rdata_text(out->arena, &answer->records[i]));
	}
	if (answer->n > RECORDS_SHOWN)
		ms_buf_printf(out, "; and %zu more", answer->n - RECORDS_SHOWN);
}

static void
observe_query(struct ms_dns_source *self,
    const struct ms_dns_question *question, struct ms_arena *arena,
    struct ms_dns_answer *out)
{
	const struct observe *observe = observe_of(self);
	char type[MS_DNS_TYPE_TEXT], server[MS_DNS_SERVER_TEXT];
	struct ms_arena_mark mark;
	struct ms_buf line;

	observe->inner->query(observe->inner, question, arena, out);
	mark = ms_arena_mark(arena);
	ms_buf_init(&line, arena);
	ms_buf_slice(&line, ms_dns_name_format(arena, &question->name));
	ms_dns_type_format(question->type, type);
	ms_buf_printf(&line, " %s", type);
	if (question->server.set) {
		ms_dns_server_format(question, server);
		ms_buf_printf(&line, " at %s", server);
	}
	ms_buf_printf(&line, ": %s", ms_dns_status_name(out->status));
	put_where(&line, question, out);
	put_records(&line, out);
	observe->say(observe->context, ms_buf_get(&line));
	ms_arena_reset(arena, mark);
}

static bool
observe_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct observe *observe = observe_of(self);

	return observe->inner->prefetch(observe->inner, question);
}

static void
observe_close(struct ms_dns_source *self)
{
	struct observe *observe = observe_of(self);

	observe->inner->close(observe->inner);
	ms_arena_free(observe->arena);
}

struct ms_dns_source *
ms_dns_observe(struct ms_dns_source *inner,
    void (*say)(void *context, struct ms_slice line), void *context,
    void (*oom)(void))
{
	struct ms_arena *arena = ms_arena_new(oom);
	struct observe *observe = MS_NEW(arena, struct observe);

	observe->source.query = observe_query;
	observe->source.prefetch = inner->prefetch ? observe_prefetch : NULL;
	observe->source.close = observe_close;
	observe->arena = arena;
	observe->inner = inner;
	observe->say = say;
	observe->context = context;
	return &observe->source;
}
