// SPDX-License-Identifier: MIT
// Faults of TLS: what many connections keep, and what changed settings mean; docs/faults.md explains the
// numbers.
#include <ssl/ssl_support.hpp>
#include <support/part_of.hpp>
#include <support/sanitized.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using TlsSettingsFaults = SslTest;

// How many connections may have both their ends here.
std::size_t connections_that_fit(std::size_t wanted) {
    constexpr rlim_t kOthers = 100;
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 2 * wanted + kOthers);
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    return std::min<std::size_t>(wanted, (descriptors.rlim_cur - kOthers) / 2);
}

// --- F45 ---------------------------------------------------------------------------------------------

// Peers send as much as they can, and nobody reads: a connection keeps no more than a read and a record.
TEST_F(TlsSettingsFaults, F45_many_that_are_paused_for_ever_keep_little) {
    run([&]() -> Coro<> {
        const std::size_t count = part_of(connections_that_fit(kSanitized ? 200 : 1000));
        constexpr std::size_t kMost = 400'000;
        auto flood = [](StreamReader, StreamWriter writer) -> Coro<> {
            writer.transport().set_write_buffer_limits(16 * 1024);
            try {
                for (int i = 0; i < 1000; ++i) {
                    writer.write(std::string(16 * 1024, 'x'));
                    co_await writer.drain();
                }
            } catch (const OSError&) {  // the client is gone
            }
            writer.close();
            co_await as_result(writer.wait_closed());
        };
        auto listening = co_await start_server(flood, "127.0.0.1", 0, ServerOptions().ssl(server));
        std::vector<StreamPair> paused;
        auto streams = co_await connect(listening);  // what the first one needs the others have
        streams.second.transport().pause_reading();
        paused.push_back(std::move(streams));
        co_await settle();
        const std::size_t before = ::mallinfo2().uordblks;  // 0 under sanitizers
        while (paused.size() <= count) {
            auto next = co_await connect(listening);
            next.second.transport().pause_reading();
            paused.push_back(std::move(next));
        }
        co_await settle();
        EXPECT_LE(::mallinfo2().uordblks, before + count * kMost);
        for (const StreamPair& connection : paused) {
            EXPECT_FALSE(connection.second.transport().is_reading());
            EXPECT_LE(connection.first.buffered().size(), 256U * 1024);
            connection.second.transport().abort();
        }
        paused.clear();
        co_await end(listening);
        EXPECT_EQ(reports, "");
    });
}

// --- F46 ---------------------------------------------------------------------------------------------

// The limit is the one that was asked for, at either end.
TEST_F(TlsSettingsFaults, F46_a_goodbye_is_waited_for_as_long_as_the_options_say) {
    const auto silent_server = [](StreamReader, StreamWriter writer) -> Coro<> {
        writer.transport().pause_reading();
        co_await sleep(1min);
        writer.transport().abort();
    };
    run([&]() -> Coro<> {
        auto listening = co_await start_server(silent_server, "127.0.0.1", 0, ServerOptions().ssl(server));
        const auto options = secured().ssl_shutdown_timeout(2s);
        auto streams = co_await open_connection("127.0.0.1", port_of(listening), options);
        co_await settle();
        const TimePoint begin = loop().time();
        streams.second.close();
        const auto closed = co_await as_result(streams.second.wait_closed());
        EXPECT_TRUE(closed.raised<TimeoutError>());
        EXPECT_EQ(loop().time() - begin, 2s);
        co_await end(listening);
    });
    run([&]() -> Coro<> {
        Duration waited{};
        auto says_goodbye = [&](StreamReader, StreamWriter writer) -> Coro<> {
            const TimePoint begin = loop().time();
            writer.close();
            const auto closed = co_await as_result(writer.wait_closed());
            EXPECT_TRUE(closed.raised<TimeoutError>());
            waited = loop().time() - begin;
        };
        auto listening = co_await start_server(says_goodbye, "127.0.0.1", 0,
                                               ServerOptions().ssl(server).ssl_shutdown_timeout(3s));
        auto streams = co_await connect(listening);
        streams.second.transport().pause_reading();
        while (waited == Duration{}) co_await sleep(1ms);
        EXPECT_EQ(waited, 3s);
        streams.second.transport().abort();
        co_await end(listening);
    });
}

// --- F50 ---------------------------------------------------------------------------------------------

// A session of a connection that was not verified is no way into one that has to be. What a pool lends:
// tests/client/tls_connector_test.cpp.
TEST_F(TlsSettingsFaults, F50_a_session_does_not_outlive_the_settings_it_was_made_with) {
    for (const auto version : {ssl::TLSVersion::TLSv1_2, ssl::TLSVersion::TLSv1_3}) {
        run([&]() -> Coro<> {
            Wanted only_a;
            only_a.names = "DNS:a.test";
            server = server_context(issue(only_a, &test_authority()));
            client = client_context();
            client->set_minimum_version(ssl::TLSVersion::TLSv1_2);
            client->set_maximum_version(version);
            client->set_resumed_names(10);
            auto listening = co_await echo_server();
            const auto visit = [&](std::string name) -> Coro<std::string> {
                std::string outcome = "refused";
                try {
                    auto streams = co_await open_connection("127.0.0.1", port_of(listening), secured(name));
                    streams.second.write("x");
                    const std::string echoed = co_await streams.first.readexactly(1);
                    outcome = object_of(streams.second).session_reused() ? "resumed" : "full";
                    co_await end(streams);
                } catch (const ssl::SSLCertVerificationError&) {
                }
                co_return outcome;
            };
            client->set_check_hostname(false);
            EXPECT_EQ(co_await visit("b.test"), "full");
            EXPECT_EQ(co_await visit("b.test"), "resumed");
            client->set_check_hostname(true);
            EXPECT_EQ(co_await visit("b.test"), "refused") << "it is not b's";
            EXPECT_EQ(co_await visit("a.test"), "full");
            EXPECT_EQ(co_await visit("a.test"), "resumed");
            client->load_verify_locations("", "", issue_authority("another").certificate());
            EXPECT_EQ(co_await visit("a.test"), "full") << "whom it trusts has changed";
            load(*client, test_server().both());
            EXPECT_EQ(co_await visit("a.test"), "full") << "who it is has changed";
            co_await end(listening);
        });
    }
}

// --- F52 ---------------------------------------------------------------------------------------------

TEST_F(TlsSettingsFaults, F52_wildcards_stand_for_one_whole_label) {
    run([&]() -> Coro<> {
        for (const char* const pattern :
             {"x*.e.test", "*-a.e.test", "*.test", "*", "*.*.e.test", "a.*.test", "*.e.test"}) {
            Wanted wanted;
            wanted.names = std::string("DNS:") + pattern;
            wanted.common_name = "b.e.test";  // which does not count
            server = server_context(issue(wanted, &test_authority()));
            auto listening = co_await echo_server();
            for (const char* const name :
                 {"xn--tst-bma.e.test", "a.b.e.test", "e.test", "b.e.test", "c-a.e.test"}) {
                const auto error = co_await refusal(listening, secured(name));
                const bool one_label = pattern == std::string("*.e.test") &&
                                       std::string(name).find(".e.test") != std::string::npos &&
                                       std::string(name) != "a.b.e.test";
                const std::string mismatch =
                    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
                    "certificate is not valid for '" +
                    std::string(name) + "'.";
                EXPECT_EQ(text_of(error), one_label ? "accepted" : mismatch) << pattern << " for " << name;
            }
            co_await end(listening);
        }
    });
}

}  // namespace
}  // namespace aio::tests
