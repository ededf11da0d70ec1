#!/bin/sh
# SPDX-License-Identifier: ISC
# run_corpus.sh - real mail, where it is present
set -u
here=$(dirname "$0")
corpus=$here/../../../shared/corpus
if [ ! -r "$corpus/truth.ndjson" ]; then
	echo "no corpus beside the project; see tests/corpus/compare.py"
	echo "corpus: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo "no python3"
	echo "corpus: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 "$here/compare.py" "$1/mailsonde" "$corpus"
