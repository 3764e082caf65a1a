// SPDX-License-Identifier: MIT
// Bodies that are compressed: whole, cut off (F90), or much larger than they look (F91).
#include <client/raw_server.hpp>
#include <support/sanitized.hpp>
#include <support/turns.hpp>

#include <aio/http/compression.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::ContentCoding;

std::string coded(ContentCoding coding, std::string_view text) {
    std::string out;
    http::Compressor compressor(coding);
    compressor.compress(text, out);
    compressor.finish(out);
    return out;
}

std::string chunks_of(std::size_t size, std::string_view body) {
    std::string out;
    for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
        const std::string_view chunk = body.substr(0, size);
        char head[20];
        std::snprintf(head, sizeof head, "%zx\r\n", chunk.size());
        out.append(head).append(chunk) += "\r\n";
    }
    return out + "0\r\n\r\n";
}

class CompressedAnswersTest : public ClientTest {
protected:
    CompressedAnswersTest() { in_memory(); }

    static std::string field(std::string_view codings) {
        return "Content-Encoding: " + std::string(codings) + "\r\n";
    }
    static Coro<std::string> text_of(ClientSession& session, std::string url) {
        ClientResponse response = co_await session.get(url);
        co_return co_await response.text();
    }
};

TEST_F(CompressedAnswersTest, F90_a_compressed_body_is_whole_or_an_error) {
    const std::string text = "some text that is coded, long enough to be worth it: " + std::string(500, 'z');
    for (const ContentCoding coding :
         {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br, ContentCoding::zstd}) {
        const std::string body = coded(coding, text);
        const std::string says = field(http::coding_name(coding));
        const auto serve = answering([=](const Received& request) -> std::string {
            const std::string target = request.target();
            if (target == "/chunks")
                return "HTTP/1.1 200 OK\r\n" + says + "Transfer-Encoding: chunked\r\n\r\n" +
                       chunks_of(1, body);
            if (target.starts_with("/cut")) return ok(body.substr(0, std::stoul(target.substr(4))), says);
            if (target == "/garbage") return ok(body + "garbage!", says);
            if (target == "/304") return "HTTP/1.1 304 Not Modified\r\n" + says + "\r\n";
            if (target == "/206")
                return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/10\r\n" + says +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            return "HTTP/1.1 200 OK\r\n" + says + "Content-Length: 9\r\n\r\n";
        });
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            const std::string chunks = co_await text_of(session, server.url("/chunks"));
            EXPECT_EQ(chunks, text);
            const std::string part = co_await text_of(session, server.url("/206"));
            EXPECT_EQ(part, text);
            EXPECT_EQ(idle(session), 1u);
            // Cut anywhere; nothing at all is the empty body, as of servers that compress none.
            for (std::size_t size = 1; size < body.size(); size += 1 + body.size() / 20) {
                const std::string url = server.url("/cut" + std::to_string(size));
                co_await expect_thrown<http::ClientPayloadError>(text_of(session, url));
                EXPECT_EQ(lent(session), 0u);
            }
            co_await expect_thrown<http::ClientPayloadError>(text_of(session, server.url("/garbage")));
            const std::string unchanged = co_await text_of(session, server.url("/304"));
            EXPECT_EQ(unchanged, "");
            EXPECT_EQ(idle(session), 1u);
            ClientResponse head = co_await session.head(server.url());
            const std::string none = co_await head.text();
            EXPECT_EQ(none, "");
        });
    }
}

TEST_F(CompressedAnswersTest, F90_several_members_are_one_body) {
    for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::zstd}) {
        const std::string body = coded(coding, "one ") + coded(coding, "two");
        with(answering([=](const Received&) { return ok(body, field(http::coding_name(coding))); }),
             [&](ClientSession& session, RawServer& server) -> Coro<> {
                 const std::string text = co_await text_of(session, server.url());
                 EXPECT_EQ(text, "one two");
             });
    }
}

TEST_F(CompressedAnswersTest, F90_deflate_comes_with_a_header_and_without) {
    const std::string body = coded(ContentCoding::deflate, "the text");
    for (const std::string& sent : {body, body.substr(2, body.size() - 6)}) {
        with(answering([&](const Received&) { return ok(sent, field("deflate")); }),
             [&](ClientSession& session, RawServer& server) -> Coro<> {
                 const std::string text = co_await text_of(session, server.url());
                 EXPECT_EQ(text, "the text");
             });
    }
}

// The first piece is a header, of which nothing comes out.
TEST_F(CompressedAnswersTest, F90_a_piece_that_yields_nothing_is_no_end) {
    const std::string body = coded(ContentCoding::gzip, "the text");
    const auto serve = [&body](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" +
                  body.substr(0, 10) + "\r\n");
        co_await sleep(1s);
        peer.send(chunks_of(1000, body.substr(10)));
        co_await peer.gone();
    };
    for (const bool pieces : {false, true}) {
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            ClientResponse response = co_await session.get(server.url());
            std::string text;
            if (!pieces) {
                text = co_await response.text();
            } else {
                while (auto chunk = co_await response.content().next_chunk()) text += *chunk;
            }
            EXPECT_EQ(text, "the text");
        });
    }
}

// --- bombs ----------------------------------------------------------------------------------------

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
/// What a bomb becomes; less where it takes ten times as long.
constexpr std::size_t kBomb = (kSanitized ? 64 : 1024) * kMebibyte;

/// By how much memory the process has grown at its largest since this was made.
class PeakMemory {
public:
    PeakMemory() {
        std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what is used now
        before_ = kibibytes("VmHWM:");
    }
    /// Nothing where the kernel does not tell, or a sanitizer has its own memory beside.
    std::optional<std::size_t> grown() const {
        const auto now = kibibytes("VmHWM:");
        if (kSanitized || !before_ || !now) return std::nullopt;
        return (*now - *before_) * 1024;
    }

private:
    static std::optional<std::size_t> kibibytes(std::string_view name) {
        std::ifstream status("/proc/self/status");
        std::string line;
        while (std::getline(status, line)) {
            if (line.starts_with(name)) return std::stoul(line.substr(name.size()));
        }
        return std::nullopt;
    }
    std::optional<std::size_t> before_;
};

struct Bomb {
    std::string codings;
    std::string body;
    std::size_t size;
};

std::string zeros(ContentCoding coding, std::size_t mebibytes) {
    std::string out;
    http::Compressor compressor(coding);
    const std::string one(kMebibyte, '\0');
    for (std::size_t i = 0; i < mebibytes; ++i) compressor.compress(one, out);
    compressor.finish(out);
    return out;
}

/// As many small members, or frames.
std::string members(ContentCoding coding, std::size_t mebibytes) {
    const std::string one = zeros(coding, 1);
    std::string out;
    for (std::size_t i = 0; i < mebibytes; ++i) out += one;
    return out;
}

std::vector<Bomb> make_bombs() {
    constexpr std::size_t kAll = kBomb / kMebibyte;
    std::vector<Bomb> all;
    for (const ContentCoding coding :
         {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br, ContentCoding::zstd}) {
        all.push_back({std::string(http::coding_name(coding)), zeros(coding, kAll / 8), kBomb / 8});
    }
    all.push_back({"gzip", members(ContentCoding::gzip, kAll), kBomb});
    all.push_back({"zstd", members(ContentCoding::zstd, kAll), kBomb});
    all.push_back({"gzip, gzip", coded(ContentCoding::gzip, members(ContentCoding::gzip, kAll)), kBomb});
    return all;
}

class BombsTest : public CompressedAnswersTest {
protected:
    template <class F>
    void with_each(F body) {
        static const std::vector<Bomb> bombs = make_bombs();
        for (const Bomb& bomb : bombs) {
            const std::string answer = ok(bomb.body, field(bomb.codings));
            with(answering([&answer](const Received&) { return answer; }),
                 [&](ClientSession& session, RawServer& server) -> Coro<> {
                     const PeakMemory peak;
                     co_await body(session, server, bomb);
                     EXPECT_LT(peak.grown().value_or(0), 16 * kMebibyte) << bomb.codings;
                     EXPECT_EQ(lent(session), 0u);
                 });
        }
    }
};

TEST_F(BombsTest, F91_what_streams_takes_no_memory_and_others_run) {
    with_each([](ClientSession& session, RawServer& server, const Bomb& bomb) -> Coro<> {
        ClientResponse response = co_await session.get(server.url());
        std::size_t since_turn = 0;
        auto ticker = create_task(
            [](std::size_t& bytes) -> Coro<> {
                for (;; bytes = 0) co_await sleep(0s);
            },
            std::ref(since_turn));
        std::size_t all = 0;
        std::size_t longest = 0;
        while (auto chunk = co_await response.content().next_chunk(kMebibyte / 16)) {
            EXPECT_LE(chunk->size(), kMebibyte / 16);
            all += chunk->size();
            since_turn += chunk->size();
            longest = std::max(longest, since_turn);
            if (all % (64 * kMebibyte) == 0) co_await turns(100);  // a consumer that is slow
        }
        ticker.cancel();
        EXPECT_EQ(all, bomb.size);
        EXPECT_LE(longest, 2 * kMebibyte) << "decoded before others had a turn";
    });
}

TEST_F(BombsTest, F91_so_by_any_way_to_read) {
    with_each([](ClientSession& session, RawServer& server, const Bomb& bomb) -> Coro<> {
        if (bomb.size == kBomb) co_return;  // the others are enough
        ClientResponse response = co_await session.get(server.url());
        std::size_t all = 0;
        while (true) {
            const std::string piece = co_await response.content().readany();
            if (piece.empty()) break;
            EXPECT_LE(piece.size(), kMebibyte);
            all += piece.size();
        }
        EXPECT_EQ(all, bomb.size);
    });
}

TEST_F(BombsTest, F91_reading_the_whole_stops_at_its_limit) {
    with_each([](ClientSession& session, RawServer& server, const Bomb&) -> Coro<> {
        ClientResponse limited = co_await session.get(server.url());
        co_await expect_thrown<LimitOverrunError>(limited.read(kMebibyte));
        EXPECT_TRUE(limited.closed());
        const auto by_size = http::DecompressorOptions().max_size(kMebibyte);
        ClientResponse sized = co_await session.get(server.url()).decompress_limits(by_size);
        co_await expect_thrown<http::ClientPayloadError>(sized.read());
        const auto by_ratio = http::DecompressorOptions().max_ratio(100);
        ClientResponse rated = co_await session.get(server.url()).decompress_limits(by_ratio);
        co_await expect_thrown<http::ClientPayloadError>(rated.text());
        EXPECT_TRUE(rated.closed());
    });
}

TEST_F(BombsTest, F91_layers_upon_layers_are_left_to_the_reader) {
    const std::string body = coded(ContentCoding::gzip, "x");
    with(
        answering([&body](const Received&) { return ok(body, field("gzip, gzip, gzip, gzip, gzip, gzip")); }),
        [&](ClientSession& session, RawServer& server) -> Coro<> {
            ClientResponse response = co_await session.get(server.url());
            const std::string& left = co_await response.read();
            EXPECT_EQ(left, body);
        });
}

}  // namespace
}  // namespace aio::tests
