// SPDX-License-Identifier: MIT
// The transports' rows of S150, and S151.
#include "network.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Fails in the one place it is told to.
struct FailsIn : BufferedProtocol {
    explicit FailsIn(std::string where) : place(std::move(where)) {}
    void fail_in(std::string_view here) const {
        if (place == here) throw ValueError(place);
    }
    void connection_made(Transport&) override { fail_in("connection_made"); }
    std::span<char> get_buffer(std::size_t) override {
        fail_in("get_buffer");
        return std::span<char>(memory).subspan(0, place == "empty buffer" ? 0 : memory.size());
    }
    void buffer_updated(std::size_t) override { fail_in("buffer_updated"); }
    bool eof_received() override {
        fail_in("eof_received");
        return false;
    }
    void pause_writing() override { fail_in("pause_writing"); }
    void resume_writing() override { fail_in("resume_writing"); }
    std::string place;
    std::array<char, 16> memory{};
};

TEST_F(Conformance, S150_fatal_errors_of_protocol_callbacks) {
    run([&]() -> Coro<> {
        report();
        for (const char* place : {"get_buffer", "empty buffer", "buffer_updated", "eof_received"}) {
            auto [ours, theirs] = socket_pair();
            auto factory = [place] { return std::make_shared<FailsIn>(place); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            write_text(theirs.fileno(), "x");
            theirs.close();
            while (protocol.use_count() > 1) co_await sleep(0s);  // until connection_lost() returned
        }
    });
    expect(
        "HANDLER: Fatal error: protocol.get_buffer() call failed. ['exception', 'protocol', 'transport']\n"
        "HANDLER: Fatal error: protocol.get_buffer() call failed. ['exception', 'protocol', 'transport']\n"
        "HANDLER: Fatal error: protocol.buffer_updated() call failed. ['exception', 'protocol', "
        "'transport']\n"
        "HANDLER: Fatal error: protocol.eof_received() call failed. ['exception', 'protocol', "
        "'transport']\n");
}

TEST_F(Conformance, S150_failures_of_pause_writing_and_resume_writing_are_not_fatal) {
    run([&]() -> Coro<> {
        report();
        for (const char* place : {"pause_writing", "resume_writing"}) {
            auto [ours, theirs] = socket_pair();
            auto factory = [place] { return std::make_shared<FailsIn>(place); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            const std::size_t written = write_beyond(*transport);
            std::size_t received = 0;
            while (received < written) {
                received += read_all(theirs.fileno()).size();
                co_await sleep(0s);
            }
            print(transport->is_closing());
            transport->close();
            while (protocol.use_count() > 1) co_await sleep(0s);
        }
    });
    expect(
        "HANDLER: protocol.pause_writing() failed ['exception', 'protocol', 'transport']\n"
        "False\n"
        "HANDLER: protocol.resume_writing() failed ['exception', 'protocol', 'transport']\n"
        "False\n");
}

struct LostPrinter : Protocol {
    explicit LostPrinter(Trace& trace) : print(trace) {}
    void connection_lost(std::exception_ptr error) override { print("lost", error_name(error)); }
    Trace& print;
};

TEST_F(Conformance, S150_ordinary_disconnects_are_not_reported) {
    run([&]() -> Coro<> {
        report();
        auto [ours, theirs] = tcp_pair();
        auto factory = [&] { return std::make_shared<LostPrinter>(print); };
        auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
        reset_on_close(theirs.fileno());
        theirs.close();
        while (protocol.use_count() > 1) co_await sleep(0s);
    });
    expect("lost ConnectionResetError\n");
}

// Nothing an orderly program does makes a connected socket fail otherwise: the descriptor is replaced.
TEST_F(Conformance, S150_unexpected_socket_errors_are_reported) {
    run([&]() -> Coro<> {
        report();
        for (const bool writing : {false, true}) {
            auto [ours, theirs] = socket_pair();
            const int fd = ours.fileno();
            auto factory = [&] { return std::make_shared<LostPrinter>(print); };
            auto [transport, protocol] = co_await create_connection(factory, std::move(ours));
            transport->pause_reading();
            write_text(theirs.fileno(), "x");
            co_await sleep(0s);
            co_await sleep(0s);
            const Socket other(::open("/dev/null", O_RDWR | O_CLOEXEC));
            ::dup2(other.fileno(), fd);
            if (writing) {
                transport->write("x");
            } else {
                transport->resume_reading();
            }
            while (protocol.use_count() > 1) co_await sleep(0s);
        }
    });
    expect(
        "HANDLER: Fatal read error on socket transport ['exception', 'protocol', 'transport']\n"
        "lost OSError\n"
        "HANDLER: Fatal write error on socket transport ['exception', 'protocol', 'transport']\n"
        "lost OSError\n");
}

// --- S151 -------------------------------------------------------------------------------------------

// Leaves room for `more` descriptors in the process.
class DescriptorLimit {
public:
    explicit DescriptorLimit(int more) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit limit = before_;
        const int next = ::dup(0);  // the lowest free number
        ::close(next);
        limit.rlim_cur = static_cast<rlim_t>(next + more);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// The sanitizer opens descriptors for its own checks.
constexpr bool kDescriptorsMayRunOut =
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
    false &&
#endif
#endif
    true;

TEST_F(Conformance, S151_accept_pauses_for_a_second_when_descriptors_run_out) {
    if (!kDescriptorsMayRunOut) GTEST_SKIP() << "UBSan opens descriptors for its own checks";
    run([&]() -> Coro<> {
        report();
        int connected = 0;
        auto serve = [&](StreamReader, StreamWriter w) {
            ++connected;
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        const SocketAddress address = s.sockets()[0].getsockname();
        const Socket client = Socket::stream(AF_INET);
        std::optional<DescriptorLimit> limit(0);
        ::connect(client.fileno(), address.native(), address.native_size());
        const TimePoint start = loop().time();
        while (print.empty()) co_await sleep(0s);
        limit.reset();
        co_await settle_for_real(10ms);
        print("before the second is over:", connected);
        while (connected == 0) co_await sleep(50ms);
        print("after it:", connected, loop().time() - start >= 1s && loop().time() - start < 1200ms);
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "HANDLER: socket.accept() out of system resource ['exception', 'socket']\n"
        "before the second is over: 0\n"
        "after it: 1 True\n");
}

}  // namespace
}  // namespace aio::tests
