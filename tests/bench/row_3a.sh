# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# "limit" asks each question that the judgements need once, 256 on their way.
title 3a "10,000 SPF judgements over 2,000 domains, a server on loopback"
if have nsd && have ip && have unshare; then
	"$BENCH/bench_spf" senders >"$DATA/senders"
	set --
	have peer_spf2 && set -- libspf2 "$BENCH/peer_spf2 <$DATA/senders"
	spf="$PROGRAM spf -f ndjson --resolver 127.0.0.1 --fail-on never"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.1 \
		"$BENCH/bench_time" -r "${ROUNDS:-11}" -w 10000 judgements \
		limit "$BENCH/bench_spf limit 127.0.0.1@53" \
		mailsonde "$spf - <$DATA/senders" \
		careful "$spf --careful - <$DATA/senders" "$@" -- \
		"mailsonde wall 6 limit" "mailsonde wall 0.40 libspf2" ||
		skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
