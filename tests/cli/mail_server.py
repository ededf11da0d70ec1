# SPDX-License-Identifier: ISC
"""mail_server.py - mail servers on loopback for the tests of probe

mail_server.py DIRECTORY writes DIRECTORY/ports, a line "NAME PORT" for each
server below, and serves until it is ended. Certificates are made anew: ca.pem,
and one for mx.harbour.example that it signed.
"""
import base64
import os
import shlex
import socket
import ssl
import subprocess
import sys
import threading
import time

import sasl_server

SERVERS = {}
NAME = "mx.harbour.example"


def server(function):
    """A function that speaks with one client; its name is the server's."""
    SERVERS[function.__name__] = function
    return function


def openssl(directory, *words):
    subprocess.run(
        ["openssl", *words], cwd=directory, check=True, stderr=subprocess.DEVNULL
    )


def make_certificates(directory):
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        directory, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
        "-days", "3650", "-subj", "/CN=Harbour Test Root",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    openssl(
        directory, "req", *key, "-keyout", "mx.key", "-out", "mx.csr",
        "-subj", f"/CN={NAME}",
    )  # fmt: skip
    with open(os.path.join(directory, "mx.ext"), "w", encoding="ascii") as f:
        f.write(f"subjectAltName=DNS:{NAME}\nextendedKeyUsage=serverAuth\n")
    openssl(
        directory, "x509", "-req", "-in", "mx.csr", "-CA", "ca.pem",
        "-CAkey", "ca.key", "-CAcreateserial", "-days", "3600",
        "-extfile", "mx.ext", "-out", "mx.pem",
    )  # fmt: skip


class Client:
    """One connection: lines in, lines out, TLS on demand."""

    context = many = old = None

    def __init__(self, connection):
        self.socket = connection
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = connection.makefile("rb", 0)

    def say(self, *lines):
        self.socket.sendall(b"".join(line.encode() + b"\r\n" for line in lines))

    def send(self, octets):
        self.socket.sendall(octets)

    def hear(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        return line.decode("latin-1").strip()

    def binding(self):
        """tls-exporter, which Python does not have: see the unit tests."""
        return self.socket.get_channel_binding("tls-unique") or b""

    def secure(self, old=False):
        context = Client.old if old else Client.context
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb", 0)


# ---- servers that are as they should be


def talk_smtp(client, secured, required=True, greet=True):
    if greet:
        client.say(f"220 {NAME} ESMTP")
    while True:
        word = client.hear().upper()
        if word.startswith(("EHLO", "LHLO")):
            lines = [NAME, "PIPELINING", "SIZE 52428800", "8BITMIME"]
            lines += ["AUTH PLAIN SCRAM-SHA-256"] if secured else ["STARTTLS"]
            lines += ["ENHANCEDSTATUSCODES"]
            client.say(*(f"250-{line}" for line in lines), "250 DSN")
        elif word == "STARTTLS":
            client.say("220 2.0.0 ready")
            client.secure()
            secured = True
        elif word.startswith("MAIL") and required and not secured:
            client.say("530 5.7.0 Must issue a STARTTLS command first")
        elif word == "QUIT":
            client.say("221 2.0.0 bye")
            return
        else:
            client.say("250 2.0.0 ok")


@server
def smtp(client):
    talk_smtp(client, False)


@server
def smtp_open(client):
    talk_smtp(client, False, False)


@server
def submissions(client):
    client.secure()
    talk_smtp(client, True)


def talk_imap(client, plain):
    client.say(f"* OK [CAPABILITY {plain}] ready")
    while True:
        tag, word = client.hear().split()[:2]
        if word == "CAPABILITY":
            client.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE", f"{tag} OK done")
        elif word == "STARTTLS":
            client.say(f"{tag} OK go")
            client.secure()
        elif word == "LOGOUT":
            client.say("* BYE", f"{tag} OK bye")
            return


@server
def imaps(client):
    client.secure()
    talk_imap(client, "IMAP4rev1 AUTH=PLAIN")


@server
def imap(client):
    talk_imap(client, "IMAP4rev1 STARTTLS LOGINDISABLED")


@server
def imap_clear(client):
    talk_imap(client, "IMAP4rev1 STARTTLS AUTH=PLAIN")


@server
def pop3(client):
    client.say("+OK ready")
    secured = False
    while True:
        word = client.hear().upper()
        if word == "CAPA":
            more = ["SASL PLAIN"] if secured else ["STLS"]
            client.say("+OK", "TOP", "UIDL", *more, ".")
        elif word == "STLS":
            client.say("+OK go")
            client.secure()
            secured = True
        else:
            client.say("+OK bye")
            return


@server
def pop3_names_user(client):
    """As Courier: USER is announced, and taken within TLS alone."""
    client.say("+OK ready")
    secured = False
    while True:
        word = client.hear().upper()
        if word == "CAPA":
            more = ["SASL PLAIN"] if secured else ["STLS"]
            client.say("+OK", "USER", "UIDL", *more, ".")
        elif word == "STLS":
            client.say("+OK go")
            client.secure()
            secured = True
        elif word.startswith("USER"):
            client.say("-ERR TLS required to log in.")
        else:
            client.say("+OK bye")
            return


@server
def sieve(client):
    lines = ['"IMPLEMENTATION" "Harbour Sieve"', '"SIEVE" "fileinto vacation"']
    client.say(*lines, '"STARTTLS"', 'OK "ready"')
    while True:
        word = client.hear().upper()
        if word == "STARTTLS":
            client.say("OK")
            client.secure()
            client.say(*lines, '"SASL" "PLAIN"', "OK")
        else:
            client.say("OK")
            return


@server
def activesync(client):
    client.secure()
    while client.hear():
        pass
    client.say(
        "HTTP/1.1 200 OK",
        "MS-ASProtocolVersions: 14.1,16.1",
        "MS-ASProtocolCommands: Sync,FolderSync",
        "Content-Length: 0",
        "",
    )


@server
def autodiscover(client):
    client.secure()
    while client.hear():
        pass
    client.say(
        "HTTP/1.1 401 Unauthorized", 'WWW-Authenticate: Basic realm="harbour"', ""
    )


# ---- servers that are busy, or wrong


@server
def busy(client):
    client.say("421 4.3.2 too many connections, come back later")


BUSY_ONCE = []


@server
def busy_once(client):
    if not BUSY_ONCE:
        BUSY_ONCE.append(True)
        client.say("421 4.3.2 try again")
    else:
        talk_smtp(client, False)


@server
def blocked(client):
    client.say("554 5.7.1 you are on a list")
    client.hear()


@server
def stripped(client):
    client.say(f"220 {NAME} ESMTP")
    while not client.hear().startswith("EHLO"):
        pass
    client.say(f"250-{NAME}", "250-SIZE 52428800", "250 XXXXXXXA")
    client.hear()
    client.say("221 bye")


@server
def no_tls(client):
    client.say(f"220 {NAME} ESMTP")
    client.hear()
    client.say(f"250-{NAME}", "250-AUTH PLAIN LOGIN", "250 SIZE 1000")
    while client.hear() != "QUIT":
        client.say("250 ok")
    client.say("221 bye")


@server
def rejects_starttls(client):
    client.say(f"220 {NAME} ESMTP")
    client.hear()
    client.say(f"250-{NAME}", "250 STARTTLS")
    while client.hear() != "QUIT":
        client.say("454 4.7.0 TLS not available")
    client.say("221 bye")


@server
def injects(client):
    client.say(f"220 {NAME} ESMTP")
    client.hear()
    client.say(f"250-{NAME}", "250 STARTTLS")
    client.hear()
    client.send(b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
    client.secure()
    talk_smtp(client, True, greet=False)


# ---- servers that --active finds out


@server
def leaky(client):
    """Bare LF, VRFY, relaying; what came before TLS is obeyed within it."""
    client.say("220 leaky ESMTP Exim 4.80")
    kept, secured = b"", False
    while True:
        while b"\n" not in kept:
            more = client.socket.recv(4096)
            if not more:
                return
            kept += more
        line, kept = kept.split(b"\n", 1)
        word = line.strip().upper()
        if word.startswith(b"EHLO"):
            client.say("250-leaky", "250-SIZE", "250-8BITMIME", "250-PIPELINING")
            client.say("250-STARTTLS", "250 ENHANCEDSTATUSCODES")
        elif word == b"STARTTLS" and not secured:
            client.say("220 go")
            client.secure()
            secured = True
        elif word == b"QUIT":
            client.say("221 bye")
            return
        elif word.startswith(b"EXPN"):
            client.say("502 no")
        else:
            client.say("250 ok")


@server
def strict(client):
    """As smtp, and minds everything that --active tries."""
    client.say(f"220 {NAME} ESMTP")
    while True:
        data = client.socket.recv(4096)
        if not data:
            return
        word = data.strip().upper()
        if not data.endswith(b"\r\n") or b"\n" in data[:-2].replace(b"\r\n", b""):
            client.say("521 5.5.2 bare LF received")
            return
        if word.startswith(b"EHLO"):
            client.say(f"250-{NAME}", "250-SIZE", "250-8BITMIME", "250-PIPELINING")
            client.say("250-STARTTLS", "250 ENHANCEDSTATUSCODES")
        elif word.startswith(b"STARTTLS"):
            client.say("220 go")
            client.secure()
        elif word == b"QUIT":
            client.say("221 bye")
            return
        elif word.startswith(b"RCPT"):
            client.say("554 5.7.1 relay access denied")
        elif word.startswith((b"VRFY", b"EXPN")):
            client.say("252 2.0.0 cannot tell")
        else:
            client.say("250 ok")


@server
def imap_leaky(client):
    client.say("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready")
    kept = b""
    while True:
        while b"\n" not in kept:
            more = client.socket.recv(4096)
            if not more:
                return
            kept += more
        line, kept = kept.split(b"\n", 1)
        tag, word = line.decode().split()[:2]
        if word == "STARTTLS":
            client.say(f"{tag} OK go")
            client.secure()
            continue
        if word == "CAPABILITY":
            client.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        client.say(f"{tag} OK done")
        if word == "LOGOUT":
            return


@server
def pop3_clear(client):
    client.say("+OK ready")
    while client.hear() != "QUIT":
        client.say("+OK", "USER", "SASL PLAIN", ".")
    client.say("+OK bye")


@server
def sieve_clear(client):
    client.say('"IMPLEMENTATION" "Harbour Sieve"', '"SASL" "PLAIN"', "OK")
    client.hear()
    client.say("OK")


@server
def ancient(client):
    client.send(b"220 old SMTP\n")
    while True:
        word = client.hear()
        client.say("502 what?" if word.startswith("EHLO") else "250 ok")


@server
def other_name(client):
    client.say("220 elsewhere.harbour.example ESMTP")
    client.hear()
    client.say(
        f"250-{NAME}", "250-PIPELINING", "250-SIZE", "250-STARTTLS",
        "250-8BITMIME", "250 ENHANCEDSTATUSCODES",
    )  # fmt: skip
    client.hear()
    client.say("220 go")
    client.socket.recv(1)
    client.send(b"\x15\x03\x01\x00\x02\x02\x28")


@server
def endless_chain(client):
    """3,000 certificates: more than a client has to read."""
    client.socket = Client.many.wrap_socket(client.socket, server_side=True)


@server
def not_found(client):
    client.secure()
    while client.hear():
        pass
    client.say("HTTP/1.1 404 Not Found", "")


@server
def silent(client):
    time.sleep(60)


@server
def ssh(client):
    client.say("SSH-2.0-OpenSSH_9.2p1")


# ---- servers that one can log in to


def decode(text):
    return b"" if text == "=" else base64.b64decode(text)


def auth_smtp(client, words, settings):
    name = words[1].upper()

    def ask(challenge):
        client.say("334 " + sasl_server.b64(challenge))
        answer = client.hear()
        return None if answer == "*" else decode(answer)

    if name not in settings.get("taken", settings["mechanisms"]):
        client.say("504 5.5.4 no such mechanism")
        return
    first = decode(words[2]) if len(words) > 2 else None
    good = sasl_server.run(name, first, settings, ask)
    if "says" in settings:
        client.say(*settings["says"].split("\n"))
    elif good:
        client.say("235 2.7.0 welcome")
    else:
        client.say("535 5.7.8 bad credentials")


def login_smtp(client, settings):
    client.secure(settings.get("old_tls", False))
    client.say(f"220 {NAME} ESMTP")
    while True:
        words = client.hear().split()
        if words[0].upper() == "EHLO":
            names = " ".join(settings["mechanisms"])
            client.say(f"250-{NAME}", "250-PIPELINING", "250-SIZE 50000000")
            client.say("250-8BITMIME", "250-ENHANCEDSTATUSCODES")
            client.say("250-DSN", f"250 AUTH {names}")
        elif words[0].upper() == "AUTH":
            settings["binding"] = client.binding()
            auth_smtp(client, words, settings)
        else:
            client.say("221 2.0.0 bye")
            return


def auth_imap(client, tag, words, settings):
    name = words[0].upper()

    def ask(challenge):
        client.say("+ " + sasl_server.b64(challenge))
        answer = client.hear()
        return None if answer == "*" else decode(answer)

    first = decode(words[1]) if len(words) > 1 else None
    return sasl_server.run(name, first, settings, ask)


def login_imap(client, settings):
    names = settings["mechanisms"]
    settings["binding"] = b"of another connection"
    words = ["IMAP4rev1", *settings.get("more", ["SASL-IR"])]
    words += [f"AUTH={name}" for name in names]
    client.secure()
    client.say(f"* OK [CAPABILITY {' '.join(words)}] ready")
    while True:
        line = client.hear()
        tag, word = line.split()[:2]
        rest = line.split(" ", 2)[2] if line.count(" ") > 1 else ""
        if word == "AUTHENTICATE":
            good = auth_imap(client, tag, rest.split(), settings)
        elif word == "LOGIN":
            parts = []
            while "{" in rest:
                head, n = rest.rsplit("{", 1)
                client.say("+ go on")
                parts.append(client.file.read(int(n.rstrip("}"))).decode())
                rest = client.hear()
            parts = parts or shlex.split(rest)
            good = parts == [settings.get("user", sasl_server.USER),
                             settings.get("secret", sasl_server.SECRET)]
        elif word == "CAPABILITY":
            client.say("* CAPABILITY IMAP4rev1 IDLE QUOTA", f"{tag} OK done")
            continue
        else:
            client.say("* BYE", f"{tag} OK bye")
            return
        if good and "says" not in settings:
            client.say(f"{tag} OK logged in")
        else:
            says = settings.get("says", "NO [AUTHENTICATIONFAILED] bad credentials")
            client.say(f"{tag} {says}")


def login_pop3(client, settings):
    client.secure()
    client.say("+OK ready")
    user = None

    def ask(challenge):
        client.say("+ " + sasl_server.b64(challenge))
        answer = client.hear()
        return None if answer == "*" else decode(answer)

    while True:
        line = client.hear()
        word = line.split()[0].upper()
        if word == "CAPA":
            more = settings.get("more", [])
            names = settings["mechanisms"]
            more += ["SASL " + " ".join(names)] if names else []
            client.say("+OK", "TOP", "UIDL", *more, ".")
            continue
        if word == "AUTH":
            words = line.split()
            first = decode(words[2]) if len(words) > 2 else None
            good = sasl_server.run(words[1].upper(), first, settings, ask)
        elif word == "USER":
            user = line[5:]
            client.say("+OK")
            continue
        elif word == "PASS":
            good = (user, line[5:]) == (sasl_server.USER, sasl_server.SECRET)
        else:
            client.say("+OK bye")
            return
        if good and "says" not in settings:
            client.say("+OK maildrop ready")
        else:
            client.say(settings.get("says", "-ERR [AUTH] bad credentials"))


def login_sieve(client, settings):
    names = " ".join(settings["mechanisms"])
    lines = ['"IMPLEMENTATION" "Harbour Sieve"', '"SIEVE" "fileinto"']
    client.say(*lines, '"STARTTLS"', "OK")
    client.hear()
    client.say("OK")
    client.secure()
    client.say(*lines, f'"SASL" "{names}"', "OK")
    final = []

    def text_of(word):
        if word.startswith("{"):
            return client.hear()
        return word.strip('"')

    def ask(challenge):
        text = sasl_server.b64(challenge)
        if challenge.startswith(b"v=") and settings.get("final"):
            final.append(text)
            return b""
        if settings.get("literals"):
            client.say(f"{{{len(text)}}}", text)
        else:
            client.say(f'"{text}"')
        answer = text_of(client.hear())
        return None if answer == "*" else decode(answer)

    while True:
        words = client.hear().split()
        if words[0] == "AUTHENTICATE":
            first = decode(text_of(words[2])) if len(words) > 2 else None
            good = sasl_server.run(words[1].strip('"'), first, settings, ask)
            if good and final:
                client.say(f'OK (SASL "{final[0]}") "welcome"')
            elif good:
                client.say('OK "welcome"')
            elif settings.get("literals"):
                client.say("NO {15}", "bad credentials")
            else:
                client.say('NO "bad credentials"')
        elif words[0] == "CAPABILITY":
            client.say(*lines, '"OWNER" "ann"', "OK")
        else:
            client.say("OK")
            return


LOGINS = {
    "smtp": login_smtp,
    "imap": login_imap,
    "pop3": login_pop3,
    "sieve": login_sieve,
}


def add_login(name, protocol, mechanisms, **settings):
    SERVERS[name] = lambda client: LOGINS[protocol](
        client, dict(settings, mechanisms=mechanisms)
    )


for _protocol in LOGINS:
    for _name in sasl_server.MECHANISMS:
        add_login(f"{_protocol}_{_name}", _protocol, [_name])
    add_login(f"{_protocol}_all", _protocol, list(sasl_server.MECHANISMS))


SCRAMS = ["SCRAM-SHA-1", "SCRAM-SHA-256"]
SECRET_64 = base64.b64encode(b"xx" + sasl_server.SECRET.encode()).decode()
add_login("tied", "smtp", ["PLAIN", "SCRAM-SHA-256-PLUS"], old_tls=True)
add_login("proxied", "smtp", ["PLAIN", "SCRAM-SHA-256-PLUS"])
add_login("forged", "imap", SCRAMS, forged=True)
add_login("unproven", "pop3", SCRAMS, unproven=True)
add_login("unproven_smtp", "smtp", SCRAMS, unproven=True)
add_login("costly", "sieve", SCRAMS, rounds=2**31)
add_login("cheap", "imap", SCRAMS, rounds=1)
add_login("at_the_end", "sieve", SCRAMS, final=True)
add_login("literals", "sieve", SCRAMS, literals=True)
add_login("half", "smtp", ["SCRAM-SHA-256", "PLAIN"], taken=["PLAIN"])
add_login("none_taken", "smtp", ["SCRAM-SHA-256", "LOGIN"], taken=[])
add_login("exotic", "imap", ["NTLM", "GSSAPI"], more=["LOGINDISABLED"])
add_login("command", "imap", [], more=[])
add_login("quoted", "imap", [], more=[], user='ann"b\\c', secret='say "kelp\\reef"')
add_login("literal", "imap", [], more=[], user="änn", secret="Kälpwäld")
add_login("late_first", "imap", ["PLAIN"], more=[])
add_login("user_pass", "pop3", [], more=["USER"])
add_login("no_user", "pop3", [], more=[])
SAYS = {
    "gmail": "534-5.7.9 Application-specific password required. Learn more at\n"
    "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp",
    "browser": "534 5.7.14 Please log in with your web browser and then try again.",
    "microsoft": "535 5.7.139 Authentication unsuccessful, basic authentication "
    "is disabled. [AM0PR01.eurprd01.prod.exchangelabs.com]",
    "tls_wanted": "538 5.7.11 Encryption required",
    "transition": "432 4.7.12 A password transition is needed",
    "temporary": "454 4.7.0 Temporary authentication failure",
    "parrot": f"535 5.7.8 not {sasl_server.SECRET}, and not {SECRET_64}",
    "closed": "421 4.7.0 too many errors",
}
for _name, _says in SAYS.items():
    add_login(_name, "smtp", ["PLAIN"], says=_says)
for _name, _says in {
    "unavailable": "NO [UNAVAILABLE] the database is away",
    "admin": "NO [CONTACTADMIN] call us",
    "expired": "NO [EXPIRED] change it",
    "not_allowed": "NO [AUTHORIZATIONFAILED] no IMAP for you",
    "privacy": "NO [PRIVACYREQUIRED] not like this",
    "locked": "NO [ALERT] Your account is locked",
}.items():
    add_login(_name, "imap", ["PLAIN"], says=_says)
add_login("sys_temp", "pop3", ["PLAIN"], says="-ERR [SYS/TEMP] later")
add_login("parrot_pop3", "pop3", ["PLAIN"], says=f"-ERR {sasl_server.SECRET}")


@server
def parrot_end(client):
    """Says the secret back where the log-in is over."""
    client.secure()
    client.say("+OK ready")
    client.hear()
    client.say("+OK", "SASL PLAIN", ".")
    client.hear()
    client.say("+OK")
    client.hear()
    client.say("+OK", f"X-{sasl_server.SECRET}", ".")
    client.hear()
    client.say(f"+OK bye {sasl_server.SECRET}")


def hostile(name, first):
    """An IMAP server that offers SCRAM, and then does as `first` does."""

    def serve_client(client):
        client.secure()
        client.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] hi")
        first(client, client.hear())
        while client.hear() != "s4 LOGOUT":
            client.say("s5 BAD what?")
        client.say("* BYE", "s4 OK bye")

    SERVERS[name] = serve_client


def say_again(line):
    def first(client, _):
        while True:
            client.say(line)
            if client.hear() == "*":
                client.say("s5 BAD cancelled")
                return

    return first


def challenge_of(text):
    def first(client, line):
        nonce = base64.b64decode(line.split()[-1]).decode().split("r=")[1]
        said = text.replace("NONCE", nonce)
        client.say("+ " + base64.b64encode(said.encode()).decode())

    return first


@server
def waits(client):
    client.secure()
    client.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi")
    client.hear()
    time.sleep(60)


@server
def waits_within(client):
    """Lets in whoever comes, and then says no more."""
    names = ["PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]
    offers = " ".join(f"AUTH={name}" for name in names)
    client.secure()
    client.say(f"* OK [CAPABILITY IMAP4rev1 SASL-IR {offers}] hi")
    tag, _, *rest = client.hear().split()
    auth_imap(client, tag, rest, {})
    client.say("s5 OK in")
    client.hear()
    with open(os.path.join(sys.argv[1], "within"), "w", encoding="ascii"):
        time.sleep(60)


hostile("empty_challenges", say_again("+"))
hostile("junk_challenges", say_again("+ =!?%=\\x00"))
hostile("huge_challenge", say_again("+ " + "A" * 100000))
hostile("untagged_flood", lambda c, _: c.say(*["* OK still here"] * 500))
hostile("hangs_up", lambda c, _: c.socket.shutdown(socket.SHUT_RDWR))
hostile(
    "half_challenge",
    lambda c, _: (c.send(b"+ djE9"), c.socket.shutdown(socket.SHUT_RDWR)),
)
hostile("other_nonce", challenge_of("r=mine,s=c2FsdA==,i=4096"))
hostile("no_salt", challenge_of("r=NONCEx,s=,i=4096"))
hostile("no_rounds", challenge_of("r=NONCEx,s=c2FsdA==,i=0"))
hostile("extension", challenge_of("m=x,r=NONCEx,s=c2FsdA==,i=4096"))
hostile("e_word", challenge_of("e=other-error"))


# ---- all of them


def serve_one(function, connection):
    try:
        function(Client(connection))
    except (OSError, EOFError, ValueError):
        pass
    finally:
        connection.close()


def serve(function, listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(
            target=serve_one, args=(function, connection), daemon=True
        ).start()


def main(directory):
    make_certificates(directory)
    Client.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Client.context.load_cert_chain(
        os.path.join(directory, "mx.pem"), os.path.join(directory, "mx.key")
    )
    Client.old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Client.old.maximum_version = ssl.TLSVersion.TLSv1_2
    Client.old.load_cert_chain(
        os.path.join(directory, "mx.pem"), os.path.join(directory, "mx.key")
    )
    with open(os.path.join(directory, "mx.pem"), encoding="ascii") as f:
        chain = f.read()
    with open(os.path.join(directory, "many.pem"), "w", encoding="ascii") as f:
        f.write(chain * 3000)
    Client.many = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Client.many.load_cert_chain(
        os.path.join(directory, "many.pem"), os.path.join(directory, "mx.key")
    )
    lines = []
    for name, function in SERVERS.items():
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        lines.append(f"{name} {listener.getsockname()[1]}\n")
        threading.Thread(target=serve, args=(function, listener), daemon=True).start()
    path = os.path.join(directory, "ports")
    with open(path + ".new", "w", encoding="ascii") as f:
        f.writelines(lines)
    os.rename(path + ".new", path)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
