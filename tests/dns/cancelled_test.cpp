// SPDX-License-Identifier: MIT
// Look-ups that are cancelled at every point, and memory that runs out at every allocation.
#include <allocation/operation.hpp>
#include <dns/dns_support.hpp>
#include <support/inject.hpp>

#include <sys/socket.h>
#include <array>
#include <thread>

AIO_REPLACE_OPERATOR_NEW();

namespace aio::tests {
namespace {

dns::ResolverOptions options_for(const SocketAddress& server) {
    return dns::ResolverOptions().servers({server}).search({"test"}).hosts_file("").tries(1);
}

// --- cancelled ------------------------------------------------------------------------------------

struct LooksUp : Scenario {
    NameServer server;
    dns::Resolver resolver{options_for(server.address()).timeout(1h)};
    Coro<> prepare() override {
        server.add_address("www.test", "127.0.0.7");
        server.start();
        co_return;
    }
    Coro<> subject() override { co_await look_up(); }
    Coro<> look_up() {
        const auto found = co_await resolver.getaddrinfo("www", 80, AddrInfoOptions());
        EXPECT_EQ(found.at(0).address.str(), "127.0.0.7:80");
        const auto records = co_await resolver.query("www.test", dns::Type::A);
        EXPECT_EQ(records.at(0).value, "127.0.0.7");
        const NameInfo name = co_await resolver.getnameinfo(SocketAddress("10.1.2.3", 1), NI_NUMERICSERV);
        EXPECT_EQ(name.host, "10.1.2.3");
    }
    Coro<> finish() override {
        co_await look_up();
        co_await server.stop();
    }
};
TEST(DnsInjection, LooksUp) { inject<LooksUp>(12); }

// The other one hears the answer whatever becomes of the subject.
struct LooksUpWithAnother : LooksUp {
    Coro<> others() override { co_await look_up(); }
};
TEST(DnsInjection, LooksUpWithAnother) { inject<LooksUpWithAnother>(14); }

// Cancelled before and after it was told of the first ones.
struct LooksUpInParts : LooksUp {
    struct Counting final : Resolver::Listener {
        void found(std::vector<AddrInfo> some) override { count += some.size(); }
        std::size_t count = 0;
    };
    Coro<> prepare() override {
        server.add_address("www.test", "::7");
        server.keep("www.test", 28);
        return LooksUp::prepare();
    }
    Coro<> subject() override {
        Counting counting;
        AddrInfoOptions wanted;
        wanted.type(SOCK_STREAM);
        co_await resolver.getaddrinfo_in_parts("www", 80, wanted, counting);
        EXPECT_EQ(counting.count, 2U);
    }
    Coro<> others() override {
        for (int turn = 0; turn < 50 && server.kept() == 0; ++turn) co_await sleep(0s);
        for (int turn = 0; turn < 4; ++turn) co_await sleep(0s);
        server.behave("www.test", [this](const DnsQuery& query) { return server.standard(query); });
        co_await server.answer_kept();
    }
};
TEST(DnsInjection, LooksUpInParts) { inject<LooksUpInParts>(12); }

// --- out of memory --------------------------------------------------------------------------------

// Answers in a thread of its own, whose memory does not run out.
class ServerThread {
public:
    ServerThread() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        socket_.bind(SocketAddress("127.0.0.1", 0));
        thread_ = std::thread([this] { serve(); });
    }
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;
    ~ServerThread() {
        const SocketAddress to = address();
        ::sendto(socket_.fileno(), "", 0, 0, to.native(), to.native_size());
        thread_.join();
    }
    SocketAddress address() const { return socket_.getsockname(); }

private:
    void serve() {
        std::array<char, 2048> bytes{};
        for (;;) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            auto* const peer = reinterpret_cast<sockaddr*>(&from);
            const ssize_t count = ::recvfrom(socket_.fileno(), bytes.data(), bytes.size(), 0, peer, &size);
            if (count <= 0) return;
            const DnsQuery query =
                DnsQuery::parse(std::string(bytes.data(), static_cast<std::size_t>(count)), false);
            const std::string reply = query.type == 1
                                          ? dns_reply(query, 0, {address_record(query.name, "127.0.0.7")})
                                          : dns_reply(query, 0, {}, {soa_record(30, 30)});
            ::sendto(socket_.fileno(), reply.data(), reply.size(), 0, peer, size);
        }
    }
    Socket socket_;
    std::thread thread_;
};

TEST(DnsAllocation, LooksUp_Thread) {
    const ServerThread server;
    const SocketAddress address = server.address();
    out_of_memory_in([address](Scene& scene) -> Coro<bool> {
        dns::Resolver resolver(options_for(address).timeout(20ms).tries(3));
        try {
            const auto found = co_await resolver.getaddrinfo("www.test", 80, AddrInfoOptions());
            const auto records = co_await resolver.query("www.test", dns::Type::A);
            co_return !found.empty() && records.size() == 1;
        } catch (const gaierror& error) {  // a socket could not be watched: no answer came
            scene.told = error.error_number() == EAI_AGAIN;
        } catch (const OSError& error) {  // nor could the time
            scene.told = error.error_number() == ECANCELED;
        }
        co_return false;
    });
}

}  // namespace
}  // namespace aio::tests
