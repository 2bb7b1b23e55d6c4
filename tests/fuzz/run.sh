#!/usr/bin/env bash
# run.sh PROGRAM TARGET SECONDS: the corpus of a target, then SECONDS of what the fuzzer makes of it. An input that fails is left in
# found/ beside the program; docs/fuzzing.md says what to do with it. BACKLINE_SEED gives another sequence.
set -euo pipefail
program=$1 target=$2 seconds=$3
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
build=$(dirname "$program")
scratch=$build/corpus/$target found=$build/found
rm -rf "$scratch"
mkdir -p "$scratch" "$found"
seed=${BACKLINE_SEED:-1}
echo "seed: BACKLINE_SEED=$seed"
# Inputs of any length from the start, and no account of how rare what they reach is: that would cost more than it finds in seconds.
exec "$program" -seed="$seed" -max_total_time="$seconds" -len_control=0 -max_len=1024 -entropic=0 -timeout=60 -rss_limit_mb=2048 -verbosity=0 \
  -artifact_prefix="$found/$target-" "$scratch" "$here/corpus/$target"
