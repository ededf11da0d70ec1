/* SPDX-License-Identifier: ISC
 * limits.c - the defaults of every limit
 */
#include "mailsonde/limits.h"

#define MIB ((size_t)1024 * 1024)

static const struct ms_limits defaults = {
	.message_size = 256 * MIB,
	.header_size = 16 * MIB,
	.headers = 10000,
	.field_size = 1 * MIB,
	.addresses = 10000,
	.comment_depth = 64,
	.encoded_words = 10000,
	.params = 256,
	.mime_depth = 128,
	.mime_parts = 10000,
	.boundaries = 128,
	.received = 1000,
	.claims = 500,
	.results = 256,
	.links = 10000,
	.html_size = 8 * MIB,
	.html_depth = 256,
	.html_attributes = 128,
	.text_size = 8 * MIB,
	.rtf_size = 8 * MIB,
	.rtf_depth = 256,
	.defects = 1000,
	.embedded = 1000,
	.report_fields = 10000,
	.directory_depth = 64,
	.spf_lookups = 10,
	.spf_void = 2,
	.spf_names = 10,
	.spf_seconds = 20,
	.spf_explanation = 4096,
	.spf_addresses = 256,
	.tags = 256,
	.spf_errors = 20,
	.domain_mx = 50,
	.mx_addresses = 32,
	.fetch_size = 1 * MIB,
	.fetch_seconds = 10,
	.policy_size = 64 * 1024,
	.xml_nodes = 10000,
	.xml_depth = 64,
	.mail_servers = 64,
	.domain_ns = 32,
	.ns_addresses = 64,
	.dmarc_reports = 16,
	.dmarc_walks = 32,
	.signatures = 50,
	.arc_sets = 50,
	.key_records = 8,
	.explain_bytes = 16 * MIB,
	.explain_checks = 64,
	.dns_in_flight = 1000,
	.dns_server_in_flight = 32,
	.dns_records = 4096,
	.dns_aliases = 16,
	.certificates = 32,
	.rules = 10000,
	.rule_conditions = 100000,
	.rule_seconds = 10,
	.rules_size = 16 * MIB,
	.certificate_names = 1000,
	.tls_connections = 600,
	.zone_size = 256 * MIB,
	.wire_bytes = MIB,
	.wire_line = 8192,
	.reply_lines = 256,
	.scram_rounds = 4000000,
	.report_size = 64 * MIB,
	.report_rows = 500000,
	.report_json = 4 * MIB,
	.report_depth = 5,
	.report_members = 1000,
	.serve_jobs = 64,
	.serve_waiting = 512,
	.serve_connections = 1000,
	.serve_request = 16384,
	.serve_seconds = 10,
	.mail_names = 1000,
	.dnsbl_lists = 256,
	.dnsbl_codes = 1000,
	.record_size = 1024 * MIB,
};

static size_t
pick(size_t given, size_t otherwise)
{
	return given ? given : otherwise;
}

struct ms_limits
ms_limits_fill(const struct ms_limits *in)
{
	struct ms_limits out = defaults;

	if (!in)
		return out;
	out.message_size = pick(in->message_size, out.message_size);
	out.header_size = pick(in->header_size, out.header_size);
	out.headers = pick(in->headers, out.headers);
	out.field_size = pick(in->field_size, out.field_size);
	out.addresses = pick(in->addresses, out.addresses);
	out.comment_depth = pick(in->comment_depth, out.comment_depth);
	out.encoded_words = pick(in->encoded_words, out.encoded_words);
	out.params = pick(in->params, out.params);
	out.mime_depth = pick(in->mime_depth, out.mime_depth);
	out.mime_parts = pick(in->mime_parts, out.mime_parts);
	out.boundaries = pick(in->boundaries, out.boundaries);
	out.received = pick(in->received, out.received);
	out.claims = pick(in->claims, out.claims);
	out.results = pick(in->results, out.results);
	out.links = pick(in->links, out.links);
	out.html_size = pick(in->html_size, out.html_size);
	out.html_depth = pick(in->html_depth, out.html_depth);
	out.html_attributes = pick(in->html_attributes, out.html_attributes);
	out.text_size = pick(in->text_size, out.text_size);
	out.rtf_size = pick(in->rtf_size, out.rtf_size);
	out.rtf_depth = pick(in->rtf_depth, out.rtf_depth);
	out.defects = pick(in->defects, out.defects);
	out.embedded = pick(in->embedded, out.embedded);
	out.report_fields = pick(in->report_fields, out.report_fields);
	out.directory_depth = pick(in->directory_depth, out.directory_depth);
	out.spf_addresses = pick(in->spf_addresses, out.spf_addresses);
	out.tags = pick(in->tags, out.tags);
	out.spf_errors = pick(in->spf_errors, out.spf_errors);
	out.domain_mx = pick(in->domain_mx, out.domain_mx);
	out.mx_addresses = pick(in->mx_addresses, out.mx_addresses);
	out.fetch_size = pick(in->fetch_size, out.fetch_size);
	out.fetch_seconds = pick(in->fetch_seconds, out.fetch_seconds);
	out.policy_size = pick(in->policy_size, out.policy_size);
	out.xml_nodes = pick(in->xml_nodes, out.xml_nodes);
	out.xml_depth = pick(in->xml_depth, out.xml_depth);
	out.mail_servers = pick(in->mail_servers, out.mail_servers);
	out.domain_ns = pick(in->domain_ns, out.domain_ns);
	out.ns_addresses = pick(in->ns_addresses, out.ns_addresses);
	out.dmarc_reports = pick(in->dmarc_reports, out.dmarc_reports);
	out.dmarc_walks = pick(in->dmarc_walks, out.dmarc_walks);
	out.signatures = pick(in->signatures, out.signatures);
	out.arc_sets = pick(in->arc_sets, out.arc_sets);
	out.key_records = pick(in->key_records, out.key_records);
	out.explain_bytes = pick(in->explain_bytes, out.explain_bytes);
	out.explain_checks = pick(in->explain_checks, out.explain_checks);
	out.spf_lookups = pick(in->spf_lookups, out.spf_lookups);
	out.spf_void = pick(in->spf_void, out.spf_void);
	out.spf_names = pick(in->spf_names, out.spf_names);
	out.spf_seconds = pick(in->spf_seconds, out.spf_seconds);
	out.spf_explanation = pick(in->spf_explanation, out.spf_explanation);
	out.dns_in_flight = pick(in->dns_in_flight, out.dns_in_flight);
	out.dns_server_in_flight =
	    pick(in->dns_server_in_flight, out.dns_server_in_flight);
	out.dns_records = pick(in->dns_records, out.dns_records);
	out.dns_aliases = pick(in->dns_aliases, out.dns_aliases);
	out.certificates = pick(in->certificates, out.certificates);
	out.certificate_names =
	    pick(in->certificate_names, out.certificate_names);
	out.zone_size = pick(in->zone_size, out.zone_size);
	out.tls_connections = pick(in->tls_connections, out.tls_connections);
	out.wire_bytes = pick(in->wire_bytes, out.wire_bytes);
	out.wire_line = pick(in->wire_line, out.wire_line);
	out.reply_lines = pick(in->reply_lines, out.reply_lines);
	out.scram_rounds = pick(in->scram_rounds, out.scram_rounds);
	out.report_size = pick(in->report_size, out.report_size);
	out.report_rows = pick(in->report_rows, out.report_rows);
	out.report_json = pick(in->report_json, out.report_json);
	out.report_depth = pick(in->report_depth, out.report_depth);
	out.report_members = pick(in->report_members, out.report_members);
	out.serve_jobs = pick(in->serve_jobs, out.serve_jobs);
	out.serve_waiting = pick(in->serve_waiting, out.serve_waiting);
	out.serve_connections =
	    pick(in->serve_connections, out.serve_connections);
	out.serve_request = pick(in->serve_request, out.serve_request);
	out.serve_seconds = pick(in->serve_seconds, out.serve_seconds);
	out.mail_names = pick(in->mail_names, out.mail_names);
	out.dnsbl_lists = pick(in->dnsbl_lists, out.dnsbl_lists);
	out.dnsbl_codes = pick(in->dnsbl_codes, out.dnsbl_codes);
	out.record_size = pick(in->record_size, out.record_size);
	return out;
}
