/* SPDX-License-Identifier: ISC
 * test_allow.c - which servers and domains may be asked about
 */
#include "mailsonde/allow.h"
#include "test.h"

static const struct {
	const char *pattern, *target;
	bool wanted;
} targets[] = {
	{ "mx.example.org", "smtp://mx.example.org", true },
	{ "MX.Example.ORG.", "smtp://mx.example.org", true },
	{ "mx.example.org", "smtp://MX.EXAMPLE.ORG.", true },
	{ "mx.example.org", "imaps://mx.example.org", true },
	{ "mx.example.org", "smtp://mx.example.org:587", true },
	{ "mx.example.org", "smtp://mx2.example.org", false },
	{ "mx.example.org", "smtp://a.mx.example.org", false },
	{ "mx.example.org", "smtp://mx.example.org.evil.test", false },
	{ "bücher.example", "smtp://xn--bcher-kva.example", true },
	{ "xn--bcher-kva.example", "smtp://bücher.example", true },
	{ "localhost", "smtp://localhost", true },
	/* ports: a protocol's own, or the one that is named */
	{ "mx.example.org", "smtp://mx.example.org:22", false },
	{ "mx.example.org", "smtp://mx.example.org:6379", false },
	{ "mx.example.org:2525", "smtp://mx.example.org:2525", true },
	{ "mx.example.org:2525", "imap://mx.example.org:2525", true },
	{ "mx.example.org:2525", "smtp://mx.example.org", false },
	{ "smtp://mx.example.org", "smtp://mx.example.org", true },
	{ "smtp://mx.example.org", "mx.example.org:25", true },
	{ "smtp://mx.example.org", "imaps://mx.example.org", false },
	{ "smtp://mx.example.org:2525", "smtp://mx.example.org:2525", true },
	{ "smtp://mx.example.org:2525", "imap://mx.example.org:2525", false },
	/* what is below a name */
	{ "*.example.org", "smtp://mx.example.org", true },
	{ "*.example.org", "smtp://a.b.example.org", true },
	{ "*.example.org", "smtp://example.org", false },
	{ "*.example.org", "smtp://mxexample.org", false },
	{ "*.example.org", "smtp://example.org.evil.test", false },
	{ "imaps://*.example.org", "imaps://a.example.org", true },
	{ "imaps://*.example.org", "pop3s://a.example.org", false },
	/* addresses */
	{ "192.0.2.25", "smtp://192.0.2.25", true },
	{ "192.0.2.25", "smtp://192.0.2.26", false },
	{ "192.0.2.0/24", "smtp://192.0.2.26", true },
	{ "192.0.2.0/24", "smtp://[::ffff:192.0.2.26]", true },
	{ "192.0.2.0/24", "smtp://192.0.3.1", false },
	{ "192.0.2.0/24", "smtp://mx.example.org", false },
	{ "192.0.2.0/24:2525", "smtp://192.0.2.1:2525", true },
	{ "192.0.2.0/24:2525", "smtp://192.0.2.1", false },
	{ "2001:db8::/32", "smtp://[2001:db8::1]", true },
	{ "[2001:db8::/32]:2525", "smtp://[2001:db8::1]:2525", true },
	{ "[2001:db8::1]", "smtp://[2001:db8::1]", true },
	{ "[2001:db8::1]", "smtp://[2001:db8::2]", false },
	{ "mx.example.org", "smtp://192.0.2.25", false },
	{ "*.2.25", "smtp://192.0.2.25", false },
	/* all */
	{ "*", "smtp://mx.example.org", true },
	{ "*", "smtp://192.0.2.25", true },
	{ "*", "smtp://mx.example.org:22", false },
	{ "imaps://*", "imaps://mx.example.org", true },
	{ "imaps://*", "smtp://mx.example.org", false },
};

static void
test_targets(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		struct ms_probe_target target;
		struct ms_allow allow;
		const char *wrong = NULL;

		if (!ms_allow_read(arena, ms_slice_from(targets[i].pattern),
			&allow, &wrong) ||
		    !ms_probe_target_read(arena,
			ms_slice_from(targets[i].target), &target, &wrong)) {
			print_error("%s, %s: %s\n", targets[i].pattern,
			    targets[i].target, wrong);
			fail();
		}
		if (ms_allow_target(&allow, 1, &target) == targets[i].wanted)
			continue;
		print_error("%s, %s: wanted %d\n", targets[i].pattern,
		    targets[i].target, targets[i].wanted);
		fail();
	}
	ms_arena_free(arena);
}

static const struct {
	const char *pattern, *name;
	bool wanted;
} domains[] = {
	{ "example.org", "example.org", true },
	{ "example.org", "a.example.org", false },
	{ "*.example.org", "a.example.org", true },
	{ "*.example.org", "example.org", false },
	{ "*", "example.org", true },
	{ "smtp://example.org", "example.org", false },
	{ "example.org:25", "example.org", false },
	{ "192.0.2.0/24", "example.org", false },
};

static void
test_domains(void **state)
{
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(domains) / sizeof(*domains); i++) {
		struct ms_allow allow;
		const char *wrong;

		assert_true(ms_allow_read(
		    arena, ms_slice_from(domains[i].pattern), &allow, &wrong));
		if (ms_allow_domain(&allow, 1,
			ms_slice_from(domains[i].name)) == domains[i].wanted)
			continue;
		print_error("%s, %s: wanted %d\n", domains[i].pattern,
		    domains[i].name, domains[i].wanted);
		fail();
	}
	assert_false(ms_allow_domain(NULL, 0, MS_SLICE("example.org")));
	ms_arena_free(arena);
}

static void
test_wrong(void **state)
{
	static const char *const patterns[] = { "", " ", "*.", "http://a.test",
		"://a.test", "a.test:", "a.test:0", "a.test:65536",
		"a.test:25x", "[192.0.2.1", "[a.test]", "[2001:db8::1]25",
		"[2001:db8::1]:", "192.0.2.0/33", "a b", "a..b", "a*b.test",
		"*.*.test", "user@a.test", "a.test/24" };
	struct ms_arena *arena = ms_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct ms_allow allow;
		const char *wrong;

		if (!ms_allow_read(
			arena, ms_slice_from(patterns[i]), &allow, &wrong)) {
			assert_non_null(wrong);
			continue;
		}
		print_error("\"%s\" was taken\n", patterns[i]);
		fail();
	}
	ms_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
