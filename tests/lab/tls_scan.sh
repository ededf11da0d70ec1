#!/bin/sh
# SPDX-License-Identifier: ISC
# tls_scan.sh - probe --tls-scan beside sslscan and testssl.sh: OpenSSL and GnuTLS in several
# settings on loopback, then the mail servers of servers.sh
#
# tls_scan.sh BUILD-DIRECTORY SERVERS-DIRECTORY; prints what differs, and closes
# with "tls-scan: N passed, N failed, N skipped". Without sslscan it says so and
# skips everything.
set -u
build=$(cd "$1" && pwd) || exit 1
servers=$2
here=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0 skipped=0

command -v sslscan >/dev/null || {
	echo "TLS-SCAN SKIPPED: no sslscan (make deps-lab)" >&2
	echo "tls-scan: 0 passed, 0 failed, 1 skipped"
	exit 0
}

T=$(mktemp -d /tmp/lab.XXXXXX) || exit 1
python3 "$here/tls_variants.py" "$T" &
variants=$!
gnutls=
stop() {
	kill "$variants" 2>/dev/null
	[ -z "$gnutls" ] || kill "$gnutls" 2>/dev/null
	rm -rf --one-file-system "$T"
}
trap stop EXIT
for _ in $(seq 200); do
	[ -e "$T/ports" ] && break
	sleep 0.1
done

# agree WHAT SCHEME PORT [PEER]
agree() {
	if python3 "$here/tls_agree.py" "${4:-sslscan}" "$build/mailsonde" \
		"$2" mx.harbour.example "$3"; then
		passed=$((passed + 1))
	else
		echo "FAILED: tls-scan: $1 ${4:-}"
		failed=$((failed + 1))
	fi
}

while read -r name port; do
	agree "OpenSSL, $name" smtp "$port"
done <"$T/ports"
# It takes half a minute for one that accepts little.
for name in usual tls10; do
	if command -v testssl >/dev/null; then
		agree "OpenSSL, $name" smtp \
			"$(sed -n "s/^$name //p" "$T/ports")" testssl
	else
		echo "TLS-SCAN SKIPPED: no testssl (make deps-lab)" >&2
		skipped=$((skipped + 1))
	fi
done

# gnutls NAME PRIORITY: it takes no port of the kernel's choice
gnutls() {
	port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
	gnutls-serv --quiet --echo --port "$port" --priority "$2" \
	    --x509certfile "$T/rsa.pem" --x509keyfile "$T/rsa.key" \
	    >/dev/null 2>&1 &
	gnutls=$!
	for _ in $(seq 100); do
		bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null && break
		sleep 0.1
	done
	agree "GnuTLS, $1" imaps "$port"
	kill "$gnutls"
	wait "$gnutls" 2>/dev/null
	gnutls=
}

if command -v gnutls-serv >/dev/null; then
	gnutls usual NORMAL
	gnutls old "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+3DES-CBC:+ANON-ECDH"
	gnutls "its own order" "SECURE128:%SERVER_PRECEDENCE"
else
	echo "TLS-SCAN SKIPPED: no gnutls-serv (make deps-lab)" >&2
	skipped=$((skipped + 3))
fi

LAB_SCRIPT=$here/tls_scan_inside.sh sh "$here/servers.sh" "$build" \
	"$servers" >"$T/servers" 2>&1
sed -n '/^ok /!p' "$T/servers"
passed=$((passed + $(grep -c '^ok ' "$T/servers")))
failed=$((failed + $(grep -c '^FAILED' "$T/servers")))
skipped=$((skipped + $(grep -c SKIPPED "$T/servers")))

echo "tls-scan: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
