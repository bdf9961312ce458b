# SPDX-License-Identifier: BSD-3-Clause
"""What ./eft gdb adds where the program is a guest: `run`, and a crash."""
import gdb


class Run(gdb.Command):
    """Start the guest, which is there already and has not begun."""

    def __init__(self):
        super().__init__("run", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        gdb.execute("continue")


class Crash(gdb.Breakpoint):
    """A guest has no signals: it stops where it ends itself by one."""
    is_end = True    # for eftgdb/crash.py

    def __init__(self):
        super().__init__("eft_kvm_crash", internal=True)
        self.silent = True

    def stop(self):
        signal = gdb.selected_frame().read_var("signal")
        print(f"\nThe guest ends by signal {int(signal)}.")
        return True


Run()
Crash()
