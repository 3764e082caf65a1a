// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/operation_impl.hpp>
#include <aio/fs/threads_impl.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/fields/accept.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/status.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/connection/server_state_impl.hpp>
#include <aio/web/files/file_response.hpp>
#include <aio/web/files/file_state_impl.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace aio::web {
namespace detail {
namespace {

namespace hdrs = http::hdrs;

AcceptedCodings accepted_codings(const Request& request) {
    AcceptedCodings accepted;
    const auto field = request.header("Accept-Encoding");
    if (!field) return accepted;
    for (const http::AcceptItem& item : http::parse_accept(*field)) {
        if (item.quality == 0) continue;
        const auto coding = http::find_coding(item.value);
        accepted.br |= coding == http::ContentCoding::br || item.value == "*";
        accepted.gzip |= coding == http::ContentCoding::gzip || item.value == "*";
    }
    return accepted;
}

http::Validators validators_of(const OpenFile& file) {
    std::array<char, 48> tag{};
    std::snprintf(tag.data(), tag.size(), "%llx-%llx", static_cast<unsigned long long>(file.modified_ns),
                  static_cast<unsigned long long>(file.size));
    http::Validators current;
    current.etag.emplace(tag.data());
    const std::chrono::nanoseconds since(file.modified_ns);
    current.last_modified.emplace(std::chrono::floor<std::chrono::seconds>(since));
    return current;
}

}  // namespace

std::optional<http::ByteRange> FileState::select(Request& request, const OpenFile& file) {
    const http::Validators current = validators_of(file);
    headers.set(hdrs::ETAG, current.etag->str());
    headers.set(hdrs::LAST_MODIFIED, http::format_date(*current.last_modified));
    headers.set(hdrs::ACCEPT_RANGES, "bytes");
    const http::Headers& asked = request.headers();
    const http::Precondition condition = http::evaluate_preconditions(request.method(), asked, current);
    if (condition != http::Precondition::passed) {
        status = condition == http::Precondition::failed ? 412 : 304;
        return std::nullopt;
    }
    const http::ByteRange all{0, file.size};
    const auto specs = request.http_range();
    if (!specs || status != 200 || request.method() != hdrs::METH_GET) return all;
    if (!http::if_range_allows(asked, current)) return all;
    const std::vector<http::ByteRange> pieces = http::satisfiable_ranges(*specs, file.size);
    if (pieces.empty()) {
        status = 416;
        headers.set(hdrs::CONTENT_RANGE, http::ContentRange{std::nullopt, file.size}.str());
        return std::nullopt;
    }
    if (pieces.size() > 1) return all;  // as aiohttp, which knows no multipart/byteranges
    status = 206;
    headers.set(hdrs::CONTENT_RANGE, http::ContentRange{pieces[0], file.size}.str());
    return pieces[0];
}

Coro<> FileState::send_plain_page(Request& request, int code) {
    status = code;
    body = http::Payload(std::to_string(code) + ": " + std::string(http::reason_phrase(code)),
                         "text/plain; charset=utf-8");
    compress = is_text = false;
    headers.popall(hdrs::CONTENT_TYPE);
    return ResponseState::send(request);
}

Coro<> FileState::send(Request& request) {
    if (prepared) throw RuntimeError("a response can be sent only once");
    const AcceptedCodings accepted = accepted_codings(request);
    std::optional<OpenFile> found = open_cached_file(place_, accepted);
    if (!found) {
        auto open = [place = place_, accepted] { return open_file(place, accepted); };
        OpenFile opened = co_await fs::detail::in_thread("open", std::move(open));
        found = std::move(opened);
    }
    const OpenFile& file = *found;
    if (file.is_folder && place_.index_url) {
        body = http::Payload(file.page, "text/html; charset=utf-8");
        co_await ResponseState::send(request);
        co_return;
    }
    if (file.error != 0) {
        const bool folder = file.is_folder && !place_.root.empty();
        const bool forbidden = folder || file.error == EACCES || file.error == EPERM;
        co_await send_plain_page(request, forbidden ? 403 : 404);
        co_return;
    }
    const http::GuessedType guessed = http::guess_type(place_.path);
    if (!headers.contains(hdrs::CONTENT_TYPE)) {
        headers.set(hdrs::CONTENT_TYPE, guessed.type.value_or("application/octet-stream"));
    }
    if (!file.coding.empty()) {
        headers.set(hdrs::CONTENT_ENCODING, file.coding);
        headers.set(hdrs::VARY, "Accept-Encoding");
    } else if (guessed.encoding) {
        headers.set(hdrs::CONTENT_ENCODING, *guessed.encoding);
    }
    const std::optional<http::ByteRange> piece = select(request, file);
    if (!piece) {
        co_await ResponseState::send(request);
        co_return;
    }
    Exchange& exchange = request.exchange();
    if (exchange.server().on_prepare) co_await exchange.server().on_prepare(request, Response(*this));
    take_framing(*this);
    http::BodyWriter& writer = exchange.begin(*this, BodyPlan{piece->size(), {}, std::nullopt});
    if (request.method() != hdrs::METH_HEAD) {
        co_await writer.sendfile(file.fd.get(), piece->start, piece->size());
    }
    exchange.end();
}

}  // namespace detail

FileResponse::FileResponse(std::string path) : Response(new detail::FileState({"", std::move(path), true})) {}
FileResponse::FileResponse(std::string path, int status) : FileResponse(std::move(path)) {
    this->status(status);
}

}  // namespace aio::web
