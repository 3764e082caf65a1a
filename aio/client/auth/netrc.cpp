// SPDX-License-Identifier: MIT
#include <aio/client/auth/basic_auth.hpp>
#include <aio/client/auth/netrc.hpp>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace aio::http {
namespace {

class Descriptor {
public:
    explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (fd_ < 0) raise_os_error(errno, path);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(fd_); }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

std::string read_all(const Descriptor& file, const std::string& path) {
    std::string text;
    char buffer[4096];
    while (true) {
        const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) raise_os_error(errno, path);
        if (count == 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

std::string home() {
    if (const char* const path = std::getenv("HOME")) return path;
    passwd entry{};
    passwd* found = nullptr;
    char buffer[4096];
    ::getpwuid_r(::getuid(), &entry, buffer, sizeof buffer, &found);
    return found ? found->pw_dir : std::string();
}

// What has a password in it must be this user's, and nobody else's.
void check_owner(const Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) raise_os_error(errno, path);
    if (status.st_uid != ::getuid()) {
        throw NetrcParseError("the file belongs to another user", path, 0);
    }
    if (status.st_mode & (S_IRWXG | S_IRWXO)) {
        throw NetrcParseError("access too permissive: only the owner may have any", path, 0);
    }
}

std::string message(const std::string& msg, const std::string& filename, unsigned lineno) {
    std::string text = msg + " (" + filename;
    if (lineno != 0) text += ", line " + std::to_string(lineno);
    return text + ')';
}

}  // namespace

NetrcParseError::NetrcParseError(const std::string& msg, const std::string& filename, unsigned lineno)
    : RuntimeError(message(msg, filename, lineno)),
      data_(std::make_shared<const Data>(Data{msg, filename, lineno})) {}

class Netrc::Parser {
public:
    Parser(Netrc& netrc, std::string_view text, const std::string& filename)
        : netrc_(netrc), rest_(text), filename_(filename) {}

    void parse() {
        std::string word = next_word();
        while (!word.empty()) {
            const unsigned line = line_;
            if (word.front() == '#') {
                skip_comment();
                word = next_word();
            } else if (word == "machine") {
                word = parse_entry(next_word(), word);
            } else if (word == "default") {
                word = parse_entry(word, word);
            } else if (word == "macdef") {
                parse_macro(next_word());
                word = next_word();
            } else {
                raise("bad toplevel token '" + word + "'", line);
            }
        }
    }

private:
    [[noreturn]] void raise(const std::string& msg, unsigned line) const {
        throw NetrcParseError(msg, filename_, line);
    }
    static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    // 0 at the end.
    char next_char() noexcept {
        if (rest_.empty()) return '\0';
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\n') ++line_;
        return c;
    }
    // Empty at the end, and for "".
    std::string next_word() {
        while (!rest_.empty() && is_space(rest_.front())) next_char();
        std::string word;
        at_line_end_ = false;
        const bool quoted = rest_.starts_with('"');
        if (quoted) next_char();
        while (!rest_.empty()) {
            char c = next_char();
            if (quoted ? c == '"' : is_space(c)) {
                at_line_end_ = c == '\n';
                break;
            }
            if (c == '\\') c = next_char();
            word += c;
        }
        return word;
    }
    std::string_view next_line() noexcept {
        const std::size_t end = rest_.find('\n');
        const std::size_t size = end == std::string_view::npos ? rest_.size() : end + 1;
        const std::string_view line = rest_.substr(0, size);
        rest_.remove_prefix(size);
        if (line.ends_with('\n')) ++line_;
        return line;
    }
    // It ends with the line, which may have ended with its first word.
    void skip_comment() noexcept {
        if (!at_line_end_) next_line();
    }

    // Gives the word behind it.
    std::string parse_entry(const std::string& name, const std::string& keyword) {
        if (name.empty()) raise("missing '" + keyword + "' name", line_);
        Authenticator entry;
        while (true) {
            const std::string word = next_word();
            const unsigned line = line_;
            if (word.empty() || word == "machine" || word == "default" || word == "macdef") {
                netrc_.hosts_.insert_or_assign(name, std::move(entry));
                return word;
            }
            if (word.front() == '#') {
                skip_comment();
            } else if (word == "login" || word == "user") {
                entry.login = next_word();
            } else if (word == "account") {
                entry.account = next_word();
            } else if (word == "password") {
                entry.password = next_word();
            } else {
                raise("bad follower token '" + word + "'", line);
            }
        }
    }

    // Up to an empty line.
    void parse_macro(const std::string& name) {
        if (name.empty()) raise("missing 'macdef' name", line_);
        std::vector<std::string> lines;
        while (true) {
            const std::string_view line = next_line();
            if (line.empty()) raise("Macro definition missing null line terminator.", line_);
            if (line == "\n") break;
            lines.emplace_back(line);
        }
        netrc_.macros_.insert_or_assign(name, std::move(lines));
    }

    Netrc& netrc_;
    std::string_view rest_;
    const std::string& filename_;
    unsigned line_ = 1;
    bool at_line_end_ = false;
};

Netrc::Netrc(std::string_view text, const std::string& filename) { Parser(*this, text, filename).parse(); }

Netrc Netrc::load(const std::string& path) {
    const Descriptor file(path);
    return Netrc(read_all(file, path), path);
}

std::optional<Netrc> Netrc::from_env() {
    try {
        if (const char* const path = std::getenv("NETRC")) return load(path);
        const std::string path = home() + "/.netrc";
        const Descriptor file(path);
        Netrc netrc(read_all(file, path), path);
        for (const auto& [host, entry] : netrc.hosts_) {
            if (entry.login != "anonymous") check_owner(file, path);
        }
        return netrc;
    } catch (const FileNotFoundError&) {
        return std::nullopt;
    }
}

const Netrc::Authenticator* Netrc::authenticators(std::string_view host) const noexcept {
    auto found = hosts_.find(host);
    if (found == hosts_.end()) found = hosts_.find("default");
    return found == hosts_.end() ? nullptr : &found->second;
}

std::optional<std::string> basic_auth_from_netrc(const Netrc& netrc, std::string_view host) {
    const Netrc::Authenticator* const entry = netrc.authenticators(host);
    if (!entry) return std::nullopt;
    return encode_basic_auth(entry->login.empty() ? entry->account : entry->login, entry->password);
}

}  // namespace aio::http
