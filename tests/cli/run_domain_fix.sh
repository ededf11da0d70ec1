#!/bin/sh
# SPDX-License-Identifier: ISC
# run_domain_fix.sh - what --fix prints, laid over, mends what it was printed for
#
# run_domain_fix.sh BUILD-DIRECTORY. For each case of tests/cli/domain with a
# zone and each domain that its command names: nothing is left to publish once
# the printed zone stands in place of the names in it, and what is wrong is no
# graver than before.
# shellcheck disable=SC2086,SC2143,SC2013 # no blanks in them, to be split
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# judge ZONE DOMAIN MORE...
judge() {
	zone=$1 domain=$2
	shift 2
	"$build/mailsonde" domain --at 2026-01-15T12:00:00Z --offline \
	    --zone "$zone" "$@" "$domain"
}

# worst: of the findings of NDJSON on standard input, 0 (none) to 5
worst() {
	set -- "$(grep -o '"severity":"[a-z]*"' | head -n 1)"
	case $1 in
	*critical*) echo 5 ;;
	*high*) echo 4 ;;
	*medium*) echo 3 ;;
	*low*) echo 2 ;;
	*info*) echo 1 ;;
	*) echo 0 ;;
	esac
}

# lay_over ZONE FIX: ZONE without the names of FIX, and FIX
lay_over() {
	awk 'NR == FNR { if ($1 !~ /^[;$]/) names[tolower($1)] = 1
			if ($1 == ";" && $2 == "remove") names[tolower($3)] = 1
			next }
	     !(tolower($1) in names)' "$2" "$1"
	cat "$2"
}

for cmd in "$root"/domain/*/cmd; do
	dir=$(dirname "$cmd")
	[ -f "$dir/zone" ] || continue
	[ -z "$(grep -e --reputation -e --expect -e ' - ' "$cmd")" ] || continue
	options=$(grep -o -e '--only [a-z-]*' -e '--profile [a-z]*' "$cmd")
	for domain in $(grep -o ' [a-z.-]*\.example' "$cmd"); do
		judge "$dir/zone" "$domain" $options --fix >"$work/fix"
		grep -q '^; remove\|; add$' "$work/fix" || continue
		lay_over "$dir/zone" "$work/fix" >"$work/zone"
		before=$(judge "$dir/zone" "$domain" $options -f ndjson | worst)
		after=$(judge "$work/zone" "$domain" $options -f ndjson | worst)
		judge "$work/zone" "$domain" $options --fix >"$work/again"
		if grep -q '^; remove\|; add$' "$work/again" ||
		    [ "$after" -gt "$before" ]; then
			failed=$((failed + 1))
			echo "FAILED: $(basename "$dir"): $domain:" \
			    "worst before $before, after $after"
			cat "$work/fix" "$work/again"
		else
			passed=$((passed + 1))
		fi
	done
done
[ "$passed" -gt 0 ] || failed=$((failed + 1))
echo "domain-fix: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
