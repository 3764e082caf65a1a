// SPDX-License-Identifier: MIT
// The values of the other fields, and fields that are set to texts from outside.
#include <aio/http/dates.hpp>
#include <aio/http/fields/accept.hpp>
#include <aio/http/fields/conditional.hpp>
#include <aio/http/fields/forwarded.hpp>
#include <aio/http/fields/link.hpp>
#include <aio/http/fields/range.hpp>
#include <aio/http/headers.hpp>

#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace aio::tests {
namespace {

void read_ranges(std::string_view text) {
    constexpr std::uint64_t kSize = 1000;
    std::uint64_t sent = 0;
    if (const auto specs = http::parse_range(text)) {
        require(specs->size() <= http::kMostRanges, "ranges are few");
        for (const http::ByteRange& range : http::satisfiable_ranges(*specs, kSize)) {
            require(range.start < range.stop && range.stop <= kSize, "a range is inside");
            sent += range.size();
        }
    }
    require(sent <= kSize, "no byte is sent twice");
    if (const auto range = http::parse_content_range(text)) {
        require(http::parse_content_range(range->str()) == range, "a range is read as it is written");
    }
}

void read_dates(std::string_view text) {
    for (const auto date : {http::parse_date(text), http::parse_cookie_date(text)}) {
        if (date)
            require(http::parse_date(http::format_date(*date)) == date, "a date is read as it is written");
    }
}

void read_lists(std::string_view text) {
    for (const http::ETag& tag : http::parse_etags(text)) {
        require(http::ETag::parse(tag.str()) == tag, "a tag is read as it is written");
    }
    for (const http::AcceptItem& item : http::parse_accept(text)) {
        require(!item.value.empty() && item.quality >= 0 && item.quality <= 1000, "a quality is one");
    }
    constexpr std::array<std::string_view, 2> kOffers = {"gzip", "text/html"};
    http::best_coding(text, kOffers);
    http::best_media_type(text, kOffers);
    http::best_language(text, kOffers);
    http::parse_links(text);
    http::parse_forwarded(text);
}

void set_fields(std::string_view name, std::string_view value) {
    http::Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    headers.add(name, value).set("b", value).setdefault(value, name);
    const auto text = headers.text();
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    require(lines == headers.size(), "a field is a line");
    require(headers.remove(name) > 0 && !headers.contains(name), "a field is removed");
}

void evaluate(std::string_view text) {
    http::Validators current;
    current.etag.emplace("one");
    current.last_modified.emplace();
    const http::Headers request{
        {"If-Match", text}, {"If-None-Match", text}, {"If-Range", text}, {"If-Modified-Since", text}};
    http::evaluate_preconditions("GET", request, current);
    http::if_range_allows(request, current);
    request.contains_token("If-Match", text);
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    read_ranges(text);
    read_dates(text);
    read_lists(text);
    may_refuse([text] { set_fields("X-Mine", text); });
    may_refuse([text, size] { set_fields(text.substr(0, size / 2), text.substr(size / 2)); });
    may_refuse([text] { evaluate(text); });
    return 0;
}
