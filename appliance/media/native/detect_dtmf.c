/* DTMF, one decision every 2 ms over the last 16: which row and which column sound, how pure they
   are, and how far from their frequencies. What sounds alike for 30 ms, and is right on average, is a
   key (ITU-T Q.24). Why not spandsp's dtmf_rx: with both tones 1.5 % off it loses a third of 40 ms
   keys, and it takes some of 23 ms. */
#include "detect_parts.h"

#include <math.h>
#include <string.h>

enum {
  KEY_STEPS = 15,     /* a window's half each side is not counted: 30 ms, known after 38 */
  GAP_STEPS = 10,     /* 20 ms without it end a key; shorter breaks do not */
  WINDOW = DTMF_HOP * DTMF_HOPS,
};
static const float ROWS[4] = {697, 770, 852, 941}, COLUMNS[4] = {1209, 1336, 1477, 1633};
static const char DIGITS[] = "123A456B789C*0#D";
static const float PI = 3.14159265358979f;
static const float FLOOR_DBM0 = -40.0f;
static const float LOW_STRONGER = 10.0f, HIGH_STRONGER = 4.0f; /* 10 and 6 dB; Q.24: 8 and 4 */
static const float PEAK = 4.0f;            /* over the others of its group */
static const float LEAST_PURITY = 0.55f;   /* at any moment */
static const float HIT_PURITY = 0.75f;
static const float MEAN_PURITY = 0.88f, MEAN_OFFSET = 0.025f, MOST_OFFSET = 0.045f;

void dtmf_reset(struct dtmf *dtmf) {
  memset(dtmf, 0, sizeof *dtmf);
  for (int i = 0; i < 8; i++) {
    struct dtmf_bin *bin = &dtmf->bins[i];
    bin->hz = i < 4 ? ROWS[i] : COLUMNS[i - 4];
    bin->phase_re = 1;
    float angle = 2 * PI * bin->hz / RATE_HZ;
    for (int k = 0; k < DTMF_HOP; k++) {
      bin->cosine[k] = cosf(angle * (float)k);
      bin->sine[k] = sinf(angle * (float)k);
    }
    bin->turn_re = cosf(angle * DTMF_HOP);
    bin->turn_im = -sinf(angle * DTMF_HOP);
  }
}

/* Dial tone that our own telephone still hears is taken out: 350 and 425-440 Hz. */
static float without_dial_tone(struct dtmf *dtmf, float sample) {
  static const float ZERO[2] = {1.92491f, 1.88597f}, RADIUS = 0.97f;
  for (int i = 0; i < 2; i++) {
    float *past = dtmf->notches[i];
    float now = sample + RADIUS * ZERO[i] * past[0] - RADIUS * RADIUS * past[1];
    sample = now - ZERO[i] * past[0] + past[1];
    past[1] = past[0];
    past[0] = now;
  }
  return sample;
}

static void add_hop(struct dtmf_bin *bin, const float *samples, int hop) {
  float re = 0, im = 0;
  for (int i = 0; i < DTMF_HOP; i++) {
    re += samples[i] * bin->cosine[i];
    im -= samples[i] * bin->sine[i];
  }
  bin->re[hop] = re * bin->phase_re - im * bin->phase_im;
  bin->im[hop] = re * bin->phase_im + im * bin->phase_re;
  float phase_re = bin->phase_re * bin->turn_re - bin->phase_im * bin->turn_im;
  float phase_im = bin->phase_re * bin->turn_im + bin->phase_im * bin->turn_re;
  float drift = 1.5f - 0.5f * (phase_re * phase_re + phase_im * phase_im);
  bin->phase_re = phase_re * drift;
  bin->phase_im = phase_im * drift;
}

/* Power and distance from the nominal frequency, by the turn between the window's halves. */
static void read_bin(struct dtmf_bin *bin, int newest) {
  float re[2] = {0}, im[2] = {0};
  for (int i = 0; i < DTMF_HOPS; i++) {
    int half = i >= DTMF_HOPS / 2, hop = (newest + 1 + i) % DTMF_HOPS;
    re[half] += bin->re[hop];
    im[half] += bin->im[hop];
  }
  float sum_re = re[0] + re[1], sum_im = im[0] + im[1];
  bin->power = 2 * (sum_re * sum_re + sum_im * sum_im) / (float)(WINDOW * WINDOW);
  float turn_re = re[1] * re[0] + im[1] * im[0], turn_im = im[1] * re[0] - re[1] * im[0];
  bin->turn = atan2f(turn_im, turn_re);
}

/* With what a tone beside its bin has lost in it. */
static float whole_power(const struct dtmf_bin *bin) {
  float loss = fabsf(bin->turn) < 0.01f ? 1 : sinf(bin->turn) / bin->turn;
  return bin->power / (loss * loss);
}

static float offset(const struct dtmf_bin *bin) {
  return bin->turn / (2 * PI) * RATE_HZ / (WINDOW / 2) / bin->hz;
}

/* The strongest of four, -1 = none stands out. */
static int peak(const struct dtmf_bin *bins) {
  int best = 0;
  for (int i = 1; i < 4; i++)
    if (bins[i].power > bins[best].power) best = i;
  for (int i = 0; i < 4; i++)
    if (i != best && bins[i].power * PEAK > bins[best].power) return -1;
  return best;
}

static void look(struct dtmf *dtmf, struct dtmf_look *look, float total) {
  memset(look, 0, sizeof *look);
  for (int i = 0; i < 8; i++) read_bin(&dtmf->bins[i], dtmf->hop);
  int row = peak(dtmf->bins), column = peak(dtmf->bins + 4);
  if (row < 0 || column < 0) return;
  const struct dtmf_bin *low = &dtmf->bins[row], *high = &dtmf->bins[4 + column];
  float low_offset = offset(low), high_offset = offset(high);
  if (fabsf(low_offset) > MOST_OFFSET || fabsf(high_offset) > MOST_OFFSET) return;
  float low_power = whole_power(low), high_power = whole_power(high);
  if (power_dbm0(low_power) < FLOOR_DBM0 || power_dbm0(high_power) < FLOOR_DBM0) return;
  if (low_power > LOW_STRONGER * high_power || high_power > HIGH_STRONGER * low_power) return;
  look->purity = (low_power + high_power) / total;
  if (look->purity < LEAST_PURITY) return;
  look->power = low_power + high_power;
  look->low_offset = low_offset;
  look->high_offset = high_offset;
  look->digit = DIGITS[row * 4 + column];
}

/* Of the row of looks that end now: is it long enough, and right on average? */
static bool is_key(const struct dtmf *dtmf, char digit) {
  float strongest = 0, purity = 0, low = 0, high = 0;
  int count = 0;
  for (int i = 0; i < DTMF_LOOKS; i++) {
    const struct dtmf_look *look = &dtmf->looks[(dtmf->look + DTMF_LOOKS - i) % DTMF_LOOKS];
    if (look->digit != digit) break;
    if (look->power > strongest) strongest = look->power;
  }
  for (int i = 0; i < DTMF_LOOKS; i++) {
    const struct dtmf_look *look = &dtmf->looks[(dtmf->look + DTMF_LOOKS - i) % DTMF_LOOKS];
    if (look->digit != digit) break;
    if (look->power * 4 < strongest) continue; /* the window holds less than half of it */
    purity += look->purity;
    low += look->low_offset;
    high += look->high_offset;
    count++;
  }
  if (count < KEY_STEPS) return false;
  float share = 1 / (float)count;
  return purity * share >= MEAN_PURITY && fabsf(low * share) <= MEAN_OFFSET &&
         fabsf(high * share) <= MEAN_OFFSET;
}

static void decide(struct dtmf *dtmf) {
  const struct dtmf_look *now = &dtmf->looks[dtmf->look];
  const struct dtmf_look *past = &dtmf->looks[(dtmf->look + DTMF_LOOKS - 1) % DTMF_LOOKS];
  bool goes_on = now->digit && now->digit == past->digit && now->purity >= HIT_PURITY;
  dtmf->hits = goes_on ? dtmf->hits + 1 : 0;
  if (dtmf->digit && now->digit == dtmf->digit && now->power * 4 >= dtmf->power) {
    dtmf->missing = 0;
    return;
  }
  if (now->digit && now->digit != dtmf->digit && is_key(dtmf, now->digit)) {
    dtmf->digit = now->digit;
    dtmf->power = now->power;
    dtmf->missing = 0;
  } else if (dtmf->digit && ++dtmf->missing > GAP_STEPS) {
    dtmf->digit = 0;
  }
}

void dtmf_hop(struct dtmf *dtmf, const int16_t samples[DTMF_HOP]) {
  float clean[DTMF_HOP], hop_sum = 0, hop_energy = 0, sum = 0, energy = 0;
  for (int i = 0; i < DTMF_HOP; i++) {
    clean[i] = without_dial_tone(dtmf, samples[i]);
    hop_sum += clean[i];
    hop_energy += clean[i] * clean[i];
  }
  int hop = dtmf->hop = (dtmf->hop + 1) % DTMF_HOPS;
  dtmf->sums[hop] = hop_sum;
  dtmf->energies[hop] = hop_energy;
  for (int i = 0; i < DTMF_HOPS; i++) {
    sum += dtmf->sums[i];
    energy += dtmf->energies[i];
  }
  float total = power_of(sum, energy, WINDOW);
  for (int i = 0; i < 8; i++) add_hop(&dtmf->bins[i], clean, hop);
  dtmf->look = (dtmf->look + 1) % DTMF_LOOKS;
  if (power_dbm0(total) < FLOOR_DBM0)
    memset(&dtmf->looks[dtmf->look], 0, sizeof *dtmf->looks);
  else
    look(dtmf, &dtmf->looks[dtmf->look], total);
  decide(dtmf);
}
