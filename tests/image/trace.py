# SPDX-License-Identifier: BSD-3-Clause
"""Tracing: strace's lines, files of events, what they are made into."""
import json
import os
import re
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

from tests.image.starts import expect
from tests.runner.box import (app, EFT, ENVIRONMENT, kill_group, program,
                               ROOT)
from tests.runner.case import Cases, check, Skip
from tools.see.arguments import image_of

cases = Cases("trace")


# --- trace=syscall ------------------------------------------------------------

def calls_between(text):
    """The lines from one rmdir to the other, without what differs: addresses,
    the blanks before a result, strace's remarks on times."""
    lines = re.search(r'rmdir\("begin"\).*?\n(.*?)rmdir\("end"\)', text,
                      re.DOTALL)
    check(lines is not None, f"no traced calls\n{text}")
    text = re.sub(r"0x[0-9a-f]{5,}", "ADDRESS", lines.group(1))
    text = re.sub(r" /\* \d{4}-\S* \*/", "", text)
    return re.sub(r"\) += ", ") = ", text).splitlines()


def differences(wanted, got):
    return "\n".join(f"strace: {a}\neft:    {b}"
                     for a, b in zip(wanted, got) if a != b)


@cases.on("process", "microvm")
def as_strace(box, where):
    """The truth is strace, on the same program for plain Linux."""
    (box.dir / "host").mkdir()
    truth = box.run(["strace", "-o", box.temp / "truth",
                     program("traced.host")], cwd=box.dir / "host")
    expect(truth, 3)
    wanted = calls_between((box.temp / "truth").read_text())
    flags = ["--set", "trace=syscall"]
    if where != "process":
        (box.dir / "root").mkdir()
        flags += ["--fs", "root"]
    result = box.eft_run(where, program("traced"), flags=flags)
    expect(result, 3)
    got = calls_between(result.errors + result.text)
    check(wanted == got, f"{len(wanted)} calls, {len(got)} of them here\n" +
          differences(wanted, got))
    check(len(wanted) > 60, "too few calls to say anything")


@cases.on("process", "microvm")
def signals_and_the_end(box, where):
    result = box.eft_run(where, program("traced"),
                         flags=["--set", "trace=syscall"])
    text = result.errors + result.text
    check(re.search(r"^--- SIGUSR1 \{si_signo=SIGUSR1, si_code=SI_USER, "
                    r"si_pid=\d+, si_uid=\d+\} ---$", text, re.MULTILINE),
          str(result))
    check(re.search(r"^exit_group\(3\) +=.*\?\n\+\+\+ exited with 3 \+\+\+$",
                    text, re.MULTILINE), str(result))


@cases.on("process", "microvm")
def a_crash(box, where):
    result = box.eft_run(where, program("null_deref"),
                         flags=["--set", "trace=syscall"])
    check(re.search(r"^--- SIGSEGV \{si_signo=SIGSEGV, si_code=SEGV_MAPERR, "
                    r"si_addr=(NULL|0x\w{1,3})\} ---\n\+\+\+ killed by SIGSEGV "
                    r"\+\+\+$", result.errors + result.text, re.MULTILINE),
          str(result))


@cases.case
def unknown_call(box):
    result = box.run([program("unknown_syscall")],
                     env={"EFT": "trace=syscall"})
    expect(result, 0)
    check(re.search(r"^syscall_0x270f\(\) += -1 ENOSYS \(Function not "
                    r"implemented\)$", result.errors, re.MULTILINE),
          str(result))


@cases.on("process", "microvm")
def times(box, where):
    result = box.eft_run(where, "hello", flags=["--set", "trace=syscall,time"])
    expect(result, 0)
    check(re.search(r"^ +\d+\.\d{6} set_tid_address\(0x\w+\) += \d+ "
                    r"<\d+\.\d{6}>$", result.errors + result.text,
                    re.MULTILINE), str(result))


@cases.case
def plain_process(box):
    """By the variable alone, without any tool of ours."""
    result = box.run([app("hello")], env={"EFT": "trace=syscall"})
    expect(result, 0, b"Hello from Eft! argc is 1.\n")
    check('writev(1, [{iov_base="Hello from Eft! argc is 1", iov_len=25}' in
          result.errors, str(result))


@cases.case
def threads(box):
    result = box.run([program("threads_preempt")],
                     env={"EFT": "trace=syscall cpus=2"})
    expect(result, 0)
    for line in (r"^\[pid +\d+\] .*<unfinished \.\.\.>$",
                 r"^\[pid +\d+\] <\.\.\. futex resumed>\) += 0$"):
        check(re.search(line, result.errors, re.MULTILINE), str(result))


@cases.on("process", "microvm")
def bad_words(box, where):
    for words, named in {"syscall,loud": "loud", "": "trace",
                         "/no/such/folder/file": "/no/such/folder/file",
                         "a.json,b.json": "b.json"}.items():
        result = box.eft_run(where, "hello", flags=["--set", f"trace={words}"])
        check(result.status == 2 and named in result.errors + result.text,
              f"trace={words}\n{result}")


@cases.case
def no_tracer(box):
    """A stripped image whose debug file is away says so."""
    (box.dir / "alone").write_bytes(app("hello").read_bytes())
    (box.dir / "alone").chmod(0o755)
    result = box.run(["./alone"], env={"EFT": "trace=syscall"})
    check(result.status == 2 and "trace=syscall: no tracer" in result.errors,
          str(result))
    expect(box.run(["./alone"], env={"EFT": "trace=off"}), 0,
           b"Hello from Eft! argc is 1.\n")


# --- trace=FILE ---------------------------------------------------------------

def events_of(path):
    return json.loads(path.read_text())


def named(events, name, phase="B"):
    return [e for e in events if e["name"] == name and e["ph"] == phase]


def check_pairs(events, may_lose=False):
    """On each track what begins ends, in the order of time."""
    lost = [event["args"]["events"] for event in events
            if event["name"] == "lost"]
    check(may_lose or not lost, f"{lost} events are lost")
    if lost:
        return
    open_by_track = {}
    for event in sorted((e for e in events if e["ph"] in "BE"),
                        key=lambda e: e["ts"]):
        track = event["pid"], event["tid"]
        depth = open_by_track.get(track, 0) + (
            1 if event["ph"] == "B" else -1)
        check(depth >= 0, f"ends without having begun: {event}")
        open_by_track[track] = depth


@cases.on("process", "microvm", "q35", "pc")
def events(box, where):
    result = box.eft_run(where, program("threads_preempt"), timeout=120,
                         flags=["--cpus", "2", "--set", "trace=out.json"])
    expect(result, 0)
    events = events_of(box.dir / "out.json")
    check_pairs(events)
    write = named(events, "writev")[0]
    check(write["args"]["first"] == "0x1" and write["cat"] == "call",
          str(write))
    names = {(e["tid"], e["args"]["name"]) for e in
             named(events, "thread_name", "M")}
    check({(1, "main"), (2, "spin"), (3, "spin"), (5, "sum")} <= names,
          f"{names}")
    check(named(events, "timer"), "no interrupts")
    check(named(events, "wake-up", "i"), "no wake-ups")
    check(named(events, "exit", "i"), "no end")
    check({e["tid"] for e in events
           if e["ph"] == "X" and e["name"].startswith("thread ")} == {0, 1},
          "not both CPUs' switches")
    io = "host write" if where == "process" else "console"
    check(named(events, io), "no I/O")
    if where != "process":
        check(named(events, "page fault"), "no page faults")


@cases.on("process", "microvm")
def many_cpus(box, where):
    """In little memory."""
    result = box.eft_run(where, program("threads_preempt"), timeout=200, flags=[
        "--cpus", "16", "--mem", "64M", "--set", "trace=out.json"])
    expect(result, 0)
    names = {e["args"]["name"] for e in
             named(events_of(box.dir / "out.json"), "thread_name", "M")}
    check({"CPU 0", "CPU 15"} <= names, str(names))


@cases.on("process", "microvm")
def events_of_a_crash(box, where):
    result = box.eft_run(where, program("null_deref"),
                         flags=["--set", "trace=out.json"])
    check(result.status == 139, str(result))
    events = events_of(box.dir / "out.json")
    check(named(events, "page fault") and
          named(events, "crash", "i")[0]["args"]["status"] == 139,
          str(events[-3:]))


@cases.on("process", "microvm")
def both_at_once(box, where):
    result = box.eft_run(where, "hello",
                         flags=["--set", "trace=syscall,out.json"])
    expect(result, 0)
    check("+++ exited with 0 +++" in result.errors + result.text, str(result))
    check(named(events_of(box.dir / "out.json"), "writev"), "no call")


@cases.on("process", "microvm")
def events_of_one_that_is_killed(box, where):
    """The file is whole all the same, with what was written by then."""
    path = box.dir / "out.json"
    command = [EFT, "run", "--on", where, "--set", f"trace={path}",
               program("sleepless")]
    child = subprocess.Popen([str(word) for word in command], cwd=box.dir,
                             stdout=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL, start_new_session=True,
                             env={**os.environ, **ENVIRONMENT})
    try:
        end = time.monotonic() + 60
        while not path.exists() or path.stat().st_size < 20000:
            check(child.poll() is None and time.monotonic() < end,
                  "no events come")
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL if where == "process"
                          else signal.SIGTERM)
        child.wait(timeout=30)
    finally:
        kill_group(child.pid)
    check(len(named(events_of(path), "nanosleep")) > 20, "few events")


@cases.on("microvm", "pc")
def without_eft_run(box, where):
    """QEMU by hand, as docs/tracing.md has it."""
    debug = app("hello").with_suffix(".debug")
    expect(box.run(["objcopy", "--dump-section", ".debug_eft_tracer=tracer",
                    debug, "/dev/null"]), 0)
    result = box.qemu(where, app("hello"),
                      options="tty=plain trace=syscall,x.json", flags=[
        "-fw_cfg", "name=opt/eft/tracer,file=tracer",
        "-device", "isa-debugcon,iobase=0xea,chardev=trace",
        "-chardev", "file,id=trace,path=x.json"])
    expect(result, 0)
    check("exited with 0" in result.text, str(result))
    events = json.loads((box.dir / "x.json").read_text() + "]")
    check(named(events, "writev"), "no call")
    # Without the second console nobody takes the events.
    result = box.qemu(where, app("hello"), options="trace=x.json", flags=[
        "-fw_cfg", "name=opt/eft/tracer,file=tracer"])
    check(result.status == 2 and "No such device" in result.text, str(result))


# Programs whose threads, signals and sleeps meet the tracer in many ways.
BUSY = ["signal_threads", "pipe_threads", "futex_requeue_pi", "unix_stream",
        "epoll_threads", "timerfd_threads", "cancel_points", "signal_stack",
        "pthread_cond", "threads_preempt"]


@cases.on("process", "microvm")
def nothing_else_changes(box, where):
    """Traced in both ways, on two CPUs, programs do what they do."""
    for name in BUSY if where == "process" else BUSY[:4]:
        host = box.run([program(name + ".host")])
        result = box.eft_run(where, program(name), timeout=120, flags=[
            "--cpus", "2", "--set", "trace=out.json"])
        expect(result, host.status, host.out)
        # They make more events in a moment than a ring holds.
        check_pairs(events_of(box.dir / "out.json"), may_lose=True)
        result = box.eft_run("process", program(name), flags=[
            "--cpus", "2", "--set", "trace=syscall"])
        expect(result, host.status, host.out)


@cases.case
def flags_with_a_value(box):
    """Who looks for the image behind the flags knows which have a value."""
    text = (ROOT / "tools/run").read_text().replace("\\\n", "")
    flags = re.search(r"^\t(--on \|[^)]*)\)", text, re.MULTILINE)
    check(flags, "no flags in tools/run")
    for flag in flags[1].replace("|", " ").split():
        check(image_of([flag, "value", "image", "argument"]) == "image", flag)


# --- What they are made into --------------------------------------------------

def check_readable(root):
    """Dark text on pale fills, none of it cut at an edge."""
    width = float(root.get("width"))
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        fill = element.get("fill", "")
        lightness = re.fullmatch(r"hsl\(.*, (\d+)%\)", fill)
        if kind == "rect" and lightness:
            check(int(lightness[1]) >= 75, f"a dark fill: {fill}")
        if kind != "text" or not element.text:
            continue
        check(fill in ("#111", "#555", "#25c"), f"pale text: {element.text}")
        wide = len(element.text) * float(element.get("font-size")) * 0.6
        left = float(element.get("x")) - wide * {
            "start": 0, "middle": 0.5, "end": 1}[
                element.get("text-anchor", "start")]
        check(left >= 0 and left + wide <= width + 8,
              f"cut at an edge: {element.text}")


def check_picture(box, path, *texts):
    """It is XML, says (texts), and can be drawn."""
    root = xml.parse(path).getroot()
    said = " ".join(e.text or "" for e in root.iter())
    for text in texts:
        check(text in said, f"no {text} in {path}:\n{said[:2000]}")
    check(int(root.get("height")) > 40, "no height")
    check_readable(root)
    result = box.run(["rsvg-convert", "-o", box.temp / "drawn.png", path])
    expect(result, 0)
    check((box.temp / "drawn.png").read_bytes().startswith(b"\x89PNG"),
          "not drawn")


@cases.on("process", "microvm")
def eft_trace(box, where):
    result = box.run([EFT, "trace", "--on", where, "--json", "kept.json",
                      program("traced")])
    expect(result, 3)
    for line in (r"^% time +seconds +usecs/call +calls +errors syscall$",
                 r"^ +\d+\.\d\d +\d+\.\d{6} +\d+ +2 +2 rmdir$",
                 r"^100\.00 +\d+\.\d{6} +\d+ +\d\d+ +\d+ total$",
                 r"\d+ switches.*; \d+\.\d{3} ms in all$"):
        check(re.search(line, result.errors, re.MULTILINE), str(result))
    check_picture(box, box.dir / "trace.svg", "boot", "program", "CPU 0",
                  "nanosleep", "the calls that took longest")
    check(named(events_of(box.dir / "kept.json"), "mmap"), "nothing kept")


def check_profile(box, where, *args, rounds, calls="0"):
    result = box.run([EFT, "profile", "--on", where, "--folded", "folded",
                      *args, program("profiled"), rounds, calls], timeout=120)
    expect(result, 0)
    counts = {}
    for line in (box.dir / "folded").read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        names = stack.split(";")
        counts[names[-1]] = counts.get(names[-1], 0) + int(count)
        if names[-1] == "hot":
            check("main" in names, f"main is not above hot: {stack}")
        if names[-1] == "mix":
            check(names[-2] == "cool", f"cool is not above mix: {stack}")
        hidden = {"_start", "eft_thread_trampoline", "eft_dispatch", "start"}
        check(not hidden & set(names), f"a way to somewhere: {stack}")
    whole = sum(counts.values())
    check(whole >= 10 and counts.get("hot", 0) > whole / 2,
          f"hot is not what takes the time: {counts}\n{result}")
    check(counts.get("mix"), f"nothing of what is in line: {counts}\n{result}")
    check_picture(box, box.dir / "profile.svg", "hot", "main", "thread main",
                  "search", "show all", "addEventListener")


@cases.case
def profile_of_a_guest(box):
    check_profile(box, "microvm", rounds="4000")


def need_perf(box):
    result = box.run(["perf", "record", "-q", "-e", "cpu-clock:u", "-o",
                      box.temp / "trial", "true"])
    if result.status != 0 and re.search(r"[Pp]ermi(tted|ssion)|paranoid",
                                        result.errors):
        raise Skip("the host forbids perf_event_open: " +
                   result.errors.strip().splitlines()[0])
    expect(result, 0)


@cases.case
def profile_of_a_process(box):
    need_perf(box)
    check_profile(box, "process", rounds="10000")


@cases.case
def perf(box):
    """Without any tool of ours, on a stripped image with its debug file."""
    need_perf(box)
    expect(box.run([ROOT / "tools/split-debug", program("profiled"), "small"]),
           0)
    (box.dir / "small").chmod(0o755)
    expect(box.run(["perf", "record", "-q", "-g", "-e", "cpu-clock:u", "-F",
                    "2000", "-o", "data", "./small", "4000", "200000"]), 0)
    report = box.run(["perf", "report", "-i", "data", "--stdio", "--no-children",
                      "-g", "caller"]).text
    check(re.search(r" small +\[\.\] hot\b", report) and
          re.search(r"\bmain\b", report), f"no hot and main\n{report}")
    check(re.search(r" small +\[\.\] eft_\w+", report),
          f"nothing of the libOS\n{report}")
    notes = box.run(["readelf", "-n", "small"]).text
    ids = box.run(["perf", "buildid-list", "-i", "data"]).text
    build_id = re.search(r"Build ID: (\w+)", notes).group(1)
    check(build_id in ids, f"{build_id} is not in\n{ids}")
