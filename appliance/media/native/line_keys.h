/* Keys towards a line: those that we send ourselves, and those that a far end tells by RFC 4733, made
   into DTMF again, for the line's exchange or machine to hear. */
#ifndef DOZVON_LINE_KEYS_H
#define DOZVON_LINE_KEYS_H

#include "packet.h"

#include <stdbool.h>
#include <stdint.h>

struct generator;

struct line_keys {
  struct generator *sent, *relayed;
  bool is_sending, is_relaying, is_ending; /* is_ending: the far end let go */
  uint32_t timestamp; /* of the event that is, or was last, relayed */
  bool has_timestamp;
  uint64_t heard_ns;
  unsigned relayed_blocks;
};

enum line_keys_state { KEYS_NONE, KEYS_SOUND, KEYS_OVER };

/* 0 or -ENOMEM. */
int line_keys_init(struct line_keys *keys);
void line_keys_free(struct line_keys *keys);
/* 0 or -EINVAL. */
int line_keys_send(struct line_keys *keys, const char *digits, int on_ms, int off_ms,
                   float level_dbm0);
void line_keys_hear(struct line_keys *keys, const struct telephone_event *event,
                    uint32_t timestamp, uint64_t now_ns);
void line_keys_stop(struct line_keys *keys);
/* Fills the block where a key sounds; KEYS_OVER: with the last of what was sent. */
enum line_keys_state line_keys_fill(struct line_keys *keys, int16_t *block, int count,
                                    uint64_t now_ns);

#endif
