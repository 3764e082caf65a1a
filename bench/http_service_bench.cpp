// SPDX-License-Identifier: MIT
// A web server with more to do than to say hello: http_service_bench FILE WORKERS PORT. The same on others is
// peers/*_service.*.
#include "measure.hpp"

#include <aio/base/heap.hpp>
#include <aio/http/json.hpp>
#include <aio/web.hpp>

#include <cstdlib>
#include <string>

namespace web = aio::web;

namespace {

aio::Coro<web::Response> hello(web::Request&) { co_return web::Response().text("hello, world\n"); }

aio::Coro<web::Response> json(web::Request& request) {
    const auto value = co_await request.json<aio::json::Value>();
    co_return web::json_response(value);
}

aio::Coro<web::Response> headers(web::Request& request) {
    co_return web::Response().text(std::string(request.header("X-Header-099").value_or("")));
}

aio::Coro<web::Response> file(std::string path, web::Request&) { co_return web::FileResponse(path); }

// For 200 microseconds of the thread's own time, which is not the clock's where others run, too.
aio::Coro<web::Response> compute(web::Request&) {
    const double end = measure::seconds_of(CLOCK_THREAD_CPUTIME_ID) + 200e-6;
    while (measure::seconds_of(CLOCK_THREAD_CPUTIME_ID) < end) {
    }
    co_return web::Response().text("hello, world\n");
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    const auto make_app = [path = std::string(argv[1])] {
        web::Application app;
        app.add_get("/hello", hello);
        app.add_post("/json", json);
        app.add_get("/headers", headers);
        app.add_get("/file", file, path);
        app.add_get("/compute", compute);
        return app;
    };
    const auto workers = static_cast<unsigned>(std::atoi(argv[2]));
    return web::run_app(
        make_app,
        web::RunOptions().host("127.0.0.1").port(std::atoi(argv[3])).workers(workers).print(nullptr));
}
