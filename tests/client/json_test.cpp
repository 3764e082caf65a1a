// SPDX-License-Identifier: MIT
// How bodies of JSON are made and read, whichever library does it.
#include <client/raw_server.hpp>

#include <aio/http/json/codec.hpp>

#include <string>
#include <string_view>

namespace aio::tests {

struct JsonPoint {
    int x = 0;
    int y = 0;
};

}  // namespace aio::tests

/// A library of one type.
template <>
struct aio::json::Codec<aio::tests::JsonPoint> {
    static std::string dumps(const aio::tests::JsonPoint& point) {
        return "[" + std::to_string(point.x) + "," + std::to_string(point.y) + "]";
    }
    static aio::tests::JsonPoint loads(std::string_view text) {
        const std::size_t comma = text.find(',');
        if (comma == text.npos) throw ValueError("no point");
        return {std::stoi(std::string(text.substr(1))), std::stoi(std::string(text.substr(comma + 1)))};
    }
};

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

class ClientJsonTest : public ClientTest {};

TEST_F(ClientJsonTest, ValuesGoOutAndComeBack) {
    with(answering([](const Received& request) {
             return ok(request.body, "Content-Type: " + request.field("Content-Type") + "\r\n");
         }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             const JsonPoint point{3, 4};
             ClientResponse response = co_await session.post(server.url()).json(point);
             EXPECT_EQ(server.last().body, "[3,4]");
             EXPECT_EQ(server.last().field("Content-Type"), "application/json");
             const JsonPoint back = co_await response.json<JsonPoint>();
             EXPECT_EQ(back.x, 3);
             EXPECT_EQ(back.y, 4);
         });
}

TEST_F(ClientJsonTest, WhatTheLibraryThrowsComesOut) {
    with(answering([](const Received&) { return ok("nothing", "Content-Type: application/json\r\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse response = co_await session.get(server.url());
             const std::string what = co_await expect_thrown<ValueError>(response.json<JsonPoint>());
             EXPECT_EQ(what, "no point");
             EXPECT_EQ(idle(session), 1u);
         });
}

}  // namespace
}  // namespace aio::tests
