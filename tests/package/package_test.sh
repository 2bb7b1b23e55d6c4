#!/usr/bin/env bash
# package_test.sh BUILD COMPILER PLACE: installs BUILD below PLACE, moves the prefix, builds examples/package against it and runs it.
set -euo pipefail
build=$1 compiler=$2 place=$3
tree=$(cd "$(dirname "$0")/../.." && pwd)
fail() { printf 'package_test: %s\n' "$*" >&2; exit 1; }

rm -rf "$place"
mkdir -p "$place"
cmake --install "$build" --prefix "$place/first" >"$place/install.log" || fail "cmake --install failed; see $place/install.log"
mv "$place/first" "$place/moved"
prefix=$place/moved

! grep -rl --include='*.h' --include='*.cmake' -F -e "$tree" -e "$place/first" "$prefix" || fail "these name the tree or the first prefix"

# The installed headers need nothing but the prefix.
for header in $(cd "$prefix/include" && find backline -name '*.h'); do printf '#include <%s>\n' "$header"; done >"$place/headers.cc"
"$compiler" -std=c++20 -fsyntax-only -isystem "$prefix/include" "$place/headers.cc" || fail "an installed header misses something"

cp -r "$tree/examples/package" "$place/program"
launcher=$(command -v ccache || true)
cmake -S "$place/program" -B "$place/program/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wno-missing-field-initializers -Werror' -DCMAKE_PREFIX_PATH="$prefix" >"$place/configure.log" || fail "find_package failed; see $place/configure.log"
ninja -C "$place/program/build" >"$place/build.log" || { cat "$place/build.log" >&2; fail "the program does not build"; }

"$place/program/build/bounce" || fail "bounce did not render what it should"
"$place/program/build/tone" || fail "tone did not play"
recording=/usr/share/sounds/alsa/Front_Center.wav
[[ $("$place/program/build/song" "$recording") == "1.43 s of $recording" ]] || fail "song did not play $recording"
! message=$("$place/program/build/song" "$place/nothing.wav" 2>&1) && [[ $message == *"$place/nothing.wav"* ]] || fail "without a file song said: ${message-}"
[[ $("$place/program/build/wet" "$recording" "$place/wet.flac") == "2.43 s in $place/wet.flac" ]] || fail "wet did not write what it should"
[[ $(head -c 4 "$place/wet.flac") == fLaC ]] || fail "wet wrote no FLAC"
! message=$("$place/program/build/wet" "$tree/README.md" "$place/none.flac" 2>&1) && [[ $message == *"is no sound"* && ! -e $place/none.flac ]] || fail "of a text wet said: ${message-}"

# A program installed beside the library, both moved once more; then one whose helpers are nowhere, and one that is told where.
ulimit -c 0
mkdir -p "$prefix/bin"
mv "$place/program/build/tone" "$prefix/bin/tone"
mv "$prefix" "$place/again"
"$place/again/bin/tone" || fail "tone did not play from the prefix that was moved with it"
mv "$place/again/bin/tone" "$place/tone"
if message=$("$place/tone" 2>&1); then fail "tone played without helpers"; fi
[[ $message == *"no program backline-audio in $place"*BACKLINE_HELPERS* ]] || fail "without helpers tone said: $message"
BACKLINE_HELPERS=$place/again/libexec/backline "$place/tone" || fail "tone did not find the helpers that BACKLINE_HELPERS names"
rm -rf "$place"
