// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/cifar10.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <epspike/data/batches.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace {

namespace ep = epspike;
using Catch::Matchers::EndsWith;
using ep::test::Bytes;
using ep::test::TempDir;

constexpr std::size_t record = 3073;
const std::array<std::string, 6> files{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                       "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

/// Byte `pixel` of channel `c` of image `i` of file `file`.
std::uint8_t byte_of(std::size_t file, std::size_t i, std::size_t c, std::size_t pixel)
{
    return static_cast<std::uint8_t>(41 * file + 17 * i + 83 * c + pixel % 251);
}

Bytes records(std::size_t file, std::size_t count)
{
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) {
        bytes.push_back(static_cast<std::uint8_t>((file + i) % 10));
        for (std::size_t pixel = 0; pixel < 3 * 1024; ++pixel) {
            bytes.push_back(byte_of(file, i, pixel / 1024, pixel % 1024));
        }
    }
    return bytes;
}

/// All six files, of 1, 2, ... 6 images.
void write_all(const TempDir& folder)
{
    for (std::size_t file = 0; file < files.size(); ++file) {
        folder.write(files[file], records(file, file + 1));
    }
}

/// While it lives nothing can be opened.
class NoMoreFiles {
public:
    NoMoreFiles()
    {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit none{0, before_.rlim_max};
        REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    NoMoreFiles(const NoMoreFiles&) = delete;
    ~NoMoreFiles() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("load_cifar10 joins the five training files in their order", "[data][cifar10]")
{
    const TempDir folder;
    write_all(folder);
    const auto [train, test] = ep::load_cifar10(folder.path());
    REQUIRE(train.size() == 1 + 2 + 3 + 4 + 5);
    REQUIRE(test.size() == 6);
    CHECK(train.classes == 10);
    CHECK(test.classes == 10);
    std::size_t sample = 0;
    for (std::size_t file = 0; file < files.size(); ++file) {
        const ep::Dataset& part = file < 5 ? train : test;
        sample = file < 5 ? sample : 0;
        CHECK(part.images.shape()[1] == 3);
        CHECK(part.images.shape()[2] == 32);
        CHECK(part.images.shape()[3] == 32);
        for (std::size_t i = 0; i <= file; ++i, ++sample) {
            CHECK(part.labels(sample) == (file + i) % 10);
            bool same = true;
            for (std::size_t pixel = 0; pixel < 3 * 1024; ++pixel) {
                const std::size_t c = pixel / 1024;
                same = same && part.images(sample, c, pixel / 32 % 32, pixel % 32) ==
                                   byte_of(file, i, c, pixel % 1024);
            }
            CHECK(same);
        }
    }
}

TEST_CASE("load_cifar10 of one part needs no file of the other", "[data][cifar10]")
{
    const TempDir folder;
    folder.write("test_batch.bin", records(0, 3));
    CHECK(ep::load_cifar10(folder.path(), ep::Part::test).size() == 3);
    CHECK_THROWS_AS(ep::load_cifar10(folder.path(), ep::Part::train), ep::Error);
    CHECK_THROWS_AS(ep::load_cifar10(folder.path()), ep::Error);
}

TEST_CASE("load_cifar10 says which of its six files is missing", "[data][cifar10]")
{
    for (const auto& missing : files) {
        const TempDir folder;
        write_all(folder);
        std::filesystem::remove(folder.path() / missing);
        CHECK_THROWS_WITH(ep::load_cifar10(folder.path()),
                          folder.path().string() + ": expected a folder with " + missing +
                              " (CIFAR-10, binary version), found none");
    }
}

TEST_CASE("load_cifar10 says what it found in place of a folder with its files", "[data][cifar10]")
{
    const TempDir folder;
    const auto found = [](const std::filesystem::path& path, const std::string& instead) {
        CHECK_THROWS_WITH(ep::load_cifar10(path),
                          path.string() +
                              ": expected a folder with data_batch_1.bin (CIFAR-10, "
                              "binary version), found " +
                              instead);
    };
    found(folder.path() / "absent", "no such folder");
    found(folder.path() / "absent" / "deeper", "no such folder");
    found(folder.path(), "none");
    found(folder.write("text", {'h', 'i'}), "something that is no folder");
    found("/dev/null", "something that is no folder");
    found(folder.write("cifar.tar.gz", {0x1F, 0x8B, 8, 0}),
          "a gzip file, which has to be unpacked first");
    Bytes tar(1024);
    tar[0] = 'c';
    const std::string magic = "ustar";
    std::copy(magic.begin(), magic.end(), tar.begin() + 257);
    found(folder.write("cifar.tar", tar), "a tar archive, which has to be unpacked first");

    const auto beside = [&](const std::string& name, const std::string& instead) {
        const TempDir other;
        other.write(name, {1});
        found(other.path(), instead);
    };
    beside("data_batch_1.bin.gz", "data_batch_1.bin.gz, which has to be unpacked first");
    beside("cifar-10-binary.tar.gz", "cifar-10-binary.tar.gz, which has to be unpacked first");
    beside("cifar-10-binary.tar", "cifar-10-binary.tar, which has to be unpacked first");
    beside("data_batch_1", "data_batch_1, a file of the version for Python");
    std::filesystem::create_directory(folder.path() / "cifar-10-batches-bin");
    found(folder.path(), "the folder cifar-10-batches-bin in it, which may be the one to name");
}

TEST_CASE("load_cifar10 names the file that is broken, and how", "[data][cifar10]")
{
    for (std::size_t file = 0; file < files.size(); ++file) {
        const TempDir folder;
        write_all(folder);
        const auto path = folder.path() / files[file];
        const auto message = [&](const Bytes& bytes, const std::string& expected) {
            folder.write(files[file], bytes);
            CHECK_THROWS_WITH(ep::load_cifar10(folder.path()), path.string() + ": " + expected);
        };
        message({}, "file: expected a file of records, found an empty file");

        Bytes bytes = records(file, 3);
        const std::string size =
            "size: expected a multiple of 3073 bytes, a label and 3 x 32 x 32 pixels, found ";
        bytes.pop_back();
        message(bytes, size + "9218");
        message(Bytes(3), size + "3");
        message(Bytes(2 * 3074), size + "6148"); // CIFAR-100's records

        bytes = records(file, 3);
        bytes[2 * record] = 10;
        message(bytes, "label of record 2: expected 0 to 9, found 10");
        bytes[record] = 255;
        message(bytes, "label of record 1: expected 0 to 9, found 255");

        // Archives under the name of a file, whatever their size.
        bytes = Bytes(record);
        bytes[0] = 0x1F;
        bytes[1] = 0x8B;
        const std::string archive = "file: expected a file of records, found a ";
        message(bytes, archive + "gzip file, which has to be unpacked first");
        message({0x1F, 0x8B, 8}, archive + "gzip file, which has to be unpacked first");
        Bytes tar(10240);
        const std::string magic = "ustar";
        tar[0] = 'd';
        std::copy(magic.begin(), magic.end(), tar.begin() + 257);
        message(tar, archive + "tar archive, which has to be unpacked first");

        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
        CHECK_THROWS_WITH(ep::load_cifar10(folder.path()),
                          path.string() + ": file: expected a file of records, found a folder");
        std::filesystem::remove(path);
        std::filesystem::create_symlink("/dev/zero", path);
        CHECK_THROWS_WITH(ep::load_cifar10(folder.path()),
                          EndsWith("file: expected a file of records, found something that is no "
                                   "regular file"));
    }
}

TEST_CASE("load_cifar10 takes a pixel that looks like an archive's mark for a pixel",
          "[data][cifar10]")
{
    const TempDir folder;
    Bytes bytes = records(0, 1);
    const std::string magic = "ustar";
    std::copy(magic.begin(), magic.end(), bytes.begin() + 257);
    folder.write("test_batch.bin", bytes);
    CHECK(ep::load_cifar10(folder.path(), ep::Part::test).images(0, 0, 8, 0) == 'u');
}

TEST_CASE("load_cifar10 says that a file cannot be read", "[data][cifar10]")
{
    const TempDir folder;
    write_all(folder);
    std::string message;
    {
        const NoMoreFiles none;
        try {
            static_cast<void>(ep::load_cifar10(folder.path(), ep::Part::test));
        } catch (const ep::Error& error) {
            message = error.what();
        }
    }
    CHECK_THAT(message,
               EndsWith("test_batch.bin: file: expected a readable file, found one that cannot be "
                        "opened"));
    if (geteuid() != 0) { // who may read everything
        std::filesystem::permissions(folder.path() / "data_batch_3.bin",
                                     std::filesystem::perms::none);
        CHECK_THROWS_WITH(
            ep::load_cifar10(folder.path()),
            EndsWith("data_batch_3.bin: file: expected a readable file, found one that "
                     "cannot be opened"));
    }
}

TEST_CASE("load_cifar10 notices that a file became shorter while it read", "[data][cifar10]")
{
    const TempDir folder;
    const auto path = folder.write("test_batch.bin", records(0, 3));
    ep::detail::Cifar10File file(folder.path(), "test_batch.bin");
    std::filesystem::resize_file(path, 2 * record + 1000);
    Bytes images(3 * 3072);
    Bytes labels(3);
    CHECK_THROWS_WITH(file.read(images.data(), labels.data()),
                      path.string() + ": record 2: expected 3073 bytes, found a read error");
}

TEST_CASE("colour images are shifted and mirrored with all their channels", "[data][cifar10]")
{
    const TempDir folder;
    Bytes bytes = records(0, 40);
    folder.write("test_batch.bin", bytes);
    const auto data = ep::load_cifar10(folder.path(), ep::Part::test);
    const ep::BatchOptions options{.seed = ep::Seed{4},
                                   .pixel_mean = {0.5f, 0.25f, 0.75f},
                                   .pixel_stddev = {0.25f, 0.5f, 2.0f},
                                   .augment = {.max_shift = 4, .horizontal_flip = true}};
    const ep::Random random(options.seed, ep::Purpose::augment, 2);
    const ep::BatchRange range(data, 40, ep::detail::file_order(40), options, random);
    const auto x = range.batch(0).x;
    int mirrored = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        const auto by = ep::draw_displacement(options.augment, random, i);
        mirrored += by.mirrored ? 1 : 0;
        bool same = true;
        for (std::size_t c = 0; c < 3; ++c) {
            for (int row = 0; row < 32; ++row) {
                for (int column = 0; column < 32; ++column) {
                    const int y = row - by.down;
                    const int shifted = column - by.right;
                    const bool inside = y >= 0 && y < 32 && shifted >= 0 && shifted < 32;
                    const int from = by.mirrored ? 31 - shifted : shifted;
                    const int byte =
                        inside ? byte_of(0, i, c, static_cast<std::size_t>(32 * y + from)) : 0;
                    const float expected =
                        (static_cast<float>(byte) / 255.0f - options.pixel_mean[c]) /
                        options.pixel_stddev[c];
                    same = same && x(i, c, static_cast<std::size_t>(row),
                                     static_cast<std::size_t>(column)) == expected;
                }
            }
        }
        CHECK(same);
    }
    CHECK(mirrored > 0);
    CHECK(mirrored < 40);
}
