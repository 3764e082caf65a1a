// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/endpoints/connect_race_impl.hpp>
#include <aio/loop/event_loop.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::detail {

/// One address.
class ConnectRace::Attempt final : public ConnectOperation, public pool::Pooled {
public:
    Attempt(ConnectRace& race, Socket&& socket, const SocketAddress& peer)
        : ConnectOperation(race.loop_, socket, peer), race_(race), socket_(std::move(socket)) {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() { abandon(); }  // before the socket is closed

    bool running() const noexcept { return static_cast<bool>(socket_); }
    Socket take_socket() noexcept { return std::move(socket_); }
    void give_up() noexcept {
        abandon();
        socket_.close();
    }

    std::vector<std::exception_ptr> errors;  ///< of binding, and why it failed

private:
    void connected() override { race_.attempt_ended(*this); }

    ConnectRace& race_;
    Socket socket_;
};

namespace {

Socket new_socket(const SocketAddress& peer, int proto) {
    const int fd = ::socket(peer.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
    if (fd < 0) raise_os_error(errno, "socket for " + peer.str());
    return Socket(fd);
}

// Binds to the first local address of the peer's family that can be used. Each that cannot is an error, as in
// asyncio. Throws OSError if none can.
void bind_locally(const Socket& socket, const SocketAddress& peer, const std::vector<SocketAddress>& locals,
                  std::vector<std::exception_ptr>& errors) {
    for (const SocketAddress& local : locals) {
        if (local.family() != peer.family()) continue;
        try {
            socket.bind(local);
            return;
        } catch (const OSError&) {
            errors.push_back(std::current_exception());
        }
    }
    if (!errors.empty()) {
        const std::exception_ptr last = std::move(errors.back());
        errors.pop_back();
        std::rethrow_exception(last);
    }
    throw OSError(EADDRNOTAVAIL, "connect to " + peer.str() + ": no local address of this family was given");
}

}  // namespace

ConnectRace::ConnectRace(EventLoop& loop, const ConnectPlan& plan) : loop_(loop), plan_(plan) {
    if (plan_.limit) deadline_ = loop.deadline_after(*plan_.limit);
}

ConnectRace::~ConnectRace() { withdraw(); }

void ConnectRace::Timer::arm(Duration delay) {
    race.loop_.timers().push(*this, race.loop_.deadline_after(delay));
    queued = true;
}

void ConnectRace::Timer::disarm() noexcept {
    if (std::exchange(queued, false)) race.loop_.timers().withdraw(*this, race.loop_.ready());
}

void ConnectRace::withdraw() noexcept {
    delay_.disarm();
    limit_.disarm();
    for (const auto& attempt : attempts_) attempt->give_up();
}

std::string ConnectRace::describe() const {
    for (const auto& attempt : attempts_) {
        if (attempt->running()) return attempt->name();
    }
    return "connect";
}

std::vector<std::exception_ptr> ConnectRace::errors() const {
    std::vector<std::exception_ptr> all;
    for (const auto& attempt : attempts_)
        all.insert(all.end(), attempt->errors.begin(), attempt->errors.end());
    return all;
}

void ConnectRace::go_on() {
    delay_.disarm();
    while (!over() && next_ < plan_.peers.size()) {
        if (!start_one()) continue;
        if (plan_.delay && next_ < plan_.peers.size()) delay_.arm(*plan_.delay);
        return;
    }
}

// Whether it is under way.
bool ConnectRace::start_one() {
    const std::size_t left = plan_.peers.size() - next_;
    const SocketAddress& peer = plan_.peers[next_++];
    std::vector<std::exception_ptr> errors;
    Socket socket;
    try {
        socket = new_socket(peer, plan_.proto);
        if (plan_.locals) bind_locally(socket, peer, *plan_.locals, errors);
    } catch (const OSError&) {
        errors.push_back(std::current_exception());
        socket.close();
    }
    const bool usable = static_cast<bool>(socket);
    attempts_.push_back(std::make_unique<Attempt>(*this, std::move(socket), peer));
    Attempt& attempt = *attempts_.back();
    attempt.errors = std::move(errors);
    if (!usable) return false;
    if (plan_.limit && !(plan_.delay && limit_.queued)) {
        const Duration remaining = std::max(deadline_ - loop_.time(), Duration::zero());
        limit_.disarm();
        limit_.arm(plan_.delay ? remaining : remaining / static_cast<Duration::rep>(left));
    }
    ++running_;
    if (!attempt.start()) return true;
    settle(attempt);
    return false;
}

void ConnectRace::settle(Attempt& attempt) {
    --running_;
    if (std::exception_ptr error = attempt.error()) {
        attempt.errors.push_back(std::move(error));
        attempt.give_up();
    } else {
        winner_ = attempt.take_socket();
        next_ = plan_.peers.size();
        withdraw();
    }
}

// What goes wrong in a callback belongs to whoever awaits.
template <class F>
void ConnectRace::in_callback(F&& fn) noexcept {
    try {
        fn();
    } catch (...) {
        failure_ = std::current_exception();
        withdraw();
    }
    if (!failure_ && !over()) return;
    delay_.disarm();
    limit_.disarm();
    if (waiting()) wake();
}

void ConnectRace::attempt_ended(Attempt& attempt) {
    in_callback([&] {
        const bool newest = attempts_.back().get() == &attempt;
        settle(attempt);
        if (newest) go_on();
    });
}

void ConnectRace::delay_passed() {
    in_callback([&] { go_on(); });
}

void ConnectRace::limit_passed() {
    in_callback([&] {
        for (const auto& attempt : attempts_) {
            if (!attempt->running()) continue;
            --running_;
            attempt->errors.push_back(make_os_error(ETIMEDOUT, attempt->name()));
            attempt->give_up();
        }
        if (plan_.delay) next_ = plan_.peers.size();  // that was the time of all
        go_on();
    });
}

}  // namespace aio::detail
