// SPDX-License-Identifier: MIT
#include <ssl/ssl_support.hpp>

#include <aio/ssl/context_impl.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using ssl::Context;
using ssl::TLSVersion;

std::string contents(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

template <class F>
std::string error_of(F fn) {
    try {
        fn();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "none";
}

TEST(SslContext, BeginsSafe) {
    const Context client(ssl::PROTOCOL_TLS_CLIENT);
    EXPECT_TRUE(client.check_hostname());
    EXPECT_EQ(client.verify_mode(), ssl::CERT_REQUIRED);
    EXPECT_EQ(client.minimum_version(), TLSVersion::TLSv1_2);
    EXPECT_EQ(client.maximum_version(), TLSVersion::MAXIMUM_SUPPORTED);
    EXPECT_EQ(client.protocol(), ssl::PROTOCOL_TLS_CLIENT);
    EXPECT_NE(client.options() & ssl::OP_NO_COMPRESSION, 0u);
    EXPECT_NE(client.options() & ssl::OP_NO_RENEGOTIATION, 0u);
    EXPECT_TRUE(client.get_ca_certs().empty());
    const Context server(ssl::PROTOCOL_TLS_SERVER);
    EXPECT_FALSE(server.check_hostname());
    EXPECT_EQ(server.verify_mode(), ssl::CERT_NONE);
    EXPECT_EQ(server.num_tickets(), 2u);
    EXPECT_THROW(Context(ssl::PROTOCOL_TLS_SERVER).set_resumed_names(1), ValueError);
    EXPECT_EQ(ssl::create_default_context()->verify_flags(),
              ssl::VERIFY_X509_TRUSTED_FIRST | ssl::VERIFY_X509_PARTIAL_CHAIN | ssl::VERIFY_X509_STRICT);
    EXPECT_FALSE(ssl::create_default_context(ssl::Purpose::CLIENT_AUTH)->check_hostname());
}

TEST(SslContext, CheckingNamesNeedsCertificates) {
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    EXPECT_EQ(error_of([&] { context.set_verify_mode(ssl::CERT_NONE); }),
              "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
    context.set_check_hostname(false);
    context.set_verify_mode(ssl::CERT_NONE);
    context.set_check_hostname(true);
    EXPECT_EQ(context.verify_mode(), ssl::CERT_REQUIRED);
}

TEST(SslContext, VersionsAndOptions) {
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    context.set_minimum_version(TLSVersion::TLSv1_3);
    EXPECT_EQ(context.minimum_version(), TLSVersion::TLSv1_3);
    context.set_minimum_version(TLSVersion::MINIMUM_SUPPORTED);
    EXPECT_EQ(context.minimum_version(), TLSVersion::TLSv1_2);
    context.set_maximum_version(TLSVersion::TLSv1_2);
    EXPECT_EQ(context.maximum_version(), TLSVersion::TLSv1_2);
    context.set_maximum_version(TLSVersion::MAXIMUM_SUPPORTED);
    EXPECT_EQ(context.maximum_version(), TLSVersion::MAXIMUM_SUPPORTED);
    context.set_options(context.options() | ssl::OP_NO_TICKET);
    EXPECT_NE(context.options() & ssl::OP_NO_TICKET, 0u);
    context.set_options(context.options() & ~std::uint64_t{ssl::OP_NO_TICKET});
    EXPECT_EQ(context.options() & ssl::OP_NO_TICKET, 0u);
    context.set_verify_flags(ssl::VERIFY_CRL_CHECK_LEAF);
    EXPECT_EQ(context.verify_flags(), ssl::VERIFY_CRL_CHECK_LEAF);
    context.set_num_tickets(1);
    EXPECT_EQ(context.num_tickets(), 1u);
}

TEST(SslContext, CiphersAndProtocolNames) {
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256");
    const auto ciphers = context.get_ciphers();
    EXPECT_TRUE(std::any_of(ciphers.begin(), ciphers.end(), [](const ssl::Cipher& cipher) {
        return cipher == ssl::Cipher{"ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2", 128};
    }));
    EXPECT_EQ(error_of([&] { context.set_ciphers("nonsense"); }), "No cipher can be selected.");
    context.set_alpn_protocols({"h2", "http/1.1"});
    EXPECT_EQ(error_of([&] { context.set_alpn_protocols({""}); }),
              "ALPN protocols must be 1 to 255 in length");
    EXPECT_THROW(context.set_alpn_protocols({std::string(256, 'a')}), ssl::SSLError);
}

TEST(SslContext, LoadsChainsAndKeys) {
    const PrivateFolder folder;
    Context context(ssl::PROTOCOL_TLS_SERVER);
    const std::string chain = folder.write("chain.pem", test_server().certificate());
    const std::string key = folder.write("key.pem", test_server().key());
    context.load_cert_chain(chain, key);
    context.load_cert_chain(folder.write("both.pem", test_server().both()));
    EXPECT_THROW(context.load_cert_chain(folder.path("none")), FileNotFoundError);
    EXPECT_THROW(context.load_cert_chain(chain, folder.path("none")), FileNotFoundError);
    EXPECT_THROW(context.load_cert_chain(chain), ssl::SSLError) << "there is no key in it";
    EXPECT_THROW(context.load_cert_chain(key, key), ssl::SSLError) << "there is no certificate in it";
    const std::string other = folder.write("other.pem", test_authority().key());
    EXPECT_NE(error_of([&] { context.load_cert_chain(chain, other); }).find("KEY_VALUES_MISMATCH"),
              std::string::npos);
}

TEST(SslContext, AsksForPasswords) {
    const PrivateFolder folder;
    Context context(ssl::PROTOCOL_TLS_SERVER);
    const std::string chain = folder.write("chain.pem", test_server().certificate());
    const std::string key = folder.write("key.pem", test_server().key("secret"));
    context.load_cert_chain(chain, key, "secret");
    int asked = 0;
    context.load_cert_chain(chain, key, [&asked] {
        ++asked;
        return std::string("secret");
    });
    EXPECT_EQ(asked, 1);
    EXPECT_THROW(context.load_cert_chain(chain, key, "wrong"), ssl::SSLError);
    EXPECT_THROW(context.load_cert_chain(chain, key), ssl::SSLError) << "nobody is asked at the terminal";
    EXPECT_THROW(context.load_cert_chain(chain, key, []() -> std::string { throw LookupError("no"); }),
                 LookupError);
    EXPECT_THROW(context.load_cert_chain(chain, key, std::string(5000, 'x')), ValueError);
    context.load_cert_chain(folder.write("both.pem", test_server().both()));
}

TEST(SslContext, TrustsWhatItIsGiven) {
    const PrivateFolder folder;
    const Identity other = issue_authority("other");
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    EXPECT_THROW(context.load_verify_locations(""), TypeError);
    EXPECT_THROW(context.load_verify_locations(folder.path("none")), FileNotFoundError);
    EXPECT_THROW(context.load_verify_locations("", folder.path("none")), FileNotFoundError);
    EXPECT_THROW(context.load_verify_locations(folder.write("key.pem", other.key())), ssl::SSLError);
    EXPECT_EQ(error_of([&] { context.load_verify_locations("", "", "junk"); }),
              "no start line: cadata does not contain a certificate");
    EXPECT_THROW(context.load_verify_locations("", "", "-----BEGIN CERTIFICATE-----\nnothing"),
                 ssl::SSLError);
    EXPECT_TRUE(context.get_ca_certs().empty());
    context.load_verify_locations("", "", other.certificate() + test_authority().certificate());
    ASSERT_EQ(context.get_ca_certs().size(), 2u);
    const std::string der = context.get_ca_certs()[0].der();
    Context from_file(ssl::PROTOCOL_TLS_CLIENT);
    from_file.load_verify_locations(folder.write("ca.pem", other.certificate()), folder.path(""));
    EXPECT_EQ(from_file.get_ca_certs().at(0).subject("commonName"), "other");
    Context from_der(ssl::PROTOCOL_TLS_CLIENT);
    from_der.load_verify_locations("", "", der + der);
    EXPECT_EQ(from_der.get_ca_certs().size(), 1u);
}

TEST(SslContext, ClientsAreAskedForAllThatWasLoaded) {
    const PrivateFolder folder;
    Context context(ssl::PROTOCOL_TLS_SERVER);
    const std::string first = folder.write("first.pem", issue_authority("first").certificate());
    context.load_verify_locations(first);
    context.load_verify_locations(folder.write("second.pem", issue_authority("second").certificate()));
    context.load_verify_locations(first);
    EXPECT_EQ(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context.state().ctx.get())), 2);
    EXPECT_EQ(context.get_ca_certs().size(), 2u);
}

TEST(SslContext, TrustsWhomTheSystemTrusts) {
    const PrivateFolder folder;
    ::setenv("SSL_CERT_FILE", folder.write("system.pem", test_authority().certificate()).c_str(), 1);
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    context.set_default_verify_paths();
    EXPECT_EQ(context.get_ca_certs().size(), 1u);
    EXPECT_EQ(ssl::create_default_context()->get_ca_certs().size(), 1u);
    EXPECT_EQ(ssl::create_default_context(ssl::Purpose::CLIENT_AUTH)->get_ca_certs().size(), 0u);
    ::unsetenv("SSL_CERT_FILE");
}

TEST(SslContext, CountsWhatItTrusts) {
    Context context(ssl::PROTOCOL_TLS_CLIENT);
    EXPECT_EQ(context.cert_store_stats().x509, 0u);
    context.load_verify_locations("", "", test_authority().certificate() + test_server().certificate());
    EXPECT_EQ(context.cert_store_stats().x509, 2u);
    EXPECT_EQ(context.cert_store_stats().x509_ca, 1u);
    EXPECT_EQ(context.cert_store_stats().crl, 0u);
    X509_CRL* const revoked = X509_CRL_new();
    X509_STORE_add_crl(SSL_CTX_get_cert_store(context.state().ctx.get()), revoked);
    X509_CRL_free(revoked);
    EXPECT_EQ(context.cert_store_stats().crl, 1u);
    EXPECT_EQ(context.cert_store_stats().x509, 2u);
}

class SslContextInUse : public SslTest {};

// As asyncio's ssl=True: whom the system trusts.
TEST_F(SslContextInUse, TrueIsADefaultContext) {
    const PrivateFolder folder;
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto options = ConnectOptions().ssl(true).server_hostname("localhost");
        const auto error = co_await refusal(listening, options);
        EXPECT_NE(exception_ptr_cast<ssl::SSLCertVerificationError>(error), nullptr) << text_of(error);
        const std::string trusted = folder.write("system.pem", test_authority().certificate());
        ::setenv("SSL_CERT_FILE", trusted.c_str(), 1);
        EXPECT_NE(co_await refusal(listening, options), nullptr) << "it was read before";
        options.ssl(true);
        ::unsetenv("SSL_CERT_FILE");
        EXPECT_EQ(text_of(co_await refusal(listening, options)), "accepted");
        options.server_hostname("other.test");
        EXPECT_NE(co_await refusal(listening, options), nullptr) << "names are checked";
        options.ssl(false);
        EXPECT_NE(exception_ptr_cast<ValueError>(co_await refusal(listening, options)), nullptr)
            << "server_hostname is only meaningful with ssl";
        co_await end(listening);
    });
}

TEST_F(SslContextInUse, CountsConnectionsAndSessions) {
    run([&]() -> Coro<> {
        client->set_resumed_names(1);
        auto listening = co_await echo_server();
        for (int i = 0; i < 3; ++i) {
            auto streams = co_await connect(listening);
            streams.second.write("x");
            EXPECT_EQ(co_await streams.first.readexactly(1), "x");
            co_await end(streams);
        }
        EXPECT_EQ(client->session_stats().connect, 3);
        EXPECT_EQ(client->session_stats().connect_good, 3);
        EXPECT_EQ(client->session_stats().hits, 2);
        EXPECT_EQ(client->session_stats().accept, 0);
        EXPECT_EQ(server->session_stats().accept, 3);
        EXPECT_EQ(server->session_stats().accept_good, 3);
        EXPECT_EQ(server->session_stats().hits, 2);
        co_await end(listening);
    });
}

TEST_F(SslContextInUse, WritesKeysForThoseWhoDebug) {
    const PrivateFolder folder;
    const std::string path = folder.path("keys");
    run([&]() -> Coro<> {
        client->set_keylog_filename(path);
        EXPECT_EQ(client->keylog_filename(), path);
        EXPECT_THROW(client->set_keylog_filename(folder.path("none/keys")), FileNotFoundError);
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        co_await end(streams);
        EXPECT_NE(contents(path).find("CLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
        client->set_keylog_filename("");
        const std::string before = contents(path);
        streams = co_await connect(listening);
        co_await end(streams);
        EXPECT_EQ(contents(path), before);
        co_await end(listening);
    });
    ::setenv("SSLKEYLOGFILE", path.c_str(), 1);
    EXPECT_EQ(ssl::create_default_context()->keylog_filename(), path);
    ::unsetenv("SSLKEYLOGFILE");
}

TEST_F(SslContextInUse, VersionsThatDoNotMeet) {
    run([&]() -> Coro<> {
        client->set_maximum_version(TLSVersion::TLSv1_2);
        auto listening = co_await echo_server();
        auto streams = co_await connect(listening);
        EXPECT_EQ(object_of(streams.second).version(), "TLSv1.2");
        co_await end(streams);
        server->set_minimum_version(TLSVersion::TLSv1_3);
        const auto error = co_await refusal(listening, secured());
        const auto* const ssl_error = exception_ptr_cast<ssl::SSLError>(error);
        EXPECT_TRUE(ssl_error && ssl_error->reason() == "TLSV1_ALERT_PROTOCOL_VERSION") << text_of(error);
        co_await end(listening);
    });
}

TEST_F(SslContextInUse, ClientsWithCertificates) {
    run([&]() -> Coro<> {
        server->set_verify_mode(ssl::CERT_REQUIRED);
        server->load_verify_locations("", "", test_authority().certificate());
        auto listening = co_await echo_server();
        client->set_maximum_version(TLSVersion::TLSv1_2);  // the client learns of it in the handshake
        EXPECT_NE(text_of(co_await refusal(listening, secured())), "accepted");
        client->set_maximum_version(TLSVersion::MAXIMUM_SUPPORTED);  // or at its first read
        auto streams = co_await connect(listening);
        const auto read = co_await as_result(streams.first.read());
        EXPECT_TRUE(read.raised<ssl::SSLError>());
        Wanted wanted;
        wanted.common_name = "somebody";
        wanted.names.clear();
        const Identity identity = issue(wanted, &test_authority());
        load(*client, identity.both());
        streams = co_await connect(listening);
        streams.second.write("x");
        EXPECT_EQ(co_await streams.first.readexactly(1), "x");
        EXPECT_EQ(server_object().getpeercert()->subject("commonName"), "somebody");
        EXPECT_EQ(server_object().get_unverified_chain().at(0).subject("commonName"), "somebody");
        co_await end(streams);
        co_await end(listening);
    });
}

// New connections get the new certificate; the ones that are open keep theirs.
TEST_F(SslContextInUse, CertificatesAreReplacedWithoutRestart) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        auto before = co_await connect(listening);
        const Identity newer = issue(Wanted(), &test_authority());
        load(*server, newer.both());
        auto after = co_await connect(listening);
        const std::string serial = object_of(before.second).getpeercert()->serial_number();
        EXPECT_NE(object_of(after.second).getpeercert()->serial_number(), serial);
        before.second.write("still");
        EXPECT_EQ(co_await before.first.readexactly(5), "still");
        co_await end(before);
        co_await end(after);
        const PrivateFolder folder;
        const std::string other = folder.write("other.pem", test_authority().key());
        const std::string chain = folder.write("chain.pem", issue(Wanted(), &test_authority()).certificate());
        EXPECT_THROW(server->load_cert_chain(chain, other), ssl::SSLError);
        auto last = co_await connect(listening);
        EXPECT_EQ(object_of(last.second).getpeercert()->serial_number(),
                  object_of(after.second).getpeercert()->serial_number())
            << "what cannot be used replaces nothing";
        co_await end(last);
        co_await end(listening);
    });
}

TEST_F(SslContextInUse, ForOneEndOnly) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        const auto error = co_await refusal(listening, ConnectOptions().ssl(server));
        EXPECT_NE(exception_ptr_cast<ValueError>(error), nullptr);
        co_await end(listening);
    });
}

}  // namespace
}  // namespace aio::tests
