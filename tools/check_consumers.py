#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does what users do: builds aio and a project that uses it (tests/consumers) in many ways, and runs what comes out.

usage: check_consumers.py [GROUP...]        (default: all)

  clang++-16, clang++-19, g++
            as a subfolder with all warnings errors; installed from there into a prefix with spaces in its name; from that
            with find_package() in another language mode, and with pkg-config: without optimisation, -static, as a shared
            object; C++26 where the compiler has it; refused in libstdc++'s debug mode
  shared    a shared aio, and programs and plugins with hidden symbols by two compilers, also on the program's loop
  lto-clang, lto-g++
            everything with link-time optimisation
  debug     everything in libstdc++'s debug mode
  headers   what aio cannot do without is said in one sentence; other people's macros may come first

tools/check_install.sh looks at what is installed, and at the parts.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compilers

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "tests/consumers"
BUILD = ROOT / "build/consumers"
OLDEST, USUAL, GNU = "clang++-16", "clang++-19", "g++"
LAUNCHER = f"env;CCACHE_BASEDIR={ROOT};CCACHE_NOHASHDIR=1;ccache"
DONE = "all done\n"  # what work() prints
MET = "all met\n"  # what meet.cpp prints
SMALL_STACK = ["prlimit", "--stack=1048576"]  # too small for coroutines that continue each other by calls

# What many projects ask for. Not what g++ says of every coroutine there is (-Wzero-as-null-pointer-constant,
# -Wswitch-default) or guesses (-Wnull-dereference), and not -Wlogical-op, to which EAGAIN and EWOULDBLOCK are one.
WARNINGS = """-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wcast-align -Wcast-qual -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough -Wextra-semi -Wundef
    -Wredundant-decls -Wmissing-declarations -Wfloat-equal -Wdeprecated -Wdeprecated-copy-dtor -Wunused -Wunused-macros
    -Wsuggest-override""".split()
GNU_WARNINGS = """-Wuseless-cast -Wduplicated-cond -Wduplicated-branches -Wcomma-subscript -Wredundant-tags
    -Wmismatched-tags -Wvolatile""".split()
CLANG_WARNINGS = """-Wzero-as-null-pointer-constant -Wthread-safety -Wunreachable-code-aggressive -Wdocumentation -Wcomma
    -Wnewline-eof -Wmissing-prototypes -Wmissing-variable-declarations -Wheader-hygiene -Wextra-semi-stmt""".split()

# Compile options and the sentence about them. libc++ is stood in for by an empty <cstddef>, because Debian's packages of
# its versions exclude each other.
REFUSED = [
    (["-std=c++17"], "aio needs C++20: compile with -std=c++20 or newer."),
    (["-std=c++20", "-fno-exceptions"], "aio reports errors as exceptions: compile without -fno-exceptions."),
    (["-std=c++20", "-fno-rtti"], "aio tells errors apart by their types: compile without -fno-rtti."),
    (["-std=c++20", "-nostdinc++", "-isystem", str(BUILD / "other-library")],
     "aio needs the standard library libstdc++: compile without -stdlib=libc++."),
]  # fmt: skip


class Failed(Exception):
    pass


def run(command, expected=None, env=None):
    """Gives what it prints. Fails if it fails, takes many minutes, or prints something else than `expected`."""
    shown = shlex.join(map(str, command))
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200,
                              check=False, env={**os.environ, **(env or {})})  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{shown}\ndoes not end") from error
    if done.returncode != 0:
        raise Failed(f"{shown}\nstatus {done.returncode}, the end of its output:\n{done.stdout[-6000:]}")
    if expected is not None and done.stdout != expected:
        raise Failed(f"{shown}\nexpected {expected!r}, printed {done.stdout!r}")
    return done.stdout


def warnings(compiler):
    return [*WARNINGS, *(GNU_WARNINGS if compiler == GNU else CLANG_WARNINGS)]


def build(folder, compiler, *arguments, options=(), targets=("all",)):
    """Builds the project in build/consumers/<folder>, and runs the targets."""
    where = BUILD / folder
    run(["cmake", "-G", "Ninja", "-S", PROJECT, "-B", where, f"-DCMAKE_CXX_COMPILER={compiler}",
         "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_COMPILER_LAUNCHER={LAUNCHER}", f"-DOPTIONS={';'.join(options)}",
         *arguments])  # fmt: skip
    run(["cmake", "--build", where, "-j", "1", "--target", *targets])
    objects = [where / "libplugin.so", where / "libother.so"]
    guests = [where / "libguest.so", where / "libsecond_guest.so"]
    for name, command, expected in (("program", [], DONE), ("linked", [], DONE), ("load", objects, DONE * 2),
                                    ("host", objects, DONE * 3), ("meet", guests, MET)):  # fmt: skip
        if name in targets or "all" in targets:
            run([*SMALL_STACK, where / name, *command], expected)
    return where


def subfolder(name, compiler, *arguments, options=(), targets=("program",), install=False):
    where = build(f"subfolder {name}", compiler, f"-DSUBFOLDER={ROOT}", "-DAIO_WITH_DNS=OFF", "-DAIO_WITH_SSL=OFF", "-DAIO_WITH_HTTP=OFF",
                  "-DAIO_WITH_TESTING=OFF", "-DAIO_BATCH_SIZE=6", *arguments, options=options, targets=(*targets, "aio"))  # fmt: skip
    if install:
        run(["cmake", "--install", where, "--prefix", prefix_of(name)])


def prefix_of(name):
    return BUILD / f"a prefix for {name}"


def find(name, compiler, *arguments):
    build(f"find {name} by {compiler}", compiler, f"-DCMAKE_PREFIX_PATH={prefix_of(name)}", *arguments)


def flags_of(name, what):
    pc = next(prefix_of(name).rglob("aiocpp.pc")).parent
    return shlex.split(run(["pkg-config", what, "aiocpp"], env={"PKG_CONFIG_PATH": str(pc)}))


def compiled(name, compiler, *options):
    """An object file of work.cpp, with the flags that pkg-config gives."""
    work = BUILD / f"{name} by {compiler}{' '.join(options[:2])}.o"
    run([compiler, *flags_of(name, "--cflags"), *options, "-c", PROJECT / "work.cpp", "-o", work])
    return work


def linked(name, compiler, work, *options):
    program = work.with_name(f"{work.stem} {' '.join(options)} program")
    run([compiler, *options, PROJECT / "main.cpp", work, "-o", program, *flags_of(name, "--libs")])
    run([*SMALL_STACK, program], DONE, env={"LD_LIBRARY_PATH": str(prefix_of(name) / "lib")})


def by_command(compiler):
    """Without optimisation, which is where g++ depends on pkg-config's flags: three things of one object."""
    work = compiled(compiler, compiler, "-std=c++20", "-O0", "-fPIC", *warnings(compiler))
    linked(compiler, compiler, work)
    linked(compiler, compiler, work, "-static")
    shared = work.with_suffix(".so")  # for example a module of Python's
    run([compiler, "-shared", work, "-o", shared, *flags_of(compiler, "--libs")])
    run([sys.executable, "-c", f"import ctypes, sys; sys.exit(ctypes.CDLL({str(shared)!r}).work())"], DONE)


def newest_language(compiler, standard):
    linked(compiler, compiler, compiled(compiler, compiler, standard, "-O2", *warnings(compiler)))


def does_not_link(name, compiler, option, agreed):
    """A program that was compiled with the option finds no library to link that agrees with it."""
    work = compiled(name, compiler, option, "-std=c++20")
    try:
        linked(name, compiler, work)
    except Failed as error:
        if f"undefined reference to `aio_0_1_{agreed}_GLIBCXX_DEBUG'" in str(error):
            return
        raise
    raise Failed(f"{option} links a library that was compiled without it")


def meet(name, host, guest):
    """A program by one compiler and a plugin by the other, on one loop."""
    run([BUILD / f"find {name} by {host}/meet", BUILD / f"find {name} by {guest}/libguest.so"], MET)


def refused(compiler):
    for options, sentence in REFUSED:
        for header in ("aio/aio.hpp", "aio/concurrent.hpp", "aio/testing.hpp"):
            done = subprocess.run([compiler, *options, "-fsyntax-only", "-I", ROOT, "-x", "c++", "-"],
                                  input=f"#include <{header}>\nstruct More : aio::Not {{}};\n", capture_output=True,
                                  text=True, check=False)  # fmt: skip
            errors = [line for line in done.stderr.splitlines() if " error: " in line]
            # And the second says that there is no header of that name, which is what stops the compiler.
            if len(errors) != 2 or not errors[0].endswith(sentence):
                raise Failed(f"<{header}> with {' '.join(options)}: expected \"{sentence}\", but:\n{done.stderr}")


def macros(compiler):
    run([compiler, "-std=c++20", "-fsyntax-only", "-I", ROOT, PROJECT / "macros.cpp"])


def of_compiler(compiler, built, used, *more):
    """The ways that each compiler goes, in order: what fails keeps the later ones from running."""
    return [
        ("subfolder", lambda: subfolder(compiler, compiler, f"-DCMAKE_CXX_STANDARD={built}", options=warnings(compiler),
                                        install=True)),
        ("find_package", lambda: find(compiler, compiler, f"-DCMAKE_CXX_STANDARD={used}")),
        ("pkg-config", lambda: by_command(compiler)),
        ("other debug mode", lambda: does_not_link(compiler, compiler, "-D_GLIBCXX_DEBUG", "static_with")),
        *more,
    ]  # fmt: skip


def groups():
    """Each is a list of (what, function), and independent of the others; the longest come first."""
    hidden = ("-DCMAKE_CXX_VISIBILITY_PRESET=hidden", "-DCMAKE_VISIBILITY_INLINES_HIDDEN=ON")
    shared = ("-DBUILD_SHARED_LIBS=ON", *hidden)
    lto = ("-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON",)
    lld = ("-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld", "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld")
    some = ("program", "linked")
    return {
        GNU: of_compiler(GNU, 20, 23),
        USUAL: of_compiler(USUAL, 23, 20, ("C++26", lambda: newest_language(USUAL, "-std=c++26"))),
        OLDEST: of_compiler(OLDEST, 20, 23),
        "shared": [
            ("subfolder", lambda: subfolder("shared", USUAL, *shared, install=True)),
            *((f"find_package {compiler}", lambda compiler=compiler: find("shared", compiler, *hidden))
              for compiler in (USUAL, GNU)),
            *((f"{host} meets {guest}", lambda host=host, guest=guest: meet("shared", host, guest))
              for host, guest in ((USUAL, GNU), (GNU, USUAL))),
            ("without AIO_SHARED", lambda: does_not_link("shared", USUAL, "-UAIO_SHARED", "static_without")),
            ("pkg-config", lambda: linked("shared", USUAL, compiled("shared", USUAL, "-std=c++20", "-fvisibility=hidden"))),
        ],
        "lto-g++": [("subfolder", lambda: subfolder("lto-g++", GNU, *lto, targets=some))],
        "lto-clang": [("subfolder", lambda: subfolder("lto-clang", USUAL, *lto, *lld, targets=some))],
        "debug": [("subfolder", lambda: subfolder("debug", GNU, "-DCMAKE_BUILD_TYPE=Debug", options=["-D_GLIBCXX_DEBUG"],
                                                  targets=["all"]))],
        "headers": [
            *((f"{way.__name__} {compiler}", lambda way=way, compiler=compiler: way(compiler))
              for compiler in (OLDEST, USUAL, GNU) for way in (refused, macros)),
        ],
    }  # fmt: skip


def attempt(group, ways):
    """Goes the ways of a group until one fails. Gives a line for each that went well, and what is to be said of a failure."""
    passed = []
    for number, (name, way) in enumerate(ways):
        begin = time.monotonic()
        try:
            way()
        except Failed as error:
            rest = [name for name, _ in ways[number + 1 :]]
            return passed, f"FAILED {group}, {name}: {error}" + (f"\nNOT RUN: {', '.join(rest)}" if rest else "")
        passed.append(f"{group}, {name}: {time.monotonic() - begin:.0f} s")
    return passed, None


def main():
    chosen = groups()
    if "--help" in sys.argv or not set(sys.argv[1:]) <= set(chosen):
        print(__doc__.strip())
        return 2
    if sys.argv[1:]:
        chosen = {group: ways for group, ways in chosen.items() if group in sys.argv[1:]}
    missing = [compiler for compiler in (OLDEST, USUAL, GNU) if not shutil.which(compiler)]
    if missing:
        print(f"not installed: {', '.join(missing)}; ./dev setup installs what tools/packages*.txt name")
        return 1
    shutil.rmtree(BUILD, ignore_errors=True)
    (BUILD / "other-library").mkdir(parents=True)
    (BUILD / "other-library/cstddef").touch()

    gone, failures = 0, 0
    with ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
        for passed, failure in pool.map(lambda both: attempt(*both), chosen.items()):
            gone += len(passed)
            for line in [*passed, *([failure] if failure else [])]:
                print(line, flush=True)
            failures += failure is not None
    print(f"{gone} ways to use aio, by {OLDEST}, {USUAL} and {GNU}" if not failures else f"{failures} of {len(chosen)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
