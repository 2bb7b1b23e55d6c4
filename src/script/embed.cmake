# cmake -DOUTPUT=file.cc -DSOURCES=a.js;b.js -DLIBRARIES=c.js;d.js -P embed.cmake: the scripts as C++ string literals.
function(literals paths prefix result)
  set(all "")
  foreach(path IN LISTS ${paths})
    get_filename_component(name ${path} NAME)
    file(READ ${path} text)
    string(APPEND all "    {\"${prefix}${name}\", R\"backline(${text})backline\"sv},\n")
  endforeach()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

literals(SOURCES "backline:" sources)
literals(LIBRARIES "backline:" libraries)
file(WRITE ${OUTPUT} "#include \"script/bootstrap_sources.h\"

namespace backline::script {
namespace {
using std::string_view_literals::operator\"\"sv;   // whose lengths nobody has to count
constexpr BootstrapSource kSources[] = {
${sources}};
constexpr BootstrapSource kLazy[] = {
${libraries}};
}  // namespace
const std::span<const BootstrapSource> kBootstrapSources = kSources;
const std::span<const BootstrapSource> kLibraries = kLazy;
}  // namespace backline::script
")
