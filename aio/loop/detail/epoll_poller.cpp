// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/shuffle_impl.hpp>

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>

namespace aio::detail {
namespace {

std::uint32_t to_epoll(std::uint32_t interest) noexcept {
    std::uint32_t events = 0;
    if (interest & io::readable) events |= EPOLLIN | EPOLLRDHUP;
    if (interest & io::writable) events |= EPOLLOUT;
    if (interest & io::edge) events |= EPOLLET;
    return events;
}

std::uint32_t from_epoll(std::uint32_t events) noexcept {
    if (events == (EPOLLIN | EPOLLOUT)) [[likely]]
        return io::readable | io::writable;
    std::uint32_t result = 0;
    if (events & (EPOLLIN | EPOLLPRI)) result |= io::readable;
    if (events & EPOLLOUT) result |= io::writable;
    if (events & (EPOLLRDHUP | EPOLLHUP)) result |= io::peer_closed;
    if (events & EPOLLHUP) result |= io::hangup;
    if (events & EPOLLERR) result |= io::error;
    return result;
}

class EpollPoller final : public Poller {
public:
    EpollPoller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ < 0) raise_os_error(errno, "epoll_create1");
    }
    EpollPoller(const EpollPoller&) = delete;
    EpollPoller& operator=(const EpollPoller&) = delete;
    ~EpollPoller() override { ::close(epoll_); }

    void add(IoWatch& watch, std::uint32_t interest) override {
        control(EPOLL_CTL_ADD, watch, interest);
        watches_.push_back(watch);
        ++count_;
    }

    void modify(IoWatch& watch, std::uint32_t interest) override {
        if (watch.interest != interest) control(EPOLL_CTL_MOD, watch, interest);
    }

    void remove(IoWatch& watch) noexcept override {
        if (!watch.linked()) return;
        watch.unlink();
        watch.interest = 0;
        --count_;
        // Explicit, although close() would do it: a forked child may still hold the descriptor.
        epoll_event ignored{};
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, watch.fd, &ignored);
    }

    int poll(Duration timeout) override {
        epoll_event events[kBatch];
        const int count = wait(events, timeout);
        if (order_ && count > 1) [[unlikely]]
            order_->permute(events, static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            static_cast<IoWatch*>(events[i].data.ptr)->on_events(from_epoll(events[i].events));
        }
        return count;
    }

    void shuffle(Shuffle& order) noexcept override { order_ = &order; }

    unsigned size() const noexcept override { return count_; }

    void close() noexcept override {
        while (IoWatch* watch = watches_.front()) {
            remove(*watch);
            watch->on_loop_closed();
        }
    }

    std::string_view name() const noexcept override { return "epoll"; }

private:
    static constexpr int kBatch = 256;

    void control(int operation, IoWatch& watch, std::uint32_t interest) {
        epoll_event event{};
        event.events = to_epoll(interest);
        event.data.ptr = &watch;
        if (::epoll_ctl(epoll_, operation, watch.fd, &event) != 0) {
            raise_os_error(errno, "epoll_ctl on descriptor " + std::to_string(watch.fd));
        }
        watch.interest = interest;
    }

    int wait(epoll_event* events, Duration timeout) {
        int count = 0;
        if (timeout <= Duration::zero()) {
            count = ::epoll_wait(epoll_, events, kBatch, timeout < Duration::zero() ? -1 : 0);
        } else if (nanosecond_wait_) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
            const timespec limit{seconds.count(), (timeout - seconds).count()};
            count = ::epoll_pwait2(epoll_, events, kBatch, &limit, nullptr);
            if (count < 0 && errno == ENOSYS) {  // Linux 5.10
                nanosecond_wait_ = false;
                return wait(events, timeout);
            }
        } else {
            const auto ms = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
            count = ::epoll_wait(epoll_, events, kBatch, ms > INT_MAX ? INT_MAX : static_cast<int>(ms));
        }
        if (count < 0) {
            if (errno == EINTR) return 0;
            raise_os_error(errno, "epoll_wait");
        }
        return count;
    }

    int epoll_;
    bool nanosecond_wait_ = true;
    unsigned count_ = 0;
    Shuffle* order_ = nullptr;
    List<IoWatch> watches_;
};

}  // namespace

std::unique_ptr<Poller> make_poller(std::string_view name) {
    std::string wanted(name);
    if (wanted.empty()) {
        const char* environment = std::getenv("AIO_POLLER");
        wanted = environment && *environment ? environment : "epoll";
    }
    if (wanted == "epoll") return std::unique_ptr<Poller>(new EpollPoller());
    throw ValueError("unknown poller '" + wanted + "': this build offers 'epoll' (see AIO_POLLER)");
}

}  // namespace aio::detail
