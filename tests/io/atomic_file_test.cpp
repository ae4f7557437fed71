// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/atomic_file.hpp>

#include "child_process.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

namespace ep = epspike;
namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using ep::test::ChildProcess;
using ep::test::TempDir;

void replace(const fs::path& file, const std::string& text)
{
    ep::AtomicFile out(file);
    out.write(std::as_bytes(std::span(text)));
    out.commit();
}

std::string contents(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_in(const fs::path& folder)
{
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a file is replaced as a whole, and nothing is left beside it", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    replace(file, "first");
    CHECK(contents(file) == "first");
    replace(file, std::string(200'000, 'y'));
    CHECK(contents(file) == std::string(200'000, 'y'));
    replace(file, "");
    CHECK(contents(file).empty());
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file name without a folder means the current one", "[io][atomic_file]")
{
    const TempDir folder;
    const auto message = ep::test::message_in_child([&] {
        fs::current_path(folder.path());
        replace("x", "here");
    });
    CHECK(message.empty());
    CHECK(contents(folder.path() / "x") == "here");
}

TEST_CASE("new contents show only after commit, and vanish when given up", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    replace(file, "old");
    {
        ep::AtomicFile out(file);
        out.write(std::as_bytes(std::span("new")));
        CHECK(contents(file) == "old");
        CHECK(files_in(folder.path()) == 2);
    }
    CHECK(contents(file) == "old");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("several writers of one file do not disturb each other", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    ep::AtomicFile a(file);
    ep::AtomicFile b(file);
    a.write(std::as_bytes(std::span("aaaa", 4)));
    b.write(std::as_bytes(std::span("bb", 2)));
    a.commit();
    CHECK(contents(file) == "aaaa");
    b.commit();
    CHECK(contents(file) == "bb");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("what a killed process left behind is removed, and nothing else", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    folder.write("x.tmp-" + std::to_string(::getpid()) + "-0", {1, 2, 3});
    folder.write("x.tmp-123456789-0", {1, 2, 3});
    const std::vector<std::string> others{"x.tmp-1",    "x.tmp--1",  "x.tmp-1-",  "x.tmp-1-2.txt",
                                          "x.tmp-1a-2", "y.tmp-1-2", "xx.tmp-1-2"};
    for (const auto& other : others) {
        folder.write(other, {1});
    }
    folder.write("victim", {1});
    fs::create_symlink("victim", folder.path() / "x.tmp-1-2");
    replace(file, "new");
    CHECK(contents(file) == "new");
    for (const auto& other : others) {
        CHECK(fs::exists(folder.path() / other));
    }
    CHECK(fs::file_size(folder.path() / "victim") == 1);
    CHECK(files_in(folder.path()) == others.size() + 3);
}

TEST_CASE("what another process is writing is not taken for left over", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    ep::AtomicFile out(file);
    out.write(std::as_bytes(std::span("mine", 4)));
    const auto message = ep::test::message_in_child([&] { replace(file, "theirs"); });
    CHECK(message.empty());
    CHECK(contents(file) == "theirs");
    CHECK(files_in(folder.path()) == 2);
    out.commit();
    CHECK(contents(file) == "mine");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a link in the place of the temporary file is not written through", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    replace(folder.path() / "victim", "precious");
    const auto link = folder.path() / ("x.tmp-" + std::to_string(::getpid()) + "-0");
    fs::create_symlink("victim", link);
    replace(file, "new");
    CHECK(contents(folder.path() / "victim") == "precious");
    CHECK(contents(file) == "new");
    CHECK_FALSE(fs::is_symlink(file));
}

TEST_CASE("a file that is replaced keeps its permissions", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const auto message = ep::test::message_in_child([&] {
        ::umask(022);
        for (const auto mode : {fs::perms(0600), fs::perms(0664), fs::perms(0777)}) {
            replace(file, "old");
            fs::permissions(file, mode);
            ep::AtomicFile out(file);
            for (const auto& entry : fs::directory_iterator(folder.path())) {
                if ((fs::status(entry).permissions() & ~mode) != fs::perms::none) {
                    throw std::runtime_error("others may read what is being written");
                }
            }
            out.commit();
            if (fs::status(file).permissions() != mode) {
                throw std::runtime_error("the permissions have changed");
            }
        }
    });
    CHECK(message.empty());

    fs::permissions(file, fs::perms(0600));
    fs::create_symlink("x", folder.path() / "link");
    replace(folder.path() / "link", "new");
    CHECK(contents(file).empty());
    CHECK((fs::status(folder.path() / "link").permissions() & fs::perms(0111)) == fs::perms(0));
}

TEST_CASE("a new file has the permissions of any new file", "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const auto message = ep::test::message_in_child([&] {
        ::umask(027);
        replace(file, "new");
    });
    CHECK(message.empty());
    CHECK(fs::status(file).permissions() == fs::perms(0640));
}

TEST_CASE("what is no regular file is not replaced", "[io][atomic_file]")
{
    const TempDir folder;
    CHECK_THROWS_WITH(replace(folder.path(), "x"),
                      ContainsSubstring(folder.path().string() + ": cannot be written: it is a "
                                                                 "folder"));
    // Root may rename a file over the device.
    CHECK_THROWS_WITH(replace("/dev/full", "x"),
                      ContainsSubstring("/dev/full: cannot be written: it is no regular file"));
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a missing or unwritable folder is named with the reason", "[io][atomic_file]")
{
    const TempDir folder;
    const auto missing = folder.path() / "missing" / "x";
    CHECK_THROWS_WITH(replace(missing, "x"),
                      ContainsSubstring(missing.string() + ": its folder cannot be opened: No "
                                                           "such file or directory"));

    const auto locked = folder.path() / "locked";
    fs::create_directory(locked);
    replace(locked / "x", "old");
    fs::permissions(locked, fs::perms(0555));
    const auto message = ep::test::message_in_child([&] {
        // Root may write everywhere.
        if (::getuid() == 0 && ::setuid(65534) != 0) {
            throw std::runtime_error("cannot become another user");
        }
        replace(locked / "x", "new");
    });
    CHECK(message ==
          (locked / "x").string() + ": no file can be made beside it: Permission denied");
    CHECK(contents(locked / "x") == "old");
    CHECK(files_in(locked) == 1);
    fs::permissions(locked, fs::perms(0755));
}

TEST_CASE("when the disk is full the old file stays and the new one is removed",
          "[io][atomic_file]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    replace(file, "old");
    const auto message = ep::test::message_in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{10'000, 10'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        replace(file, std::string(9'000, 'y'));
        replace(file, std::string(11'000, 'z'));
    });
    CHECK(message == file.string() + ": its new contents cannot be written: File too large");
    CHECK(contents(file) == std::string(9'000, 'y'));
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a symbolic link is replaced, not followed", "[io][atomic_file]")
{
    const TempDir folder;
    replace(folder.path() / "target", "old");
    fs::create_symlink("target", folder.path() / "link");
    replace(folder.path() / "link", "new");
    CHECK(contents(folder.path() / "target") == "old");
    CHECK(contents(folder.path() / "link") == "new");
    CHECK_FALSE(fs::is_symlink(folder.path() / "link"));
}
