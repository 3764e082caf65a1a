// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/forms/post_data.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace aio::http {

class StreamReader;

/// What read_post() puts up with. What exceeds a limit is an HttpProcessingError with the code 413.
class PostOptions {
public:
    PostOptions() {}

    /// How many bytes the body may have, without its transfer coding; 0: any number. Default: 1 MiB, as
    /// aiohttp's client_max_size.
    PostOptions& max_size(std::uint64_t bytes) & noexcept AIO_LIFETIME_BOUND {
        max_size_ = bytes;
        return *this;
    }
    PostOptions&& max_size(std::uint64_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_size(bytes));
    }
    /// How many fields there may be, files among them. Default: 1000.
    PostOptions& max_fields(std::size_t count) & noexcept AIO_LIFETIME_BOUND {
        max_fields_ = count;
        return *this;
    }
    PostOptions&& max_fields(std::size_t count) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_fields(count));
    }
    /// How many of them may be files. Default: 100.
    PostOptions& max_files(std::size_t count) & noexcept AIO_LIFETIME_BOUND {
        max_files_ = count;
        return *this;
    }
    PostOptions&& max_files(std::size_t count) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_files(count));
    }
    /// How many bytes all texts together may have, as they are in memory. Default: 10 MiB.
    PostOptions& max_text_size(std::size_t bytes) & noexcept AIO_LIFETIME_BOUND {
        max_text_size_ = bytes;
        return *this;
    }
    PostOptions&& max_text_size(std::size_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_text_size(bytes));
    }
    /// How many bytes of files are kept in memory, of all together; what is more goes into temporary files.
    /// Default: 256 KiB.
    PostOptions& spool_size(std::size_t bytes) & noexcept AIO_LIFETIME_BOUND {
        spool_size_ = bytes;
        return *this;
    }
    PostOptions&& spool_size(std::size_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(spool_size(bytes));
    }
    /// Where temporary files are. Default: fs::gettempdir().
    PostOptions& dir(std::string path) & AIO_LIFETIME_BOUND {
        dir_ = std::move(path);
        return *this;
    }
    PostOptions&& dir(std::string path) && AIO_LIFETIME_BOUND { return std::move(dir(std::move(path))); }

    std::uint64_t max_size() const noexcept { return max_size_; }
    std::size_t max_fields() const noexcept { return max_fields_; }
    std::size_t max_files() const noexcept { return max_files_; }
    std::size_t max_text_size() const noexcept { return max_text_size_; }
    std::size_t spool_size() const noexcept { return spool_size_; }
    const std::string& dir() const noexcept AIO_LIFETIME_BOUND { return dir_; }

private:
    std::uint64_t max_size_ = std::uint64_t{1} << 20;
    std::size_t max_fields_ = 1000;
    std::size_t max_files_ = 100;
    std::size_t max_text_size_ = std::size_t{10} << 20;
    std::size_t spool_size_ = std::size_t{256} << 10;
    std::string dir_;
};

/// Reads the body of a request that sends a form: application/x-www-form-urlencoded, or multipart/form-data,
/// whose files are written to temporary ones while they arrive. Of another content type nothing is read, and
/// there are no fields. What web::Request::post() does.
///
/// Texts are UTF-8; of another character set, which the content type, the part or a field "_charset_" before
/// it names, they are converted. What is no text in it is U+FFFD. A part that says that it is no text stays
/// as it is.
///
/// Throws kinds of HttpProcessingError, whose code is to be answered: 413 for what exceeds the options, 400
/// for what is no such form; what the body throws; OSError if a file cannot be written.
/// Cancellation: immediate; nothing is left of the files.
/// Lifetime: `content` must last until it has ended. Threads: the loop's.
Coro<PostData> read_post(StreamReader& content, std::string content_type,
                         PostOptions options = PostOptions());

}  // namespace aio::http
