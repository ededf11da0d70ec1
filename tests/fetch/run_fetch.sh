#!/bin/sh
# SPDX-License-Identifier: ISC
# run_fetch.sh - documents fetched from a server on loopback, and replayed
#
# run_fetch.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
if ! command -v openssl >/dev/null; then
	echo "SKIPPED: fetch: openssl, which makes the certificates, is missing"
	echo "fetch: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 fetch.py "$build/mailsonde"
