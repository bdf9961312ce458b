# SPDX-License-Identifier: BSD-3-Clause
"""./eft sizes: what the bytes of an image are, and why they are there."""
import re
import shutil

from tests.runner.box import app, eft_cc, EFT, ENVIRONMENT, program, ROOT
from tests.runner.case import Cases, check

cases = Cases("sizes")

# What a program that opens a file and reads it may take, stripped.
READER_MAX = 113_200
READER = ROOT / "tests/image/programs/reads_a_file.c"

# Parts of the libOS that a user may leave out of it, and the bytes that each
# takes at least; what is left without all of them.
LEFT_OUT = {"dev": 1_880, "initrd": 2_500, "input": 4_000, "out": 1_200,
            "proc": 15_000}
SMALL_READER_MAX = 86_400

# A program that has all system calls; (argv[1]) is a directory that is there.
CALLS_C = """
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	return argc > 1 && syscall(SYS_chdir, argv[1]) == 0 ? 0 : 1;
}
"""


def sizes(box, *words, status=0):
    result = box.run([EFT, "sizes", *words], timeout=120)
    check(result.status == status, result)
    return result.text if status == 0 else result.errors


def table(text, title):
    """{name: (bytes, zeroed bytes)} of the table of that title."""
    part = re.search(rf"^{title} +bytes +zeroed\n((?:.+\n)+)", text,
                     re.MULTILINE)
    check(part, f"no table {title}: {text}")
    rows = {}
    for line in part[1].splitlines():
        name, size, zeroed = re.fullmatch(
            r"(.*?) +([\d,]+)(?: +([\d,]*))?", line.rstrip()).groups()
        check(name not in rows, f"{name} twice")
        rows[name] = (int(size.replace(",", "")),
                      int((zeroed or "0").replace(",", "") or 0))
    return rows


def sums(box, image, path):
    text = sizes(box, "--all", image)
    whole, zeroed = (int(number.replace(",", "")) for number in re.search(
        r": ([\d,]+) bytes; in memory ([\d,]+) more", text).groups())
    check(whole == path.stat().st_size, text)
    for title in ("room", "source file"):
        rows = table(text, title).values()
        check(sum(row[0] for row in rows) == whole, f"{title}: {text}")
        check(sum(row[1] for row in rows) == zeroed, f"{title}: {text}")
    return table(text, "room")


@cases.case
def sums_of_an_application(box):
    rooms = sums(box, "lua", app("lua"))
    for room, least in (("the program", 150_000), ("musl", 50_000),
                        ("core/vfs", 8_000), ("core/fs/hostfs", 3_000),
                        ("plat-kvm/x86", 8_000), ("plat-linuxu", 8_000),
                        ("posix/fs", 1_500)):
        check(rooms[room][0] > least, f"{room}: {rooms}")
    check(not {"Eft", "debug information"} & set(rooms), rooms)


@cases.case
def sums_with_debug_information(box):
    path = program("reads_a_file")
    rooms = sums(box, path, path)
    check(rooms["debug information"][0] > 100_000, rooms)
    check(0 < rooms["the program"][0] < 1_000, rooms)


@cases.case
def top_is_short(box):
    text = sizes(box, "--top", "3", app("hello"))
    rows = table(text, "source file")
    check(len(rows) == 4, rows)
    check(max(rows.values()) == list(rows.values())[0] or
          "more" in list(rows)[3], rows)


def chain(box, symbol, image):
    lines = [line.split() for line in
             sizes(box, "--why", symbol, image).splitlines()]
    check(lines[0][:2] == ["begins", "with"], lines)
    return [(words[-2], words[-1]) for words in lines]


@cases.case
def why_an_operation_is_there(box):
    steps = chain(box, "eft_vfs_rename", app("lua"))
    check(steps[0] == ("main", "lua.c"), steps)
    check(steps[-4:] == [("rename", "musl/src/stdio/rename.c"),
                         ("eft_call_rename", "posix/stubs.S"),
                         ("eft_sys_rename", "posix/fs/rename.c"),
                         ("eft_vfs_rename", "core/vfs/rename.c")], steps)


@cases.case
def why_a_weak_part_is_there(box):
    steps = chain(box, "eft_cpio_next", program("reads_a_file"))
    check(steps[0] == ("main", "reads_a_file.c"), steps)
    names = [name for name, _ in steps]
    check(names.index("fopen") < names.index("eft_root_init")
          < names.index("eft_cpio_next"), steps)


@cases.case
def mistakes(box):
    image = shutil.copy(program("reads_a_file"), box.dir / "image")
    box.run(["strip", image])
    script = box.dir / "script"
    script.write_text("#!/bin/sh\n")
    for words, why in (
            ((image,), "is stripped, and there is no image.debug"),
            ((script,), "is no ELF file"),
            (("/bin/sh",), "is not an Eft image"),
            (("nothing",), "there is no file nothing"),
            (("--why", "no_such", program("reads_a_file")),
             "has no function or object no_such")):
        check(why in sizes(box, *words, status=1), words)
    for words, why in (((), "which image?"), (("--top", "x", image), "wants a"),
                       (("--what", image), "no option --what")):
        check(why in sizes(box, *words, status=2), words)
    shutil.copy(program("echo_args"), box.dir / "image.debug")
    check("is of another build" in sizes(box, image, status=1), "image.debug")
    check(sizes(box, "-h").startswith("usage: ./eft sizes"), "-h")


@cases.case
def a_reader_changes_no_names(box):
    path = box.dir / "image"
    result = box.run([eft_cc(), "-Os", "-o", path, READER])
    check(result.status == 0, result)
    symbols = box.run(["nm", path]).text
    for name in ("rename", "link", "symlink", "unlink", "mkdir", "mknod",
                 "chmod", "readlink"):
        check(f" eft_vfs_{name}\n" not in symbols, name)
        check(f" eft_hostfs_{name}\n" not in symbols, name)
    for name in ("eft_node_file_lock", "eft_hostfile_lock", "eft_dir_getdents",
                 "eft_tty_ioctl", "eft_range_map_file", "eft_regular_allocate",
                 "io_uring_queue_init", "eft_linuxu_notify", "eft_vfs_stat",
                 "eft_hostfs_stat", "eft_proc_fd_readlink", "eft_file_path",
                 "eft_hostfs_path", "eft_node_file_path", "eft_dev_zero_open",
                 "eft_dev_zero_ops", "eft_regular_pages", "eft_range_protect",
                 "eft_range_break", "eft_hostfile_open",
                 "eft_tty_input_raw_locked", "eft_threads_find_locked"):
        check(not re.search(rf" {name}$", symbols, re.MULTILINE), name)
    check(" eft_vfs_open\n" in symbols, symbols)
    box.run(["strip", path])
    check(path.stat().st_size <= READER_MAX, path.stat().st_size)


@cases.case
def sockets_of_unix_have_no_internet(box):
    """What includes no <netinet/in.h> has no TCP, no socket() no sockets."""
    text = box.run(["nm", program("unix_rights")]).text
    check(" eft_socket_init\n" in text, "no sockets at all")
    for name in ("eft_inet_family", "eft_stack_family", "eft_host_family",
                 "eft_control_take", "eft_network_set_option"):
        check(f" T {name}\n" not in text, name)
    text = box.run(["nm", app("hello")]).text
    check("eft_socket" not in text and "eft_inet" not in text, text)
    text = box.run(["nm", program("inet_echo")]).text
    for name in ("eft_inet_family", "eft_plat_guest_find_net",
                 "eft_wire_find_net", "eft_inet_option"):
        check(f" T {name}\n" in text, f"TCP's program lacks {name}")


def reader_without(box, *parts):
    image = box.dir / "-".join(("reader", *parts))
    result = box.run([eft_cc(), "-Os", "-o", image, READER,
                      *(f"-l:eft-without-{part}.o" for part in parts)])
    check(result.status == 0, result)
    return image


def stripped_bytes(box, image):
    path = box.dir / "stripped"
    check(box.run(["strip", "-o", path, image]).status == 0, image)
    return path.stat().st_size


@cases.case
def parts_that_a_user_leaves_out(box):
    """Each saves what docs/bytes.md says, and all together."""
    whole = stripped_bytes(box, reader_without(box))
    for part, least in LEFT_OUT.items():
        size = stripped_bytes(box, reader_without(box, part))
        check(whole - size >= least, f"{part}: {whole} to {size}")
    image = reader_without(box, *LEFT_OUT)
    small = stripped_bytes(box, image)
    check(small <= SMALL_READER_MAX, small)
    symbols = box.run(["nm", image]).text
    for name in ("eft_proc_status", "eft_text_append", "eft_cpio_next",
                 "eft_tty_receive", "eft_kvm_line_route"):
        check(f" {name}\n" not in symbols, name)


@cases.on("process", "microvm")
def all_calls_without_parts(box, where):
    """What stands in for a part is enough for all that may call it."""
    (box.dir / "calls.c").write_text(CALLS_C)
    image = box.dir / "calls"
    result = box.run([eft_cc(), "-O1", "-o", image, "calls.c",
                      *(f"-l:eft-without-{part}.o" for part in LEFT_OUT)])
    check(result.status == 0, result)
    result = box.run([image, "/"]) if where == "process" \
        else box.qemu(where, image, "/")
    check(result.status == 0, result)


@cases.on("process", "microvm")
def a_reader_without_proc(box, where):
    image = reader_without(box, "proc")
    for path, status in ("/proc/self/cmdline", 1), ("/dev/null", 0):
        result = box.run([image, path]) if where == "process" \
            else box.qemu(where, image, path)
        check((result.status, result.text) == (status, ""), result)


@cases.case
def a_reader_without_initrd(box):
    image = reader_without(box, "initrd")
    (box.dir / "note").write_text("a line\n")
    result = box.run([image])
    check((result.status, result.text) == (0, "a line\n"), result)
    result = box.run([image], env={"EFT": "root=initrd initrd=note"})
    check(result.status == 1 and "eft: initrd: this image cannot read it" in
          result.text + result.errors, result)


@cases.on("process", "microvm")
def a_reader_without_dev(box, where):
    image = reader_without(box, "dev")
    if where == "process":
        result = box.run([image, "/dev/null"])
        check((result.status, result.text) == (0, ""), result)
    else:
        result = box.qemu(where, image, "/dev/null")
        check((result.status, result.text) == (1, ""), result)


@cases.case
def a_reader_without_out(box):
    image = reader_without(box, "out")
    result = box.run([EFT, "run", "--on", "microvm", "--out", box.dir / "out",
                      image, "/dev/null"], timeout=120)
    check(result.status == 1 and "linked with -l:eft-without-out.o" in
          result.text + result.errors, result)


@cases.case
def a_reader_without_input(box):
    """A console's input is at its end; a redirected one is not the console."""
    image = reader_without(box, "input")
    result = box.qemu("microvm", image, "/dev/console", stdin=b"unread\n")
    check((result.status, result.text) == (0, ""), result)
    result = box.run([image, "/dev/stdin"], stdin=b"a line\n")
    check((result.status, result.text) == (0, "a line\n"), result)


@cases.case
def a_reader_waits(box):
    """What has nothing else to do lets the host wait for its input."""
    result = box.run(["sh", "-c", "(sleep 0.3; echo late) | $0 /dev/stdin",
                      program("reads_a_file")])
    check((result.status, result.text) == (0, "late\n"), result)


@cases.case
def a_reader_asks_about_the_console(box):
    """/proc has what the program itself does not call for."""
    result = box.run([EFT, "run", "--on", "microvm", program("reads_a_file"),
                      "/proc/self/fdinfo/1"], timeout=120)
    check((result.status, result.text) == (0, "pos:\t0\n"), result)


def typed():
    """The commands of docs/bytes.md."""
    text = (ROOT / "docs/bytes.md").read_text()
    return re.findall(r"^ {4,6}((?:\./eft|objcopy) .*)", text, re.MULTILINE)


@cases.case
def as_documented(box):
    commands = typed()
    check(len(commands) == 8, commands)
    check(app("hello").exists() and app("lua").exists(), "not built")
    eft_cc()
    shutil.copy(ROOT / "apps/hello/hello.c", box.dir / "words.c")
    script = "\n".join(re.sub(r"^\./eft", str(EFT), line) for line in commands)
    result = box.run(["sh", "-ec", script], timeout=300,
                     env={"HOME": str(box.dir), **ENVIRONMENT})
    check(result.status == 0, result)
    said = [line.split() for line in result.text.splitlines()]
    shown = re.search(r"^ +begins with main .*(?:\n .*)+",
                      (ROOT / "docs/bytes.md").read_text(), re.MULTILINE)[0]
    for line in shown.splitlines():
        check(line.split() in said or line.strip() == "…", line)
    check(["words:"] in [words[:1] for words in said], result)
