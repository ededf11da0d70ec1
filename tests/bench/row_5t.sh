# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Each finds the versions, suites and groups of one server, OpenSSL's with the
# usual settings: tests/lab/tls_scan.sh has it that they find the same. testssl
# is asked for nothing more, and takes half a minute: ROUNDS=1 will do.
title 5t "all that a server's TLS accepts, by STARTTLS on loopback"
if have sslscan; then
	tls=$(mktemp -d /tmp/bench.XXXXXX)
	python3 "$HERE/../lab/tls_variants.py" "$tls" &
	server=$!
	for _ in $(seq 200); do
		[ -e "$tls/ports" ] && break
		sleep 0.1
	done
	at=127.0.0.1:$(sed -n 's/^usual //p' "$tls/ports")
	set --
	ask="testssl --warnings off --color 0 -t smtp -p -E -f --quiet $at"
	have testssl && set -- testssl "$ask"
	compare 5 \
		sslscan "sslscan --starttls-smtp --no-check-certificate $at" \
		mailsonde "$PROGRAM probe --tls-scan --fail-on never \
			--connect-to ::$at smtp://mx.harbour.example" \
		"$@" -- \
		"mailsonde wall 1.0 sslscan" "mailsonde wall 0.02 testssl"
	kill "$server"
	rm -rf "$tls"
else
	skip "sslscan is not installed (make deps-bench)"
fi
