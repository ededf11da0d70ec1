#!/bin/sh
# SPDX-License-Identifier: ISC
# dns_lab.sh - a command beside a name server, in namespaces
#
# dns_lab.sh BENCH DATA RESOLVER COMMAND...: makes the namespaces; then, in
# them, nsd serves the zones of bench_dns and bench_spf on 127.0.0.1, 127.0.0.2
# is the same 30 ms late, and RESOLVER is what /etc/resolv.conf says. The root
# is served too, signed where ldnsutils is there: so that every question has an
# answer, and that all below is provably not signed. Status 77: cannot.
set -eu
PATH=$PATH:/usr/sbin:/sbin

if [ "$1" != --inside ]; then
	spaces="--net --mount --pid --fork --kill-child --mount-proc"
	# shellcheck disable=SC2086 # several options
	unshare $spaces true 2>/dev/null ||
		spaces="--user --map-root-user $spaces"
	# shellcheck disable=SC2086
	unshare $spaces true 2>/dev/null || exit 77
	# shellcheck disable=SC2086
	exec unshare $spaces sh "$0" --inside "$@"
fi

bench=$2
dir=$PWD/$3/dns
resolver=$4
shift 4

mkdir -p "$dir"
"$bench/bench_dns" zone >"$dir/zone"
"$bench/bench_spf" zone >"$dir/spf.zone"
"$bench/bench_dns" adnshost >"$dir/adnshost"
# Status 6: some names do not exist.
cat >"$dir/adnshost.sh" <<Z
adnshost -a -Qq -f <"$dir/adnshost"
[ \$? -eq 6 ]
Z
cat >"$dir/root.zone" <<Z
. 3600 SOA ns.bench.test. hostmaster.bench.test. 1 7200 3600 864000 300
. 3600 NS ns.bench.test.
test. 3600 NS ns.bench.test.
Z
cat >"$dir/test.zone" <<Z
test. 3600 SOA ns.bench.test. hostmaster.bench.test. 1 7200 3600 864000 300
test. 3600 NS ns.bench.test.
bench.test. 3600 NS ns.bench.test.
spf.test. 3600 NS ns.bench.test.
ns.bench.test. 3600 A 127.0.0.1
Z
root=root.zone
mount --make-rprivate /
if command -v ldns-signzone >/dev/null && [ -e /usr/share/dns/root.key ]; then
	key=$(cd "$dir" && ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom .)
	(cd "$dir" && ldns-signzone -n root.zone "$key")
	root=root.zone.signed
	mount --bind "$dir/$key.key" /usr/share/dns/root.key
fi
echo "nameserver $resolver" >"$dir/resolv.conf"
mount --bind "$dir/resolv.conf" /etc/resolv.conf
ip link set lo up
cat >"$dir/nsd.conf" <<Z
server:
  ip-address: 127.0.0.1
  username: ""
  chroot: ""
  zonesdir: "$dir"
  database: ""
  xfrdir: "$dir"
  xfrdfile: "$dir/xfrd.state"
  zonelistfile: "$dir/zone.list"
  pidfile: "$dir/nsd.pid"
  logfile: "$dir/nsd.log"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "$root"
zone:
  name: "test"
  zonefile: "test.zone"
zone:
  name: "bench.test"
  zonefile: "zone"
zone:
  name: "spf.test"
  zonefile: "spf.zone"
Z
nsd -d -c "$dir/nsd.conf" &
"$bench/bench_delay" 127.0.0.2 30 &
for _ in $(seq 100); do
	"$bench/bench_dns" limit 127.0.0.1@53 8 >/dev/null && break
	sleep 0.1
done
"$@"
