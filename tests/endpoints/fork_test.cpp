// SPDX-License-Identifier: MIT
// fork() while a server and its client talk, at every step of it: the child ends its run, and the parent
// hears all there is to hear.
#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <unistd.h>
#include <optional>
#include <string>
#include <support/child.hpp>
#include <support/log_capture.hpp>
#include <utility>

namespace aio {
namespace {

using namespace std::chrono_literals;

class Talk {
public:
    /// What the child does before it returns from its coroutine.
    enum class Child { nothing, closes, aborts };
    Talk(int fork_at, Child child) : fork_at_(fork_at), child_(child) {}

    /// What was heard. The parent adds how the child ended, "no fork" if there were fewer points.
    Coro<std::string> run() {
        Server server =
            co_await start_server([this](auto r, auto w) { return answer(r, w); }, "127.0.0.1", 0);
        if (forked()) co_return "";
        auto connection = co_await open_connection("127.0.0.1", server.sockets().at(0).getsockname().port());
        auto& [reader, writer] = connection;
        client_.emplace(writer);
        std::string heard;
        for (const char* line : {"one\n", "two\n", "three\n"}) {
            if (forked()) co_return "";
            writer.write(line);
            if (forked()) co_return "";
            heard += co_await reader.readline();
            if (forked()) co_return "";
            co_await sleep(0s);
        }
        writer.write_eof();
        if (forked()) co_return "";
        heard += co_await reader.read();
        if (forked()) co_return "";
        writer.close();
        if (forked()) co_return "";
        server.close();
        if (forked()) co_return "";
        co_return heard + (points_ > fork_at_ ? tests::how_ended(child_id_) : "no fork");
    }
    bool in_child() const noexcept { return child_id_ == 0; }

private:
    // Whether this is the child, which ends its coroutine then.
    bool forked() {
        if (points_++ != fork_at_) return false;
        child_id_ = ::fork();
        if (!in_child()) return false;
        for (const auto& writer : {&client_, &server_side_}) {
            if (!*writer) continue;
            if (child_ == Child::closes) (*writer)->close();
            if (child_ == Child::aborts) (*writer)->transport().abort();
        }
        return true;
    }
    Coro<> answer(StreamReader reader, StreamWriter writer) {
        server_side_.emplace(writer);
        while (!reader.at_eof()) {
            if (forked()) co_return;
            writer.write(co_await reader.readline());
            if (forked()) co_return;
            co_await writer.drain();
        }
        writer.close();
    }

    const int fork_at_;
    const Child child_;
    int points_ = 0;
    pid_t child_id_ = -1;
    std::optional<StreamWriter> client_;
    std::optional<StreamWriter> server_side_;
};

TEST(ForkWhileTalking, TheParentHearsEverything) {
    for (const auto what : {Talk::Child::nothing, Talk::Child::closes, Talk::Child::aborts}) {
        int points = 0;
        for (;; ++points) {
            const tests::ChildSays says;
            const std::string end = tests::run_in_child([&] {
                ::alarm(60);
                const tests::LogCapture log;
                Talk talk(points, what);
                std::string text;
                try {
                    text = aio::run(talk.run());
                } catch (const RuntimeError&) {  // in the child, if it was not the main task that forked
                    if (!talk.in_child()) throw;
                }
                if (talk.in_child()) ::_exit(text.empty() && log.messages().empty() ? 5 : 1);
                says(text);
            });
            ASSERT_EQ(end, "exit 0") << points;
            const std::string heard = says.heard();
            if (heard == "one\ntwo\nthree\nno fork | ") break;
            ASSERT_EQ(heard, "one\ntwo\nthree\nexit 5 | ") << points;
        }
        EXPECT_EQ(points, 22);
    }
}

}  // namespace
}  // namespace aio
