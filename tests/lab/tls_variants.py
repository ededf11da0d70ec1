# SPDX-License-Identifier: ISC
"""tls_variants.py - SMTP with STARTTLS by OpenSSL, in several settings

tls_variants.py DIRECTORY writes DIRECTORY/ports, a line "NAME PORT" each, and
serves until it is ended. Certificates for mx.harbour.example are made anew.
"""
import os
import socket
import ssl
import subprocess
import sys
import threading
import warnings

NAME = "mx.harbour.example"
V = ssl.TLSVersion


def make_certificates(directory):
    for name, key in (
        ("rsa", ["rsa:2048"]),
        ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "30",
             "-keyout", f"{name}.key", "-out", f"{name}.pem",
             "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"],
            cwd=directory, check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def context(directory, keys, ciphers, oldest, newest, own_order):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(ciphers)
    for key in keys:
        made.load_cert_chain(f"{directory}/{key}.pem", f"{directory}/{key}.key")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.minimum_version, made.maximum_version = oldest, newest
    if not own_order:
        made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    made.options &= ~ssl.OP_NO_COMPRESSION
    return made


def contexts(directory):
    every = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
    return {
        "usual": context(directory, ["rsa"], "DEFAULT", V.TLSv1_2, V.TLSv1_3, False),
        "modern": context(
            directory, ["ecdsa"], "ECDHE+AESGCM:ECDHE+CHACHA20", V.TLSv1_2,
            V.TLSv1_3, True,
        ),
        "everything": context(
            directory, ["rsa", "ecdsa"], every, V.TLSv1, V.TLSv1_3, True
        ),
        "tls10": context(directory, ["rsa"], every, V.TLSv1, V.TLSv1, False),
        "tls13": context(directory, ["ecdsa"], "DEFAULT", V.TLSv1_3, V.TLSv1_3, True),
    }  # fmt: skip


def talk(client, made):
    file = client.makefile("rb", 0)
    client.sendall(f"220 {NAME} ESMTP\r\n".encode())
    secured = False
    while True:
        word = file.readline().upper()
        if not word:
            return
        if word.startswith(b"EHLO"):
            more = b"" if secured else b"250-STARTTLS\r\n"
            client.sendall(
                f"250-{NAME}\r\n".encode() + more + b"250 SIZE 52428800\r\n"
            )
        elif word.startswith(b"STARTTLS"):
            client.sendall(b"220 ready\r\n")
            client = made.wrap_socket(client, server_side=True)
            file = client.makefile("rb", 0)
            secured = True
        elif word.startswith(b"QUIT"):
            client.sendall(b"221 bye\r\n")
            return
        else:
            client.sendall(b"250 ok\r\n")


def serve_one(client, made):
    client.settimeout(30)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        talk(client, made)
    except OSError:
        pass
    finally:
        client.close()


def serve(listener, made):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve_one, args=(client, made), daemon=True).start()


def main():
    directory = sys.argv[1]
    make_certificates(directory)
    ports = ""
    for name, made in contexts(directory).items():
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        ports += f"{name} {listener.getsockname()[1]}\n"
        threading.Thread(target=serve, args=(listener, made), daemon=True).start()
    path = os.path.join(directory, "ports")
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(ports)
    os.rename(path + ".new", path)
    threading.Event().wait()


main()
