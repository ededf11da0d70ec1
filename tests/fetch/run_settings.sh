#!/bin/sh
# SPDX-License-Identifier: ISC
# run_settings.sh - settings of mail programs, from servers on loopback
#
# run_settings.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
if ! command -v openssl >/dev/null; then
	echo "SKIPPED: settings: openssl, which makes the certificates, is missing"
	echo "settings: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 settings.py "$build/mailsonde"
