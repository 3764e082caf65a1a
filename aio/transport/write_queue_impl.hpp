// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>

#include <sys/uio.h>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace aio::detail {

/// Bytes that wait to be sent, in pieces, oldest first. Exists only while there are some.
class WriteQueue {
public:
    /// How many pieces one gathering system call takes at most.
    static constexpr std::size_t kMaxPieces = 64;

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    /// Adds a copy, joined to the last piece if that is a small copy too.
    void copy(BytesView data);
    /// Adds a string without copying it, beginning at `sent`.
    void keep(std::string&& data, std::size_t sent);
    /// Adds a view that `owner` keeps alive.
    void keep(BytesView data, std::shared_ptr<const void> owner);

    /// Describes the oldest pieces for writev(); returns how many.
    std::size_t gather(std::span<iovec, kMaxPieces> out) const noexcept;
    /// Forgets the oldest `count` bytes. The pieces that are sent so stay until take_sent().
    void consume(std::size_t count) noexcept;
    /// Gives the owner of a piece that is sent, null when there is none left. To be called after consume()
    /// until then: an owner's deleter is user code, which may come back to the queue or end it.
    std::shared_ptr<const void> take_sent() noexcept;

private:
    struct Shared {
        BytesView data;
        std::shared_ptr<const void> owner;
    };
    struct Copied {
        std::string text;
    };
    struct Piece {
        std::variant<Copied, std::string, Shared> bytes;
        BytesView view() const noexcept;
    };

    std::vector<Piece> pieces_;
    std::size_t freed_ = 0;   // pieces before it are sent and hold nothing
    std::size_t first_ = 0;   // pieces before it are sent
    std::size_t offset_ = 0;  // bytes of the first one that are sent
    std::size_t size_ = 0;
};

}  // namespace aio::detail
