# Debian packages: what is missing of the list, and its installation.

# listPackages GROUP…: the packages of those groups that this machine needs.
listPackages() {
  local group= name unless command
  while read -r name unless command; do
    case $name in
      '' | '#'*) continue ;;
      '['*) group=${name//[\[\]]/} ;;
      *)
        [[ " $* " == *" $group "* ]] || continue
        [[ $unless == unless ]] && command -v "$command" >/dev/null && continue
        printf '%s\n' "$name"
        ;;
    esac
  done <"$root/setup/packages.txt"
}

missingPackages() {
  local wanted have
  wanted=$(listPackages "$@")
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u) || true
  comm -23 <(sort -u <<<"$wanted") <(printf '%s\n' "$have")
}

# Shows apt's own percentage, one line for every tenth.
aptProgress() {
  local kind package percent rest phase shown=-1 last=
  while IFS=: read -r kind package percent rest; do
    case $kind in dlstatus) phase=downloading ;; pmstatus) phase=installing ;; *) continue ;; esac
    percent=${percent%%.*}
    [[ $phase == "$last" ]] || shown=-1
    if ((percent / 10 > shown)); then
      shown=$((percent / 10)) last=$phase
      say "  $phase $percent %"
    fi
  done
}

# apt-get writes its percentages to a descriptor that it makes non-blocking, so that one must not be dpkg's output too.
aptInstall() {
  local -a asRoot=()
  ((EUID == 0)) || asRoot=(sudo)
  local options='-q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0'
  # A foreign source that cannot be reached need not keep Debian's own packages from being installed.
  "${asRoot[@]}" apt-get $options update >"$stamps/log" 2>&1 || { tail -n 5 "$stamps/log" >&2; say "apt-get update had errors; going on"; }
  "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive bash -c 'log=$1; shift; exec 3>&1 >>"$log" 2>&1 </dev/null; exec apt-get "$@"' \
    bash "$stamps/log" $options install --no-install-recommends -o APT::Status-Fd=3 "$@" | aptProgress
}

installPackages() {
  command -v dpkg-query >/dev/null || {
    say "this is no Debian; the packages of setup/packages.txt must be there under their names here"
    return
  }
  local -a missing
  mapfile -t missing < <(missingPackages $SETUP_GROUPS)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) && ! { command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; }; then
    fail "needs Debian packages, and neither root nor sudo is at hand. As root:" \
      "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  aptInstall "${missing[@]}" || {
    tail -n 30 "$stamps/log" >&2
    fail "apt-get could not install them. Try it as root:" \
      "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  }
  hash -r
}
