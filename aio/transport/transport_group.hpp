// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/transport/transport.hpp>

#include <vector>

namespace aio {

/// The open transports of one owner, such as a server: lets it count, close and abort them, and know
/// when the last is gone. Derive from it to own connections that make_socket_transport() makes. A transport
/// belongs to it from its making until connection_lost() returned.
class TransportGroup {
public:
    /// A transport's place in its group.
    struct Member : detail::ListLink {
        explicit Member(Transport& owner) noexcept : transport(&owner) {}
        Transport* transport;
    };

    TransportGroup(const TransportGroup&) = delete;
    TransportGroup& operator=(const TransportGroup&) = delete;

    bool empty() const noexcept { return members_.empty(); }
    unsigned size() const noexcept { return members_.size(); }
    /// All of them, oldest first; of those that were upgraded the topmost, which knows how to say goodbye. A
    /// copy, because closing changes the group.
    std::vector<Ref<Transport>> members();

    void join(Member& member) noexcept { members_.push_back(member); }
    void leave(Member& member) {
        member.unlink();
        if (members_.empty()) emptied();
    }

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

protected:
    TransportGroup() noexcept = default;
    virtual ~TransportGroup() = default;
    /// The last member has left.
    virtual void emptied() = 0;

private:
    detail::List<Member> members_;
    unsigned refs_ = 0;
};

}  // namespace aio
