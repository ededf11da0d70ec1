# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # sourced: here, build
# tls_scan_inside.sh - among the servers of servers_inside.sh, which sources it:
# "ok TARGET" or "FAILED TARGET" for each
for target in smtp://mx1 submissions://mx2 smtp://tls10 smtp://weak \
	imap://mx1 imaps://mx1 pop3://mx1 pop3s://mx1 activesync://web \
	smtp://mx2 smtp://exim smtp://weak3 imaps://tls10 imap://courier \
	pop3s://courier smtp://opensmtpd; do
	scheme=${target%%:*} host=${target##*/}.lab.test
	if grep -q "^$host$" missing; then
		echo "SKIPPED: tls-scan: $target: it did not start"
	elif python3 "$here/tls_agree.py" sslscan "$build/mailsonde" \
		"$scheme" "$host"
	then
		echo "ok $target"
	else
		echo "FAILED: tls-scan: $target"
	fi
done
