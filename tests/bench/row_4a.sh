# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# The limit with the window that suits it best; "engine" is the live source
# as it is, "adnshost" a program that asks many questions at once.
title 4a "120,000 questions to a name server on loopback"
if have nsd && have ip && have unshare; then
	set --
	have adnshost && set -- adnshost "sh $DATA/dns/adnshost.sh"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.1 \
		"$BENCH/bench_time" -r "${ROUNDS:-11}" -w 0.12 M \
		limit "$BENCH/bench_dns limit 127.0.0.1@53 200" \
		engine "$BENCH/bench_dns engine 127.0.0.1@53" "$@" -- \
		"engine wall 1.5 limit" "engine wall 1.0 adnshost" \
		"engine rss 50" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
