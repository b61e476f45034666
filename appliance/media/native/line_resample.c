#include "line_resample.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

static const uint64_t ONE = 1ull << 32;
static const double CUTOFF = 0.94; /* of half the rate: speech ends at 0.85 */

static float table[RESAMPLE_PHASES + 1][RESAMPLE_TAPS];
static pthread_once_t is_made = PTHREAD_ONCE_INIT;

static double sinc(double x) { return fabs(x) < 1e-9 ? 1.0 : sin(M_PI * x) / (M_PI * x); }

/* Blackman's window: images below -70 dB. */
static double window(double x) {
  double turn = 2 * M_PI * x / RESAMPLE_TAPS;
  return fabs(x) >= RESAMPLE_TAPS / 2.0 ? 0.0 : 0.42 + 0.5 * cos(turn) + 0.08 * cos(2 * turn);
}

static void make_table(void) {
  for (int phase = 0; phase <= RESAMPLE_PHASES; phase++) {
    double sum = 0, taps[RESAMPLE_TAPS];
    for (int tap = 0; tap < RESAMPLE_TAPS; tap++) {
      double x = tap - (RESAMPLE_TAPS / 2 - 1) - (double)phase / RESAMPLE_PHASES;
      taps[tap] = CUTOFF * sinc(CUTOFF * x) * window(x);
      sum += taps[tap];
    }
    for (int tap = 0; tap < RESAMPLE_TAPS; tap++) table[phase][tap] = (float)(taps[tap] / sum);
  }
}

void resampler_init(struct resampler *resampler) {
  pthread_once(&is_made, make_table);
  memset(resampler, 0, sizeof *resampler);
  resampler->position = resampler->step = ONE;
}

void resampler_set_rate(struct resampler *resampler, double faster) {
  resampler->step = (uint64_t)((1.0 + faster) * (double)ONE);
}

static void shift_in(struct resampler *resampler, int16_t sample) {
  resampler->history[resampler->at] = resampler->history[resampler->at + RESAMPLE_TAPS] = sample;
  resampler->at = (resampler->at + 1) % RESAMPLE_TAPS;
  resampler->position -= ONE;
}

static int16_t give(struct resampler *resampler) {
  const float *window_at = resampler->history + resampler->at;
  unsigned phase = (unsigned)(resampler->position >> 26);
  float share = (float)(resampler->position & 0x3ffffff) / (float)(1 << 26), sum = 0;
  const float *low = table[phase], *high = table[phase + 1];
  for (int tap = 0; tap < RESAMPLE_TAPS; tap++)
    sum += window_at[tap] * (low[tap] + share * (high[tap] - low[tap]));
  resampler->position += resampler->step;
  return (int16_t)lrintf(sum > 32767.f ? 32767.f : sum < -32768.f ? -32768.f : sum);
}

size_t resampler_need(const struct resampler *resampler, size_t wanted) {
  return wanted ? (size_t)((resampler->position + (wanted - 1) * resampler->step) >> 32) : 0;
}

void resampler_pull(struct resampler *resampler, const int16_t *in, int16_t *out, size_t wanted) {
  for (size_t i = 0; i < wanted; i++) {
    while (resampler->position >= ONE) shift_in(resampler, *in++);
    out[i] = give(resampler);
  }
}

size_t resampler_push(struct resampler *resampler, const int16_t *in, size_t count, int16_t *out) {
  size_t made = 0;
  for (size_t i = 0; i < count; i++) {
    shift_in(resampler, in[i]);
    while (resampler->position < ONE) out[made++] = give(resampler);
  }
  return made;
}
