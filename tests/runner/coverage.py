# SPDX-License-Identifier: BSD-3-Clause
"""How much of core and posix the tests reach: not less than we say."""
import re

from tests.runner.box import EFT
from tests.runner.case import Case, check

PERCENT = 85

# A build of everything by the other compiler, the first time.
TIMEOUT_S = 1800


def lines(box):
    result = box.run([EFT, "coverage", "--at-least", PERCENT],
                     timeout=TIMEOUT_S)
    failed = re.findall(r"^not ok.*(?:\n    .*)*", result.text, re.MULTILINE)
    check(result.status == 0, "\n".join(failed) or str(result))
    return result.text.splitlines()[-1]


def cases():
    return [Case("coverage/lines", lines)]
