// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/streams/stream_reader.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::http {

/// What a form says of a field beside its name and value. Any of it makes the form multipart/form-data.
class FieldOptions {
public:
    FieldOptions() {}

    /// The name of the file that the value is the content of. A browser sends it without folders.
    FieldOptions& filename(std::string_view name) & AIO_LIFETIME_BOUND {
        filename_.emplace(name);
        return *this;
    }
    FieldOptions&& filename(std::string_view name) && AIO_LIFETIME_BOUND { return std::move(filename(name)); }
    /// Default: what the end of the file's name says, else application/octet-stream; none without a file.
    FieldOptions& content_type(std::string_view type) & AIO_LIFETIME_BOUND {
        content_type_.emplace(type);
        return *this;
    }
    FieldOptions&& content_type(std::string_view type) && AIO_LIFETIME_BOUND {
        return std::move(content_type(type));
    }

    const std::optional<std::string>& filename() const noexcept AIO_LIFETIME_BOUND { return filename_; }
    const std::optional<std::string>& content_type() const noexcept AIO_LIFETIME_BOUND {
        return content_type_;
    }

private:
    std::optional<std::string> filename_;
    std::optional<std::string> content_type_;
};

/// The fields of a form, as a body: urlencoded, or multipart/form-data as soon as one of them is a file or is
/// streamed. Mirrors aiohttp.FormData. Threads: one at a time.
///
/// In multipart/form-data the quotation mark and line breaks of names are "%22", "%0D" and "%0A", as
/// browsers send them, and a backslash is doubled, so that nobody takes it for an escape.
class FormData {
public:
    FormData() = default;
    FormData(const MultiDict& fields) { add_fields(fields); }

    void add_field(std::string_view name, QueryVar value);
    void add_field(std::string_view name, std::string value, const FieldOptions& options);
    void add_field(std::string_view name, AsyncGenerator<std::string> value, const FieldOptions& options);
    void add_field(std::string_view name, StreamReader value, const FieldOptions& options);
    void add_fields(const MultiDict& fields);

    bool is_multipart() const noexcept { return is_multipart_; }
    /// Its fields as application/x-www-form-urlencoded. Throws RuntimeError if it is multipart.
    std::string urlencoded() const;
    /// Its fields as multipart/form-data, also where that is not needed. What is streamed goes with it.
    /// Throws ValueError for a control character in a name or type.
    MultipartWriter multipart() &&;

private:
    struct Field {
        std::string name;
        std::variant<std::string, AsyncGenerator<std::string>, StreamReader> value;
        FieldOptions options;
    };

    std::vector<Field> fields_;
    bool is_multipart_ = false;
};

}  // namespace aio::http
