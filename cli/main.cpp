// SPDX-License-Identifier: MIT
// The command `aio`: HTTP and WebSockets from a terminal.
#include "command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>

namespace aio::cli {
namespace {

constexpr std::array<const Command*, 4> kCommands{&kGet, &kServe, &kBench, &kWs};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_overview() {
    print("usage: aio COMMAND [OPTION...] ...\n\n");
    for (const Command* command : kCommands)
        std::printf("  %-6.*s %.*s\n", static_cast<int>(command->name.size()), command->name.data(),
                    static_cast<int>(command->summary.size()), command->summary.data());
    print(
        "\n`aio COMMAND --help` tells more about each. Exit codes: 0 all went well, 1 something did not,\n"
        "2 the command was not understood.\n");
}

void print_help(const Command& command) {
    print("usage: aio " + std::string(command.name) + " " + std::string(command.synopsis) + "\n\n" +
          std::string(command.summary) + ".\n\n");
    for (const Option& option : command.options) {
        std::string left = option.letter ? std::string("-") + option.letter + ", " : "    ";
        left += "--" + std::string(option.name);
        if (!option.value.empty()) left += " " + std::string(option.value);
        std::printf("  %-28s %.*s\n", left.c_str(), static_cast<int>(option.help.size()), option.help.data());
    }
    print("  -h, --help                   this text\n\n" + std::string(command.more));
}

const Command* find(std::string_view name) {
    const auto found =
        std::ranges::find(kCommands, name, [](const Command* command) { return command->name; });
    return found == kCommands.end() ? nullptr : *found;
}

bool asks_for_help(std::string_view word) { return word == "-h" || word == "--help"; }

int run(std::span<char* const> words) {
    if (words.empty()) {
        print_overview();
        return 2;
    }
    std::string_view name = words[0];
    if (asks_for_help(name) || (name == "help" && words.size() == 1)) {
        print_overview();
        return 0;
    }
    if (name == "--version") {
        print("aio " AIO_COMMAND_VERSION "\n");
        return 0;
    }
    const bool help = name == "help";
    if (help) name = words[1];
    const Command* const command = find(name);
    if (!command) {
        complain("there is no command '" + std::string(name) + "'; there are get, serve, bench and ws");
        return 2;
    }
    if (help || std::ranges::any_of(words, asks_for_help)) {
        print_help(*command);
        return 0;
    }
    try {
        return command->run(Arguments(command->options, words.subspan(1)));
    } catch (const UsageError& error) {
        complain(std::string(error.what()) + "\n`aio " + std::string(name) + " --help` tells what there is");
        return 2;
    } catch (const std::exception& error) {
        complain(error.what());
        return 1;
    }
}

}  // namespace

void complain(std::string_view text) {
    std::fflush(stdout);
    std::fprintf(stderr, "aio: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace aio::cli

int main(int argc, char** argv) { return aio::cli::run({argv + 1, static_cast<std::size_t>(argc - 1)}); }
