/* What the detectors share: the spectrum of the last 25 ms in steps of 5, and the ring of results.

   detect.c owns struct detectors and feeds its parts; each part tells what it found by
   detect_push. */
#ifndef DOZVON_DETECT_PARTS_H
#define DOZVON_DETECT_PARTS_H

#include "detect.h"
#include "spandsp_parts.h"

#include <stdbool.h>

enum {
  RATE_HZ = 8000,
  STEP = 40,         /* samples: 5 ms */
  STEP_MS = 5,
  WINDOW_STEPS = 5,  /* 25 ms: tones 40 Hz apart do not see each other */
  SPECTRUM_BINS = 160,
  WATCH_BINS = 13,
  CADENCE_BINS = 41,
  CADENCE_SPACING_HZ = 10,
  CADENCE_LAG = 8,   /* steps */
  CADENCE_PERIODS = 2,
  RESULTS = 32,
  DTMF_HOP = 16,     /* samples: 2 ms */
  DTMF_HOPS = 8,     /* of one window */
  DTMF_LOOKS = 24,
  AON_TONES = 6,
  AON_SYMBOLS = 28, /* three packets and one more: enough for a vote */
};

struct results {
  struct detection ring[RESULTS];
  unsigned first, used;
  uint64_t fed; /* samples so far, to the step */
};

/* The next place in the ring, with everything 0 but kind and at. */
struct detection *detect_push(struct results *results, int kind);

/* ---- spectrum: power of chosen frequencies in the last window */

struct bin {
  float hz;
  float cosine[STEP], sine[STEP];
  float turn_re, turn_im;   /* by how much the phase moves in one step */
  float phase_re, phase_im; /* of this step's beginning */
  float re[WINDOW_STEPS], im[WINDOW_STEPS];
  float sum_re, sum_im, last_re, last_im; /* of this window and of the one a step ago */
  float power; /* mean square of a sine of this frequency in the window */
};

struct spectrum {
  struct bin bins[SPECTRUM_BINS];
  int bin_count, step;
  float sums[WINDOW_STEPS], energies[WINDOW_STEPS]; /* energies: sums of squares */
  float power;                  /* mean square of the window */
  float step_power;             /* of the last step alone */
};

void spectrum_reset(struct spectrum *spectrum);
int spectrum_add(struct spectrum *spectrum, float hz); /* its bin; -1: no room */
void spectrum_step(struct spectrum *spectrum, const float samples[STEP]);
/* The frequency near this bin that really sounds. */
float spectrum_hz(const struct spectrum *spectrum, int bin);
float power_dbm0(float power);
/* Mean square of so many samples about their mean: a device's silence need not be zero. */
float power_of(float sum, float energy, int count);

/* ---- tones: a watch's frequencies and its cadence */

struct watched {
  struct tone_watch watch;
  int bins[DETECT_HZ][WATCH_BINS], bin_count;
  bool sounds, is_settled, is_told;
  int steps, changing_steps; /* of this stretch; of what may be the next */
  int matched, turn;         /* parts of the pattern so far; SIT: which frequency is due */
  int heard_bin, measured;
  float heard_power, hz, power; /* now; sums over `measured` steps */
  float rest;                   /* sum of everything in this stretch */
  int on_ms, off_ms;
};

struct tones {
  struct watched watched[DETECT_WATCHES];
  int count;
};

int tones_configure(struct tones *tones, struct spectrum *spectrum,
                    const struct detect_config *config);
void tones_step(struct tones *tones, const struct spectrum *spectrum, struct results *results);

/* ---- cadence: a rhythm that no watch describes */

struct cadence_look {
  float hz[2], power, purity, step_power; /* hz: the lower first; [1] 0 = one alone */
};

struct cadence_sound {
  int on_ms, off_ms, steps, twos; /* twos: steps with two frequencies */
  float hz[2], power, purity;     /* sums over steps, then means */
  float least, most, lowest, highest;
};

/* Sounds with their pauses in a row, each like the one `period` before it. first: the row's first
   ones; sum: on_ms, off_ms, hz, power, by place in the period; before: the last that was added. */
struct cadence_row {
  int period, pairs;
  struct cadence_sound before, first[CADENCE_PERIODS], sum[CADENCE_PERIODS];
};

struct cadence {
  bool hears, sounds, is_settled, has_sound;
  int bins[CADENCE_BINS];
  int steps, changing_steps, rested;
  float rest, loudest;
  struct cadence_look lag[CADENCE_LAG];
  struct cadence_sound sound;
  struct cadence_row rows[CADENCE_PERIODS]; /* all alike; two kinds in turn */
};

int cadence_configure(struct cadence *cadence, struct spectrum *spectrum, bool hears);
void cadence_step(struct cadence *cadence, const struct spectrum *spectrum,
                  struct results *results);

/* ---- keys */

struct dtmf_bin {
  float hz, cosine[DTMF_HOP], sine[DTMF_HOP];
  float turn_re, turn_im, phase_re, phase_im;
  float re[DTMF_HOPS], im[DTMF_HOPS];
  float power, turn; /* turn: radians between the halves of the window */
};

/* What one window looks like: digit 0 = nothing of the kind. */
struct dtmf_look {
  char digit;
  float power, purity, low_offset, high_offset; /* offsets: of the frequency, as a part of it */
};

struct dtmf {
  struct dtmf_bin bins[8];
  struct dtmf_look looks[DTMF_LOOKS];
  float sums[DTMF_HOPS], energies[DTMF_HOPS], notches[2][2];
  float power; /* of the key when it was found */
  int hop, look, missing;
  int hits;    /* looks alike, up to this one */
  char digit;  /* the key that sounds, 0 = none */
};

void dtmf_reset(struct dtmf *dtmf);
void dtmf_hop(struct dtmf *dtmf, const int16_t samples[DTMF_HOP]);

struct key_hearing {
  struct dtmf dtmf;
  bool hears, has_dtmf_caller_id;
  unsigned in_hop;
  int16_t hop[DTMF_HOP];
  uint64_t at; /* samples fed */
  uint64_t mute_from, mute_until, began, last_hit;
  bool was_hit, is_unproven;
  char digit;      /* sounding now, 0 = none */
  char number[48]; /* of a caller id by DTMF */
  unsigned number_length;
};

/* A key that sounds goes on where keys are listened for again, and is over where they are not. */
void key_hearing_configure(struct key_hearing *hearing, const struct detect_config *config,
                           struct results *results);
void key_hearing_feed(struct key_hearing *hearing, const int16_t *samples, size_t count,
                      struct results *results);

/* ---- caller id by FSK */

struct fsk_hearing {
  fsk_rx_state_t *receiver;
  struct results *results;
  int method;
  unsigned marks, bit, octet, idle, length, wanted;
  bool is_framed, is_in_octet;
  uint64_t *told_at; /* shared by both methods: the same message is told once */
  uint8_t message[DETECT_MESSAGE];
};

int fsk_hearing_begin(struct fsk_hearing *hearing, int method, struct results *results,
                      uint64_t *told_at);
void fsk_hearing_feed(struct fsk_hearing *hearing, const int16_t *samples, size_t count);
void fsk_hearing_free(struct fsk_hearing *hearing);

/* ---- caller id by 2-of-6 */

struct aon_hearing {
  bool hears;
  int bins[AON_TONES];
  int pair, run, quiet, since;
  unsigned length;
  uint8_t symbols[AON_SYMBOLS];
};

int aon_configure(struct aon_hearing *aon, struct spectrum *spectrum, bool hears);
void aon_step(struct aon_hearing *aon, const struct spectrum *spectrum, struct results *results);
extern const int AON_HZ[AON_TONES];
extern const char AON_PAIRS[AON_TONES][AON_TONES + 1]; /* [low][high]: symbol, ' ' = none */

#endif
