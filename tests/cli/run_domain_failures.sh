#!/bin/sh
# SPDX-License-Identifier: ISC
# run_domain_failures.sh - a failed look-up is never an absence
#
# run_domain_failures.sh BUILD-DIRECTORY. Of a good and of a bad domain each
# question fails in turn: no finding comes that was not there before, none goes
# without an error beside it, and no check passes that had failed.
# shellcheck disable=SC2086,SC2143,SC2013 # no blanks in them, to be split
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")" && pwd)
zone=$root/domain/perfect/zone
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# judge DOMAIN ZONE MORE...
judge() {
	domain=$1
	zones=$2
	shift 2
	"$build/mailsonde" domain --at 2026-01-15T12:00:00Z --offline \
	    --zone "$zones" -f ndjson "$@" "$domain"
}

# findings; passes: of NDJSON on standard input, sorted
findings() {
	tr '{' '\n' | sed -n 's/^"id":"\([a-z0-9-]*\)","severity".*/\1/p' |
	    sort -u
}
passes() {
	tr '{' '\n' | sed -n 's/^"id":"\([a-z0-9-]*\)","status":"pass".*/\1/p' |
	    sort -u
}

fail() {
	echo "FAILED: $domain: $how $question: $*"
	failed=$((failed + 1))
}

for domain in good.example bad.example; do
	judge "$domain" "$zone" --record "$work/record" >"$work/out"
	findings <"$work/out" >"$work/findings"
	passes <"$work/out" >"$work/passes"
	sed -n 's/^{"type":"dns","name":"\([^"]*\)","rrtype":"\([A-Z]*\)".*/\1 \2/p' \
	    "$work/record" | sort -u >"$work/questions"
	while read -r question; do
		for how in timeout servfail; do
			{
				cat "$zone"
				echo ";; $how $question"
			} >"$work/zone"
			judge "$domain" "$work/zone" >"$work/out"
			findings <"$work/out" >"$work/now"
			new=$(comm -13 "$work/findings" "$work/now")
			gone=$(comm -23 "$work/findings" "$work/now")
			passes <"$work/out" >"$work/now"
			pass=$(comm -13 "$work/passes" "$work/now")
			before=$failed
			[ -z "$new" ] || fail "finds" $new
			[ -z "$pass" ] || fail "passes" $pass
			[ -z "$gone" ] || ! grep -q '"errors":\[\]' "$work/out" ||
			    fail "is silent about" $gone
			[ "$failed" -gt "$before" ] || passed=$((passed + 1))
		done
	done <"$work/questions"
done
[ "$passed" -gt 0 ] || failed=$((failed + 1))
echo "domain-failures: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
