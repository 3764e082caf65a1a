// SPDX-License-Identifier: MIT
// S141 to S146: subprocesses and pipes.
#include "network.hpp"

#include <support/pipe.hpp>

#include <aio/pipe.hpp>
#include <aio/subprocess.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;
using subprocess::Options;
using subprocess::PIPE;

std::string text(const std::string& bytes) {
    std::string shown = bytes;
    for (std::size_t at = 0; (at = shown.find('\n', at)) != std::string::npos; at += 2) {
        shown.replace(at, 1, "\\n");
    }
    return b(shown);
}

// None for what is no PIPE, which in C++ is an empty string.
std::string text(const subprocess::Process& p, const subprocess::Output& output) {
    return "(" + (p.stdout() ? text(output.out) : "None") + ", " + (p.stderr() ? text(output.err) : "None") +
           ")";
}

TEST_F(Conformance, S141_communicate_feeds_and_drains_at_the_same_time) {
    run([&]() -> Coro<> {
        auto p = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
        auto output = co_await p.communicate(std::string(1'000'000, 'x'));
        print(output.out.size(), p.stderr() ? "bytes" : "None", p.returncode().value());
        p = co_await create_subprocess_exec(Options().stdin(PIPE), "true");
        output = co_await p.communicate(std::string(1'000'000, 'x'));
        print(text(p, output), p.returncode().value());
        p = co_await create_subprocess_shell("echo out; echo err >&2; exit 3",
                                             Options().stdout(PIPE).stderr(PIPE));
        output = co_await p.communicate();
        print(text(p, output), p.returncode().value());
    });
    expect(
        "1000000 None 0\n"
        "(None, None) 0\n"
        "(b'out\\n', b'err\\n') 3\n");
}

// In virtual time, which passes when the loop has nothing else to do; the child has filled its pipe by then
// or has not, and cannot end in either case.
TEST_F(Conformance, S142_wait_with_an_undrained_pipe_deadlocks) {
    run([&]() -> Coro<> {
        auto p =
            co_await create_subprocess_exec(Options().stdout(PIPE), "head", "-c", "1000001", "/dev/zero");
        try {
            co_await wait_for(p.wait(), 500ms);
        } catch (const TimeoutError&) {
            print("stuck", p.returncode() ? "ended" : "None");
        }
        const std::string all = co_await p.stdout().read();
        const int code = co_await p.wait();
        print(all.size(), code);
    });
    expect(
        "stuck None\n"
        "1000001 0\n");
}

TEST_F(Conformance, S143_exit_status) {
    run([&]() -> Coro<> {
        auto p = co_await create_subprocess_exec("sleep", "99");
        print(p.returncode() ? "ended" : "None");
        p.terminate();
        auto codes = co_await gather(p.wait(), p.wait());
        print(std::vector<int>{std::get<0>(codes), std::get<1>(codes)}, p.returncode().value());
        try {
            p.kill();
            print("no error");
        } catch (const ProcessLookupError&) {
            print("ProcessLookupError");
        }
        try {
            co_await create_subprocess_exec("/no/such/program");
        } catch (const FileNotFoundError&) {
            print("FileNotFoundError");
        }
    });
    expect(
        "None\n"
        "[-15, -15] -15\n"
        "ProcessLookupError\n"
        "FileNotFoundError\n");
}

TEST_F(Conformance, S144_cancelling_a_wait_does_not_touch_the_child) {
    run([&]() -> Coro<> {
        auto p = co_await create_subprocess_exec(Options().stdout(PIPE), "sleep", "99");
        try {
            co_await wait_for(p.communicate(), 50ms);
        } catch (const TimeoutError&) {
            print("alive", p.returncode() ? "ended" : "None");
        }
        p.kill();
        int code = co_await p.wait();
        print(code);
        auto made =
            co_await subprocess_exec([] { return std::make_shared<SubprocessProtocol>(); }, "sleep", "99");
        made.first->close();
        while (!made.first->get_returncode()) co_await sleep(0s);
        print(made.first->get_returncode().value());
    });
    expect(
        "alive None\n"
        "-9\n"
        "-9\n");
}

struct Log final : SubprocessProtocol {
    void connection_made(SubprocessTransport& made) override {
        log.push_back("made " + std::to_string(made.get_pid() > 0));
    }
    void pipe_data_received(int fd, BytesView data) override {
        log.push_back(std::to_string(fd) + " " + data.str());
    }
    void pipe_connection_lost(int fd, std::exception_ptr) override {
        log.push_back(std::to_string(fd) + " closed");
    }
    void process_exited() override { log.push_back("exited"); }
    void connection_lost(std::exception_ptr) override {
        log.push_back("lost");
        done.set_result();
    }
    bool has(const std::string& line) const { return std::find(log.begin(), log.end(), line) != log.end(); }
    std::vector<std::string> log;
    Future<> done = get_running_loop().create_future<>();
};

TEST_F(Conformance, S145_subprocess_protocol_order) {
    run([&]() -> Coro<> {
        // Unlike in Python it waits for a line, not for a time.
        auto made = co_await subprocess_shell([] { return std::make_shared<Log>(); },
                                              "echo a; read line; echo b >&2", Options().stdin(PIPE));
        auto& [transport, protocol] = made;
        while (!protocol->has("1 a\n")) co_await sleep(0s);
        transport->get_pipe_transport(0)->write("go\n");
        co_await protocol->done;
        print(protocol->log.at(0), text(protocol->log.at(1)), protocol->log.back());
        print(protocol->has("2 b\n"), protocol->has("exited"), transport->get_returncode().value());
        print(protocol->has("0 closed"), protocol->has("1 closed"), protocol->has("2 closed"));
    });
    expect(
        "made 1 b'1 a\\n' lost\n"
        "True True 0\n"
        "True True True\n");
}

TEST_F(Conformance, S146_pipes_as_transports) {
    run([&]() -> Coro<> {
        Pipe pipe;
        const StreamReader rd;
        co_await connect_read_pipe([&] { return std::make_shared<StreamReaderProtocol>(rd); },
                                   pipe.take_reading());
        auto made =
            co_await connect_write_pipe([] { return std::make_shared<Protocol>(); }, pipe.take_writing());
        made.first->write("hi\n");
        const std::string line = co_await rd.readline();
        print(text(line));
        made.first->close();
        const std::string rest = co_await rd.read();
        print(text(rest));
        try {
            const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
            co_await connect_read_pipe([] { return std::make_shared<Protocol>(); }, file);
        } catch (const ValueError&) {
            print("ValueError");
        }
    });
    expect(
        "b'hi\\n'\n"
        "b''\n"
        "ValueError\n");
}

}  // namespace
}  // namespace aio::tests
