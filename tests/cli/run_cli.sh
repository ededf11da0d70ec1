#!/bin/sh
# SPDX-License-Identifier: ISC
# run_cli.sh - runs the program over folders of data
#
# run_cli.sh BUILD-DIRECTORY [bless]
#
# tests/cli/COMMAND/CASE/ holds:
#   cmd        a line of shell; `mailsonde` is the program under test and
#              $GEOIP a small database of the tests' own
#   want.txt   what it writes to standard output
#   want.json  what it writes with --json added
#   want.err   what it writes to standard error (optional)
#   status     its exit status (0 when there is no such file)
# and whatever files the command reads. "bless" rewrites the want files that
# are there, for review in the diff.
set -u
build=$(cd "$1" && pwd) || exit 1
bless=${2:-}
root=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$build/mailsonde" "$work/bin/mailsonde"
PATH=$work/bin:$PATH
GEOIP=$build/tests/geo.mmdb
ROOT=$(cd "$root/../.." && pwd)
export PATH GEOIP ROOT
unset NO_COLOR
TZ=UTC LC_ALL=C.UTF-8
export TZ LC_ALL

fail() {
	echo "FAILED: $case: $1"
	bad=1
}

# compare WANT GOT WHAT
compare() {
	[ -f "$1" ] || return 0
	if [ "$bless" = bless ]; then
		cp "$2" "$1"
	elif ! cmp -s "$1" "$2"; then
		fail "$3"
		diff -u "$1" "$2" | head -n 40
	fi
}

for cmd in "$root"/*/*/cmd; do
	[ -f "$cmd" ] || continue
	dir=${cmd%/cmd}
	case=${dir#"$root"/}
	bad=0
	want=0
	[ -f "$dir/status" ] && want=$(cat "$dir/status")
	# shellcheck disable=SC2086
	(cd "$dir" && eval "$(cat cmd)") >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ "$got" -eq "$want" ] || { fail "status $got, wanted $want"; cat "$work/err"; }
	compare "$dir/want.txt" "$work/out" "standard output"
	compare "$dir/want.err" "$work/err" "standard error"
	if [ -f "$dir/want.json" ]; then
		(cd "$dir" && eval "$(cat cmd) --json") >"$work/out" 2>"$work/err" </dev/null
		got=$?
		[ "$got" -eq "$want" ] || fail "status $got with --json, wanted $want"
		compare "$dir/want.json" "$work/out" "standard output with --json"
	fi
	if [ "$bad" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done

echo "cli: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
