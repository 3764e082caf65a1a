// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/transport/write_piece.hpp>

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
    /// How many pieces one gathering system call takes at most: more are faster still, but stand on the
    /// stack.
    static constexpr std::size_t kMaxPieces = 256;

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    // Each adds all or, if there is no memory, nothing. `sent` is how much of it is sent already, which is
    // only so if the queue is empty.

    /// Adds a copy, joined to the last piece if that is a small copy too.
    void copy(BytesView data);
    /// Adds a string, without copying it if it is long.
    void keep(std::string&& data, std::size_t sent);
    /// Adds a view that `owner` keeps alive. Moved from if that succeeds.
    void keep(BytesView data, std::shared_ptr<const void>&& owner);
    void add(std::span<const BytesView> pieces, std::size_t sent);
    /// Copies what is not owned or a short string, and moves out of the others.
    void add(std::span<WritePiece> pieces, std::size_t sent);

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

    static bool keeps(const WritePiece& piece) noexcept;
    std::string* last_copy() noexcept;
    void push(Piece&& piece, std::size_t size);
    template <class F>
    void all_or_nothing(F&& add);

    std::vector<Piece> pieces_;
    std::size_t freed_ = 0;   // pieces before it are sent and hold nothing
    std::size_t first_ = 0;   // pieces before it are sent
    std::size_t offset_ = 0;  // bytes of the first one that are sent
    std::size_t size_ = 0;
};

}  // namespace aio::detail
