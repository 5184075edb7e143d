// WebSocket frames. Property: our reader and websocketpp's find the same messages in the same bytes
// and end with the same close code, however the bytes are cut. The first byte chooses role and
// bound, the next three the lengths of the pieces.
#include "tests/http/frame_reference.hpp"

using namespace switchboard::http::testing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4)
    return 0;
  const bool server = (data[0] & 1) != 0;
  const size_t bound = (data[0] & 2) != 0 ? 64 * 1024 : data[0];
  const std::vector<size_t> cuts{data[1], data[2], data[3]};
  const std::string bytes(reinterpret_cast<const char*>(data) + 4, size - 4);
  const auto ours = read_by_us(server, bound, bytes, cuts);
  if (!agree(ours, read_by_websocketpp(server, bound, bytes, cuts)))
    __builtin_trap();
  if (!(ours == read_by_us(server, bound, bytes, {}))) // the cuts do not matter
    __builtin_trap();
  return 0;
}
