// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/detail/fork.hpp>
#include <aio/loop/detail/pollers_impl.hpp>
#include <aio/loop/shuffle_impl.hpp>

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <string>
#include <utility>
#include <vector>

namespace aio::detail {
namespace {

std::uint32_t to_epoll(std::uint32_t interest) noexcept {
    std::uint32_t events = 0;
    if (interest & io::readable) events |= EPOLLIN | EPOLLRDHUP;
    if (interest & io::writable) events |= EPOLLOUT;
    if (interest & io::edge) events |= EPOLLET;
    if ((interest & io::edge) && (interest & io::readable)) events |= EPOLLPRI;
    return events;
}

std::uint32_t from_epoll(std::uint32_t events) noexcept {
    if (events == (EPOLLIN | EPOLLOUT)) [[likely]]
        return io::readable | io::writable;
    std::uint32_t result = 0;
    if (events & (EPOLLIN | EPOLLPRI)) result |= io::readable;
    if (events & EPOLLPRI) result |= io::urgent;
    if (events & EPOLLOUT) result |= io::writable;
    if (events & (EPOLLRDHUP | EPOLLHUP)) result |= io::peer_closed;
    if (events & EPOLLHUP) result |= io::hangup;
    if (events & EPOLLERR) result |= io::error;
    return result;
}

/// Rules: (1) an event names a descriptor and the registration of it, never an object: a registration
/// outlives its watch if the descriptor was closed before it was removed and a copy of it lives on, in this
/// process or in a forked one; (2) a number's slot belongs to who registered it last, so that a late remove()
/// or modify() leaves the next owner alone; (3) a forked child leaves the epoll set alone.
class EpollPoller final : public Poller {
public:
    EpollPoller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ < 0) raise_os_error(errno, "epoll_create1");
    }
    EpollPoller(const EpollPoller&) = delete;
    EpollPoller& operator=(const EpollPoller&) = delete;
    ~EpollPoller() override { ::close(epoll_); }

    void add(IoWatch& watch, std::uint32_t interest) override {
        check_process();
        const auto number = static_cast<std::size_t>(watch.fd);
        const std::uint64_t key = new_key(watch.fd);
        if (!control(epoll_, EPOLL_CTL_ADD, watch.fd, interest, key)) {
            // What is left of a descriptor that was closed, and is back under its number, is taken over.
            const int error = errno;
            const bool is_left = error == EEXIST && number < slots_.size() && slots_[number].key == 0;
            if (!is_left || !control(epoll_, EPOLL_CTL_MOD, watch.fd, interest, key)) raise(error, watch.fd);
        }
        if (number >= slots_.size()) make_slots(number);
        slots_[number] = {key, &watch};
        watch.interest = interest;
        watches_.push_back(watch);
        ++count_;
    }

    void modify(IoWatch& watch, std::uint32_t interest) override {
        if (watch.interest == interest) return;
        if (!owns_slot(watch)) raise(ENOENT, watch.fd);
        if (!inherited() && !control(epoll_, EPOLL_CTL_MOD, watch.fd, interest, slot_of(watch).key)) {
            const int error = errno;
            slot_of(watch) = {};
            raise(error, watch.fd);
        }
        watch.interest = interest;
    }

    void remove(IoWatch& watch) noexcept override {
        if (!watch.linked()) return;
        watch.unlink();
        watch.interest = 0;
        --count_;
        if (!owns_slot(watch)) return;
        slot_of(watch) = {};
        // Explicit, although close() would do it: a forked child may still hold the descriptor.
        if (!inherited()) drop(watch.fd);
    }

    int poll(Duration timeout) override {
        check_process();
        epoll_event events[kBatch];
        const int count = wait(events, timeout);
        if (order_ && count > 1) [[unlikely]]
            order_->permute(events, static_cast<std::size_t>(count));
        bool stale = false;
        for (int i = 0; i < count; ++i) {
            const std::uint64_t key = events[i].data.u64;
            const Slot& slot = slots_[static_cast<std::uint32_t>(key)];
            if (slot.key == key) [[likely]] {
                slot.watch->on_events(from_epoll(events[i].events));
            } else {
                stale = true;
            }
        }
        if (stale) [[unlikely]]
            leave_stale_behind();
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
    int descriptor() const noexcept override { return epoll_; }

private:
    static constexpr int kBatch = 256;

    struct Slot {
        std::uint64_t key = 0;  ///< of the present registration: its number above, the descriptor's below
        IoWatch* watch = nullptr;
    };

    static bool control(int epoll, int operation, int fd, std::uint32_t interest,
                        std::uint64_t key) noexcept {
        epoll_event event{};
        event.events = to_epoll(interest);
        event.data.u64 = key;
        return ::epoll_ctl(epoll, operation, fd, &event) == 0;
    }
    // A forked child shares the epoll set, so that whatever it did here would befall the parent.
    bool inherited() const noexcept { return generation_ != fork_generation; }
    void check_process() const {
        if (inherited()) throw RuntimeError("a forked child cannot use the poller of its parent");
    }
    [[noreturn]] static void raise(int error, int fd) {
        raise_os_error(error, "epoll_ctl on descriptor " + std::to_string(fd));
    }

    std::uint64_t new_key(int fd) noexcept {
        if (++registrations_ == 0) ++registrations_;
        return std::uint64_t{registrations_} << 32 | static_cast<std::uint32_t>(fd);
    }
    void make_slots(std::size_t number) {
        try {
            slots_.resize(number + number / 2 + 16);
        } catch (...) {
            drop(static_cast<int>(number));
            throw;
        }
    }
    Slot& slot_of(const IoWatch& watch) noexcept { return slots_[static_cast<std::size_t>(watch.fd)]; }
    bool owns_slot(const IoWatch& watch) noexcept { return slot_of(watch).watch == &watch; }
    void drop(int fd) noexcept {
        epoll_event ignored{};
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &ignored);
    }

    // Rule 1. The kernel takes a registration back only through its descriptor, which is gone. So those whose
    // descriptor is there move to a new set; if that cannot be made, the next event tries again.
    void leave_stale_behind() noexcept {
        const int fresh = ::epoll_create1(EPOLL_CLOEXEC);
        if (fresh < 0) return;
        bool complete = true;
        watches_.for_each([&](IoWatch& watch) {
            if (!owns_slot(watch)) return;
            const std::uint64_t key = slot_of(watch).key;
            if (!control(epoll_, EPOLL_CTL_MOD, watch.fd, watch.interest, key)) {
                slot_of(watch) = {};  // the number is not the registered file's any more
            } else if (!control(fresh, EPOLL_CTL_ADD, watch.fd, watch.interest, key)) {
                complete = false;
            }
        });
        ::close(complete ? std::exchange(epoll_, fresh) : fresh);
    }

    int wait(epoll_event* events, Duration timeout) {
        int count = 0;
        if (timeout <= Duration::zero()) {
            count = ::epoll_wait(epoll_, events, kBatch, timeout < Duration::zero() ? -1 : 0);
        } else if (nanosecond_wait_) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
            const timespec limit{seconds.count(), (timeout - seconds).count()};
            count = ::epoll_pwait2(epoll_, events, kBatch, &limit, nullptr);
            if (count < 0 && (errno == ENOSYS || errno == EPERM)) {  // before Linux 5.10, or a filter
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
    const unsigned generation_ = fork_generation;
    bool nanosecond_wait_ = true;
    unsigned count_ = 0;
    std::uint32_t registrations_ = 0;
    std::vector<Slot> slots_;  // by descriptor
    Shuffle* order_ = nullptr;
    List<IoWatch> watches_;
};

}  // namespace

std::unique_ptr<Poller> make_epoll_poller() { return std::unique_ptr<Poller>(new EpollPoller()); }

}  // namespace aio::detail
