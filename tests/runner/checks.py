# SPDX-License-Identifier: BSD-3-Clause
"""The checks of the source: each an executable file in tests/checks."""
import os

from tests.runner.box import ROOT
from tests.runner.case import Case, Failure

# The headers are compiled one by one, by two compilers.
TIMEOUT_S = 300


def run(box, script):
    result = box.run([script], cwd=ROOT, timeout=TIMEOUT_S)
    if result.status != 0:
        raise Failure(result.text + result.errors)


def cases():
    scripts = sorted(path for path in (ROOT / "tests/checks").iterdir()
                     if path.is_file() and os.access(path, os.X_OK))
    return [Case(f"checks/{script.name}",
                 lambda box, script=script: run(box, script))
            for script in scripts]
