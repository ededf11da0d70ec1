# SPDX-License-Identifier: ISC
# shellcheck shell=sh
title 7 "countries of 1,000,000 addresses"
country=build/share/mailsonde/mailsonde-country.mmdb
generate addresses --addresses 1000000
if [ -r $country ]; then
	compare 9 -w 1 M \
		libmaxminddb "$BENCH/bench_geo lib $country $DATA/addresses" \
		lookup "$BENCH/bench_geo ours $country $DATA/addresses" \
		geoip "$PROGRAM geoip --geoip-db $country - <$DATA/addresses" \
		ndjson "$PROGRAM geoip -f ndjson --geoip-db $country - \
			<$DATA/addresses" -- \
		"lookup cpu 1.1 libmaxminddb" "geoip wall 4.0 libmaxminddb" \
		"ndjson wall 4.0 libmaxminddb" "geoip rate 1" "ndjson rate 1"
else
	skip "there is no country database (make deps all)"
fi
