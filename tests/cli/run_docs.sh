#!/bin/sh
# SPDX-License-Identifier: ISC
# run_docs.sh - man pages, --help, tables and READMEs say the same
#
# run_docs.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
exec python3 tests/cli/docs.py "$build/mailsonde" "$build/tests/cli/list_checks"
