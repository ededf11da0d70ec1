# SPDX-License-Identifier: ISC
"""serve.py - mailsonde serve, as its clients meet it

serve.py PROGRAM. Servers and clients are on loopback, ports from the kernel.
Nothing is timed; what should not happen would be a hang, which ends with an
exception after WAIT seconds.
"""
import contextlib
import http.client
import json
import os
import re
import resource
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import jsonschema

PROGRAM = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
WAIT = 60
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(good, what, seen=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: serve: {what}: {str(seen)[:600]}")


def until(condition, what):
    """Waits for it to become true."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if condition():
            break
        time.sleep(0.02)
    check(condition(), what)


# ---- mail servers ----


class Held:
    """An SMTP server whose clients wait for the banner until `release`."""

    def __init__(self):
        self.go = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.here = self.most = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def count(self, by):
        with self.lock:
            self.here += by
            self.most = max(self.most, self.here)

    def talk(self, client):
        self.count(1)
        left = False
        try:
            self.go.wait()
            client.sendall(b"220 held ESMTP\r\n")
            for line in client.makefile("rb"):
                if line.upper().startswith(b"QUIT"):
                    # before the reply: whoever has it may come again
                    self.count(-1)
                    left = True
                    client.sendall(b"221 bye\r\n")
                    break
                client.sendall(b"250 ok\r\n")
        except OSError:
            pass
        finally:
            client.close()
            if not left:
                self.count(-1)


@contextlib.contextmanager
def mail_servers():
    """{name: port}, and the folder with their certificates."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-B", f"{HERE}/mail_server.py", folder]
        )
        try:
            end = time.monotonic() + WAIT
            while not os.path.exists(f"{folder}/ports"):
                if time.monotonic() > end:
                    raise TimeoutError("mail_server.py")
                time.sleep(0.02)
            with open(f"{folder}/ports", encoding="ascii") as file:
                yield dict(line.split() for line in file), folder
        finally:
            process.kill()
            process.wait()


# ---- the program ----


class Serve:
    """A running `mailsonde serve`."""

    def __init__(self, *options):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", *options],
            stderr=self.errors,
        )
        self.port = None
        end = time.monotonic() + WAIT
        while not self.port and time.monotonic() < end:
            found = re.search(r"listens at http://127.0.0.1:(\d+)/\n", self.said())
            self.port = int(found[1]) if found else None
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        if not self.port:
            raise RuntimeError(f"it does not listen: {self.said()}")

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def ask(self, path, method="GET", body=None, **header):
        """(status, header, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        with contextlib.closing(connection):
            connection.request(
                method, path, body,
                {name.replace("_", "-"): value for name, value in header.items()},
            )  # fmt: skip
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), WAIT)

    def raw(self, octets):
        """All that comes back."""
        with self.connect() as s:
            got = b""
            try:
                s.sendall(octets)
                s.shutdown(socket.SHUT_WR)
                while part := s.recv(65536):
                    got += part
            except OSError:
                pass
            return got

    def figure(self, name):
        found = re.search(
            rf"^{re.escape(name)} (\S+)$", self.ask("/metrics")[2], re.M
        )
        return float(found[1]) if found else None

    def idle(self):
        return (
            self.figure("mailsonde_http_requests_in_flight") == 1
            and self.figure("mailsonde_http_connections") == 1
            and self.figure("mailsonde_subjects_running") == 0
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def serving(*options):
    serve = Serve(*options)
    try:
        yield serve
    finally:
        serve.close()


# ---- pages ----


def test_pages(serve):
    status, header, body = serve.ask("/")
    check(status == 200 and "/probe" in body and "/domain" in body, "/", body)
    check(header["X-Content-Type-Options"] == "nosniff", "nosniff", header)
    status, header, body = serve.ask("/healthz")
    check((status, body) == (200, "ok\n"), "/healthz", body)
    status, header, body = serve.ask("/healthz", "HEAD")
    check((status, body) == (200, ""), "HEAD", body)
    check(header["Content-Length"] == "3", "HEAD has a length", header)
    status, header, body = serve.ask("/metrics")
    check(status == 200, "/metrics", status)
    check(
        header["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8",
        "the type of figures", header,
    )  # fmt: skip
    check('mailsonde_build_info{version="' in body, "build info", body)
    for path in "/nothing", "//", "/probe/", "/%2e%2e/etc/passwd", "/Healthz":
        check(serve.ask(path)[0] == 404, f"{path} is no page")
    for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW":
        status, header, body = serve.ask("/probe", method, "a=b" * 1000)
        check(status == 405, f"{method} is refused", status)
        check(header["Allow"] == "GET, HEAD", f"{method}: Allow", header)
    status, _, _ = serve.ask("/healthz", "GET", "x" * 100000)
    check(status == 200, "a body that nobody asked for", status)
    check(serve.ask("/healthz?x=%00&y=%ff")[0] == 200, "odd parameters elsewhere")


def test_figures_of_its_own(serve):
    def count(path, code):
        name = f'mailsonde_http_requests_total{{path="{path}",code="{code}"}}'
        return serve.figure(name) or 0

    before = count("/healthz", 200), count("other", 404), count("/probe", 400)
    serve.ask("/healthz")
    serve.ask("/nothing")
    serve.ask("/probe")
    after = count("/healthz", 200), count("other", 404), count("/probe", 400)
    check(
        [b - a for a, b in zip(before, after)] == [1, 1, 1],
        "requests are counted", (before, after),
    )  # fmt: skip
    text = serve.ask("/metrics")[2]
    families = set(re.findall(r"^# TYPE (\S+) ", text, re.M))
    check(families == set(re.findall(r"^# HELP (\S+) \S", text, re.M)), "HELP", text)
    for name in "process_open_fds", "process_resident_memory_bytes":
        check(serve.figure(name) > 0, name)
    n = serve.figure('mailsonde_http_request_duration_seconds_count{path="/healthz"}')
    last = serve.figure(
        'mailsonde_http_request_duration_seconds_bucket{path="/healthz",le="+Inf"}'
    )
    check(n == last and n >= 1, "the histogram adds up", (n, last))


# ---- what is asked wrongly, or may not be ----


def test_refusals(serve, port):
    for query, status, text in [
        ("/probe", 400, "which server?"),
        ("/probe?target=", 400, "is empty"),
        ("/probe?Target=smtp://mx.harbour.example", 400, "which server?"),
        ("/probe?target=a&target=b", 400, "2 times"),
        ("/probe?target=smtp://a%00b", 400, "octet 0"),
        ("/probe?target=gopher://mx.harbour.example", 400, "scheme"),
        ("/probe?target=mx.harbour.example", 400, "neither a protocol nor a port"),
        (f"/probe?target=smtp://127.0.0.1:{port}&format=xml", 400, "format=xml"),
        (f"/probe?target=smtp://127.0.0.1:{port}&module=http", 400, "module=http"),
        (f"/probe?target=smtp://127.0.0.1:{port}&module=imap", 400, "another"),
        ("/probe?target=smtp://192.0.2.1", 403, "--allow-target"),
        ("/probe?target=smtp://other.example", 403, "--allow-target"),
        ("/probe?target=smtp://127.0.0.1:22", 403, "--allow-target"),
        ("/probe?target=smtp://mx.harbour.example:22", 403, "--allow-target"),
        ("/probe?target=smtp://10.1.2.3", 403, "private"),
        ("/probe?target=smtp://[::1]", 403, "--allow-target"),
        # the job of another command is none of this one
        ('/probe?target={"target":"smtp://mx.harbour.example"}', 400, "target="),
        ("/domain", 400, "which domain?"),
        ("/domain?name=", 400, "name="),
        ("/domain?name=a..b", 400, "name="),
        ("/domain?name=other.example", 403, "--allow-target"),
        ("/domain?name=a.harbour.example.other.test", 403, "--allow-target"),
    ]:
        got, header, body = serve.ask(query.replace('"', "%22"))
        check(got == status and text in body, query, (got, body))
        check(header["Content-Type"] == "text/plain; charset=utf-8", query, header)
        check(body.count("\n") == 1 and body.endswith("\n"), f"{query}: a line", body)
    for value in "x", "-1", "0", "1e9", "", "1;2":
        got, _, body = serve.ask(
            f"/probe?target=smtp://127.0.0.1:{port}",
            X_Prometheus_Scrape_Timeout_Seconds=value,
        )
        check(got == 400, f"a scrape timeout of {value!r}", (got, body))


def test_hostile_text(serve):
    """What a client says never stands in an answer as it is."""
    for octets in [
        "%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>",
        "%1b[31mred%1b[0m", "%e2%80%ae", "%ff%fe", "%s%n%25s", "+" * 500,
    ]:  # fmt: skip
        for query in "/probe?target=smtp://", "/domain?name=", "/probe?module=":
            got, header, body = serve.ask(query + octets)
            check(got in (400, 403), f"{query}{octets}", (got, body))
            check("Set-Cookie" not in header, "no field is smuggled in", header)
            bad = re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ufffd]", body)
            check(not bad, f"{query}{octets} is shown escaped", body)
    check(serve.ask("/probe?target=smtp://" + "a" * 12000)[0] == 400, "a long name")
    # Where more is on its way than is read, a reset may overtake the answer
    # (RFC 9112 9.6).
    got = serve.raw(b"GET /probe?target=" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n")
    check(got[:10] in (b"HTTP/1.1 4", b""), "a URL that is too long", got[:100])
    got = serve.raw(
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n"
    )
    check(got[:10] in (b"HTTP/1.1 4", b""), "a field that is too long", got[:100])
    for octets in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200),
        os.urandom(4000), b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
        b"GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /probe HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 10000,
    ]:  # fmt: skip
        serve.raw(octets)
    check(serve.ask("/healthz")[0] == 200, "it is still there")


# ---- results ----


def test_results(serve, ports, schema):
    target = f"/probe?target=smtp://127.0.0.1:{ports['smtp']}"
    status, header, body = serve.ask(target)
    check(status == 200, "a probe", (status, body))
    check("version=0.0.4" in header["Content-Type"], "figures are the default", header)
    check(re.search(r"^mailsonde_up\{.*\} 1$", body, re.M), "up", body)
    check("\nprobe_success 1\n" in body, "success", body)
    check("mailsonde_tls_not_after_timestamp_seconds{" in body, "certificate", body)
    for query, accept, kind in [
        (target, "application/json", "json"),
        (target, "application/json;q=0.9, text/plain;q=0.1", "json"),
        (target + "&format=json", "text/plain", "json"),
        (target + "&format=prometheus", "application/json", "figures"),
        (target, "application/openmetrics-text;version=1.0.0", "figures"),
        (target, "application/openmetrics-text,text/plain;q=0.3,*/*;q=0.2", "figures"),
        (target, "image/png", "figures"),
        (target + "&format=text", "*/*", "text"),
    ]:
        status, header, body = serve.ask(query, Accept=accept)
        types = {
            "json": "application/json",
            "figures": "text/plain; version=0.0.4; charset=utf-8",
            "text": "text/plain; charset=utf-8",
        }
        check(header["Content-Type"] == types[kind], f"{query} {accept}", header)
        if kind == "json":
            document = json.loads(body)
            jsonschema.validate(document, schema)
            check(document["command"] == "probe", "its command", body)
            check(document["subject"]["host"] == "127.0.0.1", "its subject", body)
    check("\x1b" not in body and "smtp" in body, "text for people", body)
    status, _, body = serve.ask(f"/probe?target=127.0.0.1:{ports['imap']}&module=imap")
    check('protocol="imap"' in body, "module is the protocol", body)
    # A bad result is a result.
    status, _, body = serve.ask(f"/probe?target=smtp://127.0.0.1:{ports['ssh']}")
    check(status == 200 and "\nprobe_success 0\n" in body, "a bad server", body)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        status, _, body = serve.ask(f"/probe?target=smtp://127.0.0.1:{port}")
    check(status == 403, "a port that was not named", body)


def test_names(serve, schema):
    """Names of the zone, which may lead anywhere."""
    status, _, body = serve.ask("/probe?target=smtp://in.harbour.example&format=json")
    document = json.loads(body)
    jsonschema.validate(document, schema)
    check(status == 200 and document["errors"], "it could not be told", body)
    check("private" in body and "--allow-net" in body, "a name that leads inside", body)
    body = serve.ask("/probe?target=smtp://in.harbour.example")[2]
    check(re.search(r"^mailsonde_up\{.*\} 0$", body, re.M), "it is not up", body)
    status, header, body = serve.ask("/domain?name=Harbour.Example.&format=json")
    document = json.loads(body)
    jsonschema.validate(document, schema)
    check(document["command"] == "domain", "a domain", body)
    check(document["subject"]["name"] == "harbour.example", "its name", body)
    now = time.strftime("%Y-%m-%dT%H", time.gmtime())
    check(document["time"] >= now, "judged now", document["time"])
    body = serve.ask("/domain?name=harbour.example")[2]
    check('mailsonde_domain_checks{domain="harbour.example"' in body, "figures", body)


def test_deadline(folder, ports):
    """A server that says nothing: the answer comes, and says so."""
    with serving(
        *common(folder, "60"), "--allow-target", f"127.0.0.1:{ports['silent']}",
        "--allow-target", "elsewhere.example",
    ) as serve:  # fmt: skip
        ask_silent(serve, ports)
        check(serve.stop() == 0, "the end", serve.said())


def ask_silent(serve, ports):
    """Neither a server nor a name server that says nothing holds it up."""
    for what, path, seconds in [
        ("a silent server", f"/probe?target=smtp://127.0.0.1:{ports['silent']}", "1.25"),
        ("a silent name server", "/probe?target=smtp://elsewhere.example", "0.5"),
        ("a domain", "/domain?name=elsewhere.example", "0.75"),
    ]:  # fmt: skip
        status, _, body = serve.ask(path, X_Prometheus_Scrape_Timeout_Seconds=seconds)
        check(status == 200, what, (status, body))
        check(re.search(r"^mailsonde_up\{.*\} 0$", body, re.M), f"{what} is not up", body)
        took = re.search(r"^probe_duration_seconds (\S+)$", body, re.M)
        check(took and float(took[1]) < 20, f"{what}: in its own time", body)


# ---- many, slow and broken clients ----


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


def send_all(serve, path, n):
    """Sockets of n requests that have been sent."""
    sockets = []
    for _ in range(n):
        s = serve.connect()
        s.sendall(request(path))
        sockets.append(s)
    return sockets


def read_all(sockets):
    """What came back on each, until it was closed."""
    got = {s: b"" for s in sockets}
    with selectors.DefaultSelector() as selector:
        for s in sockets:
            selector.register(s, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(WAIT)
            if not ready:
                raise TimeoutError(f"{len(selector.get_map())} had no answer")
            for key, _ in ready:
                try:
                    part = key.fileobj.recv(65536)
                except ConnectionResetError:
                    part = b""
                got[key.fileobj] += part
                if not part:
                    selector.unregister(key.fileobj)
    for s in sockets:
        s.close()
    return list(got.values())


def whole(answer):
    """Its status, where all of it came; else 0."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    if not length or len(body) != int(length[1]):
        return 0
    return int(head.split()[1])


def too_few(wanted, what):
    """Whether there are fewer descriptors than that."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= wanted:
        return False
    counts["skipped"] += 1
    print(f"SKIPPED: serve: {what}: too few descriptors")
    return True


def test_many(folder):
    """More than may be worked on at once, more than may wait: nothing is lost."""
    at_once, waiting, too_many = 16, 512, 72
    if too_few(2 * (at_once + waiting + too_many), "many clients"):
        return
    held = Held()
    path = f"/probe?target=smtp://127.0.0.1:{held.port}"
    with serving(
        *common(folder), "--jobs", str(at_once),
        "--allow-target", f"127.0.0.1:{held.port}",
    ) as serve:  # fmt: skip
        sockets = send_all(serve, path, at_once + waiting + too_many)
        until(lambda: held.here == at_once, "as many at once as may be")
        until(
            lambda: serve.figure("mailsonde_subjects_waiting") == waiting,
            "the others wait",
        )
        check(serve.ask("/healthz")[0] == 200, "it is alive all the while")
        check(
            serve.figure("mailsonde_subjects_running") == at_once, "they are counted"
        )
        held.go.set()
        answers = read_all(sockets)
        codes = [whole(a) for a in answers]
        check(codes.count(200) == at_once + waiting, "all that waited", set(codes))
        check(codes.count(503) == too_many, "and the rest is told", set(codes))
        refused = next((a for a in answers if whole(a) == 503), b"")
        check(b"\r\nRetry-After: 1\r\n" in refused, "to come again", refused)
        check(
            all(b"} 1\n" in a and b"\nmailsonde_up{" in a
                for a in answers if whole(a) == 200),
            "each is a result",
        )  # fmt: skip
        check(held.most == at_once, "never more at once", held.most)
        until(serve.idle, "nothing stays behind")
        check(serve.stop() == 0, "the end", serve.said())


def test_patience_in_the_queue(folder):
    """Who waits for a turn that does not come is told in time."""
    held = Held()
    with serving(
        *common(folder), "--jobs", "1", "--allow-target", f"127.0.0.1:{held.port}"
    ) as serve:
        path = f"/probe?target=smtp://127.0.0.1:{held.port}"
        first = send_all(serve, path, 1)
        until(lambda: held.here == 1, "one has its turn")
        status, header, body = serve.ask(
            path, X_Prometheus_Scrape_Timeout_Seconds="0.5"
        )
        check(status == 503 and "turn" in body, "another has not", (status, body))
        check(header["Retry-After"] == "1", "and may come again", header)
        held.go.set()
        check(whole(read_all(first)[0]) == 200, "the first is answered")
        check(serve.stop() == 0, "the end")


def test_slow_clients(serve):
    """More half requests than there are connections: a whole one gets through."""
    limit = min(1000, int(serve.figure("process_max_fds") / 2))
    if too_few(limit + 200, "slow clients"):
        return
    slow = []
    for i in range(limit + 100):
        s = serve.connect()
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: "[: 5 + i % 35])
        slow.append(s)
        if i % 50 == 0:
            check(serve.ask("/healthz")[0] == 200, f"beside {i} slow clients")
    check(serve.ask("/metrics")[0] == 200, "beside all of them")
    n = serve.figure("mailsonde_http_connections")
    check(n <= limit + 64, "no more than there may be", n)
    # The newest may still go on.
    slow[-1].close()
    s = serve.connect()
    s.sendall(b"GET /heal")
    time.sleep(0.05)
    s.sendall(b"thz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    check(whole(read_all([s])[0]) == 200, "who is only slow is answered")
    for s in slow:
        s.close()
    until(serve.idle, "they are gone")


def test_patience(folder):
    """Who sends an octet now and then is cut off nevertheless."""
    with serving(*common(folder)) as serve:
        others = [serve.connect() for _ in range(3)]
        for other, octets in zip(others, (b"\0" * 4000, b"\r\n" * 4000, b"")):
            other.sendall(octets)
        s = serve.connect()
        s.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        end = time.monotonic() + WAIT
        closed = False
        while not closed and time.monotonic() < end:
            try:
                s.sendall(b"y")
                s.settimeout(0.2)
                closed = s.recv(1) == b""
            except socket.timeout:
                pass
            except OSError:
                closed = True
        check(closed, "a request that does not end")
        check(read_all(others) == [b""] * 3, "and those who say nothing")
        check(serve.ask("/healthz")[0] == 200, "others do not notice")


def test_broken_clients(serve, ports):
    """Clients that go away, before the answer, while it is made, in its midst."""
    path = f"/probe?target=smtp://127.0.0.1:{ports['smtp']}&format=json"
    abort = struct.pack("ii", 1, 0)
    for i in range(120):
        s = serve.connect()
        s.sendall(request(path)[: None if i % 3 else 10 + i % 30])
        if i % 4 == 0:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abort)
        if i % 3 and i % 5 == 0:
            s.recv(10)
        s.close()
    for s in send_all(serve, path, 100):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abort)
        s.close()
    check(serve.ask(path)[0] == 200, "others are answered")
    until(serve.idle, "nothing stays behind")


# ---- the end ----


def test_term(folder):
    held = Held()
    with serving(
        *common(folder), "--allow-target", f"127.0.0.1:{held.port}"
    ) as serve:
        path = f"/probe?target=smtp://127.0.0.1:{held.port}"
        kept = http.client.HTTPConnection("127.0.0.1", serve.port, timeout=WAIT)
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        sockets = send_all(serve, path, 20)
        until(lambda: held.here == 20, "they run")
        serve.process.send_signal(signal.SIGTERM)
        until(lambda: "requests under way: 20" in serve.said(), "it stops")
        try:
            serve.connect().close()
            check(False, "no new connection")
        except ConnectionRefusedError:
            check(True, "no new connection")
        kept.request("GET", path)
        check(kept.getresponse().status == 503, "no new work")
        kept.close()
        check(serve.process.poll() is None, "it waits for what runs")
        held.go.set()
        codes = [whole(a) for a in read_all(sockets)]
        check(codes == [200] * 20, "all that ran is answered", codes)
        check(serve.process.wait(WAIT) == 0, "with status 0", serve.said())


def test_term_twice(folder):
    held = Held()
    with serving(
        *common(folder), "--allow-target", f"127.0.0.1:{held.port}"
    ) as serve:
        sockets = send_all(serve, f"/probe?target=smtp://127.0.0.1:{held.port}", 1)
        until(lambda: held.here == 1, "one runs")
        serve.process.send_signal(signal.SIGINT)
        until(lambda: "stops" in serve.said(), "it stops")
        serve.process.send_signal(signal.SIGTERM)
        check(serve.process.wait(WAIT) == 128 + 15, "and ends at once")
        sockets[0].close()
        held.go.set()


def test_start():
    with serving() as serve:
        check("--allow-target" in serve.said(), "it says what is missing", serve.said())
        for path in "/probe?target=smtp://mx.example.org", "/domain?name=example.org":
            check(serve.ask(path)[0] == 403, f"{path}: nothing is allowed")
        done = subprocess.run(
            [PROGRAM, "serve", "--listen", f"127.0.0.1:{serve.port}"],
            capture_output=True, text=True, check=False, timeout=WAIT,
        )  # fmt: skip
        check(done.returncode == 66 and "in use" in done.stderr, "taken", done.stderr)
        serve.process.send_signal(signal.SIGINT)
        check(serve.process.wait(WAIT) == 0, "SIGINT too")
    for value in "a", "127.0.0.1:", "127.0.0.1:65536", "[::1", "[::1]9", ":80", "":
        done = subprocess.run(
            [PROGRAM, "serve", "--listen", value],
            capture_output=True, text=True, check=False, timeout=WAIT,
        )  # fmt: skip
        check(done.returncode == 64, f"--listen {value!r}", done.stderr)


def test_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as s:
            port = s.getsockname()[1]
    except OSError:
        counts["skipped"] += 1
        print("SKIPPED: serve: there is no ::1")
        return
    process = subprocess.Popen(
        [PROGRAM, "serve", "-q", "--listen", f"[::1]:{port}"],
        stderr=subprocess.DEVNULL,
    )

    def answers():
        connection = http.client.HTTPConnection("::1", port, timeout=WAIT)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().read() == b"ok\n"
            except OSError:
                return False

    try:
        until(answers, "IPv6")
        process.send_signal(signal.SIGTERM)
        check(process.wait(WAIT) == 0, "its end")
    finally:
        process.kill()
        process.wait()


def test_log(folder):
    with serving(*common(folder), "-v") as serve:
        serve.ask("/probe?target=smtp://%1b[31m%0d%0aforged")
        serve.ask("/%1b]0;title%07")
        until(serve.idle, "both are over")
        said = serve.said()
        check("<0x1B>" in said and "\x1b" not in said, "the log is escaped", said)
        check("\nforged" not in said, "a request is a line", said)
        check(serve.stop() == 0, "the end")


ZONE = """\
$ORIGIN harbour.example.
@ 300 SOA ns1 hostmaster 1 3600 600 86400 300
@ 300 NS ns1
@ 300 MX 10 mx
@ 300 TXT "v=spf1 mx -all"
_dmarc 300 TXT "v=DMARC1; p=reject"
ns1 300 A 192.0.2.53
mx 300 A 192.0.2.25
in 300 A 10.1.2.3
"""


def common(folder, dns_timeout="0.1"):
    return (
        "--ca-file", f"{folder}/ca.pem", "--zone", f"{folder}/zone",
        "--resolver", f"127.0.0.1@{SILENT.getsockname()[1]}",
        "--dns-timeout", dns_timeout, "--allow-net", "127.0.0.0/8",
    )  # fmt: skip


# A name server that never answers.
SILENT = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
SILENT.bind(("127.0.0.1", 0))


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    schema = json.loads(subprocess.check_output([PROGRAM, "schema"]))
    with mail_servers() as (ports, folder):
        with open(f"{folder}/zone", "w", encoding="ascii") as file:
            file.write(ZONE)
        allowed = [f"127.0.0.1:{port}" for port in ports.values()]
        allowed += ["*.harbour.example", "harbour.example", "10.0.0.0/8"]
        patience = threading.Thread(target=test_patience, args=(folder,))
        patience.start()
        options = [w for a in allowed for w in ("--allow-target", a)]
        with serving(*common(folder), *options, "--timeout", "20") as serve:
            test_pages(serve)
            test_figures_of_its_own(serve)
            test_refusals(serve, ports["smtp"])
            test_hostile_text(serve)
            test_results(serve, ports, schema)
            test_names(serve, schema)
            until(serve.idle, "nothing runs")
            before = serve.figure("process_open_fds")
            test_slow_clients(serve)
            test_broken_clients(serve, ports)
            until(
                lambda: serve.figure("process_open_fds") <= before + 2,
                "no descriptor is lost",
            )
            check(serve.stop() == 0, "the end", serve.said())
        test_many(folder)
        test_patience_in_the_queue(folder)
        test_deadline(folder, ports)
        test_term(folder)
        test_term_twice(folder)
        test_log(folder)
        patience.join()
    test_start()
    test_ipv6()
    print("run_serve: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))


main()
