# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# shellcheck source=tests/bench/dkim_mail.sh
. "$HERE/dkim_mail.sh"
title 2b "verify 1,000 messages signed with Ed25519"
sign ed25519 ed25519 1000
signed="$DATA/ed25519.mbox $DATA/ed25519.zone"
set -- limit "$BENCH/bench_dkim limit $signed" \
	library "$BENCH/bench_dkim verify $signed" \
	jobs-1 "$(auth ed25519) --jobs 1 $DATA/ed25519.mbox" \
	jobs-2 "$(auth ed25519) --jobs 2 $DATA/ed25519.mbox"
if have peer_opendkim; then
	set -- "$@" opendkim "$BENCH/peer_opendkim $signed"
fi
compare 11 -w 1000 messages "$@" -- "library cpu 1.3 limit" \
	"jobs-1 cpu 1.3 limit" "jobs-1 wall 0.75 opendkim" \
	"jobs-2 wall 0.45 opendkim"
