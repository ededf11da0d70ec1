#!/bin/sh
# SPDX-License-Identifier: ISC
# run_cli.sh - runs the program over folders of data
#
# run_cli.sh BUILD-DIRECTORY [bless [COMMAND/CASE...]]
#
# tests/cli/COMMAND/CASE/ holds:
#   cmd        lines of shell, run in a copy of the folder; `mailsonde` is the
#              program under test, `samples` the samples and $GEOIP a small
#              database of the tests' own
#   want.txt   what it writes to standard output
#   want.json  what it writes with --json added to the last line
#   want.err   what it writes to standard error (nothing, when there is none)
#   status     its exit status (0 when there is no such file)
# and whatever files the command reads. "bless" writes what came out into
# want.err and status, and into those of the other two that are there, for
# review in the diff; a case begins with an empty want.txt.
set -u
build=$(cd "$1" && pwd) || exit 1
bless=${2:-}
shift
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$build/mailsonde" "$work/bin/mailsonde"
PATH=$work/bin:$PATH
GEOIP=$build/tests/geo.mmdb
export PATH GEOIP
unset NO_COLOR
TZ=UTC LC_ALL=C.UTF-8
export TZ LC_ALL
stderr="standard error"

fail() {
	echo "FAILED: $case: $1"
	bad=1
}

# run_case MORE: the case's command with MORE behind its last line
run_case() {
	rm -rf "$work/case"
	cp -R "$dir" "$work/case"
	ln -s "$root/../../samples" "$work/case/samples"
	(cd "$work/case" && eval "$(cat "$cmd")$1") \
	    >"$work/out" 2>"$work/err" </dev/null
	got=$?
	if [ "$bless" = bless ]; then
		rm -f "$dir/status"
		[ "$got" -eq 0 ] || echo "$got" >"$dir/status"
		want=$got
	fi
	[ "$got" -eq "$want" ] && return
	fail "status $got, wanted $want$1"
	cat "$work/err"
}

# The public suffix list is the system's, and of its day.
any_list() {
	sed -i -E '/"suffix_list": \{/,/\}/s/"(source|date)": "[^"]*"/"\1": "2000-01-01T00:00:00Z"/
	    s/"suffix_list":\{[^}]*\}/"suffix_list":{"source":"LIST","date":"2000-01-01T00:00:00Z"}/
	    s/(list of )[0-9]{4}-[0-9]{2}-[0-9]{2}\)/\12000-01-01)/
	    s/^( *)[0-9]{4}-[0-9]{2}-[0-9]{2}\)$/\12000-01-01)/' "$1"
}

# compare WANT GOT WHAT; no file to compare with is nothing wanted
compare() {
	any_list "$2"
	if [ "$bless" = bless ] && [ -s "$2" ]; then
		cp "$2" "$1"
	elif [ "$bless" = bless ]; then
		rm -f "$1"
		[ "$3" = "$stderr" ] || : >"$1"
	elif [ -f "$1" ] || [ -s "$2" ]; then
		cmp -s "$1" "$2" && return
		fail "$3"
		diff -uN "$1" "$2" | head -n 40
	fi
}

for cmd in "$root"/*/*/cmd; do
	[ -f "$cmd" ] || continue
	dir=${cmd%/cmd}
	case=${dir#"$root"/}
	if [ $# -gt 0 ]; then
		case " $* " in
		*" $case "*) ;;
		*) continue ;;
		esac
	fi
	bad=0
	want=0
	[ -f "$dir/status" ] && want=$(cat "$dir/status")
	if [ -f "$dir/want.txt" ] || [ ! -f "$dir/want.json" ]; then
		run_case ""
		[ -f "$dir/want.txt" ] &&
		    compare "$dir/want.txt" "$work/out" "standard output"
		compare "$dir/want.err" "$work/err" "$stderr"
	fi
	if [ -f "$dir/want.json" ]; then
		run_case " --json"
		compare "$dir/want.json" "$work/out" \
		    "standard output with --json"
		compare "$dir/want.err" "$work/err" "$stderr"
	fi
	if [ "$bad" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done

echo "cli: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
