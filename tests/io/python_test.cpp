// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "support/catch.hpp"
#include "support/parameters.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/wait.h>

namespace {

namespace ep = epspike;
namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<2, 6, 6>, ep::SpikingConv<3, 3>, ep::Dense<4>>;

const fs::path tests = fs::path(EPSPIKE_TEST_DATA).parent_path();

std::string contents(const fs::path& file)
{
    std::ifstream in(file);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What a script prints; a script whose modules are absent from one Python is tried with the next.
std::string run_python(const std::string& script, const fs::path& argument)
{
    int status = 127;
    for (const std::string python : {"/usr/bin/python3", "python3"}) {
        const auto command =
            python + " -B '" + (tests / "io" / script).string() + "' '" + argument.string() + "'";
        std::FILE* pipe = ::popen(command.c_str(), "r");
        REQUIRE(pipe != nullptr);
        std::string text;
        std::array<char, 4096> buffer{};
        for (std::size_t count = 1; count > 0;) {
            count = std::fread(buffer.data(), 1, buffer.size(), pipe);
            text.append(buffer.data(), count);
        }
        status = WEXITSTATUS(::pclose(pipe));
        if (status == 0) {
            return text;
        }
        INFO(text);
        REQUIRE((status == 77 || status == 127));
    }
    ep::test::skipped(script + " needs Python 3 with NumPy (and PyTorch, if it is for PyTorch)");
    return {};
}

/// Multiples of 1/16, so that sums are exact in any order.
void set_simple_numbers(Net& net)
{
    int number = 0;
    for (const auto& p : ep::test::writable(net)) {
        for (float& value : p.values) {
            number = (number * 5 + 3) % 64;
            value = static_cast<float>(number - 32) / 16.0f;
        }
    }
    ep::test::act(net);
}

} // namespace

TEST_CASE("NumPy alone reads a checkpoint", "[io][python]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    set_simple_numbers(net);
    ep::save_checkpoint(file, net, ep::Adam{.learning_rate = 5e-4f}, ep::Progress{.epoch = 3});
    const auto printed = run_python("read_with_numpy.py", file);
    if (printed.empty()) {
        return;
    }
    CHECK_THAT(printed, ContainsSubstring("architecture = " + Net::architecture() + "\n"));
    CHECK_THAT(printed, ContainsSubstring("adam.learning_rate = 5e-04\n"));
    CHECK_THAT(printed, ContainsSubstring("progress.epoch = 3\n"));
    for (const auto& p : ep::test::writable(net)) {
        double sum = 0.0;
        for (const float value : p.values) {
            sum += static_cast<double>(value);
        }
        std::string shape;
        for (const std::size_t extent : p.extents) {
            shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
        }
        CHECK_THAT(printed, ContainsSubstring(p.name + " float32 [" + shape + "] sum " +
                                              std::to_string(sum) + "\n"));
        CHECK_THAT(printed, ContainsSubstring("adam.second." + p.name + " float32 [" + shape +
                                              "] sum 0.000000\n"));
    }
}

TEST_CASE("Python alone checks a checkpoint", "[io][python]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    ep::save_checkpoint(file, net, ep::Adam{}, ep::Progress{.settings = {{"\u00fc", "\n\u20ac"}}});
    const auto printed = run_python("check_with_python.py", file);
    if (printed.empty()) {
        return;
    }
    CHECK_THAT(printed, ContainsSubstring("epspike.crc32 sound\n"));
    CHECK_THAT(printed, ContainsSubstring("epspike.crc32.adam.first.dense1.bias sound\n"));
    CHECK(std::count(printed.begin(), printed.end(), '\n') == 1 + 3 * 4);
    CHECK(printed.find("changed") == std::string::npos);

    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out | std::ios::ate);
    out.seekp(-1, std::ios::end);
    out.put('!');
    out.close();
    CHECK_THAT(run_python("check_with_python.py", file),
               ContainsSubstring("epspike.crc32.adam.second.dense1.bias has changed\n"));
}

TEST_CASE("PyTorch convolves with the weights of a checkpoint", "[io][python]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net;
    set_simple_numbers(net);
    ep::save_weights(net, file);
    const auto printed = run_python("read_with_torch.py", file);
    if (printed.empty()) {
        return;
    }
    const auto parameters = ep::test::writable(net);
    std::istringstream words(printed);
    for (std::size_t o = 0; o < 3; ++o) {
        for (std::size_t row = 0; row < 4; ++row) {
            for (std::size_t column = 0; column < 4; ++column) {
                float sum = parameters[1].values[o];
                for (std::size_t c = 0; c < 2; ++c) {
                    for (std::size_t k = 0; k < 9; ++k) {
                        const std::size_t pixel = (c * 6 + row + k / 3) * 6 + column + k % 3;
                        sum += parameters[0].values[(o * 2 + c) * 9 + k] *
                               static_cast<float>(pixel) / 64.0f;
                    }
                }
                float found = 0.0f;
                INFO(printed);
                REQUIRE(words >> found);
                CHECK(found == Approx(sum).margin(1e-6));
            }
        }
    }
    std::string rest;
    CHECK_FALSE(words >> rest);
}

TEST_CASE("all code of the documentation is code of the tests", "[io][python]")
{
    const auto without_indentation = [](const std::string& text) {
        std::istringstream lines(text);
        std::string result = "\n";
        for (std::string line; std::getline(lines, line);) {
            result += line.substr(std::min(line.find_first_not_of(' '), line.size())) + "\n";
        }
        return result;
    };
    std::string tested;
    for (const auto& entry : fs::directory_iterator(tests / "io")) {
        if (entry.is_regular_file()) {
            tested += without_indentation(contents(entry.path()));
        }
    }
    std::istringstream page(contents(tests.parent_path() / "docs" / "checkpoints.md"));
    int blocks = 0;
    std::string block;
    bool inside = false;
    bool code = false;
    for (std::string line; std::getline(page, line);) {
        if (line.substr(0, 3) != "```") {
            block += inside ? line + "\n" : "";
            continue;
        }
        inside = !inside;
        if (inside) {
            code = line != "```sh";
        } else if (code) {
            INFO(block);
            CHECK(tested.find(without_indentation(block)) != std::string::npos);
            ++blocks;
        }
        block.clear();
    }
    CHECK(blocks == 6);
    CHECK_FALSE(inside);
}
