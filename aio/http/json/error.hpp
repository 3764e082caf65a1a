// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace aio::json {

/// A text that is no JSON, or not what it is to be: "Expecting value: line 1 column 5 (char 4)", or
/// "$.items[3].price: expected a number, found a string". Mirrors json.JSONDecodeError.
class JSONDecodeError : public ValueError {
public:
    /// At `pos`, in bytes, of `document`.
    JSONDecodeError(std::string_view msg, std::string_view document, std::size_t pos);
    /// In what `path` names of a document that is JSON.
    JSONDecodeError(std::string_view msg, std::string_view path);

    /// Without the place.
    const std::string& msg() const noexcept { return place_->msg; }
    /// "$.items[3].price"; empty where the text itself is wrong, whose place the others tell.
    const std::string& path() const noexcept { return place_->path; }
    /// Counted from 0, in bytes.
    std::size_t pos() const noexcept { return place_->pos; }
    /// Counted from 1, in characters; 0 where there is a path().
    std::size_t lineno() const noexcept { return place_->lineno; }
    std::size_t colno() const noexcept { return place_->colno; }

private:
    struct Place {
        std::string msg;
        std::string path;
        std::size_t pos = 0;
        std::size_t lineno = 0;
        std::size_t colno = 0;
        std::string text() const;
    };
    explicit JSONDecodeError(Place place);
    static Place find(std::string_view msg, std::string_view document, std::size_t pos);

    std::shared_ptr<const Place> place_;
};

}  // namespace aio::json
