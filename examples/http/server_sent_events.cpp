// SPDX-License-Identifier: MIT
// Server-Sent Events: news for everybody who listens, as they come, over responses that go on. With a port it
// serves there: open http://127.0.0.1:8080/ in several browsers, or
//
//     curl -N http://127.0.0.1:8080/events
//     curl -d 'it rains' http://127.0.0.1:8080/news
//
//     async with sse_response(request) as events:         # aiohttp_sse
//         while True:
//             await events.send(await queue.get())
#include <aio/aio.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
namespace web = aio::web;

// All there was so far. Who listens has a position in it, so nobody needs a queue, a slow client holds up no
// other one, and who comes back is told what was missed.
class News {
public:
    void publish(std::string text) {
        items_.push_back(std::move(text));
        wake_all();
    }
    /// Nothing more will come.
    void end() {
        ended_ = true;
        wake_all();
    }
    std::size_t size() const { return items_.size(); }
    const std::string& at(std::size_t index) const { return items_.at(index); }
    bool ended() const { return ended_; }
    /// Until there is more, or the end.
    aio::Coro<> wait() { co_await changed_.wait(); }

private:
    void wake_all() {
        changed_.set();  // those who wait now go on ...
        changed_.clear();
    }
    std::vector<std::string> items_;
    bool ended_ = false;
    aio::Event changed_;
};

using SharedNews = std::shared_ptr<News>;
News& news(const web::Request& request) { return *request.app().get<SharedNews>(); }

// Where a client goes on that comes back: each event's id is how many there were until then.
std::size_t position(const web::Request& request, std::size_t size) {
    const std::string text = web::EventSourceResponse::last_event_id(request);
    std::size_t seen = 0;
    std::from_chars(text.data(), text.data() + text.size(), seen);
    return std::min(seen, size);
}

aio::Coro<web::Response> events(web::Request& request) {
    News& all = news(request);
    web::EventSourceResponse events;
    co_await events.prepare(request);
    std::size_t next = position(request, all.size());
    for (;;) {
        while (next < all.size()) {
            const auto options = web::EventOptions().id(std::to_string(next + 1));
            co_await events.send(all.at(next++), options);  // its error ends this when the client has gone
        }
        if (all.ended()) break;
        // A comment now and then shows that the client has gone, and keeps proxies from hanging up.
        const auto woken = co_await aio::as_result(aio::wait_for(all.wait(), 15s));
        if (woken.raised<aio::TimeoutError>()) {
            co_await events.ping();
        } else {
            woken.value();  // a cancellation goes on
        }
    }
    co_return events;
}

aio::Coro<web::Response> publish(web::Request& request) {
    news(request).publish(co_await request.text());
    co_return web::Response(204);
}

aio::Coro<web::Response> page(web::Request&) {
    co_return web::Response()
        .content_type("text/html")
        .text(R"(<!doctype html><title>News</title><ul id="list"></ul>
<script>
    new EventSource("/events").onmessage = event => {
        const item = document.createElement("li");
        item.textContent = event.data;
        document.getElementById("list").prepend(item);
    };
</script>
)");
}

web::Application make_app() {
    web::Application app;
    app.set(std::make_shared<News>());
    app.add_get("/", page);
    app.add_get("/events", events);
    app.add_post("/news", publish);
    // Without this the server, when it is to end, would wait a minute for handlers that never do.
    app.on_shutdown().append([](web::Application& ending) { ending.get<SharedNews>()->end(); });
    return app;
}

// --- without arguments: two listeners in this program
// -------------------------------------------------------

// Prints so many events, then leaves.
aio::Coro<> listen(const web::TestClient& client, std::string name, int count, std::string last_id = "") {
    auto request = client.get("/events").timeout(aio::http::ClientTimeout());  // none: it goes on and on
    if (!last_id.empty()) request.header("Last-Event-ID", last_id);
    auto response = co_await request;
    while (auto line = co_await response.content().next_line()) {
        if (!line->starts_with("data: ")) continue;  // an id, the empty line that ends an event, a comment
        std::cout << name << " reads " << line->substr(6);
        if (--count == 0) co_return;
    }
    std::cout << name << " hears that it is over\n";
}

aio::Coro<> demonstrate() {
    web::TestClient client(make_app());
    auto ada = aio::create_task(listen(client, "Ada", 2));
    auto bob = aio::create_task(listen(client, "Bob", 100));
    for (const std::string text : {"the sun shines", "clouds come", "it rains"}) {
        co_await aio::sleep(1min);  // with some comments meanwhile
        co_await client.post("/news").data(text);
    }
    co_await ada;
    co_await listen(client, "Ada, back again,", 1, "2");
    co_await client.close();
    co_await bob;
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
}
