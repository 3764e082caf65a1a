// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using http::AcceptItem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HttpAccept, HasValuesAndQualities) {
    EXPECT_THAT(http::parse_accept("text/html;level=1 ; Q=0.5;x=y, */* ;q=0.001,, a/b; q=1.000,c/d;q=0"),
                ElementsAre(AcceptItem{"text/html;level=1", 500}, AcceptItem{"*/*", 1},
                            AcceptItem{"a/b", 1000}, AcceptItem{"c/d", 0}));
    EXPECT_THAT(http::parse_accept("a;x=\"q=0,;b\";q=0.25"), ElementsAre(AcceptItem{"a;x=\"q=0,;b\"", 250}));
    EXPECT_THAT(http::parse_accept(""), IsEmpty());
    for (const std::string bad : {"a;q=", "a;q=1.001", "a;q=2", "a;q=-1", "a;q=0.1234", "a;q=.5", "a;q=x",
                                  ";q=1", ";a", "a;q=0.\x01"}) {
        EXPECT_THAT(http::parse_accept(bad), IsEmpty()) << bad;
    }
    EXPECT_EQ(http::parse_accept(std::string(100'000, ',') + "a").size(), 1U);
    EXPECT_THAT(http::parse_accept("\"" + std::string(100'000, ',')), ::testing::SizeIs(1));
}

TEST(HttpAccept, ChoosesACoding) {
    constexpr std::array<std::string_view, 3> kOffers = {"br", "gzip", "identity"};
    const auto best = [&kOffers](std::string_view accept) {
        return http::best_coding(accept, kOffers).value_or("none");
    };
    EXPECT_EQ(best("gzip, br"), "br");
    EXPECT_EQ(best("gzip;q=1, br;q=0.5"), "gzip");
    EXPECT_EQ(best("GZIP"), "gzip");
    EXPECT_EQ(best("*"), "br");
    EXPECT_EQ(best("*, br;q=0"), "gzip");
    EXPECT_EQ(best("identity, gzip;q=0.5"), "identity");
    EXPECT_EQ(best(""), "identity");
    EXPECT_EQ(best("compress"), "identity");
    EXPECT_EQ(best("gzip;q=0.001"), "gzip");
    EXPECT_EQ(best("*;q=0"), "none");
    EXPECT_EQ(best("identity;q=0"), "none");
    EXPECT_EQ(best("gzipx, xbr"), "identity");
}

TEST(HttpAccept, ChoosesAMediaType) {
    constexpr std::array<std::string_view, 3> kOffers = {"text/html", "application/json",
                                                         "text/html;level=1"};
    const auto best = [&kOffers](std::string_view accept) {
        return http::best_media_type(accept, kOffers).value_or("none");
    };
    EXPECT_EQ(best(""), "text/html");
    EXPECT_EQ(best("application/*"), "application/json");
    EXPECT_EQ(best("*/*;q=0.1, application/json;q=0.2"), "application/json");
    EXPECT_EQ(best("text/*;q=0.1, */*;q=0.2"), "application/json");
    EXPECT_EQ(best("text/html;q=0.1, text/html;level=1"), "text/html;level=1");
    EXPECT_EQ(best("text/*, text/html;q=0, */*;q=0.5"), "application/json");
    EXPECT_EQ(best("image/*"), "none");
    EXPECT_EQ(best("te/*"), "none");
    EXPECT_EQ(best("/*"), "none");
}

TEST(HttpAccept, ChoosesALanguage) {
    constexpr std::array<std::string_view, 3> kOffers = {"en-GB", "de", "fr"};
    const auto best = [&kOffers](std::string_view accept) {
        return http::best_language(accept, kOffers).value_or("none");
    };
    EXPECT_EQ(best(""), "en-GB");
    EXPECT_EQ(best("de;q=0.9, en;q=0.8"), "de");
    EXPECT_EQ(best("EN"), "en-GB");
    EXPECT_EQ(best("e"), "none");
    EXPECT_EQ(best("de-AT"), "none");
    EXPECT_EQ(best("*;q=0.5, fr"), "fr");
    EXPECT_EQ(best("en;q=1, en-gb;q=0, *;q=0.1"), "de");
}

}  // namespace
}  // namespace aio::tests
