#!/bin/sh
# SPDX-License-Identifier: ISC
# run_reports.sh - real reports, where they are present: each is read, and of
# the kind that its folder says
set -u
program=$1/mailsonde
corpus=$(dirname "$0")/../../../shared/corpus
passed=0 failed=0

if [ ! -d "$corpus/dmarc" ]; then
	echo "NO CORPUS beside the project: no real report was read"
	echo "corpus reports: 0 passed, 0 failed, 1 skipped"
	exit 0
fi

# check FOLDER KIND...
check() {
	folder=$1
	shift
	for file in "$corpus/$folder"/*; do
		[ -f "$file" ] || continue
		out=$("$program" reports -f ndjson --fail-on never "$file" 2>&1)
		code=$?
		kind=$(echo "$out" | sed -n 's/.*"report":{"type":"\([a-z-]*\)".*/\1/p')
		case " $* " in
		*" ${kind:-none} "*) ;;
		*) code=1 ;;
		esac
		if [ "$code" -eq 0 ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED: $file: ${kind:-no report}: $out" | cut -c1-400
		fi
	done
}

check dmarc dmarc-aggregate auth-failure
check tlsrpt tls
check arf auth-failure complaint
echo "corpus reports: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
