// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/forms/content_impl.hpp>
#include <aio/http/forms/multipart_options.hpp>
#include <aio/http/headers.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace aio::http::detail {

struct PartState {
    std::shared_ptr<DelimitedContent> content;
    Headers headers;
    MultipartOptions options;
    int depth = 0;
    bool in_form = false;
    bool at_eof = false;
};

struct MultipartState {
    std::shared_ptr<Content> content;
    std::string delimiter;  // "\r\n--boundary"
    MultipartOptions options;
    std::shared_ptr<PartState> part;
    std::size_t parts = 0;
    int depth = 0;
    bool is_form = false;  // multipart/form-data
    bool begun = false;
    bool broken = false;  // by an error, or while it is within a delimiter or a head
    bool at_eof = false;
};

/// Whether `text` can be a boundary: as long as the standard allows, and on one line.
bool is_boundary(std::string_view text) noexcept;

}  // namespace aio::http::detail
