#!/usr/bin/env bash
# documentation_test.sh TREE: what docs/cpp.md shows as a file of examples/package is that file, line for line.
set -euo pipefail
tree=$1
for name in CMakeLists.txt tone.cc; do
  awk -v name="$name" '$0 ~ "^`" name "`" { wanted = 1 } /^```/ { if (inside) exit; inside = wanted; next } inside' "$tree/docs/cpp.md" |
    diff - "$tree/examples/package/$name" || { printf '%s in docs/cpp.md is not examples/package/%s\n' "$name" "$name" >&2; exit 1; }
done
