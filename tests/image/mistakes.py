# SPDX-License-Identifier: BSD-3-Clause
"""What goes wrong for a newcomer: it is said in words that name the thing and
what to do about it, at once, and nothing is run."""
import os
import re
import shutil
import time

from tests.image.interactive import Terminal
from tests.runner.box import app, EFT, program, ROOT
from tests.runner.case import Cases, check

cases = Cases("image")

RUNS = {
    "run": ["run"], "run microvm": ["run", "--on", "microvm"],
    "gdb": ["gdb", "-batch"], "gdb microvm": ["gdb", "--on", "microvm", "-batch"],
    "valgrind": ["valgrind", "-q"],
    "trace": ["trace"], "trace microvm": ["trace", "--on", "microvm"],
    "profile": ["profile"], "profile microvm": ["profile", "--on", "microvm"],
}

WORDS = {"gdb": "eft gdb: ", "valgrind": "eft valgrind: "}


def said(result, *words, status=2):
    """By one line that has all these words."""
    lines = result.errors.splitlines()
    check(result.status == status and result.out == b"" and len(lines) == 1 and
          all(word in lines[0] for word in words), str(result))


@cases.on(*RUNS)
def no_image(box, how):
    (box.dir / "script").write_text("#!/bin/sh\necho ran\n")
    (box.dir / "script").chmod(0o755)
    (box.dir / "text").write_text("some text\n")
    (box.dir / "empty").touch()
    (box.dir / "folder").mkdir()
    shutil.copy("/bin/true", box.dir / "true")
    shutil.copy(app("hello"), box.dir / "plain")
    (box.dir / "plain").chmod(0o644)
    for name, word in {"script": "script", "text": "no ELF", "empty": "empty",
                       "folder": "folder", "true": "host's"}.items():
        said(box.run([EFT, *RUNS[how], f"./{name}"]), name,
             "not an Eft image", word, WORDS.get(how.split(" ")[0], "eft run: "))
    said(box.run([EFT, *RUNS[how], "./plain"]), "chmod +x ./plain")
    said(box.run([EFT, *RUNS[how], "./absent"]), "./absent")


@cases.on("process", "microvm")
def no_such_cpus(box, where):
    """The limit is the libOS's."""
    text = (ROOT / "core/thread.h").read_text()
    limit = re.search(r"EFT_CPUS_MAX = (\d+)", text)[1]
    for cpus in ("0", "00", "300", str(int(limit) + 1)):
        said(box.eft_run(where, "hello", flags=["--cpus", cpus]),
             f"--cpus {cpus}", f"1 to {limit} ")
    said(box.eft_run(where, "hello", flags=["--cpus", "two"]), "--cpus two")
    result = box.eft_run("process", "hello", flags=["--cpus", limit])
    check(result.status == 0, str(result))


@cases.case
def files_beyond_the_memory(box):
    (box.dir / "files").mkdir()
    (box.dir / "files/large").write_bytes(bytes(20 << 20))
    for mem, fits in (("16M", False), ("20M", False), ("32M", True)):
        result = box.eft_run("microvm", "hello",
                             flags=["--mem", mem, "--fs", "files"])
        if fits:
            check(result.status == 0, str(result))
        else:
            said(result, "--fs files", "21M", mem)


# Without all of a /dev but what a shell needs, and perhaps with a /dev/kvm that
# even root may not open where it has no capabilities.
OWN_DEV = """
mkdir dev
mount -t tmpfs dev dev
touch dev/null
mount --bind /dev/null dev/null
[ "$1" = none ] || { touch dev/kvm; chmod 0 dev/kvm; }
mount --rbind dev /dev
shift
exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"
"""


@cases.case
def no_kvm(box):
    check(os.getuid() == 0, "only root may mount")
    for kvm, words in (("none", ("no /dev/kvm", "--accel tcg")),
                       ("forbidden", ("may not use /dev/kvm", "usermod -aG"))):
        work = box.dir / kvm
        work.mkdir()
        said(box.run(["unshare", "--mount", "sh", "-ec", OWN_DEV, "sh", kvm,
                      EFT, "run", "--on", "microvm", "--accel", "kvm",
                      "hello"], cwd=work), *words)


@cases.case
def no_network(box):
    """What is missing is named, and where it goes: at once, not after each
    mirror has not answered."""
    for name in ("tools", "subprojects"):
        (box.dir / name).mkdir()
    shutil.copy(ROOT / "tools/fetch", box.dir / "tools")
    wraps = list((ROOT / "subprojects").glob("*.wrap"))
    for wrap in wraps:
        shutil.copy(wrap, box.dir / "subprojects")
    start = time.monotonic()
    result = box.run(["unshare", "--net", box.dir / "tools/fetch"])
    took = time.monotonic() - start
    check(result.status == 1 and took < 30, f"{took:.0f} s\n{result}")
    check(f"{box.dir}/subprojects/packagecache" in result.errors, str(result))
    for wrap in wraps:
        for key in ("source_filename", "source_hash", "source_url"):
            value = re.search(rf"^{key} *= *(.*)", wrap.read_text(), re.M)[1]
            check(value in result.errors, f"{value}\n{result}")


STUBS = {
    "id": 'case $1 in -u) echo ${AS:-1000} ;; *) exec /usr/bin/id "$@" ;; esac',
    "dpkg-query": 'echo "installed gcc"',
    "sudo": 'echo "sudo $*" >>asked',
    "apt-get": 'echo "apt-get $*" >>asked',
}


def commands(box, *stubs):
    """A folder of the commands of /bin and /usr/bin that the host needs, and of
    these (stubs)."""
    folder = box.temp / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("sh", "awk", "dirname", "sed", "grep", "ls", "env", "cat"):
        (folder / name).symlink_to(shutil.which(name))
    for name in stubs:
        (folder / name).write_text(f"#!/bin/sh\n{STUBS[name]}\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


NEED = [ROOT / "tools/need", "build"]


@cases.case
def no_packages_by_dpkg(box):
    """On another Linux: what is missing is named, by command."""
    result = box.run(NEED, env=commands(box))
    check(result.status == 1 and "no dpkg" in result.errors and
          re.search(r"^  ninja-build +builds Eft$", result.errors, re.M) and
          "linux-libc-dev" not in result.errors, str(result))
    env = commands(box, "dpkg-query")
    result = box.run(NEED, env=env)
    check(result.status == 1 and "  meson " in result.errors and
          "  gcc " not in result.errors, str(result))


@cases.case
def nobody_is_asked(box):
    """Without a terminal sudo is not used, and the command is shown."""
    env = commands(box, "id", "dpkg-query", "sudo", "apt-get")
    result = box.run(NEED, env=env)
    check(result.status == 1 and not (box.dir / "asked").exists() and
          "sudo apt-get install" in result.errors and
          " meson" in result.errors, str(result))
    check(box.run(NEED, env={**env, "AS": "0"}).status == 0, "as root")
    check("apt-get install" in (box.dir / "asked").read_text(), "not installed")


@cases.case
def sudo_is_asked_for(box):
    env = commands(box, "id", "dpkg-query", "sudo", "apt-get")
    words = ["env", f"PATH={env['PATH']}", *NEED]
    for answer, done in (("n", False), ("", False), ("y", True)):
        with Terminal(box, *words) as user:
            user.expect("by sudo? [y/N] ")
            user.send(answer + "\r")
            user.end(0 if done else 1)
        check((box.dir / "asked").exists() == done, user.log)


@cases.case
def folders_that_make_takes_apart(box):
    for name, odd in (("two words", " "), ("a,b", ","), ("x=y", "="),
                      ("$HOME", "$"), ("it's", "'")):
        folder = box.dir / name
        folder.mkdir()
        for file in ("eft", "tools"):
            (folder / file).symlink_to(ROOT / file)
        for command in (["build"], ["cc", "a.c"], ["fuzz", "tty"]):
            said(box.run([EFT, *command],
                         env={"EFT_BUILD": str(folder / "build")}),
                 name, f"has '{odd}'")
        (folder / "eft").unlink()
        shutil.copy(EFT, folder)
        said(box.run([folder / "eft", "build"], env={"EFT_BUILD": ""}), name,
             f"has '{odd}'")
        check(not (folder / "build").exists(), "began to build")


@cases.case
def images_are_known(box):
    """Those with a libOS that is watched too."""
    for image in (app("hello"), program("seeded.checked")):
        result = box.run([EFT, "run", "--print", image])
        check(result.status == 0, str(result))
