// SPDX-License-Identifier: MIT
// The keys and values of redis_server.cpp, and the commands on them. One loop runs all clients, so that
// nothing here needs a lock: a command is never interrupted.
#pragma once

#include "redis_protocol.hpp"

#include <aio/aio.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

namespace redis {

/// What a command is answered with if it cannot be done.
class CommandError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// "get" as the tables have it: "GET".
inline std::string upper_case(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

inline constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

/// How many words a command has, its name among them.
inline void check_arguments(const Command& command, std::size_t least, std::size_t most) {
    if (command.size() >= least && command.size() <= most) return;
    throw CommandError("ERR wrong number of arguments for '" + command[0] + "' command");
}

class Database {
public:
    /// `memory`: how many bytes of keys and values it takes, about.
    explicit Database(std::size_t memory) : memory_(memory) {}

    /// Runs a command and adds its reply. Throws CommandError.
    void execute(const Command& command, Replies& replies) {
        static const Table kTable = make_table();
        const auto found = kTable.find(upper_case(command[0]));
        if (found == kTable.end()) throw CommandError("ERR unknown command '" + command[0] + "'");
        const Entry& entry = found->second;
        check_arguments(command, entry.least, entry.most);
        if (entry.stores) make_room(command);
        (this->*entry.run)(command, replies);
    }

    std::size_t memory_used() const noexcept { return used_; }

private:
    using List = std::deque<std::string>;
    struct Value {
        std::variant<std::string, List> data;
        aio::TimePoint expires = aio::TimePoint::max();
    };
    using Values = std::unordered_map<std::string, Value>;
    struct Entry {
        void (Database::*run)(const Command&, Replies&);
        std::size_t least;
        std::size_t most;
        bool stores = false;
    };
    using Table = std::unordered_map<std::string, Entry>;

    static Table make_table() {
        return {{"PING", {&Database::ping, 1, 2}},
                {"ECHO", {&Database::echo, 2, 2}},
                {"GET", {&Database::get, 2, 2}},
                {"SET", {&Database::set, 3, 6, true}},
                {"MGET", {&Database::mget, 2, kAny}},
                {"MSET", {&Database::mset, 3, kAny, true}},
                {"DEL", {&Database::del, 2, kAny}},
                {"EXISTS", {&Database::exists, 2, kAny}},
                {"INCR", {&Database::incr, 2, 2, true}},
                {"DECR", {&Database::decr, 2, 2, true}},
                {"INCRBY", {&Database::incrby, 3, 3, true}},
                {"EXPIRE", {&Database::expire, 3, 3}},
                {"PEXPIRE", {&Database::expire, 3, 3}},
                {"TTL", {&Database::ttl, 2, 2}},
                {"PTTL", {&Database::ttl, 2, 2}},
                {"LPUSH", {&Database::push, 3, kAny, true}},
                {"RPUSH", {&Database::push, 3, kAny, true}},
                {"LPOP", {&Database::pop, 2, 2}},
                {"RPOP", {&Database::pop, 2, 2}},
                {"LLEN", {&Database::llen, 2, 2}},
                {"LRANGE", {&Database::lrange, 4, 4}},
                {"DBSIZE", {&Database::dbsize, 1, 1}},
                {"FLUSHALL", {&Database::flushall, 1, 2}},
                {"COMMAND", {&Database::command, 1, kAny}},
                {"CONFIG", {&Database::config, 2, kAny}}};
    }

    // --- keys -----------------------------------------------------------------------------------------

    static aio::TimePoint now() { return aio::get_running_loop().time(); }
    static std::size_t cost(std::string_view text) { return text.size() + 64; }
    static std::size_t cost(const Values::value_type& entry) {
        std::size_t bytes = cost(entry.first);
        if (const auto* text = std::get_if<std::string>(&entry.second.data)) return bytes + cost(*text);
        for (const std::string& item : std::get<List>(entry.second.data)) bytes += cost(item);
        return bytes;
    }

    /// Null if there is none, or none any more.
    Value* find(const std::string& key) {
        const auto found = values_.find(key);
        if (found == values_.end()) return nullptr;
        if (found->second.expires > now()) return &found->second;
        erase(found);
        return nullptr;
    }
    /// The same as a T.
    template <class T>
    T* find_as(const std::string& key) {
        Value* value = find(key);
        T* data = value ? std::get_if<T>(&value->data) : nullptr;
        if (value && !data) {
            throw CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
        }
        return data;
    }
    Values::iterator erase(Values::iterator entry) {
        used_ -= cost(*entry);
        return values_.erase(entry);
    }
    bool erase(const std::string& key) {
        if (!find(key)) return false;
        erase(values_.find(key));
        return true;
    }
    void store(const std::string& key, std::string text, aio::TimePoint expires = aio::TimePoint::max()) {
        const auto [entry, is_new] = values_.try_emplace(key);
        if (!is_new) used_ -= cost(*entry);
        entry->second = Value{std::move(text), expires};
        used_ += cost(*entry);
    }
    void drop_expired() {
        for (auto entry = values_.begin(); entry != values_.end();) {
            entry = entry->second.expires > now() ? std::next(entry) : erase(entry);
        }
    }
    void make_room(const Command& command) {
        std::size_t wanted = 0;
        for (const std::string& argument : command) wanted += cost(argument);
        if (used_ + wanted > memory_) drop_expired();
        if (used_ + wanted > memory_) {
            throw CommandError("OOM command not allowed when used memory > 'maxmemory'.");
        }
    }

    static std::int64_t integer(const std::string& text) {
        const auto value = to_integer(text);
        if (!value) throw CommandError("ERR value is not an integer or out of range");
        return *value;
    }
    static aio::TimePoint deadline(const std::string& number, bool milliseconds) {
        const std::int64_t value = integer(number);
        const std::int64_t most = milliseconds ? 1'000'000'000'000 : 1'000'000'000;  // thirty years
        if (value > most) throw CommandError("ERR invalid expire time");
        return now() + std::chrono::milliseconds(milliseconds ? value : value * 1000);
    }

    // --- commands -------------------------------------------------------------------------------------

    void ping(const Command& command, Replies& replies) {
        command.size() == 2 ? replies.bulk(command[1]) : replies.status("PONG");
    }
    void echo(const Command& command, Replies& replies) { replies.bulk(command[1]); }

    void get(const Command& command, Replies& replies) {
        const auto* text = find_as<std::string>(command[1]);
        text ? replies.bulk(*text) : replies.nil();
    }
    void set(const Command& command, Replies& replies) {
        aio::TimePoint expires = aio::TimePoint::max();
        bool only_new = false;
        bool only_old = false;
        for (std::size_t i = 3; i < command.size(); ++i) {
            const std::string option = upper_case(command[i]);
            only_new = only_new || option == "NX";
            only_old = only_old || option == "XX";
            if (option == "NX" || option == "XX") continue;
            if ((option != "EX" && option != "PX") || ++i == command.size()) {
                throw CommandError("ERR syntax error");
            }
            expires = deadline(command[i], option == "PX");
            if (expires <= now()) throw CommandError("ERR invalid expire time in 'set' command");
        }
        if (only_new && only_old) throw CommandError("ERR syntax error");
        const bool there = find(command[1]) != nullptr;
        if ((only_new && there) || (only_old && !there)) {
            replies.nil();
            return;
        }
        store(command[1], command[2], expires);
        replies.status("OK");
    }
    void mget(const Command& command, Replies& replies) {
        replies.array(command.size() - 1);
        for (std::size_t i = 1; i < command.size(); ++i) {
            const Value* value = find(command[i]);
            const auto* text = value ? std::get_if<std::string>(&value->data) : nullptr;
            text ? replies.bulk(*text) : replies.nil();
        }
    }
    void mset(const Command& command, Replies& replies) {
        if (command.size() % 2 == 0) throw CommandError("ERR wrong number of arguments for MSET");
        for (std::size_t i = 1; i < command.size(); i += 2) store(command[i], command[i + 1]);
        replies.status("OK");
    }
    void del(const Command& command, Replies& replies) {
        std::int64_t count = 0;
        for (std::size_t i = 1; i < command.size(); ++i) count += erase(command[i]) ? 1 : 0;
        replies.integer(count);
    }
    void exists(const Command& command, Replies& replies) {
        std::int64_t count = 0;
        for (std::size_t i = 1; i < command.size(); ++i) count += find(command[i]) ? 1 : 0;
        replies.integer(count);
    }
    void add(const std::string& key, std::int64_t difference, Replies& replies) {
        const auto* text = find_as<std::string>(key);
        std::int64_t sum = 0;
        if (__builtin_add_overflow(text ? integer(*text) : 0, difference, &sum)) {
            throw CommandError("ERR increment or decrement would overflow");
        }
        store(key, std::to_string(sum), text ? find(key)->expires : aio::TimePoint::max());
        replies.integer(sum);
    }
    void incr(const Command& command, Replies& replies) { add(command[1], 1, replies); }
    void decr(const Command& command, Replies& replies) { add(command[1], -1, replies); }
    void incrby(const Command& command, Replies& replies) { add(command[1], integer(command[2]), replies); }

    void expire(const Command& command, Replies& replies) {
        const aio::TimePoint when = deadline(command[2], upper_case(command[0]) == "PEXPIRE");
        Value* value = find(command[1]);
        if (value) value->expires = when;
        replies.integer(value ? 1 : 0);
    }
    void ttl(const Command& command, Replies& replies) {
        const Value* value = find(command[1]);
        if (!value || value->expires == aio::TimePoint::max()) {
            replies.integer(value ? -1 : -2);
        } else if (upper_case(command[0]) == "PTTL") {
            replies.integer(std::chrono::ceil<std::chrono::milliseconds>(value->expires - now()).count());
        } else {
            replies.integer(std::chrono::ceil<std::chrono::seconds>(value->expires - now()).count());
        }
    }

    void push(const Command& command, Replies& replies) {
        List* list = find_as<List>(command[1]);
        if (!list) {
            const auto entry = values_.emplace(command[1], Value{List(), aio::TimePoint::max()}).first;
            used_ += cost(*entry);
            list = &std::get<List>(entry->second.data);
        }
        const bool left = upper_case(command[0]) == "LPUSH";
        for (std::size_t i = 2; i < command.size(); ++i) {
            list->insert(left ? list->begin() : list->end(), command[i]);
            used_ += cost(command[i]);
        }
        replies.integer(static_cast<std::int64_t>(list->size()));
    }
    void pop(const Command& command, Replies& replies) {
        List* list = find_as<List>(command[1]);
        if (!list) {
            replies.nil();
            return;
        }
        const auto item = upper_case(command[0]) == "LPOP" ? list->begin() : std::prev(list->end());
        replies.bulk(*item);
        used_ -= cost(*item);
        list->erase(item);
        if (list->empty()) erase(command[1]);  // an empty list does not exist
    }
    void llen(const Command& command, Replies& replies) {
        const List* list = find_as<List>(command[1]);
        replies.integer(list ? static_cast<std::int64_t>(list->size()) : 0);
    }
    void lrange(const Command& command, Replies& replies) {
        const List* list = find_as<List>(command[1]);
        const std::int64_t size = list ? static_cast<std::int64_t>(list->size()) : 0;
        std::int64_t first = integer(command[2]);  // negative: from the end
        std::int64_t last = integer(command[3]);
        first = std::max<std::int64_t>(first < 0 ? first + size : first, 0);
        last = std::min(last < 0 ? last + size : last, size - 1);
        replies.array(first > last ? 0 : static_cast<std::size_t>(last - first + 1));
        for (; first <= last; ++first) replies.bulk((*list)[static_cast<std::size_t>(first)]);
    }

    void dbsize(const Command&, Replies& replies) {
        drop_expired();
        replies.integer(static_cast<std::int64_t>(values_.size()));
    }
    void flushall(const Command&, Replies& replies) {
        values_.clear();
        used_ = 0;
        replies.status("OK");
    }
    void command(const Command&, Replies& replies) {
        replies.array(0);
    }  // clients ask for it when they start
    void config(const Command& command, Replies& replies) {
        if (upper_case(command[1]) != "GET") throw CommandError("ERR only CONFIG GET is supported");
        const bool known = command.size() == 3 && (command[2] == "save" || command[2] == "appendonly");
        replies.array(known ? 2 : 0);
        if (!known) return;
        replies.bulk(command[2]);
        replies.bulk(command[2] == "save" ? "" : "no");  // nothing is kept on disk
    }

    Values values_;
    std::size_t used_ = 0;
    const std::size_t memory_;
};

}  // namespace redis
