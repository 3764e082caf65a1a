// SPDX-License-Identifier: MIT
#pragma once

// What aio cannot do without, asked first of all: each header that includes no other one of aio's begins with
// this.
#include <cstddef>  // which standard library is it?

#if !defined(__linux__)
#error aio runs on Linux only.
#elif defined(__clang__) && __clang_major__ < 16
#error aio needs clang 16 or newer: compile with a newer one, on Debian 12 with clang++-19.
#elif !defined(__clang__) && defined(__GNUC__) && __GNUC__ < 12
#error aio needs g++ 12 or newer, better 13: compile with a newer one, or with clang 16 or newer.
#elif __cplusplus < 202002L || !defined(__cpp_impl_coroutine)
#error aio needs C++20: compile with -std=c++20 or newer.
#elif !defined(__GLIBCXX__)
#error aio needs the standard library libstdc++: compile without -stdlib=libc++.
#elif !defined(__cpp_exceptions)
#error aio reports errors as exceptions: compile without -fno-exceptions.
#elif !defined(__cpp_rtti)
#error aio tells errors apart by their types: compile without -fno-rtti.
#else
#define AIO_REQUIREMENTS_MET
#endif

#ifndef AIO_REQUIREMENTS_MET
#include "the error above says what is missing"  // not to be found, so compilers stop here
#endif
