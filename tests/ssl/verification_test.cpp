// SPDX-License-Identifier: MIT
// Certificates that are refused, each with an error that says why.
#include <ssl/ssl_support.hpp>

#include <gmock/gmock.h>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

class Verification : public SslTest {
protected:
    /// What a client that asks for `name` says of a server that shows that chain.
    Coro<std::string> verdict(Identity identity, std::string name, std::string between = "") {
        server = server_context();
        load(*server, identity.certificate() + between + identity.key());
        auto listening = co_await echo_server();
        const auto error = co_await refusal(listening, secured(std::move(name)));
        co_await end(listening);
        EXPECT_TRUE(!error || exception_ptr_cast<ssl::SSLCertVerificationError>(error)) << text_of(error);
        co_return text_of(error);
    }
    /// The same where the chain is good: whether certificate and name fit.
    Coro<std::string> name_verdict(std::string names, std::string common_name, std::string asked) {
        Wanted wanted;
        wanted.names = std::move(names);
        wanted.common_name = std::move(common_name);
        const Identity identity = issue(wanted, &test_authority());
        return verdict(identity, std::move(asked));
    }
    static std::string refused(const std::string& why) {
        return "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + why;
    }
    static std::string mismatch(const std::string& name) {
        return refused("Hostname mismatch, certificate is not valid for '" + name + "'.");
    }
};

TEST_F(Verification, OutOfItsTime) {
    run([&]() -> Coro<> {
        Wanted expired;
        expired.days_before = 10;
        expired.days_after = -1;
        const Identity old = issue(expired, &test_authority());
        std::string said = co_await verdict(old, "localhost");
        EXPECT_EQ(said, refused("certificate has expired"));
        Wanted early;
        early.days_before = -2;
        const Identity fresh = issue(early, &test_authority());
        said = co_await verdict(fresh, "localhost");
        EXPECT_EQ(said, refused("certificate is not yet valid"));
    });
}

TEST_F(Verification, SignedByNobodyKnown) {
    run([&]() -> Coro<> {
        const Identity itself = issue(Wanted());
        std::string said = co_await verdict(itself, "localhost");
        EXPECT_EQ(said, refused("self-signed certificate"));
        const Identity stranger = issue_authority("stranger");
        const Identity strange = issue(Wanted(), &stranger);
        said = co_await verdict(strange, "localhost");
        EXPECT_EQ(said, refused("unable to get local issuer certificate"));
        said = co_await verdict(strange, "localhost", stranger.certificate());
        EXPECT_EQ(said, refused("self-signed certificate in certificate chain"));
    });
}

TEST_F(Verification, ChainsWholeAndBroken) {
    run([&]() -> Coro<> {
        const Identity between = issue_authority("between", &test_authority());
        const Identity leaf = issue(Wanted(), &between);
        std::string said = co_await verdict(leaf, "localhost", between.certificate());
        EXPECT_EQ(said, "accepted");
        said = co_await verdict(leaf, "localhost");
        EXPECT_EQ(said, refused("unable to get local issuer certificate"));
        const Identity from_leaf = issue(Wanted(), &test_server());  // which may not sign
        said = co_await verdict(from_leaf, "localhost", test_server().certificate());
        EXPECT_EQ(said, refused("invalid CA certificate"));
    });
}

TEST_F(Verification, MadeForAnotherPurpose) {
    run([&]() -> Coro<> {
        Wanted wanted;
        wanted.purpose = "clientAuth";
        const Identity identity = issue(wanted, &test_authority());
        const std::string said = co_await verdict(identity, "localhost");
        EXPECT_THAT(said, ::testing::EndsWith("certificate purpose"));
    });
}

TEST_F(Verification, NamesThatTheAuthorityMayNotGive) {
    run([&]() -> Coro<> {
        Wanted limited;
        limited.common_name = "limited";
        limited.names.clear();
        limited.authority = true;
        limited.constraints = "critical,permitted;DNS:e.test";
        const Identity authority = issue(limited, &test_authority());
        Wanted wanted;
        wanted.common_name = "a.e.test";
        wanted.names = "DNS:a.e.test";
        const Identity good = issue(wanted, &authority);
        std::string said = co_await verdict(good, "a.e.test", authority.certificate());
        EXPECT_EQ(said, "accepted");
        wanted.names = "DNS:localhost";
        const Identity bad = issue(wanted, &authority);
        said = co_await verdict(bad, "localhost", authority.certificate());
        EXPECT_EQ(said, refused("permitted subtree violation"));
    });
}

TEST_F(Verification, NamesAndAddresses) {
    run([&]() -> Coro<> {
        EXPECT_EQ(co_await name_verdict("DNS:localhost", "localhost", "wrong"), mismatch("wrong"));
        EXPECT_EQ(co_await name_verdict("DNS:LocalHost", "x", "localHOST"), "accepted");
        EXPECT_EQ(co_await name_verdict("DNS:localhost", "x", "localhost."), "accepted");
        EXPECT_EQ(co_await name_verdict("IP:127.0.0.1", "x", "127.0.0.1"), "accepted");
        EXPECT_EQ(co_await name_verdict("IP:::1", "x", "::1"), "accepted");
        const std::string not_it = refused("IP address mismatch, certificate is not valid for '127.0.0.1'.");
        EXPECT_EQ(co_await name_verdict("DNS:127.0.0.1", "127.0.0.1", "127.0.0.1"), not_it);
        EXPECT_EQ(co_await name_verdict("IP:127.0.0.2", "127.0.0.1", "127.0.0.1"), not_it);
    });
}

// The subject's common name is no host name, unless that is wanted and there are no others.
TEST_F(Verification, TheCommonNameCountsOnRequestOnly) {
    run([&]() -> Coro<> {
        EXPECT_FALSE(client->hostname_checks_common_name());
        EXPECT_EQ(co_await name_verdict("", "localhost", "localhost"), mismatch("localhost"));
        client->set_hostname_checks_common_name(true);
        EXPECT_TRUE(client->hostname_checks_common_name());
        EXPECT_EQ(co_await name_verdict("", "localhost", "localhost"), "accepted");
        EXPECT_EQ(co_await name_verdict("DNS:other", "localhost", "localhost"), mismatch("localhost"));
    });
}

TEST_F(Verification, AnErrorThatProgramsCanRead) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        const auto error = co_await refusal(listening, secured("wrong"));
        const auto* const verification = exception_ptr_cast<ssl::SSLCertVerificationError>(error);
        EXPECT_NE(verification, nullptr);
        if (!verification) co_return;
        EXPECT_EQ(verification->verify_code(), 62);
        EXPECT_EQ(verification->verify_message(), "Hostname mismatch, certificate is not valid for 'wrong'.");
        EXPECT_EQ(verification->library(), "SSL");
        EXPECT_EQ(verification->reason(), "CERTIFICATE_VERIFY_FAILED");
        EXPECT_NE(exception_ptr_cast<OSError>(error), nullptr);
        co_await end(listening);
        EXPECT_EQ(reports, "") << "S148: the server says so in debug mode only";
    });
}

TEST_F(Verification, WhoAsksForNobodyIsToldSo) {
    run([&]() -> Coro<> {
        auto listening = co_await echo_server();
        const auto empty = co_await refusal(listening, secured(""));
        EXPECT_EQ(text_of(empty), "server_hostname cannot be an empty string or start with a leading dot.");
        EXPECT_NE(exception_ptr_cast<ValueError>(empty), nullptr);
        auto streams = co_await open_connection("127.0.0.1", port_of(listening));
        const auto result = co_await as_result(streams.second.start_tls(client));
        EXPECT_TRUE(result.raised<ValueError>()) << "check_hostname requires server_hostname";
        for (const char* const bad : {".localhost",
                                      "b\xc3\xbc"
                                      "cher.example"}) {
            const auto error = co_await refusal(listening, secured(bad));
            EXPECT_NE(exception_ptr_cast<ValueError>(error), nullptr) << bad;
        }
        const auto error = co_await refusal(listening, secured(std::string(300, 'a')));
        EXPECT_NE(exception_ptr_cast<ValueError>(error), nullptr);
        co_await end(streams);
        co_await end(listening);
    });
}

TEST_F(Verification, WhoDoesNotCareAcceptsAnything) {
    run([&]() -> Coro<> {
        client = std::make_shared<ssl::Context>(ssl::PROTOCOL_TLS_CLIENT);
        EXPECT_THROW(client->set_verify_mode(ssl::CERT_NONE), ValueError);
        client->set_check_hostname(false);
        client->set_verify_mode(ssl::CERT_NONE);
        const Identity itself = issue(Wanted());
        EXPECT_EQ(co_await verdict(itself, "anything"), "accepted");
        EXPECT_EQ(co_await verdict(itself, ""), "accepted");
    });
}

}  // namespace
}  // namespace aio::tests
