#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""badssh.py MODE N [ssh's arguments]: stands in for ssh (GIT_SSH_COMMAND).  Runs the
command here, as the far shell would, and passes its answers on until the Nth;
then it misbehaves as MODE says:

	ends     closes its output            dies     exits 255 as ssh does
	garbage  sends other bytes            half     half a frame, then the end
	silent   says nothing more            other    the answer of another request
	cut      exits 255 after N bytes from the client
	flip     one bit of a body is wrong   none     does not misbehave
	denied, hostkey, refused, nohub       as ssh and shells say these, at once
	banner   a login script talks first

How many answers there were is left in badssh.count in the current folder, how many
bytes the client sent in badssh.bytes."""

import os
import struct
import subprocess
import sys
import threading
import time

SAYS = {"denied": (255, "far: Permission denied (publickey)."),
        "hostkey": (255, "Host key verification failed."),
        "refused": (255, "ssh: connect to host far port 22: Connection refused"),
        "nohub": (127, "sh: 1: hub: not found")}


def out(data):
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.exit(255)


SENT = [0]


def pump(to, cut):
    """What the client says goes on unchanged."""
    while True:
        data = os.read(0, 65536)
        if not data:
            break
        SENT[0] += len(data)
        if cut and SENT[0] >= cut:
            misbehave("dies", 0, b"", b"")
        try:
            to.write(data)
            to.flush()
        except BrokenPipeError:
            break
    try:
        to.close()
    except BrokenPipeError:
        pass


def frames(f):
    while True:
        head = f.read(5)
        if len(head) < 5:
            return
        n, kind = struct.unpack(">IB", head)
        yield kind, head + f.read(n - 1)


def misbehave(mode, kind, data, last):
    if mode == "ends":
        sys.stdout.close()
        os._exit(0)
    if mode == "dies":
        print("Connection to far closed by remote host.", file=sys.stderr)
        os._exit(255)
    if mode == "garbage":
        out(b"\xfe" * 100)
        os._exit(0)
    if mode == "half":
        out(data[:len(data) // 2])
        os._exit(0)
    if mode == "silent":
        time.sleep(60)
        os._exit(0)
    if mode == "other":
        out(last)
        return
    out(data)


def flip(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def main():
    mode, at, command = sys.argv[1], int(sys.argv[2]), sys.argv[-1]
    if mode in SAYS:
        print(SAYS[mode][1], file=sys.stderr)
        sys.exit(SAYS[mode][0])
    if mode == "banner":
        out(b"Welcome to this computer!\n")
    p = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    threading.Thread(target=pump, args=(p.stdin, at if mode == "cut" else 0), daemon=True).start()
    n, last = 0, b""
    for kind, data in frames(p.stdout):
        if kind == 4:
            n += 1
        if mode == "flip" and kind == 2 and n >= at:
            data = flip(data)
        if kind == 4 and n == at and mode not in ("none", "flip", "banner", "cut"):
            misbehave(mode, kind, data, last)
        else:
            out(data)
        if kind == 4:
            last = data
    with open("badssh.count", "w") as f:
        f.write("%d\n" % n)
    with open("badssh.bytes", "w") as f:
        f.write("%d\n" % SENT[0])
    sys.exit(p.wait())


main()
