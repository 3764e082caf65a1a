// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/forms/content_impl.hpp>

#include <algorithm>

namespace aio::http::detail {

Coro<std::string_view> StreamContent::fill(std::size_t at_least) {
    const BytesView view = co_await reader_.fill(at_least);
    co_return view.text();
}

Coro<> DelimitedContent::leave_head() {
    const std::string_view view = co_await whole_->fill(delimiter_.size());
    if (closed_) co_return;
    after_head_ = false;
    if (!view.starts_with(delimiter_)) whole_->consume(2);
}

Coro<std::string_view> DelimitedContent::fill(std::size_t at_least) {
    if (after_head_ && !closed_) co_await leave_head();
    if (closed_) co_return std::string_view();
    const std::size_t wanted = at_least + delimiter_.size();
    const std::string_view view = co_await whole_->fill(wanted);
    if (closed_) co_return std::string_view();
    const std::size_t found = view.find(delimiter_, searched_);
    if (found != view.npos) {
        searched_ = found;
        co_return view.substr(0, found);
    }
    if (view.size() < wanted) {
        throw ValueError("multipart: body ends before the boundary '" + delimiter_.substr(4) + "'");
    }
    // The beginning of one may be among the last bytes.
    searched_ = view.size() - delimiter_.size() + 1;
    co_return view.substr(0, searched_);
}

void DelimitedContent::consume(std::size_t count) {
    if (closed_) return;
    whole_->consume(count);
    searched_ -= std::min(searched_, count);
}

Coro<> skip(std::shared_ptr<Content> content) {
    for (;;) {
        const std::string_view view = co_await content->fill(1);
        if (view.empty()) co_return;
        content->consume(view.size());
    }
}

Coro<std::string> take_line(std::shared_ptr<Content> content, std::size_t limit) {
    for (std::size_t wanted = 2;;) {
        const std::string_view view = co_await content->fill(wanted);
        const std::size_t end = view.find("\r\n");
        if (end > limit && view.size() >= limit + 2) {  // with its end, of which one half may be here
            throw ValueError("multipart: a line has more than " + std::to_string(limit) + " bytes");
        }
        if (end != view.npos) {
            std::string line(view.substr(0, end));
            content->consume(end + 2);
            co_return line;
        }
        if (view.size() < wanted) throw ValueError("multipart: body ends in the middle of a line");
        wanted = view.size() + 1;
    }
}

Coro<bool> take_if(std::shared_ptr<Content> content, std::string text) {
    const std::string_view view = co_await content->fill(text.size());
    if (!view.starts_with(text)) co_return false;
    content->consume(text.size());
    co_return true;
}

}  // namespace aio::http::detail
