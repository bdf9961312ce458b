# SPDX-License-Identifier: BSD-3-Clause
"""gdb's helpers for Eft: `eft -h`-like help by `help eft`.

./eft gdb loads them by itself; elsewhere: gdb -x tools/gdb/eft.py IMAGE.
They only read memory, so that they work on a process, a guest and a core file.
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from eftgdb import commands, corefile, crash, printers

commands.register()
corefile.register()
crash.register()
printers.register()

# The libOS's sources are called so wherever they lie (meson.build).
gdb.execute("set substitute-path /usr/src/eft " + os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

# The timers' and kicks' signal (plat-linuxu/linuxu.h).
gdb.execute("handle SIG62 nostop noprint pass", to_string=True)
