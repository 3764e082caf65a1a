// SPDX-License-Identifier: MIT
// What connections agree on their keys with: groups, parameters, keys that both ends have.
#include <ssl/ssl_support.hpp>

#include <aio/ssl/context_impl.hpp>

#include <openssl/dh.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using ssl::Context;
using ssl::TLSVersion;

// ffdhe2048 of RFC 7919, in PEM.
std::string dh_parameters() {
    const std::unique_ptr<EVP_PKEY_CTX, ssl::detail::Freed<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_id(EVP_PKEY_DH, nullptr));
    EVP_PKEY_paramgen_init(context.get());
    EVP_PKEY_CTX_set_dh_nid(context.get(), NID_ffdhe2048);
    EVP_PKEY* made = nullptr;
    EVP_PKEY_paramgen(context.get(), &made);
    const std::unique_ptr<EVP_PKEY, ssl::detail::Freed<EVP_PKEY_free>> parameters(made);
    const ssl::detail::BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_Parameters(bio.get(), parameters.get());
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(BIO_read(bio.get(), text.data(), static_cast<int>(text.size()))));
    return text;
}

int group_of_the_last = 0;

class KeyExchange : public SslTest {
protected:
    /// The cipher that a message has come back by, or why it has not.
    Coro<std::string> cipher_used() {
        auto listening = co_await echo_server(ServerOptions().ssl(server));
        auto made = co_await as_result(connect(listening));
        std::string said = text_of(made.exception());
        if (made.has_value()) {
            StreamPair streams = std::move(made).value();
            streams.second.write("x");
            const auto echoed = co_await as_result(streams.first.readexactly(1));
            said =
                echoed.has_value() ? object_of(streams.second).cipher()->name : text_of(echoed.exception());
            streams.second.transport().abort();
        }
        co_await settle();
        co_await end(listening);
        co_return said;
    }
    static bool is_cipher(const std::string& said) { return said.find(' ') == said.npos; }
    Coro<std::string> group_used() {
        SSL_CTX_set_info_callback(client->state().ctx.get(), [](const SSL* ssl, int where, int) {
            if (where & SSL_CB_HANDSHAKE_DONE) {
                group_of_the_last = static_cast<int>(SSL_get_negotiated_group(const_cast<SSL*>(ssl)));
            }
        });
        co_await cipher_used();
        co_return OBJ_nid2sn(group_of_the_last);
    }
    /// Contexts for keys that both ends have, and nothing else.
    void share_keys(TLSVersion version) {
        server = std::make_shared<Context>(ssl::PROTOCOL_TLS_SERVER);
        client = std::make_shared<Context>(ssl::PROTOCOL_TLS_CLIENT);
        client->set_check_hostname(false);
        client->set_verify_mode(ssl::CERT_NONE);
        for (Context* const context : {server.get(), client.get()}) {
            context->set_minimum_version(version);
            context->set_maximum_version(version);
            context->set_ciphers("PSK");
        }
        server->set_psk_server_callback(
            [this](const std::optional<std::string>& identity) {
                identity_seen = identity;
                return std::string("their secret");
            },
            "who are you?");
        client->set_psk_client_callback([this](const std::optional<std::string>& hint) {
            hint_seen = hint;
            return std::pair<std::string, std::string>("somebody", "their secret");
        });
    }
    void client_says(std::string identity, std::string key) {
        client->set_psk_client_callback(
            [identity, key](const std::optional<std::string>&) { return std::pair(identity, key); });
    }

    std::optional<std::string> identity_seen;
    std::optional<std::string> hint_seen;
};

TEST_F(KeyExchange, OneGroupOnly) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await group_used(), "X25519");
        server->set_ecdh_curve("prime256v1");
        EXPECT_EQ(co_await group_used(), "prime256v1");
        server->set_ecdh_curve("secp384r1");
        EXPECT_EQ(co_await group_used(), "secp384r1");
        EXPECT_THROW(server->set_ecdh_curve("nonsense"), ValueError);
        EXPECT_THROW(server->set_ecdh_curve("SHA256"), ssl::SSLError);
        EXPECT_EQ(co_await group_used(), "secp384r1") << "what cannot be used replaces nothing";
        client->set_ecdh_curve("prime256v1");
        EXPECT_NE((co_await cipher_used()).find("HANDSHAKE_FAILURE"), std::string::npos);
    });
}

// Also that of a context which the client's wish for a name has led to.
TEST_F(KeyExchange, TheGroupOfTheContextByName) {
    run([&]() -> Coro<> {
        const auto other = server_context();
        other->set_ecdh_curve("secp384r1");
        server->set_sni_callback([other](ssl::SSLObject& object, const auto&, Context&) {
            object.set_context(other);
            return 0;
        });
        EXPECT_EQ(co_await group_used(), "secp384r1");
    });
}

TEST_F(KeyExchange, ParametersOfCiphersWithDHE) {
    const PrivateFolder folder;
    EXPECT_THROW(server->load_dh_params(folder.path("none")), FileNotFoundError);
    EXPECT_THROW(server->load_dh_params(folder.write("key.pem", test_server().key())), ssl::SSLError);
    run([&]() -> Coro<> {
        share_keys(TLSVersion::TLSv1_2);
        client->set_ciphers("DHE-PSK-AES128-GCM-SHA256");
        const std::string without = co_await cipher_used();
        EXPECT_NE(without.find("HANDSHAKE_FAILURE"), std::string::npos) << without;
        server->load_dh_params(folder.write("dh.pem", dh_parameters()));
        EXPECT_EQ(co_await cipher_used(), "DHE-PSK-AES128-GCM-SHA256");
    });
}

TEST_F(KeyExchange, KeysThatBothEndsHave) {
    run([&]() -> Coro<> {
        share_keys(TLSVersion::TLSv1_2);
        const std::string cipher = co_await cipher_used();
        EXPECT_NE(cipher.find("PSK"), std::string::npos) << cipher;
        EXPECT_EQ(identity_seen, "somebody");
        EXPECT_EQ(hint_seen, "who are you?");
        share_keys(TLSVersion::TLSv1_3);
        EXPECT_TRUE(is_cipher(co_await cipher_used())) << "there is no certificate that it could have used";
        EXPECT_EQ(identity_seen, "somebody");
        EXPECT_EQ(hint_seen, std::nullopt);
    });
}

TEST_F(KeyExchange, KeysThatDoNotFit) {
    for (const auto version : {TLSVersion::TLSv1_2, TLSVersion::TLSv1_3}) {
        run([&]() -> Coro<> {
            share_keys(version);
            const auto refuses = [&]() -> Coro<> {
                const std::string said = co_await cipher_used();
                EXPECT_FALSE(is_cipher(said)) << said;
            };
            client_says("somebody", "another secret");
            co_await refuses();
            client_says("somebody", "");
            co_await refuses();
            client_says("somebody", "their secret");
            EXPECT_TRUE(is_cipher(co_await cipher_used()));
            server->set_psk_server_callback({});
            co_await refuses();
        });
    }
}

TEST_F(KeyExchange, WhatTheirCallbacksThrow) {
    run([&]() -> Coro<> {
        share_keys(TLSVersion::TLSv1_3);
        client_says("somebody", std::string(1000, 'x'));
        EXPECT_EQ(co_await cipher_used(), "the pre-shared key is too long");
        client_says(std::string(300, 'x'), "their secret");
        EXPECT_EQ(co_await cipher_used(),
                  "the identity of the pre-shared key is too long or holds a null character");
        client->set_psk_client_callback(
            [](const std::optional<std::string>&) -> std::pair<std::string, std::string> {
                throw LookupError("the client's own");
            });
        EXPECT_EQ(co_await cipher_used(), "the client's own");
        EXPECT_EQ(reports, "");
        share_keys(TLSVersion::TLSv1_3);
        server->set_psk_server_callback(
            [](const std::optional<std::string>&) -> std::string { throw LookupError("the server's own"); });
        EXPECT_FALSE(is_cipher(co_await cipher_used()));
        EXPECT_EQ(reports, "Error on transport creation for incoming connection;");
    });
    EXPECT_THROW(client->set_psk_server_callback({}), ssl::SSLError);
    EXPECT_THROW(server->set_psk_client_callback({}), ssl::SSLError);
}

}  // namespace
}  // namespace aio::tests
