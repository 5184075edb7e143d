switchboard_fuzzer(twilio_stream
  http/twilio/stream_codec.cpp http/json_text.cpp http/utf8.cpp audio/base64.cpp)
