#include "http/websocket_framing.hpp"

#include "conf/defaults/websocket.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

namespace switchboard::http::framing {

namespace limits = defaults::websocket;

uint32_t mask_keys::operator()() const {
  thread_local std::array<uint32_t, limits::mask_keys_per_refill> keys;
  thread_local size_t left = 0;
  if (left == 0) {
    if (getrandom(keys.data(), sizeof(keys), 0) != static_cast<ssize_t>(sizeof(keys))) {
      std::random_device device; // kernels before 3.17 and interrupted calls
      std::generate(keys.begin(), keys.end(), std::ref(device));
    }
    left = keys.size();
  }
  return keys[--left];
}

template <class message>
typename reusing_manager<message>::message_ptr
reusing_manager<message>::get_message(websocketpp::frame::opcode::value op, size_t bytes) {
  message_ptr& slot = websocketpp::frame::opcode::is_control(op) ? control_ : data_;
  if (!slot || slot.use_count() != 1)
    slot = std::make_shared<message>(this->shared_from_this(), op, 0);
  std::string& payload = slot->get_raw_payload();
  payload.clear();
  // A claim is not believed beyond one read: the rest grows with the bytes that arrive.
  payload.reserve(std::min(bytes, limits::read_buffer_bytes));
  slot->set_opcode(op);
  return slot;
}

template <class message>
void reusing_manager<message>::shrink() {
  if (data_ && data_.use_count() == 1 &&
      data_->get_raw_payload().capacity() > limits::buffer_kept_bytes)
    data_.reset();
}

template class reusing_manager<config::message_type>;

namespace {

void mask(char* bytes, size_t count, uint32_t key) {
  uint64_t wide = (static_cast<uint64_t>(key) << 32) | key;
  size_t i = 0;
  for (; i + sizeof(wide) <= count; i += sizeof(wide)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof(word));
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof(word));
  }
  char key_bytes[4];
  std::memcpy(key_bytes, &key, sizeof(key));
  for (; i < count; ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ key_bytes[i % 4]);
}

} // namespace

void append_frame(std::string& out, opcode op, std::string_view payload, bool masked) {
  namespace frame = websocketpp::frame;
  const frame::basic_header basic(op, payload.size(), true, masked);
  if (!masked) {
    out += frame::prepare_header(basic, frame::extended_header(payload.size()));
    out += payload;
    return;
  }
  frame::masking_key_type key;
  key.i = mask_keys{}();
  out += frame::prepare_header(basic, frame::extended_header(payload.size(), key.i));
  const size_t start = out.size();
  out += payload;
  mask(out.data() + start, payload.size(), key.i);
}

uint16_t close_code_for(const websocketpp::lib::error_code& error) {
  namespace status = websocketpp::close::status;
  if (error.category() != websocketpp::processor::error::get_processor_category())
    return status::protocol_error;
  switch (error.value()) {
  case websocketpp::processor::error::invalid_payload:
  case websocketpp::processor::error::invalid_utf8:
    return status::invalid_payload;
  case websocketpp::processor::error::message_too_big:
    return status::message_too_big;
  default:
    return status::protocol_error;
  }
}

} // namespace switchboard::http::framing
