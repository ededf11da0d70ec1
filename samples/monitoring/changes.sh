#!/bin/sh
# SPDX-License-Identifier: ISC
# changes.sh - what changed in the mail DNS since the last run, and nothing else
#
# changes.sh PROGRAM NAMES DIRECTORY [OPTION...]: NAMES is a file of domains,
# DIRECTORY keeps the last results. Prints the changes; says nothing where
# there are none. The first run keeps what is there and is silent.
set -eu
program=$1 names=$2 state=$3
shift 3
last=$state/last.ndjson
new=$state/new.ndjson

status=0
"$program" domain --format ndjson "$@" - <"$names" >"$new" || status=$?
# 0, 1 and 2 are answers; anything else is no result to compare with
[ "$status" -le 2 ] || exit "$status"
if [ -s "$last" ]; then
	"$program" domain --baseline "$last" "$@" - <"$names" |
		grep -v ': nothing changed since the baseline$' |
		sed '/./,$!d' || :
fi
mv "$new" "$last"
