// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_LOOK_INTO_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_LOOK_INTO_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <epspike/data/batches.hpp>
#include <epspike/data/dataset.hpp>
#include <epspike/insight/energy_estimate.hpp>
#include <epspike/insight/neurobench.hpp>
#include <epspike/insight/phase_insight.hpp>
#include <epspike/insight/potential_traces.hpp>
#include <epspike/insight/spike_raster.hpp>
#include <epspike/io/atomic_file.hpp>
#include <epspike/learning/confusion_matrix.hpp>
#include <epspike/network.hpp>
#include <nlohmann/json.hpp>

#include "table.hpp"

/// How to look into a network.
struct Look {
    epspike::Relaxation free_phase;
    epspike::Relaxation nudged_phase;
    float beta = 1.0f;
    epspike::BatchOptions batch_options{};
    /// So many images from the first on are measured.
    std::size_t images = 100;
    /// The image whose spikes and potentials are listed, from 0.
    std::size_t image = 0;
    /// The residual that counts as settled.
    double threshold = 0.05;
    epspike::CostTable costs{};
    /// Whose potentials are listed, beside those of the output (of its first neurons, where a
    /// readout hears it).
    std::vector<epspike::Neuron> traces{};
};

/// Looks into any network, at what it makes of images: prints a summary and writes tables into
/// a folder.
template <class Net>
class Insights {
public:
    Insights(const Net& net, const epspike::Dataset& all, const Look& look,
             const std::filesystem::path& out)
        : net_{net}, all_{all}, images_{epspike::first(all, look.images)}, look_{look}, out_{out},
          layers_{out / "insight.csv"}, settling_{out / "settling.csv"}, steps_{out / "steps.csv"},
          energies_{out / "energy.csv"}
    {
        const auto connections = Net::connection_names();
        Net::for_each_population([&]<std::size_t N>(epspike::Index<N>) {
            names_.push_back(connections[Net::template bias_of<N>]);
        });
        layers_.row("phase", "population", "layer", "neurons", "steps", "firing_rate", "synops_up",
                    "synops_down", "dense_synops", "at_zero", "at_one", "residual", "energy_pj");
        settling_.row("phase", "step", "population", "layer", "residual", "spikes_per_neuron",
                      "synops");
        steps_.row("phase", "step", "residual", "converged", "energy_pj");
        energies_.row("phase", "steps", "input_pj", "synapses_pj", "neurons_pj", "total_pj",
                      "without_spikes_pj");
    }

    void write()
    {
        const auto batch = epspike::batches(images_, images_.size(), look_.batch_options).batch(0);
        const auto free = net_.relax(batch.x, look_.free_phase);
        const auto insight = epspike::observe_phase(net_, batch.x, look_.free_phase);
        const auto counts =
            epspike::confusion_matrix(net_, images_, look_.free_phase, 100, look_.batch_options);
        std::uint64_t right = 0;
        for (std::size_t c = 0; c < Net::classes; ++c) {
            right += counts(c, c);
        }
        std::printf("%zu images, %zu of them wrong\n", images_.size(),
                    images_.size() - static_cast<std::size_t>(right));
        record("free", insight);
        record("plus", epspike::observe_phase(net_, batch.x, look_.nudged_phase,
                                              epspike::Nudge{+look_.beta, batch.y}, free));
        record("minus", epspike::observe_phase(net_, batch.x, look_.nudged_phase,
                                               epspike::Nudge{-look_.beta, batch.y}, free));
        for (Table* table : {&layers_, &settling_, &steps_, &energies_}) {
            table->close();
        }
        write_neurobench(insight, free, right);
        write_confusion(counts);
        write_filters();
        write_image();
        write_traces();
    }

private:
    void record(const char* phase, const epspike::PhaseInsight& insight)
    {
        const auto energy = epspike::energy_estimate(insight, look_.costs);
        const auto dense = epspike::energy_without_spikes(insight, look_.costs);
        print(phase, insight, energy, dense);
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            const auto& p = insight.populations[n];
            layers_.row(phase, n, names_[n], p.neurons, insight.steps, p.firing_rate, p.synops_up,
                        p.synops_down, p.dense_synops, p.at_zero, p.at_one,
                        insight.residual.back()[n - 1], energy.of_population[n]);
        }
        const auto settled = insight.settled_at(look_.threshold);
        for (std::size_t t = 0; t < insight.residual.size(); ++t) {
            for (std::size_t n = 1; n <= Net::depth; ++n) {
                settling_.row(phase, t + 1, n, names_[n], insight.residual[t][n - 1],
                              insight.spikes_per_neuron[t][n], insight.synops[t][n]);
            }
            const bool converged = settled && static_cast<int>(t + 1) >= *settled;
            steps_.row(phase, t + 1, *std::ranges::max_element(insight.residual[t]),
                       converged ? 1 : 0, energy.of_step[t]);
        }
        energies_.row(phase, insight.steps, energy.input, energy.synapses, energy.neurons,
                      energy.total(), dense.total());
    }

    void print(const char* phase, const epspike::PhaseInsight& insight,
               const epspike::EnergyEstimate& energy, const epspike::EnergyEstimate& dense) const
    {
        const auto settled = insight.settled_at(look_.threshold);
        std::printf("\n%s phase, beta %g, %d steps: %s a residual of %g%s\n", phase, insight.beta,
                    insight.steps, settled ? "within" : "not within", look_.threshold,
                    settled ? (" from step " + std::to_string(*settled) + " on").c_str() : "");
        std::printf("  %-7s %7s %14s %13s %13s %7s %7s %9s %9s\n", "layer", "neurons",
                    "spikes/neuron", "SynOps up", "SynOps down", "at 0", "at 1", "residual",
                    "energy");
        std::printf("  %-7s %7s %14s %13s %13s %7s %7s %9s %9s\n", "", "", "and step", "an image",
                    "an image", "", "", "", "uJ");
        for (std::size_t n = 1; n < insight.populations.size(); ++n) {
            const auto& p = insight.populations[n];
            std::printf("  %-7s %7zu %14.4f %13.0f %13.0f %5.1f %% %5.1f %% %9.4f %9.3f\n",
                        names_[n].c_str(), p.neurons, p.firing_rate, p.synops_up, p.synops_down,
                        100.0 * p.at_zero, 100.0 * p.at_one, insight.residual.back()[n - 1],
                        energy.of_population[n] * 1e-6);
        }
        double additions = 0.0;
        double products = insight.input_operations;
        for (const auto& p : insight.populations) {
            additions += p.synops_up + p.synops_down;
            products += p.dense_synops;
        }
        std::printf("  energy estimate: %.2f uJ an image (input %.2f, synapses %.2f, neurons "
                    "%.2f)\n",
                    energy.total() * 1e-6, energy.input * 1e-6, energy.synapses * 1e-6,
                    energy.neurons * 1e-6);
        std::printf("  without spikes: %.2f uJ, %.1f times that; %.3g multiply-accumulates instead "
                    "of %.3g additions\n",
                    dense.total() * 1e-6, dense.total() / energy.total(), products, additions);
    }

    void write_neurobench(const epspike::PhaseInsight& insight, const typename Net::State& free,
                          std::uint64_t right) const
    {
        const auto metrics = epspike::neurobench_metrics(net_, insight, free);
        const double accuracy = static_cast<double>(right) / static_cast<double>(images_.size());
        const nlohmann::ordered_json json{{"classification_accuracy", accuracy},
                                          {"footprint", metrics.footprint},
                                          {"connection_sparsity", metrics.connection_sparsity},
                                          {"activation_sparsity", metrics.activation_sparsity},
                                          {"synaptic_operations",
                                           {{"Effective_MACs", metrics.effective_macs},
                                            {"Effective_ACs", metrics.effective_acs},
                                            {"Dense", metrics.dense}}},
                                          {"samples", insight.samples},
                                          {"steps", insight.steps},
                                          {"network", Net::architecture()}};
        const std::string text = json.dump(2) + "\n";
        epspike::AtomicFile file(out_ / "neurobench.json");
        file.write(std::as_bytes(std::span(text)));
        file.commit();
    }

    void write_confusion(const epspike::Tensor<std::uint64_t, 2>& counts) const
    {
        Table table(out_ / "confusion.csv");
        table.row("class", "prediction", "images");
        for (std::size_t c = 0; c < Net::classes; ++c) {
            for (std::size_t p = 0; p < Net::classes; ++p) {
                table.row(c, p, counts(c, p));
            }
        }
        table.close();
    }

    /// Of the first channel, where the first layer is a convolution.
    void write_filters() const
    {
        const auto parameters = net_.parameters();
        const auto& w = parameters[0];
        if (w.extents.size() != 4) {
            return;
        }
        Table table(out_ / "filters.csv");
        table.row("filter", "row", "column", "weight");
        const std::size_t height = w.extents[2];
        const std::size_t width = w.extents[3];
        for (std::size_t f = 0; f < w.extents[0]; ++f) {
            for (std::size_t i = 0; i < height * width; ++i) {
                table.row(f, i / width, i % width, w.values[f * w.extents[1] * height * width + i]);
            }
        }
        table.close();
    }

    void write_image() const
    {
        const auto one = epspike::batches(all_, 1, look_.batch_options).batch(look_.image);
        Table raster(out_ / "raster.csv");
        raster.row("step", "population", "neuron");
        for (const auto& spike : epspike::spike_raster(net_, one.x, look_.free_phase)) {
            raster.row(spike.step, spike.population, spike.neuron);
        }
        raster.close();
        const auto found = epspike::predict(net_, one.x, look_.free_phase)[0];
        const auto& shape = all_.images.shape();
        Table digit(out_ / "digit.csv");
        digit.row("row", "column", "pixel", "label", "prediction");
        for (std::size_t i = 0; i < shape[2] * shape[3]; ++i) {
            const std::size_t row = i / shape[3];
            digit.row(row, i % shape[3],
                      static_cast<int>(all_.images(look_.image, 0, row, i % shape[3])),
                      static_cast<int>(all_.labels(look_.image)), found);
        }
        digit.close();
    }

    /// Through the free phase and the nudged one that follows it.
    void write_traces() const
    {
        std::vector<epspike::Neuron> neurons = look_.traces;
        for (std::size_t k = 0; k < std::min(Net::outputs, Net::classes); ++k) {
            neurons.push_back({Net::depth, k});
        }
        const auto one = epspike::batches(all_, 1, look_.batch_options).batch(look_.image);
        Table table(out_ / "traces.csv");
        table.row("phase", "step", "population", "neuron", "potential");
        const auto list = [&](const char* phase, const auto& traces) {
            for (std::size_t t = 0; t < traces.shape()[0]; ++t) {
                for (std::size_t k = 0; k < neurons.size(); ++k) {
                    table.row(phase, t + 1, neurons[k].population, neurons[k].number,
                              traces(t, k, 0));
                }
            }
        };
        list("free", epspike::potential_traces(net_, one.x, look_.free_phase, neurons));
        list("plus", epspike::potential_traces(net_, one.x, look_.nudged_phase, neurons,
                                               epspike::Nudge{look_.beta, one.y},
                                               net_.relax(one.x, look_.free_phase)));
        table.close();
    }

    const Net& net_;
    const epspike::Dataset& all_;
    const epspike::Dataset images_;
    const Look& look_;
    const std::filesystem::path& out_;
    std::vector<std::string> names_{"input"};
    Table layers_;
    Table settling_;
    Table steps_;
    Table energies_;
};

/// Prints what the layers of a network do with some images in each phase, and writes the tables
/// insight.csv, settling.csv, steps.csv, energy.csv, confusion.csv, traces.csv, filters.csv,
/// raster.csv and digit.csv and neurobench.json into a folder.
template <class Net>
void look_into(const Net& net, const epspike::Dataset& all, const Look& look,
               const std::filesystem::path& out)
{
    std::filesystem::create_directories(out);
    Insights<Net>(net, all, look, out).write();
}

#endif
