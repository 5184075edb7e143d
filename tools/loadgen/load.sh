# shellcheck shell=bash
# What tools/bench and tools/soak share: a server of their own on a loopback port, configured for the
# load generator, in a folder of its own. Sourced after tools/lib.sh.

load_account=AC00000000000000000000000000000042
load_auth_token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
load_api_token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
server_pid='' server_port='' relay_pid=''

# free_port: prints a TCP port of 127.0.0.1 that nobody listens on now.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# make_certificate FOLDER: cert.pem and key.pem for 127.0.0.1, good for a day.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=loadgen \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
}

# start_server BINARY FOLDER CORE MODEL_URL [VARIABLE=VALUE...]: sets server_pid and server_port. CORE
# is for taskset, empty = any. Its store is empty, or has load_history_calls past calls
# (tools/loadgen/history.sh).
start_server() {
  local binary=$1 folder=$2 core=$3 url=$4 tries
  shift 4
  rm -rf "$folder/data" "$folder/port"
  mkdir -p "$folder"
  if [ "${load_history_calls:-0}" -gt 0 ]; then
    mkdir -p "$folder/data"
    env "DATABASE_URL=file:$folder/data/switchboard.db" "$binary" migrate >/dev/null
    fill_history "$folder/data/switchboard.db" "$load_history_calls"
  fi
  env "APP_ENV=test" "PORT=0" "TWILIO_ACCOUNT_SID=$load_account" \
    "TWILIO_AUTH_TOKEN=$load_auth_token" "TWILIO_PHONE_NUMBER=+15550100002" \
    "OPENAI_API_KEY=load" "OPENAI_REALTIME_URL=$url" "API_TOKENS=load:$load_api_token" \
    "DATABASE_URL=file:$folder/data/switchboard.db" \
    "RECORDING_STORAGE_PATH=$folder/data/recordings" \
    "LINES=1" "MAX_CONCURRENT_CALLS=5000" "CALL_REVIEW=false" "LOG_LEVEL=warn" "LOG_FORMAT=json" "$@" \
    ${core:+taskset -c "$core"} "$binary" serve --port-file "$folder/port" >"$folder/server.log" 2>&1 &
  server_pid=$!
  for tries in {1..200}; do
    [ -s "$folder/port" ] && break
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.05
  done
  [ -s "$folder/port" ] || die "the server did not start: $(tail -3 "$folder/server.log")"
  server_port=$(cat "$folder/port")
}

# stop_server: ends it and waits. Fails if it did not end well.
stop_server() {
  [ -n "$server_pid" ] || return 0
  local pid=$server_pid
  server_pid=''
  kill "$pid" 2>/dev/null || true
  wait "$pid"
}

stop_relay() {
  [ -n "$relay_pid" ] || return 0
  kill "$relay_pid" 2>/dev/null || true
  wait "$relay_pid" 2>/dev/null || true
  relay_pid=''
}

# load_end: for an EXIT trap.
load_end() {
  stop_relay
  stop_server >/dev/null 2>&1 || true
}
