/* A rhythm that nobody described: one tone or two, on and off again and again, all alike.

   It looks for the strongest one or two frequencies of 300 to 700 Hz, where exchanges have their
   tones (ITU-T E.180, supplement 2), and measures what sounds. Speech and music change in pitch,
   level or length from one sound to the next: what is told must be alike in all of them, LEAST_PAIRS
   times in a row, with silence between; or of two lengths in turn (the UK's congestion), LEAST_TURNS
   times. Ringing tones pause longer than LONGEST_MS and are left out. */
#include "detect_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  LOWEST_HZ = 300,
  APART_HZ = 45,       /* nearer, and 25 ms cannot tell two tones from one */
  SETTLE_STEPS = 3,    /* as detect_tones.c */
  EDGE_MS = 5,
  SHORTEST_MS = 75, LONGEST_MS = 1000,
  UNEVEN_MS = 20,      /* from pair to pair; measuring alone makes 10 of it */
  LEAST_PAIRS = 4, LEAST_TURNS = 3, LEAST_LASTED_MS = 1500
};
static const float LEAST_PURITY = 0.6f; /* of the energy of 25 ms, as detect_tones.c */
static const float MEAN_PURITY = 0.8f;  /* of a whole sound */
static const float SECOND_SHARE = 0.15f; /* a lone tone leaves 0.05 of itself 60 Hz away */
static const float LEAST_DBM0 = -42.0f;
static const float UNEVEN_HZ = 8.0f;
static const float WANDER_HZ[] = {14.0f, 50.0f}; /* two tones see each other in 25 ms */
static const float UNEVEN_POWER = 2.0f; /* 3 dB */
static const float QUIETER = 0.1f;      /* 10 dB: our own side's echo may fill the pauses */
static const float FADING = 0.997f;     /* of the loudest, each step: 9 dB in 3.5 s */

int cadence_configure(struct cadence *cadence, struct spectrum *spectrum, bool hears) {
  memset(cadence, 0, sizeof *cadence);
  cadence->hears = hears;
  for (int i = 0; i < CADENCE_PERIODS; i++) cadence->rows[i].period = i + 1;
  for (int i = 0; hears && i < CADENCE_BINS; i++)
    if ((cadence->bins[i] = spectrum_add(spectrum, (float)(LOWEST_HZ + i * CADENCE_SPACING_HZ))) < 0)
      return -EINVAL;
  return 0;
}

/* ---- what sounds now */

static float power_at(const struct cadence *cadence, const struct spectrum *spectrum, int i) {
  return spectrum->bins[cadence->bins[i]].power;
}

/* The strongest, at least so many places away from another one; -1: none. */
static int strongest(const struct cadence *cadence, const struct spectrum *spectrum, int from) {
  int best = -1;
  for (int i = 0; i < CADENCE_BINS; i++) {
    if (from >= 0 && abs(i - from) * CADENCE_SPACING_HZ < APART_HZ) continue;
    if (best < 0 || power_at(cadence, spectrum, i) > power_at(cadence, spectrum, best)) best = i;
  }
  return best;
}

static bool look(struct cadence *cadence, const struct spectrum *spectrum,
                 struct cadence_look *found) {
  int first = strongest(cadence, spectrum, -1);
  int second = strongest(cadence, spectrum, first);
  float one = power_at(cadence, spectrum, first), two = power_at(cadence, spectrum, second);
  bool is_edge = second == 0 || second == CADENCE_BINS - 1; /* something beyond what is looked at */
  bool has_two = two >= SECOND_SHARE * (one + two) && !is_edge;
  found->step_power = spectrum->step_power;
  found->power = has_two ? one + two : one;
  found->purity = found->power / (spectrum->power + 1e-6f);
  found->hz[0] = spectrum_hz(spectrum, cadence->bins[first]);
  found->hz[1] = has_two ? spectrum_hz(spectrum, cadence->bins[second]) : 0;
  if (has_two && found->hz[1] < found->hz[0]) {
    float higher = found->hz[0];
    found->hz[0] = found->hz[1];
    found->hz[1] = higher;
  }
  bool is_pure = found->purity >= LEAST_PURITY && power_dbm0(found->power) >= LEAST_DBM0;
  cadence->loudest *= FADING;
  if (is_pure && found->power > cadence->loudest) cadence->loudest = found->power;
  return is_pure && found->power >= cadence->loudest / 8;
}

/* ---- one sound */

static void note(struct cadence_sound *sound, const struct cadence_look *look) {
  sound->steps++;
  sound->twos += look->hz[1] > 0;
  for (int i = 0; i < 2; i++) sound->hz[i] += look->hz[i];
  sound->power += look->power;
  sound->purity += look->purity;
  if (sound->steps == 1 || look->power < sound->least) sound->least = look->power;
  if (look->power > sound->most) sound->most = look->power;
  if (sound->steps == 1 || look->hz[0] < sound->lowest) sound->lowest = look->hz[0];
  if (look->hz[0] > sound->highest) sound->highest = look->hz[0];
}

/* The same pitch and strength from its beginning to its end? Its sums become means. */
static bool is_steady(struct cadence_sound *sound) {
  if (sound->steps < 2) return false;
  float steps = (float)sound->steps;
  for (int i = 0; i < 2; i++) sound->hz[i] /= steps;
  sound->power /= steps;
  sound->purity /= steps;
  bool is_one_kind = sound->twos == 0 || sound->twos == sound->steps;
  return is_one_kind && sound->purity >= MEAN_PURITY &&
         sound->highest - sound->lowest <= WANDER_HZ[sound->twos > 0] && sound->most <= UNEVEN_POWER * sound->least;
}

static bool has_length_of(const struct cadence_sound *one, const struct cadence_sound *other) {
  return abs(one->on_ms - other->on_ms) <= UNEVEN_MS &&
         abs(one->off_ms - other->off_ms) <= UNEVEN_MS;
}

static bool sounds_like(const struct cadence_sound *one, const struct cadence_sound *other) {
  return fabsf(one->hz[0] - other->hz[0]) <= UNEVEN_HZ &&
         fabsf(one->hz[1] - other->hz[1]) <= UNEVEN_HZ &&
         one->power <= UNEVEN_POWER * other->power && other->power <= UNEVEN_POWER * one->power;
}

/* ---- the rows of them */

static void forget(struct cadence *cadence) {
  for (int i = 0; i < CADENCE_PERIODS; i++) cadence->rows[i].pairs = 0;
  cadence->has_sound = false;
}

static void count(struct cadence_row *row, const struct cadence_sound *pair) {
  int place = row->pairs % row->period;
  if (row->pairs < row->period) {
    row->first[place] = *pair;
    memset(&row->sum[place], 0, sizeof row->sum[place]);
  }
  struct cadence_sound *sum = &row->sum[place];
  sum->on_ms += pair->on_ms;
  sum->off_ms += pair->off_ms;
  sum->power += pair->power;
  for (int i = 0; i < 2; i++) sum->hz[i] += pair->hz[i];
  row->pairs++;
}

static bool goes_on(const struct cadence_row *row, const struct cadence_sound *pair) {
  if (!row->pairs) return false;
  if (!sounds_like(pair, &row->first[0])) return false;
  return row->pairs < row->period || has_length_of(pair, &row->first[row->pairs % row->period]);
}

/* A row that breaks begins anew with as many as could be its beginning. */
static void add(struct cadence_row *row, const struct cadence_sound *pair) {
  if (!goes_on(row, pair)) {
    bool was_there = row->pairs > 0;
    row->pairs = 0;
    if (row->period > 1 && was_there && sounds_like(pair, &row->before)) count(row, &row->before);
  }
  count(row, pair);
  row->before = *pair;
}

static int lasted_ms(const struct cadence_row *row) {
  int sum = 0;
  for (int i = 0; i < row->period; i++) sum += row->sum[i].on_ms + row->sum[i].off_ms;
  return sum;
}

static bool is_known(const struct cadence_row *row) {
  int least = row->period > 1 ? LEAST_TURNS * row->period : LEAST_PAIRS;
  return row->pairs >= least && lasted_ms(row) >= LEAST_LASTED_MS;
}

static void tell(const struct cadence_row *row, struct results *results) {
  struct detection *found = detect_push(results, DETECTED_CADENCE);
  int on_ms[CADENCE_PERIODS] = {0}, off_ms[CADENCE_PERIODS] = {0};
  float hz[2] = {0, 0}, power = 0;
  for (int i = 0; i < row->period; i++) {
    float times = (float)((row->pairs + row->period - 1 - i) / row->period);
    on_ms[i] = (int)lroundf((float)row->sum[i].on_ms / times);
    off_ms[i] = (int)lroundf((float)row->sum[i].off_ms / times);
    for (int k = 0; k < 2; k++) hz[k] += row->sum[i].hz[k];
    power += row->sum[i].power;
  }
  found->on_ms = on_ms[0];
  found->off_ms = off_ms[0];
  found->second_on_ms = on_ms[1];
  found->second_off_ms = off_ms[1];
  found->hz = hz[0] / (float)row->pairs;
  found->second_hz = hz[1] / (float)row->pairs;
  found->level_dbm0 = power_dbm0(power / (float)row->pairs);
  found->lasted_ms = lasted_ms(row);
}

/* A sound and the silence behind it are whole. */
static void add_pair(struct cadence *cadence, struct results *results) {
  for (int i = 0; i < CADENCE_PERIODS; i++) add(&cadence->rows[i], &cadence->sound);
  for (int i = 0; i < CADENCE_PERIODS; i++) {
    if (!is_known(&cadence->rows[i])) continue;
    tell(&cadence->rows[i], results);
    return; /* all alike are in turn, too */
  }
}

static bool is_length(int ms) { return ms >= SHORTEST_MS && ms <= LONGEST_MS + UNEVEN_MS; }

static void end_sound(struct cadence *cadence, int lasted_ms) {
  cadence->sound.on_ms = lasted_ms;
  cadence->has_sound = cadence->is_settled && is_length(lasted_ms) && is_steady(&cadence->sound);
  if (!cadence->has_sound) forget(cadence);
}

static void end_silence(struct cadence *cadence, int lasted_ms, struct results *results) {
  float rest = cadence->rested ? cadence->rest / (float)cadence->rested : 0;
  cadence->sound.off_ms = lasted_ms;
  if (cadence->has_sound && is_length(lasted_ms) && rest <= QUIETER * cadence->sound.power)
    add_pair(cadence, results);
  else
    forget(cadence);
  memset(&cadence->sound, 0, sizeof cadence->sound);
}

static void change(struct cadence *cadence, struct results *results) {
  int lasted = cadence->steps - cadence->changing_steps;
  if (cadence->sounds)
    end_sound(cadence, lasted * STEP_MS + EDGE_MS);
  else
    end_silence(cadence, lasted * STEP_MS - EDGE_MS, results);
  cadence->rest = 0;
  cadence->rested = 0;
  cadence->sounds = !cadence->sounds;
  cadence->is_settled = true;
  cadence->steps = cadence->changing_steps;
  cadence->changing_steps = 0;
}

/* Of a sound or silence its middle alone is measured, CADENCE_LAG steps late: then it goes on. */
static struct cadence_look *lagging(struct cadence *cadence, bool *is_middle) {
  *is_middle = cadence->steps >= CADENCE_LAG + CADENCE_LAG / 2;
  return &cadence->lag[cadence->steps % CADENCE_LAG];
}

static void measure(struct cadence *cadence, const struct cadence_look *now) {
  bool is_middle;
  struct cadence_look *old = lagging(cadence, &is_middle);
  if (is_middle && cadence->sounds) {
    note(&cadence->sound, old);
  } else if (is_middle) {
    cadence->rest += old->step_power;
    cadence->rested++;
  }
  *old = *now;
}

void cadence_step(struct cadence *cadence, const struct spectrum *spectrum,
                  struct results *results) {
  if (!cadence->hears) return;
  struct cadence_look now;
  bool sounds = look(cadence, spectrum, &now);
  cadence->steps++;
  measure(cadence, &now);
  if (sounds == cadence->sounds)
    cadence->changing_steps = 0;
  else if (++cadence->changing_steps == SETTLE_STEPS)
    change(cadence, results);
  if (cadence->steps * STEP_MS > LONGEST_MS + 2 * UNEVEN_MS) forget(cadence);
}
