# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# The limit is linked as a plain build of the program would be, with every
# library shared: at this size starting is all there is.
title 1a "parse one message of 50 KB, SHA-256 of its parts"
generate 50K.eml --single 50K
set -- limit "$BENCH/bench_limit_shared $DATA/50K.eml" \
	start "$PROGRAM --version" \
	mailsonde "$PROGRAM parse --format ndjson $DATA/50K.eml"
if have peer_gmime; then
	set -- "$@" gmime "$BENCH/peer_gmime $DATA/50K.eml"
fi
compare 61 "$@" -- "mailsonde wall 1.0 limit" "mailsonde wall 1.5 start" \
	"mailsonde wall 0.5 gmime"
