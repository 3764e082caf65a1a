// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/testing.hpp>
#include <support/trace.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace aio::tests {
namespace {

using http::BodyPartReader;
using http::FieldOptions;
using http::FormData;
using http::FormOptions;
using http::MultiDict;
using http::MultipartReader;
using http::MultipartWriter;
using ::testing::HasSubstr;

class HttpFormData : public ::testing::Test, public aio::testing::LoopTest {
public:
    /// The body with "b" as its boundary.
    std::string body_of(FormData form) {
        std::string body;
        run([&]() -> Coro<> {
            MultipartWriter writer = std::move(form).multipart();
            body = co_await writer.as_bytes();
            for (auto at = body.find(writer.boundary()); at != body.npos; at = body.find(writer.boundary())) {
                body.replace(at, writer.boundary().size(), "b");
            }
        });
        return body;
    }
};

TEST_F(HttpFormData, Urlencoded) {
    FormData form(MultiDict{{"a", "x y"}, {"b", "&="}});
    form.add_field("a", 2);
    EXPECT_FALSE(form.is_multipart());
    EXPECT_EQ(form.urlencoded(), "a=x+y&b=%26%3D&a=2");
    EXPECT_EQ(FormData().urlencoded(), "");
}

TEST_F(HttpFormData, MultipartWhereItHasAFile) {
    FormData form;
    form.add_field("a", "x y");
    form.add_field("f", "content", FieldOptions().filename("a.png"));
    form.add_field("g", "content", FieldOptions().filename("a").content_type("text/x"));
    form.add_field("h", "content", FieldOptions().filename("unknown"));
    EXPECT_TRUE(form.is_multipart());
    EXPECT_EQ(thrown<RuntimeError>([&] { form.urlencoded(); }),
              "a form with files is sent as multipart/form-data");
    EXPECT_EQ(body_of(std::move(form)),
              "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx y\r\n"
              "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: "
              "image/png\r\n\r\ncontent\r\n"
              "--b\r\nContent-Disposition: form-data; name=\"g\"; filename=\"a\"\r\nContent-Type: "
              "text/x\r\n\r\ncontent\r\n"
              "--b\r\nContent-Disposition: form-data; name=\"h\"; filename=\"unknown\"\r\nContent-Type: "
              "application/octet-stream\r\n\r\ncontent\r\n"
              "--b--\r\n");
}

TEST_F(HttpFormData, WhatMakesItMultipart) {
    const auto with = [](const FieldOptions& options) {
        FormData form;
        form.add_field("a", "b", options);
        return form.is_multipart();
    };
    EXPECT_FALSE(with(FieldOptions()));
    EXPECT_TRUE(with(FieldOptions().filename("x")));
    EXPECT_TRUE(with(FieldOptions().content_type("text/plain")));
    run([&]() -> Coro<> {
        FormData form;
        StreamReader stream;
        stream.feed_data("streamed");
        stream.feed_eof();
        form.add_field("a", stream, FieldOptions());
        EXPECT_TRUE(form.is_multipart());
        MultipartWriter writer = std::move(form).multipart();
        EXPECT_EQ(writer.content_length(), std::nullopt);
        const std::string body = co_await writer.as_bytes();
        EXPECT_THAT(body, HasSubstr("\r\n\r\nstreamed\r\n"));
    });
}

TEST_F(HttpFormData, MayBeSentAgain) {
    FormData form;
    form.add_field("a", "x y");
    EXPECT_EQ(form.urlencoded(), "a=x+y");
    EXPECT_EQ(form.urlencoded(), "a=x+y");
    form.add_field("f", "content", FieldOptions().filename("a.txt"));
    const std::string first = body_of(form);
    EXPECT_EQ(body_of(form), first);
    EXPECT_EQ(body_of(std::move(form)), first);
}

TEST_F(HttpFormData, NamesInQuotedStrings) {
    FormData form(FormOptions().quote_fields(false));
    form.add_field("a\"b\\", "1", FieldOptions().filename("c\"d"));
    EXPECT_THAT(body_of(form), HasSubstr("name=\"a\\\"b\\\\\"; filename=\"c\\\"d\"\r\n"));
    FormData refused(FormOptions().quote_fields(false));
    refused.add_field("a\r\nb", "1");
    EXPECT_THROW(std::move(refused).multipart(), ValueError);
}

TEST_F(HttpFormData, CharacterSet) {
    FormData form(MultiDict{{"\xC3\xBC", "\xC3\xA4"}}, FormOptions().charset("latin-1"));
    EXPECT_EQ(form.urlencoded(), "%FC=%E4");
    EXPECT_EQ(form.content_type(), "application/x-www-form-urlencoded; charset=latin-1");
    EXPECT_EQ(FormData().content_type(), "application/x-www-form-urlencoded");
    form.add_field("f", "\xC3\xA4", FieldOptions().filename("x"));
    EXPECT_EQ(body_of(form),
              "--b\r\nContent-Disposition: form-data; name=\"\xC3\xBC\"\r\n"
              "Content-Type: text/plain; charset=latin-1\r\n\r\n\xE4\r\n"
              "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n"
              "Content-Type: application/octet-stream\r\n\r\n\xC3\xA4\r\n--b--\r\n")
        << "a file is bytes";
    FormData none(MultiDict{{"a", "\xE2\x82\xAC"}}, FormOptions().charset("latin-1"));
    EXPECT_THROW(none.urlencoded(), http::UnicodeEncodeError);
    EXPECT_THROW(none.multipart(), http::UnicodeEncodeError);
}

TEST_F(HttpFormData, PayloadsHaveTheirType) {
    FormData form;
    form.add_field("j", http::Payload("{}", "application/json"));
    form.add_field("t", http::Payload::text("x"), FieldOptions().filename("a.bin"));
    form.add_field("o", http::Payload("x"), FieldOptions().filename("a.png").content_type("image/x"));
    EXPECT_EQ(
        body_of(form),
        "--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"t\"; filename=\"a.bin\"\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nx\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"o\"; filename=\"a.png\"\r\n"
        "Content-Type: image/x\r\n\r\nx\r\n--b--\r\n");
}

TEST_F(HttpFormData, F83_names_begin_no_other_field_or_part) {
    const std::string hostile = "a\"; filename=\"x\r\nX-Evil: 1\r\n\r\n--b\\";
    FormData form;
    form.add_field(hostile, "1");
    form.add_field("f", "2", FieldOptions().filename(hostile));
    const std::string quoted = "\"a%22; filename=%22x%0D%0AX-Evil: 1%0D%0A%0D%0A--b\\\\\"\r\n";
    EXPECT_EQ(body_of(std::move(form)),
              "--b\r\nContent-Disposition: form-data; name=" + quoted + "\r\n1\r\n" +
                  "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=" + quoted +
                  "Content-Type: application/octet-stream\r\n\r\n2\r\n--b--\r\n");
    for (const std::string& name : {std::string("\0", 1), std::string("\x7f"), std::string("\x1b")}) {
        FormData refused;
        refused.add_field(name, "1");
        EXPECT_THROW(std::move(refused).multipart(), ValueError);
    }
    FormData refused;
    refused.add_field("a", "1", FieldOptions().content_type("text/plain\r\nX: y"));
    EXPECT_THROW(std::move(refused).multipart(), ValueError);
}

TEST_F(HttpFormData, IsReadAsItWasMade) {
    run([&]() -> Coro<> {
        FormData form;
        form.add_field("n\xC3\xBC;=", "1\r\n--");
        form.add_field("f\\", "\r\n", FieldOptions().filename("\xE2\x82\xAC.txt"));
        MultipartWriter writer = std::move(form).multipart();
        StreamReader stream;
        const std::string body = co_await writer.as_bytes();
        stream.feed_data(body);
        stream.feed_eof();
        MultipartReader reader(writer.content_type(), stream);
        std::optional<BodyPartReader> part = co_await reader.next();
        EXPECT_EQ(part->name(), "n\xC3\xBC;=");
        EXPECT_EQ(co_await part->read(), "1\r\n--");
        part = co_await reader.next();
        EXPECT_EQ(part->name(), "f\\");
        EXPECT_EQ(part->filename(), "\xE2\x82\xAC.txt");
        EXPECT_EQ(part->headers().get("Content-Type"), "text/plain");
        EXPECT_EQ(co_await part->read(), "\r\n");
    });
}

}  // namespace
}  // namespace aio::tests
