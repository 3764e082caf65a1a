// SPDX-License-Identifier: MIT
// A loop that closes while a server and its clients talk at random: nothing is cancelled or closed before.
// That all is given back, and nothing touched afterwards, is for the sanitizers to see.
#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <support/log_capture.hpp>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

class RandomTalk {
public:
    explicit RandomTalk(unsigned seed) : random_(seed) {}

    Coro<> run() {
        auto serve = [this](StreamReader reader, StreamWriter writer) {
            return answer(std::move(reader), std::move(writer));
        };
        server_.emplace(co_await start_server(serve, "127.0.0.1", 0));
        port_ = server_->sockets().at(0).getsockname().port();
        for (int i = 0; i < 6; ++i) clients_.push_back(create_task(talk()));
        for (;;) {
            co_await sleep(std::chrono::microseconds(below(3000)));
            Task<>& client = clients_[below(clients_.size())];
            client.cancel();
            const std::vector<Task<>> cancelled(1, client);
            co_await wait(cancelled);
            client = create_task(talk());
        }
    }
    bool once_in(std::size_t n) { return below(n) == 0; }
    std::size_t below(std::size_t n) { return random_() % n; }
    std::size_t answered() const noexcept { return answered_; }

private:
    Coro<std::string> some_read(StreamReader& reader) {
        switch (below(5)) {
            case 0:
                co_return co_await reader.readline();
            case 1:
                co_return co_await reader.readexactly(1 + below(50));
            case 2:
                co_return std::string(co_await reader.read_view());
            case 3:
                co_return co_await wait_for(reader.read(1000), 1ms);
            default:
                co_return co_await reader.read(100);
        }
    }
    Coro<> answer(StreamReader reader, StreamWriter writer) {
        try {
            for (;;) {
                const std::string data = co_await some_read(reader);
                if (data.empty()) break;
                ++answered_;
                writer.write(data);
                if (!once_in(3)) co_await writer.drain();
                if (once_in(40)) writer.transport().abort();
                if (once_in(40)) writer.write_eof();
                if (once_in(40)) break;
            }
        } catch (const std::exception&) {  // resets, timeouts, ends in the middle, lines that are too long
        }
        writer.close();
    }
    Coro<> talk() {
        for (;;) {
            try {
                co_await talk_once();
            } catch (const std::exception&) {
            }
            co_await sleep(0s);
        }
    }
    Coro<> talk_once() {
        auto connection = co_await open_connection("127.0.0.1", port_);
        StreamReader& reader = connection.first;
        StreamWriter& writer = connection.second;
        for (int i = 0; i < 20; ++i) {
            writer.write(std::string(1 + below(once_in(20) ? 300'000 : 200), 'x') + "\n");
            if (once_in(2)) co_await writer.drain();
            if (once_in(2)) (void)co_await wait_for(reader.read(1 + below(3000)), 1ms);
            if (once_in(30)) writer.transport().abort();
        }
        writer.close();
        if (once_in(2)) co_await writer.wait_closed();
    }

    std::mt19937 random_;
    std::optional<Server> server_;
    int port_ = 0;
    std::vector<Task<>> clients_;
    std::size_t answered_ = 0;
};

TEST(ClosingLoop, InTheMiddleOfARandomTalk) {
    const tests::LogCapture log;  // of writes to connections that were lost
    std::size_t answered = 0;
    for (unsigned round = 0; round < 40; ++round) {
        RandomTalk talk(round);
        const EventLoopPtr loop = new_event_loop();
        loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        const Task<> all = loop->create_task(talk.run());
        // The clock is the real one, as the sockets are: any moment is as good as another. But where the
        // machine is slow a moment may be too short for anything, so the first round lasts until they talk.
        std::function<void()> end = [&] {
            if (round > 0 || talk.answered() > 0) return loop->stop();
            loop->call_later(1ms, end);
        };
        loop->call_later(std::chrono::milliseconds(talk.below(30)), end);
        loop->run_forever();
        EXPECT_FALSE(all.done());
        loop->close();
        answered += talk.answered();
    }
    EXPECT_GT(answered, 0u);
}

}  // namespace
}  // namespace aio
