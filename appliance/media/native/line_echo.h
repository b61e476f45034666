/* Takes a line's own echo out of what it says: speexdsp's canceller (32 ms) behind the bulk delay of
   the device, frozen while a tone is said (a tone would teach it nonsense), and what little remains
   is covered by noise like the line's own while nobody on the line speaks. */
#ifndef DOZVON_LINE_ECHO_H
#define DOZVON_LINE_ECHO_H

#include "line_bulk.h"
#include "line_tonal.h"

#include <stdbool.h>
#include <stdint.h>

enum { ECHO_BLOCK = 80, ECHO_TAIL = 256, ECHO_PAST = 4096 };

struct SpeexEchoState_;

struct echo_canceller {
  struct SpeexEchoState_ *speex; /* NULL = off */
  struct bulk_estimator bulk;
  int16_t past[ECHO_PAST]; /* what was said, as a ring */
  uint64_t said;           /* samples */
  int offset;              /* samples by which the reference is older than what is heard */
  float taps[2][ECHO_TAIL]; /* as learned a moment ago, and before that: what a tone cannot have spoilt */
  struct tonal tonal;
  unsigned blocks, frozen_blocks; /* blocks: learned so far; frozen_blocks: left to freeze */
  bool has_taps;
  double notch[2]; /* speexdsp takes the lowest frequencies from what it hears: so do we while frozen */
  float said_power, heard_power, left_power, floor_power; /* smoothed squares */
  float heard_mean, left_mean; /* over about a second in which only the far end spoke: ERLE */
  float gain;
  unsigned seed;
};

/* delay_samples: where the search begins. 0 or -ENOMEM. */
int echo_init(struct echo_canceller *echo, int delay_samples);
void echo_free(struct echo_canceller *echo);
/* heard: replaced by what is left of it; said: what goes to the line in the same time; is_tone: known
   to be one, though it may be too short to be found. */
void echo_process(struct echo_canceller *echo, int16_t heard[ECHO_BLOCK],
                  const int16_t said[ECHO_BLOCK], bool is_tone);
/* Negative = not measured yet. */
double echo_erle_db(const struct echo_canceller *echo);
double echo_delay_ms(const struct echo_canceller *echo);

#endif
