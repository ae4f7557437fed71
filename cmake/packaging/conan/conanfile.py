# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""Conan 2: conan create cmake/packaging/conan -s compiler.cppstd=20"""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class EpspikeConan(ConanFile):
    name = "epspike"
    description = "Spiking convolutional networks trained by equilibrium propagation"
    license = "BSD-3-Clause"
    topics = ("spiking neural networks", "equilibrium propagation", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    # xtensor with xsimd inside would change what its tensors are made of.
    default_options = {"xtensor/*:xsimd": False}
    no_copy_source = True

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._root, "include", "epspike", "version.hpp"))
        self.version = ".".join(re.findall(r"define EPSPIKE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        copy(self, "LICENSE", self._root, self.export_sources_folder)
        copy(self, "*.hpp", os.path.join(self._root, "include"),
             os.path.join(self.export_sources_folder, "include"))

    def layout(self):
        basic_layout(self, src_folder=".")

    def requirements(self):
        self.requires("xtensor/[>=0.24 <1]", transitive_headers=True)
        self.requires("xsimd/[>=8.1 <15]", transitive_headers=True)
        self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True)
        self.requires("nlohmann_json/[>=3.10 <4]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"),
             os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "epspike")
        requires = {
            "epspike": ["xtensor::xtensor", "xsimd::xsimd"],
            "data": ["epspike", "zlib::zlib"],
            "io": ["epspike", "nlohmann_json::nlohmann_json"],
        }
        for name, needs in requires.items():
            component = self.cpp_info.components[name]
            component.set_property("cmake_target_name", f"epspike::{name}")
            component.set_property("pkg_config_name", "epspike" if name == "epspike" else f"epspike-{name}")
            component.requires = needs
            component.bindirs = []
            component.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.components["epspike"].system_libs = ["pthread"]
        if self.settings.compiler in ("gcc", "clang", "apple-clang"):
            self.cpp_info.components["epspike"].cxxflags = ["-ffp-contract=off"]
