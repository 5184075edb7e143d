#include "tests/http/server_fixture.hpp"

#include "actors/event_feed.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <stdexcept>

namespace switchboard::http::testing {

using storage::call_details;
using storage::result;

namespace {

constexpr storage::wall_ms created = 1795341600000;

/// The calls of a test, as a store.
class fake_store : public storage::call_store {
public:
  explicit fake_store(std::shared_ptr<fakes> from) : from_(std::move(from)) {}

  result<storage::nothing> begin() override { return storage::nothing{}; }
  result<storage::nothing> commit() override { return storage::nothing{}; }
  void rollback() override {}
  result<storage::call_row> create_call(const storage::call_row& row, storage::wall_ms) override {
    return row;
  }
  result<storage::call_row> update_call(const std::string& id, const storage::call_update& change,
                                        storage::wall_ms) override {
    std::lock_guard<std::mutex> guard{from_->mutex};
    for (auto& call : from_->calls)
      if (call.call.id == id) {
        if (change.notes)
          call.call.notes = change.notes;
        return call.call;
      }
    return {storage::storage_error::not_found, "no such call"};
  }
  result<storage::recording_row> create_recording(const storage::recording_row& row,
                                                  storage::wall_ms) override {
    return row;
  }
  result<storage::transcript_row> create_transcript(const storage::transcript_row& row,
                                                    storage::wall_ms) override {
    return row;
  }
  result<storage::analytics_row> create_analytics(const storage::analytics_row& row,
                                                  storage::wall_ms) override {
    return row;
  }
  result<storage::metadata_row> create_or_update_metadata(const storage::metadata_row& row,
                                                          storage::wall_ms) override {
    return row;
  }
  result<storage::erasure> begin_erasure(const std::string&, const std::string&,
                                         storage::wall_ms) override {
    return {storage::storage_error::not_found, ""};
  }
  result<storage::nothing> finish_erasure(const std::string&, storage::wall_ms) override {
    return storage::nothing{};
  }
  result<bool> forget_words(bool) override { return false; }
  result<storage::nothing> checkpoint() override { return storage::nothing{}; }
  result<std::vector<storage::erasure>> get_erasures(storage::wall_ms, int64_t) override {
    return std::vector<storage::erasure>{};
  }
  result<std::vector<std::string>> get_ended_before(storage::wall_ms, int64_t) override {
    return std::vector<std::string>{};
  }
  void set_deadline(std::chrono::steady_clock::time_point) override {}
  result<storage::call_page> search_calls(const storage::call_query& query) override {
    std::lock_guard<std::mutex> guard{from_->mutex};
    if (from_->broken != storage::storage_error::none)
      return {from_->broken, "secret detail"};
    storage::call_page page;
    page.total = static_cast<int64_t>(from_->calls.size());
    for (int64_t i = query.offset; i < page.total && i < query.offset + query.limit; ++i) {
      page.calls.push_back(from_->calls[static_cast<size_t>(i)]);
      const auto& row = page.calls.back().call;
      if (!query.call_only || !query.call_only(row))
        from_->read_whole.push_back(row.id);
    }
    return page;
  }
  result<storage::call_row> get_call_by_id(const std::string& id) override {
    auto found = get_call_with_details(id);
    if (!found)
      return {found.code(), found.detail()};
    return found->call;
  }
  result<storage::call_row> get_call_by_sid(const std::string&) override {
    return {storage::storage_error::not_found, ""};
  }
  result<call_details> get_call_with_details(const std::string& id) override {
    std::lock_guard<std::mutex> guard{from_->mutex};
    if (from_->broken != storage::storage_error::none)
      return {from_->broken, "secret detail"};
    for (auto& call : from_->calls)
      if (call.call.id == id)
        return call;
    return {storage::storage_error::not_found, "no such call"};
  }
  result<std::vector<storage::call_row>> get_active_calls() override {
    return std::vector<storage::call_row>{};
  }
  result<storage::analytics_aggregate>
  get_analytics_aggregate(std::optional<storage::wall_ms>,
                          std::optional<storage::wall_ms>) override {
    storage::analytics_aggregate sums;
    sums.total_calls = 1;
    return sums;
  }
  result<std::vector<storage::time_series_point>>
  get_analytics_time_series(std::optional<storage::wall_ms>, std::optional<storage::wall_ms>,
                            storage::bucket) override {
    return std::vector<storage::time_series_point>{};
  }

private:
  std::shared_ptr<fakes> from_;
};

caf::error to_error(const result<storage::call_row>& failed) {
  return actors::make_error(failed.code() == storage::storage_error::not_found
                                ? actors::actor_error::not_found
                                : actors::actor_error::database);
}

actors::database_writer_actor::behavior_type writer(actors::database_writer_actor::pointer,
                                                    std::shared_ptr<fake_store> store,
                                                    actors::node_state_ptr state) {
  return {
      [](atom::putcall, const storage::call_row& row) { return row; },
      [store, state](atom::updcall, const std::string& id,
                     const storage::call_update& change) -> caf::result<storage::call_row> {
        auto row = store->update_call(id, change, 0);
        state->versions.touch(id, actors::rows_all);
        if (!row)
          return to_error(row);
        return *row;
      },
      [](atom::putrec, const storage::recording_row& row) { return row; },
      [](atom::putturn, const storage::transcript_row& row) { return row; },
      [](atom::putstats, const storage::analytics_row& row) { return row; },
      [](atom::putmeta, const storage::metadata_row& row) { return row; },
      [](atom::erase, const std::string&, const std::string&) -> caf::result<storage::erasure> {
        return actors::make_error(actors::actor_error::not_found);
      },
      [](atom::erased, const std::string&) { return true; },
      [](atom::forget, bool) { return false; },
      [](atom::tidy) {},
      [](atom::commit) {},
  };
}

/// Erases `active` never, the known ones once.
actors::keeper_actor::behavior_type keeper(actors::keeper_actor::pointer,
                                           std::shared_ptr<fakes> fake) {
  return {
      [fake](atom::erase, const std::string& id, const std::string& by) -> caf::result<bool> {
        std::lock_guard<std::mutex> guard{fake->mutex};
        if (fake->erase_error != actors::actor_error::none)
          return actors::make_error(fake->erase_error);
        if (id == "active")
          return actors::make_error(actors::actor_error::still_active);
        auto found = std::find_if(fake->calls.begin(), fake->calls.end(),
                                  [&](auto& call) { return call.call.id == id; });
        if (found == fake->calls.end())
          return actors::make_error(actors::actor_error::not_found);
        fake->calls.erase(found);
        fake->erased_by = by;
        return true;
      },
      [](atom::forget, bool) {},
      [](atom::expire) {},
  };
}

actors::database_reader_actor::behavior_type reader(actors::database_reader_actor::pointer,
                                                    std::shared_ptr<fake_store> store) {
  return {[store](atom::job, actors::read_job& job) { return job(*store); }};
}

actors::disk_reader_actor::behavior_type disk(actors::disk_reader_actor::pointer) {
  return {[](atom::job, actors::disk_job& job) { return job(); }};
}

struct registry_state {
  std::vector<caf::typed_response_promise<actors::admission>> waiting;
};

actors::registry_actor::behavior_type
registry(actors::registry_actor::stateful_pointer<registry_state> self,
         std::shared_ptr<fakes> fake) {
  return {
      [self, fake](atom::admit, const actors::call_facts& facts) -> caf::result<actors::admission> {
        std::lock_guard<std::mutex> guard{fake->mutex};
        fake->admitted.push_back(facts);
        if (fake->silent) {
          self->state.waiting.push_back(self->make_response_promise<actors::admission>());
          return self->state.waiting.back();
        }
        if (fake->admit_error != actors::actor_error::none)
          return actors::make_error(fake->admit_error);
        return actors::admission{"call-1", fake->nonce, fake->expires_at_s, false, nullptr};
      },
      [fake](atom::claim, const actors::stream_claim& claim) -> caf::result<actors::stream_grant> {
        std::lock_guard<std::mutex> guard{fake->mutex};
        fake->claimed.push_back(claim);
        const bool open = claim.facts.has_value();
        if (!open && (claim.nonce != fake->nonce || fake->nonce_used))
          return actors::make_error(actors::actor_error::bad_ticket);
        fake->nonce_used = !open;
        actors::stream_grant grant;
        grant.call_id = "call-1";
        grant.line = fake->grant_line;
        return grant;
      },
      [](atom::live, const std::string&, const caf::actor&) {},
      [](atom::ended, const std::string&) {},
      [](atom::ended, const std::string&, const storage::call_update&) {},
      [fake](atom::callback, const actors::status_callback& report) {
        std::lock_guard<std::mutex> guard{fake->mutex};
        fake->callbacks.push_back(report);
        return true;
      },
      [fake](atom::streamover, const std::string&) {
        std::lock_guard<std::mutex> guard{fake->mutex};
        return fake->next;
      },
      [](atom::hangup, const std::string& id) -> caf::result<bool> {
        if (id == "active")
          return true;
        return actors::make_error(actors::actor_error::not_found);
      },
      [](atom::drain, bool) {},
      [](atom::expire) {},
  };
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

} // namespace

/// Streams that the server handed over.
struct stream_box {
  std::mutex mutex;
  std::condition_variable filled;
  std::vector<handed_over> streams;
};

call_details sample_call(const std::string& id) {
  call_details call;
  call.call.id = id;
  call.call.call_sid = "CA" + id;
  call.call.caller = "+15550001";
  call.call.agent = "assistant";
  call.call.start_time = call.call.created_at = call.call.updated_at = created;
  return call;
}

// -- client
// ------------------------------------------------------------------------------------------

std::string reply::header(const std::string& name) const {
  auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string reply::code() const {
  auto at = body.find("\"code\":\"");
  return at == std::string::npos ? "" : body.substr(at + 8, body.find('"', at + 8) - at - 8);
}

client::client(uint16_t port, int receive_bytes) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_bytes > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  timeval patience{5, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

client::~client() {
  if (fd_ >= 0)
    ::close(fd_);
}

void client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return; // the server may refuse before all is sent; what it answered is read
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool client::fill() {
  char bytes[65536];
  errno = 0; // an orderly end leaves it as it was
  auto got = ::recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0)
    return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::string client::read_until(std::string_view mark) {
  size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos)
    if (!fill())
      return std::exchange(buffer_, {});
  auto text = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, text.size());
  return text;
}

std::string client::read_bytes(size_t count) {
  while (buffer_.size() < count && fill())
    ;
  auto text = buffer_.substr(0, count);
  buffer_.erase(0, text.size());
  return text;
}

bool client::closed() {
  while (fill())
    ;
  return errno != EAGAIN && errno != EWOULDBLOCK;
}

reply client::read_reply(bool head_only) {
  reply result;
  auto head = read_until("\r\n\r\n");
  if (head.size() < 12)
    return result;
  result.status = std::atoi(head.c_str() + 9);
  for (size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    auto end = head.find("\r\n", at);
    auto line = head.substr(at, end - at);
    auto colon = line.find(": ");
    if (colon != std::string::npos)
      result.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end + 2;
  }
  if (head_only || result.status == 204 || result.status == 304 || result.status == 101)
    return result;
  auto length = result.header("content-length");
  if (!length.empty())
    result.body = read_bytes(std::stoul(length));
  return result;
}

reply client::ask(const std::string& request_line, const std::string& headers,
                  const std::string& body) {
  auto text = request_line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers;
  if (!body.empty())
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  send(text + "\r\n" + body);
  return read_reply(request_line.compare(0, 5, "HEAD ") == 0);
}

void client::send_text_frame(std::string_view text) {
  std::string frame{'\x81'};
  if (text.size() < 126) {
    frame += static_cast<char>(0x80 | text.size());
  } else {
    frame += '\xFE';
    frame += static_cast<char>(text.size() >> 8);
    frame += static_cast<char>(text.size() & 255);
  }
  const char mask[4] = {'\x11', '\x22', '\x33', '\x44'};
  frame.append(mask, 4);
  for (size_t i = 0; i < text.size(); ++i)
    frame += static_cast<char>(text[i] ^ mask[i % 4]);
  send(frame);
}

std::string client::read_frame(int& opcode) {
  auto head = read_bytes(2);
  opcode = head.size() == 2 ? head[0] & 15 : -1;
  if (opcode < 0)
    return {};
  size_t size = static_cast<unsigned char>(head[1]) & 127;
  if (size == 126) {
    auto more = read_bytes(2);
    size = static_cast<size_t>(static_cast<unsigned char>(more[0])) << 8 |
           static_cast<unsigned char>(more[1]);
  }
  return read_bytes(size);
}

// -- server
// ------------------------------------------------------------------------------------------

running_server::running_server(std::function<void(conf::config&)> configure)
    : box_(std::make_shared<stream_box>()) {
  char name[] = "/tmp/switchboard-http-XXXXXX";
  folder = ::mkdtemp(name);
  config.port = 0;
  config.twilio_validate_signature = false;
  config.recording_storage_path = folder;
  config.url_signing_key = "signing key of the test";
  config.twilio_webhook_secrets = {"0123456789abcdef0123456789abcdef"};
  if (configure)
    configure(config);
  caf_config.set("scheduler.max-threads", 2u);
  system = std::make_unique<caf::actor_system>(caf_config);
  http_line = std::make_unique<actors::line>(*system, "http");
  for (auto line : {"line-0", "line-1"})
    media_lines.push_back(std::make_unique<actors::line>(*system, line));
  auto store = std::make_shared<fake_store>(fake);
  http_services services;
  services.registry = system->spawn(registry, fake);
  services.writer = system->spawn(writer, store, state);
  services.reader = system->spawn(reader, store);
  services.disk = system->spawn(disk);
  services.feed = feed = system->spawn(actors::event_feed);
  services.keeper = system->spawn(keeper, fake);
  others = {
      caf::actor_cast<caf::actor>(services.registry), caf::actor_cast<caf::actor>(services.keeper),
      caf::actor_cast<caf::actor>(services.writer),   caf::actor_cast<caf::actor>(services.reader),
      caf::actor_cast<caf::actor>(services.disk),     caf::actor_cast<caf::actor>(feed)};
  services.state = state;
  services.config = &config;
  std::vector<conf::problem> none;
  services.profiles =
      std::make_shared<conf::profile_store>(conf::load_agent_profiles(config, none));
  services.http_line = http_line.get();
  for (auto& line : media_lines)
    services.lines.push_back(line.get());
  services.on_stream =
      [box = box_, lines = services.lines](uint32_t index, detached_websocket_ptr socket,
                                           actors::stream_grant grant, actors::stream_start start) {
        std::lock_guard<std::mutex> guard{box->mutex};
        box->streams.push_back({index, lines[index]->on_thread(), std::move(socket),
                                std::move(grant), std::move(start)});
        box->filled.notify_all();
      };
  std::string problem;
  served = server::create(*system, std::move(services), problem);
  if (!served)
    throw std::runtime_error(problem);
  http_line->start();
  for (auto& line : media_lines)
    line->start();
  served->start();
}

void running_server::stop() {
  if (std::exchange(stopped_, true))
    return;
  served->stop();
  for (auto& actor : others)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  others.clear();
  feed = nullptr;
  http_line->await_actors(std::chrono::seconds{5});
  http_line->stop();
  for (auto& line : media_lines)
    line->stop();
  served.reset();
  system.reset();
}

running_server::~running_server() {
  stop();
  box_->streams.clear();
  std::system(("rm -rf " + folder).c_str());
}

reply running_server::get(const std::string& target, const std::string& headers) {
  return client{port()}.ask("GET " + target, headers);
}

reply running_server::post(const std::string& target, const std::string& type,
                           const std::string& body, const std::string& headers) {
  return client{port()}.ask("POST " + target, headers + "Content-Type: " + type + "\r\n", body);
}

void running_server::on_http_line(const std::function<void()>& work) {
  auto done = std::make_shared<std::promise<void>>();
  http_line->post([work, done] {
    work();
    done->set_value();
  });
  done->get_future().wait();
}

handed_over running_server::await_stream() {
  std::unique_lock<std::mutex> guard{box_->mutex};
  box_->filled.wait_for(guard, std::chrono::seconds{5}, [&] { return !box_->streams.empty(); });
  if (box_->streams.empty())
    return {};
  auto first = std::move(box_->streams.front());
  box_->streams.erase(box_->streams.begin());
  return first;
}

} // namespace switchboard::http::testing
