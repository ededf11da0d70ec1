# SPDX-License-Identifier: ISC
"""probe_hostile.py - servers that mean harm, and many of them at once

probe_hostile.py PROGRAM. Each server below is probed as each protocol: the
program ends by the deadline, with an exit code of its own, one result of valid
JSON, and little memory. Then 200 servers at once, of which 50 are silent.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROTOCOLS = "smtp submission imap pop3 sieve imaps activesync".split()
DEADLINE = 1.0
SLACK = 8  # seconds: whoever takes longer hangs; a busy machine does not count
MEMORY = 16 * 1024  # KiB

passed = failed = 0


def check(good, text):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {text}")


# ---- servers


def silent(c):
    time.sleep(30)


def drip(c):
    while True:
        c.sendall(b"2")
        time.sleep(0.05)


def endless_line(c):
    while True:
        c.sendall(b"A" * 65536)


def endless_reply(c):
    while True:
        c.sendall(b"220-more\r\n* OK more\r\n+OK\r\n" * 1000)


def endless_smtp(c):
    c.sendall(b"220 mx ESMTP\r\n")
    c.recv(1000)
    while True:
        c.sendall(b"250-X" + os.urandom(8).hex().encode() + b"\r\n")


def endless_imap(c):
    c.sendall(b"* OK hello\r\n")
    c.recv(1000)
    while True:
        c.sendall(b"* CAPABILITY " + b"X " * 1000 + b"\r\n")


def endless_pop3(c):
    c.sendall(b"+OK hello\r\n")
    c.recv(1000)
    c.sendall(b"+OK\r\n")
    while True:
        c.sendall(b"SASL " + os.urandom(8).hex().encode() + b"\r\n")


def literal(c):
    c.sendall(b'"IMPLEMENTATION" {999999}\r\n' + b"x" * 100)
    time.sleep(30)


def garbage(c):
    while True:
        c.sendall(os.urandom(4096))


def nul(c):
    c.sendall(b"220 a\0b\r\n* OK \0\r\n+OK \0\r\n")
    for _ in range(100):
        c.recv(1000)
        c.sendall(b"250 \0\xff\x1b[31m\r\n+OK\r\n.\r\ns1 OK \0\r\ns4 OK\r\n")


def escape(c):
    c.sendall(b"220 \x1b]0;owned\x07 \xe2\x80\xae ESMTP\r\n")
    c.recv(1000)
    c.sendall(b"250-\x1b[2J\r\n250 \x9b31m\r\n")
    c.recv(1000)


def closes(c):
    pass


def resets(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def half_handshake(c):
    c.sendall(b"220 mx ESMTP\r\n")
    c.recv(1000)
    c.sendall(b"250-mx\r\n250 STARTTLS\r\n")
    c.recv(1000)
    c.sendall(b"220 go\r\n")
    c.recv(5)
    c.sendall(b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03")


def tls_garbage(c):
    c.recv(5)
    c.sendall(b"\x16\x03\x03\x40\x00" + os.urandom(16384))
    time.sleep(30)


def http_endless(c):
    c.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        c.sendall(b"X-Header: " + b"y" * 5000 + b"\r\n")


SERVERS = [
    silent, drip, endless_line, endless_reply, endless_smtp, endless_imap,
    endless_pop3, literal, garbage, nul, escape, closes, resets,
    half_handshake, tls_garbage, http_endless,
]  # fmt: skip


def serve(function):
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)

    def one(connection):
        try:
            function(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def run():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


# ---- probing


def high_water(pid):
    """KiB; what the kernel counts after the end holds our own as well."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def probe(program, *words, text=""):
    """Exit code, output, seconds, KiB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        began = time.monotonic()
        child = subprocess.Popen(
            [program, "probe", *words], stdin=given, stdout=out, stderr=out
        )
        memory = 0
        while child.poll() is None:
            memory = max(memory, high_water(child.pid))
            time.sleep(0.02)
        took = time.monotonic() - began
        out.seek(0)
        return child.returncode, out.read(), took, memory


def one_server(program, function, port):
    for protocol in PROTOCOLS:
        what = f"{function.__name__} as {protocol}"
        code, out, took, memory = probe(
            program, "-v", "-f", "ndjson", "--timeout", str(DEADLINE),
            f"{protocol}://127.0.0.1:{port}",
        )  # fmt: skip
        check(code in (0, 1, 2), f"{what}: exit code {code}")
        check(took < DEADLINE + SLACK, f"{what}: took {took:.2f} s")
        if "asan" not in program:
            check(memory < MEMORY, f"{what}: {memory} KiB")
        try:
            json.loads(out)
            check(True, what)
        except ValueError:
            check(False, f"{what}: no JSON: {out[:200]!r}")


def as_text(program, port):
    _, out, _, _ = probe(program, "-v", f"smtp://127.0.0.1:{port}", "--timeout", "1")
    bad = [c for c in out if c < 32 and c not in (9, 10)]
    check(not bad and b"\x9b31m" not in out, "text: control characters come out")
    check("\u202e".encode() not in out, "text: a bidi override comes out")


def many(program, fast, slow):
    """50 of 200 hang: done by the deadline of one, and a tenth."""
    jobs = [
        f"smtp://127.0.0.1:{slow if i % 4 == 0 else fast}" for i in range(200)
    ]
    code, out, took, _ = probe(
        program, "-f", "ndjson", "--timeout", "3", "-", text="\n".join(jobs)
    )
    lines = out.splitlines()
    hung = sum(json.loads(line)["server"]["status"] == "timeout" for line in lines)
    check(code == 2, f"200 servers: exit code {code}")
    check(len(lines) == 200, f"200 servers: {len(lines)} results")
    check(hung == 50, f"200 servers: {hung} timed out, of 50")
    check(took < 3 * 1.1 + SLACK, f"200 servers: took {took:.2f} s")


def polite(c):
    c.sendall(b"220 mx ESMTP\r\n")
    while line := c.recv(1000):
        c.sendall(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mx\r\n")


def main(program):
    threads = [
        threading.Thread(target=one_server, args=(program, f, serve(f)))
        for f in SERVERS
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    as_text(program, serve(escape))
    many(program, serve(polite), serve(silent))
    print(f"probe_hostile: {passed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main(sys.argv[1]))
