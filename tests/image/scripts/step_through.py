# SPDX-License-Identifier: BSD-3-Clause
"""For gdb: whether code that nobody has called knows what it interrupted."""
import gdb

INSTRUCTIONS_MAX = 100


def caller():
    """What the newest frame goes back to: (pc, rsp), or None."""
    older = gdb.newest_frame().older()
    return older and (older.pc(), int(older.read_register("rsp")))


def step_to(end):
    """Step to the address (end), or back to what was interrupted: the number of
    instructions, all of which have that for their caller."""
    first, count = caller(), 0
    while gdb.newest_frame().pc() not in (end, first and first[0]):
        found = caller()
        if found is None or found != first or count > INSTRUCTIONS_MAX:
            place = gdb.execute("x/i $pc", to_string=True).strip()
            raise gdb.GdbError(f"{place}: caller {found}, wanted {first}")
        gdb.execute("stepi", to_string=True)
        count += 1
    return count


def go_to(command, place):
    gdb.execute(f"tbreak *({place})", to_string=True)
    gdb.execute(command, to_string=True)


def step_through(place, target):
    """From (place) to the function (target), and after it to what it says that
    was interrupted. An interrupt that comes where the libOS has them off goes
    back at once: the next one is waited for."""
    end = int(gdb.parse_and_eval(f"(long)&{target}"))
    go_to("run", place)
    count = step_to(end)
    while gdb.newest_frame().pc() != end:
        go_to("continue", place)
        count += step_to(end)
    go_to("continue", hex(gdb.newest_frame().older().pc()))
    count += step_to(caller()[0])
    print(f"one caller, in {count} instructions")
