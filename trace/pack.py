#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make of the linked tracer the bytes that a libOS loads (core/trace.h).

usage: pack.py tracer.elf tracer.bin key.h

tracer.bin is the tracer's memory up to its .bss, then, there, the places that
hold addresses: the libOS adds to them where it has put the tracer. Its first
bytes, struct eft_tracer's, are filled in. key.h has a number made of it all.
"""
import hashlib
import struct
import subprocess
import sys

ABS64 = "R_X86_64_64"
RELATIVE = ("R_X86_64_PC32", "R_X86_64_PLT32", "R_X86_64_PC64")
HEADER = "<QIIII"
ROOM = 256 << 10    # EFT_TRACER_BYTES


def symbols(elf):
    out = subprocess.run(["nm", elf], check=True, text=True,
                         capture_output=True).stdout
    return {name: int(value, 16)
            for value, _, name in map(str.split, out.splitlines())}


def memory(elf, size):
    image = bytearray(size)
    out = subprocess.run(["readelf", "-lW", elf], check=True, text=True,
                         capture_output=True).stdout
    data = open(elf, "rb").read()
    for line in out.splitlines():
        words = line.split()
        if words and words[0] == "LOAD":
            offset, address, _, length = (int(w, 16) for w in words[1:5])
            image[address:address + length] = data[offset:offset + length]
    return image


def relocations(elf):
    out = subprocess.run(["readelf", "-rW", elf], check=True, text=True,
                         capture_output=True).stdout
    places, loaded = [], False
    for line in out.splitlines():
        words = line.split()
        if line.startswith("Relocation section"):
            loaded = ".debug" not in line
        elif loaded and len(words) > 2 and words[2].startswith("R_"):
            if words[2] == ABS64:
                places.append(int(words[0], 16))
            elif words[2] not in RELATIVE:
                sys.exit(f"{elf}: cannot be moved: {line}")
    return sorted(places)


def main():
    elf, binary, header = sys.argv[1:]
    names = symbols(elf)
    image = memory(elf, names["tracer_bss"])
    places = relocations(elf)
    while len(image) % 4:
        image.append(0)
    at = len(image)
    image += b"".join(struct.pack("<I", place) for place in places)
    if max(len(image), names["tracer_bss_end"]) > ROOM:
        sys.exit(f"{elf}: larger than EFT_TRACER_BYTES")
    if names["tracer"] != 0:
        sys.exit(f"{elf}: its header is not at 0")
    image[:24] = struct.pack(HEADER, 0, names["tracer_text_end"], at,
                             len(places), 0)
    key = hashlib.sha256(image).digest()[:8]
    image[:8] = key
    with open(binary, "wb") as out:
        out.write(image)
    with open(header, "w") as out:
        out.write("/* Made by trace/pack.py. */\n#define EFT_TRACER_KEY "
                  f"{int.from_bytes(key, 'little'):#x}\n")


main()
