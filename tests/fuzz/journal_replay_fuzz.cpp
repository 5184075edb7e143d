// Any facts in any order, sealed and read by the recovery: never a crash, the recording is as long
// as the journal says, and the same journal gives the same recording.
//
// The input is a list of facts, each a byte of type, one of item and flag, one of time, one of
// payload: a fuzzer finds no CRC. Facts that were torn are what journal_fuzz is about; here the
// file's last bytes may be missing.
#include "conf/defaults/storage.hpp"
#include "storage/call_past.hpp"
#include "storage/journal.hpp"
#include "storage/sealer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace switchboard;
namespace limits = defaults::storage;

namespace {

constexpr uint64_t call_ms_max = 4'000; // a recording of more is only slow
constexpr size_t facts_max = 400;
constexpr size_t bytes_per_fact = 4;

/// A folder of this process, in memory where there is one.
class folder {
public:
  folder() {
    std::string name = std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
    name += "/switchboard-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      std::abort();
    }
    path_ = name;
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const char* name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

const char* const texts[] = {
    "",   "a",
    "b",  R"({"key":"1","version":1,"speaker":"user","text":"hi","startMs":1,"endMs":2})",
    "{}", R"({"key":"2","speaker":"assistant","startMs":-1e300})",
};

/// The journal that the input stands for.
audio::byte_buffer journal_of(const uint8_t* data, size_t size) {
  static constexpr uint8_t types[] = {1,  2,  3,  4,  5,  16, 17, 18, 19,
                                      20, 21, 22, 24, 25, 32, 48, 200};
  audio::byte_buffer out;
  storage::append_journal_header(out);
  const audio::byte_buffer sound(256 * 8, 0x10);
  uint64_t now_ms = 0;
  const auto facts = std::min(size / bytes_per_fact, facts_max);
  for (size_t i = 0; i < facts; ++i, data += bytes_per_fact) {
    storage::fact x;
    x.type = static_cast<storage::fact_type>(types[data[0] % sizeof(types)]);
    x.item = data[1] & 0x0f;
    x.flag = data[1] >> 7;
    x.offset_bytes = data[1];
    // Mostly onwards, now and then back, or where no call can be.
    now_ms = std::min(now_ms + data[2] % 64, call_ms_max);
    x.at_ms = data[2] < 192   ? now_ms
              : data[2] < 255 ? now_ms / 2
                              : limits::recording_ms_max + 1 + data[3];
    if (x.type == storage::fact_type::caller_audio || x.type == storage::fact_type::agent_audio) {
      x.bytes = audio::byte_view(sound).subview(0, data[3] * (data[1] >> 6));
    } else {
      x.bytes = std::string_view(texts[data[3] % std::size(texts)]);
    }
    storage::append_fact(out, x);
  }
  if (size % bytes_per_fact == 1) { // torn, by so much
    out.resize(out.size() - std::min<size_t>(out.size(), *data));
  }
  return out;
}

storage::result<storage::recording_row> seal(const folder& root) {
  storage::seal_request wanted;
  wanted.journal_path = root / "id.journal";
  wanted.storage_path = root.path();
  wanted.wav_path = "id.wav";
  wanted.call_id = "id";
  return storage::seal_recording(wanted);
}

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const folder root;
  const auto journal = journal_of(data, size);
  {
    std::ofstream file(root / "id.journal", std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(journal.data()),
               static_cast<std::streamsize>(journal.size()));
  }
  const auto past = storage::read_call_past(root.path(), "id");
  require(static_cast<bool>(past));
  const auto row = seal(root);
  require(static_cast<bool>(row) == (past->facts > 0));
  if (!row) {
    require(row.code() == storage::storage_error::corrupt);
    return 0;
  }
  require(row->duration_s * 1000 < static_cast<double>(call_ms_max + 256 * 4));
  std::string why;
  auto wav = audio::wav_reader::open(root / "id.wav", why);
  require(wav && wav->info().channels == 2);
  require(wav->info().duration_ms() == static_cast<uint64_t>(row->duration_s * 1000 + 0.5));
  require(seal(root)->sha256_hex == row->sha256_hex);
  return 0;
}
