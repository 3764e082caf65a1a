// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <string_view>

namespace aio::tests {
namespace {

TEST(HttpMethods, AreSafeOrIdempotentOrNeither) {
    for (const auto method :
         {http::hdrs::METH_GET, http::hdrs::METH_HEAD, http::hdrs::METH_OPTIONS, http::hdrs::METH_TRACE}) {
        EXPECT_TRUE(http::is_safe(method) && http::is_idempotent(method)) << method;
    }
    for (const auto method : {http::hdrs::METH_PUT, http::hdrs::METH_DELETE}) {
        EXPECT_TRUE(!http::is_safe(method) && http::is_idempotent(method)) << method;
    }
    for (const std::string_view method : {"POST", "PATCH", "CONNECT", "get", "", "GET ", "LIST"}) {
        EXPECT_FALSE(http::is_safe(method) || http::is_idempotent(method)) << method;
    }
}

}  // namespace
}  // namespace aio::tests
