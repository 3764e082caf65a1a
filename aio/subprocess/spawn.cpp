// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/subprocess/spawn_impl.hpp>
#include <aio/subprocess/spawned_child_impl.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace aio::subprocess {
namespace {

void check_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) throw ValueError("embedded null byte");
}

std::string search_path(const Options& options) {
    if (options.get_env()) {
        const auto found = options.get_env()->find("PATH");
        if (found != options.get_env()->end()) return found->second;
    } else if (const char* const path = std::getenv("PATH")) {
        return path;
    }
    return "/bin:/usr/bin";
}

// Where the program may be, as os.get_exec_path() has it; one path after the other, each with a NUL behind
// it.
std::string candidates_for(const std::string& program, const Options& options) {
    if (program.find('/') != std::string::npos) return program + '\0';
    const std::string path = search_path(options);
    const auto folders = static_cast<std::size_t>(std::count(path.begin(), path.end(), ':')) + 1;
    std::string paths;
    paths.reserve(path.size() + folders * (program.size() + 2));
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        paths.append(path, begin, end - begin);
        if (end > begin) paths += '/';
        paths.append(program) += '\0';
        begin = end + 1;
    }
    return paths;
}

std::vector<std::string> environment_texts(const Options& options) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : *options.get_env()) {
        check_text(name);
        check_text(value);
        if (name.empty() || name.find('=', 1) != std::string::npos) {
            throw ValueError("illegal environment variable name");
        }
        texts.push_back(name + "=" + value);
    }
    return texts;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

std::string told(Step step, const Options& options, const std::string& program) {
    switch (step) {
        case Step::streams:
            return "pass descriptors to " + program;
        case Step::folder:
            return "chdir to " + *options.get_cwd();
        case Step::session:
            return "setsid for " + program;
        case Step::group:
            return "setpgid for " + program;
        case Step::user:
            return "change user for " + program;
        case Step::exec:
            break;
    }
    return "exec " + program;
}

}  // namespace

void check_descriptors(const Options& options, const std::vector<std::string>& argv) {
    std::vector<int> given;
    for (const int fd : options.get_pass_fds()) {
        if (fd > 2) given.push_back(fd);  // the others are the streams
    }
    for (std::size_t i = 0; i < 3; ++i) given.push_back(options.get_stream(i).value_or(-1));
    for (const int fd : given) {
        if (fd < 0 || ::fcntl(fd, F_GETFD) >= 0) continue;
        const std::string& program = options.get_executable() ? *options.get_executable() : argv.at(0);
        raise_os_error(errno, "pass descriptor " + std::to_string(fd) + " to " + program);
    }
}

ChildProcess spawn(const Options& options, const std::vector<std::string>& argv, std::array<int, 3> streams) {
    for (const std::string& argument : argv) check_text(argument);
    if (options.get_cwd()) check_text(*options.get_cwd());
    const std::string& program = options.get_executable() ? *options.get_executable() : argv.at(0);
    check_text(program);
    std::vector<std::string> variables;
    if (options.get_env()) variables = environment_texts(options);

    Plan plan{options, program, streams, {}, candidates_for(program, options), pointers(argv), {}, -1, {}};
    for (const int fd : options.get_pass_fds()) {
        if (fd < 0) throw ValueError("bad value(s) in fds_to_keep");
        if (fd > 2) plan.pass_fds.push_back(fd);
    }
    std::sort(plan.pass_fds.begin(), plan.pass_fds.end());
    if (options.get_env()) {
        plan.envp = pointers(variables);
    } else {
        char** end = ::environ;
        while (end && *end) ++end;
        plan.envp.reserve(static_cast<std::size_t>(end - ::environ) + 1);
        plan.envp.assign(::environ, end);
        plan.envp.push_back(nullptr);
    }

    ChildProcess started = start_child(plan);
    if (plan.failure.error == 0) return started;
    siginfo_t info;
    started.wait(info, WEXITED);
    raise_os_error(plan.failure.error, told(plan.failure.step, options, program));
}

}  // namespace aio::subprocess
