// SPDX-License-Identifier: MIT
#include <aio/transport/write_queue_impl.hpp>

namespace aio::detail {
namespace {

constexpr std::size_t kJoinUpTo = 16 * 1024;
// Where something is joined more will follow: it need not grow in small steps.
constexpr std::size_t kRoom = 1024;
// Up to this size a string is copied to those before it: cheaper than a piece of its own.
constexpr std::size_t kCopyUpTo = 1024;

}  // namespace

BytesView WriteQueue::Piece::view() const noexcept {
    if (const auto* copied = std::get_if<Copied>(&bytes)) return copied->text;
    if (const auto* text = std::get_if<std::string>(&bytes)) return *text;
    return std::get_if<Shared>(&bytes)->data;
}

std::string* WriteQueue::last_copy() noexcept {
    if (pieces_.size() == first_) return nullptr;
    Copied* const last = std::get_if<Copied>(&pieces_.back().bytes);
    return last ? &last->text : nullptr;
}

void WriteQueue::push(Piece&& piece, std::size_t size) {
    pieces_.push_back(std::move(piece));
    size_ += size;
}

void WriteQueue::copy(BytesView data) {
    if (data.empty()) return;
    std::string* const last = last_copy();
    if (last && last->size() + data.size() <= kJoinUpTo) {
        if (last->capacity() < kRoom) last->reserve(kRoom);
        *last += data.text();
        size_ += data.size();
    } else {
        push(Piece{Copied{data.str()}}, data.size());
    }
}

void WriteQueue::keep(std::string&& data, std::size_t sent) {
    if (data.size() <= kCopyUpTo) {
        copy(BytesView(data).subview(sent));
        return;
    }
    push(Piece{std::string()}, data.size() - sent);
    pieces_.back().bytes = std::move(data);
    if (sent > 0) offset_ = sent;
}

void WriteQueue::keep(BytesView data, std::shared_ptr<const void>&& owner) {
    if (data.empty()) return;
    push(Piece{Shared{data, nullptr}}, data.size());
    std::get_if<Shared>(&pieces_.back().bytes)->owner = std::move(owner);
}

// Takes back what `add` has added if it fails.
template <class F>
void WriteQueue::all_or_nothing(F&& add) {
    const std::size_t pieces = pieces_.size();
    const std::size_t size = size_;
    const std::string* const last = last_copy();
    const std::size_t last_size = last ? last->size() : 0;
    try {
        add();
    } catch (...) {
        pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(pieces), pieces_.end());
        if (std::string* const joined = last_copy()) joined->resize(last_size);
        size_ = size;
        throw;
    }
}

void WriteQueue::add(std::span<const BytesView> pieces, std::size_t sent) {
    all_or_nothing([&] {
        for (const BytesView piece : pieces) copy(piece.subview(std::exchange(sent, 0)));
    });
}

bool WriteQueue::keeps(const WritePiece& piece) noexcept {
    return piece.text_.size() > kCopyUpTo || (piece.kept_ && !piece.data_.empty());
}

void WriteQueue::add(std::span<WritePiece> pieces, std::size_t sent) {
    // First everything that may fail: copies, and room for what is kept.
    std::size_t at = pieces_.size();
    std::size_t skip = sent;
    all_or_nothing([&] {
        for (const WritePiece& piece : pieces) {
            const BytesView rest = piece.view().subview(std::exchange(skip, 0));
            if (!keeps(piece)) {
                copy(rest);
            } else if (piece.kept_) {
                push(Piece{Shared{rest, nullptr}}, rest.size());
            } else {
                push(Piece{std::string()}, rest.size());
            }
        }
    });
    if (sent > 0 && !pieces.front().kept_ && keeps(pieces.front())) offset_ = sent;
    for (WritePiece& piece : pieces) {
        if (!keeps(piece)) continue;
        while (std::holds_alternative<Copied>(pieces_[at].bytes)) ++at;
        Piece& kept = pieces_[at++];
        if (Shared* const shared = std::get_if<Shared>(&kept.bytes)) {
            shared->owner = std::move(piece.owner_);
            piece.data_ = BytesView();
        } else {
            kept.bytes = std::move(piece.text_);
        }
    }
}

std::size_t WriteQueue::gather(std::span<iovec, kMaxPieces> out) const noexcept {
    std::size_t count = 0;
    std::size_t skip = offset_;
    for (std::size_t i = first_; i < pieces_.size() && count < kMaxPieces; ++i) {
        const BytesView piece = pieces_[i].view().subview(skip);
        skip = 0;
        out[count++] = {const_cast<char*>(piece.data()), piece.size()};
    }
    return count;
}

void WriteQueue::consume(std::size_t count) noexcept {
    size_ -= count;
    while (count > 0) {
        const std::size_t rest = pieces_[first_].view().size() - offset_;
        if (count < rest) {
            offset_ += count;
            return;
        }
        count -= rest;
        offset_ = 0;
        ++first_;
    }
}

std::shared_ptr<const void> WriteQueue::take_sent() noexcept {
    while (freed_ < first_) {
        Piece& sent = pieces_[freed_++];
        Shared* const shared = std::get_if<Shared>(&sent.bytes);
        if (shared && shared->owner) return std::move(shared->owner);
        sent.bytes.emplace<Copied>();  // assigned, an empty string would keep its memory
    }
    if (first_ >= kMaxPieces && first_ * 2 >= pieces_.size()) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        freed_ = first_ = 0;
    }
    return nullptr;
}

}  // namespace aio::detail
