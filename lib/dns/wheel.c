/* SPDX-License-Identifier: ISC
 * wheel.c - timers of the live source, on a hashed wheel
 *
 * Setting and dropping one is a list operation. One that lies further ahead
 * than a turn of the wheel (4 s) is passed by until its time has come.
 */
#include "live_priv.h"

static void
list_init(struct timer *head)
{
	head->prev = head->next = head;
}

static void
list_append(struct timer *head, struct timer *timer)
{
	timer->prev = head->prev;
	timer->next = head;
	head->prev->next = timer;
	head->prev = timer;
}

static void
list_unlink(struct timer *timer)
{
	timer->prev->next = timer->next;
	timer->next->prev = timer->prev;
	timer->prev = timer->next = NULL;
}

void
wheel_init(struct wheel *wheel, live_time now)
{
	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		list_init(&wheel->slots[i]);
	list_init(&wheel->due);
	wheel->tick = now / WHEEL_TICK;
	wheel->n = 0;
}

void
wheel_set(struct wheel *wheel, struct timer *timer, live_time when)
{
	uint64_t tick = when / WHEEL_TICK + 1;

	wheel_drop(wheel, timer);
	if (tick <= wheel->tick)
		tick = wheel->tick + 1;
	timer->when = when;
	list_append(&wheel->slots[tick % WHEEL_SLOTS], timer);
	wheel->n++;
}

void
wheel_drop(struct wheel *wheel, struct timer *timer)
{
	if (!timer->next)
		return;
	list_unlink(timer);
	wheel->n--;
}

/* Moves what has run out by `now` to the list of the due. */
static void
advance(struct wheel *wheel, live_time now)
{
	uint64_t last = now / WHEEL_TICK;

	if (last > wheel->tick + WHEEL_SLOTS)
		wheel->tick = last - WHEEL_SLOTS;
	while (wheel->tick < last) {
		struct timer *head = &wheel->slots[++wheel->tick % WHEEL_SLOTS];
		struct timer *timer = head->next;

		while (timer != head) {
			struct timer *next = timer->next;

			if (timer->when <= now) {
				list_unlink(timer);
				list_append(&wheel->due, timer);
			}
			timer = next;
		}
	}
}

struct timer *
wheel_pop(struct wheel *wheel, live_time now)
{
	struct timer *timer;

	advance(wheel, now);
	timer = wheel->due.next;
	if (timer == &wheel->due)
		return NULL;
	wheel_drop(wheel, timer);
	return timer;
}

int
wheel_wait(const struct wheel *wheel, live_time now)
{
	live_time then;
	uint64_t i = 1;

	if (wheel->n == 0)
		return -1;
	while (i < WHEEL_SLOTS) {
		const struct timer *head =
		    &wheel->slots[(wheel->tick + i) % WHEEL_SLOTS];

		if (head->next != head)
			break;
		i++;
	}
	then = (wheel->tick + i) * WHEEL_TICK;
	return then <= now ? 0 : (int)((then - now) / 1000) + 1;
}
