// SPDX-License-Identifier: MIT
// Messages of TLS itself that have come in part.
#include <ssl/ssl_support.hpp>

#include <aio/ssl/context_impl.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

class LongTickets : public SslTest {
protected:
    LongTickets() {
        server->set_verify_mode(ssl::CERT_REQUIRED);
        server->load_verify_locations("", "", test_authority().certificate());
        load(*client, test_server().both());  // which makes the tickets longer than a record may be
        SSL_CTX_set_max_send_fragment(server->state().ctx.get(), 512);
    }
    /// Whether that waits for the rest of a message: encrypted it would be longer.
    static bool write_waits(const StreamWriter& writer) {
        const std::size_t before = writer.transport().get_write_buffer_size();
        writer.write("abc");
        return writer.transport().get_write_buffer_size() == before + 3;
    }
    /// Writes until something waits.
    static Coro<std::string> write_until_one_waits(StreamWriter writer) {
        std::string written;
        for (int i = 0; i < 2000; ++i) {
            written += "abc";
            if (write_waits(writer)) co_return written;
            co_await sleep(1ms);
        }
        ADD_FAILURE() << "nothing waits";
        co_return written;
    }
};

TEST_F(LongTickets, WritesDoNotWaitForAReaderThatIsPaused) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe(MemoryPipeOptions().latency(1ms).capacity(300));
        auto made = loop().create_future<StreamPair>();
        server_end(pipe, [this, made](StreamReader r, StreamWriter w) {
            return create_task(upgraded_server(std::move(r), std::move(w), made));
        });
        StreamPair ours = client_end(pipe);
        co_await turns(3);
        co_await ours.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        const std::string written = co_await write_until_one_waits(ours.second);
        ours.second.transport().pause_reading();
        StreamPair theirs = co_await made;
        const auto got = co_await as_result(wait_for(theirs.first.readexactly(written.size()), 10s));
        EXPECT_TRUE(got.has_value() && got.value() == written);
        theirs.second.transport().abort();
        ours.second.transport().abort();
        co_await settle();
    });
}

// Goodbye cannot be said in the middle of a message: it follows.
TEST_F(LongTickets, AGoodbyeWaitsForAMessageOfTlsThatIsIncomplete) {
    for (int after = 0; after < 20; ++after) {
        run([&]() -> Coro<> {
            const MemoryPipe pipe(MemoryPipeOptions().latency(1ms).capacity(300));
            auto pair = co_await secured_pair(pipe);
            co_await sleep(after * 1ms);
            const auto begin = loop().time();
            pair.first.second.close();
            EXPECT_EQ(co_await pair.second.first.read(), "");
            co_await pair.first.second.wait_closed();
            EXPECT_LT(loop().time() - begin, 1s);
        });
    }
}

// A message of TLS itself that has come in part holds up what is written until the rest is here.
TEST_F(LongTickets, WritesWaitForAMessageOfTlsThatIsIncomplete) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe(MemoryPipeOptions().latency(1ms).chunk_size(7));
        auto made = loop().create_future<StreamPair>();
        server_end(pipe, [this, made](StreamReader r, StreamWriter w) {
            return create_task(upgraded_server(std::move(r), std::move(w), made));
        });
        StreamPair ours = client_end(pipe);
        co_await turns(3);
        co_await ours.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        std::string expected;
        int waited = 0;
        for (int i = 0; i < 2000; ++i) {  // while the tickets arrive, some bytes at a time
            expected += "abc";
            waited += write_waits(ours.second) ? 1 : 0;
            if (i % 100 == 0) co_await sleep(1ms);
            co_await sleep(0s);
        }
        StreamPair theirs = co_await made;
        const std::string got = co_await theirs.first.readexactly(expected.size());
        EXPECT_EQ(got, expected);
        EXPECT_GT(waited, 1);
        EXPECT_EQ(ours.second.transport().get_write_buffer_size(), 0u);
        ours.second.close();
        EXPECT_EQ(co_await theirs.first.read(), "");
        co_await ours.second.wait_closed();
    });
}

}  // namespace
}  // namespace aio::tests
