// SPDX-License-Identifier: MIT
// https: whom a connector trusts, and what it says of those whom it does not.
#include <client/client_support.hpp>
#include <client/proxy_server.hpp>
#include <ssl/ssl_support.hpp>

#include <aio/client/client_session.hpp>
#include <aio/client/connect/fingerprint.hpp>

namespace aio::tests {
namespace {

using namespace http;

class TlsConnector : public ::testing::Test, public aio::testing::LoopTest {
protected:
    template <class F>
    void serve(ConnectorOptions options, F body) {
        run([this, options = std::move(options), body = std::move(body)]() -> Coro<> {
            co_await server.start(ServerOptions().ssl(server_context()));
            TCPConnector connector(options);
            co_await body(connector);
            co_await connector.close();
            co_await server.stop();
        });
    }
    std::string url(const std::string& host = "127.0.0.1") const { return server.url("/", "https", host); }
    Coro<Fingerprint> shown(TCPConnector& connector) {
        ConnectRequest request = to(url());
        request.ssl = client_context();
        auto connection = co_await connector.connect(request);
        const auto object = connection.writer().get_extra_info("ssl_object");
        co_return Fingerprint::of(std::any_cast<ssl::SSLObject>(object).getpeercert()->der());
    }

    /// The body of what is answered, or that the server is not who it should be.
    static Coro<std::string> outcome(TCPConnector& connector, ConnectRequest request) {
        std::string body = "refused";
        try {
            auto connection = co_await connector.connect(request);
            body = co_await ask(connection, "/");
            connection.release();
        } catch (const ClientConnectorCertificateError&) {
        }
        co_return body;
    }

    CountingServer server;
};

TEST_F(TlsConnector, TalksToWhomItsContextTrusts) {
    serve(ConnectorOptions().ssl(client_context()), [&](TCPConnector& connector) -> Coro<> {
        const std::string first = co_await fetch(connector, url());
        const std::string second = co_await fetch(connector, url());
        EXPECT_EQ(second, "1 /");
        const std::string third = co_await fetch(connector, url("localhost"));
        EXPECT_EQ(third, "2 /");
        ConnectRequest request = to(url());
        request.server_hostname = "localhost";
        auto connection = co_await connector.connect(request);
        EXPECT_FALSE(connection.reused());  // who was verified is another one
        const auto object = connection.writer().get_extra_info("ssl_object");
        EXPECT_EQ(std::any_cast<ssl::SSLObject>(object).server_hostname(), "localhost");
    });
}

TEST_F(TlsConnector, ByDefaultItTrustsWhomTheSystemTrusts) {
    serve(ConnectorOptions(), [&](TCPConnector& connector) -> Coro<> {
        try {
            co_await connector.connect(to(url()));
            ADD_FAILURE() << "it has connected";
        } catch (const ClientConnectorCertificateError& error) {
            EXPECT_EQ(error.host(), "127.0.0.1");
            EXPECT_TRUE(error.is_ssl());
            EXPECT_NE(error.certificate_error().verify_code(), 0);
        }
        ConnectRequest request = to(url());
        request.ssl = client_context();
        auto connection = co_await connector.connect(request);
        const std::string body = co_await ask(connection, "/");
        EXPECT_EQ(body, "1 /");
    });
}

TEST_F(TlsConnector, AnotherNameIsRefused) {
    serve(ConnectorOptions().ssl(client_context()), [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(url());
        request.server_hostname = "other.test";
        EXPECT_THROW(co_await connector.connect(request), ClientConnectorCertificateError);
        EXPECT_EQ(connector.lent(), 0U);
    });
}

// A connection serves those who ask for what it was made with, and nobody else. The number in the body is its
// own.
TEST_F(TlsConnector, F50_each_setting_of_tls_has_its_own_connection) {
    serve(ConnectorOptions(), [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(url());
        request.ssl = client_context();
        request.server_hostname = "localhost";
        EXPECT_EQ(co_await outcome(connector, request), "1 /");
        EXPECT_EQ(co_await outcome(connector, request), "1 /");
        request.server_hostname = "other.test";
        EXPECT_EQ(co_await outcome(connector, request), "refused");
        request.server_hostname = "localhost";
        ConnectRequest different = request;
        different.ssl = client_context(issue_authority("another"));
        EXPECT_EQ(co_await outcome(connector, different), "refused");
        const auto known = client_context();
        load(*known, test_server().both());
        different.ssl = known;
        EXPECT_EQ(co_await outcome(connector, different), "2 /");
        const auto unverified = client_context();
        unverified->set_check_hostname(false);
        unverified->set_verify_mode(ssl::CERT_NONE);
        different.ssl = unverified;
        different.server_hostname = "other.test";
        EXPECT_EQ(co_await outcome(connector, different), "3 /");
        different.ssl = client_context();
        EXPECT_EQ(co_await outcome(connector, different), "refused");
        ProxyServer proxy(server);
        co_await proxy.start();
        ConnectRequest through = request;
        through.proxy = URL(proxy.url());
        EXPECT_EQ(co_await outcome(connector, through), "4 /");
        EXPECT_EQ(co_await outcome(connector, request), "1 /");
        co_await proxy.stop();
    });
}

// The same context is another one once it has been changed.
TEST_F(TlsConnector, F50_a_connection_does_not_outlive_the_settings_it_was_made_with) {
    const auto context = client_context();
    context->set_check_hostname(false);
    serve(ConnectorOptions().ssl(context), [&](TCPConnector& connector) -> Coro<> {
        ConnectRequest request = to(url());
        request.server_hostname = "other.test";
        EXPECT_EQ(co_await outcome(connector, request), "1 /");
        EXPECT_EQ(co_await outcome(connector, request), "1 /");
        context->set_check_hostname(true);
        EXPECT_EQ(co_await outcome(connector, request), "refused");
        request.server_hostname = "localhost";
        EXPECT_EQ(co_await outcome(connector, request), "2 /");
        context->set_minimum_version(ssl::TLSVersion::TLSv1_3);
        EXPECT_EQ(co_await outcome(connector, request), "3 /");
        load(*context, test_server().both());
        EXPECT_EQ(co_await outcome(connector, request), "4 /");
        EXPECT_EQ(co_await outcome(connector, request), "4 /");
    });
}

TEST_F(TlsConnector, AServerWithoutTlsIsAnErrorOfTls) {
    run([&]() -> Coro<> {
        co_await server.start();
        TCPConnector connector(ConnectorOptions().ssl(client_context()));
        auto talker = co_await start_server(
            [](aio::StreamReader, StreamWriter writer) { writer.write("SSH-2.0-x\r\n"); }, "127.0.0.1", 0);
        ConnectRequest request = to("https://127.0.0.1:" + std::to_string(port_of(talker)));
        EXPECT_THROW(co_await connector.connect(request), ClientConnectorSSLError);
        talker.close();
        co_await connector.close();
        co_await server.stop();
    });
}

TEST_F(TlsConnector, AHandshakeHasItsTimeLimit) {
    serve(ConnectorOptions().ssl(client_context()), [&](TCPConnector& connector) -> Coro<> {
        bool begun = false;
        auto silent = co_await start_server(
            [&begun](aio::StreamReader reader, StreamWriter) { return swallow(std::move(reader), begun); },
            "127.0.0.1", 0);
        ConnectRequest request = to("https://127.0.0.1:" + std::to_string(port_of(silent)));
        request.sock_connect = 2s;
        auto connecting = create_task(connector.connect(request));
        co_await until([&] { return begun; });
        co_await let_limit_pass(clock(), connecting, 2s);
        EXPECT_THROW(co_await connecting, ConnectionTimeoutError);
        silent.close();
    });
}

TEST_F(TlsConnector, AFingerprintIsAllThatCounts) {
    serve(ConnectorOptions(), [&](TCPConnector& unpinned) -> Coro<> {
        const Fingerprint right = co_await shown(unpinned);
        const Fingerprint wrong = Fingerprint::of("another certificate");
        TCPConnector connector(ConnectorOptions().fingerprint(right));
        const std::string body = co_await fetch(connector, url("localhost"));
        EXPECT_EQ(body, "2 /");
        ConnectRequest request = to(url("localhost"));
        request.fingerprint = wrong;
        try {
            co_await connector.connect(request);
            ADD_FAILURE() << "it has connected";
        } catch (const ServerFingerprintMismatch& error) {
            EXPECT_EQ(error.expected(), wrong.fingerprint());
            EXPECT_EQ(error.got(), right.fingerprint());
            EXPECT_EQ(error.host(), "localhost");
        }
        EXPECT_EQ(connector.lent(), 0U);
        // With a context of its own both have to agree.
        request.fingerprint = right;
        request.ssl = ssl::create_default_context();
        EXPECT_THROW(co_await connector.connect(request), ClientConnectorCertificateError);
        request.ssl = client_context();
        auto connection = co_await connector.connect(request);
        EXPECT_FALSE(connection.reused());
        connection.close();
        co_await connector.close();
    });
}

TEST_F(TlsConnector, SessionsAndRequestsBringTheirOwn) {
    serve(ConnectorOptions(), [&](TCPConnector& connector) -> Coro<> {
        const Fingerprint right = co_await shown(connector);
        const Fingerprint wrong = Fingerprint::of("another certificate");
        const std::string here = url("localhost");
        ClientSession wary;
        EXPECT_THROW(co_await wary.get(here), ClientConnectorCertificateError);
        ClientResponse trusted = co_await wary.get(here).ssl(client_context());
        EXPECT_EQ(trusted.status(), 200);
        ClientResponse pinned = co_await wary.get(here).ssl(right);
        EXPECT_EQ(pinned.status(), 200);
        EXPECT_THROW(co_await wary.get(here).ssl(wrong), ServerFingerprintMismatch);
        EXPECT_THROW(co_await wary.get(here).ssl(client_context()).server_hostname("other.test"),
                     ClientConnectorCertificateError);
        co_await wary.close();
        ClientSession trusting(SessionOptions().ssl(client_context()));
        ClientResponse response = co_await trusting.get(here);
        EXPECT_EQ(response.status(), 200);
        EXPECT_THROW(co_await trusting.get(here).ssl(ssl::create_default_context()),
                     ClientConnectorCertificateError);
        co_await trusting.close();
    });
}

TEST_F(TlsConnector, ClosingSaysGoodbyeIfItIsToldTo) {
    for (const bool grace : {false, true}) {
        ConnectorOptions options;
        options.ssl(client_context());
        if (grace) options.ssl_shutdown_timeout(1s);
        serve(options, [&](TCPConnector& connector) -> Coro<> {
            const std::string body = co_await fetch(connector, url());
            co_await connector.close();
            co_await until([&] { return server.open == 0; });
            EXPECT_EQ(server.last_end == "end", grace) << server.last_end;
        });
        server.writers.clear();
    }
}

}  // namespace
}  // namespace aio::tests
