/* SPDX-License-Identifier: ISC
 * https.c - ActiveSync and Autodiscover: whether they answer as such
 *
 * One request, HTTP/1.1 (RFC 9112), of which the status line and the fields
 * are read. What asks for a log-in is there: the answer to OPTIONS (MS-ASHTTP
 * 2.2.3) and the 401 tell which kind.
 */
#include "probe_priv.h"

#define FIELDS_MAX 128

static bool
is_activesync(const struct probe *probe)
{
	return probe->result->target.protocol->port == 443 &&
	       ms_slice_equal(
		   ms_slice_from(probe->result->target.protocol->name),
		   MS_SLICE("activesync"));
}

static bool
ask(struct probe *probe)
{
	const struct ms_probe_target *target = &probe->result->target;
	bool bracket = target->literal && !target->ip.v4;
	const char *what = is_activesync(probe)
			       ? "OPTIONS /Microsoft-Server-ActiveSync"
			       : "GET /autodiscover/autodiscover.xml";

	return probe_send(probe,
	    "%s HTTP/1.1\r\n"
	    "Host: %s%.*s%s\r\n"
	    "User-Agent: mailsonde\r\n"
	    "Accept: */*\r\n"
	    "Connection: close\r\n",
	    what, bracket ? "[" : "", PROBE_TEXT(target->host),
	    bracket ? "]" : "");
}

/* "HTTP/1.1 401 Unauthorized" */
static bool
read_status(struct probe *probe, struct ms_slice line)
{
	struct ms_scan scan = ms_scan_init(line);

	if (ms_scan_try_text(&scan, "HTTP/1.")) {
		ms_scan_skip(&scan, 1);
		ms_scan_space(&scan);
		probe->result->http.code = (int)ms_scan_number(&scan, 3, 599);
	} else {
		scan.bad = true;
	}
	if (!scan.bad && probe->result->http.code >= 100)
		return true;
	return !probe_foreign(probe, line);
}

/* realm="…" of a challenge. */
static struct ms_slice
realm_of(struct ms_slice value)
{
	size_t at = ms_slice_find_nocase(value, 0, "realm=\"");
	struct ms_slice rest;

	if (at >= value.n)
		return value;
	rest = ms_slice_part(value, at + 7, value.n);
	return ms_slice_part(rest, 0, ms_slice_find(rest, 0, '"'));
}

static void
take_field(struct probe *probe, struct ms_slice line)
{
	struct ms_probe_http *http = &probe->result->http;
	size_t colon = ms_slice_find(line, 0, ':');
	struct ms_slice name = ms_slice_part(line, 0, colon);
	struct ms_slice value =
	    ms_slice_trim(ms_slice_part(line, colon + 1, line.n));

	if (ms_slice_equal_nocase(name, MS_SLICE("Server")))
		http->server = value;
	else if (ms_slice_equal_nocase(name, MS_SLICE("Location")))
		http->location = value;
	else if (ms_slice_equal_nocase(name, MS_SLICE("MS-ASProtocolVersions")))
		http->versions = value;
	else if (ms_slice_equal_nocase(name, MS_SLICE("MS-ASProtocolCommands")))
		http->commands = value;
	else if (ms_slice_equal_nocase(name, MS_SLICE("WWW-Authenticate"))) {
		struct ms_slice rest = value;

		probe_mechanism(probe, probe_word(&rest));
		if (!http->realm.p)
			http->realm = realm_of(value);
	}
}

void
probe_https(struct probe *probe)
{
	struct ms_slice line;

	probe_phase(probe, MS_PROBE_GREETING);
	if (!ask(probe) || !probe_line(probe, &line) ||
	    !read_status(probe, line))
		return;
	for (unsigned i = 0; i < FIELDS_MAX; i++) {
		if (!probe_line(probe, &line))
			return;
		if (line.n == 0)
			break;
		take_field(probe, line);
	}
	if (probe->result->http.code == 503 || probe->result->http.code == 429)
		probe->result->deferral = MS_PROBE_UNAVAILABLE;
	probe_phase(probe, MS_PROBE_DONE);
}
