#!/bin/sh
# SPDX-License-Identifier: ISC
# run_page.sh - pages as a checker of HTML and a browser's rules see them: see
# page.py
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
exec python3 -B tests/cli/page.py "$build/mailsonde"
