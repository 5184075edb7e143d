#pragma once

#include "tests/storage/write_faults.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <new>

namespace switchboard::test {

/// SQLite's file layer, of which writes fail (https://sqlite.org/vfs.html): a shim over the default
/// VFS that counts everything that changes a file or its name. All connections that are opened
/// while it lives go through it; they have to be closed before it ends.
class failing_vfs {
public:
  explicit failing_vfs(write_faults& faults) : faults_(faults), real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.zName = "switchboard-failing";
    vfs_.pNext = nullptr;
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
      return self(v).real_->xAccess(self(v).real_, name, flags, out);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
      return self(v).real_->xFullPathname(self(v).real_, name, size, out);
    };
    if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK)
      std::abort();
  }
  ~failing_vfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  failing_vfs(const failing_vfs&) = delete;
  failing_vfs& operator=(const failing_vfs&) = delete;

private:
  /// The real file lies behind it in the same block.
  struct file {
    sqlite3_file base;
    failing_vfs* owner;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static failing_vfs& self(sqlite3_vfs* v) { return *static_cast<failing_vfs*>(v->pAppData); }
  static file& of(sqlite3_file* f) { return *reinterpret_cast<file*>(f); }
  static bool strike(sqlite3_file* f) { return of(f).owner->faults_.strike(); }

  static int open(sqlite3_vfs* v, const char* name, sqlite3_file* at, int flags, int* out_flags) {
    auto& f = of(at);
    f.base.pMethods = nullptr;
    f.owner = &self(v);
    if ((flags & SQLITE_OPEN_READONLY) == 0 && self(v).faults_.strike())
      return SQLITE_CANTOPEN;
    const int done = self(v).real_->xOpen(self(v).real_, name, f.real(), flags, out_flags);
    if (f.real()->pMethods != nullptr)
      f.base.pMethods = methods();
    return done;
  }
  static int remove(sqlite3_vfs* v, const char* name, int sync) {
    if (self(v).faults_.strike())
      return SQLITE_IOERR_DELETE;
    return self(v).real_->xDelete(self(v).real_, name, sync);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods table = make_methods();
    return &table;
  }
  static sqlite3_io_methods make_methods() {
    sqlite3_io_methods m{};
    m.iVersion = 2; // with shared memory, for the write-ahead log; without memory mapping
    m.xClose = [](sqlite3_file* f) { return of(f).real()->pMethods->xClose(of(f).real()); };
    m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 from) {
      return of(f).real()->pMethods->xRead(of(f).real(), to, size, from);
    };
    m.xWrite = [](sqlite3_file* f, const void* data, int size, sqlite3_int64 to) {
      if (strike(f)) { // half of it is there, as on a disk that is full
        of(f).real()->pMethods->xWrite(of(f).real(), data, size / 2, to);
        return SQLITE_FULL;
      }
      return of(f).real()->pMethods->xWrite(of(f).real(), data, size, to);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      return strike(f) ? SQLITE_IOERR_TRUNCATE
                       : of(f).real()->pMethods->xTruncate(of(f).real(), size);
    };
    m.xSync = [](sqlite3_file* f, int flags) {
      return strike(f) ? SQLITE_IOERR_FSYNC : of(f).real()->pMethods->xSync(of(f).real(), flags);
    };
    add_reading(m);
    add_shared_memory(m);
    return m;
  }
  static void add_reading(sqlite3_io_methods& m) {
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* out) {
      return of(f).real()->pMethods->xFileSize(of(f).real(), out);
    };
    m.xLock = [](sqlite3_file* f, int level) {
      return of(f).real()->pMethods->xLock(of(f).real(), level);
    };
    m.xUnlock = [](sqlite3_file* f, int level) {
      return of(f).real()->pMethods->xUnlock(of(f).real(), level);
    };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), out);
    };
    m.xFileControl = [](sqlite3_file* f, int what, void* arg) {
      return of(f).real()->pMethods->xFileControl(of(f).real(), what, arg);
    };
    m.xSectorSize = [](sqlite3_file* f) {
      return of(f).real()->pMethods->xSectorSize(of(f).real());
    };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
      return of(f).real()->pMethods->xDeviceCharacteristics(of(f).real());
    };
  }
  static void add_shared_memory(sqlite3_io_methods& m) {
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      if (extend != 0 && strike(f))
        return SQLITE_IOERR_SHMSIZE;
      return of(f).real()->pMethods->xShmMap(of(f).real(), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return of(f).real()->pMethods->xShmLock(of(f).real(), offset, n, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { of(f).real()->pMethods->xShmBarrier(of(f).real()); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) {
      return of(f).real()->pMethods->xShmUnmap(of(f).real(), remove);
    };
  }

  write_faults& faults_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
};

} // namespace switchboard::test
