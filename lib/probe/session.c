/* SPDX-License-Identifier: ISC
 * session.c - one conversation with a server: lines, phases, transcript
 */
#include "probe_priv.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- time ---- */

double
probe_left(const struct probe *probe)
{
	return probe->env->timeout - probe->used;
}

static double *
timing_of(struct ms_probe_result *result, enum ms_probe_phase phase)
{
	struct ms_probe_timing *timing = &result->timing;

	switch (phase) {
	case MS_PROBE_CONNECT:
		return &timing->connect;
	case MS_PROBE_BANNER:
		return &timing->banner;
	case MS_PROBE_GREETING:
		return &timing->greeting;
	case MS_PROBE_HANDSHAKE:
		return &timing->tls;
	case MS_PROBE_LOGIN:
		return &result->login.seconds;
	case MS_PROBE_QUIT:
		return &timing->quit;
	default:
		return NULL;
	}
}

void
probe_phase(struct probe *probe, enum ms_probe_phase phase)
{
	double now = probe->wire ? probe->wire->elapsed : 0;
	double *took = timing_of(probe->result, probe->result->phase);

	if (took && *took < 0)
		*took = now - probe->phase_began;
	probe->phase_began = now;
	probe->result->phase = phase;
	if (probe->wire && phase > MS_PROBE_BANNER)
		probe->wire->until = 0;
}

/* ---- transcript ---- */

static void
note(struct probe *probe, char who, struct ms_slice text)
{
	struct ms_probe_result *result = probe->result;
	struct ms_probe_exchange *exchange;

	if (!probe->options->transcript)
		return;
	exchange = MS_NEW(probe->arena, struct ms_probe_exchange);
	exchange->at = probe->wire ? probe->wire->elapsed : 0;
	exchange->who = who;
	exchange->secured = probe->secured;
	exchange->text = text;
	if (result->transcript_last)
		result->transcript_last->next = exchange;
	else
		result->transcript = exchange;
	result->transcript_last = exchange;
	result->transcript_n++;
}

static struct ms_slice __attribute__((format(printf, 2, 0)))
print(struct ms_arena *arena, const char *format, va_list args)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), format, args);

	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = (int)sizeof(text) - 1;
	return ms_arena_copy(arena, ms_slice_make(text, (size_t)n));
}

void
probe_remark(struct probe *probe, const char *format, ...)
{
	va_list args;

	if (!probe->options->transcript)
		return;
	va_start(args, format);
	note(probe, '-', print(probe->arena, format, args));
	va_end(args);
}

/* ---- the connection ---- */

enum ms_wire_status
probe_open(struct probe *probe, const char *what, const struct ms_ip *ip,
    double connecting)
{
	const struct ms_probe_target *target = &probe->result->target;
	struct ms_wire_request request = {
		.purpose = ms_arena_printf(probe->arena, "%s://%.*s %s",
		    target->protocol->name, PROBE_TEXT(target->host), what),
		.ip = *ip,
		.port = probe->port,
		.seconds = probe_left(probe),
		.connecting = connecting,
	};
	struct ms_wire *wire;
	enum ms_wire_status status;
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	if (request.seconds <= 0)
		return MS_WIRE_TIMEOUT;
	probe->result->connections++;
	status = probe->env->wire->open(
	    probe->env->wire, &request, probe->arena, &wire);
	probe->wire = wire;
	probe->secured = false;
	probe->within = probe->stepping = false;
	probe->literal = probe->hidden = false;
	probe->over = false;
	probe_remark(probe, "%s port %u: %s", text, probe->port,
	    status == MS_WIRE_OK ? "connected"
	    : wire->why          ? wire->why
				 : ms_wire_status_name(status));
	if (status == MS_WIRE_OK) {
		ms_wire_reader_init(&probe->reader, wire, probe->arena,
		    probe->env->limits.wire_line);
		return status;
	}
	probe->result->why = wire->why;
	probe->used += wire->elapsed;
	probe->wire = NULL;
	return status;
}

void
probe_close(struct probe *probe)
{
	if (!probe->wire)
		return;
	probe->result->bare_lf |= probe->reader.bare_lf;
	probe->result->line_cut |= probe->reader.cut;
	probe->used += probe->wire->elapsed;
	probe->wire->close(probe->wire);
	probe->wire = NULL;
}

void
probe_fail(struct probe *probe, enum ms_wire_status status, const char *why)
{
	if (probe->over)
		return;
	probe->over = true;
	probe->result->status = status;
	probe->result->why = why ? why : ms_wire_status_name(status);
	probe_remark(probe, "%s", probe->result->why);
}

/* What came and is no whole line. */
static void
note_pending(struct probe *probe)
{
	struct ms_slice pending = ms_wire_reader_pending(&probe->reader);

	if (pending.n > 0 && !probe->reader.veil)
		note(probe, 'S', ms_arena_copy(probe->arena, pending));
}

bool
probe_line(struct probe *probe, struct ms_slice *out)
{
	enum ms_wire_status status;

	*out = ms_slice_make(NULL, 0);
	if (probe->over)
		return false;
	status = ms_wire_read_line(&probe->reader, out);
	if (status == MS_WIRE_OK) {
		note(probe, 'S', probe->reader.shown);
		if (!probe->hidden) /* the driver needs a challenge */
			*out = probe->reader.shown;
		return true;
	}
	note_pending(probe);
	probe_fail(probe, status, probe->wire->why);
	return false;
}

bool
probe_line_within(struct probe *probe, double seconds, struct ms_slice *out)
{
	enum ms_wire_status status;

	*out = ms_slice_make(NULL, 0);
	if (probe->over)
		return false;
	probe->wire->until = probe->wire->elapsed + seconds;
	status = ms_wire_read_line(&probe->reader, out);
	probe->wire->until = 0;
	if (status == MS_WIRE_OK)
		note(probe, 'S', probe->reader.shown);
	else if (status != MS_WIRE_TIMEOUT || probe_left(probe) <= 0)
		probe_fail(probe, status, probe->wire->why);
	return !probe->over;
}

bool
probe_octets(struct probe *probe, size_t n, struct ms_slice *out)
{
	enum ms_wire_status status;

	*out = ms_slice_make(NULL, 0);
	if (probe->over)
		return false;
	status = ms_wire_read_octets(&probe->reader, n, out);
	if (status != MS_WIRE_OK)
		probe_fail(probe, status, probe->wire->why);
	else
		probe_remark(probe, "%zu octets", n);
	return status == MS_WIRE_OK;
}

/* A line each in the transcript. */
static void
note_sent(struct probe *probe, struct ms_slice text)
{
	size_t at = 0, end;

	for (; (end = ms_slice_find_nocase(text, at, "\r\n")) < text.n;
	     at = end + 2)
		note(probe, 'C', ms_slice_part(text, at, end));
	note(probe, 'C', ms_slice_part(text, at, text.n));
}

bool
probe_send(struct probe *probe, const char *format, ...)
{
	enum ms_wire_status status;
	struct ms_slice text;
	va_list args;

	if (probe->over)
		return false;
	va_start(args, format);
	text = print(probe->arena, format, args);
	va_end(args);
	note_sent(probe, text);
	text = ms_slice_from(
	    ms_arena_printf(probe->arena, "%.*s\r\n", PROBE_TEXT(text)));
	status = probe->wire->write(probe->wire, text, NULL);
	if (status != MS_WIRE_OK)
		probe_fail(probe, status, probe->wire->why);
	return status == MS_WIRE_OK;
}

struct ms_slice
probe_recall(struct probe *probe, struct ms_slice word)
{
	return probe->wire->recall ? probe->wire->recall(probe->wire, word)
				   : word;
}

bool
probe_send_secret(struct probe *probe, struct ms_slice bytes, const char *shown)
{
	enum ms_wire_status status;

	if (probe->over)
		return false;
	note(probe, 'C', ms_slice_from(shown));
	status = probe->wire->write(
	    probe->wire, bytes, ms_arena_printf(probe->arena, "%s\r\n", shown));
	if (status != MS_WIRE_OK)
		probe_fail(probe, status, probe->wire->why);
	return status == MS_WIRE_OK;
}

bool
probe_write(struct probe *probe, struct ms_slice bytes, const char *what)
{
	enum ms_wire_status status;

	if (probe->over)
		return false;
	probe_remark(probe, "%s, %zu octets", what, bytes.n);
	status = probe->wire->write(probe->wire, bytes, NULL);
	if (status != MS_WIRE_OK)
		probe_fail(probe, status, probe->wire->why);
	return status == MS_WIRE_OK;
}

void
probe_leave(struct probe *probe, const char *word)
{
	struct ms_slice text =
	    ms_slice_from(ms_arena_printf(probe->arena, "%s\r\n", word));

	note(probe, 'C', ms_slice_from(word));
	(void)probe->wire->write(probe->wire, text, NULL);
}

/* ---- TLS ---- */

static void
remark_tls(struct probe *probe, const struct ms_tls_facts *tls)
{
	if (tls->established)
		probe_remark(probe, "TLS: %s, %s%s%s", tls->version,
		    tls->cipher ? tls->cipher : "?", tls->group ? ", " : "",
		    tls->group ? tls->group : "");
	else
		probe_remark(probe, "TLS: %s", tls->error);
}

bool
probe_handshake(struct probe *probe)
{
	const struct ms_probe_target *target = &probe->result->target;
	struct ms_tls_request request = {
		.name = target->literal
			    ? NULL
			    : ms_arena_string(probe->arena, target->host),
	};
	struct ms_tls_facts *tls = &probe->result->tls;
	enum ms_wire_status status;

	if (probe->over)
		return false;
	if (probe->reaching) {
		probe->reached = probe->over = true;
		return false;
	}
	probe_phase(probe, MS_PROBE_HANDSHAKE);
	if (ms_wire_reader_pending(&probe->reader).n > 0) {
		probe->result->injected = true;
		ms_wire_reader_drop(&probe->reader);
	}
	if (target->protocol->service == MS_PROBE_HTTPS)
		request.alpn = "http/1.1";
	probe->result->tls_tried = true;
	status = probe->wire->starttls(probe->wire, &request, tls);
	remark_tls(probe, tls);
	if (status != MS_WIRE_OK) {
		probe_fail(probe, status, tls->error);
		return false;
	}
	probe->secured = true;
	probe_phase(probe, MS_PROBE_SECURED);
	return true;
}

void
probe_further(struct probe *probe)
{
	const struct ms_probe_options *options = probe->options;

	if (options->then && !probe->over &&
	    (!options->login || probe->result->login.outcome == MS_LOGIN_OK))
		options->then(probe, options->context);
}
