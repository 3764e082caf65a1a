// SPDX-License-Identifier: MIT
#include <aio/http/fields/content_type.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

namespace aio::http {

ContentType::ContentType(std::string_view type, std::string_view subtype) : slash_(type.size()) {
    if (!is_token(type)) syntax::raise_bad_text("not a media type", type);
    if (!is_token(subtype)) syntax::raise_bad_text("not the subtype of a media type", subtype);
    essence_ = syntax::lower(type).append("/").append(syntax::lower(subtype));
}

std::string_view ContentType::suffix() const noexcept {
    const std::size_t plus = subtype().rfind('+');
    return plus == std::string_view::npos ? std::string_view() : subtype().substr(plus + 1);
}

std::optional<std::string> ContentType::charset() const {
    const auto name = parameters_.get("charset");
    if (!name) return std::nullopt;
    return syntax::lower(*name);
}

std::string ContentType::str() const {
    std::string text = essence_;
    parameters_.append_to(text);
    return text;
}

std::optional<ContentType> ContentType::parse(std::string_view text) {
    text = syntax::trim(text);
    const std::string_view type = syntax::take_token(text);
    if (type.empty() || !text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
    const std::string_view subtype = syntax::take_token(text);
    text = syntax::trim(text);
    if (subtype.empty() || (!text.empty() && text.front() != ';')) return std::nullopt;
    std::optional<Parameters> parameters = Parameters::parse(text);
    if (!parameters) return std::nullopt;
    ContentType found(type, subtype);
    found.parameters_ = std::move(*parameters);
    return found;
}

}  // namespace aio::http
