#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# page.py - every page is valid, stands alone, and has nothing of a stranger's
# in it but text
#
# page.py PROGRAM: pages of the samples and of messages made to break out, read
# as XML, and by tidy where it is installed.
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

PROGRAM = os.path.abspath(sys.argv[1])
SAMPLES = "samples/messages/"
ELEMENTS = set("html head meta title style body header h1 h2 h3 h4 main nav "
               "article section p ul li a strong b i dl dt dd table thead "
               "tbody tr th td pre wbr br".split())
ATTRIBUTES = set("class id href scope data-label lang aria-labelledby charset "
                 "http-equiv content name".split())
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
passed = failed = skipped = 0


def check(name, good, why=""):
    global passed, failed
    passed += good
    failed += not good
    if not good:
        print("FAILED: page: %s %s" % (name, why))


def run(*args, data=None, status=None, **more):
    got = subprocess.run([PROGRAM, *args], input=data, timeout=120,
                         capture_output=True, **more)
    if status is not None and got.returncode != status:
        check(args, False, "status %d\n%s" % (got.returncode,
                                              got.stderr.decode()))
    return got.stdout


def tidy(page):
    """What tidy objects to; it is told of attributes that it does not know."""
    got = subprocess.run(["tidy", "-q", "-e", "-utf8"], input=page,
                         capture_output=True, check=False)
    return got.stderr.decode()


def levels(root):
    """Levels of headings: the first is 1, and none is left out on the way."""
    before = 0
    for e in root.iter():
        if re.fullmatch("h[1-6]", e.tag):
            if int(e.tag[1]) > before + 1:
                return False
            before = int(e.tag[1])
    return before > 0


def heads(root):
    return all(e.get("scope") in ("row", "col") and "".join(e.itertext())
               for e in root.iter("th"))


def own(root, ids):
    """Our elements and attributes, and links to places that there are."""
    for e in root.iter():
        if e.tag not in ELEMENTS or set(e.attrib) - ATTRIBUTES:
            return "<%s %s>" % (e.tag, e.attrib)
        if "href" in e.attrib and e.get("href")[1:] not in ids:
            return "href %s" % e.get("href")
    return None


def look(name, page, parts=1):
    """All that holds of every page. Returns its tree."""
    try:
        root = tree.fromstring(page)
    except tree.ParseError as error:
        check(name, False, error)
        return None
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    check(name + ": a page", page.startswith(b"<!DOCTYPE html>\n<html lang"))
    check(name + ": ids", len(ids) == len(set(ids)))
    wrong = own(root, set(ids))
    check(name + ": its own", wrong is None, wrong)
    check(name + ": headings", levels(root))
    check(name + ": heads of tables", heads(root))
    check(name + ": parts", len(list(root.iter("article"))) == parts,
          len(list(root.iter("article"))))
    check(name + ": list", len(list(root.iter("nav"))) == (parts != 1))
    policy = [e.get("content") for e in root.iter("meta")
              if e.get("http-equiv") == "Content-Security-Policy"]
    check(name + ": policy", len(policy) == 1 and POLICY in policy[0])
    style = "".join(root.find("head/style").itertext())
    check(name + ": style", "url(" not in style and "@import" not in style)
    check(name + ": comments", b"<!--" not in page)
    bad = re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", page)
    check(name + ": controls", bad is None, bad)
    if shutil.which("tidy"):
        words = tidy(page)
        check(name + ": tidy", words == "", words)
    return root


def text_of(root):
    return "".join(root.itertext())


# ---- every command ----

ZONE = ["--offline", "--zone", "samples/dns/samples.zone"]
COMMANDS = {
    "analyze": ZONE + [SAMPLES + "invoice-lure.eml"],
    "parse": [SAMPLES + "broken-structure.eml"],
    "trace": [SAMPLES + "far-travelled.eml"],
    "auth": ZONE + [SAMPLES + "length-abuse.eml"],
    "domain": ZONE + ["harbour.example"],
    "settings": ZONE + ["jo@harbour.example"],
    "dmarc": ZONE + ["--from", "harbour.example"],
    "spf": ["--replay", "samples/records/spf.ndjson"],
    "geoip": ["192.0.2.1"],
}


def every_command():
    for command, args in COMMANDS.items():
        look(command, run(command, "-f", "html", *args))
    look("probe", run("probe", "-f", "html", "--replay",
                      "samples/records/harbour-mx.ndjson"), 2)
    look("fix", run("domain", "--fix", "-f", "html", *ZONE,
                    "harbour.example"))
    look("summary", run("domain", "--summary", "-f", "html", *ZONE,
                        "harbour.example", "bay.example"), 3)
    n = len(os.listdir(SAMPLES)) + 1  # a mailbox of two
    look("samples", run("analyze", "-f", "html", *ZONE, SAMPLES), n)
    with tempfile.TemporaryDirectory() as folder:
        look("nothing", run("analyze", "-f", "html", "--offline", folder))


# ---- breaking out ----

TRICKS = [
    b"<script>alert(1)</script>", b"</style></title></pre><svg onload=a()>",
    b"\" onclick=\"a()\" x='", b"&lt;b&gt;&#60;b&#x3e;&amp", b"<!--", b"-->",
    b"]]><![CDATA[<b>", b"a\0<b>", b"\xff\xfe<\0b\0>\0",
    b"+ADw-script+AD4-", b"\xed\xa0\x80\xed\xb0\x80", b"\xc0\xbcb\xc0\xbe",
    b"\xe2\x80\xa8<b>\xe2\x80\xa9", b"\xe2\x80\xaegpj.exe",
    b"\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbf", b"\x01s\x02\x01",
    b"\x1b]8;;http://e.example\x07x\x1b[0m", b"\xc2\x85\xc2\x9b31m",
    b"w" * 20000, b"{{7*7}}${7*7}<%= 7 %>", b"=cmd|' /C calc'!A0",
]


def hostile(trick):
    """A message that says it everywhere."""
    line = trick.replace(b"\n", b" ")
    return (b"Received: from " + line + b" (" + line + b" [192.0.2.1])\n"
            b"\tby " + line + b" with ESMTP id " + line + b";"
            b" Mon, 5 Jan 2026 10:00:00 +0000\n"
            b"Authentication-Results: " + line + b"; spf=" + line + b"\n"
            b"From: \"" + line + b"\" <a@b.example>\nTo: " + line + b"\n"
            b"Subject: " + line + b"\nMessage-ID: <" + line + b"@x>\n"
            b"X-" + line + b": " + line + b"\nDate: " + line + b"\n"
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\nContent-Type: text/html; charset=utf-8\n\n"
            b"<a href='http://e.example/" + line + b"'>" + line + b"</a>"
            b"<a href=\"javascript:" + line + b"\">x</a>"
            b"<form action='//" + line + b".example/'>\n--b\n"
            b"Content-Type: application/" + line + b"; name=\"" + line +
            b".exe\"\nContent-Disposition: attachment; filename=\"" + line +
            b".pdf.exe\"\n\nMZ\n--b--\n")


def breaking_out():
    for i, trick in enumerate(TRICKS):
        for command in ("analyze", "parse"):
            args = ["--offline"] if command == "analyze" else []
            root = look("%s of trick %d" % (command, i),
                        run(command, "-f", "html", *args, "-",
                            data=hostile(trick)))
            if root is not None:
                check("no link of trick %d" % i,
                      "http://" not in text_of(root))


def from_the_dns():
    """Records, and names that cannot be any."""
    with tempfile.TemporaryDirectory() as folder:
        zone = os.path.join(folder, "zone")
        with open(zone, "w", encoding="utf-8") as out:
            out.write("a.example. TXT \"v=spf1 </pre><b onx=1> -all\"\n"
                      "a.example. MX 10 mx.a.example.\n"
                      "_dmarc.a.example. TXT \"v=DMARC1; p=<i>&lt;\\226\\128"
                      "\\174; rua=mailto:'\\\"x@y\"\n")
        root = look("records", run("domain", "-f", "html", "--offline",
                                   "--zone", zone, "a.example"))
        check("records are shown", "</pre><b onx=1>" in text_of(root))
        look("names", run("domain", "-f", "html", "--offline", "--zone", zone,
                          "<b>.example", "\"'><i>", "a&b.example"), 3)


def many_links():
    links = b"".join(b"<a href='https://h%d.example/\"><b>'>x%d</a>\n" % (i, i)
                     for i in range(10000))
    message = (b"From: a@b.example\nSubject: links\nMIME-Version: 1.0\n"
               b"Content-Type: text/html; charset=utf-8\n\n" + links)
    page = run("parse", "-f", "html", "-", data=message)
    root = look("10,000 links", page)
    rows = [e for e in root.iter("tr") if "hxxps:" in text_of(e)]
    check("each of them", len(rows) == 10000, len(rows))


# ---- written whole, in bounded memory ----

def whole_or_not():
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        run("parse", "-f", "html", "-o", page, SAMPLES + "genuine.eml",
            status=0)
        with open(page, "rb") as file:
            look("a file", file.read())
        run("parse", "-f", "html", "-o", "/dev/full", SAMPLES, status=74)
        mailbox = os.path.join(folder, "mbox")
        with open(mailbox, "wb") as file:
            for i in range(40000):
                file.write(b"From a@b.example Mon Jan  5 10:00:00 2026\n"
                           b"From: a%d@b.example\nSubject: <b>%d\n\nx\n\n"
                           % (i, i))
        nowhere = dict(os.environ, TMPDIR=os.path.join(folder, "nowhere"))
        run("parse", "-f", "html", "-o", page + "2", mailbox, status=74,
            env=nowhere)
        check("nothing is left", sorted(os.listdir(folder)) ==
              ["mbox", "page.html"], os.listdir(folder))
        run("parse", "-f", "html", "-o", page, "--jobs", "2", mailbox,
            status=0, env=dict(os.environ, TMPDIR=folder))
        check("no temporary file is left", sorted(os.listdir(folder)) ==
              ["mbox", "page.html"], os.listdir(folder))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        with open(page, "rb") as file:
            text = file.read()
        check("all of 40,000", text.count(b"<article id=") == 40000 and
              text.count(b"<a href=\"#s40000\">") == 1 and
              text.endswith(b"</main>\n</body>\n</html>\n"))
        check("order", text.index(b"id=\"s1\"") < text.index(b"id=\"s39999\"")
              < text.index(b"id=\"s40000\""))
        check("memory", peak * 1024 < len(text) * 2, peak)


def same_again():
    args = ["analyze", "-f", "html", "--replay",
            "samples/records/spoofed.ndjson", SAMPLES + "spoofed.eml"]
    check("replay", run(*args) == run(*args))
    several = ["parse", "-f", "html", SAMPLES]
    check("jobs", run(*several, "--jobs", "1") == run(*several, "--jobs", "4"))


def main():
    global skipped
    if not shutil.which("tidy"):
        print("SKIPPED: page: tidy is not installed")
        skipped += 1
    every_command()
    breaking_out()
    from_the_dns()
    many_links()
    whole_or_not()
    same_again()
    print("page: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(failed > 0)


main()
