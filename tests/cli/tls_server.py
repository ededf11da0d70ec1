# SPDX-License-Identifier: ISC
"""tls_server.py - servers whose TLS is made up, for the tests of --tls-scan

tls_server.py DIRECTORY writes DIRECTORY/ports, a line "NAME PORT" for each of
the servers below, and serves until it is ended. No handshake comes to its end:
a ClientHello is answered with a ServerHello and what follows it in the clear.
The names that begin with "smtp" speak SMTP and STARTTLS before it.
"""
import os
import socket
import struct
import sys
import threading

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = 2, 0x300, 0x301, 0x302, 0x303, 0x304
NAME = b"mx.harbour.example"

GOOD = {
    "versions": [TLS13, TLS12],
    "suites": [0x1302, 0x1301, 0x1303, 0xC030, 0xC02F, 0xCCA8],
    "groups": [0x11EC, 29, 23],
    "own_order": True,
}
BAD = {
    "versions": [TLS11, TLS10, SSL3, SSL2],
    # anonymous, NULL, export, RC4, DES, 3DES, static RSA, small prime
    "suites": [0x0005, 0x000A, 0x0009, 0x0033, 0x002F, 0x0018, 0x0002, 0x0003],
    "groups": [23, 19],
    "bare": True,
    "prime": 1024,
    "heeds_fallback": False,
}
SERVERS = {
    "smtp_good": GOOD,
    "smtp_bad": BAD,
    "bad": BAD,
    # TLS 1.2 by itself, CBC only, intolerant of what it does not know and of
    # what is long.
    "stiff": {
        "versions": [TLS12],
        "suites": [0xC014, 0xC013],
        "groups": [29, 23],
        "longest": 300,
        "no_grease": True,
    },
    # What it refuses it closes.
    "smtp_closes": {**GOOD, "alert": None},
    # It has enough after the twelfth connection.
    "smtp_busy": {**GOOD, "most": 12},
    # No answer to TLS 1.0.
    "smtp_silent": {**GOOD, "silent": TLS10},
}


def read(client, n):
    data = b""
    while len(data) < n:
        more = client.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_hello(client):
    """The hello as it came."""
    head = read(client, 2)
    if head[0] & 0x80:
        return head + read(client, struct.unpack(">H", head)[0] & 0x7FFF)
    head += read(client, 3)
    return head + read(client, struct.unpack(">H", head[3:])[0])


def words(data):
    return list(struct.unpack(f">{len(data) // 2}H", data))


class Hello:
    """What a ClientHello offers."""

    def __init__(self, data):
        self.groups, self.grease, self.suites, self.deflate = [], False, [], False
        if data[0] & 0x80:
            self.version = SSL2
            return
        self.version = struct.unpack(">H", data[9:11])[0]
        at = 43
        at += 1 + data[at]
        n = struct.unpack(">H", data[at : at + 2])[0]
        self.suites = words(data[at + 2 : at + 2 + n])
        at += 2 + n
        self.deflate = 1 in data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at] + 2
        while at < len(data):
            kind, n = struct.unpack(">HH", data[at : at + 4])
            body = data[at + 4 : at + 4 + n]
            if kind == 10:
                self.groups = words(body[2:])
            elif kind == 43:
                known = [v for v in words(body[1:]) if v <= TLS13]
                self.version = max(known)
            self.grease |= kind & 0x0F0F == 0x0A0A
            at += 4 + n


def record(kind, body):
    return bytes([kind]) + b"\3\3" + struct.pack(">H", len(body)) + body


def message(kind, body):
    return bytes([kind]) + struct.pack(">I", len(body))[1:] + body


def pick(ours, theirs, own_order):
    first, second = (ours, theirs) if own_order else (theirs, ours)
    return next((x for x in first if x in second), None)


def is_for(suite, version):
    if version == TLS13 or suite >> 8 == 0x13:
        return version == TLS13 and suite >> 8 == 0x13
    newer = suite in (0xC02F, 0xC030, 0xCCA8)
    return version == TLS12 or not newer


RETRY = bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
)


def server_hello(server, hello, suite, group):
    body = struct.pack(">H", min(hello.version, TLS12)) + RETRY + b"\0"
    body += struct.pack(">H", suite)
    bare = server.get("bare")
    body += b"\1" if bare and hello.deflate else b"\0"
    if hello.version == TLS13:
        body += bytes.fromhex("000c002b0002030400330002")
        body += struct.pack(">H", group)
    elif not bare:
        body += bytes.fromhex("000dff01000100001700000023 0000".replace(" ", ""))
    return message(2, body)


def key_exchange(server, suite, group):
    if suite >> 8 in (0xC0, 0xCC):
        return message(12, struct.pack(">BH", 3, group))
    if suite in (0x0033, 0x0018):
        n = server.get("prime", 2048) // 8
        return message(12, struct.pack(">H", n) + b"\xff" * n)
    return b""


def answer(server, data):
    """What is sent back; None closes, empty waits."""
    hello = Hello(data)
    alert = server.get("alert", 40)
    refusal = None if alert is None else record(21, bytes([2, alert]))
    if hello.version == server.get("silent"):
        return b""
    if len(data) > server.get("longest", 1 << 16):
        return None
    if hello.grease and server.get("no_grease"):
        return None
    fallback = 0x5600 in hello.suites and hello.version != server["versions"][0]
    if fallback and server.get("heeds_fallback", True):
        return record(21, b"\2\x56")
    if hello.version not in server["versions"]:
        return refusal
    if hello.version == SSL2:
        return b"\x80\x15\4\0\1\0\2\0\2\0\6\0\2CC\1\0\x80\7\0\xC0II"
    own = server.get("own_order", False)
    usable = [s for s in server["suites"] if is_for(s, hello.version)]
    suite = pick(usable, hello.suites, own)
    group = pick(server["groups"], hello.groups, own)
    if suite is None or (hello.groups and group is None):
        return refusal
    flight = server_hello(server, hello, suite, group)
    if hello.version != TLS13:
        flight += message(11, b"\0\0\4\0\0\1x")
        flight += key_exchange(server, suite, group) + message(14, b"")
    return record(22, flight)


def line(client):
    text = b""
    while not text.endswith(b"\n"):
        text += read(client, 1)
    return text.upper()


def start_tls(client, busy):
    """Whether TLS begins."""
    if busy:
        client.sendall(b"421 4.7.0 too many connections\r\n")
        return False
    client.sendall(b"220 " + NAME + b" ESMTP\r\n")
    while True:
        word = line(client)
        if word.startswith(b"EHLO"):
            client.sendall(
                b"250-" + NAME + b"\r\n250-SIZE 52428800\r\n"
                b"250-8BITMIME\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
            )
        elif word.startswith(b"STARTTLS"):
            client.sendall(b"220 2.0.0 ready\r\n")
            return True
        else:
            client.sendall(b"250 2.0.0 ok\r\n")


def serve_one(name, client, busy):
    server = SERVERS[name]
    client.settimeout(30)
    try:
        if name.startswith("smtp") and not start_tls(client, busy):
            return
        reply = answer(server, read_hello(client))
        if reply is not None:
            client.sendall(reply)
            client.recv(1)
    except (EOFError, OSError):
        pass
    finally:
        client.close()


def serve(name, listener):
    opened = 0
    while True:
        client, _ = listener.accept()
        opened += 1
        busy = opened > SERVERS[name].get("most", 1 << 30)
        threading.Thread(
            target=serve_one, args=(name, client, busy), daemon=True
        ).start()


def main():
    ports = ""
    for name in SERVERS:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        ports += f"{name} {listener.getsockname()[1]}\n"
        threading.Thread(target=serve, args=(name, listener), daemon=True).start()
    path = os.path.join(sys.argv[1], "ports")
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(ports)
    os.rename(path + ".new", path)
    threading.Event().wait()


main()
