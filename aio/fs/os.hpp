// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/stat.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// The functions of os, os.path and shutil that work on files, as aiofiles.os has them: each is one call of a
/// thread, however many calls of the system it makes.
///
/// Cancellation, of all: immediate. What no thread has begun is not done; what one has begun is done, and its
/// result is dropped.
/// Throws, all but those that say otherwise: FileNotFoundError, FileExistsError, PermissionError,
/// NotADirectoryError, OSError, with the path; ValueError for a path with a zero byte.
namespace aio::fs {

/// What the system knows of a file; of a symbolic link stat() tells of what it refers to, lstat() of itself.
Coro<Stat> stat(std::string path);
Coro<Stat> lstat(std::string path);

/// False for whatever cannot be looked at, and never an error. Those of os.path; islink() and lexists() look
/// at the link itself.
Coro<bool> exists(std::string path);
Coro<bool> lexists(std::string path);
Coro<bool> isfile(std::string path);
Coro<bool> isdir(std::string path);
Coro<bool> islink(std::string path);
/// Whether this process may: `mode` is F_OK, or R_OK, W_OK and X_OK together. False as above.
Coro<bool> access(std::string path, int mode);
/// In bytes.
Coro<std::int64_t> getsize(std::string path);

/// Renames; what is there by the new name is replaced, as POSIX has it, by rename() too.
Coro<> rename(std::string from, std::string to);
Coro<> replace(std::string from, std::string to);
/// Makes the folders that `to` needs, renames, and removes those of `from` that are empty then.
Coro<> renames(std::string from, std::string to);
/// Removes a file; the two are the same.
Coro<> remove(std::string path);
Coro<> unlink(std::string path);

/// Makes a folder; `mode` less the process's umask.
Coro<> mkdir(std::string path, unsigned mode = 0777);
/// The same with all that are above it and missing. `exist_ok`: no error if it is there already.
Coro<> makedirs(std::string path, unsigned mode = 0777, bool exist_ok = false);
/// Removes a folder that is empty.
Coro<> rmdir(std::string path);
/// The same with those above it, as far as they are empty.
Coro<> removedirs(std::string path);
/// Removes a folder with all that is in it; symbolic links are removed, never followed. Mirrors
/// shutil.rmtree(). What it could not remove first ends it.
Coro<> rmtree(std::string path);

/// The names of what is in a folder, without "." and "..", in no order.
Coro<std::vector<std::string>> listdir(std::string path = ".");
/// The same with what they are.
Coro<std::vector<DirEntry>> scandir(std::string path = ".");

/// Another name for the same file; a symbolic link, whose text is `target`; that text.
Coro<> link(std::string target, std::string path);
Coro<> symlink(std::string target, std::string path);
Coro<std::string> readlink(std::string path);

}  // namespace aio::fs
