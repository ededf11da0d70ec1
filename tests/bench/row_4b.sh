# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 4b "the same, every answer 30 ms late, 1,000 in flight"
if have nsd && have ip && have unshare; then
	set --
	have adnshost && set -- adnshost "sh $DATA/dns/adnshost.sh"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.2 \
		"$BENCH/bench_time" -r "${ROUNDS:-3}" -w 0.12 M \
		limit "$BENCH/bench_dns limit 127.0.0.2@53 1000" \
		engine "$BENCH/bench_dns engine 127.0.0.2@53 1000" "$@" -- \
		"engine wall 1.3 limit" "engine wall 1.0 adnshost" \
		"engine rss 43" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
