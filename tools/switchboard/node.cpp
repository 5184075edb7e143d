#include "tools/switchboard/node.hpp"

#include "actors/call.hpp"
#include "actors/database.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed.hpp"
#include "actors/keeper.hpp"
#include "actors/kept_alive.hpp"
#include "actors/line.hpp"
#include "actors/recovery.hpp"
#include "actors/registry.hpp"
#include "actors/thread_priority.hpp"
#include "conf/agent_profiles.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/database.hpp"
#include "conf/defaults/line.hpp"
#include "conf/defaults/node.hpp"
#include "conf/log.hpp"
#include "http/openai/model_socket.hpp"
#include "http/rest/outbound.hpp"
#include "http/server.hpp"
#include "http/socket_poller.hpp"
#include "http/twilio/carrier_socket.hpp"
#include "storage/call_store.hpp"
#include "storage/journal.hpp"
#include "tools/switchboard/startup.hpp"
#include "tools/switchboard/store_opener.hpp"
#include "tools/switchboard/writers.hpp"

#include <asio/post.hpp>
#include <caf/all.hpp>
#include <openssl/crypto.h>

#include <cstdlib>
#include <thread>

namespace switchboard {

namespace {

namespace limits = defaults::node;
using actors::line;

/// What CAF's own threads do first and last.
struct helper_thread : caf::thread_hook {
  void init(caf::actor_system&) override {}
  void thread_started() override { actors::give_way(limits::helper_nice, "caf"); }
  /// CAF lets go of an actor's own thread before it is really over: at the end of the process
  /// OpenSSL's state of such a thread would be freed by nobody.
  void thread_terminates() override { OPENSSL_thread_stop(); }
};

struct system_config : caf::actor_system_config {
  system_config() {
    add_thread_hook<helper_thread>();
    set("scheduler.policy", caf::atom("sharing")); // wakes an idle actor in 9.5 us instead of 70
    set("scheduler.max-threads", limits::scheduler_threads);
    set("scheduler.max-throughput", limits::scheduler_throughput_max);
  }
};

/// On the line's thread, to which the poller belongs.
void use_io_uring(line& where) {
  asio::post(where.io(), [&where] {
    const std::string why = http::socket_poller::of(where.io()).use_io_uring();
    if (why.empty())
      log::info("line", "sends and receives by io_uring", {{"line", where.name()}});
    else
      log::info("line", "no io_uring, sends and receives by system calls",
                {{"line", where.name()}, {"why", why}});
  });
}

class node_impl : public node {
public:
  node_impl(const conf::config& config, conf::agent_profiles_ptr profiles)
      : config_(config), profiles_(std::make_shared<conf::profile_store>(std::move(profiles))) {}
  ~node_impl() override { stop(); }

  std::string open();
  uint16_t port() const override { return server_->port(); }
  uint32_t active_calls() const override { return state_->active_calls; }
  void reload() override;
  void drain() override { caf::anon_send(registry_, atom::drain_v, false); }
  bool stop() override;

private:
  void start_lines(uint32_t count);
  std::string start_actors(uint32_t calls_max);
  void start_recovery(actors::registry_settings& settings, actors::store_factory open);
  std::string start_server();
  void take_stream(uint32_t line_index, http::detached_websocket_ptr socket,
                   const actors::stream_grant& grant, const actors::stream_start& start);
  bool finish_calls();
  bool clear_line(actors::line& which);
  void stop_actors();

  conf::config config_;
  conf::profile_store_ptr profiles_;
  // Lines outlive the actor system (other threads may still enqueue to their actors), so they are
  // declared before it and destroyed after it.
  std::vector<std::unique_ptr<line>> lines_;
  std::unique_ptr<line> http_line_;
  std::unique_ptr<storage::data_directory_lock> lock_;
  system_config system_config_;
  std::unique_ptr<caf::actor_system> system_;
  actors::node_state_ptr state_ = std::make_shared<actors::node_state>();
  std::vector<std::unique_ptr<actors::model_connector>> connectors_;
  std::vector<std::shared_ptr<actors::warm_sessions>> warm_; // one per line, or none
  writers writers_;
  actors::database_reader_actor reader_;
  actors::disk_reader_actor disk_reader_;
  actors::event_feed_actor feed_;
  actors::registry_actor registry_;
  actors::outbound_actor outbound_;
  std::unique_ptr<actors::read_stamps> stamps_;
  actors::recovery_actor recovery_;
  actors::keeper_actor keeper_;
  actors::call_services_ptr call_services_;
  std::unique_ptr<http::server> server_;
};

// -- start
// -------------------------------------------------------------------------------------------

std::string node_impl::open() {
  auto problem = prepare_directories(config_);
  if (!problem.empty())
    return problem;
  auto locked = storage::data_directory_lock::acquire(config_.data_directory());
  if (!locked)
    return config_.data_directory() + ": another Switchboard uses this data directory (" +
           locked.detail() + ")";
  lock_ = std::move(*locked);
  config_.url_signing_key = url_signing_key(config_, problem);
  if (!problem.empty())
    return problem;
  auto migrated = storage::migrate(config_.database_path);
  if (!migrated)
    return config_.database_path + ": " + storage::to_string(migrated.code()) + ": " +
           migrated.detail();

  const uint64_t descriptors = raise_descriptor_limit();
  const uint32_t line_count =
      config_.lines != 0 ? config_.lines : std::max(1u, std::thread::hardware_concurrency());
  const uint32_t calls_max = admission_limit(config_, line_count, descriptors);
  system_ = std::make_unique<caf::actor_system>(system_config_);
  start_lines(line_count);
  problem = start_actors(calls_max);
  if (problem.empty())
    problem = start_server();
  if (!problem.empty())
    return problem;
  log::info("node", "listening",
            {{"port", static_cast<int>(port())},
             {"lines", line_count},
             {"calls_max", calls_max},
             {"descriptors", descriptors},
             {"version", conf::version()}});
  return {};
}

void node_impl::start_lines(uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    lines_.push_back(std::make_unique<line>(*system_, "line-" + std::to_string(i)));
  if (config_.line_realtime)
    for (auto& each : lines_)
      each->prefer_realtime();
  if (config_.line_io_uring)
    for (auto& each : lines_)
      use_io_uring(*each);
  http_line_ = std::make_unique<line>(*system_, "http", limits::helper_nice);
  for (uint32_t i = 0; i < count; ++i) {
    lines_[i]->on_overload([state = state_, i](bool late) { state->line_late[i] = late; });
    lines_[i]->start();
  }
}

std::string node_impl::start_actors(uint32_t calls_max) {
  std::shared_ptr<http::tls_client_context> tls;
  try {
    tls = http::tls_client_context::create(config_.openai_ca_file);
  } catch (const std::exception& e) {
    return std::string{"OPENAI_CA_FILE: "} + e.what();
  }
  for (auto& each : lines_)
    connectors_.push_back(
        std::make_unique<openai::model_socket_connector>(each->io(), each->ticks(), config_, tls));

  auto& system = *system_;
  const auto read_store = store_opener(config_, true);
  feed_ = system.spawn(actors::event_feed);
  writers_ = spawn_writers(system, config_, lines_.size(), state_, feed_);
  reader_ = actors::spawn_database_reader(system, read_store, defaults::database::readers, state_);
  disk_reader_ = actors::spawn_disk_reader(system, defaults::database::disk_readers, state_);
  keeper_ = system.spawn<caf::detached>(
      actors::keeper,
      actors::keeper_setup{writers_.database, reader_, config_.recording_storage_path,
                           config_.journal_retention_h, config_.retention_days, feed_});
  if (config_.prewarm_sessions)
    for (size_t i = 0; i < lines_.size(); ++i)
      warm_.push_back(std::make_shared<actors::warm_sessions>(system, lines_[i].get(),
                                                              connectors_[i].get(), &config_));
  outbound_ = http::spawn_outbound(system, config_);
  actors::registry_settings settings{calls_max, lines_.size(), profiles_, outbound_};
  if (!warm_.empty())
    settings.prewarmer = std::make_shared<actors::session_prewarmer>(warm_);
  start_recovery(settings, read_store);
  registry_ = actors::spawn_registry(system, std::move(settings), writers_.database, feed_, state_);

  // Only the test of crashes asks for it, and only a server under test listens to that.
  const char* stamps_file = std::getenv("TEST_READ_STAMPS");
  if (stamps_file != nullptr && config_.env == conf::environment::test)
    stamps_ = actors::read_stamps::open(stamps_file);
  auto services = std::make_shared<actors::call_services>();
  services->stamps = stamps_.get();
  services->registry = registry_;
  services->writer = writers_.database;
  services->feed = feed_;
  services->disks = writers_.disks;
  services->sealer = writers_.sealer;
  services->node = state_;
  services->outbound = outbound_;
  services->config = &config_;
  services->warm = warm_;
  for (auto& connector : connectors_)
    services->connectors.push_back(connector.get());
  call_services_ = services;
  return {};
}

/// What a process before this one left: calls that may come back, and all that is to be finished.
/// It goes on in the background; the listener does not wait for it.
void node_impl::start_recovery(actors::registry_settings& settings, actors::store_factory open) {
  if (auto store = open()) {
    auto active = store->get_active_calls();
    if (active)
      settings.interrupted = std::move(*active);
    else
      log::error("node", "active calls cannot be read", {{"what", active.detail()}});
  }
  if (!settings.interrupted.empty())
    log::warn("node", "calls were interrupted; the carrier may bring them back",
              {{"calls", settings.interrupted.size()}, {"window_s", config_.resume_window_s}});
  actors::recovery_setup setup;
  setup.storage_path = config_.recording_storage_path;
  setup.agent = config_.agent_name;
  setup.stereo = config_.channels == conf::recording_channels::stereo;
  setup.open = std::move(open);
  setup.writer = writers_.database;
  setup.sealer = writers_.sealer;
  setup.feed = feed_;
  setup.node = state_;
  recovery_ = actors::spawn_recovery(*system_, std::move(setup));
  caf::anon_send(recovery_, atom::recover_v);
  settings.resume_window = std::chrono::seconds{config_.resume_window_s};
  settings.recovery = recovery_;
}

std::string node_impl::start_server() {
  http::http_services services;
  services.registry = registry_;
  services.writer = writers_.database;
  services.reader = reader_;
  services.disk = disk_reader_;
  services.feed = feed_;
  services.keeper = keeper_;
  services.state = state_;
  services.config = &config_;
  services.profiles = profiles_;
  services.http_line = http_line_.get();
  for (auto& each : lines_)
    services.lines.push_back(each.get());
  services.on_stream = [this](uint32_t line_index, http::detached_websocket_ptr socket,
                              const actors::stream_grant& grant,
                              const actors::stream_start& start) {
    take_stream(line_index, std::move(socket), grant, start);
  };
  std::string problem;
  server_ = http::server::create(*system_, std::move(services), problem);
  if (server_ == nullptr)
    return problem;
  http_line_->start();
  server_->start();
  return {};
}

/// A stream whose ticket was good arrives on its line: a new call, or the next stream of one.
void node_impl::take_stream(uint32_t line_index, http::detached_websocket_ptr socket,
                            const actors::stream_grant& grant, const actors::stream_start& start) {
  auto& where = *lines_[line_index];
  http::websocket_limits socket_limits; // the carrier's: 64 KiB messages, 1 MiB queue, ping 20 s
  auto link = twilio::make_carrier_link(where.io(), where.ticks(), std::move(socket),
                                        start.stream_sid, socket_limits);
  auto box = std::make_shared<std::unique_ptr<actors::carrier_link>>(std::move(link));
  if (grant.resumed) {
    caf::anon_send(grant.call, atom::resume_v, box, start);
    return;
  }
  actors::spawn_call(*system_, &where, call_services_,
                     {grant.call_id, grant.facts, start, box, line_index, grant.past});
}

/// Reads the profiles anew. With any mistake in them the ones in force stay.
void node_impl::reload() {
  std::vector<conf::problem> problems;
  auto next = conf::load_agent_profiles(config_, problems);
  for (auto& each : problems)
    log::error("node", "profiles not taken over", {{"problem", conf::to_string(each)}});
  if (next == nullptr)
    return;
  log::info("node", "profiles taken over",
            {{"numbers", static_cast<uint64_t>(next->by_number.size())}});
  profiles_->set(std::move(next));
}

// -- stop
// --------------------------------------------------------------------------------------------

/// Ends what is live and waits until every row is closed, every recording sealed and every question
/// to a model answered or given up.
bool node_impl::finish_calls() {
  caf::anon_send(registry_, atom::drain_v, true);
  const auto deadline = std::chrono::steady_clock::now() + limits::finish_deadline;
  const auto busy = [this] {
    return state_->active_calls > 0 || state_->recorders > 0 || state_->reviews > 0 ||
           state_->recovering > 0;
  };
  while (busy() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(limits::shutdown_poll);
  const bool complete = !busy() && state_->recordings_left == 0 && state_->ends_waiting == 0 &&
                        state_->recovering_later == 0;
  if (!complete) {
    log::error("node", "stopping with unfinished records; the next start finishes them",
               {{"calls", state_->active_calls.load()},
                {"recorders", state_->recorders.load()},
                {"recovering", state_->recovering + state_->recovering_later},
                {"recordings_left", state_->recordings_left.load()},
                {"ends_waiting", state_->ends_waiting.load()}});
  }
  return complete;
}

void node_impl::stop_actors() {
  auto stop_actor = [](auto& handle) {
    if (handle)
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    handle = nullptr;
  };
  call_services_.reset();
  stop_actor(registry_);
  stop_actor(outbound_);
  warm_.clear();
  stop_actor(recovery_);
  // The writers end when they have written what they were given. Recordings that still wait to be
  // sealed could take hours: they are left to the next start.
  actors::end_at_once(writers_.sealer);
  stop_actor(keeper_);
  stop_actor(writers_.watch);
  for (auto& disk : writers_.disks)
    stop_actor(disk);
  writers_.disks.clear();
  stop_actor(reader_);
  stop_actor(disk_reader_);
  stop_actor(writers_.database);
  stop_actor(feed_);
}

/// What does not end holds others, and the actor system waits for those that have a thread.
bool node_impl::clear_line(actors::line& which) {
  if (which.await_actors(defaults::line::teardown_deadline))
    return true;
  log::error("node", "a line's actors did not end",
             {{"line", which.name()}, {"left", which.kill_actors()}});
  if (!which.await_actors(defaults::line::teardown_deadline))
    system_->await_actors_before_shutdown(false); // better an unclean end than a hang
  return false;
}

bool node_impl::stop() {
  if (system_ == nullptr) {
    lines_.clear();
    return true;
  }
  bool complete = true;
  if (server_ != nullptr)
    server_->stop_accepting();
  if (registry_)
    complete = finish_calls();
  if (server_ != nullptr)
    server_->stop();
  for (auto& each : lines_)
    complete = clear_line(*each) && complete;
  complete = clear_line(*http_line_) && complete;
  if (const auto violations = http::websocket_thread_violations(); violations > 0) {
    log::error("node", "a socket was touched by a thread not its own", {{"times", violations}});
    complete = false;
  }
  server_.reset();
  stop_actors();
  connectors_.clear();
  for (auto& each : lines_)
    each->stop();
  http_line_->stop();
  system_.reset();
  lines_.clear();
  http_line_.reset();
  return complete;
}

} // namespace

std::unique_ptr<node> node::start(const conf::config& config, std::string& problem) {
  std::vector<conf::problem> problems;
  auto profiles = conf::load_agent_profiles(config, problems);
  if (profiles == nullptr) {
    problem = conf::to_string(problems.front());
    return nullptr;
  }
  auto result = std::make_unique<node_impl>(config, std::move(profiles));
  problem = result->open();
  if (!problem.empty())
    return nullptr;
  return result;
}

} // namespace switchboard
