// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <string>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

static_assert(std::is_base_of_v<ReadTransport, Transport>);
static_assert(std::is_base_of_v<WriteTransport, Transport>);
static_assert(std::is_convertible_v<Transport*, BaseTransport*>, "there is one BaseTransport in it");
static_assert(std::is_abstract_v<DatagramTransport>);

TEST(Transport, WriteBufferLimitsFollowFromEachOther) {
    using Limits = WriteBufferLimits;
    EXPECT_EQ(detail::checked_limits({}, {}), (Limits{16384, 65536}));
    EXPECT_EQ(detail::checked_limits(1000, {}), (Limits{250, 1000}));
    EXPECT_EQ(detail::checked_limits({}, 50), (Limits{50, 200}));
    EXPECT_EQ(detail::checked_limits(0, {}), (Limits{0, 0}));
    EXPECT_EQ(detail::checked_limits(20, 20), (Limits{20, 20}));
    EXPECT_EQ(thrown<ValueError>([] { detail::checked_limits(10, 20); }),
              "high (10) must be >= low (20) must be >= 0");
}

// What a transport of one's own, such as a language binding's, has to implement.
class Recorder final : public Transport {
public:
    explicit Recorder(bool& deleted) : deleted_(deleted) {}
    ~Recorder() override { deleted_ = true; }
    using WriteTransport::write;
    using WriteTransport::writelines;
    void close() override {}
    std::any get_extra_info(std::string_view name) const override {
        if (name == "peername") return SocketAddress("127.0.0.1", 1);
        if (name == "socket") return TransportSocket(7);
        if (name == "answer") return 42;
        return {};
    }
    void set_protocol(std::shared_ptr<BaseProtocol>) override {}
    std::shared_ptr<BaseProtocol> get_protocol() const override { return nullptr; }
    std::string repr() const override { return "<Recorder>"; }
    void pause_reading() override {}
    void resume_reading() override {}
    bool is_reading() const noexcept override { return true; }
    void write(BytesView data) override { written.push_back(data.str()); }
    void write(BytesView data, std::shared_ptr<const void>) override { written.push_back(data.str()); }
    void writelines(std::span<const BytesView> pieces) override {
        for (const BytesView piece : pieces) written.push_back(piece.str());
    }
    void write_eof() override {}
    bool can_write_eof() const noexcept override { return false; }
    void abort() override {}
    void set_write_buffer_limits(std::optional<std::size_t>, std::optional<std::size_t>) override {}
    WriteBufferLimits get_write_buffer_limits() const noexcept override { return detail::kDefaultLimits; }
    std::size_t get_write_buffer_size() const noexcept override { return 0; }

    std::vector<std::string> written;

private:
    bool& deleted_;
};

TEST(Transport, LivesAsLongAsAReference) {
    bool deleted = false;
    {
        Ref<Transport> as_transport(new Recorder(deleted));
        const Ref<BaseTransport> as_base = as_transport;
        const Ref<ReadTransport> as_reader = as_transport;
        as_transport = nullptr;
        EXPECT_FALSE(deleted);
    }
    EXPECT_TRUE(deleted);
}

TEST(Transport, TakesBytesInEveryForm) {
    bool deleted = false;
    const Ref<Recorder> recorder(new Recorder(deleted));
    Transport& transport = *recorder;
    const std::string text = "string";
    const std::vector<std::byte> bytes = {std::byte{'b'}};
    transport.write("literal");
    transport.write(text);
    transport.write(std::string("rvalue"));
    transport.write(std::string_view("view"));
    transport.write(bytes);
    transport.write("owned", std::make_shared<int>());
    transport.writelines(std::vector<std::string>{"one", "two"});
    const BytesView views[] = {"three"};
    transport.writelines(views);
    EXPECT_EQ(py(recorder->written), "[literal, string, rvalue, view, b, owned, one, two, three]");
}

TEST(Transport, ExtraInfoIsTyped) {
    bool deleted = false;
    const Ref<Transport> transport(new Recorder(deleted));
    EXPECT_EQ(transport->peername(), SocketAddress("127.0.0.1", 1));
    EXPECT_TRUE(transport->sockname().empty());
    EXPECT_EQ(transport->fd(), 7);
    EXPECT_EQ(transport->get_extra_info("answer", 1), 42);
    EXPECT_EQ(transport->get_extra_info("answer", std::string("wrong type")), "wrong type");
    EXPECT_EQ(transport->get_extra_info("missing", 1), 1);
    EXPECT_FALSE(transport->get_extra_info("missing").has_value());
}

}  // namespace
}  // namespace aio::tests
