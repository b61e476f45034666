#include "line_echo.h"

#include <errno.h>
#include <math.h>
#include <speex/speex_echo.h>
#include <string.h>

enum {
  THAW_BLOCKS = 9,      /* after a tone: its echo's tail, then HISTORY_BLOCKS */
  HISTORY_BLOCKS = 5,   /* what the canceller looks back on */
  KEEP_BLOCKS = 15,     /* taps are kept every 150 ms: those before the last are older than a tone */
  LEAD = 40,            /* 5 ms before the middle of the echo */
  EARLIEST = 16,        /* where the middle may wander within the tail */
  LATEST = 120,
};
static const float TAP_SCALE = 32767.0f * 2 * ECHO_BLOCK; /* of speexdsp's fixed-point answer */
static const float ACTIVE = 60.0f * 60.0f, SMOOTHING = 0.3f, FLOOR_RISE = 1.02f;
static const float CLEAN = 0.1f, NEAR_SPEAKS = 0.32f; /* of what was heard: -10 and -5 dB */
static const float LEAST_GAIN = 0.01f;

static int bounded(int value, int least, int most) {
  return value < least ? least : value > most ? most : value;
}

int echo_init(struct echo_canceller *echo, int delay_samples) {
  int rate_hz = 8000;
  memset(echo, 0, sizeof *echo);
  bulk_init(&echo->bulk);
  echo->offset = bounded(delay_samples - LEAD, 0, ECHO_PAST - 2 * ECHO_TAIL);
  echo->gain = 1.0f;
  echo->seed = 1;
  echo->speex = speex_echo_state_init(ECHO_BLOCK, ECHO_TAIL);
  if (!echo->speex) return -ENOMEM;
  speex_echo_ctl(echo->speex, SPEEX_ECHO_SET_SAMPLING_RATE, &rate_hz);
  return 0;
}

void echo_free(struct echo_canceller *echo) {
  if (echo->speex) speex_echo_state_destroy(echo->speex);
  echo->speex = NULL;
}

static float square_of(const int16_t samples[ECHO_BLOCK]) {
  float sum = 0;
  for (int i = 0; i < ECHO_BLOCK; i++) sum += (float)samples[i] * samples[i];
  return sum / ECHO_BLOCK;
}

/* ---- what was said, and when */

static void remember(struct echo_canceller *echo, const int16_t said[ECHO_BLOCK]) {
  for (int i = 0; i < ECHO_BLOCK; i++) echo->past[(echo->said + (unsigned)i) % ECHO_PAST] = said[i];
  echo->said += ECHO_BLOCK;
}

/* The count samples that end `back` samples before now. */
static void recall(const struct echo_canceller *echo, int back, int16_t *samples, int count) {
  uint64_t first = echo->said + ECHO_PAST - (uint64_t)(back + count);
  for (int i = 0; i < count; i++) samples[i] = echo->past[(first + (uint64_t)i) % ECHO_PAST];
}

/* The device's queue may have changed: follow it where the echo leaves the middle of the tail. */
static void follow_bulk(struct echo_canceller *echo) {
  if (echo->bulk.delay < 0) return;
  int place = echo->bulk.delay - echo->offset;
  if (place >= EARLIEST && place <= LATEST) return;
  int offset = bounded(echo->bulk.delay - LEAD, 0, ECHO_PAST - 2 * ECHO_TAIL);
  if (offset == echo->offset) return;
  echo->offset = offset;
  echo->has_taps = false;
  echo->heard_mean = echo->left_mean = 0;
  speex_echo_state_reset(echo->speex);
}

/* ---- tones */

static void keep_taps(struct echo_canceller *echo) {
  spx_int32_t taps[ECHO_TAIL + ECHO_BLOCK];
  if (++echo->blocks % KEEP_BLOCKS) return;
  memcpy(echo->taps[1], echo->taps[0], sizeof echo->taps[1]);
  speex_echo_ctl(echo->speex, SPEEX_ECHO_GET_IMPULSE_RESPONSE, taps);
  for (int i = 0; i < ECHO_TAIL; i++) echo->taps[0][i] = (float)taps[i] / TAP_SCALE;
  echo->has_taps = echo->blocks >= 2 * KEEP_BLOCKS;
}

/* Two zeros at 0 Hz and two poles beside them, as in speexdsp's canceller: its taps are learned from
   what comes out of this. */
static void notch(struct echo_canceller *echo, const int16_t in[ECHO_BLOCK], float out[ECHO_BLOCK]) {
  static const double RADIUS = 0.9, FAR = 0.9 * 0.9 + 0.7 * 0.1 * 0.1;
  for (int i = 0; i < ECHO_BLOCK; i++) {
    double pole = in[i] + echo->notch[0];
    echo->notch[0] = echo->notch[1] + 2 * (RADIUS * pole - in[i]);
    echo->notch[1] = in[i] - FAR * pole;
    out[i] = (float)(RADIUS * pole);
  }
}

/* By what was learned before: out = heard - taps * said. */
static void filter(const struct echo_canceller *echo, const float heard[ECHO_BLOCK],
                   int16_t out[ECHO_BLOCK]) {
  int16_t said[ECHO_TAIL + ECHO_BLOCK];
  recall(echo, echo->offset, said, ECHO_TAIL + ECHO_BLOCK);
  for (int i = 0; i < ECHO_BLOCK; i++) {
    float sum = 0;
    const int16_t *newest = said + ECHO_TAIL + i;
    for (int tap = 0; tap < ECHO_TAIL; tap++) sum += echo->taps[1][tap] * newest[-tap];
    float left = heard[i] - sum;
    out[i] = (int16_t)lrintf(left > 32767.f ? 32767.f : left < -32768.f ? -32768.f : left);
  }
}

/* A tone freezes until it and its echo are over and the canceller's history is whole again. */
static bool is_frozen(struct echo_canceller *echo, const int16_t said[ECHO_BLOCK], bool is_tone) {
  unsigned lasting = (unsigned)(echo->offset / ECHO_BLOCK) + THAW_BLOCKS;
  if (tonal_hear(&echo->tonal, said) || is_tone)
    echo->frozen_blocks = lasting;
  else if (echo->frozen_blocks > 0)
    echo->frozen_blocks--;
  return echo->frozen_blocks > 0;
}

static void cancel(struct echo_canceller *echo, const int16_t heard[ECHO_BLOCK],
                   int16_t out[ECHO_BLOCK], bool is_still) {
  static const int16_t nothing[ECHO_BLOCK];
  int16_t reference[ECHO_BLOCK], ignored[ECHO_BLOCK];
  float bare[ECHO_BLOCK];
  notch(echo, heard, bare);
  recall(echo, echo->offset, reference, ECHO_BLOCK);
  if (!is_still) {
    speex_echo_cancellation(echo->speex, heard, reference, out);
    if (echo->tonal.run == 0) keep_taps(echo);
    return;
  }
  if (echo->has_taps)
    filter(echo, bare, out);
  else
    memcpy(out, heard, ECHO_BLOCK * sizeof *out); /* nothing is known yet, and a tone tells nothing */
  bool is_over = echo->frozen_blocks < HISTORY_BLOCKS; /* fill its history while nothing is lost */
  speex_echo_cancellation(echo->speex, is_over ? heard : nothing, is_over ? reference : nothing,
                          ignored);
}

/* ---- what remains */

static void measure(struct echo_canceller *echo, const int16_t heard[ECHO_BLOCK],
                    const int16_t left[ECHO_BLOCK]) {
  int16_t said[2 * ECHO_BLOCK];
  recall(echo, echo->offset, said, 2 * ECHO_BLOCK);
  float said_square = 0.5f * (square_of(said) + square_of(said + ECHO_BLOCK));
  float heard_square = square_of(heard), left_square = square_of(left);
  echo->said_power += SMOOTHING * (said_square - echo->said_power);
  echo->heard_power += SMOOTHING * (heard_square - echo->heard_power);
  echo->left_power += SMOOTHING * (left_square - echo->left_power);
  if (echo->floor_power == 0 || left_square < echo->floor_power)
    echo->floor_power = left_square + 0.01f;
  else
    echo->floor_power *= FLOOR_RISE;
  if (echo->floor_power > 120.0f * 120.0f) echo->floor_power = 120.0f * 120.0f;
}

/* How much of what is left may pass: all while the line's party speaks, little while only its echo
   is left. */
static float wanted_gain(const struct echo_canceller *echo) {
  if (echo->said_power < ACTIVE) return 1.0f;
  float share = echo->left_power / (echo->heard_power + 1.0f);
  if (share >= NEAR_SPEAKS) return 1.0f;
  if (share <= CLEAN) return LEAST_GAIN;
  return LEAST_GAIN + (1.0f - LEAST_GAIN) * (share - CLEAN) / (NEAR_SPEAKS - CLEAN);
}

static float noise(struct echo_canceller *echo) {
  echo->seed = echo->seed * 1664525u + 1013904223u;
  return (float)(int32_t)echo->seed / 2147483648.0f * 1.732f; /* of power 1 */
}

static void cover(struct echo_canceller *echo, int16_t out[ECHO_BLOCK]) {
  float wanted = wanted_gain(echo), before = echo->gain;
  float share = wanted > before ? 0.5f : 0.3f; /* opens within 20 ms */
  echo->gain = before + share * (wanted - before);
  float level = sqrtf(echo->floor_power);
  for (int i = 0; i < ECHO_BLOCK; i++) {
    float gain = before + (echo->gain - before) * (float)(i + 1) / ECHO_BLOCK;
    out[i] = (int16_t)lrintf(gain * out[i] + (1 - gain) * level * noise(echo));
  }
}

static void account(struct echo_canceller *echo, const int16_t heard[ECHO_BLOCK],
                    const int16_t out[ECHO_BLOCK]) {
  bool is_echo_alone = echo->said_power > ACTIVE && echo->heard_power > 30 * echo->floor_power &&
                       echo->left_power < NEAR_SPEAKS * echo->heard_power;
  if (!is_echo_alone) return;
  echo->heard_mean += 0.02f * (square_of(heard) - echo->heard_mean);
  echo->left_mean += 0.02f * (square_of(out) - echo->left_mean);
}

void echo_process(struct echo_canceller *echo, int16_t heard[ECHO_BLOCK],
                  const int16_t said[ECHO_BLOCK], bool is_tone) {
  int16_t out[ECHO_BLOCK];
  if (!echo->speex) return;
  remember(echo, said);
  bool is_still = is_frozen(echo, said, is_tone);
  bulk_hear(&echo->bulk, said, heard, !is_still);
  follow_bulk(echo);
  cancel(echo, heard, out, is_still);
  measure(echo, heard, out);
  cover(echo, out);
  account(echo, heard, out);
  memcpy(heard, out, sizeof out);
}

double echo_erle_db(const struct echo_canceller *echo) {
  if (!echo->speex || echo->heard_mean < 100) return -1;
  double erle_db = 10 * log10((double)echo->heard_mean / (echo->left_mean + 1e-3));
  return erle_db > 0 ? erle_db : 0;
}

double echo_delay_ms(const struct echo_canceller *echo) {
  return echo->speex && echo->bulk.delay >= 0 ? echo->bulk.delay / 8.0 : -1;
}
