// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_RESULT_FILE_HPP
#define EPSPIKE_EXAMPLES_MNIST_RESULT_FILE_HPP

#include <filesystem>
#include <string>
#include <vector>

/// The right to write a file, which one process at a time has. A killed process loses it; what
/// stays is an empty file.
class FileLock {
public:
    /// Locks `.<name>.lock` beside `file`. Fails if someone else has it.
    explicit FileLock(const std::filesystem::path& file);
    FileLock(const FileLock&) = delete;
    ~FileLock();

private:
    std::filesystem::path lock_;
    int descriptor_ = -1;
};

/// Makes a folder, and takes it away again if nothing has come into it.
class Folder {
public:
    explicit Folder(const std::filesystem::path& path);
    Folder(const Folder&) = delete;
    ~Folder();

private:
    /// Innermost first.
    std::vector<std::filesystem::path> made_;
};

/// A file that an option names, claimed before hours are spent: its folder exists, its name can
/// become a file, and no other process is writing it.
class ResultFile {
public:
    /// Fails with the option in the message.
    ResultFile(const std::string& option, const std::filesystem::path& file);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return file_; }
    /// All of it or nothing.
    void write(const std::string& text) const;

private:
    std::string option_;
    std::filesystem::path file_;
    Folder folder_;
    FileLock lock_;
};

#endif
