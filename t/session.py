#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""session.py PATH STEP...: a client of `hub serve PATH` (hubprotocol-session(5)),
written from the page alone.  Prints what comes of each step."""

import struct
import subprocess
import sys

HUB = bytes(range(32))


class Session:
    def __init__(self, path):
        self.p = subprocess.Popen(["hub", "serve", path], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)

    def send(self, kind, payload=b""):
        self.p.stdin.write(struct.pack(">IB", len(payload) + 1, kind) + payload)
        self.p.stdin.flush()

    def frame(self):
        while True:
            head = self.p.stdout.read(5)
            if len(head) < 5:
                sys.exit("the server ended")
            n, kind = struct.unpack(">IB", head)
            payload = self.p.stdout.read(n - 1)
            if kind != 5:
                return kind, payload

    def call(self, op, head=b""):
        self.send(1, bytes([op, 0]) + head)
        kind, payload = self.frame()
        assert kind == 4, kind
        return payload[0], payload[2:]

    def hello(self):
        return self.call(1, struct.pack(">HBB", 1, 2, 0) + bytes(32) +
                         struct.pack(">IB", 9, 2) + b"py")


def main():
    s = Session(sys.argv[1])
    status, head = s.hello()
    print("hello", status, head[36 + 5:].decode() if not status else head.decode())
    for step in sys.argv[2:]:
        if step == "make":
            status, head = s.call(16, HUB + b"\3")
            print("made" if status == 0 else "not made: " + head.decode())
        elif step == "unknown":
            print("unknown", *s.call(200))
        elif step == "flood":       # 3,000 requests before an answer is read
            for i in range(3000):
                s.send(1, bytes([20, 0]) + bytes(8))
            print("flood", sum(s.frame()[1][0] == 0 for i in range(3000)))
    s.send(6)
    s.p.stdin.close()
    print("ended", s.p.wait())


main()
