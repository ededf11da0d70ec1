#!/bin/sh
# SPDX-License-Identifier: ISC
# run_login.sh - mailsonde probe --login against servers on loopback
#
# run_login.sh BUILD-DIRECTORY. tests/cli/mail_server.py is every server; each
# case is judged by what came of the log-in, and once more from its record,
# which must give the same bytes without the secret. Behind all of them nothing
# that was written may hold the secret in any form.
set -u
# shellcheck source=tests/support/server.sh
. "$(dirname "$0")/../support/server.sh"
start_server mail_server.py

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
printf '%s\n' 'say "kelp\reef"' >"$work/quoted"
printf '%s\n' 'Kälpwäld' >"$work/literal"
mkdir "$work/seen"

# check WHAT STATUS WANTED SCHEME SERVER OPTIONS...: what came of the log-in,
# by which mechanism, the findings and what errors are about, sorted
check() {
	what=$1 status=$2 wanted=$3 target=$4://$host:$(port "$5")
	shift 5
	n=$((n + 1))
	# shellcheck disable=SC2086 # none, or two words
	"$build/mailsonde" probe -v -f ndjson --timeout 5 $anchors \
	    --zone "$work/zone" --record "$work/seen/$n.record" \
	    --login "$user" "$@" "$target" \
	    >"$work/seen/$n.json" 2>"$work/seen/$n.err" </dev/null
	got=$?
	found=$(python3 -S -c '
import json, sys
result = json.load(open(sys.argv[1]))
login = result["server"]["login"]
ids = [f["id"] for f in result["findings"] if f["severity"] != "info"]
ids += [e["what"] for e in result["errors"]]
print(login["result"], login["mechanism"] or "-", *sorted(ids))
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

# says WHAT TEXT: the last one has it
says() {
	if grep -qF -e "$2" "$work/seen/$n.json"; then
		good
	else
		bad "$1: it has no $2"
	fi
}

# right, wrong, token: the secret to come with
right="--password-file $work/password"
wrong="--password-file $work/wrong"
with_token="--token-file $work/token"
anchors="--ca-file $work/ca.pem"

# Every mechanism in every protocol, with the right secret and a wrong one.
# shellcheck disable=SC2086 # words that are meant to be several
for protocol in smtp:submissions imap:imaps pop3:pop3s sieve:sieve; do
	name=${protocol%:*} scheme=${protocol#*:}
	for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
		check "$name $mechanism" 0 "ok $mechanism" "$scheme" \
		    "${name}_$mechanism" $right
		check "$name $mechanism, wrong" 1 \
		    "refused $mechanism login-refused" "$scheme" \
		    "${name}_$mechanism" $wrong
	done
	for mechanism in OAUTHBEARER XOAUTH2; do
		check "$name $mechanism" 0 "ok $mechanism" "$scheme" \
		    "${name}_$mechanism" $with_token
		check "$name $mechanism, wrong" 1 \
		    "refused $mechanism login-refused" "$scheme" \
		    "${name}_$mechanism" --token-file "$work/wrong"
		says "$name $mechanism" 'status \"invalid_token\"'
	done
done

# shellcheck disable=SC2086
{
# Which one is taken.
check "the strongest" 1 "unbound SCRAM-SHA-256-PLUS login-unbound" \
    imaps imap_all $right
check "a token" 0 "ok OAUTHBEARER" imaps imap_all $with_token
check "the one that is named" 0 "ok SCRAM-SHA-1" imaps imap_all $right \
    --mechanism scram-sha-1
check "another one that is named" 0 "ok XOAUTH2" imaps imap_all $with_token \
    --mechanism XOAUTH2
check "named, and not announced" 1 \
    "mechanism-not-taken CRAM-MD5 login-mechanism-not-taken" submissions \
    smtp_PLAIN $right --mechanism CRAM-MD5
check "announced, and not taken" 0 "ok PLAIN login-mechanism-not-taken" \
    submissions half $right
check "none is taken" 1 \
    "mechanism-not-taken LOGIN login-mechanism-not-taken" submissions \
    none_taken $right
check "none fits" 1 "no-mechanism - login-no-mechanism" imaps exotic $right
check "nothing but PLAIN" 0 "ok PLAIN" imaps imap_PLAIN $right
says "nothing but PLAIN" '"id":"login-weak-mechanisms"'
check "a token where none is taken" 1 "no-mechanism - login-no-mechanism" \
    imaps imap_PLAIN $with_token
check "the command LOGIN" 0 "ok LOGIN" imaps command $right
check "the command LOGIN, wrong" 1 "refused LOGIN login-refused" imaps \
    command $wrong
user=ann\"b\\c
check "what is to be quoted" 0 "ok LOGIN" imaps quoted \
    --password-file "$work/quoted"
user=änn
check "what cannot be quoted" 0 "ok LOGIN" imaps literal \
    --password-file "$work/literal"
check "what cannot be quoted, wrong" 1 "refused LOGIN login-refused" imaps \
    literal $wrong
user=ann@harbour.example
check "no first message with the command" 0 "ok PLAIN" imaps late_first $right
check "USER and PASS" 0 "ok USER" pop3s user_pass $right
check "USER and PASS, wrong" 1 "refused USER login-refused" pop3s user_pass \
    $wrong
check "USER by name" 0 "ok USER" pop3s no_user $right --mechanism USER
check "neither USER nor SASL" 1 "no-mechanism - login-no-mechanism" pop3s \
    no_user $right
check "nobody logs in there" 2 "untried - login" lmtp smtp $right

# SCRAM: who else may be there.
check "tied to TLS 1.2" 0 "ok SCRAM-SHA-256-PLUS" submissions tied $right
says "tied to TLS 1.2" '"channel_binding":"tls-unique"'
check "a proxy between" 1 "unbound SCRAM-SHA-256-PLUS login-unbound" \
    submissions proxied $right
says "a proxy between" '"channel_binding":"tls-exporter"'
check "a forged signature" 1 "impostor SCRAM-SHA-256 login-impostor" imaps \
    forged $right
check "no signature" 1 "impostor SCRAM-SHA-256 login-impostor" pop3s unproven \
    $right
check "no signature, SMTP" 1 "impostor SCRAM-SHA-256 login-impostor" \
    submissions unproven_smtp $right
check "too many rounds" 1 "protocol SCRAM-SHA-256 login-protocol" sieve costly \
    $right
says "too many rounds" '"rounds":2147483648'
check "few rounds" 0 "ok SCRAM-SHA-256 login-few-rounds" imaps cheap $right
check "the signature with OK" 0 "ok SCRAM-SHA-256" sieve at_the_end $right
check "literals" 0 "ok SCRAM-SHA-256" sieve literals $right
check "literals, wrong" 1 "refused SCRAM-SHA-256 login-refused" sieve literals \
    $wrong

# What a refusal means.
check "Gmail" 1 "application-password PLAIN login-application-password" \
    submissions gmail $right
check "a browser is wanted" 1 "disabled PLAIN login-disabled" submissions \
    browser $right
check "Microsoft" 1 "method-disabled PLAIN login-method-disabled" submissions \
    microsoft $right
check "538" 1 "tls-wanted PLAIN login-tls-wanted" submissions tls_wanted $right
check "432" 1 "expired PLAIN login-expired" submissions transition $right
check "454" 2 "temporary PLAIN login" submissions temporary $right
check "421" 2 "temporary PLAIN login" submissions closed $right
check "UNAVAILABLE" 2 "temporary PLAIN login" imaps unavailable $right
check "CONTACTADMIN" 2 "server-fault PLAIN login" imaps admin $right
check "EXPIRED" 1 "expired PLAIN login-expired" imaps expired $right
check "AUTHORIZATIONFAILED" 1 "not-authorized PLAIN login-not-authorized" \
    imaps not_allowed $right
check "PRIVACYREQUIRED" 1 "tls-wanted PLAIN login-tls-wanted" imaps privacy \
    $right
check "ALERT" 1 "disabled PLAIN login-disabled" imaps locked $right
check "SYS/TEMP" 2 "temporary PLAIN login" pop3s sys_temp $right

# The secret said back.
check "a parrot" 1 "refused PLAIN login-refused" submissions parrot $right
says "a parrot" "not (secret), and not"
check "a parrot in POP3" 1 "refused PLAIN login-refused" pop3s parrot_pop3 \
    $right
check "a parrot at the end" 0 "ok PLAIN" pop3s parrot_end $right

# Servers that mean harm.
check "a huge challenge" 1 \
    "protocol SCRAM-SHA-256 login-protocol server-line-ends" imaps \
    huge_challenge $right
for name in empty_challenges junk_challenges no_salt no_rounds other_nonce \
    extension; do
	check $name 1 "protocol SCRAM-SHA-256 login-protocol" imaps $name $right
done
check "an endless answer" 2 "broken SCRAM-SHA-256 server" imaps untagged_flood \
    $right
check "it hangs up" 2 "broken SCRAM-SHA-256 server" imaps hangs_up $right
check "half a challenge" 2 "broken SCRAM-SHA-256 server" imaps half_challenge \
    $right
check "a no of SCRAM" 1 "refused SCRAM-SHA-256 login-refused" imaps e_word \
    $right

# Nobody knows who would read it.
anchors=
check "not verified" 1 "unsafe - login tls-certificate-untrusted" submissions smtp_PLAIN \
    $right
check "not verified, all the same" 1 "ok PLAIN tls-certificate-untrusted" submissions \
    smtp_PLAIN $right --insecure-login
check "not verified, a proof" 1 "ok SCRAM-SHA-256 tls-certificate-untrusted" submissions \
    smtp_SCRAM-SHA-256 $right
check "not verified, CRAM-MD5" 1 "unsafe - login tls-certificate-untrusted" \
    imaps imap_CRAM-MD5 $right
check "not verified, few rounds" 1 \
    "unsafe SCRAM-SHA-256 login login-few-rounds tls-certificate-untrusted" \
    imaps cheap $right
anchors="--ca-file $work/ca.pem"
check "no TLS" 1 "unsafe - login smtp-auth-in-clear smtp-size-small tls-not-offered" submission no_tls $right
}

# metric WANTED SERVER: the sample of Prometheus; empty: there is none
metric() {
	# shellcheck disable=SC2086
	found=$("$build/mailsonde" probe -f prometheus --timeout 5 $anchors \
	    --zone "$work/zone" --login "$user" $right \
	    "imaps://$host:$(port "$2")" 2>/dev/null |
		sed -n 's/^mailsonde_login_ok{.*} //p')
	if [ "$found" = "$1" ]; then
		good
	else
		bad "mailsonde_login_ok of $2: \"$found\", wanted \"$1\""
	fi
}
metric 1 imap_PLAIN
metric 0 expired
metric '' unavailable

# The secret from the environment, where it is wiped; asked for at a terminal,
# which shows nothing of it; and none at all.
if python3 "$root/login_secret.py" "$build/mailsonde" "$work" "$user" \
    "imaps://$host:$(port imap_SCRAM-SHA-1)" \
    "imaps://$host:$(port waits)" "imaps://$host:$(port waits_within)" \
    "$secret" >"$work/log" 2>&1; then
	good
else
	bad "where the secret comes from: $(cat "$work/log")"
fi

# usage WHAT WANTED OPTIONS...: what is wrong with the command line
usage() {
	what=$1 wanted=$2
	shift 2
	"$build/mailsonde" probe --offline "$@" imap://x >"$work/out" \
	    2>"$work/err" </dev/null
	if [ $? = 64 ] && grep -qF -e "$wanted" "$work/err"; then
		good
	else
		bad "$what: $(cat "$work/err")"
	fi
}
usage "no --login" "--login USER is missing" --password-file "$work/password"
usage "both kinds" "one of them" --login x --password-file a --token-env b
usage "no mechanism" "is no mechanism" --login x --mechanism DIGEST-MD5
usage "a password in the arguments" "--password" --login x --password=y

check_schema

# What was written holds nothing of the secret.
cat >"$work/look.py" <<'EOF'
import base64, json, os, sys

secrets = [s.encode() for s in sys.argv[2:]]
secrets += [b"wrong-Anchovy-9", b'say "kelp\\reef"', "Kälpwäld".encode()]
bad, files = [], 0
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as f:
        data = f.read()
    files += 1
    text = data + json.dumps(data.decode("utf-8", "replace")).encode()
    for secret in secrets:
        forms = {secret, secret.hex().encode()}
        forms.add(json.dumps(secret.decode())[1:-1].encode())
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + secret)
            forms.add(whole[4 if shift else 0 : (shift + len(secret)) // 3 * 4])
        bad += [(name, form) for form in forms if form in text]
assert files > 400, files
assert not bad, bad
EOF
if python3 "$work/look.py" "$work/seen" "$secret" "$token" >"$work/log" 2>&1; then
	good
else
	bad "the secret stands in what was written: $(cat "$work/log")"
fi

echo "run_login: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
