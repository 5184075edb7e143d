#include "http/openapi.hpp"

namespace switchboard::http {

const char* const openapi_paths = R"json({
"/health":{
  "get":{
    "operationId":"health",
    "security":[],
    "responses":{
      "200":{"description":"The process lives.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Health"}}}}}}},
"/ready":{
  "get":{
    "operationId":"ready",
    "security":[],
    "responses":{
      "200":{"description":"Takes calls.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Ready"}}}},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/openapi.json":{
  "get":{
    "operationId":"openapi",
    "security":[],
    "responses":{
      "200":{"description":"This document.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"type":"object","required":["openapi","paths"]}}}}}}},
"/metrics":{
  "get":{
    "operationId":"metrics",
    "responses":{
      "200":{"description":"Prometheus' text format.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"}},"content":{"text/plain":{"schema":{"type":"string","pattern":"# TYPE "}}}},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"}}}},
"/api/calls":{
  "get":{
    "operationId":"listCalls",
    "description":"Newest first, stable.",
    "parameters":[
      {"name":"limit","in":"query","description":"Default 10, clamped to 1..100; 0 and what is no number are 10, leading digits count.","schema":{"type":"string"}},
      {"name":"offset","in":"query","description":"At least 0; beyond 64 bit INVALID_OFFSET.","schema":{"type":"string"}},
      {"name":"caller","in":"query","description":"Substring, ASCII case-insensitive, no wildcards.","schema":{"type":"string"}},
      {"name":"agent","in":"query","description":"As caller.","schema":{"type":"string"}},
      {"name":"sentiment","in":"query","description":"Of any snapshot; case-insensitive.","schema":{"type":"string"}},
      {"name":"status","in":"query","description":"Exactly; else INVALID_STATUS.","schema":{"enum":["","active","completed","failed"]}},
      {"name":"q","in":"query","description":"Words in transcripts and notes; all have to be found.","schema":{"type":"string"}},
      {"$ref":"#/components/parameters/startDate"},
      {"$ref":"#/components/parameters/endDate"}],
    "responses":{
      "200":{"description":"A page of calls.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/CallPage"}}}},
      "400":{"$ref":"#/components/responses/BadRequest"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/calls/{id}":{
  "parameters":[{"$ref":"#/components/parameters/id"}],
  "delete":{
    "operationId":"eraseCall",
    "description":"The call with all that belongs to it, recording included.",
    "responses":{
      "204":{"description":"Nothing is left of it.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"}}},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "403":{"$ref":"#/components/responses/Forbidden"},
      "404":{"$ref":"#/components/responses/NotFound"},
      "409":{"$ref":"#/components/responses/Conflict"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}},
  "get":{
    "operationId":"getCall",
    "responses":{
      "200":{"description":"The call with its relations.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/OneCall"}}}},
      "404":{"$ref":"#/components/responses/NotFound"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/calls/{id}/recording":{
  "parameters":[{"$ref":"#/components/parameters/id"}],
  "get":{
    "operationId":"getRecording",
    "security":[{"token":[]},{"urlSignature":[]}],
    "parameters":[
      {"name":"download","in":"query","description":"true: Content-Disposition says attachment.","schema":{"type":"string"}},
      {"name":"Range","in":"header","schema":{"type":"string"}}],
    "responses":{
      "200":{"description":"The WAV.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"Accept-Ranges":{"required":true,"schema":{"const":"bytes"}},"ETag":{"required":true,"schema":{"type":"string"}}},"content":{"audio/wav":{"schema":{"type":"string","contentMediaType":"audio/wav"}}}},
      "206":{"description":"A part of it.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"Accept-Ranges":{"required":true,"schema":{"const":"bytes"}},"ETag":{"required":true,"schema":{"type":"string"}},"Content-Range":{"required":true,"schema":{"type":"string","pattern":"^bytes "}}},"content":{"audio/wav":{"schema":{"type":"string","contentMediaType":"audio/wav"}}}},
      "416":{"$ref":"#/components/responses/BadRequest"},
      "404":{"$ref":"#/components/responses/NotFound"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/calls/{id}/notes":{
  "parameters":[{"$ref":"#/components/parameters/id"}],
  "post":{
    "operationId":"setNotes",
    "description":"Replaces the note.",
    "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Note"}},"application/x-www-form-urlencoded":{"schema":{"$ref":"#/components/schemas/Note"}}}},
    "responses":{
      "200":{"description":"The call, without relations.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NotesAdded"}}}},
      "400":{"$ref":"#/components/responses/BadRequest"},
      "403":{"$ref":"#/components/responses/Forbidden"},
      "404":{"$ref":"#/components/responses/NotFound"},
      "413":{"$ref":"#/components/responses/TooLarge"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/calls/{id}/hangup":{
  "parameters":[{"$ref":"#/components/parameters/id"}],
  "post":{
    "operationId":"hangUp",
    "responses":{
      "202":{"description":"The call will end.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/HangupRequested"}}}},
      "403":{"$ref":"#/components/responses/Forbidden"},
      "404":{"$ref":"#/components/responses/NotFound"},
      "409":{"$ref":"#/components/responses/Conflict"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/analytics":{
  "get":{
    "operationId":"analytics",
    "parameters":[
      {"name":"interval","in":"query","description":"Weeks start on Sunday, UTC; else INVALID_INTERVAL.","schema":{"enum":["","hour","day","week"],"default":"day"}},
      {"$ref":"#/components/parameters/startDate"},
      {"$ref":"#/components/parameters/endDate"}],
    "responses":{
      "200":{"description":"Sums, and a series without empty buckets.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"},"ETag":{"$ref":"#/components/headers/ETag"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Figures"}}}},
      "400":{"$ref":"#/components/responses/BadRequest"},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/api/status":{
  "get":{
    "operationId":"events",
    "security":[{"token":[]},{"eventToken":[]}],
    "description":"Server-sent events: connected, the last 100 updates, then live ones.",
    "parameters":[
      {"name":"Last-Event-ID","in":"header","schema":{"type":"string"}}],
    "responses":{
      "200":{"description":"A stream that does not end.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"},"X-Content-Type-Options":{"$ref":"#/components/headers/NoSniff"}},"content":{"text/event-stream":{"schema":{"type":"string"}}}},
      "401":{"$ref":"#/components/responses/Unauthorized"},
      "429":{"$ref":"#/components/responses/TooMany"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}},
"/twilio/incoming-call":{
  "post":{
    "operationId":"incomingCall",
    "security":[{"twilio":[]}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"CallSid":{"type":"string"}}}}}},
    "responses":{
      "200":{"$ref":"#/components/responses/TwiML"},
      "403":{"$ref":"#/components/responses/Forbidden"}}}},
"/twilio/call-status":{
  "post":{
    "operationId":"callStatus",
    "security":[{"twilio":[]}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"CallSid":{"type":"string"}}}}}},
    "responses":{
      "200":{"$ref":"#/components/responses/Taken"},
      "403":{"$ref":"#/components/responses/Forbidden"}}}},
"/twilio/stream-ended":{
  "post":{
    "operationId":"streamEnded",
    "security":[{"twilio":[]}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"CallSid":{"type":"string"}}}}}},
    "responses":{
      "200":{"$ref":"#/components/responses/TwiML"},
      "403":{"$ref":"#/components/responses/Forbidden"}}}},
"/twilio/dial-ended":{
  "post":{
    "operationId":"dialEnded",
    "security":[{"twilio":[]}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"CallSid":{"type":"string"}}}}}},
    "responses":{
      "200":{"$ref":"#/components/responses/TwiML"},
      "403":{"$ref":"#/components/responses/Forbidden"}}}},
"/twilio/stream-status":{
  "post":{
    "operationId":"streamStatus",
    "security":[{"twilio":[]}],
    "requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"CallSid":{"type":"string"}}}}}},
    "responses":{
      "200":{"$ref":"#/components/responses/Taken"},
      "403":{"$ref":"#/components/responses/Forbidden"}}}},
"/streams":{
  "get":{
    "operationId":"mediaStream",
    "security":[{"twilio":[]}],
    "description":"A WebSocket in Twilio's Media Streams protocol; the ticket of the TwiML comes in start.",
    "responses":{
      "101":{"description":"The stream begins."},
      "403":{"$ref":"#/components/responses/Forbidden"},
      "426":{"$ref":"#/components/responses/UpgradeRequired"},
      "503":{"$ref":"#/components/responses/Unavailable"}}}}
})json";

} // namespace switchboard::http
