#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make_msg.py - writes the Outlook files of the tests, [MS-CFB], [MS-OXMSG]

make_msg.py ROOT   writes them where they belong below ROOT, the tests' folder

They are committed: this is how they were made, and how one more is made.
"""
import binascii
import os
import struct
import sys

FREE, LAST, FATSECT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
UNICODE, STRING8, BINARY, LONG, BOOLEAN, TIME, OBJECT = (
    0x1F, 0x1E, 0x102, 0x03, 0x0B, 0x40, 0x0D)


# ---- the compound file ----

def balanced(children):
    """The siblings as a tree: the index of its root, links by index."""
    links = {}

    def build(low, high):
        if low >= high:
            return None
        middle = (low + high) // 2
        links[middle] = (build(low, middle), build(middle + 1, high))
        return middle

    return build(0, len(children)), links


def compound(root):
    """`root`: a dict of names to octets (streams) or dicts (storages)."""
    entries = []  # [name, type, left, right, child, start, size, octets]

    def add(name, kind, octets=b""):
        entries.append([name, kind, FREE, FREE, FREE, 0, 0, octets])
        return len(entries) - 1

    def fill(parent, tree):
        names = sorted(tree, key=lambda n: (len(n), n.upper()))
        numbers = []
        for name in names:
            kind = 1 if isinstance(tree[name], dict) else 2
            numbers.append(add(name, kind, b"" if kind == 1 else tree[name]))
        top, links = balanced(names)
        if top is not None:
            entries[parent][4] = numbers[top]
        for at, (left, right) in links.items():
            if left is not None:
                entries[numbers[at]][2] = numbers[left]
            if right is not None:
                entries[numbers[at]][3] = numbers[right]
        for name, number in zip(names, numbers):
            if entries[number][1] == 1:
                fill(number, tree[name])

    fill(add("Root Entry", 5), root)
    mini, mini_fat, sectors, fat = bytearray(), [], [], []

    def store(octets, size=512):
        """A chain of sectors; where it begins."""
        if not octets:
            return LAST
        start = len(sectors)
        for at in range(0, len(octets), size):
            sectors.append(octets[at:at + size].ljust(size, b"\0"))
            fat.append(len(sectors))
        fat[-1] = LAST
        return start

    for e in entries:
        if e[1] != 2:
            continue
        e[6] = len(e[7])
        if e[6] >= 4096:
            e[5] = store(e[7])
        elif e[6] > 0:
            e[5] = len(mini_fat)
            units = (e[6] + 63) // 64
            mini += e[7].ljust(units * 64, b"\0")
            mini_fat += range(e[5] + 1, e[5] + units)
            mini_fat.append(LAST)
    entries[0][5], entries[0][6] = store(mini), len(mini)
    mini_start = store(b"".join(struct.pack("<I", x) for x in mini_fat))
    directory = bytearray()
    for name, kind, left, right, child, start, size, _ in entries:
        text = name.encode("utf-16-le")
        directory += text.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ", len(text) + 2, kind, 1, left, right, child,
            b"", 0, 0, 0, start, size)
    directory_start = store(directory)
    n, more = 1, 0  # sectors of the FAT, and of the list of their places
    while (len(sectors) + n + more + 127) // 128 > n:
        n += 1
        more = max(0, (n - 109 + 126) // 127)
    places = list(range(len(sectors), len(sectors) + n))
    fat += [FATSECT] * n + [FATSECT - 1] * more
    first = len(sectors) + n
    rest = b""
    for i in range(more):
        run = places[109 + 127 * i:236 + 127 * i]
        run += [FREE] * (127 - len(run))
        run.append(first + i + 1 if i + 1 < more else LAST)
        rest += b"".join(struct.pack("<I", x) for x in run)
    table = b"".join(struct.pack("<I", x) for x in fat).ljust(
        512 * n, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHHHIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, n,
        directory_start, 0, 4096, mini_start if mini_fat else LAST,
        (len(mini_fat) + 127) // 128, first if more else LAST, more)
    head += b"".join(struct.pack("<I", x) for x in places[:109])
    return head.ljust(512, b"\xff") + b"".join(sectors) + table + rest


# ---- properties ----

def filetime(text):
    import datetime
    when = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    epoch = datetime.datetime(1601, 1, 1)
    return int((when - epoch).total_seconds()) * 10000000


def storage(properties, header, charset=None):
    """Properties as (id, type, value); with a charset, text is in octets."""
    tree, listed = {}, b""
    for number, kind, value in properties:
        if kind == UNICODE and charset:
            kind = STRING8
        tag = number << 16 | kind
        if kind in (LONG, BOOLEAN):
            listed += struct.pack("<IIQ", tag, 6, value)
            continue
        if kind == TIME:
            listed += struct.pack("<IIQ", tag, 6, filetime(value))
            continue
        if kind == UNICODE:
            value = value.encode("utf-16-le")
        elif kind == STRING8:
            value = value.encode(charset)
        size = 0xFFFFFFFF if kind == OBJECT else len(value) + (
            2 if kind == UNICODE else 1 if kind == STRING8 else 0)
        listed += struct.pack("<IIII", tag, 6, size, 0)
        tree["__substg1.0_%08X" % tag] = value
    tree["__properties_version1.0"] = bytes(header) + listed
    return tree


def message(properties, recipients=(), attachments=(), charset=None, top=True):
    tree = storage(properties, 32 if top else 24, charset)
    for i, r in enumerate(recipients):
        tree["__recip_version1.0_#%08X" % i] = storage(r, 8, charset)
    for i, a in enumerate(attachments):
        tree["__attach_version1.0_#%08X" % i] = storage(a, 8, charset)
    return tree


def recipient(kind, name, address, smtp=None, exchange=False):
    out = [(0x0C15, LONG, kind), (0x3001, UNICODE, name),
           (0x3002, UNICODE, "EX" if exchange else "SMTP"),
           (0x3003, UNICODE, address)]
    if smtp:
        out.append((0x39FE, UNICODE, smtp))
    return out


def attachment(name, octets, tag=None, cid=None, method=1):
    out = [(0x3705, LONG, method), (0x3707, UNICODE, name),
           (0x3701, OBJECT if isinstance(octets, dict) else BINARY, octets)]
    if tag:
        out.append((0x370E, UNICODE, tag))
    if cid:
        out += [(0x3712, UNICODE, cid), (0x3714, LONG, 4)]
    return out


# ---- compressed RTF ----

PREBUF = (rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman "
          rb"\fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes "
          rb"New RomanCourier{\colortbl\red0\green0\blue0") + b"\r\n" + (
              rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx")


def rtf(text):
    """[MS-OXRTFCP], with references where three octets or more repeat."""
    window, tokens, at = bytearray(PREBUF), [], 0
    while at < len(text):
        n = min(17, len(text) - at)
        while n > 2 and bytes(window).rfind(
                text[at:at + n], max(0, len(window) - 3000)) < 0:
            n -= 1
        if n > 2:
            found = bytes(window).rfind(text[at:at + n],
                                        max(0, len(window) - 3000))
            tokens.append((True, struct.pack(
                ">H", (found & 4095) << 4 | (n - 2))))
        else:
            n = 1
            tokens.append((False, text[at:at + 1]))
        window += text[at:at + n]
        at += n
    tokens.append((True, struct.pack(">H", (len(window) & 4095) << 4)))
    body = b""
    for i in range(0, len(tokens), 8):
        run = tokens[i:i + 8]
        body += bytes([sum(t[0] << k for k, t in enumerate(run))])
        body += b"".join(t[1] for t in run)
    crc = binascii.crc32(body, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return struct.pack("<IIII", len(body) + 12, len(text), 0x75465A4C,
                       crc) + body


# ---- winmail.dat, [MS-OXTNEF] ----

def padded(octets):
    return octets + bytes(-len(octets) % 4)


def tnef_list(properties):
    out = struct.pack("<I", len(properties))
    for number, kind, value in properties:
        out += struct.pack("<HH", kind, number)
        if kind in (LONG, BOOLEAN):
            out += struct.pack("<I", value)
            continue
        if kind == TIME:
            out += struct.pack("<Q", filetime(value))
            continue
        if kind == UNICODE:
            value = value.encode("utf-16-le") + b"\0\0"
        out += struct.pack("<II", 1, len(value)) + padded(value)
    return out


def tnef_attribute(level, name, octets):
    return struct.pack("<BII", level, name, len(octets)) + octets + (
        struct.pack("<H", sum(octets) & 0xFFFF))


def tnef(properties, attachments=()):
    """Attachments as (title, octets, properties)."""
    out = bytearray(struct.pack("<IH", 0x223E9F78, 1))
    out += tnef_attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    out += tnef_attribute(1, 0x00069003, tnef_list(properties))
    for title, octets, more in attachments:
        out += tnef_attribute(2, 0x00069002, bytes(14))
        out += tnef_attribute(2, 0x00018010, title + b"\0")
        if octets is not None:
            out += tnef_attribute(2, 0x0006800F, octets)
        out += tnef_attribute(2, 0x00069005, tnef_list(more))
    return bytes(out)


# ---- the files ----

HEADER = """Received: from mx.shop.example (mx.shop.example [192.0.2.25])\r
 by mail.example.org with ESMTPS id 4ABC; Mon, 12 Jan 2026 09:00:05 +0000\r
Received: from desk.shop.example ([198.51.100.7]) by mx.shop.example\r
 with ESMTPA id 1; Mon, 12 Jan 2026 09:00:02 +0000\r
Authentication-Results: mail.example.org; dkim=pass header.d=shop.example;\r
 spf=pass smtp.mailfrom=shop.example\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=s1;\r
 h=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r
 b=AAAA\r
Return-Path: <orders@shop.example>\r
From: Shop Orders <orders@shop.example>\r
To: Jane Roe <jane@example.org>\r
Subject: Your order\r
Date: Mon, 12 Jan 2026 09:00:00 +0000\r
Message-ID: <1@shop.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="gone"\r
\r
"""
HTML = (b'<html><body>See <a href="https://shop.example/o/1">'
        b'your order</a> <img src="cid:logo@shop"></body></html>')
PNG = binascii.unhexlify(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc33000000"
    "0049454e44ae426082")
FROM = [(0x0042, UNICODE, "Shop Orders"), (0x0064, UNICODE, "SMTP"),
        (0x0065, UNICODE, "orders@shop.example"),
        (0x0C1A, UNICODE, "Shop Orders"), (0x0C1E, UNICODE, "SMTP"),
        (0x0C1F, UNICODE, "orders@shop.example")]
JANE = recipient(1, "Jane Roe", "jane@example.org")


def received():
    return message(
        [(0x001A, UNICODE, "IPM.Note"), (0x0037, UNICODE, "Your order"),
         (0x007D, UNICODE, HEADER), (0x0E07, LONG, 1),
         (0x1000, UNICODE, "See https://shop.example/o/1 \u2013 thanks.\r\n"),
         (0x1013, BINARY, HTML), (0x3FDE, LONG, 65001)] + FROM, [JANE],
        [attachment("Rechnung f\u00fcr Jane.pdf", b"%PDF-1.4\n" + b"x" * 5000,
                    "application/pdf"),
         attachment("logo.png", PNG, "image/png", "logo@shop")])


def saved():
    """The genuine letter of the samples as Outlook would save it: its header
    as it was, of its body the text alone."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../samples/messages/genuine.eml"),
              "rb") as f:
        header, body = f.read().replace(b"\r\n", b"\n").split(b"\n\n", 1)
    return message(
        [(0x001A, UNICODE, "IPM.Note"), (0x0E07, LONG, 1),
         (0x007D, UNICODE, header.replace(b"\n", b"\r\n").decode() +
          "\r\n\r\n"),
         (0x1000, UNICODE, body.decode())])


def exchange():
    """No internet header, text in octets, the body as HTML in RTF alone."""
    dn = "/O=CORP/OU=EXCHANGE ADMINISTRATIVE GROUP (X)/CN=RECIPIENTS/CN="
    body = (rb"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss "
            rb"\fcharset204 Arial;}{\f1\fnil \fcharset0 Arial;}}" b"\r\n"
            rb"{\*\htmltag64 <p>}\htmlrtf{\f0\htmlrtf0 "
            rb"\'cf\'f0\'e8\'e2\'e5\'f2\htmlrtf}\htmlrtf0"
            rb"{\*\htmltag84 <a href=" b'"https://corp.example/x"' rb">}"
            rb"\u8212 ? x\{1\}\lquote{\*\htmltag92 </a>}"
            rb"\htmlrtf\par\htmlrtf0{\*\htmltag72 </p>}}")
    return message(
        [(0x001A, UNICODE, "IPM.Note"),
         (0x0037, UNICODE, "\u041e\u0442\u0447\u0451\u0442"),
         (0x0039, TIME, "2026-01-12T09:00:00Z"), (0x0E07, LONG, 1),
         (0x1009, BINARY, rtf(body)), (0x3FFD, LONG, 1251),
         (0x1035, UNICODE, "<2@corp.example>"),
         (0x0042, UNICODE, "\u0410\u043d\u043d\u0430"),
         (0x0064, UNICODE, "EX"), (0x0065, UNICODE, dn + "ANNA"),
         (0x5D02, UNICODE, "anna@corp.example"),
         (0x0C1A, UNICODE, "Assistant"), (0x0C1E, UNICODE, "EX"),
         (0x0C1F, UNICODE, dn + "ASSIST")],
        [recipient(1, "Boris", dn + "BORIS", "boris@corp.example", True),
         recipient(2, "All Staff", dn + "STAFF", None, True),
         recipient(3, "hidden@corp.example", dn + "H", None, True)],
        charset="cp1251")


def embedded():
    inner = message(
        [(0x001A, UNICODE, "IPM.Note"), (0x0037, UNICODE, "Your order"),
         (0x007D, UNICODE, HEADER), (0x1000, UNICODE, "inner text\r\n")] +
        FROM, [JANE], [attachment("inner.txt", b"inner\n", "text/plain")],
        top=False)
    eml = (b"From: a@example.org\r\nSubject: as a file\r\n"
           b"Date: Mon, 12 Jan 2026 09:00:00 +0000\r\n\r\nhello\r\n")
    reference = [(0x3705, LONG, 2), (0x370D, UNICODE, r"\\server\x.doc"),
                 (0x3707, UNICODE, "x.doc")]
    ole = attachment("Chart", {"CONTENTS": b"chart data", "\1Ole": bytes(20)},
                     method=6)
    return message(
        [(0x001A, UNICODE, "IPM.Note"), (0x0037, UNICODE, "Fwd: three"),
         (0x0E07, LONG, 1), (0x1000, UNICODE, "see below\r\n"),
         (0x0039, TIME, "2026-01-12T10:00:00Z")] + FROM, [JANE],
        [attachment("Your order", inner, method=5),
         attachment("file.eml", eml, "message/rfc822"), reference, ole])


def draft():
    return message(
        [(0x001A, UNICODE, "IPM.Note"), (0x0E07, LONG, 8),
         (0x0037, UNICODE, "\1\5RE: half\nwritten"),
         (0x3007, TIME, "2026-01-12T10:00:00Z"),
         (0x1000, UNICODE, "not yet"), (0x0E04, UNICODE, "Jane; Joe")])


def contact():
    return message(
        [(0x001A, UNICODE, "IPM.Contact"), (0x0037, UNICODE, "Jane Roe"),
         (0x1000, UNICODE, "met in May"),
         (0x3007, TIME, "2026-01-12T10:00:00Z")])


def signed():
    entity = (b'Content-Type: multipart/signed; protocol="application/'
              b'pkcs7-signature";\r\n micalg=sha256; boundary="s"\r\n\r\n'
              b"--s\r\nContent-Type: text/plain\r\n\r\nsigned text\r\n"
              b"--s\r\nContent-Type: application/pkcs7-signature; "
              b"name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
              b"MAAA\r\n--s--\r\n")
    return message(
        [(0x001A, UNICODE, "IPM.Note.SMIME.MultipartSigned"),
         (0x0037, UNICODE, "signed"), (0x0039, TIME, "2026-01-12T10:00:00Z")]
        + FROM, [JANE],
        [attachment("smime.p7m", entity, "multipart/signed")])


def winmail():
    named = [(0x3707, UNICODE, "Pl\u00e4ne.txt"),
             (0x370E, UNICODE, "text/plain")]
    inner = tnef([(0x001A, UNICODE, "IPM.Note"),
                  (0x0037, UNICODE, "the one within"),
                  (0x1000, UNICODE, "deep\r\n")])
    message = [(0x3705, LONG, 5), (0x3001, UNICODE, "the one within"),
               (0x3701, OBJECT, bytes(16) + inner)]
    body = (rb"{\rtf1\ansi\fromhtml1 {\*\htmltag84 <a href="
            rb'"https://shop.example/o/1"' rb">}order{\*\htmltag92 </a>}}")
    return tnef([(0x001A, UNICODE, "IPM.Note"),
                 (0x0037, UNICODE, "Your order"),
                 (0x1009, BINARY, rtf(body))],
                [(b"PLANE~1.TXT", b"north\r\n", named),
                 (b"run.exe", b"MZ" + bytes(200), []),
                 (b"msg", None, message)])


def mail(octets):
    """With a winmail.dat, as Exchange sends it."""
    import base64
    return (b"From: Shop Orders <orders@shop.example>\r\n"
            b"To: Jane Roe <jane@example.org>\r\nSubject: Your order\r\n"
            b"Date: Mon, 12 Jan 2026 09:00:00 +0000\r\n"
            b"Message-ID: <3@shop.example>\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
            b"--b\r\nContent-Type: text/plain\r\n\r\nSee the order.\r\n"
            b'--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"'
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(octets).replace(b"\n", b"\r\n") +
            b"\r\n--b--\r\n")


def broken(octets):
    """Two of its chains run into each other, and its end is missing."""
    out = bytearray(octets[:-300])
    fat = 512 + 512 * struct.unpack_from("<I", out, 76)[0]
    if fat + 8 <= len(out):
        struct.pack_into("<I", out, fat, 0)
    return bytes(out)


def main():
    root = sys.argv[1]
    files = {
        "cli/parse/msg-received/received.msg": compound(received()),
        "cli/parse/msg-exchange/exchange.msg": compound(exchange()),
        "cli/parse/msg-embedded/embedded.msg": compound(embedded()),
        "cli/parse/msg-draft/draft.msg": compound(draft()),
        "cli/parse/msg-contact/contact.msg": compound(contact()),
        "cli/parse/msg-signed/signed.msg": compound(signed()),
        "cli/parse/msg-broken/broken.msg": broken(compound(received())),
    }
    for copy in ("cli/analyze/msg-received", "cli/trace/msg-received",
                 "cli/auth/msg-received", "cli/auth/msg-spf",
                 "cli/parse/msg-folder/mail"):
        files[copy + "/received.msg"] = compound(received())
    files["../samples/messages/saved.msg"] = compound(saved())
    files["cli/auth/msg-exchange/exchange.msg"] = compound(exchange())
    files["cli/parse/msg-attached/embedded.msg"] = compound(embedded())
    for copy in ("cli/parse/winmail", "cli/parse/winmail-attached",
                 "cli/analyze/winmail"):
        files[copy + "/mail.eml"] = mail(winmail())
    files["cli/parse/tnef/winmail.dat"] = winmail()
    files["cli/parse/winmail-cut/mail.eml"] = mail(winmail()[:400])
    files["fuzz/corpus/outlook/winmail"] = winmail()
    files["fuzz/corpus/outlook/winmail-cut"] = winmail()[:400]
    files["fuzz/corpus/mime/winmail"] = b"\0" + mail(winmail())
    files["fuzz/corpus/mime/winmail-small"] = b"\1" + mail(winmail())
    for name in ("received", "exchange", "embedded", "draft", "contact",
                 "signed"):
        files["fuzz/corpus/outlook/" + name] = compound(globals()[name]())
    files["fuzz/corpus/outlook/broken"] = broken(compound(received()))
    for name, octets in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(octets)


if __name__ == "__main__":
    main()
