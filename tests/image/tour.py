# SPDX-License-Identifier: BSD-3-Clause
"""docs/tour.md: each of its commands says what is printed there."""
import re

from tests.runner.box import ROOT
from tests.runner.case import Cases, check

cases = Cases("tour")
TEXT = (ROOT / "docs/tour.md").read_text()
MARK = "--- next ---"
FIRST = "Build it, run it in both worlds"


class Step:
    def __init__(self, command):
        self.command, self.lines = command, []

    def check(self, said):
        """An … stands for any text in a line, and for any lines alone."""
        pattern = ""
        for line in self.lines:
            if line == "…":
                pattern += r"(?:.*\n)*?"
            else:
                pattern += ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        check(re.fullmatch(pattern, said),
              f"$ {self.command}\nwanted:\n" + "\n".join(self.lines) +
              f"\nsaid:\n{said}")


def steps(text):
    """The commands of a part of the document."""
    found = []
    for line in re.findall(r"^    (.*)$", text, re.MULTILINE):
        if line.startswith("$ "):
            found.append(Step(line[2:]))
        elif line.startswith(">"):
            found[-1].command += "\n" + line[2:]
        else:
            found[-1].lines.append(line)
    return found


SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n?)*)", TEXT,
                           re.MULTILINE))
BEFORE = TEXT[:TEXT.index("\n## ")]


def run_section(box, heading, timeout=120):
    """In a shell of its own, whose folder is a copy of what is needed."""
    prepared = steps(BEFORE) + steps(SECTIONS[FIRST])[:1]
    asked = steps(SECTIONS[heading])
    folder = box.dir / "eft"
    folder.mkdir()
    for name in "eft", "docs", "fuzz", "tools", "posix":
        (folder / name).symlink_to(ROOT / name)
    commands = [step.command for step in prepared]
    commands[0] = f"eft='{ROOT}'"
    script = "\n".join(commands) + "".join(
        f"\necho '{MARK}'\n{step.command}" for step in asked)
    result = box.run(["sh", "-c", f"exec 2>&1\n{script}\necho '{MARK}'"],
                     cwd=folder, timeout=timeout)
    _, *said, _ = result.text.replace("\r", "").split(f"{MARK}\n")
    check(len(said) == len(asked), f"{heading}: it ended early\n{result}")
    for step, text in zip(asked, said):
        step.check(text)


for title in SECTIONS:
    cases.add("_".join(re.findall(r"[a-z]+", title.lower())), run_section,
              title, 900)
