# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # sourced: T, here, build
# roundtrip_inside.sh - among the servers of servers_inside.sh, which sources it:
# one more Postfix that signs by OpenDKIM and delivers to a Dovecot by LMTP, and
# messages sent through them

# ---- Dovecot: where messages arrive ----

mkdir -p trip.dovecot/run trip.dovecot/state trip.mail
chown nobody trip.mail
echo 'anna:{PLAIN}sesame' >trip.users
cat >trip.sieve <<'Z'
require ["fileinto"];
if header :contains "Subject" "lottery" { fileinto "Junk"; }
Z
chmod 644 trip.sieve
cat >trip.dovecot/conf <<Z
base_dir = $T/trip.dovecot/run
state_dir = $T/trip.dovecot/state
log_path = $T/trip.dovecot.log
protocols = imap pop3 lmtp
listen = 192.0.2.11
mail_location = maildir:$T/trip.mail/%n
mail_home = $T/trip.mail/%n
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
auth_username_format = %n
auth_mechanisms = plain scram-sha-256
hostname = mx1.lab.test
postmaster_address = postmaster@lab.test
$(certificate good)
ssl = required
namespace inbox {
  inbox = yes
  mailbox Junk {
    auto = create
    special_use = \Junk
  }
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN $T/trip.users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$T/trip.mail/%n allow_all_users=yes
}
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve_before = $T/trip.sieve
}
service auth {
  unix_listener $T/trip.auth {
    mode = 0666
  }
}
service lmtp {
  inet_listener lmtp {
    port = 2024
  }
}
service imap-login {
  inet_listener imap {
    port = 2143
  }
  inet_listener imaps {
    port = 2993
  }
}
service pop3-login {
  inet_listener pop3 {
    port = 2110
  }
  inet_listener pop3s {
    port = 2995
  }
}
Z
dovecot -F -c "$T/trip.dovecot/conf" >>trip.dovecot.log 2>&1 &

# ---- OpenDKIM: who signs ----

# It takes no file below a folder that others may write to, as /tmp is.
signs=
mkdir /run/trip
openssl genrsa -out /run/trip/dkim 2048 2>>openssl.log
chmod 600 /run/trip/dkim
if command -v opendkim >/dev/null; then
	cat >/run/trip/conf <<-Z
	Socket inet:2891@127.0.0.1
	Domain lab.test
	Selector trip
	KeyFile /run/trip/dkim
	InternalHosts 0.0.0.0/0
	Canonicalization relaxed/simple
	Mode s
	Z
	opendkim -f -x /run/trip/conf >>trip.opendkim.log 2>&1 &
	signs=smtpd_milters=inet:127.0.0.1:2891
	wait_for OpenDKIM listens 127.0.0.1 2891
else
	echo "SKIPPED: no OpenDKIM (make deps-lab)"
fi
cat >trip.zone <<Z
lab.test. 300 TXT "v=spf1 ip4:192.0.2.200 -all"
_dmarc.lab.test. 300 TXT "v=DMARC1; p=reject"
trip._domainkey.lab.test. 300 TXT "v=DKIM1; k=rsa; p=$(openssl rsa \
	-in /run/trip/dkim -pubout -outform DER 2>/dev/null | openssl base64 -A |
	sed 's/.\{200\}/&" "/')"
Z

# ---- Postfix: to whom they are handed in ----

# shellcheck disable=SC2086 # several options
{
	smtpd mx1 2587 $logs_in $careful $signs
	smtpd mx1 2465 $logs_in $careful $wrapped $signs
	echo "lmtp unix - - n - - lmtp"
	echo "virtual unix - n n - - virtual"
} | postfix trip
# Nobody has read it yet but the master.
sed -i -e "s|^virtual_transport.*|virtual_transport = lmtp:inet:192.0.2.11:2024|" \
	-e "s|^virtual_mailbox_maps.*|virtual_mailbox_maps = inline:{ anna@lab.test=x, user1@lab.test=Maildir/ }|" \
	-e "s|^smtpd_sasl_path.*|smtpd_sasl_path = $T/trip.auth|" trip/etc/main.cf
# user1 reads what comes by Courier, which has no SPECIAL-USE.
cat >>trip/etc/main.cf <<Z
transport_maps = inline:{ user1@lab.test=virtual: }
virtual_mailbox_base = /run/user1
virtual_uid_maps = static:$(id -u user1)
virtual_gid_maps = static:$(id -g user1)
Z
touch -d '1 hour ago' trip/etc/main.cf

wait_for "Postfix for round trips" listens 192.0.2.11 2465
wait_for "Dovecot for round trips" listens 192.0.2.11 2993

# ---- messages ----

umask 077
echo sesame >trip.secret
umask 022

# trip WHAT STATUS EXPRESSION OPTION...: EXPRESSION is of Python, about the
# result `r`, its round trip `t` and the ids of its findings `ids`
trip() {
	what=$1 wanted=$2 expression=$3
	shift 3
	"$build/mailsonde" roundtrip -j --ca-file ca.pem --zone trip.zone \
		--wait 20 --submit submissions://mx1.lab.test:2465 \
		--from-login anna --from-password-file trip.secret \
		--to-login "${reader:-anna}" \
		--to-password-file "${reads_by:-trip.secret}" \
		--record trip.record "$@" bruno@lab.test \
		"${recipient:-anna@lab.test}" >trip.out 2>trip.err
	got=$?
	"$build/mailsonde" roundtrip -j --replay trip.record >trip.again \
		2>>trip.err
	if [ "$got" = "$wanted" ] && cmp -s trip.out trip.again &&
		! grep -q sesame trip.record trip.out &&
		/usr/bin/python3 - "$expression" <<-'EOF'
			import json, sys

			with open("trip.out", encoding="utf-8") as f:
			    r = json.load(f)
			t = r["roundtrip"]
			ids = [f["id"] for f in r["findings"]]
			sys.exit(not eval("(" + sys.argv[1] + ")"))
		EOF
	then
		echo "ok $what"
	else
		echo "FAILED: lab-roundtrip: $what: $got, wanted $wanted"
		cat trip.err
		/usr/bin/python3 -c 'import json
r = json.load(open("trip.out"))
print([(f["id"], f["title"]) for f in r["findings"]], r["errors"])'
		tail -n 5 trip.log trip.dovecot.log
	fi
}

# left WHAT NUMBER: messages in the mailbox
left() {
	n=$(find trip.mail/anna -path '*/new/*' -o -path '*/cur/*' | wc -l)
	if [ "$n" -eq "$2" ]; then
		echo "ok $1: $2 left"
	else
		echo "FAILED: lab-roundtrip: $1: $n left, wanted $2"
	fi
}

recipient='' reader='' reads_by=''
imaps=imaps://mx1.lab.test:2993
signed='True'
[ -n "$signs" ] && signed='r["auth"]["dkim"][0]["result"] == "pass"
	and r["auth"]["dmarc"]["result"] == "pass"'
signed=$(echo "$signed" | tr '\n\t' '  ')

trip "IMAP" 0 "t['pickup']['folder'] == 'INBOX' and
	t['pickup']['deleted'] == 1 and not t['changes']['body'] and
	t['submission']['queue_id'] and r['trace']['hops'] and
	t['pickup']['server']['login']['mechanism'] == 'SCRAM-SHA-256' and
	$signed" --pickup $imaps
left IMAP 0
trip "IMAP and SMTP by STARTTLS" 0 "t['arrived']" \
	--submit submission://mx1.lab.test:2587 --pickup imap://mx1.lab.test:2143
trip "POP3" 0 "t['pickup']['folder'] is None and t['pickup']['deleted'] == 1" \
	--pickup pop3s://mx1.lab.test:2995
trip "POP3 by STLS" 0 "t['arrived']" --pickup pop3://mx1.lab.test:2110
left POP3 0
printf 'Subject: you won the lottery\r\nContent-Type: text/plain\r\n\r\n.\r\nHi\r\n' \
	>trip.letter
trip "Junk" 1 "'roundtrip-junk' in ids and t['pickup']['junk'] and
	t['pickup']['deleted'] == 1" --pickup $imaps --message trip.letter
left Junk 0
recipient=nobody@lab.test
trip "no such recipient" 1 "'roundtrip-refused' in ids and
	t['submission']['step'] == 'rcpt' and t['submission']['code'] == 550" \
	--pickup $imaps
recipient=user1@lab.test reader=user1 reads_by=right
trip "Courier" 0 "t['pickup']['deleted'] == 1 and
	t['pickup']['folder'] == 'INBOX'" --pickup imaps://courier.lab.test
trip "Courier, POP3" 0 "t['pickup']['deleted'] == 1" \
	--pickup pop3s://courier.lab.test
n=$(find /run/user1/Maildir/new /run/user1/Maildir/cur -type f | wc -l)
if [ "$n" -eq 0 ]; then
	echo "ok Courier: none left"
else
	echo "FAILED: lab-roundtrip: Courier: $n left"
fi
recipient='' reader='' reads_by=''
trip "kept" 0 "t['pickup']['deleted'] == 0" --keep --pickup $imaps
left kept 1
echo wrong >trip.wrong
chmod 600 trip.wrong
# With the secret of the mailbox wrong nothing is sent.
"$build/mailsonde" roundtrip -j --ca-file ca.pem --zone trip.zone --wait 5 \
	--submit submissions://mx1.lab.test:2465 --pickup $imaps \
	--from-login anna --from-password-file trip.secret \
	--to-login anna --to-password-file trip.wrong \
	bruno@lab.test anna@lab.test >trip.out 2>trip.err
if [ $? -eq 1 ] && grep -q '"id": ".*login' trip.out; then
	echo "ok a wrong secret"
else
	echo "FAILED: lab-roundtrip: a wrong secret"
	cat trip.err trip.out
fi
left "a wrong secret" 1
