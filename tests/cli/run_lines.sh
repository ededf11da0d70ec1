#!/bin/sh
# SPDX-License-Identifier: ISC
# run_lines.sh - many subjects: --unordered, --resume, --summary, progress
#
# run_lines.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
exec python3 lines.py "$build/mailsonde" domain_failures.zone "$build/tests/geo.mmdb"
