#!/bin/sh
# SPDX-License-Identifier: ISC
# run_serve.sh - mailsonde serve and its clients, good and bad; see serve.py
#
# run_serve.sh BUILD-DIRECTORY
exec python3 -B "$(dirname "$0")/serve.py" "$1/mailsonde"
