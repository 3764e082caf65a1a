// SPDX-License-Identifier: MIT
#include <aio/dns/hosts_file_impl.hpp>
#include <aio/dns/message_impl.hpp>

#include <sys/stat.h>
#include <fstream>
#include <sstream>

namespace aio::dns::detail {

FileStamp::FileStamp(const std::string& path) noexcept {
    struct stat now{};
    if (path.empty() || ::stat(path.c_str(), &now) != 0 || !S_ISREG(now.st_mode)) return;
    inode = now.st_ino;
    size = now.st_size;
    seconds = now.st_mtim.tv_sec;
    nanoseconds = now.st_mtim.tv_nsec;
}

const HostsFile::Host* HostsFile::find(const std::string& name) {
    refresh();
    const auto found = hosts_.find(name);
    return found == hosts_.end() ? nullptr : &found->second;
}

std::string HostsFile::name_of(const SocketAddress& address) {
    refresh();
    const auto found = names_.find(address.host());
    return found == names_.end() ? std::string() : found->second;
}

void HostsFile::refresh() {
    const FileStamp now(path_);
    if (now == stamp_) return;
    hosts_.clear();
    names_.clear();
    stamp_ = FileStamp();  // read again if memory runs out
    if (now.size > 0) {
        std::ifstream file(path_);
        for (std::string line; std::getline(file, line);) read_line(line);
    }
    stamp_ = now;
}

void HostsFile::read_line(const std::string& line) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string host;
    words >> host;
    const auto address = SocketAddress::parse(host, 0);
    if (!address) return;
    std::string first;
    for (std::string name; words >> name;) {
        if (first.empty()) first = name;
        Host& entry = hosts_[lower(name)];
        if (entry.name.empty()) entry.name = first;
        entry.addresses.push_back(*address);
    }
    if (!first.empty()) names_.try_emplace(address->host(), first);
}

}  // namespace aio::dns::detail
