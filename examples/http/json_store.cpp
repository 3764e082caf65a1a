// SPDX-License-Identifier: MIT
// A REST service: JSON in, JSON out, and between them a store whose types say what is in it. Without an
// argument it is its own test; with a port it serves there:
//
//     curl -d '{"name": "tea", "price": 250}' -H 'Content-Type: application/json' http://127.0.0.1:8080/items
//
//     async def create(request):
//         item = request.app[STORE].add(await request.json())
//         return web.json_response(item, status=201, headers={"Location": f"/items/{item['id']}"})
#include <aio/aio.hpp>
#include <aio/http/json.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace web = aio::web;

// What clients send. What is missing in the JSON, or of another type, is answered by 400; `note` may be
// missing.
struct Item {
    std::string name;
    int price = 0;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Item, (), (name, price, note))

// What they get: the same and its number.
struct StoredItem : Item {
    int id = 0;
};
BOOST_DESCRIBE_STRUCT(StoredItem, (Item), (id))

struct Problem {
    std::string error;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (error))

// Knows nothing of HTTP. Handlers run in one thread, so nothing has to be locked.
class Store {
public:
    const StoredItem& add(Item item) {
        const int id = ++last_id_;
        return items_[id] = StoredItem{std::move(item), id};
    }
    StoredItem* find(int id) {
        const auto found = items_.find(id);
        return found == items_.end() ? nullptr : &found->second;
    }
    bool remove(int id) { return items_.erase(id) > 0; }
    std::vector<StoredItem> up_to(int price) const {
        std::vector<StoredItem> found;
        for (const auto& [id, item] : items_)
            if (item.price <= price) found.push_back(item);
        return found;
    }

private:
    std::map<int, StoredItem> items_;
    int last_id_ = 0;
};

Store& store(const web::Request& request) { return request.app().get<Store>(); }

// --- the handlers ----------------------------------------------------------------------------------------

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The item that the path names. What is thrown is the answer.
StoredItem& item_of(const web::Request& request) {
    const auto id = number(request.match_info("id"));
    StoredItem* const item = id ? store(request).find(*id) : nullptr;
    if (!item) throw web::HTTPNotFound().text("there is no item " + request.match_info("id"));
    return *item;
}

aio::Coro<Item> read_item(web::Request& request) {
    Item item = co_await request.json<Item>();
    if (item.price < 0) throw web::HTTPUnprocessableEntity().text("a price is not negative");
    co_return item;
}

aio::Coro<web::Response> list_items(web::Request& request) {
    const auto most = number(request.query().get("max_price", "2147483647"));
    if (!most) throw web::HTTPBadRequest().text("max_price is no number");
    co_return web::json_response(store(request).up_to(*most));
}

aio::Coro<web::Response> create_item(web::Request& request) {
    const StoredItem item = store(request).add(co_await read_item(request));
    const auto url = request.app().router()["item"].url_for({{"id", item.id}});
    co_return web::json_response(item).status(201).header("Location", url.str());
}

aio::Coro<web::Response> show_item(web::Request& request) { co_return web::json_response(item_of(request)); }

aio::Coro<web::Response> replace_item(web::Request& request) {
    Item item = co_await read_item(request);
    // Looked for after the await: before it, another request could remove it meanwhile.
    StoredItem& stored = item_of(request);
    static_cast<Item&>(stored) = std::move(item);
    co_return web::json_response(stored);
}

aio::Coro<web::Response> delete_item(web::Request& request) {
    store(request).remove(item_of(request).id);
    co_return web::Response(204);
}

// Whoever asks for JSON gets his errors as JSON, too: also those that have no handler, such as 404 and 405.
aio::Coro<web::Response> errors_as_json(web::Request& request, web::Handler handler) {
    try {
        co_return co_await handler(request);
    } catch (const web::HTTPError& error) {
        web::Response response = error.response();  // with its status, and fields such as Allow
        const std::string* const text = response.body().bytes();
        response.body(aio::http::Payload::json(Problem{text ? *text : error.what()}));
        co_return response;
    }
}

web::Application make_app() {
    web::Application app(web::AppOptions().middleware(errors_as_json));
    app.set(Store());
    app.add_get("/items", list_items);
    app.add_post("/items", create_item);
    app.add_get("/items/{id}", show_item).name("item");
    app.add_put("/items/{id}", replace_item);
    app.add_delete("/items/{id}", delete_item);
    return app;
}

// --- its test --------------------------------------------------------------------------------------------

// Over connections in memory: no port, no waiting.
aio::Coro<> ask(web::TestClient& client, std::string method, std::string path, std::string body = "") {
    auto request = client.request(method, path);
    if (!body.empty()) request.json_text(body);
    auto response = co_await request;
    const std::string text = co_await response.text();
    std::cout << method << ' ' << path << (body.empty() ? "" : " ") << body << '\n';
    std::cout << "    " << response.status() << (text.empty() ? "" : " ") << text << '\n';
}

aio::Coro<> test() {
    web::TestClient client(make_app());
    const Item tea{"tea", 250, "green"};
    auto created = co_await client.post("/items").json(tea);  // what is described goes both ways
    const auto stored = co_await created.json<StoredItem>();
    std::cout << created.status() << ": " << stored.name << " is item " << stored.id << ", to be found at "
              << created.headers().getone("Location") << '\n';

    co_await ask(client, "POST", "/items", R"({"name": "cake", "price": 400})");
    co_await ask(client, "GET", "/items?max_price=300");
    co_await ask(client, "PUT", "/items/1", R"({"name": "tea", "price": 275})");
    co_await ask(client, "DELETE", "/items/2");
    co_await ask(client, "GET", "/items");

    co_await ask(client, "GET", "/items/2");
    co_await ask(client, "POST", "/items", R"({"name": "cake", "price": "a lot"})");
    co_await ask(client, "POST", "/items", R"({"name": "cake", "price": -1})");
    co_await ask(client, "POST", "/items", "{");
    co_await ask(client, "PATCH", "/items/1", "{}");
    co_await client.close();
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(test());
    return web::run_app(make_app, web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])));
}
