// SPDX-License-Identifier: MIT
#include "support/temporary_folder.hpp"
#include "web/web_test.hpp"

#include <aio/endpoints.hpp>
#include <aio/net.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Application;
using web::Handler;
using web::Request;
using web::Response;

Coro<Response> hi(Request& request) { co_return Response().text("hi " + request.match_info("name")); }
Coro<Response> ok(Request&) { co_return Response().text("ok"); }
Coro<Response> boom(Request&) {
    throw std::runtime_error("boom");
    co_return Response();
}
Coro<Response> forbidden(Request&) {
    throw web::HTTPForbidden().text("no");
    co_return Response();
}

struct ApplicationTest : WebTest {
    /// Status, fields and body of the answers of an application.
    std::string ask(const Application& app, std::string text) {
        return run([&]() -> Coro<std::string> {
            co_await app.startup();
            const Handler handler([app](Request& request) { return app.handle(request); });
            std::string all = co_await talk(handler, text);
            co_await app.shutdown();
            co_await app.cleanup();
            co_return all;
        });
    }
    std::string get(const Application& app, const std::string& target, const std::string& method = "GET") {
        const std::string all = ask(app, method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::size_t allow = all.find("Allow: ");
        std::string said = all.substr(9, 3) + " ";
        if (allow != std::string::npos)
            said += all.substr(allow + 7, all.find('\r', allow) - allow - 7) + " ";
        return said + all.substr(all.find("\r\n\r\n") + 4);
    }
};

Application make_app() {
    Application app;
    app.add_get("/boom", boom);
    app.add_get("/f", forbidden);
    app.add_get("/ok/{name}", hi).name("ok");
    return app;
}

TEST_F(ApplicationTest, S180_HandlerOutcomes) {
    EXPECT_EQ(get(make_app(), "/boom").substr(0, 10), "500 500 In");
    EXPECT_EQ(reports().size(), 1u);
    EXPECT_EQ(get(make_app(), "/f"), "403 no");
    EXPECT_EQ(get(make_app(), "/nix"), "404 404: Not Found");
    EXPECT_EQ(get(make_app(), "/f", "POST"), "405 GET,HEAD 405: Method Not Allowed");
    EXPECT_EQ(get(make_app(), "/ok/x", "HEAD"), "200 ");
    EXPECT_EQ(get(make_app(), "/ok/a%20b"), "200 hi a b");
}

TEST_F(ApplicationTest, RoutesByMethodAndWithArguments) {
    struct Shop {
        std::string name;
        Coro<Response> show(Request& request) {
            co_return Response().text(name + " " + std::string(request.method()));
        }
    };
    Shop shop{"shop"};
    Application app;
    app.add_get("/", &Shop::show, &shop);
    app.add_post("/", &Shop::show, &shop);
    app.add_route(
        "*", "/any",
        [](int number, Request&) -> Coro<Response> { co_return Response().text(std::to_string(number)); }, 5);
    EXPECT_EQ(get(app, "/"), "200 shop GET");
    EXPECT_EQ(get(app, "/", "POST"), "200 shop POST");
    EXPECT_EQ(get(app, "/", "PUT"), "405 GET,HEAD,POST 405: Method Not Allowed");
    EXPECT_EQ(get(app, "/any", "BREW"), "200 5");
    EXPECT_EQ(make_app().router()["ok"].url_for({{"name", "a b"}}).str(), "/ok/a%20b");
}

std::vector<std::string>& log_of(const Application& app) { return app.get<std::vector<std::string>>(); }

/// A middleware that notes when it is at work.
web::Middleware noting(std::string name) {
    return [name](Request& request, Handler next) {
        return [](std::string n, Request& r, Handler h) -> Coro<Response> {
            log_of(r.app()).push_back(">" + n);
            Response response = co_await h(r);
            log_of(r.app()).push_back("<" + n);
            co_return response;
        }(name, request, std::move(next));
    };
}
auto context(std::string name) {
    return [name](Application app) {
        return [](std::string n, Application a) -> AsyncGenerator<NoneType> {
            log_of(a).push_back("up" + n);
            co_yield NoneType();
            log_of(a).push_back("down" + n);
        }(name, app);
    };
}

TEST_F(ApplicationTest, S181_MiddlewaresWrapOutsideInSignalsAndContextsNest) {
    Application app(web::AppOptions().middleware(noting("1")).middleware(noting("2")));
    app.set(std::vector<std::string>());
    app.add_get("/", [](Request& request) -> Coro<Response> {
        log_of(request.app()).push_back("handler");
        co_return Response();
    });
    app.add_cleanup_ctx(context("1"));
    app.add_cleanup_ctx(context("2"));
    app.on_startup().append([](Application& a) -> Coro<> {
        log_of(a).push_back("startup");
        co_return;
    });
    app.on_shutdown().append([](Application& a) { log_of(a).push_back("shutdown"); });
    app.on_cleanup().append([](Application& a) { log_of(a).push_back("cleanup"); });
    EXPECT_EQ(get(app, "/"), "200 ");
    EXPECT_EQ(log_of(app), (std::vector<std::string>{"up1", "up2", "startup", ">1", ">2", "handler", "<2",
                                                     "<1", "shutdown", "down2", "down1", "cleanup"}));
}

TEST_F(ApplicationTest, MiddlewaresStandAroundWhatIsNotFound) {
    Application app(web::AppOptions().middleware([](Request& request, Handler next) -> Coro<Response> {
        std::optional<Response> response;
        try {
            response = co_await next(request);
        } catch (const web::HTTPException& e) {
            response = Response(e.status()).text("page " + std::to_string(e.status()));
        }
        co_return *response;
    }));
    app.add_get("/", ok);
    EXPECT_EQ(get(app, "/"), "200 ok");
    EXPECT_EQ(get(app, "/no"), "404 page 404");
    EXPECT_EQ(get(app, "/", "POST"), "405 page 405");
}

TEST_F(ApplicationTest, WhatAClientExpectsIsForTheRouteToAnswer) {
    std::string log;
    const auto expected = [&](Request& request) -> Coro<std::optional<Response>> {
        log += "expect " + std::string(request.header("Expect").value_or("-")) + "; ";
        std::optional<Response> refused;
        if (request.content_length() > 3) refused = Response(413).text("no");
        co_return refused;
    };
    const auto reads = [&](Request& request) -> Coro<Response> {
        std::string body = co_await request.read();
        log += "handler; ";
        co_return Response().text(body);
    };
    Application app(web::AppOptions().middleware(noting("m")));
    app.set(std::vector<std::string>());
    app.router().add_post("/own", Handler(reads), web::RouteOptions().expect_handler(expected));
    app.add_post("/usual", reads);
    const auto post = [](const std::string& path, const std::string& expect, const std::string& body) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nExpect: " + expect +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string get = "GET /none HTTP/1.1\r\nHost: a\r\n\r\n";
    const auto statuses = [](const std::string& all) {
        std::string found;
        for (std::size_t at = all.find("HTTP/1.1 "); at != all.npos; at = all.find("HTTP/1.1 ", at + 1)) {
            found += all.substr(at + 9, 3) + " ";
        }
        return found;
    };
    EXPECT_EQ(statuses(ask(app, post("/own", "100-continue", "abc") + get)), "200 404 ");
    EXPECT_EQ(log, "expect 100-continue; handler; ");
    // Its answer is the answer, and the body, which may come or not, is no request.
    log.clear();
    log_of(app).clear();
    EXPECT_EQ(statuses(ask(app, post("/own", "100-continue", get + get) + get)), "413 ");
    EXPECT_EQ(log, "expect 100-continue; ");
    EXPECT_EQ(log_of(app), std::vector<std::string>());
    // It decides about what only it knows.
    EXPECT_EQ(statuses(ask(app, post("/own", "magic", "abc") + get)), "200 404 ");
    EXPECT_EQ(statuses(ask(app, post("/usual", "magic", "abc") + get)), "417 404 ");
    EXPECT_EQ(statuses(ask(app, post("/usual", "100-continue, magic", "abc") + get)), "417 404 ");
    EXPECT_EQ(statuses(ask(app, post("/usual", "100-Continue", "abc") + get)), "200 404 ");
    EXPECT_EQ(statuses(ask(app, post("/none", "magic", "abc"))), "417 ");
    const std::string old = "POST /usual HTTP/1.0\r\nExpect: magic\r\nContent-Length: 1\r\n\r\nx";
    EXPECT_EQ(ask(app, old).substr(0, 12), "HTTP/1.0 200");
}

TEST_F(ApplicationTest, ApplicationsInApplications) {
    Application sub(web::AppOptions().middleware(noting("sub")));
    sub.set(std::vector<std::string>());
    sub.add_get("/items/{name}", hi);
    sub.on_startup().append([](Application& a) { log_of(a).push_back("startup"); });
    Application app(web::AppOptions().middleware(noting("app")));
    app.set(std::vector<std::string>());
    app.set(std::string("config"));
    sub.add_get("/config", [](Request& request) -> Coro<Response> {
        co_return Response().text(request.config<std::string>());
    });
    app.add_subapp("/sub", sub);
    app.add_get("/", ok);
    EXPECT_EQ(get(app, "/sub/items/x"), "200 hi x");
    EXPECT_EQ(log_of(app), (std::vector<std::string>{">app", "<app"}));
    EXPECT_EQ(log_of(sub), (std::vector<std::string>{"startup", ">sub", "<sub"}));
    EXPECT_EQ(get(app, "/sub/config"), "200 config");
    EXPECT_EQ(get(app, "/sub/no"), "404 404: Not Found");
    EXPECT_EQ(get(app, "/"), "200 ok");
    Application other;
    EXPECT_THROW(other.add_subapp("/x", sub), RuntimeError);
}

TEST_F(ApplicationTest, ByDomain) {
    Application sub;
    sub.add_get("/", ok);
    Application app;
    app.add_domain("*.example.com", sub);
    app.add_get("/", hi);
    const std::string all = ask(app, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    EXPECT_EQ(all.substr(all.size() - 2), "ok");
}

TEST_F(ApplicationTest, NothingChangesOnceItHasStarted) {
    Application app = make_app();
    run([&]() -> Coro<> { co_await app.startup(); });
    EXPECT_TRUE(app.frozen());
    EXPECT_THROW(app.set(1), RuntimeError);
    EXPECT_THROW(app.add_get("/x", ok), RuntimeError);
    EXPECT_THROW(app.add_middleware(noting("x")), RuntimeError);
    EXPECT_THROW(app.on_startup().append([](Application&) {}), RuntimeError);
    EXPECT_THROW(app.add_cleanup_ctx(context("x")), RuntimeError);
}

struct RunnerTest : ::testing::Test, testing::LoopTest {
    RunnerTest() : LoopTest(true) {}

    static Coro<std::string> fetch(SocketAddress address, std::string target) {
        auto streams = co_await open_connection(address.host(), address.port());
        auto& [reader, writer] = streams;
        writer.write("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        std::string all = co_await reader.read();
        writer.close();
        co_return all;
    }
};

TEST_F(RunnerTest, ServesOnItsSites) {
    run([]() -> Coro<> {
        const web::AppRunner runner(make_app());
        web::TCPSite early(runner, "127.0.0.1", 0);
        std::string said;
        try {
            co_await early.start();
        } catch (const RuntimeError& e) {
            said = e.what();
        }
        EXPECT_EQ(said, "a site can be started after setup() of its runner");
        co_await runner.setup();
        web::TCPSite site(runner, "127.0.0.1", 0);
        co_await site.start();
        EXPECT_EQ(runner.addresses().size(), 1u);
        const SocketAddress address = runner.addresses()[0];
        EXPECT_EQ(site.name(), "http://127.0.0.1:" + std::to_string(address.port()));
        std::string all = co_await fetch(address, "/ok/x");
        EXPECT_EQ(all.substr(all.size() - 4), "hi x");
        co_await runner.cleanup();
        co_await runner.cleanup();
        said.clear();
        try {
            all = co_await fetch(address, "/ok/x");
        } catch (const ConnectionRefusedError&) {
            said = "refused";
        }
        EXPECT_EQ(said, "refused");
    });
}

TEST_F(RunnerTest, ResponsesCanBeChangedBeforeTheyAreSent) {
    run([]() -> Coro<> {
        Application sub;
        sub.add_get("/", ok);
        sub.on_response_prepare().append(
            [](Request&, Response response) { response.add_header("X-Seen", "sub"); });
        Application app = make_app();
        app.on_response_prepare().append([](Request& request, Response response) -> Coro<> {
            co_await sleep(0s);
            response.add_header("X-Seen", "app " + request.path());
        });
        app.add_subapp("/sub", sub);
        const web::AppRunner runner(app);
        co_await runner.setup();
        web::TCPSite site(runner, "127.0.0.1", 0);
        co_await site.start();
        std::string all = co_await fetch(runner.addresses()[0], "/ok/x");
        EXPECT_NE(all.find("X-Seen: app /ok/x\r\n"), std::string::npos) << all;
        EXPECT_EQ(all.find("X-Seen: sub"), std::string::npos) << all;
        all = co_await fetch(runner.addresses()[0], "/sub/");
        EXPECT_NE(all.find("X-Seen: app /sub/\r\nX-Seen: sub\r\n"), std::string::npos) << all;
        co_await runner.cleanup();
    });
}

TEST_F(RunnerTest, OverUnixSocketsAndSocketsOfOnesOwn) {
    run([]() -> Coro<> {
        const TemporaryFolder folder;
        const std::string path = folder.file("http");
        const web::AppRunner runner(make_app());
        co_await runner.setup();
        co_await web::UnixSite(runner, path).start();
        Socket socket = Socket::stream(AF_INET);
        socket.bind(SocketAddress("127.0.0.1", 0));
        co_await web::SockSite(runner, std::move(socket)).start();
        const std::vector<std::string> sites = runner.sites();
        EXPECT_EQ(sites.size(), 2u);
        EXPECT_EQ(sites.at(0), "http://unix:" + path + ":");
        std::string all = co_await fetch(runner.addresses().at(1), "/ok/x");
        EXPECT_EQ(all.substr(all.size() - 4), "hi x");
        auto streams = co_await open_unix_connection(path);
        auto& [reader, writer] = streams;
        writer.write("GET /ok/y HTTP/1.0\r\n\r\n");
        all = co_await reader.read();
        EXPECT_EQ(all.substr(all.size() - 4), "hi y");
        writer.close();
        co_await runner.cleanup();
    });
}

TEST_F(RunnerTest, AFailedStartIsClearedAway) {
    std::vector<std::string> log;
    run([&]() -> Coro<> {
        Application app;
        app.set(std::vector<std::string>());
        app.add_cleanup_ctx(context("1"));
        app.on_startup().append([](Application&) { throw std::runtime_error("no database"); });
        const web::AppRunner runner(app);
        std::string said;
        try {
            co_await runner.setup();
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
        EXPECT_EQ(said, "no database");
        log = log_of(app);
    });
    EXPECT_EQ(log, (std::vector<std::string>{"up1", "down1"}));
}

}  // namespace
}  // namespace aio::tests
