// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace aio::tests {

/// The project's folder, which the build notes beside the test executables.
inline std::filesystem::path source_dir() {
    const auto note = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "source_dir.txt";
    std::ifstream file(note);
    std::string folder;
    if (!std::getline(file, folder)) throw std::runtime_error("cannot read " + note.string());
    return folder;
}

}  // namespace aio::tests
