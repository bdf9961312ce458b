#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make of posix/syscalls.def all that is derived from it.

usage: gen.py syscalls.def KIND OUTPUT, KIND being one of

  prototypes  posix/syscalls.h: the handlers' prototypes
  dispatch    eft_syscall.h, which musl's own headers include
  table       table.c: handlers by number, for syscall(2)
  describe    describe.c: names and arguments, for trace=syscall
  docs        docs/syscalls.md: the coverage table
"""
import re
import sys
from dataclasses import dataclass

SPDX = "// SPDX-License-Identifier: BSD-3-Clause\n"
MADE = "// Made by posix/gen.py from posix/syscalls.def.\n"

# How a parameter is printed by trace=syscall (posix/trace.h).
FORMATS = [("const char *", "s"), ("*", "p"), ("uintptr_t", "p"),
           ("int", "d"), ("off_t", "l"), ("", "u")]


@dataclass
class Call:
    number: int
    name: str
    status: str
    params: list

    @property
    def implemented(self):
        return self.status != "none"

    @property
    def prototype(self):
        return f"long eft_sys_{self.name}({', '.join(self.params) or 'void'})"

    @property
    def types(self):
        return [re.sub(r"\w+$", "", p).strip() for p in self.params]

    @property
    def format(self):
        return "".join(next(f for t, f in FORMATS if t in kind)
                       for kind in self.types)


def read(path):
    calls = []
    for number, line in enumerate(open(path), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split(None, 3)
        if len(fields) < 3 or fields[2] not in ("full", "partial", "none"):
            sys.exit(f"{path}:{number}: not 'number name status arguments'")
        params = fields[3].strip().split(", ") if len(fields) > 3 else []
        calls.append(Call(int(fields[0]), fields[1], fields[2], params))
    return calls


def structs(calls):
    text = " ".join(p for c in calls for p in c.params)
    return "".join(f"{s};\n" for s in sorted(set(re.findall(r"struct \w+", text))))


def prototypes(calls):
    lines = "".join(f"{c.prototype};\n" for c in calls if c.implemented)
    return (SPDX + MADE + '#pragma once\n#include "core/base.h"\n\n' +
            structs(calls) + "\n" + lines)


# musl's own sources see these: nothing but the language's types.
LIBC_TYPES = {"size_t": "unsigned long", "uintptr_t": "unsigned long",
              "off_t": "long", "uint64_t": "unsigned long",
              "uint32_t": "unsigned", "int64_t": "long"}


def libc(text):
    return re.sub(r"\b(%s)\b" % "|".join(LIBC_TYPES),
                  lambda m: LIBC_TYPES[m.group()], text)


def dispatch(calls):
    out = [SPDX, MADE, structs(calls), "struct eft_description;\n"]
    for c in calls:
        if c.implemented:
            out.append(f"{libc(c.prototype)};\n"
                       "extern const struct eft_description "
                       f"eft_describe_{c.name};\n")
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
        args = ", ".join(f"({libc(t)}){v}" for t, v in zip(c.types, "abcdef"))
        out.append(f"\tcase {c.number}:\n"
                   f"\t\tEFT_ATTENDED({c.name});\n"
                   f"\t\treturn eft_sys_{c.name}({args});\n")
    out.append("\t}\n\treturn eft_syscall_unknown(n);\n}\n")
    return "".join(out)


def table(calls):
    rows = "".join(f"\t[{c.number}] = {{(void *)eft_sys_{c.name}, "
                   f"&eft_describe_{c.name}}},\n"
                   for c in calls if c.implemented)
    return (SPDX + MADE + '#include "posix/syscalls.h"\n'
            '#include "posix/trace.h"\n\n' + described(calls) +
            "\nconst struct eft_syscall eft_syscalls[] = {\n" + rows + "};\n\n"
            "const unsigned eft_syscall_count = "
            "sizeof(eft_syscalls) / sizeof(eft_syscalls[0]);\n")


def described(calls):
    return "".join(f"extern const struct eft_description eft_describe_{c.name};\n"
                   for c in calls if c.implemented)


def describe(calls):
    rows = "".join(f"const struct eft_description eft_describe_{c.name} = "
                   f'{{"{c.name}", "{c.format}"}};\n'
                   for c in calls if c.implemented)
    return (SPDX + MADE + '#include "posix/trace.h"\n\n' + described(calls) +
            "\n" + rows)


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
    kinds = {f.__name__: f
             for f in (prototypes, dispatch, table, describe, docs)}
    if len(sys.argv) != 4 or sys.argv[2] not in kinds:
        sys.exit(__doc__)
    text = kinds[sys.argv[2]](read(sys.argv[1]))
    with open(sys.argv[3], "w") as out:
        out.write(text)


main()
