# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154 # variables of the sourcing script
# server.sh - a made-up server for the length of a script, and its count
#
# Sourced behind `set -u`, with BUILD-DIRECTORY as $1; start_server follows.
# $build is that directory, $root the script's, $work one of its own that goes
# at its end, as the server does.
build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
server=
stop() {
	[ -n "$server" ] && kill "$server" 2>/dev/null
	rm -rf "$work"
}
trap stop EXIT
passed=0 failed=0

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAILED: $*"
}

# start_server SCRIPT: it writes its ports into $work/ports, "NAME PORT" a line
start_server() {
	python3 "$root/$1" "$work" &
	server=$!
	n=0
	while [ ! -e "$work/ports" ] && [ "$n" -lt 200 ]; do
		n=$((n + 1))
		sleep 0.05
	done
}

# port NAME: of the server
port() {
	sed -n "s/^$1 //p" "$work/ports"
}

# check_schema: the results in $work/all.ndjson are as the schema says
check_schema() {
	"$build/mailsonde" schema >"$work/schema"
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import jsonschema' 2>/dev/null && break
	done
	line=$("$python" "$root/schema.py" "$work/schema" "$work/all.ndjson" |
		tee "$work/log" | tail -n 1)
	case $line in
	[1-9]*" passed, 0 failed") good ;;
	*) bad "schema: $(head -n 20 "$work/log")" ;;
	esac
}
