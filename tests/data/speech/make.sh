#!/bin/bash
# Makes the speech of the simulated calls: espeak-ng's voices, 8 kHz PCM16 mono, silence trimmed to
# 60 ms at both ends, peak at -6 dBFS. Needs espeak-ng and sox. Usage: tests/data/speech/make.sh
set -euo pipefail
cd "$(dirname "$0")"

say() { # say FILE VOICE WORDS_PER_MINUTE TEXT
  local raw
  raw=$(mktemp --suffix=.wav)
  espeak-ng -v "$2" -s "$3" -w "$raw" "$4"
  sox -D "$raw" -b 16 "$1.wav" rate 8000 channels 1 \
    silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse pad 0.06 0.06 norm -6
  rm -f "$raw"
}

agent() { say "$1" en+f3 165 "$2"; }
caller() { say "$1" en+m3 160 "$2"; }

agent agent_greeting "Hello, this is Switchboard. How can I help you today?"
caller caller_1 "Hi, what are your opening hours today?"
agent agent_1 "We are open from noon until ten in the evening."
caller caller_2 "Please book a table for two at seven."
agent agent_2 "Done, a table for two at seven is booked for you."
caller caller_3 "Thank you very much, goodbye."
agent agent_3 "You are welcome. Goodbye!"
