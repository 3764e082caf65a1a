// SPDX-License-Identifier: MIT
// A client for Redis that pipelines: any number of tasks use one connection at the same time, all commands of
// a turn of the loop leave in one write, and nobody waits for another's reply before sending. Works with
// redis_server.cpp and with the real one.
//
//     redis_client --port 6379
//
//     async with Client(*await asyncio.open_connection("127.0.0.1", 6379)) as client:
//         async with asyncio.TaskGroup() as group:
//             replies = [group.create_task(client.execute("INCR", "n")) for _ in range(10_000)]
#include "arguments.hpp"
#include "redis_protocol.hpp"

#include <aio/aio.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostItems = 1'000'000;  // of an array
constexpr int kMostNested = 8;                 // arrays in arrays
constexpr int kMostAtOnce = 1000;              // commands without a reply

/// What the server answered a command with instead of doing it. The connection is as good as before.
class ServerError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A reply: its first letter says what it is.
struct Reply {
    char kind = '_';  // '+' status, '-' error, ':' number, '$' string, '*' array, '_' nil
    std::string text;
    std::vector<Reply> items;

    std::int64_t integer() const {
        const auto value = redis::to_integer(text);
        if (!value) throw redis::ProtocolError("not a number: " + text);
        return *value;
    }
    std::string repr() const {
        if (kind == '_') return "(nil)";
        if (kind != '*') return kind == '$' ? '"' + text + '"' : text;
        std::string list;
        for (const Reply& item : items) list += (list.empty() ? "" : ", ") + item.repr();
        return '[' + list + ']';
    }
};

std::int64_t checked_length(const Reply& reply, std::size_t most) {
    const std::int64_t length = reply.integer();
    if (length < -1 || length > static_cast<std::int64_t>(most)) throw redis::ProtocolError("bad length");
    return length;
}

aio::Coro<Reply> read_reply(aio::StreamReader reader, int nested = 0) {
    Reply reply;
    const std::string line = co_await reader.readuntil("\r\n");  // no longer than the reader's limit
    reply.kind = line[0];
    reply.text = line.substr(1, line.size() - 3);
    if (reply.kind == '$') {
        const std::int64_t length = checked_length(reply, redis::kMaxBulk);
        if (length >= 0) {
            reply.text = co_await reader.readexactly(length + 2);
            reply.text.resize(static_cast<std::size_t>(length));
        } else {
            reply.kind = '_';
        }
    } else if (reply.kind == '*') {
        if (nested == kMostNested) throw redis::ProtocolError("too many arrays in arrays");
        const std::int64_t length = checked_length(reply, kMostItems);
        if (length < 0) reply.kind = '_';
        for (std::int64_t i = 0; i < length; ++i) {
            reply.items.push_back(co_await read_reply(reader, nested + 1));
        }
    } else if (reply.kind != '+' && reply.kind != '-' && reply.kind != ':') {
        throw redis::ProtocolError("not a reply: " + line.substr(0, line.size() - 2));
    }
    co_return reply;
}

/// To be used in async_with(), by one loop. Tasks that use it must have ended when it goes: make them in a
/// TaskGroup. (gather() raises the first error at once, and the other tasks live on.)
class Client {
public:
    Client(aio::StreamReader reader, aio::StreamWriter writer)
        : reader_(std::move(reader)), writer_(std::move(writer)) {}

    aio::Coro<Client&> aenter() {
        tasks_.push_back(aio::create_task(transmit()));
        tasks_.push_back(aio::create_task(receive()));
        co_return *this;
    }
    aio::Coro<> aexit() {
        for (const auto& task : tasks_) task.cancel();
        co_await aio::wait(tasks_);
        fail(std::make_exception_ptr(aio::ConnectionAbortedError(ECONNABORTED, "the client was closed")));
        writer_.close();
    }

    /// Sends a command and waits for its reply. Throws ServerError; ConnectionError, EOFError or
    /// ProtocolError if the connection is of no use any more. Who is cancelled gets no reply, but the command
    /// may have been done.
    aio::Coro<Reply> execute(redis::Command command) {
        const auto place = co_await places_.guard();
        if (error_) std::rethrow_exception(error_);
        output_ += redis::encode(command);
        has_output_.set();
        auto reply = aio::get_running_loop().create_future<Reply>();
        waiting_.push_back(reply);
        co_return co_await reply;
    }

private:
    // Woken in the turn after the first command, it finds those of all others too.
    aio::Coro<> transmit() {
        while (true) {
            co_await has_output_.wait();
            has_output_.clear();
            writer_.write(std::exchange(output_, std::string()));
            const auto drained = co_await aio::as_result(writer_.drain());
            if (drained.raised<aio::ConnectionError>()) co_return;  // receive() meets it too
            drained.value();
        }
    }

    aio::Coro<> receive() {
        try {
            while (true) {
                Reply reply = co_await read_reply(reader_);
                if (waiting_.empty()) throw redis::ProtocolError("a reply that nobody asked for");
                const aio::Future<Reply> future = std::move(waiting_.front());
                waiting_.pop_front();
                if (future.done())
                    continue;  // who waited for it was cancelled; the next reply is the next one's
                if (reply.kind == '-') {
                    future.set_exception(ServerError(reply.text));
                } else {
                    future.set_result(std::move(reply));
                }
            }
        } catch (const std::exception&) {
            fail(std::current_exception());
        }
    }

    void fail(std::exception_ptr error) {
        error_ = std::move(error);
        for (const auto& future : std::exchange(waiting_, {})) {
            if (!future.done()) future.set_exception(error_);
        }
    }

    aio::StreamReader reader_;
    aio::StreamWriter writer_;
    aio::Semaphore places_{kMostAtOnce};
    std::string output_;
    aio::Event has_output_;
    std::deque<aio::Future<Reply>> waiting_;  // in the order of their commands
    std::exception_ptr error_;                // why there will be no more replies
    std::vector<aio::Task<>> tasks_;
};

aio::Coro<> show(Client& client, redis::Command command) {
    std::string text;
    for (const std::string& word : command) text += word + ' ';
    try {
        const Reply reply = co_await client.execute(std::move(command));
        std::cout << text << "-> " << reply.repr() << '\n';
    } catch (const ServerError& error) {
        std::cout << text << "-> error: " << error.what() << '\n';
    }
}

aio::Coro<> demonstrate(Client& client) {
    const redis::Command clean{"DEL", "example:n", "example:list", "example:text"};
    co_await client.execute(clean);

    // As many tasks as commands. They share the connection, and each gets its own reply.
    const redis::Command increment{"INCR", "example:n"};
    std::vector<aio::Task<Reply>> increments;
    co_await aio::async_with(aio::TaskGroup(), [&](aio::TaskGroup& group) -> aio::Coro<> {
        for (int i = 0; i < 10'000; ++i) increments.push_back(group.create_task(client.execute(increment)));
        co_return;
    });
    std::int64_t number = 0;
    bool in_order = true;
    for (const auto& task : increments) in_order = in_order && task.result().integer() == ++number;
    std::cout << number << " INCRs at once, replies " << (in_order ? "in order\n" : "MIXED UP\n");

    // A task that is cancelled while its command is under way. Nobody gets its reply by mistake.
    const redis::Command forgotten{"ECHO", "forgotten"};
    auto task = aio::create_task(client.execute(forgotten));
    co_await aio::sleep(0s);
    task.cancel();

    const std::vector<redis::Command> commands{{"ECHO", "remembered"},
                                               {"SET", "example:text", "two words"},
                                               {"RPUSH", "example:list", "a", "b", "c"},
                                               {"LRANGE", "example:list", "0", "-1"},
                                               {"INCR", "example:text"},
                                               {"GET", "example:list"},
                                               {"MGET", "example:n", "example:text", "example:none"}};
    for (const redis::Command& command : commands) co_await show(client, command);
    co_await client.execute(clean);
}

aio::Coro<int> amain(int port) {
    std::exception_ptr error;
    try {
        auto connection = co_await aio::open_connection("127.0.0.1", port);
        Client client(connection.first, connection.second);
        co_await aio::async_with(client, demonstrate);
        co_return 0;
    } catch (const aio::ExceptionGroup& group) {  // of a thousand tasks; the first says enough
        error = group.exceptions().front();
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    std::cerr << "redis_client: " << aio::exception_ptr_cast<std::exception>(error)->what() << '\n';
    co_return 1;
}

}  // namespace

int main(int argc, char** argv) {
    example::Arguments arguments({{"port", 6379}});
    if (!example::parse_arguments(arguments, "redis_client", argc - 1, argv + 1)) return 2;
    return aio::run(amain(arguments.integer("port")));
}
