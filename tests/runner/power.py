# SPDX-License-Identifier: BSD-3-Clause
"""Power cuts by the hundred thousand (tests/unit/power.c), which take hours."""
import os
import re

from tests.runner.box import BUILD
from tests.runner.case import Case, Failure

CUTS = 100000
DAY_S = 86400


def cuts(box):
    count = os.environ.get("EFT_POWER_CUTS", str(CUTS))
    result = box.run([BUILD / "tests/unit/unit-power", "--jobs",
                      str(os.cpu_count()), "--timeout", str(DAY_S)],
                     env={"EFT_POWER_CUTS": count}, timeout=DAY_S)
    if result.status != 0 or not re.search(r"Failing: 0 ", result.errors +
                                           result.text):
        raise Failure(str(result))
    return f"{count} cuts"


def cases():
    return [Case("power/cuts", cuts, targets=("tests/unit/unit-power",))]
