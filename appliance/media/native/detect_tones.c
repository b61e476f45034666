/* Call progress tones: do a watch's frequencies sound now, and in which rhythm do they?

   A tone sounds when its frequencies hold most of the energy of 25 ms (speech and music seldom do)
   and each has its share of it. A rhythm is a row of lengths, on and off in turn, each as the watch
   says; what breaks it begins it anew. */
#include "detect_parts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
  BIN_SPACING_HZ = 18,
  SETTLE_STEPS = 3,     /* a change counts when it lasted so long; its time is of its beginning */
  LEAST_TOLERANCE_MS = 25,
  EDGE_MS = 5,          /* the window takes as much from each sound and gives it to each silence */
  LONGEST_TURN_GAP = 10 /* steps between two tones of a row (SIT) */
};
static const float LEAST_PURITY = 0.6f, LEAST_SHARE = 0.1f, LEAST_DBM0 = -42.0f;

static int add_bins(struct watched *watched, struct spectrum *spectrum) {
  const struct tone_watch *watch = &watched->watch;
  int reach = (int)lroundf(watch->tolerance_hz / BIN_SPACING_HZ);
  watched->bin_count = 2 * reach + 1;
  for (int i = 0; i < watch->hz_count; i++) {
    for (int k = 0; k < watched->bin_count; k++) {
      float hz = watch->hz[i] + (float)((k - reach) * BIN_SPACING_HZ);
      if ((watched->bins[i][k] = spectrum_add(spectrum, hz)) < 0) return -EINVAL;
    }
  }
  return 0;
}

static bool is_sensible(const struct tone_watch *watch) {
  if (watch->hz_count < 1 || watch->hz_count > DETECT_HZ) return false;
  if (watch->pattern_count < 0 || watch->pattern_count > DETECT_PATTERN) return false;
  if (!(watch->tolerance_hz >= 0 && watch->tolerance_hz <= 100)) return false;
  for (int i = 0; i < watch->hz_count; i++)
    if (!(watch->hz[i] >= 200 && watch->hz[i] <= 3800)) return false;
  for (int i = 0; i < watch->pattern_count; i++)
    if (watch->pattern_ms[i] < 1 || watch->pattern_ms[i] > 60000) return false;
  if (watch->is_in_turn) return watch->pattern_count == watch->hz_count;
  if (watch->pattern_count) return watch->cycles > 0 && watch->pattern_count % 2 == 0;
  return watch->least_ms >= 0;
}

int tones_configure(struct tones *tones, struct spectrum *spectrum,
                    const struct detect_config *config) {
  memset(tones, 0, sizeof *tones);
  if (config->watch_count < 0 || config->watch_count > DETECT_WATCHES) return -EINVAL;
  for (int i = 0; i < config->watch_count; i++) {
    struct watched *watched = &tones->watched[i];
    watched->watch = config->watches[i];
    if (!is_sensible(&watched->watch)) return -EINVAL;
    if (add_bins(watched, spectrum)) return -EINVAL;
  }
  tones->count = config->watch_count;
  return 0;
}

static int strongest(const struct watched *watched, const struct spectrum *spectrum, int which) {
  int best = watched->bins[which][0];
  for (int k = 1; k < watched->bin_count; k++)
    if (spectrum->bins[watched->bins[which][k]].power > spectrum->bins[best].power)
      best = watched->bins[which][k];
  return best;
}

static bool is_pure(float part, const struct spectrum *spectrum) {
  return part >= LEAST_PURITY * spectrum->power && power_dbm0(part) >= LEAST_DBM0;
}

static bool sounds_together(struct watched *watched, const struct spectrum *spectrum) {
  float sum = 0, least = INFINITY;
  for (int i = 0; i < watched->watch.hz_count; i++) {
    int bin = strongest(watched, spectrum, i);
    float power = spectrum->bins[bin].power;
    sum += power;
    if (power < least) least = power;
    if (i == 0) {
      watched->heard_bin = bin;
      watched->heard_power = power;
    }
  }
  return least >= LEAST_SHARE * sum && is_pure(sum, spectrum);
}

static bool sounds_alone(struct watched *watched, const struct spectrum *spectrum, int which) {
  int bin = strongest(watched, spectrum, which);
  watched->heard_bin = bin;
  watched->heard_power = spectrum->bins[bin].power;
  return is_pure(watched->heard_power, spectrum);
}

/* ---- telling */

static bool is_told_already(const struct tones *tones, int id) {
  for (int i = 0; i < tones->count; i++)
    if (tones->watched[i].watch.id == id && tones->watched[i].is_told) return true;
  return false;
}

static void tell(struct tones *tones, struct watched *watched, struct results *results) {
  bool is_new = !is_told_already(tones, watched->watch.id);
  watched->is_told = true;
  if (!is_new) return;
  struct detection *found = detect_push(results, DETECTED_TONE);
  found->id = watched->watch.id;
  found->hz = watched->measured ? watched->hz / (float)watched->measured : watched->watch.hz[0];
  found->level_dbm0 =
      power_dbm0(watched->measured ? watched->power / (float)watched->measured : 0);
  found->on_ms = watched->on_ms;
  found->off_ms = watched->off_ms;
}

static void measure(struct watched *watched, const struct spectrum *spectrum) {
  if (watched->measured >= 2000) return;
  watched->hz += spectrum_hz(spectrum, watched->heard_bin);
  watched->power += watched->heard_power;
  watched->measured++;
}

static void forget(struct watched *watched) {
  watched->matched = watched->turn = 0;
  watched->is_told = false;
  watched->hz = watched->power = 0;
  watched->measured = 0;
}

/* ---- rhythm */

static bool fits(int lasted_ms, int wanted_ms) {
  int tolerance = wanted_ms / 10 > LEAST_TOLERANCE_MS ? wanted_ms / 10 : LEAST_TOLERANCE_MS;
  return lasted_ms >= wanted_ms - tolerance && lasted_ms <= wanted_ms + tolerance;
}

/* Between two sounds of a rhythm the line is much quieter than in them. */
static bool is_quiet(const struct watched *watched) {
  float tone = watched->measured ? watched->power / (float)watched->measured : 0;
  return watched->rest <= tone / 4 * (float)watched->steps;
}

/* A stretch of sound or silence is over. */
static void end_stretch(struct tones *tones, struct watched *watched, bool was_sound,
                        int lasted_ms, struct results *results) {
  const struct tone_watch *watch = &watched->watch;
  int wanted = watch->pattern_ms[watched->matched % watch->pattern_count];
  bool is_right = was_sound == (watched->matched % 2 == 0) && fits(lasted_ms, wanted);
  if (!is_right || (!was_sound && !is_quiet(watched))) {
    bool may_begin = was_sound && watched->matched && fits(lasted_ms, watch->pattern_ms[0]);
    forget(watched);
    if (!may_begin) return;
  }
  *(was_sound ? &watched->on_ms : &watched->off_ms) = lasted_ms;
  watched->matched++;
  if (!watched->is_told && watched->matched == watch->cycles * watch->pattern_count - 1)
    tell(tones, watched, results);
}

static void begin_continuous(struct tones *tones, struct watched *watched,
                             struct results *results) {
  int lasted_ms = watched->steps * STEP_MS + EDGE_MS;
  if (watched->is_told || lasted_ms < watched->watch.least_ms) return;
  watched->on_ms = lasted_ms;
  watched->off_ms = 0;
  tell(tones, watched, results);
}

/* Longer than anything in the pattern: what was told is over. */
static void outlast(struct watched *watched) {
  const struct tone_watch *watch = &watched->watch;
  if (!watched->is_told || !watch->pattern_count) return;
  int longest = 0;
  for (int i = 0; i < watch->pattern_count; i++)
    if (watch->pattern_ms[i] > longest) longest = watch->pattern_ms[i];
  if (watched->steps * STEP_MS > longest + longest / 10 + 2 * LEAST_TOLERANCE_MS) forget(watched);
}

static void change(struct tones *tones, struct watched *watched, struct results *results) {
  int lasted = watched->steps - watched->changing_steps;
  int lasted_ms = lasted * STEP_MS + (watched->sounds ? EDGE_MS : -EDGE_MS);
  if (watched->watch.pattern_count) {
    if (watched->is_settled) end_stretch(tones, watched, watched->sounds, lasted_ms, results);
  } else {
    forget(watched);
  }
  watched->rest = 0;
  watched->sounds = !watched->sounds;
  watched->is_settled = true;
  watched->steps = watched->changing_steps;
  watched->changing_steps = 0;
}

static void step_together(struct tones *tones, struct watched *watched,
                          const struct spectrum *spectrum, struct results *results) {
  bool sounds = sounds_together(watched, spectrum);
  watched->steps++;
  watched->rest += spectrum->step_power;
  if (sounds == watched->sounds) {
    watched->changing_steps = 0;
    if (sounds) measure(watched, spectrum);
  } else if (++watched->changing_steps == SETTLE_STEPS) {
    change(tones, watched, results);
  }
  if (watched->sounds && !watched->watch.pattern_count) begin_continuous(tones, watched, results);
  outlast(watched);
}

/* Told once, and not again before 2 s without any of its frequencies. */
static void rest_after_turn(struct watched *watched, const struct spectrum *spectrum) {
  watched->changing_steps++;
  for (int i = 0; i < watched->watch.hz_count; i++)
    if (sounds_alone(watched, spectrum, i)) watched->changing_steps = 0;
  if (watched->changing_steps < 2 * RATE_HZ / STEP) return;
  forget(watched);
  watched->steps = watched->changing_steps = 0;
}

/* SIT: frequency after frequency, each for about its time; exchanges differ by a quarter. */
static void step_in_turn(struct tones *tones, struct watched *watched,
                         const struct spectrum *spectrum, struct results *results) {
  const struct tone_watch *watch = &watched->watch;
  if (watched->is_told) {
    rest_after_turn(watched, spectrum);
    return;
  }
  bool sounds = sounds_alone(watched, spectrum, watched->turn);
  int wanted_ms = watch->pattern_ms[watched->turn], lasted_ms = watched->steps * STEP_MS;
  if (sounds) {
    watched->steps++;
    watched->changing_steps = 0;
    if (watched->turn == 0) measure(watched, spectrum);
    if (watched->turn + 1 == watch->hz_count && lasted_ms >= wanted_ms * 3 / 4) {
      watched->on_ms = lasted_ms;
      tell(tones, watched, results);
    }
    return;
  }
  bool is_whole = lasted_ms >= wanted_ms * 7 / 10 && lasted_ms <= wanted_ms * 13 / 10;
  if (is_whole && watched->turn + 1 < watch->hz_count) {
    watched->turn++;
    watched->steps = watched->changing_steps = 0;
  } else if (watched->steps && ++watched->changing_steps <= SETTLE_STEPS) {
    return; /* a scratch in the tone */
  } else if (watched->turn && !watched->steps && ++watched->changing_steps <= LONGEST_TURN_GAP) {
    return; /* the gap before the next one */
  } else {
    forget(watched);
    watched->steps = watched->changing_steps = 0;
  }
}

void tones_step(struct tones *tones, const struct spectrum *spectrum, struct results *results) {
  for (int i = 0; i < tones->count; i++) {
    struct watched *watched = &tones->watched[i];
    if (watched->watch.is_in_turn)
      step_in_turn(tones, watched, spectrum, results);
    else
      step_together(tones, watched, spectrum, results);
  }
}
