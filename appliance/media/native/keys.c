#include "keys.h"

enum { LONGEST_SEGMENT = 0xffff, EVENT_CODES = 17 }; /* the last is the flash of a hook */
static const uint64_t FORGET_NS = 10ull * 1000 * 1000 * 1000;
static const char DIGITS[EVENT_CODES + 1] = "0123456789*#ABCD!";

static int finish(struct keys *keys, struct key_press *press) {
  if (!keys->is_open) return 0;
  keys->is_open = false;
  press->digit = DIGITS[keys->code];
  press->duration = keys->earlier_segments + keys->duration;
  return 1;
}

static bool is_next_segment(const struct keys *keys, uint32_t timestamp, uint8_t code) {
  return keys->is_open && keys->code == code && keys->duration == LONGEST_SEGMENT &&
         timestamp - keys->timestamp == LONGEST_SEGMENT;
}

static bool is_outdated(const struct keys *keys, const struct rtp_header *header, uint64_t now_ns) {
  return keys->is_known && keys->ssrc == header->ssrc && now_ns - keys->heard_ns < FORGET_NS &&
         (int32_t)(header->timestamp - keys->timestamp) < 0;
}

int keys_hear(struct keys *keys, const struct rtp_header *header,
              const struct telephone_event *event, uint64_t now_ns,
              struct key_press presses[KEYS_AT_ONCE]) {
  int whole = 0;
  if (event->code >= EVENT_CODES || is_outdated(keys, header, now_ns)) return 0;
  bool is_same = keys->is_known && keys->ssrc == header->ssrc &&
                 keys->timestamp == header->timestamp;
  if (!is_same) {
    if (is_next_segment(keys, header->timestamp, event->code)) {
      keys->earlier_segments += LONGEST_SEGMENT;
    } else {
      whole = finish(keys, presses);
      keys->earlier_segments = 0;
      keys->code = event->code;
      keys->is_known = keys->is_open = true;
    }
    keys->ssrc = header->ssrc;
    keys->timestamp = header->timestamp;
    keys->duration = 0;
  }
  if (event->duration > keys->duration) keys->duration = event->duration;
  keys->heard_ns = now_ns;
  return event->is_end ? whole + finish(keys, presses + whole) : whole;
}

bool keys_expire(struct keys *keys, uint64_t now_ns, struct key_press *press) {
  return keys->is_open && now_ns - keys->heard_ns > KEY_GAP_NS && finish(keys, press) == 1;
}
