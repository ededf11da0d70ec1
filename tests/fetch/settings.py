# SPDX-License-Identifier: ISC
# settings.py - `mailsonde settings` against documents and mail servers on
# loopback, and again from the record
import json
import socket
import subprocess
import sys
import tempfile
import threading

import lab as labs

PROGRAM = sys.argv[1]
counts = {"passed": 0, "failed": 0}

CONFIG = """<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">
<incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
<socketType>{security}</socketType><username>%EMAILLOCALPART%</username></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>465</port>
<socketType>SSL</socketType><username>%EMAILADDRESS%</username></outgoingServer>
</emailProvider></clientConfig>"""

# What each domain's settings are found to be: ids of findings, exit code.
CASES = {
    "good": ([], 0),
    "srv": ([], 0),
    "guess": (["settings-unpublished"], 0),
    "none": (["settings-none"], 1),
    "differ": (["settings-differ"], 0),
    "plain": (["settings-plain", "settings-server-broken"], 1),
    "name": (["settings-server-broken", "settings-server-broken"], 1),
    "broken": (["settings-unreadable"], 0),
    "dead": ([], 2),
    "hosted": ([], 0),
}
WITH_SRV = ("good", "srv", "differ", "name", "broken", "dead")
WITH_CONFIG = ("good", "differ", "plain", "broken")


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: settings: {text}")


# ---- servers


def imap(line):
    tag, word = line.split()[:2]
    if word == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK\r\n"
    return tag + b" OK\r\n"


def smtp(line):
    if line.startswith(b"EHLO"):
        return (
            b"250-mx\r\n250-SIZE\r\n250-8BITMIME\r\n250-PIPELINING\r\n"
            b"250-AUTH PLAIN\r\n250 ENHANCEDSTATUSCODES\r\n"
        )
    return b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 ok\r\n"


def serve(lab, greeting, answer):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def talk(connection):
        try:
            tls = lab.contexts[""].wrap_socket(connection, server_side=True)
            tls.sendall(greeting)
            while line := tls.recv(4096):
                tls.sendall(answer(line))
        except OSError:
            connection.close()

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


# ---- the domains


def documents():
    out = {}
    for name in WITH_CONFIG:
        body = CONFIG.format(security="plain" if name == "plain" else "SSL")
        if name == "broken":
            body = body[:-9]
        key = (f"autoconfig.{name}.example", "/mail/config-v1.1.xml")
        out[key] = {"body": body.encode(), "type": "text/xml"}
    body = CONFIG.replace("%EMAILDOMAIN%", "provider.example").format(security="SSL")
    key = ("autoconfig.provider.example", "/mail/config-v1.1.xml")
    out[key] = {"body": body.encode(), "type": "text/xml"}
    return out


def zone():
    out = []
    for name in CASES:
        own = ["", "autoconfig."] if name not in ("none", "hosted") else [""]
        if name not in ("none", "hosted"):
            own += ["imap.", "smtp."]
        out += [f"{p}{name}.example. A 192.0.2.4" for p in own]
        imap_host = f"imap.{name}.example."
        smtp_host = f"smtp.{'other' if name == 'differ' else name}.example."
        if name in WITH_SRV:
            out += [
                f"_imaps._tcp.{name}.example. SRV 0 1 993 {imap_host}",
                f"_submissions._tcp.{name}.example. SRV 0 1 465 {smtp_host}",
            ]
    out += [f"{p}provider.example. A 192.0.2.5" for p in ("autoconfig.", "imap.", "smtp.")]
    out += ["smtp.other.example. A 192.0.2.6"]
    out += ["hosted.example. MX 10 mx1.provider.example."]
    return "\n".join(out) + "\n"


def certificates(authority):
    hosts = ["smtp.other.example"]
    for name in [*CASES, "provider"]:
        hosts += [f"{p}{name}.example" for p in ("", "autoconfig.", "autodiscover.")]
        if name != "name":
            hosts += [f"{p}{name}.example" for p in ("imap.", "smtp.")]
    return {"": authority.context(*authority.issue("all", hosts))}


# ---- asking


def run(words):
    return subprocess.run(
        [PROGRAM, "settings", "-f", "ndjson", *words],
        capture_output=True, text=True, check=False, env=labs.environment(),
    )  # fmt: skip


def is_valid(folder, lines):
    """By the program's own schema, where jsonschema is at hand."""
    with open(f"{folder}/schema", "w", encoding="utf-8") as file:
        subprocess.run([PROGRAM, "schema"], stdout=file, check=True)
    with open(f"{folder}/all.ndjson", "w", encoding="utf-8") as file:
        file.writelines(lines)
    words = ["../cli/schema.py", f"{folder}/schema", f"{folder}/all.ndjson"]
    for python in ("python3", "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import jsonschema"], check=False, capture_output=True).returncode == 0:
            got = subprocess.run([python, *words], capture_output=True, text=True, check=False)
            check(got.stdout.endswith(" 0 failed\n"), got.stdout)
            return
    check(False, "no python3 has jsonschema")


def test_cases(lab, folder, options):
    lines = []
    for name, (wanted, code) in CASES.items():
        got = run([*options, "--record", f"{folder}/record", f"joe@{name}.example"])
        result = json.loads(got.stdout)
        ids = sorted(f["id"] for f in result["findings"])
        check(ids == wanted, f"{name}: {ids}")
        check(got.returncode == code, f"{name}: status {got.returncode}")
        check(bool(result["errors"]) == (code == 2), f"{name}: {result['errors']}")
        lines.append(got.stdout)
        again = run(["--replay", f"{folder}/record"])
        check(again.stdout == got.stdout, f"{name}: the replay differs")
    check(lab.seen, "nothing was fetched")
    is_valid(folder, lines)


def test_table(options):
    settings = json.loads(run([*options, "joe@good.example"]).stdout)["settings"]
    check(
        settings["incoming"]
        == {
            "service": "imap", "host": "imap.good.example", "port": 993,
            "security": "tls", "user": "joe",
        },
        f"incoming: {settings['incoming']}",
    )  # fmt: skip
    check(settings["outgoing"]["user"] == "joe@good.example", "outgoing: user")
    check(all(s["works"] for s in settings["servers"]), "a server does not work")
    check(
        settings["servers"][0]["sources"] == ["autoconfig", "srv"],
        f"sources: {settings['servers'][0]['sources']}",
    )
    fix = json.loads(run([*options, "joe@guess.example"]).stdout)["findings"][0]["fix"]
    check("_imaps._tcp.guess.example. SRV 0 1 993 imap.guess.example." in fix, fix)
    hosted = json.loads(run([*options, "joe@hosted.example"]).stdout)["settings"]
    check(hosted["incoming"]["host"] == "imap.provider.example", "hosted: incoming")


def test_bad_addresses(options):
    words = ["joe", "@example.org", "joe@", "joe@a..b", ""]
    text = "\n".join([*words[:4], '{"id":3,"address":"joe@good.example"}'])
    got = subprocess.run(
        [PROGRAM, "settings", "-f", "ndjson", *options, "-"],
        input=text, capture_output=True, text=True, check=False,
        env=labs.environment(),
    )  # fmt: skip
    lines = [json.loads(line) for line in got.stdout.splitlines()]
    check(got.returncode == 65, f"bad addresses: status {got.returncode}")
    check(len(lines) == 5, f"bad addresses: {len(lines)} lines")
    check(all(line["errors"] for line in lines[:4]), "bad addresses: no error")
    check(lines[4].get("id") == 3 and not lines[4]["errors"], "the good one")
    text = run([*options, "-f", "text", "joe@good.example"]).stdout
    check("TO TYPE IN" in text and max(map(len, text.splitlines())) <= 80, text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = labs.Authority(folder)
        lab = labs.Lab(documents(), certificates(authority))
        with open(f"{folder}/zone", "w", encoding="ascii") as file:
            file.write(zone())
        ports = {
            993: serve(lab, b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n", imap),
            465: serve(lab, b"220 mx ESMTP\r\n", smtp),
            443: lab.port,
            587: lab.closed,
        }
        options = ["--zone", f"{folder}/zone", "--resolver", lab.resolver]
        options += ["--ca-file", f"{folder}/ca.pem", "--timeout", "5"]
        for host in ("imap", "smtp"):
            options += ["--connect-to", f"{host}.dead.example::127.0.0.1:{lab.closed}"]
        for port, to in ports.items():
            options += ["--connect-to", f":{port}:127.0.0.1:{to}"]
        test_cases(lab, folder, options)
        test_table(options)
        test_bad_addresses(options)


main()
print("settings: {passed} passed, {failed} failed, 0 skipped".format(**counts))
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
