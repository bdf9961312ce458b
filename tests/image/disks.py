# SPDX-License-Identifier: BSD-3-Clause
"""Disks and ext4, as a process and in guests, on the same bytes; the truth is
e2fsprogs'."""
import os
import random
import re
import signal
import struct
import subprocess
import time

from tests.image.interactive import Terminal
from tests.image.starts import expect
from tests.runner.box import (app, BUILD, EFT, ENVIRONMENT, program, ROOT)
from tests.runner.case import Case, Cases, check, Counts, MACHINES, Skip

cases = Cases("disks")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SOURCE = ROOT / "tests/image/programs/keeps_files.c"
ROOTED = ROOT / "tests/image/programs/lives_on_a_disk.c"
STEPS = ROOT / "tests/image/programs/does_steps.c"
EVERYWHERE = ("process", *MACHINES)


def keeper(box, source=SOURCE):
    expect(box.run([EFT_CC, "-Os", "-Wl,-u,eft_ext4_type", "-o", source.stem,
                    source]), 0, b"")
    return box.dir / source.stem


def make_disk(box, *flags, size=64 << 20):
    path = box.dir / "disk"
    path.write_bytes(b"")
    os.truncate(path, size)
    tool(box, "mkfs.ext4", "-q", *flags, path)
    return path


def tool(box, name, *words):
    result = box.run([f"/sbin/{name}", *words], timeout=120)
    check(result.status == 0, result)
    return result


def is_sound(box, disk):
    """And was unmounted: nothing is to be recovered."""
    result = tool(box, "e2fsck", "-fn", disk)
    check("skipping journal recovery" not in result.text + result.errors,
          result)


def run(box, where, image, what, disk="disk", **how):
    return box.run([EFT, "run", "--on", where, "--disk", disk, "--mount",
                    "/mnt=ext4:vda", image, what, "/mnt"], timeout=120, **how)


@cases.on(*EVERYWHERE)
def made_here_is_there_for_all(box, where):
    """What one has made the others find, and Linux's tools."""
    image, disk = keeper(box), make_disk(box)
    expect(run(box, where, image, "make"), 0, b"made\n")
    is_sound(box, disk)
    for other in ("process", "microvm", "q35"):
        expect(run(box, other, image, "check"), 0, b"all there\n")
    is_sound(box, disk)
    result = tool(box, "debugfs", "-R", "cat /moved", disk)
    check(result.text == "many/file 2", result)


@cases.case
def other_file_systems(box):
    """Other sizes of blocks; without a journal, checksums or an index."""
    image = keeper(box)
    for flags in (("-b", "1024"), ("-b", "2048"), ("-O", "^has_journal"),
                  ("-O", "^metadata_csum,^64bit"), ("-O", "^dir_index"),
                  ("-I", "128"), ("-t", "ext4", "-E", "lazy_itable_init=0")):
        disk = make_disk(box, *flags)
        expect(run(box, "process", image, "make"), 0, b"made\n")
        is_sound(box, disk)
        expect(run(box, "microvm", image, "check"), 0, b"all there\n")
        is_sound(box, disk)


@cases.case
def made_by_linux(box):
    """mkfs fills it with a folder."""
    image = keeper(box)
    (box.dir / "tree").mkdir()
    for name in ("big", "cut"):
        (box.dir / "tree" / name).write_bytes(b"not what is looked for")
    make_disk(box, "-d", box.dir / "tree")
    result = run(box, "microvm", image, "check")
    check(result.status == 1 and result.text.startswith("big: "), result)
    result = run(box, "microvm", image, "make")
    check(result.status == 1 and "big: File exists" in result.text, result)


def moved(box, name, *flags):
    """tests/posix/NAME.c, in the folder that its argument names."""
    (box.dir / f"{name}.c").write_text(f"""
#define main program
#include "{ROOT / 'tests/posix' / name}.c"
#undef main
int main(int argc, char **argv)
{{
	return chdir(argv[1]) != 0 || program();
}}
""")
    expect(box.run([EFT_CC, "-Os", *flags, "-o", name, f"{name}.c"]), 0, b"")
    return box.dir / name


def all_ok(result):
    check(result.status == 0 and "not ok" not in result.text and
          "\n1.." in result.text, result)


@cases.on("process", "microvm")
def attributes_and_no_names(box, where):
    """What tests/posix says of extended attributes and of files without a name
    is so on ext4, and on ext2."""
    for name in ("xattr", "unnamed"):
        image = moved(box, name, "-Wl,-u,eft_ext4_type")
        for flags in ((), ("-t", "ext2", "-b", "1024")):
            disk = make_disk(box, *flags)
            all_ok(box.run([EFT, "run", "--on", where, "--disk", disk,
                            "--mount", "/mnt=ext4:vda", image, "/mnt"],
                           timeout=120))
            is_sound(box, disk)


@cases.case
def attributes_of_a_folder(box):
    """The same of a host's folder that is mounted."""
    for name in ("xattr", "unnamed"):
        image = moved(box, name, "-Wl,-u,eft_mount_option")
        folder = box.dir / f"{name}.folder"
        folder.mkdir()
        all_ok(box.run([image, "/mnt"], env={
            **ENVIRONMENT, "EFT": f"mount./mnt=hostfs:{folder}"}, timeout=60))


@cases.on("microvm", "q35")
def power_cut(box, where):
    """Each line that was told is in the file, after QEMU was killed."""
    image, disk = keeper(box), make_disk(box)
    for cut in range(3):
        told = follow(box, where, image, 15 + 20 * cut)
        log = log_of(box, disk)
        check(log[:len(told)] == told, (told[-3:], log[-3:]))


def follow(box, where, image, lines):
    """The numbers that were told before the machine was killed."""
    with subprocess.Popen(
            [EFT, "run", "--on", where, "--disk", "disk", "--mount",
             "/mnt=ext4:vda", image, "follow", "/mnt"], cwd=box.dir,
            env=ENVIRONMENT, stdout=subprocess.PIPE,
            start_new_session=True) as runs:
        told = [int(runs.stdout.readline()) for _ in range(lines)]
        os.killpg(runs.pid, signal.SIGKILL)
        runs.stdout.read()
    return told


def log_of(box, disk):
    """The last run's part of the file, after recovery by Linux's tool."""
    result = box.run(["/sbin/e2fsck", "-fy", disk], timeout=120)
    check(result.status in (0, 1), result)
    tool(box, "e2fsck", "-fn", disk)
    text = tool(box, "debugfs", "-R", "cat /log", disk).text
    numbers = [int(line) for line in text.splitlines()]
    first = len(numbers) - 1 - numbers[::-1].index(0)
    return numbers[first:]


@cases.case
def recovered_by_the_next(box):
    """A guest was killed; the next recovers its journal, and goes on."""
    image, disk = keeper(box), make_disk(box)
    follow(box, "microvm", image, 30)
    expect(run(box, "microvm", image, "make"), 0, b"made\n")
    is_sound(box, disk)
    expect(run(box, "process", image, "check"), 0, b"all there\n")


# mkfs's flags, one after the other.
KINDS = (("-b", "1024"), (), ("-b", "2048"), ("-O", "^metadata_csum"),
         ("-b", "1024", "-O", "^64bit"), ("-O", "^dir_index"),
         ("-b", "1024", "-I", "128"), ("-O", "^has_journal"))
SEEDS = 20


def host_steps(box):
    box.run(["gcc", "-O1", "-o", "steps", STEPS])
    return box.dir / "steps"


def on_loop(box, disk, *words):
    """What a program says of the disk, mounted by the host's kernel."""
    (box.dir / "m").mkdir(exist_ok=True)
    result = box.run(["mount", "-o", "loop", disk, "m"])
    if result.status != 0:
        raise Skip("the host mounts no disk by loop: " + result.errors)
    try:
        return box.run(words, timeout=120)
    finally:
        check(box.run(["umount", "m"]).status == 0, "umount")


def sequences(box, where, seeds):
    """Steps here are what Linux sees, and Linux's are seen here."""
    image, host = keeper(box, STEPS), host_steps(box)
    for seed in seeds:
        flags = KINDS[seed % len(KINDS)]
        disk = make_disk(box, *flags, size=16 << 20)
        run_on = (EFT, "run", "--on", where, "--disk", "disk", "--mount",
                  "/mnt=ext4:vda", image)
        here = box.run([*run_on, "do", "/mnt", str(seed), "200"], timeout=120)
        check(here.status == 0, here)
        is_sound(box, disk)
        seen = box.run([*run_on, "list", "/mnt"], timeout=120)
        theirs = on_loop(box, disk, host, "list", "m")
        check(seen.text == theirs.text and seen.text.count("\n") > 10,
              f"seed {seed}: here\n{seen}\nLinux\n{theirs}")
        disk = make_disk(box, *flags, size=16 << 20)
        there = on_loop(box, disk, host, "do", "m", str(seed), "200")
        check(there.text == here.text,
              f"seed {seed}: here\n{here}\nLinux\n{there}")
        theirs = on_loop(box, disk, host, "list", "m")
        seen = box.run([*run_on, "list", "/mnt"], timeout=120)
        check(seen.text == theirs.text,
              f"seed {seed}: here\n{seen}\nLinux\n{theirs}")
        is_sound(box, disk)
    return Counts(passed=len(seeds))


@cases.case
def sequences_in_a_guest(box):
    return sequences(box, "microvm", range(SEEDS))


@cases.case
def sequences_in_a_process(box):
    return sequences(box, "process", range(SEEDS, 2 * SEEDS))


def sequences_300(box):
    return sequences(box, "process", range(1000, 1300))


# SQLite on a disk, and the power fails at any moment.
def sqlite_with_disks(box):
    built = app("sqlite3").parent / "sqlite3.build/src"
    expect(box.run([EFT_CC, "-Wl,-u,eft_ext4_type", "-o", "sqlite3",
                    built / "shell.o", built / "sqlite3.o", "-lm"]), 0, b"")
    return box.dir / "sqlite3"


def sqlite_command(image, *words):
    return [EFT, "run", "--on", "microvm", "--disk", "disk", "--mount",
            "/=ext4:vda", image, "/data.db", *words]


def insert_until_killed(box, image, first, mode, chance):
    """The last number whose transaction was told to have ended, or 0. (Without
    synchronous=extra SQLite does not sync that its journal is gone, and may
    roll back what it has told.)"""
    script = box.dir / "inserts"
    script.write_text(
        f"pragma journal_mode={mode};pragma synchronous=extra;\n"
        "create table if not exists t(n integer primary key, s);\n" +
        "".join(f"insert into t values({n}, hex(zeroblob({n % 700})));"
                f"select 'kept', {n};\n" for n in range(first, first + 400)))
    told = 0
    with open(script, "rb") as inserts, subprocess.Popen(
            sqlite_command(image), cwd=box.dir, env=ENVIRONMENT,
            stdin=inserts, stdout=subprocess.PIPE,
            start_new_session=True) as runs:
        wanted = chance.randrange(1, 60)
        for line in runs.stdout:
            told = int((re.match(rb"kept\|(\d+)\n", line) or [0, told])[1])
            wanted -= 1
            if wanted == 0:
                break
        time.sleep(chance.random() / 20)
        os.killpg(runs.pid, signal.SIGKILL)
        rest = re.findall(rb"kept\|(\d+)\n", runs.stdout.read())
    return int(rest[-1]) if rest else told


def sqlite_restarts(box, times):
    image, disk = sqlite_with_disks(box), make_disk(box, "-b", "1024")
    chance = random.Random(times)
    first = 1
    for i in range(times):
        mode = ("delete", "wal", "truncate", "persist")[i % 4]
        told = insert_until_killed(box, image, first, mode, chance)
        result = box.run(sqlite_command(
            image, "pragma integrity_check; "
            "select count(*), coalesce(max(n), 0) from t"), timeout=120)
        found = re.fullmatch(r"ok\n(\d+)\|(\d+)\n", result.text)
        check(found and found[1] == found[2] and int(found[2]) >= told,
              f"cut {i}, {mode}, {told} were told to be there\n{result}")
        is_sound(box, disk)
        first = int(found[2]) + 1
    return f"{times} cuts, {first - 1} transactions"


@cases.case
def sqlite_restart(box):
    """A transaction that was told is there when the power has failed."""
    return sqlite_restarts(box, 5)


def sqlite_restart_200(box):
    return sqlite_restarts(box, 200)


def long_cases():
    return [Case("disks/sequences_300", sequences_300),
            Case("disks/sqlite_restart_200", sqlite_restart_200)]


@cases.case
def read_only(box):
    """Mounted so, not a byte of it changes, on a disk that could be written."""
    image, disk = keeper(box), make_disk(box)
    expect(run(box, "process", image, "make"), 0, b"made\n")
    before = disk.read_bytes()
    for where in ("process", "microvm"):
        words = [EFT, "run", "--on", where, "--disk", "disk", "--mount",
                 "/mnt=ext4:vda,ro", image]
        expect(box.run([*words, "check", "/mnt"], timeout=60), 0,
               b"all there\n")
        result = box.run([*words, "linger", "/mnt"], timeout=60)
        check(result.status == 1 and "Read-only file system" in result.text,
              result)
    check(disk.read_bytes() == before, "bytes have changed")


@cases.case
def ended_by_a_signal(box):
    """What was written and not synced is there all the same."""
    image, disk = keeper(box), make_disk(box)
    with subprocess.Popen(
            [image, "linger", "/mnt"], cwd=box.dir, stdout=subprocess.PIPE,
            env={**ENVIRONMENT,
                 "EFT": "disk=disk mount./mnt=ext4:vda"}) as process:
        check(process.stdout.readline() == b"written\n", "nothing is written")
        process.terminate()
        check(process.wait(timeout=30) == -signal.SIGTERM, process.returncode)
    is_sound(box, disk)
    size = tool(box, "debugfs", "-R", "stat /unsynced", disk).text
    check("Size: 50000" in size, size)


# The power button.
def start(box, where, image, what, *flags):
    return subprocess.Popen(
        [EFT, "run", "--on", where, "--disk", "disk", "--mount",
         "/mnt=ext4:vda", *flags, image, what, "/mnt"], cwd=box.dir,
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)


def told_until(runs, end, by=signal.SIGTERM, lines=30):
    """The lines that a program tells before and after it was asked to end."""
    told = [runs.stdout.readline() for _ in range(lines)]
    end(runs.pid, by)
    told += runs.stdout.readlines()
    errors = runs.stderr.read() if runs.stderr else b""
    runs.wait(timeout=120)
    return told, errors


def all_kept(box, disk, told):
    """What was told is there, and perhaps the one that was to be told next."""
    is_sound(box, disk)
    kept = [int(line) for line in
            tool(box, "debugfs", "-R", "cat /log", disk).text.splitlines()]
    numbers = [int(line) for line in told if line.endswith(b"\n")
               and line[:1].isdigit()]
    check(len(numbers) > 20 and kept == list(range(len(kept))) and
          numbers in (kept, kept[:-1]), (numbers[-3:], kept[-3:]))


@cases.on(*EVERYWHERE)
def button(box, where):
    """SIGTERM to `eft run`: what was written and never synced is there."""
    image, disk = keeper(box), make_disk(box)
    with start(box, where, image, "stream") as runs:
        told, errors = told_until(runs, os.kill)
    check(runs.returncode in (143, -15) and errors == b"",
          (runs.returncode, errors))
    all_kept(box, disk, told)


@cases.on(*EVERYWHERE)
def button_is_handled(box, where):
    """The program's handler decides."""
    image, disk = keeper(box), make_disk(box)
    with start(box, where, image, "handle") as runs:
        told, errors = told_until(runs, os.kill)
    check(runs.returncode == 0 and told[-1] == b"asked to end\n" and
          errors == b"", (runs.returncode, told[-1], errors))
    all_kept(box, disk, told)


@cases.case
def button_with_a_core(box):
    """Also where QEMU stays until its memory was looked at."""
    image, disk = keeper(box), make_disk(box)
    with start(box, "microvm", image, "stream", "--core", "core") as runs:
        told, errors = told_until(runs, os.kill)
    check(runs.returncode == 143, (runs.returncode, errors))
    all_kept(box, disk, told)


@cases.case
def interrupted_key(box):
    """^C reaches all of the group; the guest, that has no terminal, ends as by
    the button."""
    image, disk = keeper(box), make_disk(box)
    with start(box, "microvm", image, "stream") as runs:
        told, errors = told_until(runs, os.killpg, signal.SIGINT)
    check(runs.returncode in (130, -2), (runs.returncode, errors))
    all_kept(box, disk, told)


@cases.case
def button_is_ignored(box):
    """The second signal ends the machine."""
    image = keeper(box)
    make_disk(box)
    with start(box, "microvm", image, "ignore") as runs:
        for _ in range(20):
            check(runs.stdout.readline() != b"", "it has ended")
        runs.terminate()
        for _ in range(200):
            check(runs.stdout.readline() != b"", "it has ended")
        runs.terminate()
        runs.communicate(timeout=60)
        check(runs.returncode in (143, -15), runs.returncode)


@cases.case
def button_without_signals(box):
    """A program that knows no signals, and one that has written nothing."""
    (box.dir / "plain.c").write_text(r"""
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int fd = argc > 1 ? open("/mnt/log", O_CREAT | O_WRONLY, 0644) : -1;

	if (fd >= 0)
		write(fd, "unsynced\n", 9);
	for (;;)
		write(1, "told\n", 5);
}
""")
    expect(box.run([EFT_CC, "-Os", "-Wl,-u,eft_ext4_type", "-o", "plain",
                    "plain.c"]), 0, b"")
    for words in ("write",), ():
        disk = make_disk(box)
        with subprocess.Popen(
                [EFT, "run", "--on", "microvm", "--disk", "disk", "--mount",
                 "/mnt=ext4:vda", "./plain", *words], cwd=box.dir,
                env=ENVIRONMENT, stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL, start_new_session=True) as runs:
            told_until(runs, os.kill)
        check(runs.returncode == 143, runs.returncode)
        if words:
            is_sound(box, disk)
            text = tool(box, "debugfs", "-R", "cat /log", disk).text
            check(text == "unsynced\n", text)


@cases.case
def hung_up(box):
    """The terminal goes away."""
    image, disk = keeper(box), make_disk(box)
    with Terminal(box, EFT, "run", "--on", "microvm", "--disk", "disk",
                  "--mount", "/mnt=ext4:vda", image, "linger",
                  "/mnt") as runs:
        runs.expect("written\n")
        runs.hang_up()
    is_sound(box, disk)
    size = tool(box, "debugfs", "-R", "stat /unsynced", disk).text
    check("Size: 50000" in size, size)


def built(box, name, text):
    """A program with ext4."""
    (box.dir / f"{name}.c").write_text(text)
    expect(box.run([EFT_CC, "-Os", "-Wl,-u,eft_ext4_type", "-o", name,
                    f"{name}.c"]), 0, b"")
    return box.dir / name


COUNTS = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
static char buf[1 << 20];
static void show(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf));

	write(1, buf, n > 0 ? n : 0);
}
int main(int argc, char **argv)
{
	int fd = open("/mnt/file", O_CREAT | O_WRONLY, 0644);

	if (write(fd, buf, sizeof(buf)) != sizeof(buf) || fsync(fd) != 0)
		return 1;
	show("/proc/partitions");
	show("/proc/diskstats");
	return 0;
}
"""


@cases.on("process", "microvm")
def counts(box, where):
    """/proc/partitions and /proc/diskstats, in Linux's columns."""
    image = built(box, "counts", COUNTS)
    make_disk(box)
    result = box.run([EFT, "run", "--on", where, "--disk", "disk", "--mount",
                      "/mnt=ext4:vda", image], timeout=60)
    table = "major minor  #blocks  name\n\n 254        0      65536 vda\n"
    check(result.status == 0 and result.text.startswith(table), result)
    head, *numbers = re.fullmatch(r" 254       0 (vda)" + r" (\d+)" * 17 + "\n",
                                  result.text[len(table):]).groups()
    (reads, _, sectors_read, _, writes, merged, written, _, pending, busy_ms,
     all_ms, discards, *_, flushes, _) = map(int, numbers)
    check(head == "vda" and reads > 0 and sectors_read >= reads and
          writes > 0 and 2048 <= written < 10000 and flushes > 0 and
          pending == merged == discards == 0 and busy_ms <= 60000 and
          all_ms <= 600000, numbers)


@cases.on("process", "microvm")
def direct(box, where):
    """O_DIRECT takes whole sectors, and refuses what Linux's ext4 refuses."""
    image = built(box, "direct", r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
static _Alignas(4096) char buf[8192];
static void say(const char *what, ssize_t n)
{
	printf("%s: %zd\n", what, n < 0 ? -(ssize_t)errno : n);
}
int main(int argc, char **argv)
{
	int fd = open("/mnt/file", O_CREAT | O_RDWR | O_DIRECT, 0644);

	say("open", fd < 0 ? -1 : 0);
	say("flag", !!(fcntl(fd, F_GETFL) & O_DIRECT));
	say("write", pwrite(fd, buf, 4096, 0));
	say("a sector", pwrite(fd, buf + 512, 512, 4096));
	say("length", pwrite(fd, buf, 100, 0));
	say("offset", pwrite(fd, buf, 512, 100));
	say("memory", pwrite(fd, buf + 1, 512, 0));
	say("read", pread(fd, buf, 8192, 0));
	say("read's length", pread(fd, buf, 100, 0));
	say("read's offset", pread(fd, buf, 512, 1));
	say("at the end", pread(fd, buf + 1, 100, 4608));
	say("without", fcntl(fd, F_SETFL, 0));
	say("length", pwrite(fd, buf, 100, 1));
	return 0;
}
""")
    make_disk(box)
    expect(box.run([EFT, "run", "--on", where, "--disk", "disk", "--mount",
                    "/mnt=ext4:vda", image], timeout=60), 0,
           b"open: 0\nflag: 1\nwrite: 4096\na sector: 512\nlength: -22\n"
           b"offset: -22\nmemory: -22\nread: 4608\nread's length: -22\n"
           b"read's offset: -22\nat the end: 0\nwithout: 0\nlength: 100\n")


@cases.case
def limit_on_files(box):
    """The soft limit on the size of files is the program's, and not the
    disk's. What the hard one forbids is named."""
    image, disk = keeper(box), make_disk(box)
    told = {**ENVIRONMENT, "EFT": "disk=disk mount./mnt=ext4:vda"}
    limited = ["sh", "-c", 'ulimit $0 -f 2048; exec "$@"']    # 1 MiB
    expect(box.run([*limited, "-S", image, "make", "/mnt"], env=told,
                   timeout=60), 0, b"made\n")
    is_sound(box, disk)
    expect(box.run([*limited, "-S", image, "check", "/mnt"], env=told,
                   timeout=60), 0, b"all there\n")
    result = box.run([*limited, "", image, "check", "/mnt"], env=told)
    check(result.status == 1 and "larger than files may be" in
          result.text + result.errors, result)
    result = box.run([*limited, "", image, "check", "/mnt"], timeout=60,
                     env={**told, "EFT": "disk=disk:ro mount./mnt=ext4:vda,ro"})
    expect(result, 0, b"all there\n")


@cases.case
def host_is_full(box):
    """Of a process's disk: by its name, and told at the end if nobody asks."""
    image = built(box, "fills", r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static char buf[1 << 20];
int main(int argc, char **argv)
{
	int fd = open("/mnt/file", O_CREAT | O_WRONLY, 0644);

	memset(buf, 'x', sizeof(buf));
	for (int i = 0; i < 24; i++)
		if (write(fd, buf, sizeof(buf)) != sizeof(buf))
			return perror("write"), 1;
	if (argc > 1)
		printf("fsync: %s\n", fsync(fd) ? strerror(errno) : "done");
	return close(fd);
}
""")
    (box.dir / "m").mkdir()
    if box.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none",
                "m"]).status != 0:
        raise Skip("the host mounts nothing")
    try:
        for words in ("fsync",), ():
            make_disk(box, "-O", "^has_journal")
            os.replace(box.dir / "disk", box.dir / "whole")
            expect(box.run(["cp", "--sparse=always", "whole", "m/disk"]), 0,
                   b"")
            result = box.run([image, *words], timeout=60, env={
                **ENVIRONMENT, "EFT": "disk=m/disk mount./mnt=ext4:vda"})
            text = result.text + result.errors
            check("fsync: No space left on device\n" in text if words else
                  result.status == 0 and "is lost (error 28)" in text, result)
    finally:
        check(box.run(["umount", "m"]).status == 0, "umount")


def make_root(box, *folders):
    """A disk with (folders), in which something lies that /dev hides."""
    for folder in folders:
        (box.dir / "tree" / folder).mkdir(parents=True)
        (box.dir / "tree" / folder / "hidden").write_text("")
    return make_disk(box, "-d", box.dir / "tree")


def run_root(box, where, image, what, words="", **how):
    return box.run([EFT, "run", "--on", where, "--disk", "disk", "--mount",
                    f"/=ext4:vda{words}", image, what], timeout=120, **how)


# What a root on a disk looks like, everywhere; 2 is ext4's inode of a root.
LOOK = b"""at first: /
chdir ..: yes
above the root: /
root 2, /.. 2, /proc/.. 2, /proc/self/root 2
dev is another
mkdir /d: yes
chdir d: yes
below: /d
/proc/self/root: /
/proc/self/cwd: /d
../.. is 2
chdir /: yes
/proc/mounts:
  vda / ext4 rw,relatime 0 0
  proc /proc proc rw,relatime 0 0
  devtmpfs /dev devtmpfs rw,relatime 0 0
/ is of type ef53
/dev/urandom: yes
/dev/vda: yes
/dev/hidden: No such file or directory
rmdir /dev: Resource busy
umount /: Resource busy
shm_open: yes
write: yes
rename: yes
"""


@cases.on(*EVERYWHERE)
def root(box, where):
    """/ is a disk: the same everywhere, and on the disk afterwards."""
    image, disk = keeper(box, ROOTED), make_root(box, "dev", "proc")
    expect(run_root(box, where, image, "look"), 0, LOOK)
    is_sound(box, disk)
    check(tool(box, "debugfs", "-R", "cat /d/kept", disk).text == "kept\n",
          "the file is not there")
    check("hidden" in tool(box, "debugfs", "-R", "ls /dev", disk).text,
          "what /dev hides is gone")
    for other in ("process", "microvm"):
        expect(run_root(box, other, image, "again"), 0,
               b"/d/kept:\n  kept\ncreate: yes\n/dev/null: yes\n")
    is_sound(box, disk)


@cases.on("process", "microvm")
def root_read_only(box, where):
    """Not a byte changes; /dev is there all the same."""
    image, disk = keeper(box, ROOTED), make_root(box, "dev", "proc", "d")
    (box.dir / "tree/d/kept").write_text("made by mkfs\n")
    make_root(box)
    before = disk.read_bytes()
    told = b"/d/kept:\n  made by mkfs\ncreate: Read-only file system\n" \
           b"/dev/null: yes\n"
    expect(run_root(box, where, image, "again", ",ro"), 0, told)
    expect(box.run([EFT, "run", "--on", where, "--disk", "disk:ro", "--mount",
                    "/=ext4:vda,ro", image, "again"], timeout=60), 0, told)
    check(disk.read_bytes() == before, "bytes have changed")


@cases.on("process", "microvm")
def root_without_folders(box, where):
    """No /dev, no /proc: they are not made, as by Linux's devtmpfs."""
    image, disk = keeper(box, ROOTED), make_disk(box)
    none = b"No such file or directory\n"
    expect(run_root(box, where, image, "bare"), 0,
           b"/dev/null: " + none + b"/proc/self/maps: " + none +
           b"/proc: " + none + b"mkdir /proc: yes\nmount: yes\n"
           b"/proc/mounts:\n  vda / ext4 rw,relatime 0 0\n"
           b"  proc /proc proc rw,relatime 0 0\n")
    is_sound(box, disk)
    names = tool(box, "debugfs", "-R", "ls -p /", disk).text
    check("/proc/" in names and "/dev/" not in names, names)


@cases.case
def root_ended_by_a_signal(box):
    """What was written and not synced is there all the same."""
    image, disk = keeper(box, ROOTED), make_root(box, "dev", "proc")
    with subprocess.Popen(
            [image, "wait"], cwd=box.dir, stdout=subprocess.PIPE,
            env={**ENVIRONMENT,
                 "EFT": "disk=disk mount./=ext4:vda"}) as process:
        check(process.stdout.readline() == b"write: yes\n", "not written")
        process.terminate()
        check(process.wait(timeout=30) == -signal.SIGTERM, process.returncode)
    is_sound(box, disk)
    text = tool(box, "debugfs", "-R", "cat /unsynced", disk).text
    check(text == "unsynced\n", text)


@cases.case
def root_mistakes(box):
    """Each is named."""
    image, disk = keeper(box, ROOTED), make_root(box, "dev", "proc")
    (box.dir / "empty").write_bytes(bytes(1 << 20))
    on_disk = ("--disk", "disk", "--mount", "/=ext4:vda")
    for flags, why in (
            (("--mount", "/=ext4:vda"), "mount./: no such file or directory"),
            (("--disk", "empty", "--mount", "/=ext4:vda"), "no ext4"),
            (("--disk", "empty", "--mount", "/=ext9:vda"), "mount./: "),
            ((*on_disk, "--mount", "/none=ramfs"),
             "mount./none: no such file or directory"),
            ((*on_disk, "--mount", "/=ramfs"), "unknown option 'mount./'"),
            ((*on_disk, "--set", "root=host"), "root= says that it is another"),
            ((*on_disk, "--set", f"initrd={box.dir / 'files.cpio'}"),
             "initrd= has another"),
            ((*on_disk, "--fs", box.dir / "tree"), "--fs is another root"),
            ((*on_disk, "--fs", box.dir / "tree", "--out", box.dir / "o"),
             "--fs is another root"),
            ((*on_disk, "--out", box.dir / "o"),
             "--out collects what is in memory")):
        (box.dir / "files.cpio").write_bytes(
            b"070701" + b"0" * 88 + b"0000000B" + b"0" * 8 + b"TRAILER!!!\0" +
            bytes(3))
        result = box.run([EFT, "run", *flags, image, "look"], timeout=60)
        check(result.status not in (0, None) and why in result.errors, result)
    is_sound(box, disk)


@cases.on(*EVERYWHERE)
def block_special_files(box, where):
    """/dev/vda and its partitions."""
    (box.dir / "vda.c").write_text(r"""
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	unsigned long bytes = 0;
	struct stat st;
	char buf[8] = "";
	int fd = open(argv[1], O_RDWR);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISBLK(st.st_mode))
		return perror(argv[1]), 1;
	ioctl(fd, 0x80081272, &bytes); /* BLKGETSIZE64 */
	pread(fd, buf, 4, 5000);
	printf("%lu bytes, %s, %zd, %zd\n", bytes, buf,
	       pwrite(fd, "written", 7, 5001), pwrite(fd, "x", 1, bytes));
	return fsync(fd) != 0;
}
""")
    expect(box.run([EFT_CC, "-Os", "-Wl,-u,eft_disks", "-o", "vda", "vda.c"]),
           0, b"")
    disk = bytearray(4 << 20)
    disk[446:462] = struct.pack("<B3sB3sII", 0, b"", 0x83, b"", 2048, 4096)
    disk[510:512] = b"\x55\xaa"
    disk[5000:5004] = b"disk"
    disk[(1 << 20) + 5000:(1 << 20) + 5004] = b"part"
    (box.dir / "disk").write_bytes(disk)
    for name, size, text in (("/dev/vda", 4 << 20, b"disk"),
                             ("/dev/vda1", 2 << 20, b"part")):
        result = box.run([EFT, "run", "--on", where, "--disk", "disk",
                          box.dir / "vda", name], timeout=60)
        expect(result, 0, b"%d bytes, %s, 7, -1\n" % (size, text))
    disk[5001:5008] = disk[(1 << 20) + 5001:(1 << 20) + 5008] = b"written"
    check((box.dir / "disk").read_bytes() == disk, "other bytes")
    result = box.run([EFT, "run", "--on", where, "--disk", "disk:ro",
                      box.dir / "vda", "/dev/vda"], timeout=60)
    check(result.status == 1 and "Permission denied" in result.errors +
          result.text, result)


def run_as_the_readme(box, heading, lines):
    """The commands below (heading), word for word, with a program whose file
    gets a line at each run."""
    text = (ROOT / "README.md").read_text().split(f"### {heading}\n")[1]
    commands = re.search(r"^(?:    .*\n)+", text, re.MULTILINE)[0]
    check(commands.count("\n") == lines, commands)
    (box.dir / "notes.c").write_text(NOTES)
    script = re.sub(r"(?<= )\./eft\b", str(EFT), commands)
    expect(box.run(["sh", "-ec", script], timeout=120, env={
        **ENVIRONMENT, "PATH": ENVIRONMENT["PATH"] + ":/sbin:/usr/sbin"}),
        0, b"1 lines\n2 lines\n")


NOTES = r"""
#include <stdio.h>
int main(void)
{
	FILE *file = fopen("/mnt/notes", "a+");
	int lines = 0, c;

	fputs("a line\n", file);
	rewind(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	return printf("%d lines\n", lines) < 0 || fclose(file) != 0;
}
"""


@cases.case
def as_the_readme_has_it(box):
    run_as_the_readme(box, "Disks", 4)
    is_sound(box, box.dir / "data.img")


@cases.case
def mistakes(box):
    """Each is named."""
    image, disk = keeper(box), make_disk(box)
    empty = box.dir / "empty"
    empty.write_bytes(bytes(1 << 20))
    for flags, why in (
            (("--disk", "nothing"), "not a file, nor a block device"),
            (("--disk", empty, "--mount", "/mnt=ext4:vda"), "no ext4"),
            (("--mount", "/mnt=ext4:vda"), "no such file or directory"),
            (("--disk", "disk", "--mount", "/mnt=ext4:vdb"),
             "no such file or directory"),
            (("--disk", "disk", "--mount", "/nowhere=ext4:vda"),
             "mount./nowhere: no such file or directory"),
            (("--disk", "disk", "--mount", "/mnt=ext4:vda,nonsense"),
             "not possible")):
        result = box.run([EFT, "run", *flags, image, "check", "/mnt"],
                         timeout=60)
        check(result.status not in (0, None) and why in result.errors, result)
    result = box.run(["flock", disk, EFT, "run", "--disk", "disk", "--mount",
                      "/mnt=ext4:vda", image, "check", "/mnt"], timeout=60)
    check("somebody uses it already" in result.errors, result)
    result = box.run([EFT, "run", "--disk", "disk",
                      program("echo_args")], timeout=60)
    check("was linked without disks" in result.errors, result)
    is_sound(box, disk)
