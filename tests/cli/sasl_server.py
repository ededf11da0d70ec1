# SPDX-License-Identifier: ISC
"""sasl_server.py - the server's side of SASL, for the tests of probe --login

An exchange is a generator: it yields challenges and is sent responses, and
returns True where the client knows the secret.
"""
import base64
import hashlib
import hmac
import json
import os

USER, SECRET, TOKEN = "ann@harbour.example", "Kelp-forest 7!", "ya29.brine-token"


def b64(data):
    return base64.b64encode(data).decode()


def plain(first, server):
    if first is None:
        first = yield b""
    return first == b"\0" + USER.encode() + b"\0" + SECRET.encode()


def login(first, server):
    user = yield b"Username:"
    secret = yield b"Password:"
    return user == USER.encode() and secret == SECRET.encode()


def cram_md5(first, server):
    challenge = f"<{os.urandom(8).hex()}@harbour.example>".encode()
    answer = yield challenge
    digest = hmac.new(SECRET.encode(), challenge, "md5").hexdigest()
    return answer == f"{USER} {digest}".encode()


def scram(first, server, hash_name, plus):
    if first is None:
        first = yield b""
    header, bare = first.decode().split(",n=", 1)
    bare = "n=" + bare
    header += ","
    nonce = bare.split("r=", 1)[1] + "harbour"
    salt, rounds = os.urandom(12), server.get("rounds", 4096)
    server_first = f"r={nonce},s={b64(salt)},i={rounds}"
    final = yield server_first.encode()
    without, proof = final.decode().rsplit(",p=", 1)
    binding = server["binding"] if plus else b""
    if plus != header.startswith("p=") or (
        without.split(",")[0] != "c=" + b64(header.encode() + binding)
    ):
        yield b"e=channel-bindings-dont-match"
        return False
    salted = hashlib.pbkdf2_hmac(hash_name, SECRET.encode(), salt, rounds)
    message = f"{bare},{server_first},{without}".encode()

    def mac(key, data):
        return hmac.new(key, data, hash_name).digest()

    key = mac(salted, b"Client Key")
    stored = hashlib.new(hash_name, key).digest()
    right = bytes(a ^ b for a, b in zip(key, mac(stored, message)))
    if base64.b64decode(proof) != right:
        return False
    signature = mac(mac(salted, b"Server Key"), message)
    if server.get("forged"):
        signature = b"\0" * len(signature)
    if not server.get("unproven"):
        yield b"v=" + b64(signature).encode()
    return True


def bearer(first, server):
    if first is None:
        first = yield b""
    if f"auth=Bearer {TOKEN}\x01\x01".encode() in first:
        return True
    yield json.dumps({"status": "invalid_token", "scope": "mail"}).encode()
    return False


MECHANISMS = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "SCRAM-SHA-1": lambda f, s: scram(f, s, "sha1", False),
    "SCRAM-SHA-256": lambda f, s: scram(f, s, "sha256", False),
    "SCRAM-SHA-1-PLUS": lambda f, s: scram(f, s, "sha1", True),
    "SCRAM-SHA-256-PLUS": lambda f, s: scram(f, s, "sha256", True),
    "OAUTHBEARER": bearer,
    "XOAUTH2": bearer,
}


def run(name, first, server, ask):
    """`ask` sends a challenge and gives the response; None: cancelled."""
    exchange = MECHANISMS[name](first, server)
    try:
        challenge = next(exchange)
        while True:
            answer = ask(challenge)
            if answer is None:
                return False
            challenge = exchange.send(answer)
    except StopIteration as end:
        return end.value
