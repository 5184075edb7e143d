switchboard_fuzzer(openai_event
  http/openai/event_codec.cpp http/openai/event_names.cpp http/openai/command_codec.cpp
  http/openai/usual_event.cpp http/flat_json.cpp http/json_text.cpp http/plain_text.cpp http/utf8.cpp
  audio/base64.cpp audio/base64_wide.cpp)
