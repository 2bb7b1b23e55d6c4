# cmake -DOUTPUT=file.cc -DSOURCES=a.js;b.js -P embed.cmake: the scripts as C++ string literals.
set(literals "")
foreach(path IN LISTS SOURCES)
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND literals "    {\"backline:${name}\", R\"backline(${text})backline\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"script/bootstrap_sources.h\"

namespace backline::script {
namespace {
constexpr BootstrapSource kSources[] = {
${literals}};
}  // namespace
const std::span<const BootstrapSource> kBootstrapSources = kSources;
}  // namespace backline::script
")
