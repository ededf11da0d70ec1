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
            + ["--connect-to", f"::127.0.0.1:{lab.port}", *options, *names]
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
    "no-tls": {("mta-sts-policy-tls", "fail")},
    "unready": {("mta-sts", "error")},
    "busy": {("mta-sts", "error")},
    "cut": {("mta-sts", "error")},
    "refused": {("mta-sts", "error")},
}


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
    for name in "wrong-name", "expired", "self-signed", "no-tls", "slow", "refused":
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
    return "\n".join(out) + "\n"


def certificates(folder, hosts):
    authority = labs.Authority(folder)
    good = authority.issue("good", hosts)
    contexts = {"": authority.context(*good), "mta-sts.no-tls.example": "break"}
    for name, words in {
        "wrong-name": {"hosts": ["www.wrong-name.example"]},
        "expired": {"hosts": ["mta-sts.expired.example"], "days": -1},
        "self-signed": {"hosts": ["mta-sts.self-signed.example"], "issued": False},
    }.items():
        issued = authority.issue(name, **words)
        contexts[f"mta-sts.{name}.example"] = authority.context(*issued)
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
        hosts = [f"mta-sts.{name}.example" for name in [*MTA_STS, "slow"]]
        lab = labs.Lab(documents(), certificates(folder, hosts))
        with open(f"{folder}/zone", "w", encoding="utf-8") as file:
            file.write(zone([*MTA_STS, "slow"]))
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test(lab, folder)


main()
print("fetch: {passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
