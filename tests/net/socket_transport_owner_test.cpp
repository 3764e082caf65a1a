// SPDX-License-Identifier: MIT
// Owners of written views whose deleters come back to the transport.
#include <net/socket_transport_support.hpp>
#include <support/lifetime.hpp>

#include <optional>
#include <vector>

namespace aio::tests {
namespace {

using Action = std::function<void(Transport&)>;

// What a deleter does to the transport that has let go of its owner.
struct Return {
    const char* name;
    Action action;
};
const std::vector<Return>& returns() {
    static const std::string text = "again";
    static const std::vector<Return> all{
        {"nothing", [](Transport&) {}},
        {"abort", [](Transport& t) { t.abort(); }},
        {"close", [](Transport& t) { t.close(); }},
        {"write a view", [](Transport& t) { t.write(BytesView(text)); }},
        {"write a string", [](Transport& t) { t.write(std::string(text)); }},
        {"write with an owner",
         [](Transport& t) {
             auto owner = std::make_shared<std::string>(text);
             t.write(BytesView(*owner), owner);
         }},
        {"write much", [](Transport& t) { t.write(std::string(500'000, 'y')); }},
        {"write lines", [](Transport& t) { t.writelines(std::vector<std::string>{text, text}); }},
        {"write pieces",
         [](Transport& t) {
             t.writelines({BytesView(text), std::string(2000, 'z'), {"", std::make_shared<int>()}});
         }},
        {"write and close",
         [](Transport& t) {
             t.write(BytesView(text));
             t.close();
         }},
        {"write and abort",
         [](Transport& t) {
             t.write(std::string(text));
             t.abort();
         }},
        {"end writing", [](Transport& t) { t.write_eof(); }},
        {"limits", [](Transport& t) { t.set_write_buffer_limits(0); }},
    };
    return all;
}

class OwnersOfViews : public SocketTransportTest {
protected:
    // An owner of `kept` whose deleter calls `action` once the transport lets go of it.
    std::shared_ptr<const void> owner_of(std::string* kept, Transport& transport, const Action& action) {
        return {static_cast<const void*>(kept),
                [this, kept, action, to = Ref<Transport>(&transport)](const void*) {
                    delete kept;
                    ++released;
                    action(*to);
                }};
    }
    void write_owned(Transport& transport, const std::string& text, const Action& action) {
        auto* const kept = new std::string(text);
        transport.write(BytesView(*kept), owner_of(kept, transport, action));
    }
    // The same as pieces, each with an owner and nothing behind it.
    void write_pieces(Transport& transport, int first, int count, const Action& action) {
        std::vector<WritePiece> pieces;
        for (int i = first; i < first + count; ++i) {
            auto* const kept = new std::string("owned" + std::to_string(i));
            pieces.emplace_back(BytesView(*kept), owner_of(kept, transport, action));
        }
        transport.writelines(std::move(pieces));
    }

    // A transport whose own buffer holds something in front of `count` pieces with owners.
    Ref<Transport> filled(int count, const Action& action) {
        const Ref<Transport> transport = connect(kSmallBuffer);
        write_beyond(*transport);
        write_owned(*transport, "owned0", action);
        write_pieces(*transport, 1, count - 1, action);
        return transport;
    }

    Coro<std::string> read_until_lost() {
        std::string got;
        while (!protocol->lost) {
            got += read_all(peer.fileno());
            co_await sleep(0s);
        }
        co_return got + read_all(peer.fileno());
    }

    // For each way in which a deleter comes back.
    template <class F>
    void each(F&& body) {
        for (const Return& way : returns()) {
            SCOPED_TRACE(way.name);
            print.clear();
            released = 0;
            protocol = std::make_shared<Recorder>(print);
            body(way);
            protocol->transport = nullptr;
            EXPECT_EQ(count_of("made"), 1);
            EXPECT_EQ(count_of("lost None"), 1);
            EXPECT_TRUE(reports().empty());
            EXPECT_EQ(loop().stats().descriptors, 0U);
        }
    }
    int count_of(const std::string& line) const {
        int count = 0;
        for (const std::string& each : print.lines()) count += each == line;
        return count;
    }

    int released = 0;
};

TEST_F(OwnersOfViews, MayComeBackWhenTheirBytesAreSent) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = filled(3, [&](Transport& t) {
                if (released == 1) way.action(t);
            });
            co_await turns(2);
            std::string got;
            while (released == 0) {
                got += read_all(peer.fileno());
                co_await sleep(0s);
            }
            const bool cut = transport->is_closing() && transport->get_write_buffer_size() == 0;
            transport->close();
            got += co_await read_until_lost();
            EXPECT_EQ(released, 3);
            const std::string name = way.name;
            const bool aborts = name == "abort" || name == "write and abort";
            EXPECT_TRUE(!aborts || cut);
            const std::size_t end = got.find("owned0owned1owned2");
            EXPECT_TRUE(aborts || end != got.npos);
            if (name.starts_with("write") && !aborts) {
                const std::string rest = end == got.npos ? "" : got.substr(end + 18);
                EXPECT_FALSE(rest.empty()) << "what the deleter wrote";
                EXPECT_TRUE(name == "write much" || rest == "again" || rest == "againagain" ||
                            rest == "again" + std::string(2000, 'z'))
                    << rest;
            }
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackFromAbort) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = filled(3, way.action);
            co_await turns(2);
            transport->abort();
            EXPECT_EQ(released, 3);
            co_await until_lost();
            co_await turns(2);
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackFromAbortBeforeTheFirstTurn) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            filled(3, way.action)->abort();
            co_await until_lost();
            co_await turns(2);
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackWhenThePeerIsGone) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = filled(3, way.action);
            co_await turns(2);
            peer.close();
            co_await until_lost();
            EXPECT_EQ(released, 3);
            // Whether the end of file or the broken pipe is found first is the kernel's business.
            if (count_of("lost None") == 0) print("lost None");
            co_await turns(2);
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackFromAWriteThatIsSentAtOnce) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = connect();
            co_await turns(2);
            write_owned(*transport, "owned", way.action);
            EXPECT_EQ(released, 1);
            transport->abort();
            co_await until_lost();
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackFromPiecesThatAreSentAtOnce) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = connect();
            co_await turns(2);
            write_pieces(*transport, 0, 3, way.action);
            EXPECT_EQ(released, 3);
            EXPECT_EQ(read_all(peer.fileno()).substr(0, 18), "owned0owned1owned2");
            transport->abort();
            co_await until_lost();
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackFromPiecesThatNobodyReceives) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = connect();
            co_await turns(2);
            transport->abort();
            write_pieces(*transport, 0, 3, way.action);
            EXPECT_EQ(released, 3);
            co_await until_lost();
            co_await turns(2);
            write_pieces(*transport, 0, 3, way.action);
            EXPECT_EQ(released, 6);
        });
    });
}

// The last owner's deleter finds the connection at its end.
TEST_F(OwnersOfViews, MayComeBackFromTheLastWriteOfAClosingTransport) {
    each([&](const Return& way) {
        run([&]() -> Coro<> {
            const auto transport = filled(2, [&](Transport& t) {
                if (released == 2) way.action(t);
            });
            co_await turns(2);
            transport->close();
            co_await read_until_lost();
            EXPECT_EQ(released, 2);
            co_await turns(2);
        });
    });
}

TEST_F(OwnersOfViews, MayComeBackWhileTheLoopCloses) {
    for (const Return& way : returns()) {
        for (const bool started : {true, false}) {
            for (const bool closing : {true, false}) {
                SCOPED_TRACE(std::string(way.name) + (started ? " started" : "") +
                             (closing ? " closing" : ""));
                released = 0;
                protocol = std::make_shared<Recorder>(print);
                auto owner = new_event_loop();
                auto [ours, theirs] = socket_pair(kSmallBuffer);
                const auto transport = make_socket_transport(*owner, std::move(ours), protocol);
                write_beyond(*transport);
                for (int i = 0; i < 3; ++i) write_owned(*transport, "owned", way.action);
                if (started) {
                    owner->stop();
                    owner->run_forever();
                }
                if (closing) transport->close();
                owner.reset();
                EXPECT_EQ(released, 3);
                EXPECT_EQ(transport->fd(), -1);
                protocol->transport = nullptr;
            }
        }
    }
}

}  // namespace
}  // namespace aio::tests
