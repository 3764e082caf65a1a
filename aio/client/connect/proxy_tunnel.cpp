// SPDX-License-Identifier: MIT
#include <aio/client/auth/basic_auth.hpp>
#include <aio/client/connect/connection_key_impl.hpp>
#include <aio/client/connect/proxy_tunnel_impl.hpp>
#include <aio/client/errors.hpp>
#include <aio/http/error.hpp>
#include <aio/http/hdrs.hpp>

#include <optional>
#include <utility>

namespace aio::http::detail {
namespace {

/// More than that before the answer is no proxy that means well.
constexpr int kMostInterimOfProxy = 100;

struct Answer {
    int status = 0;
    std::string reason;
    Headers headers;
};

std::string authority_of(const URL& url) {
    const std::string host = host_of(url);
    const bool in_brackets = host.find(':') != std::string::npos;
    return (in_brackets ? '[' + host + ']' : host) + ':' + std::to_string(*url.port());
}

std::string head_of(const ConnectRequest& request, const std::string& authority) {
    Headers headers;
    headers.set(hdrs::HOST, authority);
    const std::string authorization = proxy_authorization_of(request);
    if (!authorization.empty()) headers.set(hdrs::PROXY_AUTHORIZATION, authorization);
    headers.update(request.proxy_headers);
    std::string head = "CONNECT " + authority + " HTTP/1.1\r\n";
    headers.append_to(head);
    return head += "\r\n";
}

Answer answer_of(const ResponseHead& head) {
    Answer answer;
    answer.status = head.status;
    answer.reason = head.reason;
    for (const Field& field : head.fields) answer.headers.add(HeaderName(field.name), field.value);
    return answer;
}

// The head of the answer, which is consumed; what follows it is not.
Coro<Answer> read_answer(const aio::StreamReader& reader) {
    ResponseParser parser;
    parser.next("CONNECT");
    std::optional<Answer> answer;
    for (int interim = 0; interim <= kMostInterimOfProxy;) {
        const auto step = parser.parse(reader.buffered());
        if (step == MessageParser::Step::head) answer = answer_of(parser.head());
        reader.consume(parser.consumed());
        if (answer && answer->status >= 200) co_return std::move(*answer);
        if (step == MessageParser::Step::end) {  // behind an interim answer
            parser.next("CONNECT");
            ++interim;
        }
        if (step != MessageParser::Step::need_data) continue;
        const std::size_t wanted = parser.wanted();
        const auto data = co_await reader.fill(wanted);
        if (data.size() < wanted) throw ServerDisconnectedError("the proxy has closed the connection");
    }
    throw BadHttpMessage("too many interim responses");
}

}  // namespace

std::string proxy_authorization_of(const ConnectRequest& request) {
    if (request.proxy_authorization) return *request.proxy_authorization;
    const std::optional<std::string> user = request.proxy->user();
    if (!user && !request.proxy->raw_password()) return std::string();
    return encode_basic_auth(user.value_or(std::string()), request.proxy->password().value_or(std::string()));
}

Coro<> open_tunnel(ConnectionState& connection, const ConnectRequest& request) {
    const URL& url = request.url;
    connection.writer().write(head_of(request, authority_of(url)));
    co_await connection.writer().drain();
    Answer answer;
    try {
        answer = co_await read_answer(connection.reader());
    } catch (const HttpProcessingError& error) {
        answer.status = error.code();
        answer.reason = error.what();
    }
    if (answer.status / 100 == 2) co_return;
    RequestInfo info;
    info.method = "CONNECT";
    info.url = info.real_url = request.proxy->with_user(std::nullopt);  // the message is no place for secrets
    throw ClientHttpProxyError(std::move(info), {}, answer.status, std::move(answer.reason),
                               std::move(answer.headers));
}

}  // namespace aio::http::detail
