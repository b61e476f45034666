/* Sends G.711 octets as RTP of our own, 160 octets every 20 ms. */
#ifndef DOZVON_PLAYER_H
#define DOZVON_PLAYER_H

#include "packet.h"

enum { FRAME_OCTETS = 160, FRAME_PACKET = 12 + FRAME_OCTETS };

struct player {
  uint8_t *payload; /* owned; NULL = nothing plays */
  size_t size, at;
  uint64_t sent_ns; /* the last packet, 0 = none yet */
  uint32_t ssrc, timestamp;
  uint16_t sequence_number;
  uint8_t payload_type;
  bool repeats, is_first;
};

/* Own SSRC and random beginnings (RFC 3550 §5.1). */
void player_init(struct player *player);
/* Copies the payload; 0, -EINVAL when it is empty, or -ENOMEM. */
int player_start(struct player *player, const uint8_t *payload, size_t size, uint8_t payload_type,
                 bool repeats, uint64_t now_ns);
void player_stop(struct player *player);
/* The next packet; false when the payload is used up and nothing was written. */
bool player_next(struct player *player, uint64_t now_ns, uint8_t packet[FRAME_PACKET]);

#endif
