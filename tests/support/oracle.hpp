// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_ORACLE_HPP
#define EPSPIKE_TESTS_SUPPORT_ORACLE_HPP

#include <epspike/core/tensor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace epspike::test {

/// An array an oracle wrote.
struct OracleArray {
    std::vector<std::size_t> extents;
    std::vector<double> values;
};

/// It as a tensor.
template <std::size_t Rank>
Tensor<double, Rank> oracle_tensor(const OracleArray& array)
{
    std::array<std::size_t, Rank> extents{};
    std::copy(array.extents.begin(), array.extents.end(), extents.begin());
    auto result = make_tensor<double, Rank>(extents);
    std::copy(array.values.begin(), array.values.end(), result.data());
    return result;
}

/// One case of tests/oracles/*.txt (the format is in tests/oracles/README.md).
class OracleCase {
public:
    OracleCase(const std::string& file, const std::string& name)
    {
        std::ifstream in(std::string(EPSPIKE_ORACLES) + "/" + file);
        if (!in) {
            throw std::runtime_error("cannot open oracle " + file);
        }
        bool inside = false;
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            std::string key;
            if (!(words >> key) || key[0] == '#') {
                continue;
            }
            if (key == "case") {
                std::string found;
                words >> found;
                inside = found == name;
                continue;
            }
            if (!inside) {
                continue;
            }
            OracleArray array;
            std::size_t rank = 0;
            words >> rank;
            array.extents.resize(rank);
            for (auto& extent : array.extents) {
                words >> extent;
            }
            std::string colon;
            words >> colon;
            for (std::string number; words >> number;) {
                array.values.push_back(std::stod(number));
            }
            arrays_[key] = std::move(array);
        }
        if (arrays_.empty()) {
            throw std::runtime_error("no case " + name + " in oracle " + file);
        }
    }

    [[nodiscard]] bool has(const std::string& key) const { return arrays_.count(key) > 0; }
    [[nodiscard]] const OracleArray& at(const std::string& key) const
    {
        const auto found = arrays_.find(key);
        if (found == arrays_.end()) {
            throw std::runtime_error("oracle has no " + key);
        }
        return found->second;
    }
    [[nodiscard]] double number(const std::string& key) const { return at(key).values.at(0); }

private:
    std::map<std::string, OracleArray> arrays_;
};

} // namespace epspike::test

#endif
