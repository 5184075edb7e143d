switchboard_fuzzer(call_review
  storage/call_review.cpp)
