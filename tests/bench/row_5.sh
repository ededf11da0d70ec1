# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2016 # expanded where the servers are
# The servers start the bench: the ports are in the environment then, and
# what takes a shell is a file of its own.
plugin=/usr/lib/nagios/plugins/check_smtp
inside() { # SMTP SILENT ROUNDS WORD...
	servers="$1 $2" rounds=$3
	shift 3
	{
		printf '%s -r %s' "$BENCH/bench_time" "$rounds"
		printf ' "%s"' "$@"
	} >"$DATA/row_5"
	# shellcheck disable=SC2086 # two numbers
	"$BENCH/bench_server" $servers ". $DATA/row_5"
}

title 5a "probe one SMTP server"
set -- limit "$BENCH/bench_probe smtp 5 \$SMTP" \
	mailsonde "$PROGRAM probe --fail-on never smtp://127.0.0.1:\$SMTP"
[ -x $plugin ] && set -- "$@" \
	check_smtp "$plugin -H 127.0.0.1 -p \$SMTP -S -D 1"
have openssl && set -- "$@" s_client "openssl s_client -starttls smtp \
	-quiet -no_ign_eof -connect 127.0.0.1:\$SMTP </dev/null"
set -- "$@" -- "mailsonde wall 1.3 limit"
[ -x $plugin ] && set -- "$@" "mailsonde wall 1.0 check_smtp"
have openssl && set -- "$@" "mailsonde wall 0.30 s_client"
inside 1 0 "${ROUNDS:-41}" "$@"

title 5b "probe one IMAP, one POP3 server"
inside 1 0 "${ROUNDS:-41}" \
	imap-limit "$BENCH/bench_probe imap 5 \$IMAP" \
	imap "$PROGRAM probe --fail-on never imap://127.0.0.1:\$IMAP" \
	pop3-limit "$BENCH/bench_probe pop3 5 \$POP3" \
	pop3 "$PROGRAM probe --fail-on never pop3://127.0.0.1:\$POP3" -- \
	"imap wall 1.2 imap-limit" "pop3 wall 1.2 pop3-limit"

title 5c "probe 190 SMTP servers at once"
cat >"$DATA/row_5_many" <<EOF
for p in \$ALL \$HANG; do echo smtp://127.0.0.1:\$p; done |
	$PROGRAM probe --fail-on never --timeout 5 -f ndjson -
[ \$? -eq 0 ] || [ -n "\$HANG" ]
EOF
# more words than bench_time takes
cat >"$DATA/row_5_limit" <<EOF
exec $BENCH/bench_probe smtp 5 \$ALL \$HANG
EOF
cat >"$DATA/row_5_python" <<EOF
exec /usr/bin/python3 $HERE/probe_python.py 5 \$ALL \$HANG
EOF
cat >"$DATA/row_5_nmap" <<EOF
nmap -n -Pn -sT --script ssl-cert -p \$(echo \$ALL | tr ' ' ,) 127.0.0.1
EOF
set -- limit "sh $DATA/row_5_limit" \
	mailsonde "sh $DATA/row_5_many" \
	python "sh $DATA/row_5_python"
have nmap && set -- "$@" nmap "sh $DATA/row_5_nmap"
inside 190 0 "${ROUNDS:-7}" -w 190 endpoints "$@" -- \
	"mailsonde wall 1.3 limit" "mailsonde wall 0.60 python"

title 5d "probe 200, of which 10 never answer, in 5 seconds"
inside 190 10 "${ROUNDS:-1}" -w 200 endpoints \
	limit "sh $DATA/row_5_limit" \
	mailsonde "sh $DATA/row_5_many" \
	python "sh $DATA/row_5_python" -- \
	"mailsonde wall 1.10 limit"
