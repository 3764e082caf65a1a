// SPDX-License-Identifier: MIT
// A descriptor that is not a socket of ours: inotify tells what is written into a folder.
#include <aio/aio.hpp>
#include <aio/transport/async_fd.hpp>

#include <sys/inotify.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;

aio::Coro<> watch(std::string folder, int files) {
    aio::AsyncFd inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), aio::AsyncFd::own);
    ::inotify_add_watch(inotify.fileno(), folder.c_str(), IN_CLOSE_WRITE);
    alignas(inotify_event) std::array<char, 4096> buffer{};
    while (files > 0) {
        const aio::FdReady ready = co_await inotify.readable();
        // Until it would block: only then does the next wait wait.
        while (const auto size = ready.try_io(::read, inotify.fileno(), buffer.data(), buffer.size())) {
            if (*size <= 0) co_return;
            for (ssize_t at = 0; at < *size; --files) {
                const auto* event =
                    reinterpret_cast<const inotify_event*>(&buffer[static_cast<std::size_t>(at)]);
                std::printf("written: %s\n", event->name);
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            }
        }
    }
}

aio::Coro<> amain() {
    std::string folder = (std::filesystem::temp_directory_path() / "aio-watch-XXXXXX").string();
    if (!::mkdtemp(folder.data())) throw aio::RuntimeError("no temporary folder");
    auto watching = aio::create_task(watch, folder, 3);
    for (const char* const name : {"one.txt", "two.txt", "three.txt"}) {
        co_await aio::sleep(100ms);
        std::ofstream(folder + "/" + name) << "text";
    }
    co_await watching;
    std::filesystem::remove_all(folder);
}

int main() { aio::run(amain()); }
