#include "http/rest/web_client.hpp"

#include "http/rest/address_guard.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

namespace switchboard::http {

namespace {

using steady = std::chrono::steady_clock;
namespace limits = defaults::outbound;

struct free_easy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct free_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One request on its way, through all of its tries.
struct job {
  web_request request;
  web_client::on_answer next;
  web_answer answer;
  size_t answer_bytes_max = 0;
  steady::time_point deadline;
  steady::time_point not_before;
  unsigned tried = 0;
  bool address_refused = false;
  bool over_limit = false;
  std::unique_ptr<CURL, free_easy> easy;
  std::unique_ptr<curl_slist, free_list> headers;
};

/// The moment of truth: whatever DNS said before, this is the address that is connected to.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto* of = static_cast<job*>(user);
  if (of->request.public_only && !is_public_address(&address->addr)) {
    of->address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t take_body(char* data, size_t size, size_t count, void* user) {
  auto* of = static_cast<job*>(user);
  const size_t bytes = size * count;
  if (of->answer.body.size() + bytes > of->answer_bytes_max) {
    of->over_limit = true;
    return 0; // ends the transfer
  }
  of->answer.body.append(data, bytes);
  return bytes;
}

web_failure failure_of(const job& of, CURLcode code) {
  if (code == CURLE_OK)
    return web_failure::none;
  if (of.over_limit)
    return web_failure::too_large;
  if (of.address_refused)
    return web_failure::refused_address;
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return web_failure::timed_out;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
    return web_failure::not_connected;
  default:
    return web_failure::lost;
  }
}

bool may_pass(const web_answer& answer) {
  switch (answer.failure) {
  case web_failure::none:
    return answer.status == 429 || (answer.status >= 502 && answer.status <= 504);
  case web_failure::not_connected:
  case web_failure::timed_out:
  case web_failure::lost:
    return true;
  default:
    return false;
  }
}

std::chrono::milliseconds pause_after(unsigned tried) {
  return limits::retry_pause * (1 << std::min(tried - 1, 8u));
}

void prepare(job& of, steady::time_point now) {
  auto* easy = curl_easy_init();
  of.easy.reset(easy);
  of.answer = {};
  of.address_refused = of.over_limit = false;
  curl_slist* list = nullptr;
  for (auto& header : of.request.headers)
    list = curl_slist_append(list, header.c_str());
  of.headers.reset(curl_slist_append(list, "Expect:")); // no 100-continue for small bodies
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(of.deadline - now);
  curl_easy_setopt(easy, CURLOPT_URL, of.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, ""); // a proxy's address would be checked, not the host's
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, of.headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(of.request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, of.request.body.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(1, left.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // a slow resolver does not hold the others up
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &of);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &of);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &of);
  if (!of.request.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, of.request.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, of.request.password.c_str());
  }
  if (!of.request.public_only) {
    // Its connection was not checked: nobody else may get it, and it takes none that others made.
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  }
}

} // namespace

struct web_client::impl {
  explicit impl(settings s) : bounds(s), multi(curl_multi_init()) {
    thread = std::thread([this] { run(); });
  }
  ~impl() {
    stopping = true;
    curl_multi_wakeup(multi);
    thread.join();
    curl_multi_cleanup(multi);
  }

  void run();
  void start_due();
  void collect();
  void settle(std::list<job>::iterator of);
  void stop_all();
  int poll_ms();

  const settings bounds;
  CURLM* multi;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::deque<job> waiting; // guarded by the mutex
  std::list<job> running;  // the thread's own; addresses stay
  std::list<job> paused;   // between two tries
  std::thread thread;
};

void web_client::impl::run() {
  while (!stopping) {
    start_due();
    int alive = 0;
    curl_multi_perform(multi, &alive);
    collect();
    curl_multi_poll(multi, nullptr, 0, poll_ms(), nullptr);
  }
  stop_all();
}

int web_client::impl::poll_ms() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!waiting.empty() && running.size() + paused.size() < bounds.running_max)
      return 0; // one has ended: the next may start
  }
  auto wait = limits::poll;
  const auto now = steady::now();
  for (auto& each : paused)
    wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(each.not_before - now));
  return static_cast<int>(std::max<int64_t>(0, wait.count()));
}

void web_client::impl::start_due() {
  const auto now = steady::now();
  for (auto at = paused.begin(); at != paused.end();) {
    auto each = at++;
    if (each->not_before <= now)
      running.splice(running.end(), paused, each);
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    while (!waiting.empty() && running.size() + paused.size() < bounds.running_max) {
      running.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
  }
  for (auto at = running.begin(); at != running.end();) {
    auto each = at++;
    if (each->easy != nullptr)
      continue;
    ++each->tried;
    if (now >= each->deadline) {
      each->answer.failure = web_failure::timed_out;
      settle(each);
      continue;
    }
    prepare(*each, now);
    curl_multi_add_handle(multi, each->easy.get());
  }
}

void web_client::impl::collect() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    job* of = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of);
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    of->answer.failure = failure_of(*of, message->data.result);
    of->answer.status = of->answer.failure == web_failure::none ? static_cast<int>(status) : 0;
    curl_multi_remove_handle(multi, message->easy_handle); // `message` is gone from here on
    of->easy.reset();
    auto found =
        std::find_if(running.begin(), running.end(), [of](auto& each) { return &each == of; });
    settle(found);
  }
}

/// A try is over: another one, or the answer.
void web_client::impl::settle(std::list<job>::iterator of) {
  const auto next_try = steady::now() + pause_after(of->tried);
  if (of->tried < of->request.tries && may_pass(of->answer) && next_try < of->deadline) {
    of->not_before = next_try;
    paused.splice(paused.end(), running, of);
    return;
  }
  if (of->answer.failure != web_failure::none)
    of->answer.body.clear();
  of->next(std::move(of->answer));
  running.erase(of);
}

void web_client::impl::stop_all() {
  const auto stopped = [](job& each) { each.next({0, {}, web_failure::stopped}); };
  for (auto& each : running) {
    if (each.easy != nullptr)
      curl_multi_remove_handle(multi, each.easy.get());
    stopped(each);
  }
  for (auto& each : paused)
    stopped(each);
  running.clear();
  paused.clear();
  std::lock_guard<std::mutex> lock(mutex);
  for (auto& each : waiting)
    stopped(each);
  waiting.clear();
}

web_client::web_client(settings s) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT); // once, before any thread
  (void)ready;
  impl_ = std::make_unique<impl>(s);
}

web_client::~web_client() = default;

void web_client::submit(web_request request, on_answer next) {
  job fresh;
  fresh.deadline = steady::now() + std::chrono::milliseconds{request.timeout_ms};
  fresh.answer_bytes_max = impl_->bounds.answer_bytes_max;
  fresh.request = std::move(request);
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    if (!impl_->stopping && impl_->waiting.size() < impl_->bounds.waiting_max) {
      fresh.next = std::move(next);
      impl_->waiting.push_back(std::move(fresh));
      next = nullptr;
    }
  }
  if (next)
    next({0, {}, impl_->stopping ? web_failure::stopped : web_failure::busy});
  else
    curl_multi_wakeup(impl_->multi);
}

const char* to_string(web_failure failure) {
  switch (failure) {
  case web_failure::none:
    return "none";
  case web_failure::refused_address:
    return "refused address";
  case web_failure::not_connected:
    return "not connected";
  case web_failure::timed_out:
    return "timed out";
  case web_failure::too_large:
    return "answer too large";
  case web_failure::lost:
    return "connection lost";
  case web_failure::busy:
    return "too many requests";
  case web_failure::stopped:
    return "stopped";
  }
  return "unknown";
}

} // namespace switchboard::http
