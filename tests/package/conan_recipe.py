# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the Conan recipe with stand-ins for Conan: python3 conan_recipe.py FOLDER VERSION DESCRIPTION"""
import importlib.util
import pathlib
import shutil
import sys
import tempfile
import types
from unittest import mock


def copy(_, pattern, src, dst):
    for file in pathlib.Path(src).rglob(pattern):
        if file.is_file() and ("*" in pattern or file.parent.samefile(src)):
            target = pathlib.Path(dst) / file.relative_to(src)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)


def load(_, path):
    return pathlib.Path(path).read_text()


conan = types.ModuleType("conan")
conan.ConanFile = type("ConanFile", (), {})
tools = {name: mock.MagicMock() for name in ("build", "cmake", "files", "layout")}
tools["files"].copy = copy
tools["files"].load = load
sys.modules.update({"conan": conan, "conan.tools": mock.MagicMock()})
sys.modules.update({f"conan.tools.{name}": module for name, module in tools.items()})


def recipe(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


folder = pathlib.Path(sys.argv[1])
root = folder.parents[2]
test_package = recipe(folder / "test_package" / "conanfile.py", "test_package").TestPackage
assert test_package.generators == ("CMakeDeps", "CMakeToolchain")

epspike = recipe(folder / "conanfile.py", "conanfile").EpspikeConan()
epspike.recipe_folder = str(folder)
epspike.set_version()
assert epspike.version == sys.argv[2], epspike.version
assert epspike.description == sys.argv[3], epspike.description

with tempfile.TemporaryDirectory() as work:
    epspike.export_sources_folder = epspike.source_folder = work + "/source"
    epspike.package_folder = work + "/package"
    epspike.export_sources()
    epspike.package()
    packaged = pathlib.Path(epspike.package_folder)
    headers = {str(p.relative_to(root)) for p in (root / "include").rglob("*.hpp")}
    assert {str(p.relative_to(packaged)) for p in (packaged / "include").rglob("*.*")} == headers
    assert (packaged / "licenses" / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()

epspike.requires = mock.MagicMock()
epspike.requirements()
assert {call.args[0].split("/")[0] for call in epspike.requires.call_args_list} == {
    "xtensor", "xsimd", "zlib", "nlohmann_json"}

epspike.info = mock.MagicMock()
epspike.package_id()
epspike.info.clear.assert_called_once_with()

epspike.settings = mock.MagicMock(os="Linux")
epspike.cpp_info = mock.MagicMock(components={name: mock.MagicMock() for name in ("epspike", "data", "io")})
epspike.package_info()
for name, component in epspike.cpp_info.components.items():
    component.set_property.assert_any_call("cmake_target_name", f"epspike::{name}")
print(f"epspike/{epspike.version}: {len(headers)} headers")
