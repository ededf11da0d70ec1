# SPDX-License-Identifier: ISC
"""scrape.py - a Prometheus that scrapes mailsonde serve

scrape.py PROGRAM; run at the root of the tree. The configuration is that of
samples/monitoring, with intervals of a second and other ports; the servers that
it names are on loopback, by --connect-to. Prints what is not as it should be,
and ends with 1 where something is not.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

PROGRAM = os.path.abspath(sys.argv[1])
WAIT = 60
failed = 0

ZONE = """\
$ORIGIN example.org.
@ 300 SOA ns1 hostmaster 1 3600 600 86400 300
@ 300 NS ns1
@ 300 MX 10 mx
@ 300 TXT "v=spf1 mx -all"
_dmarc 300 TXT "v=DMARC1; p=reject"
ns1 300 A 192.0.2.53
mx 300 A 192.0.2.25
smtp 300 A 192.0.2.26
imap 300 A 192.0.2.27
_25._tcp.mx 300 TXT "no TLSA"
"""


def check(good, what, seen=""):
    global failed
    if not good:
        failed += 1
        print(f"FAILED: scrape: {what}: {str(seen)[:800]}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(condition):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


class Prometheus:
    def __init__(self, folder, serve_port):
        self.port = free_port()
        with open("samples/monitoring/prometheus.yml", encoding="utf-8") as file:
            text = file.read().replace("127.0.0.1:9925", f"127.0.0.1:{serve_port}")
        text = re.sub(r"scrape_(interval|timeout): \S+", r"scrape_\1: 2s", text)
        text = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n" + text
        with open(f"{folder}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write(text)
        shutil.copy("samples/monitoring/rules.yml", folder)
        self.log = open(f"{folder}/log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def ask(self, query):
        """{instance: value}"""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?"
        url += urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(url, timeout=WAIT) as answer:
            result = json.load(answer)["data"]["result"]
        return {r["metric"].get("instance"): float(r["value"][1]) for r in result}


def check_pages(serve_port):
    """promtool reads each page without a remark."""
    for path in "/metrics", "/probe?target=smtp://mx.example.org", (
        "/domain?name=example.org"
    ):
        url = f"http://127.0.0.1:{serve_port}{path}"
        with urllib.request.urlopen(url, timeout=WAIT) as answer:
            done = subprocess.run(
                ["promtool", "check", "metrics"], input=answer.read(),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        check(done.returncode == 0 and not done.stdout, path, done.stdout)


def look(prometheus, serve_port):
    servers = ["smtp://mx.example.org", "submissions://smtp.example.org",
               "imaps://imap.example.org"]  # fmt: skip
    targets = {*servers, "example.org", f"127.0.0.1:{serve_port}"}
    check(
        until(lambda: set(prometheus.ask("up")) == targets
              and set(prometheus.ask("count_over_time(up[1m]) > 4")) == targets),
        "each target is scraped", prometheus.ask("up"),
    )  # fmt: skip
    for query, wanted in [
        ("min_over_time(up[1m])", dict.fromkeys(targets, 1)),
        ('mailsonde_up{protocol!=""}', dict.fromkeys(servers, 1)),
        ('probe_success{job="mail-servers"}', dict.fromkeys(servers, 1)),
        ("mailsonde_tls_verified", dict.fromkeys(servers, 0)),
        ("mailsonde_build_info", {f"127.0.0.1:{serve_port}": 1}),
    ]:
        got = prometheus.ask(query)
        if query == "mailsonde_tls_verified":
            check(set(got) == set(servers), query, got)
        else:
            check(got == wanted, query, got)
    days = prometheus.ask("(mailsonde_tls_not_after_timestamp_seconds-time())/86400")
    check(all(3000 < d < 3601 for d in days.values()) and days, "certificates", days)
    checks = prometheus.ask("sum by (instance) (mailsonde_domain_checks)")
    check(checks.get("example.org", 0) > 10, "the checks of a domain", checks)
    counted = prometheus.ask(
        'sum by (instance) (mailsonde_http_requests_total{code="200"})'
    )
    check(list(counted.values())[0] > 15, "they are counted", counted)
    bad = prometheus.ask('sum(mailsonde_http_requests_total{code!="200"}) or vector(0)')
    check(bad == {None: 0}, "none was refused", bad)


def main():
    with tempfile.TemporaryDirectory() as folder:
        mail = subprocess.Popen(
            [sys.executable, "-B", "tests/cli/mail_server.py", folder]
        )
        check(until(lambda: os.path.exists(f"{folder}/ports")), "mail servers")
        with open(f"{folder}/ports", encoding="ascii") as file:
            ports = dict(line.split() for line in file)
        with open(f"{folder}/zone", "w", encoding="ascii") as file:
            file.write(ZONE)
        port = free_port()
        to = [("mx", 25, "smtp"), ("smtp", 465, "submissions"), ("imap", 993, "imaps")]
        serve = subprocess.Popen(
            [PROGRAM, "serve", "-q", "--listen", f"127.0.0.1:{port}",
             "--allow-target", "example.org", "--allow-target", "*.example.org",
             "--zone", f"{folder}/zone", "--resolver", "127.0.0.1@9",
             "--dns-timeout", "0.1", "--ca-file", f"{folder}/ca.pem",
             "--fail-on", "never",
             *(w for host, at, name in to for w in (
                 "--connect-to",
                 f"{host}.example.org:{at}:127.0.0.1:{ports.get(name)}"))],
        )  # fmt: skip
        prometheus = Prometheus(folder, port)
        try:
            look(prometheus, port)
            check_pages(port)
            serve.send_signal(signal.SIGTERM)
            check(serve.wait(WAIT) == 0, "the end")
            check(
                until(lambda: set(prometheus.ask("up").values()) == {0}),
                "Prometheus notices", prometheus.ask("up"),
            )  # fmt: skip
        finally:
            for process in serve, prometheus.process, mail:
                process.kill()
                process.wait()
    sys.exit(failed > 0)


main()
