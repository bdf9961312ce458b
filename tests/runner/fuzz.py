# SPDX-License-Identifier: BSD-3-Clause
"""./eft fuzz, as its user runs it: programs of one's own on the libOS."""
import re

from tests.runner.box import EFT, ROOT
from tests.runner.case import Case, Failure, check

EXAMPLES = ROOT / "fuzz/examples"
TIMEOUT_S = 1200    # the first one builds the libOS and musl


def fuzz(box, *words):
    out = box.dir / f"out{box.run_count}"
    return box.run([EFT, "fuzz", "--program", "--out", out, *words],
                   timeout=TIMEOUT_S)


def finds(box, what, *words):
    """A bug within a minute: (what) is said of it, and where it is."""
    result = fuzz(box, *words, "60", "-seed=1")
    if result.status == 0 or any(text not in result.errors for text in what):
        raise Failure(str(result))


def clean(box, *words):
    result = fuzz(box, *words, "3", "-seed=1")
    if result.status != 0 or "DONE" not in result.errors:
        raise Failure(str(result))


def planted(box):
    finds(box, ["parse_line", "parser.c:", "Test unit written"],
          EXAMPLES / "parser.c")


def fixed(box):
    clean(box, "--leaks", "-DFIXED", EXAMPLES / "parser.c")


def fault(box):
    """Found only where files are full."""
    clean(box, EXAMPLES / "notes.c")
    finds(box, ["double-free", "in save", "notes.c:"], "--faults",
          EXAMPLES / "notes.c")


def world(box):
    """What <eft/fuzz.h> promises, and that each input finds it so."""
    clean(box, "--leaks", EXAMPLES / "world.c")


def leak(box):
    source = box.dir / "leak.c"
    source.write_text("""
#include <stdint.h>
#include <stdlib.h>

void *volatile kept;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kept = malloc(10);
    return 0;
}
""")
    clean(box, source)
    finds(box, ["the program leaks memory", "leak.c:"], "--leaks", source)


def files(box):
    """A folder of the host's as the program's root, and what it prints."""
    source = box.dir / "show.c"
    source.write_text("""
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[100] = "";
    FILE *file = fopen("/folder/greeting", "r");

    if (file != NULL) {
        fgets(line, sizeof(line), file);
        fclose(file);
    }
    printf("%s, %zu bytes\\n", line, size);
    return 0;
}
""")
    (box.dir / "root/folder").mkdir(parents=True)
    (box.dir / "root/folder/greeting").write_text("hello")
    (box.dir / "input").write_bytes(b"12345")
    result = fuzz(box, "--files", box.dir / "root", "--input",
                  box.dir / "input", source)
    check(result.status == 0 and "hello, 5 bytes" in result.errors,
          str(result))


def coverage(box):
    """The report has a row for the target, and says what its corpus reaches."""
    result = box.run([EFT, "fuzz", "--coverage", "ramfs"], timeout=TIMEOUT_S)
    reached = dict(re.findall(r"\| `([\w/]+)` \| \d+ \| (\d+) \|", result.text))
    check(result.status == 0 and "| `ramfs` |" in result.text, str(result))
    check(int(reached.get("core/fs/ramfs", 0)) > 150 and
          int(reached.get("core/mem", 0)) > 300, str(result))


def cases():
    programs = (planted, fixed, fault, world, leak, files)
    return [Case("fuzz/coverage", coverage)] + [
        Case(f"fuzz/program_{test.__name__}", test) for test in programs]
