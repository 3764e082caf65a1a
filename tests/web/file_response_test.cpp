// SPDX-License-Identifier: MIT
#include "support/temporary_folder.hpp"
#include "web/web_test.hpp"

#include <aio/http/compression.hpp>

#include <cstdio>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct FileResponseTest : ::testing::Test, testing::LoopTest {
    FileResponseTest() : LoopTest(true) {}  // files are read by threads

    std::string put(const std::string& name, const std::string& text) {
        const std::string path = folder.path() + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    std::string ask(const std::string& path, const std::string& fields = "",
                    const std::string& method = "GET") {
        return run([&]() -> Coro<std::string> {
            return talk([path](Request&) -> Coro<Response> { return file(path); },
                        method + " / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
        });
    }
    static Coro<Response> file(std::string path) { co_return web::FileResponse(std::move(path)); }
    static std::string status(const std::string& all) { return all.substr(9, 3); }
    static std::string body(const std::string& all) { return all.substr(all.find("\r\n\r\n") + 4); }
    static std::string field(const std::string& all, const std::string& name) {
        const std::size_t at = all.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "-";
        const std::size_t begin = at + name.size() + 4;
        return all.substr(begin, all.find("\r\n", begin) - begin);
    }

    TemporaryFolder folder;
};

TEST_F(FileResponseTest, SendsAFile) {
    const std::string path = put("a.html", "0123456789");
    const std::string all = ask(path);
    EXPECT_EQ(status(all), "200");
    EXPECT_EQ(body(all), "0123456789");
    EXPECT_EQ(field(all, "Content-Type"), "text/html");
    EXPECT_EQ(field(all, "Content-Length"), "10");
    EXPECT_EQ(field(all, "Accept-Ranges"), "bytes");
    EXPECT_NE(field(all, "ETag"), "-");
    EXPECT_NE(field(all, "Last-Modified"), "-");
    const std::string head = ask(path, "", "HEAD");
    EXPECT_EQ(field(head, "Content-Length"), "10");
    EXPECT_EQ(body(head), "");
    EXPECT_EQ(body(ask(put("empty", ""))), "");
    const std::string large(5'000'000, 'x');
    EXPECT_EQ(body(ask(put("large", large))), large);
}

TEST_F(FileResponseTest, WhatCannotBeSent) {
    EXPECT_EQ(status(ask(folder.path() + "/none")), "404");
    EXPECT_EQ(status(ask(folder.path())), "404");
    EXPECT_EQ(status(ask(put("a", "x") + "/b")), "404");
    const std::string fifo = folder.path() + "/fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_EQ(status(ask(fifo)), "403");  // and nobody waits for a writer
    EXPECT_EQ(status(ask("/dev/null")), "403");
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(FileResponseTest, F78Ranges) {
    const std::string path = put("a.txt", "0123456789");
    const auto range = [&](const std::string& spec) {
        const std::string all = ask(path, "Range: " + spec + "\r\n");
        return status(all) + " " + field(all, "Content-Range") + " " + field(all, "Content-Length") + " " +
               body(all);
    };
    EXPECT_EQ(range("bytes=5-9"), "206 bytes 5-9/10 5 56789");
    EXPECT_EQ(range("bytes=0-0"), "206 bytes 0-0/10 1 0");
    EXPECT_EQ(range("bytes=8-"), "206 bytes 8-9/10 2 89");
    EXPECT_EQ(range("bytes=-3"), "206 bytes 7-9/10 3 789");
    EXPECT_EQ(range("bytes=9-100"), "206 bytes 9-9/10 1 9");
    EXPECT_EQ(range("bytes=10-"), "416 bytes */10 0 ");
    EXPECT_EQ(range("bytes=0-1,4-5"), "200 - 10 0123456789");
    EXPECT_EQ(range("bytes=x"), "200 - 10 0123456789");
    EXPECT_EQ(range("lines=1-2"), "200 - 10 0123456789");
    EXPECT_EQ(status(ask(put("empty", ""), "Range: bytes=0-\r\n")), "416");
}

TEST_F(FileResponseTest, RangesThatWantMoreThanThereIs) {
    const std::string path = put("a.txt", "0123456789");
    std::string many = "bytes=0-";
    while (many.size() < 8000) many += ",0-";
    std::string overlapping = "bytes=0-9";
    while (overlapping.size() < 8000) overlapping += ",0-9,-10,5-";
    const std::string endless = "bytes=0-18446744073709551615";
    for (const std::string& spec :
         {many, overlapping, endless, endless + "9", std::string("bytes=-18446744073709551616"),
          std::string("bytes=0-9223372036854775808")}) {
        const std::string all = ask(path, "Range: " + spec + "\r\n");
        EXPECT_EQ(body(all), "0123456789") << spec.substr(0, 50);
        EXPECT_EQ(field(all, "Content-Length"), "10") << spec.substr(0, 50);
    }
    for (const std::string spec :
         {"bytes=18446744073709551615-", "bytes=99999999999999999999-", "bytes=-0"}) {
        EXPECT_EQ(status(ask(path, "Range: " + spec + "\r\n")), "416") << spec;
    }
    for (const std::string spec :
         {"bytes=5-2", "bytes=--5", "bytes=+1-2", "bytes=0x1-2", "bytes=1-2-3", "bytes="}) {
        EXPECT_EQ(body(ask(path, "Range: " + spec + "\r\n")), "0123456789") << spec;
    }
}

TEST_F(FileResponseTest, Conditions) {
    const std::string path = put("a.txt", "0123456789");
    const std::string first = ask(path);
    const std::string tag = field(first, "ETag");
    const std::string date = field(first, "Last-Modified");
    const std::string same = ask(path, "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(status(same), "304");
    EXPECT_EQ(field(same, "ETag"), tag);
    EXPECT_EQ(body(same), "");
    EXPECT_EQ(status(ask(path, "If-None-Match: \"other\"\r\n")), "200");
    EXPECT_EQ(status(ask(path, "If-Modified-Since: " + date + "\r\n")), "304");
    EXPECT_EQ(status(ask(path, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")), "200");
    EXPECT_EQ(status(ask(path, "If-Match: \"other\"\r\n")), "412");
    EXPECT_EQ(status(ask(path, "If-Match: *\r\n")), "200");
    EXPECT_EQ(status(ask(path, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")), "412");
    EXPECT_EQ(body(ask(path, "Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n")), "01");
    EXPECT_EQ(body(ask(path, "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n")), "0123456789");
}

TEST_F(FileResponseTest, CompressedSiblings) {
    const std::string path = put("a.txt", "plain");
    put("a.txt.gz", "gzipped");
    const std::string coded = ask(path, "Accept-Encoding: gzip, br\r\n");
    EXPECT_EQ(body(coded), "gzipped");
    EXPECT_EQ(field(coded, "Content-Encoding"), "gzip");
    EXPECT_EQ(field(coded, "Content-Type"), "text/plain");
    EXPECT_EQ(field(coded, "Vary"), "Accept-Encoding");
    EXPECT_EQ(body(ask(path)), "plain");
    EXPECT_EQ(body(ask(path, "Accept-Encoding: gzip;q=0\r\n")), "plain");
    put("a.txt.br", "brotli");
    EXPECT_EQ(body(ask(path, "Accept-Encoding: gzip, br\r\n")), "brotli");
}

TEST_F(FileResponseTest, F77AClientThatLeavesLeavesNothingOpen) {
    const std::string path = put("large", std::string(20'000'000, 'x'));
    const auto open_files = [] {
        int count = 0;
        for (int fd = 0; fd < 1000; ++fd) {
            if (::fcntl(fd, F_GETFD) >= 0) ++count;
        }
        return count;
    };
    run([&]() -> Coro<> {
        const web::Server server([path](Request&) -> Coro<Response> { return file(path); });
        int before = 0;
        for (int i = 0; i < 50; ++i) {
            const RawClient client(server);
            client.send(kGet);
            const std::string some = co_await client.exactly(100'000);
            client.writer.transport().abort();
            while (server.connections() > 0) co_await sleep(1ms);
            if (i == 0) before = open_files();
        }
        EXPECT_EQ(open_files(), before);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(FileResponseTest, F78AFileThatBecomesShorterIsNotComplete) {
    const std::string path = put("large", std::string(20'000'000, 'x'));
    std::string all;
    run([&]() -> Coro<> {
        const web::Server server([path](Request&) -> Coro<Response> { return file(path); });
        const RawClient client(server);
        client.send(kGet);
        all = co_await client.exactly(100'000);
        const int cut = ::truncate(path.c_str(), 1'000'000);
        EXPECT_EQ(cut, 0);
        try {
            all += co_await client.rest();
        } catch (const ConnectionError&) {
        }
    });
    EXPECT_LT(body(all).size(), std::size_t{20'000'000});
    EXPECT_EQ(field(all, "Content-Length"), "20000000");
}

}  // namespace
}  // namespace aio::tests
