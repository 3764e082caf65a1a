// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using http::BodyPartReader;
using http::MultiDict;
using http::MultipartOptions;
using http::MultipartReader;
using ::testing::HasSubstr;

const std::string kType = "multipart/form-data; boundary=b";

StreamReader stream_of(std::string_view text) {
    StreamReader stream;
    stream.feed_data(text);
    stream.feed_eof();
    return stream;
}

// "name:content" of each part, with those of parts that have parts in brackets.
Coro<std::string> describe(MultipartReader reader) {
    std::string result;
    for (;;) {
        std::optional<BodyPartReader> part = co_await reader.next();
        if (!part) co_return result;
        result += part->name().value_or("?") + ":";
        if (part->is_multipart()) {
            const std::string inner = co_await describe(part->multipart());
            result += "[" + inner + "]";
        } else {
            result += co_await part->read(true);
        }
        result += " ";
    }
}

class HttpMultipartReader : public ::testing::Test, public aio::testing::LoopTest {
public:
    // What a body is, and what its error says where it is none.
    std::string read(std::string_view body, const MultipartOptions& options = MultipartOptions()) {
        std::string result;
        run([&]() -> Coro<> {
            MultipartReader reader(kType, stream_of(body), options);
            result = co_await outcome(reader);
        });
        return result;
    }

    static Coro<std::string> outcome(MultipartReader reader) {
        try {
            co_return co_await describe(std::move(reader));
        } catch (const ValueError& error) {
            co_return error.what();
        }
    }
};

std::string form_part(std::string_view name, std::string_view content, std::string_view fields = "") {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n" +
           std::string(fields) + "\r\n" + std::string(content) + "\r\n";
}

TEST_F(HttpMultipartReader, PartAfterPart) {
    EXPECT_EQ(read(form_part("a", "1") + form_part("b", "two\r\nlines") + "--b--\r\n"),
              "a:1 b:two\r\nlines ");
    EXPECT_EQ(read("--b--\r\n"), "");
    EXPECT_EQ(read("--b--"), "");
    EXPECT_EQ(read("--b\r\n\r\nx\r\n--b--"), "?:x ") << "no fields";
}

TEST_F(HttpMultipartReader, WhatStandsAroundPartsIsLeftOut) {
    EXPECT_EQ(
        read("a preamble\r\n--bad is none\r\n" + form_part("a", "1") + "--b--\r\nan epilogue\r\n--b\r\n"),
        "multipart: a boundary is followed by other text");
    EXPECT_EQ(read("a preamble\r\n" + form_part("a", "1") + "--b--\r\nan epilogue\r\n--b\r\n"), "a:1 ");
    EXPECT_EQ(read("--b \t \r\n\r\nx\r\n--b  \r\n\r\ny\r\n--b--"), "?:x ?:y ");
}

TEST_F(HttpMultipartReader, EmptyParts) {
    EXPECT_EQ(read(form_part("a", "") + "--b--\r\n"), "a: ");
    EXPECT_EQ(read("--b\r\nX: y\r\n\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n"), "?: ?: ?: ")
        << "no content at all";
}

TEST_F(HttpMultipartReader, ContentThatLooksLikeADelimiter) {
    for (const std::string content : {"--b", "x--b\r\n", "\r--b--", "\n--b--\n", "\r\n-b", "\r\n--",
                                      "\r\n--a\r\n", "\r\n\r\n\r", "\r\n-\r\n--\r\n-"}) {
        EXPECT_EQ(read(form_part("a", "x" + content) + "--b--"), "a:x" + content + " ");
    }
}

TEST_F(HttpMultipartReader, AllFieldsOfTheHead) {
    run([&]() -> Coro<> {
        MultipartReader reader(kType,
                               stream_of(form_part("n\xC3\xBC\\\"", "x",
                                                   "X-Many: 1\r\nx-many: 2\r\nContent-Type: text/plain\r\n") +
                                         "--b\r\ncontent-disposition: form-data; "
                                         "filename=\"../../etc/pass wd\"\r\n\r\n\r\n--b--"));
        std::optional<BodyPartReader> first = co_await reader.next();
        EXPECT_EQ(first->headers().size(), 4u);
        EXPECT_EQ(first->headers().getall("X-MANY").size(), 2u);
        EXPECT_EQ(first->name(), "n\xC3\xBC\"");
        EXPECT_EQ(first->filename(), std::nullopt);
        std::optional<BodyPartReader> second = co_await reader.next();
        EXPECT_EQ(second->name(), std::nullopt);
        EXPECT_EQ(second->filename(), "pass wd");
        EXPECT_FALSE(second->is_multipart());
    });
}

TEST_F(HttpMultipartReader, F65_every_segmentation_gives_the_same) {
    const std::string body =
        "pre\r\n" + form_part("a", "1\r\n--") + form_part("b", "\r\n--c\r\n", "Content-Type: text/x\r\n") +
        "--b\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nx\r\n--in--\r\n" +
        "--b--\r\nepilogue";
    const std::string expected = "a:1\r\n-- b:\r\n--c\r\n ?:[?:x ] ";
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
        run([&]() -> Coro<> {
            StreamReader stream;
            auto task = create_task(outcome(MultipartReader(kType, stream)));
            stream.feed_data(std::string_view(body).substr(0, cut));
            co_await turns(3);
            stream.feed_data(std::string_view(body).substr(cut));
            stream.feed_eof();
            const std::string result = co_await task;
            EXPECT_EQ(result, expected) << cut;
        });
    }
    run([&]() -> Coro<> {
        StreamReader stream;
        auto task = create_task(outcome(MultipartReader(kType, stream)));
        for (const char c : body) {
            stream.feed_data(std::string(1, c));
            co_await turns(2);
        }
        const std::string result = co_await task;
        EXPECT_EQ(result, expected) << "after the last delimiter nothing is waited for";
    });
}

// At each byte where it may end before the last delimiter, it is an error and never waits.
// A line as long as it may be, of which half the end has come.
TEST_F(HttpMultipartReader, F66_limits_do_not_depend_on_the_segmentation) {
    run([&]() -> Coro<> {
        StreamReader stream;
        MultipartReader reader(kType, stream, MultipartOptions().max_field_size(10));
        stream.feed_data("--b\r\nX: 4567890\r");
        auto task = create_task(outcome(reader));
        co_await turns(3);
        stream.feed_data("\n\r\nx\r\n--b--");
        const std::string result = co_await task;
        EXPECT_EQ(result, "?:x ");
    });
}

TEST_F(HttpMultipartReader, F64_a_body_that_ends_too_early_is_an_error) {
    const std::string body = form_part("a", "1") + form_part("b", "2") + "--b--";
    for (std::size_t size = 0; size < body.size(); ++size) {
        const std::string result = read(body.substr(0, size));
        EXPECT_THAT(result, HasSubstr("multipart: body ends")) << size;
    }
}

TEST_F(HttpMultipartReader, LargePartsComeInPieces) {
    run([&]() -> Coro<> {
        std::string content;
        for (int i = 0; content.size() < 200'000; ++i) content += "\r\n--" + std::to_string(i);
        MultipartReader reader(kType, stream_of(form_part("a", content) + form_part("b", "2") + "--b--"));
        std::optional<BodyPartReader> part = co_await reader.next();
        std::string got;
        for (;;) {
            const std::string chunk = co_await part->read_chunk(1000);
            EXPECT_LE(chunk.size(), 1000u);
            if (chunk.empty()) break;
            got += chunk;
        }
        EXPECT_EQ(got, content);
        EXPECT_TRUE(part->at_eof());
        EXPECT_EQ(co_await part->read_chunk(), "");
        std::optional<BodyPartReader> next = co_await reader.next();
        EXPECT_EQ(co_await next->read(), "2");
    });
}

TEST_F(HttpMultipartReader, APartEndsWhenTheNextOneIsAskedFor) {
    run([&]() -> Coro<> {
        MultipartReader reader(kType, stream_of(form_part("a", "12345") +
                                                "--b\r\nContent-Type: multipart/x; boundary=i\r\n\r\n"
                                                "--i\r\n\r\n1\r\n--i\r\n\r\n2\r\n--i--\r\n" +
                                                form_part("c", "3") + "--b--"));
        std::optional<BodyPartReader> first = co_await reader.next();
        EXPECT_EQ(co_await first->read_chunk(2), "12");
        std::optional<BodyPartReader> second = co_await reader.next();
        EXPECT_EQ(co_await first->read_chunk(), "");
        EXPECT_TRUE(first->at_eof());
        MultipartReader inner = second->multipart();
        std::optional<BodyPartReader> of_inner = co_await inner.next();
        std::optional<BodyPartReader> third = co_await reader.next();
        EXPECT_EQ(third->name(), "c");
        const std::string error = co_await caught(of_inner->read());
        EXPECT_THAT(error, HasSubstr("body ends before the boundary 'i'"));
        EXPECT_EQ(co_await third->read(), "3");
        std::optional<BodyPartReader> none = co_await reader.next();
        EXPECT_FALSE(none);
        EXPECT_TRUE(reader.at_eof());
        none = co_await reader.next();
        EXPECT_FALSE(none);
    });
}

TEST_F(HttpMultipartReader, ReleaseReadsTheRest) {
    run([&]() -> Coro<> {
        StreamReader stream = stream_of(form_part("a", "1") + form_part("b", "2") + "--b--");
        MultipartReader reader(kType, stream);
        std::optional<BodyPartReader> part = co_await reader.next();
        co_await part->release();
        EXPECT_TRUE(part->at_eof());
        co_await reader.release();
        EXPECT_TRUE(reader.at_eof());
        EXPECT_TRUE(stream.at_eof());
    });
}

TEST_F(HttpMultipartReader, TransferEncodings) {
    const auto encoded = [&](const char* encoding, std::string_view content) {
        return read(form_part("a", content, "Content-Transfer-Encoding: " + std::string(encoding) + "\r\n") +
                    "--b--");
    };
    EXPECT_EQ(encoded("base64", "SGVs\r\nbG8="), "a:Hello ");
    EXPECT_EQ(encoded("BASE64", "SGVsbA"), "a:Hell ");
    EXPECT_EQ(encoded("base64", "SGVsb"), "multipart: incorrect base64");
    EXPECT_EQ(encoded("quoted-printable", "=C3=bc=\r\nx=4=zz="), "a:\xC3\xBCx=4=zz= ");
    EXPECT_EQ(encoded("binary", "=C3"), "a:=C3 ");
    EXPECT_EQ(encoded("8bit", "=C3"), "a:=C3 ");
    EXPECT_EQ(encoded("x-rot13", "a"), "multipart: unknown content transfer encoding: x-rot13");
}

TEST_F(HttpMultipartReader, FormsAndRawContent) {
    run([&]() -> Coro<> {
        MultipartReader reader(
            kType, stream_of(form_part("a", "x=1&y=a+b&z\r\n") +
                             form_part("b", "eA==", "Content-Transfer-Encoding: base64\r\n") + "--b--"));
        std::optional<BodyPartReader> part = co_await reader.next();
        const MultiDict form = co_await part->form();
        EXPECT_EQ(form, (MultiDict{{"x", "1"}, {"y", "a b"}, {"z", ""}}));
        part = co_await reader.next();
        EXPECT_EQ(co_await part->read(), "eA==") << "as it is, unless asked to decode";
    });
}

TEST_F(HttpMultipartReader, Limits) {
    const auto parts = MultipartOptions().max_parts(2);
    EXPECT_EQ(read(form_part("a", "1") + form_part("b", "2") + "--b--", parts), "a:1 b:2 ");
    EXPECT_EQ(read(form_part("a", "1") + form_part("b", "2") + form_part("c", "3") + "--b--", parts),
              "multipart: too many parts");
    const auto headers = MultipartOptions().max_headers(2);
    EXPECT_EQ(read(form_part("a", "1", "X: 1\r\n") + "--b--", headers), "a:1 ");
    EXPECT_EQ(read(form_part("a", "1", "X: 1\r\nY: 2\r\n") + "--b--", headers),
              "multipart: too many fields in a part's head");
    const auto line = MultipartOptions().max_field_size(50);
    EXPECT_EQ(read(form_part("a", "1", "X: " + std::string(47, 'x') + "\r\n") + "--b--", line), "a:1 ");
    EXPECT_EQ(read(form_part("a", "1", "X: " + std::string(48, 'x') + "\r\n") + "--b--", line),
              "multipart: a line has more than 50 bytes");
    EXPECT_EQ(read("--b\r\n" + std::string(100, 'x'), line), "multipart: a line has more than 50 bytes");
    const auto size = MultipartOptions().max_part_size(5);
    EXPECT_EQ(read(form_part("a", "12345") + "--b--", size), "a:12345 ");
    EXPECT_EQ(read(form_part("a", "123456") + "--b--", size), "multipart: a part has more than 5 bytes");
}

TEST_F(HttpMultipartReader, PartsWithinPartsHaveALimit) {
    std::string body = "\r\n\r\nx";
    for (int depth = 1; depth < 10; ++depth) {
        const std::string boundary(static_cast<std::size_t>(depth), 'z');
        const std::string type = "Content-Type: multipart/mixed; boundary=q" + boundary + "q\r\n";
        const std::string mark = "--q" + boundary + "q";
        body = type + "\r\n" + mark + "\r\n" + body.substr(depth == 1 ? 2 : 0) + "\r\n" + mark + "--";
    }
    EXPECT_EQ(read("--b\r\n" + body + "\r\n--b--"), "multipart: parts within parts are too deep");
}

TEST_F(HttpMultipartReader, WhatIsNoHead) {
    for (const char* head : {"no colon", ": x", "a b: c", "a : b", "a: b\rc", "a: b\nc", "a: \x7f",
                             "\xC3\xBC: x", " a: b", "a: b\r\n folded"}) {
        const std::string result = read("--b\r\n" + std::string(head) + "\r\n\r\nx\r\n--b--");
        EXPECT_THAT(result, ::testing::Not(HasSubstr("?:"))) << head;
    }
    EXPECT_EQ(read(form_part("a", "x", "content-disposition: form-data; name=b\r\n") + "--b--"),
              "multipart: a field of a part's head is there twice");
    EXPECT_EQ(read("--b\nX: y\n\nx\n--b--\n"), "multipart: body ends in the middle of a line") << "LF alone";
}

TEST_F(HttpMultipartReader, Boundaries) {
    const auto made = [](const std::string& type) {
        return thrown<ValueError>([&] { MultipartReader(type, StreamReader()); });
    };
    const std::string none = "multipart: the content type has no valid boundary";
    EXPECT_EQ(made("text/plain; boundary=b"), "multipart: the content type is no multipart type");
    EXPECT_EQ(made(""), "multipart: the content type is no multipart type");
    EXPECT_EQ(made("multipart/mixed"), none);
    EXPECT_EQ(made("multipart/mixed; boundary="), none);
    EXPECT_EQ(made("multipart/mixed; boundary=\"a \""), none);
    EXPECT_EQ(made("multipart/mixed; boundary=\xC3\xBC"), none);
    EXPECT_EQ(made("multipart/mixed; boundary=" + std::string(71, 'b')), none);
    EXPECT_EQ(made("multipart/mixed; boundary=" + std::string(70, 'b')), "no exception");
    run([&]() -> Coro<> {
        MultipartReader reader("multipart/x; boundary=\"a b'()+_,-./:=?\"",
                               stream_of("--a b'()+_,-./:=?\r\n\r\nx\r\n--a b'()+_,-./:=?--"));
        const std::string result = co_await describe(reader);
        EXPECT_EQ(result, "?:x ");
    });
}

TEST_F(HttpMultipartReader, AFailureStays) {
    run([&]() -> Coro<> {
        MultipartReader reader(kType, stream_of("--bad\r\n" + form_part("a", "1") + "--b--"));
        const std::string first = co_await caught(reader.next());
        EXPECT_EQ(first, "multipart: a boundary is followed by other text");
        const std::string second = co_await caught(reader.next());
        EXPECT_EQ(second, "multipart: an earlier call of next() failed or was cancelled");
    });
}

TEST_F(HttpMultipartReader, CancelledReads) {
    run([&]() -> Coro<> {
        StreamReader stream;
        stream.feed_data(form_part("a", "12").substr(0, form_part("a", "12").size() - 2));
        MultipartReader reader(kType, stream);
        std::optional<BodyPartReader> part = co_await reader.next();
        auto task = create_task(part->read());
        co_await turns(3);
        task.cancel();
        const std::string error = co_await caught(task);
        EXPECT_EQ(error, "CancelledError");
        auto next = create_task(reader.next());
        co_await turns(3);
        next.cancel();
        const std::string also = co_await caught(next);
        EXPECT_EQ(also, "CancelledError");
        const std::string later = co_await caught(reader.next());
        EXPECT_EQ(later, "multipart: an earlier call of next() failed or was cancelled");
    });
}

TEST_F(HttpMultipartReader, ABrokenStreamIsThrown) {
    run([&]() -> Coro<> {
        StreamReader stream;
        stream.feed_data("--b\r\n\r\nx");
        MultipartReader reader(kType, stream);
        std::optional<BodyPartReader> part = co_await reader.next();
        stream.set_exception(ConnectionResetError("gone"));
        const std::string error = co_await caught(part->read());
        EXPECT_THAT(error, HasSubstr("gone"));
    });
}

}  // namespace
}  // namespace aio::tests
