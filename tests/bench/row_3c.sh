# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 3c "one SPF judgement"
if have nsd && have ip && have unshare; then
	echo 10.44.0.1 user@d0007.spf.test - >"$DATA/sender"
	set --
	have peer_spf2 && set -- libspf2 "$BENCH/peer_spf2 <$DATA/sender"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.1 \
		"$BENCH/bench_time" -r "${ROUNDS:-31}" \
		mailsonde "$PROGRAM spf --resolver 127.0.0.1 --ip 10.44.0.1 \
			--mail-from user@d0007.spf.test" "$@" -- \
		"mailsonde wall 1.0 libspf2" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
