/* SPDX-License-Identifier: ISC
 * test_record.c - places and public suffixes, recorded and replayed
 */
#include "mailsonde/geo.h"
#include "mailsonde/ledger.h"
#include "mailsonde/psl.h"
#include "test.h"

static struct ms_arena *arena;
static struct ms_buf file;

static bool
take(void *context, struct ms_slice bytes)
{
	(void)context;
	ms_buf_slice(&file, bytes);
	return true;
}

static int
set_up(void **state)
{
	(void)state;
	arena = ms_arena_new(NULL);
	ms_buf_init(&file, arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ms_arena_free(arena);
	return 0;
}

static struct ms_ip
address(const char *text)
{
	struct ms_ip ip;

	assert_true(ms_ip_parse(ms_slice_from(text), &ip));
	return ip;
}

/* ---- places ---- */

static enum ms_status
fake_lookup(struct ms_geo_source *self, const struct ms_ip *ip,
    struct ms_geo_place *out)
{
	(void)self;
	memset(out, 0, sizeof(*out));
	if (ip->b[15] == 0)
		return MS_FORMAT;
	if (ip->b[15] != 1)
		return MS_OK;
	out->found = out->has_location = out->country_registered = true;
	out->country = MS_SLICE("DE");
	out->country_name = MS_SLICE("Germany");
	out->city = MS_SLICE("K\xc3\xb6ln \"\xff");
	out->region = MS_SLICE("");
	out->latitude = 50.94;
	out->longitude = -0.1;
	out->accuracy_km = 20;
	out->asn = 4294967295;
	return MS_OK;
}

static void
fake_close(struct ms_geo_source *self)
{
	(void)self;
}

static void
same_slice(struct ms_slice a, struct ms_slice b)
{
	assert_int_equal(a.n, b.n);
	assert_int_equal(a.p == NULL, b.p == NULL);
	if (a.n > 0)
		assert_memory_equal(a.p, b.p, a.n);
}

static void
same_place(const struct ms_geo_place *a, const struct ms_geo_place *b)
{
	same_slice(a->country, b->country);
	same_slice(a->country_name, b->country_name);
	same_slice(a->city, b->city);
	same_slice(a->region, b->region);
	same_slice(a->organization, b->organization);
	assert_int_equal(a->found, b->found);
	assert_int_equal(a->country_registered, b->country_registered);
	assert_int_equal(a->has_location, b->has_location);
	assert_memory_equal(&a->latitude, &b->latitude, sizeof(double));
	assert_memory_equal(&a->longitude, &b->longitude, sizeof(double));
	assert_int_equal(a->asn, b->asn);
	assert_int_equal(a->accuracy_km, b->accuracy_km);
}

static const char *const addresses[] = { "192.0.2.0", "192.0.2.1", "192.0.2.2",
	"2001:db8::1" };

static void
test_geo(void **state)
{
	static const struct ms_geo_database database = { "/a b", "Fake-City",
		"for \"tests\"", 1600000000, 6, true };
	struct ms_geo_source fake = { fake_lookup, fake_close, &database, 1 };
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);
	struct ms_geo_source *source = ms_geo_record(&fake, ledger, NULL);
	struct ms_geo_place before[4], after;
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_buf databases;
	size_t lines = 0;

	(void)state;
	assert_ptr_equal(source->databases, &database);
	for (size_t i = 0; i < 8; i++) {
		struct ms_ip ip = address(addresses[i % 4]);

		assert_int_equal(source->lookup(source, &ip, &before[i % 4]),
		    i % 4 == 0 ? MS_FORMAT : MS_OK);
	}
	ms_buf_init(&databases, arena);
	ms_geo_record_databases(&databases, source);
	assert_true(ms_ledger_close(ledger, true));
	source->close(source);

	source =
	    ms_geo_replay(ms_json_read(arena, ms_buf_get(&databases)), NULL);
	assert_int_equal(source->n, 1);
	assert_string_equal(source->databases[0].path, "/a b");
	assert_string_equal(source->databases[0].type, "Fake-City");
	assert_string_equal(source->databases[0].description, "for \"tests\"");
	assert_int_equal(source->databases[0].build, 1600000000);
	assert_true(source->databases[0].embedded);
	ms_ledger_start(&reader, ms_buf_get(&file));
	while (ms_ledger_next(&reader, arena, &line, NULL) == MS_OK) {
		assert_int_equal(ms_geo_replay_add(source, line), MS_OK);
		assert_int_equal(ms_geo_replay_add(source, line), MS_FORMAT);
		lines++;
	}
	assert_int_equal(lines, 4);
	for (size_t i = 0; i < 4; i++) {
		struct ms_ip ip = address(addresses[i]);

		assert_int_equal(source->lookup(source, &ip, &after),
		    i == 0 ? MS_FORMAT : MS_OK);
		same_place(&before[i], &after);
	}
	source->close(source);
	source = ms_geo_replay(NULL, NULL);
	assert_int_equal(source->n, 0);
	source->close(source);
}

/* ---- public suffixes ---- */

static void
fake_ask(struct ms_psl *self, struct ms_slice domain, struct ms_arena *to,
    struct ms_psl_answer *out)
{
	(void)self;
	memset(out, 0, sizeof(*out));
	out->name = ms_psl_normalise(domain, to);
	if (!out->name.p)
		return;
	out->known = true;
	out->suffix = MS_SLICE("co.uk");
	if (out->name.n > 5)
		out->registrable = MS_SLICE("example.co.uk");
	out->section = MS_PSL_PRIVATE;
}

static struct ms_psl_about
fake_about(struct ms_psl *self)
{
	struct ms_psl_about about = { "/list", 1600000000 };

	(void)self;
	return about;
}

static void
fake_psl_close(struct ms_psl *self)
{
	(void)self;
}

static void
test_psl(void **state)
{
	struct ms_psl fake = { fake_ask, fake_about, fake_psl_close };
	struct ms_ledger *ledger = ms_ledger_new(take, NULL, NULL);
	struct ms_psl *psl = ms_psl_record(&fake, ledger, NULL);
	struct ms_psl_about about = psl->about(psl);
	struct ms_ledger_reader reader;
	const struct ms_json *line;
	struct ms_psl_answer a;
	size_t lines = 0;

	(void)state;
	psl->ask(psl, MS_SLICE("a.Example.co.uk."), arena, &a);
	psl->ask(psl, MS_SLICE("a.example.co.uk"), arena, &a);
	psl->ask(psl, MS_SLICE("co.uk"), arena, &a);
	psl->ask(psl, MS_SLICE("[1.2.3.4]"), arena, &a);
	assert_true(ms_ledger_close(ledger, true));
	psl->close(psl);

	psl = ms_psl_replay(&about, NULL);
	ms_ledger_start(&reader, ms_buf_get(&file));
	while (ms_ledger_next(&reader, arena, &line, NULL) == MS_OK) {
		assert_int_equal(ms_psl_replay_add(psl, line), MS_OK);
		assert_int_equal(ms_psl_replay_add(psl, line), MS_FORMAT);
		lines++;
	}
	assert_int_equal(lines, 2);
	assert_string_equal(psl->about(psl).source, "/list");
	assert_int_equal(psl->about(psl).date, 1600000000);
	psl->ask(psl, MS_SLICE("A.example.co.uk"), arena, &a);
	assert_true(a.known);
	assert_slice(a.name, "a.example.co.uk");
	assert_slice(a.suffix, "co.uk");
	assert_slice(a.registrable, "example.co.uk");
	assert_null(a.icann_registrable.p);
	assert_int_equal(a.section, MS_PSL_PRIVATE);
	psl->ask(psl, MS_SLICE("co.uk"), arena, &a);
	assert_true(a.known);
	assert_null(a.registrable.p);
	psl->ask(psl, MS_SLICE("example.org"), arena, &a);
	assert_false(a.known);
	assert_slice(a.name, "example.org");
	psl->close(psl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_geo, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_psl, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
