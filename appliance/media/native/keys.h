/* Whole key presses out of RFC 4733 packets: each is told once, though every packet of it may be
   repeated, out of order, or lost. */
#ifndef DOZVON_KEYS_H
#define DOZVON_KEYS_H

#include "packet.h"

enum { KEY_GAP_NS = 200 * 1000 * 1000, KEYS_AT_ONCE = 2 };

struct key_press {
  uint32_t duration; /* in units of the RTP clock */
  char digit;
};

struct keys {
  uint64_t heard_ns;
  uint32_t ssrc, timestamp;
  uint32_t duration, earlier_segments; /* §2.5.1.3: long events come in segments */
  uint8_t code;
  bool is_known, is_open;
};

/* One packet of an event; returns how many presses are now whole (0-2) and writes them. */
int keys_hear(struct keys *keys, const struct rtp_header *header,
              const struct telephone_event *event, uint64_t now_ns,
              struct key_press presses[KEYS_AT_ONCE]);

/* Ends an event whose last packets were all lost; true when a press is whole. */
bool keys_expire(struct keys *keys, uint64_t now_ns, struct key_press *press);

#endif
