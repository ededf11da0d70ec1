# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# GMime looks for no links and hashes no message as a whole: "alike" leaves out
# what it can of that. "hash" reads all and takes the SHA-256 of all: mailsonde
# does that too, and once more for the parts.
title 1c "parse a mailbox of 20,000 messages, 560 MB"
generate mailbox --messages 20000
set -- limit "$BENCH/bench_limit $DATA/mailbox" \
	hash "$BENCH/bench_limit -a $DATA/mailbox" \
	jobs-1 "$PROGRAM parse --format ndjson --jobs 1 $DATA/mailbox" \
	alike-1 "$PROGRAM parse --no-links --format ndjson --jobs 1 $DATA/mailbox" \
	alike-2 "$PROGRAM parse --no-links --format ndjson --jobs 2 $DATA/mailbox" \
	jobs-2 "$PROGRAM parse --format ndjson --jobs 2 $DATA/mailbox"
if have peer_gmime; then
	set -- "$@" gmime "$BENCH/peer_gmime $DATA/mailbox"
fi
compare 5 -w "$(size_mb mailbox)" MB "$@" -- \
	"jobs-1 cpu 3.0 limit" "jobs-2 wall 2.0 limit" \
	"alike-1 wall 0.33 gmime" "alike-2 wall 0.55 alike-1" \
	"jobs-1 wall 0.33 gmime" "jobs-2 wall 0.30 gmime" \
	"jobs-2 wall 0.55 jobs-1" "jobs-1 rss 32" "jobs-2 rss 64"
