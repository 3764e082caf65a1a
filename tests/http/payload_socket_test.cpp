// SPDX-License-Identifier: MIT
// Files that go out over sockets, where the kernel sends them, to peers that leave.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/http/http1/writer_impl.hpp>
#include <aio/testing.hpp>
#include <support/caught.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::Payload;
using http::detail::Framing;
using http::detail::Http1Writer;
using ::testing::EndsWith;

constexpr std::size_t kLarge = 8'000'000;

/// A server that answers each connection with a file.
class HttpPayloadSocket : public ::testing::Test, public aio::testing::LoopTest {
public:
    HttpPayloadSocket() { std::ofstream(path()) << numbered(kLarge); }
    std::string path() const { return folder.file("large"); }

    Coro<> serve(StreamReader, StreamWriter writer) {
        const Payload payload = Payload::file(path());
        co_await payload.prepare();
        Http1Writer out(writer);
        out.begin_head() = "HEAD\r\n\r\n";
        out.begin_body(Framing::length, *payload.size());
        error = co_await caught(payload.write(out));
        if (error == "no error") out.write_eof();
        complete = out.complete();
        writer.close();
        answered.set();
    }
    Coro<StreamPair> connect() {
        server = co_await start_server("127.0.0.1", 0, &HttpPayloadSocket::serve, this);
        co_return co_await open_connection("127.0.0.1", server.sockets()[0].getsockname().port());
    }
    // How many descriptors refer to the file.
    std::size_t open_files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            if (std::filesystem::read_symlink(entry.path(), gone).string().starts_with(path())) ++count;
        }
        return count;
    }

    TemporaryFolder folder;
    Server server;
    Event answered;
    std::string error;
    bool complete = false;
};

TEST_F(HttpPayloadSocket, AllOfIt) {
    run([&]() -> Coro<> {
        auto connection = co_await connect();
        auto& [reader, writer] = connection;
        const std::string text = co_await reader.read();
        EXPECT_TRUE(text == "HEAD\r\n\r\n" + numbered(kLarge));
        co_await answered.wait();
        EXPECT_EQ(error, "no error");
        EXPECT_TRUE(complete);
        EXPECT_EQ(open_files(), 0U);
    });
}

TEST_F(HttpPayloadSocket, F77_the_file_is_closed_when_the_peer_resets) {
    run([&]() -> Coro<> {
        auto connection = co_await connect();
        auto& [reader, writer] = connection;
        co_await reader.readexactly(100'000);
        writer.transport().abort();
        co_await answered.wait();
        EXPECT_NE(error, "no error");
        EXPECT_FALSE(complete);
        EXPECT_EQ(open_files(), 0U);
        EXPECT_TRUE(reports().empty());
    });
}

TEST_F(HttpPayloadSocket, F78_a_file_that_is_truncated_meanwhile_ends_the_connection) {
    run([&]() -> Coro<> {
        auto connection = co_await connect();
        auto& [reader, writer] = connection;
        co_await reader.readexactly(100'000);
        std::filesystem::resize_file(path(), 50'000);
        const std::string rest = co_await reader.read();
        EXPECT_LT(100'000 + rest.size(), kLarge);
        co_await answered.wait();
        EXPECT_THAT(error, EndsWith("bytes early"));
        EXPECT_FALSE(complete);
        EXPECT_EQ(open_files(), 0U);
    });
}

TEST_F(HttpPayloadSocket, F78_of_a_file_that_grows_meanwhile_comes_what_was_announced) {
    run([&]() -> Coro<> {
        auto connection = co_await connect();
        auto& [reader, writer] = connection;
        co_await reader.readexactly(100'000);
        std::ofstream(path(), std::ios::app) << numbered(1'000'000);
        const std::string rest = co_await reader.read();
        EXPECT_EQ(100'000 + rest.size(), kLarge + 8);
        co_await answered.wait();
        EXPECT_TRUE(complete);
    });
}

}  // namespace
}  // namespace aio::tests
