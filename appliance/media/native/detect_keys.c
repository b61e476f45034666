/* Keys: when one began and ended, what of it must not be heard on the other side, and the rows of
   keys that are a caller id. Which key sounds is detect_dtmf.c's. */
#include "detect_parts.h"

#include <string.h>

enum {
  MUTE_HITS = 6,                     /* so many looks alike, before it is a key */
  MUTE_BEFORE = RATE_HZ * 34 / 1000, /* so old is then what may belong to it */
  MUTE_AFTER = RATE_HZ * 40 / 1000,
  NUMBER_ENDS_AFTER = RATE_HZ * 600 / 1000, /* silence after the last key of a caller id */
  SHORTEST_NUMBER = 3,
  KNOWN_AFTER = RATE_HZ * 38 / 1000, /* of a key's beginning */
  HALF_WINDOW = DTMF_HOP * DTMF_HOPS / 2,
};

/* ---- caller id by DTMF */

static void end_number(struct key_hearing *hearing, struct results *results) {
  if (hearing->number_length >= SHORTEST_NUMBER) {
    struct detection *found = detect_push(results, DETECTED_CALLER_ID);
    found->method = CALLER_ID_DTMF;
    found->length = (int)hearing->number_length;
    memcpy(found->message, hearing->number, hearing->number_length);
  }
  hearing->number_length = 0;
}

static void add_to_number(struct key_hearing *hearing, char digit, struct results *results) {
  if (hearing->number_length == sizeof hearing->number) hearing->number_length = 0;
  hearing->number[hearing->number_length++] = digit;
  if (digit == 'C' || digit == '#') end_number(hearing, results);
}

/* ---- hop by hop */

static uint64_t before(uint64_t at, uint64_t by) {
  return at > by ? at - by : 0;
}

/* A hit that becomes no key is speech: it goes on unharmed if it has not gone yet. */
static void mute(struct key_hearing *hearing) {
  bool is_hit = hearing->dtmf.hits >= MUTE_HITS;
  if (is_hit) {
    uint64_t from = before(hearing->at, MUTE_BEFORE);
    bool is_new = !hearing->was_hit && from > hearing->mute_until + MUTE_AFTER;
    if (is_new) hearing->mute_from = from;
    if (is_new) hearing->is_unproven = true;
    hearing->mute_until = hearing->at + MUTE_AFTER;
  } else if (hearing->was_hit && hearing->is_unproven) {
    hearing->mute_until = hearing->mute_from;
  }
  if (hearing->digit) hearing->is_unproven = false;
  hearing->was_hit = is_hit;
}

static void end_key(struct key_hearing *hearing, struct results *results) {
  if (hearing->digit && hearing->hears) {
    struct detection *found = detect_push(results, DETECTED_KEY);
    found->digit = hearing->digit;
    found->on_ms = (int)((hearing->last_hit - hearing->began) * 1000 / RATE_HZ);
  }
  hearing->digit = 0;
}

static void begin_key(struct key_hearing *hearing, char digit, struct results *results) {
  end_key(hearing, results);
  hearing->digit = digit;
  hearing->began = before(hearing->at, KNOWN_AFTER);
  if (hearing->hears) detect_push(results, DETECTED_KEY_BEGAN)->digit = digit;
  if (hearing->has_dtmf_caller_id) add_to_number(hearing, digit, results);
}

static void end_hop(struct key_hearing *hearing, struct results *results) {
  dtmf_hop(&hearing->dtmf, hearing->hop);
  char digit = hearing->dtmf.digit;
  if (digit && digit != hearing->digit)
    begin_key(hearing, digit, results);
  else if (!digit)
    end_key(hearing, results);
  if (digit && !hearing->dtmf.missing) hearing->last_hit = hearing->at - HALF_WINDOW;
  mute(hearing);
  if (hearing->number_length && hearing->at > hearing->last_hit + NUMBER_ENDS_AFTER)
    end_number(hearing, results);
}

void key_hearing_feed(struct key_hearing *hearing, const int16_t *samples, size_t count,
                      struct results *results) {
  bool is_off = !hearing->hears && !hearing->has_dtmf_caller_id;
  for (size_t i = 0; i < count; i++) {
    hearing->at++;
    if (is_off) continue;
    hearing->hop[hearing->in_hop++] = samples[i];
    if (hearing->in_hop < DTMF_HOP) continue;
    hearing->in_hop = 0;
    end_hop(hearing, results);
  }
}

void key_hearing_configure(struct key_hearing *hearing, const struct detect_config *config,
                           struct results *results) {
  uint64_t at = hearing->at;
  hearing->number_length = 0;
  if (!hearing->hears || !config->hears_keys) {
    end_key(hearing, results);
    memset(hearing, 0, sizeof *hearing);
    dtmf_reset(&hearing->dtmf);
    hearing->at = at;
  }
  hearing->hears = config->hears_keys;
  hearing->has_dtmf_caller_id = (config->caller_id & CALLER_ID_DTMF) != 0;
}
