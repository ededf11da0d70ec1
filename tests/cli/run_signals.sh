#!/bin/sh
# SPDX-License-Identifier: ISC
# run_signals.sh - interruptions, closed pipes, full disks: nothing half-written
# stays behind
#
# run_signals.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")/../.." && pwd)
mailsonde=$build/mailsonde
skipped=0 suite=signals
# shellcheck source=tests/support/check.sh
. "$root/tests/support/check.sh"
work=$(mktemp -d) || exit 1
writer=
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# nothing_but NAMES: the folder `out` holds exactly these
nothing_but() {
	is "$(ls -A out)" "$1"
}

has_temporary() {
	ls out/result.?????? >/dev/null 2>&1
}

# A mailbox of some 60 MB.
cat "$root/samples/messages/two.mbox" >big.mbox
echo >>big.mbox
while [ "$(wc -c <big.mbox)" -lt 60000000 ]; do
	cat big.mbox big.mbox >twice
	mv twice big.mbox
done

# start COMMAND...: in the background, reading a mailbox that does not end
start() {
	rm -rf out pipe
	mkdir out
	mkfifo pipe
	{
		cat big.mbox 2>/dev/null
		exec sleep 30
	} >pipe &
	writer=$!
	"$@" <pipe 2>err &
	pid=$!
}

# stop SIGNAL: status of the program in $status
stop() {
	kill -s "$1" "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	kill "$writer" 2>/dev/null
	wait "$writer" 2>/dev/null
}

for signal in INT:130 TERM:143 HUP:129; do
	start "$mailsonde" parse -f ndjson -o out/result -
	check "a temporary file is there" until_true has_temporary
	stop "${signal%:*}"
	check "SIG${signal%:*} ends with it" is "$status" "${signal#*:}"
	check "SIG${signal%:*} leaves nothing" nothing_but ""
	check "SIG${signal%:*} is said" grep -q interrupted err
done

# What stood there before stays.
start "$mailsonde" analyze --offline -o out/result -
echo old >out/result
check "a temporary file beside the old one" until_true has_temporary
stop INT
check "the old result stays" nothing_but result
check "as it was" is "$(cat out/result)" old

# A file, not a pipe: either all of it or nothing.
mkdir -p out
rm -rf out/*
"$mailsonde" parse -f ndjson -o out/result big.mbox 2>err &
pid=$!
until_true has_temporary
kill -s INT "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
status=$?
if [ "$status" -eq 0 ]; then
	check "all of it" is \
	    "$(wc -l <out/result)" "$(grep -c "^From " big.mbox)"
else
	check "or nothing" nothing_but ""
fi

# Parts: every file that is there is whole, and in the manifest or its next.
some_parts() {
	[ "$(find out/parts -name '*part*' 2>/dev/null | wc -l)" -gt 100 ]
}
start "$mailsonde" parse -f ndjson -o /dev/null --jobs 2 --extract out/parts -
check "parts are being saved" until_true some_parts
stop INT
check "parts: ended by the signal" is "$status" 130
check "parts: none is empty" is "$(find out/parts -name '*part*' -empty)" ""
check "parts: the manifest's lines are whole" is \
    "$(grep -cv '^{"path":"-".*"}$' out/parts/manifest.ndjson)" 0
rm -rf out/parts

# A reader that has seen enough.
{
	"$mailsonde" parse -f ndjson big.mbox 2>err
	echo $? >status
} | head -n 1 >first
check "closed pipe: the first line came" grep -q '"index":0,' first
check "closed pipe: nothing is said" is "$(cat err)" ""
check "closed pipe: cannot write" is "$(cat status)" 74
"$mailsonde" analyze --offline big.mbox 2>err | head -n 3 >first
check "closed pipe: text" is "$(wc -l <first)" 3
check "closed pipe: text, nothing is said" is "$(cat err)" ""

# A disk that is full, and a file that may not grow.
"$mailsonde" parse -f ndjson big.mbox >/dev/full 2>err
check "full: status" is $? 74
check "full: said once" is "$(wc -l <err)" 1
rm -rf out
mkdir out
# Blocks of 512 or 1024 bytes, as the shell has it.
(
	ulimit -f 100
	"$mailsonde" parse -f ndjson -o out/result big.mbox 2>err
)
check "no more room: status" is $? 74
check "no more room: nothing stays" nothing_but ""
check "no more room: said" grep -q 'cannot write' err
rm -rf out
mkdir out
{
	printf 'From: a@example.org\nMIME-Version: 1.0\n'
	printf 'Content-Type: application/x-large\n\n'
	head -c 4000000 /dev/zero | tr '\0' 'x'
} >large.eml
(
	ulimit -f 100
	"$mailsonde" parse -o /dev/null --extract out/parts large.eml 2>err
)
check "a part without room: status" is $? 74
check "a part without room: not left cut short" is \
    "$(ls -A out/parts)" manifest.ndjson

# Memory that is not there. (Sanitizers reserve more than there is.)
i=0
while [ "$i" -lt 100000 ]; do
	echo "<a href=\"https://e$i.example/\">$i</a>"
	i=$((i + 1))
done >links
printf 'From: a@example.org\nMIME-Version: 1.0\nContent-Type: text/html\n\n' |
    cat - links >large.eml
rm -rf out
mkdir out
case $build in
*/asan*)
	echo "SKIPPED: signals: memory cannot be limited here"
	skipped=3
	;;
*)
	(
		# shellcheck disable=SC3045 # dash and bash have it
		ulimit -v 20000
		"$mailsonde" parse -o out/result large.eml 2>err
	)
	check "no memory: status" is $? 70
	check "no memory: said" grep -q 'out of memory' err
	check "no memory: nothing stays" nothing_but ""
	;;
esac

echo "signals: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
