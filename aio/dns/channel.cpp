// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/channel_impl.hpp>

#include <sys/time.h>
#include <algorithm>
#include <chrono>
#include <climits>
#include <cstring>
#include <new>
#include <utility>

namespace aio::dns::detail {
namespace {

namespace io = aio::detail::io;

void check(int status, const char* what) {
    if (status == ARES_SUCCESS) return;
    if (status == ARES_ENOMEM) throw std::bad_alloc();
    throw OSError(std::string(what) + ": " + ::ares_strerror(status));
}

// For the life of the process: plug-ins may use it too.
void init_library() {
    static const int status = ::ares_library_init(ARES_LIB_INIT_ALL);
    check(status, "initialize c-ares");
}

int milliseconds(Duration time) noexcept {
    const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return static_cast<int>(std::clamp<std::int64_t>(count, 1, INT_MAX / 1024));  // it doubles them
}

void answered(void* hearer, int status, int, unsigned char* message, int size) noexcept {
    const std::span<const unsigned char> bytes(message, message ? static_cast<std::size_t>(size) : 0);
    static_cast<Hearer*>(hearer)->heard(status, bytes);
}

}  // namespace

// --- sockets --------------------------------------------------------------------------------------

ChannelSocket::~ChannelSocket() {
    EventLoop& loop = channel_.loop();
    if (watched_) loop.poller().remove(*this);
    if (queued_) loop.ready().remove(*this);
}

void ChannelSocket::watch(std::uint32_t events) noexcept {
    try {
        if (watched_) {
            channel_.loop().poller().modify(*this, events);
        } else {
            channel_.loop().poller().add(*this, events);
            watched_ = true;
        }
    } catch (...) {  // the question will be too late
    }
}

void ChannelSocket::on_events(std::uint32_t events) noexcept {
    events_ |= events;
    if (queued_) return;
    queued_ = true;
    channel_.loop().ready().push(*this);
}

// c-ares may close the socket, which ends this object.
void ChannelSocket::run() {
    queued_ = false;
    const std::uint32_t events = std::exchange(events_, 0);
    const bool both = (events & ~(io::readable | io::writable)) != 0;
    const int readable = both || (events & io::readable) ? fd : ARES_SOCKET_BAD;
    const int writable = (events & io::writable) ? fd : ARES_SOCKET_BAD;
    channel_.process(readable, writable);
}

// --- the channel ----------------------------------------------------------------------------------

Channel::Channel(EventLoop& loop, const ResolverOptions& options) : loop_(&loop) {
    init_library();
    ares_options settings{};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;
    settings.timeout = milliseconds(options.get_timeout());
    settings.tries = options.get_tries();
    settings.sock_state_cb = socket_changed;
    settings.sock_state_cb_data = this;
    std::string path = options.get_resolv_conf();
    settings.resolvconf_path = path.data();
    std::vector<std::string> search = options.get_search().value_or(std::vector<std::string>());
    std::vector<char*> domains;
    for (std::string& domain : search) domains.push_back(domain.data());
    if (options.get_search()) {
        mask |= ARES_OPT_DOMAINS;
        settings.domains = domains.data();
        settings.ndomains = static_cast<int>(domains.size());
    }
    if (options.get_ndots()) {
        mask |= ARES_OPT_NDOTS;
        settings.ndots = *options.get_ndots();
    }
#ifdef ARES_OPT_QUERY_CACHE  // newer ones keep answers themselves, whatever the options here say
    mask |= ARES_OPT_QUERY_CACHE;
    settings.qcache_max_ttl = 0;
#endif
    check(::ares_init_options(&ares_, &settings, mask), "read the name servers' addresses");
    try {
        set_servers(options.get_servers());
        read_settings();
    } catch (...) {
        ::ares_destroy(ares_);
        throw;
    }
}

Channel::~Channel() {
    ::ares_destroy(ares_);
    if (std::exchange(scheduled_, false)) loop_->timers().withdraw(*this, loop_->ready());
}

void Channel::set_servers(const std::vector<SocketAddress>& servers) {
    if (servers.empty()) return;
    std::vector<ares_addr_port_node> nodes(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
        ares_addr_port_node& node = nodes[i];
        node.next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
        node.family = servers[i].family();
        node.udp_port = node.tcp_port = servers[i].port();
        if (node.family == AF_INET6) {
            sockaddr_in6 native{};
            std::memcpy(&native, servers[i].native(), sizeof native);
            std::memcpy(&node.addr.addr6, &native.sin6_addr, sizeof native.sin6_addr);
        } else {
            sockaddr_in native{};
            std::memcpy(&native, servers[i].native(), sizeof native);
            node.addr.addr4 = native.sin_addr;
        }
    }
    check(::ares_set_servers_ports(ares_, nodes.data()), "set the name servers");
}

void Channel::read_settings() {
    ares_options settings{};
    int mask = 0;
    const int status = ::ares_save_options(ares_, &settings, &mask);
    const std::unique_ptr<ares_options, void (*)(ares_options*)> owner(&settings, ::ares_destroy_options);
    check(status, "read the search list");
    ndots_ = settings.ndots;
    if (settings.ndomains > 0) search_.assign(settings.domains, settings.domains + settings.ndomains);
}

void Channel::ask(const std::string& name, Type type, Hearer& hearer) noexcept {
    ::ares_query(ares_, name.c_str(), 1, static_cast<int>(type), answered, &hearer);
    schedule();
}

bool Channel::idle() const noexcept {
    timeval left{};
    return !::ares_timeout(ares_, nullptr, &left);
}

void Channel::cancel() noexcept {
    ::ares_cancel(ares_);
    if (std::exchange(scheduled_, false)) loop_->timers().withdraw(*this, loop_->ready());
}

void Channel::socket_changed(void* self, int fd, int readable, int writable) noexcept {
    Channel& channel = *static_cast<Channel*>(self);
    if (!readable && !writable) {
        channel.sockets_.erase(fd);
        return;
    }
    try {
        ChannelSocket& socket = channel.sockets_.try_emplace(fd, channel, fd).first->second;
        socket.watch((readable ? io::readable : 0) | (writable ? io::writable : 0));
    } catch (const std::bad_alloc&) {  // the question will be too late
    }
}

void Channel::process(int readable, int writable) noexcept {
    ::ares_process_fd(ares_, readable, writable);
    schedule();
}

// c-ares measures by the system's clock. So that no timer comes a moment too early again and again there is
// a millisecond more.
void Channel::schedule() noexcept {
    if (!needed_) ::ares_cancel(ares_);
    if (std::exchange(scheduled_, false)) loop_->timers().withdraw(*this, loop_->ready());
    timeval left{};
    if (!::ares_timeout(ares_, nullptr, &left)) return;
    const auto delay = std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) +
                       std::chrono::milliseconds(1);
    try {
        loop_->timers().push(*this, loop_->deadline_after(delay));
        scheduled_ = true;
    } catch (const std::bad_alloc&) {  // nothing would ever end the questions
        ::ares_cancel(ares_);
    }
}

void Channel::run() {
    scheduled_ = false;
    process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

}  // namespace aio::dns::detail
