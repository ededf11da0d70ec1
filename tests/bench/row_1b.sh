# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 1b "parse one message of 25 MB"
generate 25M.eml --single 25M
set -- limit "$BENCH/bench_limit $DATA/25M.eml" \
	mailsonde "$PROGRAM parse --format ndjson $DATA/25M.eml"
if have peer_gmime; then
	set -- "$@" gmime "$BENCH/peer_gmime $DATA/25M.eml"
fi
if have mshow; then
	set -- "$@" mshow-t "mshow -t $DATA/25M.eml"
fi
compare 21 -w 25 MB "$@" -- "mailsonde wall 1.4 limit" \
	"mailsonde wall 0.5 gmime" "mailsonde wall 0.75 mshow-t" \
	"mailsonde rss 17"
