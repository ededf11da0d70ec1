# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# 650 domains are 20,000 questions.
title 4e "the same, every answer 30 ms late"
if have nsd && have ip && have unshare; then
	"$BENCH/bench_dns" names >"$DATA/names"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.2 \
		"$BENCH/bench_time" -r "${ROUNDS:-1}" -w 10000 domains \
		judged "$PROGRAM domain -f ndjson --resolver 127.0.0.2 \
			--fail-on never - <$DATA/names" -- \
		"judged rate 650" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
