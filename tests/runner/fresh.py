# SPDX-License-Identifier: BSD-3-Clause
"""The README's two commands, in either order, on a Debian 12 that has nothing
but itself, or ccache too: made by debootstrap from the mirrors that this
machine's apt uses."""
import os
import subprocess
from pathlib import Path

from tests.runner.box import ROOT
from tests.runner.case import Case, check

SUITE = "bookworm"

# The packages that the Debian has besides, and the commands. Where ccache is,
# meson calls the compiler by two words.
ORDERS = {
    "demo_then_test": ([], ["demo"], ["test"]),
    "test_then_demo_with_ccache": (["ccache"], ["test"], ["demo"]),
}
LAST = {"demo": "The outputs agree", "test": " passed, 0 failed"}
TIMEOUT_S = 3 * 3600

# In spaces of its own, so that all of it ends with the command.
ENTER = """
mount --rbind --make-rslave /dev "$0/dev"
mount -t proc proc "$0/proc"
mount -t sysfs sysfs "$0/sys"
exec chroot "$0" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
	TERM=dumb CI=true LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \\
	sh -c 'cd "$0" && exec "$@"' "$@"
"""


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


def index(form, *filters):
    """apt's package lists of Debian's own, each as (form) says."""
    lines = ask("apt-get", "indextargets", "--format", form,
                "Created-By: Packages", "Origin: Debian", *filters)
    return sorted(set(lines.splitlines()))


def bootstrap(box, packages=()):
    root = box.temp / "debian"
    mirror = index("$(REPO_URI)", f"Codename: {SUITE}")[0]
    result = box.run(["debootstrap", "--variant=minbase",
                      *(f"--include={name}" for name in packages), SUITE, root,
                      mirror], timeout=TIMEOUT_S)
    check(result.status == 0, str(result))
    (root / "etc/apt/sources.list").write_text("\n".join(
        index("deb $(REPO_URI) $(RELEASE) $(COMPONENT)")) + "\n")
    (root / "etc/apt/apt.conf.d/00host").write_text(
        ask("apt-config", "dump", "Acquire"))
    for name in ("hosts", "resolv.conf"):
        (root / "etc" / name).write_bytes(Path("/etc", name).read_bytes())
    return root


def clone(root):
    """What is in the repository, with no file that is built or fetched."""
    names = ask("git", "-C", ROOT, "ls-files", "-z")
    (root / "eft").mkdir()
    subprocess.run(["sh", "-c", 'tar -C "$0" --null -T - -c | tar -x -C "$1"',
                    ROOT, root / "eft"], check=True, text=True, input=names)


def chroot(box, root, folder, words):
    return box.run(["unshare", "--mount", "--pid", "--fork", "--kill-child",
                    "sh", "-ec", ENTER, root, folder, *words],
                   timeout=TIMEOUT_S)


def commands(box, packages, *commands):
    check(os.getuid() == 0, "only root may debootstrap")
    root = bootstrap(box, packages)
    clone(root)
    for words in commands:
        result = chroot(box, root, "/eft", ["./eft", *words])
        lines = result.text.splitlines()
        check(result.status == 0 and lines and LAST[words[0]] in lines[-1],
              str(result))
    return lines[-1]


def cases():
    return [Case(f"fresh/{name}",
                 lambda box, order=order: commands(box, *order))
            for name, order in ORDERS.items()]
