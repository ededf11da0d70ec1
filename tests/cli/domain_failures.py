# SPDX-License-Identifier: ISC
# domain_failures.py - no check turns to pass, warn or fail by a question that
# nobody answers
#
# domain_failures.py PROGRAM ZONE PERFECT-ZONE. Judges each subject, then again
# with each of the questions that were asked failing in its turn, by a time-out
# and by SERVFAIL. What is said then must have been said before, or be that it
# could not be told. Prints "domain: N passed, N failed, N skipped".
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, ZONE, PERFECT = map(os.path.abspath, sys.argv[1:])
# None that does not exist: a zone has the names that its faults are about.
SUBJECTS = (
    (ZONE, "good.example"),
    (ZONE, "bad.example"),
    (ZONE, "sub.good.example"),
    (ZONE, "bare.example"),
    (ZONE, "parked.example"),
    (PERFECT, "good.example"),
    (PERFECT, "bad.example"),
)
counts = {"passed": 0, "failed": 0}


def judge(zone, subject, *options):
    """(what passed, what was found, what could not be told)"""
    done = subprocess.run(
        [PROGRAM, "domain", "--json", "--at", "2026-01-15T12:00:00Z"]
        + ["--offline", "--zone", zone, *options, subject],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1, 2):
        return None, {done.stderr}, set(), set()
    checks = json.loads(done.stdout)["domain"]["checks"]
    passed = {(c["id"], c["title"]) for c in checks if c["status"] == "pass"}
    found = {c["id"] for c in checks if c["status"] in ("warn", "fail")}
    told = {(c["id"], c["title"]) for c in checks}
    untold = {c["id"] for c in checks if c["status"] == "error"}
    return passed, found, told, untold


def questions(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["type"] == "dns":
                yield entry["name"], entry["rrtype"]


def wrong(before, after):
    if after[0] is None:
        return f"it ended with {after[1]}"
    if after[0] - before[0]:
        return f"passes now: {sorted(after[0] - before[0])}"
    if after[1] - before[1]:
        return f"is found now: {sorted(after[1] - before[1])}"
    if not after[3] and after[2] != before[2]:
        return f"silently gone: {sorted(before[2] - after[2])}"
    return None


def fail_each(zone, subject, scratch):
    record = os.path.join(scratch, "record")
    fault = os.path.join(scratch, "fault.zone")
    before = judge(zone, subject, "--record", record)
    for name, rrtype in sorted(set(questions(record))):
        for how in ("timeout", "servfail"):
            with open(fault, "w", encoding="utf-8") as file:
                file.write(f";; {how} {name} {rrtype}\n")
            text = wrong(before, judge(zone, subject, "--zone", fault))
            counts["failed" if text else "passed"] += 1
            if text:
                print(f"FAILED: domain: {subject}, {how} {name} {rrtype}: {text}")


with tempfile.TemporaryDirectory() as directory:
    for one in SUBJECTS:
        fail_each(*one, directory)
print(f"domain: {counts['passed']} passed, {counts['failed']} failed, 0 skipped")
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
