/* SPDX-License-Identifier: ISC
 * tls_ask.c - one ClientHello, one answer, one connection
 */
#include "tls_scan_priv.h"

#define ANSWER_MAX ((size_t)256 * 1024)
#define CHUNK      8192
#define PAUSE      1 /* second */

static const char *
words_of(enum ms_wire_status status, const struct ms_wire *wire)
{
	switch (status) {
	case MS_WIRE_CLOSED:
		return "the connection was closed";
	case MS_WIRE_RESET:
		return "the connection was broken off";
	case MS_WIRE_REFUSED:
		return "the connection was refused";
	case MS_WIRE_TIMEOUT:
		return "no answer in time";
	case MS_WIRE_OFFLINE:
		return "nobody may be spoken to";
	case MS_WIRE_NOT_RECORDED:
		return "the record has no such conversation";
	default:
		return wire && wire->why ? wire->why : "the connection failed";
	}
}

/* Copied: the wire, whose words they may be, is about to go. */
static void
set_why(struct tls_lane *lane, const char *why)
{
	lane->why = ms_arena_string(lane->keep, ms_slice_from(why));
}

/* Sends the hello and reads until the answer can be told. */
static enum ms_wire_status
exchange(struct tls_lane *lane, struct ms_wire *wire,
    const struct tls_hello *hello, struct tls_answer *answer)
{
	struct ms_buf out, in;
	enum ms_wire_status status;

	ms_buf_init(&out, lane->scratch);
	tls_hello_write(hello, &out);
	ms_buf_init(&in, lane->scratch);
	status = wire->write(wire, ms_buf_get(&out), NULL);
	while (status == MS_WIRE_OK && in.n < ANSWER_MAX) {
		size_t got = 0;

		status = wire->read(wire, ms_buf_room(&in, CHUNK), CHUNK, &got);
		in.n += status == MS_WIRE_OK ? got : 0;
		if (status != MS_WIRE_OK || in.n < answer->need)
			continue;
		if (tls_answer_read(lane->scratch, ms_buf_get(&in),
			hello->version == MS_SSL_2, true, answer))
			break;
	}
	return status;
}

static enum tls_asked
judge(struct tls_lane *lane, enum ms_wire_status status,
    const struct ms_wire *wire, const struct tls_answer *answer)
{
	const char *name;

	switch (answer->kind) {
	case TLS_ANSWER_HELLO:
		return TLS_PICKED;
	case TLS_ANSWER_ALERT:
		name = ms_tls_alert_name(answer->alert);
		lane->why = name ? ms_arena_printf(lane->keep, "alert %s", name)
				 : ms_arena_printf(
				       lane->keep, "alert %d", answer->alert);
		return TLS_REFUSED;
	case TLS_ANSWER_FOREIGN:
		set_why(lane, "the answer is not TLS");
		return TLS_LOST;
	default:
		set_why(lane, status == MS_WIRE_OK ? "the answer has no end"
						   : words_of(status, wire));
		return status == MS_WIRE_CLOSED ? TLS_CLOSED : TLS_LOST;
	}
}

/* One connection. */
static enum tls_asked
try(struct tls_lane *lane, const struct tls_hello *hello, const char *purpose,
    struct tls_answer *answer)
{
	const struct ms_tls_scan_request *request = lane->request;
	struct ms_wire *wire = NULL;
	enum ms_wire_status status;
	enum tls_asked asked = TLS_UNREACHED;

	memset(answer, 0, sizeof(*answer));
	lane->connections++;
	status =
	    request->reach(request->context, purpose, lane->scratch, &wire);
	if (status == MS_WIRE_OK) {
		status = exchange(lane, wire, hello, answer);
		asked = judge(lane, status, wire, answer);
		lane->spent += wire->elapsed;
		wire->close(wire);
	} else {
		lane->spent += wire ? wire->elapsed : 0;
		/* What the server itself said is worth more. */
		set_why(lane,
		    wire && wire->why ? wire->why : words_of(status, wire));
	}
	return asked;
}

static void
pause_for_a_while(struct tls_lane *lane)
{
	struct ms_wire_source *wire = lane->env->wire;

	if (wire && wire->pause)
		wire->pause(wire, PAUSE);
	lane->spent += PAUSE;
}

/* Whether one more connection may be opened. */
static bool
may_ask(struct tls_lane *lane)
{
	double seconds = lane->request->seconds;

	if (!lane->stopped && lane->connections >= lane->most) {
		lane->limit = true;
		lane->stopped = "more connections than the limit";
	}
	if (!lane->stopped && seconds > 0 && lane->spent >= seconds)
		lane->stopped = "the time is over";
	return !lane->stopped;
}

enum tls_asked
tls_ask(struct tls_lane *lane, const struct tls_hello *hello,
    const char *purpose, struct tls_answer *answer)
{
	struct ms_arena_mark mark = ms_arena_mark(lane->scratch);
	enum tls_asked asked;

	if (!may_ask(lane)) {
		lane->why = lane->stopped;
		return TLS_STOPPED;
	}
	asked = try(lane, hello, purpose, answer);
	if (asked != TLS_PICKED && asked != TLS_REFUSED && may_ask(lane)) {
		if (asked != TLS_CLOSED)
			pause_for_a_while(lane);
		asked = try(lane, hello,
		    ms_arena_printf(lane->scratch, "%s again", purpose),
		    answer);
	}
	if (asked == TLS_UNREACHED) {
		lane->stopped = lane->why;
		asked = TLS_STOPPED;
	}
	ms_arena_reset(lane->scratch, mark);
	return asked;
}

enum tls_asked
tls_ask_list(struct tls_asker *a, const uint32_t *suites, size_t suites_n,
    const uint16_t *groups, size_t groups_n, struct tls_answer *answer)
{
	struct tls_lane *lane = a->lane;
	struct ms_arena_mark mark = ms_arena_mark(lane->scratch);
	const struct tls_hello hello = { .version = a->v->code,
		.suites = suites,
		.suites_n = suites_n,
		.groups = groups,
		.groups_n = groups_n,
		.name = lane->request->name,
		.plain = a->plain };
	const char *purpose = ms_arena_printf(
	    lane->scratch, "scan %s %s %u", a->v->name, a->what, ++a->n);
	enum tls_asked asked = tls_ask(lane, &hello, purpose, answer);

	ms_arena_reset(lane->scratch, mark);
	return asked;
}
