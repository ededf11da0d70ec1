#!/bin/sh
# SPDX-License-Identifier: ISC
# run_tls_scan.sh - mailsonde probe --tls-scan against TLS that is made up
#
# run_tls_scan.sh BUILD-DIRECTORY. tests/cli/tls_server.py is every server; each
# case is judged by the findings, errors and exit code that it must give, and
# once more from its record, which must give the same bytes. The records under
# tests/cli/probe/tls-scan* are of its servers smtp_good and smtp_bad.
set -u
# shellcheck source=tests/support/server.sh
. "$(dirname "$0")/../support/server.sh"
start_server tls_server.py

cat >"$work/zone" <<EOF
mx.harbour.example. 300 A 127.0.0.1
_25._tcp.mx.harbour.example. 300 TXT "no TLSA"
EOF

# check SERVER SCHEME STATUS VERSIONS WANTED SECONDS: the versions that are offered (a
# "?" where that is not known), and the ids of findings and what errors are
# about, but for those that the lack of a handshake brings
check() {
	"$build/mailsonde" probe -f ndjson --tls-scan --fail-on medium \
	    --timeout "$6" --record "$work/record" \
	    --zone "$work/zone" --resolver 127.0.0.1@1 \
	    --connect-to "::127.0.0.1:$(port "$1")" \
	    "$2://mx.harbour.example" >"$work/out" 2>"$work/err"
	got=$?
	found=$(python3 - "$work/out" <<-'EOF'
		import json, sys

		result = json.load(open(sys.argv[1], encoding="utf-8"))
		scan = result["server"]["tls"]["scan"]
		sign = {True: "", None: "?"}
		print(" ".join(
		    sign[v["offered"]] + v["version"]
		    for v in scan["versions"] if v["offered"] is not False
		))
		ids = {f["id"] for f in result["findings"]}
		ids = {i for i in ids if i.startswith("tls-")}
		ids |= {e["what"] for e in result["errors"]}
		ids -= {"server", "tls-handshake-failed"}
		print(" ".join(sorted(ids)) or "nothing")
		complete = all(
		    v["offered"] is not None and v.get("ciphers_complete", True)
		    and v.get("groups_complete", True) for v in scan["versions"]
		)
		assert scan["complete"] == complete
		assert scan["connections"] < result["server"]["connections"]
	EOF
	)
	[ "$4" = - ] && found="-
$(echo "$found" | sed 1d)" # it depends on who comes first
	if [ "$got" = "$3" ] && [ "$found" = "$4
$5" ]; then
		good
	else
		bad "$1: status $got, wanted $3; \"$found\", wanted \"$4; $5\""
		cat "$work/err"
	fi
	"$build/mailsonde" probe -f ndjson --replay "$work/record" \
	    >"$work/again" 2>"$work/err"
	if cmp -s "$work/out" "$work/again"; then
		good
	else
		bad "$1: the replay differs"
		cat "$work/err"
	fi
}

check smtp_good smtp 1 "TLSv1.3 TLSv1.2" nothing 30
check bad imaps 1 "TLSv1.1 TLSv1.0 SSLv3 SSLv2" \
    "tls-anonymous-cipher tls-compression tls-export-cipher\
 tls-insecure-renegotiation tls-no-extended-master-secret\
 tls-no-fallback-scsv tls-no-forward-secrecy tls-no-modern-version\
 tls-no-post-quantum tls-null-cipher tls-old-cipher tls-old-version tls-rc4\
 tls-small-group tls-sslv2 tls-sslv3" 30
check stiff imaps 1 "TLSv1.2" \
    "tls-intolerant tls-no-aead tls-no-post-quantum tls-no-tls13\
 tls-short-hello" 30
check smtp_closes smtp 1 "TLSv1.3 TLSv1.2" nothing 30
check smtp_busy smtp 1 - "tls-scan" 30
check smtp_silent smtp 1 "TLSv1.3 TLSv1.2 ?TLSv1.0" "tls-scan" 8

echo "run_tls_scan: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
