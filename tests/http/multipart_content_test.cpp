// SPDX-License-Identifier: MIT
// What the content of a part is: decoded, as a text, line by line; and parts of the body of a message.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::BodyPartReader;
using http::MultiDict;
using http::MultipartOptions;
using http::MultipartReader;
using ::testing::HasSubstr;

const std::string kFormType = "multipart/form-data; boundary=b";

class HttpMultipartContent : public ::testing::Test, public aio::testing::LoopTest {};

std::string field_of_form(std::string_view name, std::string_view content, std::string_view fields = "") {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n" +
           std::string(fields) + "\r\n" + std::string(content) + "\r\n";
}

// "name:content" of each part.
Coro<std::string> contents_of(MultipartReader reader) {
    std::string result;
    for (;;) {
        std::optional<BodyPartReader> part = co_await reader.next();
        if (!part) co_return result;
        result += part->name().value_or("?") + ":";
        result += co_await part->read(true);
        result += " ";
    }
}

// A part with fields of its own, in a body that is no form.
MultipartReader mixed(std::string_view fields, std::string_view content,
                      const MultipartOptions& options = MultipartOptions()) {
    return MultipartReader(
        "multipart/mixed; boundary=b",
        stream_with("--b\r\n" + std::string(fields) + "\r\n" + std::string(content) + "\r\n--b--"), options);
}

std::string gzipped(std::string_view text) {
    http::Compressor compressor(http::ContentCoding::gzip);
    std::string data;
    compressor.compress(text, data);
    compressor.finish(data);
    return data;
}

TEST_F(HttpMultipartContent, ContentThatIsCompressed) {
    run([&]() -> Coro<> {
        const std::string text(100'000, 'x');
        MultipartReader reader = mixed("Content-Encoding: GZip\r\n", gzipped(text));
        std::optional<BodyPartReader> part = co_await reader.next();
        const std::string data = co_await part->read(true);
        EXPECT_TRUE(data == text);
        MultipartReader undecoded = mixed("Content-Encoding: gzip\r\n", gzipped(text));
        part = co_await undecoded.next();
        EXPECT_TRUE(co_await part->read() == gzipped(text));
        MultipartReader unknown = mixed("Content-Encoding: compress\r\n", "x");
        part = co_await unknown.next();
        EXPECT_EQ(co_await caught(part->read(true)), "multipart: unknown content encoding: compress");
        MultipartReader broken = mixed("Content-Encoding: gzip\r\n", gzipped(text).substr(0, 30));
        part = co_await broken.next();
        EXPECT_EQ(co_await caught(part->read(true)), "a body in gzip is cut off");
    });
}

TEST_F(HttpMultipartContent, F91_a_part_that_becomes_too_large) {
    run([&]() -> Coro<> {
        const auto options = MultipartOptions().max_part_size(100'000);
        MultipartReader reader =
            mixed("Content-Encoding: gzip\r\n", gzipped(std::string(50'000'000, 'x')), options);
        std::optional<BodyPartReader> part = co_await reader.next();
        EXPECT_EQ(co_await caught(part->read(true)), "multipart: the body becomes larger than 100000 bytes");
    });
}

TEST_F(HttpMultipartContent, InAFormNothingIsCompressed) {
    run([&]() -> Coro<> {
        MultipartReader reader(kFormType,
                               stream_with(field_of_form("a", "x", "Content-Encoding: gzip\r\n") + "--b--"));
        EXPECT_EQ(co_await contents_of(reader), "a:x ");
    });
}

TEST_F(HttpMultipartContent, TextsAndForms) {
    run([&]() -> Coro<> {
        MultipartReader latin = mixed("Content-Type: text/plain; charset=latin-1\r\n", "\xFC");
        std::optional<BodyPartReader> part = co_await latin.next();
        EXPECT_EQ(co_await part->text(), "\xC3\xBC");
        MultipartReader other = mixed("", "\x80");
        part = co_await other.next();
        EXPECT_EQ(co_await part->text("windows-1252"), "\xE2\x82\xAC");
        MultipartReader bad = mixed("", "\xFF");
        part = co_await bad.next();
        EXPECT_THAT(co_await caught(part->text()), HasSubstr("'utf-8' codec can't decode"));
        MultipartReader form = mixed("", "a=1&b=\r\n");
        part = co_await form.next();
        const MultiDict fields = co_await part->form();
        EXPECT_EQ(fields, (MultiDict{{"a", "1"}, {"b", ""}}));
    });
}

TEST_F(HttpMultipartContent, LineByLine) {
    run([&]() -> Coro<> {
        MultipartReader reader = mixed("", "one\r\ntwo\n\nlast", MultipartOptions().max_part_size(5));
        std::optional<BodyPartReader> part = co_await reader.next();
        std::string lines;
        for (;;) {
            const std::string line = co_await part->readline();
            if (line.empty()) break;
            lines += "[" + line + "]";
        }
        EXPECT_EQ(lines, "[one\r\n][two\n][\n][last]");
        MultipartReader longer = mixed("", "123456", MultipartOptions().max_part_size(5));
        part = co_await longer.next();
        EXPECT_EQ(co_await caught(part->readline()), "multipart: a line has more than 5 bytes");
    });
}

TEST_F(HttpMultipartContent, OfTheBodyOfAMessage) {
    run([&]() -> Coro<> {
        const std::string body = field_of_form("a", "1") + field_of_form("b", "two\r\nlines") + "--b--\r\n";
        for (std::size_t cut = 0; cut <= body.size(); ++cut) {
            FedSource source;
            http::StreamReader content(&source);
            auto reading = create_task(contents_of(MultipartReader(kFormType, content)));
            source.feed(body.substr(0, cut));
            co_await turns(2);
            source.feed(body.substr(cut));
            source.finish();
            EXPECT_EQ(co_await reading, "a:1 b:two\r\nlines ") << cut;
        }
        FedSource source;
        http::StreamReader content(&source);
        source.feed(body.substr(0, 20));
        source.finish();
        EXPECT_THAT(co_await caught(contents_of(MultipartReader(kFormType, content))),
                    HasSubstr("multipart: body ends"));
    });
}

}  // namespace
}  // namespace aio::tests
