#!/bin/sh
# SPDX-License-Identifier: ISC
# calls.sh - what the library never calls: it gets the time, the environment
# and its output from its caller, and does not end the program
#
# calls.sh LIBRARY. The object files are asked and not the text: a call behind
# a macro counts, a word in a comment does not. What the compiler makes of a
# call (puts, __printf_chk, __isoc99_…) stands here too.
set -u
banned='
time gettimeofday ftime timespec_get
getenv secure_getenv setenv putenv unsetenv environ __environ
stdout stderr stdin
printf vprintf puts putchar perror __printf_chk __vprintf_chk
exit _exit _Exit quick_exit atexit
system popen setlocale
'
undefined=$(nm -A --undefined-only "$1") || exit 2
[ -n "$undefined" ] || { echo "$1: no symbols"; exit 2; }
printf '%s\n' "$undefined" | awk -v banned="$banned" '
BEGIN {
	n = split(banned, words, /[ \n]+/)
	for (i = 1; i <= n; i++)
		if (words[i] != "")
			bad[words[i]] = 1
}
{
	name = $NF
	sub(/@.*/, "", name)
	if (name in bad) {
		file = $1
		sub(/:$/, "", file)
		print file ": lib/ must not use " name
		found = 1
	}
}
END { exit found }
'
