#pragma once

#include "tests/storage/temporary_directory.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace switchboard::test {

/// A database as Prisma made it for the old system, with two calls. 2024-05-06T07:08:09.123Z is
/// 1714979289123 (date -ud 2024-05-06T07:08:09 +%s).
struct old_system {
  explicit old_system(std::string file) : path(std::move(file)) {
    sql(R"sql(
CREATE TABLE "Call" ("id" TEXT NOT NULL PRIMARY KEY, "streamSid" TEXT NOT NULL,
  "callSid" TEXT NOT NULL,
  "caller" TEXT NOT NULL, "agent" TEXT NOT NULL,
  "startTime" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "endTime" DATETIME, "duration" INTEGER, "status" TEXT NOT NULL DEFAULT 'active', "notes" TEXT,
  "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" DATETIME NOT NULL);
CREATE TABLE "Recording" ("id" TEXT NOT NULL PRIMARY KEY, "callId" TEXT NOT NULL,
  "filePath" TEXT NOT NULL,
  "format" TEXT, "codec" TEXT, "sampleRate" INTEGER, "channels" INTEGER, "duration" REAL,
  "sizeBytes" INTEGER, "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL);
CREATE TABLE "Transcript" ("id" TEXT NOT NULL PRIMARY KEY, "callId" TEXT NOT NULL,
  "speaker" TEXT NOT NULL,
  "text" TEXT NOT NULL, "confidence" REAL, "startTime" REAL NOT NULL, "endTime" REAL,
  "createdAt" DATETIME NOT NULL, "updatedAt" DATETIME NOT NULL);
CREATE TABLE "Analytics" ("id" TEXT NOT NULL PRIMARY KEY, "callId" TEXT NOT NULL, "sentiment" TEXT,
  "sentimentScore" REAL, "talkTime" REAL, "silenceTime" REAL, "interruptions" INTEGER,
  "averageLatency" REAL,
  "metrics" TEXT, "snapshotTime" DATETIME NOT NULL, "createdAt" DATETIME NOT NULL,
  "updatedAt" DATETIME NOT NULL);
CREATE TABLE "CallMetadata" ("id" TEXT NOT NULL PRIMARY KEY, "callId" TEXT NOT NULL,
  "language" TEXT,
  "region" TEXT, "deviceType" TEXT, "networkQuality" TEXT, "customData" TEXT,
  "createdAt" DATETIME NOT NULL,
  "updatedAt" DATETIME NOT NULL);
)sql");
  }

  void sql(const std::string& text) const {
    SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(text);
  }

  /// The two calls, every instant written as `at` (SQL: a number or a quoted text).
  void fill(const std::string& at) const {
    sql("INSERT INTO Call VALUES ('clw1a2b3c4d5', 'MZ1', 'CA1', '+1555', 'sales', " + at + ", " +
        at + ", 62, 'completed', 'old note', " + at + ", " + at + ");" +
        "INSERT INTO Call VALUES ('0b8b6c1e-1111-4222-8333-444455556666', 'MZ2', 'CA2', '+1556', "
        "'sales', " +
        at + ", NULL, NULL, 'active', NULL, " + at + ", " + at + ");" +
        "INSERT INTO Recording VALUES ('rec1', 'clw1a2b3c4d5', 'recordings/one.wav', 'wav', 'pcm', "
        "16000, 2,"
        " 61.5, 99, " +
        at + ", " + at + ");" +
        "INSERT INTO Transcript VALUES ('t1', 'clw1a2b3c4d5', 'user', 'a purple umbrella', 0.9, "
        "1.5, 2.5, " +
        at + ", " + at + ");" +
        "INSERT INTO Transcript VALUES ('t2', 'clw1a2b3c4d5', 'assistant', 'certainly', NULL, 3, "
        "NULL, " +
        at + ", " + at + ");" +
        "INSERT INTO Analytics VALUES ('a1', 'clw1a2b3c4d5', 'positive', 0.5, 30, 31.5, 2, 410.5, "
        "'{}', " +
        at + ", " + at + ", " + at + ");" +
        "INSERT INTO CallMetadata VALUES ('m1', 'clw1a2b3c4d5', 'en', 'EU', NULL, 'good', "
        "'{\"a\":1}', " +
        at + ", " + at + ")");
  }

  static std::vector<uint8_t> wav() {
    const std::string text = "RIFF\x01\x01\x01\x01WAVEdata and so on";
    return {text.begin(), text.end()};
  }

  static constexpr int64_t instant = 1714979289123;
  std::string path;
};

} // namespace switchboard::test
