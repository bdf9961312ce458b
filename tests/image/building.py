# SPDX-License-Identifier: BSD-3-Clause
"""docs/building.md: its commands, as they are printed."""
import re
import shutil
from pathlib import Path

from tests.runner.box import BUILD, ENVIRONMENT, ROOT
from tests.runner.case import Cases, check, Skip

cases = Cases("building")
SAMPLES = ROOT / "tests/image/building"
FIRST = "Building programs and libraries"

# What a user may have in the environment, for the host's compiler.
HOST = "/usr/lib/x86_64-linux-gnu"
OF_THE_HOST = {"LIBRARY_PATH": HOST, "CPATH": "/usr/include"}


def printed(heading):
    """The commands below a (heading) of the document; "…" is what they say."""
    text = (ROOT / "docs/building.md").read_text()
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text,
                        re.MULTILINE | re.DOTALL)
    check(section, f"no section {heading}")
    return [line[4:] for line in section[1].split("\n")
            if line.startswith("    ") and "…" not in line]


def typed(box, folder, *headings, env=None):
    """What is said by the commands of those (headings), in (folder)."""
    script = [f"cd '{ROOT}'", *printed(FIRST), *printed("Libraries"),
              f"cd '{folder}'"]
    for heading in headings:
        check(printed(heading), f"{heading}: no commands")
        script += printed(heading)
    result = box.run(["sh", "-ec", "\n".join(script)], timeout=600,
                     env={"HOME": str(box.dir), **(env or {})})
    check(result.status == 0, f"$ {folder}\n{result}")
    return result.text


def copy(box, folder):
    return shutil.copytree(folder, box.dir / folder.name)


def release(box, name):
    """A copy of the sources of a library that Eft's applications have."""
    return copy(box, next((ROOT / "subprojects").glob(f"{name}-*/")))


def words(box, heading, runs):
    said = typed(box, copy(box, SAMPLES / "words"), heading, env=OF_THE_HOST)
    check(said.replace("\r", "").count(words_of_makefile()) == runs, said)


def words_of_makefile():
    text = (SAMPLES / "words/Makefile").read_text()
    return f"Makefile: {len(text.split())} words\n"


for heading, runs in (("make", 2), ("CMake", 1), ("Meson", 1)):
    cases.add(f"words by_{heading.lower()}", words, heading, runs)


@cases.case
def a_library_and_its_users(box):
    typed(box, release(box, "zlib"), "A library's own configure script",
          env=OF_THE_HOST)
    flags = typed(box, box.dir, "pkg-config")
    prefix = box.dir / "eft-libraries"
    check({f"-I{prefix}/include", f"-L{prefix}/lib", "-lz"} <=
          set(flags.split()), flags)
    said = typed(box, copy(box, SAMPLES / "packed"), "pkg-config",
                 "A program that uses a library", env=OF_THE_HOST)
    check(said.count("packed and unpacked") == 5, said)


@cases.case
def a_library_by_autotools(box):
    """That it is static is not said to pkg-config, which names what is needed
    then."""
    typed(box, release(box, "xz"), "autotools", env=OF_THE_HOST)
    (box.dir / "version.c").write_text(
        "#include <lzma.h>\n#include <stdio.h>\nint main(void) {\n"
        "return puts(lzma_version_string()) < 0; }\n")
    (box.dir / "try").write_text(
        "PKG_CONFIG_PATH=$HOME/eft-libraries/lib/pkgconfig\n"
        "export PKG_CONFIG_PATH\n"
        "eft-pkg-config --libs liblzma\n"
        "eft-cc version.c -o version "
        "$(eft-pkg-config --cflags --libs liblzma)\n./version\n")
    path = f"{BUILD}/sysroot/bin:{ENVIRONMENT['PATH']}"
    result = box.run(["sh", "-e", "try"],
                     env={"PATH": path, "HOME": str(box.dir)})
    check(result.status == 0 and "-pthread" in result.text.split() and
          re.search(r"^5\.\d", result.text, re.MULTILINE), str(result))


def refuses(box, folder, *commands, env=None):
    """The (commands) fail in (folder)."""
    first = [f"cd '{ROOT}'", *printed(FIRST), f"cd '{folder}'"]
    result = box.run(["sh", "-ec", "\n".join([*first, *commands])],
                     env={"HOME": str(box.dir), **OF_THE_HOST, **(env or {})})
    check(result.status != 0, str(result))
    return result.text + result.errors


CMAKE = "cmake --toolchain $sysroot/share/eft.cmake"
MESON = "meson setup --cross-file $sysroot/share/eft.meson"


@cases.case
def no_library_of_the_host(box):
    """What no one has built for Eft is not there, though the host has it.

    The host's is Criterion, which is installed for the unit tests."""
    check(box.run(["pkg-config", "--exists", "criterion"]).status == 0,
          "the host has no criterion.pc")
    folder = box.dir / "asks"
    folder.mkdir()
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(asks)\n"
        "find_package(PkgConfig REQUIRED)\n"
        "pkg_check_modules(CRITERION criterion)\n"
        "find_library(ANL anl)\nfind_path(HEADER execinfo.h)\n"
        "find_library(M m)\nfind_package(OpenMP)\n"
        'message(FATAL_ERROR "found: ${CRITERION_FOUND} ${ANL} ${HEADER} '
        '${OpenMP_FOUND} ${M}")\n')
    said = refuses(box, folder, f"{CMAKE} -B build-cmake")
    check(re.search(r"found: +ANL-NOTFOUND +HEADER-NOTFOUND +FALSE\s+\S+"
                    r"/sysroot/lib/libm\.a", said), said)
    (folder / "meson.build").write_text(
        "project('asks', 'c')\ncc = meson.get_compiler('c')\n"
        "error('found:', dependency('criterion', required: false).found(),\n"
        "  cc.find_library('anl', required: false).found(),\n"
        "  cc.has_header('execinfo.h'),\n"
        "  dependency('openmp', required: false).found(),\n"
        "  cc.find_library('m').found(), dependency('threads').found())\n")
    for setup in (MESON, "CC=eft-cc PKG_CONFIG=eft-pkg-config meson setup"):
        shutil.rmtree(folder / "build", ignore_errors=True)
        said = refuses(box, folder, f"{setup} build")
        check("found: false false false false true true" in said, said)
    said = refuses(box, folder, "eft-pkg-config --libs criterion")
    check("criterion" in said and "-L" not in said, said)


@cases.case
def who_is_not_told(box):
    """Build systems that have found the host's library are told by eft-cc."""
    folder = copy(box, SAMPLES / "words")
    with open(folder / "CMakeLists.txt", "a") as file:
        file.write(f"find_library(ANL anl PATHS {HOST})\n"
                   "target_link_libraries(words ${ANL})\n")
    said = refuses(box, folder, "CC=eft-cc CXX=eft-cc cmake -B build "
                   "-DCMAKE_CXX_COMPILER_WORKS=1", "cmake --build build")
    check("/libanl" in said and "docs/building.md" in said, said)


@cases.case
def shared_libraries(box):
    """The refusal names what to say to each build system, and that helps."""
    folder = copy(box, SAMPLES / "words")
    said = refuses(box, folder, "CC=eft-cc meson setup build",
                   "ninja -C build")
    check("-Ddefault_library=static" in said and "--disable-shared" in said
          and "-DBUILD_SHARED_LIBS=OFF" in said, said)
    said = typed(box, folder, "Meson")
    check(words_of_makefile() in said, said)
    said = refuses(box, folder, f"{CMAKE} -DBUILD_SHARED_LIBS=ON -B shared",
                   "cmake --build shared")
    check("eft-cc: -shared" in said and "-DBUILD_SHARED_LIBS=OFF" in said,
          said)


@cases.case
def a_project_that_lists_cxx(box):
    """CMake's default languages; a file of C++ is refused in its turn."""
    folder = copy(box, SAMPLES / "words")
    (folder / "CMakeLists.txt").write_text(
        (folder / "CMakeLists.txt").read_text() +
        "add_executable(plus EXCLUDE_FROM_ALL plus.cpp)\n")
    (folder / "plus.cpp").write_text("int main() { }\n")
    check(words_of_makefile() in typed(box, folder, "CMake"), "does not work")
    said = refuses(box, folder, "cmake --build build-cmake -t plus")
    check("plus.cpp: C++ is not supported" in said, said)


@cases.case
def rust(box):
    """A library that has no use of Rust's own, where there is a compiler of Rust."""
    env = {"RUSTUP_HOME": str(Path.home() / ".rustup")}
    if not shutil.which("rustc") or \
            box.run(["rustc", "--version"], env=env).status != 0:
        raise Skip("there is no compiler of Rust")
    (box.dir / "squares.rs").write_text(
        "#![no_std]\n#[panic_handler]\n"
        "fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n"
        '#[no_mangle]\npub extern "C" fn squares(n: i32) -> i32 '
        "{ (0..n).map(|i| i * i).sum() }\n")
    (box.dir / "squares.c").write_text(
        "#include <stdio.h>\nint squares(int n);\n"
        'int main(void) { printf("%d\\n", squares(5)); return 0; }\n')
    said = typed(box, box.dir, "C++ and other languages", env=env)
    check(said == "30\n", said)
