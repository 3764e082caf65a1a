// SPDX-License-Identifier: MIT
// The smallest web server: http_hello_bench PORT
#include <aio/base/heap.hpp>
#include <aio/web.hpp>

#include <cstdlib>

namespace {

aio::Coro<aio::web::Response> hello(aio::web::Request&) {
    co_return aio::web::Response().text("hello, world\n");
}

aio::web::Application make_app() {
    aio::web::Application app;
    app.add_get("/file", hello);
    return app;
}

}  // namespace

int main(int, char** argv) {
    aio::keep_freed_memory();
    return aio::web::run_app(
        make_app, aio::web::RunOptions().host("127.0.0.1").port(std::atoi(argv[1])).print(nullptr));
}
