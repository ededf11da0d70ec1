# SPDX-License-Identifier: ISC
"""roundtrip.py - mailsonde roundtrip against servers that deliver

roundtrip.py PROGRAM. Every case is a Post of trip_server.py that behaves in
some way, options, and what must come of it: the exit code, the findings and
errors, and what is in the mailbox afterwards. Each is judged once more from
its record, which must give the same bytes and hold no secret.
"""
import base64
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from trip_server import SECRET, USER, Post, prepare

FROM = "bruno@harbour.example"
ZONE = """\
$TTL 300
harbour.example. TXT "v=spf1 ip4:192.0.2.7 -all"
mx.harbour.example. A 127.0.0.1
_dmarc.example. A 192.0.2.1
_submissions._tcp.harbour.example. SRV 0 1 465 mx.harbour.example.
_imaps._tcp.harbour.example. SRV 0 1 993 mx.harbour.example.
_dmarc.harbour.example. TXT "v=DMARC1; p=none"
"""

passed = failed = 0
numbers = itertools.count()


def check(good, text):
    global passed, failed  # one thread at a time runs Python
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {text}")


def coded(secret):
    """The ways in which it could stand in a record."""
    plain = f"\0{USER}\0{secret}".encode()
    yield base64.b64encode(plain).decode()
    yield base64.b64encode(secret.encode()).decode()


class Run:
    """One run of the program; its result, and what came on standard error."""

    def __init__(self, tests, post, *options, pickup="imaps", wait="20", **more):
        self.tests, self.post = tests, post
        reader = post.pop if pickup == "pop3s" else post.imap
        submit, mailbox = post.serve(post.smtp), post.serve(reader)
        self.record = os.path.join(tests.work, f"record-{next(numbers)}")
        host = "mx.harbour.example"
        self.command = [
            tests.program, "roundtrip", "--fail-on", more.get("fail_on", "high"),
            "--ca-file", os.path.join(tests.work, "ca.pem"),
            "--zone", os.path.join(tests.work, "zone"),
            "--submit", f"submissions://{host}",
            "--pickup", f"{pickup}://{host}",
            "--connect-to", f"{host}:465:127.0.0.1:{submit}",
            "--connect-to", f"{host}:{993 if pickup == 'imaps' else 995}"
            f":127.0.0.1:{mailbox}",
            "--resolver", "127.0.0.1@1", "--dns-timeout", "0.2",
            "--wait", wait, "--record", self.record,
            *tests.login(post), *options, FROM, USER,
        ]  # fmt: skip

    def start(self, *more):
        return subprocess.Popen(
            self.command[:2] + list(more) + self.command[2:],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.tests.environment,
        )

    def finish(self, process):
        self.out, self.err = process.communicate(timeout=60)
        self.code = process.returncode
        return self

    def go(self, *more):
        self.finish(self.start(*(more or ("-j",))))
        self.post.close()
        return self

    def result(self):
        return json.loads(self.out)

    def words(self):
        r = self.result()
        ids = [f["id"] for f in r["findings"] if f["id"].startswith("roundtrip")]
        return " ".join(sorted(ids + [e["what"] for e in r["errors"]]))


class Tests:
    def __init__(self, program, work):
        self.program, self.work = program, work
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_OF_FROM": SECRET,
            "SECRET_OF_TO": SECRET,
        }
        prepare(work)
        with open(os.path.join(work, "zone"), "w", encoding="ascii") as f:
            f.write(ZONE)

    def login(self, post):
        if not post.login:
            return ["--from-login", "-", "--to-login", "-"]
        return [
            "--from-login", USER, "--from-password-env", "SECRET_OF_FROM",
            "--to-password-env", "SECRET_OF_TO",
        ]  # fmt: skip

    def replay(self, run, what):
        again = subprocess.run(
            [self.program, "roundtrip", "--replay", run.record, "-j"],
            capture_output=True,
            timeout=30,
            env={"PATH": os.environ["PATH"]},
        )
        check(
            again.stdout == run.out and again.returncode == run.code,
            f"{what}: the replay differs ({again.returncode}): "
            f"{again.stderr.decode()}",
        )

    def case(self, what, post, code, words, *options, left=0, **more):
        run = Run(self, post, *options, **more).go()
        try:
            got = run.words()
        except ValueError:
            got = run.err.decode()
        check(
            run.code == code and got == words,
            f'{what}: status {run.code}, wanted {code}; "{got}", wanted "{words}"'
            f"\n{run.err.decode()}",
        )
        check(
            post.total() == left,
            f"{what}: {post.total()} messages are left, wanted {left}",
        )
        if run.out:
            self.replay(run, what)
            with open(os.path.join(self.work, "all.ndjson"), "ab") as f:
                f.write(json.dumps(json.loads(run.out)).encode() + b"\n")
        if os.path.exists(run.record):
            with open(run.record, "rb") as f:
                record = f.read()
            for word in (SECRET, *coded(SECRET)):
                check(word.encode() not in record + run.out + run.err, f"{what}: told")
        return run


def arrivals(tests):
    """What arrives, and how that is told."""
    case = tests.case
    run = case("idle", Post(delay=2), 0, "")  # long after the first look
    trip = run.result()["roundtrip"]
    check(trip["pickup"]["pushed"], "idle: the server told of it")
    check(trip["submission"]["queue_id"] == "4XYZabc123", "the queue's id")
    check(trip["pickup"]["deleted"] == 1, "one was deleted")
    check(not trip["changes"]["body"], "the body is as it was")
    check(trip["changes"]["fields"] == [], "nor was the header changed")
    check("Authentication-Results" in trip["changes"]["added"], "what was added")
    check(run.result()["auth"]["claimed"], "what the server claims is there")
    check(run.result()["trace"]["hops"], "and the way")
    check("UID EXPUNGE 1" in str(run.post.heard), "only ours is expunged")

    run = case("polling", Post(capabilities="UIDPLUS"), 0, "")
    check("IDLE" not in str(run.post.heard), "polling: no IDLE")
    check("SELECT \"Junk\"" in str(run.post.heard), "polling: Junk by its name")
    run = case("pop3", Post(delay=1.5), 0, "", pickup="pop3s")
    check(run.result()["roundtrip"]["pickup"]["folder"] is None, "pop3: no folder")
    case("pop3 without TOP", Post(pop3="UIDL"), 0, "", pickup="pop3s")
    case("pop3 without UIDL", Post(pop3="TOP"), 0, "", pickup="pop3s")
    case("late", Post(delay=4), 0, "", wait="20")
    case("junk", Post(folder="Junk"), 1, "roundtrip-junk")
    case(
        "junk by its attribute",
        Post(folder="Sp\"am \\x", junk_name="Sp\"am \\x"), 1, "roundtrip-junk",
    )  # fmt: skip
    case("twice", Post(copies=2), 0, "roundtrip-duplicate")
    case("twice, pop3", Post(copies=2), 0, "roundtrip-duplicate", pickup="pop3s")
    case("kept", Post(), 0, "", "--keep", left=1)
    case("kept, pop3", Post(), 0, "", "--keep", left=1, pickup="pop3s")
    case("lost session", Post(imap_drops=1, delay=2), 0, "")

    def tag(octets):
        octets = octets.replace(b"Subject: ", b"Subject: [SPAM] ")
        return b"X-Spam-Status: Yes, score=9\r\n" + octets + b"footer\r\n"

    run = case(
        "changed", Post(change=tag), 1,
        "roundtrip-body-changed roundtrip-header-changed roundtrip-marked-spam",
    )  # fmt: skip
    trip = run.result()["roundtrip"]
    change = trip["changes"]["fields"][0]
    check(change["name"] == "Subject", "changed: which field")
    check(change["received"].startswith("[SPAM] "), "changed: into what")
    check(trip["spam_headers"][0]["value"] == "Yes, score=9", "changed: the filter")


def failures(tests):
    """What does not arrive."""
    case = tests.case
    for step in "MAIL", "RCPT", "DATA", "TEXT":
        name = {"TEXT": "message"}.get(step, step.lower())
        run = case(
            f"refused at {step}", Post(refuse={step: "550 5.7.1 no such luck"}), 1,
            "roundtrip-refused",
        )  # fmt: skip
        found = run.result()["findings"][0]["evidence"]
        check(found["step"] == name, f"refused at {step}: {found['step']}")
        check(found["code"] == 550, f"refused at {step}: the code")
        check(
            run.result()["roundtrip"]["pickup"]["looks"] == 0,
            f"refused at {step}: nobody waited",
        )
        case(
            f"deferred at {step}", Post(refuse={step: "450 4.7.1 greylisted"}), 2,
            "submission",
        )  # fmt: skip
        case(
            f"broken off at {step}", Post(drop_at=step), 2,
            "arrival submission" if step == "TEXT" else "submission", wait="1",
        )  # fmt: skip
    run = case("lost", Post(lost=True), 2, "arrival", wait="1.5")
    check("4XYZabc123" in run.result()["errors"][0]["detail"], "lost: the id")
    case("lost, pop3", Post(lost=True), 2, "arrival", wait="1.5", pickup="pop3s")
    post = Post(refuse={"SELECT": "NO [SERVERBUG] broken"})
    run = case("no mailbox", post, 2, "mailbox")
    check(post.sessions["smtp"] == 0 and not post.envelopes, "and nothing was sent")


def bounces(tests):
    """What comes back."""
    case = tests.case
    host = "mx.harbour.example"
    other = (
        b"From: MAILER-DAEMON@x\r\nContent-Type: multipart/report;\r\n"
        b" report-type=delivery-status\r\n\r\nAction: failed\r\n"
    )
    for scheme in "imaps", "pop3s":
        post = Post(bounce="failed")
        post.put("INBOX", other)
        run = case(
            f"bounced, {scheme}", post, 1, "roundtrip-bounced", "--bounces",
            f"{scheme}://{host}", wait="1.5", pickup=scheme, left=1,
        )  # fmt: skip
        bounce = run.result()["roundtrip"]["bounce"]
        check(bounce["status"] == "5.2.2", "bounced: the status")
        check(bounce["diagnostic"].endswith("552 5.2.2 full"), "bounced: the words")
        check(post.folders["INBOX"][0].uid == 1, "bounced: another's report stays")
    case(
        "late", Post(bounce="delayed"), 2, "arrival", "--bounces", f"imaps://{host}",
        wait="1.5", left=1,
    )  # fmt: skip
    case("not bounced", Post(), 0, "", "--bounces", f"imaps://{host}")


def settings(tests):
    """Without --submit and --pickup."""
    run = Run(tests, Post())
    for option in "--submit", "--pickup":
        at = run.command.index(option)
        del run.command[at : at + 2]
    run.go()
    check(run.code == 0, f"by the settings: {run.code} {run.err.decode()}")
    tests.replay(run, "by the settings")
    run = Run(tests, Post())
    at = run.command.index("--submit")
    del run.command[at : at + 2]
    run.command[-2] = "bruno@nowhere.example"
    run.go()
    check(run.code == 2 and run.words() == "settings", f"no settings: {run.words()}")


def cleaning(tests):
    """Ours is deleted, and nothing else."""
    case = tests.case
    other = b"Subject: mine\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"
    old = b"Date: Mon, 3 Nov 2025 08:00:00 +0000\r\nX-Mailsonde-Token: " + (
        b"0" * 32 + b"\r\n\r\nleft behind\r\n"
    )
    day = time.time() - 3 * 86400

    def filled(deleted=False, **more):
        post = Post(**more)
        post.put("INBOX", other)
        post.put("INBOX", old, day)
        post.put("Junk", old, day)
        post.put("INBOX", old.replace(b"2025", b"2099"))
        if deleted:
            post.folders["INBOX"][0].flags.add("\\Deleted")
        return post

    case("others stay", filled(), 0, "", left=4)
    case("others stay, pop3", filled(), 0, "", left=4, pickup="pop3s")
    run = case("cleaned", filled(), 0, "", "--clean", left=2)
    check(run.result()["roundtrip"]["pickup"]["cleaned"] == 2, "cleaned: how many")
    run = case("cleaned, pop3", filled(), 0, "", "--clean", left=3, pickup="pop3s")
    check(run.result()["roundtrip"]["pickup"]["cleaned"] == 1, "cleaned by POP3")
    run = case("no UIDPLUS", filled(capabilities="IDLE"), 0, "", left=4)
    check(run.post.heard[-2].endswith("EXPUNGE"), "no UIDPLUS: plain EXPUNGE")
    case(
        "no UIDPLUS, others marked", filled(True, capabilities="IDLE"), 0,
        "roundtrip-left-behind", left=5,
    )  # fmt: skip
    case("UIDPLUS, others marked", filled(True), 0, "", left=4)
    case("read-only", Post(read_only=True), 0, "roundtrip-left-behind", left=1)


def interruptions(tests):
    """A signal while it waits."""
    post = Post(lost=True)
    run = Run(tests, post, wait="30")
    process = run.start("-j")
    while not post.envelopes:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    run.finish(process)
    check(run.code == 2, f"interrupted: {run.code}")
    check(run.words() == "interrupted", f"interrupted: {run.words()}")
    check("--clean" in run.out.decode(), "interrupted: what to do")
    tests.replay(run, "interrupted")
    post.close()

    # it arrives, and before the next look comes the signal
    post = Post(delay=2.3, capabilities="UIDPLUS")
    run = Run(tests, post, wait="30")
    process = run.start("-j")
    while not post.envelopes:
        time.sleep(0.02)
    time.sleep(2.7)
    process.send_signal(signal.SIGINT)
    run.finish(process)
    check(run.code == 0, f"interrupted late: {run.code}")
    check(post.total() == 0, f"interrupted late: {post.total()} left")
    tests.replay(run, "interrupted late")
    post.close()


def logins(tests):
    """Who cannot log in sends nothing."""
    case = tests.case
    case("without a log-in", Post(login=False), 0, "")
    case("without a log-in, pop3", Post(login=False), 0, "", pickup="pop3s")
    for pickup in "imaps", "pop3s":
        post = Post(secret="another")
        run = case("a wrong secret", post, 1, "", pickup=pickup)
        check(post.sessions["smtp"] == 0, "a wrong secret: nothing was sent")
        check(run.result()["findings"][0]["id"] == "login-refused", "a wrong secret")
    post = Post()
    post.logs_in_smtp = lambda given: False
    run = case("a wrong secret at submission", post, 1, "")
    check(not post.envelopes, "a wrong secret at submission: nothing was sent")
    run = Run(tests, Post())
    run.command[run.command.index("--ca-file") + 1] = "/dev/null"
    run.go()
    check(run.code in (2, 66), f"no trust: {run.code}")
    check(run.post.total() == 0 and not run.post.envelopes, "no trust: nothing sent")
    run = Run(tests, Post())
    run.command[run.command.index("SECRET_OF_TO")] = "NOT_SET"
    run.go()
    check(run.code == 64 and b"NOT_SET" in run.err, f"no secret: {run.err}")
    path = os.path.join(tests.work, "secret")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SECRET + "\n")
    os.chmod(path, 0o600)
    run = Run(tests, Post())
    at = run.command.index("--to-password-env")
    run.command[at : at + 2] = ["--to-password-file", path]
    run.go()
    check(run.code == 0, f"a file: {run.code} {run.err}")
    run = Run(tests, Post(), "--to-password-file", path).go()
    check(run.code == 64, f"two secrets: {run.code}")


HOSTILE = [
    ("a literal of 4 GB", "UID FETCH", b"* 1 FETCH (UID 1 BODY[] {4294967296}\r\nx"),
    ("a literal of 4 GB twice", "UID FETCH", b"* 1 FETCH (UID 1 BODY[] {99999999999}"),
    ("a literal that ends", "UID FETCH", b"* 1 FETCH (UID 1 BODY[] {100}\r\nabc"),
    ("junk", "UID SEARCH", b"\0\xff\r\n(((((\r\n* \r\n*\r\n+\r\n{}\r\n{5}\r\n"),
    ("endless untagged", "UID SEARCH", (b"* SEARCH 1 2 3\r\n",)),
    ("an endless line", "UID SEARCH", (b"* SEARCH 1 2 3 ",)),
    ("endless folders", "LIST", (b'* LIST (\\Junk) "/" {1}\r\nx\r\n',)),
    ("endless brackets", "UID FETCH", b"* 1 FETCH (X " + b"(" * 100000 + b"\r\n"),
    ("endless idling", "IDLE", (b"+ idling\r\n* 1 RECENT\r\n",)),
]


def hostile(tests):
    """Servers that mean harm: it ends in time, and says that it cannot tell."""
    for what, word, octets in HOSTILE:
        began = time.monotonic()
        post = Post(odd={word: octets}, finds_all=True)
        post.put("INBOX", b"Subject: mine\r\n\r\nhello\r\n")
        run = Run(tests, post, "--timeout", "6", wait="2").go()
        took = time.monotonic() - began
        check(run.code in (0, 2), f"{what}: {run.code} {run.err.decode()}")
        check(took < 10, f"{what}: it took {took:.1f} s")
        check(1 not in post.deleted, f"{what}: what is not ours was deleted")
        json.loads(run.out)
    for what, word, octets in (
        ("endless ids", "UIDL", (b"+OK\r\n1 a\r\n",)),
        ("an endless message", "TOP", (b"+OK\r\nX: y\r\n",)),
        ("a message that ends", "RETR", b"+OK\r\nSubject: x\r\n"),
        ("junk", "UIDL", b"+OK\r\n-1 a\r\n99999999999 b\r\n\0\r\n.\r\n"),
    ):
        post = Post(odd={word: octets})
        run = Run(tests, post, "--timeout", "6", pickup="pop3s", wait="2").go()
        check(run.code == 2, f"{what}: {run.code} {run.err.decode()}")
    post = Post(finds_all=True)
    post.put("INBOX", b"Subject: mine\r\n\r\nhello\r\n")
    tests.case("a search that finds all", post, 0, "", left=1)


def templates(tests):
    """A message of one's own."""
    path = os.path.join(tests.work, "letter")
    with open(path, "wb") as f:
        f.write(
            b"From: Harbour News <news@harbour.example>\nSubject: news\n"
            b"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            b"Content-Transfer-Encoding: 8bit\n\n.dot\n..\nk\xc3\xa4se\n.\n"
        )
    run = tests.case("template", Post(), 0, "", "--message", path)
    r = run.result()
    check(r["message"]["subject"] == "news", "template: its subject")
    check(r["message"]["from"][0]["address"] == "news@harbour.example", "its author")
    check(not r["roundtrip"]["changes"]["body"], "template: dots come through")
    check("BODY=8BITMIME" in run.post.envelopes[0], "template: 8BITMIME")
    run = tests.case("template, pop3", Post(), 0, "", "--message", path, pickup="pop3s")
    check(not run.result()["roundtrip"]["changes"]["body"], "dots come through POP3")
    with open(path, "wb") as f:
        f.write(b"no header here")
    run = Run(tests, Post(), "--message", path).go()
    check(run.code == 65, f"template that is none: {run.code}")


def formats(tests):
    """Monitoring."""
    run = Run(tests, Post(), "--warning", "seconds=0.001").go("-f", "nagios")
    check(run.code == 1, f"nagios: {run.code}")
    check(run.out.startswith(b"MAIL WARNING - bruno@harbour.example to"), str(run.out))
    check(b"'time'=" in run.out, "nagios: the figure")
    run = Run(tests, Post(lost=True), wait="1").go("-f", "nagios")
    check(run.code == 3 and b"MAIL UNKNOWN" in run.out, "nagios: lost")
    run = Run(tests, Post(folder="Junk")).go("-f", "nagios")
    check(run.code == 2 and b"MAIL CRITICAL" in run.out, "nagios: junk")
    run = Run(tests, Post()).go("-f", "prometheus")
    check(b'\nmailsonde_roundtrip_arrived{from_domain="' in run.out, "prometheus")
    check(b"@" not in run.out, "no mailbox is a label")
    run = Run(tests, Post(), "--pickup", "imaps://127.0.0.1:1").go("-f", "text")
    check(run.code == 2 and b"COULD NOT TELL" in run.out, "text: nobody is there")
    check(b"(null)" not in run.out, "text: who would have logged in")
    check(b"no TLS" not in run.out, "text: TLS that was not come to")
    run = Run(tests, Post(folder="Junk")).go("-f", "text", "-v")
    check(max(len(x) for x in run.out.decode().split("\n")) <= 200, "text")
    check(b"TAKEN FOR SPAM" in run.out, "text: the answer")
    check(SECRET.encode() not in run.out + run.err, "text: the secret")


def usage(tests):
    """Command lines that are wrong: nobody is spoken to."""
    nobody = ["--from-login", "-", "--to-login", "-", "--offline"]
    a, b = "a@x.example", "b@y.example"
    for words in (
        [],
        [a],
        [a, b, a],
        ["a", b],
        ["a b@x.example", b],
        ["a>\r\nRCPT TO:<c@x.example", b],
        [a, "<b@y.example"],
        ["--submit", "imaps://x.example", a, b],
        ["--pickup", "submissions://x.example", a, b],
        ["--bounces", "smtp://x.example", a, b],
        ["--submit", "x.example", a, b],
        ["--at", "2026-01-02T03:04:05Z", a, b],
        ["--wait", "0", a, b],
        ["--from-login", "", a, b],
        ["-f", "csv", "--warning", "seconds=x", a, b],
    ):
        done = subprocess.run(
            [tests.program, "roundtrip", *nobody, *words], capture_output=True
        )
        lines = done.stderr.decode().splitlines()
        check(done.returncode == 64, f"{words}: {done.returncode}")
        check(len(lines) == 1 and not done.stdout, f"{words}: {lines}")


def schema(tests):
    """All of it is as the schema says."""
    path = os.path.join(tests.work, "schema")
    with open(path, "wb") as f:
        f.write(subprocess.run([tests.program, "schema"], capture_output=True).stdout)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.py")
    for python in sys.executable, "/usr/bin/python3":
        if subprocess.run([python, "-c", "import jsonschema"], stderr=-3).returncode:
            continue
        done = subprocess.run(
            [python, script, path, os.path.join(tests.work, "all.ndjson")],
            capture_output=True,
            text=True,
        )
        last = done.stdout.splitlines()[-1] if done.stdout else done.stderr
        check(" passed, 0 failed" in last, f"schema: {done.stdout[-2000:]} {done.stderr}")
        return


def whole(group, tests):
    """A group that does not come to its end has failed."""
    try:
        group(tests)
    except Exception as error:
        check(False, f"{group.__name__}: {error!r}")
        raise


def main(program):
    with tempfile.TemporaryDirectory() as work:
        tests = Tests(program, work)
        groups = [
            threading.Thread(target=whole, args=(group, tests))
            for group in (
                arrivals, failures, bounces, settings, cleaning, interruptions, logins, hostile,
                templates, formats, usage,
            )  # fmt: skip
        ]
        for group in groups:
            group.start()
        for group in groups:
            group.join()
        schema(tests)
    print(f"roundtrip: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
