// SPDX-License-Identifier: MIT
#include <aio/aio.hpp>
#include <aio/fs.hpp>
#include <aio/http.hpp>
#include <aio/http/json.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/pipe.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>
#include <support/trace.hpp>
#include <support/turns.hpp>

#include "http/body_support.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::FieldOptions;
using http::FormData;
using http::MultipartWriter;
using http::Payload;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpPayload : public ::testing::Test, public aio::testing::LoopTest {
public:
    static Coro<std::string> sent(const Payload& payload) {
        KeptBody to;
        co_await payload.write(to);
        co_return to.text;
    }
    std::string file(const std::string& name, std::string_view content) const {
        std::ofstream(folder.file(name)) << content;
        return folder.file(name);
    }
    TemporaryFolder folder;
};

TEST_F(HttpPayload, Bytes) {
    run([&]() -> Coro<> {
        const Payload none;
        EXPECT_TRUE(none.empty());
        EXPECT_EQ(none.size(), 0U);
        EXPECT_EQ(none.bytes(), nullptr);
        const Payload payload = "some bytes";
        EXPECT_FALSE(payload.empty());
        EXPECT_EQ(*payload.bytes(), "some bytes");
        EXPECT_EQ(payload.size(), 10U);
        EXPECT_EQ(payload.content_type(), "application/octet-stream");
        EXPECT_TRUE(payload.repeatable());
        EXPECT_TRUE(payload.prepared());
        EXPECT_EQ(co_await sent(payload), "some bytes");
        EXPECT_EQ(co_await sent(payload), "some bytes");
        EXPECT_FALSE(Payload("").empty());
        EXPECT_EQ(Payload("x", "text/x").content_type(), "text/x");
        EXPECT_EQ(Payload("x").content_type("text/y").content_type(), "text/y");
    });
}

TEST_F(HttpPayload, Texts) {
    EXPECT_EQ(Payload::text("\xC3\xBC").content_type(), "text/plain; charset=utf-8");
    EXPECT_EQ(*Payload::text("\xC3\xBC", "latin-1").bytes(), "\xFC");
    EXPECT_THROW(Payload::text("\xE2\x82\xAC", "latin-1"), http::UnicodeEncodeError);
}

TEST_F(HttpPayload, Json) {
    const Payload payload = Payload::json(std::vector<int>{1, 2});
    EXPECT_EQ(payload.content_type(), "application/json");
    EXPECT_EQ(*payload.bytes(), "[1,2]");
    EXPECT_EQ(*Payload::json("text").bytes(), "\"text\"");
}

TEST_F(HttpPayload, LargeBytesWaitBetweenPieces) {
    run([&]() -> Coro<> {
        const std::string large = numbered(1'000'000);
        const Payload payload = large;
        KeptBody to;
        co_await payload.write(to);
        EXPECT_TRUE(to.text == large);
        EXPECT_EQ(to.pieces.size(), 4U);
        EXPECT_EQ(to.drains, 3);
        KeptBody closed;
        closed.closed = true;
        auto writing = create_task(payload.write(closed));
        co_await turns(2);
        EXPECT_EQ(closed.pieces.size(), 1U) << "the rest waits for room";
        writing.cancel();
        EXPECT_EQ(co_await caught(writing), "CancelledError");
    });
}

TEST_F(HttpPayload, Forms) {
    run([&]() -> Coro<> {
        FormData form;
        form.add_field("a", "x y");
        Payload simple = form;
        EXPECT_EQ(*simple.bytes(), "a=x+y");
        EXPECT_EQ(simple.content_type(), "application/x-www-form-urlencoded");
        form.add_field("f", "content", FieldOptions().filename("a.txt"));
        const Payload payload = form;
        EXPECT_THAT(payload.content_type(), StartsWith("multipart/form-data; boundary="));
        const std::string first = co_await sent(payload);
        EXPECT_THAT(first, HasSubstr("name=\"f\"; filename=\"a.txt\""));
        EXPECT_EQ(payload.size(), first.size());
        EXPECT_EQ(co_await sent(payload), first) << "a redirect may want it again";
        const Payload again = form;
        EXPECT_EQ((co_await sent(again)).size(), first.size()) << "the form itself is still there";
    });
}

TEST_F(HttpPayload, GeneratorsAndStreams) {
    run([&]() -> Coro<> {
        std::vector<std::string> pieces(2, "piece ");
        pieces.push_back("");
        pieces.push_back("end");
        const Payload payload = generated(std::move(pieces));
        EXPECT_EQ(payload.size(), std::nullopt);
        EXPECT_FALSE(payload.repeatable());
        KeptBody to;
        co_await payload.write(to);
        EXPECT_THAT(to.pieces, ElementsAre("piece ", "piece ", "end"));
        EXPECT_GE(to.drains, 3);

        const Payload stream = stream_with("from a stream");
        EXPECT_EQ(co_await sent(stream), "from a stream");

        FedSource source;
        source.feed("from a ");
        source.feed("body");
        source.finish();
        http::StreamReader body(&source);
        const Payload proxied = body;
        EXPECT_EQ(co_await sent(proxied), "from a body");
    });
}

TEST_F(HttpPayload, F84_what_is_read_once_is_not_sent_twice) {
    run([&]() -> Coro<> {
        FedSource source;
        source.finish();
        http::StreamReader body(&source);
        std::vector<Payload> once;
        once.emplace_back(generated({}));
        once.emplace_back(stream_with("x"));
        once.emplace_back(body);
        FormData form;
        form.add_field("g", generated({}));
        form.add_field("a", "text");
        once.emplace_back(form);
        for (const Payload& payload : once) {
            EXPECT_FALSE(payload.repeatable());
            co_await sent(payload);
            EXPECT_EQ(co_await caught(sent(payload)), "the body was sent before, and can be sent only once");
        }
    });
}

// The clean-up of a generator that awaits.
struct Log {
    std::vector<std::string> lines;
};
AsyncGenerator<std::string> cleaned_up(Log& log) {
    std::exception_ptr error;
    try {
        for (;;) co_yield "piece";
    } catch (...) {
        error = std::current_exception();
    }
    co_await sleep(std::chrono::seconds(1));
    log.lines.emplace_back("cleaned up");
    std::rethrow_exception(error);
}

TEST_F(HttpPayload, F77_a_generator_has_cleaned_up_when_the_send_ends) {
    run([&]() -> Coro<> {
        Log log;
        const Payload cancelled = cleaned_up(log);
        KeptBody closed;
        closed.closed = true;
        auto writing = create_task(cancelled.write(closed));
        co_await turns(2);
        EXPECT_EQ(closed.text, "piece");
        writing.cancel();
        EXPECT_EQ(co_await caught(writing), "CancelledError");
        EXPECT_THAT(log.lines, ElementsAre("cleaned up"));

        const Payload left = cleaned_up(log);
        KeptBody lost;
        lost.fails = true;
        EXPECT_THAT(co_await caught(left.write(lost)), HasSubstr("Connection lost"));
        EXPECT_EQ(log.lines.size(), 2U);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

AsyncGenerator<std::string> failing() {
    co_yield "piece";
    throw ValueError("no more");
}

TEST_F(HttpPayload, WhatAGeneratorThrowsComesOut) {
    run([&]() -> Coro<> {
        const Payload payload = failing();
        KeptBody to;
        EXPECT_EQ(co_await caught(payload.write(to)), "no more");
        EXPECT_EQ(to.text, "piece");
    });
}

TEST_F(HttpPayload, AnOpenFileFromItsPosition) {
    run([&]() -> Coro<> {
        fs::File open = co_await fs::open(file("a.png", "0123456789"), "rb");
        EXPECT_EQ(co_await open.read(3), "012");
        const Payload payload = open;
        EXPECT_EQ(payload.content_type(), "image/png");
        EXPECT_FALSE(payload.prepared());
        EXPECT_EQ(payload.size(), std::nullopt);
        co_await payload.prepare();
        EXPECT_EQ(payload.size(), 7U);
        EXPECT_TRUE(payload.repeatable());
        KeptBody to;
        co_await payload.write(to);
        EXPECT_EQ(to.text, "3456789");
        EXPECT_THAT(to.files, ElementsAre(std::pair<std::uint64_t, std::uint64_t>(3, 7))) << "by the kernel";
        EXPECT_EQ(co_await sent(payload), "3456789") << "F84: from the same place";
        EXPECT_FALSE(open.closed());
        co_await open.seek(0, SEEK_END);
        const Payload nothing = open;
        EXPECT_EQ(co_await sent(nothing), "");
        EXPECT_EQ(nothing.size(), 0U);
        co_await open.close();
    });
}

TEST_F(HttpPayload, AFileByItsPath) {
    run([&]() -> Coro<> {
        const std::string path = file("notes.html", "0123456789");
        const Payload payload = Payload::file(path);
        EXPECT_EQ(payload.content_type(), "text/html");
        EXPECT_TRUE(payload.repeatable());
        co_await payload.prepare();
        EXPECT_TRUE(payload.prepared());
        EXPECT_EQ(payload.size(), 10U);
        EXPECT_EQ(co_await sent(payload), "0123456789");
        EXPECT_FALSE(payload.prepared()) << "it is closed, and may change until the next time";
        file("notes.html", "shorter");
        EXPECT_EQ(co_await sent(payload), "shorter");
        EXPECT_EQ(payload.size(), 7U);
        const Payload missing = Payload::file(folder.file("missing"));
        EXPECT_THAT(co_await caught(missing.prepare()), HasSubstr("No such file"));
        EXPECT_THAT(co_await caught(sent(missing)), HasSubstr("No such file"));
    });
}

// How many descriptors refer to files of the folder.
std::size_t open_files(const std::string& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry.path(), gone);
        if (!gone && target.string().starts_with(folder + "/")) ++count;
    }
    return count;
}

TEST_F(HttpPayload, F77_a_file_is_closed_when_the_send_ends) {
    run([&]() -> Coro<> {
        const Payload payload = Payload::file(file("a", "0123456789"));
        co_await payload.prepare();
        EXPECT_EQ(open_files(folder.path()), 1U);
        KeptBody lost;
        lost.fails = true;
        EXPECT_THAT(co_await caught(payload.write(lost)), HasSubstr("Connection lost"));
        EXPECT_EQ(open_files(folder.path()), 0U);
        co_await payload.prepare();
        KeptBody closed;
        closed.closed = true;
        auto writing = create_task(payload.write(closed));
        co_await turns(2);
        EXPECT_EQ(closed.files.size(), 1U);
        writing.cancel();
        EXPECT_EQ(co_await caught(writing), "CancelledError");
        EXPECT_EQ(open_files(folder.path()), 0U);
    });
}

TEST_F(HttpPayload, F78_a_file_that_changes_gives_what_was_announced_or_an_error) {
    run([&]() -> Coro<> {
        const std::string path = file("a", "0123456789");
        const Payload payload = Payload::file(path);
        co_await payload.prepare();
        std::ofstream(path, std::ios::app) << "grown";
        EXPECT_EQ(payload.size(), 10U);
        EXPECT_EQ(co_await sent(payload), "0123456789");
        co_await payload.prepare();
        EXPECT_EQ(payload.size(), 15U);
        std::filesystem::resize_file(path, 4);
        EXPECT_EQ(co_await caught(sent(payload)), "the file is shorter");
        co_await payload.prepare();
        std::filesystem::remove(path);
        file("a", "replaced");
        EXPECT_EQ(co_await sent(payload), "0123") << "what was opened";
    });
}

TEST_F(HttpPayload, AFileInMemory) {
    run([&]() -> Coro<> {
        fs::File spooled = co_await fs::SpooledTemporaryFile(1 << 20);
        const std::string text = numbered(200'000);
        co_await spooled.write(text);
        co_await spooled.seek(50'000);
        const Payload payload = spooled;
        KeptBody to;
        co_await payload.write(to);
        EXPECT_EQ(payload.size(), 150'000U);
        EXPECT_TRUE(to.text == text.substr(50'000));
        EXPECT_TRUE(to.files.empty());
        EXPECT_FALSE(spooled.rolled()) << "it stays in memory";
        EXPECT_EQ(co_await spooled.tell(), 50'000);
        co_await spooled.truncate(60'000);
        EXPECT_EQ(co_await caught(sent(payload)), "the file ended 140000 bytes early");
    });
}

TEST_F(HttpPayload, APipeUntilItsEnd) {
    run([&]() -> Coro<> {
        const std::string path = folder.file("fifo");
        EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
        auto opening = create_task(fs::open(path, "rb"));
        fs::File writing = co_await fs::open(path, "wb");
        const fs::File reading = co_await opening;
        co_await writing.write("through a pipe");
        co_await writing.close();
        const Payload payload = reading;
        co_await payload.prepare();
        EXPECT_EQ(payload.size(), std::nullopt);
        EXPECT_FALSE(payload.repeatable());
        EXPECT_EQ(co_await sent(payload), "through a pipe");
        EXPECT_EQ(co_await caught(sent(payload)), "the body was sent before, and can be sent only once");
    });
}

TEST_F(HttpPayload, AFormWithAFile) {
    run([&]() -> Coro<> {
        FormData form;
        fs::File open = co_await fs::open(file("a b.txt", "content"), "rb");
        form.add_field("f", open);
        form.add_field("p", Payload("{}", "application/json"));
        const Payload payload = form;
        EXPECT_EQ(payload.size(), std::nullopt) << "nobody knows yet";
        EXPECT_FALSE(payload.prepared());
        co_await payload.prepare();
        EXPECT_TRUE(payload.prepared());
        const std::string body = co_await sent(payload);
        EXPECT_EQ(payload.size(), body.size());
        EXPECT_THAT(body, HasSubstr("Content-Disposition: form-data; name=\"f\"; filename=\"a b.txt\"\r\n"
                                    "Content-Type: text/plain\r\n\r\ncontent\r\n"));
        EXPECT_THAT(body, HasSubstr("name=\"p\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"));
        EXPECT_EQ(co_await sent(payload), body);
        co_await open.close();
    });
}

}  // namespace
}  // namespace aio::tests
