// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

// "target rel title|" for each.
std::string links(std::string_view text) {
    std::string found;
    for (const http::Link& link : http::parse_links(text)) {
        found += link.target + ' ' + std::string(link.rel()) + ' ' +
                 std::string(link.parameters.get("title").value_or("-")) + '|';
    }
    return found;
}

TEST(HttpLink, HasTargetsAndParameters) {
    EXPECT_EQ(links("<https://a.test/2>; rel=\"next\", </1>;REL=prev;title=\"a, <b>\""),
              "https://a.test/2 next -|/1 prev a, <b>|");
    EXPECT_EQ(links("<a,b>;rel=x,<c>"), "a,b x -|c c -|");
    EXPECT_EQ(links("<>; rel=self"), " self -|");
    EXPECT_EQ(links(""), "");
}

TEST(HttpLink, LeavesOutWhatIsNone) {
    for (const std::string text : {"a", "a>", "<a>b", "x<a>", ";rel=x", "<a> rel=x", "\"<a>\""}) {
        EXPECT_EQ(links(text + ", <good>"), "good good -|") << text;
    }
    EXPECT_EQ(links("<a"), "");
    EXPECT_EQ(links("<a>;title=\"x, <good>"), "a a -|");
    EXPECT_EQ(links("<a>;title=\"x\\\", <b>\", <good>"), "a a x\", <b>|good good -|");
    EXPECT_EQ(http::parse_links(std::string(100'000, '<')).size(), 0U);
    EXPECT_EQ(http::parse_links(std::string(100'000, ',')).size(), 0U);
}

}  // namespace
}  // namespace aio::tests
