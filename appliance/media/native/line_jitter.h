/* What waits for a line: audio that comes by another clock (a far end's RTP, another line) and is taken
   by this line's own. Holds as little as the arrivals allow, conceals what is missing, and follows
   the drift of the clocks through a resampler, so that nothing is ever lost or repeated for it. */
#ifndef DOZVON_LINE_JITTER_H
#define DOZVON_LINE_JITTER_H

#include "line_clock.h"
#include "line_conceal.h"
#include "line_resample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JITTER_ROOM = 8192, JITTER_TAKE = 80 }; /* samples; one second is 8000 */

struct jitter {
  int16_t samples[JITTER_ROOM];
  uint8_t is_there[JITTER_ROOM];
  uint32_t next;       /* timestamp of the next sample to take */
  bool is_running, has_spoken; /* has_spoken: the first sample has had its turn */
  uint64_t heard_ns, taken_ns, observed_ns;
  double slack_s, deviation_s; /* how early packets come: smoothed, and how much that varies */
  unsigned late_score, observed;
  struct clock_loop clock;
  struct resampler resampler;
  struct concealer concealer;
  uint64_t concealed, late, slips; /* samples, packets, times */
};

void jitter_init(struct jitter *jitter);
/* Forgets all audio; what comes next begins anew. */
void jitter_reset(struct jitter *jitter);
void jitter_put(struct jitter *jitter, uint32_t timestamp, const int16_t *samples, size_t count,
                uint64_t now_ns);
/* Always fills: JITTER_TAKE samples at most. */
void jitter_take(struct jitter *jitter, int16_t *samples, size_t count, uint64_t now_ns);
/* How long audio waits here at present, without the resampler's 1.5 ms. */
double jitter_delay_s(const struct jitter *jitter);

#endif
