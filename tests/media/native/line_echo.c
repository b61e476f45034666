/* Speech of one side, a hybrid that gives it back later and weaker, and what the canceller leaves.

   usage: line_echo FAR.raw NEAR.raw ERL_DB DELAY_MS HINT_MS WHAT
   WHAT: speech; duet: both sides say a tone, nothing else; moved: the delay grows by 20 ms after 6 s; tones: the far side sends tones from 4 to
   8 s; double: the near side speaks from 4 to 8 s. Raw: s16le, 8 kHz. Prints as JSON: the echo's loss
   (ERLE) from 1.0 to 1.5 s after it began and from 9 s on, and what of the near side is left. */
#include "line_echo.h"
#include "line_g711.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 8000, MOST = 20 * SECOND, HYBRID = 64, BEGUN = 200 };

static int16_t far_side[MOST], near_side[MOST];
static double hybrid[HYBRID];

static int16_t through_law(double sample) {
  return alaw_decode(alaw_encode((int16_t)lrint(fmax(-32768, fmin(32767, sample)))));
}

static void load(const char *name, int16_t *samples) {
  FILE *file = fopen(name, "rb");
  if (!file || fread(samples, 2, MOST, file) == 0) exit(2);
  fclose(file);
}

/* A decaying scatter, as two-wire lines have it: 8 ms. */
static void make_hybrid(double erl_db) {
  unsigned seed = 5;
  double energy = 0;
  for (int i = 0; i < HYBRID; i++) {
    hybrid[i] = ((double)rand_r(&seed) / RAND_MAX - 0.5) * exp(-i / 12.0);
    energy += hybrid[i] * hybrid[i];
  }
  for (int i = 0; i < HYBRID; i++) hybrid[i] *= pow(10, -erl_db / 20) / sqrt(energy);
}

static double echo_at(int at, int delay) {
  double sum = 0;
  for (int i = 0; i < HYBRID; i++)
    if (at - delay - i >= 0) sum += hybrid[i] * far_side[at - delay - i];
  return sum;
}

struct powers {
  double heard, left, near;
};

static double db(double one, double other) { return 10 * log10((one + 1) / (other + 1)); }

static void add_tones(void) {
  for (int at = 4 * SECOND; at < 8 * SECOND; at++) {
    double hz = at < 6 * SECOND ? 425 : 697, other = at < 6 * SECOND ? 0 : 1209;
    double sum = sin(2 * M_PI * hz * at / SECOND) + sin(2 * M_PI * other * at / SECOND);
    far_side[at] = (int16_t)lrint(5000 * sum);
  }
}

static void say_tones_only(void) {
  for (int at = 0; at < MOST; at++) {
    far_side[at] = (int16_t)lrint(6000 * sin(2 * M_PI * 425 * at / SECOND));
    near_side[at] = (int16_t)lrint(3000 * sin(2 * M_PI * 1300 * at / SECOND));
  }
}

int main(int count, char **arguments) {
  static struct echo_canceller echo;
  struct powers early = {0}, late = {0}, both = {0}, *now;
  unsigned seed = 7;
  int begun = 0;
  if (count != 7) return 2;
  const char *what = arguments[6];
  load(arguments[1], far_side);
  load(arguments[2], near_side);
  if (!strcmp(what, "tones")) add_tones();
  if (!strcmp(what, "duet")) say_tones_only();
  for (int at = 0; at < MOST; at++) far_side[at] = through_law(far_side[at]);
  make_hybrid(atof(arguments[3]));
  if (echo_init(&echo, 8 * atoi(arguments[5]))) return 2;
  for (int at = 0; at + ECHO_BLOCK <= MOST; at += ECHO_BLOCK) {
    int16_t heard[ECHO_BLOCK], before[ECHO_BLOCK];
    bool is_duet = !strcmp(what, "duet");
    bool is_double =
        is_duet || (!strcmp(what, "double") && at >= 4 * SECOND && at < 8 * SECOND);
    int delay = 8 * atoi(arguments[4]) + (!strcmp(what, "moved") && at > 6 * SECOND ? 160 : 0);
    for (int i = 0; i < ECHO_BLOCK; i++) {
      double noise = 4.0 * rand_r(&seed) / RAND_MAX - 2.0;
      heard[i] = through_law(echo_at(at + i, delay) + noise + (is_double ? near_side[at + i] : 0));
      if (!begun && abs(far_side[at + i]) > 4 * BEGUN) begun = at + delay;
    }
    memcpy(before, heard, sizeof heard);
    echo_process(&echo, heard, far_side + at, false);
    now = begun && at >= begun + SECOND && at < begun + SECOND * 3 / 2 ? &early
          : is_double && at > 4 * SECOND ? &both
          : at >= 9 * SECOND ? &late : NULL;
    for (int i = 0; now && i < ECHO_BLOCK; i++) {
      now->heard += before[i] * before[i];
      now->left += heard[i] * heard[i];
      now->near += near_side[at + i] * near_side[at + i];
    }
  }
  printf("{\"early_db\": %.1f, \"late_db\": %.1f, \"near_kept_db\": %.1f, ", db(early.heard, early.left),
         db(late.heard, late.left), db(both.left, both.near));
  printf("\"delay_ms\": %.1f, \"erle_db\": %.1f}\n", echo_delay_ms(&echo), echo_erle_db(&echo));
  echo_free(&echo);
  return 0;
}
