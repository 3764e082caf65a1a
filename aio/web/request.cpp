// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/fields/charset.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/web/application_state_impl.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>
#include <aio/web/exceptions.hpp>
#include <aio/web/request.hpp>
#include <aio/web/request_parts_impl.hpp>

namespace aio::web {
namespace {

using OptionalDate = std::optional<std::chrono::sys_seconds>;

OptionalDate date_of(std::optional<std::string_view> field) {
    return field ? http::parse_date(*field) : std::nullopt;
}

}  // namespace

Request::Request(detail::Exchange& exchange) noexcept : exchange_(&exchange), head_(&exchange.head()) {}
Request::~Request() = default;

void Request::reset() noexcept {
    parsed_.reset();
    storage_.clear();
    app_ = nullptr;
    client_max_size_ = exchange_->server().options.get_client_max_size();
}

detail::ParsedRequest& Request::parsed() const {
    if (!parsed_) parsed_ = std::make_unique<detail::ParsedRequest>();
    return *parsed_;
}

std::string_view Request::method() const noexcept { return head_->method; }
http::HttpVersion Request::version() const noexcept { return head_->version; }
std::string_view Request::raw_path() const noexcept { return head_->target; }
bool Request::keep_alive() const noexcept { return head_->keep_alive; }

const http::URL& Request::rel_url() const {
    std::optional<http::URL>& url = parsed().rel_url;
    if (url) return *url;
    try {
        // "//name/x" is a path here, as it is for the router, and no host.
        const std::string host(raw_path().starts_with("//") ? "http://host" : "");
        const http::URL target(host + std::string(raw_path()), http::encoded);
        url = target.is_absolute() ? target.relative() : target;
    } catch (const ValueError&) {
        throw HTTPBadRequest().text("the target of the request is no URL");
    }
    return *url;
}

http::URL Request::url() const {
    const std::string path(rel_url().raw_path_qs());
    return http::URL(std::string(scheme()) + "://" + host() + path, http::encoded);
}

std::string_view Request::target_path() const {
    const std::string_view target = raw_path();
    if (target.starts_with('/')) return target.substr(0, target.find('?'));
    return rel_url().raw_path();  // a whole URL, as for proxies
}

std::string Request::path() const { return rel_url().path(); }
std::string_view Request::path_qs() const { return rel_url().raw_path_qs(); }
std::string Request::query_string() const { return rel_url().query_string(); }

const http::MultiDict& Request::query() const {
    std::optional<http::MultiDict>& query = parsed().query;
    if (!query) query = rel_url().query();
    return *query;
}

std::string_view Request::scheme() const noexcept {
    if (clone_ && clone_->scheme) return *clone_->scheme;
    return secure() ? "https" : "http";
}

bool Request::secure() const noexcept {
    if (clone_ && clone_->scheme) return *clone_->scheme == "https";
    try {
        return transport().get_extra_info("sslcontext").has_value();
    } catch (...) {
        return false;
    }
}

std::string Request::host() const {
    if (!head_->host.empty()) return std::string(head_->host);
    return transport().sockname().str();  // no look-up of a name
}

std::string Request::remote() const {
    if (clone_ && clone_->remote) return *clone_->remote;
    return transport().peername().host();
}

std::vector<http::Parameters> Request::forwarded() const {
    std::vector<http::Parameters> all;
    for (const std::string_view field : headers().getall(http::hdrs::FORWARDED)) {
        for (http::Parameters& one : http::parse_forwarded(field)) all.push_back(std::move(one));
    }
    return all;
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
    return head_->get(name);
}

const http::Headers& Request::headers() const {
    std::optional<http::Headers>& headers = parsed().headers;
    if (headers) return *headers;
    http::Headers made;
    for (const http::Field& field : raw_headers()) made.add(http::HeaderName(field.name), field.value);
    headers = std::move(made);
    return *headers;
}

std::span<const http::Field> Request::raw_headers() const noexcept { return head_->fields; }

const std::vector<http::CookiePair>& Request::cookies() const {
    std::optional<std::vector<http::CookiePair>>& cookies = parsed().cookies;
    if (!cookies) cookies = http::parse_cookie_header(header("Cookie").value_or(""));
    return *cookies;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (const http::CookiePair& cookie : cookies()) {
        if (cookie.name == name) return cookie.value;
    }
    return std::nullopt;
}

std::string Request::content_type() const {
    const auto type = http::ContentType::parse(header("Content-Type").value_or(""));
    return type ? type->essence() : "application/octet-stream";
}

std::optional<std::string> Request::charset() const {
    const auto type = http::ContentType::parse(header("Content-Type").value_or(""));
    return type ? type->charset() : std::nullopt;
}

std::optional<std::uint64_t> Request::content_length() const noexcept { return head_->content_length; }

OptionalDate Request::if_modified_since() const { return date_of(header("If-Modified-Since")); }
OptionalDate Request::if_unmodified_since() const { return date_of(header("If-Unmodified-Since")); }
OptionalDate Request::if_range() const { return date_of(header("If-Range")); }
std::vector<http::ETag> Request::if_match() const {
    return http::parse_etags(header("If-Match").value_or(""));
}
std::vector<http::ETag> Request::if_none_match() const {
    return http::parse_etags(header("If-None-Match").value_or(""));
}
std::optional<std::vector<http::RangeSpec>> Request::http_range() const {
    const auto field = header("Range");
    return field ? http::parse_range(*field) : std::nullopt;
}

bool Request::body_exists() const noexcept {
    const http::RequestHead& head = *head_;
    return head.chunked || head.content_length.value_or(0) != 0;
}
bool Request::can_read_body() const noexcept { return body_exists() && !exchange_->content().at_eof(); }
http::StreamReader& Request::content() noexcept { return exchange_->content(); }
std::uint64_t Request::client_max_size() const noexcept { return client_max_size_; }

Coro<std::string> Request::read() {
    std::optional<std::string>& body = parsed().body;
    if (body) co_return *body;
    const std::uint64_t announced = content_length().value_or(0);
    if (announced > client_max_size_) throw HTTPRequestEntityTooLarge(client_max_size_, announced);
    try {
        body = co_await content().read_all(client_max_size_);
    } catch (const LimitOverrunError& e) {
        throw HTTPRequestEntityTooLarge(client_max_size_, e.consumed());
    }
    co_return *body;
}

Coro<std::string> Request::text() {
    std::string body = co_await read();
    const std::string charset = this->charset().value_or("utf-8");
    try {
        co_return http::decode(std::move(body), charset);
    } catch (const LookupError&) {
        throw HTTPUnsupportedMediaType().text("unknown charset " + charset);
    } catch (const ValueError& e) {
        raise_bad_request(e.what());
    }
}

void Request::raise_bad_request(std::string reason) { throw HTTPBadRequest().text(std::move(reason)); }

void Request::check_json(std::string_view content_type) const {
    if (content_type.empty()) return;
    const std::string type = this->content_type();
    if (type == content_type || type.ends_with("+json")) return;
    raise_bad_request("the content type is " + type + ", not " + std::string(content_type));
}

Coro<http::PostData> Request::post(http::PostOptions options) {
    options.max_size(client_max_size_);
    return http::read_post(content(), std::string(header("Content-Type").value_or("")), std::move(options));
}

http::MultipartReader Request::multipart() {
    try {
        return http::MultipartReader(header("Content-Type").value_or(""), content());
    } catch (const ValueError& e) {
        raise_bad_request(e.what());
    }
}

Coro<> Request::release() {
    while (!content().at_eof()) {
        const auto chunk = co_await content().next_chunk();
        if (!chunk) break;
    }
}

Application Request::app() const {
    if (!app_) throw RuntimeError("a request that no application answers has none");
    return Application(app_->shared_from_this());
}

void* Request::find_config(const std::type_info& type) const {
    const UrlDispatcher* router = app_ ? &app_->router : nullptr;
    for (; router; router = router->parent()) {
        const auto* const app = static_cast<const detail::ApplicationState*>(router->owner());
        if (void* const found = app ? app->storage.find(type) : nullptr) return found;
    }
    detail::Storage::raise_missing("no application on the way to the handler", type);
}

Transport& Request::transport() const noexcept { return exchange_->stream().transport(); }
std::any Request::get_extra_info(std::string_view name) const { return transport().get_extra_info(name); }

std::string Request::repr() const {
    return "<Request " + std::string(method()) + " " + std::string(raw_path()) + ">";
}

}  // namespace aio::web
