#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh - runs every test of one build and counts them
#
# run.sh BUILD-DIRECTORY; prints what failed, and closes with one line.
set -u
build=$1
passed=0 failed=0 skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# Unit tests: cmocka's "[  PASSED  ] N test(s)." and "[  FAILED  ] N test(s)".
count() {
	sed -n "s/^\[  $1  \] .* \([0-9][0-9]*\) test(s).*/\1/p; s/^\[  $1  \] \([0-9][0-9]*\) test(s).*/\1/p" "$log" | head -n 1
}
for test in "$build"/tests/unit/*/test_*; do
	[ -x "$test" ] || continue
	if "$test" >"$log" 2>&1; then
		n=$(count PASSED)
		passed=$((passed + ${n:-0}))
		n=$(count SKIPPED)
		skipped=$((skipped + ${n:-0}))
	else
		cat "$log"
		echo "FAILED: $test"
		n=$(count PASSED)
		passed=$((passed + ${n:-0}))
		n=$(count FAILED)
		failed=$((failed + ${n:-1}))
	fi
done

# Fuzz targets over their corpus: one test each.
for target in "$build"/tests/fuzz/fuzz_*; do
	[ -x "$target" ] || continue
	name=${target##*/fuzz_}
	if "$target" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		passed=$((passed + 1))
	else
		cat "$log"
		echo "FAILED: $target tests/fuzz/corpus/$name"
		failed=$((failed + 1))
	fi
done

# Whole programs: each script prints "NAME: N passed, N failed, N skipped".
for script in tests/*/run_*.sh; do
	[ -f "$script" ] || continue
	sh "$script" "$build" >"$log" 2>&1
	status=$?
	line=$(tail -n 1 "$log")
	sed '$d' "$log"
	n=$(echo "$line" | sed -n 's/.*: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
	if [ -z "$n" ]; then
		echo "$line"
		echo "FAILED: $script ended with status $status and no count"
		failed=$((failed + 1))
		continue
	fi
	echo "$line"
	# shellcheck disable=SC2086 # three numbers, to be split
	set -- $n
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
