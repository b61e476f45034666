#include "line_keys.h"

#include "generate.h"

#include <errno.h>
#include <string.h>

enum { LONGEST_MS = 8000, LEAST_BLOCKS = 7, EVENT_CODES = 16 };
static const float LEVEL_DBM0 = -9.0f;
static const uint64_t GONE_NS = 120u * 1000 * 1000; /* six packets of an event are missing */
static const char DIGITS[EVENT_CODES + 1] = "0123456789*#ABCD";

int line_keys_init(struct line_keys *keys) {
  memset(keys, 0, sizeof *keys);
  keys->sent = generator_new();
  keys->relayed = generator_new();
  return keys->sent && keys->relayed ? 0 : -ENOMEM;
}

void line_keys_free(struct line_keys *keys) {
  if (keys->sent) generator_free(keys->sent);
  if (keys->relayed) generator_free(keys->relayed);
  keys->sent = keys->relayed = NULL;
}

int line_keys_send(struct line_keys *keys, const char *digits, int on_ms, int off_ms,
                   float level_dbm0) {
  int error = generate_keys(keys->sent, digits, on_ms, off_ms, level_dbm0);
  if (!error) keys->is_sending = true;
  return error;
}

void line_keys_hear(struct line_keys *keys, const struct telephone_event *event,
                    uint32_t timestamp, uint64_t now_ns) {
  if (event->code >= EVENT_CODES) return;
  bool is_new = !keys->has_timestamp || (int32_t)(timestamp - keys->timestamp) > 0 ||
                now_ns - keys->heard_ns > 10 * GONE_NS;
  if (is_new) {
    char digit[2] = {DIGITS[event->code], 0};
    if (generate_keys(keys->relayed, digit, LONGEST_MS, 0, LEVEL_DBM0)) return;
    keys->has_timestamp = keys->is_relaying = true;
    keys->is_ending = false;
    keys->timestamp = timestamp;
    keys->relayed_blocks = 0;
  } else if (timestamp != keys->timestamp) {
    return; /* an old one, out of order */
  }
  if (event->is_end) keys->is_ending = true;
  keys->heard_ns = now_ns;
}

void line_keys_stop(struct line_keys *keys) {
  keys->is_sending = keys->is_relaying = keys->has_timestamp = false;
}

/* An event may be shorter than an exchange needs to hear it (Q.24: 40 ms). */
static bool relays(struct line_keys *keys, uint64_t now_ns) {
  bool is_over = keys->is_ending || now_ns - keys->heard_ns > GONE_NS;
  if (keys->is_relaying && is_over && keys->relayed_blocks >= LEAST_BLOCKS)
    keys->is_relaying = false;
  return keys->is_relaying;
}

enum line_keys_state line_keys_fill(struct line_keys *keys, int16_t *block, int count,
                                    uint64_t now_ns) {
  if (relays(keys, now_ns)) {
    keys->relayed_blocks++;
    generator_fill(keys->relayed, block, (size_t)count);
    return KEYS_SOUND;
  }
  if (!keys->is_sending) return KEYS_NONE;
  keys->is_sending = generator_fill(keys->sent, block, (size_t)count) == (size_t)count;
  return keys->is_sending ? KEYS_SOUND : KEYS_OVER;
}
