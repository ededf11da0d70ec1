/* SPDX-License-Identifier: ISC
 * rr.c - records and messages: the door of libldns
 *
 * ldns reads records, from the wire and from master files, and builds
 * questions. It is never given a received message whole: ldns_wire2pkt drops
 * all of it for one damaged record, and ldns_pkt2str crashes on some (EDNS
 * option 13, in 1.8.3). So the message is walked here, and each record of it
 * that matters handed over. Text of TXT comes from the rdata: what ldns_rdf2str
 * makes of it is quoted and escaped.
 */
#include "rr_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include <ldns/ldns.h>

#include "mailsonde/buf.h"
#include "mailsonde/scan.h"
#include "mailsonde/utf8.h"

#define TYPE_OPT   41
#define TYPE_RRSIG 46
#define CLASS_IN   1

/* ---- rdata ---- */

static uint16_t
take16(struct ms_scan *s)
{
	unsigned high = (unsigned)ms_scan_byte(s) & 0xff;

	return (uint16_t)(high << 8 | ((unsigned)ms_scan_byte(s) & 0xff));
}

static uint32_t
take32(struct ms_scan *s)
{
	uint32_t high = take16(s);

	return high << 16 | take16(s);
}

static struct ms_slice
take_name(struct ms_scan *s, struct ms_arena *arena)
{
	struct ms_dns_name name;

	if (!ms_dns_name_from_wire(ms_scan_rest(s), &name)) {
		s->bad = true;
		return ms_slice_make(NULL, 0);
	}
	ms_scan_skip(s, name.n);
	return ms_dns_name_format(arena, &name);
}

static struct ms_slice
take_bytes(struct ms_scan *s, size_t n)
{
	struct ms_slice out = ms_slice_make(s->p, n);

	if (ms_scan_left(s) < n)
		s->bad = true;
	ms_scan_skip(s, n);
	return s->bad ? ms_slice_make(NULL, 0) : out;
}

/* A character-string (RFC 1035 3.3): an octet of length before it. */
static struct ms_slice
take_string(struct ms_scan *s)
{
	int n = ms_scan_byte(s);

	return take_bytes(s, n < 0 ? 0 : (size_t)n);
}

static struct ms_ip
take_ip(struct ms_scan *s, size_t n)
{
	struct ms_slice bytes = take_bytes(s, n);
	struct ms_ip ip = { .set = true, .v4 = n == 4 };

	if (n == 4)
		ip.b[10] = ip.b[11] = 0xff;
	if (bytes.n == n)
		memcpy(ip.b + 16 - n, bytes.p, n);
	return ip;
}

/* Strings joined without a blank (RFC 7208 3.3). */
static struct ms_slice
take_text(struct ms_scan *s, struct ms_arena *arena)
{
	struct ms_buf out;

	ms_buf_init(&out, arena);
	ms_buf_room(&out, ms_scan_left(s) + 1);
	do
		ms_buf_slice(&out, take_string(s));
	while (!ms_scan_at_end(s));
	return ms_buf_get(&out);
}

static void
take_soa(struct ms_scan *s, struct ms_arena *arena, struct ms_dns_record *out)
{
	out->u.soa.mname = take_name(s, arena);
	out->u.soa.rname = take_name(s, arena);
	out->u.soa.serial = take32(s);
	out->u.soa.refresh = take32(s);
	out->u.soa.retry = take32(s);
	out->u.soa.expire = take32(s);
	out->u.soa.minimum = take32(s);
}

static void
take_rdata(struct ms_scan *s, struct ms_arena *arena, struct ms_dns_record *out)
{
	switch (out->type) {
	case MS_DNS_A:
	case MS_DNS_AAAA:
		out->u.ip = take_ip(s, out->type == MS_DNS_A ? 4 : 16);
		break;
	case MS_DNS_NS:
	case MS_DNS_CNAME:
	case MS_DNS_PTR:
		out->u.target = take_name(s, arena);
		break;
	case MS_DNS_TXT:
	case MS_DNS_SPF:
		out->u.text = take_text(s, arena);
		break;
	case MS_DNS_MX:
		out->u.mx.preference = take16(s);
		out->u.mx.exchange = take_name(s, arena);
		break;
	case MS_DNS_SRV:
		out->u.srv.priority = take16(s);
		out->u.srv.weight = take16(s);
		out->u.srv.port = take16(s);
		out->u.srv.target = take_name(s, arena);
		break;
	case MS_DNS_SOA:
		take_soa(s, arena, out);
		break;
	case MS_DNS_TLSA:
		out->u.tlsa.usage = (uint8_t)ms_scan_byte(s);
		out->u.tlsa.selector = (uint8_t)ms_scan_byte(s);
		out->u.tlsa.matching = (uint8_t)ms_scan_byte(s);
		out->u.tlsa.data = take_bytes(s, ms_scan_left(s));
		break;
	case MS_DNS_CAA:
		out->u.caa.flags = (uint8_t)ms_scan_byte(s);
		out->u.caa.tag = take_string(s);
		out->u.caa.value = take_bytes(s, ms_scan_left(s));
		break;
	default:
		take_bytes(s, ms_scan_left(s));
	}
}

bool
rr_decode(
    struct ms_arena *arena, const struct rr *rr, struct ms_dns_record *out)
{
	struct ms_scan s = ms_scan_init(rr->rdata);
	struct ms_dns_name owner;

	memset(out, 0, sizeof(*out));
	if (!ms_dns_name_from_wire(rr->owner, &owner))
		return false;
	out->name = ms_dns_name_format(arena, &owner);
	out->type = rr->type;
	out->ttl = rr->ttl;
	out->rdata = rr->rdata;
	take_rdata(&s, arena, out);
	return !s.bad && s.p == s.end;
}

static struct ms_slice
copy_some(struct ms_arena *arena, struct ms_slice in)
{
	return in.p ? ms_arena_copy(arena, in) : in;
}

/* Out of the rdata again: simpler than to copy the union type by type. */
static bool
copy_record(struct ms_arena *arena, const struct ms_dns_record *in,
    struct ms_dns_record *out)
{
	struct ms_dns_name owner;
	struct rr rr = { .type = in->type, .ttl = in->ttl };

	if (!ms_dns_name_from_master(in->name, &owner))
		return false;
	rr.owner = ms_slice_make(owner.wire, owner.n);
	rr.rdata = ms_arena_copy(arena, in->rdata);
	return rr_decode(arena, &rr, out);
}

static struct ms_dns_record *
copy_records(struct ms_arena *arena, const struct ms_dns_record *in, size_t *n)
{
	struct ms_dns_record *out;
	size_t copied = 0;

	if (*n == 0)
		return NULL;
	out = MS_NEW_ARRAY(arena, struct ms_dns_record, *n);
	for (size_t i = 0; i < *n; i++)
		copied += copy_record(arena, &in[i], &out[copied]);
	*n = copied;
	return out;
}

void
rr_copy_answer(struct ms_arena *arena, const struct ms_dns_answer *in,
    struct ms_dns_answer *out)
{
	*out = *in;
	out->records = copy_records(arena, in->records, &out->n);
	out->glue = copy_records(arena, in->glue, &out->glue_n);
	out->aliases = MS_NEW_ARRAY(arena, struct ms_slice, in->aliases_n);
	for (size_t i = 0; i < in->aliases_n; i++)
		out->aliases[i] = ms_arena_copy(arena, in->aliases[i]);
	if (in->why)
		out->why = ms_arena_string(arena, ms_slice_from(in->why));
	if (in->server)
		out->server = ms_arena_string(arena, ms_slice_from(in->server));
	out->ede_text = copy_some(arena, in->ede_text);
	out->wire = ms_slice_make(NULL, 0);
}

struct ms_slice
rr_key(const struct ms_dns_question *question, unsigned char room[RR_KEY_MAX])
{
	unsigned port = question->port ? question->port : 53;
	size_t n = question->name.n;

	for (size_t i = 0; i < n; i++)
		room[i] = ms_lower(question->name.wire[i]);
	room[n++] = (unsigned char)(question->type >> 8);
	room[n++] = (unsigned char)question->type;
	room[n++] = (unsigned char)question->want;
	if (question->server.set) {
		memcpy(room + n, question->server.b, 16);
		n += 16;
		room[n++] = (unsigned char)(port >> 8);
		room[n++] = (unsigned char)port;
	}
	return ms_slice_make(room, n);
}

/* ---- ldns' records ---- */

/* One record of ldns as one of ours. */
static void
from_ldns(struct ms_arena *arena, const ldns_rr *in, struct rr *out)
{
	const ldns_rdf *owner = ldns_rr_owner(in);
	unsigned char *rdata;
	size_t n = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(in); i++)
		n += ldns_rdf_size(ldns_rr_rdf(in, i));
	rdata = ms_arena_bytes(arena, n + 1);
	out->rdata = ms_slice_make(rdata, n);
	for (size_t i = 0; i < ldns_rr_rd_count(in); i++) {
		const ldns_rdf *f = ldns_rr_rdf(in, i);

		if (ldns_rdf_size(f) > 0)
			memcpy(rdata, ldns_rdf_data(f), ldns_rdf_size(f));
		rdata += ldns_rdf_size(f);
	}
	out->owner = ms_arena_copy(
	    arena, ms_slice_make(ldns_rdf_data(owner), ldns_rdf_size(owner)));
	out->type = (uint16_t)ldns_rr_get_type(in);
	out->ttl = ldns_rr_ttl(in);
}

/* The rdata of `record` behind an owner of one label, as a message would hold
 * it; NULL when ldns does not take it. */
static ldns_rr *
to_ldns(struct ms_arena *arena, const struct ms_dns_record *record)
{
	unsigned char head[11] = { 0, (unsigned char)(record->type >> 8),
		(unsigned char)record->type, 0, CLASS_IN, 0, 0, 0, 0,
		(unsigned char)(record->rdata.n >> 8),
		(unsigned char)record->rdata.n };
	struct ms_buf wire;
	ldns_rr *rr = NULL;
	size_t at = 0;

	if (record->rdata.n > UINT16_MAX)
		return NULL;
	ms_buf_init(&wire, arena);
	ms_buf_add(&wire, head, sizeof(head));
	ms_buf_slice(&wire, record->rdata);
	if (ldns_wire2rr(&rr, wire.p, wire.n, &at, LDNS_SECTION_ANSWER) !=
	    LDNS_STATUS_OK)
		return NULL;
	return rr;
}

static void
put_unknown(struct ms_buf *out, struct ms_slice rdata)
{
	ms_buf_printf(out, "\\# %zu%s", rdata.n, rdata.n > 0 ? " " : "");
	for (size_t i = 0; i < rdata.n; i++)
		ms_buf_printf(out, "%02x", rdata.p[i]);
}

struct ms_slice
ms_dns_rdata_text(struct ms_arena *arena, const struct ms_dns_record *record)
{
	ldns_rr *rr = to_ldns(arena, record);
	bool known = rr && ldns_rr_rd_count(rr) > 0;
	struct ms_buf out;

	ms_buf_init(&out, arena);
	for (size_t i = 0; known && i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));

		if (i > 0)
			ms_buf_byte(&out, ' ');
		if (text)
			ms_buf_text(&out, text);
		known = text != NULL;
		free(text);
	}
	ldns_rr_free(rr);
	if (!known) {
		out.n = 0;
		put_unknown(&out, record->rdata);
	}
	return ms_buf_get(&out);
}

/* ---- questions ---- */

size_t
rr_query(const struct ms_dns_question *question, uint16_t id, unsigned flags,
    unsigned char out[RR_QUERY_MAX])
{
	ldns_rdf *name = ldns_rdf_new_frm_data(
	    LDNS_RDF_TYPE_DNAME, question->name.n, question->name.wire);
	ldns_pkt *packet = ldns_pkt_query_new(
	    name, (ldns_rr_type)question->type, LDNS_RR_CLASS_IN, LDNS_RD);
	uint8_t *wire = NULL;
	size_t n = 0;

	if (!packet)
		return 0;
	ldns_pkt_set_id(packet, id);
	ldns_pkt_set_ad(packet, (flags & RR_AD) != 0);
	ldns_pkt_set_cd(packet, (flags & RR_CD) != 0);
	if (flags & RR_EDNS)
		ldns_pkt_set_edns_udp_size(packet, 1232);
	if (flags & RR_DO)
		ldns_pkt_set_edns_do(packet, true);
	if (ldns_pkt2wire(&wire, packet, &n) != LDNS_STATUS_OK ||
	    n > RR_QUERY_MAX)
		n = 0;
	if (n > 0)
		memcpy(out, wire, n);
	free(wire);
	ldns_pkt_free(packet);
	return n;
}

/* ---- messages ---- */

/* Records gathered, at most `max`. */
struct pile {
	struct rr *list;
	size_t n, max;
};

/* A message being walked, and what is gathered on the way. */
struct walk {
	struct ms_slice wire;
	struct ms_scan at;
	const struct ms_dns_question *question;
	const struct ms_limits *limits;
	struct ms_arena *arena;
	uint16_t wanted;  /* the type asked for; of AXFR: SOA */
	struct pile kept; /* of that type, and CNAMEs */
	struct pile cut;  /* NS in the authority section, where a server by */
	struct pile glue; /* itself was asked; addresses behind them */
	bool spoilt;      /* one of those asked for is damaged */
	bool full;        /* there were more */
	bool soa, ns;     /* in the authority section */
	bool has_signature;
	uint32_t signed_since, signed_until;
	uint32_t negative; /* TTL of an absence */
	unsigned rcode;    /* with its extension */
	int ede;           /* -1: none */
	struct ms_slice ede_text;
};

/* One record's place in the message. */
struct place {
	size_t start;
	uint16_t type, class;
	uint32_t ttl;
	struct ms_slice rdata; /* names may be compressed */
};

/* A name that may end in a pointer, unread. */
static void
skip_name(struct ms_scan *s)
{
	for (;;) {
		int n = ms_scan_byte(s);

		if (n <= 0)
			return;
		if (n >= 0xc0) {
			ms_scan_byte(s);
			return;
		}
		take_bytes(s, (size_t)n);
	}
}

static bool
take_place(struct walk *w, struct place *out)
{
	out->start = ms_scan_offset(&w->at);
	skip_name(&w->at);
	out->type = take16(&w->at);
	out->class = take16(&w->at);
	out->ttl = take32(&w->at);
	out->rdata = take_bytes(&w->at, take16(&w->at));
	return !w->at.bad;
}

/* Of the name asked for, and without a name in its rdata: nothing to expand.
 * The owner is a pointer to the question (RFC 1035 4.1.4). */
static bool
read_plain(const struct walk *w, const struct place *place, struct rr *out)
{
	const struct ms_dns_name *name = &w->question->name;
	const unsigned char *p = w->wire.p + place->start;

	if (place->type != MS_DNS_A && place->type != MS_DNS_AAAA &&
	    place->type != MS_DNS_TXT && place->type != MS_DNS_TLSA)
		return false;
	out->owner = ms_slice_part(w->wire, 12, 12 + (size_t)name->n);
	out->type = place->type;
	out->ttl = place->ttl;
	out->rdata = place->rdata;
	return p[0] == 0xc0 && p[1] == 12 &&
	       ms_slice_equal(out->owner, ms_slice_make(name->wire, name->n));
}

static bool
read_record(const struct walk *w, const struct place *place, struct rr *out)
{
	size_t at = place->start;
	ldns_rr *rr = NULL;

	if (read_plain(w, place, out))
		return true;
	if (ldns_wire2rr(&rr, w->wire.p, w->wire.n, &at, LDNS_SECTION_ANSWER) !=
	    LDNS_STATUS_OK)
		return false;
	from_ldns(w->arena, rr, out);
	ldns_rr_free(rr);
	return true;
}

/* False: it is damaged. */
static bool
keep(struct walk *w, struct pile *pile, const struct place *place)
{
	if (pile->n >= pile->max)
		w->full = true;
	else if (read_record(w, place, &pile->list[pile->n]))
		pile->n++;
	else
		return false;
	return true;
}

/* Room for what the octets that are left can hold: 11 for the least record. */
static void
make_room(struct walk *w, struct pile *pile, unsigned count)
{
	pile->max = ms_scan_left(&w->at) / 11;
	if (pile->max > count)
		pile->max = count;
	if (pile->max > w->limits->dns_records)
		pile->max = w->limits->dns_records;
	pile->list = MS_NEW_ARRAY(w->arena, struct rr, pile->max + 1);
}

/* RFC 4034 3.1: the type covered, then 6 octets, expiration, inception. */
static void
take_signature(struct walk *w, const struct place *place)
{
	struct ms_scan s = ms_scan_init(place->rdata);
	uint16_t covers = take16(&s);
	uint32_t until, since;

	ms_scan_skip(&s, 6);
	until = take32(&s);
	since = take32(&s);
	if (s.bad || covers != w->wanted)
		return;
	if (!w->has_signature || (int32_t)(until - w->signed_until) < 0) {
		w->signed_until = until;
		w->signed_since = since;
	}
	w->has_signature = true;
}

static void
take_answer(struct walk *w, const struct place *place)
{
	if (place->class != CLASS_IN)
		return;
	if (place->type == TYPE_RRSIG)
		take_signature(w, place);
	if ((place->type == w->wanted || place->type == MS_DNS_CNAME) &&
	    !keep(w, &w->kept, place))
		w->spoilt = true;
}

/* RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM. */
static void
take_authority(struct walk *w, const struct place *place)
{
	struct ms_scan s = ms_scan_init(place->rdata);
	uint32_t minimum;

	if (place->type == MS_DNS_NS && place->class == CLASS_IN) {
		w->ns = true;
		if (w->question->server.set)
			keep(w, &w->cut, place);
	}
	if (place->type != MS_DNS_SOA || place->class != CLASS_IN)
		return;
	w->soa = true;
	skip_name(&s); /* MNAME, RNAME, four numbers */
	skip_name(&s);
	ms_scan_skip(&s, 16);
	minimum = take32(&s);
	if (!s.bad && ms_scan_at_end(&s))
		w->negative = place->ttl < minimum ? place->ttl : minimum;
}

/* RFC 6891 6.1.3: the upper bits of RCODE; RFC 8914: extended errors, their
 * text UTF-8 and maybe ended by a NUL. */
static void
take_opt(struct walk *w, const struct place *place)
{
	struct ms_scan s = ms_scan_init(place->rdata);

	w->rcode |= (place->ttl >> 24) << 4;
	while (!ms_scan_at_end(&s)) {
		uint16_t code = take16(&s);
		struct ms_slice data = take_bytes(&s, take16(&s));

		if (s.bad || code != 15 || data.n < 2 || w->ede >= 0)
			continue;
		w->ede = data.p[0] << 8 | data.p[1];
		data = ms_slice_part(data, 2, data.n);
		data.n = ms_slice_find(data, 0, '\0');
		w->ede_text = ms_utf8_clean(w->arena, data, NULL);
	}
}

static void
take_additional(struct walk *w, const struct place *place)
{
	bool address = place->type == MS_DNS_A || place->type == MS_DNS_AAAA;

	if (place->type == TYPE_OPT)
		take_opt(w, place);
	else if (address && place->class == CLASS_IN && w->cut.n > 0)
		keep(w, &w->glue, place);
}

static void
take_section(struct walk *w, unsigned count,
    void (*take)(struct walk *w, const struct place *place))
{
	struct place place;

	for (unsigned i = 0; i < count && take_place(w, &place); i++)
		take(w, &place);
}

/* Reads header and sections; false: not even the answer section is whole. */
static bool
walk_message(
    struct walk *w, struct rr_reading *reading, struct ms_dns_answer *out)
{
	unsigned counts[4], flags;
	bool whole;

	take16(&w->at); /* ID */
	flags = take16(&w->at);
	for (size_t i = 0; i < 4; i++)
		counts[i] = take16(&w->at);
	out->authoritative = (flags & 0x0400) != 0;
	reading->truncated = (flags & 0x0200) != 0;
	out->recursion = (flags & 0x0080) != 0;
	reading->authentic = (flags & 0x0020) != 0;
	w->rcode = flags & 15;
	for (unsigned i = 0; i < counts[0] && !w->at.bad; i++) {
		skip_name(&w->at);
		take32(&w->at);
	}
	make_room(w, &w->kept, counts[1]);
	take_section(w, counts[1], take_answer);
	whole = !w->at.bad;
	make_room(w, &w->cut, w->question->server.set ? counts[2] : 0);
	take_section(w, counts[2], take_authority);
	make_room(w, &w->glue, w->cut.n > 0 ? counts[3] : 0);
	take_section(w, counts[3], take_additional);
	return whole;
}

static bool
owned_by(const struct rr *rr, const struct ms_dns_name *name)
{
	return ms_slice_equal_nocase(
	    rr->owner, ms_slice_make(name->wire, name->n));
}

/* The records of `name`, into the answer. */
static bool
collect(
    struct walk *w, const struct ms_dns_name *name, struct ms_dns_answer *out)
{
	for (size_t i = 0; i < w->kept.n; i++) {
		const struct rr *rr = &w->kept.list[i];

		if (rr->type != w->wanted || !owned_by(rr, name))
			continue;
		if (!rr_decode(w->arena, rr, &out->records[out->n])) {
			w->spoilt = true;
			continue;
		}
		if (rr->ttl < out->ttl)
			out->ttl = rr->ttl;
		out->n++;
	}
	return out->n > 0;
}

/* One step along a CNAME; false when `name` has none. */
static bool
follow(struct walk *w, struct ms_dns_name *name, struct ms_dns_answer *out)
{
	for (size_t i = 0; i < w->kept.n; i++) {
		const struct rr *rr = &w->kept.list[i];

		if (rr->type != MS_DNS_CNAME || !owned_by(rr, name) ||
		    !ms_dns_name_from_wire(rr->rdata, name))
			continue;
		if (rr->ttl < out->ttl)
			out->ttl = rr->ttl;
		out->aliases[out->aliases_n++] =
		    ms_dns_name_format(w->arena, name);
		return true;
	}
	return false;
}

static void
read_chain(
    struct walk *w, struct rr_reading *reading, struct ms_dns_answer *out)
{
	size_t max = w->limits->dns_aliases;

	reading->next = w->question->name;
	out->aliases = MS_NEW_ARRAY(w->arena, struct ms_slice, max);
	out->records =
	    MS_NEW_ARRAY(w->arena, struct ms_dns_record, w->kept.n + 1);
	out->ttl = UINT32_MAX;
	while (!collect(w, &reading->next, out)) {
		if (w->question->type == MS_DNS_CNAME)
			break;
		if (out->aliases_n == max) {
			out->status = MS_DNS_LOOP;
			out->why = "CNAMEs in a circle, or too many";
			return;
		}
		if (!follow(w, &reading->next, out))
			break;
	}
	reading->open_end =
	    out->n == 0 && out->aliases_n > 0 && w->rcode == 0 && !w->soa;
	out->status = out->n > 0 ? MS_DNS_FOUND : MS_DNS_NODATA;
}

static void
broken(struct ms_dns_answer *out, const char *why)
{
	out->status = MS_DNS_BROKEN;
	out->why = why;
}

static struct ms_dns_record *
decode_pile(struct walk *w, const struct pile *pile, size_t *n)
{
	struct ms_dns_record *out =
	    MS_NEW_ARRAY(w->arena, struct ms_dns_record, pile->n + 1);

	*n = 0;
	for (size_t i = 0; i < pile->n; i++)
		*n += rr_decode(w->arena, &pile->list[i], &out[*n]);
	return out;
}

static void
read_referral(struct walk *w, struct ms_dns_answer *out)
{
	out->records = decode_pile(w, &w->cut, &out->n);
	out->glue = decode_pile(w, &w->glue, &out->glue_n);
	out->status = MS_DNS_REFERRAL;
	if (out->n == 0)
		broken(out, "a referral to nobody");
}

/* What the message says as a whole; the chain has been read. */
static void
judge(struct walk *w, const struct rr_reading *reading, bool whole,
    struct ms_dns_answer *out)
{
	static const char *const names[] = { [1] = "FORMERR",
		[4] = "NOTIMP",
		[6] = "YXDOMAIN",
		[9] = "NOTAUTH",
		[16] = "BADVERS" };
	const char *name = w->rcode < sizeof(names) / sizeof(names[0])
			       ? names[w->rcode]
			       : NULL;

	if (w->rcode == 2) {
		out->status = MS_DNS_SERVFAIL;
		out->why = "the server failed (SERVFAIL)";
	} else if (w->rcode == 5) {
		out->status = MS_DNS_REFUSED;
		out->why = "the server refuses to answer (REFUSED)";
	} else if (w->rcode != 0 && w->rcode != 3) {
		broken(out,
		    ms_arena_printf(w->arena,
			"the server answers with RCODE %u%s%s%s", w->rcode,
			name ? " (" : "", name ? name : "", name ? ")" : ""));
	} else if (!whole) {
		broken(out, "the answer ends in the middle");
	} else if (w->spoilt) {
		broken(out, "a record of the answer is damaged");
	} else if (w->rcode == 3 && out->n > 0) {
		broken(out, "the answer has records, and says that the name "
			    "does not exist");
	} else if (w->rcode == 3 && out->status != MS_DNS_LOOP) {
		out->status = MS_DNS_NXDOMAIN;
	} else if (out->status == MS_DNS_NODATA && w->kept.n > 0 &&
		   out->aliases_n == 0 && !w->soa) {
		broken(out, "the answer is about another name");
	} else if (out->status == MS_DNS_NODATA && !reading->open_end &&
		   w->ns && !w->soa && !out->authoritative) {
		if (w->cut.n > 0)
			read_referral(w, out);
		else
			broken(out,
			    "a referral in place of an answer: the server does "
			    "not resolve this name");
	}
}

void
rr_read_answer(struct ms_slice wire, const struct ms_dns_question *question,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_dns_answer *out, struct rr_reading *reading)
{
	struct walk w = { .wire = wire,
		.at = ms_scan_init(wire),
		.question = question,
		.limits = limits,
		.arena = arena,
		.ede = -1 };
	bool whole, found;

	memset(out, 0, sizeof(*out));
	memset(reading, 0, sizeof(*reading));
	w.wanted = question->type == MS_DNS_AXFR ? MS_DNS_SOA : question->type;
	whole = walk_message(&w, reading, out);
	read_chain(&w, reading, out);
	judge(&w, reading, whole, out);
	reading->open_end &= out->status == MS_DNS_NODATA;
	if (ms_dns_is_absent(out->status))
		out->ttl = w.negative;
	else if (out->status != MS_DNS_FOUND)
		out->ttl = 0;
	found = out->status == MS_DNS_FOUND;
	if (!found && out->status != MS_DNS_REFERRAL)
		out->n = 0;
	out->has_signature = found && w.has_signature;
	out->signed_until = w.signed_until;
	out->signed_since = w.signed_since;
	out->rcode = (int)w.rcode;
	out->ede = w.ede;
	out->ede_text = w.ede_text;
	out->truncated = w.full;
	out->wire = wire;
}

/* ---- master files ---- */

struct rr_reader {
	struct ms_slice text;
	FILE *file; /* over the text */
	uint32_t ttl;
	ldns_rdf *origin, *previous;
};

/* What a record without a TTL gets where no $TTL says so. */
#define DEFAULT_TTL 3600

struct rr_reader *
rr_reader_open(struct ms_arena *arena, struct ms_slice text)
{
	struct rr_reader *reader = MS_NEW(arena, struct rr_reader);

	/* fmemopen wants a writable buffer, and does not write with "r". */
	reader->file = fmemopen((void *)(uintptr_t)text.p, text.n, "r");
	reader->text = text;
	reader->ttl = DEFAULT_TTL;
	reader->origin = ldns_dname_new_frm_str(".");
	return reader;
}

void
rr_reader_close(struct rr_reader *reader)
{
	if (reader->file)
		fclose(reader->file);
	ldns_rdf_deep_free(reader->origin);
	ldns_rdf_deep_free(reader->previous);
}

static enum ms_status
take_read(const ldns_rr *in, struct ms_arena *arena, struct rr *out,
    const char **wrong)
{
	struct ms_dns_record record;
	struct ms_arena_mark mark;
	bool good;

	if (ldns_rr_get_class(in) != LDNS_RR_CLASS_IN) {
		*wrong = "the class is not IN";
		return MS_FORMAT;
	}
	from_ldns(arena, in, out);
	mark = ms_arena_mark(arena);
	good = rr_decode(arena, out, &record);
	ms_arena_reset(arena, mark);
	if (good)
		return MS_OK;
	*wrong = "the record's data is not what its type asks for";
	return MS_FORMAT;
}

/* libldns counts the empty lines behind a record with it. */
unsigned
rr_reader_line(const struct rr_reader *reader)
{
	long end = reader->file ? ftell(reader->file) : 0;
	struct ms_slice rest =
	    ms_slice_part(reader->text, 0, end > 0 ? (size_t)end : 0);
	unsigned line = 0, last = 1;
	struct ms_slice text;

	while (ms_slice_line(&rest, false, &text)) {
		line++;
		text = ms_slice_trim(text);
		if (text.n > 0 && text.p[0] != ';')
			last = line;
	}
	return last;
}

enum ms_status
rr_reader_next(struct rr_reader *reader, struct ms_arena *arena, struct rr *out,
    const char **wrong)
{
	int line = 0;
	enum ms_status status;
	ldns_status read;
	ldns_rr *rr = NULL;

	do {
		if (!reader->file || feof(reader->file))
			return MS_END;
		read = ldns_rr_new_frm_fp_l(&rr, reader->file, &reader->ttl,
		    &reader->origin, &reader->previous, &line);
	} while (read == LDNS_STATUS_SYNTAX_TTL ||
		 read == LDNS_STATUS_SYNTAX_ORIGIN ||
		 read == LDNS_STATUS_SYNTAX_EMPTY);
	if (read == LDNS_STATUS_SYNTAX_INCLUDE) {
		*wrong = "$INCLUDE is not done here: name that file as well";
		return MS_FORMAT;
	}
	if (read != LDNS_STATUS_OK) {
		*wrong = ldns_get_errorstr_by_id(read);
		return MS_FORMAT;
	}
	status = take_read(rr, arena, out, wrong);
	ldns_rr_free(rr);
	return status;
}
