#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make of posix/syscalls.def all that is derived from it.

usage: gen.py syscalls.def KIND OUTPUT, KIND being one of

  prototypes  posix/syscalls.h: the handlers' prototypes
  dispatch    eft_syscall.h, which musl's own headers include
  table       table.c: handlers by number, for syscall(2)
  stubs       stubs.S: eft_call_NAME for each call (posix/sys/enter.S)
  settled     settled.h, for tests: eft_sys_NAME() as the program sees it
  calls       calls.c: how the tracer shows each call (trace/kind.h)
  efault      efault_table.h, for tests/posix/efault_calls.c
  docs        docs/syscalls.md: the coverage table
"""
import re
import sys
from dataclasses import dataclass

SPDX = "// SPDX-License-Identifier: BSD-3-Clause\n"
MADE = "// Made by posix/gen.py from posix/syscalls.def.\n"

@dataclass
class Call:
    number: int
    name: str
    status: str
    how: str
    params: list

    @property
    def implemented(self):
        return self.status != "none"

    @property
    def prototype(self):
        """A pointer is the program's, to memory of its own."""
        params = ", ".join(self.params).replace("*", " eft_user *").replace("  ", " ")
        return f"long eft_sys_{self.name}({params or 'void'})"

    @property
    def by_number(self):
        """Linux's vDSO knows of no -EFAULT; its system calls do."""
        return self.prototype if self.how != "vdso" else \
            self.prototype.replace("eft_sys_", "eft_checked_", 1)

    @property
    def types(self):
        return [re.sub(r"\w+$", "", p).strip() for p in self.params]


def read(path):
    calls = []
    for number, line in enumerate(open(path), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split(None, 4)
        if len(fields) < 4 or fields[2] not in ("full", "partial", "none") \
                or fields[3] not in ("stack", "plain", "vdso", "-"):
            sys.exit(f"{path}:{number}: not 'number name status how arguments'")
        params = fields[4].strip().split(", ") if len(fields) > 4 else []
        calls.append(Call(int(fields[0]), *fields[1:4], params))
    return calls


def structs(calls):
    text = " ".join(p for c in calls for p in c.params)
    return "".join(f"{s};\n" for s in sorted(set(re.findall(r"struct \w+", text))))


def prototypes(calls):
    lines = "".join(f"{line};\n" for c in calls if c.implemented
                    for line in sorted({c.prototype, c.by_number}))
    return (SPDX + MADE + '#pragma once\n#include "core/base.h"\n\n' +
            structs(calls) + "\n" + lines)


# musl's own sources see these: nothing but the language's types.
LIBC_TYPES = {"size_t": "unsigned long", "uintptr_t": "unsigned long",
              "off_t": "long", "uint64_t": "unsigned long",
              "uint32_t": "unsigned", "int64_t": "long"}


def libc(text):
    text = text.replace(" eft_user *", " *")
    return re.sub(r"\b(%s)\b" % "|".join(LIBC_TYPES),
                  lambda m: LIBC_TYPES[m.group()], text)


def dispatch(calls):
    out = [SPDX, MADE, structs(calls)]
    for c in calls:
        if c.implemented:
            out.append(f"{libc(c.prototype)};\n"
                       f"__typeof__(eft_sys_{c.name}) eft_call_{c.name};\n")
    out.append("""
static inline __attribute__((always_inline)) long
eft_dispatch(long n, long a, long b, long c, long d, long e, long f)
{
	if (!__builtin_constant_p(n))
		return eft_syscall_by_number(n, a, b, c, d, e, f);
	switch (n) {
""")
    for c in calls:
        if not c.implemented:
            continue
        args = "".join(f", ({libc(t)}){v}" for t, v in zip(c.types, "abcdef"))
        how = "STACK" if c.how == "stack" else "PLAIN"
        out.append(f"\tcase {c.number}:\n"
                   f"\t\tEFT_{how}(eft_call_{c.name}, "
                   f"eft_sys_{c.name}{args});\n")
    out.append("\t}\n\treturn eft_syscall_unknown(n);\n}\n")
    return "".join(out)


def name_of(prototype):
    return re.search(r"(\w+)\(", prototype)[1]


def table(calls):
    rows = "".join(f"\t[{c.number}] = (void *){name_of(c.by_number)},\n"
                   for c in calls if c.implemented)
    return (SPDX + MADE + '#include "posix/syscalls.h"\n'
            '#include "posix/sys/enter.h"\n\n'
            "void *const eft_syscalls[] = {\n" + rows + "};\n\n"
            "const unsigned eft_syscall_count = "
            "sizeof(eft_syscalls) / sizeof(eft_syscalls[0]);\n")


# Weak: that a stub is there brings no handler into an image. Who calls it names
# the handler too (posix/musl/overlay/arch/x86_64/syscall_arch.h).
STUB = """
	.section .text.eft_call_{name}, "ax", @progbits
	.globl	eft_call_{name}
	.type	eft_call_{name}, @function
	.weak	{handler}
eft_call_{name}:
	movl	${handler}, %eax
	movl	${number}, %r10d
	jmp	eft_enter
	.size	eft_call_{name}, . - eft_call_{name}
"""

# Parts of a call that are handlers of their own: see the overlay of musl.
PARTS = [("futex_plain", "eft_futex_plain", 202),
         ("futex_requeue", "eft_futex_requeue", 202),
         ("futex_pi", "eft_futex_pi", 202),
         ("fcntl_flags", "eft_fcntl_flags", 72),
         ("ioctl_window", "eft_ioctl_window", 16),
         ("mmap_anonymous", "eft_mmap_anonymous", 9),
         ("set_fs", "eft_set_fs", 158),
         ("clone_thread", "eft_clone", 56),
         ("exit_unmapping", "eft_exit_unmapping", 60)]


def stubs(calls):
    handlers = [(c.name, f"eft_sys_{c.name}", c.number)
                for c in calls if c.implemented]
    return (SPDX + MADE +
            "".join(STUB.format(name=name, handler=handler, number=number)
                    for name, handler, number in handlers + PARTS) +
            '\n\t.section .note.GNU-stack, "", @progbits\n')


def settled(calls):
    macros = "".join(f"#define eft_sys_{c.name}(...) "
                     f"eft_settled({c.name}, eft_sys_{c.name}(__VA_ARGS__))\n"
                     for c in calls if c.implemented)
    return (SPDX + MADE + '#pragma once\n#include "posix/sys/enter.h"\n'
            '#include "posix/signal/restart.h"\n'
            '#include "posix/syscalls.h"\n\n' + macros)


def efault(calls):
    """Those that have pointers."""
    rows = ""
    for c in calls:
        if not c.implemented or not any("*" in p for p in c.params):
            continue
        arguments = ", ".join(
            '{"%s", "%s"}' % (type, re.search(r"\w+$", param)[0])
            for type, param in zip(c.types, c.params))
        rows += (f'\t{{{c.number}, "{c.name}", {len(c.params)}, '
                 f'{{{arguments}}}}},\n')
    return (SPDX + MADE + """#pragma once

static const struct call {
	int number;
	const char *name;
	int count;
	struct {
		const char *type, *name;
	} arguments[6];
} calls[] = {
""" + rows + "};\n")


# How an argument is shown (trace/flags.c, trace/structs.c): by its call and
# name; by its name; by its type. The first that fits.
KINDS = {
    # Buffers, and what their type does not say.
    "read.buf": "bytes_got", "pread64.buf": "bytes_got",
    "recvfrom.buf": "bytes_got", "getrandom.buf": "bytes_got",
    "readlink.buf": "bytes_got", "readlinkat.buf": "bytes_got",
    "write.buf": "bytes", "pwrite64.buf": "bytes", "sendto.buf": "bytes",
    "getcwd.buf": "string_got", "getdents64.buf": "directory_entries",
    "readv.iov": "parts_got", "preadv.iov": "parts_got",
    "writev.iov": "parts", "pwritev.iov": "parts",
    "preadv2.iov": "parts_got", "pwritev2.iov": "parts",
    "vmsplice.iov": "parts", "memfd_create.name": "path",
    "getsockopt.value": "socket_value_got", "setsockopt.value": "socket_value",
    "getsockopt.len": "one_got", "accept.len": "one_got",
    "accept4.len": "one_got", "recvfrom.len": "one_got",
    "getsockname.len": "one_got", "getpeername.len": "one_got",
    "accept.name": "socket_name_got", "accept4.name": "socket_name_got",
    "recvfrom.name": "socket_name_got", "getsockname.name": "socket_name_got",
    "getpeername.name": "socket_name_got", "connect.name": "socket_name",
    "bind.name": "socket_name", "sendto.name": "socket_name",
    "utimensat.times": "file_times", "nanosleep.rem": "time_left",
    "clock_nanosleep.rem": "time_left", "socketpair.fds": "two_fds",
    "pipe.ret_fds": "two_fds", "pipe2.ret_fds": "two_fds",
    "select.timeout": "timeval", "pselect6.timeout": "timespec",
    "sendmsg.message": "message", "recvmsg.message": "message_got",
    "sched_setaffinity.mask": "address", "sched_getaffinity.mask": "cpu_set",
    "time.seconds": "second", "ioctl.request": "ioctl",
    "ioctl.arg": "ioctl_argument", "fcntl.command": "fcntl",
    "fcntl.arg": "fcntl_argument",
    "futex.word": "address", "futex.op": "futex", "futex.value": "unsigned32",
    "futex.timeout": "futex_timeout", "futex.word2": "futex_word",
    "futex.value3": "futex_bits", "timer_create.ret_id": "one_got",
    "sched_setparam.priority": "one", "sched_setscheduler.priority": "one",
    "sched_getparam.priority": "one_got",
    # Flags.
    "open.flags": "open_flags", "openat.flags": "open_flags",
    "open.mode": "open_mode", "openat.mode": "open_mode",
    "mknod.mode": "node_mode", "mknodat.mode": "node_mode",
    "access.mode": "access", "faccessat.mode": "access",
    "faccessat2.mode": "access", "faccessat2.flags": "access_flags",
    "fallocate.mode": "allocate_mode", "mmap.flags": "map_flags",
    "mremap.flags": "remap_flags", "msync.flags": "sync_flags",
    "madvise.advice": "advice", "fadvise64.advice": "file_advice",
    "mlockall.flags": "lock_all_flags", "unlinkat.flags": "unlink_flags",
    "renameat2.flags": "rename_flags", "flock.operation": "flock",
    "setxattr.flags": "xattr_flags", "lsetxattr.flags": "xattr_flags",
    "fsetxattr.flags": "xattr_flags",
    "getrandom.flags": "random_flags", "pipe2.flags": "pipe_flags",
    "dup3.flags": "pipe_flags", "epoll_create1.flags": "epoll_flags",
    "epoll_ctl.operation": "epoll_operation", "eventfd2.flags": "eventfd_flags",
    "signalfd4.flags": "signalfd_flags",
    "timerfd_create.flags": "timerfd_flags",
    "timerfd_settime.flags": "timerfd_set", "timer_settime.flags": "sleep_flags",
    "clock_nanosleep.flags": "sleep_flags", "accept4.flags": "accept_flags",
    "sendto.flags": "message_flags", "recvfrom.flags": "message_flags",
    "sendmsg.flags": "message_flags", "recvmsg.flags": "message_flags",
    "sendmmsg.flags": "message_flags", "recvmmsg.flags": "message_flags",
    "membarrier.flags": "int", "preadv2.flags": "rw_flags",
    "pwritev2.flags": "rw_flags", "splice.flags": "splice_flags",
    "tee.flags": "splice_flags", "vmsplice.flags": "splice_flags",
    "memfd_create.flags": "memfd_flags", "copy_file_range.flags": "unsigned32",
    "close_range.flags": "close_range_flags",
    "inotify_init1.flags": "inotify_flags",
    "inotify_add_watch.mask": "inotify_mask",
    "sync_file_range.flags": "sync_range_flags", "statx.mask": "statx_mask",
    "flags": "at_flags",
    # Values.
    "getitimer.which": "interval_timer", "setitimer.which": "interval_timer",
    "getpriority.which": "priority_which",
    "setpriority.which": "priority_which", "getrusage.who": "usage_who",
    "prctl.option": "prctl", "arch_prctl.code": "arch_prctl",
    "membarrier.command": "membarrier", "shutdown.how": "shutdown",
    "rt_sigprocmask.how": "mask_how", "socket.type": "socket_type",
    "socketpair.type": "socket_type", "domain": "domain",
    "protocol": "protocol", "level": "socket_level", "option": "socket_option",
    "clock": "clock", "prot": "protection", "whence": "whence",
    "resource": "resource", "policy": "policy", "signal": "signal",
    "dirfd": "directory", "to_dirfd": "directory", "mode": "file_mode",
    "umask.mask": "file_mode",
    # Types.
    "const char *": "path", "int": "int", "off_t": "long",
    "unsigned": "unsigned32", "unsigned long": "unsigned",
    "size_t": "unsigned", "uint64_t": "unsigned", "uintptr_t": "address",
    "unsigned *": "one_got", "int *": "address", "off_t *": "offset_moved",
    "const struct eft_open_how *": "open_how", "struct eft_statx *": "statx",
    "const struct eft_timespec *": "timespec",
    "struct eft_timespec *": "timespec_got",
    "struct eft_timeval *": "timeval_got",
    "const struct eft_itimerspec *": "itimerspec",
    "struct eft_itimerspec *": "itimerspec_got",
    "const struct eft_itimerval *": "itimerval",
    "struct eft_itimerval *": "itimerval_got",
    "struct eft_stat *": "stat", "struct eft_statfs *": "statfs",
    "struct eft_pollfd *": "pollfds", "struct eft_epoll_event *":
    "epoll_events", "const struct eft_epoll_event *": "epoll_event",
    "const uint64_t *": "sigset", "uint64_t *": "sigset_got",
    "const struct eft_sigaction *": "action",
    "struct eft_sigaction *": "action_got",
    "const struct eft_siginfo *": "info", "struct eft_siginfo *": "info_got",
    "const struct eft_sigstack *": "stack",
    "struct eft_sigstack *": "stack_got",
    "const struct eft_sigevent *": "event",
    "const struct eft_rlimit *": "rlimit", "struct eft_rlimit *": "rlimit_got",
    "struct eft_rusage *": "usage", "struct eft_utsname *": "utsname",
    "struct eft_sysinfo *": "sysinfo", "struct eft_tms *": "tms",
}
SETS = {f"{call}.{name}": "fd_set" for call in ("select", "pselect6")
        for name in ("in", "out", "except")}

# What follows a result, and how one is shown that is no plain number.
NOTES = {"poll": "poll", "ppoll": "poll", "select": "select",
         "pselect6": "select", "fcntl": "fcntl"}
RESULTS = {"mmap": "POINTER", "mremap": "POINTER", "brk": "POINTER",
           "umask": "OCTAL", "fcntl": "FLAGS"}


def kind(call, param):
    type, name = re.fullmatch(r"(.*?)(\w+)", param).groups()
    for key in (f"{call.name}.{name}", name, type.strip()):
        for table in (SETS, KINDS):
            if key in table:
                return table[key]
    return "address"


def calls_(calls):
    rows, kinds = [], set()
    for c in calls:
        shown = [kind(c, p) for p in c.params]
        kinds.update(shown)
        fields = [f'.name = "{c.name}"']
        if c.name in NOTES:
            fields.append(f".note = note_{NOTES[c.name]}")
        if c.name in RESULTS:
            fields.append(f".flags = CALL_{RESULTS[c.name]}")
        if shown:
            fields.append(f".count = {len(shown)}")
            fields.append(".args = {" + ", ".join(
                f"&kind_{k}" for k in shown) + "}")
        rows.append(f"\t[{c.number}] = {{{', '.join(fields)}}},\n")
    return (SPDX + MADE + '#include "trace/kind.h"\n\n' +
            "".join(f"extern const struct kind kind_{k};\n"
                    for k in sorted(kinds)) +
            "\nconst struct call calls[] = {\n" + "".join(rows) + "};\n\n"
            "const unsigned calls_count = sizeof(calls) / sizeof(calls[0]);\n")


def docs(calls):
    counts = {s: sum(c.status == s for c in calls)
              for s in ("full", "partial", "none")}
    rows = "".join(f"| {c.number} | `{c.name}` | {c.status} |\n" for c in calls)
    return ("# System calls\n\nMade by posix/gen.py from posix/syscalls.def: "
            "`posix/gen.py posix/syscalls.def docs docs/syscalls.md`.\n\n"
            f"{counts['full']} full, {counts['partial']} partial, "
            f"{counts['none']} none (-ENOSYS, and one line in the log). What "
            "the partial ones lack is in CAVEATS.\n\n"
            "| number | name | status |\n| ---: | --- | --- |\n" + rows)


def main():
    kinds = {f.__name__.rstrip("_"): f
             for f in (prototypes, dispatch, table, stubs, settled, calls_,
                       efault, docs)}
    if len(sys.argv) != 4 or sys.argv[2] not in kinds:
        sys.exit(__doc__)
    text = kinds[sys.argv[2]](read(sys.argv[1]))
    with open(sys.argv[3], "w") as out:
        out.write(text)


if __name__ == "__main__":
    main()
