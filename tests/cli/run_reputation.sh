#!/bin/sh
# SPDX-License-Identifier: ISC
# run_reputation.sh - block lists over a socket
#
# run_reputation.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
exec python3 reputation.py "$build/mailsonde"
