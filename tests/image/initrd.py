# SPDX-License-Identifier: BSD-3-Clause
"""Compressed archives, as people make them: what is in a guest's or a process's
tree is what the host has."""
import os
import random

from tests.runner.box import eft_cc
from tests.runner.case import Cases, check
from tests.image.crashes import report_of
from tests.image.starts import expect

cases = Cases("image")

# Each entry of the tree, but for what Eft adds: its type and mode, its links,
# its size, its target or its contents' hash.
TREE_C = r"""
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint32_t hash_of(const char *path)
{
	FILE *file = fopen(path, "r");
	uint32_t hash = 2166136261;
	int c;

	while ((c = getc_unlocked(file)) != EOF)
		hash = (hash ^ c) * 16777619;
	fclose(file);
	return hash;
}

static int show(const char *path, const struct stat *st, int type,
		struct FTW *at)
{
	char target[100];
	ssize_t len;

	if (at->level == 0 || strncmp(path, "/dev", 4) == 0 ||
	    strncmp(path, "/proc", 5) == 0 || strcmp(path, "/tmp") == 0)
		return 0;
	printf("%s %o ", path + 1, st->st_mode);
	if (S_ISREG(st->st_mode))
		printf("%d %lld %08x", (int)st->st_nlink,
		       (long long)st->st_size, hash_of(path));
	len = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof(target)) : 0;
	printf("%.*s\n", (int)len, target);
	return 0;
}

int main(void)
{
	return nftw("/", show, 20, FTW_PHYS);
}
"""

# What compresses an archive. The first word is what Eft calls the format, too.
COMPRESSORS = {
    "by gzip": "gzip -9 -n",
    "by xz": "xz -6",
    "by xz as Linux has it": "xz --check=crc32 --x86 --lzma2=dict=1MiB",
    "by zstd": "zstd -q",
    "by zstd -19": "zstd -q -19",
    "by lz4": "lz4 -q",
    "by lz4 as Linux has it": "lz4 -q -l",
}
DECODERS = "gzip lz4 xz zstd"


def fnv(data):
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xffffffff
    return value


def fill(root):
    """Files, small and large, of several names, links, a FIFO."""
    rng = random.Random(5)
    (root / "usr/lib").mkdir(parents=True)
    (root / "lib").symlink_to("usr/lib")
    words = [rng.randbytes(rng.randrange(1, 9)) for _ in range(500)]
    (root / "usr/lib/large").write_bytes(b"".join(rng.choices(words, k=90000)))
    (root / "random").write_bytes(rng.randbytes(70001))
    (root / "empty").touch()
    (root / "usr/small").write_text("small\n")
    (root / "usr/small").chmod(0o600)
    os.link(root / "random", root / "usr/another name")
    os.mkfifo(root / "fifo")


def described(root):
    """What TREE_C prints of it, in the order of the names."""
    for path in root.rglob("*"):
        st = path.lstat()
        text = f"{path.relative_to(root)} {st.st_mode:o} "
        if path.is_symlink():
            text += os.readlink(path)
        elif path.is_file():
            text += f"{st.st_nlink} {st.st_size} {fnv(path.read_bytes()):08x}"
        yield text


def archive_of(box, root):
    """By cpio, from names in the order that it needs."""
    names = sorted(path.relative_to(root) for path in root.rglob("*"))
    result = box.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root,
                     stdin="\n".join(map(str, names)).encode())
    expect(result, 0)
    return result.out


def compressed(box, command, data):
    result = box.run([*command.split(), "-c"], stdin=data)
    expect(result, 0)
    return result.out


def program_with(box, decoders):
    (box.dir / "tree.c").write_text(TREE_C)
    expect(box.run([eft_cc(), "-O1", "-o", "tree", "tree.c",
                    *(f"-Wl,-u,eft_initrd_{name}"
                      for name in decoders.split())]), 0, b"")
    return box.dir / "tree"


def boot(box, where, image, data, mem="128M"):
    path = box.dir / "archive"
    path.write_bytes(data)
    if where == "process":
        return box.run([image], env={"EFT": f"root=initrd initrd={path}"})
    return box.qemu(where, image, flags=["-initrd", path], mem=mem)


def same_tree(box, where, image, data, root):
    result = boot(box, where, image, data)
    expect(result, 0)
    check(sorted(result.text.splitlines()) == sorted(described(root)),
          str(result))


def initrd(box, where, name):
    command = COMPRESSORS[name]
    root = box.dir / "root"
    root.mkdir()
    fill(root)
    data = archive_of(box, root)
    same_tree(box, where, program_with(box, command.split()[0]),
              compressed(box, command, data), root)


for compressor in COMPRESSORS:
    for platform in ("process", "microvm"):
        cases.add(f"initrd {compressor} {platform}", initrd, platform,
                  compressor)


@cases.on("process", "microvm", "pc")
def initrd_of_several(box, where):
    """Plain and compressed archives in turn; zeroes may be between them."""
    image = program_with(box, DECODERS)
    root = box.dir / "root"
    data = b""
    for number, command in enumerate((None, "gzip -1", "xz -1", None,
                                      "lz4 -l -q", "zstd -q")):
        part = root / f"part{number}"
        part.mkdir(parents=True)
        fill(part)
        names = box.dir / "one"
        names.mkdir()
        part.rename(names / part.name)
        archive = archive_of(box, names)
        (names / part.name).rename(part)
        names.rmdir()
        data += bytes(-len(data) % 4) if command is None else b""
        data += archive if command is None else compressed(box, command,
                                                           archive)
        data += bytes(number % 3 * 7)
    same_tree(box, where, image, data, root)


@cases.on("process", "microvm")
def initrd_without_decoder(box, where):
    """It is said which one is missing, and how to have it; nothing runs."""
    image = program_with(box, "")
    for command in COMPRESSORS.values():
        decoder = command.split()[0]
        result = boot(box, where, image, compressed(box, command, b"070701"))
        report = report_of(result, where)
        check(result.status == 1 and result.out.count(b"\n") <= 1 and
              f"eft: initrd: at byte 0: is compressed by {decoder}: link with "
              f"-Wl,-u,eft_initrd_{decoder}\n" in report, str(result))


@cases.on("process", "microvm")
def initrd_damaged(box, where):
    """Cut or changed, it is refused; nothing runs."""
    image = program_with(box, DECODERS)
    root = box.dir / "root"
    root.mkdir()
    fill(root)
    data = archive_of(box, root)
    for decoder in DECODERS.split():
        good = compressed(box, COMPRESSORS[f"by {decoder}"], data)
        changed = bytearray(good)
        changed[len(good) // 2] ^= 4
        for bad, why in (good[:len(good) // 2], "cut off"), (changed, ""):
            result = boot(box, where, image, bad)
            report = report_of(result, where)
            check(result.status == 1 and why in report and
                  f"eft: initrd: {decoder} data at byte 0: " in report,
                  str(result))


@cases.case
def initrd_larger_than_memory(box):
    """Neither the contents fit, nor the window, and that is said."""
    image = program_with(box, DECODERS)
    root = box.dir / "root"
    root.mkdir()
    (root / "zeroes").write_bytes(bytes(64 << 20))
    result = boot(box, "microvm", image,
                  compressed(box, "gzip -1", archive_of(box, root)),
                  mem="32M")
    check(result.status == 1 and 'entry "zeroes" at byte 0: no memory is left'
          in report_of(result, "microvm"), str(result))
    (root / "zeroes").write_bytes(b"")
    result = boot(box, "microvm", image,
                  compressed(box, "xz -9", archive_of(box, root)),
                  mem="32M")
    check(result.status == 1 and "xz data at byte 0: at byte 0: no memory is "
          "left to decode it" in report_of(result, "microvm"), str(result))


@cases.on("process", "microvm")
def initrd_fifo(box, where):
    """An image that makes no FIFO opens an archive's if it is linked so."""
    (box.dir / "fifo.c").write_text(r"""
        #include <fcntl.h>
        #include <stdio.h>
        #include <unistd.h>
        int main(void)
        {
            char text[6] = "";
            int fd = open("/fifo", O_RDWR);

            write(fd, "hello", 5);
            read(fd, text, 5);
            return puts(text) < 0;
        }
        """)
    expect(box.run([eft_cc(), "-w", "-o", "fifo", "fifo.c",
                    "-Wl,-u,eft_fifo_create,-u,eft_initrd_gzip"]), 0, b"")
    root = box.dir / "root"
    root.mkdir()
    os.mkfifo(root / "fifo")
    result = boot(box, where, box.dir / "fifo",
                  compressed(box, "gzip -1", archive_of(box, root)))
    expect(result, 0)
    check(result.text.split() == ["hello"], str(result))
