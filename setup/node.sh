# Node: the one named by BACKLINE_NODE, else the system's, else the pinned one of setup/node/package.json, in build/node.

# Node's headers lie beside its binary, in /usr as in every archive.
nodeInclude() { printf '%s/include/node' "$(dirname "$(dirname "$(readlink -f "$1")")")"; }

# Why the Node at $1 will not do; nothing when it will.
nodeComplaint() {
  local major header
  header=$(nodeInclude "$1")/node_version.h
  major=$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || { printf 'does not run'; return; }
  ((major >= 20)) || { printf 'is version %s; 20 is the least' "$major"; return; }
  [[ -r $header ]] || { printf 'has no headers at %s' "$(dirname "$header")"; return; }
  grep -q "^#define NODE_MAJOR_VERSION $major\$" "$header" || printf 'has headers of another version at %s' "$(dirname "$header")"
}

installPinnedNode() {
  local directory=$root/build/node
  if ! cmp -s "$root/setup/node/package-lock.json" "$directory/package-lock.json" || [[ ! -x $pinnedNode ]]; then
    command -v npm >/dev/null || fail "npm is missing: it installs the Node that Backline needs" "apt-get install npm"
    rm -rf "$directory"
    mkdir -p "$directory"
    cp "$root/setup/node/package.json" "$root/setup/node/.npmrc" "$directory/"
    cp "$root/setup/node/package-lock.json" "$directory/"
    step "installing Node from npm (setup/node/package.json) into build/node" \
      npm ci --prefix "$directory" --ignore-scripts --no-audit --no-fund --loglevel=error
  fi
}

chooseNode() {
  local machine complaint system
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=x64 ;; esac
  pinnedNode=$root/build/node/node_modules/node-linux-$machine/bin/node
  if [[ -n ${BACKLINE_NODE:-} ]]; then
    complaint=$(nodeComplaint "$BACKLINE_NODE")
    [[ -z $complaint ]] || fail "BACKLINE_NODE=$BACKLINE_NODE $complaint"
    return
  fi
  if system=$(command -v node) && system=$(readlink -f "$system"); then
    complaint=$(nodeComplaint "$system")
    [[ -n $complaint ]] || { BACKLINE_NODE=$system; return; }
    [[ -x $pinnedNode ]] || say "$system $complaint"
  fi
  installPinnedNode
  BACKLINE_NODE=$pinnedNode
  complaint=$(nodeComplaint "$BACKLINE_NODE")
  [[ -z $complaint ]] || fail "$BACKLINE_NODE $complaint" "set BACKLINE_NODE to a Node of version 20, 22 or 24 with its headers"
}

# node_modules as package-lock.json says. What only tests and benchmarks need comes with the first SETUP_TESTS=1, and stays.
installModules() {
  local -a without=(--omit=dev)
  [[ ${SETUP_TESTS:-0} == 0 && ! -e $stamps/dev-modules ]] || without=()
  [[ -d $root/node_modules ]] && cmp -s "$root/package-lock.json" "$stamps/package-lock.json" &&
    [[ ${#without[@]} -gt 0 || -e $stamps/dev-modules ]] && return
  command -v npm >/dev/null || fail "npm is missing: it installs what package.json names" "apt-get install npm"
  (cd "$root" && step "installing npm packages" npm ci "${without[@]}" --ignore-scripts --no-audit --no-fund --loglevel=error)
  ((${#without[@]})) || : >"$stamps/dev-modules"
  cp "$root/package-lock.json" "$stamps/package-lock.json"
}
