// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/status.hpp>
#include <aio/web/exceptions.hpp>

#include <algorithm>

namespace aio::web {
namespace {

bool is_empty(int status) { return status == 204 || status == 205 || status == 304; }

}  // namespace

HTTPException::HTTPException(int status)
    : response_(status), what_(std::to_string(status) + ": " + std::string(http::reason_phrase(status))) {
    if (!is_empty(status)) response_.text(what_);
}

HTTPMove::HTTPMove(int status, std::string_view location) : HTTPRedirection(status) {
    if (location.empty()) throw ValueError("a redirection needs a location");
    response_.header(http::hdrs::LOCATION, location);
}

std::string_view HTTPMove::location() const noexcept {
    return response_.headers().get(http::hdrs::LOCATION, "");
}

HTTPMethodNotAllowed::HTTPMethodNotAllowed(std::string_view method, std::vector<std::string> allowed_methods)
    : HTTPAnswer(405), method_(method), allowed_methods_(std::move(allowed_methods)) {
    std::ranges::sort(allowed_methods_);
    std::string allow;
    for (const std::string& one : allowed_methods_) {
        if (!allow.empty()) allow += ',';
        allow += one;
    }
    response_.header(http::hdrs::ALLOW, allow);
}

HTTPRequestEntityTooLarge::HTTPRequestEntityTooLarge(std::uint64_t max_size, std::uint64_t actual_size)
    : HTTPAnswer(413) {
    response_.text("Maximum request body size " + std::to_string(max_size) + " exceeded, actual body size " +
                   std::to_string(actual_size));
}

HTTPUnavailableForLegalReasons::HTTPUnavailableForLegalReasons(std::string_view link) : HTTPAnswer(451) {
    if (!link.empty()) response_.header(http::hdrs::LINK, "<" + std::string(link) + ">; rel=\"blocked-by\"");
}

}  // namespace aio::web
