# SPDX-License-Identifier: BSD-3-Clause
"""eft-cc as CC= of any build system."""
from tests.runner.box import BUILD, ROOT
from tests.runner.case import Cases, check, PLATFORMS
from tests.image.starts import expect

cases = Cases("image")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
HELLO_C = '#include <stdio.h>\nint main(void) { return puts("made") < 0; }\n'


def compiler(box, *args, **how):
    (box.dir / "hello.c").write_text(HELLO_C)
    return box.run([EFT_CC, *args], **how)


def made(box, image="hello"):
    expect(box.run([box.dir / image]), 0, b"made\n")


@cases.case
def cc_at_once(box):
    expect(compiler(box, "-O2", "-Wall", "-o", "hello", "hello.c"), 0, b"")
    made(box)
    expect(box.eft_run("microvm", box.dir / "hello"), 0, b"made\n")


@cases.case
def cc_in_steps(box):
    expect(compiler(box, "-c", "hello.c"), 0, b"")
    expect(compiler(box, "-o", "hello", "hello.o"), 0, b"")
    made(box)
    expect(compiler(box, "-S", "hello.c"), 0)
    expect(compiler(box, "-o", "again", "hello.s"), 0)
    made(box, "again")


@cases.case
def cc_default_output(box):
    expect(compiler(box, "hello.c"), 0, b"")
    made(box, "a.out")


@cases.case
def cc_preprocess(box):
    result = compiler(box, "-E", "hello.c")
    expect(result, 0)
    check("int main" in result.text and "sysroot/include" in result.text
          and "/usr/include" not in result.text, str(result)[:2000])


@cases.case
def cc_from_stdin(box):
    result = compiler(box, "-x", "c", "-o", "hello", "-",
                      stdin=HELLO_C.encode())
    expect(result, 0)
    made(box)


@cases.case
def cc_libraries(box):
    (box.dir / "part.c").write_text("int part(void) { return 5; }\n")
    (box.dir / "main.c").write_text(
        "#include <stdio.h>\n#include <math.h>\nint part(void);\n"
        'int main(int c, char **v) { printf("%g\\n", sqrt(part() * 5.0 * c));'
        " return 0; }\n")
    expect(compiler(box, "-c", "part.c"), 0)
    expect(box.run(["ar", "rcs", "libpart.a", "part.o"]), 0)
    expect(compiler(box, "main.c", "-o", "main", "-L.", "-lpart", "-lm",
                    "-lpthread", "-static", "-pie", "-s"), 0)
    expect(box.run([box.dir / "main"]), 0, b"5\n")


@cases.case
def cc_asks_the_compiler(box):
    for question in ("--version", "-dumpmachine", "-v"):
        expect(compiler(box, question), 0)


@cases.case
def cc_refuses_shared(box):
    result = compiler(box, "-shared", "-fPIC", "-o", "libhello.so", "hello.c")
    check(result.status != 0 and "-shared" in result.errors and
          "static" in result.errors, str(result))
    check(not (box.dir / "libhello.so").exists(), "made one all the same")


@cases.case
def cc_as_configure_asks(box):
    """What exists is found, what does not is not."""
    def links(call):
        (box.dir / "conftest.c").write_text(
            f"char {call}(void);\nint main(void) {{ return {call}(); }}\n")
        return compiler(box, "-w", "-o", "conftest", "-g", "-O2",
                        "conftest.c").status == 0
    check(links("getpid") and links("mmap") and links("strlcpy"),
          "what exists is not found")
    check(not links("no_such_function"), "what does not exist is found")
    (box.dir / "conftest.c").write_text("#include <no/such.h>\n")
    check(compiler(box, "-c", "conftest.c").status != 0, "no/such.h is found")


@cases.case
def cc_by_clang(box):
    result = compiler(box, "-O2", "-o", "hello", "hello.c",
                      env={"EFT_CC": "clang-14"})
    expect(result, 0)
    made(box)
    expect(box.eft_run("microvm", box.dir / "hello"), 0, b"made\n")


@cases.case
def cc_by_the_front_command(box):
    compiler(box, "--version")
    expect(box.run([ROOT / "eft", "cc", "-O2", "-o", "hello", "hello.c"]), 0)
    made(box)


@cases.case
def eft_built_by_clang(box):
    """In a build folder of its own, kept for the next time."""
    folder = BUILD / "clang"
    if not (folder / "build.ninja").exists():
        expect(box.run(["meson", "setup", folder, ROOT],
                       env={"CC": "clang-14"}), 0)
    expect(box.run(["ninja", "-C", folder, "apps/hello/hello"],
                   timeout=600), 0)
    for where in PLATFORMS:
        expect(box.eft_run(where, folder / "apps/hello/hello"), 0,
               b"Hello from Eft! argc is 1.\n")
