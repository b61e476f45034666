#include "recorder.h"

#include "line_g711.h"

#include <string.h>

enum { PCMU = 0, PCMA = 8, MOST_MISORDER = 100, SAMPLE_NS = 125000 };

void recorder_begin(struct recorder *recorder) {
  *recorder = (struct recorder){.is_running = true};
}

void recorder_stop(struct recorder *recorder) { recorder->is_running = false; }

/* Up to here there is silence, until something is laid over it. */
static void extend(struct recorder *r, int64_t end) {
  int64_t from = end - RECORD_RING > r->end ? end - RECORD_RING : r->end;
  while (from < end) {
    int64_t at = from % RECORD_RING, part = RECORD_RING - at;
    if (part > end - from) part = end - from;
    memset(r->ring + at, RECORD_SILENCE, (size_t)part);
    from += part;
  }
  r->end = end;
  if (end - r->taken <= RECORD_KEPT) return;
  r->lost += (uint64_t)(end - r->taken - RECORD_KEPT);
  r->taken = end - RECORD_KEPT;
}

/* Only over silence: what was there first stays. */
static void lay(struct recorder *r, int64_t at, int payload_type, const uint8_t *payload,
                int64_t size) {
  if (at + size > r->end) extend(r, at + size);
  for (int64_t i = at < r->taken ? r->taken - at : 0; i < size; i++) {
    uint8_t *octet = &r->ring[(at + i) % RECORD_RING];
    if (*octet != RECORD_SILENCE) continue;
    *octet = payload_type == PCMA ? payload[i] : alaw_encode(ulaw_decode(payload[i]));
  }
}

static int64_t samples_since(uint64_t then_ns, uint64_t now_ns) {
  return now_ns > then_ns ? (int64_t)((now_ns - then_ns) / SAMPLE_NS) : 0;
}

/* Where a source goes on whose timestamps say nothing: after the pause that there was, if any. */
static int64_t behind(const struct recorder *r, int64_t size, uint64_t now_ns) {
  int64_t pause = r->end ? samples_since(r->heard_ns, now_ns) - size : 0;
  return r->end + (pause > RECORD_REORDER ? pause : 0);
}

/* Later in the row than what was newest, or of another row. */
static bool is_newer(const struct recorder *r, const struct rtp_header *header) {
  uint16_t step = (uint16_t)(header->sequence_number - r->sequence_number);
  return step > 0 && step <= UINT16_MAX - MOST_MISORDER;
}

/* The far end began anew: nothing that is only late or early could be there. */
static bool is_jump(const struct recorder *r, int64_t at, int64_t size, bool is_new, int64_t most) {
  if (at > r->end + RECORD_REORDER) return at + size > most;
  return is_new && at + size <= r->end - RECORD_REORDER;
}

void recorder_hear_rtp(struct recorder *r, const struct rtp_header *header, const uint8_t *payload,
                       size_t size, uint64_t now_ns) {
  int payload_type = header->payload_type;
  int64_t count = (int64_t)size;
  if (!r->is_running || size == 0 || (payload_type != PCMU && payload_type != PCMA)) return;
  if (!r->has_source) r->began_ns = now_ns;
  int64_t most = samples_since(r->began_ns, now_ns) + RECORD_FORERUN;
  int64_t at = r->position + (int32_t)(header->timestamp - r->timestamp);
  bool is_other = !r->has_source || r->ssrc != header->ssrc, is_new = is_newer(r, header);
  if (is_other || is_jump(r, at, count, is_new, most)) {
    at = behind(r, count, now_ns);
    is_new = true;
  }
  if (at + count > most) return; /* faster than time */
  lay(r, at, payload_type, payload, count);
  r->heard_ns = now_ns;
  r->has_source = true;
  if (!is_new) return;
  r->ssrc = header->ssrc;
  r->position = at;
  r->timestamp = header->timestamp;
  r->sequence_number = header->sequence_number;
}

void recorder_hear(struct recorder *r, const int16_t *samples, size_t count) {
  if (!r->is_running) return;
  int64_t at = r->end;
  extend(r, at + (int64_t)count);
  for (size_t i = 0; i < count; i++)
    r->ring[(at + (int64_t)i) % RECORD_RING] = alaw_encode(samples[i]);
}

static int64_t settled(const struct recorder *r, uint64_t now_ns) {
  bool is_quiet = samples_since(r->heard_ns, now_ns) >= RECORD_REORDER;
  return r->is_running && !is_quiet ? r->end - RECORD_REORDER : r->end;
}

size_t recorder_take(struct recorder *r, uint8_t *octets, size_t room, uint64_t now_ns) {
  int64_t ready = settled(r, now_ns) - r->taken;
  if (ready <= 0) return 0;
  size_t count = (size_t)ready < room ? (size_t)ready : room;
  size_t at = (size_t)(r->taken % RECORD_RING), first = RECORD_RING - at;
  if (first > count) first = count;
  memcpy(octets, r->ring + at, first);
  memcpy(octets + first, r->ring, count - first);
  r->taken += (int64_t)count;
  return count;
}
