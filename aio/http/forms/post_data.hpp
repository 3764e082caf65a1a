// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/file.hpp>
#include <aio/http/headers.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::http {

/// A file that came with a form. Mirrors aiohttp.web.FileField. A cheap handle.
class FileField {
public:
    FileField(std::string name, std::string filename, fs::File file, std::string content_type,
              Headers headers)
        : name_(std::move(name)),
          filename_(std::move(filename)),
          file_(std::move(file)),
          content_type_(std::move(content_type)),
          headers_(std::move(headers)) {}

    /// Of the field.
    const std::string& name() const noexcept AIO_LIFETIME_BOUND { return name_; }
    /// What the peer calls it, without folders.
    const std::string& filename() const noexcept AIO_LIFETIME_BOUND { return filename_; }
    /// Its content, at the beginning: in memory if it is small, else a temporary file without a name. It is
    /// gone when the last handle is.
    const fs::File& file() const noexcept AIO_LIFETIME_BOUND { return file_; }
    /// What the peer says it is; "application/octet-stream" if it says nothing.
    const std::string& content_type() const noexcept AIO_LIFETIME_BOUND { return content_type_; }
    /// All fields of its head.
    const Headers& headers() const noexcept AIO_LIFETIME_BOUND { return headers_; }

private:
    std::string name_;
    std::string filename_;
    fs::File file_;
    std::string content_type_;
    Headers headers_;
};

/// The fields of a form that was sent, texts and files, in their order; a name may occur several times. What
/// Request::post() gives in aiohttp. Views and iterators are valid until the next change. Threads: one at a
/// time.
class PostData {
public:
    using Value = std::variant<std::string, FileField>;
    using Item = std::pair<std::string, Value>;

    void add(std::string_view name, Value value) { items_.emplace_back(std::string(name), std::move(value)); }

    /// The first text of that name; `fallback` or nothing if there is none.
    std::optional<std::string_view> get(std::string_view name) const AIO_LIFETIME_BOUND;
    std::string_view get(std::string_view name, std::string_view fallback) const AIO_LIFETIME_BOUND;
    /// The same; throws LookupError if there is none.
    std::string_view operator[](std::string_view name) const AIO_LIFETIME_BOUND;
    /// All texts of that name; none is no error.
    std::vector<std::string_view> getall(std::string_view name) const AIO_LIFETIME_BOUND;
    /// The first file of that name, null if there is none.
    const FileField* file(std::string_view name) const noexcept AIO_LIFETIME_BOUND;
    /// All files of that name.
    std::vector<FileField> files(std::string_view name) const;
    /// Whether there is a text or a file of that name.
    bool contains(std::string_view name) const noexcept;

    std::size_t size() const noexcept { return items_.size(); }
    bool empty() const noexcept { return items_.empty(); }
    std::vector<Item>::const_iterator begin() const noexcept AIO_LIFETIME_BOUND { return items_.begin(); }
    std::vector<Item>::const_iterator end() const noexcept AIO_LIFETIME_BOUND { return items_.end(); }

private:
    std::vector<Item> items_;
};

}  // namespace aio::http
