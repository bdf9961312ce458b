# SPDX-License-Identifier: BSD-3-Clause
"""A person at a terminal: the Lua prompt and the SQLite shell."""
import os
import pty
import select
import signal
import subprocess
import termios
import time

from tests.runner.box import EFT, ENVIRONMENT, kill_group, program
from tests.runner.case import Cases, check, Failure

cases = Cases("image")

DELETE, END_OF_FILE, INTERRUPT, QUIT = "\x7f", "\x04", "\x03", "\x1c"


def heed_keys():
    """As at a terminal, though the tests may run in the background."""
    for key in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        signal.signal(key, signal.SIG_DFL)


class Terminal:
    """A pseudo-terminal with a command at its other end."""

    def __init__(self, box, *command):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (25, 80))
        self.child = subprocess.Popen(
            ["setsid", "--ctty", *(str(word) for word in command)],
            stdin=slave, stdout=slave, stderr=slave, cwd=box.dir,
            preexec_fn=heed_keys, env={**ENVIRONMENT, "TERM": "xterm"})
        os.close(slave)
        self.seen = ""      # not yet expected
        self.log = ""       # all that came

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill_group(self.child.pid)
        self.child.wait()
        if self.master is not None:
            os.close(self.master)

    def hang_up(self):
        """Until the command has ended of it."""
        os.close(self.master)
        self.master = None
        self.child.wait(60)

    def read(self, deadline):
        """More text; False at the end of it."""
        ready, _, _ = select.select([self.master], [], [],
                                    max(0, deadline - time.monotonic()))
        if not ready:
            raise Failure(f"no answer in time; so far:\n{self.log!r}")
        try:
            text = os.read(self.master, 65536).decode(errors="replace")
        except OSError:
            return False
        text = text.replace("\r", "")    # one more of a guest's than else
        self.seen += text
        self.log += text
        return True

    def expect(self, text, seconds=30):
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            if not self.read(deadline):
                raise Failure(f"ended before {text!r}:\n{self.log!r}")
        self.seen = self.seen.split(text, 1)[1]

    def send(self, text):
        os.write(self.master, text.encode())

    def end(self, status, seconds=30):
        deadline = time.monotonic() + seconds
        while self.read(deadline):
            pass
        found = self.child.wait(max(1, deadline - time.monotonic()))
        found = found if found >= 0 else 128 - found
        check(found == status,
              f"status {found}, wanted {status}:\n{self.log!r}")


@cases.on("process", "microvm", "pc")
def lua_prompt(box, where):
    with Terminal(box, EFT, "run", "--on", where, "lua") as lua:
        lua.expect("> ")
        lua.send("6 * 7\r")
        lua.expect("6 * 7\n42\n> ")
        lua.send("print(1x" + DELETE + " + 1)\r")
        lua.expect("\b \b + 1)\n2\n> ")
        lua.send("for i = 1, 2 do\rprint('line ' .. i) end\r")
        lua.expect("line 1\nline 2\n> ")
        lua.send("nonsense(\x15print('killed')\r")
        lua.expect("killed\n> ")
        lua.send("io.read()\rgiven\r")
        lua.expect("given\ngiven\n> ")
        lua.send(END_OF_FILE)
        lua.end(0)


@cases.on("process", "microvm", "pc")
def sqlite_prompt(box, where):
    with Terminal(box, EFT, "run", "--on", where, "sqlite3") as sqlite:
        sqlite.expect("sqlite> ")
        sqlite.send("select 6 * 7;\r")
        sqlite.expect("\n42\n")
        sqlite.expect("sqlite> ")
        sqlite.send("create table t(x); insert into t values(1),(2);\r")
        sqlite.expect("sqlite> ")
        sqlite.send("select count(*),\r")
        sqlite.expect("   ...> ")
        sqlite.send("sum(x) from t;\r")
        sqlite.expect("2|3\n")
        sqlite.expect("sqlite> ")
        sqlite.send("selekt" + 2 * DELETE + "ct 'erased';\r")
        sqlite.expect("\nerased\n")
        sqlite.expect("sqlite> ")
        sqlite.send(END_OF_FILE)
        sqlite.end(0)


@cases.on("process", "microvm")
def interrupt(box, where):
    """^C at a prompt ends the program as a shell expects."""
    with Terminal(box, EFT, "run", "--on", where, "lua") as lua:
        lua.expect("> ")
        lua.send("1 + 1\r")
        lua.expect("2\n> ")
        lua.send(INTERRUPT)
        lua.end(130)


def unread(box, where, *way):
    where, *cpus = where.split(" cpus=")
    name = "unread" if way else "unheard"
    return Terminal(box, EFT, "run", "--on", where, "--cpus", *cpus or "1",
                    program(name), *way)


@cases.on("process", "microvm", "microvm cpus=2", "pc")
def keys_end_what_does_not_read(box, where):
    """^C and ^\\ end a program that does not read its terminal, a second ^C
    one that ignores it."""
    for key, status in (INTERRUPT, 130), (QUIT, 131):
        for way in [], ["loop"], ["sleep"], ["print"], ["pause"], ["read"]:
            with unread(box, where, *way) as waiting:
                waiting.expect("ready\n")
                waiting.send(key)
                waiting.end(status)
    with unread(box, where, "handle") as handles:
        handles.expect("ready\n")
        handles.send(INTERRUPT)
        handles.expect("handled\n")
        handles.end(3)


@cases.on("microvm", "q35")
def second_key_ends_the_machine(box, where):
    """What ignores ^C is ended by a second one within a second."""
    with unread(box, where, "ignore") as ignores:
        ignores.expect("ready\n")
        ignores.send(INTERRUPT)
        ignores.expect("^C")    # its terminal shows it, and it goes on
        time.sleep(1.1)
        ignores.send(INTERRUPT)
        ignores.expect("^C")
        ignores.send(INTERRUPT)
        ignores.expect("the second ^C within a second")
        ignores.end(130)


@cases.on("process", "microvm", "microvm --core")
def sigterm_ends_it(box, where):
    """So does SIGTERM to `eft run`, with a terminal and without."""
    where, *core = where.split()
    core = ["--core", str(box.dir / "core")] if core else []
    for way in "loop", "pause":
        with Terminal(box, EFT, "run", "--on", where, *core,
                      program("unread"), way) as waiting:
            waiting.expect("ready\n")
            os.kill(waiting.child.pid, signal.SIGTERM)
            waiting.end(143)
        waiting = subprocess.Popen(
            [EFT, "run", "--on", where, *core, program("unread"), way],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=box.dir,
            env=ENVIRONMENT, start_new_session=True)
        try:
            check(waiting.stdout.read(6) == b"ready\n", "it did not begin")
            waiting.terminate()
            check(waiting.wait(30) in (143, -signal.SIGTERM),
                  f"status {waiting.returncode}, wanted 143")
        finally:
            kill_group(waiting.pid)
            waiting.stdout.close()


@cases.on("process", "microvm")
def error_at_the_prompt(box, where):
    with Terminal(box, EFT, "run", "--on", where, "lua") as lua:
        lua.expect("> ")
        lua.send("error('oh')\r")
        lua.expect("oh\n")
        lua.expect("> ")
        lua.send("os.exit(7)\r")
        lua.end(7)


# What is typed at a line of terminal_modes.c: a part at a time.
TYPED = {"TIME, a?": ["a"], "MIN 3, ab c?": ["ab", "c"],
         "MIN 3, len 2, ab?": ["ab"], "MIN 3 TIME, ab?": ["ab"],
         "MIN 2, abc?": ["abc"], "MIN 255, a?": ["a"]}

ANSWERS = """\
MIN 0: poll 0
TIME: poll 0
MIN 0?
MIN 0: 0 ''
TIME?
TIME: 0 ''
waited, others ran
TIME, a?
TIME, a: 1 'a'
in time
MIN 3, ab c?
MIN 3, ab c: 3 'abc'
MIN 3, len 2, ab?
MIN 3, len 2, ab: 2 'ab'
MIN 3 TIME, ab?
MIN 3 TIME, ab: 2 'ab'
waited
MIN 2, abc?
MIN 2, abc: 2 'ab'
MIN 1, rest?
MIN 1, rest: 1 'c'
O_NONBLOCK, MIN 0?
O_NONBLOCK, MIN 0: 0 ''
O_NONBLOCK, TIME?
O_NONBLOCK, TIME: Resource temporarily unavailable
O_NONBLOCK, MIN 2?
O_NONBLOCK, MIN 2: Resource temporarily unavailable
MIN 255, a?
MIN 255, a: 1 'a'
three parts
12 bytes
"""


@cases.on("host", "process", "process uring=off", "process cpus=2", "microvm")
def terminal_modes(box, where):
    """VMIN and VTIME, each 0 or not."""
    if where == "host":
        command = [program("terminal_modes.host")]
    elif where == "microvm":
        command = [EFT, "run", "--on", where, program("terminal_modes")]
    else:
        command = ["env", f"EFT={where.removeprefix('process').strip()}",
                   program("terminal_modes")]
    with Terminal(box, *command) as terminal:
        for line in ANSWERS.splitlines():
            terminal.expect(line + "\n")
            for part in TYPED.get(line, []):
                terminal.send(part)
                time.sleep(0.05)    # parts are two arrivals
        terminal.end(0)
