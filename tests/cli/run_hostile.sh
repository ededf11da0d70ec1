#!/bin/sh
# SPDX-License-Identifier: ISC
# run_hostile.sh - large messages that were made to hurt: see hostile.py
exec python3 "$(dirname "$0")/hostile.py" "$1/mailsonde"
