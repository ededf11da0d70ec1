#!/bin/sh
# SPDX-License-Identifier: ISC
# servers.sh - mailsonde probe against the mail servers that people run, in
# namespaces of their own
#
# servers.sh BUILD-DIRECTORY SERVERS-DIRECTORY (packages, unpacked); prints
# what failed, and closes with "servers: N passed, N failed, N skipped".
# Without the servers, or where no namespace can be had, it says so and skips
# everything.
set -u
build=$(cd "$1" && pwd) || exit 1
servers=$2
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

skip() {
	echo "SERVERS SKIPPED: $1" >&2
	echo "servers: 0 passed, 0 failed, 1 skipped"
	exit 0
}

for command in nsd unbound ldns-keygen ldns-signzone ip unshare openssl; do
	command -v $command >/dev/null || skip "no $command (make deps-lab)"
done
[ -e "$servers/done" ] || skip "no mail servers (make deps-lab)"
servers=$(cd "$servers" && pwd) || exit 1

# Servers become other users: one who is mapped alone will not do.
[ "$(id -u)" -eq 0 ] || skip "not root: servers become other users"
unshare --net --mount true 2>/dev/null || skip "unshare fails: no namespaces"

T=$(mktemp -d /tmp/lab.XXXXXX) || exit 1
chmod 755 "$T"
trap 'rm -rf --one-file-system "$T"' EXIT
# With PID 1 of the namespace everything in it ends.
unshare --net --mount --pid --uts --ipc --fork --kill-child --mount-proc \
	sh "$here/servers_inside.sh" "$T" "$build" "$servers" "$here"
