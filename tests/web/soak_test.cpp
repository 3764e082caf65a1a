// SPDX-License-Identifier: MIT
// A server under mixed load: whatever its clients do, it answers the others, and nothing stays. Some rounds
// of it; with AIO_LOAD_SECONDS as many as there is time for (./dev check load).
#include "support/part_of.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"
#include "web/load_server.hpp"

#include <aio/base/log.hpp>
#include <aio/base/pool.hpp>
#include <aio/client/client_session.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/net.hpp>

#include <malloc.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

constexpr int kVisitors = 30;
constexpr std::size_t kFileSize = 300'000;

/// What became of the visits. Those who behave get the right answer, or the test fails.
struct Tally {
    long answered = 0;
    long cancelled = 0;
    long misbehaved = 0;
    long refused = 0;  ///< of garbage and of what was too slow
};

AsyncGenerator<std::string> pieces(int count) {
    for (int i = 0; i < count; ++i) {
        co_yield std::string(5000, 'p');
        if (i % 4 == 3) co_await sleep(0s);
    }
}

/// One client after the other.
class Visitor {
public:
    Visitor(unsigned seed, const LoadServer& patient, const LoadServer& impatient, Tally& tally)
        : random_(seed),
          patient_(patient),
          impatient_(impatient),
          tally_(tally),
          plain_(patient.session(false)),
          tls_(patient.session(true)) {}
    Coro<> close() {
        co_await plain_.close();
        co_await tls_.close();
    }

    Coro<> visit() {
        switch (pick(0, 11)) {
            case 0:
                return cancelled();
            case 1:
                return half_close();
            case 2:
                return pipeline();
            case 3:
                return misbehave(&Visitor::reset, patient_);
            case 4:
                return misbehave(&Visitor::read_slowly, impatient_);
            case 5:
                return misbehave(&Visitor::write_slowly, impatient_);
            case 6:
                return misbehave(&Visitor::garbage, impatient_);
            case 7:
                return misbehave(&Visitor::silence, impatient_);
            default:
                return behave();
        }
    }

private:
    int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
    std::string some_name() { return std::to_string(random_() % 1'000'000); }

    // --- those who behave: each answer has to be the one to what was asked ------------------------------

    Coro<> behave() {
        const http::ClientSession& session = pick(0, 2) == 0 ? tls_ : plain_;
        switch (pick(0, 8)) {
            case 0:
                return upload(session);
            case 1:
                return stream_up(session);
            case 2:
                return download(session, "/large/", true);
            case 3:
                return download(session, "/compressed/", true);
            case 4:
                return download(session, "/large/", false);
            case 5:
                return send_file(session);
            case 6:
                return be_refused(session);
            default:
                return greet(session);
        }
    }
    void check(const std::string& got, const std::string& expected) {
        ++tally_.answered;
        if (got != expected) {
            ADD_FAILURE() << "another answer: " << got.substr(0, 100) << ", not " << expected.substr(0, 100);
        }
    }
    Coro<> greet(const http::ClientSession& session) {
        const std::string name = some_name();
        auto response = co_await session.get((pick(0, 1) == 0 ? "/hello/" : "/slow/") + name);
        const std::string text = co_await response.text();
        check(text, "hello " + name);
    }
    Coro<> upload(const http::ClientSession& session) {
        const std::string body =
            under_load::letters(random_() % 23, static_cast<std::size_t>(pick(0, 200'000)));
        auto response = co_await session.post("/echo").data(body);
        const std::string text = co_await response.read();
        check(text, body);
    }
    Coro<> stream_up(const http::ClientSession& session) {
        const int count = pick(0, 40);
        auto response = co_await session.post("/count").data(pieces(count));
        const std::string text = co_await response.text();
        check(text, std::to_string(count * 5000));
    }
    Coro<> download(const http::ClientSession& session, std::string path, bool to_the_end) {
        const auto size = static_cast<std::size_t>(pick(0, 500'000));
        auto response = co_await session.get(path + std::to_string(size));
        std::size_t got = 0;
        bool right = true;
        while (auto chunk = co_await response.content().next_chunk()) {
            right = right && (*chunk)[0] == under_load::letter_at(got);
            got += chunk->size();
            if (!to_the_end) co_return;  // what is left is skipped, or costs the connection
        }
        if (to_the_end) check(std::to_string(got) + (right ? "" : " wrong"), std::to_string(size));
    }
    Coro<> send_file(const http::ClientSession& session) {
        const int from = pick(0, static_cast<int>(kFileSize) - 1);
        auto response = co_await session.get("/file").header("Range", "bytes=" + std::to_string(from) + "-");
        const std::string text = co_await response.read();
        const auto begin = static_cast<std::size_t>(from);
        check(text, under_load::letters(begin, kFileSize - begin));
    }
    Coro<> be_refused(const http::ClientSession& session) {
        auto response = co_await session.post("/refuse").data(
            std::string(static_cast<std::size_t>(pick(0, 600'000)), 'r'));
        check(std::to_string(response.status()), "403");
    }

    Coro<> cancelled() {
        Task<> task = create_task(behave());
        co_await sleep(std::chrono::microseconds(pick(0, 5000)));
        task.cancel();
        try {
            co_await task;
        } catch (const CancelledError&) {
            ++tally_.cancelled;
        }
    }

    Coro<> half_close() {
        auto streams = co_await open_connection("127.0.0.1", patient_.port);
        auto& [reader, writer] = streams;
        const auto size = static_cast<std::size_t>(pick(1, 300'000));
        writer.write("GET /large/" + std::to_string(size) + " HTTP/1.0\r\n\r\n");
        writer.write_eof();
        const std::string all = co_await reader.read();
        const std::size_t body = all.find("\r\n\r\n") + 4;
        check(all.substr(9, 3) + " " + std::to_string(all.size() - body), "200 " + std::to_string(size));
        writer.close();
    }

    Coro<> pipeline() {
        auto streams = co_await open_connection("127.0.0.1", patient_.port);
        auto& [reader, writer] = streams;
        std::string expected;
        std::string wire;
        for (int i = 0; i < 20; ++i) {
            const std::string name = some_name();
            wire += "GET /hello/" + name + " HTTP/1.1\r\nHost: a\r\n\r\n";
            expected += "hello " + name + ";";
        }
        writer.write(wire);
        std::string got;
        for (int i = 0; i < 20; ++i) {
            const std::string head = co_await reader.readuntil("\r\n\r\n");
            const int length = std::stoi(head.substr(head.find("Content-Length: ") + 16));
            got += co_await reader.readexactly(length);
            got += ';';
        }
        check(got, expected);
        writer.close();
    }

    // --- those who do not: whatever becomes of them is right, as long as it ends
    // -----------------------------

    using Act = Coro<> (Visitor::*)(StreamReader reader, StreamWriter writer);
    Coro<> misbehave(Act act, const LoadServer& server) {
        auto streams = co_await open_connection("127.0.0.1", server.port);
        StreamWriter writer = streams.second;
        bool ended = false;
        try {
            co_await (this->*act)(streams.first, writer);
            ended = true;
        } catch (const OSError&) {
        } catch (const EOFError&) {
        }
        if (!ended) ++tally_.refused;
        ++tally_.misbehaved;
        writer.transport().abort();
    }
    std::string some_request() {
        static const std::array<std::string, 4> requests{
            "GET /large/400000 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'e'),
            "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
            "GET /boom HTTP/1.1\r\nHost: a\r\n\r\n"};
        return requests[static_cast<std::size_t>(pick(0, 3))];
    }
    Coro<> reset(StreamReader reader, StreamWriter writer) {
        std::string request = some_request();
        writer.write(request.substr(0, static_cast<std::size_t>(pick(0, static_cast<int>(request.size())))));
        co_await sleep(std::chrono::microseconds(pick(0, 3000)));
        static_cast<void>(reader);
    }
    Coro<> read_slowly(StreamReader reader, StreamWriter writer) {
        writer.write("GET /large/2000000 HTTP/1.1\r\nHost: a\r\n\r\n");
        for (int i = pick(0, 20); i > 0; --i) {
            co_await reader.readexactly(1000);
            co_await sleep(1ms);
        }
    }
    Coro<> write_slowly(StreamReader reader, StreamWriter writer) {
        const std::string request = some_request().substr(0, 70);
        for (const char c : request) {
            writer.write(std::string(1, c));
            co_await writer.drain();
            co_await sleep(std::chrono::milliseconds(pick(0, 3)));
        }
        co_await read_to_end(reader);
    }
    Coro<> garbage(StreamReader reader, StreamWriter writer) {
        std::string bytes = some_request().substr(0, 300);
        for (int i = pick(1, 10); i > 0; --i) {
            bytes[random_() % bytes.size()] = static_cast<char>(random_());
        }
        writer.write(bytes);
        if (pick(0, 1) == 0) writer.write_eof();
        co_await read_to_end(reader);
    }
    Coro<> silence(StreamReader reader, StreamWriter writer) {
        if (pick(0, 1) == 0) writer.write("GET /hello/");
        co_await read_to_end(reader);
    }
    // The server's limits end it.
    Coro<> read_to_end(StreamReader reader) {
        for (;;) {
            const std::string data = co_await reader.read(100'000);
            if (data.empty()) throw EOFError("the server has ended it");
        }
    }

    std::mt19937 random_;
    const LoadServer& patient_;
    const LoadServer& impatient_;
    Tally& tally_;
    http::ClientSession plain_;
    http::ClientSession tls_;
};

struct Stock {
    std::size_t tasks;
    unsigned watched;
    long open_files;
    std::int64_t pool_blocks;
    long heap;
    std::size_t timers;
};

long open_files() {
    long count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

/// Bytes taken from malloc, without the chunks that the pool keeps: what of those is in use is counted apart.
long heap_in_use() {
    return static_cast<long>(::mallinfo2().uordblks) - static_cast<long>(pool::stats().reserved_bytes);
}

class Load {
public:
    Coro<> run(int seconds) {
        co_await patient_.start();
        co_await impatient_.start();
        co_await phase(20, 0);  // warms up pools, tables and buffers
        const Stock before = co_await settle();
        const Tally warm = tally_;
        co_await phase(static_cast<int>(part_of(kSanitized ? 10 : 30)), seconds);
        const Stock after = co_await settle();
        compare(before, after);
        EXPECT_GT(tally_.answered, warm.answered);
        EXPECT_GT(tally_.misbehaved, warm.misbehaved);
        co_await patient_.stop();
        co_await impatient_.stop();
    }
    const Tally& tally() const noexcept { return tally_; }

private:
    /// Each visitor comes so many times, and on until the time is over.
    Coro<> phase(int visits, int seconds) {
        const auto end = get_running_loop().time() + std::chrono::seconds(seconds);
        std::vector<Coro<>> all;
        for (int i = 0; i < kVisitors; ++i) all.push_back(stay(visits, end));
        co_await gather(std::move(all));
    }
    Coro<> stay(int visits, TimePoint end) {
        Visitor visitor(seed_++, patient_, impatient_, tally_);
        for (int i = 0; i < visits || get_running_loop().time() < end; ++i) co_await visitor.visit();
        co_await visitor.close();
    }
    /// What is left after a minute is left.
    Coro<Stock> settle() {
        EventLoop& loop = get_running_loop();
        const auto end = loop.time() + 60s;
        while (patient_.connections() + impatient_.connections() > 0 && loop.time() < end)
            co_await sleep(1ms);
        while ((loop.stats().threads > 0 || loop.stats().tasks > 1) && loop.time() < end) co_await sleep(1ms);
        for (int i = 0; i < 20; ++i) co_await sleep(1ms);
        EXPECT_EQ(patient_.connections() + impatient_.connections(), 0U);
        const EventLoop::Stats stats = loop.stats();
        co_return Stock{stats.tasks,   stats.descriptors, open_files(), pool::stats().live_blocks,
                        heap_in_use(), stats.timers};
    }
    static void compare(const Stock& before, const Stock& after) {
        EXPECT_EQ(after.tasks, before.tasks);
        EXPECT_EQ(after.watched, before.watched);
        EXPECT_EQ(after.open_files, before.open_files);
        EXPECT_LE(after.timers, before.timers + 8);  // those of the servers' limits may stand or not
        // A server keeps as many exchanges as were needed at once.
        EXPECT_LE(after.pool_blocks, before.pool_blocks + 500);
        if (!kSanitized) {
            EXPECT_LT(after.heap - before.heap, 4 * 1024 * 1024);
        }
    }

    TemporaryFolder folder_;
    std::string file_ = make_file();
    LoadServer patient_{file_, web::ServerOptions()};
    LoadServer impatient_{
        file_,
        web::ServerOptions().head_timeout(30ms).body_timeout(30ms).keepalive_timeout(30ms).lingering_time(
            30ms)};
    Tally tally_;
    unsigned seed_ = 1;

    std::string make_file() const {
        const std::string path = folder_.file("large");
        std::ofstream(path, std::ios::binary) << under_load::letters(0, kFileSize);
        return path;
    }
};

TEST(Soak, AServerUnderMixedLoadLeavesNothingBehind) {
    const char* const seconds = std::getenv("AIO_LOAD_SECONDS");
    Load load;
    std::vector<std::string> reports;
    aio::run([](Load* all, int time, std::vector<std::string>* told) -> Coro<> {
        get_running_loop().set_exception_handler([told](EventLoop&, const ExceptionContext& context) {
            if (context.str().find("boom") == std::string::npos) told->push_back(context.str());
        });
        co_await all->run(time);
    }(&load, seconds ? std::atoi(seconds) : 0, &reports));
    EXPECT_EQ(reports, std::vector<std::string>());
    EXPECT_GT(load.tally().cancelled, 0);
    if (seconds) {
        std::printf("%ld answered, %ld cancelled, %ld misbehaved, of which %ld were turned out\n",
                    load.tally().answered, load.tally().cancelled, load.tally().misbehaved,
                    load.tally().refused);
    }
}

}  // namespace
}  // namespace aio::tests
