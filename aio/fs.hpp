// SPDX-License-Identifier: MIT
#pragma once

/// Files, without stalling the loop. Mirrors aiofiles, aiofiles.os and aiofiles.tempfile; not part of
/// aio/aio.hpp.
///
/// Which one do I want?
/// - fs::open(): a File, to be read and written, by lines if you like.
/// - fs::read_bytes(), fs::write_bytes(): all of a file at once, the cheapest for small ones.
/// - fs::stat(), fs::rename(), fs::listdir() and so on: what os has, by its names.
/// - fs::TemporaryFile() and its kin.
/// - Sending a file to a socket: StreamWriter::sendfile().
#include <aio/fs/file.hpp>
#include <aio/fs/open.hpp>
#include <aio/fs/os.hpp>
#include <aio/fs/stat.hpp>
#include <aio/fs/tempfile.hpp>
#include <aio/fs/threads.hpp>
