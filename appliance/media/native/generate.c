/* One signal at a time, as a row of parts: each part is a few frequencies for a number of samples.
   Oscillators keep their phase from part to part, as FSK needs it. */
#include "generate.h"

#include "detect.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  RATE_HZ = 8000,
  BAUD = 1200,
  AON_SYMBOL = RATE_HZ * 40 / 1000,
  PAUSE = RATE_HZ, /* ',' among keys */
  TRAILING_MARKS = 10,
  OCTET_BITS = 10, /* 8N1 */
};
static const double TAU = 6.283185307179586, FULL_SCALE = 32767.0, FULL_SCALE_DBM0 = 3.14;

static const char KEYS[] = "123A456B789C*0#D";
static const float KEY_LOW[] = {697, 770, 852, 941}, KEY_HIGH[] = {1209, 1336, 1477, 1633};
static const char AON_SYMBOLS[] = "1234567890SR";
static const float AON_LOW[] = {700, 700, 900, 700, 900, 1100, 700, 900, 1100, 1300, 1100, 1300};
static const float AON_HIGH[] = {900,  1100, 1100, 1300, 1300, 1300,
                                 1500, 1500, 1500, 1500, 1700, 1700};

enum kind { NOTHING, TONE, SYMBOLS, KEY_ROW, CALLER_ID };

struct part {
  float hz[GENERATE_HZ];
  int hz_count;
  double samples; /* may be a fraction: 6.67 a bit */
};

struct generator {
  enum kind kind;
  double amplitude, phases[GENERATE_HZ];
  struct part part;
  double left; /* samples of this part */
  size_t at, size; /* parts, octets or digits */
  bool repeats, is_gap;
  double on, off;
  struct tone_step steps[GENERATE_STEPS];
  /* caller id */
  float mark_hz, space_hz;
  int seizure_bits, mark_bits, bit, trailing;
  uint8_t message[GENERATE_MESSAGE]; /* the digits of the other kinds as well */
};

struct generator *generator_new(void) {
  return calloc(1, sizeof(struct generator));
}

void generator_free(struct generator *generator) {
  free(generator);
}

void generate_nothing(struct generator *generator) {
  memset(generator, 0, sizeof *generator);
}

static bool is_level(float level_dbm0) {
  return level_dbm0 >= -80 && level_dbm0 <= 3.2f;
}

static void begin(struct generator *generator, enum kind kind, float level_dbm0) {
  generate_nothing(generator);
  generator->kind = kind;
  generator->amplitude = FULL_SCALE * pow(10, ((double)level_dbm0 - FULL_SCALE_DBM0) / 20);
}

/* ---- what to make */

static bool are_all_in(const char *text, const char *allowed) {
  return text[strspn(text, allowed)] == '\0';
}

int generate_keys(struct generator *generator, const char *digits, int on_ms, int off_ms,
                  float level_dbm0) {
  size_t size = strlen(digits);
  if (!size || size > GENERATE_DIGITS || !are_all_in(digits, "0123456789*#ABCD,")) return -EINVAL;
  if (on_ms < 1 || off_ms < 0 || on_ms > 60000 || off_ms > 60000 || !is_level(level_dbm0))
    return -EINVAL;
  begin(generator, KEY_ROW, level_dbm0);
  memcpy(generator->message, digits, size);
  generator->size = size;
  generator->on = on_ms * (double)RATE_HZ / 1000;
  generator->off = off_ms * (double)RATE_HZ / 1000;
  return 0;
}

static bool is_step(const struct tone_step *step) {
  if (step->hz_count < 0 || step->hz_count > GENERATE_HZ) return false;
  if (step->duration_ms < 1 || step->duration_ms > 3600000) return false;
  for (int i = 0; i < step->hz_count; i++)
    if (!(step->hz[i] > 0 && step->hz[i] < RATE_HZ / 2)) return false;
  return true;
}

int generate_tone(struct generator *generator, const struct tone_step *steps, int count,
                  int repeats, float level_dbm0) {
  if (count < 1 || count > GENERATE_STEPS || !is_level(level_dbm0)) return -EINVAL;
  for (int i = 0; i < count; i++)
    if (!is_step(&steps[i])) return -EINVAL;
  begin(generator, TONE, level_dbm0);
  memcpy(generator->steps, steps, sizeof *steps * (size_t)count);
  generator->size = (size_t)count;
  generator->repeats = repeats;
  return 0;
}

int generate_caller_id(struct generator *generator, const uint8_t *message, size_t size,
                       const struct caller_id_signal *signal) {
  bool is_v23 = signal->method == CALLER_ID_V23;
  if (!is_v23 && signal->method != CALLER_ID_BELL202) return -EINVAL;
  if (!size || size > GENERATE_MESSAGE || !is_level(signal->level_dbm0)) return -EINVAL;
  if (signal->seizure_bits < 0 || signal->seizure_bits > 10000) return -EINVAL;
  if (signal->mark_bits < 1 || signal->mark_bits > 10000) return -EINVAL;
  begin(generator, CALLER_ID, signal->level_dbm0);
  memcpy(generator->message, message, size);
  generator->size = size;
  generator->mark_hz = is_v23 ? 1300 : 1200;
  generator->space_hz = is_v23 ? 2100 : 2200;
  generator->seizure_bits = signal->seizure_bits;
  generator->mark_bits = signal->mark_bits;
  generator->trailing = TRAILING_MARKS;
  return 0;
}

int generate_aon(struct generator *generator, const char *symbols, float level_dbm0) {
  size_t size = strlen(symbols);
  if (!size || size > GENERATE_MESSAGE || !are_all_in(symbols, AON_SYMBOLS)) return -EINVAL;
  if (!is_level(level_dbm0)) return -EINVAL;
  begin(generator, SYMBOLS, level_dbm0);
  memcpy(generator->message, symbols, size);
  generator->size = size;
  return 0;
}

/* ---- part by part; each returns false when the signal is over */

static struct part two(float low, float high, double samples) {
  return (struct part){{low, high}, 2, samples};
}

static bool next_tone(struct generator *generator) {
  if (generator->at == generator->size && generator->repeats) generator->at = 0;
  if (generator->at == generator->size) return false;
  const struct tone_step *step = &generator->steps[generator->at++];
  generator->part = (struct part){{0}, step->hz_count, step->duration_ms * (double)RATE_HZ / 1000};
  memcpy(generator->part.hz, step->hz, sizeof step->hz);
  return true;
}

static bool next_symbol(struct generator *generator) {
  if (generator->at == generator->size) return false;
  char symbol = (char)generator->message[generator->at++];
  size_t which = (size_t)(strchr(AON_SYMBOLS, symbol) - AON_SYMBOLS);
  generator->part = two(AON_LOW[which], AON_HIGH[which], AON_SYMBOL);
  return true;
}

static bool next_key(struct generator *generator) {
  if (generator->is_gap) {
    generator->is_gap = false;
    generator->part = (struct part){.samples = generator->off};
    return true;
  }
  if (generator->at == generator->size) return false;
  char key = (char)generator->message[generator->at++];
  if (key == ',') {
    generator->part = (struct part){.samples = PAUSE};
    return true;
  }
  size_t which = (size_t)(strchr(KEYS, key) - KEYS);
  generator->part = two(KEY_LOW[which / 4], KEY_HIGH[which % 4], generator->on);
  generator->is_gap = true;
  return true;
}

/* The next bit of seizure, marks, octets and closing marks; -1 = none. */
static int next_bit(struct generator *generator) {
  if (generator->seizure_bits > 0) return --generator->seizure_bits % 2 == 0;
  if (generator->mark_bits > 0) return generator->mark_bits--, 1;
  if (generator->at == generator->size) return generator->trailing-- > 0 ? 1 : -1;
  int bit = generator->bit++, octet = generator->message[generator->at];
  if (generator->bit == OCTET_BITS) {
    generator->bit = 0;
    generator->at++;
  }
  if (bit == 0) return 0;
  return bit == OCTET_BITS - 1 ? 1 : octet >> (bit - 1) & 1;
}

static bool next_of_caller_id(struct generator *generator) {
  int bit = next_bit(generator);
  if (bit < 0) return false;
  float hz = bit ? generator->mark_hz : generator->space_hz;
  generator->part = (struct part){{hz}, 1, (double)RATE_HZ / BAUD};
  return true;
}

static bool next_part(struct generator *generator) {
  switch (generator->kind) {
  case TONE: return next_tone(generator);
  case SYMBOLS: return next_symbol(generator);
  case KEY_ROW: return next_key(generator);
  case CALLER_ID: return next_of_caller_id(generator);
  case NOTHING: break;
  }
  return false;
}

static int16_t next_sample(struct generator *generator) {
  double sum = 0;
  for (int i = 0; i < generator->part.hz_count; i++) {
    sum += sin(generator->phases[i]);
    generator->phases[i] += TAU * (double)generator->part.hz[i] / RATE_HZ;
    if (generator->phases[i] > TAU) generator->phases[i] -= TAU;
  }
  double value = sum * generator->amplitude;
  if (value > FULL_SCALE) value = FULL_SCALE;
  if (value < -FULL_SCALE) value = -FULL_SCALE;
  return (int16_t)lround(value);
}

size_t generator_fill(struct generator *generator, int16_t *samples, size_t count) {
  size_t made = 0;
  while (made < count) {
    while (generator->left <= 0.5) {
      if (!next_part(generator)) {
        generate_nothing(generator);
        memset(samples + made, 0, (count - made) * sizeof *samples);
        return made;
      }
      generator->left += generator->part.samples;
    }
    samples[made++] = next_sample(generator);
    generator->left -= 1;
  }
  return made;
}
