// SPDX-License-Identifier: MIT
// Clients that are asked for their certificate when the connection is open.
#include <ssl/ssl_support.hpp>

#include <string>
#include <utility>

namespace aio::tests {
namespace {

class PostHandshake : public SslTest {
protected:
    PostHandshake() {
        server->set_verify_mode(ssl::CERT_REQUIRED);
        server->load_verify_locations("", "", test_authority().certificate());
        server->set_post_handshake_auth(true);
        client->set_post_handshake_auth(true);
        Wanted wanted;
        wanted.common_name = "somebody";
        wanted.names.clear();
        load(*client, issue(wanted, &test_authority()).both());
    }
    /// Says to each line who the client is, and asks after the first one.
    Coro<> ask(StreamReader reader, StreamWriter writer) {
        try {
            const auto object = object_of(writer);
            bool asked = false;
            while (const auto line = co_await reader.next_line()) {
                EXPECT_EQ(*line, "hello\n");
                writer.write(name_in(object) + "\n");
                if (!object.getpeercert() && !std::exchange(asked, true)) {
                    object.verify_client_post_handshake();
                }
            }
        } catch (const OSError& e) {
            server_error = e.what();
        }
        writer.close();
    }
    static std::string name_in(const ssl::SSLObject& object) {
        const auto certificate = object.getpeercert();
        return certificate ? certificate->subject("commonName") : "who?";
    }
    /// What the server says to three lines; "" for nothing.
    Coro<std::string> conversation() {
        auto listening = co_await start_server(
            [this](StreamReader r, StreamWriter w) { return ask(std::move(r), std::move(w)); }, "127.0.0.1",
            0, ServerOptions().ssl(server));
        auto streams = co_await connect(listening);
        std::string said;
        for (int i = 0; i < 3; ++i) {
            streams.second.write("hello\n");
            const auto line = co_await as_result(streams.first.readline());
            if (!line.has_value()) break;
            said += line.value();
        }
        streams.second.close();
        const auto closed = co_await as_result(streams.second.wait_closed());
        co_await end(listening);
        co_return said;
    }
};

TEST_F(PostHandshake, AsksWhenTheServerWants) {
    EXPECT_TRUE(server->post_handshake_auth());
    EXPECT_FALSE(server_context()->post_handshake_auth());
    run([&]() -> Coro<> {
        // The second answer takes the question along, which the client has answered by its third line.
        EXPECT_EQ(co_await conversation(), "who?\nwho?\nsomebody\n");
        EXPECT_EQ(server_error, "");
    });
}

TEST_F(PostHandshake, WhoHasNoCertificateIsRefused) {
    client = client_context();
    client->set_post_handshake_auth(true);
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await conversation(), "who?\nwho?\n");
        EXPECT_NE(server_error.find("PEER_DID_NOT_RETURN_A_CERTIFICATE"), std::string::npos) << server_error;
        server->set_verify_mode(ssl::CERT_OPTIONAL);
        EXPECT_EQ(co_await conversation(), "who?\nwho?\nwho?\n");
    });
}

TEST_F(PostHandshake, NeedsTheClientsConsentAndTLS13) {
    run([&]() -> Coro<> {
        client->set_post_handshake_auth(false);
        EXPECT_EQ(co_await conversation(), "who?\n");
        EXPECT_NE(server_error.find("EXTENSION_NOT_RECEIVED"), std::string::npos) << server_error;
        client->set_post_handshake_auth(true);
        client->set_maximum_version(ssl::TLSVersion::TLSv1_2);
        EXPECT_EQ(co_await conversation(), "somebody\nsomebody\nsomebody\n") << "asked at once";
        client = client_context();
        client->set_maximum_version(ssl::TLSVersion::TLSv1_2);
        server->set_verify_mode(ssl::CERT_OPTIONAL);
        EXPECT_EQ(co_await conversation(), "who?\n");
        EXPECT_NE(server_error.find("WRONG_SSL_VERSION"), std::string::npos) << server_error;
    });
}

}  // namespace
}  // namespace aio::tests
