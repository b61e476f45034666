/* Octets of a line's device <-> 16-bit samples: how one sample is written, and the DLE shielding of
   V.253 §8.2. Pure; the state survives any split of the stream. */
#ifndef DOZVON_LINE_FRAMING_H
#define DOZVON_LINE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_encoding { LINE_S16LE, LINE_U8, LINE_ALAW, LINE_ULAW };

enum { SHIELD_DLE = 0x10, SHIELD_SUB = 0x1a, SHIELD_ETX = 0x03 };

struct unframer {
  enum line_encoding encoding;
  bool is_shielded, is_ended; /* is_ended: DLE ETX was met, nothing more is read */
  bool has_dle, has_low;      /* the last octet was a DLE; half of a sample waits */
  uint8_t low;
  unsigned report_left; /* octets of a complex report (DLE X … DLE .) that may still come */
};

void unframer_init(struct unframer *unframer, enum line_encoding encoding, bool is_shielded);

/* Reads octets until they are used up, the samples are full, or a code comes. Returns how many were
   used; *made: samples written; *code: the octet after DLE, -1 = none. room: at least 2. */
size_t unframe(struct unframer *unframer, const uint8_t *octets, size_t size, int16_t *samples,
               size_t room, size_t *made, int *code);

/* Octets of these samples, shielded where that is the custom; at most 4 for each. */
size_t frame_samples(enum line_encoding encoding, bool is_shielded, const int16_t *samples,
                     size_t count, uint8_t *octets);

/* Octets of one sample before shielding. */
static inline size_t encoding_octets(enum line_encoding encoding) {
  return encoding == LINE_S16LE ? 2 : 1;
}

#endif
