# SPDX-License-Identifier: BSD-3-Clause
"""Programs of several threads: compressors restore what they were given, and
SQLite's own test finds no error, on one CPU and on two."""
import hashlib
import random

from tests.runner.box import app
from tests.runner.case import Cases, check
from tests.image.starts import expect

cases = Cases("apps")

MIB = {"process": 64, "microvm": 4}
CPUS = {"process": (1, 2), "microvm": (1, 2)}

# The program, its arguments to compress and to restore, to standard output.
COMPRESSORS = {
    "zstd": (["-T2", "-1", "-q", "-c"], ["-d", "-q", "-c"]),
    "lbzip2": (["-n2", "-1", "-c"], ["-n2", "-d", "-c"]),
    "pigz": (["-p2", "-1", "-c"], ["-p2", "-d", "-c"]),
    "xz": (["-T2", "-0", "-c"], ["-T2", "-d", "-c"]),
}

# Those of threadtest3 that are soon done; it has fifteen, of minutes.
THREAD_TESTS = ["walthread5", "cgt_pager_1", "vacuum1"]


def text(size):
    """(size) bytes that look like lines of words, always the same."""
    rng = random.Random(1)
    words = [bytes(rng.choices(range(97, 123), k=rng.randrange(2, 9)))
             for _ in range(4096)]
    lines = [b" ".join(rng.choices(words, k=rng.randrange(4, 12))) + b"\n"
             for _ in range(16384)]
    out = bytearray()
    while len(out) < size:
        out += b"".join(rng.choices(lines, k=16384))
    return bytes(out[:size])


def through(box, where, cpus, name, args, data):
    """What the program makes of a file with (data), on standard output."""
    (box.dir / "data").write_bytes(data)
    flags = ["--cpus", cpus] + ([] if where == "process" else ["--fs", "."])
    result = box.eft_run(where, app(name), *args, "data", flags=flags,
                         timeout=240)
    expect(result, 0)
    check(result.err == b"", result.brief)
    return result.out


def restores(box, name, where, cpus):
    pack, unpack = COMPRESSORS[name]
    data = text(MIB[where] << 20)
    packed = through(box, where, cpus, name, pack, data)
    check(len(packed) < len(data) / 2, f"{len(packed)} bytes of {len(data)}")
    restored = through(box, where, cpus, name, unpack, packed)
    wanted, got = (hashlib.sha256(b).hexdigest() for b in (data, restored))
    check(wanted == got, f"{wanted} became {got}")


def threadtest3(box, where, cpus):
    flags = ["--cpus", cpus] + ([] if where == "process" else ["--mem", "512M"])
    result = box.eft_run(where, app("threadtest3"), *THREAD_TESTS, flags=flags,
                         timeout=240)
    expect(result, 0)
    check(f"0 errors out of {len(THREAD_TESTS)} tests" in result.text,
          str(result))


for where in CPUS:
    for cpus in CPUS[where]:
        for name in COMPRESSORS:
            cases.add(f"{name} {where} cpus={cpus}", restores, name, where,
                      cpus)
        cases.add(f"threadtest3 {where} cpus={cpus}", threadtest3, where, cpus)
