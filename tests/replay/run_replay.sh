#!/bin/sh
# SPDX-License-Identifier: ISC
# run_replay.sh - what was recorded is judged again, with the network taken
# away, and comes out the same
#
# run_replay.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mailsonde=$build/mailsonde
skipped=0 suite=replay
# shellcheck source=tests/support/check.sh
. "$root/tests/support/check.sh"
work=$(mktemp -d) || exit 1
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
TZ=UTC LC_ALL=C.UTF-8
export TZ LC_ALL

# refused STATUS WORDS COMMAND...: ends so, and says so
refused() {
	want=$1 words=$2
	shift 2
	"$@" >out 2>err </dev/null
	is "$?" "$want" && grep -q -e "$words" err && [ ! -s out ]
}

# Without a network, where that can be had.
if unshare -rn true 2>/dev/null; then
	away='unshare -rn'
else
	away=
	skipped=$((skipped + 1))
	echo "SKIPPED: replay: no network namespace can be made here;" \
	    "replays run with the network in place"
fi

# ---- messages, by zone files ----

# again COMMAND FORMAT MESSAGE OPTION...
again() {
	command=$1 format=$2 message=$3
	shift 3
	"$mailsonde" "$command" -f "$format" --record r "$@" "$message" \
	    >first 2>err
	status=$?
	# shellcheck disable=SC2086 # words
	$away "$mailsonde" "$command" -f "$format" --replay r "$message" \
	    >second 2>err
	is "$?" "$status" && cmp first second && [ -s first ]
}
zone=$root/samples/dns/samples.zone
for message in "$root"/samples/messages/*; do
	for format in text json; do
		for command in auth analyze; do
			check "$command -f $format ${message##*/}" again \
			    "$command" "$format" "$message" --offline \
			    --zone "$zone" --at 2026-01-15T12:00:00Z
		done
	done
done
check "--at received" again auth json \
    "$root/samples/messages/expired.eml" --offline --zone "$zone" \
    --at received
check "an archive of keys" again auth json \
    "$root/samples/messages/genuine.eml" --offline --keys "$zone" \
    --trust 192.0.2.0/24 --allow-net 203.0.113.0/24
check "it is recorded as such" grep -q '"want":2' r
check "places" again analyze json "$root/samples/messages/weak-key.eml" \
    --offline --geoip-db "$build/tests/geo.mmdb"
check "the places are recorded" grep -q '"type":"geo".*"country":"' r
check "nothing to ask" again analyze text \
    "$root/samples/messages/genuine.eml" --offline

# Many at once: neither the threads nor their order show.
for jobs in 1 2 8; do
	"$mailsonde" analyze --offline --zone "$zone" --jobs "$jobs" \
	    --at 2026-01-15T12:00:00Z -f ndjson --record "r$jobs" \
	    "$root/samples/messages" >"first$jobs" 2>err
	"$mailsonde" analyze --jobs $((9 - jobs)) -f ndjson \
	    --replay "r$jobs" "$root/samples/messages" >second 2>err
	check "--jobs $jobs: the replay" cmp "first$jobs" second
	check "--jobs $jobs: the same as with one" cmp first1 second
done

# The same bytes under another name are the same message.
cp "$root/samples/messages/genuine.eml" copy.eml
again auth json "$root/samples/messages/genuine.eml" --offline \
    --zone "$zone" --at 2026-01-15T12:00:00Z >/dev/null
"$mailsonde" auth --json --replay r copy.eml >second 2>err
check "a copy of the message" cmp first second
echo >>copy.eml
check "another message is refused" refused 65 "the record is not of this" \
    "$mailsonde" auth --replay r copy.eml

# ---- what is no record any more ----

lines=$(wc -l <r)
head -n $((lines - 1)) r >short
check "cut short at a line" refused 65 \
    "short: line $lines: the closing line is missing" \
    "$mailsonde" auth --replay short copy.eml
head -c "$(($(wc -c <r) - 30))" r >short
check "cut short within a line" refused 65 "short: line $lines: .*cut short" \
    "$mailsonde" auth --replay short copy.eml
: >short
check "empty" refused 65 "short: line 1: " "$mailsonde" auth --replay short copy.eml
sed '4s/found/nodata/' r >edited
check "edited" refused 65 "edited: line 4: it is not as it was" \
    "$mailsonde" auth --replay edited copy.eml
{
	sed -n 1p r
	sed -n 3p r
	sed -n 2p r
	sed 1,3d r
} >moved
check "two lines changed places" refused 65 "moved: line 2: " \
    "$mailsonde" auth --replay moved copy.eml
sed 3d r >gone
check "a line is gone" refused 65 "gone: line 3: " \
    "$mailsonde" auth --replay gone copy.eml
sed 3p r >twice
check "a line is there twice" refused 65 "twice: line 4: " \
    "$mailsonde" auth --replay twice copy.eml
cat r r >two
check "something behind the end" refused 65 \
    "two: line $((lines + 1)): .*behind the closing line" \
    "$mailsonde" auth --replay two copy.eml
check "no record at all" refused 65 "line 1: " \
    "$mailsonde" auth --replay "$zone" copy.eml

# ---- over the network ----

if command -v python3 >/dev/null; then
	python3 "$here/server.py" "$work" 2>server.err &
	server=$!
	check "the server runs" until_true [ -s port ]
	resolver=127.0.0.1@$(cat port)
else
	skipped=$((skipped + 1))
	echo "SKIPPED: replay: no python3 for the name server"
	resolver=
fi

# online COMMAND...: with a short patience, for what will not be answered
online() {
	command=$1
	shift
	"$mailsonde" "$command" --resolver "$resolver" --dns-timeout 1 "$@"
}

if [ -n "$resolver" ]; then
	for domain in a.pass.example alias.example none.example \
	    broken.example refused.example silent.example; do
		for format in text json; do
			online spf -f $format --ip 192.0.2.1 --record r \
			    --mail-from "joe@$domain" >first 2>err
			status=$?
			asked=$(wc -l <asked)
			# shellcheck disable=SC2086 # words
			$away "$mailsonde" spf -f $format --replay r \
			    >second 2>err </dev/null
			check "spf -f $format $domain: status" is $? $status
			check "spf -f $format $domain" cmp first second
			# With the network in place nobody is asked either.
			"$mailsonde" spf -f $format --replay r >second 2>err
			check "spf -f $format $domain: nobody asked" is \
			    "$(wc -l <asked)" "$asked"
		done
	done

	# Sealed anew without an answer: the question could not be told.
	online spf --ip 192.0.2.1 --mail-from joe@a.pass.example \
	    --record r >first 2>err
	check "the message of the wire is kept" grep -q messageOctetsHEX r
	python3 "$here/reseal.py" nothing <r >sealed
	check "sealed as the page says" cmp r sealed
	python3 "$here/reseal.py" '"rrtype":"TXT"' <r >sealed
	"$mailsonde" spf --json --replay sealed >second 2>err
	check "a question that is not there: status" is $? 2
	check "a question that is not there: it is said" grep -q \
	    "the record does not hold this question" second
	check "a question that is not there: what it is" grep -q \
	    '"result": "temperror"' second

	# Lines, of which one is not answered before the last is asked about:
	# it holds nobody up, and the results keep their order.
	{
		echo "192.0.2.1 joe@slow.pass.example mx.example"
		for i in $(seq 40); do
			echo "{\"id\":$i,\"ip\":\"192.0.2.1\"," \
			    "\"mail_from\":\"joe@n$i.pass.example\"}"
		done
		echo "192.0.2.1 joe@last.pass.example mx.example"
	} >senders
	"$mailsonde" spf --resolver "$resolver" --dns-timeout 20 --jobs 2 \
	    -f ndjson --record r - <senders >first 2>err
	check "a slow one: status" is $? 0
	check "a slow one: all of them" is "$(grep -c '"result":"pass"' first)" 42
	check "a slow one: the first comes first" is \
	    "$(sed -n '1s/.*joe@\([a-z]*\).*/\1/p' first)" slow
	check "a slow one: the last comes last" is \
	    "$(sed -n '42s/.*joe@\([a-z]*\).*/\1/p' first)" last
	check "a slow one: the ids in their order" is \
	    "$(sed -n 's/.*"id":\([0-9]*\),.*/\1/p' first | tr '\n' ' ')" \
	    "$(seq 40 | tr '\n' ' ')"
	# shellcheck disable=SC2086 # words
	$away "$mailsonde" spf --replay r -f ndjson >second 2>err </dev/null
	check "lines: the replay" cmp first second
	$mailsonde spf --replay r -f ndjson --jobs 3 - >second 2>err </dev/null
	check "lines: the replay with their argument" cmp first second

	# A line is answered while the next may still come.
	mkfifo in answers
	"$mailsonde" spf --resolver "$resolver" -f ndjson - <in >answers 2>err &
	pid=$!
	exec 3>in 4<answers
	for i in 1 2; do
		echo "192.0.2.1 joe@i$i.pass.example mx.example" >&3
		read -r line <&4
		check "a dialogue: answer $i" expr "x$line" : "x.*joe@i$i" \
		    >/dev/null
	done
	exec 3>&-
	wait "$pid"
	check "a dialogue: its end" is $? 0
	exec 4<&-

	mkfifo never
	mkdir kept
	"$mailsonde" spf --resolver "$resolver" --record kept/r - <never \
	    >out 2>err &
	pid=$!
	exec 3>never
	check "a temporary record is there" until_true \
	    sh -c 'ls kept/r.?????? >/dev/null 2>&1'
	kill -s INT "$pid"
	wait "$pid" 2>/dev/null
	check "interrupted: by the signal" is $? 130
	check "interrupted: no record" is "$(ls -A kept)" ""
	exec 3>&-
fi

# ---- what cannot be written ----

check "a full disk" sh -c "'$mailsonde' spf --offline --zone '$zone' \
    --ip 192.0.2.1 --helo harbour.example --record /dev/full >out 2>err; \
    [ \$? -eq 74 ] && grep -q 'No space left' err"
check "no such folder" refused 74 "cannot write" "$mailsonde" spf --offline \
    --zone "$zone" --ip 192.0.2.1 --helo x.example --record none/r
echo old >old
check "a run that fails to begin" refused 66 "none.zone" "$mailsonde" spf \
    --zone none.zone --ip 192.0.2.1 --helo x.example --record old
check "leaves the old file" is "$(cat old)" old
check "and no other" is "$(ls old*)" old

echo "replay: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
