// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary.
#include "support/chained_setters.hpp"

#include <aio/client/client_session.hpp>

#include <any>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace aio::http {
namespace {

using namespace std::chrono_literals;
using tests::expect_chained;

template <class Set>
void expect_of_session(Set set) {
    expect_chained<SessionOptions>([] { return SessionOptions(); }, set);
}
template <class Set>
void expect_of_timeout(Set set) {
    expect_chained<ClientTimeout>([] { return ClientTimeout(); }, set);
}
template <class Set>
void expect_of_request(Set set) {
    const ClientSession session;
    expect_chained<RequestBuilder>([&] { return session.post("http://h/"); }, set);
}

Coro<> check(ClientResponse&) { co_return; }
Coro<ClientResponse> pass(ClientRequest& request, ClientHandler next) { return next(request); }

TEST(ClientSetters, OfSessions) {
    expect_of_session(SETTER(base_url("http://h/")));
    expect_of_session(SETTER(headers(Headers())));
    expect_of_session(SETTER(header("A", "b")));
    expect_of_session(SETTER(cookie("a", "b")));
    expect_of_session(SETTER(skip_auto_header("A")));
    expect_of_session(SETTER(connector(nullptr)));
    expect_of_session(SETTER(connector_owner(false)));
    expect_of_session(SETTER(timeout(1s)));
    expect_of_session(SETTER(raise_for_status(true)));
    expect_of_session(SETTER(raise_for_status(check)));
    expect_of_session(SETTER(auto_decompress(false)));
    expect_of_session(SETTER(decompress_limits(DecompressorOptions())));
    expect_of_session(SETTER(ssl(nullptr)));
    expect_of_session(SETTER(trust_env(true)));
    expect_of_session(SETTER(proxy("http://p/")));
    expect_of_session(SETTER(proxy_headers(Headers())));
    expect_of_session(SETTER(basic_auth("a", "b")));
    expect_of_session(SETTER(requote_redirect_url(false)));
    expect_of_session(SETTER(trace_config(TraceConfig())));
    expect_of_session(SETTER(middleware(pass)));
    expect_of_session(SETTER(read_bufsize(1)));
    expect_of_session(SETTER(version(kHttpVersion10)));
    expect_of_session(SETTER(max_line_size(1)));
    expect_of_session(SETTER(max_field_size(1)));
    expect_of_session(SETTER(max_headers(1)));
    expect_of_session(SETTER(
        fallback_charset_resolver([](const ClientResponse&, const std::string&) { return "latin-1"; })));
}

TEST(ClientSetters, OfTimeouts) {
    expect_of_timeout(SETTER(total(1s)));
    expect_of_timeout(SETTER(connect(1s)));
    expect_of_timeout(SETTER(sock_connect(std::nullopt)));
    expect_of_timeout(SETTER(sock_read(1s)));
    expect_of_timeout(SETTER(ceil_threshold(1s)));
}

TEST(ClientSetters, OfTraces) {
    expect_chained<TraceConfig>(
        [] { return TraceConfig(); },
        SETTER(trace_config_ctx_factory([](const std::any& given) { return given; })));
}

TEST(ClientSetters, OfRequests) {
    expect_of_request(SETTER(param("a", 1)));
    expect_of_request(SETTER(params("a=1")));
    expect_of_request(SETTER(params(MultiDict())));
    expect_of_request(SETTER(header("A", "b")));
    expect_of_request(SETTER(headers(Headers())));
    expect_of_request(SETTER(skip_auto_header("A")));
    expect_of_request(SETTER(cookie("a", "b")));
    expect_of_request(SETTER(basic_auth("a", "b")));
    expect_of_request(SETTER(data(Payload())));
    expect_of_request(SETTER(compress()));
    expect_of_request(SETTER(chunked()));
    expect_of_request(SETTER(expect100()));
    expect_of_request(SETTER(timeout(1s)));
    expect_of_request(SETTER(allow_redirects(false)));
    expect_of_request(SETTER(max_redirects(1)));
    expect_of_request(SETTER(raise_for_status()));
    expect_of_request(SETTER(raise_for_status(check)));
    expect_of_request(SETTER(auto_decompress(false)));
    expect_of_request(SETTER(decompress_limits(DecompressorOptions())));
    expect_of_request(SETTER(read_until_eof(false)));
    expect_of_request(SETTER(read_bufsize(1)));
    expect_of_request(SETTER(max_line_size(1)));
    expect_of_request(SETTER(max_field_size(1)));
    expect_of_request(SETTER(max_headers(1)));
    expect_of_request(SETTER(proxy("http://p/")));
    expect_of_request(SETTER(proxy_headers(Headers())));
    expect_of_request(SETTER(ssl(std::shared_ptr<TransportUpgrade>())));
    expect_of_request(SETTER(ssl(Fingerprint(std::string(32, 'x')))));
    expect_of_request(SETTER(server_hostname("h")));
    expect_of_request(SETTER(trace_request_ctx(1)));
    expect_of_request(SETTER(middleware(pass)));
    expect_of_request(SETTER(version(kHttpVersion10)));
}

TEST(ClientSetters, OfBodiesAreForOneBody) {
    const ClientSession session;
    RequestBuilder text = session.post("http://h/");
    EXPECT_EQ(&text.json_text("{}"), &text);
    EXPECT_THROW(text.form(MultiDict()), ValueError);
    RequestBuilder form = session.post("http://h/").form(MultiDict());
    EXPECT_THROW(form.data("x"), ValueError);
}

}  // namespace
}  // namespace aio::http
