#!/bin/sh
# SPDX-License-Identifier: ISC
# run_probe.sh - mailsonde probe against servers on loopback
#
# run_probe.sh BUILD-DIRECTORY. tests/cli/mail_server.py is every server; each
# case is judged by the findings, errors and exit code that it must give, and
# once more from its record, which must give the same bytes.
set -u
# shellcheck source=tests/support/server.sh
. "$(dirname "$0")/../support/server.sh"
start_server mail_server.py

# check WHAT STATUS WANTED TARGET OPTIONS...: the ids of findings, then what
# errors are about, sorted
check() {
	what=$1 status=$2 wanted=$3 target=$4
	shift 4
	"$build/mailsonde" probe -f ndjson --timeout 3 --ca-file "$work/ca.pem" \
	    --zone "$work/zone" --fail-on high --record "$work/record" \
	    "$@" "$target" >"$work/out" 2>"$work/err"
	got=$?
	found=$(python3 - "$work/out" <<-'EOF'
		import json, sys

		for line in open(sys.argv[1], encoding="utf-8"):
		    result = json.loads(line)
		    ids = [f["id"] for f in result["findings"]]
		    ids += [e["what"] for e in result["errors"]]
		    print(" ".join(sorted(ids)))
	EOF
	)
	if [ "$got" = "$status" ] && [ "$found" = "$wanted" ]; then
		good
	else
		bad "$what: status $got, wanted $status; \"$found\", wanted" \
		    "\"$wanted\"" && cat "$work/err"
	fi
	cat "$work/out" >>"$work/all.ndjson"
	"$build/mailsonde" probe -v -f ndjson --replay "$work/record" \
	    >>"$work/all.ndjson" 2>/dev/null
	"$build/mailsonde" probe -f ndjson --replay "$work/record" \
	    >"$work/again" 2>"$work/err"
	if cmp -s "$work/out" "$work/again"; then
		good
	else
		bad "$what: the replay differs" && cat "$work/err"
	fi
}

cat >"$work/zone" <<EOF
mx.harbour.example. 300 A 127.0.0.1
harbour.example. 300 MX 10 mx.harbour.example.
*.mx.harbour.example. 300 TXT "nothing"
*.harbour.example. 300 TXT "nothing"
quiet.example. 300 MX 0 .
bare.example. 300 TXT "nothing"
slow.example. 300 TXT "x"
;; timeout slow.example MX
;; servfail lost.harbour.example
EOF

host=mx.harbour.example
for name in smtp submissions imap pop3 sieve activesync autodiscover; do
	check "$name" 0 "" "$name://$host:$(port $name)"
done
check "submission" 0 "" "submission://$host:$(port smtp)"
check "submission, TLS not required" 0 "" \
    "submission://$host:$(port smtp_open)"
check "lmtp" 0 "" "lmtp://$host:$(port smtp)"
check "IMAP log-in in the clear" 1 imap-auth-in-clear \
    "imap://$host:$(port imap_clear)"
check "POP3 log-in in the clear" 1 "pop3-auth-in-clear tls-not-offered" \
    "pop3://$host:$(port pop3_clear)"
check "POP3 log-in that is announced only" 0 "" \
    "pop3://$host:$(port pop3_names_user)"
check "sieve log-in in the clear" 1 "sieve-auth-in-clear tls-not-offered" \
    "sieve://$host:$(port sieve_clear)"
check "no EHLO, bare LF" 0 "server-line-ends smtp-no-ehlo tls-not-offered" \
    "smtp://$host:$(port ancient)"
check "names that differ, an alert" 1 \
    "smtp-names-differ tls-handshake-failed" "smtp://$host:$(port other_name)"
check "a chain of thousands" 1 tls-handshake-failed \
    "imaps://$host:$(port endless_chain)"
check "no ActiveSync" 1 http-not-there "activesync://$host:$(port not_found)"
check "active: a leaky server" 1 \
    "server-version smtp-bare-lf smtp-open-relay smtp-vrfy tls-command-injection" \
    "smtp://$host:$(port leaky)" --active
check "the same, not active" 0 server-version "smtp://$host:$(port leaky)"
check "active: a strict server" 0 "" "smtp://$host:$(port strict)" --active
check "active: IMAP" 0 "" "imap://$host:$(port imap)" --active
check "active: leaky IMAP" 1 tls-command-injection \
    "imap://$host:$(port imap_leaky)" --active
check "active: POP3" 0 "" "pop3://$host:$(port pop3)" --active
check "active: sieve" 0 "" "sieve://$host:$(port sieve)" --active
check "busy" 2 server "smtp://$host:$(port busy)"
check "busy once" 0 "" "smtp://$host:$(port busy_once)" --retry 2 \
    --timeout 10
check "blocked" 2 server "smtp://$host:$(port blocked)"
if grep -q '"text":"QUIT' "$work/record"; then
	good
else
	bad "blocked: no QUIT was sent"
fi
check "STARTTLS stripped" 1 \
    "smtp-extensions-missing tls-starttls-stripped" \
    "smtp://$host:$(port stripped)"
check "no TLS, for clients" 1 \
    "smtp-auth-in-clear smtp-extensions-missing smtp-size-small tls-not-offered" \
    "submission://$host:$(port no_tls)"
check "no TLS, between servers" 1 \
    "smtp-auth-in-clear smtp-extensions-missing smtp-size-small tls-not-offered" \
    "smtp://$host:$(port no_tls)"
check "STARTTLS rejected" 1 \
    "smtp-extensions-missing tls-starttls-rejected" \
    "smtp://$host:$(port rejects_starttls)"
check "injection" 1 tls-starttls-injection "smtp://$host:$(port injects)"
check "silent" 2 server "smtp://$host:$(port silent)" --timeout 1
check "SSH" 1 server-wrong-protocol "smtp://$host:$(port ssh)"
check "TLS where none is yet" 1 tls-where-plain \
    "smtp://$host:$(port submissions)" --timeout 2
check "none where TLS belongs" 1 tls-plain-where-tls \
    "imaps://$host:$(port imap)"
check "refused" 2 server "smtp://$host:1"
check "no such name" 1 server-no-address "smtp://none.harbour.example" \
    --offline
check "a name that fails" 2 server "smtp://lost.harbour.example" --offline
check "offline" 2 server "smtp://$host" --offline

check "an exchanger that is led elsewhere" 0 "" --mx=harbour.example \
    --connect-to "$host:25:127.0.0.1:$(port smtp)"
check "an exchanger in one's own network" 0 server --mx=harbour.example
check "null MX" 0 "" --mx=quiet.example
check "no exchanger" 1 server-no-exchanger --mx=bare.example --offline
check "no such domain" 1 server-no-exchanger --mx=none.example --offline
check "MX that could not be told" 2 dns --mx=slow.example

# A bad target is said, and the others are done.
printf '%s\n' "smtp://$host:$(port smtp)" 'gopher://x' 'host:0' 'host' \
    '[::1' '{"id":7,"target":"imap://'"$host:$(port imap)"'"}' |
	"$build/mailsonde" probe -f ndjson --zone "$work/zone" --timeout 3 \
	    --ca-file "$work/ca.pem" - >"$work/out" 2>"$work/err"
got=$?
if [ "$got" = 65 ] && [ "$(wc -l <"$work/out")" = 6 ] &&
    [ "$(grep -c '"status":"ok"' "$work/out")" = 2 ] &&
    tail -n 1 "$work/out" | grep -q '"id":7'; then
	good
else
	bad "targets of standard input: status $got"
	cat "$work/out"
fi

check_schema

echo "run_probe: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
