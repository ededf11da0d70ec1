/* SPDX-License-Identifier: ISC
 * test_binding.c - channel bindings: what the other end of the connection has
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailsonde/digest.h"
#include "mailsonde/wire.h"

#include "test.h"
#include "tls_server.h"

static char folder[] = "/tmp/binding.XXXXXX";
static bool have_keys;

static void
shake(struct ms_arena *arena, uint16_t port, struct ms_tls_facts *facts)
{
	const struct ms_wire_live_options options = { .now = 0 };
	struct ms_wire_request request = {
		.purpose = "t", .port = port, .seconds = 10
	};
	const struct ms_tls_request tls = { .name = "mx.example" };
	struct ms_wire_source *source;
	struct ms_wire *wire;
	struct ms_diag diag;

	assert_true(ms_ip_parse(MS_SLICE("127.0.0.1"), &request.ip));
	assert_int_equal(ms_wire_live_open(&options, &source, &diag), MS_OK);
	assert_int_equal(
	    source->open(source, &request, arena, &wire), MS_WIRE_OK);
	assert_int_equal(wire->starttls(wire, &tls, facts), MS_WIRE_OK);
	wire->close(wire);
	source->close(source);
}

/* What it prints, to where it says goodbye. */
static struct ms_slice
printed_by(struct ms_arena *arena, struct tls_server *server)
{
	struct ms_buf text;
	char room[1024];
	ssize_t n;

	ms_buf_init(&text, arena);
	while (ms_slice_find_text(ms_buf_get(&text), 0, "ERROR") == text.n &&
	       ms_slice_find_text(ms_buf_get(&text), 0, "DONE") == text.n &&
	       ms_slice_find_text(ms_buf_get(&text), 0, "CONNECTION CLOSED") ==
		   text.n &&
	       (n = read(server->out, room, sizeof(room))) > 0)
		ms_buf_add(&text, room, (size_t)n);
	return ms_buf_get(&text);
}

/* RFC 9266 2. */
static void
test_exporter(void **state)
{
	static const char *const words[] = { "-cert", "rsa.pem", "-tls1_3",
		"-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen",
		"32", "-naccept", "1", NULL };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct tls_server server;
	struct ms_tls_facts facts;
	struct ms_slice printed;
	char hex[65];

	(void)state;
	if (!have_keys || chdir(folder) != 0)
		skip();
	assert_true(tls_server_start(&server, words));
	shake(arena, server.port, &facts);
	printed = printed_by(arena, &server);
	tls_server_stop(&server);
	assert_int_equal(facts.exporter.n, 32);
	assert_null(facts.unique.p);
	ms_hex(facts.exporter.p, 32, hex);
	if (ms_slice_find_nocase(printed, 0, hex) == printed.n)
		fail_msg("%s is not in %.*s", hex, (int)printed.n,
		    (const char *)printed.p);
	ms_arena_free(arena);
}

/* RFC 5929 3: the Finished of the client, twelve octets. That both ends have
 * the same is what tests/cli/run_login.sh sees, tied to TLS 1.2. */
static void
test_unique(void **state)
{
	static const char *const words[] = { "-cert", "rsa.pem", "-tls1_2",
		"-naccept", "1", NULL };
	struct ms_arena *arena = ms_arena_new(NULL);
	struct tls_server server;
	struct ms_tls_facts facts;

	(void)state;
	if (!have_keys || chdir(folder) != 0)
		skip();
	assert_true(tls_server_start(&server, words));
	shake(arena, server.port, &facts);
	tls_server_stop(&server);
	assert_int_equal(facts.unique.n, 12);
	assert_null(facts.exporter.p);
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exporter),
		cmocka_unit_test(test_unique),
	};
	static const char *const names[] = { "rsa.pem", "rsa.key", "rsa.crt",
		"ecdsa.pem", "ecdsa.key", "ecdsa.crt", NULL };
	int failed;

	have_keys = mkdtemp(folder) && tls_server_keys(folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; chdir(folder) == 0 && names[i]; i++)
		unlink(names[i]);
	rmdir(folder);
	return failed;
}
