switchboard_fuzzer(twilio_signature
  http/twilio/signature.cpp http/twilio/signed_url.cpp http/twilio/ticket.cpp http/twilio/twiml.cpp
  http/form.cpp http/hmac.cpp http/utf8.cpp http/url_signature.cpp)
