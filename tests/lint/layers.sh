#!/bin/sh
# SPDX-License-Identifier: ISC
# layers.sh - a folder includes only what stands to its left, and each
# dependency has one door
set -u
bad=0

complain() {
	echo "$1"
	bad=1
}

# Which layer declares each public header.
layer_of() {
	case $1 in
	slice.h | arena.h | buf.h | scan.h | status.h | limits.h | utf8.h | \
	    digest.h | clock.h | ip.h | charset.h | codec.h | \
	    organisation.h) echo base ;;
	defect.h | header.h | address.h | date.h | mime.h | message.h | \
	    link.h | mailbox.h | magic.h) echo message ;;
	geo.h | env.h) echo geo ;;
	dns.h | dns_*.h | psl.h) echo dns ;;
	received.h | trace.h) echo received ;;
	auth.h | authres.h | spf.h | dkim.h | arc.h | dmarc.h) echo auth ;;
	report.h | describe.h) echo report ;;
	check.h) echo check ;;
	render.h | job.h) echo render ;;
	*) echo unknown ;;
	esac
}

# What each folder may include.
allowed() {
	case $1 in
	base) echo base ;;
	message) echo base message ;;
	geo) echo base geo ;;
	dns) echo base dns ;;
	received) echo base message dns geo received ;;
	auth) echo base message dns geo auth ;;
	report) echo base message dns geo received auth report ;;
	check) echo base message dns geo received auth report check ;;
	render) echo base message dns geo received auth report check render ;;
	esac
}

for file in lib/*/*.[ch]; do
	folder=${file#lib/}
	folder=${folder%%/*}
	# shellcheck disable=SC2013 # names without blanks
	for header in $(sed -n 's|^#include "mailsonde/\(.*\)"|\1|p' "$file"); do
		layer=$(layer_of "$header")
		case " $(allowed "$folder") " in
		*" $layer "*) ;;
		*) complain "$file: $folder must not include $header ($layer)" ;;
		esac
	done
done

# door HEADER-PATTERN FILE…: only these may include it
door() {
	pattern=$1
	shift
	for file in $(grep -l "#include <$pattern" lib/*/*.[ch] cmd/*.[ch] include/mailsonde/*.h); do
		case " $* " in
		*" $file "*) ;;
		*) complain "$file: <$pattern…> belongs to $*" ;;
		esac
	done
}
door openssl/ lib/base/digest.c
door gumbo lib/message/html.c
door maxminddb lib/geo/mmdb.c
door cjson/ lib/render/job.c
door magic.h lib/message/magic.c
door idn2 lib/message/idna.c
door iconv.h lib/base/charset.c
door ldns/ lib/dns/live.c lib/dns/rr.c

# What lib/ never calls.
for word in 'printf *(' 'getenv *(' '[^_a-z]time *(NULL' '[^_a-z]exit *('; do
	found=$(grep -nE "(^|[^a-z_])$word" lib/*/*.c | grep -vE 'snprintf|ms_|_printf|"|\*')
	[ -z "$found" ] || complain "$found"
done

[ "$bad" -eq 0 ]
