/* SPDX-License-Identifier: ISC
 * zone.c - master files laid over a source of answers
 *
 * Every name of the files, and every name above one, is a node of a hash
 * table. Left undone: zone cuts, DNAME, $INCLUDE, classes but IN.
 */
#include "mailsonde/dns_zone.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "mailsonde/buf.h"
#include "mailsonde/map.h"
#include "mailsonde/scan.h"
#include "rr_priv.h"

struct record {
	struct rr rr;
	const char *file;
	struct record *next;
};

/* A question that fails: type 0 stands for every type. */
struct fault {
	uint16_t type;
	enum ms_dns_status status;
	const char *file;
	struct fault *next;
};

struct node {
	struct record *records, **end;
	struct fault *faults;
};

struct zone {
	struct ms_dns_source source; /* first: what callers hold */
	struct ms_arena *arena;
	struct ms_map nodes; /* by name in wire form, lower case */
	bool offline;
	struct ms_dns_source *inner;
	int64_t time;
	struct ms_limits limits;
};

/* ---- names ---- */

static void
lower_name(const struct ms_dns_name *in, struct ms_dns_name *out)
{
	out->n = in->n;
	for (size_t i = 0; i < in->n; i++)
		out->wire[i] = ms_lower(in->wire[i]);
}

static struct ms_slice
parent(struct ms_slice name)
{
	return ms_slice_part(name, name.p[0] + 1u, name.n);
}

static struct node *
find_node(const struct zone *zone, struct ms_slice name)
{
	const struct ms_map_entry *entry = ms_map_find(&zone->nodes, name);

	return entry ? entry->value : NULL;
}

static const struct fault *
find_fault(const struct node *node, uint16_t type)
{
	const struct fault *f = node->faults;

	while (f && f->type != 0 && f->type != type)
		f = f->next;
	return f;
}

/* The wildcard that stands for a name the zone does not have: "*" below the
 * nearest name above it that is there (RFC 4592 3.3.1). */
static const struct node *
find_wildcard(const struct zone *zone, struct ms_slice name)
{
	struct ms_dns_name wild = { .wire = { 1, '*' } };

	while (name.n > 1) {
		name = parent(name);
		if (name.n > 253 || !find_node(zone, name))
			continue;
		memcpy(wild.wire + 2, name.p, name.n);
		return find_node(zone, ms_slice_make(wild.wire, name.n + 2));
	}
	return NULL;
}

/* What the files have for a question: NULL when they say nothing of it.
 * *exists is set when the name is there, or one below it. */
static const struct node *
find_data(const struct zone *zone, const struct ms_dns_name *name,
    uint16_t type, bool *exists)
{
	struct ms_dns_name lower;
	const struct node *node;
	struct ms_slice key;

	lower_name(name, &lower);
	key = ms_slice_make(lower.wire, lower.n);
	node = find_node(zone, key);
	if (!node)
		node = find_wildcard(zone, key);
	*exists = node != NULL;
	return node && (node->records || find_fault(node, type)) ? node : NULL;
}

/* ---- answering ---- */

/* One question on its way through files and inner source. */
struct asking {
	const struct zone *zone;
	const struct ms_dns_question *question;
	struct ms_dns_name name; /* where the chain has come to */
	struct ms_slice *aliases;
	size_t aliases_n;
	uint32_t ttl; /* least so far */
	struct ms_arena *arena;
	struct ms_dns_answer *out;
};

static bool
add_alias(struct asking *a, struct ms_slice text)
{
	if (a->aliases_n == a->zone->limits.dns_aliases) {
		ms_dns_fail(
		    a->out, MS_DNS_LOOP, "CNAMEs in a circle, or too many");
		return false;
	}
	a->aliases[a->aliases_n++] = text;
	return true;
}

static void
finish(struct asking *a, const char *file)
{
	a->out->aliases = a->aliases;
	a->out->aliases_n = a->aliases_n;
	if (a->ttl < a->out->ttl)
		a->out->ttl = a->ttl;
	a->out->authoritative = !ms_dns_is_failure(a->out->status);
	if (file)
		a->out->server = ms_arena_printf(a->arena, "zone %s", file);
	a->out->time = a->zone->time;
}

static bool
answer_fault(struct asking *a, const struct node *node)
{
	const struct fault *f = find_fault(node, a->question->type);

	if (!f)
		return false;
	ms_dns_fail(a->out, f->status,
	    f->status == MS_DNS_TIMEOUT
		? "no answer in time (so says the zone file)"
		: "the server failed (so says the zone file)");
	if (f->status == MS_DNS_SERVFAIL)
		a->out->rcode = 2;
	finish(a, f->file);
	return true;
}

static void
answer_absent(struct asking *a, bool exists, const char *file)
{
	ms_dns_fail(a->out, exists ? MS_DNS_NODATA : MS_DNS_NXDOMAIN, NULL);
	a->out->rcode = exists ? 0 : 3;
	finish(a, file);
}

/* The owner is the name that was asked, also where a wildcard gives it. */
static void
add_record(struct asking *a, const struct record *record)
{
	struct ms_dns_answer *out = a->out;
	struct rr rr = record->rr;

	rr.owner = ms_slice_make(a->name.wire, a->name.n);
	if (!rr_decode(a->arena, &rr, &out->records[out->n]))
		return;
	out->n++;
	if (rr.ttl < out->ttl)
		out->ttl = rr.ttl;
}

static bool
answer_records(struct asking *a, const struct node *node)
{
	const char *file = NULL;
	size_t n = 0;

	for (const struct record *r = node->records; r; r = r->next)
		n += r->rr.type == a->question->type;
	if (n == 0)
		return false;
	ms_dns_fail(a->out, MS_DNS_FOUND, NULL);
	a->out->rcode = 0;
	a->out->ttl = UINT32_MAX;
	if (n > a->zone->limits.dns_records) {
		n = a->zone->limits.dns_records;
		a->out->truncated = true;
	}
	a->out->records = MS_NEW_ARRAY(a->arena, struct ms_dns_record, n);
	for (const struct record *r = node->records; r && a->out->n < n;
	     r = r->next) {
		if (r->rr.type != a->question->type)
			continue;
		add_record(a, r);
		file = r->file;
	}
	finish(a, file);
	return true;
}

/* Goes on to the target of a CNAME; false when there is none. */
static bool
follow(struct asking *a, const struct node *node)
{
	for (const struct record *r = node->records; r; r = r->next) {
		if (r->rr.type != MS_DNS_CNAME ||
		    !ms_dns_name_from_wire(r->rr.rdata, &a->name))
			continue;
		if (r->rr.ttl < a->ttl)
			a->ttl = r->rr.ttl;
		return true;
	}
	return false;
}

/* What the files say of a name. True: the chain goes on at a->name. */
static bool
answer_node(struct asking *a, const struct node *node)
{
	if (answer_fault(a, node) || answer_records(a, node))
		return false;
	if (a->question->type != MS_DNS_CNAME && follow(a, node))
		return add_alias(a, ms_dns_name_format(a->arena, &a->name));
	answer_absent(a, true, node->records ? node->records->file : NULL);
	return false;
}

/* An alias of the inner source that the files have: the chain goes on there.
 * True: it does. */
static bool
turn_back(struct asking *a)
{
	struct ms_dns_name name;
	bool exists;

	for (size_t i = 0; i < a->out->aliases_n; i++) {
		if (!ms_dns_name_from_master(a->out->aliases[i], &name) ||
		    !find_data(a->zone, &name, a->question->type, &exists))
			continue;
		for (size_t j = 0; j <= i; j++)
			if (!add_alias(a, a->out->aliases[j]))
				return false;
		a->name = name;
		return true;
	}
	return false;
}

/* Puts the chain so far before the inner answer's own. */
static void
join_inner(struct asking *a, bool exists)
{
	struct ms_dns_answer *out = a->out;
	size_t own = a->aliases_n;

	if (out->status == MS_DNS_NXDOMAIN && exists && out->aliases_n == 0)
		out->status = MS_DNS_NODATA;
	if (own == 0)
		return;
	for (size_t i = 0; i < out->aliases_n; i++)
		if (!add_alias(a, out->aliases[i]))
			return;
	out->aliases = a->aliases;
	out->aliases_n = a->aliases_n;
	if (a->ttl < out->ttl)
		out->ttl = a->ttl;
	/* The files vouch for nothing, and no one message says all this. */
	if (out->security != MS_DNS_SECURITY_BOGUS)
		out->security = MS_DNS_UNCHECKED;
	out->wire = ms_slice_make(NULL, 0);
}

/* A name the files say nothing of. True: the chain comes back to them. */
static bool
answer_inner(struct asking *a, bool exists)
{
	const struct zone *zone = a->zone;
	struct ms_dns_question question = *a->question;

	if (zone->offline && a->question->server.set) {
		ms_dns_fail(
		    a->out, MS_DNS_OFFLINE, "nobody may be asked (--offline)");
		return false;
	}
	if (zone->offline) {
		answer_absent(a, exists, NULL);
		return false;
	}
	question.name = a->name;
	zone->inner->query(zone->inner, &question, a->arena, a->out);
	if (turn_back(a))
		return true;
	if (a->out->status != MS_DNS_LOOP)
		join_inner(a, exists);
	return false;
}

static void
zone_query(struct ms_dns_source *self, const struct ms_dns_question *question,
    struct ms_arena *arena, struct ms_dns_answer *out)
{
	const struct zone *zone = (const struct zone *)(const void *)self;
	struct asking a = { .zone = zone,
		.question = question,
		.name = question->name,
		.ttl = UINT32_MAX,
		.arena = arena,
		.out = out };
	bool exists, more;

	a.aliases =
	    MS_NEW_ARRAY(arena, struct ms_slice, zone->limits.dns_aliases);
	if (question->type == MS_DNS_AXFR &&
	    find_data(zone, &a.name, MS_DNS_SOA, &exists)) {
		ms_dns_fail(out, MS_DNS_OFFLINE,
		    "a zone file has no server to transfer from");
		return;
	}
	do {
		const struct node *node =
		    find_data(zone, &a.name, question->type, &exists);

		more = node ? answer_node(&a, node) : answer_inner(&a, exists);
	} while (more);
}

static bool
zone_prefetch(
    struct ms_dns_source *self, const struct ms_dns_question *question)
{
	const struct zone *zone = (const struct zone *)(const void *)self;
	bool exists;

	return find_data(zone, &question->name, question->type, &exists) ||
	       zone->inner->prefetch(zone->inner, question);
}

static void
zone_close(struct ms_dns_source *self)
{
	struct zone *zone = (struct zone *)(void *)self;

	if (zone->inner)
		zone->inner->close(zone->inner);
	ms_arena_free(zone->arena);
}

/* ---- building ---- */

/* The node of a name, made where it is not there yet, and with it those of
 * all names above. */
static struct node *
make_node(struct zone *zone, struct ms_slice name)
{
	struct node *first = NULL;

	for (;; name = parent(name)) {
		struct ms_map_entry *entry = ms_map_take(&zone->nodes, name);
		struct node *node = entry->value;

		if (node)
			return first ? first : node;
		node = MS_NEW(zone->arena, struct node);
		node->end = &node->records;
		entry->value = node;
		if (!first)
			first = node;
		if (name.n == 1)
			return first;
	}
}

static struct node *
node_of(struct zone *zone, const struct ms_dns_name *name)
{
	struct ms_dns_name lower;

	lower_name(name, &lower);
	return make_node(zone, ms_slice_make(lower.wire, lower.n));
}

/* RFC 2181 section 5: a set has no two records that are the same. */
static bool
known(const struct node *node, const struct rr *rr, size_t *n)
{
	*n = 0;
	for (const struct record *r = node->records; r; r = r->next) {
		if (r->rr.type == rr->type &&
		    ms_slice_equal(r->rr.rdata, rr->rdata))
			return true;
		++*n;
	}
	return false;
}

static enum ms_status
add_rr(struct zone *zone, const char *file, const struct rr *rr,
    const char **wrong)
{
	struct ms_dns_name name;
	struct record *record;
	struct node *node;
	size_t n;

	if (!ms_dns_name_from_wire(rr->owner, &name))
		return MS_FORMAT;
	node = node_of(zone, &name);
	if (known(node, rr, &n))
		return MS_OK;
	if (n >= zone->limits.dns_records) {
		*wrong = "the name has more records than are kept";
		return MS_LIMIT;
	}
	record = MS_NEW(zone->arena, struct record);
	record->rr = *rr;
	record->file = file;
	*node->end = record;
	node->end = &record->next;
	return MS_OK;
}

/* A word up to the next blank. */
static struct ms_slice
take_word(struct ms_scan *s)
{
	ms_scan_while(s, MS_C_WSP, SIZE_MAX);
	return ms_scan_until(s, MS_C_SPACE, SIZE_MAX);
}

/* ";; timeout NAME [TYPE]"; any other comment is none of ours. */
static const char *
add_fault(struct zone *zone, const char *file, struct ms_slice line)
{
	struct ms_scan s = ms_scan_init(line);
	struct ms_slice word, type;
	struct ms_dns_name name;
	struct fault *fault;
	struct node *node;

	ms_scan_while(&s, MS_C_WSP, SIZE_MAX);
	if (!ms_scan_try_text(&s, ";;"))
		return NULL;
	word = take_word(&s);
	if (!ms_slice_is(word, "timeout") && !ms_slice_is(word, "servfail"))
		return NULL;
	fault = MS_NEW(zone->arena, struct fault);
	fault->file = file;
	fault->status =
	    ms_slice_is(word, "timeout") ? MS_DNS_TIMEOUT : MS_DNS_SERVFAIL;
	word = take_word(&s);
	type = take_word(&s);
	fault->type = ms_dns_type_parse(type);
	if (word.n == 0 || !ms_dns_name_from_master(word, &name) ||
	    (type.n > 0 && fault->type == 0) || take_word(&s).n > 0)
		return "wanted: ;; timeout NAME [TYPE], or ;; servfail "
		       "NAME [TYPE]";
	node = node_of(zone, &name);
	fault->next = node->faults;
	node->faults = fault;
	return NULL;
}

/* What libldns lets pass: a quoted text that does not end on its line. */
static bool
quotes_closed(struct ms_slice line)
{
	struct ms_scan s = ms_scan_init(line);
	bool quoted = false;

	while (!ms_scan_at_end(&s)) {
		int c = ms_scan_byte(&s);

		if (c == '\\')
			ms_scan_skip(&s, 1);
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !quoted)
			break;
	}
	return !quoted;
}

static enum ms_status
wrong_line(struct ms_diag *diag, enum ms_status status, const char *file,
    unsigned line, const char *wrong)
{
	return ms_diag_set(diag, status, "%s:%u: %s", file, line, wrong);
}

/* The lines as such: faults, and what libldns would not find. */
static enum ms_status
read_lines(struct zone *zone, const struct ms_dns_zone_text *text,
    struct ms_diag *diag)
{
	struct ms_slice rest = text->text, line;
	const char *wrong = NULL;
	unsigned n = 0;

	while (!wrong && ms_slice_line(&rest, false, &line)) {
		n++;
		if (ms_slice_find(line, 0, '\0') < line.n)
			wrong = "a NUL byte: this is no text";
		else if (!quotes_closed(line))
			wrong = "a quoted text does not end on its line";
		else
			wrong = add_fault(zone, text->name, line);
	}
	return wrong ? wrong_line(diag, MS_FORMAT, text->name, n, wrong)
		     : MS_OK;
}

static enum ms_status
read_records(struct zone *zone, const struct ms_dns_zone_text *text,
    struct ms_diag *diag)
{
	struct rr_reader *reader = rr_reader_open(zone->arena, text->text);
	const char *wrong = "this cannot be read";
	enum ms_status status;
	struct rr rr;

	do {
		status = rr_reader_next(reader, zone->arena, &rr, &wrong);
		if (status == MS_OK)
			status = add_rr(zone, text->name, &rr, &wrong);
	} while (status == MS_OK);
	status = status == MS_END ? MS_OK
				  : wrong_line(diag, status, text->name,
					rr_reader_line(reader), wrong);
	rr_reader_close(reader);
	return status;
}

static enum ms_status
read_text(struct zone *zone, const struct ms_dns_zone_text *text,
    struct ms_diag *diag)
{
	enum ms_status status = read_lines(zone, text, diag);

	return status == MS_OK ? read_records(zone, text, diag) : status;
}

static enum ms_status
read_all(int fd, const char *path, size_t limit, struct ms_buf *out,
    struct ms_diag *diag)
{
	for (;;) {
		ssize_t n = read(fd, ms_buf_room(out, 1 << 16), 1 << 16);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return ms_diag_set(
			    diag, MS_IO, "%s: %s", path, strerror(errno));
		if (n > 0)
			out->n += (size_t)n;
		if (out->n > limit)
			return ms_diag_set(diag, MS_LIMIT,
			    "%s: the zone files are over %zu bytes", path,
			    limit);
	}
	/* libldns counts a line when its end has been read. */
	ms_buf_byte(out, '\n');
	return MS_OK;
}

static enum ms_status
read_file(
    struct zone *zone, const char *path, size_t *left, struct ms_diag *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct ms_arena *arena;
	struct ms_buf buf;
	enum ms_status status;
	struct ms_dns_zone_text text;

	if (fd < 0)
		return ms_diag_set(
		    diag, MS_IO, "%s: %s", path, strerror(errno));
	arena = ms_arena_new(NULL);
	ms_buf_init(&buf, arena);
	status = read_all(fd, path, *left, &buf, diag);
	close(fd);
	if (status == MS_OK) {
		*left -= buf.n > *left ? *left : buf.n;
		text.name = ms_arena_string(zone->arena, ms_slice_from(path));
		text.text = ms_buf_get(&buf);
		status = read_text(zone, &text, diag);
	}
	ms_arena_free(arena);
	return status;
}

enum ms_status
ms_dns_zone_open(const struct ms_dns_zone_options *options,
    struct ms_dns_source **out, struct ms_diag *diag)
{
	struct ms_arena *arena = ms_arena_new(options->oom);
	struct zone *zone = MS_NEW(arena, struct zone);
	enum ms_status status = MS_OK;
	size_t left;

	zone->source =
	    (struct ms_dns_source){ .query = zone_query, .close = zone_close };
	if (!options->offline && options->inner && options->inner->prefetch)
		zone->source.prefetch = zone_prefetch;
	zone->arena = arena;
	zone->offline = options->offline;
	zone->inner = options->inner;
	zone->time = options->time;
	zone->limits = ms_limits_fill(options->limits);
	left = zone->limits.zone_size;
	ms_map_init(&zone->nodes, arena);
	for (size_t i = 0; i < options->n && status == MS_OK; i++)
		status = read_file(zone, options->paths[i], &left, diag);
	for (size_t i = 0; i < options->texts_n && status == MS_OK; i++)
		status = read_text(zone, &options->texts[i], diag);
	if (status == MS_OK)
		*out = &zone->source;
	else
		zone_close(&zone->source);
	return status;
}
