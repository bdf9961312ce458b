#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make of posix/syscalls.def what the fuzz targets know of the calls.

usage: calls.py GEN.PY SYSCALLS.DEF KIND OUTPUT, KIND being one of

  table    calls.c: the calls that fuzz/syscalls.c makes
  numbers  numbers.h: SYS_NAME
"""
import importlib.util
import re
import sys

# What an argument is, by its type and name: the first that matches. What may
# be NULL is what Linux lets be.
KINDS = [
    (r"int (fd|epfd|in_fd|out_fd)$", "FD"),
    (r"int (dirfd|to_dirfd)", "DIRECTORY"),
    (r"const char \*", "PATH"),
    (r"off_t \*", "MAYBE"),
    (r"off_t ", "OFFSET"),
    (r"uintptr_t ", "ADDRESS"),
    (r"int signal$", "SIGNAL"),
    (r"unsigned long request", "REQUEST"),
    (r"const struct eft_iovec \*", "VECTOR"),
    (r"(const )?struct eft_(m?msghdr) \*", "MESSAGE"),
    (r"const struct eft_sigaction \*", "ACTION"),
    (r"struct eft_robust_head \*head", "ROBUST"),
    (r"(const )?void \*mask", "ZEROES"),
    (r"const void \*name", "NAME"),
    (r"unsigned \*len", "LENGTH"),
    (r".*\*(old|timeout|rem|zone|times|tz|set|info|act|cpu|node)$", "MAYBE"),
    (r".*\*", "MEMORY"),
    (r"(unsigned long|size_t|unsigned|int) (count|len|room|segments|size)$", "SIZE"),
]

# Linux's layouts on x86-64; the rest are numbers.
SIZES = {"stat": 144, "pollfd": 8, "sigaction": 32, "iovec": 16, "timeval": 16,
         "timespec": 16, "itimerval": 32, "msghdr": 56, "mmsghdr": 64,
         "utsname": 390, "rlimit": 16, "rusage": 144, "sysinfo": 112,
         "tms": 32, "siginfo": 128, "sigstack": 24, "statfs": 120,
         "epoll_event": 12, "sigevent": 64, "itimerspec": 32,
         "robust_head": 24, "open_how": 24, "statx": 256}
WORDS = {"int": 4, "unsigned": 4, "uint32_t": 4, "uint64_t": 8, "int64_t": 8,
         "size_t": 8, "off_t": 8, "void": 1, "char": 1}
# Of a length that is said elsewhere, or as long as there are descriptors.
ARRAYS = {"in": 8192, "out": 8192, "except": 8192, "mask": 128,
          "zone": 8, "arg": 256, "ret_fds": 8, "fds": 8,
          "times": 32, "vec": 8192}

# What is not NULL in some calls, and may be in others.
NEVER_NULL = {("rt_sigpending", "set"), ("rt_sigtimedwait", "set"),
              ("sysinfo", "info"), ("rt_sigqueueinfo", "info"),
              ("rt_tgsigqueueinfo", "info")}

# Calls whose (size) is that of a set of signals.
SIGNALS = re.compile("rt_|signalfd|ppoll|epoll_pwait")

# They end the program, or wait for what never comes.
LEFT_OUT = {"exit", "exit_group", "arch_prctl", "sigaltstack"}


def size_of(param):
    name = re.search(r"\w+$", param).group()
    struct = re.search(r"struct eft_(\w+) \*", param)
    if name in ARRAYS and not re.match(r"const uint64_t|struct eft_(pollfd|tms)",
                                       param):
        return ARRAYS[name]
    if "**" in param:
        return 8
    if struct:
        return SIZES[struct.group(1)]
    return WORDS[re.search(r"(\w+) \*", param).group(1)]


def argument(call, i):
    param = call.params[i]
    kind = next((k for r, k in KINDS if re.match(r, param)), "NUMBER")
    if param == "size_t size" and SIGNALS.match(call.name):
        kind = "SIGNAL_BYTES"
    if call.params[i + 1:] and call.params[i + 1] == "unsigned *len":
        return "{MEMORY, 128}"
    before, after = call.params[:i][-1:], call.params[i + 1:i + 2]
    if kind == "SIZE" and "*" in "".join(after) and "*" not in "".join(before):
        kind = "COUNT"
    if kind == "SIZE" and "".join(before).startswith("off_t *"):
        kind = "NUMBER"    # of bytes to move: it is no array of offsets
    if (call.name, re.search(r"\w+$", param).group()) in NEVER_NULL:
        kind = "MEMORY"
    size = size_of(param) if "*" in param and kind != "PATH" else 0
    return f"{{{kind}, {size}}}"


def row(call):
    arguments = ", ".join(argument(call, i) for i in range(len(call.params)))
    return (f'\t{{"{call.name}", {call.number}, '
            f"{len(call.params)}, {{{arguments or '{NUMBER, 0}'}}}}},\n")


def table(calls):
    calls = [c for c in calls if c.name not in LEFT_OUT]
    return ('#include "fuzz/syscalls.h"\n\n'
            "const struct call_description calls[] = {\n" +
            "".join(map(row, calls)) + "};\n\nconst unsigned call_count = "
            "sizeof(calls) / sizeof(calls[0]);\n")


def numbers(calls):
    return ("#pragma once\n\nenum {\n" +
            "".join(f"\tSYS_{c.name} = {c.number},\n" for c in calls) +
            "};\n")


def main():
    spec = importlib.util.spec_from_file_location("gen", sys.argv[1])
    gen = sys.modules["gen"] = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(gen)
    calls = [c for c in gen.read(sys.argv[2]) if c.implemented]
    text = {"table": table, "numbers": numbers}[sys.argv[3]](calls)
    with open(sys.argv[4], "w") as out:
        out.write(gen.SPDX +
                  "// Made by fuzz/calls.py from posix/syscalls.def.\n" + text)


main()
