/* What arrived of one synchronization source: RFC 3550 A.1 (sequence), A.3 (loss), A.8 (jitter). */
#ifndef DOZVON_RECEPTION_H
#define DOZVON_RECEPTION_H

#include "packet.h"

struct reception {
  uint32_t ssrc, cycles, base_sequence, bad_sequence;
  uint32_t received;    /* of this source, as A.1 counts */
  int64_t lost_before;  /* by earlier sources and before restarts */
  uint32_t transit, jitter, rate_hz; /* jitter: 16 times RTP clock units */
  uint16_t max_sequence;
  bool has_source, has_transit, has_jitter;
};

/* A new clock rate makes earlier transit times meaningless. */
void reception_set_rate(struct reception *reception, uint32_t rate_hz);

/* arrival_ns: monotonic. is_event: RFC 4733 packets repeat one timestamp, so they give no jitter. */
void reception_count(struct reception *reception, const struct rtp_header *header,
                     uint64_t arrival_ns, bool is_event);

/* Cumulative number lost; may be negative where packets were duplicated (A.3). */
int64_t reception_lost(const struct reception *reception);
double reception_jitter_ms(const struct reception *reception);

#endif
