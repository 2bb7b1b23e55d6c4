# Settings every target shares, and the few functions that rooms declare themselves with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
# Rendering must give the same samples in every process and build: no contraction into fused operations.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off)
if(BACKLINE_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  # Invariants stay checked in every build that is tested. Lines of source cost a tenth of the time that a build takes: only where sanitizers name them.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2")
endif()
if(BACKLINE_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
endif()
if(BACKLINE_FUZZ)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()
if(BACKLINE_SANITIZE)
  add_compile_options(-fsanitize=${BACKLINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BACKLINE_SANITIZE})
endif()

# Sources of a room are compiled several at a time, since most of a source's time goes into the headers that all of a room's include: a build
# from nothing takes two thirds of the time. So a room's sources share one unnamed namespace; where names are the same by convention (kParams of every
# node) a target is APART.
option(BACKLINE_UNITY "Compile sources several at a time" ON)
set(CMAKE_UNITY_BUILD ${BACKLINE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# backline_room(NAME [APART] SOURCES … LINKS …): a static library, one for each folder of src.
function(backline_room name)
  cmake_parse_arguments(ARG "APART" "" "SOURCES;LINKS" ${ARGN})
  add_library(backline_${name} STATIC ${ARG_SOURCES})
  target_include_directories(backline_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
  target_link_libraries(backline_${name} PUBLIC ${ARG_LINKS} Threads::Threads)
  if(ARG_APART)
    set_target_properties(backline_${name} PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

# backline_test(NAME [APART] SOURCES … LINKS …): one GoogleTest program, its tests known to CTest one by one.
# Every one carries the realtime guard, which fails a test when a render-thread scope allocates, locks or blocks.
function(backline_test name)
  cmake_parse_arguments(ARG "APART" "" "SOURCES;LINKS;DEPENDS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name}_test PRIVATE ${ARG_LINKS} backline_test_support GTest::gtest)
  if(ARG_APART)
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name}_test ${ARG_DEPENDS})
  endif()
  gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()

# backline_fuzz(NAME SOURCES … LINKS … SECONDS n): one libFuzzer target over tests/fuzz/corpus/NAME, run as a test for a fixed time
# beyond its corpus. Sources of other rooms may be named, so that a target builds no more than it runs.
function(backline_fuzz name)
  cmake_parse_arguments(ARG "" "SECONDS" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_SECONDS)
    set(ARG_SECONDS 3)
  endif()
  add_executable(${name}_fuzz ${ARG_SOURCES})
  target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name}_fuzz PRIVATE ${ARG_LINKS} Threads::Threads)
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz ${name}_fuzz)
  add_test(NAME fuzz.${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/fuzz/run.sh $<TARGET_FILE:${name}_fuzz> ${name} ${ARG_SECONDS})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300)
endfunction()
