#!/bin/sh
# SPDX-License-Identifier: ISC
# lab.sh - the live source against nsd, unbound and servers with faults, and
# mailsonde domain against a signed lab, all on loopback in namespaces of their
# own
#
# lab.sh BUILD-DIRECTORY [RECORD]; prints what failed, and closes with "lab: N
# passed, N failed, N skipped" and "lab-domain: …". Without the servers, or where
# no namespace can be had, it says so and skips everything. With RECORD only the
# second is done, and its evidence kept there where nothing failed.
set -u
build=$1
here=$(dirname "$0")

skip() {
	echo "LAB SKIPPED: $1" >&2
	echo "lab: 0 passed, 0 failed, 1 skipped"
	exit 0
}

for command in nsd unbound ldns-keygen ldns-signzone ip unshare; do
	PATH=$PATH:/usr/sbin:/sbin command -v $command >/dev/null ||
		skip "no $command (make deps-lab)"
done
/usr/bin/python3 -c 'import dns.message' 2>/dev/null ||
	skip "no python3-dnspython (make deps-lab)"

spaces="--net --mount --pid --uts --ipc --fork --kill-child --mount-proc"
# shellcheck disable=SC2086 # several options
if ! unshare $spaces true 2>/dev/null; then
	spaces="--user --map-root-user $spaces"
	unshare $spaces true 2>/dev/null || skip "unshare fails: no namespaces"
fi

T=$(mktemp -d /tmp/lab.XXXXXX) || exit 1
chmod 755 "$T"
mkdir "$T/live" "$T/domain"
trap 'rm -rf --one-file-system "$T"' EXIT
status=0
# With PID 1 of a namespace everything in it ends.
# shellcheck disable=SC2086
{
	[ $# -gt 1 ] ||
		unshare $spaces sh "$here/inside.sh" "$T/live" "$build" "$here" ||
		status=1
	unshare $spaces /usr/bin/python3 -B "$here/domain_lab.py" "$T/domain" \
		"$build/mailsonde" "$here" ${2:+"$2"} || status=1
}
exit $status
