/* Sliding Fourier sums: each bin adds 5 ms of the signal at a time and knows the last 25. */
#include "detect_parts.h"

#include <math.h>
#include <string.h>

static const float PI = 3.14159265358979f;
static const float FULL_SCALE = 32767.0f, FULL_SCALE_DBM0 = 3.14f;

void spectrum_reset(struct spectrum *spectrum) {
  memset(spectrum, 0, sizeof *spectrum);
}

int spectrum_add(struct spectrum *spectrum, float hz) {
  for (int i = 0; i < spectrum->bin_count; i++)
    if (fabsf(spectrum->bins[i].hz - hz) < 0.5f) return i;
  if (spectrum->bin_count == SPECTRUM_BINS) return -1;
  struct bin *bin = &spectrum->bins[spectrum->bin_count];
  float angle = 2 * PI * hz / RATE_HZ;
  memset(bin, 0, sizeof *bin);
  bin->hz = hz;
  for (int i = 0; i < STEP; i++) {
    bin->cosine[i] = cosf(angle * (float)i);
    bin->sine[i] = sinf(angle * (float)i);
  }
  bin->turn_re = cosf(angle * STEP);
  bin->turn_im = -sinf(angle * STEP);
  bin->phase_re = 1;
  return spectrum->bin_count++;
}

static void add_step(struct bin *bin, const float samples[STEP], int step) {
  float re = 0, im = 0;
  for (int i = 0; i < STEP; i++) {
    re += samples[i] * bin->cosine[i];
    im -= samples[i] * bin->sine[i];
  }
  bin->re[step] = re * bin->phase_re - im * bin->phase_im;
  bin->im[step] = re * bin->phase_im + im * bin->phase_re;
  float phase_re = bin->phase_re * bin->turn_re - bin->phase_im * bin->turn_im;
  float phase_im = bin->phase_re * bin->turn_im + bin->phase_im * bin->turn_re;
  float drift = 1.5f - 0.5f * (phase_re * phase_re + phase_im * phase_im); /* keeps it at 1 */
  bin->phase_re = phase_re * drift;
  bin->phase_im = phase_im * drift;
}

void spectrum_step(struct spectrum *spectrum, const float samples[STEP]) {
  static const float WINDOW = STEP * WINDOW_STEPS;
  float step_sum = 0, step_energy = 0, sum = 0, energy = 0;
  int step = spectrum->step = (spectrum->step + 1) % WINDOW_STEPS;
  for (int i = 0; i < STEP; i++) {
    step_sum += samples[i];
    step_energy += samples[i] * samples[i];
  }
  spectrum->sums[step] = step_sum;
  spectrum->energies[step] = step_energy;
  spectrum->step_power = power_of(step_sum, step_energy, STEP);
  for (int i = 0; i < WINDOW_STEPS; i++) {
    sum += spectrum->sums[i];
    energy += spectrum->energies[i];
  }
  spectrum->power = power_of(sum, energy, STEP * WINDOW_STEPS);
  for (int k = 0; k < spectrum->bin_count; k++) {
    struct bin *bin = &spectrum->bins[k];
    float re = 0, im = 0;
    add_step(bin, samples, step);
    for (int i = 0; i < WINDOW_STEPS; i++) {
      re += bin->re[i];
      im += bin->im[i];
    }
    bin->last_re = bin->sum_re;
    bin->last_im = bin->sum_im;
    bin->sum_re = re;
    bin->sum_im = im;
    bin->power = 2 * (re * re + im * im) / (WINDOW * WINDOW);
  }
}

float spectrum_hz(const struct spectrum *spectrum, int index) {
  const struct bin *bin = &spectrum->bins[index];
  float re = bin->sum_re * bin->last_re + bin->sum_im * bin->last_im;
  float im = bin->sum_im * bin->last_re - bin->sum_re * bin->last_im;
  return bin->hz + atan2f(im, re) / (2 * PI) * RATE_HZ / STEP;
}

float power_of(float sum, float energy, int count) {
  float mean = sum / (float)count;
  return fmaxf(0, energy / (float)count - mean * mean);
}

float power_dbm0(float power) {
  float full = FULL_SCALE * FULL_SCALE / 2;
  return FULL_SCALE_DBM0 + 10 * log10f(power / full + 1e-12f);
}
