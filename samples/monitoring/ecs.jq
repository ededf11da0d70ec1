# SPDX-License-Identifier: ISC
# ecs.jq - results as documents of the Elastic Common Schema, a line each:
#   mailsonde analyze -f ndjson MAILBOX | jq -c -f ecs.jq
def addresses: [.[]?.address | select(. != null)];
def domains: [.[]?.domain | select(. != null)] | unique;
def parts: [.. | objects | select(has("content_type"))];
{
  "@timestamp": .time,
  "ecs": { "version": "8.11.0" },
  "event": {
    "kind": (if any(.findings[]; .severity == "high" or .severity == "critical") then "alert" else "event" end),
    "category": [ "email" ],
    "dataset": "mailsonde.\(.command)",
    "severity": ([.findings[].severity] | map({ info: 0, low: 1, medium: 2, high: 3, critical: 4 }[.]) | max)
  },
  "email": (if .message then {
    "from": { "address": (.message.from | addresses), "domain": (.message.from | domains) },
    "to": { "address": (.message.to | addresses), "domain": (.message.to | domains) },
    "reply_to": { "address": (.message.reply_to | addresses) },
    "subject": .message.subject,
    "message_id": .message.message_id,
    "origination_timestamp": .message.date,
    "attachments": [ .message.attachments[]? | { "file": {
      "name": .filename, "size": .size, "hash": { "sha256": .sha256 } } } ]
  } else null end),
  "source": (if .trace.origin.ip then { "ip": .trace.origin.ip } else null end),
  "server": (if .subject.kind == "server" then {
    "domain": .subject.host, "ip": .subject.address, "port": .subject.port } else null end),
  "tls": (if .server.tls.version then {
    "version": (.server.tls.version | ltrimstr("TLSv")),
    "version_protocol": "tls",
    "cipher": .server.tls.cipher,
    "server": { "not_after": .server.tls.not_after, "not_before": .server.tls.not_before, "issuer": .server.tls.issuer }
  } else null end),
  "mailsonde": { "subject": .subject, "verdict": .verdict, "score": .domain.score,
    "findings": [ .findings[] | { id, severity, title } ], "errors": .errors }
} | del(..|nulls)
