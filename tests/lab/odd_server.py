#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# odd_server.py - name servers with one fault each, an address apiece
#
# odd_server.py FILE: listens on 127.0.53.1, .2, … port 53, UDP and TCP, and
# writes "FAULT ADDRESS" lines to FILE when all are ready. The truth is always
# 192.0.2.1; a forgery says 192.0.2.66.
import selectors
import socket
import struct
import sys
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

TRUTH, LIE = "192.0.2.1", "192.0.2.66"
SIGNED = ("203.0.113.1", 53)  # the honest server of the lab's signed zones


def answer(query, address=TRUTH, ttl=300):
    reply = dns.message.make_response(query, recursion_available=True)
    reply.use_edns(False)
    reply.flags |= dns.flags.AA
    q = query.question[0]
    if q.rdtype == dns.rdatatype.A:
        reply.answer.append(dns.rrset.from_text(q.name, ttl, "IN", "A", address))
    return reply


def raw(query, address=TRUTH):
    return bytearray(answer(query, address).to_wire(max_size=65535))


def error(query, rcode):
    reply = answer(query)
    reply.answer.clear()
    reply.set_rcode(rcode)
    return reply.to_wire()


def question_end(wire):
    at = 12
    while wire[at]:
        at += 1 + wire[at]
    return at + 5


def header(query, wire, answers):
    """Header and question, with a count of answers."""
    out = bytearray(raw(query)[: question_end(wire)])
    out[6:12] = struct.pack("!HHH", answers, 0, 0)
    return out


def record(owner, rdtype, rdata, ttl=300):
    return owner + struct.pack("!HHIH", rdtype, 1, ttl, len(rdata)) + rdata


# Each fault: a function of (query, its octets, over TCP?) that returns the
# datagrams or messages to be sent, in order.


def honest(query, wire, tcp):
    return [raw(query)]


def wrong_id(query, wire, tcp):
    lie = raw(query, LIE)
    lie[0] ^= 0x55
    return [lie, raw(query)]


def wrong_name(query, wire, tcp):
    lie = raw(query, LIE)
    lie[13] ^= 1
    return [lie, raw(query)]


def wrong_type(query, wire, tcp):
    lie = raw(query, LIE)
    lie[question_end(wire) - 3] ^= 0x20
    return [lie, raw(query)]


def no_reply(query, wire, tcp):
    lie = raw(query, LIE)
    lie[2] &= 0x7F
    return [lie, raw(query)]


def other_address(query, wire, tcp):
    return [("elsewhere", raw(query, LIE)), 0.1, raw(query)]


def rubbish(query, wire, tcp):
    return [b"", b"\0", bytes(wire[:2]) + b"\xff" * 30, raw(query)]


def silent(query, wire, tcp):
    return []


def late(query, wire, tcp):
    return [0.8, raw(query)]


def refuses(query, wire, tcp):
    return [error(query, dns.rcode.REFUSED)]


def fails(query, wire, tcp):
    return [error(query, dns.rcode.SERVFAIL)]


def formerr_edns(query, wire, tcp):
    if query.edns < 0:
        return [raw(query)]
    return [bytes(wire[:2]) + b"\x81\x81" + bytes(8)]


def notimp_edns(query, wire, tcp):
    if query.edns < 0:
        return [raw(query)]
    return [error(query, dns.rcode.NOTIMP)]


def badvers_edns(query, wire, tcp):
    if query.edns < 0:
        return [raw(query)]
    reply = answer(query)
    reply.answer.clear()
    reply.use_edns(0)
    reply.set_rcode(dns.rcode.BADVERS)
    return [reply.to_wire()]


def drops_edns(query, wire, tcp):
    return [] if query.edns >= 0 else [raw(query)]


def mangles(query, wire, tcp):
    lie = raw(query, TRUTH if tcp else LIE)
    end = question_end(wire) - 4
    lie[12:end] = bytes(lie[12:end]).lower()
    return [lie]


def shouts(query, wire, tcp):
    lie = raw(query, TRUTH if tcp else LIE)
    end = question_end(wire) - 4
    lie[12:end] = bytes(lie[12:end]).upper()
    return [lie]


def cut(query, wire):
    reply = answer(query)
    reply.answer.clear()
    reply.flags |= dns.flags.TC
    return reply.to_wire()


def cut_only(query, wire, tcp):
    return [cut(query, wire)]


def cut_then(query, wire, tcp):
    return [raw(query)] if tcp else [cut(query, wire)]


def cut_close(query, wire, tcp):
    return ["close"] if tcp else [cut(query, wire)]


def cut_drip(query, wire, tcp):
    if not tcp:
        return [cut(query, wire)]
    message = bytes(raw(query))
    message = struct.pack("!H", len(message)) + message
    out = []
    for octet in message:
        out += [0.005, ("octets", bytes([octet]))]
    return out


def cut_endless(query, wire, tcp):
    if not tcp:
        return [cut(query, wire)]
    return [("octets", b"\xff\xff" + bytes(raw(query)))]


def huge(query, wire, tcp):
    """As many A records as one message holds."""
    if not tcp:
        return [cut(query, wire)]
    n = (65535 - question_end(wire)) // 16
    out = header(query, wire, n)
    for i in range(n):
        out += record(b"\xc0\x0c", 1, bytes([10, 0, i >> 8, i & 255]))
    return [out]


def long_text(query, wire, tcp):
    if not tcp:
        return [cut(query, wire)]
    out = header(query, wire, 1)
    return [out + record(b"\xc0\x0c", 16, (b"\xff" + b"x" * 255) * 254)]


def name_loop(query, wire, tcp):
    out = header(query, wire, 1)
    return [out + record(struct.pack("!H", 0xC000 | len(out)), 1, b"\xc0\0\2\1")]


def name_forward(query, wire, tcp):
    out = header(query, wire, 1)
    at = struct.pack("!H", 0xC000 | (len(out) + 16))
    return [out + record(at, 1, b"\xc0\0\2\1") + b"\3abc\0"]


def bomb(query, wire, tcp):
    """Thousands of names of 250 octets, twelve octets each."""
    if not tcp:
        return [cut(query, wire)]
    out = header(query, wire, 0)
    at = len(out)
    label = b"\x3f" + b"b" * 63
    out += record(b"\xc0\x0c", 5, label * 3 + b"\x31" + b"b" * 49 + b"\0")
    target = struct.pack("!H", 0xC000 | (at + 12))
    n = 1
    while len(out) < 65000:
        out += record(target, 5, target)
        n += 1
    out[6:8] = struct.pack("!H", n)
    return [out]


def count_lies(query, wire, tcp):
    out = raw(query)
    out[6:8] = b"\xff\xff"
    return [out]


def length_lies(query, wire, tcp):
    out = raw(query)
    out[-6:-4] = b"\xff\xff"
    return [out]


def alias_circle(query, wire, tcp):
    out = header(query, wire, 2)
    out += record(b"\xc0\x0c", 5, b"\1b\4test\0")
    return [out + record(b"\1b\4test\0", 5, b"\xc0\x0c")]


def alias_chain(query, wire, tcp):
    out = header(query, wire, 41)
    owner = b"\xc0\x0c"
    for i in range(40):
        target = b"\3n%02d\4test\0" % i
        out += record(owner, 5, target)
        owner = target
    return [out + record(owner, 1, b"\xc0\0\2\1")]


def escapes(query, wire, tcp):
    out = header(query, wire, 1)
    return [out + record(b"\xc0\x0c", 15, b"\0\x0a\7\x1b[31m\x07x\4test\0")]


def referral(query, wire, tcp):
    out = header(query, wire, 0)
    out[2] &= 0xFB
    out[3] &= 0x7F
    out[8:10] = b"\0\1"
    return [out + record(b"\4test\0", 2, b"\2ns\4test\0")]


def bare_nxdomain(query, wire, tcp):
    return [bytes(wire[:2]) + b"\x81\x83" + bytes(8)]


def forward(query, wire, change):
    """What the honest server says, changed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        s.sendto(wire, SIGNED)
        reply = dns.message.from_wire(s.recv(65535))
    change(reply)
    reply.flags |= dns.flags.RA
    reply.flags &= ~dns.flags.AA
    return [reply.to_wire(max_size=65535)]


def strips(query, wire, tcp):
    """A resolver that takes the signatures away."""

    def change(reply):
        for section in (reply.answer, reply.authority):
            section[:] = [r for r in section if r.rdtype != dns.rdatatype.RRSIG]

    return forward(query, wire, change)


def denies(query, wire, tcp):
    """Another name's signed denial, for a name that exists."""
    if not query.question[0].name.to_text().lower().startswith("www."):
        return forward(query, wire, lambda reply: None)
    other = dns.message.make_query("zzz.signed.test.", "A", want_dnssec=True)
    reply = forward(other, other.to_wire(), lambda reply: None)
    reply = dns.message.from_wire(reply[0])
    reply.id = query.id
    reply.question = query.question
    return [reply.to_wire()]


FAULTS = [
    honest, wrong_id, wrong_name, wrong_type, no_reply, other_address,
    rubbish, silent, late, refuses, fails, formerr_edns, notimp_edns,
    badvers_edns, drops_edns, mangles, shouts, cut_only, cut_then, cut_close,
    cut_drip, cut_endless, huge, long_text, name_loop, name_forward, bomb,
    count_lies, length_lies, alias_circle, alias_chain, escapes, referral,
    bare_nxdomain, strips, denies,
]


def send_datagrams(server, elsewhere, peer, things):
    for thing in things:
        if isinstance(thing, float):
            time.sleep(thing)
        elif isinstance(thing, tuple):
            elsewhere.sendto(thing[1], peer)
        else:
            server.sendto(thing, peer)


def send_messages(connection, things):
    for thing in things:
        if isinstance(thing, float):
            time.sleep(thing)
        elif thing == "close":
            connection.close()
            return
        elif isinstance(thing, tuple):
            connection.sendall(thing[1])
        else:
            connection.sendall(struct.pack("!H", len(thing)) + thing)


def on_datagram(server, elsewhere, fault):
    wire, peer = server.recvfrom(4096)
    things = fault(dns.message.from_wire(wire), wire, False)
    threading.Thread(
        target=send_datagrams, args=(server, elsewhere, peer, things), daemon=True
    ).start()


def on_connection(connection, fault):
    connection.settimeout(20)
    try:
        while True:
            n = connection.recv(2, socket.MSG_WAITALL)
            if len(n) < 2:
                return
            wire = connection.recv(struct.unpack("!H", n)[0], socket.MSG_WAITALL)
            send_messages(connection, fault(dns.message.from_wire(wire), wire, True))
    except OSError:
        return
    finally:
        connection.close()


def main():
    watch = selectors.DefaultSelector()
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind(("127.0.53.250", 53))
    lines = []
    for i, fault in enumerate(FAULTS):
        address = "127.0.53.%d" % (i + 1)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((address, 53))
        watch.register(udp, selectors.EVENT_READ, fault)
        # One that cuts its answers has nothing more to say.
        if fault is not cut_only:
            tcp.listen(16)
            watch.register(tcp, selectors.EVENT_READ, fault)
        lines.append("%s %s\n" % (fault.__name__, address))
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.writelines(lines)
    while True:
        for key, _ in watch.select():
            if key.fileobj.type == socket.SOCK_DGRAM:
                on_datagram(key.fileobj, elsewhere, key.data)
            else:
                connection, _ = key.fileobj.accept()
                threading.Thread(
                    target=on_connection, args=(connection, key.data), daemon=True
                ).start()


main()
