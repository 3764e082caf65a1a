// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::tests {
namespace {

using http::ETag;
using http::Headers;
using http::Precondition;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kThen = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";

http::Validators current(std::optional<ETag> tag = ETag("one")) {
    http::Validators validators;
    validators.etag = std::move(tag);
    validators.last_modified = std::chrono::sys_seconds(std::chrono::seconds(784111777));
    return validators;
}

Precondition evaluated(std::string_view method, const Headers& request) {
    return http::evaluate_preconditions(method, request, current());
}

TEST(HttpETag, IsStrongOrWeak) {
    EXPECT_EQ(ETag("a").str(), "\"a\"");
    EXPECT_EQ(ETag("a", true).str(), "W/\"a\"");
    EXPECT_EQ(ETag::parse(" W/\"a\" "), ETag("a", true));
    EXPECT_EQ(ETag::parse("\"\""), ETag(""));
    EXPECT_TRUE(strong_match(ETag("a"), ETag("a")));
    EXPECT_FALSE(strong_match(ETag("a", true), ETag("a", true)));
    EXPECT_FALSE(strong_match(ETag("a"), ETag("a", true)));
    EXPECT_FALSE(strong_match(ETag("a"), ETag("b")));
    EXPECT_TRUE(weak_match(ETag("a"), ETag("a", true)));
    EXPECT_FALSE(weak_match(ETag("a"), ETag("b")));
    for (const std::string bad :
         {"", "a", "*", "\"a", "a\"", "w/\"a\"", "W/ \"a\"", "\"a\"b", "\"a b\"", "W/", "\"", "\"a\x01\""}) {
        EXPECT_EQ(ETag::parse(bad), std::nullopt) << bad;
    }
    for (const std::string& bad :
         {std::string("a\""), std::string("a\r\nX: y"), std::string("a b"), std::string("\0", 1)}) {
        EXPECT_THROW(ETag{bad}, ValueError);
    }
}

TEST(HttpETag, ListsEndAtWhatIsNone) {
    EXPECT_THAT(http::parse_etags("\"a\", W/\"b\" ,,\"c,d\""),
                ElementsAre(ETag("a"), ETag("b", true), ETag("c,d")));
    EXPECT_THAT(http::parse_etags("\"a\", b, \"c\""), ElementsAre(ETag("a")));
    EXPECT_THAT(http::parse_etags("\"a\" \"b\""), IsEmpty());
    EXPECT_THAT(http::parse_etags("*"), IsEmpty());
    EXPECT_THAT(http::parse_etags(""), IsEmpty());
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += "\"a\"   ,";
    EXPECT_EQ(http::parse_etags(many + std::string(100'000, ' ')).size(), 20'000U);
}

TEST(HttpConditions, NoneIsPassed) { EXPECT_EQ(evaluated("GET", {}), Precondition::passed); }

TEST(HttpConditions, IfMatchWantsAStrongTag) {
    const auto outcome = [](const char* value) { return evaluated("PUT", {{"If-Match", value}}); };
    EXPECT_EQ(outcome("\"one\""), Precondition::passed);
    EXPECT_EQ(outcome("\"two\", \"one\""), Precondition::passed);
    EXPECT_EQ(outcome("*"), Precondition::passed);
    EXPECT_EQ(outcome("W/\"one\""), Precondition::failed);
    EXPECT_EQ(outcome("\"two\""), Precondition::failed);
    EXPECT_EQ(outcome("one"), Precondition::failed);
    EXPECT_EQ(outcome(""), Precondition::failed);
    EXPECT_EQ(evaluated("GET", {{"If-Match", "\"two\""}, {"If-Match", "\"one\""}}), Precondition::passed);
    EXPECT_EQ(http::evaluate_preconditions("PUT", {{"If-Match", "\"one\""}}, current(ETag("one", true))),
              Precondition::failed);
    EXPECT_EQ(http::evaluate_preconditions("PUT", {{"If-Match", "\"one\""}}, current(std::nullopt)),
              Precondition::failed);
    http::Validators nothing;
    nothing.exists = false;
    EXPECT_EQ(http::evaluate_preconditions("PUT", {{"If-Match", "*"}}, nothing), Precondition::failed);
}

TEST(HttpConditions, IfUnmodifiedSinceCountsWithoutIfMatch) {
    const auto outcome = [](const char* value) { return evaluated("PUT", {{"If-Unmodified-Since", value}}); };
    EXPECT_EQ(outcome(kThen), Precondition::passed);
    EXPECT_EQ(outcome(kAfter), Precondition::passed);
    EXPECT_EQ(outcome(kBefore), Precondition::failed);
    EXPECT_EQ(outcome("yesterday"), Precondition::passed);
    EXPECT_EQ(evaluated("PUT", {{"If-Match", "\"one\""}, {"If-Unmodified-Since", kBefore}}),
              Precondition::passed);
    http::Validators undated = current();
    undated.last_modified.reset();
    EXPECT_EQ(http::evaluate_preconditions("PUT", {{"If-Unmodified-Since", kBefore}}, undated),
              Precondition::passed);
}

TEST(HttpConditions, IfNoneMatchTakesWeakTags) {
    for (const std::string value : {"\"one\"", "W/\"one\"", "\"two\", W/\"one\"", "*"}) {
        EXPECT_EQ(evaluated("GET", {{"If-None-Match", value}}), Precondition::not_modified) << value;
        EXPECT_EQ(evaluated("HEAD", {{"If-None-Match", value}}), Precondition::not_modified) << value;
        EXPECT_EQ(evaluated("PUT", {{"If-None-Match", value}}), Precondition::failed) << value;
    }
    for (const std::string value : {"\"two\"", "one", "", "\"on", "\"one\"x"}) {
        EXPECT_EQ(evaluated("GET", {{"If-None-Match", value}}), Precondition::passed) << value;
    }
    http::Validators nothing;
    nothing.exists = false;
    EXPECT_EQ(http::evaluate_preconditions("PUT", {{"If-None-Match", "*"}}, nothing), Precondition::passed);
}

TEST(HttpConditions, IfModifiedSinceCountsWithoutIfNoneMatchAndForReading) {
    const auto outcome = [](const char* value) { return evaluated("GET", {{"If-Modified-Since", value}}); };
    EXPECT_EQ(outcome(kThen), Precondition::not_modified);
    EXPECT_EQ(outcome(kAfter), Precondition::not_modified);
    EXPECT_EQ(outcome(kBefore), Precondition::passed);
    EXPECT_EQ(outcome("0"), Precondition::passed);
    EXPECT_EQ(evaluated("POST", {{"If-Modified-Since", kThen}}), Precondition::passed);
    EXPECT_EQ(evaluated("GET", {{"If-None-Match", "\"two\""}, {"If-Modified-Since", kThen}}),
              Precondition::passed);
}

TEST(HttpConditions, AFailureComesBeforeNotModified) {
    EXPECT_EQ(evaluated("GET", {{"If-None-Match", "\"one\""}, {"If-Match", "\"two\""}}),
              Precondition::failed);
    EXPECT_EQ(evaluated("GET", {{"If-None-Match", "\"one\""}, {"If-Match", "\"one\""}}),
              Precondition::not_modified);
}

TEST(HttpConditions, IfRangeWantsTheVeryState) {
    const auto allowed = [](const char* value) {
        return http::if_range_allows({{"If-Range", value}}, current());
    };
    EXPECT_TRUE(http::if_range_allows({}, current()));
    EXPECT_TRUE(allowed("\"one\""));
    EXPECT_TRUE(allowed(kThen));
    for (const char* value : {"W/\"one\"", "\"two\"", kBefore, kAfter, "", "*", "one"})
        EXPECT_FALSE(allowed(value)) << value;
    EXPECT_FALSE(http::if_range_allows({{"If-Range", "\"one\""}}, current(std::nullopt)));
    EXPECT_FALSE(http::if_range_allows({{"If-Range", "W/\"one\""}}, current(ETag("one", true))));
}

}  // namespace
}  // namespace aio::tests
