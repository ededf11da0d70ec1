# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Memory: bounded by the largest message, not by the mailbox. The limit
# message_size, 256 MiB, cuts the one message of 300 MB.
title 1e "memory: mailboxes of 1 GB and of one message of 300 MB"
generate mailbox-1G --messages 36000
generate mailbox-300M --mailbox-of-one 300M
parse="$PROGRAM parse --format ndjson"
compare 1 file "$parse $DATA/mailbox-1G" \
	file-2 "$parse --jobs 2 $DATA/mailbox-1G" \
	pipe-2 "$parse --jobs 2 - |$DATA/mailbox-1G" \
	one "$parse $DATA/mailbox-300M" \
	one-pipe "$parse --jobs 2 - |$DATA/mailbox-300M" -- \
	"file rss 64" "file-2 rss 64" "pipe-2 rss 64" \
	"one rss 288" "one-pipe rss 288"
