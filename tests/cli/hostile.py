#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# hostile.py - messages of ten million bytes, each made to hurt
#
# hostile.py PROGRAM [NAME...]: each goes through the program within a generous
# bound of time and memory, and the limits that it hits are said.
import json
import os
import resource
import subprocess
import sys
import tempfile

MB = 10_000_000
HEAD = (b"From: Ann <ann@a.example>\nTo: bob@b.example\n"
        b"Date: Mon, 5 Jan 2026 10:00:00 +0000\nMessage-ID: <1@a.example>\n")
MIME = HEAD + b"MIME-Version: 1.0\n"
FROM = b"From ann@a.example Mon Jan  5 10:00:00 2026\n"


def fill(piece, size=MB):
    return piece * (size // len(piece))


def field(name, piece, size=MB):
    return HEAD + name + b": " + fill(piece, size) + b"\n\nbody\n"


def folded(name, piece):
    """The same over lines of 900 bytes."""
    line = fill(piece, 900) + b"\n "
    return HEAD + name + b": " + fill(line) + b"\n\nbody\n"


def body(kind, text):
    return MIME + b"Content-Type: " + kind + b"\n\n" + text


def encoded(encoding, text):
    return (MIME + b"Content-Type: text/plain; charset=utf-8\n"
            b"Content-Transfer-Encoding: " + encoding + b"\n\n" + text)


def nested(n):
    """Multiparts, each the only part of the one before."""
    return MIME + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
        for i in range(n))


def numbered(text, n):
    return b"".join(text % i for i in range(n))


RECEIVED = (b"Received: from a%d.example (b.example [192.0.2.1])\n"
            b"\tby c%d.example (Postfix) with ESMTP id 1;"
            b" Mon, 5 Jan 2026 10:00:00 +0000\n")

CASES = {
    # header values
    "parens-subject": ("", lambda: field(b"Subject", b"(")),
    "parens-from": ("field_size comment_depth",
        lambda: field(b"Reply-To", b"(")),
    "parens-folded": ("field_size comment_depth",
        lambda: folded(b"Reply-To", b"(")),
    "parens-type": ("", lambda: field(b"Content-Type", b"(")),
    "parens-received": ("field_size comment_depth",
        lambda: field(b"Received", b"(")),
    "parens-results": ("field_size comment_depth",
        lambda: field(b"Authentication-Results", b"(")),
    "comments-from": ("field_size", lambda: field(b"Reply-To", b"(a)")),
    "marks-subject": ("", lambda: field(b"Subject", b"=?")),
    "marks-from": ("field_size", lambda: field(b"Reply-To", b"=?")),
    "words-subject": ("encoded_words",
                      lambda: field(b"Subject", b"=?utf-8?q?a?= ")),
    "words-open": ("encoded_words",
                   lambda: field(b"Subject", b"=?utf-8?b?! ")),
    "words-from": ("field_size encoded_words",
                   lambda: field(b"Reply-To", b"=?utf-8?b?YQ==?= ")),
    "words-charsets": ("encoded_words", lambda: HEAD + b"Subject: " + numbered(
        b"=?x%d?q?=FF?= ", 500_000) + b"\n\n"),
    "commas": ("field_size", lambda: field(b"Cc", b",")),
    "addresses": ("addresses", lambda: field(b"Cc", b"a@b.example,", 900_000)),
    "addresses-fields": ("headers", lambda: HEAD + fill(
        b"Cc: a@b.example\n")),
    "groups": ("field_size", lambda: field(b"Cc", b"a:b@c;")),
    "angles": ("field_size", lambda: field(b"Cc", b"<")),
    "quotes": ("field_size", lambda: field(b"Cc", b'"')),
    "backslashes": ("field_size", lambda: field(b"Cc", b"\\")),
    "params": ("params", lambda: field(b"Content-Type", b"a=b; ")),
    "params-pieces": ("params", lambda: HEAD + b"Content-Type: a/b" + numbered(
        b"; n*%d=x", 900_000) + b"\n\n"),
    "semicolons": ("", lambda: field(b"Content-Type", b";")),
    "results": ("field_size results",
        lambda: field(b"Authentication-Results", b"a=b; ")),
    "results-properties": ("field_size results", lambda: field(
        b"Authentication-Results", b"a; spf=pass " + b" x.y=z" * 1000)),
    "spf-results": ("field_size", lambda: field(b"Received-SPF", b"pass a=b ")),
    "id": ("", lambda: field(b"Message-ID", b"<")),
    "date": ("", lambda: field(b"Date", b"1 ")),
    "one-field": ("", lambda: field(b"X-A", b"a")),
    "blank-folds": ("header_size", lambda: field(b"X-A", b"\n ", 2 * MB)),
    # the header block
    "fields": ("headers", lambda: HEAD + fill(b"a: b\n")),
    "fields-from": ("headers", lambda: fill(b"From: a@b\n")),
    "fields-cr": ("headers", lambda: HEAD.replace(b"\n", b"\r") + fill(
        b"a: b\r")),
    "no-colon": ("headers", lambda: HEAD + fill(b"x\nX-A: b\n")),
    "received": ("received", lambda: HEAD + b"".join(
        RECEIVED % (i, i) for i in range(9000))),
    "received-comments": ("field_size received_words", lambda: field(
        b"Received", b"from a (b [192.0.2.1]) (c) by d (e) ")),
    "received-open": ("field_size received_words",
        lambda: field(b"Received", b"from a (b by c; ")),
    "results-much": ("claims", lambda: HEAD + fill(
        b"Authentication-Results: a" + b"; dkim=fail" * 200 + b"\n")),
    "results-many": ("headers claims", lambda: HEAD + fill(
        b"Authentication-Results: a; spf=fail smtp.mailfrom=b\n")),
    "pasted-blanks": ("text_size", lambda: b"\n" + HEAD + fill(b"\n")),
    "pasted-folding": ("text_size", lambda: b"\n" + HEAD + fill(b"abc\n")),
    # A header alone is taken for pasted up to 64 KiB.
    "pasted-blanks-small": ("", lambda: b"\n" + HEAD + fill(b"\n", 60_000)),
    "pasted-indented-small": ("", lambda: b"  From: a@a.example\n" + fill(
        b"\n \n", 60_000)),
    "pasted-cr-small": ("", lambda: b"\r" + HEAD.replace(
        b"\n", b"\r") + fill(b"\r", 60_000)),
    # the body
    "boundaries": ("", lambda: body(
        b"multipart/mixed; boundary=b", fill(b"--b\n"))),
    "boundaries-parts": ("mime_parts", lambda: body(
        b"multipart/mixed; boundary=b", fill(b"--b\n\nx\n"))),
    "boundaries-none": ("", lambda: body(
        b"multipart/mixed; boundary=b", fill(b"--\n"))),
    "boundaries-cr": ("mime_parts", lambda: body(
        b"multipart/mixed; boundary=b",
        fill(b"--b\n\nx\n")).replace(b"\n", b"\r")),
    "nested": ("mime_depth", lambda: nested(170_000)),
    "attachments": ("mime_parts", lambda: body(
        b"multipart/mixed; boundary=b", fill(
            b"--b\nContent-Type: a/b; name=a.pdf.exe\n\nMZ\0\0\n"))),
    "nested-same": ("defects mime_depth", lambda: MIME + fill(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n")),
    "nested-messages": ("mime_depth", lambda: MIME + fill(
        b"Content-Type: message/rfc822\n\n")),
    "long-boundary": ("", lambda: body(
        b"multipart/mixed; boundary=" + b"b" * 500_000,
        fill(b"--" + b"b" * 500_000 + b"\n"))),
    "text-lf": ("text_size", lambda: body(b"text/plain", fill(b"\n"))),
    "text-cr": ("text_size",
        lambda: (HEAD + b"\n").replace(b"\n", b"\r") + fill(
        b"\r")),
    "links": ("links", lambda: body(b"text/plain", b"".join(
        b"http://a%d.example/\n" % i for i in range(350_000)))),
    "links-marks": ("text_size", lambda: body(b"text/plain", fill(b"http://"))),
    "links-www": ("text_size", lambda: body(b"text/plain", fill(b"www."))),
    "links-at": ("text_size", lambda: body(b"text/plain", fill(b"a@"))),
    "links-brackets": ("text_size", lambda: body(
        b"text/plain", b"http://a/" + fill(b"("))),
    "html-angles": ("html_size", lambda: body(b"text/html", fill(b"<"))),
    "html-anchors": ("links html_size", lambda: body(b"text/html", b"".join(
        b"<a href=//a%d.example>x</a>" % i for i in range(300_000)))),
    "html-depth": ("html_size", lambda: body(b"text/html", fill(b"<b>"))),
    "html-tables": ("html_size", lambda: body(b"text/html", fill(b"<table>x"))),
    "html-attributes": ("html_size", lambda: body(
        b"text/html", b"<a " + fill(b"a=b "))),
    "html-entities": ("html_size", lambda: body(b"text/html", fill(b"&"))),
    "html-formatting": ("links html_size", lambda: body(
        b"text/html", fill(b"<a href=x><p>"))),
    "base64": ("", lambda: encoded(b"base64", fill(b"="))),
    "base64-odd": ("", lambda: encoded(b"base64", fill(b"A*\n"))),
    "qp": ("text_size", lambda: encoded(b"quoted-printable", fill(b"="))),
    "qp-blanks": ("text_size",
        lambda: encoded(b"quoted-printable", fill(b" "))),
    "uuencode": ("embedded text_size", lambda: body(
        b"text/plain", fill(b"begin 644 a\n#86)C\nend\n"))),
    "uuencode-open": ("text_size", lambda: body(
        b"text/plain", fill(b"begin 644 a\n"))),
    "yenc": ("embedded text_size", lambda: body(
        b"text/plain", fill(b"=ybegin line=1 size=1 name=a\n"))),
    "report": ("report_fields", lambda: body(
        b"message/delivery-status", fill(b"A: b\n\n"))),
    "report-folds": ("", lambda: body(
        b"message/delivery-status", b"A: b\n" + fill(b" c\n"))),
    "report-junk": ("", lambda: body(
        b"message/delivery-status", fill(b"abc\n"))),
    "calendar": ("report_fields", lambda: body(
        b"text/calendar", fill(b"BEGIN:A\nB:c\nEND:A\n"))),
    "charset-shifts": ("text_size", lambda: body(
        b"text/plain; charset=iso-2022-jp", fill(b"\x1b$B\x1b(B"))),
    "charset-bad": ("html_size", lambda: body(
        b"text/html; charset=utf-16", fill(b"\xd8\x00"))),
    # mailboxes
    "mbox-from": ("text_size", lambda: FROM + HEAD + b"\n" + fill(
        b">From x\n")),
    "mbox-quoted": ("text_size",
        lambda: FROM + HEAD + b"\n" + b">" * MB + b"From \n"),
    "mbox-many": ("", lambda: fill(
        FROM + b"Subject: x\n\n\n", 1_000_000)),
    "mbox-length": ("", lambda: FROM + b"Content-Length: 99999999999\n" + HEAD
                    + b"\n" + fill(FROM)),
    "emlx": ("text_size",
        lambda: b"99999999999999\n" + HEAD + b"\n" + fill(b"x\n")),
}


# Outlook files: what is said of them is said of what they hold.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../support"))
import make_msg  # noqa: E402


def outlook(more=(), recipients=(), attachments=()):
    return make_msg.compound(make_msg.message(
        [(0x001A, make_msg.UNICODE, "IPM.Note"),
         (0x0037, make_msg.UNICODE, "x"), *more], recipients, attachments))


def outlook_nested(n):
    inner = make_msg.message([(0x0037, make_msg.UNICODE, "x")], top=False)
    for _ in range(n):
        inner = make_msg.message(
            [(0x0037, make_msg.UNICODE, "x")], top=False,
            attachments=[make_msg.attachment("m", inner, method=5)])
    return outlook(attachments=[make_msg.attachment("m", inner, method=5)])


def directory_chain(n):
    """Entries of the directory, each the right sibling of the one before."""
    octets = bytearray(outlook([(0x6000 + i, make_msg.BINARY, b"x")
                                for i in range(n)]))
    at = 512 + 512 * int.from_bytes(octets[48:52], "little")
    for i in range(1, n):
        entry = at + 128 * i
        octets[entry + 68:entry + 76] = (
            b"\xff\xff\xff\xff" + (i + 1).to_bytes(4, "little"))
    octets[at + 76:at + 80] = (1).to_bytes(4, "little")
    return bytes(octets)


def rtf_of(text):
    return make_msg.struct.pack(
        "<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text


def rtf_bomb():
    """Two octets for seventeen, over and over; a place that is written next
    would be the end."""
    body, at = bytearray(bytes(1) + b"aaaaaaaa"), 215
    for i in range(600_000):
        if i % 8 == 0:
            body += b"\xff"
        body += ((208 if at == 207 else 207) << 4 | 15).to_bytes(2, "big")
        at = (at + 17) % 4096
    return make_msg.struct.pack(
        "<IIII", len(body) + 12, 0xFFFFFFFF, 0x75465A4C, 0) + body


MSG = {
    "msg-text": ("text_size", lambda: outlook(
        [(0x1000, make_msg.UNICODE, fill(b"x ", MB).decode())])),
    "msg-header": ("headers", lambda: outlook(
        [(0x007D, make_msg.UNICODE, fill(b"A: b\r\n", MB // 2).decode())])),
    "msg-recipients": ("addresses", lambda: outlook(recipients=[
        make_msg.recipient(1, "x", "a@b.example")] * 11_000)),
    "msg-attachments": ("mime_parts", lambda: outlook(attachments=[
        make_msg.attachment("x", b"x")] * 11_000)),
    "msg-nested": ("mime_depth", lambda: outlook_nested(200)),
    "msg-siblings": ("", lambda: directory_chain(40_000)),
    "msg-rtf": ("rtf_depth rtf_size", lambda: outlook(
        [(0x1009, make_msg.BINARY, rtf_of(fill(b"{\\*\\x ", MB)))])),
    "msg-rtf-bomb": ("rtf_size text_size", lambda: outlook(
        [(0x1009, make_msg.BINARY, rtf_bomb())])),
    "msg-rtf-charsets": ("", lambda: outlook(
        [(0x1009, make_msg.BINARY, rtf_of(
            b"{\\rtf1{\\fonttbl{\\f1\\fcharset128 a;}}" +
            fill(b"\\f1\\'83\\'58\\f0\\'e9", MB // 2)))])),
    "tnef-attributes": ("", lambda: make_msg.tnef([]) + fill(
        make_msg.tnef_attribute(1, 0x00018004, b"x\0"))),
    "tnef-attachments": ("mime_parts", lambda: make_msg.tnef(
        [], [(b"x", b"x", [])] * 11_000)),
}
CASES.update(MSG)


# The processor's time that nothing may need: generous, as machines differ and
# sanitizers are slow; what is quadratic needs minutes.
SECONDS = 10
# Twenty times the input; not asked of a build with sanitizers.
MEMORY = 200 << 20


def limit_time():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))


def run(program, path, arguments):
    """Returns what is wrong, and the lines that came out."""
    with open(path, "rb") as message, tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [program, *arguments, "--fail-on", "never", "-"], stdin=message,
            stdout=out, stderr=subprocess.PIPE, preexec_fn=limit_time)
        error = process.stderr.read().decode("utf-8", "replace")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        line = out.readline()
    if process.returncode != 0:
        return "status %d %s" % (process.returncode, error), line
    if used.ru_maxrss * 1024 > MEMORY and "asan" not in program:
        return "%d MiB" % (used.ru_maxrss >> 10), line
    return None, line


def check(program, path, name, limits):
    wrong, line = run(program, path, ["analyze", "-f", "ndjson"])
    if not wrong:
        said = [f["evidence"]["limit"] for f in json.loads(line)["findings"]
                if f["id"] == "limit-reached"]
        if sorted(said) != sorted(limits):
            wrong = "limits %s, wanted %s" % (said, limits)
    if not wrong:
        wrong, _ = run(program, path, ["parse", "-v"])
    if wrong:
        print("FAILED: %s: %s" % (name, wrong))
    return not wrong


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "message")
        for name, (limits, make) in CASES.items():
            if wanted and name not in wanted:
                continue
            with open(path, "wb") as file:
                file.write(make())
            if check(program, path, name, limits.split()):
                passed += 1
            else:
                failed += 1
    print("hostile: %d passed, %d failed, 0 skipped" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
