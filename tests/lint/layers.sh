#!/bin/sh
# SPDX-License-Identifier: ISC
# layers.sh - a folder includes only what stands to its left, and each
# dependency has one door
#
# layers.sh [DIRECTORY], of the tree to look at.
set -u
cd "${1:-.}" || exit 2
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
	    json.h | map.h | gzip.h | ledger.h | library.h | organisation.h | pattern.h | redirect.h | \
	    xml.h | zip.h | \
	    severity.h) echo base ;;
	defect.h | header.h | address.h | date.h | mime.h | message.h | \
	    link.h | mailbox.h | magic.h | outlook.h) echo message ;;
	dns.h | dns_*.h | psl.h) echo dns ;;
	geo.h) echo geo ;;
	wire.h) echo wire ;;
	fetch.h) echo fetch ;;
	sasl.h) echo sasl ;;
	env.h) echo env ;;
	dnsbl.h) echo reputation ;;
	received.h | trace.h) echo received ;;
	authres.h | auth.h | spf.h | dkim.h | dmarc.h | arc.h | \
	    taglist.h | sender.h | authenticate.h) echo auth ;;
	probe.h | login.h | tls_scan.h | certificate.h | dane.h | identity.h | \
	    roundtrip.h | \
	    tlsa.h) echo probe ;;
	http.h | allow.h) echo serve ;;
	domain.h | domain_record.h | domain_senders.h | client_settings.h | fetch_url.h | \
	    delivery.h | settings_xml.h | bimi_svg.h) echo domain ;;
	feedback.h) echo feedback ;;
	report.h | describe.h) echo report ;;
	check.h) echo check ;;
	rule.h) echo rule ;;
	render.h | job.h) echo render ;;
	*) echo unknown ;;
	esac
}

# What each layer may include.
allowed() {
	sources='base message dns geo wire fetch env'
	case $1 in
	base) echo base ;;
	message) echo base message ;;
	dns) echo base dns ;;
	geo) echo base geo ;;
	wire) echo base wire ;;
	fetch) echo base fetch ;;
	sasl) echo base sasl ;;
	env) echo base dns geo wire fetch env ;;
	reputation) echo "$sources reputation" ;;
	received) echo "$sources received" ;;
	auth) echo "$sources received auth" ;;
	probe) echo "$sources sasl probe" ;;
	feedback) echo "$sources received auth feedback" ;;
	serve) echo base probe serve ;;
	domain) echo "$sources reputation sasl received auth probe domain" ;;
	report) echo "$sources reputation sasl received auth probe domain feedback report" ;;
	check) echo "$sources reputation sasl received auth probe domain feedback report check" ;;
	rule) echo "$sources reputation sasl received auth probe domain feedback report check rule" ;;
	render) echo "$sources reputation sasl received auth probe domain feedback report check rule render" ;;
	esac
}

# includes FILE: what it includes of ours
includes() {
	sed -n 's|^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*"\(.*\)"|\1|p' "$1"
}

# judge FILE LAYER: each of its includes stands to its left, or beside it
judge() {
	for included in $(includes "$1"); do
		case $included in
		mailsonde/*) layer=$(layer_of "${included#mailsonde/}") ;;
		*/*) layer=${included%%/*} ;;
		*) continue ;; # beside it
		esac
		case " $(allowed "$2") " in
		*" $layer "*) ;;
		*) complain "$1: $2 must not include $included ($layer)" ;;
		esac
	done
}

for file in lib/*/*.[ch]; do
	folder=${file#lib/}
	judge "$file" "${folder%%/*}"
done
for file in include/mailsonde/*.h; do
	layer=$(layer_of "${file##*/}")
	[ "$layer" != unknown ] || complain "$file: in no layer of $0"
	judge "$file" "$layer"
done

# door HEADER-PATTERN FILE…: only these may include it
door() {
	pattern=$1
	shift
	for file in lib/*/*.[ch] cmd/*.[ch] include/mailsonde/*.h; do
		grep -q "^[[:blank:]]*#[[:blank:]]*include <$pattern" "$file" ||
			continue
		case " $* " in
		*" $file "*) ;;
		*) complain "$file: <$pattern…> belongs to $*" ;;
		esac
	done
}
door openssl/ lib/base/digest.c lib/auth/dkim_crypto.c lib/wire/tls.c \
	lib/probe/certificate.c lib/probe/chain.c lib/probe/dane_match.c \
	lib/probe/staple.c
door dlfcn.h lib/base/library.c
door zlib.h lib/base/gzip.c
door gumbo lib/message/html.c
door maxminddb lib/geo/mmdb.c
door cjson/ lib/base/json.c
door magic.h lib/message/magic.c
door idn2 lib/message/idna.c
door iconv.h lib/base/charset.c
# shellcheck disable=SC2046 # file names of ours
door ldns/ $(echo lib/dns/*.c)
door unbound.h lib/dns/unbound.c
door libpsl.h lib/dns/psl.c
door curl/ lib/fetch/curl.c
door expat.h lib/base/xml.c
door gsasl.h lib/sasl/gsasl.c
door microhttpd.h lib/serve/http.c
door pcre2.h lib/base/pattern.c

[ "$bad" -eq 0 ]
