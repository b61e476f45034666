#include "line_bulk.h"

#include <math.h>
#include <string.h>

enum {
  FRAME = BULK_BLOCK / BULK_DECIMATION,
  LOOK_BLOCKS = 3, /* the taps are looked at every 30 ms */
  NEAR = 8,         /* 4 ms: a hybrid's echo is not longer by much */
  AGREE = 2,        /* looks in a row that see the same */
};
static const float STEP = 0.8f, LEAST_POWER = 600 * 40.0f * 40.0f, SHARE = 0.5f;

static float lowpass[BULK_LOWPASS];

/* Hann's window: -30 dB from 1 kHz on is enough to tell where an echo is. */
static void make_lowpass(void) {
  if (lowpass[BULK_LOWPASS / 2] > 0) return;
  for (int i = 0; i < BULK_LOWPASS; i++) {
    float x = (float)i - (BULK_LOWPASS - 1) / 2.0f;
    float window = 0.5f + 0.5f * cosf(2 * (float)M_PI * x / BULK_LOWPASS);
    float phase = (float)M_PI * x / BULK_DECIMATION;
    lowpass[i] = window * sinf(phase) / phase / BULK_DECIMATION;
  }
}

void bulk_init(struct bulk_estimator *estimator) {
  memset(estimator, 0, sizeof *estimator);
  estimator->delay = estimator->candidate = -1;
}

static void decimate(struct bulk_decimator *decimator, const int16_t in[BULK_BLOCK],
                     float out[FRAME]) {
  float *history = decimator->history;
  memmove(history, history + BULK_BLOCK, BULK_LOWPASS * sizeof *history);
  for (int i = 0; i < BULK_BLOCK; i++) history[BULK_LOWPASS + i] = in[i];
  for (int i = 0; i < FRAME; i++) {
    const float *at = history + (i + 1) * BULK_DECIMATION;
    float sum = 0;
    for (int tap = 0; tap < BULK_LOWPASS; tap++) sum += at[tap] * lowpass[tap];
    out[i] = sum - decimator->before;
    decimator->before = sum;
  }
}

static void adapt(struct bulk_estimator *estimator, float said, float heard, bool may_learn) {
  estimator->at = (estimator->at + BULK_TAPS - 1) % BULK_TAPS;
  float *newest = estimator->reference + estimator->at, oldest = *newest, sum = 0;
  newest[0] = newest[BULK_TAPS] = said;
  estimator->power += said * said - oldest * oldest;
  if (!may_learn || estimator->power < LEAST_POWER) return;
  for (int i = 0; i < BULK_TAPS; i++) sum += newest[i] * estimator->taps[i];
  float gain = STEP * (heard - sum) / estimator->power;
  for (int i = 0; i < BULK_TAPS; i++) estimator->taps[i] += gain * newest[i];
}

/* The place whose neighbourhood holds most, and whether that is most of all. */
static int strongest(const struct bulk_estimator *estimator, bool *is_clear) {
  float all = 0, around = 0, best = 0;
  int place = -1;
  for (int i = 0; i < BULK_TAPS; i++) {
    float square = estimator->taps[i] * estimator->taps[i];
    all += square;
    around += square;
    if (i >= 2 * NEAR) around -= estimator->taps[i - 2 * NEAR] * estimator->taps[i - 2 * NEAR];
    if (around <= best) continue;
    best = around;
    place = i - NEAR;
  }
  *is_clear = all > 1e-6f && best > SHARE * all;
  return place < 0 ? 0 : place;
}

static void look(struct bulk_estimator *estimator) {
  bool is_clear;
  int place = strongest(estimator, &is_clear);
  if (!is_clear) return;
  int off = place - estimator->candidate;
  estimator->agreed = estimator->candidate >= 0 && off >= -2 && off <= 2 ? estimator->agreed + 1 : 0;
  estimator->candidate = place;
  if (estimator->agreed >= AGREE) estimator->delay = place * BULK_DECIMATION;
}

void bulk_hear(struct bulk_estimator *estimator, const int16_t said[BULK_BLOCK],
               const int16_t heard[BULK_BLOCK], bool may_learn) {
  float reference[FRAME], echo[FRAME], exact = 0;
  make_lowpass();
  decimate(&estimator->said, said, reference);
  decimate(&estimator->heard, heard, echo);
  for (int i = 0; i < FRAME; i++) adapt(estimator, reference[i], echo[i], may_learn);
  if (++estimator->blocks % LOOK_BLOCKS) return;
  for (int i = 0; i < BULK_TAPS; i++) exact += estimator->reference[i] * estimator->reference[i];
  estimator->power = exact; /* sums of floats drift */
  if (may_learn) look(estimator);
}
