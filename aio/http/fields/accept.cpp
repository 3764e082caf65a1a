// SPDX-License-Identifier: MIT
#include <aio/http/fields/accept.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

/// "0.5" in thousandths; -1 if it is none.
int parse_quality(std::string_view text) {
    if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return -1;
    int quality = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return -1;
    int worth = 100;
    for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (!syntax::is_digit(c)) return -1;
        quality += (c - '0') * worth;
        worth /= 10;
    }
    return quality <= 1000 ? quality : -1;
}

/// The element without its parameter q and what is behind that.
std::optional<AcceptItem> parse_item(std::string_view element) {
    std::string_view rest = element;
    std::size_t end = 0;
    AcceptItem item;
    while (const auto part = syntax::next_element(rest, ';')) {
        if (part->size() >= 2 && detail::to_lower(part->front()) == 'q' && (*part)[1] == '=' && end > 0) {
            item.quality = parse_quality(syntax::trim(part->substr(2)));
            if (item.quality < 0) return std::nullopt;
            break;
        }
        end = static_cast<std::size_t>(part->data() - element.data()) + part->size();
    }
    item.value = element.substr(0, end);
    if (item.value.empty() || item.value.front() == ';') return std::nullopt;
    return item;
}

/// How exactly an element means an offer: the larger the more; 0: not at all.
using Exactness = std::size_t (*)(std::string_view value, std::string_view offer);

std::size_t exactness_of_coding(std::string_view value, std::string_view offer) {
    if (equal_ignoring_case(value, offer)) return 2;
    return value == "*" ? 1 : 0;
}

std::size_t exactness_of_type(std::string_view value, std::string_view offer) {
    if (equal_ignoring_case(value, offer)) return 4;
    const std::string_view plain = syntax::trim(offer.substr(0, offer.find(';')));
    if (equal_ignoring_case(value, plain)) return 3;
    if (value == "*/*") return 1;
    const bool all_of_a_kind = value.ends_with("/*") && value.size() > 2;
    return all_of_a_kind &&
                   equal_ignoring_case(value.substr(0, value.size() - 1), plain.substr(0, value.size() - 1))
               ? 2
               : 0;
}

std::size_t exactness_of_language(std::string_view value, std::string_view offer) {
    if (value == "*") return 1;
    const bool begins = equal_ignoring_case(value, offer.substr(0, value.size()));
    return begins && (offer.size() == value.size() || offer[value.size()] == '-') ? value.size() + 1 : 0;
}

/// What the most exact element for an offer says; `otherwise` if there is none.
int quality_of(std::string_view offer, std::span<const AcceptItem> items, Exactness exactness,
               int otherwise) {
    std::size_t most = 0;
    int quality = otherwise;
    for (const AcceptItem& item : items) {
        const std::size_t exact = exactness(item.value, offer);
        if (exact > most) {
            most = exact;
            quality = item.quality;
        }
    }
    return quality;
}

std::optional<std::string_view> best_of(std::string_view accept, std::span<const std::string_view> offers,
                                        Exactness exactness, std::string_view always) {
    const std::vector<AcceptItem> items = parse_accept(accept);
    std::optional<std::string_view> best;
    int most = 0;
    for (const std::string_view offer : offers) {
        // What is always accepted is still the last choice.
        const int otherwise = !always.empty() && equal_ignoring_case(offer, always) ? 1 : 0;
        const int quality = quality_of(offer, items, exactness, otherwise);
        if (quality > most) {
            most = quality;
            best = offer;
        }
    }
    return best;
}

}  // namespace

std::vector<AcceptItem> parse_accept(std::string_view text) {
    std::vector<AcceptItem> items;
    while (const auto element = syntax::next_element(text)) {
        if (const auto item = parse_item(*element)) items.push_back(*item);
    }
    return items;
}

std::optional<std::string_view> best_coding(std::string_view accept,
                                            std::span<const std::string_view> offers) {
    return best_of(accept, offers, &exactness_of_coding, "identity");
}

std::optional<std::string_view> best_media_type(std::string_view accept,
                                                std::span<const std::string_view> offers) {
    return best_of(syntax::trim(accept).empty() ? "*/*" : accept, offers, &exactness_of_type, "");
}

std::optional<std::string_view> best_language(std::string_view accept,
                                              std::span<const std::string_view> offers) {
    return best_of(syntax::trim(accept).empty() ? "*" : accept, offers, &exactness_of_language, "");
}

}  // namespace aio::http
