#!/bin/sh
# SPDX-License-Identifier: ISC
# run_domain.sh - a failed look-up is never an absence: each question of a
# domain's checks fails in its turn
#
# run_domain.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")" || exit 1
exec python3 domain_failures.py "$build/mailsonde" domain_failures.zone \
    domain/perfect/zone
