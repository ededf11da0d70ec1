#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# domain_lab.py - mailsonde domain against real servers: a signed lab
#
# domain_lab.py DIRECTORY PROGRAM SOURCE-DIRECTORY [RECORD]; in the namespaces
# that lab.sh makes, as their PID 1. Makes the zones of the file "domains",
# serves them (nsd, unbound over a root of its own), and asserts what is found
# in each, and that nothing else is. With RECORD the evidence is kept there.
#
#   203.0.113.1     the root, and nothing else
#   192.0.2.53, 198.51.100.53, 192.0.2.54   all domains
#   198.51.100.54   those with "! other": other serials, other NS records
#   198.51.100.60   never answers
#   198.51.100.61 to .63   as .53, but SERVFAIL; without AA; with RA
#   192.0.2.80      HTTPS: the policies of MTA-STS
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE + "/../cli/domain/lab", HERE + "/../fetch"]
import evidence  # noqa: E402
import lab as https  # noqa: E402

WORK, PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:4])
RECORD = os.path.abspath(sys.argv[4]) if len(sys.argv) > 4 else None
MAIN = ("192.0.2.53", "198.51.100.53", "192.0.2.54")
ROOT, OTHER, MUTE = "203.0.113.1", "198.51.100.54", "198.51.100.60"

PERFECT = """\
@ SOA ns1 hostmaster 2026010101 7200 3600 1209600 300
@ NS ns1
@ NS ns2
ns1 A 192.0.2.53
ns2 A 198.51.100.53
@ MX 10 mx1
@ MX 20 mx2
mx1 A 192.0.2.25
mx1 AAAA 2001:db8::25
mx2 A 198.51.100.26
@ TXT "v=spf1 mx -all"
s1._domainkey TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw259rU7nJ8ise/01ts2BXQNL7zw0DCJ2wwZOKwWzTJVnjWjinnBJ0ru9EsBAZvw2wC+mrwjbHjeCT22/jTbz9LeKmaGGgFvnmTsZpjeJ0prlG4zIgW2F86GKZKgvCF8faL9Mb16+W1SQTDEx1komZB6SzGbSetNheVEd//4kax1gEIRkbsr0VK4OhEGYcZeqT" "VnXQ9ZgTXTlcFr8/gcIt8SN2BkT0BkOFWCfy709PM3AUh1M0LC/2GwfMtEc2ovT8PHbNkhE1ZSryRTL0ofuXJ1KRUHgb0bjpBdFWMNAabMEpxIprOK8qoE2u1WZgUXFCmZrRc7QJWROf9nYsKKuuQIDAQAB"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{name}.test"
_mta-sts TXT "v=STSv1; id=20260101T000000"
mta-sts A 192.0.2.80
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@{name}.test"
_25._tcp.mx1 TLSA 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
_25._tcp.mx2 TLSA 3 1 1 11bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b92
default._bimi TXT "v=BIMI1; l=; a="
@ CAA 0 issue "ca.test"
@ CAA 0 issuemail ";"
_submissions._tcp SRV 0 1 465 mx1
_imaps._tcp SRV 0 1 993 mx1
autoconfig A 192.0.2.80
"""

POLICY = "version: STSv1|mode: enforce|mx: *.{name}.test|max_age: 604800"

# Zones beside the domains, unsigned.
BESIDE = {
    "2.0.192.in-addr.arpa": "25 PTR mx1.perfect.test.\n26 PTR mx3.mx-near.test.\n",
    "100.51.198.in-addr.arpa": "26 PTR mx2.perfect.test.\n"
    "28 PTR mx1.perfect.test.\n29 PTR mx2.bl-address.test.\n",
    "8.b.d.0.1.0.0.2.ip6.arpa": "5.2" + ".0" * 22 + " PTR mx1.perfect.test.\n",
    "zen.spamhaus.org": "2.0.0.127 A 127.0.0.2\n29.100.51.198 A 127.0.0.4\n"
    '29.100.51.198 TXT "https://www.spamhaus.org/query/ip/198.51.100.29"\n',
    "bl.spamcop.net": "2.0.0.127 A 127.0.0.2\n",
    "b.barracudacentral.org": "2.0.0.127 A 127.0.0.2\n",
    "psbl.surriel.com": "",
    "dbl.spamhaus.org": "dbltest.com A 127.0.1.2\nbl-name.test A 127.0.1.2\n",
    "multi.surbl.org": "test.surbl.org A 127.0.0.126\n",
    "multi.uribl.com": "* A 127.0.0.1\n",
}
BESIDE_HEAD = "@ SOA ns1.perfect.test. h.perfect.test. 1 7200 3600 1209600 300\n"
BESIDE_NS = "@ NS ns1.perfect.test.\n@ NS ns2.perfect.test.\n"
# "dnsbl" could not be told of those two lists, wherever one asks.
OPTIONS = (
    "--at {now} --active --reputation --selector s1"
    " --allow-net 192.0.2.0/24 --allow-net 198.51.100.0/24"
    " --allow-net 203.0.113.0/24 --allow-net 2001:db8::/32"
    " --resolver 127.0.0.1 --dns-timeout 10 --ca-file ca.pem"
)


def run(*words, **more):
    return subprocess.run(words, cwd=WORK, check=True, capture_output=True, text=True, **more).stdout


def path(name):
    return os.path.join(WORK, name)


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)


def give_up(text):
    print(text, file=sys.stderr)
    for name in os.listdir(WORK):
        if name.endswith(".log"):
            with open(path(name), encoding="utf-8", errors="replace") as file:
                print(name, file.read()[-3000:], file=sys.stderr)
    print("lab-domain: 0 passed, 1 failed, 0 skipped")
    sys.exit(1)


# ---- what is wanted ----


def read_table(path):
    """[(name, {wanted}, [changes])]"""
    table = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("\t"):
                table[-1][2].append(line.strip())
            elif line and not line.startswith("#"):
                name, *wanted = line.split()
                table.append((name, set(wanted), []))
    return table


def wrong(table, results):
    """A line for each domain where anything else was found."""
    bad = []
    found = {r["subject"]["name"]: set(evidence.found(r)) for r in results}
    for name, wanted, _ in table:
        got = found.get(name + ".test", {"no result"})
        if "error?" in wanted:
            wanted, got = wanted - {"error?"}, got - {"error"}
        if got != wanted:
            bad.append(
                f"{name}: missed {sorted(wanted - got)}, "
                f"not wanted {sorted(got - wanted)}"
            )
    return bad


# ---- zones ----


def apply(name, lines):
    """The records of a domain, and its "!" words: {word: [arguments…]}."""
    records = PERFECT.format(name=name).splitlines()
    words = {}
    for line in lines:
        if line.startswith("- "):
            owner, kind = line[2:].split()
            records = [r for r in records if r.split()[:2] != [owner, kind]]
        elif line.startswith("! "):
            word, *arguments = line[2:].split()
            words.setdefault(word, []).append(arguments)
        else:
            records.append(line)
    return records, words


def zone_text(name, records):
    return f"$ORIGIN {name}.\n$TTL 300\n" + "".join(r + "\n" for r in records)


def absolute(host, zone):
    return host if host.endswith(".") else f"{host}.{zone}."


def sign(zone, words, key):
    """Signs the file of a zone; what the zone above is to say."""
    if "unsigned" in words or "stripped" in words:
        shutil.copy(path(zone), path(zone + ".signed"))
    else:
        options = []
        if "dates" in words:
            start, end = words["dates"][0]
            options = ["-i", start, "-e", end]
        if "soon" in words:
            days = [time.time() + 86400 * d for d in (-29, 1)]
            days = [time.strftime("%Y%m%d%H%M%S", time.gmtime(d)) for d in days]
            options = ["-i", days[0], "-e", days[1]]
        run("ldns-signzone", *options, zone, key)
    if "corrupt" in words:
        corrupt(zone, words["corrupt"][0][0])
    if "unsigned" in words or "no-ds" in words:
        return ""
    with open(path(key + ".ds"), encoding="utf-8") as file:
        ds = file.read()
    if "wrong-ds" in words:
        ds = re.sub(r"DS\s+(\d+)", lambda m: f"DS {(int(m[1]) + 1) % 65536}", ds)
    return ds


def corrupt(zone, kind):
    """One letter of one signature."""
    with open(path(zone + ".signed"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for i, line in enumerate(lines):
        fields = line.split()
        if len(fields) > 5 and fields[3] == "RRSIG" and fields[4] == kind:
            old = fields[-1]
            new = old[:9] + ("B" if old[9] == "A" else "A") + old[10:]
            lines[i] = line.replace(old, new)
    write(zone + ".signed", "\n".join(lines) + "\n")


def delegate(zone, records, words):
    """NS and glue in the zone above."""
    names = words["parent"][0] if "parent" in words else ["ns1", "ns2"]
    glue = {(r.split()[0], r.split()[2]) for r in records if r.split()[1] == "A"}
    for host, *addresses in words.get("glue", []):
        glue = {g for g in glue if g[0] != host} | {(host, a) for a in addresses}
    lines = [f"{zone}. NS {absolute(n, zone)}" for n in names]
    lines += [f"{absolute(h, zone)} A {a}" for h, a in sorted(glue) if h in names]
    return "".join(line + "\n" for line in lines)


def make_domain(name, lines, served, root):
    zone = name + ".test"
    records, words = apply(name, lines)
    write(zone, zone_text(zone, records))
    if "orphan" not in words:
        root.append(delegate(zone, records, words))
    key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone).strip()
    policy = " ".join(words["policy"][0]) if "policy" in words else POLICY.format(name=name)
    if policy:
        document = {"body": (policy.replace("|", "\r\n") + "\r\n").encode()}
        served["documents"]["mta-sts." + zone, "/.well-known/mta-sts.txt"] = document
    if "nowhere" not in words:
        root.append(sign(zone, words, key))
        served["main"].append((zone, zone + ".signed", "transfer" in words))
    if "other" in words:
        serial, *servers = words["other"][0]
        other = [r.replace("2026010101", serial) for r in records]
        if servers:
            other = [r for r in other if r.split()[:2] != ["@", "NS"]]
            other += [f"@ NS {s}" for s in servers]
        write("other-" + zone, zone_text(zone, other))
        run("ldns-signzone", "-f", "other-" + zone + ".signed", "other-" + zone, key)
        served["other"].append((zone, "other-" + zone + ".signed", False))


def make_zones(table):
    served = {"root": [(".", "root.signed", False)], "main": [], "other": []}
    served["documents"] = {}
    root = [
        "$ORIGIN .\n$TTL 300\n@ SOA ns1.perfect.test. h.perfect.test. 1 7200 3600 1209600 300\n",
        "@ NS a.root-servers.net.\na.root-servers.net. A 203.0.113.1\n",
    ]
    for name, _, lines in table:
        make_domain(name, lines, served, root)
    for zone, text in BESIDE.items():
        write(zone, f"$ORIGIN {zone}.\n$TTL 300\n" + BESIDE_HEAD + BESIDE_NS + text)
        root.append(f"{zone}. NS ns1.perfect.test.\n{zone}. NS ns2.perfect.test.\n")
        served["main"].append((zone, zone, False))
    write("root", "".join(root))
    key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ".").strip()
    run("ldns-signzone", "root", key)
    shutil.copy(path(key + ".key"), path("root.key"))
    return served


# ---- servers ----


def start(name, *words):
    with open(path(name + ".log"), "w", encoding="utf-8") as log:
        subprocess.Popen(words, cwd=WORK, stdout=log, stderr=log)


def nsd(name, addresses, zones):
    folder = path("nsd-" + name)
    os.mkdir(folder)
    text = "server:\n" + "".join(f"  ip-address: {a}\n" for a in addresses)
    text += f"""\
  username: ""
  chroot: ""
  zonesdir: "{WORK}"
  database: ""
  xfrdir: "{folder}"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  pidfile: "{folder}/nsd.pid"
  logfile: "{WORK}/nsd-{name}.log"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
    for zone, file, open_to_all in zones:
        text += f'zone:\n  name: "{zone}"\n  zonefile: "{file}"\n'
        if open_to_all:
            text += "  provide-xfr: 0.0.0.0/0 NOKEY\n"
    write(f"nsd-{name}.conf", text)
    start("nsd-" + name, "nsd", "-d", "-c", f"nsd-{name}.conf")


def unbound():
    write("root.hints", f". 3600 NS a.root-servers.net.\na.root-servers.net. 3600 A {ROOT}\n")
    zones = ["test."] + [z + "." for z in BESIDE if z.endswith(".arpa")]
    local = "".join(f'  local-zone: "{z}" nodefault\n' for z in zones)
    write(
        "unbound.conf",
        f"""\
server:
  interface: 127.0.0.1
  chroot: ""
  directory: "{WORK}"
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{WORK}/unbound.log"
  root-hints: "{WORK}/root.hints"
  trust-anchor-file: "{WORK}/root.key"
  ede: yes
  infra-cache-max-rtt: 1000
  outbound-msg-retry: 2
  discard-timeout: 60000
  domain-insecure: "ns-orphan.test."
{local}
stub-zone:
  name: "ns-orphan.test."
  stub-addr: {MAIN[0]}
""",
    )
    start("unbound", "unbound", "-d", "-c", "unbound.conf")


def twisted():
    """In a process of its own: servers as the main one, each with a fault."""
    if os.fork() != 0:
        return
    twists = {MUTE: None, "198.51.100.61": (5, 0, 2), "198.51.100.62": (2, ~4, 0),
              "198.51.100.63": (3, ~0, 0x80)}
    wait = selectors.DefaultSelector()
    for address, twist in twists.items():
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((address, 53))
        wait.register(one, selectors.EVENT_READ, twist)
    while True:
        for key, _ in wait.select():
            query, asker = key.fileobj.recvfrom(4096)
            if key.data is None:
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
                ask.settimeout(2)
                ask.sendto(query, (MAIN[1], 53))
                reply = bytearray(ask.recv(65535))
            at, mask, bits = key.data
            if at == 5:  # SERVFAIL, and nothing but the question
                reply = bytearray(query)
                reply[2] |= 0x80
                reply[3] = 2
            else:
                reply[at] = reply[at] & mask & 0xFF | bits
            key.fileobj.sendto(reply, asker)


class Documents:
    """What the server of tests/fetch wants to know."""

    def __init__(self, served, names):
        authority = https.Authority(WORK)
        hosts = [f"mta-sts.{name}.test" for name in names]
        self.documents, self.seen = served, []
        self.contexts = {"": authority.context(*authority.issue("web", hosts))}
        server = https.Server(("192.0.2.80", 443), https.Handler)
        server.lab = self
        threading.Thread(target=server.serve_forever, daemon=True).start()


def wait_for(what, *words):
    for _ in range(100):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout:
            return
        time.sleep(0.1)
    give_up(f"{what} does not start")


def set_up(table):
    run("ip", "link", "set", "lo", "up")
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"):
        run("ip", "route", "add", "local", net, "dev", "lo")
    run("mount", "--make-rprivate", "/")
    served = make_zones(table)
    run("mount", "--bind", path("root.key"), "/usr/share/dns/root.key")
    nsd("root", [ROOT], served["root"])
    nsd("main", MAIN, served["main"])
    nsd("other", [OTHER], served["other"])
    twisted()
    Documents(served["documents"], [name for name, _, _ in table])
    unbound()
    ask = os.path.join(os.path.dirname(PROGRAM), "tests/lab/ask")
    wait_for("nsd", ask, "-t", "2", "-r", MAIN[0], "perfect.test", "SOA")
    wait_for("unbound", ask, "-t", "5", "-r", "127.0.0.1", "perfect.test", "SOA")


# ---- the run ----


def main():
    table = read_table(os.path.join(SOURCE, "domains"))
    try:
        set_up(table)
    except subprocess.CalledProcessError as error:
        give_up(f"{' '.join(error.cmd)}: {error.stderr}")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    names = "".join(f"{name}.test\n" for name, _, _ in table)
    record = path("evidence")
    done = subprocess.run(
        [PROGRAM, "domain", *OPTIONS.format(now=now).split(), "--record", record]
        + ["-f", "ndjson", "-"],
        input=names, capture_output=True, text=True, check=False, cwd=WORK,
    )
    if done.stderr:
        print(done.stderr, file=sys.stderr)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    bad = wrong(table, results)
    for text in bad:
        print(f"FAILED: lab: {text}")
    if RECORD and not bad:
        shutil.copy(record, RECORD)
    print(f"lab-domain: {len(table) - len(bad)} passed, {len(bad)} failed, 0 skipped")
    return len(bad) > 0


if __name__ == "__main__":
    sys.exit(main())
