# SPDX-License-Identifier: ISC
# fetch.py - documents fetched from a server on loopback, judged, and judged
# again from the record with the network taken away
#
# fetch.py PROGRAM; prints "fetch: N passed, N failed, N skipped".
import json
import os
import subprocess
import sys
import tempfile

import lab as labs

PROGRAM = os.path.abspath(sys.argv[1])
counts = {"passed": 0, "failed": 0, "skipped": 0}
away = labs.away()
if not away:
    counts["skipped"] += 1
    print(
        "SKIPPED: fetch: no network namespace can be made here; replays run "
        "with the network in place"
    )


def check(good, text):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED: fetch: {text}")


def run(lab, folder, names, *options, before=(), more=()):
    """The process of `mailsonde domain`, with `before` in front."""
    return subprocess.run(
        [*before, PROGRAM, "domain", "-f", "ndjson", *more]
        + (
            []
            if before or "--replay" in more
            else ["--zone", f"{folder}/zone", "--resolver", lab.resolver]
            + ["--ca-file", f"{folder}/ca.pem"]
            + ["--connect-to", f"refused.example::127.0.0.1:{lab.closed}"]
            + ["--connect-to", f"mta-sts.refused.example::127.0.0.1:{lab.closed}"]
            + ["--jobs", "8", "--connect-to", f"::127.0.0.1:{lab.port}", *options, *names]
        ),
        capture_output=True,
        text=True,
        check=False,
        env=labs.environment(),
    )


def outcomes(line):
    """{(id, status)} without what passed or was not looked at."""
    checks = json.loads(line)["domain"]["checks"]
    return {(c["id"], c["status"]) for c in checks if c["status"] not in ("pass", "skip")}


def judge(what, lab, folder, wanted, *options):
    """wanted: {domain: {(id, status)}}. Judges all of them, then again from
    the record."""
    record = f"{folder}/{what}.record"
    first = run(lab, folder, list(wanted), *options, more=["--record", record])
    lines = first.stdout.splitlines()
    check(len(lines) == len(wanted), f"{what}: {len(lines)} lines: {first.stderr}")
    for (name, want), line in zip(wanted.items(), lines):
        got = outcomes(line)
        check(got == set(want), f"{what}: {name}: {sorted(got)}, wanted {sorted(want)}")
    second = run(lab, folder, [], before=away, more=["--replay", record])
    check(
        second.stdout == first.stdout and second.returncode == first.returncode,
        f"{what}: the replay differs: {second.stderr}",
    )
    return lines


# ---- MTA-STS ----

POLICY = "version: STSv1\r\nmode: {}\r\nmx: {}\r\nmax_age: {}\r\n"
PATH = "/.well-known/mta-sts.txt"


def policy(name, mode="enforce", age=604800, mx=None, **more):
    text = POLICY.format(mode, mx or f"mx.{name}.example", age)
    return {(f"mta-sts.{name}.example", PATH): {"body": text.encode(), **more}}


MTA_STS = {
    "good": set(),
    "charset": set(),
    "wildcard": set(),
    "testing": {("mta-sts-policy-testing", "warn")},
    "none": {("mta-sts-policy-none", "warn")},
    "short": {("mta-sts-policy-max-age", "warn")},
    "long": {("mta-sts-policy-max-age", "warn")},
    "uncovered": {("mta-sts-policy-mx", "fail"), ("mta-sts-policy-mx-unused", "warn")},
    "half": {("mta-sts-policy-mx", "warn"), ("mta-sts-policy-testing", "warn"), ("mta-sts-policy-mx-unused", "warn")},
    "html": {("mta-sts-policy-type", "fail")},
    "typeless": {("mta-sts-policy-type", "fail")},
    "invalid": {("mta-sts-policy-invalid", "fail")},
    "empty": {("mta-sts-policy-invalid", "fail")},
    "binary": {("mta-sts-policy-invalid", "fail")},
    "missing": {("mta-sts-policy-missing", "fail")},
    "redirect": {("mta-sts-policy-redirect", "fail")},
    "large": {("mta-sts-policy-too-large", "fail")},
    "wrong-name": {("mta-sts-policy-certificate", "fail")},
    "expired": {("mta-sts-policy-certificate", "fail")},
    "self-signed": {("mta-sts-policy-certificate", "fail")},
    "ending": {("mta-sts-policy-certificate-expires", "warn")},
    "no-tls": {("mta-sts-policy-tls", "fail")},
    "unready": {("mta-sts", "error")},
    "busy": {("mta-sts", "error")},
    "cut": {("mta-sts", "error")},
    "refused": {("mta-sts", "error")},
}


# ---- BIMI ----

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" '
    'viewBox="0 0 {} 64"><title>Lab</title>{}</svg>'
)
MARKS = {
    "mark": set(),
    "mark-off": {("bimi-svg-shape", "warn")},
    "mark-large": {("bimi-svg-size", "warn")},
    "mark-script": {("bimi-svg-profile", "warn")},
    "mark-doctype": {("bimi-svg-profile", "warn")},
    "mark-png": {("bimi-svg-profile", "warn"), ("bimi-svg-type", "warn")},
    "mark-gone": {("bimi-svg-missing", "warn"), ("bimi-certificate-missing", "warn")},
    "mark-busy": {("bimi", "error")},
    "mark-other": {("bimi-certificate-name", "warn")},
    "mark-usage": {("bimi-certificate-usage", "warn")},
    "mark-over": {("bimi-certificate-expired", "warn")},
    "mark-soon": {("bimi-certificate-expires", "warn")},
    "mark-text": {("bimi-certificate-unreadable", "warn")},
    "mark-der": {("bimi-certificate-unreadable", "warn")},
    "mark-none": {("bimi-no-evidence", "warn")},
    "mark-moved": set(),
    "mark-loop": {("bimi-svg-missing", "warn")},
}
PEM = {
    "mark-other": {"hosts": ["default._bimi.other.example"]},
    "mark-usage": {"extension": None},
    "mark-over": {"days": -1},
    "mark-soon": {"days": 5},
}


def pem(authority, name):
    words = {
        "hosts": [f"default._bimi.{name}.example"],
        "extension": "extendedKeyUsage=1.3.6.1.5.5.7.3.31",
        "days": 25,
    }
    path, _ = authority.issue(f"vmc-{name}", **(words | PEM.get(name, {})))
    with open(path, "rb") as file:
        return file.read()


def marks(authority):
    good = SVG.format(64, "<g/>").encode()
    body = {
        "mark-off": SVG.format(128, "").encode(),
        "mark-large": SVG.format(64, "<g/>" * 9000).encode(),
        "mark-script": SVG.format(64, "<script>1</script>").encode(),
        "mark-doctype": b"<!DOCTYPE svg>" + good,
        "mark-png": b"\x89PNG\r\n\x1a\n",
    }
    out = {}
    for name in MARKS:
        host = f"www.{name}.example"
        out[(host, "/mark.svg")] = {
            "body": body.get(name, good),
            "type": "image/png" if name == "mark-png" else "image/svg+xml",
        }
        out[(host, "/mark.pem")] = {"body": pem(authority, name)}
    for kind in "svg", "pem":
        del out[("www.mark-gone.example", f"/mark.{kind}")]
        out[("www.mark-busy.example", f"/mark.{kind}")] = {"status": 503}
    out[("www.mark-text.example", "/mark.pem")] = {"body": b"no such certificate"}
    out[("www.mark-der.example", "/mark.pem")] = {
        "body": b"-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"
    }
    out[("www.mark-moved.example", "/new.svg")] = out[("www.mark.example", "/mark.svg")]
    for name, to in ("mark-moved", "/new.svg"), ("mark-loop", "/mark.svg"):
        out[(f"www.{name}.example", "/mark.svg")] = {"status": 302, "headers": {"Location": to}}
    return out


def mark_zone(name):
    evidence = "" if name == "mark-none" else f" a=https://www.{name}.example/mark.pem;"
    return [
        f'default._bimi.{name}.example. TXT "v=BIMI1; '
        f'l=https://www.{name}.example/mark.svg;{evidence}"',
        f"www.{name}.example. A 192.0.2.3",
    ]


def test_marks(lab, folder):
    lab.seen.clear()
    wanted = {f"{name}.example": want for name, want in MARKS.items()}
    lines = judge("marks", lab, folder, wanted, "--only", "bimi")
    loops = [path for _, host, path, _ in lab.seen if host == "www.mark-loop.example"]
    # Each of the requests is the same: it is made once.
    check(loops.count("/mark.svg") == 1, f"marks: a loop: {loops}")
    check("holds until" in lines[0], f"marks: {lines[0]}")


# ---- settings ----

CONFIG = """<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">
<displayName>Lab</displayName><incomingServer type="imap"><hostname>{imap}</hostname>
<port>993</port><socketType>{security}</socketType></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>465</port>
<socketType>SSL</socketType></outgoingServer></emailProvider></clientConfig>"""
DISCOVER = """<?xml version="1.0"?><Autodiscover><Response><Account><Action>settings</Action>
<Protocol><Type>IMAP</Type><Server>{imap}</Server><Port>993</Port><SSL>on</SSL></Protocol>
</Account></Response></Autodiscover>"""
SETTINGS = {
    "set": set(),
    "set-password": set(),
    "set-page": set(),
    "set-none": set(),
    "set-differ": {("settings-differ", "warn")},
    "set-plain": {("settings-plain", "warn")},
    "set-broken": {("settings-unreadable", "warn")},
    "set-name": {("settings-certificate", "warn")},
    "set-busy": {("settings", "error")},
}


def settings():
    out = {}
    for name in SETTINGS:
        imap = f"imap.{name}.example"
        config = CONFIG.format(imap=imap, security="plain" if name == "set-plain" else "SSL")
        other = DISCOVER.format(imap="mail.elsewhere.example" if name == "set-differ" else imap)
        auto = (f"autoconfig.{name}.example", "/mail/config-v1.1.xml")
        site = (f"{name}.example", "/.well-known/autoconfig/mail/config-v1.1.xml")
        discover = (f"autodiscover.{name}.example", "/autodiscover/autodiscover.xml")
        out[auto] = {"body": config.encode(), "type": "text/xml"}
        out[discover] = {"body": other.encode(), "type": "text/xml"}
        if name == "set-password":
            out[discover] = {"status": 401}
        elif name == "set-page":
            out[site] = {"body": b"<html></html>", "type": "text/html; charset=utf-8"}
        elif name == "set-none":
            del out[auto], out[discover]
        elif name == "set-broken":
            out[auto]["body"] = out[auto]["body"][:-3]
        elif name == "set-busy":
            out[discover] = {"status": 500}
        elif name == "set-differ":
            del out[auto]
    return out


def settings_zone(name):
    return [
        f"_imaps._tcp.{name}.example. SRV 0 1 993 imap.{name}.example.",
        f"_submissions._tcp.{name}.example. SRV 0 1 465 smtp.{name}.example.",
        *(
            f"{prefix}{name}.example. A 192.0.2.4"
            for prefix in ("", "imap.", "smtp.", "autoconfig.", "autodiscover.")
        ),
    ]


def test_settings(lab, folder):
    only = ("--only", "settings")
    wanted = {f"{name}.example": want for name, want in SETTINGS.items()}
    lab.seen.clear()
    run(lab, folder, list(wanted), *only)
    check(not lab.seen, "settings: something is fetched without --connect")
    lines = judge("settings", lab, folder, wanted, *only, "--connect")
    posts = [body for method, _, _, body in lab.seen if method == "POST"]
    check(len(posts) == len(SETTINGS), f"settings: {len(posts)} times POST")
    check(
        any(b"<EMailAddress>postmaster@set.example<" in post for post in posts),
        f"settings: {posts}",
    )
    check("to users with a password" in lines[1], f"settings: {lines[1]}")
    text = "\n".join(lines)
    for words in "Autoconfig: imap imap.set.example:993 tls", "and Autodiscover name different":
        check(words in text, f"settings: nothing says: {words}")


# ---- the laboratory ----


def documents():
    out = {}
    out |= policy("good")
    out |= policy("charset", type="text/plain; charset=utf-8")
    out |= policy("wildcard", mx="*.wildcard.example")
    out |= policy("testing", mode="testing")
    out |= policy("none", mode="none")
    out |= policy("short", age=600)
    out |= policy("long", age=99999999)
    out |= policy("uncovered", mx="mail.uncovered.example")
    out |= policy("half", mx="*.half.example.net", mode="testing")
    out |= policy("html", type="text/html")
    out |= policy("typeless", type="")
    out |= policy("invalid", mode="strict")
    out |= policy("empty", mode="none")
    out[("mta-sts.empty.example", PATH)]["body"] = b""
    out |= policy("binary")
    out[("mta-sts.binary.example", PATH)]["body"] = b"version: STSv1\0\xff\x1b[31m\n" * 9
    out |= policy("redirect", status=301, headers={"Location": "/policy.txt"})
    out |= policy("large")
    out[("mta-sts.large.example", PATH)]["body"] *= 2000
    for name in "wrong-name", "expired", "self-signed", "ending", "no-tls", "slow", "refused":
        out |= policy(name)
    out |= policy("unready", status=503)
    out |= policy("busy", status=429)
    out |= policy("cut", length=99999)
    out |= policy("slow", sleep=4)
    return out


def zone(names):
    out = ["$TTL 3600"]
    for name in names:
        out += [
            f"{name}.example. MX 10 mx.{name}.example.",
            f"mx.{name}.example. A 192.0.2.1",
            f'_mta-sts.{name}.example. TXT "v=STSv1; id=20260101"',
            f"mta-sts.{name}.example. A 192.0.2.2",
        ]
    for name in MARKS:
        out += mark_zone(name)
    for name in SETTINGS:
        out += settings_zone(name)
    return "\n".join(out) + "\n"


def certificates(authority, hosts):
    good = authority.issue("good", hosts)
    contexts = {"": authority.context(*good), "mta-sts.no-tls.example": "break"}
    for name, words in {
        "wrong-name": {"hosts": ["www.wrong-name.example"]},
        "expired": {"hosts": ["mta-sts.expired.example"], "days": -1},
        "set-name": {"hosts": ["www.set-name.example"]},
        "ending": {"hosts": ["mta-sts.ending.example"], "days": 3},
        "self-signed": {"hosts": ["mta-sts.self-signed.example"], "issued": False},
    }.items():
        issued = authority.issue(name, **words)
        contexts[f"mta-sts.{name}.example"] = authority.context(*issued)
        contexts[f"autoconfig.{name}.example"] = contexts[f"mta-sts.{name}.example"]
    return contexts


def test_mta_sts(lab, folder):
    only = ("--only", "mta-sts")
    lab.seen.clear()
    wanted = {f"{name}.example": want for name, want in MTA_STS.items()}
    lines = judge("mta-sts", lab, folder, wanted, *only)
    asked = [(host, path) for _, host, path, _ in lab.seen]
    check(len(asked) == len(set(asked)), "mta-sts: something was fetched twice")
    check(("mta-sts.redirect.example", "/policy.txt") not in asked, "a redirect was followed")
    text = "\n".join(lines)
    for words in (
        "does not bear the name of the host",
        "certificate has expired",
        "self-signed certificate",
        "the server answers 404",
        "the server refuses the connection",
        "larger than 65536 octets",
        "redirects to https://mta-sts.redirect.example/policy.txt",
        "mode: enforce / mx: mx.uncovered.example / max_age: 604800",
    ):
        check(words in text, f"mta-sts: nothing says: {words}")
    judge("slow", lab, folder, {"slow.example": {("mta-sts", "error")}}, *only, "--timeout", "0.7")
    fails = {("mta-sts-policy-certificate", "fail")}
    judge("later", lab, folder, {"good.example": fails}, *only, "--at", "2099-01-01T00:00:00Z")
    # The same thing twice is fetched once.
    lab.seen.clear()
    run(lab, folder, ["good.example", "good.example"], *only)
    check(len(lab.seen) == 1, f"good.example twice: {len(lab.seen)} fetches")
    # Without --ca-file the lab's authority is nobody's.
    done = subprocess.run(
        [PROGRAM, "domain", "-f", "ndjson", "--zone", f"{folder}/zone", *only]
        + ["--resolver", lab.resolver, "--connect-to", f"::127.0.0.1:{lab.port}"]
        + ["good.example"],
        capture_output=True,
        text=True,
        check=False,
    )
    check(outcomes(done.stdout) == fails, f"another authority: {done.stdout}")


def test_nobody_is_asked(lab, folder):
    """--offline, and addresses that are not public."""
    lab.seen.clear()
    done = run(lab, folder, ["good.example"], "--offline", "--only", "mta-sts")
    check("--offline" in done.stdout and not lab.seen, f"--offline: {done.stdout}")
    check(done.returncode == 0, f"--offline: status {done.returncode}")
    done = subprocess.run(
        [PROGRAM, "domain", "-f", "ndjson", "--zone", f"{folder}/zone"]
        + ["--resolver", lab.resolver, "--only", "mta-sts", "good.example"],
        capture_output=True,
        text=True,
        check=False,
    )
    check("has no public address: 192.0.2.2" in done.stdout, f"special: {done.stdout}")


def test_without_libcurl(lab, folder):
    """It is said, and nothing can be told."""
    os.mkdir(f"{folder}/lib")
    with open(f"{folder}/lib/libcurl.so.4", "w", encoding="utf-8") as file:
        file.write("no library\n")
    done = subprocess.run(
        [PROGRAM, "domain", "-f", "ndjson", "--zone", f"{folder}/zone"]
        + ["--resolver", lab.resolver, "--connect-to", f"::127.0.0.1:{lab.port}"]
        + ["--only", "mta-sts", "good.example"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LD_LIBRARY_PATH": f"{folder}/lib"},
    )
    check(
        "libcurl.so.4, which fetches documents, is not installed" in done.stdout
        and done.returncode == 2
        and outcomes(done.stdout) == {("mta-sts", "error")},
        f"without libcurl: {done.returncode}: {done.stdout}",
    )


def test_verbose(lab, folder):
    """A line about the document on standard error."""
    done = run(lab, folder, ["good.example"], "-v", "--only", "mta-sts")
    check(
        "GET https://mta-sts.good.example/.well-known/mta-sts.txt: found, 200, 69 octets"
        in done.stderr,
        f"-v: {done.stderr}",
    )


def test_offline_is_recorded(lab, folder):
    """Also that nobody was asked."""
    record = f"{folder}/lacking"
    run(
        *(lab, folder, ["good.example"], "--offline", "--only", "mta-sts"),
        more=["--record", record],
    )
    with open(record, encoding="utf-8") as file:
        kinds = [json.loads(line)["type"] for line in file]
    check("fetch" in kinds, f"an offline run's record: {kinds}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = labs.Authority(folder)
        names = [*MTA_STS, "slow"]
        hosts = [f"mta-sts.{name}.example" for name in names]
        hosts += [f"www.{name}.example" for name in MARKS]
        for name in SETTINGS:
            hosts += [f"{p}{name}.example" for p in ("", "autoconfig.", "autodiscover.")]
        lab = labs.Lab(
            documents() | marks(authority) | settings(), certificates(authority, hosts)
        )
        with open(f"{folder}/zone", "w", encoding="utf-8") as file:
            file.write(zone(names))
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test(lab, folder)


main()
print("fetch: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
