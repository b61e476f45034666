/* Covers what is missing of a voice: its last pitch period again and again, softer and softer, silent
   after 60 ms, and without a step where the voice goes on. Pure. */
#ifndef DOZVON_LINE_CONCEAL_H
#define DOZVON_LINE_CONCEAL_H

#include <stddef.h>
#include <stdint.h>

enum { CONCEAL_LONGEST = 160, CONCEAL_SPAN = 160, CONCEAL_PAST = CONCEAL_LONGEST + CONCEAL_SPAN };

struct concealer {
  int16_t past[CONCEAL_PAST]; /* newest last */
  float cycle[CONCEAL_LONGEST];
  size_t period, at, missing; /* at: in the cycle; missing: samples so far */
};

/* These came; the first of them after a gap are blended with what covered it. */
void conceal_hear(struct concealer *concealer, int16_t *samples, size_t count);
/* These did not. */
void conceal_fill(struct concealer *concealer, int16_t *samples, size_t count);

#endif
