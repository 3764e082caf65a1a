// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/file.hpp>
#include <aio/fs/file_state_impl.hpp>
#include <aio/fs/stat_impl.hpp>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace aio::fs {
namespace detail {
namespace {

/// What is done with a file, see FileOperation.
struct Work {
    static constexpr bool kMustRun = false;
    // What is in memory blocks nobody.
    static bool at_once(const BufferedFile& file) noexcept { return file.raw().in_memory(); }
};

struct Read : Work {
    using Result = std::string;
    static constexpr const char* kName = "read";
    explicit Read(std::ptrdiff_t n) noexcept : all(n < 0), count(all ? std::string::npos : std::size_t(n)) {}
    bool at_once(const BufferedFile& file) const noexcept {
        return Work::at_once(file) || file.buffered() >= count;
    }
    void run(BufferedFile& file) const { all ? file.fill_all() : file.fill(count); }
    std::string take(BufferedFile& file) const { return file.take(count); }
    bool all;
    std::size_t count;
};

struct ReadInto : Work {
    using Result = std::size_t;
    static constexpr const char* kName = "readinto";
    explicit ReadInto(std::span<char> memory) noexcept : to(memory) {}
    bool at_once(const BufferedFile& file) const noexcept {
        return Work::at_once(file) || file.buffered() >= to.size();
    }
    void run(BufferedFile& file) const { file.fill(to.size()); }
    std::size_t take(BufferedFile& file) const noexcept {
        const std::size_t count = std::min(to.size(), file.buffered());
        file.take_into(to.data(), count);
        return count;
    }
    std::span<char> to;
};

struct ReadLine : Work {
    using Result = std::string;
    static constexpr const char* kName = "readline";
    static bool at_once(const BufferedFile& file) noexcept {
        return Work::at_once(file) || file.line_size() > 0;
    }
    static void run(BufferedFile& file) { file.fill_line(); }
    static std::string take(BufferedFile& file) {
        const std::size_t size = file.line_size();
        return file.take(size > 0 ? size : file.buffered());
    }
};

struct NextLine : ReadLine {
    using Result = std::optional<std::string>;
    static constexpr const char* kName = "next_line";
    static Result take(BufferedFile& file) {
        if (file.buffered() == 0) return std::nullopt;
        return ReadLine::take(file);
    }
};

struct NextChunk : Work {
    using Result = std::optional<std::string>;
    static constexpr const char* kName = "next_chunk";
    explicit NextChunk(std::size_t n) noexcept : most(n) {}
    static bool at_once(const BufferedFile& file) noexcept {
        return Work::at_once(file) || file.buffered() > 0;
    }
    void run(BufferedFile& file) const { file.fill_some(most); }
    Result take(BufferedFile& file) const {
        if (file.buffered() == 0) return std::nullopt;
        return file.take(most);
    }
    std::size_t most;
};

struct ReadLines : Work {
    using Result = std::vector<std::string>;
    static constexpr const char* kName = "readlines";
    static void run(BufferedFile& file) { file.fill_all(); }
    static Result take(BufferedFile& file) {
        Result lines;
        for (std::string_view left = file.view(); !left.empty();) {
            const std::size_t size = std::min(left.find('\n'), left.size() - 1) + 1;
            lines.emplace_back(left.substr(0, size));
            left.remove_prefix(size);
        }
        file.consume(file.buffered());  // last, lest they are lost where memory runs out
        return lines;
    }
};

struct Write : Work {
    using Result = std::size_t;
    static constexpr const char* kName = "write";
    explicit Write(std::string text) noexcept : data(std::move(text)) {}
    bool at_once(const BufferedFile& file) const noexcept { return file.raw().has_room_for(data.size()); }
    void run(BufferedFile& file) const { file.write(data); }
    std::size_t take(BufferedFile&) const noexcept { return data.size(); }
    std::string data;
};

struct Seek : Work {
    using Result = std::int64_t;
    static constexpr const char* kName = "seek";
    Seek(std::int64_t to, int from) noexcept : offset(to), whence(from) {}
    void run(BufferedFile& file) { offset = file.seek(offset, whence); }
    std::int64_t take(BufferedFile&) const noexcept { return offset; }
    std::int64_t offset;
    int whence;
};

struct Tell : Work {
    using Result = std::int64_t;
    static constexpr const char* kName = "tell";
    void run(BufferedFile& file) { position = file.tell(); }
    std::int64_t take(BufferedFile&) const noexcept { return position; }
    std::int64_t position = 0;
};

struct Truncate : Work {
    using Result = std::int64_t;
    static constexpr const char* kName = "truncate";
    explicit Truncate(std::optional<std::int64_t> to) noexcept : size(to) {}
    static bool at_once(const BufferedFile&) noexcept { return false; }  // may be more than memory holds
    void run(BufferedFile& file) { size = file.truncate(size); }
    std::int64_t take(BufferedFile&) const noexcept { return *size; }
    std::optional<std::int64_t> size;
};

struct Flush : Work {
    using Result = void;
    static constexpr const char* kName = "flush";
    static bool at_once(const BufferedFile&) noexcept { return true; }
    static void run(BufferedFile& file) {
        if (file.raw().closed()) throw ValueError("I/O operation on closed file");
    }
    static void take(BufferedFile&) noexcept {}
};

struct Fsync : Work {
    using Result = void;
    static constexpr const char* kName = "fsync";
    static void run(BufferedFile& file) { file.raw().fsync(); }
    static void take(BufferedFile&) noexcept {}
};

struct PRead : Work {
    using Result = std::string;
    static constexpr const char* kName = "pread";
    PRead(std::size_t n, std::int64_t from) noexcept : count(n), offset(from) {}
    void run(BufferedFile& file) { text = file.pread(count, offset); }
    std::string take(BufferedFile&) noexcept { return std::move(text); }
    std::size_t count;
    std::int64_t offset;
    std::string text;
};

struct PWrite : Work {
    using Result = std::size_t;
    static constexpr const char* kName = "pwrite";
    PWrite(std::string text, std::int64_t at) noexcept : data(std::move(text)), offset(at) {}
    static bool at_once(const BufferedFile&) noexcept { return false; }  // may be more than memory holds
    void run(BufferedFile& file) const { file.pwrite(data, offset); }
    std::size_t take(BufferedFile&) const noexcept { return data.size(); }
    std::string data;
    std::int64_t offset;
};

struct StatWork : Work {
    using Result = Stat;
    static constexpr const char* kName = "stat";
    static bool at_once(const BufferedFile&) noexcept { return false; }
    void run(BufferedFile& file) {
        file.raw().rollover();
        struct ::stat raw{};
        if (file.raw().closed()) throw ValueError("I/O operation on closed file");
        if (::fstat(file.raw().fd(), &raw) != 0) raise_os_error(errno, "stat '" + file.raw().name() + "'");
        found = to_stat(raw);
    }
    Stat take(BufferedFile&) const noexcept { return found; }
    Stat found;
};

struct Rollover : Work {
    using Result = void;
    static constexpr const char* kName = "rollover";
    static bool at_once(const BufferedFile& file) noexcept { return !file.raw().in_memory(); }
    static void run(BufferedFile& file) { file.raw().rollover(); }
    static void take(BufferedFile&) noexcept {}
};

struct Close : Work {
    using Result = void;
    static constexpr const char* kName = "close";
    static constexpr bool kMustRun = true;
    static bool at_once(const BufferedFile& file) noexcept { return file.raw().fd() < 0; }
    static void run(BufferedFile& file) { file.close(); }
    static void take(BufferedFile&) noexcept {}
};

}  // namespace
}  // namespace detail

const std::shared_ptr<detail::FileState>& File::state(const char* call) const {
    if (!state_) throw RuntimeError(std::string("File.") + call + "(): there is no file");
    return state_;
}

Coro<std::string> File::read(std::ptrdiff_t n) const {
    return detail::perform(state("read"), detail::Read(n));
}
Coro<std::size_t> File::readinto(std::span<char> memory) const {
    return detail::perform(state("readinto"), detail::ReadInto(memory));
}
Coro<std::string> File::readline() const { return detail::perform(state("readline"), detail::ReadLine()); }
Coro<std::optional<std::string>> File::next_line() const {
    return detail::perform(state("next_line"), detail::NextLine());
}
Coro<std::optional<std::string>> File::next_chunk(std::size_t most) const {
    if (most == 0) throw ValueError("next_chunk() of no bytes");
    return detail::perform(state("next_chunk"), detail::NextChunk(most));
}
Coro<std::vector<std::string>> File::readlines() const {
    return detail::perform(state("readlines"), detail::ReadLines());
}

Coro<std::size_t> File::write(BytesView data) const { return write_string(data.str()); }
Coro<std::size_t> File::write_string(std::string data) const {
    return detail::perform(state("write"), detail::Write(std::move(data)));
}
static Coro<> write_joined(File file, std::string data) { co_await file.write(std::move(data)); }
Coro<> File::writelines(std::vector<std::string> lines) const {
    state("writelines");
    std::string data;
    for (const std::string& line : lines) data += line;
    return write_joined(*this, std::move(data));
}

Coro<std::int64_t> File::seek(std::int64_t offset, int whence) const {
    return detail::perform(state("seek"), detail::Seek(offset, whence));
}
Coro<std::int64_t> File::tell() const { return detail::perform(state("tell"), detail::Tell()); }
Coro<std::int64_t> File::truncate(std::optional<std::int64_t> size) const {
    return detail::perform(state("truncate"), detail::Truncate(size));
}
Coro<> File::flush() const { return detail::perform(state("flush"), detail::Flush()); }
Coro<> File::fsync() const { return detail::perform(state("fsync"), detail::Fsync()); }

Coro<std::string> File::pread(std::size_t n, std::int64_t offset) const {
    return detail::perform(state("pread"), detail::PRead(n, offset));
}
Coro<std::size_t> File::pwrite(BytesView data, std::int64_t offset) const {
    return detail::perform(state("pwrite"), detail::PWrite(data.str(), offset));
}

Coro<Stat> File::stat() const { return detail::perform(state("stat"), detail::StatWork()); }
Coro<> File::rollover() const { return detail::perform(state("rollover"), detail::Rollover()); }
bool File::rolled() const { return state("rolled")->fd() >= 0; }
Coro<> File::close() const { return detail::perform(state("close"), detail::Close()); }
bool File::closed() const { return state("closed")->closed(); }

int File::fileno() const {
    const detail::FileState& file = *state("fileno");
    if (file.closed()) throw ValueError("I/O operation on closed file");
    if (file.fd() < 0) throw OSError("fileno(): the file is in memory; rollover() makes one of it");
    return file.fd();
}
const std::string& File::name() const { return state("name")->name(); }
const std::string& File::mode() const { return state("mode")->mode(); }

Coro<File> File::aenter() const { co_return *this; }
Coro<> File::aexit() const { return close(); }

}  // namespace aio::fs
