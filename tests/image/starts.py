# SPDX-License-Identifier: BSD-3-Clause
"""How a program starts and ends: status, arguments, environment, input."""
import subprocess
import sys
import time

from tests.runner.box import ENVIRONMENT, program, ROOT
from tests.runner.case import Cases, check, Failure, PLATFORMS

cases = Cases("image")

ARGUMENTS = ["--", "two words", "", " ", "it's", 'say "hi"', "back\\slash",
             "$HOME", "`id`", "*", "-x", "key=value", "mem=1", "über ∞",
             "console=ttyS0", "nomodule", "i8042.noaux", "root=/dev/vda", "ro",
             "tab\there", "line\nbreak", "--", "'", '"', "\\"]

INPUTS = {
    "nothing": b"",
    "a line": b"one line\n",
    "no end of line": b"first\nsecond",
    "an empty line": b"\n\n\nx\n",
    "any byte but ^C and ^D": bytes(b for b in range(256) if b not in (3, 4)),
    "many lines": b"".join(b"line %d of many\n" % n for n in range(800)),
    "a long line": b"x" * 3000 + b"\n",
}


URING = "425,426,427"  # io_uring's system calls


def expect(result, status, out=None):
    check(result.status == status, f"wanted status {status}\n{result}")
    if out is not None:
        check(result.out == out, f"wanted output {out!r}\n{result}")


@cases.on(*PLATFORMS)
def exit_status(box, where):
    for status in (0, 1, 42, 127, 128, 200, 255):
        result = box.eft_run(where, program("exit_status"), status)
        expect(result, status, b"")
        check(result.err == b"", str(result))


@cases.on(*PLATFORMS)
def arguments(box, where):
    result = box.eft_run(where, program("echo_args"), *ARGUMENTS)
    wanted = "".join(f"[{word}]\n" for word in ARGUMENTS)
    expect(result, 0, f"{wanted}GREETING=(unset)\n".encode())


@cases.on("process")
def under_limits(box, where):
    for limit in ("-f 100", "-v 200000"):
        expect(box.run(["sh", "-c", f'ulimit {limit}; exec "$0" 7',
                        program("exit_status")]), 7)


@cases.on("process", "microvm")
def many_arguments(box, where):
    words = [f"argument-{n}" for n in range(60)]
    result = box.eft_run(where, program("echo_args"), *words)
    wanted = "".join(f"[{word}]\n" for word in words)
    expect(result, 0, f"{wanted}GREETING=(unset)\n".encode())


@cases.on(*PLATFORMS)
def environment(box, where):
    for value in ("hello", "", "two words", "it's", 'a "b" \\ $c', "∞"):
        result = box.eft_run(where, program("echo_args"),
                             flags=["--set", f"env.GREETING={value}"])
        expect(result, 0, f"GREETING={value}\n".encode())


@cases.case
def environment_of_a_process(box):
    """As any program's: the caller's; EFT itself is not the program's."""
    result = box.run([program("echo_args")],
                     env={"GREETING": "from outside", "EFT": "log=error"})
    expect(result, 0, b"GREETING=from outside\n")


@cases.on(*PLATFORMS)
def input_from_a_pipe(box, where):
    for what, data in INPUTS.items():
        result = box.eft_run(where, program("cat_stdin"), stdin=data)
        check(result.status == 0 and result.out == data,
              f"{what}: {len(data)} bytes in, {len(result.out)} out\n{result}")


@cases.on(*PLATFORMS)
def input_from_null(box, where):
    expect(box.eft_run(where, program("cat_stdin")), 0, b"")


@cases.case
def input_from_a_file(box):
    path = box.dir / "input"
    path.write_bytes(INPUTS["many lines"])
    command = f'exec "{program("cat_stdin")}" <"{path}"'
    expect(box.run(["sh", "-c", command]), 0, INPUTS["many lines"])


def slow_pipe(box, command, env=None):
    """Lines that come one by one are answered one by one."""
    child = subprocess.Popen(
        [str(word) for word in command], cwd=box.dir, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env={**ENVIRONMENT, **(env or {})},
        start_new_session=True)
    try:
        for line in (b"first\n", b"second\n", b"third\n"):
            time.sleep(0.1)
            child.stdin.write(line)
            child.stdin.flush()
            answer = child.stdout.readline()
            check(answer == line, f"{line!r} in, {answer!r} out")
        child.stdin.close()
        status = child.wait(timeout=30)
        check(status == 0, f"status {status}")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@cases.case
def input_line_by_line(box):
    slow_pipe(box, [program("cat_stdin")])


@cases.case
def input_with_uring_off(box):
    slow_pipe(box, [program("cat_stdin")], {"EFT": "uring=off"})


@cases.case
def input_with_uring_forbidden(box):
    """As in many containers: a seccomp filter answers EPERM."""
    slow_pipe(box, [sys.executable, ROOT / "tests/image/refusing", URING,
                    program("cat_stdin")])


@cases.case
def everything_with_uring_forbidden(box):
    result = box.run([sys.executable, ROOT / "tests/image/refusing", URING,
                      program("stdio_files")])
    check(result.status == 0, str(result))


@cases.on("process", "microvm")
def output_closed_early(box, where):
    """A reader that has enough ends neither of them in a hang."""
    command = (f'"{ROOT}/eft" run --on {where} "{program("echo_args")}" '
               "one two | head -n 1")
    expect(box.run(["sh", "-c", command]), 0, b"[one]\n")


@cases.case
def printed_command_runs(box):
    """--print shows a command line that does the same."""
    for where in ("process", "microvm"):
        line = box.eft_run(where, program("echo_args"), "it's", "b c",
                           flags=["--print"])
        expect(line, 0)
        result = box.run(["sh", "-c", line.text], stdin=b"\4\4")
        check(b"[it's]\n[b c]\n" in result.out, f"{line}\n{result}")


@cases.case
def help_and_mistakes(box):
    for words in (["-h"], ["run", "-h"], ["build", "-h"], ["test", "-h"],
                  ["bench", "-h"], ["demo", "--help"]):
        result = box.run([ROOT / "eft", *words])
        check(result.status == 0 and "usage:" in result.text, str(result))
    for words, named in ((["nonsense"], "nonsense"),
                         (["run", "--nonsense", "hello"], "--nonsense"),
                         (["run", "--on", "toaster", "hello"], "toaster"),
                         (["run", "--mem", "much", "hello"], "much"),
                         (["run", "--cpus", "0", "hello"], "0"),
                         (["run", "--set", "plain", "hello"], "plain"),
                         (["run", "--fs", "/no/where", "hello"], "/no/where"),
                         (["run", "no-such-image"], "no-such-image"),
                         (["run"], "image"), (["build", "x"], "x")):
        result = box.run([ROOT / "eft", *words])
        if result.status in (0, 125) or named not in result.errors:
            raise Failure(str(result))
