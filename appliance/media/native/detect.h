/* What sounds on a line: keys, call progress tones, caller id, silence. Signal work only: no
   descriptor, no lock, no Python, no table of countries, and no memory taken while it listens.

   Samples are 8 kHz, 16 bit; levels are dBm0 (a sine that just fills A-law is +3.14). Whoever holds a
   struct detectors feeds it all that the line says, in order, in blocks of any size, and takes the
   detections after each block. */
#ifndef DOZVON_DETECT_H
#define DOZVON_DETECT_H

#include <stddef.h>
#include <stdint.h>

/* cffi reads from here */
enum { DETECT_WATCHES = 12, DETECT_HZ = 4, DETECT_PATTERN = 8, DETECT_MESSAGE = 258 };

/* Ways of caller id, a bit mask. */
enum { CALLER_ID_V23 = 1, CALLER_ID_BELL202 = 2, CALLER_ID_DTMF = 4, CALLER_ID_AON = 8 };

/* A tone to listen for. All frequencies sound at once, or one after another (is_in_turn: SIT), each
   within tolerance_hz. pattern_ms: on, off, on, off …, each within ±10 % (at least 25 ms), `cycles`
   times in a row; none: it sounds for least_ms. is_in_turn: pattern_ms are the frequencies' times. */
struct tone_watch {
  int id;
  int hz_count, pattern_count, cycles, least_ms, is_in_turn;
  float hz[DETECT_HZ], tolerance_hz;
  int pattern_ms[DETECT_PATTERN];
};

struct detect_config {
  int hears_keys;
  unsigned caller_id; /* CALLER_ID_… */
  int silence_ms;     /* 0 = off */
  int finds_cadence;  /* tones of a rhythm that no watch describes */
  int watch_count;
  struct tone_watch watches[DETECT_WATCHES];
};

enum {
  DETECTED_KEY_BEGAN = 1, /* digit; within 60 ms of the tone's first sample */
  DETECTED_KEY = 2,       /* digit, on_ms: it is over; one for each KEY_BEGAN */
  DETECTED_TONE = 3,      /* id, hz, level_dbm0, on_ms, off_ms (0 = continuous) */
  DETECTED_CALLER_ID = 4, /* method (one bit), length, message */
  DETECTED_SILENCE = 5,   /* on_ms: nothing above -45 dBm0 for so long; once a stretch */
  DETECTED_CADENCE = 6    /* hz, second_hz (0 = one tone), level_dbm0, on_ms, off_ms, lasted_ms: an
                             even rhythm of 75 to 1000 ms; after the 4th period and each one more */
};

/* message: FSK: type, length, data, checksum (already right); DTMF: the digits; AON: its symbols
   as they came, 0-9, S = start, R = repeat, ? = unreadable. */
struct detection {
  int kind, id, method;
  int on_ms, off_ms, lasted_ms, length;
  int second_on_ms, second_off_ms; /* of a cadence of two kinds of sound in turn; 0 = one kind */
  float hz, second_hz, level_dbm0;
  uint64_t at; /* sample number at which it was found */
  char digit;
  uint8_t message[DETECT_MESSAGE];
};

struct detectors;

struct detectors *detectors_new(void); /* listens for nothing; NULL: no memory */
void detectors_free(struct detectors *detectors);
/* Replaces what is listened for and forgets what was half heard, but for a key: it goes on where keys
   are listened for again, and is told as over where they are not. 0 or -EINVAL or -ENOMEM. */
int detectors_configure(struct detectors *detectors, const struct detect_config *config);
void detectors_feed(struct detectors *detectors, const int16_t *samples, size_t count);
/* The next detection; 0 = none. 32 are kept, the oldest are lost first. */
int detectors_take(struct detectors *detectors, struct detection *detection);
/* Silences what belongs to a key in a block on its way to the other side: from the key's beginning to
   its end + 40 ms. lag: how many samples were fed after this block's last one; at DETECT_MUTE_LAG
   nothing of the key remains, at 160 at most 12 ms do. Needs hears_keys. */
void detectors_mute(const struct detectors *detectors, int16_t *samples, size_t count, size_t lag);
enum { DETECT_MUTE_LAG = 240 };
/* cffi reads up to here */

#endif
