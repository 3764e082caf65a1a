// SPDX-License-Identifier: MIT
// A chat server for any number of telnet or netcat users: names, private messages, and nobody who can hold up
// the others. Ctrl-C or SIGTERM ends it with a word to everybody.
//
//     chat_server --port 8888 --idle 300
//
//     async def serve(self, reader, writer):
//         client = Client(writer)
//         try:
//             async with client.group as group:               # a TaskGroup for each client
//                 group.create_task(self.deliver(client))     # its queue -> its socket
//                 await self.converse(client, reader)         # its socket -> the others' queues
//         except* TimeoutError:
//             client.why = "idle for too long"
#include "arguments.hpp"
#include "serving.hpp"

#include <aio/aio.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace std::chrono_literals;

namespace {

// What a client can make the server hold: a line and as much of the next, a hundred lines for it to read.
constexpr std::size_t kMaxLine = 1024;
constexpr std::ptrdiff_t kMaxWaiting = 100;
constexpr std::size_t kMaxName = 16;

constexpr std::string_view kHelp =
    "* /who lists the others, /nick NAME renames you, /msg NAME TEXT tells one alone, /quit ends";

class ChatServer {
    struct Client {
        Client(ChatServer& home, aio::StreamWriter stream) : server(home), writer(std::move(stream)) {
            server.clients_.insert(this);
        }
        Client(const Client&) = delete;
        Client& operator=(const Client&) = delete;
        ~Client() { server.clients_.erase(this); }

        ChatServer& server;
        aio::StreamWriter writer;
        std::string name;  // none until the client has told it
        aio::Queue<std::string> waiting{kMaxWaiting};
        aio::TaskGroup group;  // of what is done for the client
        std::string why;       // it leaves, if it does
    };

public:
    explicit ChatServer(const example::Arguments& arguments)
        : port_(arguments.integer("port")),
          most_clients_(static_cast<std::size_t>(arguments.integer("clients"))),
          idle_(arguments.seconds("idle")),
          hang_up_(arguments.seconds("hang-up")) {}

    aio::Coro<> run() {
        const auto handler = [this](aio::StreamReader reader, aio::StreamWriter writer) {
            return serve(std::move(reader), std::move(writer));
        };
        const auto options = aio::ServerOptions().limit(kMaxLine);
        auto server = co_await aio::start_server(handler, "127.0.0.1", port_, options);
        example::announce(server);
        co_await example::stop_signal();
        ending_ = true;
        for (Client* client : clients_) dismiss(*client, "the server ends");
        co_await example::finish(server, hang_up_);
    }

private:
    aio::Coro<> serve(aio::StreamReader reader, aio::StreamWriter writer) {
        if (ending_ || clients_.size() == most_clients_) {
            writer.write(ending_ ? "* the server ends\n" : "* too many clients, try again later\n");
            writer.close();
            co_return;
        }
        Client client(*this, writer);
        try {
            const auto both_directions = [&](aio::TaskGroup& group) -> aio::Coro<> {
                group.create_task(deliver(client));
                co_await converse(client, reader);
            };
            co_await aio::async_with(client.group, both_directions);
        } catch (const aio::ExceptionGroup&) {
            aio::except_star(
                aio::except<aio::TimeoutError>([&](auto&) { client.why = "idle for too long"; }),
                aio::except<aio::ValueError>([&](auto&) { client.why = "too long a line"; }),
                aio::except<aio::ConnectionError>([&](auto&) { client.why = "connection lost"; }));
        }
        clients_.erase(&client);
        if (!client.name.empty() && !ending_) broadcast("* " + client.name + " has left: " + client.why);
        std::string last_words;
        while (!client.waiting.empty()) last_words += client.waiting.get_nowait();
        writer.write(last_words + "* goodbye: " + client.why + '\n');
        co_await example::hang_up(reader, writer, hang_up_);
    }

    /// Sends what waits for the client. If the client does not read, only this task waits for it.
    static aio::Coro<> deliver(Client& client) {
        while (true) {
            std::string lines = co_await client.waiting.get();
            while (!client.waiting.empty()) lines += client.waiting.get_nowait();  // one write for all
            client.writer.write(std::move(lines));
            co_await client.writer.drain();
        }
    }

    /// Reads what the client says.
    aio::Coro<> converse(Client& client, aio::StreamReader reader) {
        send(client, "* what is your name?");
        while (true) {
            std::string line = co_await aio::wait_for(reader.readline(), idle_);
            if (line.empty()) co_return dismiss(client, "connection closed");
            while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
            // Others' terminals would obey to what is no text.
            for (char& letter : line) {
                if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') letter = '?';
            }
            if (client.name.empty()) {
                rename(client, line);
            } else if (line.starts_with('/')) {
                obey(client, line);
            } else if (!line.empty()) {
                broadcast('<' + client.name + "> " + line, &client);
            }
            // Lines that have come already are read without waiting. Let the others' tasks have a turn, or a
            // client that sends many lines at once would fill their queues.
            co_await aio::sleep(0s);
        }
    }

    void obey(Client& client, std::string_view line) {
        const std::string_view command = next_word(line);
        if (command == "/quit") {
            dismiss(client, "quit");
        } else if (command == "/nick") {
            rename(client, std::string(line));
        } else if (command == "/who") {
            std::set<std::string> names;
            for (const Client* other : clients_) names.insert(other->name);
            std::string text = "*";
            for (const std::string& name : names) text += name.empty() ? "" : ' ' + name;
            send(client, text);
        } else if (command == "/msg") {
            const std::string name(next_word(line));
            Client* other = find(name);
            if (other && !line.empty()) {
                send(*other, "<" + client.name + " to you> " + std::string(line));
            } else {
                send(client, other ? "* /msg needs a text" : "* there is no " + name);
            }
        } else {
            send(client, std::string(kHelp));
        }
    }

    void rename(Client& client, const std::string& name) {
        const auto fits = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        };
        if (name.empty() || name.size() > kMaxName || !std::all_of(name.begin(), name.end(), fits)) {
            send(client,
                 "* a name has 1 to " + std::to_string(kMaxName) + " letters and digits; another one?");
        } else if (find(name)) {
            send(client, "* " + name + " is taken; another one?");
        } else {
            const std::string old = std::exchange(client.name, name);
            broadcast("* " + (old.empty() ? name + " has joined" : old + " is now " + name), &client);
            send(client, "* you are " + name + "; /help tells what you can do");
        }
    }

    void broadcast(const std::string& line, const Client* author = nullptr) {
        for (Client* client : clients_) {
            if (client != author && !client->name.empty()) send(*client, line);
        }
    }

    /// Never waits: who reads so slowly that a hundred lines wait already has to go.
    void send(Client& client, const std::string& line) {
        if (client.waiting.full()) {
            dismiss(client, "reads too slowly");
        } else {
            client.waiting.put_nowait(line + '\n');
        }
    }

    /// Ends what is done for the client, whoever calls it; serve() does the rest.
    static void dismiss(Client& client, std::string why) {
        if (client.why.empty()) client.why = std::move(why);
        client.group.cancel();
    }

    Client* find(std::string_view name) const {
        const auto called_so = [&](const Client* client) { return client->name == name; };
        const auto found = std::find_if(clients_.begin(), clients_.end(), called_so);
        return name.empty() || found == clients_.end() ? nullptr : *found;
    }

    /// Takes the first word off `line`, and the blanks behind it.
    static std::string_view next_word(std::string_view& line) {
        const std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(line.find_first_not_of(' ', word.size()), line.size()));
        return word;
    }

    const int port_;
    const std::size_t most_clients_;
    const aio::Duration idle_;
    const aio::Duration hang_up_;  // the time that a farewell may take
    std::set<Client*> clients_;
    bool ending_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    example::Arguments arguments({{"port", 8888}, {"clients", 1000}, {"idle", 300}, {"hang-up", 2}});
    if (!example::parse_arguments(arguments, "chat_server", argc - 1, argv + 1)) return 2;
    ChatServer server(arguments);  // outlives run(), and so all that clients' tasks refer to
    try {
        return aio::run(server.run());
    } catch (const std::exception& error) {  // it cannot listen
        std::cerr << "chat_server: " << error.what() << '\n';
        return 1;
    }
}
