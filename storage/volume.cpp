#include "storage/volume.hpp"

#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace switchboard::storage {

volume_state look_at_volume(const std::string& folder) {
  volume_state state;
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) == 0) {
    state.free_bytes = static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  }
  // Permissions, quotas and read-only mounts have too many ways to say no: a write tells.
  const auto path = folder + "/.switchboard-probe";
  auto file = posix::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file) {
    state.writable = posix::write_all(file->get(), "probe\n", 6) == 0;
    ::unlink(path.c_str());
  }
  return state;
}

} // namespace switchboard::storage
