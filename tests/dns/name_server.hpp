// SPDX-License-Identifier: MIT
#pragma once

#include <aio/compose.hpp>
#include <aio/net/sock.hpp>
#include <aio/task.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {

// --- messages -------------------------------------------------------------------------------------

inline std::string number16(unsigned value) {
    return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
inline std::string number32(std::uint32_t value) { return number16(value >> 16) + number16(value & 0xffff); }

/// "www.example" as labels behind their lengths.
inline std::string labels(std::string_view name) {
    std::string wire;
    while (!name.empty()) {
        const std::size_t size = std::min(name.find('.'), name.size());
        wire += static_cast<char>(size);
        wire += name.substr(0, size);
        name.remove_prefix(std::min(size + 1, name.size()));
    }
    return wire + '\0';
}

inline std::string packed(const std::string& address) {
    in6_addr bytes{};
    const bool v6 = address.find(':') != address.npos;
    ::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), &bytes);
    return {reinterpret_cast<const char*>(&bytes), v6 ? 16U : 4U};
}

inline std::string record(std::string_view name, unsigned type, std::uint32_t ttl, const std::string& data) {
    return labels(name) + number16(type) + number16(1) + number32(ttl) +
           number16(static_cast<unsigned>(data.size())) + data;
}
inline std::string address_record(std::string_view name, const std::string& address, std::uint32_t ttl = 60) {
    return record(name, address.find(':') != address.npos ? 28 : 1, ttl, packed(address));
}
inline std::string alias_record(std::string_view name, std::string_view other, std::uint32_t ttl = 60) {
    return record(name, 5, ttl, labels(other));
}
/// The start of authority, which says how long there is nothing.
inline std::string soa_record(std::uint32_t ttl, std::uint32_t minimum) {
    return record("test", 6, ttl,
                  labels("ns.test") + labels("admin.test") + number32(1) + number32(1) + number32(1) +
                      number32(1) + number32(minimum));
}

/// A question as it came.
struct DnsQuery {
    std::string bytes;
    std::string name;
    unsigned type = 0;
    bool tcp = false;
    SocketAddress from;

    static DnsQuery parse(std::string bytes, bool tcp, SocketAddress from = {}) {
        DnsQuery query;
        std::size_t at = 12;
        while (at < bytes.size() && bytes[at] != 0) {
            const auto size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
            query.name += (query.name.empty() ? "" : ".") + bytes.substr(at + 1, size);
            at += size + 1;
        }
        query.type = static_cast<unsigned char>(bytes.at(at + 2));
        query.bytes = std::move(bytes);
        query.tcp = tcp;
        query.from = std::move(from);
        return query;
    }
    /// "www.test/1", "www.test/1/tcp"
    std::string str() const { return name + "/" + std::to_string(type) + (tcp ? "/tcp" : ""); }
};

constexpr unsigned kServFail = 2;
constexpr unsigned kNoName = 3;
constexpr unsigned kRefused = 5;

/// The answer to a query.
inline std::string dns_reply(const DnsQuery& query, unsigned code, const std::vector<std::string>& answers,
                             const std::vector<std::string>& authorities = {}, bool truncated = false) {
    std::string reply = query.bytes.substr(0, 2) + number16(0x8180U | code | (truncated ? 0x200U : 0U)) +
                        number16(1) + number16(static_cast<unsigned>(answers.size())) +
                        number16(static_cast<unsigned>(authorities.size())) + number16(0);
    reply += query.bytes.substr(12, labels(query.name).size() + 4);
    for (const std::string& answer : answers) reply += answer;
    for (const std::string& authority : authorities) reply += authority;
    return reply;
}

// --- the server -----------------------------------------------------------------------------------

/// A name server on a port of loopback, over UDP and TCP, run by the test's loop. It answers what it was
/// told, and that other names do not exist.
class NameServer {
public:
    /// Gives the bytes to send; none: silence.
    using Behaviour = std::function<std::string(const DnsQuery&)>;

    NameServer() {
        for (;;) {
            udp_ = Socket::datagram(AF_INET);
            udp_.bind(SocketAddress("127.0.0.1", 0));
            tcp_ = Socket::stream(AF_INET);
            try {
                tcp_.bind(udp_.getsockname());
                break;
            } catch (const OSError&) {  // somebody's port
            }
        }
        tcp_.listen(100);
    }

    SocketAddress address() const { return udp_.getsockname(); }
    /// Records of a name; those of the type that is asked for are given, and aliases.
    void add(const std::string& name, std::string record) { records_[name].push_back(std::move(record)); }
    void add_address(const std::string& name, const std::string& address, std::uint32_t ttl = 60) {
        add(name, address_record(name, address, ttl));
    }
    void add_alias(const std::string& name, const std::string& other, std::uint32_t ttl = 60) {
        add(name, alias_record(name, other, ttl));
    }
    /// "*.silent.test" is for all names right below.
    void behave(const std::string& name, Behaviour behaviour) { behaviours_[name] = std::move(behaviour); }
    /// Keeps questions about the name, or only those of a type, until answer_kept().
    void keep(const std::string& name, unsigned type = 0) {
        behave(name, [this, type](const DnsQuery& query) {
            if (type != 0 && query.type != type) return standard(query);
            kept_.push_back(query);
            return std::string();
        });
    }
    std::size_t kept() const { return kept_.size(); }
    Coro<> answer_kept() {
        const std::vector<DnsQuery> kept = std::exchange(kept_, {});
        for (const DnsQuery& query : kept) {
            co_await sock_sendto(udp_, standard(query), query.from);
        }
    }

    void start() {
        tasks_.push_back(create_task(serve_udp()));
        tasks_.push_back(create_task(serve_tcp()));
    }
    Coro<> stop() {
        for (const Task<>& task : tasks_) task.cancel();
        co_await wait(std::move(tasks_));
        tasks_.clear();
        udp_.close();
        tcp_.close();
    }

    /// What was asked for, in turn.
    std::vector<std::string> asked;
    std::uint32_t negative_ttl = 30;

    std::string standard(const DnsQuery& query) const {
        const std::vector<std::string> none{soa_record(300, negative_ttl)};
        std::vector<std::string> answers;
        bool exists = false;
        std::string name = query.name;
        for (int aliases = 0; aliases < 5; ++aliases) {
            const auto found = records_.find(name);
            if (found == records_.end()) break;
            exists = true;
            std::string alias;
            for (const std::string& record : found->second) {
                const auto type = static_cast<unsigned char>(record.at(labels(name).size() + 1));
                if (type == query.type || type == 5) answers.push_back(record);
                if (type == 5 && query.type != 5) alias = name_in(record.substr(labels(name).size() + 10));
            }
            if (alias.empty()) break;
            name = alias;
        }
        if (!exists) return dns_reply(query, kNoName, {}, none);
        return answers.empty() ? dns_reply(query, 0, {}, none) : dns_reply(query, 0, answers);
    }

private:
    static std::string name_in(const std::string& wire) {
        return DnsQuery::parse(std::string(12, '\0') + wire + std::string(4, '\0'), false).name;
    }

    std::string react(const DnsQuery& query) {
        asked.push_back(query.str());
        auto found = behaviours_.find(query.name);
        if (found == behaviours_.end())
            found =
                behaviours_.find("*" + query.name.substr(std::min(query.name.find('.'), query.name.size())));
        return found == behaviours_.end() ? standard(query) : found->second(query);
    }

    Coro<> serve_udp() {
        for (;;) {
            auto received = co_await sock_recvfrom(udp_, 2048);
            const DnsQuery query = DnsQuery::parse(std::move(received.first), false, received.second);
            const std::string reply = react(query);
            if (!reply.empty()) co_await sock_sendto(udp_, reply, query.from);
        }
    }
    Coro<> serve_tcp() {
        for (;;) {
            auto accepted = co_await sock_accept(tcp_);
            const Socket client = std::move(accepted.first);
            std::string received;
            while (received.size() < 14) {
                const std::string piece = co_await sock_recv(client, 2048);
                if (piece.empty()) break;
                received += piece;
            }
            if (received.size() < 14) continue;
            const std::string reply = react(DnsQuery::parse(received.substr(2), true));
            const std::string framed = number16(static_cast<unsigned>(reply.size())) + reply;
            if (!reply.empty()) co_await sock_sendall(client, framed);
        }
    }

    Socket udp_;
    Socket tcp_;
    std::map<std::string, std::vector<std::string>> records_;
    std::map<std::string, Behaviour> behaviours_;
    std::vector<DnsQuery> kept_;
    std::vector<Task<>> tasks_;
};

}  // namespace aio::tests
