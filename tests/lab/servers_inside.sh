#!/bin/sh
# SPDX-License-Identifier: ISC
# servers_inside.sh - the network, its names, certificates and servers
#
# servers_inside.sh DIRECTORY BUILD-DIRECTORY SERVERS-DIRECTORY
# SOURCE-DIRECTORY; in the namespaces that servers.sh makes, as their PID 1.
# With LAB_SCRIPT=FILE that script is sourced instead of the table being asked.
set -u
T=$1 build=$2 X=$3 here=$4
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
cd "$T" || exit 1

give_up() {
	echo "$1" >&2
	tail -n 20 "$T"/*.log >&2
	echo "servers: 0 passed, 1 failed, 0 skipped"
	exit 1
}

wait_for() { # WHAT COMMAND...
	what=$1
	shift
	for _ in $(seq 500); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.02
	done
	give_up "$what does not start"
}

listens() { # ADDRESS PORT
	bash -c "exec 3<>/dev/tcp/$1/$2"
}

# ---- network ----

# The client has an address that no server has: those who are at home may do
# more. What is sent into bh0 vanishes.
ip link set lo up
ip addr add 192.0.2.200/32 dev lo
ip route add local 192.0.2.0/24 dev lo src 192.0.2.200
ip -6 addr add 2001:db8::200/128 dev lo nodad
ip -6 route add local 2001:db8::/64 dev lo src 2001:db8::200
echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind
ip route add unreachable 198.51.100.0/24
ip link add bh0 type veth peer name bh1
ip link set bh0 up
ip link set bh1 up
ip route add 203.0.113.0/24 dev bh0 src 192.0.2.200
ip neigh replace 203.0.113.1 lladdr 02:00:00:00:00:01 nud permanent dev bh0
ip -6 route add unreachable 2001:db8:1::/48
hostname client.lab.test

# ---- files ----

mount --make-rprivate /
mount -t tmpfs -o mode=755 none /run
mkdir etc
printf 'nameserver 127.0.0.1\noptions edns0 trust-ad\n' >etc/resolv.conf
printf '127.0.0.1 localhost\n192.0.2.200 client.lab.test client\n' >etc/hosts
printf 'hosts: files dns\npasswd: files\ngroup: files\n' >etc/nsswitch.conf
cp /etc/passwd /etc/group etc/
id=50000
for user in postfix postdrop dovecot dovenull Debian-exim opensmtpd \
	opensmtpq courier user1; do
	id=$((id + 1))
	sed -i "/^$user:/d" etc/passwd etc/group
	echo "$user:x:$id:" >>etc/group
	echo "$user:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>etc/passwd
done
# Courier asks the system whether user1 may come in.
sed -i '/^user1:/s|/nonexistent|/run/user1|' etc/passwd
mkdir -p etc/pam.d etc/courier
echo "user1:$(openssl passwd -6 secret):20000::::::" >etc/shadow
for service in imap pop3; do
	printf '%s required pam_unix.so nodelay\n' auth account >etc/pam.d/$service
done
cat >etc/courier/authdaemonrc <<Z
authmodulelist="authpam"
authmodulelistorig="authpam"
daemons=3
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
Z
mount -t overlay lab -o "lowerdir=$T/etc:/etc" /etc || give_up "no overlay"
mount -t overlay lab -o "lowerdir=/usr:$X/usr" /usr || give_up "no overlay"
mount -t tmpfs -o mode=755 none /var
ln -s /run /var/run

# ---- certificates ----

cat >ca.cnf <<Z
[ca]
default_ca = lab
[lab]
new_certs_dir = $T
database = $T/index
rand_serial = yes
default_md = sha256
default_days = 60
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
Z
: >index

# request FILE NAME KEY EXTENSIONS: FILE.key, FILE.csr
request() {
	kind=$3
	[ "$kind" = ec ] && kind="ec -pkeyopt ec_paramgen_curve:P-256"
	# shellcheck disable=SC2086 # several options
	openssl req -newkey $kind -nodes -keyout "$1.key" -out "$1.csr" \
		-subj "/CN=$2" -addext "$4" -addext "$5" \
		${6:+-addext "$6"} 2>>openssl.log
}

# issue FILE ISSUER OPTION...: FILE.crt; FILE.pem with the key before it
issue() {
	file=$1 issuer=$2
	shift 2
	openssl ca -batch -notext -config ca.cnf -cert "$issuer.crt" \
		-keyfile "$issuer.key" -in "$file.csr" -out "$file.crt" \
		"$@" 2>>openssl.log || give_up "no certificate $file"
}

# bundle FILE CERTIFICATE...: as servers read it
bundle() {
	file=$1
	shift
	cat "$@" >"$file.chain"
	cat "$file.key" "$file.chain" >"$file.pem"
	chmod 644 "$file.key" "$file.pem"
}

# leaf FILE KEY NAME...: a request of a server
leaf() {
	file=$1 kind=$2 first=$3 names=
	shift 2
	for name in "$@"; do
		names="$names,DNS:$name"
	done
	request "$file" "$first" "$kind" "subjectAltName=${names#,}" \
		extendedKeyUsage=serverAuth \
		'authorityInfoAccess=caIssuers;URI:http://ca.lab.test/issuer'
}

long="-startdate 20230101000000Z -enddate 20990101000000Z"
authority="basicConstraints=critical,CA:true keyUsage=critical,keyCertSign"
# shellcheck disable=SC2086 # several words
{
	request root 'Lab Root' ec $authority
	openssl ca -batch -notext -config ca.cnf -selfsign -keyfile root.key \
		-in root.csr -out root.crt $long 2>>openssl.log
	request middle 'Lab Issuer' ec $authority
	issue middle root $long
}

leaf good ec mx1.lab.test mx2.lab.test imap.lab.test client.lab.test \
	exim.lab.test courier.lab.test screen.lab.test \
	dane1.lab.test dane2.lab.test dane3.lab.test dane4.lab.test \
	dane5.lab.test dane6.lab.test mta-sts.sts1.test mta-sts.sts2.test mta-sts.sts3.test \
	dane.plain.test dane.broken.test \
	tls10.lab.test web.lab.test login.lab.test none.lab.test \
	normal.lab.test rate.lab.test half.lab.test mute.lab.test \
	grey.lab.test slow.lab.test blocked.lab.test busy.lab.test
issue good middle
bundle good good.crt middle.crt
leaf rsa rsa:2048 weak.lab.test weak3.lab.test opensmtpd.lab.test
issue rsa middle
bundle rsa rsa.crt middle.crt
leaf expired ec expired.lab.test
issue expired middle -startdate 20240101000000Z -enddate 20240401000000Z
bundle expired expired.crt middle.crt
leaf wrongname ec elsewhere.lab.test
issue wrongname middle
bundle wrongname wrongname.crt middle.crt
leaf nomiddle ec nomiddle.lab.test
issue nomiddle middle
bundle nomiddle nomiddle.crt
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout selfsigned.key -out selfsigned.crt -days 60 \
	-subj '/CN=selfsigned.lab.test' \
	-addext subjectAltName=DNS:selfsigned.lab.test 2>>openssl.log
bundle selfsigned selfsigned.crt
cp root.crt ca.pem

# ---- names ----

# One signed zone, the root, holds all of them.
cat >hosts <<Z
mx1 192.0.2.11 2001:db8::11
mx2 192.0.2.12 2001:db8::12
web 192.0.2.16
login 192.0.2.16
none 192.0.2.16
expired 192.0.2.31
wrongname 192.0.2.32
selfsigned 192.0.2.33
nomiddle 192.0.2.34
notls 192.0.2.35
tls10 192.0.2.36
weak 192.0.2.37
grey 192.0.2.41
slow 192.0.2.42
blocked 192.0.2.43
rate 192.0.2.44
busy 192.0.2.45
screen 192.0.2.46
refused 192.0.2.51
normal 192.0.2.47
dane1 192.0.2.61
dane2 192.0.2.62
dane3 192.0.2.63
dane4 192.0.2.64
dane5 192.0.2.65
dane6 192.0.2.66
exim 192.0.2.71 2001:db8::71
weak3 192.0.2.72
opensmtpd 192.0.2.73
opensmtpd-bare 192.0.2.75
courier 192.0.2.74
unreachable 198.51.100.1 2001:db8:1::1
blackhole 203.0.113.1
mute 203.0.113.1 2001:db8::11
half 192.0.2.51 2001:db8::11
Z

# tlsa FILE: the second half of TLSA records "3 1 1", "2 1 1"
spki() {
	openssl x509 -in "$1" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1
}

# zone ORIGIN: signed; plain.test has no DS, broken.test that of another key
zone() {
	ldns-keygen -a ECDSAP256SHA256 -k "$1" >"$1.zonekey" || give_up "no key"
	{
		# shellcheck disable=SC2016 # names of the master file
		printf '$ORIGIN %s.\n$TTL 300\n' "${1#.}"
		echo '@ SOA ns1.lab.test. host.lab.test. 1 7200 3600 86400 300'
		echo '@ NS ns1.lab.test.'
		cat
	} >"$1.zone"
	ldns-signzone -f "$1.signed" "$1.zone" "$(cat "$1.zonekey")" ||
		give_up "no signed zone"
}

good=$(spki good.crt) other=$(spki expired.crt)
for name in plain broken; do
	zone $name.test <<-Z
	dane A 192.0.2.61
	_25._tcp.dane TLSA 3 1 1 $other
	Z
done

cat >root.records <<Z
ns1.lab.test. A 127.0.0.2
plain.test. NS ns1.lab.test.
broken.test. NS ns1.lab.test.
broken.test. DS 12345 13 2 $good
_25._tcp.dane1.lab.test. TLSA 3 1 1 $good
_25._tcp.dane2.lab.test. TLSA 3 1 1 $other
_25._tcp.dane3.lab.test. TLSA 3 1 1 $other
_25._tcp.dane3.lab.test. TLSA 3 1 1 $good
_25._tcp.dane4.lab.test. TLSA 2 1 1 $(spki middle.crt)
_25._tcp.dane5.lab.test. TLSA 1 1 1 $good
_25._tcp.dane6.lab.test. TLSA 3 1 1 $good
sts1.test. MX 10 mx1.lab.test.
_mta-sts.sts1.test. TXT "v=STSv1; id=1"
mta-sts.sts1.test. A 192.0.2.16
sts2.test. MX 10 expired.lab.test.
_mta-sts.sts2.test. TXT "v=STSv1; id=1"
mta-sts.sts2.test. A 192.0.2.16
sts3.test. MX 10 wrongname.lab.test.
_mta-sts.sts3.test. TXT "v=STSv1; id=1"
mta-sts.sts3.test. A 192.0.2.16
lab.test. MX 10 mx1.lab.test.
lab.test. MX 20 mx2.lab.test.
lab.test. MX 30 refused.lab.test.
Z
/usr/bin/python3 -c '
import ipaddress, sys

for line in sys.stdin:
    name, *addresses = line.split()
    for text in addresses:
        ip = ipaddress.ip_address(text)
        kind = "A" if ip.version == 4 else "AAAA"
        print(f"{name}.lab.test. {kind} {ip}")
        if name not in ("half", "mute"):
            print(f"{ip.reverse_pointer}. PTR {name}.lab.test.")
' <hosts >>root.records
zone . <root.records
# One letter of one signature.
awk '$1 == "_25._tcp.dane6.lab.test." && $4 == "RRSIG" && $5 == "TLSA" {
	old = substr($NF, 10, 1)
	$NF = substr($NF, 1, 9) (old == "A" ? "B" : "A") substr($NF, 11)
} { print }' ..signed >corrupt
mv corrupt ..signed
mkdir dns
mv "$(cat ..zonekey).key" dns/root.key
mount --bind dns /usr/share/dns

mkdir nsd
cat >nsd.conf <<Z
server:
  ip-address: 127.0.0.2
  username: ""
  chroot: ""
  zonesdir: "$T"
  database: ""
  xfrdir: "$T/nsd"
  xfrdfile: "$T/nsd/xfrd.state"
  zonelistfile: "$T/nsd/zone.list"
  pidfile: "$T/nsd/nsd.pid"
  logfile: "$T/nsd.log"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
$(for name in . plain.test broken.test; do
	printf 'zone:\n  name: "%s"\n  zonefile: "%s.signed"\n' $name $name
done)
Z
printf '. 3600 NS ns1.lab.test.\nns1.lab.test. 3600 A 127.0.0.2\n' >root.hints
cat >unbound.conf <<Z
server:
  interface: 127.0.0.1
  chroot: ""
  directory: "$T"
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "$T/unbound.log"
  root-hints: "$T/root.hints"
  trust-anchor-file: "$T/dns/root.key"
  local-zone: "test." nodefault
  local-zone: "2.0.192.in-addr.arpa." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  local-zone: "113.0.203.in-addr.arpa." nodefault
  local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
  do-not-query-localhost: no
Z
nsd -d -c nsd.conf >>nsd.log 2>&1 &
unbound -d -c unbound.conf >>unbound.log 2>&1 &
wait_for "name service" getent ahosts mx1.lab.test

# ---- Postfix ----

# For servers that are to speak old TLS, and no other.
cat >old.cnf <<Z
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = default
[default]
MinProtocol = TLSv1
MaxProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
Z

# smtpd HOST PORT OPTION...: one more listener; a value holds no space
smtpd() {
	name=$1 port=$2
	shift 2
	awk -v name="$name" '$1 == name { $1 = ""; print }' hosts |
	tr ' ' '\n' | sed '/^$/d' | while read -r address; do
		case $address in *:*) address="[$address]" ;; esac
		echo "$address:$port inet n - n - - smtpd"
		echo "  -o myhostname=$name.lab.test"
		for option in "$@"; do
			echo "  -o $option"
		done
	done
}

wrapped=smtpd_tls_wrappermode=yes
careful="smtpd_tls_protocols=>=TLSv1.2 smtpd_tls_mandatory_protocols=>=TLSv1.2
	smtpd_tls_exclude_ciphers=aNULL smtpd_forbid_bare_newline=reject
	disable_vrfy_command=yes"
logs_in="smtpd_tls_security_level=encrypt smtpd_sasl_auth_enable=yes"

# postfix DIRECTORY <LISTENERS: one more
postfix() {
	dir=$T/$1
	mkdir -p "$dir/etc" "$dir/queue" "$dir/data"
	chown postfix "$dir/data"
	cat >"$dir/etc/main.cf" <<Z
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = $T/$1.log
maillog_file_prefixes = $T
import_environment = OPENSSL_CONF MAIL_CONFIG TZ LANG=C
inet_interfaces = all
alias_maps =
mydestination =
mynetworks = 127.0.0.0/8
message_size_limit = 50000000
virtual_mailbox_domains = lab.test
virtual_mailbox_maps = inline:{ user1@lab.test=x }
virtual_transport = discard:
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = $T/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = $T/good.pem
Z
	{
		cat
		cat <<-Z
		postlog unix-dgram n - n - 1 postlogd
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		pickup unix n - n 60 1 pickup
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		proxymap unix - - n - - proxymap
		anvil unix - - n - 1 anvil
		discard unix - - n - - discard
		Z
	} >"$dir/etc/master.cf"
	(
		cd "$dir/queue" || exit
		own="active bounce corrupt defer deferred flush hold incoming
			private saved trace"
		# shellcheck disable=SC2086 # several names
		mkdir -m 700 $own
		mkdir -m 755 pid
		mkdir -m 710 public
		mkdir -m 730 maildrop
		# shellcheck disable=SC2086
		chown postfix $own public maildrop
		chgrp postdrop public maildrop
	)
	# A file younger than 2 seconds makes every process wait.
	touch -d '1 hour ago' "$dir/etc/main.cf" "$dir/etc/master.cf"
	MAIL_CONFIG=$dir/etc /usr/lib/postfix/sbin/master -c "$dir/etc" -d \
		>>"$1.log" 2>&1 &
}

{
	# mx1 is set up with care, mx2 as it comes.
	# shellcheck disable=SC2086 # several options
	{
		smtpd mx1 25 $careful
		smtpd mx1 587 $logs_in $careful
		smtpd mx1 465 $logs_in $careful $wrapped
		smtpd mx2 25
		smtpd mx2 587 $logs_in
		smtpd mx2 465 $logs_in $wrapped
	}
	for name in expired wrongname selfsigned nomiddle; do
		smtpd "$name" 25 "smtpd_tls_chain_files=$T/$name.pem"
		smtpd "$name" 465 "smtpd_tls_chain_files=$T/$name.pem" "$wrapped"
	done
	smtpd notls 25 smtpd_tls_security_level=none
	smtpd notls 587 smtpd_tls_security_level=none \
		smtpd_sasl_auth_enable=yes smtpd_tls_auth_only=no
	smtpd weak 25 "smtpd_tls_protocols=>=TLSv1.2,<=TLSv1.2" \
		smtpd_tls_ciphers=low "smtpd_tls_chain_files=$T/rsa.pem" \
		tls_low_cipherlist=AES128-SHA:@SECLEVEL=0
	smtpd grey 25 smtpd_delay_reject=no "{ smtpd_client_restrictions = \
		check_client_access static:{450 4.7.1 Greylisted} }"
	smtpd rate 25 smtpd_client_connection_rate_limit=1
	smtpd slow 25 smtpd_client_restrictions=sleep,1 \
		smtpd_delay_reject=no
	smtpd blocked 25 smtpd_client_restrictions=reject \
		smtpd_delay_reject=no
	smtpd busy 25 smtpd_delay_reject=no "{ smtpd_client_restrictions = \
		check_client_access static:{450 4.3.2 Corporate mail sleeps} }"
	smtpd normal 25 smtpd_forbid_bare_newline=normalize
	for name in dane1 dane2 dane3 dane4 dane5 dane6; do
		smtpd $name 25
	done
	cat <<-Z
	192.0.2.46:25 inet n - n - 1 postscreen
	  -o myhostname=screen.lab.test
	  -o postscreen_greet_action=enforce
	  -o postscreen_greet_wait=1s
	  -o postscreen_cache_map=
	smtpd pass - - n - - smtpd
	  -o myhostname=screen.lab.test
	tlsproxy unix - - n - 0 tlsproxy
	Z
} | postfix postfix

OPENSSL_CONF=$T/old.cnf
export OPENSSL_CONF
smtpd tls10 25 smtpd_tls_ciphers=low tls_low_cipherlist=ALL:@SECLEVEL=0 \
	"smtpd_tls_protocols=>=TLSv1,<=TLSv1" | postfix postfix.old
unset OPENSSL_CONF

# ---- Dovecot ----

mkdir -p dovecot/run dovecot/state mail
chown nobody mail
# user2 may not come in; a token is a JWT that Dovecot can check by itself.
cat >users <<Z
user1:{PLAIN}secret
user2:{PLAIN}secret::::::nologin reason=disabled
Z
umask 077
echo secret >right
echo wrong >wrong
umask 022
encode() {
	openssl base64 -A | tr '/+' '_-' | tr -d =
}
mkdir -p keys/default/HS256
openssl rand -base64 32 | tr -d '\n' >keys/default/HS256/lab
head=$(printf '{"alg":"HS256","typ":"JWT","kid":"lab"}' | encode)
body=$(printf '{"sub":"user1","username":"user1","iss":"lab","exp":%d}' \
	$(($(date +%s) + 86400)) | encode)
key=$(openssl base64 -A -d <keys/default/HS256/lab | od -An -tx1 | tr -d ' \n')
mac=$(printf %s "$head.$body" |
	openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | encode)
echo "$head.$body.$mac" >token
echo "$head.$body.${mac%?????}AAAAA" >badtoken
cat >oauth <<Z
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$T/keys/
username_attribute = username
Z

certificate() { # FILE
	echo "ssl_cert = <$T/$1.chain"
	echo "ssl_key = <$T/$1.key"
}

at() { # HOST: what follows is for its addresses
	addresses=$(awk -v name="$1" '$1 == name { $1 = ""; print }' hosts)
	for address in $addresses; do
		echo "local $address {"
		cat
		echo "}"
	done
}

all=$(awk '/^(mx1|mx2|expired|wrongname|selfsigned|nomiddle|notls|weak) / {
	$1 = ""; print }' hosts | tr '\n' ' ')
cat >dovecot/conf <<Z
base_dir = $T/dovecot/run
state_dir = $T/dovecot/state
log_path = $T/dovecot.log
protocols = imap pop3 lmtp sieve
listen = $(echo "$all" | tr -s ' ' ',' | sed 's/^,//; s/,$//')
mail_location = maildir:$T/mail/%n
mail_home = $T/mail/%n
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
hostname = mx1.lab.test
ssl_min_protocol = TLSv1.2
$(certificate good)
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $T/oauth
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN $T/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$T/mail/%n
}
service auth {
  unix_listener $T/auth {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 192.0.2.11
    port = 24
  }
}
service imap-login {
  service_count = 0
}
service pop3-login {
  service_count = 0
}
$(for name in expired wrongname selfsigned nomiddle; do
	certificate $name | at $name
done)
$(printf 'ssl = no\ndisable_plaintext_auth = no\n' | at notls)
$({
	certificate rsa
	echo 'ssl_cipher_list = AES128-SHA:@SECLEVEL=0'
} | at weak)
Z
dovecot -F -c "$T/dovecot/conf" >>dovecot.log 2>&1 &

mkdir -p dovecot.old/run dovecot.old/state
cat >dovecot.old/conf <<Z
base_dir = $T/dovecot.old/run
state_dir = $T/dovecot.old/state
log_path = $T/dovecot.old.log
protocols = imap
listen = 192.0.2.36
mail_location = maildir:$T/mail/%n
import_environment = OPENSSL_CONF
ssl_min_protocol = TLSv1
ssl_cipher_list = ALL:!aNULL:@SECLEVEL=0
passdb {
  driver = passwd-file
  args = scheme=PLAIN $T/users
}
$(certificate good)
Z
OPENSSL_CONF=$T/old.cnf dovecot -F -c "$T/dovecot.old/conf" \
	>>dovecot.old.log 2>&1 &

# ---- nginx ----

mkdir nginx
for mode in enforce testing; do
	printf 'version: STSv1\r\nmode: %s\r\nmx: *.lab.test\r\n' $mode >$mode
	printf 'max_age: 604800\r\n' >>$mode
done
sync='add_header MS-Server-ActiveSync 15.2 always;
	add_header MS-ASProtocolVersions 14.0,14.1,16.0,16.1 always;
	add_header MS-ASProtocolCommands Sync,FolderSync,Ping always;'
cat >nginx.conf <<Z
user www-data;
worker_processes 1;
daemon off;
pid $T/nginx/pid;
error_log $T/nginx.log;
events { worker_connections 256; }
http {
  access_log off;
  ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path $T/nginx/b;
  proxy_temp_path $T/nginx/p;
  fastcgi_temp_path $T/nginx/f;
  uwsgi_temp_path $T/nginx/u;
  scgi_temp_path $T/nginx/s;
  ssl_certificate $T/good.chain;
  ssl_certificate_key $T/good.key;
  server {
    listen 192.0.2.16:443 ssl;
    server_name web.lab.test;
    location = /Microsoft-Server-ActiveSync {
      $sync
      return 200;
    }
    location /autodiscover/ {
      add_header WWW-Authenticate 'Basic realm="Lab"' always;
      return 401;
    }
  }
  server {
    listen 192.0.2.16:443 ssl;
    server_name login.lab.test;
    location = /Microsoft-Server-ActiveSync {
      add_header WWW-Authenticate 'Basic realm="Lab"' always;
      return 401;
    }
  }
  server {
    listen 192.0.2.16:443 ssl;
    server_name mta-sts.sts1.test mta-sts.sts2.test;
    location = /.well-known/mta-sts.txt {
      default_type text/plain;
      alias $T/enforce;
    }
  }
  server {
    listen 192.0.2.16:443 ssl;
    server_name mta-sts.sts3.test;
    location = /.well-known/mta-sts.txt {
      default_type text/plain;
      alias $T/testing;
    }
  }
  server {
    listen 192.0.2.16:443 ssl;
    server_name none.lab.test;
    return 404;
  }
}
Z
nginx -c "$T/nginx.conf" -e "$T/nginx.log" >>nginx.log 2>&1 &

# ---- Exim, of GnuTLS ----

# exim HOST CERTIFICATE OPTION...: one more
exim() {
	name=$1 certificate=$2
	shift 2
	mkdir "exim.$name"
	chown Debian-exim "exim.$name"
	cat >"exim.$name/conf" <<Z
primary_hostname = $name.lab.test
spool_directory = $T/exim.$name
log_file_path = $T/exim.$name/%slog
pid_file_path = $T/exim.$name/pid
local_interfaces = <; $(awk -v name="$name" '$1 == name {
	print $2 ($3 ? " ; " $3 : "") }' hosts)
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = $T/$certificate.chain
tls_privatekey = $T/$certificate.key
host_lookup =
rfc1413_hosts =
message_size_limit = 50M
smtp_accept_max = 0
acl_smtp_rcpt = recipient
$(for option in "$@"; do echo "$option"; done)
begin acl
recipient:
  accept domains = lab.test
  deny message = relay not permitted
begin routers
all:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{user1}}{eq{\$auth3}{secret}}}}
  server_advertise_condition = \${if def:tls_in_cipher}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{user1}}{eq{\$auth2}{secret}}}}
  server_advertise_condition = \${if def:tls_in_cipher}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{\$auth1}{user1}{secret}fail}
  server_advertise_condition = \${if def:tls_in_cipher}
Z
	exim4 -C "$T/exim.$name/conf" -bdf -q30m >>exim.log 2>&1 &
}

exim exim good
exim weak3 rsa 'tls_require_ciphers = \
	NORMAL:-CIPHER-ALL:+3DES-CBC:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA'

# ---- OpenSMTPD ----

mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd opensmtpd
chmod 711 /var/spool/smtpd
for queue in corrupt incoming purge queue temporary; do
	mkdir -m 700 /var/spool/smtpd/$queue
	chown opensmtpq /var/spool/smtpd/$queue
done
mkdir -m 770 /var/spool/smtpd/offline
chgrp opensmtpq /var/spool/smtpd/offline
chown nobody opensmtpd
cp rsa.key opensmtpd.key
chmod 600 opensmtpd.key
cat >smtpd.conf <<Z
pki lab cert "$T/rsa.chain"
pki lab key "$T/opensmtpd.key"
table users { "@" = "nobody" }
listen on 192.0.2.73 port 25 tls pki lab hostname opensmtpd.lab.test
listen on 192.0.2.73 port 465 smtps pki lab hostname opensmtpd.lab.test
listen on 192.0.2.73 port 587 tls-require pki lab auth hostname opensmtpd.lab.test
listen on 192.0.2.75 port 25 hostname opensmtpd-bare.lab.test
action "box" maildir "$T/opensmtpd/m" virtual <users>
match from any for domain "lab.test" action "box"
Z
/usr/sbin/smtpd -F -f "$T/smtpd.conf" >>opensmtpd.log 2>&1 &

# ---- Courier, of GnuTLS ----

# courier PORT PROTOCOL TLS LOGIN SERVER
courier() {
	port=$1 protocol=$2 implicit=$3 starttls=YES required=1
	[ "$implicit" -eq 1 ] && starttls=NO required=0
	shift 3
	env TLS_CERTFILE="$T/good.pem" TLS_TRUSTCERTS="$T/ca.pem" \
		TLS_VERIFYPEER=NONE TLS_PRIORITY=NORMAL \
		COURIERTLS=/usr/bin/couriertls \
		IMAP_CAPABILITY='IMAP4rev1 UIDPLUS IDLE' \
		IMAP_CAPABILITY_TLS='IMAP4rev1 UIDPLUS IDLE AUTH=PLAIN' \
		IMAP_STARTTLS=$starttls IMAP_TLS_REQUIRED=$required \
		POP3AUTH= POP3AUTH_TLS='LOGIN PLAIN' \
		POP3_STARTTLS=$starttls POP3_TLS_REQUIRED=$required \
		"${protocol}_TLS=$implicit" \
		couriertcpd -address=192.0.2.74 -maxprocs=40 -maxperip=40 \
		-nodnslookup -noidentlookup "$port" "$@" >>courier.log 2>&1 &
}

mkdir -p /run/courier/authdaemon
mkdir -p /run/user1/Maildir/cur /run/user1/Maildir/new /run/user1/Maildir/tmp
chown -R user1:user1 /run/user1
/usr/lib/courier/courier-authlib/authdaemond >>courier.log 2>&1 &
login=/usr/lib/courier/courier
tls="/usr/bin/couriertls -server -tcpd"
courier 143 IMAP 0 $login/imaplogin /usr/bin/imapd Maildir
courier 110 POP3 0 $login/courierpop3login $login/courierpop3d Maildir
# shellcheck disable=SC2086 # several words
courier 993 IMAP 1 $tls $login/imaplogin /usr/bin/imapd Maildir
# shellcheck disable=SC2086
courier 995 POP3 1 $tls $login/courierpop3login $login/courierpop3d Maildir

# ---- questions ----

: >missing

wait_for Postfix listens 192.0.2.11 25
wait_for Dovecot listens 192.0.2.11 143
wait_for nginx listens 192.0.2.16 443
wait_for Exim listens 192.0.2.71 25
wait_for OpenSMTPD listens 192.0.2.73 25
wait_for "OpenSMTPD's clear text" listens 192.0.2.75 25
wait_for Courier listens 192.0.2.74 995
# With some versions of OpenSSL its TLS answers nobody.
openssl s_client -connect 192.0.2.73:465 </dev/null >handshake.log 2>&1 || {
	echo "SKIPPED: OpenSMTPD comes to no TLS with this OpenSSL" >&2
	echo opensmtpd.lab.test >missing
}
# shellcheck disable=SC1090 # whatever it may be
[ -n "${LAB_SCRIPT:-}" ] && {
	. "$LAB_SCRIPT"
	exit
}
/usr/bin/python3 "$here/servers.py" "$here/servers.table" "$build/mailsonde" \
	"$T"
