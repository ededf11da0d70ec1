# SPDX-License-Identifier: ISC
# tls.py - servers on loopback with certificates good and bad, probed, judged,
# and judged again from the record, also where that was altered to hold what no
# server here can show
#
# tls.py PROGRAM; prints "tls: N passed, N failed, N skipped".
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, "../fetch")
import lab as labs  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.abspath(sys.argv[1])
DAY = 86400
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: tls: {text}")


# ---- certificates ----

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Certificates:
    """By name, each its own key; all files in `folder`."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name, kind="pem"):
        return f"{self.folder}/{name}.{kind}"

    def make(self, name, issuer, lines, key=EC, days=60, digest="sha256"):
        request, extensions = self.path(name, "csr"), self.path(name, "ext")
        labs.openssl(
            *("req", *key, "-nodes", "-keyout", self.path(name, "key")),
            *("-out", request, "-subj", f"/O=Harbour/CN={name}"),
        )
        with open(extensions, "w", encoding="ascii") as f:
            f.write("\n".join(["subjectKeyIdentifier=hash", *lines, ""]))
        by = ("-signkey", self.path(name, "key"))
        if issuer:
            by = ("-CA", self.path(issuer), "-CAkey", self.path(issuer, "key"))
            by += ("-CAcreateserial",)
        labs.openssl(
            *("x509", "-req", "-in", request, *by, f"-{digest}"),
            *("-days", str(days), "-extfile", extensions),
            *("-out", self.path(name)),
        )

    def text(self, name):
        with open(self.path(name), encoding="ascii") as f:
            return f.read()

    def der(self, name):
        return ssl.PEM_cert_to_DER_cert(self.text(name))

    def spki(self, name):
        """The SHA-256 of its key."""
        pem = subprocess.run(
            ["openssl", "x509", "-in", self.path(name), "-noout", "-pubkey"],
            check=True,
            capture_output=True,
        ).stdout
        body = b"".join(pem.splitlines()[1:-1])
        return hashlib.sha256(base64.b64decode(body)).hexdigest()

    def staple(self, name, revoked=False, days=7):
        """An OCSP response of its issuer, "middle"."""
        serial = subprocess.run(
            ["openssl", "x509", "-in", self.path(name), "-noout", "-serial"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip().split("=")[1]
        state = "R\t401231000000Z\t260101000000Z,keyCompromise" if revoked else (
            "V\t401231000000Z\t"
        )
        with open(self.path(name, "index"), "w", encoding="ascii") as f:
            f.write(f"{state}\t{serial}\tunknown\t/CN={name}\n")
        labs.openssl(
            *("ocsp", "-index", self.path(name, "index"), "-CA", self.path("middle")),
            *("-rsigner", self.path("middle"), "-rkey", self.path("middle", "key")),
            *("-issuer", self.path("middle"), "-cert", self.path(name)),
            *("-ndays", str(days), "-respout", self.path(name, "ocsp")),
        )
        with open(self.path(name, "ocsp"), "rb") as f:
            return f.read()


def make_certificates(folder):
    out = Certificates(folder)
    ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,digitalSignature"]
    server = ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth"]
    aia = "authorityInfoAccess=caIssuers;URI:http://ca.example/middle.der"

    def names(*hosts):
        return "subjectAltName=" + ",".join(f"DNS:{h}" for h in hosts)

    mine = names("*.harbour.example")
    out.make("root", None, ca, days=4000)
    out.make("middle", "root", ca, days=4000)
    out.make("good", "middle", [*server, mine, aia])
    out.make("other", "middle", [*server, names("mail.elsewhere.example")])
    out.make("self", None, [*server, mine])
    out.make("stranger-ca", None, ca)
    out.make("stranger", "stranger-ca", [*server, mine])
    out.make("subject.harbour.example", "middle", server)
    out.make("rsa1024", "middle", [*server, mine], key=("-newkey", "rsa:1024"))
    out.make("rsa", "middle", [*server, mine], key=("-newkey", "rsa:2048"))
    out.make("sha1", "middle", [*server, mine], digest="sha1")
    out.make("client", "middle", [server[0], "extendedKeyUsage=clientAuth", mine])
    out.make("stapler", "middle", [*server, mine, "tlsfeature=status_request"])
    return out


# What each server sends: its own certificate, and what follows it.
CHAINS = {
    "good": "good middle",
    "gap": "good",
    "other": "other middle",
    "self": "self",
    "stranger": "stranger stranger-ca",
    "subject": "subject.harbour.example middle",
    "rsa1024": "rsa1024 middle",
    "sha1": "sha1 middle",
    "client": "client middle",
    "stapler": "stapler middle",
    "order": "good root middle",
    "surplus": "good middle middle root stranger-ca",
    "long": "good middle" + " middle" * 40,
    "require": "good middle",
    "both": "good middle",
    "plain": "",
}


# ---- servers ----


class Server:
    """SMTP with STARTTLS, as `name`.harbour.example."""

    def __init__(self, name, certificates):
        self.name = name
        self.context = None
        chain = CHAINS[name].split()
        if chain:
            path = certificates.path(name, "chain")
            with open(path, "w", encoding="ascii") as f:
                f.write("".join(certificates.text(c) for c in chain))
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
            self.context.load_cert_chain(path, certificates.path(chain[0], "key"))
        if name == "both":
            with open(path, "w", encoding="ascii") as f:
                f.write(certificates.text("rsa") + certificates.text("middle"))
            self.context.load_cert_chain(path, certificates.path("rsa", "key"))
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(
                target=self.serve_one, args=(connection,), daemon=True
            ).start()

    def serve_one(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.talk(connection)
        except (OSError, ValueError):
            pass

    def talk(self, connection):
        host = f"{self.name}.harbour.example"
        secured = False
        lines = connection.makefile("rb", 0)
        connection.sendall(f"220 {host} ESMTP\r\n".encode())
        while line := lines.readline():
            word = line.split()[0].upper()
            if word == b"EHLO":
                said = [host, "PIPELINING", "SIZE 52428800", "8BITMIME"]
                if self.context and not secured:
                    said.append("STARTTLS")
                if self.name == "require" and secured:
                    said.append("REQUIRETLS")
                text = "".join(f"250-{s}\r\n" for s in said)
                connection.sendall(f"{text}250 ENHANCEDSTATUSCODES\r\n".encode())
            elif word == b"STARTTLS":
                connection.sendall(b"220 2.0.0 go\r\n")
                connection = self.context.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb", 0)
                secured = True
            else:
                connection.sendall(b"221 2.0.0 bye\r\n")
                if word == b"QUIT":
                    return


# ---- the program ----


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.certificates = make_certificates(folder)
        self.servers = {n: Server(n, self.certificates) for n in CHAINS}
        pem, key = labs.Authority(folder).issue("web", ["mta-sts.harbour.example"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        self.documents = {}
        self.web = labs.Lab(self.documents, {"": context})
        with open(f"{folder}/trust.pem", "w", encoding="ascii") as out:
            for path in "root.pem", "ca.pem":
                with open(f"{folder}/{path}", encoding="ascii") as f:
                    out.write(f.read())

    def run(self, *words, zone=""):
        with open(f"{self.folder}/zone", "w", encoding="ascii") as f:
            f.write("*.harbour.example. 300 A 127.0.0.1\n" + zone)
        to = [f"{n}.harbour.example::127.0.0.1:{s.port}" for n, s in self.servers.items()]
        to.append(f"mta-sts.harbour.example::127.0.0.1:{self.web.port}")
        options = [w for t in to for w in ("--connect-to", t)]
        return subprocess.run(
            [PROGRAM, *words, *options, "--zone", f"{self.folder}/zone"]
            + ["--ca-file", f"{self.folder}/trust.pem", "--timeout", "10"]
            + ["--resolver", self.web.resolver],
            capture_output=True,
            text=True,
            check=False,
        )

    def keep(self, text):
        with open(f"{self.folder}/all.ndjson", "a", encoding="utf-8") as f:
            f.write(text)

    def replay(self, record, command="probe"):
        return subprocess.run(
            [PROGRAM, command, "-f", "ndjson", "--replay", record],
            capture_output=True,
            text=True,
            check=False,
        )


def summary(result):
    """Findings with the first letter of their severity, and what could not be
    told."""
    found = [f"{f['id']}:{f['severity'][0]}" for f in result["findings"]]
    found += [e["what"] for e in result["errors"]]
    return " ".join(sorted(f for f in found if not f.startswith("smtp-")))


SHORT = {
    "deliver": "D",
    "deliver-unencrypted": "C",
    "defer": "W",
    "refuse": "R",
    "could-not-tell": "U",
    "not-applicable": "-",
}


def senders(result):
    """As in the unit test: opportunistic, PKIX, MTA-STS, DANE, REQUIRETLS."""
    return "".join(SHORT[s["verdict"]] for s in result["server"]["senders"])


def probe(lab, what, target, findings, verdicts, *options, zone="", mx=None):
    """Probes, checks, and judges again from the record; the result."""
    record = f"{lab.folder}/record"
    first = lab.run(
        *("probe", "-f", "ndjson", "--record", record, *options),
        *(["--mx", mx] if mx else [target]),
        zone=zone,
    )
    if not first.stdout:
        check(False, f"{what}: {first.stderr}")
        return None
    result = json.loads(first.stdout.splitlines()[0])
    lab.keep(first.stdout)
    got = summary(result)
    check(got == findings, f"{what}: \"{got}\", wanted \"{findings}\"")
    if verdicts:
        got = senders(result)
        check(got == verdicts, f"{what}: {got}, wanted {verdicts}")
    second = lab.replay(record)
    check(
        second.stdout == first.stdout and second.returncode == first.returncode,
        f"{what}: the replay differs: {second.stderr}",
    )
    return result


def alter(lab, change):
    """The result from the record, after `change` of each of its lines, which
    are sealed anew."""
    with open(f"{lab.folder}/record", encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    seal = ""
    with open(f"{lab.folder}/altered", "w", encoding="utf-8") as f:
        for line in lines:
            del line["hash"]
            change(line)
            body = json.dumps(line, separators=(",", ":"))[:-1]
            seal = hashlib.sha256((seal + body).encode()).hexdigest()
            f.write(f'{body},"hash":"{seal}"}}\n')
    out = lab.replay(f"{lab.folder}/altered")
    lab.keep(out.stdout)
    return json.loads(out.stdout.splitlines()[0]) if out.stdout else None


def altered(lab, what, change, findings, verdicts):
    result = alter(lab, change)
    check(result is not None, f"{what}: no result")
    if result:
        got = summary(result)
        check(got == findings, f"{what}: \"{got}\", wanted \"{findings}\"")
        got = senders(result)
        check(got == verdicts, f"{what}: {got}, wanted {verdicts}")


# ---- certificates, as a mail program and as another server meets them ----

# name: findings of a client's port, of the one between servers, senders
SEEN = {
    "good": ("", "", "DD--R"),
    "gap": ("tls-intermediate-missing:h", "tls-intermediate-missing:l", "DW--R"),
    "other": (
        "tls-certificate-name-mismatch:h",
        "tls-certificate-name-mismatch:l",
        "DW--R",
    ),
    "self": ("tls-certificate-self-signed:h", "tls-certificate-self-signed:l", "DW--R"),
    "stranger": (
        "tls-certificate-untrusted:h tls-chain-unneeded:i",
        "tls-certificate-untrusted:l tls-chain-unneeded:i",
        "DW--R",
    ),
    "subject": (
        "tls-certificate-common-name:m",
        "tls-certificate-common-name:l",
        "DW--R",
    ),
    "rsa1024": ("tls-certificate-weak-key:m", "tls-certificate-weak-key:m", "DD--R"),
    "sha1": (
        "tls-certificate-weak-signature:m",
        "tls-certificate-weak-signature:m",
        "DD--R",
    ),
    "client": ("tls-certificate-usage:h", "tls-certificate-usage:l", "DW--R"),
    "stapler": ("tls-staple-missing:h", "tls-staple-missing:m", "DD--R"),
    "order": (
        "tls-chain-order:l tls-chain-unneeded:i",
        "tls-chain-order:l tls-chain-unneeded:i",
        "DD--R",
    ),
    "surplus": ("tls-chain-unneeded:i", "tls-chain-unneeded:i", "DD--R"),
    "long": (
        "tls-chain-too-long:m tls-chain-unneeded:i",
        "tls-chain-too-long:m tls-chain-unneeded:i",
        "DD--R",
    ),
    "require": ("", "", "DD--R"),
    "plain": ("tls-not-offered:h", "tls-not-offered:m", "CW--R"),
}


def test_certificates(lab):
    for name, (client, server, verdicts) in SEEN.items():
        host = f"{name}.harbour.example"
        probe(lab, f"{name} for clients", f"submission://{host}", client, None)
        probe(lab, name, f"smtp://{host}", server, verdicts)


def test_dates(lab):
    host = "smtp://good.harbour.example"
    out = subprocess.run(
        ["openssl", "x509", "-in", lab.certificates.path("good"), "-noout", "-enddate"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    end = int(ssl.cert_time_to_seconds(out.strip().split("=")[1]))

    def at(seconds):
        stamp = subprocess.run(
            ["date", "-u", "-d", f"@{seconds}", "+%Y-%m-%dT%H:%M:%SZ"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        return "--at", stamp

    probe(lab, "20 days left", host, "", "DD--R", *at(end - 20 * DAY))
    soon = "tls-certificate-expires-soon:l"
    probe(lab, "10 days left", host, soon, "DD--R", *at(end - 10 * DAY))
    over = "tls-certificate-expired:"
    result = probe(lab, "over", host, over + "m", "DW--R", *at(end + DAY + 60))
    check(result and result["server"]["tls"]["days_left"] == -2, "days left of one over")
    client = "submission://good.harbour.example"
    probe(lab, "over, for clients", client, over + "h", None, *at(end + DAY))
    soon = "tls-certificate-expires-soon:m"
    probe(lab, "2 days left", client, soon, None, *at(end - 2 * DAY))
    early = "tls-certificate-not-yet-valid:m"
    probe(lab, "early", host, early, "DW--R", *at(end - 61 * DAY))


# ---- what no server here can show ----


def tls_of(line):
    for event in line.get("events", []):
        if "tls" in event:
            yield event["tls"]


def test_staples(lab):
    target = "smtp://stapler.harbour.example"
    probe(lab, "must staple", target, "tls-staple-missing:m", "DD--R")

    def give(staple):
        def change(line):
            for tls in tls_of(line):
                tls["staple_base64"] = base64.b64encode(staple).decode()

        return change

    staple = lab.certificates.staple
    altered(lab, "a good staple", give(staple("stapler")), "", "DD--R")
    altered(
        lab,
        "a staple that says revoked",
        give(staple("stapler", revoked=True)),
        "tls-certificate-revoked:h",
        "DW--R",
    )
    invalid = "tls-staple-invalid:m"
    other = give(staple("other"))
    altered(lab, "a staple of another", other, invalid, "DD--R")
    altered(lab, "garbage for a staple", give(b"garbage"), invalid, "DD--R")


def test_odd_chains(lab):
    probe(lab, "good", "smtp://good.harbour.example", "", "DD--R")

    def none(line):
        for tls in tls_of(line):
            tls["chain"] = []

    def garbage(line):
        for tls in tls_of(line):
            tls["chain"][0] = {"number": 0, "der_base64": "MAMCAQE="}

    altered(lab, "no certificate", none, "tls-certificate-missing:m", "DW--R")
    altered(lab, "garbage", garbage, "tls-certificate-unreadable:m", "DW--R")


# ---- DANE ----


def test_dane(lab):
    key = lab.certificates.spki("good")
    own = hashlib.sha256(lab.certificates.der("good")).hexdigest()
    other = lab.certificates.spki("other")
    middle = lab.certificates.spki("middle")
    target = "smtp://good.harbour.example"
    owner = "_25._tcp.good.harbour.example. 300 TLSA"
    base = "good.harbour.example. 300 A 127.0.0.1\n"

    def security(word):
        def change(line):
            if line.get("type") == "dns" and line.get("security"):
                line["security"] = word

        return change

    # what is published, findings as the zone is (nobody validates), where it
    # is signed, verdicts there
    cases = [
        ([f"3 1 1 {key}"], "", "", "DD-DR"),
        ([f"3 1 1 {key}", f"3 1 1 {other}"], "", "", "DD-DR"),
        ([f"2 1 1 {middle}"], "", "", "DD-DR"),
        ([f"3 0 1 {own}"], "dane-brittle:l", "dane-brittle:l", "DD-DR"),
        ([f"3 1 1 {other}"], "dane-mismatch:m", "dane-mismatch:h", "DD-WR"),
        ([f"1 1 1 {key}"], "dane-unusable:m", "dane-unusable:m", "DD-DR"),
    ]
    for records, unsigned, signed, verdicts in cases:
        zone = base + "".join(f"{owner} {r}\n" for r in records)
        what = f"TLSA {records[0][:5]} of {len(records)}"
        probe(lab, what, target, unsigned, "DD-UR", zone=zone)
        altered(lab, f"{what}, signed", security("secure"), signed, verdicts)
        if unsigned:
            continue
        altered(lab, f"{what}, not signed", security("insecure"), "", "DD--R")
    probe(
        lab,
        "TLSA fails",
        target,
        "dns",
        "DD-WR",
        zone=base + ";; servfail _25._tcp.good.harbour.example TLSA\n",
    )


def test_both(lab):
    """A certificate of each kind of key, each with its TLSA record."""
    ecdsa, rsa = lab.certificates.spki("good"), lab.certificates.spki("rsa")
    owner = "_25._tcp.both.harbour.example. 300 TLSA 3 1 1"
    base = "both.harbour.example. 300 A 127.0.0.1\n"

    def look(what, zone):
        record = f"{lab.folder}/record"
        words = ("probe", "-f", "ndjson", "--tls-scan", "--record", record)
        first = lab.run(*words, "smtp://both.harbour.example", zone=base + zone)
        result = json.loads(first.stdout)
        lab.keep(first.stdout)
        other = result["server"]["tls"].get("other")
        check(other and other["verified"], f"both, {what}: {other}")
        kinds = {result["server"]["tls"]["key"]["type"], other["key"]["type"]}
        check(kinds == {"ECDSA", "RSA"}, f"both, {what}: {kinds}")
        check(
            lab.replay(record).stdout == first.stdout,
            f"both, {what}: the replay differs",
        )
        found = {f["id"] for f in result["findings"]}
        return result, "dane-mismatch" in found

    result, mismatch = look("both records", f"{owner} {ecdsa}\n{owner} {rsa}\n")
    check(not mismatch, "both records: a mismatch")
    check(not result["server"]["dane"]["rolling"], "both records: rolling")
    for key in ecdsa, rsa:
        result, mismatch = look("one record", f"{owner} {key}\n")
        check(mismatch, "one record: no mismatch")
        words = {result["server"]["tls"]["dane"]}
        words.add(result["server"]["tls"]["other"]["dane"])
        check(words == {"match", "mismatch"}, f"one record: {words}")
        record = result["server"]["dane"]["records"][0]
        check(
            record["good"] or record["why"] == "it is of the other certificate",
            f"one record: {record}",
        )


# ---- MTA-STS and REQUIRETLS, of a domain's exchangers ----


def serve_policy(lab, mode, *mx):
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {m}" for m in mx)]
    lab.documents[("mta-sts.harbour.example", "/.well-known/mta-sts.txt")] = {
        "body": "\r\n".join([*lines, "max_age: 604800", ""]).encode()
    }


def test_mta_sts(lab):
    record = '_mta-sts.harbour.example. 300 TXT "v=STSv1; id=1"\n'

    def run(what, host, findings, verdicts, announced=True):
        zone = f"harbour.example. 300 MX 10 {host}.harbour.example.\n"
        zone += record if announced else ""
        return probe(
            lab, what, None, findings, verdicts, zone=zone, mx="harbour.example"
        )

    run("no policy", "good", "", "DD--R", False)
    serve_policy(lab, "enforce", "good.harbour.example", "*.harbour.example")
    result = run("enforced", "good", "", "DDD-R")
    check(result and result["server"]["mta_sts"]["covered"], "mta_sts.covered")
    run("enforced, another name", "other", "tls-certificate-name-mismatch:h", "DWW-R")
    run("enforced, no TLS", "plain", "tls-not-offered:m", "CWW-R")
    run("REQUIRETLS", "require", "", "DDD-D")
    serve_policy(lab, "enforce", "mx.elsewhere.example")
    run("not covered", "good", "mta-sts-policy-mx:h", "DDW-R")
    serve_policy(lab, "testing", "*.harbour.example")
    run("testing", "other", "tls-certificate-name-mismatch:l", "DWD-R")
    serve_policy(lab, "none")
    run("mode none", "good", "", "DD--R")
    lab.documents.clear()
    run("no policy there", "good", "", "DD--R")


# ---- domain --connect ----


def test_domain(lab):
    key = lab.certificates.spki("good")
    other = lab.certificates.spki("other")
    own = hashlib.sha256(lab.certificates.der("good")).hexdigest()
    sts = '_mta-sts.harbour.example. 300 TXT "v=STSv1; id=1"\n'

    def run(what, host, wanted, *tlsa, zone=""):
        record = f"{lab.folder}/record"
        zone += f"harbour.example. 300 MX 10 {host}.harbour.example.\n"
        zone += f"{host}.harbour.example. 300 A 127.0.0.1\n"
        zone += f'*.{host}.harbour.example. 300 TXT "nothing"\n'
        for line in tlsa:
            zone += f"_25._tcp.{host}.harbour.example. 300 TLSA {line}\n"
        only = [w for c in ("mx", "dane", "mta-sts") for w in ("--only", c)]
        first = lab.run(
            *("domain", "-f", "ndjson", "--connect", "--record", record, *only),
            *("--allow-net", "127.0.0.0/8", "harbour.example"),
            zone=zone,
        )
        if not first.stdout:
            check(False, f"domain, {what}: {first.stderr}")
            return
        lab.keep(first.stdout)
        checks = json.loads(first.stdout)["domain"]["checks"]
        quiet = ("pass", "skip")
        got = " ".join(sorted(c["id"] for c in checks if c["status"] not in quiet))
        check(got == wanted, f"domain, {what}: \"{got}\", wanted \"{wanted}\"")
        second = lab.replay(record, "domain")
        check(second.stdout == first.stdout, f"domain, {what}: the replay differs")

    run("good", "good", "mta-sts-missing")
    run("no TLS", "plain", "mta-sts-missing mx-no-tls")
    run("TLSA", "good", "mta-sts-missing", f"3 1 1 {key}", f"3 1 1 {other}")
    run("another TLSA", "good", "dane-mismatch mta-sts-missing", f"3 1 1 {other}")
    run("TLSA of all", "good", "dane-brittle mta-sts-missing", f"3 0 1 {own}")
    no_tls = "dane-no-tls mta-sts-missing mx-no-tls"
    run("TLSA and no TLS", "plain", no_tls, f"3 1 1 {key}")
    serve_policy(lab, "enforce", "*.harbour.example")
    run("policy", "good", "", zone=sts)
    run("policy, another name", "other", "mta-sts-mx-certificate", zone=sts)
    run("policy, no TLS", "plain", "mta-sts-mx-certificate mx-no-tls", zone=sts)
    run("nobody there", "nobody", "mta-sts-missing mx")
    lab.documents.clear()


def test_schema(lab):
    """All of the results so far follow the schema."""
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import jsonschema"], check=False).returncode:
        counts["skipped"] += 1
        print("SKIPPED: tls: schema: python3-jsonschema is not installed")
        return
    path = f"{lab.folder}/schema"
    with open(path, "w", encoding="utf-8") as f:
        subprocess.run([PROGRAM, "schema"], check=True, stdout=f)
    out = subprocess.run(
        [python, "../cli/schema.py", path, f"{lab.folder}/all.ndjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    check(out.returncode == 0, f"schema: {out.stdout[:2000]}{out.stderr}")


def test_text(lab):
    """Nothing is wider than a terminal."""
    for name in SEEN:
        out = lab.run("probe", f"smtp://{name}.harbour.example").stdout
        wide = [line for line in out.splitlines() if len(line) > 80]
        check(out and not wide, f"{name}: {wide}")


with tempfile.TemporaryDirectory() as work:
    the_lab = Lab(work)
    for test in list(globals().values()):
        if getattr(test, "__name__", "").startswith("test_"):
            test(the_lab)
print("tls: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0)
