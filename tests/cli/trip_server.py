# SPDX-License-Identifier: ISC
"""trip_server.py - servers on loopback in which what is handed in arrives

A Post is a submission server, a mailbox and the servers that read it. Its
attributes say how it behaves: how late it delivers, what it refuses, where it
puts the message, what it does to it. It serves on ports of the kernel's.
"""
import base64
import email
import os
import re
import select
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mail_server import NAME, Client, make_certificates  # noqa: E402

USER, SECRET = "anna@harbour.example", "corr3ct-horse-{battery}"


def prepare(directory):
    """Certificates, once."""
    make_certificates(directory)
    Client.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Client.context.load_cert_chain(
        os.path.join(directory, "mx.pem"), os.path.join(directory, "mx.key")
    )


class Message:
    def __init__(self, uid, octets, when=None):
        self.uid, self.octets, self.flags = uid, octets, set()
        self.when = time.time() if when is None else when

    def field(self, name):
        value = email.message_from_bytes(self.octets)[name]
        return value or ""

    def header(self):
        return self.octets.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"


class Post:
    """Everything of one set-up; `behaviour` overrides the attributes."""

    login = True
    delay = 0.2
    folder = "INBOX"
    copies = 1
    lost = False
    bounce = None  # the action of a report that comes back instead
    refuse = {}  # of MAIL, RCPT, DATA, TEXT: the reply
    drop_at = None  # MAIL, RCPT, DATA, TEXT: the connection ends there
    accepts = "250 2.0.0 Ok: queued as 4XYZabc123"
    capabilities = "IDLE UIDPLUS SPECIAL-USE LIST-EXTENDED"
    pop3 = "TOP UIDL"
    secret = SECRET
    verdict = f"{NAME}; dkim=none; spf=pass smtp.mailfrom=harbour.example"
    imap_drops = 0  # sessions after the first that end in the middle
    read_only = False
    junk_name = "Junk"
    finds_all = False  # a search gives every message
    odd = {}  # of IMAP and POP3 commands in the second session: octets instead

    def __init__(self, **behaviour):
        self.change = lambda octets: octets
        for name, value in behaviour.items():
            setattr(self, name, value)
        self.folders = {"INBOX": [], self.junk_name: []}
        self.next_uid = 1
        self.lock = threading.Lock()
        self.heard = []  # commands of IMAP and POP3
        self.envelopes = []
        self.sessions = {"imap": 0, "pop3": 0, "smtp": 0}
        self.deleted = []
        self.listeners = []

    # ---- the mailbox

    def put(self, folder, octets, when=None):
        with self.lock:
            message = Message(self.next_uid, octets, when)
            self.next_uid += 1
            self.folders[folder].append(message)
        return message

    def deliver(self, sender, octets):
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        octets = self.change(octets)
        if self.bounce:
            self.put("INBOX", self.report(octets))
            return
        top = (
            f"Return-Path: <{sender}>\r\nDelivered-To: {USER}\r\n"
            f"Authentication-Results: {self.verdict}\r\n"
            f"Received: from client.example (client.example [192.0.2.7])\r\n"
            f"\tby {NAME} (Postfix) with ESMTPSA id 4XYZabc123\r\n"
            f"\tfor <{USER}>; {stamp}\r\n"
        ).encode()
        for _ in range(self.copies):
            self.put(self.folder, top + octets)

    def report(self, octets):
        """As Postfix words it, RFC 3464."""
        head = octets.split(b"\r\n\r\n", 1)[0]
        return (
            b"From: MAILER-DAEMON@mx.harbour.example (Mail Delivery System)\r\n"
            b"Subject: Undelivered Mail Returned to Sender\r\n"
            b"Content-Type: multipart/report; report-type=delivery-status;\r\n"
            b'\tboundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
            b"I am sorry.\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            b"Reporting-MTA: dns; mx.harbour.example\r\n\r\n"
            b"Final-Recipient: rfc822; anna@harbour.example\r\nAction: "
            + self.bounce.encode()
            + b"\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 full\r\n"
            b"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            + head
            + b"\r\n\r\n--b--\r\n"
        )

    def total(self):
        return sum(len(f) for f in self.folders.values())

    # ---- submission

    def refused(self, client, step):
        if step == self.drop_at:
            raise EOFError
        if step in self.refuse:
            client.say(self.refuse[step])
            return True
        return False

    def logs_in(self, given):
        parts = base64.b64decode(given).split(b"\0")
        return parts[1:] == [USER.encode(), self.secret.encode()]

    def logs_in_smtp(self, given):
        return self.logs_in(given)

    def read_text(self, client):
        lines = []
        while True:
            line = client.file.readline()
            if not line:
                raise EOFError
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def smtp(self, client):
        client.say(f"220 {NAME} ESMTP")
        sender, known = "", not self.login
        while True:
            line = client.hear()
            word = line.upper()
            step = word.split()[0] if word else ""
            if step == "EHLO":
                client.say(
                    f"250-{NAME}", "250-SIZE 1000000", "250-8BITMIME",
                    "250-AUTH PLAIN", "250 ENHANCEDSTATUSCODES",
                )  # fmt: skip
            elif step == "AUTH":
                given = line.split()[2] if len(line.split()) > 2 else None
                if given is None:
                    client.say("334 ")
                    given = client.hear()
                known = self.logs_in_smtp(given)
                client.say("235 2.7.0 ok" if known else "535 5.7.8 wrong")
            elif step == "MAIL":
                if self.refused(client, "MAIL"):
                    continue
                sender = re.search("<(.*?)>", line).group(1)
                self.envelopes.append(line)
                client.say("250 ok" if known else "530 5.7.0 log in first")
            elif step == "RCPT":
                if not self.refused(client, "RCPT"):
                    self.envelopes.append(line)
                    client.say("250 ok")
            elif step == "DATA":
                if self.refused(client, "DATA"):
                    continue
                client.say("354 go")
                octets = self.read_text(client)
                if self.refused(client, "TEXT"):
                    continue
                if not self.lost:
                    threading.Timer(
                        self.delay, self.deliver, (sender, octets)
                    ).start()
                client.say(self.accepts)
            elif step == "QUIT":
                client.say("221 bye")
                return
            else:
                client.say("250 ok")

    def be_odd(self, client, octets):
        """Says that, again and again where it is a tuple, and is gone."""
        if isinstance(octets, tuple):
            while True:
                client.send(octets[0] * 1000)
        client.send(octets)
        time.sleep(0.2)
        raise EOFError

    # ---- IMAP

    def matches(self, message, words):
        """One search of those that a client of ours makes."""
        if words.startswith("OR HEADER"):
            mark = words.split()[3]
            return mark in message.field("X-Mailsonde-Token") + message.field(
                "Message-ID"
            )
        if words.startswith("TEXT "):
            return words.split()[1].encode() in message.octets
        if words.startswith("HEADER X-Mailsonde-Token"):
            before = time.mktime(time.strptime(words.split()[-1], "%d-%b-%Y"))
            return bool(message.field("X-Mailsonde-Token")) and (
                message.when < before
            )
        if words == "DELETED":
            return "\\Deleted" in message.flags
        raise ValueError(words)

    def expunge(self, folder, uids=None):
        gone = [
            m for m in folder
            if "\\Deleted" in m.flags and (uids is None or m.uid in uids)
        ]  # fmt: skip
        with self.lock:
            for m in gone:
                folder.remove(m)
                self.deleted.append(m.uid)

    def fetch(self, client, folder, words):
        uid, items = words.split(" ", 1)
        for i, m in enumerate(folder):
            if m.uid != int(uid):
                continue
            octets = m.octets if "[]" in items else m.header()
            name = "BODY[]" if "[]" in items else "BODY[HEADER]"
            client.send(
                f"* {i + 1} FETCH (UID {uid} {name} {{{len(octets)}}}\r\n".encode()
                + octets + b")\r\n"
            )  # fmt: skip

    def idle(self, client, folder, tag):
        client.say("+ idling")
        had = len(folder)
        while True:
            ready = select.select([client.socket], [], [], 0.02)[0]
            pending = getattr(client.socket, "pending", lambda: 0)()
            if ready or pending:
                assert client.hear() == "DONE"
                client.say(f"{tag} OK done")
                return
            if len(folder) != had:
                had = len(folder)
                client.say(f"* {had} EXISTS")

    def imap(self, client):
        self.sessions["imap"] += 1
        drops = 1 < self.sessions["imap"] <= 1 + self.imap_drops
        hello = "OK" if self.login else "PREAUTH"
        client.say(f"* {hello} [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
        folder, known = None, not self.login
        while True:
            line = client.hear()
            self.heard.append(line)
            tag, _, line = line.partition(" ")
            word, _, rest = line.partition(" ")
            if word == "UID":
                more, _, rest = rest.partition(" ")
                word += " " + more
            if word in self.odd and self.sessions["imap"] > (word != "LIST"):
                self.be_odd(client, self.odd[word])
            if word == "CAPABILITY":
                more = self.capabilities if known else "SASL-IR AUTH=PLAIN"
                client.say(f"* CAPABILITY IMAP4rev1 {more}")
            elif word == "AUTHENTICATE":
                given = rest.partition(" ")[2]
                if not given:
                    client.say("+ ")
                    given = client.hear()
                known = self.logs_in(given)
                if not known:
                    client.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong")
                    continue
            elif word == "LOGOUT":
                client.say("* BYE bye", f"{tag} OK done")
                return
            elif not known:
                client.say(f"{tag} BAD log in first")
                continue
            elif word == "LIST":
                if "RETURN" in rest and "LIST-EXTENDED" not in self.capabilities:
                    client.say(f"{tag} BAD what?")
                    continue
                name = re.sub(r'(["\\])', r"\\\1", self.junk_name)
                junk = "\\Junk" if "SPECIAL-USE" in self.capabilities else ""
                client.say(
                    '* LIST (\\HasNoChildren) "/" INBOX',
                    f'* LIST (\\HasNoChildren {junk}) "/" "{name}"',
                    '* LIST (\\Noselect) "/" Spam',
                )
            elif word in ("SELECT", "EXAMINE"):
                name = re.sub(r"\\(.)", r"\1", rest.strip('"'))
                if self.refuse.get("SELECT"):
                    client.say(f"{tag} {self.refuse['SELECT']}")
                    continue
                folder = self.folders[name]
                client.say(f"* {len(folder)} EXISTS", "* OK [UIDVALIDITY 7] x")
            elif word == "NOOP":
                if drops:
                    return
                client.say(f"* {len(folder)} EXISTS")
            elif word == "UID SEARCH":
                found = [
                    str(m.uid) for m in folder if self.finds_all or self.matches(m, rest)
                ]
                client.say(" ".join(["* SEARCH", *found]))
            elif word == "UID FETCH":
                self.fetch(client, folder, rest)
            elif word == "UID STORE":
                if self.read_only:
                    client.say(f"{tag} NO [READ-ONLY] no")
                    continue
                uids = [int(u) for u in rest.split()[0].split(",")]
                for m in folder:
                    if m.uid in uids:
                        m.flags.add("\\Deleted")
            elif word == "UID EXPUNGE":
                assert "UIDPLUS" in self.capabilities
                self.expunge(folder, [int(u) for u in rest.split(",")])
            elif word == "EXPUNGE":
                self.expunge(folder)
            elif word == "IDLE":
                if drops:
                    return
                self.idle(client, folder, tag)
                continue
            else:
                client.say(f"{tag} BAD {word}")
                continue
            client.say(f"{tag} OK done")

    # ---- POP3

    def lines_of(self, octets):
        for line in octets.split(b"\r\n")[:-1]:
            yield (b"." if line.startswith(b".") else b"") + line + b"\r\n"
        yield b".\r\n"

    def pop(self, client):
        self.sessions["pop3"] += 1
        client.say("+OK ready")
        known, marked = not self.login, set()
        there = list(self.folders["INBOX"])
        while True:
            line = client.hear()
            self.heard.append(line)
            word, _, rest = line.partition(" ")
            if word in self.odd and self.sessions["pop3"] > 1:
                self.be_odd(client, self.odd[word])
            if word == "CAPA":
                client.say("+OK", *self.pop3.split(), "SASL PLAIN", ".")
            elif word == "AUTH":
                given = rest.partition(" ")[2]
                if not given:
                    client.say("+ ")
                    given = client.hear()
                known = self.logs_in(given)
                there = list(self.folders["INBOX"])
                client.say("+OK" if known else "-ERR [AUTH] wrong")
            elif word == "QUIT":
                with self.lock:
                    for m in marked:
                        self.folders["INBOX"].remove(m)
                        self.deleted.append(m.uid)
                client.say("+OK bye")
                return
            elif not known or (word in ("TOP", "UIDL") and word not in self.pop3):
                client.say("-ERR no")
            elif word in ("UIDL", "LIST"):
                client.say("+OK")
                for i, m in enumerate(there):
                    client.say(f"{i + 1} {'u' if word == 'UIDL' else ''}{m.uid}")
                client.say(".")
            elif word in ("TOP", "RETR"):
                m = there[int(rest.split()[0]) - 1]
                client.say("+OK")
                octets = m.header() if word == "TOP" else m.octets
                client.send(b"".join(self.lines_of(octets)))
            elif word == "DELE":
                marked.add(there[int(rest) - 1])
                client.say("+OK")
            else:
                client.say("-ERR what?")

    # ---- serving

    def serve(self, function):
        listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.listeners.append(listener)

        def one(connection):
            try:
                client = Client(connection)
                client.secure()
                function(client)
                client.socket.close()
            except (OSError, EOFError, ValueError):
                pass
            finally:
                connection.close()

        def all_of_them():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        threading.Thread(target=all_of_them, daemon=True).start()
        return listener.getsockname()[1]

    def close(self):
        for listener in self.listeners:
            listener.close()
