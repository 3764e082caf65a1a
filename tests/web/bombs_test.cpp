// SPDX-License-Identifier: MIT
// Small requests that want to become large: bounded in memory, and answered.
#include "web/web_test.hpp"

#include <aio/http/compression.hpp>
#include <aio/http/json.hpp>

#include <aio/http/url/query.hpp>

#include <any>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::ContentCoding;
using web::Request;
using web::Response;

std::string coded(std::string_view text, ContentCoding coding) {
    std::string out;
    http::Compressor compressor(coding);
    compressor.compress(text, out);
    compressor.finish(out);
    return out;
}

/// 20 MB of one letter.
std::string bomb(ContentCoding coding) {
    http::Compressor compressor(coding);
    std::string out;
    const std::string piece(1'000'000, 'a');
    for (int i = 0; i < 20; ++i) compressor.compress(piece, out);
    compressor.finish(out);
    return out;
}

std::string posted(const std::string& body, const std::string& type, const std::string& coding = "") {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " + type + "\r\n" +
           (coding.empty() ? "" : "Content-Encoding: " + coding + "\r\n") +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string part(const std::string& fields, const std::string& content) {
    return "--b\r\n" + fields + "\r\n" + content + "\r\n";
}
std::string field(const std::string& name, const std::string& value) {
    return part("Content-Disposition: form-data; name=\"" + name + "\"\r\n", value);
}

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data; boundary=b";

struct BombsTest : WebTest {
    enum class Reads { all, form, pieces, nothing };
    /// The status of the answer; `most` is how much of the body has come out when the handler had enough.
    std::string status(const std::string& text, Reads how, std::uint64_t* most = nullptr) {
        const auto handler = [&](Request& request) -> Coro<Response> {
            std::exception_ptr error;
            std::size_t taken = 0;
            try {
                if (how == Reads::all) {
                    const std::string body = co_await request.read();
                    taken = body.size();
                } else if (how == Reads::form) {
                    const http::PostData data = co_await request.post();
                    taken = data.size();
                } else if (how == Reads::pieces) {
                    while (auto piece = co_await request.content().next_chunk()) {
                        EXPECT_LE(piece->size(), http::StreamReader::kLimit);
                        taken += piece->size();
                    }
                }
            } catch (...) {
                error = std::current_exception();
            }
            if (most) *most = request.content().total_bytes();
            if (error) std::rethrow_exception(error);
            co_return Response().text(std::to_string(taken));
        };
        const std::string all = answer(handler, text);
        return all.substr(9, 3) + (how == Reads::pieces ? " " + all.substr(all.find("\r\n\r\n") + 4) : "");
    }
};

constexpr std::array kCodings{ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br,
                              ContentCoding::zstd};

TEST_F(BombsTest, F91_of_a_body_that_was_compressed) {
    for (const ContentCoding coding : kCodings) {
        const std::string name(http::coding_name(coding));
        std::string body = bomb(coding);
        for (std::string codings = name; codings.size() < 3 * name.size() + 5; codings += ", " + name) {
            EXPECT_LT(body.size(), std::size_t{100'000}) << codings;
            std::uint64_t most = 0;
            EXPECT_EQ(status(posted(body, "text/plain", codings), Reads::all, &most), "413") << codings;
            EXPECT_LT(most, std::uint64_t{2'000'000}) << codings;
            EXPECT_EQ(status(posted(body, std::string(kForm), codings), Reads::form, &most), "413")
                << codings;
            EXPECT_LT(most, std::uint64_t{2'000'000}) << codings;
            body = coded(body, coding);
        }
    }
}

// Who streams it gets it in pieces; who does not look at it does not pay for it.
TEST_F(BombsTest, F91_of_a_body_that_is_streamed_or_not_read) {
    const std::string body = bomb(ContentCoding::gzip);
    EXPECT_EQ(status(posted(body, "text/plain", "gzip"), Reads::pieces), "200 20000000");
    std::uint64_t most = 0;
    EXPECT_EQ(status(posted(body, "text/plain", "gzip"), Reads::nothing, &most), "200");
    EXPECT_EQ(most, 0U);
}

TEST_F(BombsTest, F91_of_a_form_with_files_that_was_compressed) {
    const std::string letters(20'000'000, 'a');
    const std::string file = part("Content-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n", letters);
    std::uint64_t most = 0;
    EXPECT_EQ(status(posted(coded(file + "--b--", ContentCoding::gzip), std::string(kMultipart), "gzip"),
                     Reads::form, &most),
              "413");
    EXPECT_LT(most, std::uint64_t{2'000'000});
    EXPECT_EQ(status(posted(coded(field("t", letters) + "--b--", ContentCoding::gzip),
                            std::string(kMultipart), "gzip"),
                     Reads::form, &most),
              "413");
    EXPECT_LT(most, std::uint64_t{2'000'000});
}

TEST_F(BombsTest, FormsOfManyFields) {
    std::string plain;
    std::string parts;
    std::string files;
    for (int i = 0; i < 2000; ++i) {
        plain += "a&";
        parts += field("a", "");
        if (i < 200) files += part("Content-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n", "");
    }
    EXPECT_EQ(status(posted(plain, std::string(kForm)), Reads::form), "413");
    EXPECT_EQ(status(posted(parts + "--b--", std::string(kMultipart)), Reads::form), "413");
    EXPECT_EQ(status(posted(files + "--b--", std::string(kMultipart)), Reads::form), "413");
    EXPECT_EQ(status(posted(plain.substr(0, 1998), std::string(kForm)), Reads::form), "200");
}

TEST_F(BombsTest, PartsOfLargeHeads) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
    const auto head = [&](const std::string& fields) {
        return status(posted(part(fields, "x") + "--b--", std::string(kMultipart)), Reads::form);
    };
    EXPECT_EQ(head(many), "400");
    EXPECT_EQ(head("X: " + std::string(100'000, 'x') + "\r\n"), "400");
    EXPECT_EQ(head("Content-Disposition: form-data; name=\"" + std::string(100'000, 'x') + "\"\r\n"), "400");
    // A delimiter that does not come, and a boundary that is too long to be one.
    EXPECT_EQ(status(posted(std::string(500'000, '-'), std::string(kMultipart)), Reads::form), "400");
    EXPECT_EQ(status(posted("x", "multipart/form-data; boundary=" + std::string(5000, 'b')), Reads::form),
              "400");
}

TEST_F(BombsTest, JsonThatIsDeep) {
    const auto handler = [](Request& request) -> Coro<Response> {
        const auto value = co_await request.json<std::vector<std::vector<int>>>();
        co_return Response().text(std::to_string(value.size()));
    };
    const auto json = [&](const std::string& text) {
        return answer(handler, posted(text, "application/json")).substr(9, 3);
    };
    EXPECT_EQ(json("[[1],[2]]"), "200");
    EXPECT_EQ(json(std::string(500'000, '[')), "400");
    EXPECT_EQ(json(std::string(200'000, '[') + std::string(200'000, ']')), "400");
}

// Names that collide in any table would make a form, or a query, cost the square of its fields: these would
// run into the test's time limit.
TEST_F(BombsTest, ManyFieldsOfOneHashCostNoMoreThanOthers) {
    constexpr int kFields = 100'000;
    std::string body;
    std::string parts;
    for (int i = 0; i < kFields; ++i) body += std::string(30, 'a') + std::to_string(100'000 + i) + "=1&";
    for (int i = 0; i < kFields / 10; ++i) parts += field(std::string(30, 'a') + std::to_string(i), "1");
    const auto handler = [&](Request& request) -> Coro<Response> {
        request.client_max_size(100'000'000);
        const http::PostData data = co_await request.post(http::PostOptions().max_fields(2 * kFields));
        co_return Response().text(std::to_string(data.size()));
    };
    const auto last = [](const std::string& all) { return all.substr(all.find("\r\n\r\n") + 4); };
    EXPECT_EQ(last(answer(handler, posted(body, std::string(kForm)))), std::to_string(kFields));
    EXPECT_EQ(last(answer(handler, posted(parts + "--b--", std::string(kMultipart)))),
              std::to_string(kFields / 10));
    EXPECT_EQ(http::parse_qsl(body, http::ParseQslOptions().max_num_fields(2 * kFields)).size(),
              std::size_t{kFields});
}

}  // namespace
}  // namespace aio::tests
