#!/bin/sh
# SPDX-License-Identifier: ISC
# run_readme.sh - the README's examples print what it says
#
# run_readme.sh BUILD-DIRECTORY [bless]
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
shift
unset NO_COLOR
LC_ALL=C.UTF-8
export LC_ALL
exec python3 tests/cli/readme.py "$build/mailsonde" "$@"
