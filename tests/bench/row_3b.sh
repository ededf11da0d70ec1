# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 3b "300 SPF judgements, every answer 30 ms late"
if have nsd && have ip && have unshare; then
	"$BENCH/bench_spf" senders 300 >"$DATA/senders300"
	spf="$PROGRAM spf -f ndjson --resolver 127.0.0.2 --fail-on never"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.2 \
		"$BENCH/bench_time" -r "${ROUNDS:-5}" -w 300 judgements \
		limit "$BENCH/bench_spf limit 127.0.0.2@53 300" \
		mailsonde "$spf - <$DATA/senders300" \
		careful "$spf --careful - <$DATA/senders300" -- \
		"mailsonde wall 3 limit" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
