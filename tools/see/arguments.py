# SPDX-License-Identifier: BSD-3-Clause
"""Command lines that are `./eft run`'s, but for a few flags of one's own."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# Flags of tools/run that have a value.
WITH_VALUE = ("--on", "--accel", "--mem", "--cpus", "--fs", "--out", "--mount",
              "--disk", "--share", "--net", "--publish", "--ip", "--pcap",
              "--console", "--core", "--set", "--gdbstub")


def refuse(command, why):
    print(f"eft {command}: {why} (./eft {command} -h explains)",
          file=sys.stderr)
    sys.exit(2)


def take_own(words, flags, command, usage):
    """The values of (flags) that stand before the image, and what is left."""
    own, rest = {}, []
    while words and words[0].startswith("-") and words[0] != "--":
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(usage.strip())
            sys.exit(0)
        name, equals, value = word.partition("=")
        if name in flags or (name in WITH_VALUE and not equals):
            if not equals:
                if not words:
                    refuse(command, f"{name} wants a value")
                value = words.pop(0)
        if name in flags:
            own[name] = value
        else:
            rest += [word] if equals or name not in WITH_VALUE \
                else [name, value]
    if not words:
        refuse(command, "which image?")
    return own, rest + words


def split(words):
    """The flags among the words of ./eft run as pairs, and the others."""
    flags, words = [], list(words)
    while words and words[0].startswith("-") and words[0] != "--":
        name, equals, value = words.pop(0).partition("=")
        if name in WITH_VALUE and not equals and words:
            value = words.pop(0)
        flags.append((name, value))
    return flags, words[1:] if words[:1] == ["--"] else words


def value_of(flag, words, default):
    """What the flags say, the last of them."""
    return next((value for name, value in reversed(split(words)[0])
                 if name == flag), default)


def image_of(words):
    """The image as it is called."""
    return (split(words)[1] or [""])[0]


def path_of(image):
    """Where ./eft run finds it."""
    build = Path(os.environ.get("EFT_BUILD", ROOT / "build"))
    app = build / "apps" / image / image
    return app if "/" not in image and app.exists() else Path(image)
