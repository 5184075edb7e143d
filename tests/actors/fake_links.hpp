#pragma once

#include "actors/atoms.hpp"
#include "actors/carrier_link.hpp"
#include "actors/model_link.hpp"
#include "actors/twilio_leg.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace switchboard::test {

/// What a leg wrote to the carrier, in order.
struct carrier_write {
  enum kind_type { audio, mark, clear } kind;
  size_t bytes = 0;
  std::string name;
  uint8_t value = 0; // of audio: its first byte, by which tests tell items apart
};

struct carrier_record {
  actors::carrier_events* sink = nullptr;
  std::vector<carrier_write> writes;
  size_t flushes = 0;
  size_t closes = 0;
  bool destroyed = false;

  size_t count(carrier_write::kind_type kind) const {
    return static_cast<size_t>(
        std::count_if(writes.begin(), writes.end(), [&](auto& w) { return w.kind == kind; }));
  }
  size_t audio_bytes() const {
    size_t sum = 0;
    for (auto& w : writes)
      sum += w.bytes;
    return sum;
  }
  std::vector<std::string> marks() const {
    std::vector<std::string> names;
    for (auto& w : writes)
      if (w.kind == carrier_write::mark)
        names.push_back(w.name);
    return names;
  }
};
using carrier_record_ptr = std::shared_ptr<carrier_record>;

class fake_carrier_link : public actors::carrier_link {
public:
  explicit fake_carrier_link(carrier_record_ptr record) : record_(std::move(record)) {}
  ~fake_carrier_link() override {
    record_->destroyed = true;
    record_->sink = nullptr;
  }
  void start(actors::carrier_events* sink) override { record_->sink = sink; }
  void send_audio(audio::byte_view pcmu) override {
    record_->writes.push_back(
        {carrier_write::audio, pcmu.size, {}, pcmu.size > 0 ? pcmu.data[0] : uint8_t{0}});
  }
  void send_mark(std::string_view name) override {
    record_->writes.push_back({carrier_write::mark, 0, std::string{name}, 0});
  }
  void send_clear() override { record_->writes.push_back({carrier_write::clear, 0, {}, 0}); }
  void flush() override { ++record_->flushes; }
  void close(uint16_t, std::string_view) override { ++record_->closes; }

private:
  carrier_record_ptr record_;
};

inline actors::carrier_link_box make_carrier(const carrier_record_ptr& record) {
  return std::make_shared<std::unique_ptr<actors::carrier_link>>(
      std::make_unique<fake_carrier_link>(record));
}

inline actors::stream_start start_of(const std::string& stream_sid, const std::string& call_sid) {
  actors::stream_start start;
  start.stream_sid = stream_sid;
  start.call_sid = call_sid;
  start.encoding = "audio/x-mulaw";
  return start;
}

/// One model session: what the leg sent, in order; `what` is the command's name.
struct model_record {
  actors::model_events* sink = nullptr;
  struct write {
    std::string what;
    actors::model_command command;
    audio::byte_buffer audio;
  };
  std::vector<write> writes;
  size_t closes = 0;
  bool destroyed = false;

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (auto& w : writes)
      out.push_back(w.what);
    return out;
  }
  audio::byte_buffer appended() const {
    audio::byte_buffer out;
    for (auto& w : writes)
      out.insert(out.end(), w.audio.begin(), w.audio.end());
    return out;
  }
  template <class Command>
  std::vector<Command> sent() const {
    std::vector<Command> out;
    for (auto& w : writes)
      if (w.what != "append" && std::holds_alternative<Command>(w.command))
        out.push_back(std::get<Command>(w.command));
    return out;
  }

  /// Tells the leg an event of the session.
  void tell(actors::model_event_type type, const std::string& item_id = {},
            const std::string& response_id = {}, const std::string& text = {}) const {
    actors::model_event event;
    event.type = type;
    event.item_id = item_id;
    event.response_id = response_id;
    event.text = text;
    event.session_id = "sess";
    sink->on_model_event(event);
  }
  void tell_audio(const std::string& item_id, const std::string& response_id, size_t bytes) const {
    actors::model_event event;
    event.type = actors::model_event_type::audio_delta;
    event.item_id = item_id;
    event.response_id = response_id;
    event.audio.assign(bytes, 0x55);
    sink->on_model_event(event);
    sink->on_model_read_end();
  }
  /// The session's first two events.
  void configure() const {
    sink->on_model_open();
    tell(actors::model_event_type::session_created);
    tell(actors::model_event_type::session_updated);
  }
};

class fake_model_link : public actors::model_link {
public:
  explicit fake_model_link(std::shared_ptr<model_record> record) : record_(std::move(record)) {}
  ~fake_model_link() override {
    record_->destroyed = true;
    record_->sink = nullptr;
  }
  void append_audio(audio::byte_view bytes) override {
    record_->writes.push_back({"append", {}, audio::byte_buffer{bytes.begin(), bytes.end()}});
  }
  std::string send(const actors::model_command& command) override {
    static const char* const names[] = {"update",  "message", "call",     "output",
                                        "respond", "cancel",  "truncate", "interrupt"};
    record_->writes.push_back({names[command.index()], command, {}});
    return "evt_" + std::to_string(record_->writes.size());
  }
  void flush() override {}
  void close(uint16_t, std::string_view) override { ++record_->closes; }

private:
  std::shared_ptr<model_record> record_;
};

class fake_connector : public actors::model_connector {
public:
  std::vector<std::shared_ptr<model_record>> sessions;
  std::unique_ptr<actors::model_link> connect(actors::model_events* sink) override {
    sessions.push_back(std::make_shared<model_record>());
    sessions.back()->sink = sink;
    return std::make_unique<fake_model_link>(sessions.back());
  }
  model_record& latest() { return *sessions.back(); }
};

inline actors::link_close closed(actors::link_end end, uint16_t code = 0, int http_status = 0) {
  actors::link_close why;
  why.end = end;
  why.close_code = code;
  why.http_status = http_status;
  return why;
}

/// What a leg tells its supervisor.
struct told {
  size_t modelup = 0, stopped = 0, legdown = 0;
  uint64_t left_ms = 0;
  std::string digits;
};

inline caf::behavior listener(caf::event_based_actor*, std::shared_ptr<told> log) {
  return {
      [log](atom::modelup, uint64_t left_ms) {
        ++log->modelup;
        log->left_ms = left_ms;
      },
      [log](atom::stopped) { ++log->stopped; },
      [log](atom::legdown, const actors::link_close&) { ++log->legdown; },
      [log](atom::digit, char digit) { log->digits += digit; },
  };
}

} // namespace switchboard::test
