#pragma once

#include "actors/call.hpp"
#include "actors/line.hpp"
#include "actors/openai_leg.hpp"
#include "actors/registry.hpp"
#include "actors/wall_clock.hpp"
#include "tests/actors/fake_links.hpp"
#include "tests/actors/fakes.hpp"

#include <array>
#include <initializer_list>
#include <memory>
#include <string>

namespace switchboard::test {

/// One whole call tree under a real registry; sockets, database, disk and sealer are fakes.
class call_world : public faked_world {
public:
  using type = model_event_type;

  node_state_ptr node = std::make_shared<node_state>();
  conf::config config;
  fake_connector model;
  carrier_record_ptr wire = std::make_shared<carrier_record>();
  conf::profile_store_ptr profiles = built_in_profiles(); ///< exchanged before begin()
  registry_actor registry = keep(spawn_registry(sys, {10, 1, profiles}, database, feed, node));
  std::shared_ptr<std::vector<std::string>> ended_by_rest =
      std::make_shared<std::vector<std::string>>();
  std::shared_ptr<std::vector<tool_order>> ordered = std::make_shared<std::vector<tool_order>>();
  bool reviews = false;    ///< the model is asked about the call at its end
  bool tools_hold = false; ///< HTTP tools answer when the test says so: answer_tools()
  std::vector<caf::typed_response_promise<tool_outcome>> tools_held;
  outbound_actor outbound = caf::actor_cast<outbound_actor>(keep(sys.spawn(fake_outbound, this)));
  std::shared_ptr<warm_sessions> warm; // set before begin() to open sessions ahead
  caf::actor call;
  std::string call_id;
  std::shared_ptr<std::optional<caf::error>> ended;

  ~call_world() override {
    caf::anon_send_exit(call, caf::exit_reason::kill);
    settle();
  }

  static caf::behavior fake_outbound(caf::event_based_actor* self, call_world* world) {
    return {[=](atom::runtool, const tool_order& order) -> caf::result<tool_outcome> {
              world->ordered->push_back(order);
              if (!world->tools_hold)
                return tool_outcome{true, "found"};
              world->tools_held.push_back(self->make_response_promise<tool_outcome>());
              return world->tools_held.back();
            },
            [=](atom::hangup, const std::string& sid) {
              world->ended_by_rest->push_back(sid);
              return true;
            },
            [=](atom::commit) {
              for (auto& promise : std::exchange(world->tools_held, {}))
                promise.deliver(tool_outcome{true, "found"});
            }};
  }
  void answer_tools() { // promises are delivered by their actor
    caf::anon_send(caf::actor_cast<caf::actor>(outbound), atom::commit_v);
    settle();
  }

  /// How the next call is answered.
  void use_profile(conf::agent_profile profile) {
    auto all = std::make_shared<conf::agent_profiles>();
    all->fallback = std::make_shared<conf::agent_profile>(std::move(profile));
    profiles->set(all);
  }
  /// The model calls a function in a response of its own.
  void model_calls(const std::string& response, const std::string& id, const std::string& name,
                   const std::string& arguments = "{}") {
    model_event item;
    item.type = type::output_item_done;
    item.response_id = response;
    item.item_type = "function_call";
    item.item_status = "completed";
    item.call_id = id;
    item.name = name;
    item.text = arguments;
    at_model().sink->on_model_event(item);
    settle();
  }

  /// A webhook and its stream.
  void begin() {
    config.review_calls = reviews;
    call_facts facts;
    facts.call_sid = "CA1";
    const auto admitted = ask<admission>(registry, atom::admit_v, facts);
    stream_claim wanted;
    wanted.start = start_of("MZ1", "CA1");
    wanted.nonce = admitted.value->nonce;
    const auto granted = ask<stream_grant>(registry, atom::claim_v, wanted);
    call_id = granted.value->call_id;
    if (warm)
      warm->open(call_id, granted.value->facts);
    auto services = std::make_shared<call_services>();
    services->registry = registry;
    services->writer = database;
    services->feed = feed;
    services->disks = {disk};
    services->sealer = sealer;
    services->node = node;
    services->outbound = outbound;
    services->config = &config;
    services->connectors = {&model};
    if (warm)
      services->warm = {warm};
    call_setup setup;
    setup.call_id = call_id;
    setup.facts = granted.value->facts;
    setup.start = wanted.start;
    setup.link = make_carrier(wire);
    call = spawn_call(sys, nullptr, services, std::move(setup));
    ended = watch(call);
    settle();
  }

  // -- the sockets
  // ------------------------------------------------------------------------------------
  /// A socket's call into its leg; the leg's execution unit is that of the line.
  template <class Leg, class Events>
  void enter(Events* sink) {
    dynamic_cast<Leg&>(*sink).context(sys.dummy_execution_unit());
  }
  model_record& at_model() {
    if (model.latest().sink != nullptr)
      enter<openai_leg>(model.latest().sink);
    return model.latest();
  }
  carrier_events* at_carrier() {
    if (wire->sink != nullptr)
      enter<twilio_leg>(wire->sink);
    return wire->sink;
  }
  void configure() {
    at_model().configure();
    settle();
  }
  /// Configures the latest session as one that ends so many seconds from now.
  void configure_for(int64_t life_s) {
    at_model().sink->on_model_open();
    model_event created;
    created.type = type::session_created;
    created.session_id = "sess";
    created.expires_at_s = wall_now_ms() / 1000 + life_s;
    model.latest().sink->on_model_event(created);
    model.latest().tell(type::session_updated);
    settle();
  }
  void lose_model() { close_model(link_end::lost); }
  void model_closes() { close_model(link_end::closed_by_us); }
  void close_model(link_end end) {
    if (at_model().sink != nullptr)
      model.latest().sink->on_model_closed(closed(end));
    settle();
  }
  void carrier_closes(link_end end = link_end::closed_by_us) {
    if (auto* sink = at_carrier()) {
      wire->sink = nullptr; // told exactly once
      sink->on_carrier_closed(closed(end));
    }
    settle();
  }
  void caller_hangs_up() {
    if (auto* sink = at_carrier())
      sink->on_stream_stop();
    settle();
  }
  carrier_record_ptr come_back() {
    wire = std::make_shared<carrier_record>();
    caf::anon_send(call, atom::resume_v, make_carrier(wire), start_of("MZ2", "CA1"));
    settle();
    return wire;
  }

  // -- the people
  // ---------------------------------------------------------------------------------------
  void caller_frames(uint64_t from_ms, int frames, uint8_t value) {
    const audio::byte_buffer frame(160, value);
    for (int i = 0; i < frames; ++i)
      at_carrier()->on_caller_audio(from_ms + static_cast<uint64_t>(i) * 20, frame);
    at_carrier()->on_carrier_read_end();
  }
  void caller_says(const std::string& item, const std::string& text, int64_t from, int64_t to) {
    caller_frames(static_cast<uint64_t>(from), static_cast<int>((to - from) / 20), 1);
    model_event speech;
    speech.type = type::speech_started;
    speech.item_id = item;
    speech.audio_start_ms = from;
    at_model().sink->on_model_event(speech);
    speech.type = type::speech_stopped;
    speech.audio_end_ms = to;
    at_model().sink->on_model_event(speech);
    at_model().tell(type::transcription_completed, item, {}, text);
    pass(std::chrono::milliseconds{to - from});
    tick();
  }
  /// The agent speaks and is heard out.
  void agent_says(const std::string& response, const std::string& item, const std::string& text,
                  size_t bytes) {
    const auto before = wire->writes.size();
    at_model().tell(type::response_created, {}, response);
    at_model().tell_audio(item, response, bytes);
    at_model().tell(type::audio_transcript_done, item, response, text);
    at_model().tell(type::audio_done, item, response);
    at_model().tell(type::response_done, {}, response);
    const std::vector<carrier_write> writes{wire->writes.begin() + static_cast<long>(before),
                                            wire->writes.end()};
    for (auto& write : writes)
      if (write.kind == carrier_write::mark)
        at_carrier()->on_mark_echo(write.name);
      else
        pass(std::chrono::milliseconds{write.bytes / 8}, std::chrono::milliseconds{20});
    tick();
  }

  // -- the rest of the world
  // ----------------------------------------------------------------------------
  /// As a line does: outside of any message, and not after the end.
  void tick() {
    for (int i = 0; i < 2; ++i) {
      auto* ticked = caf::actor_cast<caf::abstract_actor*>(call);
      if (ticked != nullptr && !ticked->getf(caf::abstract_actor::is_terminated_flag)) {
        dynamic_cast<line_actor&>(*ticked).context(sys.dummy_execution_unit());
        dynamic_cast<tickable&>(*ticked).on_tick(sys.clock().now());
      }
      settle();
    }
  }
  void hang_up() { ask<bool>(registry, atom::hangup_v, call_id); }
  void status(const std::string& what) {
    status_callback report;
    report.call_sid = "CA1";
    report.status = what;
    ask<bool>(registry, atom::callback_v, report);
  }
  next_step next() {
    return ask<next_step>(registry, atom::streamover_v, std::string{"CA1"})
        .value.value_or(next_step{});
  }
  after_stream stream_over() { return next().what; }

  size_t count(feed_type what) { return events->of(what).size(); }
  /// The latest text of each turn, in the order of speaking.
  std::string texts() {
    std::map<std::string, storage::transcript_row> table;
    for (auto& row : rows->turns)
      table[row.id] = row;
    std::vector<storage::transcript_row> sorted;
    for (auto& [id, row] : table)
      sorted.push_back(row);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](auto& a, auto& b) { return a.start_time_s < b.start_time_s; });
    std::string out;
    for (auto& row : sorted)
      out += row.text + "|";
    return out;
  }
  /// The first updates of these types came in this order.
  void check_order(std::initializer_list<feed_type> order) {
    auto from = events->all.begin();
    for (auto what : order) {
      from = std::find_if(from, events->all.end(), [&](auto& e) { return e.type == what; });
      CAF_REQUIRE(from != events->all.end());
    }
  }
};

} // namespace switchboard::test
