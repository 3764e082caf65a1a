// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>

#if __has_include(<aio/web/response.hpp>)
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#else
namespace aio::web {
class Request {};
class Response {};
}  // namespace aio::web
#endif

namespace aio::tests {

/// For routes that are looked up and not called.
inline web::Handler handler() {
    return web::Handler([](web::Request&) -> Coro<web::Response> { co_return web::Response(); });
}

}  // namespace aio::tests
