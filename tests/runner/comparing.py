# SPDX-License-Identifier: BSD-3-Clause
"""tests/compare finds what differs, and what agrees."""
from tests.runner.box import ROOT
from tests.runner.case import Case, check

PROGRAMS = {
    "agrees": 'puts(argc > 1 ? argv[1] : "nothing"); return 3;',
    "differs": 'struct utsname u; uname(&u); puts(u.version);',
    "endless": 'struct utsname u; uname(&u);'
               'while (strstr(u.version, "Eft") != NULL) ;',
    "unbuilt": "nonsense",
}

CASES = """
agrees word; agrees   # two runs
process: agrees word >&-
skip: unbuilt for a reason
"""


def finds(box):
    folder = box.dir / "programs"
    folder.mkdir()
    for name, body in PROGRAMS.items():
        (folder / f"{name}.c").write_text(
            "#include <stdio.h>\n#include <string.h>\n"
            "#include <sys/utsname.h>\n"
            f"int main(int argc, char **argv) {{ {body} }}\n")
    (box.dir / "cases").write_text(CASES)
    result = box.run([ROOT / "tests/compare", folder, "--cases", "cases",
                      "--on", "process", "--timeout", "5"])
    lines = [line.split() for line in result.text.splitlines()]
    verdicts = [(line[0], line[1]) for line in lines
                if line[0] in ("agrees", "differs", "skipped")]
    check(result.status == 1 and verdicts == [
        ("agrees", "agrees"), ("agrees", "agrees"), ("differs", "differs"),
        ("differs", "endless"), ("skipped", "unbuilt")] and
        "word / nothing" in result.text and "hangs" in result.text and
        result.text.endswith("2 agree, 2 differ\n"), str(result))


def cases():
    return [Case("run/compare", finds)]
