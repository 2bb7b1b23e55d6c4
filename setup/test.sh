# How ./test runs the kinds of tests. Each ends with one line that says how many passed and failed.

failed=()   # names, to be said again where they cannot be overlooked

# noteFailed KIND FOLDER: those of the last ctest in that build directory.
noteFailed() {
  local kind=$1 log=$2/Testing/Temporary/LastTestsFailed.log name
  while IFS=: read -r _ name; do failed+=("$kind: $name"); done <"$log"
}

# runCTest KIND FOLDER OPTION…
runCTest() {
  local kind=$1 folder=$2
  shift 2
  rm -f "$folder/Testing/Temporary/LastTestsFailed.log"
  ctest --test-dir "$folder" "$@" && return
  noteFailed "$kind" "$folder" 2>/dev/null || true
  return 1
}

sayFailed() {
  ((${#failed[@]} == 0)) || printf 'failed: %s\n' "${failed[@]}"
}

# buildPreset PRESET TARGET…
buildPreset() {
  local preset=$1
  shift
  step "configuring $preset" cmake --preset "$preset"
  say "building $preset"
  NINJA_STATUS='[%p] ' ninja -C "build/$preset" "$@" >&2 || fail "the build of $preset failed; the first error is above"
}

# beginFuzzBuild: with what the tests leave of the processors.
beginFuzzBuild() {
  mkdir -p "$root/build/fuzz"
  fuzzLog=$root/build/fuzz/log
  set -m   # a process group of its own, which ends with this shell
  (
    chrt --idle --pid 0 "$BASHPID" || true
    stamps=$root/build/fuzz
    buildPreset fuzz fuzz
  ) >"$fuzzLog" 2>&1 </dev/null &
  fuzzBuild=$!
  set +m
  trap 'kill -- "-$fuzzBuild" 2>/dev/null || true' EXIT
}

# Every fuzz target: its corpus, then some seconds of its own. CTest's closing line.
runFuzz() {
  say "waiting for the build of the fuzz targets"
  wait "$fuzzBuild" || {
    tail -n 40 "$fuzzLog" >&2
    failed+=("the build of the fuzz targets: the whole output is in ${fuzzLog#"$root"/}")
    return 1
  }
  runCTest fuzz build/fuzz --output-on-failure -j2 --no-tests=error
}

# runCpp PRESET FILTER…: CTest's closing line is "N% tests passed, F tests failed out of T".
runCpp() {
  local preset=$1 filter status=0
  shift
  local -a options=(--output-on-failure -j2 --no-tests=error)
  if (($# == 0)); then
    runCTest C++ "build/$preset" "${options[@]}"
    return
  fi
  for filter; do
    if [[ $filter == fuzz ]]; then
      continue
    elif [[ -e tests/$filter/CMakeLists.txt ]]; then
      runCTest C++ "build/$preset/tests/$filter" "${options[@]}" || status=1
    elif [[ $filter != js && ! -d tests/js/$filter ]]; then
      runCTest C++ "build/$preset" "${options[@]}" -R "$filter" || status=1
    fi
  done
  return "$status"
}

# runJavaScript FILTER…: Node's test runner, then one line of its counts.
runJavaScript() {
  local -a files=()
  local filter report=$root/build/setup/javascript.tap status=0 folder
  shopt -s globstar nullglob
  (($#)) || files=(tests/js/**/*.test.mjs)
  for filter; do
    folder=tests/js/$filter
    [[ $filter != js ]] || folder=tests/js
    files+=("$folder"/**/*.test.mjs)
  done
  if ((${#files[@]} == 0)); then
    (($#)) && return 0
    fail "no JavaScript tests under tests/js"
  fi
  # Most of them wait for sound: two at once where there are two processors.
  local atOnce=$(($(nproc) > 3 ? $(nproc) - 1 : 2))
  "$BACKLINE_NODE" --test --test-concurrency=$atOnce --test-timeout=180000 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$report" "${files[@]}" || status=$?
  local name
  while read -r name; do failed+=("JavaScript: $name"); done < <(sed -nE '/# (TODO|SKIP)/d; s/^ *not ok [0-9]+ - //p' "$report")
  awk '/^# (tests|pass|fail|cancelled|skipped) / { n[$2] = $3 }
    END { printf "JavaScript: %d tests, %d passed, %d failed, %d skipped\n", n["tests"], n["pass"], n["fail"] + n["cancelled"], n["skipped"] }' "$report"
  return "$status"
}
