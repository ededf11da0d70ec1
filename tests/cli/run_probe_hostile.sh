#!/bin/sh
# SPDX-License-Identifier: ISC
# run_probe_hostile.sh - servers that mean harm; see probe_hostile.py
#
# run_probe_hostile.sh BUILD-DIRECTORY
exec python3 "$(dirname "$0")/probe_hostile.py" "$1/mailsonde"
