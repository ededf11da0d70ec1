# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154 # variables of the sourcing script
# check.sh - checks by name, for scripts; sourced with $suite set
passed=0 failed=0

# check NAME COMMAND...: passes when the command is true
check() {
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $suite: $name"
		[ -f err ] && sed 's/^/    /' err
	fi
}

is() {
	[ "$1" = "$2" ] || { echo "    got $1, wanted $2"; false; }
}

# until_true COMMAND: waits for it to be true, twenty seconds at most
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 400 ] || return 1
		sleep 0.05
	done
}
