#!/bin/sh
# SPDX-License-Identifier: ISC
# longest.sh - the ten longest and the ten most complex functions: something
# to look at together, not a gate
command -v pmccabe >/dev/null || exit 0
echo "longest:"
pmccabe lib/*/*.c cmd/*.c | sort -k5 -rn | head -n 10 | awk '{ print $5, $7, $6 }'
echo "most complex:"
pmccabe lib/*/*.c cmd/*.c | sort -k2 -rn | head -n 10 | awk '{ print $2, $7, $6 }'
