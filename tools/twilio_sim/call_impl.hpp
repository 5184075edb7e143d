#pragma once

#include "tools/sim_common/twilio_twiml.hpp"
#include "tools/twilio_sim/call.hpp"
#include "tools/twilio_sim/callbacks.hpp"
#include "tools/twilio_sim/caller.hpp"
#include "tools/twilio_sim/media_stream.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sim {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Twilio's number for a webhook that failed.
constexpr int error_http = 11200;

/// The call itself. Its life is in call.cpp, what it asks and tells the server in
/// call_callbacks.cpp, the verbs in call_twiml.cpp, the stream in call_stream.cpp.
class call_impl : public call,
                  public stream_listener,
                  public std::enable_shared_from_this<call_impl> {
public:
  call_impl(asio::io_context& io, const options& config, webhooks& http, int number,
            std::function<void(const call_record&)> done);
  void start() override;
  const std::string& sid() const override { return sid_; }
  bool ended() const override { return ending_; }
  const std::string& status() const override { return status_; }
  void complete_by_rest() override;
  void redirect_to_url(const std::string& url, const std::string& method) override;
  void redirect_to_twiml(const std::string& twiml) override;

  // -- stream_listener ----------------------------------------------------------------------------
  int64_t stream_opened() override;
  std::string caller_frame(int64_t at, size_t count) override { return caller_.frame(at, count); }
  void audio_played(int64_t at, std::string_view ulaw) override;
  void stream_tick(int64_t at, bool buffered) override;
  void stream_warning(int code, const std::string& text) override { warn(code, text); }
  void stream_ended(const stream_record& record) override;

private:
  static int64_t samples_since(steady::time_point from, steady::time_point to);
  static int64_t ms_between(steady::time_point from, steady::time_point to);
  /// A timer handler that does nothing when cancelled or when the call is ending.
  std::function<void(boost::system::error_code)> guarded(std::function<void()> function);
  void log(const std::string& text) const;
  void warn(int code, const std::string& text);

  // -- webhooks and callbacks ---------------------------------------------------------------------
  void make_queues();
  void request(const std::string& kind, const std::string& method, const std::string& url,
               const form_params& params, std::function<void(const http_answer&)> then);
  void tell_status(const std::string& event);
  void tell_stream(const std::string& event, const std::string& error);

  // -- TwiML --------------------------------------------------------------------------------------
  void fetch(const std::string& kind, const std::string& method, const std::string& url,
             const form_params& more);
  void fetched(const std::string& kind, const std::string& url, const http_answer& in);
  void run_document(const std::string& text, const std::string& url);
  void answer();
  void run_verb_after(int64_t ms);
  void run_verb();
  void obey(const twiml_verb& verb);
  void play(const twiml_verb& verb);
  void dial(const twiml_verb& verb);

  // -- the media stream ---------------------------------------------------------------------------
  void connect(const twiml_verb& verb);
  std::shared_ptr<media_stream> make_stream(const std::string& stream_sid,
                                            std::shared_ptr<stream_listener> listener, bool faulty);
  static void alter_ticket(std::map<std::string, std::string>& parameters);
  void connect_ended(const stream_record& record);
  void open_second_stream_later();
  void open_second_stream();

  // -- the end ------------------------------------------------------------------------------------
  void hang_up_in(int64_t ms);
  void hang_up();
  void failure_if_none(const std::string& why);
  void fail(const std::string& why);
  /// Ends the running TwiML, and its stream first; then does `next`.
  void interrupt(std::function<void()> next);
  void end(const std::string& status, const std::string& by);
  void hung_up();
  void report_first();
  void tell_end();
  void finish_if_over();

  asio::io_context& io_;
  const options& config_;
  webhooks& http_;
  std::function<void(const call_record&)> done_;
  std::string sid_;
  std::string status_ = "ringing";
  std::string end_status_;
  call_record record_;
  steady::time_point started_, answered_, ended_;
  std::optional<steady::time_point> first_stream_; // zero of the call's timeline
  asio::steady_timer verb_timer_, hang_up_timer_, limit_timer_, second_timer_;
  std::shared_ptr<callback_queue> status_queue_, stream_queue_;
  int status_sequence_ = 0;

  twiml_document document_;
  std::string document_url_;
  size_t next_verb_ = 0;
  uint64_t generation_ = 0; // of the TwiML; answers for an older one are ignored
  int documents_ = 0;

  twiml_verb connect_verb_;
  std::shared_ptr<media_stream> stream_, second_stream_;
  std::string stream_sid_, stream_name_, stream_callback_, stream_callback_method_;
  bool had_stream_ = false;
  std::function<void()> after_stream_; // instead of going on with the TwiML

  caller caller_;
  bool hanging_up_ = false;
  bool ending_ = false;
  bool vanished_ = false;
  bool callbacks_done_ = false;
};

} // namespace sim
