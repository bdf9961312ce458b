# SPDX-License-Identifier: BSD-3-Clause
"""As much of gdb's remote protocol as sampling a guest of QEMU's needs.

Source: "Debugging with GDB", appendix E; registers in the order of QEMU's
gdb-xml/i386-64bit.xml.
"""
import socket
import struct
import time

RBP, RSP, RIP, REGISTERS = 6, 7, 16, 17
STACK_BYTES = 2048
DEPTH = 64
LISTENS_S = 10


class Gone(Exception):
    """The guest has ended."""


def connected(path):
    """A file is there a moment before somebody listens at it."""
    deadline = time.monotonic() + LISTENS_S
    while True:
        wire = socket.socket(socket.AF_UNIX)
        try:
            wire.connect(str(path))
            return wire
        except ConnectionRefusedError:
            wire.close()
            if time.monotonic() > deadline:
                raise Gone from None
            time.sleep(0.01)


class Stub:
    def __init__(self, path):
        self.wire = connected(path)
        self.data = b""
        self.ask("QStartNoAckMode")
        self.wire.sendall(b"+")

    def byte(self):
        if not self.data:
            try:
                self.data = self.wire.recv(65536)
            except OSError:
                self.data = b""
            if not self.data:
                raise Gone
        byte, self.data = self.data[:1], self.data[1:]
        return byte

    def read(self):
        """The next packet's contents."""
        while self.byte() != b"$":
            pass
        text = b""
        while (byte := self.byte()) != b"#":
            text += byte
        self.byte()
        self.byte()
        return text.decode()

    def send(self, text):
        try:
            self.wire.sendall(b"$%s#%02x" % (text.encode(),
                                             sum(text.encode()) & 255))
        except OSError:
            raise Gone from None

    def ask(self, text):
        self.send(text)
        return self.read()

    def processors(self):
        reply = self.ask("qfThreadInfo")
        names = []
        while reply.startswith("m"):
            names += reply[1:].split(",")
            reply = self.ask("qsThreadInfo")
        return names

    def go_on(self):
        self.send("c")

    def stop(self):
        try:
            self.wire.sendall(b"\3")
        except OSError:
            raise Gone from None
        if self.read()[:1] in "WX":
            raise Gone

    def registers(self, processor):
        self.ask(f"Hg{processor}")
        reply = bytes.fromhex(self.ask("g")[:REGISTERS * 16])
        return struct.unpack(f"<{REGISTERS}Q", reply)

    def memory(self, address, size):
        """What can be read of it: all or nothing."""
        reply = self.ask(f"m{address:x},{size:x}")
        return b"" if reply.startswith("E") else bytes.fromhex(reply)

    def stack(self, processor):
        """Where it is, and who called, by the frame pointers."""
        registers = self.registers(processor)
        frame, sp = registers[RBP], registers[RSP]
        base, memory = sp, self.memory(sp, STACK_BYTES)
        addresses = [registers[RIP]]
        while len(addresses) < DEPTH and frame >= sp and frame % 8 == 0:
            if not base <= frame <= base + len(memory) - 16:
                base, memory = frame, self.memory(frame, STACK_BYTES) or \
                    self.memory(frame, 16)
                if len(memory) < 16:
                    break
            at = frame - base
            sp = frame + 16
            frame, address = struct.unpack("<QQ", memory[at:at + 16])
            if address == 0:
                break
            addresses.append(address)
        return addresses


def sample(path, seconds):
    """Yield the stack of each processor, about every (seconds), to the end."""
    try:
        stub = Stub(path)
        processors = stub.processors()
        while True:
            stub.go_on()
            time.sleep(seconds)
            stub.stop()
            for processor in processors:
                yield stub.stack(processor)
    except Gone:
        return
