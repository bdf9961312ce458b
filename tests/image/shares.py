# SPDX-License-Identifier: BSD-3-Clause
"""Folders of the host's, shared with a process and with guests by 9P and by
virtio-fs: what one has made the others see, and the host too."""
import os
import re
import signal
import subprocess
import time

from tests.image.disks import run_as_the_readme
from tests.image.starts import expect
from tests.runner.box import BUILD, EFT, ENVIRONMENT, kill_group, ROOT
from tests.runner.case import Case, Cases, check, MACHINES

cases = Cases("shares")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SOURCE = ROOT / "tests/image/programs/keeps_files.c"
PROTOCOLS = ("9p", "virtiofs")
TYPES = ("-Wl,-u,eft_ninep_type", "-Wl,-u,eft_virtiofs_type")


def keeper(box, *parts, name="keeps"):
    expect(box.run([EFT_CC, "-Os", *(parts or TYPES), "-o", name, SOURCE]),
           0, b"")
    return box.dir / name


def folder(box):
    path = box.dir / "folder"
    path.mkdir()
    return path


def run(box, where, image, what, words="", **how):
    return box.run([EFT, "run", "--on", where, "--share",
                    f"folder:/mnt{words}", image, what, "/mnt"], timeout=120,
                   **how)


def is_made(path):
    """What the program has made the host has."""
    check((path / "moved").read_text() == "many/file 2", path)
    check(os.readlink(path / "soft") == "many/file 1", path)
    check((path / "hard").stat().st_nlink == 2, path)
    check((path / "mapped").read_bytes()[5000:5006] == b"mapped", path)
    check(len(list((path / "many").iterdir())) == 132, path)


@cases.case
def of_a_process(box):
    image, path = keeper(box, "-Wl,-u,eft_mount_option"), folder(box)
    expect(run(box, "process", image, "make"), 0, b"made\n")
    is_made(path)
    expect(run(box, "process", image, "check", ":ro"), 0, b"all there\n")


@cases.on(*MACHINES)
def by_9p(box, where):
    made_here_is_there_for_all(box, where, "9p")


@cases.on(*MACHINES)
def by_virtiofs(box, where):
    made_here_is_there_for_all(box, where, "virtiofs")


def made_here_is_there_for_all(box, where, protocol):
    image, path = keeper(box), folder(box)
    expect(run(box, where, image, "make", f":{protocol}"), 0, b"made\n")
    is_made(path)
    expect(run(box, where, image, "check", f":{protocol}:cache=loose"), 0,
           b"all there\n")
    expect(run(box, "process", image, "check"), 0, b"all there\n")


@cases.on("microvm", "q35")
def by_packed_rings(box, where):
    """QEMU offers them if it is told to."""
    image, path = keeper(box), folder(box)
    kind = "device" if where == "microvm" else "pci"
    flags = ("-global", "virtio-mmio.force-legacy=false", "-fsdev",
             f"local,id=s,path={path},security_model=none", "-device",
             f"virtio-9p-{kind},fsdev=s,mount_tag=s,packed=on")
    expect(box.qemu(where, image, "make", "/mnt", flags=flags,
                    options="tty=plain mount./mnt=9p:s"), 0, b"made\n")
    is_made(path)


@cases.on(*PROTOCOLS)
def kept(box, protocol):
    """cache=loose: made by write-back, also of what nobody synced."""
    image, path = keeper(box), folder(box)
    words = f":{protocol}:cache=loose"
    expect(run(box, "microvm", image, "make", words), 0, b"made\n")
    is_made(path)
    with subprocess.Popen(
            [EFT, "run", "--on", "microvm", "--share", f"folder:/mnt{words}",
             image, "linger", "/mnt"], cwd=box.dir, env=ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True) as runs:
        check(runs.stdout.readline() == b"written\n", "nothing is written")
        wait_for(lambda: (path / "unsynced").stat().st_size == 50000)
        runs.send_signal(signal.SIGTERM)


@cases.on(*PROTOCOLS)
def without_pages(box, protocol):
    """cache=none: nothing is mapped."""
    image, path = keeper(box), folder(box)
    expect(run(box, "microvm", image, "make", f":{protocol}:cache=none"), 0,
           b"made\n")
    is_made(path)


@cases.on(*PROTOCOLS)
def read_only(box, protocol):
    image, path = keeper(box), folder(box)
    expect(run(box, "process", image, "make"), 0, b"made\n")
    words = f":ro:{protocol}"
    expect(run(box, "microvm", image, "check", words), 0, b"all there\n")
    result = run(box, "microvm", image, "linger", words)
    check(result.status == 1 and "Read-only file system" in result.text,
          result)
    check(not (path / "unsynced").exists(), "it is written")


@cases.on(*PROTOCOLS)
def facts(box, protocol):
    """statfs(2) tells whose type it is, the host's sizes, and the mount's
    flags."""
    (box.dir / "facts.c").write_text(r"""
#include <stdio.h>
#include <sys/vfs.h>
int main(int argc, char **argv)
{
	struct statfs fs;

	if (statfs("/mnt", &fs) != 0)
		return 1;
	printf("%lx %lx %d\n", (unsigned long)fs.f_type,
	       (unsigned long)fs.f_flags & 0x27,
	       fs.f_blocks > 0 && fs.f_bfree <= fs.f_blocks && fs.f_bsize > 0);
	return 0;
}
""")
    folder(box)
    expect(box.run([EFT_CC, "-Os", *TYPES, "-o", "facts", "facts.c"]), 0, b"")
    magic = {"9p": b"1021997", "virtiofs": b"65735546"}[protocol]
    for word, flags in ("", b"20"), (":ro", b"21"):
        expect(run(box, "microvm", "./facts", "", f"{word}:{protocol}"), 0,
               magic + b" " + flags + b" 1\n")


@cases.on(*PROTOCOLS)
def pressed(box, protocol):
    """SIGTERM to `eft run`: the host has what was not synced."""
    image, path = keeper(box), folder(box)
    with subprocess.Popen(
            [EFT, "run", "--on", "microvm", "--share",
             f"folder:/mnt:{protocol}:cache=loose", image, "stream", "/mnt"],
            cwd=box.dir, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, start_new_session=True) as runs:
        told = [runs.stdout.readline() for _ in range(30)]
        os.killpg(runs.pid, signal.SIGTERM)
        told += runs.stdout.readlines()
        check(runs.wait(60) == 143, runs.returncode)
    numbers = [int(line) for line in told if line.endswith(b"\n")]
    kept = [int(line) for line in (path / "log").read_text().splitlines()]
    check(numbers in (kept, kept[:-1]), (numbers[-3:], kept[-3:]))


@cases.on(*PROTOCOLS)
def of_odd_names(box, protocol):
    """A folder's name may have what the tools' options are parted by."""
    image, name = keeper(box), "it's, \\ \"odd\" $PWD"
    (box.dir / name).mkdir()
    result = box.run([EFT, "run", "--on", "microvm", "--share",
                      f"{name}:/mnt:{protocol}", image, "make", "/mnt"],
                     timeout=120)
    expect(result, 0, b"made\n")
    is_made(box.dir / name)


def wait_for(holds):
    for _ in range(600):
        try:
            if holds():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.1)
    check(False, "it does not happen")


def follow(box, words, image=None, by=signal.SIGKILL):
    """A guest that writes line after line, whose virtiofsd is killed."""
    image, _ = image or keeper(box), folder(box)
    runs = subprocess.Popen(
        [EFT, "run", "--on", "microvm", "--share",
         f"folder:/mnt:virtiofs{words}", image, "follow", "/mnt"], cwd=box.dir,
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True)
    for _ in range(5):
        runs.stdout.readline()
    for pid in servers_of(runs.pid):
        os.kill(pid, by)
    return runs


def ends_in_errors(runs):
    text = runs.stdout.read().decode()
    check(runs.wait(timeout=60) == 1, text)
    check("virtiofs: share0: the server is silent" in text, text)
    check(re.search("^(write|fdatasync): I/O error$", text, re.MULTILINE), text)


@cases.case
def that_goes_away(box):
    """virtiofsd ends, and each call is an error, when it was waited for."""
    with follow(box, ":timeout=3") as runs:
        ends_in_errors(runs)


@cases.case
def that_is_silent(box):
    """QEMU waits for it, when the guest gives it up; a second SIGTERM ends all
    the same."""
    with follow(box, ":timeout=3", by=signal.SIGSTOP) as runs:
        servers = servers_of(runs.pid)
        try:
            while b"the server is silent" not in (line := runs.stdout.readline()):
                check(line, "it has ended")
            for _ in range(2):
                runs.send_signal(signal.SIGTERM)
                time.sleep(1)
            check(runs.wait(30) == 143, runs.returncode)
        finally:
            kill_group(runs.pid)
            for pid in servers:
                os.kill(pid, signal.SIGCONT)


def that_goes_away_for_long(box):
    """After two minutes, if nothing else was said."""
    with follow(box, "") as runs:
        ends_in_errors(runs)


ALARM = """
#include <unistd.h>
__attribute__((constructor)) static void go(void) { alarm(8); }
"""


@cases.on("mmap", "loose")
def that_goes_away_and_a_signal(box, cache):
    """Who waits for it is ended by a signal, and so is who writes back."""
    (box.dir / "alarm.c").write_text(ALARM)
    image = keeper(box, *TYPES, "alarm.c")
    with follow(box, f":timeout=3600:cache={cache}", image) as runs:
        text = runs.stdout.read().decode()
        check(runs.wait(timeout=60) == 128 + signal.SIGALRM, text)


def long_cases():
    return [Case("shares/that_goes_away_for_long", that_goes_away_for_long)]


def servers_of(runner):
    """The processes of virtiofsd below that of `eft run`."""
    result = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,comm="],
                            capture_output=True, text=True, check=True)
    lines = [line.split() for line in result.stdout.splitlines()]
    pids, more = [], [runner]
    while more:
        more = [int(pid) for pid, parent, name in
                (line[:3] for line in lines)
                if int(parent) in more and "virtiofsd" in name]
        pids += more
    check(pids, result.stdout)
    return pids


LARGE = r"""
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
static char buf[1 << 16];
int main(int argc, char **argv)
{
	enum { BYTES = 48 << 20 };
	long sum = 0, mapped = 0;
	int fd = open("/mnt/large", O_RDWR);
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (int i = 0; i < n; i += 4096)
			sum += buf[i];
	char *map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || map == MAP_FAILED)
		return perror("large"), 1;
	for (int i = 0; i < BYTES; i += 4096) {
		mapped += map[i];
		map[i + 1] = 'x';
	}
	printf("%ld %ld\n", sum, mapped);
	return munmap(map, BYTES) != 0 || close(fd) != 0;
}
"""


@cases.on(*PROTOCOLS)
def larger_than_memory(box, protocol):
    """A file that is read, mapped and changed, page by page."""
    (box.dir / "large.c").write_text(LARGE)
    expect(box.run([EFT_CC, "-Os", *TYPES, "-o", "large", "large.c"]), 0, b"")
    path, page = folder(box) / "large", bytes([3]) + bytes(4095)
    path.write_bytes(page * (12 << 10))
    for cache in ("mmap", "loose"):
        result = box.run([EFT, "run", "--on", "microvm", "--mem", "24M",
                          "--share", f"folder:/mnt:{protocol}:cache={cache}",
                          box.dir / "large"], timeout=120)
        expect(result, 0, b"%d %d\n" % (3 * (12 << 10), 3 * (12 << 10)))
        check(path.read_bytes() == (b"\3x" + bytes(4094)) * (12 << 10),
              "other bytes")
        path.write_bytes(page * (12 << 10))


@cases.case
def as_the_readme_has_it(box):
    run_as_the_readme(box, "Shared folders", 3)
    check((box.dir / "shared/notes").read_text() == "a line\n" * 2, "notes")


@cases.case
def mistakes(box):
    """Each is named."""
    image, _ = keeper(box), folder(box)
    plain = keeper(box, "-Wl,-u,eft_mount_option", name="plain")
    for words, of, why in (
            ("nothing:/mnt", image, "nothing is not a folder"),
            ("folder", image, "not DIR:/PATH"),
            ("folder:mnt", image, "not DIR:/PATH"),
            ("folder:/mnt:rx", image, "not DIR:/PATH"),
            ("folder:/mnt:cache=some", image, "mount./mnt: not possible"),
            ("folder:/mnt:timeout=0", image, "mount./mnt: not possible"),
            ("folder:/mnt", plain, "was linked without 9P and virtio-fs")):
        result = box.run([EFT, "run", "--on", "microvm", "--share", words, of,
                          "check", "/mnt"], timeout=60)
        check(result.status != 0 and why in result.errors + result.text,
              (words, result))
