#!/bin/sh
# SPDX-License-Identifier: ISC
# run_login.sh - mailsonde probe --login against servers on loopback
#
# run_login.sh BUILD-DIRECTORY. tests/cli/mail_server.py is every server; each
# case is judged by what came of the log-in, and once more from its record,
# which must give the same bytes without the secret. Behind all of them nothing
# that was written may hold the secret in any form.
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
server=
stop() {
	[ -n "$server" ] && kill "$server" 2>/dev/null
	rm -rf "$work"
}
trap stop EXIT
passed=0 failed=0

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
}

python3 "$root/mail_server.py" "$work" &
server=$!
n=0
while [ ! -e "$work/ports" ] && [ "$n" -lt 200 ]; do
	n=$((n + 1))
	sleep 0.05
done

port() {
	sed -n "s/^$1 //p" "$work/ports"
}

user=ann@harbour.example secret='Kelp-forest 7!' token=ya29.brine-token
host=mx.harbour.example
cat >"$work/zone" <<EOF
mx.harbour.example. 300 A 127.0.0.1
*.mx.harbour.example. 300 TXT "nothing"
EOF
umask 077
printf '%s\n' "$secret" >"$work/password"
printf '%s\n' "$token" >"$work/token"
printf 'wrong-Anchovy-9\n' >"$work/wrong"
mkdir "$work/seen"

# check WHAT STATUS RESULT MECHANISM SCHEME SERVER OPTIONS...: what came of the
# log-in, and by which mechanism
check() {
	what=$1 status=$2 wanted="$3 $4" target=$5://$host:$(port "$6")
	shift 6
	n=$((n + 1))
	"$build/mailsonde" probe -v -f ndjson --timeout 5 \
	    --ca-file "$work/ca.pem" --zone "$work/zone" \
	    --record "$work/seen/$n.record" --login "$user" "$@" "$target" \
	    >"$work/seen/$n.json" 2>"$work/seen/$n.err" </dev/null
	got=$?
	found=$(python3 -c '
import json, sys
login = json.load(open(sys.argv[1]))["server"]["login"]
print(login["result"], login["mechanism"] or "-")
' "$work/seen/$n.json")
	if [ "$got" = "$status" ] && [ "$found" = "$wanted" ]; then
		good
	else
		bad "$what: status $got, wanted $status; \"$found\", wanted" \
		    "\"$wanted\"" && cat "$work/seen/$n.err"
	fi
	cat "$work/seen/$n.json" >>"$work/all.ndjson"
	"$build/mailsonde" probe -v -f ndjson --replay "$work/seen/$n.record" \
	    >"$work/again" 2>"$work/err"
	if cmp -s "$work/seen/$n.json" "$work/again"; then
		good
	else
		bad "$what: the replay differs" && cat "$work/err"
	fi
	"$build/mailsonde" probe -v --replay "$work/seen/$n.record" \
	    >"$work/seen/$n.text" 2>&1
}

# Every mechanism in every protocol.
for protocol in smtp:submissions imap:imaps pop3:pop3s sieve:sieve; do
	name=${protocol%:*} scheme=${protocol#*:}
	for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
		check "$name $mechanism" 0 ok $mechanism "$scheme" \
		    "${name}_$mechanism" --password-file "$work/password"
	done
	for mechanism in OAUTHBEARER XOAUTH2; do
		check "$name $mechanism" 0 ok $mechanism "$scheme" \
		    "${name}_$mechanism" --token-file "$work/token"
	done
done

# What was written holds nothing of the secret.
python3 - "$work/seen" "$secret" "$token" <<'EOF' >"$work/log" 2>&1 && good ||
import base64, json, os, sys

secrets = [s.encode() for s in sys.argv[2:]] + [b"wrong-Anchovy-9"]
bad, files = [], 0
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as f:
        data = f.read()
    files += 1
    text = data + json.dumps(data.decode("utf-8", "replace")).encode()
    for secret in secrets:
        forms = {secret, secret.hex().encode()}
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + secret)
            forms.add(whole[4 if shift else 0 : (shift + len(secret)) // 3 * 4])
        bad += [(name, form) for form in forms if form in text]
assert files > 60, files
assert not bad, bad
EOF
    bad "the secret stands in what was written: $(cat "$work/log")"

echo "run_login: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
