/* Where in time a line's echo begins: audio that waits in the device delays it by 40 to 200 ms, and no
   data sheet says by how much. An adaptive filter over 300 ms, at 2 kHz, whose greatest part is it. */
#ifndef DOZVON_LINE_BULK_H
#define DOZVON_LINE_BULK_H

#include <stdbool.h>
#include <stdint.h>

enum {
  BULK_BLOCK = 80,
  BULK_DECIMATION = 4,
  BULK_TAPS = 600, /* 300 ms at 2 kHz */
  BULK_LOWPASS = 24,
};

/* 8 kHz to 2 kHz, each sample less the one before: speech becomes whiter. */
struct bulk_decimator {
  float history[BULK_LOWPASS + BULK_BLOCK], before;
};

struct bulk_estimator {
  struct bulk_decimator said, heard;
  float reference[2 * BULK_TAPS], taps[BULK_TAPS]; /* reference: twice, newest first */
  unsigned at;
  float power; /* of the reference in the filter */
  unsigned blocks, agreed;
  int candidate;
  int delay; /* samples at 8 kHz to the middle of the echo, -1 = not known */
};

void bulk_init(struct bulk_estimator *estimator);
/* One block that was said and the one that was heard in its time; may_learn: no tone, no near end. */
void bulk_hear(struct bulk_estimator *estimator, const int16_t said[BULK_BLOCK],
               const int16_t heard[BULK_BLOCK], bool may_learn);

#endif
