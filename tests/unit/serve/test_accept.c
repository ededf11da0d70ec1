/* SPDX-License-Identifier: ISC
 * test_accept.c - which media type a client would have
 */
#include "mailsonde/http.h"
#include "test.h"

#define PLAIN 0
#define JSON  1
#define NONE  2

static const struct {
	const char *field;
	size_t wanted;
} rows[] = {
	{ NULL, PLAIN },
	{ "", NONE },
	{ "*/*", PLAIN },
	{ "application/json", JSON },
	{ "APPLICATION/JSON", JSON },
	{ "text/plain", PLAIN },
	{ "text/*", PLAIN },
	{ "application/*", JSON },
	{ "text/html, application/json;q=0.9, */*;q=0.8", JSON },
	{ "text/html,application/xhtml+xml,*/*;q=0.8", PLAIN },
	{ "text/plain;q=0.5, application/json", JSON },
	{ "text/plain;q=0.5, application/json;q=0.5", PLAIN },
	{ "text/plain;q=0.499,application/json;q=0.5", JSON },
	{ "application/json;q=0", NONE },
	{ "*/*, text/plain;q=0", JSON },
	{ "*/*;q=0.1, application/*;q=0.2", JSON },
	/* what Prometheus sends, in two of its ages */
	{ "application/openmetrics-text;version=1.0.0,"
	  "application/openmetrics-text;version=0.0.1;q=0.75,"
	  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	    PLAIN },
	{ "application/vnd.google.protobuf;proto=io.prometheus.client."
	  "MetricFamily;encoding=delimited,application/openmetrics-text;"
	  "version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	    PLAIN },
	{ "application/openmetrics-text", NONE },
	/* two of one type, by parameters that are nothing to us */
	{ "text/plain;q=0.2;x=1, text/plain;q=0.9, application/json;q=0.5",
	    PLAIN },
	{ "text/plain ; q=0.2 , application/json ; q=0.3", JSON },
	{ "text/plain;x=\"a,b;q=0\";q=0.2, application/json;q=0.1", PLAIN },
	/* what cannot be read is passed over */
	{ ",,;,/,json,application/json", JSON },
	{ "application/json;q=x, text/plain;q=0.1", PLAIN },
	{ "application/json;q=2, text/plain;q=0.1", PLAIN },
	{ "application /json", NONE },
	{ "application/json garbage", NONE },
	{ "text/plain;q=1.999, application/json;q=1.0", PLAIN },
	{ "\x01\xff;;=\"", NONE },
	{ "text/plain;x=\"", PLAIN },
};

static void
test_rows(void **state)
{
	static const char *const types[] = { "text/plain", "application/json" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t got = ms_http_accept(rows[i].field, types, 2);

		if (got == rows[i].wanted)
			continue;
		print_error("%s: %zu, wanted %zu\n", rows[i].field, got,
		    rows[i].wanted);
		fail();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
