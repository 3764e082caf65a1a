// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/router/match_info.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <algorithm>

namespace aio::web {

std::string UrlMappingMatchInfo::allow() const {
    std::string text;
    for (const std::string_view method : allowed_) {
        if (!text.empty()) text += ',';
        text += method;
    }
    return text;
}

const Route& UrlMappingMatchInfo::route() const {
    if (route_ == nullptr) throw RuntimeError("there is no route: " + std::to_string(status()));
    return *route_;
}

std::pair<std::string_view, std::string_view> UrlMappingMatchInfo::item(std::size_t i) const {
    if (i >= count_) throw LookupError("no variable " + std::to_string(i));
    return {(*names_)[i], value(i)};
}

std::optional<std::string_view> UrlMappingMatchInfo::get(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if ((*names_)[i] == name) return value(i);
    }
    return std::nullopt;
}

std::string_view UrlMappingMatchInfo::operator[](std::string_view name) const {
    const std::optional<std::string_view> value = get(name);
    if (!value) throw LookupError("no variable '" + std::string(name) + "' in the path");
    return *value;
}

std::vector<void*> UrlMappingMatchInfo::apps() const {
    std::vector<void*> apps;
    for (const UrlDispatcher* router = router_; router != nullptr; router = router->parent()) {
        apps.push_back(router->owner());
    }
    std::reverse(apps.begin(), apps.end());
    return apps;
}

std::string UrlMappingMatchInfo::repr() const {
    if (route_ == nullptr) {
        return status() == 405 ? "<MatchInfoError 405: Method Not Allowed>"
                               : "<MatchInfoError 404: Not Found>";
    }
    std::string text = "<MatchInfo {";
    for (std::size_t i = 0; i < count_; ++i) {
        if (i > 0) text += ", ";
        text += "'" + (*names_)[i] + "': '" + std::string(value(i)) + "'";
    }
    return text + "}: " + route_->repr() + ">";
}

void UrlMappingMatchInfo::begin(std::string_view path) {
    route_ = nullptr;
    router_ = nullptr;
    count_ = 0;
    other_methods_ = false;
    allowed_.clear();
    path_ = path;
    decoded_ = !detail::is_safe_path(path);
    if (!decoded_) return;
    own_path_.clear();
    detail::append_safe_path(own_path_, path);
}

detail::PathSpan* UrlMappingMatchInfo::values(const std::vector<std::string>& names) {
    names_ = &names;
    count_ = names.size();
    if (count_ <= kFew) return few_.data();
    many_.resize(count_);
    return many_.data();
}

// A value becomes shorter, and no two overlap, so each can be decoded where it stands.
void UrlMappingMatchInfo::decode_values() {
    if (!decoded_) return;
    for (std::size_t i = 0; i < count_; ++i) {
        detail::PathSpan& span = count_ <= kFew ? few_[i] : many_[i];
        const std::size_t size = detail::decode_safe(own_path_.data() + span.begin, span.end - span.begin);
        span.end = span.begin + static_cast<std::uint32_t>(size);
    }
}

}  // namespace aio::web
