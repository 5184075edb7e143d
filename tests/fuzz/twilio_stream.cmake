switchboard_fuzzer(twilio_stream
  http/twilio/stream_codec.cpp http/twilio/usual_message.cpp http/flat_json.cpp http/json_text.cpp
  http/plain_text.cpp http/utf8.cpp audio/base64.cpp audio/base64_wide.cpp)
