// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/exceptions.hpp>

#include <string>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

std::string text_of(const web::HTTPException& e) {
    return e.response().body().bytes() ? *e.response().body().bytes() : "";
}

TEST(WebExceptions, SayTheirStatus) {
    EXPECT_STREQ(web::HTTPNotFound().what(), "404: Not Found");
    EXPECT_EQ(text_of(web::HTTPNotFound()), "404: Not Found");
    EXPECT_EQ(text_of(web::HTTPNotModified()), "");
    EXPECT_EQ(web::HTTPTooManyRequests().reason("Slow down").response().reason(), "Slow down");
    EXPECT_EQ(text_of(web::HTTPForbidden().text("no")), "no");
}

TEST(WebExceptions, WithFieldsOfTheirOwn) {
    const web::HTTPMethodNotAllowed method("PUT", {"POST", "GET"});
    EXPECT_EQ(method.response().headers().get("Allow"), "GET,POST");
    EXPECT_EQ(method.method(), "PUT");
    EXPECT_EQ(text_of(web::HTTPRequestEntityTooLarge(10, 12)),
              "Maximum request body size 10 exceeded, actual body size 12");
    EXPECT_EQ(web::HTTPUnavailableForLegalReasons("http://a/").response().headers().get("Link"),
              "<http://a/>; rel=\"blocked-by\"");
    EXPECT_EQ(web::HTTPSeeOther("/next").location(), "/next");
    EXPECT_THROW(web::HTTPFound(""), ValueError);
    EXPECT_THROW(web::HTTPFound("/\r\nSet-Cookie: a=b"), ValueError);
}

TEST(WebExceptions, AreCaughtByTheirKinds) {
    std::string caught;
    try {
        throw web::HTTPFound("/").header("X", "y");
    } catch (const web::HTTPRedirection& e) {
        caught = std::to_string(e.status());
    }
    EXPECT_EQ(caught, "302");
    try {
        throw web::HTTPBadGateway();
    } catch (const web::HTTPServerError& e) {
        caught = std::to_string(e.status());
    }
    EXPECT_EQ(caught, "502");
}

}  // namespace
}  // namespace aio::tests
