// SPDX-License-Identifier: MIT
#include <aio/client/errors.hpp>
#include <aio/net/resolver.hpp>
#include <aio/ssl/error.hpp>

#include <gtest/gtest.h>

#include <netdb.h>

#include <concepts>
#include <exception>
#include <string>
#include <type_traits>

namespace aio::tests {
namespace {

using namespace http;

// A base that is there twice cannot be caught by, which is_convertible says as well.
template <class E, class... Bases>
constexpr bool is_a =
    (std::convertible_to<const E*, const Bases*> && ...) &&
    std::convertible_to<const E*, const std::exception*> && std::is_nothrow_copy_constructible_v<E>;

static_assert(std::is_abstract_v<ClientError> && std::is_abstract_v<ClientConnectionError> &&
              std::is_abstract_v<ServerConnectionError> && std::is_abstract_v<RedirectClientError>);
static_assert(is_a<ConnectionClosedError, ClientConnectionError, ClientError>);
static_assert(is_a<ClientConnectionResetError, ClientConnectionError, ConnectionResetError, OSError>);
static_assert(is_a<ClientOSError, ClientConnectionError, OSError>);
static_assert(is_a<ClientConnectorError, ClientOSError>);
static_assert(is_a<ClientConnectorDNSError, ClientConnectorError>);
static_assert(is_a<ClientProxyConnectionError, ClientConnectorError>);
static_assert(is_a<UnixClientConnectorError, ClientConnectorError>);
static_assert(is_a<ClientSSLError, ClientConnectorError>);
static_assert(is_a<ClientConnectorSSLError, ClientSSLError>);
static_assert(is_a<ClientConnectorCertificateError, ClientSSLError>);
static_assert(is_a<ServerDisconnectedError, ServerConnectionError, ClientConnectionError>);
static_assert(is_a<ServerTimeoutError, ServerConnectionError, TimeoutError, OSError>);
static_assert(is_a<ConnectionTimeoutError, ServerTimeoutError>);
static_assert(is_a<SocketTimeoutError, ServerTimeoutError>);
static_assert(is_a<ServerFingerprintMismatch, ServerConnectionError>);
static_assert(is_a<ClientResponseError, ClientError>);
static_assert(is_a<ContentTypeError, ClientResponseError>);
static_assert(is_a<WSServerHandshakeError, ClientResponseError>);
static_assert(is_a<ClientHttpProxyError, ClientResponseError>);
static_assert(is_a<TooManyRedirects, ClientResponseError>);
static_assert(is_a<ClientPayloadError, ClientError>);
static_assert(is_a<InvalidURL, ClientError, ValueError>);
static_assert(is_a<InvalidUrlClientError, InvalidURL>);
static_assert(is_a<NonHttpUrlClientError, ClientError, ValueError>);
static_assert(is_a<InvalidUrlRedirectClientError, InvalidUrlClientError, RedirectClientError, ClientError>);
static_assert(is_a<NonHttpUrlRedirectClientError, NonHttpUrlClientError, RedirectClientError, ClientError>);
static_assert(!std::convertible_to<const ClientConnectionError*, const ClientResponseError*>);

template <class E>
std::string text_by(const std::exception_ptr& error) {
    const E* caught = exception_ptr_cast<E>(error);
    return caught ? caught->what() : "not caught";
}

TEST(ClientErrors, TellTheSameByEachOfTheirBases) {
    const auto error = std::make_exception_ptr(InvalidUrlRedirectClientError("http:///", "no host"));
    EXPECT_EQ(text_by<std::exception>(error), "http:/// - no host");
    EXPECT_EQ(text_by<ClientError>(error), "http:/// - no host");
    EXPECT_EQ(text_by<RedirectClientError>(error), "http:/// - no host");
    EXPECT_EQ(text_by<ValueError>(error), "http:/// - no host");
    const auto reset = std::make_exception_ptr(ClientConnectionResetError());
    EXPECT_EQ(text_by<ClientConnectionError>(reset), "Cannot write to closing transport");
    EXPECT_EQ(text_by<OSError>(reset), "Cannot write to closing transport");
    const auto late = std::make_exception_ptr(ConnectionTimeoutError("connecting to a.test"));
    EXPECT_EQ(text_by<TimeoutError>(late), "connecting to a.test: timed out");
    EXPECT_EQ(text_by<ClientError>(late), "connecting to a.test: timed out");
}

TEST(ClientErrors, OfAConnectorHaveTheSystemsErrorInside) {
    const ConnectionTarget target{"a.test", 443, true};
    const auto refused = make_os_error(ECONNREFUSED, "connect");
    const ClientConnectorError error(target, refused);
    EXPECT_EQ(error.host(), "a.test");
    EXPECT_EQ(error.port(), 443);
    EXPECT_TRUE(error.is_ssl());
    EXPECT_EQ(error.error_number(), ECONNREFUSED);
    EXPECT_EQ(error.cause(), refused);
    EXPECT_STREQ(error.os_error().what(), "connect: Connection refused");
    EXPECT_STREQ(error.what(), "Cannot connect to host a.test:443 ssl:default [connect: Connection refused]");
    const ClientConnectorError plain({"::1", 80, false}, refused);
    EXPECT_STREQ(plain.what(), "Cannot connect to host [::1]:80 [connect: Connection refused]");
    const ClientConnectorDNSError unknown(target, std::make_exception_ptr(gaierror(EAI_NONAME, "a.test")));
    EXPECT_EQ(unknown.error_number(), EAI_NONAME);
    EXPECT_EQ(unknown.code(), gaierror(EAI_NONAME, "").code());
    const UnixClientConnectorError no_file("/run/x", ConnectionTarget(), refused);
    EXPECT_EQ(no_file.path(), "/run/x");
    EXPECT_STREQ(no_file.what(), "Cannot connect to unix socket /run/x [connect: Connection refused]");
    EXPECT_THROW(ClientConnectorError(target, std::make_exception_ptr(RuntimeError("x"))), TypeError);
    EXPECT_THROW(ClientConnectorError(target, nullptr), TypeError);
}

TEST(ClientErrors, OfTlsHaveItsErrorInside) {
    const ConnectionTarget target{"a.test", 443, true};
    const auto refused =
        std::make_exception_ptr(ssl::SSLCertVerificationError(10, "certificate has expired"));
    const ClientConnectorCertificateError certificate(target, refused);
    EXPECT_EQ(certificate.certificate_error().verify_code(), 10);
    EXPECT_EQ(&certificate.ssl_error(), &certificate.certificate_error());
    const ClientConnectorSSLError handshake(
        target, std::make_exception_ptr(ssl::SSLError("no", "SSL", "WRONG_VERSION_NUMBER")));
    EXPECT_EQ(handshake.ssl_error().reason(), "WRONG_VERSION_NUMBER");
    EXPECT_THROW(ClientConnectorSSLError(target, make_os_error(ECONNRESET, "read")), TypeError);
    EXPECT_THROW(ClientConnectorCertificateError(target, handshake.cause()), TypeError);
    const ServerFingerprintMismatch pinned("\x01\xab", "\x02\xff", target);
    EXPECT_STREQ(pinned.what(), "the certificate of a.test:443 has the fingerprint 02ff, expected 01ab");
}

TEST(ClientErrors, OfAResponseTellWhatWasSentAndReceived) {
    const RequestInfo info{"http://a.test/x", "GET", Headers{{"X-Mine", "1"}}, "http://a.test/x#part"};
    const std::vector<RedirectInfo> history = {{302, "Found", "http://a.test/", "GET"}};
    const ClientResponseError error(info, history, 404, "Not Found", Headers{{"Server", "s"}});
    const ClientResponseError copy = error;
    EXPECT_EQ(&copy.headers(), &error.headers());
    EXPECT_EQ(copy.status(), 404);
    EXPECT_EQ(copy.message(), "Not Found");
    EXPECT_EQ(copy.headers().get("server"), "s");
    EXPECT_EQ(copy.request_info().headers.get("x-mine"), "1");
    EXPECT_EQ(copy.history().at(0).url, URL("http://a.test/"));
    EXPECT_STREQ(copy.what(), "404, message='Not Found', url='http://a.test/x#part'");
}

}  // namespace
}  // namespace aio::tests
