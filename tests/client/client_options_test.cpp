// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary.
#include <aio/client/client_session.hpp>

#include <any>
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace aio::http {
namespace {

using namespace std::chrono_literals;

template <class O, class Make, class Set>
void expect_chained(Make make, Set set) {
    static_assert(std::same_as<std::invoke_result_t<Set&, O&>, O&>);
    static_assert(std::same_as<std::invoke_result_t<Set&, O>, O&&>);
    static_assert(!std::is_invocable_v<Set&, const O&>);
    O options = make();
    EXPECT_EQ(&set(options), &options);
    O&& same = set(std::move(options));
    EXPECT_EQ(&same, &options);
}

// A setter as it is called on what `o` is.
#define CLIENT_SETTER(call) \
    []<class O>(O&& o) -> decltype(std::forward<O>(o).call) { return std::forward<O>(o).call; }

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
    expect_of_session(CLIENT_SETTER(base_url("http://h/")));
    expect_of_session(CLIENT_SETTER(headers(Headers())));
    expect_of_session(CLIENT_SETTER(header("A", "b")));
    expect_of_session(CLIENT_SETTER(cookie("a", "b")));
    expect_of_session(CLIENT_SETTER(skip_auto_header("A")));
    expect_of_session(CLIENT_SETTER(connector(nullptr)));
    expect_of_session(CLIENT_SETTER(connector_owner(false)));
    expect_of_session(CLIENT_SETTER(timeout(1s)));
    expect_of_session(CLIENT_SETTER(raise_for_status(true)));
    expect_of_session(CLIENT_SETTER(raise_for_status(check)));
    expect_of_session(CLIENT_SETTER(auto_decompress(false)));
    expect_of_session(CLIENT_SETTER(decompress_limits(DecompressorOptions())));
    expect_of_session(CLIENT_SETTER(ssl(nullptr)));
    expect_of_session(CLIENT_SETTER(trust_env(true)));
    expect_of_session(CLIENT_SETTER(proxy("http://p/")));
    expect_of_session(CLIENT_SETTER(proxy_headers(Headers())));
    expect_of_session(CLIENT_SETTER(basic_auth("a", "b")));
    expect_of_session(CLIENT_SETTER(requote_redirect_url(false)));
    expect_of_session(CLIENT_SETTER(trace_config(TraceConfig())));
    expect_of_session(CLIENT_SETTER(middleware(pass)));
    expect_of_session(CLIENT_SETTER(read_bufsize(1)));
    expect_of_session(CLIENT_SETTER(version(kHttpVersion10)));
    expect_of_session(CLIENT_SETTER(max_line_size(1)));
    expect_of_session(CLIENT_SETTER(max_field_size(1)));
    expect_of_session(CLIENT_SETTER(max_headers(1)));
    expect_of_session(CLIENT_SETTER(
        fallback_charset_resolver([](const ClientResponse&, const std::string&) { return "latin-1"; })));
}

TEST(ClientSetters, OfTimeouts) {
    expect_of_timeout(CLIENT_SETTER(total(1s)));
    expect_of_timeout(CLIENT_SETTER(connect(1s)));
    expect_of_timeout(CLIENT_SETTER(sock_connect(std::nullopt)));
    expect_of_timeout(CLIENT_SETTER(sock_read(1s)));
    expect_of_timeout(CLIENT_SETTER(ceil_threshold(1s)));
}

TEST(ClientSetters, OfTraces) {
    expect_chained<TraceConfig>(
        [] { return TraceConfig(); },
        CLIENT_SETTER(trace_config_ctx_factory([](const std::any& given) { return given; })));
}

TEST(ClientSetters, OfRequests) {
    expect_of_request(CLIENT_SETTER(param("a", 1)));
    expect_of_request(CLIENT_SETTER(params("a=1")));
    expect_of_request(CLIENT_SETTER(params(MultiDict())));
    expect_of_request(CLIENT_SETTER(header("A", "b")));
    expect_of_request(CLIENT_SETTER(headers(Headers())));
    expect_of_request(CLIENT_SETTER(skip_auto_header("A")));
    expect_of_request(CLIENT_SETTER(cookie("a", "b")));
    expect_of_request(CLIENT_SETTER(basic_auth("a", "b")));
    expect_of_request(CLIENT_SETTER(data(Payload())));
    expect_of_request(CLIENT_SETTER(compress()));
    expect_of_request(CLIENT_SETTER(chunked()));
    expect_of_request(CLIENT_SETTER(expect100()));
    expect_of_request(CLIENT_SETTER(timeout(1s)));
    expect_of_request(CLIENT_SETTER(allow_redirects(false)));
    expect_of_request(CLIENT_SETTER(max_redirects(1)));
    expect_of_request(CLIENT_SETTER(raise_for_status()));
    expect_of_request(CLIENT_SETTER(raise_for_status(check)));
    expect_of_request(CLIENT_SETTER(auto_decompress(false)));
    expect_of_request(CLIENT_SETTER(decompress_limits(DecompressorOptions())));
    expect_of_request(CLIENT_SETTER(read_until_eof(false)));
    expect_of_request(CLIENT_SETTER(read_bufsize(1)));
    expect_of_request(CLIENT_SETTER(max_line_size(1)));
    expect_of_request(CLIENT_SETTER(max_field_size(1)));
    expect_of_request(CLIENT_SETTER(max_headers(1)));
    expect_of_request(CLIENT_SETTER(proxy("http://p/")));
    expect_of_request(CLIENT_SETTER(proxy_headers(Headers())));
    expect_of_request(CLIENT_SETTER(ssl(std::shared_ptr<TransportUpgrade>())));
    expect_of_request(CLIENT_SETTER(ssl(Fingerprint(std::string(32, 'x')))));
    expect_of_request(CLIENT_SETTER(server_hostname("h")));
    expect_of_request(CLIENT_SETTER(trace_request_ctx(1)));
    expect_of_request(CLIENT_SETTER(middleware(pass)));
    expect_of_request(CLIENT_SETTER(version(kHttpVersion10)));
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
