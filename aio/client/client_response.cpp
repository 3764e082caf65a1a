// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/client_response.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/client/exchange/text_impl.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/syntax_impl.hpp>

namespace aio::http {

ClientResponse::ClientResponse(std::unique_ptr<detail::ResponseState> state) noexcept
    : state_(std::move(state)) {}
ClientResponse::ClientResponse(ClientResponse&&) noexcept = default;
ClientResponse& ClientResponse::operator=(ClientResponse&& other) noexcept {
    release();
    state_ = std::move(other.state_);
    return *this;
}
ClientResponse::~ClientResponse() { release(); }

detail::ResponseState& ClientResponse::state(const char* call) const {
    if (!state_) aio::detail::raise_empty_handle(call);
    return *state_;
}

// --- the head -------------------------------------------------------------------------------------

int ClientResponse::status() const { return state("ClientResponse.status()").status; }
const std::string& ClientResponse::reason() const { return state("ClientResponse.reason()").reason; }
HttpVersion ClientResponse::version() const { return state("ClientResponse.version()").version; }
const std::string& ClientResponse::method() const { return state("ClientResponse.method()").method; }
const URL& ClientResponse::url() const { return state("ClientResponse.url()").url; }
const URL& ClientResponse::real_url() const {
    const detail::ResponseState& here = state("ClientResponse.real_url()");
    return here.real_url ? *here.real_url : here.url;
}
std::string ClientResponse::host() const { return url().host().value_or(""); }
const Headers& ClientResponse::headers() const { return state("ClientResponse.headers()").headers; }
std::vector<Field> ClientResponse::raw_headers() const { return {headers().begin(), headers().end()}; }

std::vector<Cookie> ClientResponse::cookies() const {
    std::vector<Cookie> cookies;
    for (const std::string_view text : headers().getall(hdrs::SET_COOKIE)) {
        if (auto cookie = parse_set_cookie(text)) cookies.push_back(std::move(*cookie));
    }
    return cookies;
}

std::vector<Link> ClientResponse::links() const {
    std::vector<Link> links;
    for (const std::string_view text : headers().getall(hdrs::LINK)) {
        for (Link& link : parse_links(text)) {
            try {
                link.target = url().join(URL(link.target)).str();
            } catch (const ValueError&) {  // no URL: as it is
            }
            links.push_back(std::move(link));
        }
    }
    return links;
}

std::string ClientResponse::content_type() const {
    const auto type = ContentType::parse(headers().get(hdrs::CONTENT_TYPE, ""));
    return type ? type->essence() : "application/octet-stream";
}

std::optional<std::string> ClientResponse::charset() const {
    const auto type = ContentType::parse(headers().get(hdrs::CONTENT_TYPE, ""));
    return type ? type->charset() : std::nullopt;
}

std::optional<std::uint64_t> ClientResponse::content_length() const {
    const auto text = headers().get(hdrs::CONTENT_LENGTH);
    return text ? syntax::parse_digits(*text) : std::nullopt;
}

std::optional<ContentDisposition> ClientResponse::content_disposition() const {
    const auto text = headers().get(hdrs::CONTENT_DISPOSITION);
    return text ? ContentDisposition::parse(*text) : std::nullopt;
}

const std::vector<RedirectInfo>& ClientResponse::history() const {
    return state("ClientResponse.history()").history;
}
RequestInfo ClientResponse::request_info() const {
    return state("ClientResponse.request_info()").request_info();
}

// --- the body -------------------------------------------------------------------------------------

StreamReader& ClientResponse::content() const { return state("ClientResponse.content()").body.content(); }

Coro<const std::string&> ClientResponse::read(std::uint64_t max_size) {
    detail::ResponseState& here = state("ClientResponse.read()");
    return detail::read_whole(here, max_size);
}

Coro<std::string> ClientResponse::text(std::string encoding, std::string errors) {
    detail::ResponseState& here = state("ClientResponse.text()");
    const std::string& body = co_await detail::read_whole(here, kNoLimit);
    if (encoding.empty()) encoding = get_encoding();
    co_return detail::decode_text(body, encoding, errors);
}

Coro<std::string> ClientResponse::json_text(std::string content_type) {
    detail::ResponseState& here = state("ClientResponse.json()");
    const std::string& body = co_await detail::read_whole(here, kNoLimit);
    const std::string own_type = this->content_type();
    if (!content_type.empty() && !detail::is_expected_type(own_type, content_type)) {
        throw ContentTypeError(here.request_info(), here.history, here.status,
                               "Attempt to decode JSON with unexpected mimetype: " + own_type, here.headers);
    }
    co_return detail::decode_text(body, get_encoding(), "strict");
}

std::string ClientResponse::get_encoding() const {
    const detail::ResponseState& here = state("ClientResponse.get_encoding()");
    if (auto named = charset(); named && detail::is_known_encoding(*named)) return *named;
    const std::string type = content_type();
    if (type == "application/json" || type == "application/rdap+json") return "utf-8";
    const auto& resolver = here.session->options.fallback_charset_resolver();
    if (!resolver) return "utf-8";
    if (!here.whole_body) throw RuntimeError("Cannot compute fallback encoding of a not yet read body");
    return resolver(*this, *here.whole_body);
}

// --- the end --------------------------------------------------------------------------------------

void ClientResponse::raise_for_status() {
    detail::ResponseState& here = state("ClientResponse.raise_for_status()");
    if (here.status < 400) return;
    here.body.release();
    throw ClientResponseError(here.request_info(), here.history, here.status, here.reason, here.headers);
}

void ClientResponse::release() noexcept {
    if (state_) state_->body.release();
}

void ClientResponse::close() noexcept {
    if (state_) state_->body.close(std::make_exception_ptr(ConnectionClosedError("Connection closed")));
}

bool ClientResponse::closed() const noexcept { return !state_ || state_->body.closed(); }

std::uint64_t ClientResponse::output_size() const {
    const detail::ResponseState& here = state("ClientResponse.output_size()");
    return here.sent_at_once + here.body.uploaded();
}

bool ClientResponse::upload_complete() const {
    return state("ClientResponse.upload_complete()").body.upload_complete();
}

std::string ClientResponse::repr() const {
    if (!state_) return "<ClientResponse (empty)>";
    return "<ClientResponse(" + real_url().str() + ") [" + std::to_string(status()) + ' ' + reason() +
           "]>\n" + std::string(headers().text());
}

}  // namespace aio::http
