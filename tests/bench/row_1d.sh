# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Real messages, over and over: those of CORPUS, which is not part of this
# project. The limit reads all and takes the SHA-256 of all.
CORPUS=${CORPUS:-$HERE/../../../shared/corpus}
title 1d "parse a mailbox of real messages, 500 MB"
if [ -d "$CORPUS" ]; then
	if stale real; then
		find "$CORPUS" -name '*.eml' | LC_ALL=C sort |
			generate real --real 500M
	fi
	set -- limit "$BENCH/bench_limit -a $DATA/real" \
		jobs-1 "$PROGRAM parse --format ndjson --jobs 1 $DATA/real" \
		jobs-2 "$PROGRAM parse --format ndjson --jobs 2 $DATA/real"
	if have peer_gmime; then
		set -- "$@" gmime "$BENCH/peer_gmime $DATA/real"
	fi
	compare 3 -w "$(size_mb real)" MB "$@" -- "jobs-2 wall 2.5 limit" \
		"jobs-2 wall 0.35 gmime" "jobs-1 rss 32" "jobs-2 rss 64"
else
	skip "there are no real messages (CORPUS=FOLDER)"
fi
