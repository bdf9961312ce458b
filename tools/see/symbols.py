# SPDX-License-Identifier: BSD-3-Clause
"""Functions by address: of an image, or of the debug file beside it."""
import bisect
import subprocess
from pathlib import Path


class Symbols:
    def __init__(self, image):
        debug = Path(f"{image}.debug")
        out = subprocess.run(["nm", "-nS", debug if debug.exists() else image],
                             check=True, text=True, capture_output=True).stdout
        self.functions = []    # (start, end, name)
        for line in out.splitlines():
            words = line.split()
            if len(words) == 4 and words[2] in "tTwW":
                start = int(words[0], 16)
                self.functions.append((start, start + int(words[1], 16),
                                       words[3]))
        self.starts = [start for start, _, _ in self.functions]

    def name(self, address):
        at = bisect.bisect_right(self.starts, address) - 1
        if at >= 0 and address < self.functions[at][1]:
            return self.functions[at][2]
        return None

    def stack(self, addresses):
        """Names, outermost first, of what is there and who called it."""
        names = []
        for i, address in enumerate(addresses):
            # What called is before its return address, perhaps the last.
            name = self.name(address if i == 0 else address - 1)
            if name is None and i > 0:
                break
            names.append(name or "[unknown]")
        return tuple(reversed(names))
