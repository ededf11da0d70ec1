# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# shellcheck source=tests/bench/dkim_mail.sh
. "$HERE/dkim_mail.sh"
title 2c "verify one message, as a command of its own"
sign rsa rsa 5000
# The first one, with its From line and without.
awk '/^From s@/ && n++ { exit } n' "$DATA/rsa.mbox" >"$DATA/one.mbox"
sed 1d "$DATA/one.mbox" >"$DATA/signed.eml"
compare 61 limit "$BENCH/bench_dkim limit $DATA/one.mbox $DATA/rsa.zone" \
	start "$PROGRAM --version" \
	mailsonde "$(auth rsa) $DATA/signed.eml" \
	-- "mailsonde wall 1.5 limit"
