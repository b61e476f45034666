#include "line_keys.h"

#include "generate.h"

#include <errno.h>
#include <string.h>

/* Q.24: an exchange may need 40 ms of each. */
enum { LONGEST_MS = 8000, LEAST_BLOCKS = 7, LEAST_REST = 5, LONGEST_SEGMENT = 0xffff };
enum { RELAYED, SENT, ECHO_BLOCKS = 40 }; /* 300 ms of delay, and until a key is found */
static const float LEVEL_DBM0 = -9.0f;
static const uint64_t GONE_NS = 120u * 1000 * 1000; /* six packets of an event are missing */
static const char DIGITS[KEYS_CODES + 1] = "0123456789*#ABCD";

static uint16_t bits_of(const char *digits) {
  unsigned bits = 0;
  for (int code = 0; code < KEYS_CODES; code++)
    if (strchr(digits, DIGITS[code])) bits |= 1u << code;
  return (uint16_t)bits;
}

int line_keys_init(struct line_keys *keys) {
  memset(keys, 0, sizeof *keys);
  keys->sent = generator_new();
  keys->relayed = generator_new();
  keys->rested_blocks = LEAST_REST;
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
  if (error) return error;
  keys->is_sending = true;
  keys->sounding[SENT] = bits_of(digits);
  return 0;
}

/* RFC 4733 §2.5.1.3: what is longer than its field goes on under another timestamp. */
static bool is_next_segment(const struct line_keys *keys, uint32_t timestamp, uint8_t code) {
  return keys->has_timestamp && !keys->is_ending && code == keys->code &&
         timestamp - keys->timestamp == LONGEST_SEGMENT;
}

static bool is_new_event(const struct line_keys *keys, const struct rtp_header *header,
                         uint64_t now_ns) {
  return !keys->has_timestamp || keys->ssrc != header->ssrc ||
         (int32_t)(header->timestamp - keys->timestamp) > 0 || now_ns - keys->heard_ns > 10 * GONE_NS;
}

void line_keys_hear(struct line_keys *keys, const struct rtp_header *header,
                    const struct telephone_event *event, uint64_t now_ns) {
  if (event->code >= KEYS_CODES) return;
  if (is_new_event(keys, header, now_ns)) {
    if (!is_next_segment(keys, header->timestamp, event->code)) {
      if (keys->waiting_count == KEYS_WAITING) return;
      unsigned place = (keys->waiting_at + keys->waiting_count++) % KEYS_WAITING;
      keys->waiting[place] = DIGITS[event->code];
    }
    keys->has_timestamp = true;
    keys->is_ending = false;
    keys->ssrc = header->ssrc;
    keys->timestamp = header->timestamp;
    keys->code = event->code;
  } else if (header->timestamp != keys->timestamp) {
    return; /* an old one, out of order */
  }
  if (event->is_end) keys->is_ending = true;
  keys->heard_ns = now_ns;
}

void line_keys_part(struct line_keys *keys) {
  keys->is_relaying = keys->has_timestamp = false;
  keys->waiting_count = 0;
}

void line_keys_stop(struct line_keys *keys) {
  line_keys_part(keys);
  keys->is_sending = false;
}

/* An event may be shorter than an exchange needs to hear it; one that another waits behind is over. */
static void end_relayed(struct line_keys *keys, uint64_t now_ns) {
  bool is_over = keys->waiting_count || keys->is_ending || now_ns - keys->heard_ns > GONE_NS;
  if (!keys->is_relaying || !is_over || keys->relayed_blocks < LEAST_BLOCKS) return;
  keys->is_relaying = false;
  keys->rested_blocks = 0;
}

static void begin_relayed(struct line_keys *keys) {
  char digit[2] = {keys->waiting[keys->waiting_at], 0};
  keys->waiting_at = (keys->waiting_at + 1) % KEYS_WAITING;
  keys->waiting_count--;
  keys->relayed_blocks = 0;
  keys->sounding[RELAYED] = bits_of(digit);
  keys->is_relaying = !generate_keys(keys->relayed, digit, LONGEST_MS, 0, LEVEL_DBM0);
}

static void note_said(struct line_keys *keys, int which) {
  for (int code = 0; code < KEYS_CODES; code++)
    if (keys->sounding[which] >> code & 1) keys->said_at[code] = keys->blocks;
}

bool line_keys_is_echo(const struct line_keys *keys, char digit) {
  const char *at = digit ? strchr(DIGITS, digit) : NULL;
  uint64_t said_at = at ? keys->said_at[at - DIGITS] : 0;
  return said_at && keys->blocks - said_at < ECHO_BLOCKS;
}

enum line_keys_state line_keys_fill(struct line_keys *keys, int16_t *block, int count,
                                    uint64_t now_ns) {
  keys->blocks++;
  end_relayed(keys, now_ns);
  bool has_next = keys->waiting_count || keys->is_sending;
  if (!keys->is_relaying && keys->rested_blocks < LEAST_REST) {
    keys->rested_blocks++;
    if (!has_next) return KEYS_NONE;
    memset(block, 0, (size_t)count * sizeof *block);
    return KEYS_SOUND;
  }
  if (!keys->is_relaying && !keys->is_sending && keys->waiting_count) begin_relayed(keys);
  if (keys->is_relaying) {
    keys->relayed_blocks++;
    note_said(keys, RELAYED);
    generator_fill(keys->relayed, block, (size_t)count);
    return KEYS_SOUND;
  }
  if (!keys->is_sending) return KEYS_NONE;
  note_said(keys, SENT);
  keys->is_sending = generator_fill(keys->sent, block, (size_t)count) == (size_t)count;
  return keys->is_sending ? KEYS_SOUND : KEYS_OVER;
}
