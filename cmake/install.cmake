# The installed package: what a C++ program elsewhere gets with find_package(backline).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(BACKLINE_HELPER_FOLDER ${CMAKE_INSTALL_LIBEXECDIR}/backline)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/backline)

add_library(backline INTERFACE)
target_link_libraries(backline INTERFACE backline_control backline_media)
target_compile_features(backline INTERFACE cxx_std_20)
target_include_directories(backline INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Where the prefix is when a program is built with it: EngineOptions starts from there.
target_compile_definitions(backline INTERFACE $<INSTALL_INTERFACE:BACKLINE_HELPER_FOLDER="$<INSTALL_PREFIX>/${BACKLINE_HELPER_FOLDER}">)

set(rooms)
foreach(room transport dsp render ipc session control media)
  set_target_properties(backline_${room} PROPERTIES EXPORT_NAME ${room})
  list(APPEND rooms backline_${room})
endforeach()
install(TARGETS backline ${rooms} EXPORT backlineTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS backline-audio backline-render backline-decode RUNTIME DESTINATION ${BACKLINE_HELPER_FOLDER})
install(EXPORT backlineTargets NAMESPACE backline:: DESTINATION ${package_folder})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/backlineConfig.cmake.in ${CMAKE_BINARY_DIR}/backlineConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/backlineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/backlineConfig.cmake ${CMAKE_BINARY_DIR}/backlineConfigVersion.cmake DESTINATION ${package_folder})

install(CODE "
  set(SOURCE \"${CMAKE_SOURCE_DIR}/src\")
  set(DESTINATION \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/backline\")
  include(\"${CMAKE_CURRENT_LIST_DIR}/install_headers.cmake\")")
