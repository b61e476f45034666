/* Keys towards a line: those that we send ourselves, and those that a far end tells by RFC 4733, made
   into DTMF again, for the line's exchange or machine to hear: each for as long, and with such a pause
   after it, that it is heard, however they came. */
#ifndef DOZVON_LINE_KEYS_H
#define DOZVON_LINE_KEYS_H

#include "packet.h"

#include <stdbool.h>
#include <stdint.h>

struct generator;

enum { KEYS_WAITING = 32, KEYS_CODES = 16 };

struct line_keys {
  struct generator *sent, *relayed;
  bool is_sending, is_relaying, is_ending; /* is_ending: the far end let go of the newest key */
  uint32_t ssrc, timestamp; /* of the newest event */
  uint8_t code;             /* likewise */
  bool has_timestamp;
  uint64_t heard_ns;
  unsigned relayed_blocks, rested_blocks; /* of this key; of the pause behind it */
  char waiting[KEYS_WAITING]; /* keys that came before the one that sounds was over, as a ring */
  unsigned waiting_at, waiting_count;
  uint16_t sounding[2]; /* by code, a bit each: the key that is relayed, the row that is sent */
  uint64_t blocks, said_at[KEYS_CODES]; /* said_at: the block after which it last sounded, 0 = never */
};

enum line_keys_state { KEYS_NONE, KEYS_SOUND, KEYS_OVER };

/* 0 or -ENOMEM. */
int line_keys_init(struct line_keys *keys);
void line_keys_free(struct line_keys *keys);
/* 0 or -EINVAL. */
int line_keys_send(struct line_keys *keys, const char *digits, int on_ms, int off_ms,
                   float level_dbm0);
void line_keys_hear(struct line_keys *keys, const struct rtp_header *header,
                    const struct telephone_event *event, uint64_t now_ns);
/* Nothing of the far end's sounds any more. */
void line_keys_part(struct line_keys *keys);
/* Nor anything of ours. */
void line_keys_stop(struct line_keys *keys);
/* Whether this key, where the line is found to say it now, is the echo of ours. */
bool line_keys_is_echo(const struct line_keys *keys, char digit);
/* Fills the block where a key sounds; KEYS_OVER: with the last of what was sent. */
enum line_keys_state line_keys_fill(struct line_keys *keys, int16_t *block, int count,
                                    uint64_t now_ns);

#endif
