// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/streams/stream_reader.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::subprocess {

// What stands for a stream in Options, besides descriptors. As in Python's subprocess module.
inline constexpr int PIPE = -1;     ///< a pipe to this process
inline constexpr int STDOUT = -2;   ///< stderr only: where stdout goes
inline constexpr int DEVNULL = -3;  ///< /dev/null

/// The environment of this process, to be changed and given to Options::env(): Python's dict(os.environ).
std::map<std::string, std::string> environment();

/// Keyword arguments of create_subprocess_exec() and its kin: those of Python's subprocess.Popen.
///
/// Descriptors that are given stay the caller's. Not there: preexec_fn, because after a fork of a process
/// with threads next to nothing may be called, and text mode and buffer sizes, which asyncio refuses.
class Options {
public:
    Options() {}

    /// PIPE, DEVNULL, a descriptor, for stderr also STDOUT; where nothing is said the child has this
    /// process's own.
    Options& stdin(int stream) & {
        streams_[0] = stream;
        return *this;
    }
    Options&& stdin(int stream) && AIO_LIFETIME_BOUND { return std::move(this->stdin(stream)); }
    Options& stdout(int stream) & {
        streams_[1] = stream;
        return *this;
    }
    Options&& stdout(int stream) && AIO_LIFETIME_BOUND { return std::move(this->stdout(stream)); }
    Options& stderr(int stream) & {
        streams_[2] = stream;
        return *this;
    }
    Options&& stderr(int stream) && AIO_LIFETIME_BOUND { return std::move(this->stderr(stream)); }
    /// The limit of the process's readers, in bytes (StreamReader).
    Options& limit(std::size_t bytes) & {
        limit_ = bytes;
        return *this;
    }
    Options&& limit(std::size_t bytes) && AIO_LIFETIME_BOUND { return std::move(this->limit(bytes)); }
    /// The folder that the child starts in.
    Options& cwd(std::string folder) & {
        cwd_ = std::move(folder);
        return *this;
    }
    Options&& cwd(std::string folder) && AIO_LIFETIME_BOUND {
        return std::move(this->cwd(std::move(folder)));
    }
    /// The child's whole environment, in place of this process's; its PATH is where the program is looked
    /// for.
    Options& env(std::map<std::string, std::string> variables) & {
        env_ = std::move(variables);
        return *this;
    }
    Options&& env(std::map<std::string, std::string> variables) && AIO_LIFETIME_BOUND {
        return std::move(this->env(std::move(variables)));
    }
    /// Runs this file instead of the one that the first argument names.
    Options& executable(std::string path) & {
        executable_ = std::move(path);
        return *this;
    }
    Options&& executable(std::string path) && AIO_LIFETIME_BOUND {
        return std::move(this->executable(std::move(path)));
    }
    /// The file mode creation mask.
    Options& umask(int mask) & {
        umask_ = mask;
        return *this;
    }
    Options&& umask(int mask) && AIO_LIFETIME_BOUND { return std::move(this->umask(mask)); }
    /// setpgid(0, group): 0 makes a group of the child's own.
    Options& process_group(int group) & {
        process_group_ = group;
        return *this;
    }
    Options&& process_group(int group) && AIO_LIFETIME_BOUND { return std::move(this->process_group(group)); }
    /// setsid(): a session of the child's own, without terminal.
    Options& start_new_session(bool on) & {
        new_session_ = on;
        return *this;
    }
    Options&& start_new_session(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->start_new_session(on));
    }
    /// Descriptors that the child has under the same numbers.
    Options& pass_fds(std::vector<int> fds) & {
        pass_fds_ = std::move(fds);
        return *this;
    }
    Options&& pass_fds(std::vector<int> fds) && AIO_LIFETIME_BOUND {
        return std::move(this->pass_fds(std::move(fds)));
    }
    /// Whether all others above 2 are closed in the child, also those that are not close-on-exec; true.
    Options& close_fds(bool on) & {
        close_fds_ = on;
        return *this;
    }
    Options&& close_fds(bool on) && AIO_LIFETIME_BOUND { return std::move(this->close_fds(on)); }
    /// Whether the child has default actions for SIGPIPE and SIGXFSZ if this process ignores them; true.
    Options& restore_signals(bool on) & {
        restore_signals_ = on;
        return *this;
    }
    Options&& restore_signals(bool on) && AIO_LIFETIME_BOUND { return std::move(this->restore_signals(on)); }
    /// A terminal of the child's own in the place of all streams that the options do not speak of, and a
    /// session of its own, so that it is interactive and Ctrl-C, "\x03", is a SIGINT. The process's stdin()
    /// and stdout(), or else stderr(), are the terminal's other side: what one writes may be echoed, and
    /// closing stdin() ends nothing, but a "\x04" on a line of its own does. Python has pty.openpty() for it.
    Options& pty(bool on) & {
        pty_ = on;
        return *this;
    }
    Options&& pty(bool on) && AIO_LIFETIME_BOUND { return std::move(this->pty(on)); }
    /// The size of the pipes that PIPE stands for, in bytes (F_SETPIPE_SZ, which rounds it up to a power of
    /// two pages); the system's where nothing is said, and for -1. Who is not privileged gets what
    /// /proc/sys/fs/pipe-max-size says at most, and OSError for more.
    Options& pipesize(int bytes) & {
        pipesize_ = bytes;
        return *this;
    }
    Options&& pipesize(int bytes) && AIO_LIFETIME_BOUND { return std::move(this->pipesize(bytes)); }
    /// Runs as this user and group, by number; needs privileges. Other groups of this process are dropped
    /// with either, unless extra_groups() says which the child is to have.
    Options& user(unsigned id) & {
        user_ = id;
        return *this;
    }
    Options&& user(unsigned id) && AIO_LIFETIME_BOUND { return std::move(this->user(id)); }
    Options& group(unsigned id) & {
        group_ = id;
        return *this;
    }
    Options&& group(unsigned id) && AIO_LIFETIME_BOUND { return std::move(this->group(id)); }
    /// The child's other groups, by number, in place of this process's; needs privileges.
    Options& extra_groups(std::vector<unsigned> ids) & {
        extra_groups_ = std::move(ids);
        return *this;
    }
    Options&& extra_groups(std::vector<unsigned> ids) && AIO_LIFETIME_BOUND {
        return std::move(this->extra_groups(std::move(ids)));
    }

    const std::optional<int>& get_stream(std::size_t number) const { return streams_[number]; }
    std::size_t get_limit() const noexcept { return limit_; }
    const std::optional<std::string>& get_cwd() const noexcept { return cwd_; }
    const std::optional<std::map<std::string, std::string>>& get_env() const noexcept { return env_; }
    const std::optional<std::string>& get_executable() const noexcept { return executable_; }
    const std::optional<int>& get_umask() const noexcept { return umask_; }
    const std::optional<int>& get_process_group() const noexcept { return process_group_; }
    bool get_start_new_session() const noexcept { return new_session_ || pty_; }
    bool get_pty() const noexcept { return pty_; }
    const std::vector<int>& get_pass_fds() const noexcept { return pass_fds_; }
    bool get_close_fds() const noexcept { return close_fds_ || !pass_fds_.empty(); }
    bool get_restore_signals() const noexcept { return restore_signals_; }
    const std::optional<unsigned>& get_user() const noexcept { return user_; }
    const std::optional<unsigned>& get_group() const noexcept { return group_; }
    const std::optional<std::vector<unsigned>>& get_extra_groups() const noexcept { return extra_groups_; }
    int get_pipesize() const noexcept { return pipesize_; }

private:
    std::optional<int> streams_[3];
    std::size_t limit_ = kDefaultStreamLimit;
    std::optional<std::string> cwd_;
    std::optional<std::map<std::string, std::string>> env_;
    std::optional<std::string> executable_;
    std::optional<int> umask_;
    std::optional<int> process_group_;
    std::vector<int> pass_fds_;
    std::optional<unsigned> user_;
    std::optional<unsigned> group_;
    std::optional<std::vector<unsigned>> extra_groups_;
    int pipesize_ = -1;
    bool new_session_ = false;
    bool pty_ = false;
    bool close_fds_ = true;
    bool restore_signals_ = true;
};

}  // namespace aio::subprocess
