# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DWORK=<scratch folder> -P layering_self_test.cmake
# The check accepts support/layering_fixture as it is, and refuses it, saying why, with any one violation added.
cmake_minimum_required(VERSION 3.22)

function(check result output)
    execute_process(
        COMMAND ${CMAKE_COMMAND} "-DINCLUDE=${WORK}" "-DRULES=${CMAKE_CURRENT_LIST_DIR}/layering.txt" -P
                "${CMAKE_CURRENT_LIST_DIR}/layering.cmake"
        RESULT_VARIABLE code
        OUTPUT_VARIABLE text
        ERROR_VARIABLE text)
    set(${result} "${code}" PARENT_SCOPE)
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

function(plant_fixture)
    file(REMOVE_RECURSE "${WORK}")
    file(COPY "${CMAKE_CURRENT_LIST_DIR}/support/layering_fixture/epspike" DESTINATION "${WORK}")
endfunction()

function(refuses file text sentence)
    plant_fixture()
    file(APPEND "${WORK}/epspike/${file}" "${text}\n")
    check(code output)
    string(FIND "${output}" "${sentence}" at)
    if(code EQUAL 0 OR at EQUAL -1)
        message(SEND_ERROR "${file} with\n${text}\nwas not refused with\n${sentence}\nbut\n${output}")
    endif()
endfunction()

plant_fixture()
check(code output)
if(NOT code EQUAL 0)
    message(SEND_ERROR "the clean fixture was refused:\n${output}")
endif()

refuses(core/shape.hpp "#include \"../simd/batch.hpp\"" "core/shape.hpp: may not include simd/batch.hpp")
refuses(data/idx.hpp "#  include <epspike/network.hpp>" "data/idx.hpp: may not include network.hpp")
refuses(network.hpp "#include \"data/idx.hpp\"" "network.hpp: may not include data/idx.hpp")
refuses(network.hpp "#include \"../epspike/simd/batch.hpp\"" "which does not exist")
refuses(kernels/a.hpp "#include \"../data/idx.hpp\"" "kernels/a.hpp: may not include data/idx.hpp")
refuses(layers/a.hpp "#include \"a.hpp\"" "layers/a.hpp: may not include layers/a.hpp")
refuses(version.hpp "#include \"core/shape.hpp\"" "version.hpp: may not include core/shape.hpp")
refuses(attic/a.hpp "" "attic/a.hpp: its room attic has no rule")
refuses(core/tensor.hpp "#include \"shape.hpp\"" "a cycle of includes")
refuses(core/shape.hpp "#include \"shape.hpp\"" "a cycle of includes")
refuses(simd/shape.hpp "" "another header has the name shape.hpp")
refuses(simd/detail/tail.hpp "#include \"../../data/idx.hpp\"" "simd/detail/tail.hpp: may not include data/idx.hpp")
refuses(epspike.hpp "#include \"core/gone.hpp\"" "epspike.hpp: includes core/gone.hpp, which does not exist")
refuses(core/shape.hpp "#include EPSPIKE_HEADER" "core/shape.hpp: cannot read")
refuses(core/shape.hpp "#include <xtensor/xview.hpp>" "which only core/tensor.hpp may")
refuses(core/shape.hpp "#include <immintrin.h>" "which only simd/batch.hpp may")
refuses(network.hpp "#include <nlohmann/json.hpp>" "which only io may")
refuses(network.hpp "#include <boost/any.hpp>" "network.hpp: includes <boost/any.hpp> of an unlisted library")
refuses(network.hpp "#include <math.h>" "network.hpp: includes <math.h> of an unlisted library")
refuses(core/shape.ipp "" "core/shape.ipp: is not a header")
refuses(network.hpp "using V = xsimd::batch<float>" "network.hpp: names xsimd::, which only simd may")
refuses(data/idx.hpp "auto s = ::xsimd ::hadd(v)" "data/idx.hpp: names xsimd::, which only simd may")
string(REPEAT "\n" 300 many_lines)
refuses(core/shape.hpp "${many_lines}" "core/shape.hpp: has 304 lines, the most is 300")
refuses(network.hpp "namespace epspike {}" "network.hpp: declares something (namespace epspike {}), where")
refuses(state.hpp "" "state.hpp: its room . has no rule")
refuses(dynamics/a.hpp "#include \"../gradients/b.hpp\"" "which does not exist")
refuses(topology/a.hpp "#include \"../simd/batch.hpp\"" "topology/a.hpp: may not include simd/batch.hpp")

# A private header may be included by its own room, and by no other.
plant_fixture()
file(WRITE "${WORK}/epspike/simd/detail/tail.hpp" "#include <cstddef>\n")
file(APPEND "${WORK}/epspike/simd/batch.hpp" "#include \"detail/tail.hpp\"\n")
check(code output)
if(NOT code EQUAL 0)
    message(SEND_ERROR "a room's own private header was refused:\n${output}")
endif()
file(APPEND "${WORK}/epspike/epspike.hpp" "#include \"simd/detail/tail.hpp\"\n")
check(code output)
if(code EQUAL 0 OR NOT output MATCHES "simd/detail/tail.hpp, which is private to simd")
    message(SEND_ERROR "a private header was reached from another room:\n${output}")
endif()
