// SPDX-License-Identifier: MIT
// Connecting while the resolver still looks up the addresses of one family (RFC 8305, 3).
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/inject.hpp>

#include <aio/base/exception_group.hpp>
#include <aio/net/resolver.hpp>
#include <aio/task/task_factory.hpp>

#include <netdb.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using Addresses = std::vector<SocketAddress>;

/// Tells of addresses at given times.
struct InParts final : Resolver {
    struct Part {
        Duration after;  ///< the part before
        Addresses addresses;
    };
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string, std::uint16_t, AddrInfoOptions) override {
        throw RuntimeError("asked for all");
    }
    Coro<> getaddrinfo_in_parts(std::string host, std::uint16_t, AddrInfoOptions options,
                                Listener& listener) override {
        ++asked;
        wanted = options;
        try {
            for (const Part& part : parts) {
                if (part.after > Duration::zero()) co_await sleep(part.after);
                std::vector<AddrInfo> infos;
                for (const SocketAddress& address : part.addresses) {
                    infos.push_back({address.family(), SOCK_STREAM, 0, "", address});
                }
                listener.found(std::move(infos));
            }
            co_await sleep(ends_after);
        } catch (const CancelledError&) {
            ++cancelled;
            throw;
        }
        if (broken) std::rethrow_exception(broken);
        if (parts.empty()) throw gaierror(EAI_NONAME, "resolve '" + host + "'");
    }
    std::vector<Part> parts;
    Duration ends_after = 0s;
    std::exception_ptr broken;
    AddrInfoOptions wanted;
    int asked = 0;
    int cancelled = 0;
};

constexpr Duration kNever = 24h;

class AddressesInParts : public StreamsTest {
protected:
    AddressesInParts() { listening.listen(10); }
    ConnectOptions options() const { return ConnectOptions().happy_eyeballs_delay(250ms).resolver(resolver); }
    /// How long connecting took. Nothing may be left of it.
    Coro<Duration> time_to(SocketAddress expected, ConnectOptions its_options) {
        const auto begin = loop().time();
        auto streams = co_await open_connection("host.test", 80, std::move(its_options));
        const Duration taken = loop().time() - begin;
        EXPECT_EQ(streams.second.transport().peername(), expected);
        EXPECT_EQ(loop().stats().tasks, 1U);
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().descriptors, 1U);
        streams.second.close();
        co_await streams.second.wait_closed();
        co_return taken;
    }
    Coro<Duration> time_to(SocketAddress expected) { return time_to(std::move(expected), options()); }
    /// The last digits of the ports in the order in which they were tried in vain.
    Coro<std::string> order(ConnectOptions its_options) {
        std::string ports;
        try {
            co_await open_connection("host.test", 80, std::move(its_options.all_errors(true)));
        } catch (const ExceptionGroup& group) {
            for (const std::exception_ptr& error : group.exceptions()) {
                try {
                    std::rethrow_exception(error);
                } catch (const std::exception& e) {
                    const std::string text = e.what();
                    const std::size_t end = text.rfind(": ");
                    ports += text.at(end - 1);
                }
            }
        }
        co_return ports;
    }

    const std::shared_ptr<InParts> resolver = std::make_shared<InParts>();
    Socket listening = bound_socket();
    const SocketAddress answering = listening.getsockname();
    const SocketAddress refused{"127.0.0.1", 1};
    const SocketAddress refused6{"::1", 1};  // or unreachable
    Unanswering silent;
};

TEST_F(AddressesInParts, IPv6IsTriedAtOnce) {
    const Socket six = Socket::stream(AF_INET6);
    try {
        six.bind(SocketAddress("::1", 0));
    } catch (const OSError& error) {
        GTEST_SKIP() << "no IPv6: " << error.what();
    }
    six.listen(10);
    run([&]() -> Coro<> {
        resolver->parts = {{0s, {six.getsockname()}}, {kNever, {answering}}};
        const Duration taken = co_await time_to(six.getsockname());
        EXPECT_EQ(taken, 0s);
        EXPECT_EQ(resolver->cancelled, 1) << "who has a connection asks no more";
        EXPECT_EQ(resolver->wanted.get_type(), SOCK_STREAM);
    });
}

TEST_F(AddressesInParts, IPv4WaitsAMomentForIPv6) {
    run([&]() -> Coro<> {
        resolver->parts = {{0s, {answering}}, {kNever, {refused6}}};
        Duration taken = co_await time_to(answering);
        EXPECT_EQ(taken, 50ms);
        EXPECT_EQ(resolver->cancelled, 1);
        // What comes in between, of the same family, does not make it longer.
        resolver->parts = {{0s, {silent.address()}}, {30ms, {answering}}, {kNever, {refused6}}};
        taken = co_await time_to(answering, options().interleave(0));
        EXPECT_EQ(taken, 50ms) << "the last one found is the first one tried";
    });
}

TEST_F(AddressesInParts, TheMomentIsOverWhenIPv6IsKnown) {
    run([&]() -> Coro<> {
        resolver->parts = {{0s, {answering}}, {20ms, {refused6}}};
        resolver->ends_after = kNever;
        Duration taken = co_await time_to(answering);
        EXPECT_EQ(taken, 20ms);
        resolver->parts = {{0s, {refused}}, {20ms, {refused6, {"::1", 2}}}};
        resolver->ends_after = 0s;
        std::string tried = co_await order(options());
        EXPECT_EQ(tried, "112") << "IPv6 first, then in turn";
        resolver->parts = {{0s, {answering}}};
        resolver->ends_after = 10ms;  // there is none
        taken = co_await time_to(answering);
        EXPECT_EQ(taken, 10ms);
    });
}

TEST_F(AddressesInParts, WhatComesLaterIsTriedNextInItsTime) {
    run([&]() -> Coro<> {
        resolver->parts = {{0s, {silent.address()}}, {100ms, {answering}}};
        Duration taken = co_await time_to(answering);
        EXPECT_EQ(taken, 300ms) << "250 ms after the silent one, which began at 50 ms";
        resolver->parts = {{0s, {silent.address()}}, {1s, {answering}}};
        taken = co_await time_to(answering);
        EXPECT_EQ(taken, 1s);
        resolver->parts = {{0s, {refused6}}, {3s, {answering}}};
        taken = co_await time_to(answering);
        EXPECT_EQ(taken, 3s) << "what has failed does not end the look-up";
        resolver->parts = {{0s, {silent.address(), {"127.0.0.1", 2}, {"127.0.0.1", 3}}},
                           {100ms, {{"::1", 4}, {"::1", 5}}}};
        const std::string last(1, silent.address().str().back());
        std::string tried = co_await order(options().connect_timeout(1s));
        EXPECT_EQ(tried, last + "4253");
        tried = co_await order(options().connect_timeout(1s).interleave(0));
        EXPECT_EQ(tried, last + "4523");
    });
}

TEST_F(AddressesInParts, TheTimeLimitCountsFromTheFirstAttempt) {
    run([&]() -> Coro<> {
        resolver->parts = {{1s, {silent.address()}}, {kNever, {answering}}};
        const auto begin = loop().time();
        std::string error = co_await caught(open_connection("host.test", 80, options().connect_timeout(2s)));
        EXPECT_EQ(error, "TimeoutError");
        EXPECT_EQ(loop().time() - begin, 3050ms);
        EXPECT_EQ(resolver->cancelled, 1);
        resolver->parts = {{0s, {refused6}}, {kNever, {answering}}};
        error = co_await caught(open_connection("host.test", 80, options().connect_timeout(2s)));
        EXPECT_NE(error.find("[::1]:1: "), error.npos) << error;
        EXPECT_EQ(loop().time() - begin, 5050ms) << "what may still come is waited for so long";
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().tasks, 1U);
    });
}

TEST_F(AddressesInParts, FailuresAreTold) {
    run([&]() -> Coro<> {
        std::string error = co_await caught(open_connection("host.test", 80, options()));
        EXPECT_EQ(error, "resolve 'host.test': " + std::string(::gai_strerror(EAI_NONAME)));
        resolver->parts = {{0s, {}}};
        error = co_await caught(open_connection("host.test", 80, options()));
        EXPECT_EQ(error, "getaddrinfo('host.test') returned empty list");
        resolver->broken = std::make_exception_ptr(RuntimeError("broken"));
        error = co_await caught(open_connection("host.test", 80, options()));
        EXPECT_EQ(error, "broken");
        resolver->broken = std::make_exception_ptr(CancelledError());  // by what the resolver waited for
        error = co_await caught(open_connection("host.test", 80, options()));
        EXPECT_EQ(error, "CancelledError");
        resolver->parts = {{0s, {answering}}};
        const Duration taken = co_await time_to(answering);
        EXPECT_EQ(taken, 0s) << "an address is enough";
        EXPECT_EQ(resolver->cancelled, 0);
        error = co_await caught(open_connection("host.test", -1, options()));
        EXPECT_EQ(error, "port must be 0-65535, not -1");
        EXPECT_EQ(loop().stats().tasks, 1U);
    });
    EXPECT_EQ(reports(), std::vector<std::string>());
}

// The look-up then tells of addresses before the race is awaited.
TEST_F(AddressesInParts, OfALookUpThatIsStartedAtOnce) {
    run([&]() -> Coro<> {
        set_task_factory(loop(), eager_task_factory);
        resolver->parts = {{0s, {answering}}, {kNever, {refused6}}};
        Duration taken = co_await time_to(answering);
        EXPECT_EQ(taken, 50ms);
        resolver->parts = {{0s, {refused6, silent.address(), answering}}};
        taken = co_await time_to(answering);
        EXPECT_EQ(taken, 250ms);
        resolver->parts = {};
        const std::string error = co_await caught(open_connection("host.test", 80, options()));
        EXPECT_EQ(error, "resolve 'host.test': " + std::string(::gai_strerror(EAI_NONAME)));
        set_task_factory(loop(), nullptr);
    });
}

// Without a delay the order is the resolver's, for which it has to know all.
TEST_F(AddressesInParts, OnlyForHappyEyeballs) {
    run([&]() -> Coro<> {
        resolver->parts = {{0s, {answering}}};
        const std::string error =
            co_await caught(open_connection("host.test", 80, ConnectOptions().resolver(resolver)));
        EXPECT_EQ(error, "asked for all");
        EXPECT_EQ(resolver->asked, 0);
    });
}

struct ConnectsInParts : Scenario {
    Unanswering silent;
    Socket listening = bound_socket();
    const std::shared_ptr<InParts> resolver = std::make_shared<InParts>();
    Coro<> prepare() override {
        listening.listen(10);
        resolver->parts = {{1s, {silent.address()}}, {1s, {{"::1", 1}, listening.getsockname()}}};
        resolver->ends_after = kNever;
        co_return;
    }
    Coro<> subject() override {
        ConnectOptions options;
        options.happy_eyeballs_delay(2s).resolver(resolver);
        auto streams = co_await open_connection("host.test", 80, options);
        auto& [reader, writer] = streams;
        EXPECT_EQ(writer.transport().peername(), listening.getsockname());
        writer.close();
        co_await writer.wait_closed();
    }
};
TEST(AddressesInPartsInjection, OpenConnection) { inject<ConnectsInParts>(14); }

}  // namespace
}  // namespace aio::tests
