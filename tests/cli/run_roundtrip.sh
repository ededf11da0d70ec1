#!/bin/sh
# SPDX-License-Identifier: ISC
# run_roundtrip.sh - a message sent and waited for: see roundtrip.py
exec python3 "$(dirname "$0")/roundtrip.py" "$1/mailsonde"
