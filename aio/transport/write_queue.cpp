// SPDX-License-Identifier: MIT
#include <aio/transport/write_queue_impl.hpp>

namespace aio::detail {
namespace {

constexpr std::size_t kJoinUpTo = 16 * 1024;

}  // namespace

BytesView WriteQueue::Piece::view() const noexcept {
    if (const auto* copied = std::get_if<Copied>(&bytes)) return copied->text;
    if (const auto* text = std::get_if<std::string>(&bytes)) return *text;
    return std::get_if<Shared>(&bytes)->data;
}

void WriteQueue::copy(BytesView data) {
    if (data.empty()) return;
    Copied* last = pieces_.size() > first_ ? std::get_if<Copied>(&pieces_.back().bytes) : nullptr;
    if (last && last->text.size() + data.size() <= kJoinUpTo) {
        last->text += data.text();
    } else {
        pieces_.push_back(Piece{Copied{data.str()}});
    }
    size_ += data.size();
}

void WriteQueue::keep(std::string&& data, std::size_t sent) {
    const std::size_t rest = data.size() - sent;
    if (rest == 0) return;
    if (empty()) {
        offset_ = sent;
    } else if (sent > 0) {
        data.erase(0, sent);  // only the oldest piece may be partly sent
    }
    pieces_.push_back(Piece{std::move(data)});
    size_ += rest;
}

void WriteQueue::keep(BytesView data, std::shared_ptr<const void> owner) {
    if (data.empty()) return;
    pieces_.push_back(Piece{Shared{data, std::move(owner)}});
    size_ += data.size();
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
        sent.bytes = Copied();
    }
    if (first_ >= kMaxPieces && first_ * 2 >= pieces_.size()) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        freed_ = first_ = 0;
    }
    return nullptr;
}

}  // namespace aio::detail
