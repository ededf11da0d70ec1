# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# shellcheck source=tests/bench/dkim_mail.sh
. "$HERE/dkim_mail.sh"
title 2a "verify 5,000 messages signed with RSA-2048, relaxed/relaxed"
sign rsa rsa 5000
set -- limit "$BENCH/bench_dkim limit $DATA/rsa.mbox $DATA/rsa.zone" \
	library "$BENCH/bench_dkim verify $DATA/rsa.mbox $DATA/rsa.zone" \
	jobs-1 "$(auth rsa) --jobs 1 $DATA/rsa.mbox" \
	jobs-2 "$(auth rsa) --jobs 2 $DATA/rsa.mbox"
if have peer_opendkim; then
	set -- "$@" \
		opendkim "$BENCH/peer_opendkim $DATA/rsa.mbox $DATA/rsa.zone"
fi
compare 11 -w 5000 messages "$@" -- "library cpu 1.6 limit" \
	"jobs-1 cpu 2.5 limit" "jobs-2 wall 0.33 opendkim" \
	"jobs-2 wall 0.6 jobs-1" "jobs-1 rss 32"
