# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# The limit is an empty program with every library shared.
title 6 "--version, beside a program that does nothing"
compare 101 limit "$BENCH/bench_empty_shared" empty "$BENCH/bench_empty" \
	mailsonde "$PROGRAM --version" -- \
	"mailsonde wall 0.55 limit" "mailsonde wall 0.35 limit"
