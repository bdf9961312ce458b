# SPDX-License-Identifier: BSD-3-Clause
"""eft-cc as CC= of any build system."""
import os
import re
import shutil
from pathlib import Path

from tests.runner.box import BUILD, ROOT
from tests.runner.case import Cases, check, PLATFORMS
from tests.image.starts import expect

cases = Cases("image")
long_ones = Cases("image")

EFT_CC = BUILD / "sysroot/bin/eft-cc"
SCRIPTS = ROOT / "tests/image/scripts"
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
    for question in ("--version", "-dumpversion", "-dumpspecs", "-v",
                     "--help=optimizers", "-print-prog-name=ld",
                     "-Wl,--version"):
        expect(compiler(box, question), 0)


@cases.case
def cc_says_what_it_is(box):
    sysroot = BUILD / "sysroot"
    for by in ("gcc", "clang-14"):
        env = {"EFT_CC": by}
        for command in ([EFT_CC, "--help"], [EFT_CC, "-h"],
                        [ROOT / "eft", "cc", "-h"]):
            result = box.run(command, env=env)
            expect(result, 0)
            for word in ("EFT_CC", "EFT_LIBOS", "--disable-shared", by,
                         f"{by} --help", str(sysroot), "docs/building.md"):
                check(word in result.text, f"no {word} in\n{result}")
        version = compiler(box, "--version", env=env)
        of_the_compiler = box.run([by, "--version"])
        check(version.text.startswith(of_the_compiler.text) and
              str(sysroot) in version.text.splitlines()[-1], str(version))
        verbose = compiler(box, "-v", env=env)
        check("Target: " in verbose.errors and
              str(sysroot) in verbose.errors.splitlines()[-1], str(verbose))


@cases.case
def cc_says_what_it_will_be(box):
    """The same before the first build, which is not begun for it."""
    for env in ({}, {"EFT_CC": "clang-14"}):
        now = box.run([ROOT / "eft", "cc", "-h"], env=env)
        env = {**env, "EFT_BUILD": str(box.dir / "none"),
               "CC": "gcc", "PATH": os.environ["PATH"]}
        then = box.run([ROOT / "eft", "cc", "-h"], env=env)
        expect(then, 0)
        wanted = now.text.replace(str(BUILD), str(box.dir / "none"))
        check(differ(wanted) == differ(then.text), f"{now}\n{then}")
        check(f"sysroot {box.dir}/none/sysroot.\n" in then.text, str(then))
        check(not (box.dir / "none").exists(), "began to build")
    env["EFT_CC"] = "no-such-compiler"
    check("EFT_CC=no-such-compiler" in
          box.run([ROOT / "eft", "cc", "-h"], env=env).errors, "no word of it")


def differ(text):
    """A help text without the compiler's name, which a build chooses."""
    return re.sub(r"\S+ \(Debian [^\n]*|\(\S.*? --help\)|instead of [^:]*", "",
                  text)


@cases.case
def cc_names_its_target(box):
    """configure compares these with what the headers say (CPython's does)."""
    lib = BUILD / "sysroot/lib"
    answers = {
        "-dumpmachine": "x86_64-linux-musl",
        "-print-multiarch": "x86_64-linux-musl",
        "--print-multiarch": "x86_64-linux-musl",
        "-print-multi-lib": ".;",
        "-print-sysroot": str(BUILD / "sysroot"),
        "--print-sysroot": str(BUILD / "sysroot"),
        "-print-file-name=libc.a": str(lib / "libc.a"),
        "--print-file-name=crt1.o": str(lib / "crt1.o"),
        "-print-file-name=libanl.a": "libanl.a",
        "-print-file-name=libgomp.a": "libgomp.a",
        "-print-file-name=libm.so": "libm.so",
    }
    for by in ("gcc", "clang-14"):
        for question, answer in answers.items():
            expect(compiler(box, question, env={"EFT_CC": by}), 0,
                   f"{answer}\n".encode())
        for name in ("libgcc.a", "include"):
            found = compiler(box, f"-print-file-name={name}",
                             env={"EFT_CC": by})
            check(Path(found.text.strip()).exists(), str(found))
        found = compiler(box, "-print-search-dirs", env={"EFT_CC": by})
        check(f"\nlibraries: ={lib}/\n" in found.text, str(found))


def refused(result, *words):
    """One line of eft-cc's own, with these (words)."""
    check(result.status != 0 and result.errors.count("\n") == 1 and
          result.errors.startswith("eft-cc: ") and
          all(word in result.errors for word in words), str(result))


@cases.case
def cc_refuses(box):
    """What cannot work, in a line that says what to do instead."""
    for option, instead in (
            ("-pg", "./eft profile"), ("-p", "./eft profile"),
            ("-m32", "x86-64"), ("-mx32", "x86-64"), ("-m16", "x86-64"),
            ("-fuse-ld=gold", "-fuse-ld=bfd"), ("-fuse-ld=lld", "GNU ld"),
            ("-fopenmp", "POSIX threads"), ("-fopenacc", "POSIX threads"),
            ("-ftree-parallelize-loops=2", "POSIX threads"),
            ("-fsplit-stack", "pthread_attr_setstacksize"),
            ("-static-libasan", "./eft valgrind"),
            ("-static-libtsan", "./eft valgrind"),
            ("-fsanitize=address", "./eft valgrind"),
            ("-fsanitize=undefined,thread", "./eft valgrind"),
            ("-fsanitize=fuzzer", "./eft fuzz --program"),
            ("-shared", "-Ddefault_library=static"),
            ("-Wl,-shared", "-DBUILD_SHARED_LIBS=OFF")):
        for by in ("gcc", "clang-14"):
            refused(compiler(box, option, "-fPIC", "-o", "hello", "hello.c",
                             env={"EFT_CC": by}), option, instead)
            check(not (box.dir / "hello").exists(), "made one all the same")
    (box.dir / "words").write_text('"-shared" -o hello')
    refused(compiler(box, "hello.c", "@words"), "-shared", "--disable-shared")


@cases.case
def cc_refuses_other_languages(box):
    for name in ("a.cc", "a.cpp", "a.cxx", "a.C", "a.hpp"):
        (box.dir / name).write_text(HELLO_C)
        refused(compiler(box, "-c", name), name, "C++ is not supported")
    refused(compiler(box, "-x", "c++", "hello.c"), "-x c++", "C++")
    refused(compiler(box, "-xc++", "-E", "-"), "-x c++", "C++")
    refused(compiler(box, "hello.c", "-lstdc++"), "-lstdc++", "C++")
    (box.dir / "a.f90").write_text("")
    refused(compiler(box, "-c", "a.f90"), "a.f90", "C and assembler")
    refused(compiler(box, "-x", "ada", "hello.c"), "-x ada", "C and assembler")
    expect(compiler(box, "-x", "c", "a.cc", "-o", "hello"), 0, b"")
    made(box)


HOST = "/usr/lib/x86_64-linux-gnu"    # libc6-dev has a libanl.a there


@cases.case
def cc_finds_no_library_of_the_host(box):
    check(Path(HOST, "libanl.a").exists(), "the host has no libanl.a")
    words = "no libanl.a in the sysroot", "docs/building.md"
    for by in ("gcc", "clang-14"):
        env = {"EFT_CC": by, "LIBRARY_PATH": HOST}
        for library in ("-lanl", "-Wl,-lanl", "-Wl,-O1,--library=anl"):
            refused(compiler(box, "hello.c", library, env=env), *words)
        refused(compiler(box, "hello.c", "-l", "anl", f"-L{HOST}", "-L",
                         f"{HOST}/../../lib/x86_64-linux-gnu", "-L/usr/lib"),
                *words)
        for file in (f"{HOST}/libanl.a", f"{HOST}/libm.so",
                     f"-Wl,-L{HOST}", f"-Wl,{HOST}/libanl.a",
                     "/lib/x86_64-linux-gnu/libm.so.6"):
            refused(compiler(box, "hello.c", file, env=env),
                    "for another C library", "docs/building.md")
        refused(compiler(box, "hello.c", "-lgomp", env=env), "no libgomp.a")
        gomp = box.run(["gcc", "-print-file-name=libgomp.a"]).text.strip()
        refused(compiler(box, "hello.c", gomp), "for another C library")
    (box.dir / "words").write_text(f"-L{HOST} -lanl")
    refused(compiler(box, "hello.c", "@words"), "@words", "-L")
    refused(compiler(box, "hello.c", "libhello.so"), "loads no shared library")
    result = compiler(box, "hello.c", "-###", env={"LIBRARY_PATH": HOST})
    folders = re.findall(r'["\' ]-L(\S*?)["\' ]', result.errors)
    own = Path(box.run(["gcc", "-print-libgcc-file-name"]).text).parent
    check({Path(folder).resolve() for folder in folders} ==
          {BUILD / "sysroot/lib", own}, str(folders))


@cases.case
def cc_finds_no_header_of_the_host(box):
    (box.dir / "anl.c").write_text("#include <execinfo.h>\n")
    check(Path("/usr/include/execinfo.h").exists(), "the host has no header")
    where = {"CPATH": "/usr/include", "C_INCLUDE_PATH": "/usr/include"}
    for by in ("gcc", "clang-14"):
        for options in (["-I/usr/include"], ["-I", "/usr/include/"],
                        ["-isystem", "/usr/include"], ["-idirafter/usr/include"],
                        ["-iquote", "/usr//include"], []):
            result = compiler(box, "-c", *options, "anl.c",
                              env={"EFT_CC": by, **where})
            check(result.status != 0 and "execinfo.h" in result.errors and
                  "eft-cc:" not in result.errors, str(result))
    (box.dir / "folder").mkdir()
    (box.dir / "folder/execinfo.h").write_text("int of_ours;\n")
    expect(compiler(box, "-c", "-I", "/usr/include", "-I", "folder",
                    "-I/usr/include", "anl.c"), 0, b"")


@cases.case
def cc_folders_that_are_named(box):
    """A library of one's own in a folder with a blank, however it is named."""
    (box.dir / "part.c").write_text("int part(void) { return 5; }\n")
    (box.dir / "main.c").write_text(
        "#include <stdio.h>\nint part(void);\n"
        'int main(void) { printf("%d\\n", part()); return 0; }\n')
    folder = box.dir / "my libraries"
    folder.mkdir()
    expect(compiler(box, "-c", "part.c"), 0)
    expect(box.run(["ar", "rcs", folder / "libpart.a", "part.o"]), 0)
    (box.dir / "words").write_text(
        f'-L"{folder}" -lpart "-DTEXT=\\"a b\\""\n-static-libgcc')
    for options in ([f"-L{folder}", "-lpart"], ["-L", folder, "-l", "part"],
                    ["-lpart", "-L", "my libraries"],
                    [f"-L{folder}", "-l:libpart.a"],
                    [f"-Wl,-L{folder},-lpart"],
                    [f"-Wl,--library-path={folder}", "-Wl,--library=part"],
                    ["-Xlinker", f"-L{folder}", "-Xlinker", "-lpart"],
                    [folder / "libpart.a", "-lpthread", "-lgcc", "-lm"],
                    ["@words"]):
        for by in ("gcc", "clang-14"):
            (box.dir / "main image").unlink(missing_ok=True)
            expect(compiler(box, "main.c", *options, "-o", "main image",
                            env={"EFT_CC": by}), 0, b"")
            expect(box.run([box.dir / "main image"]), 0, b"5\n")


@cases.case
def cc_what_compilers_add(box):
    """Options by which code needs more than the program's own text has."""
    (box.dir / "wide.c").write_text(
        "#include <stdatomic.h>\n#include <stdio.h>\n"
        "static _Atomic __int128 wide = 0;\n"
        "int main(int c, char **v) { __int128 was = 0;\n"
        "if (!atomic_compare_exchange_strong(&wide, &was, 41)) return 1;\n"
        "atomic_fetch_add(&wide, c);\n"
        "return puts(wide == 42 ? \"made\" : \"lost\") < 0; }\n")
    for options in (["-pie"], ["-static-pie"], ["-Wl,-pie"], ["-flto"],
                    ["-fuse-ld=bfd", "-rdynamic"],
                    ["-fopenmp-simd"], ["-fPIC", "-fno-plt"],
                    ["-static-libgcc", "-fcf-protection"]):
        for by in ("gcc", "clang-14"):
            expect(compiler(box, "-O2", *options, "-o", "hello", "hello.c",
                            env={"EFT_CC": by}), 0, b"")
            made(box)
    expect(box.eft_run("microvm", box.dir / "hello"), 0, b"made\n")
    expect(compiler(box, "-O1", "-o", "wide", "wide.c", "-latomic"), 0, b"")
    made(box, "wide")


@cases.case
def cc_functions_chosen_at_the_start(box):
    """ifunc and target_clones, called in each way that compilers have."""
    for options in (["-O0"], ["-O2", "-fno-plt"], ["-O2", "-fPIC", "-fno-plt"]):
        for by in ("gcc", "clang-14"):
            expect(compiler(box, *options, "-o", "ifunc", SCRIPTS / "ifunc.c",
                            env={"EFT_CC": by}), 0, b"")
            for where in ("process", "microvm"):
                expect(box.eft_run(where, box.dir / "ifunc"), 0,
                       b"called: 2 1\nby address: 2 1, one address\n"
                       b"before main: 2\na clone's sum: 328350\n")


@cases.case
def cc_unwinds(box):
    """-fexceptions: GCC's unwinder finds the program's frames."""
    for by in ("gcc", "clang-14"):
        expect(compiler(box, "-O1", "-fexceptions", "-Wall", "-o", "unwind",
                        SCRIPTS / "unwind.c", env={"EFT_CC": by}), 0, b"")
        for where in ("process", "microvm"):
            expect(box.eft_run(where, box.dir / "unwind"), 0,
                   b"frames: 3 of outer, 3 of inner\ncleaned: 33\n")


@cases.case
def cc_warns_of_nested_functions(box):
    (box.dir / "nested.c").write_text(
        "int call(int (*function)(void));\nint main(int c, char **v) {\n"
        "int nested(void) { return c; }\nreturn call(nested); }\n")
    result = compiler(box, "-c", "nested.c", env={"EFT_CC": "gcc"})
    check(result.status == 0 and "-Wtrampolines" in result.errors, str(result))


@cases.case
def cc_another_linker(box):
    """One that a compiler takes by itself, and a libOS by another name: the
    libOS's code must lie apart."""
    (box.dir / "linkers").mkdir()
    lld = box.run(["sh", "-c", "command -v ld.lld-14 ld.lld"]).text.split()
    (box.dir / "libos.a").symlink_to(BUILD / "sysroot/lib/libeft.a")
    for options, env in (
            (["-B", box.dir / "linkers"], {}),
            ([], {"EFT_LIBOS": str(box.dir / "libos.a")})):
        if options and not lld:
            continue
        if options:
            (box.dir / "linkers/ld").symlink_to(lld[0])
        result = compiler(box, *options, "-o", "hello", "hello.c", env=env)
        check(result.status != 0 and "the libOS's code is not apart" in
              result.errors, str(result))
        check(not (box.dir / "hello").exists(), "made one all the same")


@cases.case
def cc_profile_and_use(box):
    """GCC counts which way branches go, and compiles by the counts."""
    (box.dir / "counted.c").write_text(
        "#include <stdio.h>\nint main(int c, char **v) { int n = 0;\n"
        "for (int i = 0; i < 1000; i++) { if (i % 3 == c) n += i; }\n"
        'printf("%d\\n", n); return 0; }\n')
    for step in (["-fprofile-generate"], ["-fprofile-use", "-Werror"],
                 ["--coverage"]):
        expect(compiler(box, "-O2", *step, "-c", "counted.c"), 0, b"")
        expect(compiler(box, *step, "-o", "counted", "counted.o"), 0, b"")
        expect(box.run([box.dir / "counted"]), 0, b"166167\n")
        check((box.dir / "counted.gcda").exists(), "no counts are left")
    expect(box.eft_run("microvm", box.dir / "counted"), 0, b"166167\n")


@cases.case
def cc_functions_at_the_end(box):
    """__dso_handle, as compilers' start files have it."""
    (box.dir / "end.c").write_text(
        "#include <stdio.h>\nextern void *__dso_handle;\n"
        "int __cxa_atexit(void (*)(void *), void *, void *);\n"
        "static void say(void *text) { puts(text); }\n"
        'int main(void) { return __cxa_atexit(say, "made", &__dso_handle);'
        " }\n")
    expect(compiler(box, "-o", "end", "end.c"), 0, b"")
    for where in PLATFORMS:
        expect(box.eft_run(where, box.dir / "end"), 0, b"made\n")


@cases.case
def cc_dependencies(box):
    (box.dir / "a b").mkdir()
    (box.dir / "a b/own.h").write_text("#define OWN 1\n")
    (box.dir / "own.c").write_text(
        '#include "own.h"\n#include <stdio.h>\nint own = OWN;\n')
    expect(compiler(box, "-MMD", "-MF", "own.d", "-MT", "own thing", "-Ia b",
                    "-c", "own.c"), 0, b"")
    check((box.dir / "own.d").read_text().split() ==
          "own thing: own.c a\\ b/own.h".split(), "other dependencies")
    result = compiler(box, "-E", "-dM", "-x", "c", "/dev/null")
    check(result.status == 0 and "#define __EFT__ 1\n" in result.text,
          str(result))


@cases.case
def cc_behind_another_command(box):
    """CC="ccache eft-cc", and a compiler that is two words itself."""
    cache = box.dir / "cache"
    cache.write_text('#!/bin/sh\necho "$@" >>log\nexec "$@"\n')
    cache.chmod(0o755)
    compiler(box, "-h")
    expect(box.run([cache, EFT_CC, "-c", "hello.c"]), 0, b"")
    expect(box.run([EFT_CC, "-o", "hello", "hello.o"],
                   env={"EFT_CC": f"{cache} gcc"}), 0, b"")
    made(box)
    logged = (box.dir / "log").read_text()
    check(logged.startswith(str(EFT_CC)) and "\ngcc " in logged, logged)


@cases.case
def cc_commands_that_name_a_compiler(box):
    """Whatever it is called, with options, in a folder whose name misleads."""
    for by, name in (("gcc", "clang-and-more/cc"), ("clang-14", "any/cc")):
        path = box.dir / name
        path.parent.mkdir()
        path.symlink_to(box.run(["which", by]).text.strip())
        for command in (f"{by} -O2", str(path), f"{path} -O1 -Wall"):
            (box.dir / "hello").unlink(missing_ok=True)
            expect(compiler(box, "-o", "hello", "hello.c",
                            env={"EFT_CC": command}), 0, b"")
            made(box)
    blank = box.dir / "a folder"
    blank.mkdir()
    (blank / "gcc").symlink_to("/usr/bin/gcc")
    for command in (str(blank / "gcc"), "no-such-compiler", "true", " "):
        refused(compiler(box, "-c", "hello.c", env={"EFT_CC": command}),
                f"EFT_CC={command}: no compiler")


@cases.case
def cc_in_a_folder_with_a_blank(box):
    """As it may be installed."""
    folder = box.dir / "my own/sysroot"
    folder.mkdir(parents=True)
    for name in ("bin", "include", "lib", "share"):
        (folder / name).symlink_to(BUILD / "sysroot" / name)
    (folder / "bin").unlink()
    shutil.copytree(BUILD / "sysroot/bin", folder / "bin")
    for by in ("gcc", "clang-14"):
        env = {"EFT_CC": by}
        compiler(box, "-h")
        for options in (["-O2"], ["-g", "-lm"]):
            (box.dir / "hello").unlink(missing_ok=True)
            expect(box.run([folder / "bin/eft-cc", *options, "-o", "hello",
                            "hello.c"], env=env), 0, b"")
            made(box)
    check(f"sysroot {folder}.\n" in
          box.run([folder / "bin/eft-cc", "-h"]).text, "another sysroot")


@cases.case
def cc_costs_no_process(box):
    """The wrapper starts nothing but the compiler, which takes its place."""
    (box.dir / "cc").write_text("#!/bin/sh\nexit 0\n")
    (box.dir / "cc").chmod(0o755)
    compiler(box, "-h")
    real = (box.dir / "wrapper")
    real.mkdir()
    for name in ("include", "lib", "share"):
        (real / name).symlink_to(BUILD / "sysroot" / name)
    (real / "bin").mkdir()
    text = EFT_CC.read_text()
    own = re.search(r"^cc='(.*)'$", text, re.MULTILINE)[0]
    (real / "bin/eft-cc").write_text(
        text.replace(own, f"cc='{box.dir / 'cc'}'"))
    (real / "bin/eft-cc").chmod(0o755)
    for options in (["-c"], ["-lm", "-L.", "-I/usr/include", "-o", "hello"]):
        result = box.run(["strace", "-f", "-e", "trace=process",
                          real / "bin/eft-cc", "-O2", *options, "hello.c"])
        expect(result, 0)
        check(result.errors.count("execve(") == 2 and
              not re.search(r"\bv?fork\(|clone", result.errors), str(result))


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


@long_ones.case
def eft_built_by_clang(box):
    """In a build folder of its own, kept for the next time."""
    folder = BUILD / "clang"
    if not (folder / "build.ninja").exists():
        expect(box.run(["meson", "setup", folder, ROOT],
                       env={"CC": "clang-14"}), 0)
    expect(box.run(["ninja", "-C", folder, "apps/hello/hello"],
                   timeout=1500), 0)
    for where in PLATFORMS:
        expect(box.eft_run(where, folder / "apps/hello/hello"), 0,
               b"Hello from Eft! argc is 1.\n")
