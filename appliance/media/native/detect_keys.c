/* Keys: spandsp's DTMF receiver, read at the end of each of its blocks, so that it is known when a
   key began and ended, and what of it must not be heard on the other side. */
#include "detect_parts.h"

#include <errno.h>
#include <string.h>

enum {
  MUTE_AFTER = RATE_HZ * 40 / 1000,
  NUMBER_ENDS_AFTER = RATE_HZ * 600 / 1000, /* silence after the last key of a caller id */
  SHORTEST_NUMBER = 3,
  TWIST_DB = 8,
  REVERSE_TWIST_DB = 6, /* 4 in Q.24, and a margin */
  FLOOR_DBM0 = -42,
};

int key_hearing_configure(struct key_hearing *hearing, const struct detect_config *config) {
  dtmf_rx_state_t *receiver = hearing->receiver;
  bool wants_number = (config->caller_id & CALLER_ID_DTMF) != 0;
  uint64_t at = hearing->at;
  if (!receiver && !(receiver = dtmf_rx_init(NULL, NULL, NULL))) return -ENOMEM;
  dtmf_rx_init(receiver, NULL, NULL);
  dtmf_rx_parms(receiver, TRUE, TWIST_DB, REVERSE_TWIST_DB, FLOOR_DBM0);
  memset(hearing, 0, sizeof *hearing);
  hearing->receiver = receiver;
  hearing->at = at;
  hearing->hears = config->hears_keys;
  hearing->has_dtmf_caller_id = wants_number;
  return 0;
}

void key_hearing_free(struct key_hearing *hearing) {
  if (hearing->receiver) dtmf_rx_free(hearing->receiver);
}

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

/* ---- blocks */

static void mute_hit(struct key_hearing *hearing) {
  uint64_t from = hearing->at > 2 * KEY_BLOCK ? hearing->at - 2 * KEY_BLOCK : 0;
  if (!hearing->is_hit && from > hearing->mute_until + MUTE_AFTER) hearing->mute_from = from;
  hearing->mute_until = hearing->at + MUTE_AFTER;
}

static void end_key(struct key_hearing *hearing, struct results *results) {
  if (!hearing->digit) return;
  if (hearing->hears) {
    struct detection *found = detect_push(results, DETECTED_KEY);
    found->digit = hearing->digit;
    found->on_ms = (int)((hearing->last_hit - hearing->began) * 1000 / RATE_HZ);
  }
  hearing->digit = 0;
}

static void begin_key(struct key_hearing *hearing, char digit, struct results *results) {
  end_key(hearing, results);
  hearing->digit = digit;
  hearing->began = hearing->at - 2 * KEY_BLOCK;
  hearing->last_hit = hearing->at;
  if (hearing->hears) detect_push(results, DETECTED_KEY_BEGAN)->digit = digit;
  if (hearing->has_dtmf_caller_id) add_to_number(hearing, digit, results);
}

static void end_block(struct key_hearing *hearing, struct results *results) {
  char unread[8];
  int status = dtmf_rx_status(hearing->receiver);
  while (dtmf_rx_get(hearing->receiver, unread, sizeof unread - 1) > 0) continue;
  char digit = (char)(status == 'x' ? 0 : status);
  if (digit && digit != hearing->digit) {
    begin_key(hearing, digit, results);
  } else if (!digit && hearing->digit) {
    end_key(hearing, results);
  }
  if (digit) hearing->last_hit = hearing->at;
  if (status)
    mute_hit(hearing);
  else if (hearing->is_hit && hearing->last_hit + MUTE_AFTER < hearing->at)
    hearing->mute_until = hearing->at; /* it was none */
  hearing->is_hit = status != 0;
  if (hearing->number_length && hearing->at > hearing->last_hit + NUMBER_ENDS_AFTER)
    end_number(hearing, results);
}

void key_hearing_feed(struct key_hearing *hearing, const int16_t *samples, size_t count,
                      struct results *results) {
  if (!hearing->hears && !hearing->has_dtmf_caller_id) {
    hearing->at += count;
    return;
  }
  while (count) {
    size_t part = KEY_BLOCK - hearing->in_block;
    if (part > count) part = count;
    dtmf_rx(hearing->receiver, samples, (int)part);
    samples += part;
    count -= part;
    hearing->at += part;
    hearing->in_block += (unsigned)part;
    if (hearing->in_block == KEY_BLOCK) {
      hearing->in_block = 0;
      end_block(hearing, results);
    }
  }
}
