// SPDX-License-Identifier: MIT
// A C library that owns its descriptor and makes its own system calls, hiredis, waits by AsyncFd. It hides
// whether it heard EAGAIN, so recheck() asks. Run by hiredis_test.py with the port of a real server, which it
// stops for a moment, so that writing has to wait.
#include <aio/aio.hpp>
#include <aio/transport/async_fd.hpp>

#include <hiredis/hiredis.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {
int epoll_ctl_calls = 0;
}

// The C library's, counted.
extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
    ++epoll_ctl_calls;
    return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}

namespace {

using namespace std::chrono_literals;

class Client {
public:
    explicit Client(int port) : context_(redisConnectNonBlock("127.0.0.1", port)) {
        if (!context_) throw aio::RuntimeError("no memory");
        check(context_->err);
        const int small = 64 * 1024;
        ::setsockopt(context_->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        fd_ = aio::AsyncFd(context_->fd);
    }

    template <class... Words>
    void append(const Words&... words) {
        const std::vector<std::string> all{words...};
        std::vector<const char*> texts;
        std::vector<std::size_t> sizes;
        for (const std::string& word : all) {
            texts.push_back(word.data());
            sizes.push_back(word.size());
        }
        check(
            redisAppendCommandArgv(context_.get(), static_cast<int>(all.size()), texts.data(), sizes.data()));
    }
    aio::Coro<> flush() {
        for (int done = 0; done == 0;) {
            const aio::FdReady ready = co_await fd_.writable();
            check(redisBufferWrite(context_.get(), &done));
            if (done == 0 && !ready.recheck()) ++write_blocked;
        }
    }
    /// The next reply, of an array its last element.
    aio::Coro<std::string> receive(std::optional<aio::Duration> limit = std::nullopt) {
        for (;;) {
            void* taken = nullptr;
            check(redisGetReplyFromReader(context_.get(), &taken));
            if (taken) co_return text(Reply(static_cast<redisReply*>(taken)));
            const aio::FdReady ready = co_await fd_.readable(limit);
            check(redisBufferRead(context_.get()));
            if (!ready.recheck()) ++read_blocked;
        }
    }
    template <class... Words>
    aio::Coro<std::string> call(Words... words) {
        append(words...);
        co_await flush();
        std::string reply = co_await receive();
        co_return std::move(reply);
    }

    int write_blocked = 0;
    int read_blocked = 0;

private:
    struct Free {
        void operator()(redisContext* context) const noexcept { redisFree(context); }
        void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
    };
    using Reply = std::unique_ptr<redisReply, Free>;

    static std::string text(const Reply& reply) {
        const redisReply* shown = reply.get();
        if (shown->type == REDIS_REPLY_ARRAY && shown->elements > 0)
            shown = shown->element[shown->elements - 1];
        if (shown->type == REDIS_REPLY_INTEGER) return std::to_string(shown->integer);
        return shown->str ? std::string(shown->str, shown->len) : "(nil)";
    }
    void check(int status) const {
        if (status != REDIS_OK) throw aio::RuntimeError(context_->errstr);
    }

    std::unique_ptr<redisContext, Free> context_;
    aio::AsyncFd fd_;  // goes first: hiredis closes the descriptor
};

std::string value(int number) { return std::to_string(number) + std::string(64 * 1024, 'x'); }

// Asks for more until the server has kept it waiting, and for a bit more.
aio::Coro<int> send_all(Client& client) {
    int count = 0;
    for (int more = 20; more > 0; ++count) {
        if (client.write_blocked > 0) --more;
        client.append("SET", "aio:big", value(count));
        client.append("GET", "aio:big");
        co_await client.flush();
    }
    client.append("ECHO", "end");
    co_await client.flush();
    co_return count;
}

aio::Coro<int> receive_all(Client& client) {
    for (int count = 0;; ++count) {
        const std::string answer = co_await client.receive();
        if (answer == "end") co_return count;
        const std::string got = co_await client.receive();
        if (answer != "OK" || got != value(count)) throw aio::RuntimeError("a wrong reply");
    }
}

aio::Coro<> both_directions(Client& client) {
    const std::string info = co_await client.call("INFO", "server");
    const std::string key = "process_id:";
    const pid_t server = std::atoi(info.c_str() + info.find(key) + key.size());
    const int before = epoll_ctl_calls;
    ::kill(server, SIGSTOP);
    auto receiving = aio::create_task(receive_all(client));
    auto sending = aio::create_task(send_all(client));
    while (client.write_blocked == 0 && !sending.done()) co_await aio::sleep(1ms);
    ::kill(server, SIGCONT);
    const int sent = co_await sending;
    const int received = co_await receiving;
    std::printf("all replies in order: %s\n", sent == received ? "yes" : "no");
    std::printf("writing waited: %s, reading waited: %s\n", client.write_blocked > 0 ? "yes" : "no",
                client.read_blocked > 0 ? "yes" : "no");
    std::printf("epoll_ctl for the waits: %d\n", epoll_ctl_calls - before);
}

aio::Coro<> limit_and_cancellation(Client& client, Client& other) {
    client.append("BLPOP", "aio:list", "0");
    co_await client.flush();
    const auto late = co_await aio::as_result(client.receive(20ms));
    std::printf("in time: %s\n", late.raised<aio::TimeoutError>() ? "no" : "yes");
    co_await other.call("RPUSH", "aio:list", "one");
    std::string reply = co_await client.receive();
    std::printf("then: %s\n", reply.c_str());
    // Cancelled at different times between the question and its answer.
    for (int turns = 0; turns < 8; ++turns) {
        client.append("BLPOP", "aio:list", "0");
        co_await client.flush();
        auto waiting = aio::create_task(client.receive());
        if (turns >= 4) co_await other.call("RPUSH", "aio:list", std::to_string(turns));
        for (int i = 0; i < turns % 4; ++i) co_await aio::sleep(1us);
        waiting.cancel();
        const auto given = co_await aio::as_result(waiting);
        if (turns < 4) co_await other.call("RPUSH", "aio:list", std::to_string(turns));
        if (given) {
            reply = given.value();
        } else {
            reply = co_await client.receive();
        }
        std::printf("%s ", reply.c_str());
    }
    std::puts("came, cancelled or not");
}

aio::Coro<> amain(int port) {
    Client client(port);
    Client other(port);
    co_await client.call("DEL", "aio:list", "aio:big");
    co_await both_directions(client);
    co_await limit_and_cancellation(client, other);
    client.append("QUIT");
    co_await client.flush();
    const std::string farewell = co_await client.receive();
    const auto end = co_await aio::as_result(client.receive());
    try {
        end.value();
    } catch (const aio::RuntimeError& error) {
        std::printf("%s; %s\n", farewell.c_str(), error.what());
    }
}

}  // namespace

int main(int argc, char** argv) { return argc == 2 ? aio::run(amain(std::atoi(argv[1]))) : 2; }
