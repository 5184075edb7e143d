# shellcheck shell=bash
# Shared by the scripts of this folder, which source it first. Leaves the working directory at
# the root of the tree, so that the scripts work from anywhere.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The help of a script is the comment at its head.
usage() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || die "installing packages needs root or sudo: $*"
    sudo "$@"
  fi
}

# install_packages FILE...: installs what the lists name and what is not there yet. Without
# anything missing it neither asks for a password nor touches the network.
install_packages() {
  local wanted missing
  wanted=$(sed 's/#.*//' "$@" | xargs -n1 | sort -u)
  missing=$(comm -23 <(printf '%s\n' "$wanted") <(installed_of $wanted))
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "no apt-get here; install by hand: ${missing//$'\n'/ }"
  step "installing ${missing//$'\n'/ }"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 update
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing
}

installed_of() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' | sort -u
}

# How many compilers at once: one a core, but not more than memory carries. The largest units
# (RESTinio, websocketpp) take over 1 GiB.
jobs_of_this_machine() {
  local cores gib
  cores=$(nproc)
  gib=$(awk '/^MemAvailable:/ {print int($2 / 1024 / 1024 / 2)}' /proc/meminfo)
  [ "${gib:-1}" -ge 1 ] || gib=1
  echo $((cores < gib ? cores : gib))
}

# Every C++ file of the project, tracked or new.
cpp_files() {
  git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' | while read -r file; do
    [ -f "$file" ] && printf '%s\n' "$file"
  done
}
