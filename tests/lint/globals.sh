#!/bin/sh
# SPDX-License-Identifier: ISC
# globals.sh - the library has no mutable file-scope variable
found=$(objdump -t "$1" | awk '/ O \.(data|bss)[ \t.]/ && !/\.data\.rel\.ro/')
[ -z "$found" ] || { echo "$found"; exit 1; }
