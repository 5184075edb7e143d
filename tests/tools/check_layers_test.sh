#!/usr/bin/env bash
# tools/check_layers must refuse each kind of forbidden #include and nothing that is allowed.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/check_layers
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# try EXPECTED FILE INCLUDE: runs the check over a tree of that one file.
try() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/$(dirname "$2")"
  printf '#pragma once\n#include %s\n' "$3" >"$tree/$2"
  local outcome=allowed
  "$check" "$tree" >/dev/null 2>&1 || outcome=refused
  [ "$outcome" = "$1" ] && return
  echo "$2 with #include $3 is $outcome, should be $1"
  failed=1
}

try refused conf/a.hpp '"audio/g711.hpp"'
try refused audio/a.cpp '"storage/call_store.hpp"'
try refused storage/a.cpp '"actors/registry.hpp"'
try refused actors/a.cpp '"http/server.hpp"'
try refused http/a.cpp '"tools/sim_common/x.hpp"'
try refused http/a.cpp '"tests/x.hpp"'
try refused actors/a.cpp '<restinio/all.hpp>'
try refused actors/a.cpp '<nlohmann/json.hpp>'
try refused audio/a.cpp '<simdjson.h>'
try refused actors/call.cpp '<asio.hpp>'
try refused audio/a.cpp '<asio/buffer.hpp>'
try refused storage/a.hpp '<caf/all.hpp>'
try refused storage/a.hpp '<SQLiteCpp/SQLiteCpp.h>'
try refused http/a.cpp '<sqlite3.h>'
try refused http/a.hpp '<websocketpp/server.hpp>'
try refused conf/a.hpp '<spdlog/spdlog.h>'
try refused tools/twilio_sim/a.cpp '"http/websocket.hpp"'
try refused tools/openai_sim/a.cpp '<websocketpp/client.hpp>'

try allowed audio/a.cpp '"conf/config.hpp"'
try allowed actors/line.cpp '<asio/post.hpp>'
try allowed actors/a.hpp '<caf/actor.hpp>'
try allowed http/a.cpp '<websocketpp/server.hpp>'
try allowed http/a.hpp '<nlohmann/json_fwd.hpp>'
try allowed storage/a.cpp '<SQLiteCpp/Database.h>'
try allowed tools/twilio_sim/a.cpp '<boost/beast.hpp>'
try allowed tools/switchboard/a.cpp '"http/server.hpp"'
[ "$failed" = 0 ] && echo "every include judged as expected"
exit "$failed"
