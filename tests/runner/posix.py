# SPDX-License-Identifier: BSD-3-Clause
"""tests/posix: each program on host Linux first, the truth; then the same
output as a process, under valgrind and as a guest, on one CPU and on two."""
import difflib
import re
import threading

from tests.runner.box import Box, program, ROOT
from tests.runner.case import Case, Failure, Skip

SKIPPED = 77    # the status of a program that says "1..0 # SKIP"

# What all machines must run; microvm alone runs everything.
ON_EVERY_MACHINE = {"args", "getrandom", "mmap_file_shared", "nanosleep",
                    "stdio_files", "time_clocks"}

# Programs whose threads, signals or timers race: on two CPUs under valgrind too,
# and again and again.
CONCURRENT = re.compile(
    r"(cancel|cond|epoll|eventfd|fcntl_locks|fifo|flock|futex|"
    r"inet_(close_waiting|epoll_threads|flow|signals|threads)|itimer|mutex|"
    r"nanosleep|pipe|poll|pthread|robust|sched|select|sigalt|signal|signalfd|"
    r"sigqueue|sigwait|sock|splice|tasks|threads|timer|timerfd|unix)(_|$)")

# Bad pointers are what valgrind reports. musl converts text in long double, which valgrind computes as double. At a
# fault valgrind reports the access, and keeps few registers up to date. It
# takes long over 10,000 stacks. There are no helpers (plat-linuxu/helpers.c).
# It calls handlers with the direction flag as it is.
NOT_UNDER_VALGRIND = {"efault_calls", "efault_epoll", "efault_nested", "efault_race",
                      "float_text", "futex_shared", "long_transfers",
                      "many_threads", "mmap_sparse", "prctl", "signal_code",
                      "signal_direction", "signal_faults", "signal_float",
                      "threads_map_storm", "threads_mmap_cut"}

# Under valgrind these have the tree for their root, as in a guest: a host's
# FIFO stops the whole process there (CAVEATS), and its locks go to whoever
# comes first.
IN_TREE = {"fair_flock", "fifo_open", "fifo_signals", "fifo_threads",
           "signal_interrupts"}

VALGRIND = ["valgrind", "-q", "--fair-sched=try", "--error-exitcode=99",
            f"--suppressions={ROOT}/tools/valgrind.supp"]

# These mount: a host's root is not theirs to mount on.
MOUNTS = re.compile(r"mount(_|$)")

# These give up what it takes to remove valgrind's pipes for gdb at the end.
GIVE_UP_ROOT = {"mlock_limits", "setreuid", "setuid_drop"}


# These have internet sockets: a process's are the host's, or as in a guest those of
# the libOS's own stack.
INET = re.compile(r"inet_")

# Few of them under valgrind, which sees no more in the others.
INET_UNDER_VALGRIND = {"inet_echo", "inet_epoll", "inet_mmsg", "inet_options",
                       "inet_pktinfo", "inet_reset", "inet_threads",
                       "inet_udp"}

# What the host does with its files, and the libOS with its own.
IN_BOTH = {"copy_file_range", "inotify", "openat2", "sendfile", "splice"}

# Shares memory by files, which in a process may be the host's, or the tree's.
SHARES_FILES = re.compile(r"\bMAP_SHARED\b")


def names():
    """Of all there are: one that meson.build does not build fails."""
    return sorted(path.stem for path in (ROOT / "tests/posix").glob("*.c"))


class Truth:
    """What a program does on host Linux, found out once."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.result = None

    def get(self, box=None):
        with self.lock:
            if self.result is None:
                own = box or Box()
                try:
                    self.result = own.run([program(self.name + ".host")])
                finally:
                    if own is not box:
                        own.close()
            return self.result


def host(box, truth):
    result = truth.get(box)
    judge_status(result)


def judge_status(result):
    if result.status == SKIPPED:
        raise Skip(result.text.strip().split("# SKIP ")[-1])
    if result.status != 0:
        raise Failure(str(result))


def compare(result, truth):
    expected = truth.get()
    if expected.status not in (0, SKIPPED):
        raise Failure("the host itself fails this test")
    if result.out != expected.out or result.status != expected.status:
        diff = "\n".join(difflib.unified_diff(
            expected.text.splitlines(), result.text.splitlines(),
            "host", "here", lineterm="", n=1))
        raise Failure(f"{diff}\n{result.brief}" if diff else str(result))
    judge_status(result)


# A program whose threads all sleep for ever says so, and who sleeps where: a
# wake-up that was left out is seen at once, not by the test's end.
REPORT = "deadlock=report"


def options(truth, cpus, valgrind=False):
    words = [REPORT]
    in_tree = valgrind and truth.name in IN_TREE
    words += ["root=initrd"] if in_tree or MOUNTS.match(truth.name) else []
    words += [f"cpus={cpus}"] if cpus > 1 else []
    return {"EFT": " ".join(words)}


def process_with_stack(box, truth, cpus=1):
    """The libOS's own TCP/IP, whose loopback needs no device."""
    words = options(truth, cpus)["EFT"] + " net=none"
    compare_stack(box.run([program(truth.name)], env={"EFT": words}), truth)


def compare_stack(result, truth):
    """The host may not let us do what our own stack does (ping)."""
    if truth.get().status == SKIPPED:
        judge_status(result)
    else:
        compare(result, truth)


def process(box, truth, cpus=1):
    compare(box.run([program(truth.name)], env=options(truth, cpus)), truth)


def process_in_tree(box, truth):
    compare(box.run([program(truth.name)],
                    env={"EFT": f"{REPORT} root=initrd"}), truth)


def valgrind(box, truth, cpus=1):
    flags = ["--vgdb=no"] if truth.name in GIVE_UP_ROOT else []
    compare(box.run(VALGRIND + flags + [program(truth.name)],
                    env=options(truth, cpus, valgrind=True)), truth)


def machine(box, truth, where, cpus=1):
    judge = compare_stack if INET.match(truth.name) else compare
    judge(box.qemu(where, program(truth.name), cpus=cpus,
                   options=f"tty=plain {REPORT}"), truth)


def under_valgrind(name):
    if INET.match(name):
        return name in INET_UNDER_VALGRIND
    return name not in NOT_UNDER_VALGRIND


def cases():
    found = []
    for name in names():
        truth = Truth(name)
        concurrent = CONCURRENT.match(name) is not None

        def add(where, function, *args, truth=truth, concurrent=concurrent):
            found.append(Case(f"posix/{truth.name} {where}",
                              lambda box: function(box, truth, *args),
                              concurrent))
        add("host", host)
        add("process", process)
        add("process cpus=2", process, 2)
        source = (ROOT / "tests/posix" / f"{name}.c").read_text()
        if name in IN_BOTH or SHARES_FILES.search(source):
            add("process root=initrd", process_in_tree)
        if INET.match(name):
            add("process net=none", process_with_stack)
            if concurrent:
                add("process net=none cpus=2", process_with_stack, 2)
        if under_valgrind(name):
            add("valgrind", valgrind)
            if concurrent:
                add("valgrind cpus=2", valgrind, 2)
        add("microvm", machine, "microvm")
        add("microvm cpus=2", machine, "microvm", 2)
        if name in ON_EVERY_MACHINE:
            add("q35", machine, "q35")
            add("pc", machine, "pc")
    return found
