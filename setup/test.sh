# How ./test runs the kinds of tests. Each ends with one line that says how many passed and failed.

failed=()   # KIND: NAME of each
again=()    # for each run that had failures, the command that runs those alone
kMostAgain=12

# runCTest KIND FOLDER OPTION…
runCTest() {
  local kind=$1 folder=$2 log=$2/Testing/Temporary/LastTestsFailed.log name pattern=
  shift 2
  rm -f "$log"
  ctest --test-dir "$folder" --output-on-failure --no-tests=error "$@" && return
  if [[ -s $log ]]; then
    while IFS=: read -r _ name; do
      failed+=("$kind: $name")
      pattern+="|${name//./\\.}"
    done <"$log"
    again+=("runCTest $kind $folder -R '^(${pattern#|})\$'")
  else
    failed+=("$kind: ${*:-all} in $folder")
    again+=("runCTest $kind $folder$(printf ' %q' "$@")")
  fi
  return 1
}

# Tests share the machine with each other, with a build, and with whoever else is there; sound does not always come through that. What
# failed runs once more with nothing beside it. Only what fails again fails; what does not is told as unsteady, for somebody to look into.
# Many at once are no accident.
runAgain() {
  ((${#failed[@]} > 0)) || return 0
  local -a first=("${failed[@]}") commands=("${again[@]}")
  local command name
  if ((${#first[@]} <= kMostAgain)); then
    say "running alone, once more, what failed (${#first[@]})"
    failed=()
    for command in "${commands[@]}"; do eval "$command" || true; done
    for name in "${first[@]}"; do
      [[ $(printf '\n%s' "${failed[@]}")$'\n' == *$'\n'"$name"$'\n'* ]] || printf 'unsteady: %s\n' "$name"
    done
  fi
  ((${#failed[@]} > 0)) || return 0
  printf 'failed: %s\n' "${failed[@]}"
  return 1
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
  mkdir -p "$root/build/fuzz"   # where its steps log
  fuzzLog=$root/build/setup/fuzz.log
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

noFuzzBuild() {
  failed+=("the build of the fuzz targets: the whole output is in ${fuzzLog#"$root"/}")
  return 1
}

# Every fuzz target: its corpus, then some seconds of its own. CTest's closing line.
runFuzz() {
  say "waiting for the build of the fuzz targets"
  wait "$fuzzBuild" || {
    tail -n 40 "$fuzzLog" >&2
    again+=(noFuzzBuild)
    noFuzzBuild
    return
  }
  runCTest fuzz build/fuzz -j2
}

# runCpp PRESET FILTER…: CTest's closing line is "N% tests passed, F tests failed out of T".
runCpp() {
  local preset=$1 filter status=0
  shift
  if (($# == 0)); then
    runCTest C++ "build/$preset" -j2
    return
  fi
  for filter; do
    if [[ $filter == fuzz ]]; then
      continue
    elif [[ -e tests/$filter/CMakeLists.txt ]]; then
      runCTest C++ "build/$preset/tests/$filter" -j2 || status=1
    elif [[ $filter != js && ! -d tests/js/$filter ]]; then
      runCTest C++ "build/$preset" -j2 -R "$filter" || status=1
    fi
  done
  return "$status"
}

# runJavaScript FILTER…: Node's test runner, then one line of its counts.
runJavaScript() {
  local -a files=()
  local filter folder
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
  runFiles $(($(nproc) > 3 ? $(nproc) - 1 : 2)) "${files[@]}"
}

# runFiles HOW-MANY-AT-ONCE FILE…
runFiles() {
  local atOnce=$1 report=$root/build/setup/javascript.tap status=0 file name
  local -A ofFiles=()
  shift
  "$BACKLINE_NODE" --test --test-concurrency="$atOnce" --test-timeout=300000 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$report" "$@" || status=$?
  awk '/^# (tests|pass|fail|cancelled|skipped) / { n[$2] = $3 }
    END { printf "JavaScript: %d tests, %d passed, %d failed, %d skipped\n", n["tests"], n["pass"], n["fail"] + n["cancelled"], n["skipped"] }' "$report"
  ((status)) || return 0
  while IFS=$'\t' read -r file name; do
    failed+=("JavaScript: $name")
    ofFiles[$file]=1
  done < <(failuresIn "$report")
  ((${#ofFiles[@]})) || { failed+=("JavaScript: Node's test runner, with status $status"); for file; do ofFiles[$file]=1; done; }
  again+=("runFiles 1$(printf ' %q' "${!ofFiles[@]}")")
  return 1
}

# failuresIn REPORT: the file of each failure in a report as TAP, a tab, its name and why. A test of which only parts failed is not told.
failuresIn() {
  awk -v quote="'" '
    function value(line) { sub(/^ *[a-z]+: /, "", line); gsub("^" quote "|" quote "$", "", line); return line }
    /^ *not ok / { name = $0; sub(/^ *not ok [0-9]+ - /, "", name); file = why = ""; parts = 0; inside = 1 }
    inside && /^ *location: / { file = value($0); sub(/:[0-9]+:[0-9]+$/, "", file) }
    inside && /^ *failureType: / { parts = /subtestsFailed/ }
    inside && /^ *signal: .[A-Z]/ { why = " (" value($0) ")" }
    inside && /^ *error: .test timed out/ { why = " (" value($0) ")" }
    inside && /^ *\.\.\.$/ { if (!parts) print file "\t" name why; inside = 0 }' "$1"
}
