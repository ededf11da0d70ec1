/* SPDX-License-Identifier: ISC
 * dns.h - questions and answers: found, absent and could-not-tell kept apart
 *
 * One interface, several sources: live, zone files laid over, recorded,
 * replayed, none. A judge asks in straight-line code and never learns which
 * of them answers. Names are text without the final dot; octets that have a
 * meaning in master files are escaped as there (RFC 1035 5.1) where they come
 * out, and are taken as they are where they go in: only '.' parts labels.
 */
#ifndef MAILSONDE_DNS_H
#define MAILSONDE_DNS_H

#include <stdint.h>

#include "mailsonde/arena.h"
#include "mailsonde/ip.h"
#include "mailsonde/status.h"

enum ms_dns_type {
	MS_DNS_A = 1,
	MS_DNS_NS = 2,
	MS_DNS_CNAME = 5,
	MS_DNS_SOA = 6,
	MS_DNS_PTR = 12,
	MS_DNS_MX = 15,
	MS_DNS_TXT = 16,
	MS_DNS_AAAA = 28,
	MS_DNS_SRV = 33,
	MS_DNS_DS = 43,
	MS_DNS_DNSKEY = 48,
	MS_DNS_TLSA = 52,
	MS_DNS_SPF = 99,
	MS_DNS_AXFR = 252,
	MS_DNS_CAA = 257,
};

/* "TXT", "TYPE65280"; and back (case ignored), 0 when it is no type. */
#define MS_DNS_TYPE_TEXT 16
void ms_dns_type_format(uint16_t type, char out[MS_DNS_TYPE_TEXT]);
uint16_t ms_dns_type_parse(struct ms_slice text);

/* ---- names ---- */

/* Wire form, not compressed (RFC 1035 3.1); case is kept. */
struct ms_dns_name {
	uint8_t n; /* octets, the root label included: 1 to 255 */
	unsigned char wire[255];
};

/* Text to name. Every octet but '.' is taken as it stands; one final dot is
 * allowed. False: an empty label, a label over 63 octets, a name over 255
 * octets. An empty text is the root. */
bool ms_dns_name_from_text(struct ms_slice text, struct ms_dns_name *out);

/* The same with the escapes of master files: \. and \DDD. */
bool ms_dns_name_from_master(struct ms_slice text, struct ms_dns_name *out);

/* A name in wire form at the start of `wire`, not compressed. */
bool ms_dns_name_from_wire(struct ms_slice wire, struct ms_dns_name *out);

/* Text with escapes, without the final dot; the root is ".". In the arena,
 * NUL-terminated behind its end. */
struct ms_slice ms_dns_name_format(
    struct ms_arena *arena, const struct ms_dns_name *name);

/* Same but for the case of ASCII letters (RFC 4343). */
bool ms_dns_name_equal(
    const struct ms_dns_name *a, const struct ms_dns_name *b);

/* 1.2.0.192.in-addr.arpa, nibbles under ip6.arpa (RFC 1035 3.5, 3596 2.5). */
void ms_dns_name_reverse(const struct ms_ip *ip, struct ms_dns_name *out);

/* ---- questions ---- */

enum ms_dns_want {
	/* The answer must be validated (DNSSEC, by libunbound): `security` is
	 * then never MS_DNS_UNCHECKED unless the source cannot validate. */
	MS_DNS_VALIDATED = 1 << 0,
	/* Only in records: it was asked of an archive, not of the DNS. */
	MS_DNS_ARCHIVED = 1 << 1,
};

/* One of the servers that have the zone is asked where `server` is set, by
 * itself and not to recurse: what it says is its own word. Its answer may be
 * MS_DNS_REFERRAL; aliases are not followed; nothing is validated. Nobody
 * below looks whether that address may be asked: who takes it from a zone must.
 * MS_DNS_AXFR is asked of a server only. It goes over TCP, ends with the first
 * message, and its records are the SOA in it. */
struct ms_dns_question {
	struct ms_dns_name name;
	uint16_t type;
	unsigned want;       /* enum ms_dns_want */
	struct ms_ip server; /* not set: whoever the source asks */
	uint16_t port;       /* of it; 0: 53 */
	/* Nobody waits longer for the answer: then it is MS_DNS_TIMEOUT for
	 * whoever asks, and may still come for others. 0: as long as the source
	 * takes. It is no part of what is asked: a source that keeps one answer
	 * for all (ms_dns_once) keeps this one too. */
	double seconds;
};

/* The server as "192.0.2.53@53" and a NUL. */
#define MS_DNS_SERVER_TEXT (MS_IP_TEXT + 8)
void ms_dns_server_format(
    const struct ms_dns_question *question, char out[MS_DNS_SERVER_TEXT]);

/* ---- answers ---- */

enum ms_dns_status {
	/* answers */
	MS_DNS_FOUND,    /* records of the type asked for */
	MS_DNS_NODATA,   /* the name exists, without that type */
	MS_DNS_NXDOMAIN, /* the name does not exist, nor any below it */
	/* Others know: the records are NS, their owner is where the zone of
	 * the server asked ends. Of a question to a server only. */
	MS_DNS_REFERRAL,
	/* could not tell: never an absence */
	MS_DNS_TIMEOUT,
	MS_DNS_SERVFAIL,
	MS_DNS_REFUSED,
	MS_DNS_BROKEN,       /* an answer nobody can read, or another RCODE */
	MS_DNS_UNREACHABLE,  /* no server took the question */
	MS_DNS_NO_ROUTE,     /* this machine has no way to the server asked, so
				that it says nothing of it: IPv6 missing */
	MS_DNS_BOGUS,        /* DNSSEC says: forged or broken */
	MS_DNS_LOOP,         /* CNAMEs in a circle, or too many */
	MS_DNS_OFFLINE,      /* nobody may be asked (--offline) */
	MS_DNS_NOT_RECORDED, /* the record file lacks the question */
	MS_DNS_INVALID,      /* the name cannot be asked: see ms_dns_ask */
	MS_DNS_PUT_OFF,      /* not there yet: from ms_dns_gather alone */
};

/* "found", "nodata", "nxdomain", "timeout", …: the words of the JSON. */
const char *ms_dns_status_name(enum ms_dns_status status);
/* False when `text` is none of them. */
bool ms_dns_status_parse(struct ms_slice text, enum ms_dns_status *out);

static inline bool
ms_dns_is_absent(enum ms_dns_status status)
{
	return status == MS_DNS_NODATA || status == MS_DNS_NXDOMAIN;
}

/* Could not tell. MS_DNS_INVALID is neither: no such name can exist. */
static inline bool
ms_dns_is_failure(enum ms_dns_status status)
{
	return status >= MS_DNS_TIMEOUT && status != MS_DNS_INVALID;
}

enum ms_dns_security {
	MS_DNS_UNCHECKED, /* nobody validated */
	MS_DNS_INSECURE,  /* provably unsigned */
	MS_DNS_SECURE,    /* validated here */
	MS_DNS_SECURE_AD, /* the resolver says so (AD bit), and it is on
			     loopback or named as trusted */
	MS_DNS_SECURITY_BOGUS,
};
const char *ms_dns_security_name(enum ms_dns_security security);
bool ms_dns_security_parse(struct ms_slice text, enum ms_dns_security *out);

struct ms_dns_record {
	struct ms_slice name; /* owner; at the end of a CNAME chain */
	uint16_t type;
	uint32_t ttl;          /* seconds, as the server gave it */
	struct ms_slice rdata; /* wire form, names not compressed */
	union {
		struct ms_ip ip;        /* A, AAAA */
		struct ms_slice target; /* NS, CNAME, PTR */
		struct ms_slice text;   /* TXT, SPF: strings joined without
					   a blank, octets as they are */
		struct {
			uint16_t preference;
			struct ms_slice exchange; /* "." for the null MX */
		} mx;
		struct {
			uint16_t priority, weight, port;
			struct ms_slice target; /* "." : not offered */
		} srv;
		struct {
			struct ms_slice mname, rname;
			uint32_t serial, refresh, retry, expire, minimum;
		} soa;
		struct {
			uint8_t usage, selector, matching;
			struct ms_slice data;
		} tlsa;
		struct {
			uint8_t flags;
			struct ms_slice tag, value;
		} caa;
	} u;
};

struct ms_dns_answer {
	enum ms_dns_status status;
	enum ms_dns_security security;
	const char *why; /* a sentence for a failure or bogus; else NULL */
	/* Records of the type asked for, in the server's order. A question
	 * for CNAME gives the CNAME itself. */
	struct ms_dns_record *records;
	size_t n;
	struct ms_dns_record *glue; /* of a referral: A and AAAA */
	size_t glue_n;
	struct ms_slice *aliases; /* CNAME targets on the way, in order */
	size_t aliases_n;
	uint32_t ttl; /* least of the records; negative: by the SOA (RFC 2308);
			 of failures 0 */
	int rcode;    /* of the answer; -1 when there was none */
	bool
	    authoritative; /* AA: by one who has the zone; of a zone file too */
	bool recursion;    /* RA: it would ask others */
	/* Of the signatures over the records that came with them (RRSIG, RFC
	 * 4034 3.1.5) the first to end, in serial arithmetic. */
	bool has_signature;
	uint32_t signed_since, signed_until;
	int ede; /* extended error (RFC 8914); -1 none */
	struct ms_slice ede_text;
	const char *server; /* "192.0.2.53@53", "zone new.zone"; NULL */
	int64_t time;       /* when it was answered, seconds since 1970 */
	/* It took, for whoever asked first; also where the answer was kept or
	 * recorded, 0 from a zone. A judge that counts time adds these up, and
	 * so comes to the same in a replay. */
	double seconds;
	bool truncated;       /* records were left out at a limit */
	struct ms_slice wire; /* the answer as it came; NULL when none did, or
				 it was not made of one */
};

/* An answer of nothing but a status and the reason for it. */
void ms_dns_fail(
    struct ms_dns_answer *out, enum ms_dns_status status, const char *why);

/* ---- sources ---- */

struct ms_dns_source {
	/* Answers one question, following CNAMEs. Blocks until the answer is
	 * there or a deadline has passed; always fills *out, in `arena`, which
	 * belongs to the caller. Thread-safe. */
	void (*query)(struct ms_dns_source *self,
	    const struct ms_dns_question *question, struct ms_arena *arena,
	    struct ms_dns_answer *out);
	/* Starts asking what will be needed: a hint, returns at once. True:
	 * the answer is there, and `query` would not wait. NULL where it makes
	 * no sense. A question that only was prefetched leaves no trace in a
	 * record. */
	bool (*prefetch)(
	    struct ms_dns_source *self, const struct ms_dns_question *question);
	void (*close)(struct ms_dns_source *self);
};

/* The rdata as master files have it ("10 mx.example.org."), or "\# 2 abcd"
 * where nothing is known of the type. */
struct ms_slice ms_dns_rdata_text(
    struct ms_arena *arena, const struct ms_dns_record *record);

/* A source that answers MS_DNS_OFFLINE. */
struct ms_dns_source *ms_dns_none(void);

/* Asks by text. A name that cannot exist (see ms_dns_name_from_text) is
 * MS_DNS_INVALID, and nobody is asked. */
void ms_dns_ask(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, struct ms_arena *arena, struct ms_dns_answer *out);

/* The same to one server. */
void ms_dns_ask_server(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, const struct ms_ip *server, struct ms_arena *arena,
    struct ms_dns_answer *out);

/* The hints for the same questions. */
void ms_dns_hint(
    struct ms_dns_source *source, struct ms_slice name, enum ms_dns_type type);
void ms_dns_hint_server(struct ms_dns_source *source, struct ms_slice name,
    enum ms_dns_type type, const struct ms_ip *server);

/* The answer is out of a master file that was laid over: nobody was asked. */
bool ms_dns_is_planned(const struct ms_dns_answer *answer);

/* Asks for the PTR records of an address. */
void ms_dns_ask_reverse(struct ms_dns_source *source, const struct ms_ip *ip,
    struct ms_arena *arena, struct ms_dns_answer *out);

#endif
