#include "http/openapi.hpp"

namespace switchboard::http {

const char* const openapi_components = R"json({
"securitySchemes":{
  "token":{"type":"http","scheme":"bearer","description":"One of API_TOKENS; none is needed where none is configured."},
  "eventToken":{"type":"apiKey","in":"query","name":"access_token"},
  "twilio":{"type":"apiKey","in":"header","name":"X-Twilio-Signature"},
  "urlSignature":{"type":"apiKey","in":"query","name":"signature","description":"With expires, as in fileUrl."}
},
"headers":{
  "RequestId":{"required":true,"schema":{"type":"string","minLength":1,"maxLength":128}},
  "ETag":{"required":true,"schema":{"type":"string","pattern":"^\"[0-9a-f]{32}\"$"}},
  "NoSniff":{"required":true,"schema":{"const":"nosniff"}},
  "Allow":{"required":true,"schema":{"type":"string"}},
  "RetryAfter":{"required":true,"schema":{"type":"string","pattern":"^[0-9]+$"}},
  "Challenge":{"required":true,"schema":{"type":"string"}}
},
"parameters":{
  "id":{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
  "startDate":{"name":"startDate","in":"query","description":"Created at or after; ISO 8601. What is no date is ignored.","schema":{"type":"string"}},
  "endDate":{"name":"endDate","in":"query","description":"Created at or before; ISO 8601. What is no date is ignored.","schema":{"type":"string"}}
},
"responses":{
  "BadRequest":{"description":"A parameter or the body is not valid.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "Unauthorized":{"description":"No valid token.","headers":{"WWW-Authenticate":{"$ref":"#/components/headers/Challenge"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "Forbidden":{"description":"The token may only read, or the signature is wrong.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "NotFound":{"description":"No such thing.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "Conflict":{"description":"Not in this state of the call.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "TooLarge":{"description":"A body over 102,400 bytes.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "TooMany":{"description":"Too many requests with this token.","headers":{"Retry-After":{"$ref":"#/components/headers/RetryAfter"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "Unavailable":{"description":"Busy, draining, or the database does not answer.","headers":{"Retry-After":{"$ref":"#/components/headers/RetryAfter"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "UpgradeRequired":{"description":"This path is a WebSocket.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
  "TwiML":{"description":"What the carrier does next; also after a failure.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"}},"content":{"text/xml":{"schema":{"type":"string","pattern":"<Response>"}}}},
  "Taken":{"description":"Taken note of.","headers":{"X-Request-Id":{"$ref":"#/components/headers/RequestId"}},"content":{"text/plain":{"schema":{"const":"OK"}}}}
},
"schemas":{
  "Error":{"type":"object","additionalProperties":false,"required":["message","code"],"properties":{"message":{"type":"string","minLength":1},"code":{"type":"string","pattern":"^[A-Z][A-Z0-9_]*$"}}},
  "Instant":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"},
  "InstantOrNull":{"oneOf":[{"$ref":"#/components/schemas/Instant"},{"type":"null"}]},
  "Uuid":{"type":"string","pattern":"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
  "Health":{"type":"object","additionalProperties":false,"required":["status","uptime","version","activeCalls","draining"],"properties":{"status":{"const":"ok"},"uptime":{"type":"number","minimum":0},"version":{"type":"string"},"activeCalls":{"type":"integer","minimum":0},"draining":{"type":"boolean"}}},
  "Ready":{"type":"object","additionalProperties":false,"required":["status"],"properties":{"status":{"const":"ready"}}},
  "Call":{"type":"object","additionalProperties":false,
    "required":["id","streamSid","callSid","caller","agent","startTime","endTime","duration","status","notes","createdAt","updatedAt"],
    "properties":{"id":{"type":"string","minLength":1},"streamSid":{"type":["string","null"]},"callSid":{"type":"string"},"caller":{"type":"string"},"agent":{"type":"string"},
      "startTime":{"$ref":"#/components/schemas/Instant"},"endTime":{"$ref":"#/components/schemas/InstantOrNull"},"duration":{"type":["integer","null"],"description":"seconds"},
      "status":{"enum":["active","completed","failed"]},"notes":{"type":["string","null"]},"createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"}}},
  "CallDetails":{"type":"object","additionalProperties":false,
    "required":["id","streamSid","callSid","caller","agent","startTime","endTime","duration","status","notes","createdAt","updatedAt","recordings","transcripts","analytics","metadata"],
    "properties":{"id":{"type":"string","minLength":1},"streamSid":{"type":["string","null"]},"callSid":{"type":"string"},"caller":{"type":"string"},"agent":{"type":"string"},
      "startTime":{"$ref":"#/components/schemas/Instant"},"endTime":{"$ref":"#/components/schemas/InstantOrNull"},"duration":{"type":["integer","null"],"description":"seconds"},
      "status":{"enum":["active","completed","failed"]},"notes":{"type":["string","null"]},"createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"},
      "recordings":{"type":"array","items":{"$ref":"#/components/schemas/Recording"}},
      "transcripts":{"type":"array","description":"oldest first","items":{"$ref":"#/components/schemas/Transcript"}},
      "analytics":{"type":"array","description":"oldest first","items":{"$ref":"#/components/schemas/Analytics"}},
      "metadata":{"oneOf":[{"$ref":"#/components/schemas/CallMetadata"},{"type":"null"}]}}},
  "Recording":{"type":"object","additionalProperties":false,
    "required":["id","callId","filePath","fileUrl","format","codec","sampleRate","channels","duration","sizeBytes","createdAt","updatedAt"],
    "properties":{"id":{"type":"string","minLength":1},"callId":{"type":"string"},"filePath":{"type":"string","description":"relative to the storage path","pattern":"^[^/]"},
      "fileUrl":{"type":"string","description":"signed; an audio element plays it without a header","pattern":"^https?://.*signature="},
      "format":{"const":"wav"},"codec":{"const":"pcm"},"sampleRate":{"type":"integer"},"channels":{"enum":[1,2]},"duration":{"type":"number","minimum":0},"sizeBytes":{"type":"integer","minimum":0},
      "createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"}}},
  "Transcript":{"type":"object","additionalProperties":false,
    "required":["id","callId","speaker","text","confidence","startTime","endTime","createdAt","updatedAt"],
    "properties":{"id":{"type":"string","minLength":1},"callId":{"type":"string"},"speaker":{"enum":["user","assistant"]},"text":{"type":"string"},
      "confidence":{"type":["number","null"],"minimum":0,"maximum":1},"startTime":{"type":"number","description":"seconds from the start of the call"},"endTime":{"type":["number","null"]},
      "createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"}}},
  "Analytics":{"type":"object","additionalProperties":false,
    "required":["id","callId","sentiment","sentimentScore","talkTime","silenceTime","interruptions","averageLatency","metrics","snapshotTime","createdAt","updatedAt"],
    "properties":{"id":{"type":"string","minLength":1},"callId":{"type":"string"},"sentiment":{"type":["string","null"]},"sentimentScore":{"type":["number","null"],"minimum":-1,"maximum":1},
      "talkTime":{"type":["number","null"],"description":"seconds"},"silenceTime":{"type":["number","null"],"description":"seconds"},"interruptions":{"type":["integer","null"]},
      "averageLatency":{"type":["number","null"],"description":"milliseconds"},"metrics":{"type":["string","null"],"description":"a JSON text; the last one may have a summary"},
      "snapshotTime":{"$ref":"#/components/schemas/Instant"},"createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"}}},
  "CallMetadata":{"type":"object","additionalProperties":false,
    "required":["id","callId","language","region","deviceType","networkQuality","customData","createdAt","updatedAt"],
    "properties":{"id":{"type":"string","minLength":1},"callId":{"type":"string"},"language":{"type":["string","null"]},"region":{"type":["string","null"]},"deviceType":{"type":["string","null"]},
      "networkQuality":{"type":["string","null"]},"customData":{"type":["string","null"],"description":"a JSON text"},"createdAt":{"$ref":"#/components/schemas/Instant"},"updatedAt":{"$ref":"#/components/schemas/Instant"}}},
  "CallPage":{"type":"object","additionalProperties":false,"required":["data","pagination"],"properties":{
    "data":{"type":"array","maxItems":100,"items":{"$ref":"#/components/schemas/CallDetails"}},
    "pagination":{"type":"object","additionalProperties":false,"required":["total","limit","offset","hasMore"],"properties":{"total":{"type":"integer","minimum":0},"limit":{"type":"integer","minimum":1,"maximum":100},"offset":{"type":"integer","minimum":0},"hasMore":{"type":"boolean"}}}}},
  "OneCall":{"type":"object","additionalProperties":false,"required":["data"],"properties":{"data":{"$ref":"#/components/schemas/CallDetails"}}},
  "NotesAdded":{"type":"object","additionalProperties":false,"required":["message","data"],"properties":{"message":{"const":"Notes added successfully"},"data":{"$ref":"#/components/schemas/Call"}}},
  "HangupRequested":{"type":"object","additionalProperties":false,"required":["message"],"properties":{"message":{"const":"Hangup requested"}}},
  "Figures":{"type":"object","additionalProperties":false,"required":["data"],"properties":{"data":{"type":"object","additionalProperties":false,"required":["aggregates","timeSeries"],"properties":{
    "aggregates":{"type":"object","additionalProperties":false,"required":["totalCalls","averageDuration","callsByStatus","sentimentBreakdown"],"properties":{
      "totalCalls":{"type":"integer","minimum":0},"averageDuration":{"type":["number","null"]},
      "callsByStatus":{"type":"object","propertyNames":{"enum":["active","completed","failed"]},"additionalProperties":{"type":"integer","minimum":1}},
      "sentimentBreakdown":{"type":"object","additionalProperties":{"type":"integer","minimum":1}}}},
    "timeSeries":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["timestamp","callCount","averageDuration"],"properties":{"timestamp":{"$ref":"#/components/schemas/Instant"},"callCount":{"type":"integer","minimum":1},"averageDuration":{"type":["number","null"]}}}}}}}},
  "Note":{"type":"object","required":["notes"],"properties":{"notes":{"type":"string","minLength":1}}}
}
})json";

} // namespace switchboard::http
