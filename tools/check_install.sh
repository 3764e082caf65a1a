#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build with all parts, moves it elsewhere, and builds and runs small programs against it as a user would:
# with find_package(aiocpp) and with pkg-config, each with clang 19 and g++, in empty folders. Then the same for an
# installation without aio::testing. What is said of g++ 12 is counted: by CMake, by the linker, by aio-check-gcc12.
# check_components.sh looks at parts that need a library, check_consumers.py at other
# compilers, flags and ways to link.
#
# usage: check_install.sh BUILD_FOLDER
set -euo pipefail

if [ $# -ne 1 ] || [ "$1" = --help ]; then
    sed -n '3,9s/^# \{0,1\}//p' "$0"
    exit 2
fi
build=$1
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # nothing in it may remember where it was installed
prefix=$work/prefix

different=$(diff <(cd "$source" && find aio -name '*.hpp' ! -name '*_impl.hpp' | LC_ALL=C sort) \
    <(cd "$prefix/include" && find aio -type f | LC_ALL=C sort) || true)
if [ -n "$different" ]; then
    echo "the installed headers are not the public ones:"
    echo "$different"
    exit 1
fi
strangers=$(find "$prefix" -type f | sed "s|^$prefix/||" |
    grep -vE '^include/aio/.*\.hpp$|^lib/.*libaiocpp(-[a-z]+)?\.(a|so[.0-9]*)$|^lib/.*/pkgconfig/aiocpp(-[a-z]+)?\.pc$|^lib/.*/cmake/aiocpp/|^share/(doc/)?aiocpp/|^bin/aio(-check-(captures|gcc12))?$|^share/man/man1/aio\.1$|^share/(bash-completion/completions/aio|zsh/site-functions/_aio)$|^lib/(cmake|pkgconfig)/' || true)
if [ -n "$strangers" ]; then
    echo "files that do not belong into an installation: $strangers"
    exit 1
fi
"$prefix/bin/aio" --version >/dev/null
pc=$(dirname "$(find "$prefix" -name aiocpp.pc)")

mkdir "$work/user"
cat >"$work/user/hello.cpp" <<'END'
#include <aio/aio.hpp>

#include <cstdio>

using namespace std::chrono_literals;

aio::Coro<int> answer() {
    co_await aio::sleep(1ms);
    co_return 42;
}

aio::Coro<> amain() {
    const int value = co_await answer();
    std::printf("the answer is %d\n", value);
}

int main() { return aio::run(amain()); }
END
cat >"$work/names.cpp" <<'END'
#include <aio/aio.hpp>
#include <aio/dns.hpp>

#include <cstdio>
#include <string>

aio::Coro<> amain() {
    aio::dns::Resolver resolver;
    auto found = co_await resolver.getaddrinfo("127.0.0.42", 80, aio::AddrInfoOptions());
    bool encoded = aio::dns::idna_encode("b\u00fccher.example") == "xn--bcher-kva.example";
    std::string last = found.at(0).address.host().substr(8);
    std::printf("the answer is %s\n", encoded ? last.c_str() : "not encoded");
}

int main() { return aio::run(amain()); }
END
cat >"$work/user/secure.cpp" <<'END'
#include <aio/aio.hpp>
#include <aio/ssl.hpp>

#include <cstdio>

int main() {
    const auto context = aio::ssl::create_default_context();
    std::printf("the answer is %d\n", context->check_hostname() ? 42 : 0);
}
END
cat >"$work/user/web.cpp" <<'END'
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/http/json.hpp>

#include <cstdio>
#include <string>

struct Answer {
    int port = 0;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (port))

int main() {
    aio::http::RequestParser parser;
    parser.parse("GET /[x] HTTP/1.1\r\nHost: a\r\n\r\n");
    const aio::http::URL url("http://B\u00fccher.example:42" + std::string(parser.head().target));
    const bool encoded = url.raw_host() == "xn--bcher-kva.example" && url.raw_path() == "/%5Bx%5D";
    const auto answer = aio::json::loads<Answer>(aio::json::dumps(Answer{*url.port()}));
    std::printf("the answer is %d\n", encoded ? answer.port : 0);
}
END
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user CXX)
find_package(aiocpp 0.1 REQUIRED ${FIND})
find_package(aiocpp 0.1 REQUIRED COMPONENTS aio) # as another part of a project would
foreach(part aio ssl testing)
    if(TARGET aio::${part})
        add_executable(hello_${part} $<IF:$<STREQUAL:${part},ssl>,secure.cpp,hello.cpp>)
        target_link_libraries(hello_${part} PRIVATE aio::${part})
    endif()
endforeach()
if(TARGET aio::http)
    add_executable(hello_http web.cpp)
    target_link_libraries(hello_http PRIVATE aio::http)
endif()
if(TARGET aio::dns)
    add_executable(hello_dns ../names.cpp)
    target_link_libraries(hello_dns PRIVATE aio::dns)
endif()
END

expect_answer() {
    local printed
    printed=$("$1")
    if [ "$printed" != "the answer is 42" ]; then
        echo "$2: printed \"$printed\""
        exit 1
    fi
}

# warned TIMES WHO: how often the log speaks of g++ 12.
warned() {
    local times
    times=$(grep -c miscompiles "$work/log" || true)
    [ "$times" = "$1" ] && return
    echo "$2 tells $times times of g++ 12, not $1:"
    cat "$work/log"
    exit 1
}

for compiler in clang++-19 g++; do
    folder=$work/user-$compiler
    once=0
    if [ "$compiler" = g++ ] && [ "$(g++ -dumpversion | cut -d. -f1)" -lt 13 ]; then once=1; fi
    {
        cmake -G Ninja -S "$work/user" -B "$folder" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" \
            -DFIND="COMPONENTS;aio;ssl;dns;http;testing" -DCMAKE_BUILD_TYPE=Release && cmake --build "$folder"
    } >"$work/log" 2>&1 || { echo "find_package with $compiler:"; cat "$work/log"; exit 1; }
    warned $once "find_package with $compiler" # and not the linker
    cmake "$folder" -DAIO_GCC12_NOTICE=OFF >"$work/log" 2>&1
    warned 0 "find_package with $compiler and AIO_GCC12_NOTICE=OFF"
    expect_answer "$folder/hello_aio" "find_package with $compiler"
    expect_answer "$folder/hello_ssl" "find_package (ssl) with $compiler"
    expect_answer "$folder/hello_testing" "find_package (testing) with $compiler"

    expect_answer "$folder/hello_dns" "find_package (dns) with $compiler"
    expect_answer "$folder/hello_http" "find_package (http) with $compiler"

    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs aiocpp-http)
    # shellcheck disable=SC2086  # flags are several words
    "$compiler" -std=c++20 -DAIO_GCC12_NOTICE=0 "$work/user/web.cpp" -o "$folder/web-by-pkg-config" $flags 2>"$work/log" ||
        { cat "$work/log"; exit 1; }
    expect_answer "$folder/web-by-pkg-config" "pkg-config aiocpp-http with $compiler"

    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs aiocpp-dns)
    # shellcheck disable=SC2086  # flags are several words
    "$compiler" -std=c++20 -DAIO_GCC12_NOTICE=0 "$work/names.cpp" -o "$folder/names-by-pkg-config" $flags 2>"$work/log" ||
        { cat "$work/log"; exit 1; }
    expect_answer "$folder/names-by-pkg-config" "pkg-config aiocpp-dns with $compiler"

    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs aiocpp-testing)
    # shellcheck disable=SC2086  # flags are several words
    "$compiler" -std=c++20 -Werror -O2 "$work/user/hello.cpp" -o "$folder/by-pkg-config" $flags 2>"$work/log" ||
        { cat "$work/log"; exit 1; }
    warned $once "pkg-config with $compiler"
    expect_answer "$folder/by-pkg-config" "pkg-config aiocpp-testing with $compiler"
    # shellcheck disable=SC2086
    "$compiler" -std=c++20 -DAIO_GCC12_NOTICE=0 "$work/user/hello.cpp" -o "$folder/by-pkg-config" $flags 2>"$work/log"
    warned 0 "pkg-config with $compiler and -DAIO_GCC12_NOTICE=0"

    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs aiocpp-ssl)
    # shellcheck disable=SC2086
    "$compiler" -std=c++20 -DAIO_GCC12_NOTICE=0 "$work/user/secure.cpp" -o "$folder/by-pkg-config" $flags
    expect_answer "$folder/by-pkg-config" "pkg-config aiocpp-ssl with $compiler"
done

# AddressSanitizer instruments the variables of a source; the notice's text must not be one of them, because the linker
# discards its section.
echo 'int main() {}' >"$work/user/empty.cpp"
for compiler in clang++-19 g++; do
    "$compiler" -std=c++20 -fsanitize=address -fuse-ld=bfd -I"$source" "$source/aio/compose/gcc12_notice.cpp" \
        "$work/user/empty.cpp" -o "$work/user/empty" || exit 1
done
rm "$work/user/empty.cpp" "$work/user/empty"

mkdir "$work/parent"
cat >"$work/parent/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(parent CXX)
add_subdirectory($source aio)
find_package(aiocpp 0.1 REQUIRED)
END
for notice in ON OFF; do
    for compiler in clang++-19 g++; do
        cmake -G Ninja -S "$work/parent" -B "$work/parent-$compiler" -DCMAKE_CXX_COMPILER="$compiler" \
            -DCMAKE_PREFIX_PATH="$prefix" -DAIO_GCC12_NOTICE=$notice >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
        [ $notice-$compiler = ON-g++ ] && times=$once || times=0
        warned $times "add_subdirectory with $compiler and AIO_GCC12_NOTICE=$notice"
    done
done

echo 'aio::Coro<> wrong() { if (co_await ready()) go(); }' >"$work/user/wrong.cpp"
if (cd / && "$prefix/bin/aio-check-gcc12" "$work/user") >"$work/log" 2>&1 ||
    ! grep -q "wrong.cpp:1: g++ 12 pattern 1" "$work/log" || ! grep -q "^4 files, 1 findings$" "$work/log"; then
    echo "aio-check-gcc12 does not find what is wrong:"
    cat "$work/log"
    exit 1
fi
rm "$work/user/wrong.cpp"
(cd "$work/user" && "$prefix/bin/aio-check-gcc12" hello.cpp) >"$work/log" || { cat "$work/log"; exit 1; }
if "$prefix/bin/aio-check-gcc12" >"$work/log" || ! grep -q "^usage: aio-check-gcc12" "$work/log"; then
    echo "aio-check-gcc12 without files does not tell its usage"
    exit 1
fi

cat >"$work/user/kept.cpp" <<'END'
auto task = aio::create_task([name]() -> aio::Coro<> { co_await use(name); }());
END
if (cd / && "$prefix/bin/aio-check-captures" "$work/user") >"$work/log" 2>&1 ||
    ! grep -q "kept.cpp:1: lambda: " "$work/log" || ! grep -q "^4 files, 1 findings$" "$work/log"; then
    echo "aio-check-captures does not find what is wrong:"
    cat "$work/log"
    exit 1
fi
rm "$work/user/kept.cpp"

# Without aio::testing. The library itself is the same then, so it is not compiled again.
without=$work/without
cmake -G Ninja -S "$source" -B "$without" -DCMAKE_BUILD_TYPE=Release -DAIO_WITH_TESTING=OFF -DAIO_WITH_DNS=OFF \
    -DAIO_WITH_HTTP=OFF >"$work/log" 2>&1
if grep 'aio: without' "$work/log"; then
    echo "AIO_WITH_TESTING=OFF is not silent"
    exit 1
fi
cp "$build/libaiocpp.a" "$build/libaiocpp-ssl.a" "$without/"
cmake --install "$without" --prefix "$work/small" >/dev/null
strangers=$(find "$work/small" -path '*testing*')
if [ -n "$strangers" ]; then
    echo "installed in spite of AIO_WITH_TESTING=OFF: $strangers"
    exit 1
fi

# says TEXT: CMake breaks the lines of its messages where it likes.
says() {
    tr -s ' \n' ' ' <"$work/log" | grep -qF "$1" && return
    echo "expected \"$1\" in:"
    cat "$work/log"
    exit 1
}
for compiler in clang++-19 g++; do
    folder=$work/user-without-$compiler
    use() {
        cmake -G Ninja -S "$work/user" -B "$folder" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/small" \
            -DFIND="$1" >"$work/log" 2>&1
    }
    if use "COMPONENTS;testing"; then
        echo "find_package with $compiler finds aio::testing, which is not installed"
        exit 1
    fi
    says "built without aio::testing: AIO_WITH_TESTING was OFF. To have it, build and install aiocpp again with -DAIO_WITH_TESTING=ON."
    { use "OPTIONAL_COMPONENTS;testing" && cmake --build "$folder" >>"$work/log" 2>&1; } || { cat "$work/log"; exit 1; }
    expect_answer "$folder/hello_aio" "find_package (without testing) with $compiler"
done

# The other states of the option: a part that needs no library is built with either.
for state in ON AUTO; do
    cmake "$without" -DAIO_WITH_TESTING=$state >"$work/log"
    targets=$(cmake --build "$without" --target help)
    [[ $targets == *$'\n'aio_testing:* ]] || { echo "AIO_WITH_TESTING=$state: no target aio_testing"; exit 1; }
done
if cmake "$without" -DAIO_WITH_TESTING=OFF -DAIO_BUILD_TESTS=ON >"$work/log" 2>&1; then
    echo "tests can be configured without aio::testing"
    exit 1
fi
says "the tests and the examples (AIO_BUILD_TESTS, AIO_BUILD_EXAMPLES) need aio::testing, but AIO_WITH_TESTING is OFF."
echo "find_package and pkg-config, clang++-19 and g++, with and without aio::testing"
