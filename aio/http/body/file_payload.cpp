// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file.hpp>
#include <aio/fs/open.hpp>
#include <aio/http/body/file_pieces_impl.hpp>
#include <aio/http/body/payload_contents_impl.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace aio::http::detail {
namespace {

constexpr std::size_t kFilePiece = std::size_t{64} * 1024;

/// A part of a file, as it was when it was looked at.
struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// None of what has no size: pipes, devices.
Coro<std::optional<Range>> look_at(fs::File file) {
    std::optional<Range> range;
    std::int64_t end = 0;
    if (file.rolled()) {
        const fs::Stat stat = co_await file.stat();
        if (!stat.is_file()) co_return range;
        end = stat.st_size;
    }
    const std::int64_t position = co_await file.tell();
    if (!file.rolled()) {
        end = co_await file.seek(0, SEEK_END);
        co_await file.seek(position);
    }
    range.emplace();
    range->offset = static_cast<std::uint64_t>(position);
    range->size = static_cast<std::uint64_t>(std::max(end - position, std::int64_t{0}));
    co_return range;
}

Coro<> send_all(fs::File file, BodyWriter& to) {
    for (;;) {
        const std::optional<std::string> chunk = co_await file.next_chunk(kFilePiece);
        if (!chunk) co_return;
        to.write(*chunk);
        co_await to.drain();
    }
}

Coro<> send_range(fs::File file, Range range, BodyWriter& to) {
    if (range.size == 0) co_return;
    if (file.rolled()) {
        co_await to.sendfile(file.fileno(), range.offset, range.size);
        co_return;
    }
    while (range.size > 0) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(range.size, kFilePiece));
        const std::string piece = co_await file.pread(most, static_cast<std::int64_t>(range.offset));
        if (piece.empty()) throw RuntimeError(ended_early(range.size));
        to.write(piece);
        co_await to.drain();
        range.offset += piece.size();
        range.size -= piece.size();
    }
}

Coro<> send(fs::File file, std::optional<Range> range, BodyWriter& to) {
    return range ? send_range(std::move(file), *range, to) : send_all(std::move(file), to);
}

/// A file that somebody has opened.
class FileContent final : public PayloadContent {
public:
    explicit FileContent(fs::File file) : file_(std::move(file)) {}
    std::optional<std::uint64_t> size() const override {
        return range_ ? std::optional(range_->size) : std::nullopt;
    }
    // Before it was looked at it may be a pipe.
    bool repeatable() const noexcept override { return range_.has_value(); }
    bool prepared() const noexcept override { return looked_at_; }
    Coro<> prepare() override {
        if (looked_at_) co_return;
        const std::optional<Range> range = co_await look_at(file_);
        range_ = range;
        looked_at_ = true;
    }
    Coro<> write(BodyWriter& to) override {
        co_await prepare();
        if (std::exchange(sent_, true) && !range_) raise_sent_before();
        co_await send(file_, range_, to);
    }

private:
    fs::File file_;
    std::optional<Range> range_;
    bool looked_at_ = false;
    bool sent_ = false;
};

/// A file that is opened for each time that it is sent.
class PathContent final : public PayloadContent {
public:
    explicit PathContent(std::string path) : path_(std::move(path)) {}
    std::optional<std::uint64_t> size() const override {
        return range_ ? std::optional(range_->size) : std::nullopt;
    }
    bool repeatable() const noexcept override { return true; }
    bool prepared() const noexcept override { return static_cast<bool>(file_); }
    Coro<> prepare() override {
        if (file_) co_return;
        fs::File file = co_await fs::open(path_, "rb");
        const std::optional<Range> range = co_await look_at(file);
        range_ = range;
        file_ = std::move(file);
    }
    Coro<> write(BodyWriter& to) override {
        co_await prepare();
        const fs::File file = std::exchange(file_, fs::File());
        std::exception_ptr error;
        try {
            co_await send(file, range_, to);
        } catch (...) {
            error = std::current_exception();
        }
        co_await file.close();
        if (error) std::rethrow_exception(error);
    }

private:
    const std::string path_;
    fs::File file_;  ///< between prepare() and write()
    std::optional<Range> range_;
};

}  // namespace

PayloadRef content_of(fs::File file) { return std::make_shared<FileContent>(std::move(file)); }
PayloadRef content_of_path(std::string path) { return std::make_shared<PathContent>(std::move(path)); }

}  // namespace aio::http::detail
