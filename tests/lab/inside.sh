#!/bin/sh
# SPDX-License-Identifier: ISC
# inside.sh - the lab itself: zones, servers, questions
#
# inside.sh DIRECTORY BUILD-DIRECTORY SOURCE-DIRECTORY; in the namespaces that
# lab.sh makes, as their PID 1.
set -u
T=$1
ask=$2/tests/lab/ask
here=$3
PATH=$PATH:/usr/sbin:/sbin
passed=0 failed=0

ip link set lo up
ip route add local 203.0.113.0/24 dev lo

give_up() {
	echo "$1" >&2
	cat "$T"/*.log >&2
	echo "lab: $passed passed, 1 failed, 0 skipped"
	exit 1
}

wait_for() { # WHAT COMMAND...
	what=$1
	shift
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	give_up "$what does not start"
}

# ---- servers with faults ----

/usr/bin/python3 "$here/odd_server.py" "$T/odd.new" >"$T/odd.log" 2>&1 &
wait_for "odd_server.py" grep -q denies "$T/odd.new"

odd() { # FAULT: its address
	awk -v fault="$1" '$1 == fault { print $2 }' "$T/odd.new"
}

# ---- zones ----

# zone FILE ORIGIN: makes a key, reads the records.
zone() {
	(cd "$T" && ldns-keygen -a ECDSAP256SHA256 -k "$2" >"$1.key") ||
		give_up "ldns-keygen fails"
	{
		echo "\$ORIGIN $2"
		echo "\$TTL 300"
		echo '@ SOA ns1.signed.test. hostmaster.signed.test. 1 7200 3600 1209600 300'
		echo '@ NS ns1.signed.test.'
		cat
	} >"$T/$1"
}

sign() { # FILE OPTION...
	file=$1
	shift
	(cd "$T" && ldns-signzone "$@" "$file" "$(cat "$file.key")") ||
		give_up "ldns-signzone fails"
}

ds() { # FILE
	cat "$T/$(cat "$T/$1.key").ds"
}

text=$(printf '%0240d' 0)
zone signed.test signed.test. <<Z
ns1 A 203.0.113.1
www A 192.0.2.1
*.wild A 192.0.2.1
alias CNAME www
outside CNAME www.unsigned.test.
broken CNAME www.corrupt.test.
@ MX 10 mx
mx A 192.0.2.2
large TXT "1$text" "2$text" "3$text" "4$text" "5$text" "6$text" "7$text"
Z
zones="nsec3 expired future corrupt wrongds algorithm unsigned stripped"
for name in $zones; do
	echo 'www A 192.0.2.1' | zone "$name.test" "$name.test."
done
sign signed.test
sign nsec3.test -n -t 0
sign expired.test -e 20200201000000 -i 20200101000000
sign future.test -i 20280101000000 -e 20290101000000
sign corrupt.test
sign wrongds.test
sign algorithm.test
# One letter of one signature.
awk '$1 == "www.corrupt.test." && $4 == "RRSIG" && $5 == "A" {
	old = substr($NF, 10, 1)
	$NF = substr($NF, 1, 9) (old == "A" ? "B" : "A") substr($NF, 11)
} { print }' "$T/corrupt.test.signed" >"$T/corrupt.test.new"
mv "$T/corrupt.test.new" "$T/corrupt.test.signed"

zone root . <<Z
ns1.signed.test. A 203.0.113.1
$(for name in signed $zones; do echo "$name.test. NS ns1.signed.test."; done)
$(for name in signed nsec3 expired future corrupt stripped; do
	ds $name.test
done)
$(ds signed.test | sed 's/^signed/wrongds/')
$(ds algorithm.test | awk '{ $5 = 250; print }')
lame.test. NS ns.lame.test.
ns.lame.test. A $(odd referral)
late.test. NS ns.late.test.
ns.late.test. A $(odd late)
refusing.test. NS ns.refusing.test.
ns.refusing.test. A $(odd refuses)
silent.test. NS ns.silent.test.
ns.silent.test. A $(odd silent)
Z
sign root

# ---- nsd ----

mkdir "$T/nsd"
cat >"$T/nsd.conf" <<Z
server:
  ip-address: 203.0.113.1
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
zone:
  name: "."
  zonefile: "root.signed"
zone:
  name: "unsigned.test"
  zonefile: "unsigned.test"
zone:
  name: "stripped.test"
  zonefile: "stripped.test"
$(for name in signed nsec3 expired future corrupt wrongds algorithm; do
	printf 'zone:\n  name: "%s.test"\n  zonefile: "%s.test.signed"\n' \
		$name $name
done)
Z
nsd -d -c "$T/nsd.conf" >>"$T/nsd.log" 2>&1 &
wait_for nsd "$ask" -t 2 -r 203.0.113.1 www.signed.test A

# ---- unbound ----

cat >"$T/root.hints" <<Z
. 3600 NS ns1.signed.test.
ns1.signed.test. 3600 A 203.0.113.1
Z
anchor=$T/$(cat "$T/root.key").key
mv "$anchor" "$T/anchor.key"
anchor=$T/anchor.key
cat >"$T/unbound.conf" <<Z
server:
  interface: 127.0.0.1
  chroot: ""
  directory: "$T"
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "$T/unbound.log"
  root-hints: "$T/root.hints"
  trust-anchor-file: "$anchor"
  local-zone: "test." nodefault
  do-not-query-localhost: no
  ede: yes
  infra-cache-max-rtt: 2000
Z
unbound -d -c "$T/unbound.conf" >>"$T/unbound.log" 2>&1 &
wait_for unbound "$ask" -t 5 -r 127.0.0.1 www.unsigned.test A

# ---- questions ----

# check PATTERN OPTION... NAME TYPE
check() {
	pattern=$1
	shift
	got=$("$ask" "$@" 2>&1)
	status=$?
	# shellcheck disable=SC2254 # a pattern indeed
	case $status:$got in
	0:$pattern) passed=$((passed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "ask $*"
		echo "  $got (status $status), wanted $pattern"
		;;
	esac
}

# By the validating resolver: what it says is all there is.
plain() {
	check "$1" -t 50 -r 127.0.0.1 "$2" "$3"
}
# Validated here, by libunbound, from the lab's root.
valid() {
	check "$1" -t 50 -s -a "$anchor" -r 127.0.0.1 "$2" "$3"
}
# Of one server with a fault.
fault() {
	check "$1" -w -t "${4:-20}" -r "$(odd "$2")" "${5:-www.Odd-Name.test}" \
		"${3:-A}"
}

plain 'found unchecked 1 192.0.2.1' www.signed.test A
plain 'found unchecked 1 192.0.2.1' www.unsigned.test A
plain 'found unchecked 1 10 mx.signed.test' signed.test MX
plain 'found unchecked 1 192.0.2.1' alias.signed.test A
plain 'nodata unchecked 0' www.signed.test AAAA
plain 'nxdomain unchecked 0' nothing.signed.test A
plain 'found unchecked 1 1687 octets' large.signed.test TXT
for name in expired future corrupt wrongds stripped; do
	plain 'servfail unchecked 0' www.$name.test A
done
plain 'servfail unchecked 0' www.lame.test A
plain 'servfail unchecked 0' www.refusing.test A
plain 'found unchecked 1 192.0.2.1' www.late.test A
check 'timeout unchecked 0' -t 10 -r 127.0.0.1 www.silent.test A

valid 'found secure 1 192.0.2.1' www.signed.test A
valid 'found secure 1 192.0.2.1' x.wild.signed.test A
valid 'found secure 1 192.0.2.1' alias.signed.test A
valid 'found secure 1 192.0.2.1' www.nsec3.test A
valid 'found secure 1 1687 octets' large.signed.test TXT
valid 'nodata secure 0' www.signed.test AAAA
valid 'nodata secure 0' www.nsec3.test AAAA
valid 'nxdomain secure 0' nothing.signed.test A
valid 'nxdomain secure 0' nothing.nsec3.test A
valid 'found insecure 1 192.0.2.1' www.unsigned.test A
valid 'found insecure 1 192.0.2.1' outside.signed.test A
valid 'found insecure 1 192.0.2.1' www.algorithm.test A
valid 'nodata insecure 0' www.unsigned.test AAAA
for name in expired future corrupt wrongds stripped; do
	valid 'bogus bogus 0' www.$name.test A
done
valid 'bogus bogus 0' broken.signed.test A
valid 'servfail unchecked 0' www.lame.test A
check 'timeout unchecked 0' -t 10 -s -a "$anchor" -r 127.0.0.1 \
	www.silent.test A

# Many at once.
check '1000 found unchecked 1 192.0.2.1' -t 100 -m 1000 -r 127.0.0.1 \
	wild.signed.test A
check '500 found secure 1 192.0.2.1' -t 200 -s -a "$anchor" -m 500 \
	-r 127.0.0.1 wild.signed.test A

# A resolver that keeps signatures back, or denies with another's proof.
check 'broken unchecked 0 (cannot validate*)' -w -t 50 -s -a "$anchor" \
	-r "$(odd strips)" www.signed.test A
check 'bogus bogus 0' -t 50 -s -a "$anchor" -r "$(odd denies)" \
	www.signed.test A
# No anchor, or another root's: nothing can be said.
check 'broken unchecked 0 (cannot validate*)' -w -t 50 -s -r 127.0.0.1 \
	www.signed.test A
check 'broken unchecked 0 (*)' -w -t 50 -s -a "$T/none" -r 127.0.0.1 \
	www.signed.test A

# Without libunbound the resolver's word counts: where it was named, where it
# is on loopback, and not otherwise.
echo "nameserver 127.0.0.1" >"$T/loopback.conf"
echo "nameserver 203.0.113.53" >"$T/outside.conf"
check 'found secure-ad 1 192.0.2.1' -n -s -r 127.0.0.1 www.signed.test A
check 'found secure-ad 1 192.0.2.1' -n -s -c "$T/loopback.conf" \
	www.signed.test A
check 'found unchecked 1 192.0.2.1' -n -s -r 127.0.0.1 www.unsigned.test A
check 'found unchecked 1 192.0.2.1' -c "$T/loopback.conf" www.signed.test A

# Several resolvers: one refuses, one is dead, one knows.
check 'found unchecked 1 192.0.2.1' -r "$(odd refuses)" -r 203.0.113.99 \
	-r 127.0.0.1 www.signed.test A
check 'found unchecked 1 192.0.2.1' -r "$(odd silent)" -r 127.0.0.1 \
	www.signed.test A
check 'unreachable unchecked 0 (*)' -w -r 203.0.113.99 www.signed.test A

for name in honest wrong_id wrong_name wrong_type no_reply other_address \
	rubbish late formerr_edns notimp_edns badvers_edns drops_edns mangles \
	shouts cut_then cut_drip; do
	fault 'found unchecked 1 192.0.2.1' $name
done
fault 'timeout unchecked 0 (*)' silent A 7
fault 'refused unchecked 0 (*)' refuses
fault 'servfail unchecked 0 (*)' fails
fault 'unreachable unchecked 0 (*)' cut_only
fault 'unreachable unchecked 0 (*)' cut_close
fault 'timeout unchecked 0 (*)' cut_endless A 7
fault 'found unchecked 40[89]? 10.0.0.0' huge
fault 'found unchecked 1 64770 octets' long_text TXT
fault 'broken unchecked 0 (*)' name_loop
fault 'broken unchecked 0 (*)' name_forward
fault 'loop unchecked 0*' bomb
fault 'broken unchecked 0 (*)' count_lies
fault 'broken unchecked 0 (*)' length_lies
fault 'loop unchecked 0 (*)' alias_circle
fault 'loop unchecked 0 (*)' alias_chain
fault 'found unchecked 1 10 \\027\[31m\\007x.test' escapes MX
fault 'broken unchecked 0 (*)' referral
fault 'broken unchecked 0 (*)' bare_nxdomain

echo "lab: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
