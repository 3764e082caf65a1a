// SPDX-License-Identifier: MIT
// A small Redis: strings, lists, expiry, publish and subscribe, for redis-cli, redis-benchmark and
// redis_client.cpp.
//
//     redis_server --port 6379
//
//     async def serve(self, reader, writer):
//         while data := await reader.read(65536):
//             self.parser.feed(data)
//             for command in self.parser:
//                 writer.write(self.execute(command))     # those of a pipeline leave together
//                 await writer.drain()
//
// Whatever a client sends is bounded (redis_protocol.hpp), and so is what it does not read: no command is
// read from it while its replies wait to be sent, and a subscriber who falls behind is cut off.
#include "arguments.hpp"
#include "redis_database.hpp"
#include "redis_protocol.hpp"
#include "serving.hpp"

#include <aio/aio.hpp>

#include <cstddef>
#include <exception>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace {

constexpr std::size_t kMaxBehind = 1024 * 1024;  // bytes that wait for a subscriber
constexpr std::size_t kMaxChannels = 100;        // of one client

class RedisServer {
    // A client's connection.
    struct Session {
        Session(RedisServer& home, aio::StreamWriter stream) : server(home), writer(std::move(stream)) {
            ++server.clients_;
        }
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;
        ~Session() {
            for (const std::string& channel : channels) server.leave(channel, *this);
            --server.clients_;
        }
        RedisServer& server;
        aio::StreamWriter writer;
        redis::CommandParser parser;
        redis::Replies replies;
        std::set<std::string> channels;
        bool quit = false;
    };

public:
    explicit RedisServer(const example::Arguments& arguments)
        : port_(arguments.integer("port")),
          most_clients_(arguments.integer("clients")),
          hang_up_(arguments.seconds("hang-up")),
          database_(static_cast<std::size_t>(arguments.integer("megabytes")) << 20) {}

    aio::Coro<> run() {
        const auto handler = [this](aio::StreamReader reader, aio::StreamWriter writer) {
            return serve(std::move(reader), std::move(writer));
        };
        auto server = co_await aio::start_server(handler, "127.0.0.1", port_);
        example::announce(server);
        co_await example::stop_signal();
        server.close_clients();  // what was answered already is sent
        co_await example::finish(server, hang_up_);
    }

private:
    aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
        if (clients_ == most_clients_) {
            writer.write("-ERR max number of clients reached\r\n");
            writer.close();
            co_return;
        }
        try {
            Session session(*this, writer);
            co_await answer(session, reader);
        } catch (const aio::ConnectionError&) {  // it went without a word
            co_return;
        }
        co_await example::hang_up(reader, writer, hang_up_);
    }

    /// Until the client quits, goes, or sends what is no command.
    aio::Coro<> answer(Session& session, aio::StreamReader reader) {
        while (!session.quit) {
            const aio::BytesView data = co_await reader.read_view();
            if (data.empty()) co_return;
            session.parser.feed(data);
            co_await answer_commands(session);
        }
    }

    /// Runs all commands that are there. The replies to a pipeline leave together, when this task waits.
    aio::Coro<> answer_commands(Session& session) {
        try {
            while (!session.quit) {
                const auto command = session.parser.next();
                if (!command) co_return;
                execute(*command, session);
                co_await send(session);
            }
            co_return;
        } catch (const redis::ProtocolError& error) {
            session.replies.error(std::string("ERR Protocol error: ") + error.what());
            session.quit = true;
        }
        co_await send(session);
    }

    static aio::Coro<> send(Session& session) {
        if (!session.replies.empty()) session.writer.write(session.replies.take());
        co_await session.writer.drain();
    }

    void execute(const redis::Command& command, Session& session) {
        try {
            if (!session.channels.empty()) return execute_subscribed(command, session);
            if (execute_here(command, session)) return;
            database_.execute(command, session.replies);
        } catch (const redis::CommandError& error) {
            session.replies.error(error.what());
        }
    }

    // What is about connections. Gives whether it was.
    bool execute_here(const redis::Command& command, Session& session) {
        const std::string name = redis::upper_case(command[0]);
        redis::Replies& replies = session.replies;
        if (name == "QUIT") {
            session.quit = true;
            replies.status("OK");
        } else if (name == "SUBSCRIBE") {
            redis::check_arguments(command, 2, redis::kAny);
            for (std::size_t i = 1; i < command.size(); ++i) subscribe(command[i], session);
        } else if (name == "UNSUBSCRIBE") {
            unsubscribe(command, session);
        } else if (name == "PUBLISH") {
            redis::check_arguments(command, 3, 3);
            replies.integer(publish(command[1], command[2]));
        } else if (name == "INFO") {
            replies.bulk("# Clients\r\nconnected_clients:" + std::to_string(clients_) +
                         "\r\n# Memory\r\nused_memory:" + std::to_string(database_.memory_used()) + "\r\n");
        } else {
            return false;
        }
        return true;
    }

    // A subscriber gets messages at any time, so that it could not tell them from other replies.
    void execute_subscribed(const redis::Command& command, Session& session) {
        const std::string name = redis::upper_case(command[0]);
        if (name == "PING") {
            session.replies.array(2);
            session.replies.bulk("pong");
            session.replies.bulk(command.size() > 1 ? command[1] : "");
        } else if (name != "QUIT" && name != "SUBSCRIBE" && name != "UNSUBSCRIBE") {
            throw redis::CommandError("ERR Can't execute '" + command[0] + "' in subscribed mode");
        } else {
            execute_here(command, session);
        }
    }

    void subscribe(const std::string& channel, Session& session) {
        if (session.channels.size() == kMaxChannels) throw redis::CommandError("ERR too many channels");
        session.channels.insert(channel);
        channels_[channel].insert(&session);
        confirm("subscribe", channel, session);
    }
    void unsubscribe(const redis::Command& command, Session& session) {
        std::set<std::string> which(command.begin() + 1, command.end());
        if (which.empty()) which = session.channels;  // all
        if (which.empty()) confirm("unsubscribe", "", session);
        for (const std::string& channel : which) {
            leave(channel, session);
            session.channels.erase(channel);
            confirm("unsubscribe", channel, session);
        }
    }
    void leave(const std::string& channel, Session& session) {
        const auto found = channels_.find(channel);
        if (found == channels_.end()) return;
        found->second.erase(&session);
        if (found->second.empty()) channels_.erase(found);
    }
    static void confirm(std::string_view what, const std::string& channel, Session& session) {
        session.replies.array(3);
        session.replies.bulk(what);
        session.replies.bulk(channel);
        session.replies.integer(static_cast<std::int64_t>(session.channels.size()));
    }

    std::int64_t publish(const std::string& channel, const std::string& message) {
        const auto found = channels_.find(channel);
        if (found == channels_.end()) return 0;
        const std::string text = redis::encode({"message", channel, message});  // an array, as a command is
        for (Session* subscriber : found->second) {
            aio::Transport& transport = subscriber->writer.transport();
            if (transport.get_write_buffer_size() > kMaxBehind) {
                transport.abort();  // nobody waits for a slow reader; its own task sees the end and cleans up
            } else {
                subscriber->writer.write(text);
            }
        }
        return static_cast<std::int64_t>(found->second.size());
    }

    const int port_;
    const int most_clients_;
    const aio::Duration hang_up_;  // the time that an end may take
    int clients_ = 0;
    redis::Database database_;
    std::map<std::string, std::set<Session*>> channels_;
};

}  // namespace

int main(int argc, char** argv) {
    example::Arguments arguments({{"port", 6379}, {"clients", 1000}, {"megabytes", 256}, {"hang-up", 2}});
    if (!example::parse_arguments(arguments, "redis_server", argc - 1, argv + 1)) return 2;
    RedisServer server(arguments);  // outlives run(), and so all that clients' tasks refer to
    try {
        return aio::run(server.run());
    } catch (const std::exception& error) {  // it cannot listen
        std::cerr << "redis_server: " << error.what() << '\n';
        return 1;
    }
}
