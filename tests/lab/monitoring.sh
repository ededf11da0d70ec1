#!/bin/sh
# SPDX-License-Identifier: ISC
# monitoring.sh - the set-ups of samples/monitoring with the programs that they
# are for
#
# monitoring.sh BUILD-DIRECTORY SERVERS-DIRECTORY (packages, unpacked; promtool
# and jq are taken from there where they are not installed); closes with
# "monitoring: N passed, N failed, N skipped".
set -u
build=$(cd "$1" && pwd) || exit 1
program=$build/mailsonde
PATH=$PATH:$(cd "$2" 2>/dev/null && pwd)/usr/bin
samples=samples/monitoring
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAILED: monitoring: $*"
	cat "$work/log"
}

# check WHAT COMMAND...: it succeeds
check() {
	what=$1
	shift
	if "$@" >"$work/log" 2>&1; then good; else bad "$what"; fi
}

# with PROGRAM WHAT: false, and said, where it is missing
with() {
	command -v "$1" >/dev/null && return
	skipped=$((skipped + 1))
	echo "SKIPPED: monitoring: $2: no $1"
	return 1
}

probe() {
	"$program" probe --replay samples/records/harbour-mx.ndjson "$@"
}

domain() {
	"$program" domain --at 2026-01-15T12:00:00Z --offline \
	    --zone samples/dns/samples.zone "$@"
}

# Prometheus: the figures, the alerts on them, the file as a whole
if with promtool "figures and alerts"; then
	probe -f prometheus -o "$work/mailsonde.prom"
	check "figures of probe" promtool check metrics <"$work/mailsonde.prom"
	domain -f prometheus harbour.example >"$work/domain.prom"
	check "figures of domain" promtool check metrics <"$work/domain.prom"
	check "alerts" promtool check rules $samples/rules.yml
	check "alerts that fire" promtool test rules $samples/rules-test.yml
fi
probe -f prometheus >"$work/figures"
"$program" roundtrip -f prometheus --offline --submit submissions://x.example \
    --pickup imaps://x.example a@x.example b@x.example >>"$work/figures"
sed -n 's/.*\(mailsonde_[a-z_]*\).*/\1/p' $samples/rules.yml >"$work/metrics"
while read -r metric; do
	check "$metric is exported" grep -q "^$metric{" "$work/figures"
done <"$work/metrics"

# Prometheus itself, which scrapes `mailsonde serve` by the file of the samples;
# then many requests
if with promtool "scrapes"; then
	check "scrapes" promtool check config $samples/prometheus.yml
fi
if with prometheus "a Prometheus that scrapes"; then
	check "a Prometheus that scrapes" python3 -B tests/lab/scrape.py \
	    "$program"
fi
check "many requests" python3 -B tests/lab/serve_load.py "$program" \
    "${REQUESTS:-100000}"
sed 's/^/    /' "$work/log"

# Nagios: the command lines of the file, with the arguments of its services
grep -o 'check_mail_[a-z]*!.*' $samples/nagios.cfg >"$work/services"
while IFS='!' read -r name argument; do
	line=$(sed -n "/command_name *$name\$/,/}/s/.*command_line *//p" \
		$samples/nagios.cfg | sed "s|/usr/local/bin/mailsonde|$program|
		s|\\\$ARG1\\\$|--offline $argument|")
	sh -c "$line" >"$work/log" 2>&1
	status=$?
	if [ $status -eq 3 ] && [ "$(wc -l <"$work/log")" -eq 1 ] &&
	    grep -q '^MAIL UNKNOWN - .* |' "$work/log"; then
		good
	else
		bad "$name: status $status"
	fi
done <"$work/services"

# systemd: units that it can read
if with systemd-analyze "units"; then
	for unit in "$samples"/*.service "$samples"/*.timer; do
		sed "s|/usr/local/[a-z/]*|/bin/true #|" "$unit" \
		    >"$work/${unit##*/}"
	done
	check "units" systemd-analyze verify --man=no "$work"/*.service \
	    "$work"/*.timer
fi

# Only what changed: silent at first and where nothing did
echo harbour.example >"$work/names"
mkdir "$work/state"
cp samples/dns/samples.zone "$work/zone"
changes() {
	sh $samples/changes.sh "$program" "$work/names" "$work/state" \
	    --at 2026-01-15T12:00:00Z --offline --zone "$work/zone" \
	    >"$work/told" 2>&1
}
changes
check "the first run is silent" test ! -s "$work/told"
changes
check "no change, no word" test ! -s "$work/told"
echo 'harbour.example. 300 CAA 0 issue "ca.example"' >>"$work/zone"
changes
check "a change is told" grep -q caa "$work/told"
changes
check "and told once" test ! -s "$work/told"

# ECS: a document a result, each an object with its time
if with jq "documents of ECS"; then
	{
		probe -f ndjson
		domain -f ndjson harbour.example
		"$program" analyze --offline -f ndjson samples/messages
	} >"$work/results"
	jq -c -f $samples/ecs.jq <"$work/results" >"$work/ecs" 2>"$work/log"
	check "as many documents as results" test \
	    "$(wc -l <"$work/ecs")" -eq "$(wc -l <"$work/results")"
	check "each with its time and kind" jq -e -s \
	    'all(.[]; .["@timestamp"] and .event.kind and .ecs.version)' \
	    "$work/ecs"
	check "senders" jq -e -s \
	    'any(.[]; .email.from.domain[0]? == "harbour.example")' "$work/ecs"
fi

echo "monitoring: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
