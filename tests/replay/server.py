#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# server.py - a small name server for the tests of records
#
# server.py FOLDER: listens on a UDP port of 127.0.0.1, writes it to
# FOLDER/port, and a line a question to FOLDER/asked. What it says depends on
# the name: see answer().
import os
import socket
import struct
import sys

SOA = b"\0\0" + struct.pack(">IIIII", 1, 2, 3, 4, 60)
SPF = b"v=spf1 ip4:192.0.2.0/24 -all"


def name_and_end(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode().lower())
        at += packet[at] + 1
    return ".".join(labels), at + 1


def record(kind, ttl, rdata, owner=b"\xc0\x0c"):
    return owner + struct.pack(">HHIH", kind, 1, ttl, len(rdata)) + rdata


def reply(packet, end, rcode, answers=(), authority=()):
    head = packet[:2] + struct.pack(
        ">HHHHH", 0x8180 | rcode, 1, len(answers), len(authority), 0
    )
    return head + packet[12 : end + 4] + b"".join(answers + authority)


def answer(name, kind, packet, end):
    """Bytes of the answer; None: silence."""
    soa = (record(6, 60, SOA, b"\0"),)
    if name.startswith("silent."):
        return None
    if name.startswith("broken."):
        return reply(packet, end, 2)
    if name.startswith("refused."):
        return reply(packet, end, 5)
    if name.startswith("none."):
        return reply(packet, end, 3, (), soa)
    if kind == 16 and name.endswith("alias.example"):
        target = b"\x06target\x04pass\x07example\0"
        text = record(16, 300, bytes([len(SPF)]) + SPF, target)
        return reply(packet, end, 0, (record(5, 30, target), text))
    if kind == 16 and not name.startswith("_"):
        return reply(
            packet, end, 0, (record(16, 300, bytes([len(SPF)]) + SPF),)
        )
    return reply(packet, end, 0, (), soa)


def main():
    folder = sys.argv[1]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    with open(f"{folder}/port.new", "w", encoding="ascii") as file:
        file.write(f"{server.getsockname()[1]}\n")
    os.rename(f"{folder}/port.new", f"{folder}/port")
    held = []  # slow.…: answered when somebody has asked for last.…
    with open(f"{folder}/asked", "w", encoding="ascii", buffering=1) as log:
        while True:
            packet, peer = server.recvfrom(4096)
            name, end = name_and_end(packet)
            kind = struct.unpack_from(">H", packet, end)[0]
            log.write(f"{name} {kind}\n")
            text = answer(name, kind, packet, end)
            if name.startswith("slow."):
                held.append((text, peer))
                continue
            if name.startswith("last."):
                for late in held:
                    server.sendto(*late)
                held = []
            if text:
                server.sendto(text, peer)


main()
