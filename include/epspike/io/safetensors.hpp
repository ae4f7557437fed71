// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_SAFETENSORS_HPP
#define EPSPIKE_IO_SAFETENSORS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "../core/concepts.hpp"
#include "../core/error.hpp"
#include "atomic_file.hpp"
#include "checksums.hpp"
#include "dtype.hpp"
#include "file_text.hpp"
#include "safetensors_header.hpp"
#include "tensor_source.hpp"

namespace epspike {

/// A safetensors file, opened and checked as a whole; numbers are read when asked for. The open
/// file is the one that was checked even if another takes its name meanwhile.
class SafetensorsReader {
public:
    /// Fails if `file` is missing or no regular file, if its header is longer than the file or 100
    /// MB (the limit of the format's reference), if parse_safetensors_header refuses it, or if the
    /// metadata have changed since they were saved with a checksum.
    explicit SafetensorsReader(const std::filesystem::path& file) : file_{file.string()}
    {
        std::error_code error;
        const auto status = std::filesystem::status(file, error);
        if (!std::filesystem::is_regular_file(status)) {
            detail::fail_file(
                file_, "file", "a safetensors file",
                status.type() == std::filesystem::file_type::not_found ? "nothing under that name"
                : std::filesystem::is_directory(status)                ? "a folder"
                : std::filesystem::exists(status) ? "something that is no regular file"
                                                  : error.message());
        }
        stream_.open(file, std::ios::binary | std::ios::ate);
        const auto file_end = static_cast<std::streamoff>(stream_.tellg());
        if (!stream_ || file_end < 0) {
            detail::fail_file(file_, "file", "a readable file", "one that cannot be opened");
        }
        read_header(static_cast<std::uint64_t>(file_end));
    }
    /// The same for a file whose bytes are in memory, where they must outlive the reader; messages
    /// call it `name`.
    SafetensorsReader(std::span<const std::byte> bytes, std::string name)
        : file_{std::move(name)}, memory_{bytes}
    {
        read_header(bytes.size());
    }

    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] const std::vector<TensorEntry>& tensors() const noexcept
    {
        return header_.tensors;
    }
    [[nodiscard]] const Metadata& metadata() const noexcept { return header_.metadata; }

    /// The tensor of that name, or nullptr.
    [[nodiscard]] const TensorEntry* find(std::string_view name) const noexcept
    {
        const auto found = std::find_if(header_.tensors.begin(), header_.tensors.end(),
                                        [&](const auto& tensor) { return tensor.name == name; });
        return found == header_.tensors.end() ? nullptr : &*found;
    }

    /// The numbers of the tensor `name`, converted to T.
    /// Fails, before it reserves memory, if there is no such tensor, its shape is not `extents` or
    /// its dtype is not one that is read; and if a number does not fit into T (see
    /// detail::stored_value), the tensor has changed since it was saved with a checksum, or the
    /// file was shortened after it was opened.
    template <ScalarType T>
    [[nodiscard]] std::vector<T> read(std::string_view name, std::span<const std::size_t> extents)
    {
        const std::string label = "tensor " + detail::in_quotes(name);
        const TensorEntry* tensor = find(name);
        if (tensor == nullptr) {
            detail::fail_file(file_, label, "shape " + detail::shape_text(extents),
                              "only " + list());
        }
        if (!std::equal(extents.begin(), extents.end(), tensor->extents.begin(),
                        tensor->extents.end())) {
            detail::fail_file(file_, label, "shape " + detail::shape_text(extents),
                              detail::shape_text(tensor->extents));
        }
        if (!tensor->dtype) {
            detail::fail_file(file_, label + ": dtype", "one of " + detail::dtype_names(),
                              detail::in_quotes(tensor->dtype_name));
        }
        const Dtype dtype = *tensor->dtype;
        const std::size_t width = size_of(dtype);
        Crc32 checksum = detail::begin_checksum(tensor->dtype_name, tensor->extents);
        std::vector<T> values(static_cast<std::size_t>(tensor->end - tensor->begin) / width);
        std::vector<std::byte> buffer(std::min(values.size(), detail::buffer_numbers) * width);
        for (std::size_t done = 0; done < values.size();) {
            const std::size_t count = std::min(detail::buffer_numbers, values.size() - done);
            read_bytes(data_begin_ + tensor->begin + done * width,
                       std::span(buffer).first(count * width));
            checksum.add(std::span(buffer).first(count * width));
            for (std::size_t i = 0; i < count; ++i, ++done) {
                const auto [value, fits] =
                    detail::stored_value<T>(dtype, buffer.data() + i * width);
                if (!fits) {
                    detail::fail_file(file_, label + ": number " + std::to_string(done),
                                      std::string("one that fits into ") + name_of(dtype_of<T>),
                                      std::string("a larger ") + name_of(dtype));
                }
                values[done] = value;
            }
        }
        detail::check_tensor(header_.metadata, tensor->name, checksum, file_);
        return values;
    }

private:
    static constexpr std::size_t length_bytes = 8;
    static constexpr std::uint64_t most_header_bytes = 100'000'000;

    void read_header(std::uint64_t file_bytes)
    {
        if (file_bytes < length_bytes) {
            detail::fail_file(file_, "header length", "8 bytes",
                              std::to_string(file_bytes) + " in the whole file");
        }
        std::array<std::byte, length_bytes> length{};
        read_bytes(0, length);
        const auto header_bytes = detail::load_little_endian<std::uint64_t>(length.data());
        const auto most = std::min(file_bytes - length_bytes, most_header_bytes);
        if (header_bytes > most) {
            detail::fail_file(file_, "header length", "at most " + std::to_string(most),
                              std::to_string(header_bytes));
        }
        std::string text(static_cast<std::size_t>(header_bytes), ' ');
        read_bytes(length_bytes, std::as_writable_bytes(std::span(text)));
        data_begin_ = length_bytes + header_bytes;
        header_ = parse_safetensors_header(text, file_bytes - data_begin_, file_);
        detail::check_metadata(header_.metadata, file_);
    }

    void read_bytes(std::uint64_t from, std::span<std::byte> bytes)
    {
        if (!stream_.is_open()) {
            const auto found = memory_.subspan(static_cast<std::size_t>(from), bytes.size());
            std::copy(found.begin(), found.end(), bytes.begin());
            return;
        }
        stream_.seekg(static_cast<std::streamoff>(from));
        stream_.read(reinterpret_cast<char*>(bytes.data()),
                     static_cast<std::streamsize>(bytes.size()));
        if (!stream_) {
            detail::fail_file(file_, "file",
                              std::to_string(bytes.size()) + " bytes from byte " +
                                  std::to_string(from),
                              "a read error or the end of the file");
        }
    }

    [[nodiscard]] std::string list() const
    {
        constexpr std::size_t most = 20;
        std::string text;
        for (std::size_t i = 0; i < std::min(most, header_.tensors.size()); ++i) {
            text += (text.empty() ? "" : ", ") + detail::in_quotes(header_.tensors[i].name);
        }
        return text.empty() ? "a file without tensors"
                            : text + (header_.tensors.size() > most ? ", ..." : "");
    }

    std::string file_;
    std::ifstream stream_;
    /// Read unless a stream is open.
    std::span<const std::byte> memory_;
    std::uint64_t data_begin_ = 0;
    SafetensorsHeader header_;
};

/// Writes a safetensors file, the tensors in the order given: the same arguments make the same
/// bytes. Replaces `file` as a whole or not at all (AtomicFile).
/// Fails as AtomicFile does, and if a name comes twice, is `__metadata__` or is not UTF-8, or
/// extents and values disagree.
inline void write_safetensors(const std::filesystem::path& file,
                              std::span<const TensorSource> tensors, const Metadata& metadata = {})
{
    SafetensorsHeader header{.tensors = {}, .metadata = metadata};
    std::set<std::string_view> names{detail::metadata_key};
    std::uint64_t next = 0;
    for (const auto& tensor : tensors) {
        const std::string label = "tensor " + detail::in_quotes(tensor.name);
        if (!names.insert(tensor.name).second) {
            detail::fail_file(file.string(), label, "a name that is free", "one in use");
        }
        std::size_t count = 1;
        for (const std::size_t extent : tensor.extents) {
            count *= extent;
        }
        const Dtype dtype = tensor.dtype();
        const std::size_t found = std::visit([](const auto& v) { return v.size(); }, tensor.values);
        if (found != count) {
            detail::fail_file(file.string(), label,
                              std::to_string(count) + " numbers for shape " +
                                  detail::shape_text(tensor.extents),
                              std::to_string(found));
        }
        const std::uint64_t end = next + found * size_of(dtype);
        header.tensors.push_back({.name = tensor.name,
                                  .dtype = dtype,
                                  .dtype_name = name_of(dtype),
                                  .extents = tensor.extents,
                                  .begin = next,
                                  .end = end});
        next = end;
    }
    const std::string text = format_safetensors_header(header, file.string());

    AtomicFile out(file);
    std::array<std::byte, 8> length{};
    detail::store_little_endian(static_cast<std::uint64_t>(text.size()), length.data());
    out.write(length);
    out.write(std::as_bytes(std::span(text)));
    for (const auto& tensor : tensors) {
        detail::for_each_piece(tensor, [&](std::span<const std::byte> bytes) { out.write(bytes); });
    }
    out.commit();
}

} // namespace epspike

#endif
