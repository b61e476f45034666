/* An asynchronous resampler for rates that differ by less than a percent: windowed sinc of 24 taps in
   64 phases, linear between them. Delay: 12 samples. Positions are 32.32 fixed point, so that how
   many samples go in for so many out is exact and nothing slips. */
#ifndef DOZVON_LINE_RESAMPLE_H
#define DOZVON_LINE_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

enum { RESAMPLE_TAPS = 24, RESAMPLE_PHASES = 64 };

struct resampler {
  float history[2 * RESAMPLE_TAPS]; /* twice, so that a window is always in one piece */
  unsigned at;
  uint64_t position, step; /* position 1 or more: the next sample is needed first */
};

void resampler_init(struct resampler *resampler);
/* faster: by this fraction more goes in than comes out. */
void resampler_set_rate(struct resampler *resampler, double faster);
/* How many samples must go in for so many out. */
size_t resampler_need(const struct resampler *resampler, size_t wanted);
/* in: as many as resampler_need said. */
void resampler_pull(struct resampler *resampler, const int16_t *in, int16_t *out, size_t wanted);
/* Takes all of in; returns how many came out, count + 2 at most. */
size_t resampler_push(struct resampler *resampler, const int16_t *in, size_t count, int16_t *out);

#endif
