# The native build and the generated interfaces. Ninja decides what is out of date.

# SETUP_TESTS=1 builds the tests too; once built they stay part of this build directory's configuration.
configureBuild() {
  local directory=$root/build/release include version want
  include=$(nodeInclude "$BACKLINE_NODE")
  version=$(awk '/^#define NODE_(MAJOR|MINOR|PATCH)_VERSION/ { printf "%s%s", dot, $3; dot = "." }' "$include/node_version.h")
  if [[ -r $directory/node-version && $(<"$directory/node-version") != "$version $include" && -e $directory/build.ninja ]]; then
    # Headers of another Node may be older than the objects made with the last one's, so dates do not tell. ccache keeps this short.
    say "building for Node $version"
    ninja -C "$directory" -t clean >/dev/null
    rm -f "$directory/node-version"
  fi
  want=$version
  grep -qs '^BACKLINE_TESTS:BOOL=ON' "$directory/CMakeCache.txt" || [[ ${SETUP_TESTS:-0} == 1 ]] && want="$version tests"
  [[ -e $directory/build.ninja && -e $directory/node-version && $(cat "$directory/configured" 2>/dev/null) == "$want" ]] && return
  mkdir -p "$directory"
  cd "$root"
  step "configuring the build" cmake --preset release -DBACKLINE_NODE_INCLUDE="$include" \
    -DBACKLINE_TESTS="$([[ $want == *tests ]] && echo ON || echo OFF)"
  cd - >/dev/null
  printf '%s' "$version $include" >"$directory/node-version"
  printf '%s' "$want" >"$directory/configured"
}

# runNinja TARGET…: shows ninja's own progress on stderr, and nothing at all when everything is up to date.
runNinja() {
  local directory=$root/build/release
  [[ $(ninja -C "$directory" -n "$@" 2>&1 | tail -n 1) == 'ninja: no work to do.' ]] && return
  say "building (a first time takes some minutes)"
  NINJA_STATUS='[%p] ' ninja -C "$directory" "$@" >&2 || fail "the build failed; the first error is above"
}

# lib/generated from the published IDL, when the generator or a package it reads changed.
generateInterfaces() {
  local generator=$root/lib/idl/generate.mjs stamp=$stamps/generated
  [[ -e $stamp && -d $root/lib/generated && -z $(find "$root/lib/idl" "$root/lib/glue" "$root/package-lock.json" -newer "$stamp" -print -quit) ]] && return
  step "generating the JavaScript interfaces" "$BACKLINE_NODE" "$generator"
  touch "$stamp"
}

buildAddons() {
  configureBuild
  if [[ ${SETUP_TESTS:-0} == 1 ]]; then
    runNinja
  else
    runNinja src/node/all src/script/all src/host/all src/audioserver/all examples/all
  fi
  generateInterfaces
}
