# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# "judged" asks some 31 questions about each, so that 1,600 domains are 50,000
# questions; "engine" asks 12 and judges nothing.
title 4d "10,000 domains judged, with JSON, on loopback"
if have nsd && have ip && have unshare; then
	"$BENCH/bench_dns" names >"$DATA/names"
	all="$PROGRAM domain -f ndjson --resolver 127.0.0.1 --fail-on never"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.1 \
		"$BENCH/bench_time" -r "${ROUNDS:-3}" -w 10000 domains \
		engine "$BENCH/bench_dns engine 127.0.0.1@53" \
		judged "$all - <$DATA/names" \
		unordered "$all --unordered - <$DATA/names" \
		three "$all --only mx --only spf --only dmarc - <$DATA/names" \
		-- "judged rate 1600" "judged cpu 12 engine" "judged rss 96" ||
		skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
