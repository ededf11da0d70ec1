# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # sourced: here, build
# tls_scan_inside.sh - among the servers of servers_inside.sh, which sources it:
# "ok TARGET" or "FAILED TARGET" for each
for target in smtp://mx1 submissions://mx2 smtp://tls10 smtp://weak \
	imap://mx1 imaps://mx1 pop3://mx1 pop3s://mx1 activesync://web \
	smtp://mx3 smtp://mx4 imaps://imap; do
	scheme=${target%%:*} host=${target##*/}.lab.test
	case $scheme in
	smtp) port=25 ;;
	submissions) port=465 ;;
	imap) port=143 ;;
	imaps) port=993 ;;
	pop3) port=110 ;;
	pop3s) port=995 ;;
	activesync) port=443 ;;
	esac
	if ! listens "$host" "$port" 2>/dev/null; then
		echo "SKIPPED: tls-scan: $target: it does not listen"
	elif python3 "$here/tls_agree.py" "$build/mailsonde" "$scheme" "$host"
	then
		echo "ok $target"
	else
		echo "FAILED: tls-scan: $target"
	fi
done
