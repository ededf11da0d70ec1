# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# For the rows 2: signed mail and its keys, made once.
sign() { # NAME KIND MESSAGES
	fresh=$(find "$DATA/$1.mbox" -newer "$BENCH/bench_dkim" 2>/dev/null || :)
	[ -z "$fresh" ] || return 0
	"$BENCH/bench_dkim" generate "$2" "$3" "$DATA/$1.zone" >"$DATA/$1.new"
	mv "$DATA/$1.new" "$DATA/$1.mbox"
}

# How the program judges: SPF, ARC and DMARC too, and it hashes each message.
auth() { # NAME
	echo "$PROGRAM auth --format ndjson --offline" \
		"--zone $DATA/$1.zone --at 2026-01-05T10:01:40Z"
}
