#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make the file systems that fuzz/ext4.c damages, as a C header; or an empty one,
that fuzz/linuxdisk.c has for its root.

usage: ext4_images.py [--roots] HEADER

e2fsprogs make them, of a time that stands still; so the same release of these
makes the same bytes.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# mkfs's words; how many KiB. The first has no checksums, so that all damage is
# believed; the last has a journal, which has 1 MiB at least.
IMAGES = (("-O ^has_journal,^metadata_csum,^resize_inode", 256),
          ("-O ^has_journal,metadata_csum,64bit,^resize_inode", 256),
          ("-O has_journal,^metadata_csum,^resize_inode -J size=1", 1400))
# Blocks of a page, so that room is counted as tmpfs does.
ROOTS = (("-b 4096 -O has_journal,^resize_inode -J size=4 -N 512", 12288),)
UUID = "0123abcd-0123-4567-89ab-0123456789ab"
ENVIRONMENT = {"PATH": "/sbin:/usr/sbin:/bin:/usr/bin",
               "E2FSPROGS_FAKE_TIME": "1790000000"}

# For debugfs: all kinds of nodes, a directory with an index (of links: e2fsck
# counts them), extents in a block of their own, some of them not written.
SCRIPT = """mkdir d
mkdir d/below
cd d
write {small} f
cd /
symlink fast d/f
symlink slow {target}
mknod pipe p
mknod null c 1 3
write {holes} holes
write {small} room
fallocate room 10 17
ea_set d/f user.name value
mkdir many
cd many
{room}""".format(small="small", holes="holes", room="expand_dir .\n" * 7, target="d/../" * 18 + "d/f") + "".join(
    f"ln ../d/f a-name-that-takes-some-room-{i}\n" for i in range(90))


def run(*words, may_change=False):
    status = subprocess.run(words, env=ENVIRONMENT, check=False,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL).returncode
    if status != 0 and not (may_change and status == 1):
        sys.exit(f"{' '.join(words)}: status {status}")


def make(flags, kib, script):
    run("mkfs.ext4", "-q", "-F", "-b", "1024", "-N", "48", "-m", "0", "-U", UUID,
        "-E", f"hash_seed={UUID},lazy_itable_init=0", *flags.split(), "image",
        f"{kib}k")
    if script:
        run("debugfs", "-w", "-f", "script", "image")
    run("e2fsck", "-fyD", "image", may_change=True)
    run("debugfs", "-w", "-R", "set_super_value lastcheck 1790000000", "image")
    run("e2fsck", "-fn", "image")
    return Path("image").read_bytes()


def pieces(data, unit=64):
    """Where bytes are that are not 0, and these."""
    start = None
    for at in range(0, len(data) + unit, unit):
        empty = not any(data[at:at + unit])
        if start is None and not empty:
            start = at
        if start is not None and empty:
            yield start, data[start:at]
            start = None


def main():
    roots = sys.argv[1] == "--roots"
    images = ROOTS if roots else IMAGES
    header = Path(sys.argv[-1]).resolve()
    lines = ["/* Made by fuzz/ext4_images.py. */"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("script").write_text(SCRIPT)
        Path("small").write_text("a small file\n" * 100)
        with open("holes", "wb") as file:
            for i in range(0, 14, 2):
                file.seek(i * 4096)
                file.write(b"%4096d" % i)
        for i, (flags, kib) in enumerate(images):
            data = make(flags, kib, not roots)
            lines.append(f"static const struct piece image{i}[] = {{")
            for at, some in pieces(data):
                text = "".join(f"\\{byte:03o}" for byte in some)
                lines.append(f'{{{at}, {len(some)}, "{text}"}},')
            lines.append("};")
        lines.append("static const struct image images[] = {")
        for i, (flags, kib) in enumerate(images):
            lines.append(f"{{{kib * 1024}, eft_array_size(image{i}), "
                         f"image{i}}},")
        lines.append("};")
    header.write_text("\n".join(lines) + "\n")


main()
