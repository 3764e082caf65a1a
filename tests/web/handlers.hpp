// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>

namespace aio::tests {

/// For routes that are looked up and not called.
inline web::Handler handler() {
    return web::Handler([](web::Request&) -> Coro<web::Response> { co_return web::Response(); });
}

}  // namespace aio::tests
