# SPDX-License-Identifier: BSD-3-Clause
"""Builds that are killed while a file is half made: the next build never takes
that file for a whole one."""
import signal

from tests.runner.box import ROOT
from tests.runner.case import Case, check

# It kills all that builds, once, when it has made half of the file that (HALF)
# names.
COMPILER = """#!/bin/sh
for word; do
	case $word in
	*$HALF*.o | *$HALF*.o.part)
		if [ -n "$HALF" ] && [ ! -f "$LOG.killed" ]; then
			touch "$LOG.killed"
			printf half >"$word"
			kill -KILL 0
		fi ;;
	*.c) echo "${word##*/}" >>"$LOG" ;;
	esac
done
exec gcc "$@"
"""

def killed(result):
    check(result.status == 128 + signal.SIGKILL, str(result))


def compiled(log):
    """The files, in order; and begin a new list."""
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


RECIPE = """#!/bin/sh
set -e
[ -f part.o ] || $CC -c -o part.o part.c
$CC -o "$1" part.o
"""


def application(box):
    (box.dir / "release").mkdir()
    (box.dir / "release/part.c").write_text("int main(void) { return 7; }\n")
    for name, text in (("recipe", RECIPE), ("cc", COMPILER)):
        (box.dir / name).write_text(text)
        (box.dir / name).chmod(0o755)
    log = box.dir / "log"

    def build(half=""):
        return box.run([ROOT / "tools/app", "recipe", box.dir / "release",
                        "image", box.dir / "cc"],
                       env={"HALF": half, "LOG": str(log)})

    killed(build("part"))
    compiled(log)
    check((box.dir / "image.build/src/part.o").read_text() == "half",
          "not killed half way")
    for wanted in (["part.c"], []):
        result = build()
        check(result.status == 0, str(result))
        check(box.run([box.dir / "image"]).status == 7, "another program")
        check(compiled(log) == wanted, f"compiled again: not {wanted}")


def cases():
    return [Case(f"run/interrupted_{test.__name__}", test)
            for test in (application,)]
