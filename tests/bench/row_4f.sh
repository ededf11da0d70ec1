# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Nine of ten names do not exist: what is held of a name is the same.
title 4f "what 100,000 names cost in memory, beside 10,000"
if have nsd && have ip && have unshare; then
	"$BENCH/bench_dns" names >"$DATA/names"
	"$BENCH/bench_dns" names 100000 >"$DATA/names100000"
	all="$PROGRAM domain -f ndjson --resolver 127.0.0.1 --fail-on never"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.1 \
		"$BENCH/bench_time" -r "${ROUNDS:-1}" \
		10,000 "$all - <$DATA/names" \
		100,000 "$all - <$DATA/names100000" -- \
		"100,000 rss 96" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
