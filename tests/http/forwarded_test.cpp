// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

// "for=a proto=b|" for each.
std::string hops(std::string_view text) {
    std::string found;
    for (const http::Parameters& hop : http::parse_forwarded(text)) {
        for (const auto& [name, value] : hop) found.append(name).append("=").append(value).append(" ");
        found += '|';
    }
    return found;
}

TEST(HttpForwarded, HasAHopForEachElement) {
    EXPECT_EQ(hops("For=192.0.2.60;proto=http; by=203.0.113.43 , for=\"[2001:db8::1]:80\""),
              "for=192.0.2.60 proto=http by=203.0.113.43 |for=[2001:db8::1]:80 |");
    EXPECT_EQ(hops("for=unknown, for=_hidden;host=\"a, b\""), "for=unknown |for=_hidden host=a, b |");
    EXPECT_EQ(hops("for=192.0.2.1:80"), "for=192.0.2.1:80 |");
    EXPECT_EQ(hops("for=a;"), "for=a |");
    EXPECT_EQ(hops(""), "");
}

TEST(HttpForwarded, LeavesOutHopsWithMistakes) {
    for (const std::string text : {"a", "for=", "for=b;for=c", "for=b c", "for =b", "=b", "for=\"b\"c",
                                   "for=b;proto", "for=\"b\x01\"", "f or=b"}) {
        EXPECT_EQ(hops("for=x," + text + ",for=y"), "for=x |for=y |") << text;
    }
    EXPECT_EQ(hops("for=\"b, for=y"), "");
    EXPECT_EQ(hops(std::string(100'000, ';')), "");
    EXPECT_EQ(hops(std::string(100'000, ',')), "");
}

}  // namespace
}  // namespace aio::tests
