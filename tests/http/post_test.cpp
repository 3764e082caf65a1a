// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/http.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/temporary_folder.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::FileField;
using http::PostData;
using http::PostOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kMultipart = "multipart/form-data; boundary=b";
const std::string kUrlencoded = "application/x-www-form-urlencoded";

std::string text_part(std::string_view name, std::string_view value, std::string_view fields = "") {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n" +
           std::string(fields) + "\r\n" + std::string(value) + "\r\n";
}
std::string file_part(std::string_view name, std::string_view filename, std::string_view content,
                      std::string_view fields = "") {
    return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"; filename=\"" +
           std::string(filename) + "\"\r\n" + std::string(fields) + "\r\n" + std::string(content) + "\r\n";
}

class HttpPost : public ::testing::Test, public aio::testing::LoopTest {
public:
    static Coro<PostData> read(std::string body, std::string type, PostOptions options = PostOptions()) {
        FedSource source;
        http::StreamReader content(&source);
        // The half of it comes later.
        source.feed(body.substr(0, body.size() / 2));
        auto reading = create_task(http::read_post(content, std::move(type), std::move(options)));
        co_await turns(3);
        source.feed(body.substr(body.size() / 2));
        source.finish();
        co_return co_await reading;
    }
    // "name=value" of the texts, and "name:filename" of the files.
    static std::string described(const PostData& data) {
        std::string text;
        for (const auto& [name, value] : data) {
            const auto* const file = std::get_if<FileField>(&value);
            text += name + (file ? ":" + file->filename() : "=" + std::get<std::string>(value)) + " ";
        }
        return text;
    }
    // The code that is to be answered, and why.
    static Coro<std::string> refused(std::string body, std::string type,
                                     PostOptions options = PostOptions()) {
        try {
            co_await read(std::move(body), std::move(type), std::move(options));
        } catch (const http::HttpProcessingError& error) {
            co_return std::to_string(error.code()) + " " + error.what();
        }
        co_return "accepted";
    }
};

TEST_F(HttpPost, Urlencoded) {
    run([&]() -> Coro<> {
        const PostData data = co_await read("a=1&b=x+y%21&&a=2&c&=d&e=", kUrlencoded);
        EXPECT_EQ(described(data), "a=1 b=x y! a=2 c= =d e= ");
        EXPECT_EQ(data.get("a"), "1");
        EXPECT_EQ(data["b"], "x y!");
        EXPECT_THAT(data.getall("a"), ElementsAre("1", "2"));
        EXPECT_EQ(data.get("z"), std::nullopt);
        EXPECT_EQ(data.get("z", "none"), "none");
        EXPECT_TRUE(data.contains("c"));
        EXPECT_FALSE(data.contains("z"));
        EXPECT_EQ(thrown<LookupError>([&] { return data["z"]; }), "the form has no field 'z'");
        EXPECT_TRUE((co_await read("", kUrlencoded)).empty());
    });
}

TEST_F(HttpPost, CharacterSets) {
    run([&]() -> Coro<> {
        EXPECT_EQ((co_await read("a=%FC", kUrlencoded + "; charset=latin-1"))["a"], "\xC3\xBC");
        EXPECT_EQ((co_await read("a=%FC", kUrlencoded))["a"], "\xEF\xBF\xBD");
        EXPECT_EQ((co_await read("a=%C3%BC", kUrlencoded + "; charset=x-unknown"))["a"], "\xC3\xBC");
        const PostData data =
            co_await read(text_part("a", "\xC3\xBC") +
                              text_part("b", "\xFC", "Content-Type: text/plain; charset=latin-1\r\n") +
                              text_part("_charset_", "windows-1252") + text_part("c", "\x80") + "--b--\r\n",
                          kMultipart);
        EXPECT_EQ(data["a"], "\xC3\xBC");
        EXPECT_EQ(data["b"], "\xC3\xBC");
        EXPECT_EQ(data["c"], "\xE2\x82\xAC");
        const PostData binary =
            co_await read(text_part("a", "\xFC", "Content-Type: application/x\r\n") + "--b--", kMultipart);
        EXPECT_EQ(binary["a"], "\xFC");
    });
}

TEST_F(HttpPost, FieldsAndFiles) {
    run([&]() -> Coro<> {
        const std::string large(100'000, 'x');
        const PostData data = co_await read(
            text_part("a", "1") + file_part("f", "../../a.png", "small", "Content-Type: image/png\r\n") +
                file_part("f", "b", large, "X-Mine: 1\r\n") + text_part("a", "two\r\nlines") +
                file_part("empty", "", "") + "--b--\r\n",
            kMultipart, PostOptions().spool_size(1000));
        EXPECT_EQ(described(data), "a=1 f:a.png f:b a=two\r\nlines empty= ") << "no file was chosen";
        EXPECT_EQ(data.size(), 5U);
        EXPECT_EQ(data.get("f"), std::nullopt) << "it is no text";
        EXPECT_EQ(data.file("a"), nullptr);
        const FileField* const small = data.file("f");
        EXPECT_EQ(small->name(), "f");
        EXPECT_EQ(small->content_type(), "image/png");
        EXPECT_FALSE(small->file().rolled()) << "it is in memory";
        EXPECT_EQ(co_await small->file().read(), "small");
        const std::vector<FileField> files = data.files("f");
        EXPECT_EQ(files.size(), 2U);
        EXPECT_TRUE(files[1].file().rolled());
        EXPECT_EQ(files[1].content_type(), "application/octet-stream");
        EXPECT_EQ(files[1].headers().get("X-Mine"), "1");
        const std::string content = co_await files[1].file().read();
        EXPECT_TRUE(content == large);
    });
}

// Nobody should send them (RFC 7578, 4.7), and aiohttp undoes them all the same.
TEST_F(HttpPost, TransferEncodings) {
    const std::string base64 = "Content-Transfer-Encoding: base64\r\n";
    const std::string quoted = "Content-Transfer-Encoding: Quoted-Printable\r\n";
    run([&]() -> Coro<> {
        const PostData data = co_await read(text_part("a", "SGVs\r\nbG8=", base64) +
                                                text_part("b", "=C3=bc=\r\nx=4=zz=", quoted) +
                                                text_part("c", "=C3", "Content-Transfer-Encoding: 8bit\r\n") +
                                                file_part("d", "d.txt", "SGVsbG8", base64) + "--b--",
                                            kMultipart);
        EXPECT_EQ(data["a"], "Hello");
        EXPECT_EQ(data["b"], "\xC3\xBCx=4=zz=");
        EXPECT_EQ(data["c"], "=C3");
        const std::string content = co_await data.file("d")->file().read();
        EXPECT_EQ(content, "Hello");
        // However it is cut.
        const std::string wire = text_part("b", "=C3=bc=\r\nx=4", quoted) +
                                 text_part("a", "SGVsbG8", base64) + file_part("d", "d", "=3D=3d", quoted) +
                                 "--b--";
        for (std::size_t cut = 1; cut < wire.size(); ++cut) {
            FedSource source;
            http::StreamReader body(&source);
            source.feed(wire.substr(0, cut));
            auto reading = create_task(http::read_post(body, kMultipart));
            co_await turns(3);
            source.feed(wire.substr(cut));
            source.finish();
            const PostData cut_data = co_await reading;
            EXPECT_EQ(cut_data["b"], "\xC3\xBCx=4") << cut;
            EXPECT_EQ(cut_data["a"], "Hello") << cut;
            const std::string file = co_await cut_data.file("d")->file().read();
            EXPECT_EQ(file, "==") << cut;
        }
        EXPECT_EQ(co_await refused(text_part("a", "SGVsb", base64) + "--b--", kMultipart),
                  "400 multipart: incorrect base64");
        EXPECT_EQ(
            co_await refused(file_part("a", "a", "x", "Content-Transfer-Encoding: x-rot13\r\n") + "--b--",
                             kMultipart),
            "400 multipart: unknown content transfer encoding: x-rot13");
    });
}

TEST_F(HttpPost, OtherTypesAreNotRead) {
    run([&]() -> Coro<> {
        FedSource source;
        source.feed("{}");
        source.finish();
        http::StreamReader content(&source);
        for (const std::string type : {"", "application/json", "multipart/mixed; boundary=b", "nonsense"}) {
            const PostData data = co_await http::read_post(content, type);
            EXPECT_TRUE(data.empty());
        }
        EXPECT_EQ(co_await content.read(), "{}");
    });
}

TEST_F(HttpPost, Limits) {
    run([&]() -> Coro<> {
        const std::string text = text_part("a", std::string(1000, 'x'));
        const std::string file = file_part("f", "f", std::string(1000, 'x'));
        EXPECT_EQ(co_await refused("a=" + std::string(99, 'x'), kUrlencoded, PostOptions().max_size(100)),
                  "413 the form has more than 100 bytes");
        EXPECT_EQ(co_await refused("a=" + std::string(98, 'x'), kUrlencoded, PostOptions().max_size(100)),
                  "accepted");
        EXPECT_EQ(co_await refused(std::string(2 << 20, 'x'), kUrlencoded),
                  "413 the form has more than 1048576 bytes");
        EXPECT_EQ(co_await refused(std::string(2 << 20, 'x'), kUrlencoded, PostOptions().max_size(0)),
                  "accepted");
        EXPECT_EQ(co_await refused("a=1234", kUrlencoded, PostOptions().max_text_size(5)),
                  "413 the form has too much text");
        EXPECT_EQ(co_await refused("a=1&b=2&c=3", kUrlencoded, PostOptions().max_fields(2)),
                  "413 the form has more than 2 fields");
        EXPECT_EQ(co_await refused(std::string(5000, '&'), kUrlencoded),
                  "413 the form has more than 1000 fields");
        EXPECT_EQ(co_await refused(file + "--b--", kMultipart, PostOptions().max_size(1000)),
                  "413 the form has more than 1000 bytes");
        EXPECT_EQ(co_await refused(text + text + "--b--", kMultipart, PostOptions().max_fields(1)),
                  "413 the form has more than 1 fields");
        EXPECT_EQ(co_await refused(file + file + "--b--", kMultipart, PostOptions().max_files(1)),
                  "413 the form has more than 1 files");
        EXPECT_EQ(co_await refused(text + text + "--b--", kMultipart, PostOptions().max_text_size(1999)),
                  "413 the texts of the form have more than 1999 bytes");
        EXPECT_EQ(
            co_await refused(text + text + file + "--b--", kMultipart, PostOptions().max_text_size(2000)),
            "accepted");
    });
}

TEST_F(HttpPost, WhatIsNoForm) {
    run([&]() -> Coro<> {
        EXPECT_THAT(co_await refused("--b\r\n\r\nx\r\n--b--", kMultipart),
                    HasSubstr("400 a part of the form has no"));
        EXPECT_THAT(co_await refused(text_part("a", "1"), kMultipart), HasSubstr("400 multipart: "));
        EXPECT_THAT(co_await refused("x", "multipart/form-data"), HasSubstr("400 multipart: "));
    });
}

TEST_F(HttpPost, AFileThatIsBrokenOffLeavesNothing) {
    run([&]() -> Coro<> {
        const TemporaryFolder folder;
        FedSource source;
        http::StreamReader content(&source);
        const auto options = PostOptions().spool_size(10).dir(folder.path());
        auto reading = create_task(http::read_post(content, kMultipart, options));
        source.feed(file_part("f", "f", std::string(200'000, 'x')));
        co_await turns(3);
        while (content.total_bytes() < 100'000) co_await to_thread([] {});
        reading.cancel();
        EXPECT_EQ(co_await caught(reading), "CancelledError");
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    });
}

TEST_F(HttpPost, MemoryIsSharedByAllFiles) {
    run([&]() -> Coro<> {
        const std::string file = file_part("f", "f", std::string(600, 'x'));
        const PostData data =
            co_await read(file + file + file + "--b--", kMultipart, PostOptions().spool_size(1000));
        const std::vector<FileField> files = data.files("f");
        EXPECT_FALSE(files.at(0).file().rolled());
        EXPECT_TRUE(files.at(1).file().rolled());
        EXPECT_TRUE(files.at(2).file().rolled());
    });
}

TEST_F(HttpPost, AsAFormMakesIt) {
    run([&]() -> Coro<> {
        http::FormData form;
        form.add_field("n\xC3\xBC;=", "1\r\n--");
        form.add_field("f", "content", http::FieldOptions().filename("\xE2\x82\xAC.txt"));
        const http::Payload payload = form;
        KeptBody to;
        co_await payload.write(to);
        const PostData data = co_await read(to.text, std::string(payload.content_type()));
        EXPECT_EQ(data["n\xC3\xBC;="], "1\r\n--");
        EXPECT_EQ(data.file("f")->filename(), "\xE2\x82\xAC.txt");
        EXPECT_EQ(data.file("f")->content_type(), "text/plain");
    });
}

}  // namespace
}  // namespace aio::tests
