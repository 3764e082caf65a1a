// SPDX-License-Identifier: MIT
// A chat over WebSockets: who connects hears what all others say. With a port it serves there: open
// http://127.0.0.1:8080/ in several browsers.
//
//     ws = web.WebSocketResponse(); await ws.prepare(request)     # aiohttp
//     async for message in ws:
//         for other in room: await other.send_str(message.data)   # waits for the slowest of them
#include <aio/aio.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <list>
#include <memory>
#include <string>

using namespace std::chrono_literals;
namespace web = aio::web;

/// Everybody has a queue of what is left to tell them, so nobody waits for the slow ones.
class Room {
public:
    using Mailbox = std::shared_ptr<aio::Queue<std::string>>;
    static constexpr std::size_t kMost = 100;

    Mailbox join(const std::string& name) {
        auto mailbox = std::make_shared<aio::Queue<std::string>>(kMost);
        members_.push_back(mailbox);
        say(name + " is here");
        return mailbox;
    }
    void leave(const Mailbox& mailbox, const std::string& name) {
        members_.remove(mailbox);
        say(name + " has left");
    }
    void say(const std::string& text) {
        for (const Mailbox& mailbox : members_) {
            if (mailbox->full()) {
                mailbox->shutdown();  // too slow: the connection ends
            } else {
                mailbox->put_nowait(text);
            }
        }
    }
    void end() {
        for (const Mailbox& mailbox : members_) mailbox->shutdown();
    }

private:
    std::list<Mailbox> members_;
};

using SharedRoom = std::shared_ptr<Room>;

aio::Coro<> deliver(Room::Mailbox mailbox, aio::http::WebSocket socket) {
    try {
        for (;;) {
            const std::string text = co_await mailbox->get();
            co_await socket.send_str(text);
        }
    } catch (const aio::QueueShutDown&) {
        // The room is closed, or its owner was too slow.
    } catch (const aio::ConnectionError&) {
        co_return;  // nobody is there any more
    }
    co_await socket.close(aio::http::WSCloseCode::going_away);
}

aio::Coro<web::Response> chat(web::Request& request) {
    const SharedRoom room = request.app().get<SharedRoom>();
    const std::string name = request.match_info("name");
    auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().heartbeat(30s));
    const Room::Mailbox mailbox = room->join(name);
    const auto delivery = aio::create_task(deliver(mailbox, socket));
    while (const auto message = co_await socket.next()) room->say(name + ": " + message->data());
    room->leave(mailbox, name);
    mailbox->shutdown();
    co_await delivery;
    co_return socket;
}

aio::Coro<web::Response> page(web::Request&) {
    co_return web::Response().content_type("text/html").text(R"(<!doctype html><title>Chat</title>
<form><input id="text" autofocus></form><ul id="list"></ul>
<script>
    const name = prompt("Your name?") || "nobody";
    const socket = new WebSocket(`ws://${location.host}/chat/${encodeURIComponent(name)}`);
    socket.onmessage = event => {
        const item = document.createElement("li");
        item.textContent = event.data;
        document.getElementById("list").prepend(item);
    };
    document.querySelector("form").onsubmit = event => {
        event.preventDefault();
        const text = document.getElementById("text");
        socket.send(text.value);
        text.value = "";
    };
</script>
)");
}

web::Application make_app() {
    web::Application app;
    app.set(std::make_shared<Room>());
    app.add_get("/", page);
    app.add_get("/chat/{name}", chat);
    // Their handlers would go on for as long as the clients stay.
    app.on_shutdown().append([](web::Application& ending) { ending.get<SharedRoom>()->end(); });
    return app;
}

// --- without arguments: three people in this program ----------------------------------------------------

aio::Coro<> listen(aio::http::WebSocket socket, std::string name) {
    while (const auto message = co_await socket.next())
        std::cout << name << " reads \"" << message->data() << "\"\n";
    std::cout << name << " hears no more\n";
}

aio::Coro<> demonstrate() {
    web::TestClient client(make_app());
    auto ada = co_await client.ws_connect("/chat/Ada");
    auto ada_listens = aio::create_task(listen(ada, "Ada"));
    co_await aio::sleep(1s);
    auto bob = co_await client.ws_connect("/chat/Bob");
    auto bob_listens = aio::create_task(listen(bob, "Bob"));
    co_await aio::sleep(1s);
    co_await bob.send_str("hello");
    co_await aio::sleep(1min);  // with some heartbeats
    co_await bob.close();
    co_await bob_listens;
    co_await aio::sleep(1s);
    co_await client.close();
    co_await ada_listens;
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
}
