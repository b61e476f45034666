#include "line_conceal.h"

#include <math.h>
#include <string.h>

enum { SHORTEST = 40 /* 200 Hz */, LOUD_FOR = 80, SILENT_AFTER = 480, BLEND = 40 };

static void remember(struct concealer *concealer, const int16_t *samples, size_t count) {
  int16_t *past = concealer->past;
  size_t skipped = count > CONCEAL_PAST ? count - CONCEAL_PAST : 0, kept = count - skipped;
  memmove(past, past + kept, (CONCEAL_PAST - kept) * sizeof *past);
  memcpy(past + CONCEAL_PAST - kept, samples + skipped, kept * sizeof *past);
}

/* How like the last 20 ms are to those one lag before: 1 = the same. */
static float likeness(const int16_t *past, size_t lag) {
  const int16_t *now = past + CONCEAL_PAST - CONCEAL_SPAN, *before = now - lag;
  float product = 0, energy = 1;
  for (int i = 0; i < CONCEAL_SPAN; i++) {
    product += (float)now[i] * before[i];
    energy += (float)before[i] * before[i];
  }
  return product / sqrtf(energy);
}

static size_t find_period(const int16_t *past) {
  size_t best = SHORTEST;
  float most = -INFINITY;
  for (size_t lag = SHORTEST; lag <= CONCEAL_LONGEST; lag++) {
    float like = likeness(past, lag);
    if (like > most) {
      most = like;
      best = lag;
    }
  }
  return best;
}

/* One period whose end leads into its beginning: its last quarter turns into what came before it. */
static void make_cycle(struct concealer *concealer) {
  size_t period = concealer->period = find_period(concealer->past), quarter = period / 4;
  const int16_t *last = concealer->past + CONCEAL_PAST - period;
  for (size_t i = 0; i < period; i++) concealer->cycle[i] = last[i];
  for (size_t i = 0; i < quarter; i++) {
    float share = (float)(i + 1) / (float)(quarter + 1);
    size_t at = period - quarter + i;
    const int16_t *before = last - quarter;
    concealer->cycle[at] = (1 - share) * concealer->cycle[at] + share * before[i];
  }
  concealer->at = 0;
}

static float next(struct concealer *concealer) {
  size_t missing = concealer->missing++;
  float value = concealer->cycle[concealer->at];
  concealer->at = (concealer->at + 1) % concealer->period;
  if (missing < LOUD_FOR) return value;
  if (missing >= SILENT_AFTER) return 0;
  return value * (float)(SILENT_AFTER - missing) / (SILENT_AFTER - LOUD_FOR);
}

void conceal_hear(struct concealer *concealer, int16_t *samples, size_t count) {
  for (size_t i = 0; concealer->missing && i < count && i < BLEND; i++) {
    float share = (float)(i + 1) / (BLEND + 1);
    samples[i] = (int16_t)lrintf(share * samples[i] + (1 - share) * next(concealer));
  }
  concealer->missing = 0;
  remember(concealer, samples, count);
}

void conceal_fill(struct concealer *concealer, int16_t *samples, size_t count) {
  if (!concealer->missing) make_cycle(concealer);
  for (size_t i = 0; i < count; i++) samples[i] = (int16_t)lrintf(next(concealer));
  remember(concealer, samples, count);
}
