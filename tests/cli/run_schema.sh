#!/bin/sh
# SPDX-License-Identifier: ISC
# run_schema.sh - what the commands print as JSON follows `mailsonde schema`
#
# run_schema.sh BUILD-DIRECTORY
#
# Every sample and every message of the command tests through every command,
# and every JSON that the command tests want.
set -u
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")/../.." && pwd)
python=/usr/bin/python3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

if ! "$python" -c 'import jsonschema' 2>/dev/null; then
	echo "SKIPPED: schema: python3-jsonschema is not installed"
	echo "schema: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
cd "$root" || exit 1
"$build/mailsonde" schema >"$work/schema" || exit 1

# What is written: of one subject, of several, a line each.
inputs=$(find samples/messages tests/cli -name '*.eml' -o -name '*.mbox' \
    -o -name '*.emlx' -o -path 'samples/*' -name '*.txt' | sort)
for command in analyze parse trace auth; do
	case $command in
	parse) geo= ;;
	trace) geo="--geoip-db $build/tests/geo.mmdb" ;;
	auth) geo="--offline --zone samples/dns/samples.zone" ;;
	analyze)
		geo="--geoip-db $build/tests/geo.mmdb --offline"
		geo="$geo --zone samples/dns/samples.zone"
		;;
	esac
	# shellcheck disable=SC2086 # names without blanks, to be split
	"$build/mailsonde" $command -q -f ndjson $geo $inputs nowhere.eml \
	    >"$work/$command.ndjson" 2>/dev/null
	# shellcheck disable=SC2086
	"$build/mailsonde" $command -q -j $geo $inputs \
	    >"$work/$command.json" 2>/dev/null
done
"$build/mailsonde" parse -q -f ndjson --hashes all --defang \
    --extract "$work/parts" samples/messages >"$work/extract.ndjson"
"$build/mailsonde" analyze --offline -q -f ndjson --attached \
    samples/messages/reported.eml >"$work/attached.ndjson"
"$build/mailsonde" geoip -j --geoip-db "$build/tests/geo.mmdb" \
    192.0.2.1 10.0.0.1 2001:db8::1 8.8.8.8 nowhere >"$work/geoip.json"
"$build/mailsonde" geoip -f ndjson --geoip-db "$build/tests/geo.mmdb" - \
    <tests/cli/geoip/jobs/jobs >"$work/geoip.ndjson"

"$python" tests/cli/schema.py "$work/schema" "$work"/*.json \
    "$work"/*.ndjson tests/cli/*/*/want.json >"$work/log" 2>&1
sed '$d' "$work/log" | head -n 60
line=$(tail -n 1 "$work/log")
case $line in
[1-9]*" passed, 0 failed") status=0 ;;
*" passed, "*) status=1 ;;
*)
	echo "$line"
	line="0 passed, 1 failed" status=1
	;;
esac
echo "schema: $line, 0 skipped"
exit $status
