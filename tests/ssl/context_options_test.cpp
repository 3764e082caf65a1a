// SPDX-License-Identifier: MIT
// What the options, flags and numbers of a context do to its connections.
#include <ssl/ssl_support.hpp>

#include <aio/ssl/context_impl.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using ssl::Context;
using ssl::TLSVersion;

class ContextOptions : public SslTest {
protected:
    /// "TLSv1.3", or why there is no connection.
    Coro<std::string> version() {
        auto listening = co_await echo_server();
        const auto result = co_await as_result(connect(listening));
        std::string version;
        if (result.has_value()) {
            auto streams = result.value();
            version = object_of(streams.second).version().value_or("none");
            co_await end(streams);
        } else {
            version = text_of(result.exception());
        }
        co_await end(listening);
        co_return version;
    }
    /// A conversation both ways, so that sessions have arrived; gives what the client knows of it.
    Coro<ssl::SSLObject> talk(Server to) {
        auto streams = co_await connect(to);
        streams.second.write("x");
        const std::string echoed = co_await streams.first.readexactly(1);
        EXPECT_EQ(echoed, "x");
        ssl::SSLObject object = object_of(streams.second);
        co_await end(streams);
        co_return object;
    }
    /// The same with a server of its own.
    Coro<ssl::SSLObject> talk() {
        auto listening = co_await echo_server();
        ssl::SSLObject object = co_await talk(listening);
        co_await end(listening);
        co_return object;
    }
    static void switch_on(Context& context, std::uint64_t options) {
        context.set_options(context.options() | options);
    }
    static void switch_off(Context& context, std::uint64_t options) {
        context.set_options(context.options() & ~options);
    }
};

TEST_F(ContextOptions, VersionsThatAreSwitchedOff) {
    run([&]() -> Coro<> {
        std::string seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.3");
        switch_on(*client, ssl::OP_NO_TLSv1_3);
        seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.2");
        switch_off(*client, ssl::OP_NO_TLSv1_3);
        switch_on(*server, ssl::OP_NO_TLSv1_3);
        seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.2");
        switch_on(*client, ssl::OP_NO_TLSv1_2);
        seen = co_await version();
        EXPECT_NE(seen.find("ALERT_PROTOCOL_VERSION"), std::string::npos) << seen;
        switch_off(*server, ssl::OP_NO_TLSv1_3);
        seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.3");
    });
}

TEST_F(ContextOptions, TheOldestAndTheNewestVersion) {
    run([&]() -> Coro<> {
        client->set_maximum_version(TLSVersion::TLSv1_2);
        std::string seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.2");
        client->set_minimum_version(TLSVersion::TLSv1_2);
        client->set_maximum_version(TLSVersion::MAXIMUM_SUPPORTED);
        seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.3");
        client->set_minimum_version(TLSVersion::TLSv1_3);
        server->set_maximum_version(TLSVersion::TLSv1_2);
        seen = co_await version();
        EXPECT_NE(seen.find("ALERT_PROTOCOL_VERSION"), std::string::npos) << seen;
    });
}

TEST_F(ContextOptions, SessionsWithoutTickets) {
    run([&]() -> Coro<> {
        client->set_maximum_version(TLSVersion::TLSv1_2);
        ssl::SSLObject object = co_await talk();
        EXPECT_TRUE(object.session()->has_ticket);
        switch_on(*server, ssl::OP_NO_TICKET);
        object = co_await talk();
        EXPECT_FALSE(object.session()->has_ticket);
        EXPECT_NE(object.session()->id, "") << "the server remembers it";
        switch_off(*server, ssl::OP_NO_TICKET);
        switch_on(*client, ssl::OP_NO_TICKET);
        object = co_await talk();
        EXPECT_FALSE(object.session()->has_ticket);
    });
}

TEST_F(ContextOptions, WhoseOrderOfCiphersCounts) {
    run([&]() -> Coro<> {
        client->set_maximum_version(TLSVersion::TLSv1_2);
        client->set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
        server->set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256");
        ssl::SSLObject object = co_await talk();
        EXPECT_EQ(object.cipher()->name, "ECDHE-ECDSA-AES256-GCM-SHA384");
        switch_off(*server, ssl::OP_CIPHER_SERVER_PREFERENCE);
        object = co_await talk();
        EXPECT_EQ(object.cipher()->name, "ECDHE-ECDSA-AES128-GCM-SHA256");
    });
}

void count_tickets(int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* count) {
    const bool ticket = type == SSL3_RT_HANDSHAKE && size > 0 &&
                        *static_cast<const unsigned char*>(bytes) == SSL3_MT_NEWSESSION_TICKET;
    if (!sent && ticket) ++*static_cast<int*>(count);
}

TEST_F(ContextOptions, AsManyTicketsAsAreWanted) {
    run([&]() -> Coro<> {
        client->set_resumed_names(1);
        int tickets = 0;
        SSL_CTX_set_msg_callback(client->state().ctx.get(), count_tickets);
        SSL_CTX_set_msg_callback_arg(client->state().ctx.get(), &tickets);
        for (const std::size_t wanted : {2U, 5U, 1U, 0U}) {
            server = server_context();  // whose connections resume none of the others' sessions
            if (wanted != 2) server->set_num_tickets(wanted);
            auto listening = co_await echo_server();
            ssl::SSLObject object = co_await talk(listening);
            EXPECT_FALSE(object.session_reused());
            EXPECT_EQ(tickets, wanted);
            object = co_await talk(listening);
            EXPECT_EQ(object.session_reused(), wanted > 0);
            tickets = 0;
            client->set_resumed_names(0);
            client->set_resumed_names(1);
            co_await end(listening);
        }
    });
}

TEST_F(ContextOptions, RevokedCertificates) {
    run([&]() -> Coro<> {
        const PrivateFolder folder;
        const Identity between = issue_authority("between", &test_authority());
        const Identity good = issue(Wanted(), &between);
        const Identity bad = issue(Wanted(), &between);
        server = server_context();
        auto listening = co_await echo_server();
        const auto verdict = [&](const Identity& identity, std::uint64_t flags,
                                 std::string lists) -> Coro<std::string> {
            load(*server, identity.certificate() + between.certificate() + identity.key());
            client = client_context();
            client->set_verify_flags(client->verify_flags() | flags);
            if (!lists.empty()) client->load_verify_locations(folder.write("lists.pem", lists));
            std::string text = text_of(co_await refusal(listening, secured()));
            const std::size_t reason = text.rfind(": ");
            co_return reason == std::string::npos ? text : text.substr(reason + 2);
        };
        const std::string list = revocation_list(between, &bad);
        const std::string of_root = revocation_list(test_authority());
        const std::string against_between = revocation_list(test_authority(), &between);
        std::string said = co_await verdict(bad, ssl::VERIFY_DEFAULT, list);
        EXPECT_EQ(said, "accepted") << "nobody looks";
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_LEAF, "");
        EXPECT_EQ(said, "unable to get certificate CRL");
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_LEAF, list);
        EXPECT_EQ(said, "accepted");
        said = co_await verdict(bad, ssl::VERIFY_CRL_CHECK_LEAF, list);
        EXPECT_EQ(said, "certificate revoked");
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_LEAF, list + against_between);
        EXPECT_EQ(said, "accepted");
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_CHAIN, list);
        EXPECT_EQ(said, "unable to get certificate CRL");
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_CHAIN, list + of_root);
        EXPECT_EQ(said, "accepted");
        said = co_await verdict(good, ssl::VERIFY_CRL_CHECK_CHAIN, list + against_between);
        EXPECT_EQ(said, "certificate revoked");
        co_await end(listening);
    });
}

// Who trusts an authority in the middle need not know who signed that.
TEST_F(ContextOptions, PartialChains) {
    run([&]() -> Coro<> {
        const Identity between = issue_authority("between", &test_authority());
        server = server_context(issue(Wanted(), &between));
        client = client_context(between);
        std::string seen = co_await version();
        EXPECT_EQ(seen, "TLSv1.3");
        client->set_verify_flags(client->verify_flags() & ~std::uint64_t{ssl::VERIFY_X509_PARTIAL_CHAIN});
        seen = co_await version();
        EXPECT_NE(seen.find("unable to get issuer certificate"), std::string::npos) << seen;
    });
}

// Takes ten bytes in portions, and asks each time how many more are decrypted already.
struct Nibbling final : BufferedProtocol {
    void connection_made(Transport& made) override {
        object = std::any_cast<ssl::SSLObject>(made.get_extra_info("ssl_object"));
    }
    std::span<char> get_buffer(std::size_t) override { return room; }
    void buffer_updated(std::size_t count) override {
        text.append(room.data(), count);
        pending.push_back(object->pending());
    }
    std::optional<ssl::SSLObject> object;
    std::array<char, 4> room{};
    std::string text;
    std::vector<int> pending;
};

TEST_F(ContextOptions, WhatARecordHoldsBeyondTheBufferIsPending) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto make = [] { return std::make_shared<Nibbling>(); };
        auto connection = co_await create_connection(make, "127.0.0.1", port_of(listening), secured());
        auto& [transport, protocol] = connection;
        transport->write("0123456789");
        co_await until([&] { return protocol->text.size() == 10; });
        EXPECT_EQ(protocol->text, "0123456789");
        EXPECT_EQ(protocol->pending, (std::vector<int>{6, 2, 0}));
        transport->abort();
        co_await end(listening);
    });
}

}  // namespace
}  // namespace aio::tests
