/* Makes what a line must hear: keys, tones, caller id. Signal work only, as detect.h.

   One generator makes one signal at a time; a new one replaces the old. The beginning functions
   return 0 or -EINVAL and copy what they are given. Levels are dBm0 of each frequency by itself. */
#ifndef DOZVON_GENERATE_H
#define DOZVON_GENERATE_H

#include <stddef.h>
#include <stdint.h>

/* cffi reads from here */
enum { GENERATE_DIGITS = 64, GENERATE_STEPS = 16, GENERATE_HZ = 4, GENERATE_MESSAGE = 512 };

/* These frequencies together (none = silence) for so long. */
struct tone_step {
  int hz_count, duration_ms;
  float hz[GENERATE_HZ];
};

struct caller_id_signal {
  unsigned method;                /* CALLER_ID_V23 or CALLER_ID_BELL202 of detect.h */
  int seizure_bits, mark_bits;    /* on-hook 300 and 180; off-hook 0 and 80 */
  float level_dbm0;
};

struct generator;

struct generator *generator_new(void); /* silent; NULL: no memory */
void generator_free(struct generator *generator);
/* 0-9 * # A-D; ',' = 1 s of silence. 50 and 50 ms at -8 dBm0 suit most exchanges. */
int generate_keys(struct generator *generator, const char *digits, int on_ms, int off_ms,
                  float level_dbm0);
/* Call progress tones; DT-AS and CAS (2130 + 2750 Hz) and the AON request (500 Hz, 100 ms) too. */
int generate_tone(struct generator *generator, const struct tone_step *steps, int count,
                  int repeats, float level_dbm0);
/* message: all of it, with its type, length and checksum (drivers.caller_id makes it). */
int generate_caller_id(struct generator *generator, const uint8_t *message, size_t size,
                       const struct caller_id_signal *signal);
/* 2-of-6, 40 ms a symbol without gaps: 0-9, S = start, R = repeat. */
int generate_aon(struct generator *generator, const char *symbols, float level_dbm0);
void generate_nothing(struct generator *generator);
/* Fills all of samples; returns how many belong to the signal: less than count = it is over. */
size_t generator_fill(struct generator *generator, int16_t *samples, size_t count);
/* cffi reads up to here */

#endif
