#!/bin/sh
# SPDX-License-Identifier: ISC
# run_tls.sh - certificates of servers on loopback, and what senders do
#
# run_tls.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
if ! command -v openssl >/dev/null; then
	echo "SKIPPED: tls: openssl, which makes the certificates, is missing"
	echo "tls: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 tls.py "$build/mailsonde"
