// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/basic_auth.hpp>
#include <aio/client/exchange/client_call_impl.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/client/request_builder.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/url/query.hpp>

namespace aio::http {

RequestBuilder::RequestBuilder(std::shared_ptr<detail::SessionState> session, std::string_view method,
                               URL url)
    : call_(std::make_unique<detail::ClientCall>(std::move(session), method, std::move(url))) {
    call_->request.version(call_->session->options.version());
    call_->allow_redirects = call_->request.method() != "HEAD";
}
RequestBuilder::RequestBuilder(RequestBuilder&&) noexcept = default;
RequestBuilder& RequestBuilder::operator=(RequestBuilder&&) noexcept = default;
RequestBuilder::~RequestBuilder() = default;

detail::ClientCall& RequestBuilder::call() const {
    if (!call_) throw RuntimeError("the request was sent already");
    return *call_;
}

// --- what is asked --------------------------------------------------------------------------------

RequestBuilder& RequestBuilder::param(std::string_view name, QueryVar value) & {
    call().params.add(name, std::move(value));
    return *this;
}

RequestBuilder& RequestBuilder::params(const MultiDict& items) & {
    call().params.extend(items);
    return *this;
}

RequestBuilder& RequestBuilder::params(std::string_view query) & {
    return params(parse_qsl(query, ParseQslOptions().keep_blank_values(true)));
}

RequestBuilder& RequestBuilder::header(const HeaderName& name, std::string_view value) & {
    call().headers.add(name, value);
    return *this;
}

RequestBuilder& RequestBuilder::headers(const Headers& fields) & {
    call().headers.extend(fields);
    return *this;
}

RequestBuilder& RequestBuilder::skip_auto_header(std::string_view name) & {
    call().skip_auto_headers.emplace_back(name);
    return *this;
}

RequestBuilder& RequestBuilder::cookie(std::string_view name, std::string_view value) & {
    call().cookies.emplace_back(name, value);
    return *this;
}

RequestBuilder& RequestBuilder::basic_auth(std::string_view login, std::string_view password) & {
    call().authorization = encode_basic_auth(login, password);
    return *this;
}

// --- the body -------------------------------------------------------------------------------------

RequestBuilder& RequestBuilder::data(Payload body) & {
    if (call().request.shared_body()) throw ValueError("the request has a body already");
    call().request.update_body(std::move(body));
    return *this;
}

RequestBuilder& RequestBuilder::json_text(std::string text) & {
    return data(Payload(std::move(text), "application/json"));
}

RequestBuilder& RequestBuilder::form(const MultiDict& fields) & {
    return data(Payload(urlencode(fields), "application/x-www-form-urlencoded"));
}

RequestBuilder& RequestBuilder::compress(ContentCoding coding) & {
    call().request.compress(coding);
    return *this;
}

RequestBuilder& RequestBuilder::chunked(bool on) & {
    call().request.chunked(on);
    return *this;
}

RequestBuilder& RequestBuilder::expect100(Duration limit) & {
    call().request.expect100(limit);
    return *this;
}

// --- how it is answered ---------------------------------------------------------------------------

RequestBuilder& RequestBuilder::timeout(ClientTimeout limits) & {
    call().timeout = limits;
    return *this;
}

RequestBuilder& RequestBuilder::allow_redirects(bool on) & {
    call().allow_redirects = on;
    return *this;
}

RequestBuilder& RequestBuilder::max_redirects(int most) & {
    call().max_redirects = most;
    return *this;
}

RequestBuilder& RequestBuilder::raise_if_asked(bool on) {
    call().raise_for_status = on;
    return *this;
}

RequestBuilder& RequestBuilder::raise_for_status(StatusCheck check) & {
    call().status_check = std::move(check);
    return *this;
}

RequestBuilder& RequestBuilder::auto_decompress(bool on) & {
    call().auto_decompress = on;
    return *this;
}

RequestBuilder& RequestBuilder::decompress_limits(const DecompressorOptions& limits) & {
    call().decompress_limits = limits;
    return *this;
}

RequestBuilder& RequestBuilder::read_until_eof(bool on) & {
    call().read_until_eof = on;
    return *this;
}

RequestBuilder& RequestBuilder::read_bufsize(std::size_t limit) & {
    call().read_bufsize = limit;
    return *this;
}

RequestBuilder& RequestBuilder::max_line_size(std::size_t limit) & {
    call().parser_options.max_line_size(limit);
    return *this;
}

RequestBuilder& RequestBuilder::max_field_size(std::size_t limit) & {
    call().parser_options.max_field_size(limit);
    return *this;
}

RequestBuilder& RequestBuilder::max_headers(std::size_t limit) & {
    call().parser_options.max_headers(limit);
    return *this;
}

// --- how it gets there ----------------------------------------------------------------------------

RequestBuilder& RequestBuilder::proxy(URL url) & {
    call().request.proxy(std::move(url));
    return *this;
}

RequestBuilder& RequestBuilder::proxy_headers(Headers fields) & {
    call().request.proxy_headers() = std::move(fields);
    return *this;
}

RequestBuilder& RequestBuilder::ssl(std::shared_ptr<TransportUpgrade> context) & {
    call().request.ssl(std::move(context));
    return *this;
}

RequestBuilder& RequestBuilder::ssl(Fingerprint fingerprint) & {
    call().fingerprint = std::move(fingerprint);
    return *this;
}

RequestBuilder& RequestBuilder::server_hostname(std::string name) & {
    call().request.server_hostname(std::move(name));
    return *this;
}

RequestBuilder& RequestBuilder::trace_request_ctx(std::any object) & {
    call().trace_request_ctx = std::move(object);
    return *this;
}

RequestBuilder& RequestBuilder::middleware(ClientMiddleware middleware) & {
    detail::ClientCall& to = call();
    if (!to.middlewares) to.middlewares.emplace();
    to.middlewares->push_back(std::move(middleware));
    return *this;
}

RequestBuilder& RequestBuilder::version(HttpVersion version) & {
    call().request.version(version);
    return *this;
}

// --- sending --------------------------------------------------------------------------------------

Coro<ClientResponse> RequestBuilder::send() && {
    call();
    return detail::perform(std::move(call_));
}

Coro<ClientResponse&> RequestBuilder::aenter() {
    call();
    response_.emplace(co_await detail::perform(std::move(call_)));
    co_return *response_;
}

Coro<> RequestBuilder::aexit() {
    if (response_) co_await response_->state("RequestBuilder.aexit()").body.leave();
}

}  // namespace aio::http
