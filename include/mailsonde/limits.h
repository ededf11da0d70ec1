/* SPDX-License-Identifier: ISC
 * limits.h - every limit that input can hit, by name
 *
 * Zero means the default. Hitting a limit cuts what is looked at, sets a flag
 * in the result and becomes a finding; the rest is still shown. The defaults
 * are generous to real mail. "ours" unless a source is given.
 */
#ifndef MAILSONDE_LIMITS_H
#define MAILSONDE_LIMITS_H

#include <stddef.h>

struct ms_limits {
	size_t message_size;  /* bytes of one message: 256 MiB */
	size_t header_size;   /* bytes of one header block: 16 MiB */
	size_t headers;       /* fields in one header block: 10,000 */
	size_t field_size;    /* bytes of one field that are parsed: 1 MiB */
	size_t addresses;     /* mailboxes read in one field: 10,000 */
	size_t comment_depth; /* nested comments, RFC 5322 3.2.2: 64 */
	size_t encoded_words; /* RFC 2047 words decoded in one field: 10,000 */
	size_t params;        /* parameters of one field: 256 */
	size_t mime_depth;    /* multipart and rfc822 nesting: 128 */
	size_t mime_parts;    /* parts of one message: 10,000 */
	size_t boundaries;    /* multiparts open at once: the depth */
	size_t received;      /* Received fields parsed: 1,000 */
	size_t claims;        /* fields of claimed results that are read: 500 */
	size_t results;    /* claimed by one field, or their properties: 256 */
	size_t links;      /* links kept: 10,000 */
	size_t html_size;  /* bytes of HTML read for links: 8 MiB */
	size_t html_depth; /* open elements kept: 256 */
	size_t html_attributes; /* attributes of one tag kept: 128 */
	size_t text_size;       /* bytes of text searched for links: 8 MiB */
	size_t rtf_size;  /* bytes of a compressed RTF body unpacked: 8 MiB */
	size_t rtf_depth; /* groups of RTF kept: 256 */
	size_t defects;   /* defects kept per message: 1,000 */
	size_t embedded;  /* uuencode and yEnc objects: 1,000 */
	size_t report_fields;   /* fields of one DSN, MDN, ARF part: 10,000 */
	size_t directory_depth; /* folders walked: 64 */
	size_t spf_lookups;     /* terms that look up, RFC 7208 4.6.4: 10 */
	size_t spf_void;        /* of them void, RFC 7208 4.6.4: 2 */
	size_t spf_names;       /* names of one mx or ptr, RFC 7208 4.6.4: 10 */
	size_t spf_seconds;     /* of one check, RFC 7208 4.6.4: 20 */
	size_t spf_explanation; /* octets of exp= text: 4,096 */
	size_t spf_addresses;   /* that may send and are looked up: 256 */
	size_t tags;            /* tags of one tag list: 256 */
	size_t spf_errors;      /* findings about the terms of a record: 20 */
	size_t domain_mx;       /* mail exchangers of a domain: 50 */
	size_t mx_addresses;    /* of exchangers that are spoken with: 32 */
	size_t fetch_size;      /* bytes of one document fetched: 1 MiB */
	size_t fetch_seconds;   /* of fetching one document: 10 */
	size_t policy_size;     /* bytes of an MTA-STS policy: 64 KiB */
	size_t xml_nodes;       /* elements and attributes of a tree: 10,000 */
	size_t xml_depth;       /* nested elements: 64 */
	size_t mail_servers;   /* servers of one settings file or address: 64 */
	size_t domain_ns;      /* name servers of a domain: 32 */
	size_t ns_addresses;   /* of them that are asked: 64 */
	size_t dmarc_reports;  /* destinations asked about, of each tag: 16 */
	size_t dmarc_walks;    /* identifiers aligned by a tree walk: 32 */
	size_t signatures;     /* DKIM signatures judged in one message: 50 */
	size_t arc_sets;       /* ARC sets judged, RFC 8617 4.2.1: 50 */
	size_t key_records;    /* key records tried at one selector: 8 */
	size_t explain_bytes;  /* hashed to explain a broken hash: 16 MiB */
	size_t explain_checks; /* signatures computed to explain one: 64 */
	size_t dns_in_flight;  /* questions on their way at once: 1,000 */
	size_t dns_server_in_flight; /* of these to one name server by itself:
					32 */
	size_t dns_records;          /* records kept of one DNS answer: 4,096 */
	size_t dns_aliases;          /* CNAMEs followed for one question: 16 */
	size_t certificates;         /* of one chain that are read: 32 */
	size_t certificate_names;    /* of one certificate: 1,000 */
	size_t tls_connections;      /* opened by one scan of TLS: 600 */
	size_t wire_bytes;           /* that one connection may send: 1 MiB */
	size_t wire_line;       /* octets kept of a line of a server: 8,192 */
	size_t reply_lines;     /* lines kept of one reply: 256 */
	size_t scram_rounds;    /* of hashing in a log-in by SCRAM: 4,000,000 */
	size_t rules;           /* of one pack: 10,000 */
	size_t rule_conditions; /* of one pack: 100,000 */
	size_t rule_seconds;    /* that packs may take for a message: 10 */
	size_t rules_size;      /* bytes of one pack: 16 MiB */
	size_t report_size;     /* bytes of one DMARC report, and of all that
				   comes out of one archive: 64 MiB */
	size_t report_rows;     /* rows of one, or failures of a TLS report:
				   500,000 */
	size_t report_json;     /* bytes of one TLS report: 4 MiB */
	size_t report_depth;    /* archives within archives and mail: 5 */
	size_t report_members;  /* files of an archive, parts of a mail, that
				   may be reports: 1,000 */
	size_t serve_jobs;      /* subjects that serve works on at once: 64 */
	size_t serve_waiting;   /* requests to it that wait: 512 */
	size_t serve_connections; /* to it at once: 1,000 */
	size_t serve_request;     /* octets of a request to it: 16,384 */
	size_t serve_seconds;     /* of a request on its way to it: 10 */
	size_t mail_names;        /* of messages, looked up in lists: 1,000 */
	size_t dnsbl_lists;       /* lists in the DNS, asked at once: 256 */
	size_t dnsbl_codes;       /* of one of them: 1,000 */
	size_t record_size;       /* bytes of a --replay file: 1 GiB */
	size_t zone_size;         /* bytes of all --zone files: 256 MiB */
};

/* `in` (may be NULL) with the default in place of every zero. */
struct ms_limits ms_limits_fill(const struct ms_limits *in);

#endif
