// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/endpoints/connect_race_impl.hpp>
#include <aio/loop/event_loop.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
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

// RFC 8305, 3.
constexpr Duration kResolutionDelay = std::chrono::milliseconds(50);

bool has_ipv6(const std::vector<SocketAddress>& addresses) noexcept {
    return std::any_of(addresses.begin(), addresses.end(),
                       [](const SocketAddress& address) { return address.family() == AF_INET6; });
}

}  // namespace

std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses, std::size_t first) {
    if (first == 0 || addresses.empty()) return addresses;
    std::vector<std::vector<SocketAddress>> families;
    for (SocketAddress& address : addresses) {
        const auto same = [&](const auto& family) { return family.front().family() == address.family(); };
        auto family = std::find_if(families.begin(), families.end(), same);
        if (family == families.end()) family = families.emplace(family);
        family->push_back(std::move(address));
    }
    std::vector<SocketAddress> result;
    const auto take = [&](std::vector<SocketAddress>& family, std::size_t index) {
        if (index < family.size()) result.push_back(std::move(family[index]));
    };
    const std::size_t ahead = std::min(first - 1, families.front().size());
    for (std::size_t i = 0; i < ahead; ++i) take(families.front(), i);
    for (std::size_t i = 0; result.size() < addresses.size(); ++i) {
        for (std::vector<SocketAddress>& family : families) {
            take(family, &family == &families.front() ? i + ahead : i);
        }
    }
    return result;
}

ConnectRace::ConnectRace(EventLoop& loop, const ConnectPlan& plan) : loop_(loop), plan_(plan) {}

ConnectRace::~ConnectRace() { withdraw(); }

void ConnectRace::Timer::arm(Duration delay) {
    race.loop_.timers().push(*this, race.loop_.deadline_after(delay));
    queued = true;
}

void ConnectRace::Timer::disarm() noexcept {
    if (std::exchange(queued, false)) race.loop_.timers().withdraw(*this, race.loop_.ready());
}

void ConnectRace::withdraw() noexcept {
    expecting_ = false;
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
    newest_began_ = loop_.time();
    if (plan_.limit && next_ == 0) deadline_ = loop_.deadline_after(*plan_.limit);
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
        if (plan_.delay) {  // that was the time of all
            next_ = plan_.peers.size();
            expecting_ = false;
        }
        go_on();
    });
}

// --- addresses that are found meanwhile -----------------------------------------------------------

// What comes once it is over, or was cancelled, comes too late.
void ConnectRace::found(std::vector<SocketAddress> more) {
    if (!expecting_) return;
    in_callback([&] {
        const bool first = next_ == 0;
        std::vector<SocketAddress>& peers = plan_.peers;
        const auto untried = peers.begin() + static_cast<std::ptrdiff_t>(next_);
        more.insert(more.end(), untried, peers.end());
        peers.erase(untried, peers.end());
        more = interleaved(std::move(more),
                           first ? plan_.interleave : std::min<std::size_t>(plan_.interleave, 1));
        peers.insert(peers.end(), more.begin(), more.end());
        if (!first || has_ipv6(peers)) {
            go_on_in_time();
        } else if (!delay_.queued) {
            delay_.arm(kResolutionDelay);
        }
    });
}

void ConnectRace::all_known() {
    if (!expecting_) return;
    in_callback([&] {
        expecting_ = false;
        go_on_in_time();
    });
}

void ConnectRace::go_on_in_time() {
    const bool waits = running_ > 0 && attempts_.back()->running();
    if (waits && (delay_.queued || next_ == plan_.peers.size())) return;
    const Duration left = waits ? newest_began_ + *plan_.delay - loop_.time() : Duration::zero();
    if (left > Duration::zero()) {
        delay_.arm(left);
    } else {
        go_on();
    }
}

}  // namespace aio::detail
