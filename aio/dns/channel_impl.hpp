// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/ref.hpp>
#include <aio/dns/record.hpp>
#include <aio/dns/resolver_options.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/timer_heap.hpp>
#include <aio/loop/event_loop.hpp>

#include <ares.h>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace aio::dns::detail {

class Channel;

/// Hears what becomes of a question, once, possibly before ask() has returned. Must not run code of users,
/// nor end the channel.
class Hearer {
public:
    /// `status` is an ARES_ code; there may be a message with failures too.
    virtual void heard(int status, std::span<const unsigned char> message) noexcept = 0;

protected:
    ~Hearer() = default;
};

/// One of c-ares' sockets, watched by the loop.
class ChannelSocket final : public aio::detail::IoWatch, public aio::detail::Runnable {
public:
    ChannelSocket(Channel& channel, int descriptor) noexcept : IoWatch(descriptor), channel_(channel) {}
    ChannelSocket(const ChannelSocket&) = delete;
    ChannelSocket& operator=(const ChannelSocket&) = delete;
    ~ChannelSocket();

    /// Does not throw: a socket that cannot be watched is one that never answers.
    void watch(std::uint32_t events) noexcept;

private:
    void on_events(std::uint32_t events) noexcept override;
    void run() override;
    void discard() noexcept override { queued_ = false; }
    std::string repr() const override { return "<aio::dns::Resolver fd=" + std::to_string(fd) + ">"; }

    Channel& channel_;
    std::uint32_t events_ = 0;  ///< since it ran last
    bool watched_ = false;
    bool queued_ = false;
};

/// c-ares on a loop: sends questions, several times if need be, over TCP where that is needed, and knows what
/// belongs to what.
///
/// Rules: (1) c-ares opens and closes sockets inside its own functions and tells of it; what is queued for a
/// closed one is withdrawn then; (2) one timer wakes it for whatever it has to do next; (3) it calls back
/// inside its functions, so nothing that hears it may end the channel.
class Channel final : private aio::detail::TimerNode {
public:
    /// Throws OSError if the system's settings cannot be read.
    Channel(EventLoop& loop, const ResolverOptions& options);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    /// All questions are told ARES_EDESTRUCTION.
    ~Channel();

    void ask(const std::string& name, Type type, Hearer& hearer) noexcept;
    /// All questions are told ARES_ECANCELLED. Nothing is watched then.
    void cancel() noexcept;

    /// Whether anybody waits. If not, c-ares is told to forget its questions as soon as it may be told.
    void set_needed(bool needed) noexcept { needed_ = needed; }
    /// Whether it has no question. Not inside of what hears an answer.
    bool idle() const noexcept;

    EventLoop& loop() const noexcept { return *loop_; }
    const std::vector<std::string>& search() const noexcept { return search_; }
    int ndots() const noexcept { return ndots_; }

private:
    friend class ChannelSocket;
    static void socket_changed(void* self, int fd, int readable, int writable) noexcept;
    void set_servers(const std::vector<SocketAddress>& servers);
    void read_settings();
    void process(int readable, int writable) noexcept;
    void schedule() noexcept;
    void run() override;
    void discard() noexcept override { scheduled_ = false; }
    std::string repr() const override { return "<aio::dns::Resolver timer>"; }

    const Ref<EventLoop> loop_;
    ares_channel ares_ = nullptr;
    std::map<int, ChannelSocket> sockets_;
    std::vector<std::string> search_;
    int ndots_ = 1;
    bool needed_ = false;
    bool scheduled_ = false;  ///< armed or queued, and not run yet
};

}  // namespace aio::dns::detail
