# SPDX-License-Identifier: ISC
# lab.py - an authority, certificates, a server of documents and a name server
# that knows nothing, all on loopback
import http.server
import os
import socket
import ssl
import struct
import subprocess
import threading
import time


def openssl(*words):
    subprocess.run(
        ["openssl", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True
    )


class Authority:
    """Issues certificates; all files in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.file = f"{folder}/ca.pem"
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", f"{folder}/ca.key", "-out", self.file),
            *("-days", "30", "-subj", "/CN=Lab authority"),
        )

    def issue(self, name, hosts, days=25, issued=True, extension=None):
        """The paths of certificate and key."""
        pem, key, csr = (f"{self.folder}/{name}.{e}" for e in ("pem", "key", "csr"))
        names = ",".join(f"DNS:{host}" for host in hosts)
        more = ["-addext", extension] if extension else []
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", key, "-out", csr, "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName={names}", *more),
        )
        by = ("-CA", self.file, "-CAkey", f"{self.folder}/ca.key")
        openssl(
            *("x509", "-req", "-in", csr, "-days", str(days), "-out", pem),
            *("-copy_extensions", "copy", *(by if issued else ("-signkey", key))),
        )
        return pem, key

    def context(self, pem, key):
        out = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        out.load_cert_chain(pem, key)
        return out


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def respond(self):
        host = self.headers.get("Host", "").split(":")[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        lab = self.server.lab
        lab.seen.append((self.command, host, self.path, body))
        entry = lab.documents.get((host, self.path.split("?")[0]), {"status": 404})
        time.sleep(entry.get("sleep", 0))
        content = entry.get("body", b"")
        self.send_response(entry.get("status", 200))
        for name, value in entry.get("headers", {}).items():
            self.send_header(name, value)
        if entry.get("type", "text/plain"):
            self.send_header("Content-Type", entry.get("type", "text/plain"))
        self.send_header("Content-Length", str(entry.get("length", len(content))))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    do_GET = do_POST = respond


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def get_request(self):
        connection, address = super().get_request()
        tls = self.lab.contexts[""].wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return tls, address

    def handle_error(self, request, client_address):
        pass  # clients that do not like what they see


class Lab:
    """documents: {(host, path): {status, body, type, headers, sleep}}; contexts:
    {host: SSLContext}, of "" for the rest."""

    def __init__(self, documents, contexts):
        self.documents = documents
        self.contexts = contexts
        self.seen = []
        contexts[""].sni_callback = self.choose
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.lab = self
        self.port = self.server.server_address[1]
        self.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.names.bind(("127.0.0.1", 0))
        self.resolver = f"127.0.0.1@{self.names.getsockname()[1]}"
        # Bound, and nobody listens: connections are refused.
        self.deaf = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.deaf.bind(("127.0.0.1", 0))
        self.closed = self.deaf.getsockname()[1]
        for work in self.server.serve_forever, self.answer_names:
            threading.Thread(target=work, daemon=True).start()

    def choose(self, connection, name, _):
        context = self.contexts.get(name)
        if context == "break":
            return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
        if context:
            connection.context = context
        return None

    def answer_names(self):
        """NXDOMAIN to everybody."""
        while True:
            packet, address = self.names.recvfrom(4096)
            end = packet.index(b"\0", 12) + 5
            head = packet[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0)
            self.names.sendto(head + packet[12:end], address)


def away():
    """Words in front of a command that take its network from it."""
    words = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    except OSError:
        return []
    return words if tried.returncode == 0 else []


def environment():
    """One in which a proxy would be asked, if the program asked any."""
    return {
        **os.environ,
        "https_proxy": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
