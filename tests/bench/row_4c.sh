# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Of a domain with keys too: "default" guesses the selector. 6.7 a second are
# 0.15 s for one.
title 4c "one domain judged, every answer 30 ms late"
if have nsd && have ip && have unshare; then
	one="$PROGRAM domain --resolver 127.0.0.2 --fail-on never"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.2 \
		"$BENCH/bench_time" -r "${ROUNDS:-5}" -w 1 domains \
		default "$one d00010.bench.test" \
		selector "$one --selector s1 d00010.bench.test" \
		careful "$one --careful d00010.bench.test" -- \
		"default rate 6.67" "selector rate 6.67" ||
		skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
