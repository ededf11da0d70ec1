#!/bin/sh
# SPDX-License-Identifier: ISC
# bench.sh - the program beside its limit and its peers, in one run
#
# bench.sh BUILD-DIRECTORY [ROW...]; every row is a file row_ROW.sh beside this
# one. Inputs are generated once, into build/bench. Times are of one moment of
# one machine: what counts are the ratios. ROUNDS=N changes the number of
# rounds. A bar that is missed says so and fails nothing.
#
# A row prints its title and calls `compare` (see there); it finds its inputs
# by `generate`, and these: BENCH, the programs; DATA, the inputs; PROGRAM,
# mailsonde.
set -eu
BUILD=$1
shift
HERE=$(dirname "$0")
BENCH=$BUILD/tests/bench
DATA=build/bench
# shellcheck disable=SC2034 # for the rows
PROGRAM=$BUILD/mailsonde

title() { # ROW TEXT
	printf '\n%-3s %s\n' "$1" "$2"
}

skip() { # TEXT
	echo "    not run: $1"
}

have() { # PROGRAM
	[ -x "$BENCH/$1" ] || command -v "$1" >/dev/null
}

# Whether FILE has to be made again.
stale() { # FILE
	[ -z "$(find "$DATA/$1" -newer "$BENCH/bench_generate" \
		2>/dev/null || :)" ]
}

generate() { # FILE OPTION...
	file=$1
	shift
	stale "$file" || return 0
	"$BENCH/bench_generate" "$@" >"$DATA/$file.new"
	mv "$DATA/$file.new" "$DATA/$file"
}

# Runs all in turn, the first being what the rest is held against. -w: what
# one run gets done, in what unit. See bench_time.c for the bars.
compare() { # ROUNDS [-w WORK UNIT] {NAME COMMAND}... -- BAR...
	rounds=${ROUNDS:-$1}
	shift
	"$BENCH/bench_time" -r "$rounds" "$@"
}

size_mb() { # FILE
	echo "$(($(wc -c <"$DATA/$1") / 1000000))"
}

all_rows() {
	for file in "$HERE"/row_*.sh; do
		file=${file##*/row_}
		echo "${file%.sh}"
	done
}

run_rows() { # ROW...
	for row; do
		# shellcheck source=/dev/null
		. "$HERE/row_$row.sh"
	done
}

# Passes the text on and counts what came of the bars.
count_bars() {
	awk '{ print; fflush() }
	/ (met|MISSED|not valid)$/ { n++; met += / met$/ }
	END { printf "\n%d bars, %d of them met\n", n, met }'
}

mkdir -p $DATA
echo "ratios are medians of the rounds; $(nproc) processors"
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(all_rows)
run_rows "$@" 2>&1 | count_bars
