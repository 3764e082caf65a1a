// SPDX-License-Identifier: MIT
// Faults of TLS; docs/faults.md explains the numbers.
#include <faults/held.hpp>
#include <ssl/ssl_support.hpp>
#include <support/ended.hpp>
#include <support/heap.hpp>
#include <support/machine.hpp>
#include <support/part_of.hpp>

#include <aio/ssl/context_impl.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

class TlsFaults : public SslTest {
protected:
    void SetUp() override {
        run([this]() -> Coro<> {
            before_ = held_by(loop());
            co_return;
        });
    }
    void TearDown() override {
        run([this]() -> Coro<> {
            co_await settle();
            EXPECT_EQ(held_by(loop()), before_);
        });
    }

public:
    const std::shared_ptr<ssl::Context>& context() const { return server; }

private:
    Held before_;
};

// --- F44 ---------------------------------------------------------------------------------------------

TEST_F(TlsFaults, F44_the_handshake_came_with_the_line_before) {
    for (const std::size_t chunk : {std::size_t{64 * 1024}, std::size_t{1}, std::size_t{9}}) {
        run([&]() -> Coro<> {
            const MemoryPipe pipe(MemoryPipeOptions().latency(5ms).chunk_size(chunk));
            std::string line;
            server_end(pipe, [&](StreamReader r, StreamWriter w) {
                return create_task(
                    [](TlsFaults& test, std::string& first, StreamReader reader,
                       StreamWriter writer) -> Coro<> {
                        first = co_await reader.readline();
                        co_await writer.start_tls(test.context());
                        writer.write("secure " + co_await reader.readline());
                        writer.close();
                        co_await writer.wait_closed();
                    },
                    std::ref(*this), std::ref(line), std::move(r), std::move(w));
            });
            auto streams = client_end(pipe);
            auto& [reader, writer] = streams;
            co_await turns(3);
            writer.write("PROXY TCP4\r\n");
            co_await writer.start_tls(client, StartTlsOptions().server_hostname("localhost"));
            writer.write("hello\n");
            EXPECT_EQ(co_await reader.read(), "secure hello\n") << chunk;
            EXPECT_EQ(line, "PROXY TCP4\r\n");
            writer.close();
            co_await writer.wait_closed();
        });
    }
}

// Whoever is in between could put words into the server's mouth.
TEST_F(TlsFaults, F44_plain_text_before_a_clients_handshake_is_an_error) {
    run([&]() -> Coro<> {
        const MemoryPipe pipe;
        server_end(pipe, [](StreamReader, StreamWriter w) {
            return create_task(
                [](StreamWriter writer) -> Coro<> {
                    writer.write("250 go ahead\n250 injected\n");
                    co_await writer.drain();
                    co_await sleep(1s);
                },
                std::move(w));
        });
        auto streams = client_end(pipe);
        const std::string line = co_await streams.first.readline();
        const auto options = StartTlsOptions().server_hostname("localhost");
        const auto result = co_await as_result(streams.second.start_tls(client, options));
        EXPECT_TRUE(result.raised<ConnectionAbortedError>());
        co_await sleep(2s);
    });
}

// --- F45 ---------------------------------------------------------------------------------------------

struct PausingProtocol final : Protocol {
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void data_received(BytesView data) override {
        EXPECT_TRUE(transport->is_reading()) << "paused means paused";
        received += data.size();
        ++calls;
        transport->pause_reading();
    }
    void connection_lost(std::exception_ptr) override { lost = true; }
    Ref<Transport> transport;
    std::size_t received = 0;
    int calls = 0;
    bool lost = false;
};

TEST_F(TlsFaults, F45_nothing_is_delivered_while_reading_is_paused) {
    run([&]() -> Coro<> {
        const std::size_t total = part_of(10'000'000);
        auto flood = [total](StreamReader, StreamWriter w) {
            return create_task(
                [](std::size_t size, StreamWriter writer) -> Coro<> {
                    writer.write(std::string(size, 'x'));
                    co_await writer.drain();
                    writer.close();
                    co_await writer.wait_closed();
                },
                total, std::move(w));
        };
        auto listening = co_await start_server(flood, "127.0.0.1", 0, ServerOptions().ssl(server));
        auto make = [] { return std::make_shared<PausingProtocol>(); };
        auto connection = co_await create_connection(make, "127.0.0.1", port_of(listening), secured());
        auto& [transport, protocol] = connection;
        while (!protocol->lost) {
            const int calls = protocol->calls;
            co_await sleep(1ms);
            EXPECT_LE(protocol->calls, calls + 1);
            transport->resume_reading();
        }
        EXPECT_EQ(protocol->received, total);
        protocol->transport = nullptr;
        co_await end(listening);
    });
}

// --- F46 ---------------------------------------------------------------------------------------------

TEST_F(TlsFaults, F46_a_peer_that_never_says_goodbye) {
    for (const std::size_t unsent : {std::size_t{0}, std::size_t{1'000'000}}) {
        run([&]() -> Coro<> {
            const MemoryPipe pipe(MemoryPipeOptions().capacity(16 * 1024));
            auto pair = co_await secured_pair(pipe);
            auto& [ours, theirs] = pair;
            theirs.second.transport().pause_reading();
            if (unsent > 0) ours.second.write(std::string(unsent, 'x'));
            co_await settle();
            const auto begin = loop().time();
            ours.second.close();
            const auto result = co_await as_result(ours.second.wait_closed());
            EXPECT_TRUE(result.raised<TimeoutError>());
            EXPECT_EQ(loop().time() - begin, 30s);
            theirs.second.transport().abort();
        });
    }
    run([&]() -> Coro<> {
        const MemoryPipe pipe;
        auto pair = co_await secured_pair(pipe);
        auto& [ours, theirs] = pair;
        theirs.second.transport().pause_reading();
        const auto begin = loop().time();
        ours.second.close();
        co_await settle();
        ours.second.transport().abort();
        co_await ours.second.wait_closed();
        EXPECT_LT(loop().time() - begin, 1s);
        theirs.second.transport().abort();
    });
}

// --- F47 ---------------------------------------------------------------------------------------------

TEST_F(TlsFaults, F47_clients_that_leave_during_the_handshake) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        const int before = open_descriptors();
        std::size_t memory = 0;
        for (int i = 0; i < static_cast<int>(part_of(5000)); ++i) {
            Socket client_socket = raw_client(address_of(listening));
            if (i % 3 == 1) co_await turns(2);
            if (i % 3 == 2) {
                await_events(client_socket.fileno(), POLLOUT);
                write_text(client_socket.fileno(), std::string("\x16\x03\x01\x02", 4));
            }
            client_socket.close();
            if (i % 50 == 0) co_await settle();
            if (i == 50) memory = allocated_bytes();
        }
        co_await settle();
        EXPECT_LT(allocated_bytes(), memory + 100'000);
        const Socket rude = raw_client(address_of(listening));
        await_events(rude.fileno(), POLLOUT);
        write_text(rude.fileno(), "GET / HTTP/1.0\r\n\r\n");
        EXPECT_EQ(co_await fate(rude.fileno()), "end");
        const Socket slow = raw_client(address_of(listening));
        await_events(slow.fileno(), POLLOUT);
        const auto begin = loop().time();
        for (int i = 0; i < 70 && loop().time() - begin < 59s; ++i) {
            write_text(slow.fileno(), std::string(1, "\x16\x03\x01\x02\x01"[i % 5]));
            co_await sleep(1s);
        }
        co_await sleep(2s);
        EXPECT_EQ(co_await fate(slow.fileno()), "end");
        co_await settle();
        EXPECT_EQ(open_descriptors(), before + 2) << "the two sockets here";
        EXPECT_EQ(clients, 0);
        EXPECT_EQ(reports, "");
        co_await end(listening);
    });
}

TEST_F(TlsFaults, F47_servers_that_leave_during_the_handshake) {
    run([&]() -> Coro<> {
        const auto with_peer_that = [&](std::string says, bool closes) -> Coro<std::exception_ptr> {
            auto pair = socket_pair();
            const auto options = secured().ssl_handshake_timeout(5s);
            auto connecting = create_task(open_connection(std::move(pair.first), options));
            co_await turns(3);
            write_text(pair.second.fileno(), says);
            if (closes) {
                read_all(pair.second.fileno());
                pair.second.close();
            }
            co_await ended(connecting);
            co_return connecting.exception();
        };
        const auto silent = co_await with_peer_that("", true);
        EXPECT_NE(exception_ptr_cast<ConnectionResetError>(silent), nullptr) << text_of(silent);
        const auto cut = co_await with_peer_that("\x16\x03", true);
        EXPECT_NE(exception_ptr_cast<ConnectionResetError>(cut), nullptr) << text_of(cut);
        const auto plain = co_await with_peer_that("HTTP/1.0 400 Bad Request\r\n\r\n", false);
        const auto* const wrong = exception_ptr_cast<ssl::SSLError>(plain);
        EXPECT_TRUE(wrong && wrong->reason() == "WRONG_VERSION_NUMBER") << text_of(plain);
        const auto never = co_await with_peer_that("\x16", false);
        EXPECT_NE(exception_ptr_cast<ConnectionAbortedError>(never), nullptr) << text_of(never);
    });
}

// --- F48 ---------------------------------------------------------------------------------------------

TEST_F(TlsFaults, F48_closed_in_the_middle_of_a_download) {
    run([&]() -> Coro<> {
        std::string told;
        auto flood = [&told](StreamReader, StreamWriter w) {
            return create_task(
                [](std::string& fate, StreamWriter writer) -> Coro<> {
                    try {
                        for (int i = 0; i < 1000; ++i) {
                            writer.write(std::string(100'000, 'x'));
                            co_await writer.drain();
                        }
                        fate = "all sent";
                    } catch (const OSError&) {
                        fate = "gone";
                    }
                    writer.close();
                },
                std::ref(told), std::move(w));
        };
        auto listening = co_await start_server(flood, "127.0.0.1", 0, ServerOptions().ssl(server));
        auto streams = co_await connect(listening);
        auto& [reader, writer] = streams;
        const std::string first = co_await reader.readexactly(64 * 1024);
        co_await settle();
        EXPECT_FALSE(writer.transport().is_reading()) << "the reader has enough";
        const auto begin = loop().time();
        writer.close();
        co_await writer.wait_closed();
        EXPECT_LE(loop().time() - begin, 30s);
        while (told.empty()) co_await sleep(1ms);
        EXPECT_EQ(told, "gone");
        co_await end(listening);
    });
}

// --- F49 ---------------------------------------------------------------------------------------------

TEST_F(TlsFaults, F49_tickets_that_nobody_reads) {
    run([&]() -> Coro<> {
        std::vector<std::string> got;
        auto read_all_of_it = [&got](StreamReader r, StreamWriter w) {
            return create_task(
                [](std::vector<std::string>& all, StreamReader reader, StreamWriter writer) -> Coro<> {
                    all.push_back(co_await reader.read());
                    writer.close();
                    co_await writer.wait_closed();
                },
                std::ref(got), std::move(r), std::move(w));
        };
        auto listening = co_await start_server(read_all_of_it, "127.0.0.1", 0, ServerOptions().ssl(server));
        const std::size_t kRounds = part_of(500);
        for (std::size_t i = 0; i < kRounds; ++i) {
            auto streams = co_await connect(listening);
            streams.second.write(std::string(1024, 'x'));
            co_await end(streams);
        }
        co_await end(listening);
        EXPECT_EQ(got, std::vector<std::string>(kRounds, std::string(1024, 'x')));

        // What is sent has to be read before more can be.
        const MemoryPipe pipe(MemoryPipeOptions().capacity(16));
        auto pair = co_await secured_pair(pipe);
        auto& [ours, theirs] = pair;
        ours.second.write(std::string(1024, 'x'));
        ours.second.close();
        EXPECT_EQ(co_await theirs.first.read(), std::string(1024, 'x'));
        theirs.second.close();
        co_await ours.second.wait_closed();
        co_await theirs.second.wait_closed();
        EXPECT_EQ(reports, "");
    });
}

// --- F51 ---------------------------------------------------------------------------------------------

// a.test knows clients of one authority, b.test those of another: what was shown to a is worth nothing at b.
TEST_F(TlsFaults, F51_sessions_stay_with_the_name_that_they_were_made_for) {
    const Identity second_authority = issue_authority("second");
    Wanted both;
    both.names = "DNS:a.test,DNS:b.test";
    const Identity identity = issue(both, &test_authority());
    Wanted person;
    person.names.clear();
    for (const auto version : {ssl::TLSVersion::TLSv1_2, ssl::TLSVersion::TLSv1_3}) {
        for (const bool tickets : {true, false}) {
            run([&]() -> Coro<> {
                server = server_context(identity);
                server->set_verify_mode(ssl::CERT_REQUIRED);
                server->load_verify_locations("", "", test_authority().certificate());
                auto stricter = server_context(identity);
                stricter->set_verify_mode(ssl::CERT_REQUIRED);
                stricter->load_verify_locations("", "", second_authority.certificate());
                for (const auto& context : {server, stricter}) {
                    if (!tickets) context->set_options(context->options() | ssl::OP_NO_TICKET);
                }
                server->set_sni_callback([stricter](ssl::SSLObject& object,
                                                    const std::optional<std::string>& name, ssl::Context&) {
                    if (name == "b.test") object.set_context(stricter);
                    return 0;
                });
                client = client_context();
                load(*client, issue(person, &test_authority()).both());
                client->set_maximum_version(version);
                client->set_minimum_version(version);
                client->set_resumed_names(10);
                auto listening = co_await echo_server();
                const auto visit = [&](std::string name, std::string offered) -> Coro<std::string> {
                    if (offered != name) {  // as one who wants to get in would
                        auto session = client->state().sessions.offer(offered);
                        EXPECT_NE(session, nullptr);
                        if (session) client->state().sessions.put(name, std::move(session));
                    }
                    std::string outcome = "refused";
                    try {
                        auto streams =
                            co_await open_connection("127.0.0.1", port_of(listening), secured(name));
                        streams.second.write("x");
                        const std::string echoed = co_await streams.first.readexactly(1);
                        outcome = object_of(streams.second).session_reused() ? "resumed" : "full";
                        co_await end(streams);
                    } catch (const OSError&) {
                    }
                    co_return outcome;
                };
                EXPECT_EQ(co_await visit("a.test", "a.test"), "full");
                EXPECT_EQ(co_await visit("a.test", "a.test"), "resumed") << tickets;
                EXPECT_EQ(co_await visit("b.test", "a.test"), "refused") << tickets;
                co_await end(listening);
            });
        }
    }
}

}  // namespace
}  // namespace aio::tests
