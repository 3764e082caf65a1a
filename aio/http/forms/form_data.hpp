// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/streams/stream_reader.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// Keyword arguments of FormData.
class FormOptions {
public:
    FormOptions() {}

    /// Whether names in multipart/form-data are written as browsers do: the quotation mark and line breaks
    /// are
    /// "%22", "%0D" and "%0A", and a backslash is doubled, so that nobody takes it for an escape. If not,
    /// both are behind a backslash, and line breaks are refused; for servers that undo no "%22". Default:
    /// yes.
    FormOptions& quote_fields(bool quote) & noexcept AIO_LIFETIME_BOUND {
        quote_fields_ = quote;
        return *this;
    }
    FormOptions&& quote_fields(bool quote) && noexcept AIO_LIFETIME_BOUND {
        return std::move(quote_fields(quote));
    }
    /// The character set of urlencoded names and values, and of texts in multipart/form-data, which then say
    /// so. Default: UTF-8, of which nothing is said.
    FormOptions& charset(std::string_view name) & AIO_LIFETIME_BOUND {
        charset_.assign(name);
        return *this;
    }
    FormOptions&& charset(std::string_view name) && AIO_LIFETIME_BOUND { return std::move(charset(name)); }

    bool quote_fields() const noexcept { return quote_fields_; }
    const std::string& charset() const noexcept AIO_LIFETIME_BOUND { return charset_; }

private:
    bool quote_fields_ = true;
    std::string charset_;
};

/// The fields of a form, as a body: urlencoded, or multipart/form-data as soon as one of them is a file or is
/// streamed. It may be sent several times, unless something in it is read once only. Mirrors
/// aiohttp.FormData. Threads: one at a time.
class FormData {
public:
    explicit FormData(const FormOptions& options = FormOptions()) : options_(options) {}
    FormData(const MultiDict& fields, const FormOptions& options = FormOptions()) : options_(options) {
        add_fields(fields);
    }

    void add_field(std::string_view name, QueryVar value);
    void add_field(std::string_view name, std::string value, const FieldOptions& options);
    void add_field(std::string_view name, AsyncGenerator<std::string> value,
                   const FieldOptions& options = FieldOptions());
    void add_field(std::string_view name, aio::StreamReader value,
                   const FieldOptions& options = FieldOptions());
    /// What is left of an open file, under its own name if `options` have none.
    void add_field(std::string_view name, fs::File value, const FieldOptions& options = FieldOptions());
    /// Whatever may be a body, with its content type if `options` have none.
    template <std::same_as<Payload> P>  // never by conversion
    void add_field(std::string_view name, P value, const FieldOptions& options = FieldOptions()) {
        add_payload(name, std::move(value), options);
    }
    void add_fields(const MultiDict& fields);

    bool is_multipart() const noexcept { return is_multipart_; }
    /// What Content-Type says of urlencoded(); of multipart() that says it itself.
    std::string content_type() const;
    /// Its fields as application/x-www-form-urlencoded. Throws RuntimeError if it is multipart,
    /// LookupError and UnicodeEncodeError as encode() does.
    std::string urlencoded() const;
    /// Its fields as multipart/form-data, also where that is not needed. Throws ValueError for a control
    /// character in a name or type, and as encode() does.
    MultipartWriter multipart() const&;
    MultipartWriter multipart() &&;

private:
    struct Field {
        std::string name;
        Payload value;
        FieldOptions options;
        bool is_text;
    };
    void add_payload(std::string_view name, Payload value, const FieldOptions& options);
    void append_to(MultipartWriter& writer, std::string_view name, Payload value, const FieldOptions& options,
                   bool is_text) const;

    std::vector<Field> fields_;
    FormOptions options_;
    bool is_multipart_ = false;
};

}  // namespace aio::http
