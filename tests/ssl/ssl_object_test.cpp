// SPDX-License-Identifier: MIT
#include <ssl/ssl_support.hpp>

#include <aio/ssl/context_impl.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

class SslObjectTest : public SslTest {
protected:
    /// A conversation that has been both ways, so that sessions have arrived.
    Coro<StreamPair> talk(const Server& to, std::string name = "localhost") {
        auto streams = co_await open_connection("127.0.0.1", port_of(to), secured(std::move(name)));
        streams.second.write("x");
        const std::string echoed = co_await streams.first.readexactly(1);
        EXPECT_EQ(echoed, "x");
        co_return streams;
    }
    Coro<bool> resumes(const Server& to, std::string name = "localhost") {
        auto streams = co_await talk(to, std::move(name));
        const bool reused = object_of(streams.second).session_reused();
        EXPECT_EQ(server_object().session_reused(), reused);
        co_await end(streams);
        co_return reused;
    }
};

TEST_F(SslObjectTest, TellsWhatIsKnown) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await talk(listening);
        const ssl::SSLObject ours = object_of(streams.second);
        EXPECT_EQ(ours.version(), "TLSv1.3");
        EXPECT_EQ(ours.cipher(), (ssl::Cipher{"TLS_AES_256_GCM_SHA384", "TLSv1.3", 256}));
        EXPECT_EQ(ours.compression(), std::nullopt);
        EXPECT_EQ(ours.selected_alpn_protocol(), std::nullopt);
        EXPECT_EQ(ours.server_hostname(), "localhost");
        EXPECT_FALSE(ours.server_side());
        EXPECT_FALSE(ours.session_reused());
        EXPECT_EQ(ours.pending(), 0);
        EXPECT_EQ(ours.context(), client);
        const ssl::SSLObject theirs = server_object();
        EXPECT_TRUE(theirs.server_side());
        EXPECT_EQ(theirs.server_hostname(), "localhost");
        EXPECT_EQ(theirs.getpeercert(), std::nullopt);
        EXPECT_EQ(theirs.context(), server);
        EXPECT_EQ(ours.shared_ciphers(), std::nullopt) << "only a server knows";
        const auto shared = theirs.shared_ciphers().value_or(std::vector<ssl::Cipher>());
        EXPECT_EQ(std::count(shared.begin(), shared.end(), *ours.cipher()), 1);
        EXPECT_TRUE(ours.session()->has_ticket);
        EXPECT_GT(ours.session()->timeout, 0);
        EXPECT_THROW(ours.set_context(server), ValueError);
        EXPECT_THROW(theirs.set_context(server), ValueError) << "the handshake is over";
        co_await end(streams);
        EXPECT_EQ(ours.version(), "TLSv1.3") << "also when the connection has ended";
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, ThePeersCertificate) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await talk(listening);
        const auto certificate = *object_of(streams.second).getpeercert();
        EXPECT_EQ(certificate.subject(), (ssl::CertificateNames{{"commonName", "localhost"}}));
        EXPECT_EQ(certificate.subject("organizationName"), "");
        EXPECT_EQ(certificate.issuer(), (ssl::CertificateNames{{"commonName", "aio test authority"}}));
        EXPECT_EQ(certificate.subject_alt_name(),
                  (ssl::CertificateNames{{"DNS", "localhost"}, {"IP Address", "127.0.0.1"}}));
        EXPECT_EQ(certificate.version(), 3);
        EXPECT_EQ(certificate.serial_number().size(), 30u);
        EXPECT_TRUE(certificate.not_after().ends_with(" GMT"));
        EXPECT_TRUE(certificate.not_before().ends_with(" GMT"));
        EXPECT_EQ(certificate.der()[0], 0x30);
        EXPECT_EQ(object_of(streams.second).get_unverified_chain().size(), 1u);
        const auto chain = object_of(streams.second).get_verified_chain();
        EXPECT_EQ(chain.size(), 2u);
        EXPECT_EQ(chain.back().subject("commonName"), "aio test authority");
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, ExtraInfoOfTransports) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await talk(listening);
        const auto info = [&](const char* name) { return streams.second.get_extra_info(name); };
        EXPECT_EQ(std::any_cast<ssl::Certificate>(info("peercert")).subject("commonName"), "localhost");
        EXPECT_EQ(std::any_cast<ssl::Cipher>(info("cipher")).bits, 256);
        EXPECT_EQ(std::any_cast<std::shared_ptr<ssl::Context>>(info("sslcontext")), client);
        EXPECT_FALSE(info("compression").has_value());
        EXPECT_FALSE(info("nonsense").has_value());
        EXPECT_EQ(std::any_cast<SocketAddress>(info("peername")), address_of(listening));
        EXPECT_GE(streams.second.transport().fd(), 0);
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, ChannelBinding) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto streams = co_await talk(listening);
        const auto ours = object_of(streams.second).get_channel_binding();
        EXPECT_TRUE(ours && !ours->empty());
        EXPECT_EQ(ours, server_object().get_channel_binding("tls-unique"));
        EXPECT_THROW(object_of(streams.second).get_channel_binding("nonsense"), ValueError);
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, ProtocolsAreNegotiated) {
    run([&]() -> Coro<> {
        const auto agreed = [&](std::vector<std::string> theirs) -> Coro<std::optional<std::string>> {
            server->set_alpn_protocols(theirs);
            auto listening = co_await echo_server();
            auto streams = co_await talk(listening);
            auto name = object_of(streams.second).selected_alpn_protocol();
            EXPECT_EQ(server_object().selected_alpn_protocol(), name);
            co_await end(streams);
            co_await end(listening);
            co_return name;
        };
        client->set_alpn_protocols({"http/1.1", "h2"});
        std::vector<std::string> offered{"h2", "http/1.1"};
        EXPECT_EQ(co_await agreed(offered), "h2") << "the server's order counts";
        offered = {"http/1.1"};
        EXPECT_EQ(co_await agreed(offered), "http/1.1");
        offered = {"mqtt"};
        EXPECT_EQ(co_await agreed(offered), std::nullopt);
        offered = {};
        EXPECT_EQ(co_await agreed(offered), std::nullopt);
    });
}

TEST_F(SslObjectTest, AServerChoosesByName) {
    run([&]() -> Coro<> {
        std::map<std::string, std::shared_ptr<ssl::Context>> hosts;
        for (const char* const name : {"a.test", "b.test"}) {
            Wanted wanted;
            wanted.names = std::string("DNS:") + name;
            hosts[name] = server_context(issue(wanted, &test_authority()));
        }
        hosts["b.test"]->set_alpn_protocols({"b"});
        client->set_alpn_protocols({"b"});
        std::vector<std::optional<std::string>> asked;
        server->set_sni_callback(
            [&](ssl::SSLObject& object, const std::optional<std::string>& name, ssl::Context& context) {
                EXPECT_EQ(&context, server.get());
                EXPECT_EQ(object.server_hostname(), name.value_or(""));
                asked.push_back(name);
                if (name == "nobody.test") return 112;  // unrecognized_name
                if (name == "broken.test") throw LookupError("the callback's own");
                if (name && hosts.contains(*name)) object.set_context(hosts[*name]);
                return 0;
            });
        auto listening = co_await echo_server();
        auto streams = co_await talk(listening, "a.test");
        EXPECT_EQ(object_of(streams.second).selected_alpn_protocol(), std::nullopt);
        co_await end(streams);
        streams = co_await talk(listening, "b.test");
        EXPECT_EQ(object_of(streams.second).selected_alpn_protocol(), "b");
        EXPECT_EQ(server_object().context(), hosts["b.test"]);
        co_await end(streams);
        streams = co_await talk(listening, "127.0.0.1");
        co_await end(streams);
        const auto error = co_await refusal(listening, secured("nobody.test"));
        EXPECT_NE(text_of(error).find("TLSV1_UNRECOGNIZED_NAME"), std::string::npos) << text_of(error);
        EXPECT_EQ(reports, "");
        EXPECT_NE(co_await refusal(listening, secured("broken.test")), nullptr);
        EXPECT_EQ(reports, "Error on transport creation for incoming connection;");
        const std::vector<std::optional<std::string>> expected{"a.test", "b.test", std::nullopt,
                                                               "nobody.test", "broken.test"};
        EXPECT_EQ(asked, expected);
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, ACallbackMayPutAnotherInItsPlace) {
    run([&]() -> Coro<> {
        auto owned = std::make_shared<std::string>("of the first");
        const std::weak_ptr<std::string> watched = owned;
        std::string called;
        server->set_sni_callback([&, owned](auto&, const auto&, ssl::Context& context) {
            context.set_sni_callback([&](auto&, const auto&, auto&) {
                called += "second;";
                return 0;
            });
            called += watched.expired() ? "gone;" : "first;";
            return 0;
        });
        owned.reset();
        auto listening = co_await echo_server();
        for (int i = 0; i < 2; ++i) {
            auto streams = co_await talk(listening);
            co_await end(streams);
        }
        EXPECT_EQ(called, "first;second;");
        EXPECT_TRUE(watched.expired());
        co_await end(listening);
    });
}

TEST_F(SslObjectTest, SessionsAreResumedOnRequest) {
    for (const auto version : {ssl::TLSVersion::TLSv1_2, ssl::TLSVersion::TLSv1_3}) {
        run([&]() -> Coro<> {
            server = server_context();
            client = client_context();
            client->set_maximum_version(version);
            auto listening = co_await echo_server();
            EXPECT_FALSE(co_await resumes(listening));
            EXPECT_FALSE(co_await resumes(listening)) << "nobody asked for it";
            client->set_resumed_names(2);
            EXPECT_FALSE(co_await resumes(listening));
            EXPECT_TRUE(co_await resumes(listening));
            EXPECT_TRUE(co_await resumes(listening));
            EXPECT_FALSE(co_await resumes(listening, "127.0.0.1")) << "another name";
            EXPECT_TRUE(co_await resumes(listening, "127.0.0.1"));
            client->set_verify_flags(client->verify_flags());
            EXPECT_FALSE(co_await resumes(listening)) << "something about trust has changed";
            EXPECT_TRUE(co_await resumes(listening));
            client->set_hostname_checks_common_name(false);
            EXPECT_FALSE(co_await resumes(listening)) << "so it has here";
            EXPECT_TRUE(co_await resumes(listening));
            load(*server, test_server().both());
            EXPECT_FALSE(co_await resumes(listening)) << "it has at the server";
            client->set_resumed_names(0);
            EXPECT_FALSE(co_await resumes(listening));
            co_await end(listening);
        });
    }
}

// A second ClientHello, after a HelloRetryRequest, asks for the same name.
TEST_F(SslObjectTest, AClientDoesNotChangeItsMind) {
    run([&]() -> Coro<> {
        SSL_CTX_set1_groups_list(server->state().ctx.get(), std::string("P-256").data());
        SSL_CTX_set1_groups_list(client->state().ctx.get(), std::string("P-384:P-256").data());
        auto listening = co_await echo_server();
        EXPECT_EQ(text_of(co_await refusal(listening, secured())), "accepted");
        SSL_CTX_set_info_callback(client->state().ctx.get(), [](const SSL* ssl, int, int) {
            if (SSL_get_state(ssl) != TLS_ST_CR_SRVR_HELLO) return;
            SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), std::string("other.test").data());
        });
        const auto error = co_await refusal(listening, secured());
        EXPECT_NE(text_of(error).find("ILLEGAL_PARAMETER"), std::string::npos) << text_of(error);
        co_await end(listening);
    });
}

// What a connection was not asked for when it was made, its session cannot stand for later.
TEST_F(SslObjectTest, SessionsAreNoWayAroundWhatIsDemandedSince) {
    run([&]() -> Coro<> {
        client->set_maximum_version(ssl::TLSVersion::TLSv1_2);
        client->set_resumed_names(1);
        server->load_verify_locations("", "", test_authority().certificate());
        const MemoryPipe pipe;
        auto made = loop().create_future<StreamPair>();
        server_end(pipe, [this, made](StreamReader r, StreamWriter w) {
            return create_task(upgraded_server(std::move(r), std::move(w), made));
        });
        StreamPair ours = client_end(pipe);
        co_await turns(10);  // the server's end is made
        server->set_verify_mode(ssl::CERT_REQUIRED);
        co_await ours.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        co_await made;
        ours.second.transport().abort();
        auto listening = co_await echo_server();
        EXPECT_NE(text_of(co_await refusal(listening, secured())), "accepted");
        co_await end(listening);
    });
}

}  // namespace
}  // namespace aio::tests
