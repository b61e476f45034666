#include "line_answer.h"

#include <math.h>

enum {
  MOST_GAP = 3,        /* blocks that a reversal spoils */
  LEAST_FIRST = 25,    /* blocks before the first reversal */
  LEAST_RUN = 40,      /* between two: 450 ± 25 ms, a block to either side */
  MOST_RUN = 50,
  ENOUGH_TURNS = 2,
};
static const double HZ = 2100, RATE_HZ = 8000, MOST_TURN = 2.0; /* ±32 Hz: G.164 wants ±21 */
static const double LEAST_POWER = 250.0 * 250.0; /* -36 dBm0 */
static const double CLEAN = 0.75; /* of the energy; 32 Hz beside it leaves 0.83, 15 Hz of AM takes 0.02 */
static const double GOES_ON = 1.0, TURNED = 2.3; /* radians: G.165 §4.2, 180 ± 25° and not 110° */

static double folded(double phase) { return remainder(phase, 2 * M_PI); }

/* 2100 Hz has 21 periods in a block, so that blocks can be compared as they are. False where the block
   is not that tone alone. */
static bool measure(const int16_t block[ANSWER_BLOCK], double *phase) {
  const double step_cos = cos(2 * M_PI * HZ / RATE_HZ), step_sin = sin(2 * M_PI * HZ / RATE_HZ);
  double real = 0, imaginary = 0, sum = 0, energy = 0, cosine = 1, sine = 0;
  for (int i = 0; i < ANSWER_BLOCK; i++) {
    real += block[i] * cosine;
    imaginary -= block[i] * sine;
    sum += block[i];
    energy += (double)block[i] * block[i];
    double turned = cosine * step_cos - sine * step_sin;
    sine = sine * step_cos + cosine * step_sin;
    cosine = turned;
  }
  energy -= sum * sum / ANSWER_BLOCK; /* a device's silence need not be zero */
  *phase = atan2(imaginary, real);
  double tone = 2 * (real * real + imaginary * imaginary) / ANSWER_BLOCK;
  return energy > LEAST_POWER * ANSWER_BLOCK && tone > CLEAN * energy;
}

static void begin(struct answer_tone *tone, double phase) {
  *tone = (struct answer_tone){.phase = phase, .run = 1};
}

/* The second clean block tells how the phase goes on. */
static void learn(struct answer_tone *tone, double phase) {
  tone->turn = folded(phase - tone->phase);
  if (fabs(tone->turn) > MOST_TURN)
    begin(tone, phase);
  else
    tone->run++;
}

static void go_on(struct answer_tone *tone, double off, unsigned steps) {
  if (steps == 1) tone->turn += 0.1 * off;
  tone->run += steps;
}

static void turn_over(struct answer_tone *tone) {
  bool is_in_time = tone->run >= LEAST_RUN && tone->run <= MOST_RUN;
  tone->turns = is_in_time && tone->turns > 0 ? tone->turns + 1 : tone->run >= LEAST_FIRST;
  tone->run = 1;
}

bool answer_tone_hear(struct answer_tone *tone, const int16_t block[ANSWER_BLOCK]) {
  double phase;
  if (!measure(block, &phase)) {
    if (++tone->gap > MOST_GAP) *tone = (struct answer_tone){0};
    return false;
  }
  unsigned steps = tone->gap + 1;
  tone->gap = 0;
  if (tone->run == 0) {
    begin(tone, phase);
  } else if (tone->run == 1 && tone->turns == 0) {
    learn(tone, phase);
    tone->phase = phase;
  } else {
    double off = folded(phase - tone->phase - steps * tone->turn);
    tone->phase = phase;
    if (fabs(off) < GOES_ON)
      go_on(tone, off, steps);
    else if (fabs(off) > TURNED)
      turn_over(tone);
    else
      begin(tone, phase);
  }
  return tone->turns >= ENOUGH_TURNS;
}
