/* SPDX-License-Identifier: ISC
 * gather.c - a source that puts off what it cannot answer at once
 */
#include "mailsonde/dns_wrap.h"
#include "mailsonde/map.h"
#include "rr_priv.h"

struct held {
	struct held *next; /* of those put off */
	struct ms_dns_question question;
	bool there;
	struct ms_dns_answer answer;
};

struct ms_dns_gather {
	struct ms_dns_source source; /* first */
	struct ms_dns_source *inner;
	struct ms_arena *arena;
	struct ms_map map; /* question to struct held */
	struct held *open; /* put off since the last wait, and how */
	struct held **end; /* they were asked for: in their order */
	size_t put_off;
	bool waits;
};

static struct ms_dns_gather *
gather_of(struct ms_dns_source *self)
{
	return (struct ms_dns_gather *)(void *)self;
}

/* The place of a question; *is_new: nobody has asked it yet. */
static struct held *
place_of(struct ms_dns_gather *gather, const struct ms_dns_question *question,
    bool *is_new)
{
	unsigned char room[RR_KEY_MAX];
	struct ms_map_entry *entry =
	    ms_map_take(&gather->map, rr_key(question, room));

	*is_new = !entry->value;
	if (*is_new) {
		entry->value = MS_NEW(gather->arena, struct held);
		((struct held *)entry->value)->question = *question;
	}
	return entry->value;
}

static void
fetch(struct ms_dns_gather *gather, struct held *held)
{
	gather->inner->query(
	    gather->inner, &held->question, gather->arena, &held->answer);
	held->there = true;
}

static void
put_off(struct ms_dns_gather *gather, struct held *held)
{
	*gather->end = held;
	gather->end = &held->next;
}

static void
gather_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	struct ms_dns_gather *gather = gather_of(self);
	struct ms_dns_source *inner = gather->inner;
	bool is_new;
	struct held *held = place_of(gather, question, &is_new);

	(void)arena; /* of the subject too, or shorter-lived */
	if (!held->there &&
	    (gather->waits || (is_new && inner->prefetch(inner, question))))
		fetch(gather, held);
	else if (is_new)
		put_off(gather, held);
	if (held->there) {
		*out = held->answer;
		return;
	}
	gather->put_off++;
	ms_dns_fail(out, MS_DNS_PUT_OFF, "not answered yet");
}

static bool
gather_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	struct ms_dns_gather *gather = gather_of(self);

	return gather->inner->prefetch(gather->inner, question);
}

static void
gather_close(struct ms_dns_source *self)
{
	(void)self;
}

struct ms_dns_gather *
ms_dns_gather_new(struct ms_arena *arena, struct ms_dns_source *inner)
{
	struct ms_dns_gather *gather = MS_NEW(arena, struct ms_dns_gather);

	gather->source = (struct ms_dns_source){ gather_query, gather_prefetch,
		gather_close };
	gather->inner = inner;
	gather->arena = arena;
	gather->end = &gather->open;
	ms_map_init(&gather->map, arena);
	return gather;
}

struct ms_dns_source *
ms_dns_gather_source(struct ms_dns_gather *gather)
{
	return &gather->source;
}

size_t
ms_dns_gather_put_off(const struct ms_dns_gather *gather)
{
	return gather->put_off;
}

/* A chain of its own that takes several round trips. */
static bool
is_slow(const struct held *held)
{
	return held->question.want & MS_DNS_VALIDATED;
}

static bool
all_slow(const struct held *held)
{
	while (held && is_slow(held))
		held = held->next;
	return !held;
}

void
ms_dns_gather_wait(struct ms_dns_gather *gather)
{
	struct ms_dns_source *inner = gather->inner;
	bool must = all_slow(gather->open);
	struct held **at = &gather->open;

	while (*at) {
		struct held *held = *at;

		if (must || !is_slow(held) ||
		    inner->prefetch(inner, &held->question)) {
			fetch(gather, held);
			*at = held->next;
		} else {
			at = &held->next;
		}
	}
	gather->end = at;
}

void
ms_dns_gather_end(struct ms_dns_gather *gather)
{
	gather->waits = true;
}
