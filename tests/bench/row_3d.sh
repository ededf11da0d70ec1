# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 3d "the same, every answer 30 ms late: three levels, eight look-ups"
if have nsd && have ip && have unshare; then
	echo 10.44.0.1 user@d0007.spf.test - >"$DATA/sender"
	set --
	have peer_spf2 && set -- libspf2 "$BENCH/peer_spf2 <$DATA/sender"
	sh "$HERE/dns_lab.sh" "$BENCH" "$DATA" 127.0.0.2 \
		"$BENCH/bench_time" -r "${ROUNDS:-7}" \
		mailsonde "$PROGRAM spf --resolver 127.0.0.2 --ip 10.44.0.1 \
			--mail-from user@d0007.spf.test" "$@" -- \
		"mailsonde wall 0.60 libspf2" || skip "no namespaces, or no answers"
else
	skip "nsd or iproute2 is not installed (make deps-bench)"
fi
