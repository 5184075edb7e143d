#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace switchboard::test {

/// A web server for the requests that we make: it takes one connection after the other, keeps what
/// it was sent, and answers with the next of its answers, byte for byte; an empty one closes
/// without a word. With none left it does not answer at all, until it is destroyed.
class rest_server {
public:
  /// @param held answers nothing before release().
  explicit rest_server(std::deque<std::string> answers, bool held = false)
      : answers_(std::move(answers)), held_(held) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~rest_server() {
    release();
    ::shutdown(listener_, SHUT_RDWR); // ends accept()
    thread_.join();
    ::close(listener_);
    for (int each : silent_)
      ::close(each);
  }

  std::string url(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_);
  }
  void release() {
    std::lock_guard<std::mutex> lock(mutex_);
    held_ = false;
    released_.notify_all();
  }
  std::vector<std::string> requests() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

  static std::string answer(const std::string& status, const std::string& body,
                            const std::string& header = {}) {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + header +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

private:
  void serve() {
    for (;;) {
      const int one = ::accept(listener_, nullptr, nullptr);
      if (one < 0)
        return;
      const auto request = read_request(one);
      std::string reply;
      bool silent = false;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        requests_.push_back(request);
        silent = answers_.empty();
        if (!silent) {
          reply = answers_.front();
          answers_.pop_front();
        }
      }
      if (silent) {
        silent_.push_back(one);
        continue;
      }
      {
        std::unique_lock<std::mutex> lock(mutex_);
        released_.wait(lock, [this] { return !held_; });
      }
      for (size_t at = 0; at < reply.size();) {
        const auto sent = ::send(one, reply.data() + at, reply.size() - at, MSG_NOSIGNAL);
        if (sent <= 0)
          break;
        at += static_cast<size_t>(sent);
      }
      if (reply.empty() || reply.find("Connection: close") != std::string::npos)
        ::close(one);
      else
        silent_.push_back(one); // kept open, as it was not said to end
    }
  }

  /// Head and body, by its Content-Length.
  static std::string read_request(int from) {
    std::string text;
    char buffer[4096];
    for (;;) {
      const auto head = text.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto length = text.find("Content-Length: ");
        const size_t body = length < head ? std::stoul(text.substr(length + 16)) : 0;
        if (text.size() >= head + 4 + body)
          return text;
      }
      const auto got = ::recv(from, buffer, sizeof buffer, 0);
      if (got <= 0)
        return text;
      text.append(buffer, static_cast<size_t>(got));
    }
  }

  mutable std::mutex mutex_;
  std::deque<std::string> answers_;
  bool held_;
  std::condition_variable released_;
  std::vector<std::string> requests_;
  std::vector<int> silent_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

} // namespace switchboard::test
