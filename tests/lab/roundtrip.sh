#!/bin/sh
# SPDX-License-Identifier: ISC
# roundtrip.sh - mailsonde roundtrip by Postfix, OpenDKIM and Dovecot, among the
# servers of servers.sh
#
# roundtrip.sh BUILD-DIRECTORY SERVERS-DIRECTORY; prints what failed, and closes
# with "lab-roundtrip: N passed, N failed, N skipped".
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

LAB_SCRIPT=$here/roundtrip_inside.sh sh "$here/servers.sh" "$1" "$2" \
	>"$out" 2>&1
sed -n '/^ok /!p' "$out"
passed=$(grep -c '^ok ' "$out")
failed=$(grep -c '^FAILED' "$out")
skipped=$(grep -c SKIPPED "$out")
# A lab that does not come up says "servers: 0 passed, 1 failed".
grep -q '^servers: .* 1 failed' "$out" && failed=$((failed + 1))
echo "lab-roundtrip: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
