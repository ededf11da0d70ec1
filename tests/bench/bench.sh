#!/bin/sh
# SPDX-License-Identifier: ISC
# bench.sh - the program beside its limit and its peers, in one run
#
# bench.sh BUILD-DIRECTORY [ROW...]; rows: 1a 1b 1c 6 7. Inputs are generated
# once, into build/bench. Times are of one moment of one machine: what counts
# are the ratios. ROUNDS=N changes the number of rounds.
set -eu
build=$1
shift
rows=${*:-1a 1b 1c 6 7}
bench=$build/tests/bench
data=build/bench
program=$build/mailsonde
timer=$bench/bench_time

generate() { # FILE OPTION...
	file=$data/$1
	shift
	fresh=$(find "$file" -newer "$bench/bench_generate" 2>/dev/null || :)
	[ -z "$fresh" ] || return 0
	"$bench/bench_generate" "$@" >"$file.new"
	mv "$file.new" "$file"
}

have() {
	[ -x "$bench/$1" ] || command -v "$1" >/dev/null
}

# Runs the timer with the program, the limit, and those peers that are there:
# compare ROUNDS FILE "OUR COMMANDS" BAR...
compare() {
	rounds=${ROUNDS:-$1}
	file=$2
	shift 2

	# mshow knows no mailboxes: it would take it for one message.
	case $file in
	*.eml)
		if have mshow; then
			set -- mshow "mshow -t $file" "$@"
		else
			echo "    (mblaze is not installed: make deps-bench)"
		fi
		;;
	esac
	if have peer_gmime; then
		set -- gmime "$bench/peer_gmime $file" "$@"
	else
		echo "    (GMime is not installed: make deps-bench)"
	fi
	"$timer" -r "$rounds" limit "$bench/bench_limit $file" "$@"
}

row_1a() {
	generate 50K.eml --single 50K
	echo "1a  parse one message of 50 KB, SHA-256 of its attachments"
	compare 61 $data/50K.eml \
		mailsonde "$program parse --format ndjson $data/50K.eml" \
		empty "$bench/bench_empty" \
		shared "$bench/bench_empty_shared" \
		-- "mailsonde wall 1.0 shared" "mailsonde wall 1.5 empty" \
		"mailsonde wall 0.5 gmime"
}

row_1b() {
	generate 25M.eml --single 25M
	echo "1b  parse one message of 25 MB"
	compare 21 $data/25M.eml \
		mailsonde "$program parse --format ndjson $data/25M.eml" \
		-- "mailsonde wall 1.4 limit" "mailsonde wall 0.5 gmime" \
		"mailsonde wall 0.75 mshow" "mailsonde rss 17"
}

row_1c() {
	generate mailbox --messages 20000
	echo "1c  parse a mailbox of 20,000 messages, 560 MB"
	compare 5 $data/mailbox \
		jobs-1 "$program parse --format ndjson --jobs 1 $data/mailbox" \
		jobs-2 "$program parse --format ndjson --jobs 2 $data/mailbox" \
		-- "jobs-1 cpu 3.0 limit" "jobs-2 wall 2.0 limit" \
		"jobs-1 wall 0.33 gmime" "jobs-2 wall 0.30 gmime" \
		"jobs-2 wall 0.55 jobs-1" "jobs-1 rss 32" "jobs-2 rss 64"
}

row_6() {
	echo "6   --version against a program that does nothing"
	"$timer" -r "${ROUNDS:-101}" shared "$bench/bench_empty_shared" \
		empty "$bench/bench_empty" mailsonde "$program --version" \
		-- "mailsonde wall 0.55 shared" "mailsonde wall 0.35 shared"
}

row_7() {
	country=build/share/mailsonde/mailsonde-country.mmdb
	generate addresses --addresses 1000000
	echo "7   countries of 1,000,000 addresses"
	if [ ! -r $country ]; then
		echo "    not run: no country database (make deps all)"
		return
	fi
	"$timer" -r "${ROUNDS:-9}" \
		libmaxminddb "$bench/bench_geo lib $country $data/addresses" \
		lookup "$bench/bench_geo ours $country $data/addresses" \
		geoip "$program geoip --geoip-db $country - <$data/addresses" \
		-- "lookup cpu 1.1 libmaxminddb" \
		"geoip wall 4.0 libmaxminddb"
}

mkdir -p $data
echo "ratios: median of the rounds; a bar of performance that is missed says so"
for row in $rows; do
	"row_$row"
done
